"""The one step that publishes a build. A failure means that somebody may see half a warehouse, an
old and a new number side by side, or no warehouse at all."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from pipegen.errors import PipegenError
from pipegen.publishing import publish
from tests.support.running import PROJECT, Warehouse

TABLES = ("core.deals", "marts.views", "audit.rows")
ROWS = 50_000

# Queries the warehouse again and again, as a BI tool does, until the stop file appears.
READER = """
import duckdb, json, pathlib, sys
warehouse, stop, told = sys.argv[1:4]
tables = sys.argv[4:]
seen, errors, reads = set(), [], 0
while not pathlib.Path(stop).exists():
    try:
        with duckdb.connect(warehouse, read_only=True) as connection:
            answers = [
                connection.execute(f"select count(*), min(run), max(run) from {t}").fetchone()
                for t in tables
            ]
        reads += 1
        seen.add(tuple(answers))
    except Exception as error:
        errors.append(str(error))
pathlib.Path(told).write_text(json.dumps([reads, sorted(seen), errors]))
"""


def _build(path: Path, run: int, rows: int = ROWS) -> Path:
    """A build in which every cell holds the run's number."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema landed; create table landed.raw as select 1 as x")
        for table in TABLES:
            connection.execute(f"create schema {table.split('.')[0]}")
            connection.execute(
                f"create table {table} as "
                f"select cast({run} as integer) as run, range as number from range({rows})"
            )
        connection.execute("comment on table core.deals is 'One row per deal''s run.'")
        connection.execute("comment on column core.deals.run is 'Which run.'")
    return path


def _runs(warehouse: Path) -> set[int]:
    """The runs whose rows the warehouse holds; it must open, and every table must be complete."""
    found = set()
    for table in TABLES:
        query = f"select run, count(*) from {table} group by 1"
        for run, count in Warehouse(warehouse).rows(query):
            assert count == ROWS, table
            found.add(run)
    return found


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """A warehouse of run 1."""
    path = tmp_path / "home" / "warehouse.duckdb"
    publish(_build(tmp_path / "home" / "build" / "build.duckdb", 1), path)
    return path


@contextlib.contextmanager
def _writer(warehouse: Path, sql: str, *, stays: bool) -> Iterator[subprocess.Popen[str]]:
    """Another process that writes to the warehouse, and stays connected or dies at once."""
    code = (
        "import duckdb, os, sys, time\n"
        f"connection = duckdb.connect({str(warehouse)!r})\n"
        f"connection.execute({sql!r})\n"
        "print('written', flush=True)\n"
        + ("time.sleep(120)\n" if stays else "os._exit(1)\n")
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline().strip() == "written"
    try:
        if not stays:
            process.wait(30)
        yield process
    finally:
        process.kill()
        process.wait(30)


def test_a_reader_never_sees_an_error_an_empty_table_or_two_runs_at_once(
    warehouse: Path, tmp_path: Path
) -> None:
    builds = [_build(tmp_path / f"build{run}.duckdb", run) for run in (2, 3)]
    stop, told = tmp_path / "stop", tmp_path / "told"
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(warehouse), str(stop), str(told), *TABLES]
    )
    try:
        time.sleep(0.5)
        for number in range(10):
            publish(builds[number % 2], warehouse)
            time.sleep(0.1)
        stop.touch()
        reader.wait(60)
    finally:
        reader.kill()
    reads, seen, errors = json.loads(told.read_text())
    assert errors == []
    assert reads >= 10
    for answers in seen:
        runs = {run for _, first, last in answers for run in (first, last)}
        assert len(runs) == 1, f"one look saw the runs {runs}"
        assert {count for count, *_ in answers} == {ROWS}
    assert len(seen) >= 2, "the reader never saw a new warehouse"


