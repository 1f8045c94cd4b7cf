"""Runs that fail, are killed or overlap, and raw tables in the warehouse itself: what is published
is always the last whole run."""

import datetime as dt
import hashlib
import os
import shutil
import signal
import threading
import time
from pathlib import Path

import duckdb
import pytest

from pipegen.runs import run_log
from tests.support.running import (
    HISTORIES,
    RUN_SECONDS,
    Rows,
    Warehouse,
    copy_of_project,
    differences,
    published,
    run_of_copy,
    start,
)

EARLIER = "2026-03-31"

# Where rows came from differs between files and a warehouse, and how a number is written; when a
# number was reported differs from run to run.
WHERE_FROM = {
    "audit.load_audit": ["location"],
    "audit.quarantined_rows": ["location", "line", "row_json"],
    "marts.reported_numbers": ["reported_at"],
}

# When a run began and how long it took.
OF_RUNS = ("audit.runs", "audit.run_costs")

# What depends on earlier runs: one as of an earlier day in between has seen a finding or an action
# earlier, has reported numbers, and has sent feedback to the MAP.
OF_RUNS_BEFORE = {
    *OF_RUNS,
    "audit.finding_log", "audit.map_feedback_log", "audit.review_action_log", "core.fct_findings",
    "marts.hygiene_findings", "marts.map_feedback", "marts.reported_numbers", "marts.restatements",
}  # fmt: skip


def _lasting(warehouse: Warehouse) -> dict[str, Rows]:
    """All cells that do not depend on earlier runs."""
    cells = warehouse.cells()
    return {table: rows for table, rows in cells.items() if table not in OF_RUNS_BEFORE}


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _days(warehouse: Path) -> set[str]:
    """The as-of days of the marts; each mart must open and have rows."""
    found = Warehouse(warehouse)
    assert found.one("select count(*) from core.fct_opportunities") > 50
    assert found.one("select count(*) from audit.load_audit") > 20
    dated = [
        table
        for table, columns in found.columns().items()
        if "as_of_date" in columns and table not in OF_RUNS_BEFORE and table not in HISTORIES
    ]
    assert len(dated) >= 8
    return {str(day) for table in dated for (day,) in found.rows(f"select as_of_date from {table}")}


@pytest.fixture
def home(casebook_warehouse: Warehouse, tmp_path: Path) -> Path:
    """A home with the published casebook."""
    home = tmp_path / "home"
    home.mkdir()
    shutil.copy2(casebook_warehouse.path, home)
    return home


def _killed(home: Path, casebook: dict[str, object], point: float | str) -> str:
    """Kill a run after some seconds, or when it prints a word; returns its output.

    It prints nothing when it begins to write the file to publish: the file itself is watched for.
    """
    candidate = home / "warehouse.duckdb.next"
    process = start(home, **casebook | {"as_of": EARLIER})
    assert process.stdout
    said: list[str] = []
    reader = threading.Thread(target=lambda: said.extend(process.stdout), daemon=True)
    reader.start()
    deadline = time.monotonic() + (point if isinstance(point, float) else RUN_SECONDS)
    while time.monotonic() < deadline and process.poll() is None:
        if candidate.exists() if point == "publishing" else any(str(point) in x for x in said):
            break
        time.sleep(0.005)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(30)
    reader.join(30)
    return "".join(said)


# The three instants at which half of something is written: raw tables, a build, and the file that
# is to be published, which is killed at many more in tests/unit/publishing.
INSTANTS = ("rows, ", "building", "publishing")


@pytest.mark.parametrize("count", [0, pytest.param(20, marks=pytest.mark.slow)])
def test_killed_at_any_point_the_last_whole_run_stands_and_the_next_one_succeeds(
    casebook_warehouse: Warehouse, casebook: dict[str, object], tmp_path: Path, count: int
) -> None:
    """At the instants that matter; the slow test also at points all over a run's length."""
    home = tmp_path / "home"
    home.mkdir()
    warehouse = home / "warehouse.duckdb"
    shutil.copy2(casebook_warehouse.path, warehouse)
    whole = _lasting(casebook_warehouse)
    [record] = run_log.read(casebook_warehouse.path.parent)
    duration = record.duration_seconds
    assert duration

    # Most of them early, where a kill costs little time.
    timed = [duration * ((number + 0.5) / count) ** 2 for number in range(count)]
    points: list[float | str] = [*INSTANTS, *timed]
    steps_hit = set()
    for point in points:
        before = _digest(warehouse)
        days = _days(warehouse)
        said = _killed(home, casebook, point)
        steps_hit.add(next((w for w in ("publishing", "building", "landed") if w in said), "begun"))
        after = _days(warehouse)
        if _digest(warehouse) == before:
            assert after == days
        else:
            assert after == {EARLIER}, f"killed after {point} s, it is of {after}"
    assert {"building", "publishing"} < steps_hit, steps_hit

    published(home, **casebook)
    again = _lasting(Warehouse(warehouse))
    assert not (found := differences(whole, again)), "\n" + found
    left = {path.name for path in home.iterdir()}
    known = {
        "build", "expectations", "exports", "findings", "logs", "review", "runs", "target",
        "run.lock", "warehouse.duckdb",
    }  # fmt: skip
    assert left <= known, left - known


