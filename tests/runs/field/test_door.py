"""Raw tables as loaders, exports and spreadsheets leave them: tests/cases/field. A failure means
that such a company gets wrong numbers without a word, or none."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from tests.support.bench import invoked
from tests.support.cases import of_the_field
from tests.support.light import built
from tests.support.running import Warehouse, pipegen, published

DEALS = ["+fct_opportunities", "+reconciled_pipeline", "+load_audit", "+quarantined_rows"]


def _built(name: str, folder: Path, *select: str) -> Warehouse:
    return built(folder, select=select or DEALS, **of_the_field(name, folder / "company"))


def test_an_id_of_15_characters_and_one_of_18_are_one_record(tmp_path: Path) -> None:
    warehouse = _built("ids_15_and_18", tmp_path)
    assert warehouse.rows(
        "select left(opportunity_id, 15), segment, qualified_date, created_amount, verdict "
        "from core.fct_opportunities order by 1"
    ) == [
        ("0065g00000XyzI2", "smb", dt.date(2026, 3, 10), Decimal("5000.00"), "net_new"),
        ("0065g00000XyzI6", "smb", dt.date(2026, 3, 10), Decimal("10000.00"), "excluded"),
    ]


RECONCILED = (
    "select count(*), sum(pipeline_amount), count(*) filter (deals.is_net_new) "
    "from marts.reconciled_pipeline inner join core.fct_opportunities as deals "
    "using (opportunity_id)"
)


@pytest.mark.parametrize("name", ["same_with_empty_cells", "null_words"])
def test_a_word_for_null_is_an_empty_cell(name: str, tmp_path: Path) -> None:
    assert _built(name, tmp_path).rows(RECONCILED) == [(10, Decimal("248000.00"), 10)]


def test_a_record_with_old_versions_only_is_deleted(tmp_path: Path) -> None:
    warehouse = _built("history_mode_deleted", tmp_path)
    assert warehouse.one("select count(*) from core.fct_opportunities") == 0
    assert warehouse.rows(
        "select rows_in, rows_kept, rows_deleted, rows_set_aside from audit.load_audit "
        "where system = 'salesforce' and table_name = 'opportunity'"
    ) == [(1, 0, 1, 0)]


def test_instants_with_a_blank_before_the_offset_are_read(tmp_path: Path) -> None:
    warehouse = _built("snowflake_timestamps", tmp_path)
    assert warehouse.rows(
        "select count(*), sum(created_amount) from core.fct_opportunities where is_net_new"
    ) == [(6, Decimal("60000.00"))]


LABELS = {"Amount (USD)": "amount", "Close Date": "close_date", "Lead Source": "lead_source"}
# The others are the columns' names but for blanks, and are read.
TOLD = {"Amount (USD)": "amount"}


def test_headers_that_are_labels_are_told_with_the_likely_column(tmp_path: Path) -> None:
    company = of_the_field("label_headers", tmp_path / "company")
    told = invoked("doctor", home=tmp_path / "home", **company).stdout
    for label, column in TOLD.items():
        assert [line for line in told.splitlines() if label in line and column in line], told


# Two whole runs, one after the other.
@pytest.mark.night
def test_a_pipeline_of_nothing_is_not_published_over_a_real_one(tmp_path: Path) -> None:
    company = of_the_field("label_headers", tmp_path / "company")
    tables = sorted((tmp_path / "company" / "raw").glob("*/opportunity*.csv"))
    labelled = {table: table.read_text(encoding="utf-8") for table in tables}
    for table, text in labelled.items():
        for label, column in LABELS.items():
            text = text.replace(label, column, 1)
        table.write_text(text, encoding="utf-8")
    home = tmp_path / "home"
    warehouse = Warehouse(published(home, **company))
    amount = "select sum(pipeline_amount) from marts.reconciled_pipeline"
    real = warehouse.one(amount)
    assert real > 0
    for table, text in labelled.items():
        table.write_text(text, encoding="utf-8")
    done = pipegen("run", home=home, **company)
    assert done.returncode == 1, done.stdout
    for label, column in TOLD.items():
        assert label in done.stdout + done.stderr and column in done.stdout + done.stderr
    assert warehouse.one(amount) == real


@pytest.fixture(scope="module")
def deletion_words(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Built as a whole, because tests that only warn are findings of a whole build."""
    folder = tmp_path_factory.mktemp("deletion_words")
    return built(folder, is_tested=False, **of_the_field("deletion_words", folder / "company"))


def test_words_for_deleted_are_read_or_the_row_is_set_aside(deletion_words: Warehouse) -> None:
    warehouse = deletion_words
    assert warehouse.rows("select opportunity_id from core.fct_opportunities order by 1") == [
        (f"006W{number}",) for number in range(4)
    ]
    assert warehouse.rows(
        "select rows_in, rows_kept, rows_deleted, rows_set_aside from audit.load_audit "
        "where system = 'salesforce' and table_name = 'opportunity'"
    ) == [(8, 4, 3, 1)]
    assert warehouse.rows(
        "select record_key, reason from audit.quarantined_rows where table_name = 'opportunity'"
    ) == [("006XD", "unreadable_deletion")]


def test_without_contact_roles_a_finding_says_that_decision_makers_are_unknown(
    deletion_words: Warehouse,
) -> None:
    assert deletion_words.rows(
        "select record_id from core.fct_findings where is_open and rule = 'decision_makers_unknown'"
    ) == [("salesforce.opportunity_contact_role",)]


def test_merges_and_ids_are_read_however_they_are_written(tmp_path: Path) -> None:
    warehouse = _built("marketo_merges_and_ids", tmp_path)
    influenced = {
        deal
        for (deal,) in warehouse.rows(
            "select opportunity_id from core.fct_opportunities where is_influenced"
        )
    }
    assert {f"006{letter}" for letter in "ABCDEFGH"} <= influenced