def test_a_reader_that_stays_connected_goes_on_with_what_it_opened(
    warehouse: Path, tmp_path: Path
) -> None:
    code = (
        "import duckdb, sys\n"
        f"connection = duckdb.connect({str(warehouse)!r}, read_only=True)\n"
        "for _ in sys.stdin:\n"
        "    print(*connection.execute('select max(run), count(*) from core.deals').fetchone(),"
        " flush=True)\n"
    )
    reader = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert reader.stdin
    assert reader.stdout

    def ask() -> str:
        reader.stdin.write("?\n")
        reader.stdin.flush()
        return reader.stdout.readline().strip()

    try:
        assert ask() == f"1 {ROWS}"
        publish(_build(tmp_path / "next.duckdb", 2), warehouse)
        assert ask() == f"1 {ROWS}"
        assert _runs(warehouse) == {2}
    finally:
        reader.kill()


def test_only_what_is_promised_is_published(warehouse: Path) -> None:
    found = Warehouse(warehouse).rows(
        "select schema_name || '.' || table_name from duckdb_tables() order by 1"
    )
    assert [table for (table,) in found] == sorted(TABLES)


def test_descriptions_are_published_with_the_tables(warehouse: Path) -> None:
    published = Warehouse(warehouse)
    assert published.one(
        "select comment from duckdb_tables() where table_name = 'deals'"
    ) == "One row per deal's run."
    assert published.one(
        "select comment from duckdb_columns() where table_name = 'deals' and column_name = 'run'"
    ) == "Which run."


def test_the_file_can_be_read_by_clients_of_duckdb_1_2(warehouse: Path) -> None:
    """They read storage version 65 and lower, which the file's header names."""
    header = warehouse.read_bytes()[:20]
    assert header[8:12] == b"DUCK"
    assert int.from_bytes(header[12:20], "little") <= 65


def test_schemas_of_others_survive_with_their_views(warehouse: Path, tmp_path: Path) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            "create schema salesforce; create table salesforce.account (id varchar, size integer);"
            "insert into salesforce.account values ('a', 1), (null, 2);"
            "create table main.notes as select 'x' as note;"
            "create schema analyst; create view analyst.runs as select run from core.deals;"
            "create view analyst.twice as select run * 2 as doubled from analyst.runs;"
            "create view analyst.doomed as select number from audit.rows"
        )
    for run in (2, 3):
        build = _build(tmp_path / "next.duckdb", run)
        with duckdb.connect(str(build)) as connection:
            connection.execute("alter table audit.rows rename number to position")
        assert publish(build, warehouse) == (["analyst.doomed"] if run == 2 else [])
    found = Warehouse(warehouse)
    assert found.rows("from salesforce.account order by size") == [("a", 1), (None, 2)]
    assert found.rows("from main.notes") == [("x",)]
    assert found.one("select distinct doubled from analyst.twice") == 6
    assert found.one("select count(*) from duckdb_views() where view_name = 'doomed'") == 0


def test_a_table_that_is_built_no_more_is_published_no_more(
    warehouse: Path, tmp_path: Path
) -> None:
    build = _build(tmp_path / "next.duckdb", 2)
    with duckdb.connect(str(build)) as connection:
        connection.execute("drop table audit.rows; create table audit.others as select 1 as run")
    publish(build, warehouse)
    found = Warehouse(warehouse).rows("select table_name from duckdb_tables() order by 1")
    assert [table for (table,) in found] == ["deals", "others", "views"]


def test_what_a_killed_publication_left_is_no_obstacle(warehouse: Path, tmp_path: Path) -> None:
    candidate = warehouse.with_name("warehouse.duckdb.next")
    candidate.write_bytes(warehouse.read_bytes()[:100_000])
    candidate.with_name(candidate.name + ".wal").write_bytes(b"half a log")
    publish(_build(tmp_path / "next.duckdb", 2), warehouse)
    assert _runs(warehouse) == {2}
    assert sorted(p.name for p in warehouse.parent.iterdir()) == ["build", "warehouse.duckdb"]


def test_what_a_loader_wrote_before_it_was_killed_survives_and_harms_nobody(
    warehouse: Path, tmp_path: Path
) -> None:
    """Its log lies beside the file, and would make the next file unreadable."""
    loaded = (
        "create schema salesforce; create table salesforce.account as select * from range(500)"
    )
    with _writer(warehouse, loaded, stays=False):
        assert warehouse.with_name(warehouse.name + ".wal").exists()
    publish(_build(tmp_path / "next.duckdb", 2), warehouse)
    assert _runs(warehouse) == {2}
    assert Warehouse(warehouse).one("select count(*) from salesforce.account") == 500


