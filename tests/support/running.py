"""Runs of the whole job, as a user starts them, and the cells of what they publish.

What belongs here: starting `pipegen` in a process of its own, and reading a published warehouse.
What does not: expectations, and companies made up for a test.
"""

import contextlib
import csv
import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import duckdb
import pytest

PROJECT = Path(__file__).resolve().parents[2]

# The console script may not be installed where the tests run; what it calls always is.
COMMAND = (sys.executable, "-m", "pipegen")

# Twenty times what a run takes on two idle cores: enough for a busy machine, and a run that hangs
# still ends.
RUN_SECONDS = 900

Rows = list[tuple[Any, ...]]


class Query(Protocol):
    """A query with its parameters; its rows."""

    def __call__(self, sql: str, parameters: Iterable[object] = ()) -> Rows: ...


def environment(home: Path | str, **settings: object) -> dict[str, str]:
    """This process's environment with these settings of a run, and none of the caller's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PIPEGEN_")}
    given = {f"PIPEGEN_{name.upper()}": str(value) for name, value in settings.items()}
    if "raw" in settings:
        # A company of the tests is content with the demo company's rules; a run wants it said.
        given.setdefault("PIPEGEN_SEEDS", str(PROJECT / "seeds"))
    return kept | {"PIPEGEN_HOME": str(home)} | given


def pipegen(
    *arguments: str,
    home: Path | str,
    folder: Path = PROJECT,
    seconds: float = RUN_SECONDS,
    **settings: object,
) -> subprocess.CompletedProcess[str]:
    """Run a `pipegen` command to its end; settings are given as `PIPEGEN_*` variables."""
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=folder,
        env=environment(home, **settings),
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


def copy_of_project(root: Path) -> Path:
    """The project without what it makes and without its tests' companies, to be broken."""
    # A project that installed this one as a package holds a link to it.
    made = shutil.ignore_patterns(
        ".*", "*.egg-info", "__pycache__", "target", "logs", "cases", "integration_tests"
    )
    shutil.copytree(PROJECT, root, ignore=made)
    return root


def run_of_copy(
    project: Path, *arguments: str, home: Path, **settings: object
) -> subprocess.CompletedProcess[str]:
    """`pipegen run` of a copy of the project: Python finds the copy's `pipegen` first."""
    return subprocess.run(
        [*COMMAND, "run", *arguments],
        cwd=project,
        env=environment(home, **settings) | {"PYTHONPATH": str(project / "src")},
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
        check=False,
    )


