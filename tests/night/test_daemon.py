"""A real daemon over a home of its own: it starts what the schedule says, and a killed run is
reported and run again. A failure means a night without a refresh that nobody notices."""

import contextlib
import datetime as dt
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pytest

from pipegen.alerts import incidents
from pipegen.orchestration import serve
from pipegen.runs import run_log
from pipegen.runs.home import is_locked
from pipegen.runs.run_log import RunRecord
from pipegen.settings import Settings
from tests.support.running import COMMAND, PROJECT, Warehouse, environment

# Seconds: five times what it takes on two idle cores, because they may be busy.
PATIENCE = 900


@dataclass
class Daemon:
    """A home, the environment of Dagster's processes over it, and its daemon."""

    home: Path
    raw: Path
    seeds: Path
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None

    def dagster(self, *arguments: str) -> None:
        """Run a Dagster command to its end, as a user types it, in any folder."""
        given = {name: value for name, value in self.environment.items() if name != "DAGSTER_HOME"}
        done = subprocess.run(
            [*COMMAND, "dagster", *arguments],
            cwd=self.home, env=given, capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr

    def schedule(self) -> None:
        """Switch the nightly schedule on, due in the next whole minute or two."""
        own = self.seeds / "settings.yml"
        others = own.read_text(encoding="utf-8")
        due, verb = dt.datetime.min.replace(tzinfo=dt.UTC), "start"
        # On a slow machine the minute is over before the schedule is on: then it is the next.
        while due <= dt.datetime.now(dt.UTC):
            due = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=2)
            due = due.replace(second=0, microsecond=0)
            own.write_text(f'{others}nightly_at: "{due:%H:%M}"\n', encoding="utf-8")
            self.dagster("schedule", verb, "nightly")
            verb = "restart"

    def start(self) -> None:
        """Start the daemon in the project's folder; its output is kept in the home."""
        with (self.home / "daemon.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "dagster._daemon", "run"],
                cwd=PROJECT, env=self.environment, stdout=log, stderr=log,
            )  # fmt: skip

    def instance(self) -> dg.DagsterInstance:
        return dg.DagsterInstance.from_config(str(self.home / "dagster"))

    def runs(self) -> list[RunRecord]:
        return run_log.read(self.home)

    def wait(self, is_so: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not is_so():
            assert self.process is not None
            assert time.monotonic() < deadline, f"not {what} in time:\n{self.said()}"
            time.sleep(0.5)

    def said(self) -> str:
        return (self.home / "daemon.log").read_text(errors="replace")[-6000:]

    def ended(self, count: int) -> bool:
        return sum(run.status != "running" for run in self.runs()) >= count

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(60)
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait(30)


@pytest.fixture
def daemon(
    casebook_warehouse: Warehouse, casebook: dict[str, object], tmp_path: Path
) -> Iterator[Daemon]:
    """A home with the published casebook, prepared for Dagster."""
    home = tmp_path / "home"
    home.mkdir()
    shutil.copy2(casebook_warehouse.path, home)
    shutil.copytree(str(casebook["raw"]), tmp_path / "raw")
    shutil.copytree(str(casebook["seeds"]), tmp_path / "seeds")
    with (tmp_path / "seeds" / "settings.yml").open("a") as settings:
        settings.write("raw_still_seconds: 1\n")
    given = environment(
        home, raw=tmp_path / "raw", seeds=tmp_path / "seeds", as_of=casebook["as_of"]
    )
    with pytest.MonkeyPatch.context() as patch:
        for name, value in given.items():
            patch.setenv(name, value)
        prepared = serve.prepare(Settings.of(given))
    one = Daemon(home, tmp_path / "raw", tmp_path / "seeds", prepared)
    try:
        yield one
    finally:
        one.stop()
        for run in one.runs():
            if run.status == "running" and run.process_id:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(run.process_id, signal.SIGKILL)


def test_the_daemon_runs_what_the_schedule_says_and_publishes(daemon: Daemon) -> None:
    before = daemon.home / "warehouse.duckdb"
    inode = before.stat().st_ino
    daemon.schedule()
    daemon.start()
    daemon.wait(lambda: daemon.ended(1), "run")
    [record] = daemon.runs()
    assert record.status == "published", record.cause
    assert before.stat().st_ino != inode
    with daemon.instance() as instance:
        daemon.wait(
            lambda: all(run.is_finished for run in instance.get_runs()), "known to Dagster"
        )
        [run] = instance.get_runs()
        assert (run.status, run.job_name) == (dg.DagsterRunStatus.SUCCESS, "nightly_refresh")
        assert run.tags["dagster/schedule_name"] == "nightly"
        assert run.run_id == record.dagster_run_id
        made = instance.get_latest_materialization_event(
            dg.AssetKey(["marts", "pipeline_bridge"])
        )
        assert made is not None
        assert made.asset_materialization.metadata["dagster/row_count"].value == Warehouse(
            before
        ).one("select count(*) from marts.pipeline_bridge")
        key = dg.AssetCheckKey(dg.AssetKey(["marts", "pipeline_bridge"]), "assert_bridge_adds_up")
        latest = instance.event_log_storage.get_latest_asset_check_execution_by_key([key])
        assert latest[key].status.value == "SUCCEEDED"


@pytest.mark.slow
def test_a_killed_worker_and_a_killed_daemon_are_reported_and_recovered(daemon: Daemon) -> None:
    """New files start a run. Its worker is killed, and it is run again. The daemon is killed during
    the second run, which goes on; the next daemon starts without trouble."""
    published = daemon.home / "warehouse.duckdb"
    before = published.read_bytes()
    daemon.dagster("sensor", "start", "raw_files")
    daemon.start()
    daemon.wait(lambda: bool(daemon.runs()) and _lands(daemon), "landing new files")
    [killed] = daemon.runs()
    assert killed.process_id
    os.kill(killed.process_id, signal.SIGKILL)
    assert published.read_bytes() == before
    daemon.wait(lambda: len(daemon.runs()) == 2, "made again")
    assert daemon.runs()[0].status == "died"
    [alert] = incidents.reported(daemon.home)
    assert (alert.kind, f"process {killed.process_id} was killed" in alert.cause) == (
        "run_died", True
    )  # fmt: skip
    daemon.wait(lambda: _lands(daemon), "landing again")
    assert daemon.process is not None
    daemon.process.kill()
    daemon.process.wait(30)
    daemon.wait(lambda: daemon.ended(2), "ended without a daemon")
    assert daemon.runs()[1].status in ("published", "failed")
    user = daemon.raw / "salesforce" / "user.csv"
    os.utime(user)
    daemon.start()
    daemon.wait(lambda: daemon.ended(3), "run by the next daemon")
    assert daemon.runs()[2].status == "published", daemon.runs()[2].cause


def _lands(daemon: Daemon) -> bool:
    """Whether the current run has written to its build file."""
    build = daemon.home / "build" / "build.duckdb"
    return is_locked(daemon.home) and build.exists() and build.stat().st_size > 100_000
