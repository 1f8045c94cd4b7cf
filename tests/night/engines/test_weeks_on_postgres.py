"""A past week run again on a server: the ledger gains its lines, the review its warehouse, and what
is published of a later day stays. A failure sets everybody's numbers back by weeks."""

import datetime as dt
import json
import os
from pathlib import Path

import pytest

from pipegen import transform
from pipegen.orchestration import graph
from pipegen.runs import steps
from pipegen.runs.run import Run
from pipegen.settings import Settings
from pipegen.warehouses import Schemas, open_database
from tests.support.running import pipegen

SUNDAY = dt.date(2026, 5, 10)


class _Silent:
    def step(self, words: str) -> None: ...

    def table(self, words: str) -> None: ...

    def node(self, done: int, total: int, name: str) -> None: ...


def _one(prefix: str, sql: str) -> object:
    with open_database(Schemas("postgres", prefix)) as connection:
        [(value,)] = connection.execute(sql).fetchall()
    return value


@pytest.mark.postgres
@pytest.mark.slow
def test_a_past_week_leaves_the_later_day_as_it_is_and_fills_review_and_ledger(
    casebook: dict[str, object],
    database: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = tmp_path / "home"
    settings = casebook | {"target": "postgres"}
    done = pipegen("run", home=home, **settings)
    assert done.returncode == 0, done.stdout + done.stderr
    views = "select sum(amount) from marts.pipeline_views"
    before = _one("", views)
    lines = _one("", "select count(*) from marts.reported_numbers")

    for name, value in (settings | {"home": home}).items():
        monkeypatch.setenv(f"PIPEGEN_{name.upper()}", str(value))
    run = Run(Settings.of(os.environ).as_of(SUNDAY), _Silent(), kind="week")
    try:
        steps.step_land(run)
        steps.step_check_landed(run)
        assert not steps.step_build(run).failures
        manifest = json.loads((home / "target" / "manifest.json").read_text(encoding="utf-8"))
        steps.step_publish_week(run, graph.of_all_runs(manifest))
    finally:
        run.end()
        transform._close_build_file()

    assert _one("", views) == before
    assert _one("", "select max(as_of_date) from marts.pipeline_views") == casebook_day(casebook)
    assert int(str(_one("", "select count(*) from marts.reported_numbers"))) > int(str(lines))
    assert _one("review_", "select max(as_of_date) from marts.pipeline_views") == SUNDAY
    assert any(path.name.startswith(str(SUNDAY)) for path in (home / "review").iterdir())


def casebook_day(casebook: dict[str, object]) -> dt.date:
    return dt.date.fromisoformat(str(casebook["as_of"]))
