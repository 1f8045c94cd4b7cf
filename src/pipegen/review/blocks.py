"""What a section of the packet is made of.

What belongs here: the few kinds of block that the template knows. What does not: their content.
"""

import dataclasses
from collections.abc import Sequence

from pipegen.review.charts import Drawing
from pipegen.review.tables import PageTable


@dataclasses.dataclass(frozen=True)
class Tile:
    """One number with its name, and a word on it; `tone` is `good`, `bad` or empty."""

    label: str
    figure: str
    remark: str = ""
    tone: str = ""


@dataclasses.dataclass(frozen=True)
class Exhibit:
    """A question, its answer in a sentence, a picture, and the tables behind it.

    `terms` names the definitions that it stands on; `is_open` shows the tables at once.
    """

    id: str
    title: str
    says: str
    drawing: Drawing | None = None
    tables: tuple[PageTable, ...] = ()
    terms: tuple[str, ...] = ()
    tiles: tuple[Tile, ...] = ()
    is_open: bool = False


@dataclasses.dataclass(frozen=True)
class Section:
    """A part of the packet, with the minutes that the meeting has for it, if any."""

    id: str
    title: str
    lead: str
    exhibits: Sequence[Exhibit]
    minutes: int | None = None
