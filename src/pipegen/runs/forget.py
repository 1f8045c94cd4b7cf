"""What a person has the warehouse forget after a bad night.

What belongs here: asking for it, and writing it down. What does not: leaving the rows behind, which
the next run does as it carries its state (`publishing.carry`).
"""

import datetime as dt

from pipegen.errors import PipegenError, unreadable
from pipegen.runs import run_log
from pipegen.runs.home import make_home, only_run
from pipegen.runs.run import write_down
from pipegen.settings import Settings
from pipegen.warehouses import ERRORS, exists, open_database, relations

TABLE = "audit.opportunity_created_dates"


def forget_created_dates(settings: Settings, day: dt.date) -> int:
    """Have the next run forget the created dates that were first seen as of a day.

    Returns how many. It is written in the log of runs. Raises `PipegenError` if nothing was first
    seen on that day, or a run is building.
    """
    make_home(settings.home)
    with only_run(settings.home):
        seen = _seen(settings)
        if not seen.get(day):
            others = sorted(seen, key=lambda one: abs((one - day).days))[:3]
            nearest = " (nearest: " + ", ".join(map(str, sorted(others))) + ")" if others else ""
            raise PipegenError(
                f"no created date was first seen as of {day}{nearest}: name an as-of day of a run "
                f"that published, as in seen_on of {TABLE}."
            )
        now = dt.datetime.now(dt.UTC)
        record = run_log.RunRecord.begun(run_log.FORGET, now)
        record.forgotten_on = day
        record.cause = f"forgotten: {seen[day]:,} created dates first seen as of {day}"
        record.end("done", now)
        write_down(settings.home, record)
    return seen[day]


def _seen(settings: Settings) -> dict[dt.date, int]:
    """How many created dates were first seen on each day, in the published warehouse."""
    warehouse = settings.warehouse
    if not exists(warehouse):
        raise PipegenError(f"nothing is published in {settings.home}: there is nothing to forget.")
    try:
        if TABLE not in relations(warehouse):
            return {}
        with open_database(warehouse) as connection:
            rows = connection.execute(
                f"select seen_on, count(*) from {TABLE} where seen_on is not null group by seen_on"
            ).fetchall()
    except ERRORS as error:
        raise unreadable(warehouse, error) from None
    return dict(rows)
