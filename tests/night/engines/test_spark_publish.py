"""The one step that publishes a build, on Spark. A failure means that somebody may see half a
warehouse, two runs side by side, or a table that is being built."""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipegen.errors import PipegenError
from pipegen.warehouses import Schemas, relations, row_counts, server_of

pytestmark = pytest.mark.spark

TABLES = ("core.deals", "marts.views", "audit.rows")
ROWS = 50


@pytest.fixture(scope="module", autouse=True)
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A session with a metastore of the tests' own: a process has one session."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PIPEGEN_HOME", str(tmp_path_factory.mktemp("home")))
        from pipegen.warehouses.spark import session

        started = session()
        yield
        started.stop()


@pytest.fixture(autouse=True)
def emptied() -> None:
    connection = server_of("spark").connect("")
    for (schema,) in connection.run("show schemas").fetchall():
        if schema != "default":
            connection.run(f"drop schema {schema} cascade")


def _build(run: int, more: str = "", tables: tuple[str, ...] = TABLES) -> str:
    """A build in which every cell holds the run's number; returns its prefix."""
    server = server_of("spark")
    prefix = f"{server.build_schema()}_"
    server.begin(prefix)
    connection = server.connect(prefix)
    for table in tables:
        connection.run(
            f"create table {prefix}{table} (run int comment 'Which run''s.', number bigint"
            f"{' , ' + more + ' string' if more else ''}) using parquet comment 'Rows.'"
        )
        connection.run(
            f"insert into {prefix}{table} "
            f"select {run}, id{', string(id)' if more else ''} from range({ROWS})"
        )
    return prefix


def _publish(prefix: str, only: set[str] | None = None, published: str = "") -> list[str]:
    chosen = None if only is None else only.__contains__
    return server_of("spark").publish(prefix, published, chosen, {})


def _runs(prefix: str = "") -> dict[str, int]:
    """The run of each published table, which must hold all rows of that run and no others."""
    found = {}
    for table in TABLES:
        [(count, least, most)] = _ask(f"select count(*), min(run), max(run) from {prefix}{table}")
        assert (count, least) == (ROWS, most), table
        found[table] = least
    return found


def _ask(sql: str) -> list[tuple[Any, ...]]:
    return server_of("spark").connect("").run(sql).fetchall()


def _all(run: int) -> dict[str, int]:
    return dict.fromkeys(TABLES, run)


def test_a_build_is_published_with_its_descriptions() -> None:
    _publish(_build(1))
    assert _runs() == _all(1)
    assert relations(Schemas("spark", "")) == set(TABLES)
    assert row_counts(Schemas("spark", "")) == dict.fromkeys(TABLES, ROWS)
    for run in (2, 3):
        comments = server_of("spark").connect("").column_comments()
        assert comments == [
            (table, column, comment)
            for table in ("core.deals", "audit.rows", "marts.views")
            for column, comment in (("run", "Which run's."), ("number", None))
        ]
        _publish(_build(run))


def test_a_slot_is_built_in_once_and_gone_when_nobody_reads_it() -> None:
    slots = []
    for run in range(1, 6):
        slots.append(_build(run))
        _publish(slots[-1])
        assert _runs() == _all(run)
    assert len(set(slots)) == 5
    there = {schema for (schema,) in _ask("show schemas")}
    # Whoever began to read what was published before may still be reading it.
    assert [f"{slot}core" in there for slot in slots] == [False, False, True, True, True]
    server_of("spark").begin("pipegen_dev_ann_")
    assert f"{slots[-3]}core" in {schema for (schema,) in _ask("show schemas")}


