"""The plan of a run: what it will read, as of which day, with which settings.

What belongs here: every check that needs no data, and generating the demo company if no raw tables
are named. What does not: reading the raw tables (`land`).
"""

import dataclasses
import datetime as dt
import shlex
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipegen import demo, landing, transform
from pipegen.company.seeds import check_seeds, demos_seeds, told_missing, told_unchecked
from pipegen.company.settings import read_settings
from pipegen.errors import PipegenError
from pipegen.reporting import Reporter
from pipegen.runs.home import make_home
from pipegen.runs.surveyed import loaded_by, told_of_data
from pipegen.settings import Settings, as_of_day
from pipegen.typed import typed
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
    refuse_unnamed_seeds(settings)
    check_seeds(settings.seeds)
    for words in told_of_seeds(settings):
        reporter.step(words)
    vars_ = read_settings(settings.seeds)
    default_day = demo.AS_OF if settings.is_demo else None
    as_of = as_of_day(
        settings.as_of_text, default=default_day, timezone=vars_["business_timezone"]
    )
    make_home(settings.home)
    if settings.is_demo:
        generate_demo(settings.company, reporter)
    source = raw_source(settings.company, vars_)
    landing.check(source, custom_columns=vars_["custom_columns"])
    if loader := loaded_by(source):
        reporter.step(f"raw tables{loader}")
    for words in told_of_data(settings, source, vars_, is_deep=False):
        reporter.step(words)
    return Plan(settings, source, transform.run_vars(settings, vars_, as_of), as_of)


def refuse_unnamed_seeds(settings: Settings) -> None:
    """Raise `PipegenError` for own raw tables under rules that nobody chose.

    The project's own seeds are the demo company's: its quotas, owners and actions would stand in
    the packet.
    """
    if has_own_raw(settings) and not settings.names_seeds:
        raw = settings.raw_text
        example = typed(f"pipegen init my-seeds --from {shlex.quote(raw)}")
        raise PipegenError(
            f"the raw tables are yours ({raw}), but no seeds are named, and the project's own have "
            f"the demo company's stages, quotas, owners and actions: `{example}` writes a set to "
            "begin with, then PIPEGEN_SEEDS=my-seeds"
        )


def told_of_seeds(settings: Settings) -> list[str]:
    """What is worth knowing of the seeds before anything is built, a line each."""
    told = (told_unchecked(settings.seeds), told_missing(settings.seeds), borrowed(settings))
    return [words for words in told if words]


def borrowed(settings: Settings) -> str:
    """What of the demo company's would stand among a company's own numbers, in one line; empty if
    nothing would."""
    names = demos_seeds(settings.seeds) if has_own_raw(settings) else []
    if not names:
        return ""
    return (
        f"these seeds have the demo company's rows, not yours: {', '.join(names)}; put your own "
        "there, or delete the files"
    )


def has_own_raw(settings: Settings) -> bool:
    """Whether the raw tables are a company's own, rather than the demo's, wherever that is."""
    if settings.is_demo:
        return False
    return settings.raw == "warehouse" or not demo.is_demo(Path(settings.raw))


def raw_source(settings: Settings, vars_: Mapping[str, Any]) -> landing.RawSource:
    """The raw tables of a company. Raises `PipegenError` if there are none.

    In a warehouse, they are where the company's settings say.
    """
    places = landing.Places.of(vars_)
    if not settings.is_server or settings.raw != "warehouse":
        return landing.open_source(settings.raw, settings.home / "warehouse.duckdb", places)
    server = server_of(settings.target)
    return landing.RawServer(
        f"the {settings.target} server",
        server.raw_columns(places),
        places,
        connect=lambda: server.connect(""),
    )


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
