"""A set of seeds to begin with, written from what raw tables hold.

What belongs here: reading the raw tables and writing the files. What does not: what is proposed
(`company.proposed`).
"""

import datetime as dt
from pathlib import Path

from pipegen import landing
from pipegen.company.proposed import proposed_set
from pipegen.company.settings import company_vars
from pipegen.company.survey import RawSurvey
from pipegen.errors import PipegenError
from pipegen.runs.plan import raw_source
from pipegen.runs.surveyed import survey_of
from pipegen.settings import Settings


def init(folder: Path, settings: Settings | None, today: dt.date) -> RawSurvey | None:
    """Write a set of seeds into a new folder; returns what it was proposed from.

    `settings` names the raw tables, if there are any. Raises `PipegenError` if the folder has files
    already, which are never touched, or if there are no deals to propose anything from.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise PipegenError(
            f"{folder} is there already, and nothing in it is overwritten: name a new folder."
        )
    found = None
    if settings is not None:
        vars_ = company_vars()
        source = raw_source(settings, vars_)
        found = survey_of(source, vars_, is_deep=True)
        if not found.stages:
            [deals] = [one for one in landing.TABLES if one.label == "salesforce.opportunity"]
            reason = next(iter(found.uncounted), source.wanted(deals))
            raise PipegenError(
                f"{settings.raw_text} has no deals to propose stages from ({reason})."
            )
    files = proposed_set(found, settings.raw_text if settings else "", today)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return found
