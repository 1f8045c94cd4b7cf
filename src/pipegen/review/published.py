"""The published warehouse, read-only: rows of marts, and what their columns mean.

What belongs here: opening the warehouse and running queries. What does not: the queries, which are
in the sections.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

from pipegen.errors import PipegenError, unreadable
from pipegen.typed import typed
from pipegen.warehouses import ERRORS, Connection, Database, column_comments, exists, open_database

Row = dict[str, Any]


class Published:
    """An open published warehouse."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._meanings: dict[str, dict[str, str]] | None = None

    def rows(self, sql: str, *values: object) -> list[Row]:
        """The rows of a query, each by column name."""
        found = self._connection.execute(sql, list(values))
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def row(self, sql: str, *values: object) -> Row:
        """The only row of a query; empty if there is none."""
        found = self.rows(sql, *values)
        return found[0] if found else {}

    def meaning(self, table: str, column: str) -> str:
        """What a column means, from its comment in the warehouse; empty if it has none."""
        return self._described().get(table, {}).get(column, "")

    def _described(self) -> dict[str, dict[str, str]]:
        if self._meanings is None:
            self._meanings = {}
            for table, column, comment in column_comments(self._connection):
                meaning = " ".join((comment or "").split())
                self._meanings.setdefault(table, {})[column] = meaning
        return self._meanings


@contextlib.contextmanager
def open_published(warehouse: Database) -> Iterator[Published]:
    """Open a published warehouse for reading. Raises `PipegenError` if it can't be read."""
    if not exists(warehouse):
        raise PipegenError(
            f"nothing is published in {warehouse}: run `{typed('pipegen run')}` first."
        )
    with contextlib.ExitStack() as opened:
        try:
            connection = opened.enter_context(open_database(warehouse))
        except ERRORS as error:
            raise unreadable(f"the published warehouse {warehouse}", error) from None
        yield Published(connection)