def test_a_run_that_breaks_a_claim_is_not_published_and_stays_for_inspection(
    home: Path, casebook: dict[str, object], tmp_path: Path
) -> None:
    project = copy_of_project(tmp_path / "project")
    (project / "tests" / "data" / "assert_nothing_is_won.sql").write_text(
        "-- A row is a deal that was won.\n"
        "select * from {{ ref('fct_opportunities') }} where stage_group = 'won'\n"
    )
    warehouse = home / "warehouse.duckdb"
    before = (_digest(warehouse), warehouse.stat().st_mtime_ns)
    done = run_of_copy(project, home=home, **casebook | {"as_of": EARLIER})
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert (_digest(warehouse), warehouse.stat().st_mtime_ns) == before
    assert "Traceback" not in said
    assert "Not published: 1 of the run's models and tests failed." in done.stdout
    build = Warehouse(home / "build" / "build.duckdb")
    assert build.one("select max(valid_from) from core.fct_opportunity_states").date() <= (
        dt.date.fromisoformat(EARLIER)
    )
    won = build.one("select count(*) from core.fct_opportunities where stage_group = 'won'")
    assert f"test assert_nothing_is_won: {won} rows break it" in done.stdout
    assert str(build.path) in done.stdout
    assert not (home / "warehouse.duckdb.next").exists()


def test_of_two_runs_at_once_the_second_is_refused_in_one_line(
    home: Path, casebook: dict[str, object]
) -> None:
    """A lock file of a process that is long dead does not stop the first."""
    (home / "run.lock").write_text("999999999")
    runs = [start(home, **casebook | {"as_of": EARLIER}) for _ in range(2)]
    said = {process.wait(): process.communicate()[0] for process in runs}
    assert set(said) == {0, 1}, said
    [line] = said[1].splitlines()
    pids = {str(process.pid) for process in runs}
    assert line.startswith(f"pipegen: another run is building in {home} (process ")
    assert any(f"(process {pid})" in line for pid in pids)
    assert _days(home / "warehouse.duckdb") == {EARLIER}


def test_raw_tables_in_the_warehouse_give_what_their_files_give(
    casebook_warehouse: Warehouse, casebook: dict[str, object], tmp_path: Path
) -> None:
    """A loader's typed tables, read in place; after the run they are as they were."""
    home = tmp_path / "home"
    home.mkdir()
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        connection.execute("set timezone = 'UTC'")
        for path in sorted(Path(str(casebook["raw"])).glob("*/*.csv")):
            system = path.parent.name
            connection.execute(f"create schema if not exists {system}")
            connection.execute(
                f'create table {system}."{path.stem}" as from read_csv(?)', [str(path)]
            )
        types = {
            kind
            for (kind,) in connection.execute(
                "select distinct data_type from duckdb_columns() where schema_name = 'salesforce'"
            ).fetchall()
        }
        assert {"VARCHAR", "BIGINT", "BOOLEAN", "DATE"} <= types
        assert any(kind.startswith("TIMESTAMP") for kind in types)
        loaded = connection.execute("from salesforce.opportunity order by all").fetchall()
    again = Warehouse(published(home, **casebook | {"raw": "warehouse"}))
    ours, theirs = casebook_warehouse.cells(WHERE_FROM), again.cells(WHERE_FROM)
    for table in OF_RUNS:
        ours.pop(table), theirs.pop(table)
    assert not (found := differences(ours, theirs)), "\n" + found
    # Read one by one, as the CRM's rows are: the session's time zone is not the loader's.
    with duckdb.connect(str(again.path), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        assert connection.execute("from salesforce.opportunity order by all").fetchall() == loaded
