"""What the review packet costs: composing and writing it from a published warehouse.

What belongs here: seconds and bytes of a packet, including imports, with `pipegen packet`. What
does not: the run before it (`benchmarks.run`). The project promises ten seconds for the demo
company.

    python -m benchmarks.packet                            the demo company, run once before
    python -m benchmarks.packet --warehouse FILE           another published warehouse
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.orchestration import show, timed


def main() -> None:
    """Measure what the arguments ask for and print it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--warehouse", type=Path, help="a published warehouse; the demo's if none")
    parser.add_argument("--times", type=int, default=3, help="how many packets, one after another")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        if arguments.warehouse:
            shutil.copy(arguments.warehouse, home / "warehouse.duckdb")
        measure(home, arguments.times)


def measure(home: Path, times: int) -> None:
    """Write the packet of the home's warehouse `times` times, and print what each took."""
    pipegen = Path(sys.executable).parent / "pipegen"
    given = {"PIPEGEN_HOME": str(home)}
    if not (home / "warehouse.duckdb").exists():
        timed([pipegen, "run"], given)
    for _ in range(times):
        shutil.rmtree(home / "review", ignore_errors=True)
        took = timed([pipegen, "packet"], given)
        page = (home / "review" / "latest" / "index.html").stat().st_size
        show(f"pipegen packet, a page of {page / 1024:,.0f} KiB", took)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"benchmarks.packet: {error}")
