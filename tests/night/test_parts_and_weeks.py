"""Runs other than the nightly one: a part, for whoever works on it, and past weeks.
Neither may change what everybody reads."""

import os
import shutil
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from pipegen.runs import run_log
from pipegen.settings import Settings
from tests.support.running import Warehouse, environment, pipegen

RANGE = ("dagster/asset_partition_range_start", "dagster/asset_partition_range_end")


def _copy(casebook_warehouse: Warehouse, home: Path) -> Warehouse:
    home.mkdir(parents=True)
    shutil.copy2(casebook_warehouse.path, home)
    return Warehouse(home / "warehouse.duckdb")


def _launched(
    definitions: dg.Definitions, job: str, home: Path, settings: dict[str, object], **more: Any
) -> dg.ExecuteInProcessResult:
    """A job as a worker runs it, in this process."""
    wanted = environment(home, **settings)
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith("PIPEGEN_") and name not in wanted:
                patch.delenv(name)
        for name, value in wanted.items():
            patch.setenv(name, value)
        with dg.DagsterInstance.ephemeral() as instance:
            return definitions.resolve_job_def(job).execute_in_process(
                instance=instance, raise_on_error=False, **more
            )


@pytest.fixture(scope="module")
def working(
    casebook_warehouse: Warehouse,
    casebook: dict[str, object],
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Path, str, bytes]:
    """A home in which a part was built: the home, the output, and the warehouse before it."""
    home = tmp_path_factory.mktemp("working") / "home"
    published = _copy(casebook_warehouse, home)
    before = published.path.read_bytes()
    done = pipegen("run", "--select", "dim_users", home=home, **casebook)
    assert done.returncode == 0, done.stdout + done.stderr
    return home, done.stdout, before


def _build(home: Path) -> Path:
    return Settings.of({"PIPEGEN_HOME": str(home)}).development.landed


def test_a_part_is_built_with_what_it_stands_on_and_nothing_else(
    working: tuple[Path, str, bytes],
) -> None:
    home, said, _ = working
    built = Warehouse(_build(home))
    assert built.one("select count(*) from core.dim_users") > 5
    assert [t for (t,) in built.rows("select table_name from duckdb_tables() "
                                     "where schema_name in ('core', 'marts')")] == ["dim_users"]
    assert "Nothing is published." in said
    assert "sql --of part" in said


def test_a_part_touches_nothing_that_is_published(working: tuple[Path, str, bytes]) -> None:
    home, _, before = working
    assert (home / "warehouse.duckdb").read_bytes() == before
    assert run_log.read(home) == []


def test_dagsters_own_selection_builds_a_part_there_too_and_lands_no_second_time(
    working: tuple[Path, str, bytes], casebook: dict[str, object], definitions: dg.Definitions
) -> None:
    home, _, before = working
    file = _build(home).stat().st_ino
    wanted = dg.AssetKey(["core", "dim_accounts"])
    done = _launched(
        definitions, "nightly_refresh", home, casebook, asset_selection=[wanted]
    )
    assert done.success
    made = {event.asset_key for event in done.get_asset_materialization_events()}
    assert made == {wanted}
    assert _build(home).stat().st_ino == file
    assert Warehouse(_build(home)).one("select count(*) from core.dim_accounts") > 5
    assert (home / "warehouse.duckdb").read_bytes() == before


def test_the_warehouse_is_never_published_by_a_part(
    working: tuple[Path, str, bytes], casebook: dict[str, object], definitions: dg.Definitions
) -> None:
    home, _, before = working
    wanted = dg.AssetKey(["publishing", "warehouse"])
    done = _launched(
        definitions, "nightly_refresh", home, casebook, asset_selection=[wanted]
    )
    assert not done.success
    assert (home / "warehouse.duckdb").read_bytes() == before


def test_a_part_has_the_actions_that_were_agreed_since(
    casebook: dict[str, object], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    settings = {name: value for name, value in casebook.items() if name != "seeds"}
    counts = []
    for words in ("Call them", "Call them again"):
        added = pipegen(
            "action", "add", words, "--owner", "Sam", "--due", "2026-06-01", home=home, **settings
        )
        assert added.returncode == 0, added.stderr
        done = pipegen("run", "--select", "review_actions", home=home, **settings)
        assert done.returncode == 0, done.stdout + done.stderr
        built = Warehouse(_build(home))
        assert built.one(f"select count(*) from seeds.review_actions where action = '{words}'")
        counts.append(built.one("select count(*) from seeds.review_actions"))
    assert counts[1] == counts[0] + 1


def test_a_selection_of_nothing_is_refused_in_one_line(
    working: tuple[Path, str, bytes], casebook: dict[str, object]
) -> None:
    done = pipegen("run", "--select", "no_such_model", home=working[0], **casebook)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "pipegen: 'no_such_model' selects no model and no seed: name one as dbt would."
    ]


# Weeks

WEEKS = ("2026-04-27", "2026-05-04")
SUNDAYS = ["2026-05-03", "2026-05-10"]


@pytest.fixture(scope="module")
def weeks(
    casebook_warehouse: Warehouse,
    casebook: dict[str, object],
    definitions: dg.Definitions,
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Warehouse, Path]:
    """A warehouse as of 20 May, and its home, after two earlier weeks were run again."""
    home = tmp_path_factory.mktemp("weeks") / "home"
    published = _copy(casebook_warehouse, home)
    tags = dict(zip(RANGE, WEEKS, strict=True))
    done = _launched(definitions, "weekly_review", home, casebook, tags=tags)
    assert done.success, [event for event in done.all_events if event.is_failure]
    return published, home


def test_a_past_week_changes_only_the_records_of_all_runs(
    casebook_warehouse: Warehouse, weeks: tuple[Warehouse, Path], manifest: dict[str, Any]
) -> None:
    from pipegen.orchestration.graph import of_all_runs

    told = of_all_runs(manifest)
    assert "marts.reported_numbers" in told
    before, after = casebook_warehouse.cells(), weeks[0].cells()
    assert before.keys() == after.keys()
    changed = {table for table, rows in before.items() if after[table] != rows}
    assert changed
    assert changed <= told, f"{changed - told} changed"


def test_past_weeks_append_to_the_ledger_in_their_order(
    casebook_warehouse: Warehouse, weeks: tuple[Warehouse, Path]
) -> None:
    ledger = "select * from marts.reported_numbers order by reported_at, metric"
    before, after = casebook_warehouse.rows(ledger), weeks[0].rows(ledger)
    assert after[: len(before)] == before, "a line that was there is another now"
    days = list(dict.fromkeys(str(row[1]) for row in after[len(before) :]))
    assert days == SUNDAYS
    assert len(after) == 3 * len(before)


def test_the_review_has_the_last_of_them_whole(weeks: tuple[Warehouse, Path]) -> None:
    review = Warehouse(weeks[1] / "review" / "warehouse.duckdb")
    assert [str(day) for (day,) in review.rows(
        "select distinct as_of_date from marts.pipeline_bridge")] == SUNDAYS[-1:]


def test_weeks_are_runs_like_others_in_the_log(weeks: tuple[Warehouse, Path]) -> None:
    runs = weeks[0].rows(
        "select kind, cast(as_of_date as varchar), status from audit.runs "
        "where kind = 'week' order by started_at"
    )
    assert runs == [("week", day, "published") for day in SUNDAYS]
    assert run_log.last_published(weeks[1]) is None


def test_exports_stay_those_of_the_published_day(weeks: tuple[Warehouse, Path]) -> None:
    assert not (weeks[1] / "exports").exists()
