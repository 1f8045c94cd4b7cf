"""The plan of a run: what it will read, as of which day, with which settings.

What belongs here: every check that needs no data, and generating the demo company if no raw tables
are named. What does not: reading the raw tables (`land`).
"""

import dataclasses
import datetime as dt
import shutil
from typing import Any

from pipegen import demo, landing, transform
from pipegen.company.seeds import check_seeds
from pipegen.company.settings import read_settings
from pipegen.reporting import Reporter
from pipegen.runs.home import make_home
from pipegen.settings import Settings, as_of_day
from pipegen.warehouses import server_of


@dataclasses.dataclass(frozen=True)
class Plan:
    """What a run will read, and as of when; it has passed every check that needs no data."""

    settings: Settings
    source: landing.RawSource
    vars: dict[str, Any]
    as_of: dt.date


def plan_run(settings: Settings, reporter: Reporter) -> Plan:
    """Check settings, seeds and raw tables before anything is built.

    Raises one `PipegenError` that lists all problems.
    """
    check_seeds(settings.seeds)
    vars_ = read_settings(settings.seeds)
    default_day = demo.AS_OF if settings.is_demo else None
    as_of = as_of_day(
        settings.as_of_text, default=default_day, timezone=vars_["business_timezone"]
    )
    make_home(settings.home)
    if settings.is_demo:
        generate_demo(settings.company, reporter)
    source = raw_source(settings.company)
    landing.check(source, custom_columns=vars_["custom_columns"])
    return Plan(settings, source, transform.run_vars(settings, vars_, as_of), as_of)


def raw_source(settings: Settings) -> landing.RawSource:
    """The raw tables of a company. Raises `PipegenError` if there are none.

    Raw tables on a server are first exported to files, in the build's folder.
    """
    if not settings.is_server or settings.raw != "warehouse":
        return landing.open_source(settings.raw, settings.home / "warehouse.duckdb")
    folder = settings.landed.parent / "raw"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    server_of(settings.target).export_raw(folder)
    return landing.open_source(str(folder), folder)


def generate_demo(settings: Settings, reporter: Reporter, **size: Any) -> None:
    """Generate the demo company's raw tables, unless they exist and no size was asked for.

    `size` has the keyword arguments of `demo.generate`. The files are written to a temporary folder
    that is then renamed, so that a killed run does not leave half a company.
    """
    if settings.demo.exists() and not size:
        return
    reporter.step("generating the demo company")
    unfinished = settings.demo.with_name("demo.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    demo.generate(unfinished, **size)
    shutil.rmtree(settings.demo, ignore_errors=True)
    unfinished.rename(settings.demo)
