"""The published warehouse, read-only: rows of marts, and what their columns mean.

What belongs here: opening the file and asking it. What does not: what is asked, which is the
sections'.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from landing.errors import PipegenError

Row = dict[str, Any]


class Published:
    """An open published warehouse."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._meanings: dict[str, dict[str, str]] | None = None

    def rows(self, sql: str, *values: object) -> list[Row]:
        """The rows that a query gives, by column."""
        found = self._connection.execute(sql, list(values))
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def row(self, sql: str, *values: object) -> Row:
        """The only row that a query gives; empty where it gives none."""
        found = self.rows(sql, *values)
        return found[0] if found else {}

    def meaning(self, table: str, column: str) -> str:
        """What a column means, as the warehouse itself says beside it; empty where it doesn't."""
        return self._described().get(table, {}).get(column, "")

    def _described(self) -> dict[str, dict[str, str]]:
        if self._meanings is None:
            self._meanings = {}
            for table, column, comment in self._connection.execute(
                "select schema_name || '.' || table_name, column_name, comment "
                "from duckdb_columns() where database_name = current_database() "
                "and schema_name in ('core', 'marts', 'audit') order by table_name, column_index"
            ).fetchall():
                meaning = " ".join((comment or "").split())
                self._meanings.setdefault(table, {})[column] = meaning
        return self._meanings


@contextlib.contextmanager
def open_published(warehouse: Path) -> Iterator[Published]:
    """Open a published warehouse to read. Raises `PipegenError` where there is none to be read."""
    if not warehouse.exists():
        raise PipegenError(f"nothing is published at {warehouse}: `pipegen run` first.")
    try:
        connection = duckdb.connect(str(warehouse), read_only=True)
    except duckdb.Error as error:
        raise PipegenError(
            f"{warehouse} can't be read ({str(error).splitlines()[0]}): "
            "close the program that is writing it."
        ) from None
    try:
        yield Published(connection)
    finally:
        connection.close()