def start(home: Path | str, **settings: object) -> subprocess.Popen[str]:
    """Start `pipegen run` and come back at once; the process leads a group of its own."""
    return subprocess.Popen(
        [*COMMAND, "run"],
        cwd=PROJECT,
        env=environment(home, **settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def published(home: Path, **settings: object) -> Path:
    """Run the whole job, which must succeed; returns the published warehouse."""
    done = pipegen("run", home=home, **settings)
    assert done.returncode == 0, f"the run did not publish:\n{done.stdout}\n{done.stderr}"
    assert not done.stderr, f"a run that published complained:\n{done.stderr}"
    return home / "warehouse.duckdb"


# The tables that every run needs, and the columns that each must have.
LEAST_TABLES = {
    "account": ["id"],
    "user": ["id"],
    "opportunity": ["id", "account_id", "stage_name", "created_date"],
}


def write_company(root: Path, rows: Mapping[str, list[dict[str, object]]]) -> Path:
    """Raw Salesforce tables as CSV, those given and the least that a run needs; returns `root`."""
    folder = root / "salesforce"
    folder.mkdir(parents=True, exist_ok=True)
    for table in LEAST_TABLES | rows:
        records = rows.get(table, [])
        names = [*LEAST_TABLES.get(table, []), *(name for row in records for name in row)]
        with (folder / f"{table}.csv").open("w", newline="", encoding="utf-8") as handle:
            writer = csv.DictWriter(handle, list(dict.fromkeys(names)), lineterminator="\n")
            writer.writeheader()
            writer.writerows(records)
    return root


def once(folder: Path, make: Callable[[Path], Path]) -> Path:
    """What `make` makes in a folder, made by whichever test process comes first."""
    folder.mkdir(parents=True, exist_ok=True)
    done = folder / "done"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            done.write_text(str(make(folder / "home")))
    return Path(done.read_text())


@contextlib.contextmanager
def mounted(folder: Path, options: str) -> Iterator[Path]:
    """A file system of its own at a folder; skips the test where none can be mounted."""
    folder.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", options, "pipegen-test", str(folder)]
    try:
        done = subprocess.run(mount, capture_output=True, text=True, check=False)
    except OSError as error:
        pytest.skip(f"no file system can be mounted here ({error}): no full or read-only disk")
    if done.returncode:
        pytest.skip(f"no file system can be mounted here ({done.stderr.strip()}): no full disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


class Warehouse:
    """A published warehouse, opened again for every query, or for as many as belong together: no
    test keeps the file open."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def rows(self, sql: str, parameters: Iterable[object] = ()) -> Rows:
        with self.opened() as rows:
            return rows(sql, parameters)

    @contextlib.contextmanager
    def opened(self) -> Iterator[Query]:
        """Asks many queries of the file, which is opened once: that takes longer than a query."""
        with duckdb.connect(str(self.path), read_only=True) as connection:
            yield lambda sql, parameters=(): connection.execute(sql, list(parameters)).fetchall()

    def one(self, sql: str) -> Any:
        """The only value that a query gives."""
        [(value,)] = self.rows(sql)
        return value

    def table(self, name: str, key: str) -> dict[Any, dict[str, Any]]:
        """The rows of a table as dicts, by a column that is unique in it."""
        with duckdb.connect(str(self.path), read_only=True) as connection:
            found = connection.execute(f"select * from {name}")
            columns = [description[0] for description in found.description]
            records = [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
        by_key = {record[key]: record for record in records}
        assert len(by_key) == len(records), f"{key} is not unique in {name}"
        return by_key

    def columns(self) -> dict[str, list[str]]:
        """The columns of every published table, by `schema.table`."""
        found: dict[str, list[str]] = {}
        for table, column in self.rows(
            "select schema_name || '.' || table_name, column_name from duckdb_columns() "
            "where schema_name in ('core', 'marts', 'audit') and database_name = current_database()"
            "order by table_name, column_index"
        ):
            found.setdefault(table, []).append(column)
        return found

    def cells(self, leave_out: Mapping[str, Iterable[str]] | None = None) -> dict[str, Rows]:
        """Every row of every published table in an order of its own, without the columns left
        out."""
        left_out = {table: set(names) for table, names in (leave_out or {}).items()}
        with self.opened() as rows:
            return {
                table: rows(
                    f"select {', '.join(c for c in columns if c not in left_out.get(table, ()))} "
                    f"from {table} order by all"
                )
                for table, columns in self.columns().items()
            }


def differences(expected: Mapping[str, Rows], found: Mapping[str, Rows], most: int = 8) -> str:
    """The first rows that only one of two warehouses has, by table; empty if there are none."""
    lines = []
    for table in sorted(expected.keys() | found.keys()):
        ours, theirs = expected.get(table), found.get(table)
        if ours == theirs:
            continue
        if ours is None or theirs is None:
            lines.append(f"{table} is in one of the two only")
            continue
        gone, come = _less(ours, theirs), _less(theirs, ours)
        lines.append(f"{table}: {len(gone)} rows are gone, {len(come)} have come")
        lines += [f"  - {row}" for row in gone[:most]] + [f"  + {row}" for row in come[:most]]
    return "\n".join(lines)


# Each table of past days, and the mart that a run as of such a day publishes.
HISTORIES = {
    "marts.pipeline_bridge_history": "marts.pipeline_bridge",
    "marts.double_counting_history": "marts.double_counting",
}


def history_differences(now: Warehouse, then: Warehouse) -> str:
    """Where a later run's history of a day differs from a run as of that day; empty if nowhere.

    Args:
        now: The warehouse of a run as of a later day, whose history has the earlier day.
        then: The warehouse of a run as of the earlier day.
    """
    told, published_then = {}, {}
    for history, mart in HISTORIES.items():
        # A history has no labels; whether a week or quarter ended is of the history alone.
        both = ", ".join(
            name for name in then.columns()[mart] if name in now.columns()[history]
        )
        published_then[mart] = then.rows(f"select {both} from {mart} order by all")
        assert then.one(f"select sum(abs(amount)) from {mart}"), f"{mart} has no money at all"
        told[mart] = now.rows(
            f"select {both} from {history} where as_of_date = ? order by all",
            [then.one(f"select max(as_of_date) from {mart}")],
        )
    return differences(published_then, told)


def _less(rows: Rows, others: Rows) -> Rows:
    """The rows that are not among the others, counting repeats."""
    left = [repr(row) for row in others]
    counts: dict[str, int] = {}
    for text in left:
        counts[text] = counts.get(text, 0) + 1
    result = []
    for row in rows:
        if counts.get(repr(row), 0):
            counts[repr(row)] -= 1
        else:
            result.append(row)
    return result