@pytest.mark.parametrize("only", [None, {"marts.views"}])
def test_killed_at_any_point_of_publishing_the_old_or_the_new_stands_whole(
    only: set[str] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipegen.warehouses.spark import SparkConnection

    run_statement = SparkConnection.run
    _publish(_build(1, more="old"))
    left, run, died = 0, 1, True
    while died:
        run += 1
        prefix = _build(run, more="old" if run % 2 else "new")
        old = _runs()
        left += 1
        still = left

        def dying(self: SparkConnection, sql: str) -> Any:
            nonlocal still
            if sql.startswith(("alter", "create", "drop")):
                still -= 1
                if still < 0:
                    raise KeyboardInterrupt
            return run_statement(self, sql)

        monkeypatch.setattr(SparkConnection, "run", dying)
        died = False
        try:
            _publish(prefix, only)
        except KeyboardInterrupt:
            died = True
        monkeypatch.setattr(SparkConnection, "run", run_statement)
        assert _runs() in (old, _all(run) if only is None else old | {"marts.views": run})
    assert _runs()["marts.views"] == run


def test_no_query_reads_two_publications() -> None:
    first, second = _build(1), ""
    _publish(first)
    second = _build(2)
    _publish(second)
    connection = server_of("spark").connect("")
    stop = threading.Event()

    def move() -> None:
        while not stop.is_set():
            for slot in (first, second):
                connection.run(
                    "alter view pipegen_published.current as "
                    f"select '{slot.removesuffix('_')}' as slot, '' as state"
                )

    mover = threading.Thread(target=move)
    mover.start()
    seen = set()
    try:
        for _ in range(40):
            seen |= set(
                _ask(
                    "select distinct a.run, b.run, c.run from core.deals as a "
                    "inner join marts.views as b on a.number = b.number "
                    "inner join audit.rows as c on a.number = c.number"
                )
            )
    finally:
        stop.set()
        mover.join()
    assert seen == {(1, 1, 1), (2, 2, 2)}


def test_a_query_reads_the_files_of_one_slot() -> None:
    first = _build(1)
    _publish(first)
    second = _build(2)
    _publish(second)
    query = "select run from marts.views where number < 5"
    files = server_of("spark").connect("").raw.sql(query).inputFiles()
    assert files
    assert all(f"/{second}marts.db/" in file for file in files)
    [(plan,)] = _ask(f"explain {query}")
    # One scan, its filter, and nothing of the pointer.
    assert plan.count("FileScan") == 1
    assert "Union" not in plan
    assert "ubquery" not in plan


def test_a_part_is_published_and_all_else_stays() -> None:
    first = _build(1)
    _publish(first)
    for run in (2, 3, 4, 5):
        _publish(_build(run), {"audit.rows"})
        assert _runs() == _all(1) | {"audit.rows": run}
    _publish(_build(6))
    assert _runs() == _all(6)


def test_the_review_keeps_its_own_while_others_are_published() -> None:
    prefix = _build(1)
    _publish(prefix, published="review_")
    _publish(prefix)
    for run in (2, 3, 4):
        _publish(_build(run))
    assert (_runs("review_"), _runs()) == (_all(1), _all(4))


def test_columns_and_tables_come_and_go() -> None:
    _publish(_build(1, more="old"))
    _publish(_build(2, more="new"))
    connection = server_of("spark").connect("")
    assert connection.columns("marts.views") == [
        ("run", "int"), ("number", "bigint"), ("new", "string"),
    ]  # fmt: skip
    connection.run("create schema theirs")
    connection.run("create view theirs.deals as select run from core.deals")
    connection.run("create view theirs.views as select * from marts.views")
    lost = _publish(_build(3, tables=("core.deals", "core.people")))
    assert lost == ["theirs.views"]
    assert relations(Schemas("spark", "")) == {"core.deals", "core.people"}


def test_rows_that_only_the_publication_knows_are_there_once() -> None:
    added = {"audit.rows": [{"run": 1, "number": -1}]}
    prefix = _build(1)
    server = server_of("spark")
    server.publish(prefix, "review_", None, added)
    server.publish(prefix, "", None, added)
    for published in ("", "review_"):
        assert _ask(f"select count(*) from {published}audit.rows") == [(ROWS + 1,)]


def test_what_somebody_else_calls_core_is_never_replaced() -> None:
    connection = server_of("spark").connect("")
    connection.run("create schema core")
    with pytest.raises(PipegenError, match="schema core that pipegen did not make"):
        _publish(_build(1))


def test_what_a_killed_run_left_is_cleared_away() -> None:
    prefix = _build(1)
    connection = server_of("spark").connect("")
    [(path,)] = [
        (value,)
        for name, value in connection.run(f"describe schema {prefix}marts").fetchall()
        if name == "Location"
    ]
    connection.run(f"drop schema {prefix}marts cascade")
    left = Path(path.removeprefix("file:")) / "views"
    with contextlib.suppress(FileExistsError):
        left.mkdir(parents=True)
    (left / "part-0.parquet").write_bytes(b"")
    _publish(_build(2))
    assert not left.exists()
    assert _runs() == _all(2)
