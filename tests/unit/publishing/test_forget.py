"""What a bad night taught is forgotten once, and only what it taught."""

import datetime as dt
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from pipegen.cli.commands import main
from pipegen.publishing import carry
from pipegen.runs import run_log
from pipegen.runs.last import last_trouble
from pipegen.runs.run_log import RunRecord

GOOD, BAD = dt.date(2026, 5, 19), dt.date(2026, 5, 20)
NOON = dt.datetime(2026, 5, 21, 12, tzinfo=dt.UTC)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home that published what two days taught."""
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        connection.execute("create schema audit; create schema marts")
        connection.execute(
            "create table audit.opportunity_created_dates as select * from (values "
            f"('O1', timestamp '2026-05-01 10:00:00', date '{GOOD}'), "
            f"('O2', timestamp '2026-01-01 00:00:00', date '{BAD}'), "
            f"('O3', timestamp '2026-01-01 00:00:00', date '{BAD}')) "
            "as seen (opportunity_id, created_at, seen_on)"
        )
    return tmp_path


def _forget(home: Path, day: dt.date) -> tuple[int, str]:
    done = CliRunner().invoke(
        main, ["forget", "created-dates", "--seen-on", str(day), "--home", str(home)]
    )
    return done.exit_code, done.output


def _carried(home: Path) -> list[str]:
    with duckdb.connect() as build:
        carry(build, home / "warehouse.duckdb", run_log.to_forget(run_log.read(home)))
        rows = build.execute(
            "select opportunity_id from carried.opportunity_created_dates order by 1"
        )
        return [deal for (deal,) in rows.fetchall()]


def test_the_next_run_leaves_behind_what_that_day_taught(home: Path) -> None:
    assert _carried(home) == ["O1", "O2", "O3"]
    assert _forget(home, BAD) == (
        0, f"2 created dates first seen as of {BAD} are forgotten with the next run.\n"
    )  # fmt: skip
    assert _carried(home) == ["O1"]


def test_it_is_in_the_log_of_runs_and_is_no_trouble(home: Path) -> None:
    _forget(home, BAD)
    [record] = run_log.read(home)
    assert record.forgotten_on == BAD
    assert {name: record.published()[name] for name in ("kind", "status", "cause")} == {
        "kind": "forget",
        "status": "done",
        "cause": f"forgotten: 2 created dates first seen as of {BAD}",
    }
    assert last_trouble(home) is None


@pytest.mark.parametrize(
    ("kind", "status", "kept"),
    [("refresh", "published", 3), ("refresh", "refused", 1), ("week", "published", 1)],
)
def test_a_day_is_forgotten_by_the_run_that_publishes_next_alone(
    home: Path, kind: str, status: str, kept: int
) -> None:
    """What is learned later on a day of the same date stays."""
    _forget(home, BAD)
    run = RunRecord.begun(kind, NOON)
    run.end(status, NOON)
    run_log.append(home, run)
    assert len(_carried(home)) == kept


def test_a_day_that_taught_nothing_is_refused_with_those_that_did(home: Path) -> None:
    code, words = _forget(home, dt.date(2026, 5, 18))
    assert code == 1
    assert words == (
        f"pipegen: no created date was first seen as of 2026-05-18 (nearest: {GOOD}, {BAD}): name "
        "an as-of day of a run that published, as in seen_on of audit.opportunity_created_dates.\n"
    )
    assert run_log.read(home) == []


def test_where_nothing_is_published_nothing_is_forgotten(tmp_path: Path) -> None:
    code, words = _forget(tmp_path, BAD)
    assert (code, words) == (
        1, f"pipegen: nothing is published in {tmp_path}: there is nothing to forget.\n"
    )  # fmt: skip
