"""Who meets when, for how long, and whose turn it is to run the meeting.

What belongs here: the cadence of each company stage, as plain date arithmetic. What does not:
schedules, which ask this module what is due, and settings.
"""

import dataclasses
import datetime as dt

STAGES = ("early", "growth", "scale")
AUDIENCES = ("joint", "sales")
HOSTS = ("marketing", "sales")


@dataclasses.dataclass(frozen=True)
class MeetingPart:
    """A part of a meeting and its minutes."""

    name: str
    minutes: int


@dataclasses.dataclass(frozen=True)
class Meeting:
    """A kind of meeting: for whom, how often, who attends, and how its time is divided.

    `every` is `week`, `two_weeks`, `month` or `quarter`. `lookback_days` is the number of days back
    to the previous meeting.
    """

    name: str
    audience: str
    every: str
    parts: tuple[MeetingPart, ...]
    lookback_days: int
    attendees: tuple[str, ...]

    @property
    def minutes(self) -> int:
        """The length of the meeting in minutes."""
        return sum(part.minutes for part in self.parts)

    def minutes_of(self, part: str) -> int | None:
        """The minutes of a part; None if the meeting does not have it."""
        return next((one.minutes for one in self.parts if one.name == part), None)


def _parts(health: int, contribution: int, actions: int) -> tuple[MeetingPart, ...]:
    minutes = {"health": health, "contribution": contribution, "actions": actions}
    parts = (MeetingPart(name, planned) for name, planned in minutes.items())
    return tuple(part for part in parts if part.minutes)


# The usual meeting takes 15, 20 and 10 minutes. The monthly hour allows more. Sales alone leave out
# marketing's part.
_MONTHLY = Meeting(
    "Joint pipeline review", "joint", "month", _parts(20, 25, 15), 28,
    ("founder or CEO", "head of marketing", "head of sales"),
)  # fmt: skip
_JOINT = Meeting(
    "Joint pipeline review", "joint", "two_weeks", _parts(15, 20, 10), 14,
    ("head of marketing", "head of sales", "demand generation", "SDR lead", "RevOps"),
)  # fmt: skip
_JOINT_AT_SCALE = dataclasses.replace(
    _JOINT,
    attendees=(
        "CMO", "CRO", "demand generation", "sales managers", "SDR lead", "partner lead", "RevOps",
    ),
)  # fmt: skip
_SALES = Meeting(
    "Sales pipeline review", "sales", "week", _parts(20, 0, 10), 7,
    ("CRO", "sales managers", "SDR lead", "RevOps"),
)  # fmt: skip
_DEEP = Meeting(
    "Quarterly deep-dive", "joint", "quarter", _parts(30, 40, 20), 28,
    ("CEO", "CFO", "CMO", "CRO", "customer success", "RevOps"),
)  # fmt: skip

_MEETINGS = {"early": (_MONTHLY,), "growth": (_JOINT,), "scale": (_SALES, _JOINT_AT_SCALE, _DEEP)}


def meetings(company_stage: str) -> tuple[Meeting, ...]:
    """The meetings of a company at this stage. Raises `KeyError` if there is no such stage."""
    return _MEETINGS[company_stage]


def due(company_stage: str, day: dt.date, fiscal_year_start_month: int = 1) -> tuple[Meeting, ...]:
    """The meetings in the week of `day`, for which packets are to be written.

    An audience meets at most once a week: the quarterly deep-dive replaces the usual meeting.

    Every second week is counted from a fixed Monday, so that it depends neither on when a schedule
    was switched on nor on years with 53 weeks. A monthly meeting is in the week of the month's
    first Monday, a quarterly one in the week of the fiscal quarter's first Monday.
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
    """An audience's first meeting in a week after that of `after`, and the Monday of its week.

    Raises `KeyError` if a company at this stage has no meeting for the audience.
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
    """Who runs the meetings in the fiscal quarter of `day`: `marketing` or `sales`.

    They take turns from quarter to quarter, across years too. Sales always run their own meetings.
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
    """Fiscal quarters since the year 0, so that consecutive quarters differ by one."""
    return (day.year * 12 + day.month - fiscal_year_start_month) // 3
