"""Tables of the packet: typed columns, and rows as they are in the warehouse.

What belongs here: how a cell is shown, and the plain value that sorting and downloads use. What
does not: HTML, which is in the template.
"""

import dataclasses
import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from pipegen.review import words
from pipegen.review.published import Published, Row

# The page may be e-mailed, so it must stay small. Longer tables can be read in the mart.
MOST_ROWS = 300

SHOWN: dict[str, Callable[[Any], str]] = {
    "text": lambda value: words.ABSENT if value is None else str(value),
    "name": words.name,
    "reason": words.reason,
    "step": words.step,
    "money": words.money,
    "count": words.count,
    "number": words.number,
    "share": words.share,
    "days": words.days,
    "day": words.day,
    "moment": words.moment,
    "flag": lambda value: words.ABSENT if value is None else "yes" if value else "no",
}
NUMERIC = {"money", "count", "number", "share", "days"}


@dataclasses.dataclass(frozen=True)
class PageColumn:
    """A column: its name in the row, its heading, its kind, and what it means.

    If `meaning` is empty, it is read from the table's mart.
    """

    name: str
    label: str
    kind: str = "text"
    meaning: str = ""

    @property
    def is_numeric(self) -> bool:
        """Whether the column is aligned and sorted as numbers."""
        return self.kind in NUMERIC


@dataclasses.dataclass(frozen=True)
class Cell:
    """A cell: the text that is shown, and the plain value."""

    shown: str
    value: str
    kind: str
    is_numeric: bool


@dataclasses.dataclass(frozen=True)
class PageTable:
    """A table with its title, columns and rows. `mart` is the mart that it is read from.

    `left_out` is the number of the mart's rows that are too many for the page.
    """

    id: str
    title: str
    mart: str
    columns: tuple[PageColumn, ...]
    rows: tuple[Row, ...]
    left_out: int = 0
    meanings: tuple[tuple[str, str], ...] = ()

    @property
    def cells(self) -> list[list[Cell]]:
        """The cells, row by row."""
        return [
            [
                Cell(
                    SHOWN[column.kind](row[column.name]),
                    plain(row[column.name]),
                    column.kind,
                    column.is_numeric,
                )
                for column in self.columns
            ]
            for row in self.rows
        ]


def table(
    published: Published,
    id_: str,
    title: str,
    mart: str,
    columns: Sequence[PageColumn],
    rows: Sequence[Row],
) -> PageTable:
    """A table of rows from a mart, with the meanings of its columns from the mart.

    Raises `KeyError` if neither the mart nor the column has a meaning: a number that nobody can
    look up must not be shown.
    """
    meanings = []
    for column in columns:
        meaning = column.meaning or published.meaning(mart, column.name)
        if not meaning:
            raise KeyError(f"what {column.name} of {mart} means is said nowhere")
        meanings.append((column.label, meaning))
    return PageTable(
        id=id_,
        title=title,
        mart=mart,
        columns=tuple(columns),
        rows=tuple(rows[:MOST_ROWS]),
        left_out=max(len(rows) - MOST_ROWS, 0),
        meanings=tuple(meanings),
    )


def plain(value: Any) -> str:
    """The value in a form for spreadsheets; empty for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value)
