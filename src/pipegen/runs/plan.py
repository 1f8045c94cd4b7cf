"""The plan of a run: what will be read, as of when, by which settings.

What belongs here: every check that needs no data, and the demo company where no other is named.
What does not: reading the raw tables (`land`).
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
    """A run that passed every check that needs no data: what will be read, as of when."""

    settings: Settings
    source: landing.RawSource
    vars: dict[str, Any]
    as_of: dt.date


def plan_run(settings: Settings, reporter: Reporter, company: Settings | None = None) -> Plan:
    """Check settings, seeds and raw tables before anything is built.

    `company` has the demo and the warehouse, where the run builds in another home. Raises
    `PipegenError` with everything that is wrong.
    """
    company = company or settings
    check_seeds(settings.seeds)
    vars_ = read_settings(settings.seeds)
    default_day = demo.AS_OF if settings.is_demo else None
    as_of = as_of_day(
        settings.as_of_text, default=default_day, timezone=vars_["business_timezone"]
    )
    make_home(settings.home)
    if settings.is_demo:
        generate_demo(company, reporter)
    source = raw_source(company)
    landing.check(source, custom_columns=vars_["custom_columns"])
    return Plan(settings, source, transform.run_vars(settings, vars_, as_of), as_of)


def raw_source(settings: Settings) -> landing.RawSource:
    """The raw tables of a company. Raises `PipegenError` where there are none to be read.

    Those that a loader put on a server are written as files first, beside the build.
    """
    if not settings.is_server or settings.raw != "warehouse":
        return landing.open_source(settings.raw, settings.home / "warehouse.duckdb")
    folder = settings.landed.parent / "raw"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    server_of(settings.target).export_raw(folder)
    return landing.open_source(str(folder), folder)


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
