"""Who meets when, for how long, and whose turn it is to run the meeting.

What belongs here: the cadence of each stage of a company, as plain arithmetic on dates. What does
not: schedules, which ask here what is due, and settings.
"""

import dataclasses
import datetime as dt

STAGES = ("early", "growth", "scale")
AUDIENCES = ("joint", "sales")
HOSTS = ("marketing", "sales")


@dataclasses.dataclass(frozen=True)
class MeetingPart:
    """A part of a meeting and the minutes it has."""

    name: str
    minutes: int


@dataclasses.dataclass(frozen=True)
class Meeting:
    """A kind of meeting: for whom, how often, and how its time is parted.

    `every` is `week`, `two_weeks`, `month` or `quarter`; `lookback_days` reach to the one before.
    """

    name: str
    audience: str
    every: str
    parts: tuple[MeetingPart, ...]
    lookback_days: int

    @property
    def minutes(self) -> int:
        """How long it takes."""
        return sum(part.minutes for part in self.parts)

    def minutes_of(self, part: str) -> int | None:
        """The minutes of a part; None where the meeting has no such part."""
        return next((one.minutes for one in self.parts if one.name == part), None)


def _parts(health: int, contribution: int, actions: int) -> tuple[MeetingPart, ...]:
    minutes = {"health": health, "contribution": contribution, "actions": actions}
    parts = (MeetingPart(name, planned) for name, planned in minutes.items())
    return tuple(part for part in parts if part.minutes)


# The usual meeting is 15, 20 and 10 minutes; an hour a month has room for more, sales alone have
# nothing to say of marketing's part.
_MONTHLY = Meeting("Joint pipeline review", "joint", "month", _parts(20, 25, 15), 28)
_JOINT = Meeting("Joint pipeline review", "joint", "two_weeks", _parts(15, 20, 10), 14)
_SALES = Meeting("Sales pipeline review", "sales", "week", _parts(20, 0, 10), 7)
_DEEP = Meeting("Quarterly deep-dive", "joint", "quarter", _parts(30, 40, 20), 28)

_MEETINGS = {"early": (_MONTHLY,), "growth": (_JOINT,), "scale": (_SALES, _JOINT, _DEEP)}


def meetings(company_stage: str) -> tuple[Meeting, ...]:
    """The meetings that a company of this stage has. Raises `KeyError` for no such stage."""
    return _MEETINGS[company_stage]


def due(company_stage: str, day: dt.date, fiscal_year_start_month: int = 1) -> tuple[Meeting, ...]:
    """The meetings of the week that `day` lies in, of which packets are to be written.

    An audience meets once a week at most: the quarter's deep-dive takes the usual one's place.

    Every second week is counted from one fixed Monday, so that it never depends on when a schedule
    was switched on, or on a year of 53 weeks. A month's meeting is in the week of its first Monday,
    a quarter's in the week of the fiscal quarter's first Monday.
    """
    monday = day - dt.timedelta(days=day.weekday())
    found: dict[str, Meeting] = {}
    for meeting in sorted(meetings(company_stage), key=lambda one: one.minutes):
        if _is_due(meeting.every, monday, fiscal_year_start_month):
            found[meeting.audience] = meeting
    return tuple(found.values())


def next_meeting(
    company_stage: str,
    after: dt.date,
    fiscal_year_start_month: int = 1,
    audience: str = "joint",
) -> tuple[dt.date, Meeting]:
    """The Monday of the next week after that of `after` in which an audience meets, and how.

    Raises `KeyError` where a company of this stage has no meeting for it.
    """
    if all(one.audience != audience for one in meetings(company_stage)):
        raise KeyError(audience)
    monday = after - dt.timedelta(days=after.weekday())
    while True:
        monday += dt.timedelta(days=7)
        for meeting in due(company_stage, monday, fiscal_year_start_month):
            if meeting.audience == audience:
                return monday, meeting


def host(day: dt.date, fiscal_year_start_month: int = 1, audience: str = "joint") -> str:
    """Who runs the meetings of the fiscal quarter that `day` lies in: `marketing` or `sales`.

    They take turns from quarter to quarter, also across years; what sales have alone they run.
    """
    if audience != "joint":
        return audience
    return HOSTS[_quarter_number(day, fiscal_year_start_month) % len(HOSTS)]


def _is_due(every: str, monday: dt.date, fiscal_year_start_month: int) -> bool:
    if every == "week":
        return True
    if every == "two_weeks":
        return monday.toordinal() // 7 % 2 == 0
    is_first_of_month = monday.day <= 7
    if every == "month":
        return is_first_of_month
    is_quarter_start = (monday.month - fiscal_year_start_month) % 3 == 0
    return is_first_of_month and is_quarter_start


def _quarter_number(day: dt.date, fiscal_year_start_month: int) -> int:
    """Fiscal quarters since the year 0, so that neighbours differ by one."""
    return (day.year * 12 + day.month - fiscal_year_start_month) // 3
