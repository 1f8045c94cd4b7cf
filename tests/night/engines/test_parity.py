"""The same company on another engine: the same cells. A failure names the first that differs; a
company that moves from one engine to another would see a number change without a reason."""

import datetime as dt
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipegen.warehouses import Schemas, open_database, relations
from tests.support.running import PROJECT, Warehouse, environment, pipegen

# What belongs to a run, not to its answers: when it ran, how long it took, its number.
OF_THE_RUN = {
    "audit.runs": {"run_id", "started_at", "ended_at", "duration_seconds"},
    "audit.run_costs": {"run_id", "duration_seconds", "seconds"},
    "audit.load_audit": {"seconds", "location"},
    "audit.quarantined_rows": {"location"},
    "marts.reported_numbers": {"reported_at"},
}

# What each node of the build cost: other engines build other models as tables than DuckDB does.
LEFT_OUT = {"audit.run_costs"}

# Spark on two cores takes minutes where DuckDB takes seconds.
RUN_SECONDS = 1_800

COMPANIES = (
    pytest.param("casebook", id="casebook"),
    pytest.param("demo", id="demo", marks=pytest.mark.slow),
    pytest.param("maven", id="maven", marks=pytest.mark.slow),
)


@pytest.fixture(params=COMPANIES)
def company(request: pytest.FixtureRequest) -> tuple[dict[str, object], Warehouse]:
    """A company's settings, and its warehouse as DuckDB publishes it."""
    if request.param == "demo":
        return {}, request.getfixturevalue("demo_warehouse")
    settings = dict(request.getfixturevalue(request.param))
    if request.param == "casebook":
        return settings, request.getfixturevalue("casebook_warehouse")
    settings["as_of"] = "2017-12-31"
    home = request.getfixturevalue("tmp_path") / "duckdb"
    return settings, Warehouse(published(home, **settings) / "warehouse.duckdb")


@pytest.mark.postgres
def test_postgres_gives_the_cells_that_duckdb_gives(
    company: tuple[dict[str, object], Warehouse], database: dict[str, str], tmp_path: Path
) -> None:
    settings, expected = company
    home = published(tmp_path / "postgres", target="postgres", **settings)
    compare(expected, Schemas("postgres", ""))
    assert (home / "review" / "latest" / "index.html").exists()
    assert (home / "findings" / "index.html").exists()
    assert _lines(home) == _lines(expected.path.parent)


@pytest.mark.spark
def test_spark_gives_the_cells_that_duckdb_gives(
    company: tuple[dict[str, object], Warehouse],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings, expected = company
    home = published(tmp_path / "spark", target="spark", **settings)
    monkeypatch.setenv("PIPEGEN_HOME", str(home))
    _compare_apart(expected, "spark", home)
    assert (home / "review" / "latest" / "index.html").exists()
    assert (home / "findings" / "index.html").exists()
    assert _lines(home) == _lines(expected.path.parent)


def _compare_apart(expected: Warehouse, target: str, home: Path) -> None:
    """Compare in a process of its own: a session lives as long as its process, in one home."""
    done = subprocess.run(
        [sys.executable, "-m", __name__, str(expected.path), target],
        cwd=PROJECT, env=environment(home),
        capture_output=True, text=True, check=False, timeout=RUN_SECONDS,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def published(home: Path, **settings: object) -> Path:
    done = pipegen("run", home=home, seconds=RUN_SECONDS, **settings)
    assert done.returncode == 0, f"the run did not publish:\n{done.stdout}\n{done.stderr}"
    return home


def _lines(home: Path) -> str:
    return (home / "review" / "latest" / "summary.txt").read_text(encoding="utf-8")


def compare(
    expected: Warehouse, found: Schemas, schemas: tuple[str, ...] = ("core", "marts", "audit")
) -> None:
    """Compare every cell of the published tables of some schemas."""

    def compared(names: Iterable[str]) -> set[str]:
        return {n for n in names if n not in LEFT_OUT and n.split(".")[0] in schemas}

    tables, there = compared(expected.columns()), compared(relations(found))
    assert there == tables, f"only one of them has {sorted(there ^ tables)}"
    with open_database(found) as connection:
        for table in sorted(tables):
            columns = [
                name for name in expected.columns()[table] if name not in OF_THE_RUN.get(table, ())
            ]
            query = f"select {', '.join(columns)} from {table}"
            ours = _sorted(expected.rows(query))
            theirs = _sorted(connection.execute(query).fetchall())
            for difference in _differences(columns, ours, theirs):
                pytest.fail(f"{table}: {difference}")


def _differences(
    columns: list[str], ours: list[tuple[Any, ...]], theirs: list[tuple[Any, ...]]
) -> Iterator[str]:
    """The first row that differs, and the columns in which it does."""
    for mine, yours in zip(ours, theirs, strict=False):
        if mine != yours:
            cells: Mapping[str, tuple[Any, Any]] = {
                name: (one, other)
                for name, one, other in zip(columns, mine, yours, strict=True)
                if one != other
            }
            yield f"{len(ours)} and {len(theirs)} rows; in the row {mine[:4]} differ {cells}"
    if len(ours) != len(theirs):
        yield f"{len(ours)} rows and {len(theirs)}"


def _sorted(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted((tuple(map(_plain, row)) for row in rows), key=repr)


def _plain(value: Any) -> Any:
    """A cell with the precision that is promised: decimals exact, instants to the second, floats to
    nine digits, because sums of floats depend on the order of rows."""
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, Decimal):
        return value.normalize() + 0
    if isinstance(value, dt.datetime):
        return value.replace(microsecond=0, tzinfo=None)
    return value


if __name__ == "__main__":
    compare(Warehouse(Path(sys.argv[1])), Schemas(sys.argv[2], ""))
