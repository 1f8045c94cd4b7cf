"""What every section of a packet is told.

What belongs here: the day, the company's settings, the meeting. What does not: numbers.
"""

import dataclasses
import datetime as dt

from pipegen.review.cadence import Meeting
from pipegen.review.published import Row


@dataclasses.dataclass(frozen=True)
class Context:
    """The day a packet is of and the meeting it is for.

    `meets_on` is the Monday of the meeting's week; `quarter` is the fiscal quarter of `as_of`;
    `currency` what amounts are in; `since` the day that the last meeting looked at.
    """

    as_of: dt.date
    quarter: str
    quarter_start: dt.date
    quarter_end: dt.date
    currency: str
    meeting: Meeting
    meets_on: dt.date

    def has(self, part: str) -> bool:
        """Whether the meeting has a part."""
        return self.meeting.minutes_of(part) is not None

    def concerning(self, rows: list[Row], team: str) -> list[Row]:
        """The rows that are for this meeting, by the column that names their team: all where all
        meet."""
        return [
            row for row in rows if self.meeting.audience == "joint" or row[team] != "marketing"
        ]

    @property
    def since(self) -> dt.date:
        """The day of the meeting before, by the cadence."""
        return self.as_of - dt.timedelta(days=self.meeting.lookback_days)
