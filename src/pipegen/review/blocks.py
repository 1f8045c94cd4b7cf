"""The parts of a section of the packet.

What belongs here: the few kinds of block that the template can show. What does not: their content.
"""

import dataclasses
from collections.abc import Sequence

from pipegen.review.charts import Drawing
from pipegen.review.tables import PageTable


@dataclasses.dataclass(frozen=True)
class Tile:
    """A number with its name and a remark. `tone` is `good`, `bad` or empty."""

    label: str
    figure: str
    remark: str = ""
    tone: str = ""


@dataclasses.dataclass(frozen=True)
class Exhibit:
    """A question, its answer in a sentence, a picture, and the tables behind it.

    `terms` names the definitions that it uses. With `is_open`, the tables are shown unfolded; with
    `is_folded`, the picture is folded away with them, and the question and its answer are all that
    the meeting reads.
    `command` is one to type, below the sentence; a line never ends within a word of it.
    """

    id: str
    title: str
    says: str
    drawing: Drawing | None = None
    tables: tuple[PageTable, ...] = ()
    terms: tuple[str, ...] = ()
    tiles: tuple[Tile, ...] = ()
    is_open: bool = False
    is_folded: bool = False
    command: str = ""


@dataclasses.dataclass(frozen=True)
class Section:
    """A part of the packet, with the minutes that the meeting allows for it, if any."""

    id: str
    title: str
    lead: str
    exhibits: Sequence[Exhibit]
    minutes: int | None = None
