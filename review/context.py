"""What every section of a packet is told.

What belongs here: the day, the company's settings, the meeting. What does not: numbers.
"""

import dataclasses
import datetime as dt

from review.cadence import Meeting


@dataclasses.dataclass(frozen=True)
class Context:
    """The day a packet is of and the meeting it is for.

    `quarter` is the fiscal quarter of `as_of`; `currency` what amounts are in; `since` the day that
    the last meeting looked at.
    """

    as_of: dt.date
    quarter: str
    quarter_start: dt.date
    quarter_end: dt.date
    currency: str
    meeting: Meeting

    def concerns(self, team: str | None) -> bool:
        """Whether a team's actions are for this meeting: all are where all meet."""
        return self.meeting.audience == "joint" or team != "marketing"

    @property
    def since(self) -> dt.date:
        """The day of the meeting before, by the cadence."""
        return self.as_of - dt.timedelta(days=self.meeting.lookback_days)
