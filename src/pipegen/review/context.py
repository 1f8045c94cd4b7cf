"""What every section of a packet needs to know.

What belongs here: the day, the company's settings, the meeting. What does not: numbers.
"""

import dataclasses
import datetime as dt

from pipegen.review.cadence import Meeting
from pipegen.review.published import Row


@dataclasses.dataclass(frozen=True)
class Context:
    """The as-of day of a packet, and the meeting that it is for.

    `meets_on` is the Monday of the meeting's week, `quarter` the fiscal quarter of `as_of`,
    `currency` the currency of all amounts, `since` the as-of day of the previous meeting.
    """

    as_of: dt.date
    quarter: str
    quarter_start: dt.date
    quarter_end: dt.date
    currency: str
    meeting: Meeting
    meets_on: dt.date

    def has(self, part: str) -> bool:
        """Whether the meeting includes a part."""
        return self.meeting.minutes_of(part) is not None

    def concerning(self, rows: list[Row], team: str) -> list[Row]:
        """The rows that are for this meeting, by the column that names their team: all where all
        meet."""
        return [
            row for row in rows if self.meeting.audience == "joint" or row[team] != "marketing"
        ]

    @property
    def since(self) -> dt.date:
        """The as-of day of the previous meeting, by the cadence."""
        return self.as_of - dt.timedelta(days=self.meeting.lookback_days)
