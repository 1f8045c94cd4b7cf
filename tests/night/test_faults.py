"""What goes wrong at night. Whatever it is, what was published stays as it was, an alert names the
cause, nothing is left behind that would stop the next run, and the next run recovers."""

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pipegen.alerts import incidents
from pipegen.runs import run_log
from pipegen.runs.home import is_locked
from pipegen.runs.run_log import RunRecord
from tests.support.running import (
    Warehouse,
    copy_of_project,
    mounted,
    pipegen,
    run_of_copy,
    start,
)

WAITS = "retry_waits_seconds: [1, 2]\n"

WRITER = (
    "import duckdb, sys\n"
    "connection = duckdb.connect(sys.argv[1])\n"
    "print('open', flush=True)\n"
    "sys.stdin.readline()\n"
)


@dataclass
class Night:
    """One home, and what was seen of it while one thing after another went wrong."""

    home: Path
    settings: dict[str, object]
    said: dict[str, str] = field(default_factory=dict)
    untouched: dict[str, bool] = field(default_factory=dict)

    @property
    def warehouse(self) -> Path:
        return self.home / "warehouse.duckdb"

    def digest(self) -> str:
        return hashlib.sha256(self.warehouse.read_bytes()).hexdigest()

    def goes_wrong(self, what: str, run: Callable[[], str]) -> None:
        """Record the output of a run that goes wrong, and whether what is published is
        unchanged."""
        before = self.digest()
        self.said[what] = run()
        self.untouched[what] = self.digest() == before

    def runs(self) -> list[RunRecord]:
        return run_log.read(self.home)

    def causes(self) -> dict[str, str]:
        """The causes that alerts named, by what went wrong: one alert for each."""
        told = incidents.reported(self.home)
        assert len(told) == len(FAULTS), told
        return dict(zip(FAULTS, [f"{alert.kind}: {alert.cause}" for alert in told], strict=True))


FAULTS = ("locked", "vanished", "model", "killed")


def _writer(warehouse: Path) -> subprocess.Popen[str]:
    """Another program that has the warehouse open for writing, until it is told to let go."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(warehouse)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout
    assert process.stdout.readline().strip() == "open"
    return process


def _let_go(writer: subprocess.Popen[str]) -> None:
    assert writer.stdin
    writer.stdin.close()
    writer.wait(30)


def _locked(night: Night) -> str:
    writer = _writer(night.warehouse)
    try:
        done = pipegen("run", home=night.home, **night.settings)
    finally:
        _let_go(writer)
    assert done.returncode == 1, done.stdout
    return done.stdout + done.stderr


def _vanished(night: Night) -> str:
    """A raw file that is there when the run looks, and gone when it reads."""
    shutil.rmtree(night.home / "target", ignore_errors=True)
    file = Path(str(night.settings["raw"])) / "salesforce" / "opportunity_history.csv"
    content = file.read_bytes()
    process = start(night.home, **night.settings)
    _wait(lambda: (night.home / "target" / "manifest.json").exists(), process)
    file.unlink()
    said = process.communicate(timeout=300)[0]
    file.write_bytes(content)
    assert process.returncode == 1, said
    return said


def _model(night: Night, project: Path) -> str:
    """A model that dbt can't build."""
    copy_of_project(project)
    broken = project / "models" / "staging" / "salesforce" / "stg_salesforce__opportunities.sql"
    broken.write_text(broken.read_text().replace("from {{", "from nowhere, {{"))
    done = run_of_copy(project, home=night.home, **night.settings)
    assert done.returncode == 1, done.stdout
    return done.stdout + done.stderr


def _killed(night: Night) -> str:
    """A run that is killed while it builds."""
    process = start(night.home, **night.settings)
    assert process.stdout
    said = ""
    while "building" not in said:
        line = process.stdout.readline()
        assert line, said
        said += line
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(30)
    return said


