"""A company's raw tables beside its seeds, before anything is built.

What belongs here: counting the raw tables of these settings and comparing them with the seeds and
settings that hold. What does not: the counts (`landing.counted`), the words (`company.compared`).
"""

from typing import Any

from pipegen import landing
from pipegen.company.compared import compared
from pipegen.company.seeds import rows_in_force
from pipegen.company.survey import RawSurvey
from pipegen.landing.counted import counted
from pipegen.settings import Settings


def survey_of(source: landing.RawSource, vars_: dict[str, Any], *, is_deep: bool) -> RawSurvey:
    """What raw tables hold, by a company's names for its fields."""
    return counted(
        source,
        custom_columns=vars_["custom_columns"],
        lifecycle_fields=vars_["lifecycle_fields"],
        is_deep=is_deep,
    )


def told_of_data(
    settings: Settings, source: landing.RawSource, vars_: dict[str, Any], *, is_deep: bool
) -> list[str]:
    """What of the raw tables does not meet the seeds and settings, and what is absent: a line each.

    `is_deep` looks into logs and activities too, which may be most of the rows. The seeds must be
    right already, and the headers too.
    """
    found = survey_of(source, vars_, is_deep=is_deep)
    return compared(found, rows_in_force(settings.seeds), vars_)


def loaded_by(source: landing.RawSource) -> str:
    """Whose columns the raw tables bear, as the rest of a sentence; empty if no loader's."""
    names = landing.loaders(source)
    return f", as loaded by {' and '.join(names)}" if names else ""
