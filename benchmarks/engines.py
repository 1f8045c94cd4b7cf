"""What the same run costs on each engine: seconds, memory, and the ratio to DuckDB.

What belongs here: running `pipegen run` on one company on each engine in turn, and measuring the
memory of all processes involved. What does not: starting a server.

    python -m benchmarks.engines --accounts 62000 --engines duckdb postgres spark

Postgres is the server that libpq's variables name, on this machine; what is published there gets
replaced. Spark is the session of PIPEGEN_SPARK_MASTER.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from benchmarks.run import SIZES
from pipegen import demo
from pipegen.project import PROJECT
from pipegen.runs import run_log
from pipegen.settings import TARGETS

# Processes that work for a run but were not started by it.
SERVERS = ("postgres",)

_STEPS = ("land", "build")


def main() -> None:
    """Run what the arguments ask for, and print one line per run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--accounts", type=int, help="size of the company [100,000 deals]")
    parser.add_argument("--engines", nargs="+", choices=TARGETS, default=list(TARGETS))
    parser.add_argument("--runs", type=int, default=2, help="runs of each engine [2]")
    parser.add_argument("--folder", type=Path, help="where to work; kept, where it is given")
    arguments = parser.parse_args()
    size = dict(SIZES["100,000 deals"])
    if arguments.accounts:
        size = {"accounts": arguments.accounts}
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.folder or Path(scratch)
        company = folder / "company"
        if not company.exists():
            started = time.monotonic()
            demo.generate(company, file_format="parquet", **size)
            print(f"generated in {time.monotonic() - started:.1f} s", flush=True)
        compare(company / "raw", folder, arguments.engines, arguments.runs)


def compare(raw: Path, folder: Path, engines: list[str], runs: int) -> None:
    """Run on each engine in turn, `runs` times each, and print what each run took."""
    base = 0.0
    for engine in engines:
        home = folder / f"home-{engine}"
        for attempt in range(1, runs + 1):
            seconds, peak = run_once(raw, home, engine)
            base = base or seconds
            record = run_log.read(home)[-1]
            spent = {
                step: sum(cost["duration_seconds"] for cost in record.costs if cost["step"] == step)
                for step in _STEPS
            }
            print(
                f"{engine}, run {attempt}: {seconds:.1f} s ({seconds / base:.2f} of the first "
                f"engine's first), landing {spent['land']:.1f} s, models {spent['build']:.1f} s on "
                f"two threads, {record.rows_in:,} rows in, {record.rows_out:,} out, "
                f"peak memory {peak / 2**30:.2f} GiB",
                flush=True,
            )
        for cost in sorted(record.costs, key=lambda cost: -cost["duration_seconds"])[:8]:
            print(f"    {cost['duration_seconds']:7.2f} s  {cost['row_count'] or 0:>12,} rows  "
                  f"{cost['step']} {cost['node']}", flush=True)


def run_once(raw: Path, home: Path, engine: str) -> tuple[float, int]:
    """Seconds and peak bytes of one `pipegen run`, including its server. Raises if it fails."""
    environment = {
        **os.environ,
        "PIPEGEN_RAW": str(raw),
        "PIPEGEN_HOME": str(home),
        "PIPEGEN_TARGET": engine,
        "PIPEGEN_AS_OF": demo.AS_OF.isoformat(),
    }
    pipegen = str(Path(sys.executable).with_name("pipegen"))
    started = time.monotonic()
    with subprocess.Popen(
        [pipegen, "run"], env=environment, cwd=PROJECT, stdout=subprocess.DEVNULL
    ) as process:
        peak = Peak(process.pid)
        status = process.wait()
        seconds = time.monotonic() - started
        peak.end()
    if status:
        raise SystemExit(f"{engine}: the run ended with {status}")
    return seconds, peak.bytes


class Peak:
    """The peak memory of a process, its children and the servers together.

    A page that several processes share is counted only once (PSS).
    """

    def __init__(self, pid: int) -> None:
        self.bytes = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, args=(pid,), daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Stop measuring."""
        self._over.set()
        self._thread.join()

    def _watch(self, pid: int) -> None:
        while not self._over.wait(0.5):
            self.bytes = max(self.bytes, sum(_held(one) for one in _working(pid)))


def _working(pid: int) -> Iterator[psutil.Process]:
    try:
        run = psutil.Process(pid)
        yield run
        yield from run.children(recursive=True)
    except psutil.NoSuchProcess:
        return
    for process in psutil.process_iter(["name"]):
        if process.info["name"] in SERVERS:
            yield process


def _held(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.Error:
        return 0


if __name__ == "__main__":
    main()
