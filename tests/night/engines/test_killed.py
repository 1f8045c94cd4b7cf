"""Runs on a server are killed: the last whole run stays published, and the next run needs nobody's
help. A failure means that one morning BI shows half a night's run."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.night.engines.test_parity import _compare_apart
from tests.support.running import Warehouse, environment, pipegen, start
from tests.support.servers import executors, spark_cluster

EARLIER = "2026-03-31"
POINTS = 10
RUN_SECONDS = 1_800

# Queries in a process of its own, as BI does: the as-of day of each mart that has one.
DAYS = """
import json, sys
from pipegen.warehouses import Schemas, open_database, relations
found = Schemas(sys.argv[1], "")
days = {}
with open_database(found) as connection:
    for table in sorted(relations(found)):
        if table in %r:
            rows = connection.execute(f"select count(*), max(as_of_date) from {table}").fetchall()
            days[table] = [rows[0][0], str(rows[0][1])]
print(json.dumps(days))
"""
DATED = (
    "audit.run_headlines", "marts.double_counting", "marts.mql_pacing", "marts.pipeline_bridge",
    "marts.pipeline_coverage", "marts.pipeline_views", "marts.reconciled_pipeline",
    "marts.stage_distribution",
)  # fmt: skip


def _days(target: str, home: Path) -> dict[str, list[object]]:
    done = subprocess.run(
        [sys.executable, "-c", DAYS % (DATED,), target],
        env=environment(home), capture_output=True, text=True,
        check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _published(home: Path, **settings: object) -> float:
    started = time.monotonic()
    done = pipegen("run", home=home, seconds=RUN_SECONDS, **settings)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return time.monotonic() - started


@contextlib.contextmanager
def _started(home: Path, **settings: object) -> Iterator[subprocess.Popen[str]]:
    process = start(home, **settings)
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        if process.stdout and not process.stdout.closed:
            process.communicate()


@pytest.mark.postgres
@pytest.mark.slow
def test_killed_at_ten_points_postgres_serves_the_last_whole_run_and_the_next_one_heals(
    casebook: dict[str, object], database: dict[str, str], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    settings = casebook | {"target": "postgres"}
    duration = _published(home, **settings)
    whole = _days("postgres", home)
    assert {day for _, day in whole.values()} == {str(casebook["as_of"])}
    assert all(count for count, _ in whole.values())
    for point in range(POINTS):
        with _started(home, **settings | {"as_of": EARLIER}):
            time.sleep(duration * (point + 0.5) / POINTS)
        found = _days("postgres", home)
        days = {day for _, day in found.values()}
        assert found == whole or days == {EARLIER}, f"killed at point {point}: {found}"
        whole = found
    _published(home, **settings)
    assert {day for _, day in _days("postgres", home).values()} == {str(casebook["as_of"])}


@pytest.mark.spark
@pytest.mark.slow
def test_killed_at_ten_points_spark_serves_the_last_whole_run_and_the_next_one_heals(
    casebook: dict[str, object], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    settings = casebook | {"target": "spark"}
    duration = _published(home, **settings)
    whole = _days("spark", home)
    assert {day for _, day in whole.values()} == {str(casebook["as_of"])}
    assert all(count for count, _ in whole.values())
    # Publishing itself is killed at each of its statements in test_spark_publish.py.
    points = [duration * (number + 0.5) / POINTS for number in range(POINTS)]
    for point in points:
        with (
            _started(home, **settings | {"as_of": EARLIER}) as run,
            contextlib.suppress(subprocess.TimeoutExpired),
        ):
            run.wait(timeout=point)
        found = _days("spark", home)
        days = {day for _, day in found.values()}
        assert found == whole or days == {EARLIER}, f"killed after {point} s: {found}"
        whole = found
    _published(home, **settings)
    assert {day for _, day in _days("spark", home).values()} == {str(casebook["as_of"])}


@pytest.mark.spark
@pytest.mark.slow
def test_a_run_on_a_cluster_survives_the_loss_of_ten_executors(
    casebook: dict[str, object], casebook_warehouse: Warehouse, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    with spark_cluster(tmp_path / "cluster") as cluster:
        settings = casebook | {
            "target": "spark", "spark_master": cluster["PIPEGEN_SPARK_MASTER"],
        }  # fmt: skip
        with _started(home, **settings) as run:
            killed = 0
            deadline = time.monotonic() + RUN_SECONDS
            while run.poll() is None and time.monotonic() < deadline:
                time.sleep(12)
                if killed < POINTS and (found := executors()):
                    os.kill(found[killed % len(found)], signal.SIGKILL)
                    killed += 1
            said = run.communicate()[0]
            assert run.returncode == 0, said
        assert killed == POINTS, f"only {killed} executors were killed in the run's time"
        _compare_apart(casebook_warehouse, "spark", home)
