"""What a whole run costs: rows, seconds per step, peak memory, and its ratio to its SQL.

What belongs here: generating companies of a given size, running `pipegen run` on them, and printing
what it took. What does not: asserting any of it: a timed test fails on a busy machine and passes on
a fast one.

    python -m benchmarks.run                     the demo's size, then 100,000 deals
    python -m benchmarks.run --accounts 620000   another size
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from pipegen import demo
from pipegen.project import PROJECT

# The demo's default size, and the size for which the project promises a speed: 100,000 deals, with
# a million rows of history and five million touches.
SIZES: dict[str, dict[str, object]] = {
    "demo": {},
    "100,000 deals": {
        "accounts": 62_000,
        "touches_per_opportunity": 50.0,
        "changes_per_opportunity": 10.0,
    },
}


def main() -> None:
    """Run the benchmarks that the arguments ask for and print what they took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--accounts", type=int, help="one company of this many accounts instead")
    parser.add_argument("--touches", type=float, help="touches per deal of that company")
    parser.add_argument("--folder", type=Path, help="where to work; kept, where it is given")
    arguments = parser.parse_args()
    sizes = SIZES
    if arguments.accounts:
        size: dict[str, object] = {"accounts": arguments.accounts}
        if arguments.touches:
            size["touches_per_opportunity"] = arguments.touches
        sizes = {f"{arguments.accounts:,} accounts": size}
    with tempfile.TemporaryDirectory() as scratch:
        for name, size in sizes.items():
            folder = (arguments.folder or Path(scratch)) / name.replace(" ", "_").replace(",", "")
            measure(name, size, folder)


def measure(name: str, size: dict[str, object], folder: Path) -> None:
    """Generate a company, run on it twice, and print the steps of the second run."""
    company = folder / "company"
    if not company.exists():
        started = time.monotonic()
        demo.generate(company, file_format="parquet", **size)
        print(f"\n{name}: generated in {time.monotonic() - started:.1f} s")
    home = folder / "home"
    for attempt in ("first run", "second run"):
        seconds, peak = run_once(company / "raw", home)
        print(f"{name}, {attempt}: {seconds:.1f} s, peak memory {peak / 2**30:.2f} GiB")
    show_steps(home, seconds)


def run_once(raw: Path, home: Path) -> tuple[float, int]:
    """Seconds and peak resident bytes of one `pipegen run`. Raises if it fails."""
    environment = {
        **os.environ,
        "PIPEGEN_RAW": str(raw),
        "PIPEGEN_HOME": str(home),
        "PIPEGEN_AS_OF": demo.AS_OF.isoformat(),
    }
    pipegen = str(Path(sys.executable).with_name("pipegen"))
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    started = time.monotonic()
    subprocess.run(
        [pipegen, "run"], env=environment, cwd=PROJECT, check=True, stdout=subprocess.DEVNULL
    )
    seconds = time.monotonic() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return seconds, max(before, after) * 1024


def show_steps(home: Path, whole: float) -> None:
    """Print rows and seconds of landing, of the models and tests, and of the slowest models."""
    results = json.loads((home / "target" / "run_results.json").read_text(encoding="utf-8"))
    nodes = [
        (result["execution_time"], result["unique_id"].split(".")[2], result["unique_id"])
        for result in results["results"]
    ]
    tests = sum(seconds for seconds, _, unique_id in nodes if unique_id.startswith("test."))
    models = sum(seconds for seconds, _, unique_id in nodes if not unique_id.startswith("test."))
    with duckdb.connect(str(home / "build" / "build.duckdb"), read_only=True) as build:
        counted = dict(
            build.execute(
                "select table_name, estimated_size from duckdb_tables() "
                "where not starts_with(schema_name, 'landed') and schema_name != 'carried'"
            ).fetchall()
        )
        landed = build.execute(
            "select table_name, rows_read, seconds from landed_audit.tables order by seconds desc"
        ).fetchall()
    landing = sum(seconds for _, _, seconds in landed)
    sql = landing + models + tests
    print(f"  landing {landing:.1f} s, {sum(rows for _, rows, _ in landed):,} rows read")
    print(f"  models and seeds {models:.1f} s, tests {tests:.1f} s, on two threads")
    print(f"  the whole run is {whole / sql:.2f} of the sum of its SQL ({sql:.1f} s)")
    print("  what costs most:")
    for seconds, name, _ in sorted(nodes, reverse=True)[:12]:
        print(f"    {seconds:7.2f} s  {counted.get(name, 0):>12,} rows  {name}")
    for name, rows, seconds in landed[:3]:
        print(f"    {seconds:7.2f} s  {rows:>12,} rows  landing {name}")


if __name__ == "__main__":
    main()