def test_a_log_whose_warehouse_was_removed_harms_nobody(warehouse: Path, tmp_path: Path) -> None:
    with _writer(warehouse, "create table main.x as select 1 as y", stays=False):
        warehouse.unlink()
    publish(_build(tmp_path / "next.duckdb", 2), warehouse)
    assert _runs(warehouse) == {2}


def test_a_loader_at_work_is_not_written_over(warehouse: Path, tmp_path: Path) -> None:
    build = _build(tmp_path / "next.duckdb", 2)
    before = warehouse.stat().st_ino
    with (
        _writer(warehouse, "create table main.x as select 1 as y", stays=True),
        pytest.raises(PipegenError) as refused,
    ):
        publish(build, warehouse)
    assert "\n" not in str(refused.value)
    assert warehouse.stat().st_ino == before
    assert _runs(warehouse) == {1}
    publish(build, warehouse)
    assert _runs(warehouse) == {2}


def test_a_build_that_is_no_database_leaves_the_warehouse_as_it_is(
    warehouse: Path, tmp_path: Path
) -> None:
    build = tmp_path / "broken.duckdb"
    build.write_bytes(b"nothing of the kind" * 1000)
    with pytest.raises(PipegenError, match="as it was"):
        publish(build, warehouse)
    assert _runs(warehouse) == {1}
    assert sorted(p.name for p in warehouse.parent.iterdir()) == ["build", "warehouse.duckdb"]


@pytest.mark.parametrize("count", [5, pytest.param(20, marks=pytest.mark.slow)])
def test_killed_at_any_instant_of_publishing_the_file_is_one_of_the_two(
    warehouse: Path, tmp_path: Path, count: int
) -> None:
    builds = {run: _build(tmp_path / f"build{run}.duckdb", run) for run in (2, 3)}
    code = (
        "import sys\nfrom pathlib import Path\nfrom pipegen.publishing import publish\n"
        "print('ready', flush=True)\nsys.stdin.readline()\n"
        "publish(Path(sys.argv[1]), Path(sys.argv[2]))\nprint('published', flush=True)\n"
    )
    started = time.monotonic()
    publish(builds[2], warehouse)
    duration = time.monotonic() - started
    interrupted = 0
    for point in range(count):
        before = _runs(warehouse)
        run = 3 if before == {2} else 2
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(builds[run]), str(warehouse)],
            cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stdout
        assert process.stdin
        assert process.stdout.readline().strip() == "ready"
        process.stdin.write("go\n")
        process.stdin.flush()
        time.sleep(duration * 1.2 * point / count)
        os.kill(process.pid, signal.SIGKILL)
        interrupted += "published" not in process.stdout.read()
        process.wait(30)
        assert _runs(warehouse) in (before, {run})
    assert interrupted >= count / 5, "hardly any kill came in time to interrupt something"
    publish(_build(tmp_path / "last.duckdb", 4), warehouse)
    assert _runs(warehouse) == {4}
    assert sorted(p.name for p in warehouse.parent.iterdir()) == ["build", "warehouse.duckdb"]


def test_a_full_disk_leaves_the_warehouse_as_it_is(small_disk: Path, tmp_path: Path) -> None:
    warehouse = small_disk / "warehouse.duckdb"
    publish(_build(tmp_path / "small.duckdb", 1), warehouse)
    large = tmp_path / "large.duckdb"
    shutil.copy(tmp_path / "small.duckdb", large)
    with duckdb.connect(str(large)) as connection:
        connection.execute(
            "create table core.bulk as select md5(cast(range as varchar)) as x from range(300_000)"
        )
    with pytest.raises(PipegenError) as refused:
        publish(large, warehouse)
    assert "warehouse.duckdb.next can't be written" in str(refused.value)
    assert "No space left" in str(refused.value)
    assert _runs(warehouse) == {1}
    assert [p.name for p in small_disk.iterdir()] == ["warehouse.duckdb"]
