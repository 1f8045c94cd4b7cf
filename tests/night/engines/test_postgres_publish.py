"""The one step that publishes a build, on Postgres. A failure means that somebody may see half a
warehouse, two runs side by side, or what was never meant for them."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg2
import pytest

from pipegen.errors import BusyError, PipegenError
from pipegen.warehouses import Schemas, exists, relations, row_counts, server_of
from tests.support.servers import execute

pytestmark = pytest.mark.postgres

TABLES = ("core.deals", "marts.views", "audit.rows")
ROWS = 5_000

RETIRED = "select nspname from pg_namespace where nspname like 'pipegen_retired%'"
PREFIX = "pipegen_build_"

# Queries the marts again and again, as a BI tool does, until the stop file appears.
READER = """
import json, os, pathlib, sys, psycopg2
stop, told, *tables = sys.argv[1:]
connection = psycopg2.connect(
    host=os.environ["PGHOST"], port=os.environ["PGPORT"], user=os.environ["PGUSER"],
    dbname=os.environ["PGDATABASE"],
)
connection.autocommit = True
cursor = connection.cursor()
seen, errors, reads = set(), [], 0
while not pathlib.Path(stop).exists():
    for table in tables:
        try:
            cursor.execute(f"select count(*), min(run), max(run) from {table}")
            seen.add(cursor.fetchone())
            reads += 1
        except Exception as error:
            errors.append(str(error))
pathlib.Path(told).write_text(json.dumps([reads, sorted(seen), errors]))
"""

# Publishes, and is killed before the statement with this number; if it survives, prints their
# count.
PUBLISH = """
import os, signal, sys
import psycopg2
from psycopg2.extensions import cursor

deadly, said, connect = int(sys.argv[1]), 0, psycopg2.connect

class Counted(cursor):
    def execute(self, *arguments):
        global said
        said += 1
        if said == deadly:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().execute(*arguments)

psycopg2.connect = lambda **given: connect(cursor_factory=Counted, **given)
from pipegen.warehouses import server_of
server_of("postgres").publish("pipegen_build_", "", None, {})
print(said)
"""


def _build(run: int, rows: int = ROWS) -> None:
    """A build in which every cell holds the run's number."""
    server = server_of("postgres")
    server.begin(PREFIX)
    connection = server.connect(PREFIX)
    for table in TABLES:
        connection.run(
            f"create table {PREFIX}{table} as select {run} as run, number "
            f"from generate_series(1, {rows}) as number"
        )
        connection.run(f"comment on column {PREFIX}{table}.run is 'Which run.'")
    connection.close()


def _publish(only: set[str] | None = None, published: str = "") -> list[str]:
    chosen = None if only is None else only.__contains__
    return server_of("postgres").publish(PREFIX, published, chosen, {})


def _runs(database: dict[str, str], prefix: str = "") -> dict[str, int]:
    """The run of each published table, which must hold all rows of that run and no others."""
    found = {}
    for table in TABLES:
        [(count, least, most)] = execute(
            database, f"select count(*), min(run), max(run) from {prefix}{table}"
        )
        assert (count, least) == (ROWS, most), table
        found[table] = least
    return found


def _all(run: int) -> dict[str, int]:
    return dict.fromkeys(TABLES, run)


def test_a_reader_never_sees_an_error_an_empty_table_or_two_runs_at_once(
    database: dict[str, str], tmp_path: Path
) -> None:
    _build(1)
    _publish()
    stop, told = tmp_path / "stop", tmp_path / "told"
    readers = [
        subprocess.Popen([sys.executable, "-c", READER, str(stop), f"{told}{n}", *TABLES])
        for n in range(2)
    ]
    try:
        for run in range(2, 12):
            _build(run)
            _publish()
            time.sleep(0.1)
    finally:
        stop.touch()
        for reader in readers:
            reader.wait(timeout=30)
    for number in range(2):
        reads, seen, errors = json.loads(Path(f"{told}{number}").read_text())
        assert not errors
        assert reads > 50
        assert {(count, least == most) for count, least, most in seen} == {(ROWS, True)}
        assert {most for _, _, most in seen} >= {1, 11} or len(seen) > 3
    assert _runs(database) == _all(11)


