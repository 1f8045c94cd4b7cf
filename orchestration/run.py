"""A run: land, carry, build, audit, publish.

What belongs here: the steps in their order, and what is left behind when one fails. What does not:
how a step does its work.
"""

import contextlib
import dataclasses
import datetime as dt
import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import duckdb

import demo
import landing
from landing.errors import PipegenError
from landing.seeds import check_seeds
from landing.settings import read_settings
from orchestration import transform
from orchestration.packages import install_packages
from orchestration.settings import Settings, as_of_day, company_vars
from publishing import carry, publish
from publishing.export import export_map_feedback
from publishing.publish import discard


class Reporter(Protocol):
    """Whoever wants to know how far a run is."""

    def step(self, words: str) -> None:
        """A step begins, or has something to say."""

    def table(self, words: str) -> None:
        """A raw table is landed."""

    def node(self, done: int, total: int, name: str) -> None:
        """A model, seed or test is done."""



@dataclasses.dataclass(frozen=True)
class Plan:
    """A run that passed every check that needs no data: what will be read, as of when."""

    settings: Settings
    source: landing.RawSource
    vars: dict[str, Any]
    as_of: dt.date


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What a run did. `is_published` is false when a test or a model failed."""

    as_of: dt.date
    built: transform.Built
    is_published: bool


def plan(settings: Settings, reporter: Reporter) -> Plan:
    """Check settings, seeds and raw tables before anything is built.

    Raises `PipegenError` with everything that is wrong.
    """
    check_seeds(settings.seeds)
    vars_ = read_settings(settings.seeds, company_vars())
    default_day = demo.AS_OF if settings.is_demo else None
    as_of = as_of_day(
        settings.as_of_text, default=default_day, timezone=vars_["business_timezone"]
    )
    make_home(settings.home)
    if settings.is_demo:
        generate_demo(settings, reporter)
    source = landing.open_source(settings.raw, settings.warehouse)
    landing.check(source, custom_columns=vars_["custom_columns"])
    return Plan(settings, source, transform.run_vars(settings, vars_, as_of), as_of)


def generate_demo(settings: Settings, reporter: Reporter, **size: Any) -> None:
    """Generate the demo company's raw tables, unless they are there and no size was asked for.

    `size` is what `demo.generate` takes. Written aside and renamed, so that a killed run leaves
    no half a company.
    """
    if settings.demo.exists() and not size:
        return
    reporter.step("generating the demo company")
    unfinished = settings.demo.with_name("demo.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    demo.generate(unfinished, **size)
    shutil.rmtree(settings.demo, ignore_errors=True)
    unfinished.rename(settings.demo)


def land(plan_: Plan, reporter: Reporter) -> list[landing.TableReport]:
    """Land the raw tables and the carried state in a new build file.

    Raises `PipegenError` for files that can't be read as tables.
    """
    build = plan_.settings.build
    build.parent.mkdir(parents=True, exist_ok=True)
    discard(build)
    shutil.rmtree(build.with_name(build.name + ".tmp"), ignore_errors=True)
    with contextlib.closing(connect(build)) as connection:
        reports = landing.land(
            connection,
            plan_.source,
            custom_columns=plan_.vars["custom_columns"],
            business_timezone=plan_.vars["business_timezone"],
            progress=reporter.table,
        )
        carry(connection, plan_.settings.warehouse)
    present = [report for report in reports if report.is_present]
    reporter.step(
        f"landed {len(present)} of {len(reports)} tables: "
        f"{sum(report.rows_read for report in present):,} rows, "
        f"{sum(report.rows_set_aside for report in present):,} set aside"
    )
    return reports


def run(settings: Settings, reporter: Reporter) -> Outcome:
    """Land, build, audit and, if nothing failed, publish.

    Raises `PipegenError` where a step could not be done at all; the published warehouse is as it
    was then, as it is after a test that failed.
    """
    make_home(settings.home)
    with only_run(settings.home):
        plan_ = plan(settings, reporter)
        install_packages()
        land(plan_, reporter)
        reporter.step("building")
        built = transform.transform(settings, plan_.vars, reporter.node)
        if built.failures:
            return Outcome(plan_.as_of, built, is_published=False)
        reporter.step("publishing")
        for view in publish(settings.build, settings.warehouse):
            reporter.step(f"the view {view} is left out: what it reads is no longer there")
        export_map_feedback(settings.warehouse, settings.home / "exports")
        reporter.step(review_packet(settings))
        return Outcome(plan_.as_of, built, is_published=True)


def review_packet(settings: Settings) -> str:
    """Write the review packet of what is published; how it went, in one line.

    What is published stays published: a packet that can't be written is said, and can be written
    again by `pipegen packet`.
    """
    from review.packet import write_packet

    try:
        vars_ = read_settings(settings.seeds, company_vars())
        packet = write_packet(settings.warehouse, settings.home / "review", vars_)
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        return f"no review packet: {reason}"
    return f"review packet {'in' if packet.is_new else 'unchanged in'} {packet.page}"


def connect(database: Path) -> duckdb.DuckDBPyConnection:
    """A connection that keeps to the machine's share: memory as in the profile, UTC."""
    connection = duckdb.connect(
        str(database),
        config={
            "memory_limit": os.environ.get("PIPEGEN_MEMORY", "3GB"),
            "threads": int(os.environ.get("PIPEGEN_THREADS", "2")),
            "preserve_insertion_order": "false",
        },
    )
    # DuckDB's own progress bar would write over ours.
    connection.execute("set enable_progress_bar = false")
    return connection


@contextlib.contextmanager
def only_run(home: Path) -> Iterator[None]:
    """Hold the home's lock: two runs never build at once. A killed run's lock ends with it.

    Raises `PipegenError` when another run holds it.
    """
    with (home / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            raise PipegenError(
                f"another run is building in {home} (process {lock.read().strip() or 'unknown'}): "
                "wait for it, or name another PIPEGEN_HOME."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def make_home(home: Path) -> None:
    """Make the folder that everything is written to; raises `PipegenError` if it can't be."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        probe = home / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise PipegenError(
            f"PIPEGEN_HOME {home} can't be written ({error.strerror}): name a folder that can."
        ) from None