def _wait(is_so: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 200
    while not is_so():
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture(scope="module")
def night(
    casebook_warehouse: Warehouse,
    casebook: dict[str, object],
    tmp_path_factory: pytest.TempPathFactory,
) -> Night:
    """A night in which everything goes wrong, and then a run that finds a loader at work."""
    folder = tmp_path_factory.mktemp("night")
    (folder / "home").mkdir()
    shutil.copy2(casebook_warehouse.path, folder / "home")
    shutil.copytree(str(casebook["raw"]), folder / "raw")
    shutil.copytree(str(casebook["seeds"]), folder / "seeds")
    with (folder / "seeds" / "settings.yml").open("a") as settings:
        settings.write(WAITS)
    given = {"raw": folder / "raw", "seeds": folder / "seeds", "as_of": casebook["as_of"]}
    night = Night(folder / "home", given)
    night.goes_wrong("locked", lambda: _locked(night))
    night.goes_wrong("vanished", lambda: _vanished(night))
    night.goes_wrong("model", lambda: _model(night, folder / "project"))
    night.goes_wrong("killed", lambda: _killed(night))
    night.said["healed"] = _healed(night)
    return night


def _healed(night: Night) -> str:
    """The next run: it finds the warehouse in use, waits, and goes on when that is over."""
    writer = _writer(night.warehouse)
    process = start(night.home, **night.settings)
    try:
        assert process.stdout
        said = ""
        while "Trying again" not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
    finally:
        _let_go(writer)
    said += process.communicate(timeout=300)[0]
    assert process.returncode == 0, said
    return said


@pytest.mark.parametrize("fault", FAULTS)
def test_what_was_published_stays_as_it_was(night: Night, fault: str) -> None:
    assert night.untouched[fault]


@pytest.mark.parametrize("fault", FAULTS)
def test_nobody_at_a_terminal_sees_a_traceback(night: Night, fault: str) -> None:
    assert "Traceback" not in night.said[fault]
    assert "dagster" not in night.said[fault].lower()


def test_a_locked_warehouse_is_tried_again_after_longer_and_longer_waits(night: Night) -> None:
    tries = [line for line in night.said["locked"].splitlines() if "Trying again" in line]
    assert [line.split("Trying again in ")[1] for line in tries] == ["1 s.", "2 s."]
    assert night.said["locked"].splitlines()[-1].startswith(
        f"pipegen: the published warehouse {night.warehouse} is open in another program ("
    )


def test_a_failed_rule_and_a_missing_file_are_not_tried_again(night: Night) -> None:
    for fault in ("vanished", "model"):
        assert "Trying again" not in night.said[fault]
        assert len(re.findall(r"landed \d+ of", night.said[fault])) <= 1


def test_the_alert_names_the_cause(night: Night) -> None:
    causes = night.causes()
    open_elsewhere = f"the published warehouse {night.warehouse} is open in another program ("
    assert causes["locked"].startswith(f"run_failed: {open_elsewhere}")
    assert causes["locked"].endswith("close it there.")
    assert causes["vanished"].startswith("run_failed: ")
    assert "opportunity_history.csv" in causes["vanished"]
    assert causes["model"].startswith("run_refused: model stg_salesforce__opportunities: ")
    assert "nowhere" in causes["model"]
    assert causes["killed"].startswith("run_died: process ")


def test_the_next_run_heals_and_no_lock_is_left(night: Night) -> None:
    assert not is_locked(night.home)
    found = Warehouse(night.warehouse)
    days = found.rows("select distinct as_of_date from audit.run_headlines")
    assert [str(day) for (day,) in days] == [night.settings["as_of"]]


def test_every_run_is_in_the_warehouse_with_how_it_ended_and_what_it_cost(night: Night) -> None:
    found = Warehouse(night.warehouse)
    runs = found.rows(
        "select status, failed_step, rows_in > 500, rows_out > 1000, passed_count > 300, "
        "duration_seconds > 0 from audit.runs order by started_at desc limit 5"
    )
    assert runs == [
        ("published", None, True, True, True, True),
        ("died", None, None, None, None, None),
        ("refused", "build", True, None, False, True),
        ("failed", "land", None, None, None, True),
        ("failed", "land", None, None, None, True),
    ]
    last = found.one("select max_by(run_id, started_at) from audit.runs")
    built = f"(from audit.run_costs where run_id = '{last}' and step = 'build')"
    costs = found.table(built, "node")
    models = found.rows(
        "select schema_name || '.' || table_name from duckdb_tables() "
        "where schema_name in ('core', 'marts', 'audit')"
    )
    assert {table for (table,) in models} <= set(costs)
    assert costs["core.fct_opportunities"]["row_count"] == found.one(
        "select count(*) from core.fct_opportunities"
    )
    assert all(cost["duration_seconds"] > 0 for cost in costs.values())


def test_the_last_thirty_runs_are_drawn(night: Night) -> None:
    drawn = (night.home / "runs" / "last_thirty.svg").read_text(encoding="utf-8")
    assert drawn.startswith("<svg")
    assert drawn.count("<rect") >= 3
    for word in ("published", "refused", "failed"):
        assert word in drawn


def test_a_full_disk_leaves_the_warehouse_as_it_was_and_is_no_harm_once_it_is_free(
    casebook_warehouse: Warehouse, casebook: dict[str, object], tmp_path: Path
) -> None:
    with mounted(tmp_path / "disk", "size=200m") as disk:
        home = disk / "home"
        home.mkdir()
        shutil.copy2(casebook_warehouse.path, home)
        before = hashlib.sha256((home / "warehouse.duckdb").read_bytes()).hexdigest()
        free = shutil.disk_usage(disk).free
        (disk / "filler").write_bytes(b"\0" * (free - 3_000_000))
        done = pipegen("run", home=home, **casebook)
        assert done.returncode == 1, done.stdout
        assert "No space left on device" in done.stdout + done.stderr
        after = hashlib.sha256((home / "warehouse.duckdb").read_bytes()).hexdigest()
        assert after == before
        [record] = run_log.read(home)
        assert record.status in ("failed", "refused")
        assert "No space left" in str(record.cause)
        [alert] = incidents.reported(home)
        assert "No space left" in alert.cause
        (disk / "filler").unlink()
        done = pipegen("run", home=home, **casebook)
        assert done.returncode == 0, done.stdout + done.stderr