def _published_apart(deadly: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PUBLISH, str(deadly)],
        env=os.environ, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_killed_at_any_point_of_publishing_the_old_or_the_new_stands_whole(
    database: dict[str, str],
) -> None:
    for run in (1, 2):
        _build(run)
        statements = int(_published_apart(0).stdout)
    assert statements > 10
    standing, seen = 2, set()
    for deadly in range(1, statements + 1, max(1, statements // 12)):
        _build(standing + 1)
        done = _published_apart(deadly)
        assert done.returncode == -signal.SIGKILL, done.stderr
        found = _runs(database)
        whole = (_all(standing), _all(standing + 1))
        assert found in whole, f"killed at {deadly} of {statements}: {found}"
        seen.add(found == _all(standing))
        standing = found[TABLES[0]]
    assert seen == {True, False}, "no kill came before, or none after the swap"
    _build(99)
    _publish()
    assert _runs(database) == _all(99)
    assert execute(database, RETIRED) == []


def test_descriptions_and_what_only_the_publication_knows_come_along(
    database: dict[str, str],
) -> None:
    _build(1)
    server = server_of("postgres")
    server.publish(PREFIX, "", None, {"audit.rows": [{"run": 1, "number": 0}]})
    assert execute(database, "select count(*) from audit.rows") == [(ROWS + 1,)]
    connection = server.connect("")
    assert ("marts.views", "run", "Which run.") in connection.column_comments()
    connection.close()


def test_only_some_tables_are_replaced_and_the_rest_stays(database: dict[str, str]) -> None:
    _build(1)
    _publish()
    _build(2)
    _publish(only={"marts.views"})
    assert _runs(database) == _all(1) | {"marts.views": 2}
    connection = server_of("postgres").connect("")
    assert ("core.deals", "run", "Which run.") in connection.column_comments()
    connection.close()


def test_a_second_warehouse_stands_beside_the_first(database: dict[str, str]) -> None:
    _build(1)
    _publish(published="review_")
    assert not exists(Schemas("postgres", ""))
    # The same build again, as a past week's run publishes it.
    _publish()
    assert (_runs(database, "review_"), _runs(database)) == (_all(1), _all(1))
    _build(2)
    _publish()
    assert (_runs(database, "review_"), _runs(database)) == (_all(1), _all(2))
    assert row_counts(Schemas("postgres", "review_"))["core.deals"] == ROWS


def test_nothing_published_before_is_left_behind(database: dict[str, str]) -> None:
    for run in (1, 2, 3):
        _build(run)
        _publish()
    assert execute(database, RETIRED) == []
    assert relations(Schemas("postgres", "")) == set(TABLES)


def test_one_who_still_reads_the_old_is_neither_disturbed_nor_waited_for(
    database: dict[str, str],
) -> None:
    _build(1)
    _publish()
    reader = psycopg2.connect(
        host=database["PGHOST"], port=database["PGPORT"], user=database["PGUSER"],
        dbname=database["PGDATABASE"],
    )  # fmt: skip
    cursor = reader.cursor("slow")
    cursor.execute("select run from core.deals")
    cursor.fetchmany(10)
    _build(2)
    started = time.monotonic()
    _publish()
    assert time.monotonic() - started < 20
    assert _runs(database) == _all(2)
    assert {run for (run,) in cursor.fetchall()} == {1}
    reader.close()
    _build(3)
    _publish()
    assert execute(database, RETIRED) == []


def test_views_of_others_read_what_is_published_now(database: dict[str, str]) -> None:
    _build(1)
    _publish()
    execute(
        database,
        "create schema bi; create view bi.latest as select max(run) as run from marts.views; "
        "create view bi.doubled as select run * 2 as run from bi.latest; "
        "create view bi.numbers as select number from core.deals",
    )
    _build(2)
    assert _publish() == []
    assert execute(database, "select run from bi.doubled") == [(4,)]
    _build(3)
    execute(database, f"alter table {PREFIX}core.deals rename column number to place")
    assert _publish() == ["bi.numbers"]
    assert execute(database, "select run from bi.latest") == [(3,)]


def test_a_schema_that_somebody_else_made_is_never_replaced(database: dict[str, str]) -> None:
    execute(database, "create schema marts; create table marts.theirs as select 1 as one")
    _build(1)
    with pytest.raises(PipegenError, match="schema marts that pipegen did not make"):
        _publish()
    assert execute(database, "select one from marts.theirs") == [(1,)]


def test_who_may_only_read_sees_core_and_marts_and_nothing_else(
    database: dict[str, str],
) -> None:
    role = "select 1 from pg_roles where rolname = 'pipegen_reader'"
    if not execute(database, role):
        execute(database, "create role pipegen_reader")
    if not execute(database, "select 1 from pg_roles where rolname = 'bi_tool'"):
        execute(database, "create role bi_tool login; grant pipegen_reader to bi_tool")
    # Twice: a table must stay readable when it is replaced.
    for run in (1, 2):
        _build(run)
        _publish()
    tool = database | {"PGUSER": "bi_tool"}
    assert execute(tool, "select max(run) from core.deals") == [(2,)]
    assert execute(tool, "select max(run) from marts.views") == [(2,)]
    _build(3)
    for forbidden in (
        "select * from audit.rows", f"select * from {PREFIX}marts.views",
        "insert into marts.views values (1, 1)", "drop table marts.views",
        "create table marts.theirs (x int)",
    ):  # fmt: skip
        with pytest.raises(psycopg2.Error, match=r"permission denied|must be owner"):
            execute(tool, forbidden)


def test_two_machines_never_build_in_one_database_at_once(database: dict[str, str]) -> None:
    server = server_of("postgres")
    with server.lock(), pytest.raises(BusyError, match="another run is building"), server.lock():
        pass
    with server.lock():
        pass


def test_a_database_that_orders_text_otherwise_is_refused_in_one_line(
    postgres_server: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    execute(
        postgres_server,
        "create database ordered_c template template0 lc_collate 'C' lc_ctype 'C'",
    )
    for name, value in (postgres_server | {"PGDATABASE": "ordered_c"}).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(PipegenError, match="lc_ctype") as refused, server_of("postgres").lock():
        pass
    assert "\n" not in str(refused.value)


def test_a_server_that_is_not_there_is_reported_in_one_line(
    database: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("PGPASSWORD", "sesame")
    with pytest.raises(PipegenError, match="Postgres can't be reached") as refused:
        server_of("postgres").connect("")
    assert "\n" not in str(refused.value)
    assert "sesame" not in str(refused.value)
