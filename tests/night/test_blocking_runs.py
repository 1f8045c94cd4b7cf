"""Runs that must not be published: yesterday's warehouse stays published, and one message says
so."""

import csv
import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from tests.support.hooks import Hook
from tests.support.running import Warehouse, pipegen

Row = dict[str, str]

# The end of the demo's last day, less three days.
STALE_SINCE = "2026-05-18T00:00:00Z"


def _rewrite(path: Path, change: Callable[[int, Row], Row | None]) -> None:
    """Change the rows of a raw table, or drop those for which nothing is returned."""
    with path.open(newline="", encoding="utf-8") as handle:
        reader = csv.DictReader(handle)
        rows = [change(number, row) for number, row in enumerate(reader)]
        names = list(reader.fieldnames or ())
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(row for row in rows if row is not None)


def _no_dates(raw: Path) -> None:
    _rewrite(
        raw / "salesforce" / "opportunity.csv",
        lambda number, row: row | {"created_date": ""} if number % 2 else row,
    )


def _a_tenth(raw: Path) -> None:
    _rewrite(
        raw / "salesforce" / "task.csv", lambda number, row: None if number % 10 else row
    )


def _stale(raw: Path) -> None:
    _rewrite(
        raw / "salesforce" / "opportunity_history.csv",
        lambda _, row: row if row["created_date"] < STALE_SINCE else None,
    )


BROKEN = {
    "half the opportunities lack a created date": (_no_dates, "created_date_often_missing"),
    "a table is a tenth of yesterday's": (_a_tenth, "row_count_dropped"),
    "the history is stale by three days": (_stale, "history_stale"),
}


@pytest.fixture
def hooks() -> Iterator[dict[str, Hook]]:
    found = {"alerts_ops": Hook(), "alerts_revops": Hook()}
    yield found
    for hook in found.values():
        hook.close()


def _home(demo_warehouse: Warehouse, tmp_path: Path) -> tuple[Path, Path]:
    """A home in which the demo was published, and a copy of its raw tables."""
    home = tmp_path / "home"
    home.mkdir()
    shutil.copy(demo_warehouse.path, home)
    raw = tmp_path / "raw"
    shutil.copytree(demo_warehouse.path.parent / "demo" / "raw", raw)
    return home, raw


def _told(hooks: Iterable[Hook]) -> list[list[str]]:
    return [[letter["message"] for letter in hook.received] for hook in hooks]


@pytest.mark.parametrize("what", BROKEN)
def test_what_blocks_leaves_yesterdays_warehouse_in_place_and_is_reported_once(
    what: str, demo_warehouse: Warehouse, tmp_path: Path, hooks: dict[str, Hook]
) -> None:
    breaks, rule = BROKEN[what]
    home, raw = _home(demo_warehouse, tmp_path)
    breaks(raw)
    before = sha256((home / "warehouse.duckdb").read_bytes()).hexdigest()
    urls = {name: hook.url for name, hook in hooks.items()}
    done = pipegen("run", home=home, raw=raw, as_of="2026-05-20", **urls)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert f"expectation {rule}" in " ".join(done.stdout.split())
    assert sha256((home / "warehouse.duckdb").read_bytes()).hexdigest() == before
    for messages in _told(hooks.values()):
        [message] = messages
        assert rule in message and "Nothing was published" in message
        assert not [other for _, other in BROKEN.values() if other != rule and other in message]
    state = json.loads((home / "alerts" / "state.json").read_text())
    assert {one["told"]["status"] for one in state["destinations"].values()} == {"blocked"}
    if rule == "row_count_dropped":
        _accept(home, raw, hooks)


def _accept(home: Path, raw: Path, hooks: dict[str, Hook]) -> None:
    """What is accepted by name is published and the recovery reported; the finding stays on
    record."""
    urls = {name: hook.url for name, hook in hooks.items()}
    settings = {"raw": raw, "as_of": "2026-05-20", "accept": "row_count_dropped:salesforce.task"}
    done = pipegen("run", home=home, **settings, **urls)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "tries again" not in done.stdout, done.stdout
    ops, revops = _told(hooks.values())
    assert len(ops) == len(revops) == 2
    assert "works again" in ops[1]
    assert "row_count_dropped" not in ops[1]
    # The finding stays open: accepted is not repaired.
    published = Warehouse(home / "warehouse.duckdb")
    assert published.rows(
        "select record_id, severity from marts.hygiene_findings "
        "where is_open and rule = 'row_count_dropped'"
    ) == [("salesforce.task", "block")]
