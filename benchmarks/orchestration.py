"""What Dagster costs: `pipegen run` against `dbt build` on the same landed tables.

What belongs here: running both on one company, one after the other, and printing their seconds and
processor seconds, and the time to load the definitions. What does not: asserting any of it.

    python -m benchmarks.orchestration                     100,000 deals
    python -m benchmarks.orchestration --accounts 2000     another size
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pipegen import demo
from pipegen.project import PROJECT

# The size for which the project promises a speed, as in benchmarks.run.
ACCOUNTS = 62_000


def main() -> None:
    """Measure what the arguments ask for and print it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--accounts", type=int, default=ACCOUNTS, help="size of the company")
    parser.add_argument("--folder", type=Path, help="where to work; kept, where it is given")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        measure(arguments.folder or Path(scratch), arguments.accounts)


def measure(folder: Path, accounts: int) -> None:
    """Run both on a company with this many accounts, and print what each took."""
    company = folder / "company"
    if not company.exists():
        demo.generate(company, file_format="parquet", accounts=accounts)
    given = {
        "PIPEGEN_RAW": str(company / "raw"),
        "PIPEGEN_HOME": str(folder / "home"),
        "PIPEGEN_AS_OF": demo.AS_OF.isoformat(),
    }
    bin_ = Path(sys.executable).parent
    # Land once before measuring, so that the caches of the disk and of dbt are warm for both.
    timed([bin_ / "pipegen", "land"], given)
    dbt = timed(
        [
            bin_ / "dbt", "build", "--exclude-resource-type", "unit_test", "--quiet",
            "--vars", f"{{as_of: {demo.AS_OF}}}",
            "--target-path", str(folder / "target"), "--log-path", str(folder / "logs"),
        ],
        given,
    )  # fmt: skip
    land = timed([bin_ / "pipegen", "land"], given)
    whole = timed([bin_ / "pipegen", "run"], given)
    show("dbt build alone, with its tests", dbt)
    show("landing alone", land)
    show("pipegen run: all of it through Dagster, and publishing", whole)
    print(f"  pipegen run / dbt build: {whole[0] / dbt[0]:.2f} (processor {whole[1] / dbt[1]:.2f})")
    load = [sys.executable, "-c", "import pipegen.orchestration.location"]
    timed(load, given)
    show("loading the definitions, as Dagster does for its UI and for a run", timed(load, given))


def timed(command: list[object], given: dict[str, str]) -> tuple[float, float]:
    """The seconds and processor seconds of a command, which must succeed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.monotonic()
    subprocess.run(
        [str(word) for word in command],
        env={**os.environ, **given}, cwd=PROJECT, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    seconds = time.monotonic() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def show(what: str, took: tuple[float, float]) -> None:
    """Print one measurement."""
    print(f"  {took[0]:7.1f} s, of the processor {took[1]:7.1f} s: {what}", flush=True)


if __name__ == "__main__":
    main()
