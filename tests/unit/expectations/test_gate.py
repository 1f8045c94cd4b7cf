"""What stops a publication, what a company adds to that, and what is accepted by name."""

from pathlib import Path

import duckdb
import pytest

from pipegen.company.settings import read_settings
from pipegen.errors import PipegenError
from pipegen.expectations import gate
from pipegen.expectations.validate import FailedRecord
from pipegen.settings import Settings
from pipegen.transform import seeds_within_project

SHRUNK = FailedRecord("row_count_dropped", "block", "table", "salesforce.task", "9 rows")
STALE = FailedRecord("history_stale", "block", "table", "salesforce.opportunity_history", "3 days")


@pytest.mark.parametrize(
    ("accepted", "left"),
    [
        ("", [SHRUNK, STALE]),
        ("history_stale", [SHRUNK]),
        ("row_count_dropped:salesforce.task", [STALE]),
        ("row_count_dropped:salesforce.event", [SHRUNK, STALE]),
        ("history_stale, row_count_dropped", []),
        ("history", [SHRUNK, STALE]),
    ],
)
def test_only_what_is_named_is_accepted(accepted: str, left: list[FailedRecord]) -> None:
    settings = Settings.of({"PIPEGEN_ACCEPT": accepted})
    assert gate.refused([SHRUNK, STALE], settings.accepted) == left


def test_open_findings_that_block_are_read_from_the_build(tmp_path: Path) -> None:
    build = tmp_path / "build.duckdb"
    with duckdb.connect(str(build)) as connection:
        connection.execute("create schema core")
        connection.execute(
            "create table core.fct_findings as select * from (values "
            "('a', 'block', 'table', 't', null, true), "
            "('b', 'block', 'table', 't', 'd', false), "
            "('c', 'warn', 'table', 't', 'd', true)"
            ") as found(rule, severity, record_type, record_id, detail, is_open)"
        )
    assert gate.blocking_findings(build) == [FailedRecord("a", "block", "table", "t", "")]


def _settings(folder: Path, text: str) -> dict[str, object]:
    (folder / "settings.yml").write_text(text, encoding="utf-8")
    return read_settings(folder)


def test_a_company_names_rules_that_block_and_where_records_are_opened(tmp_path: Path) -> None:
    found = _settings(
        tmp_path,
        "blocking_rules: [missing_source]\n"
        "crm_url_template: https://crm.example/r/{record_id}/view\nhygiene_weeks: 26\n",
    )
    assert found["blocking_rules"] == ["missing_source"]
    assert found["crm_url_template"] == "https://crm.example/r/{record_id}/view"


@pytest.mark.parametrize(
    "line",
    [
        "blocking_rules: [\"x' or 1\"]",
        "blocking_rules: [1]",
        "crm_url_template: javascript:alert({record_id})",
        "crm_url_template: https://crm.example/",
        'crm_url_template: "https://crm.example/{record_id}\\"onclick"',
        "hygiene_weeks: 0",
    ],
)
def test_what_can_not_be_meant_is_refused_by_name(tmp_path: Path, line: str) -> None:
    with pytest.raises(PipegenError, match=line.partition(":")[0]):
        _settings(tmp_path, line)


def test_a_seed_of_the_rulebooks_name_is_refused(tmp_path: Path) -> None:
    """dbt would stop at two tables of one name, with a message that helps nobody."""
    (tmp_path / "finding_rules.csv").write_text("rule\n", encoding="utf-8")
    settings = Settings.of({"PIPEGEN_SEEDS": str(tmp_path)})
    with pytest.raises(PipegenError, match="blocking_rules"), seeds_within_project(settings):
        pass
