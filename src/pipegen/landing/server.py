"""Raw tables that a loader has put on a server, where they stay.

What belongs here: finding tables and columns, and asking the server about rows, so that what is
missing is said before a build. What does not: landing rows, which the models do on the server
(models/landing).
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipegen.contract.places import Places
from pipegen.contract.tables import SYSTEMS, TABLES, Table, normalised
from pipegen.errors import PipegenError
from pipegen.landing.expressions import identifier, literal
from pipegen.landing.source import Part, RawColumn, RawSource, table_names

# By system and table: the columns with their types, as DuckDB calls them.
Found = Mapping[str, Mapping[str, Sequence[tuple[str, str]]]]


@dataclass(frozen=True)
class ServerPart(Part):
    """A table or view on the server."""

    server: str
    relation: str

    @property
    def where(self) -> str:
        return f"{self.location} on {self.server}"

    def scan(self, parts: Sequence[Part]) -> str:
        return self.relation

    def location_sql(self, parts: Sequence[Part]) -> str:
        return literal(self.location)

    def has_values(self, column: RawColumn) -> bool:
        # A column of a type that can't be meant is read as text, whose values are findings.
        return False


class RawServer(RawSource):
    """The schemas of a server in which a loader keeps its tables."""

    keeps_tables = False

    def __init__(
        self, server: str, found: Found, places: Places, connect: Callable[[], Any]
    ) -> None:
        """Raise `PipegenError` unless there is a table in the schema for Salesforce.

        `connect` opens a connection to the server that accepts DuckDB's SQL.
        """
        super().__init__()
        self.server = server
        self._connect = connect
        self.places = places
        self._found = {system: dict(found.get(system, {})) for system in SYSTEMS}
        if not self._found["salesforce"]:
            schema = places.schema("salesforce")
            raise PipegenError(
                f"{server} holds no tables in a schema {schema}; name it in the setting raw_schemas"
            )

    def find(self, table: Table) -> Iterator[Part]:
        names = self._names(table)
        if len(names) > 1:
            both = " and ".join(self._location(table, name) for name in sorted(names))
            raise PipegenError(
                f"{both} both stand for {table.label}; leave one of them, or name one in the "
                "setting raw_tables"
            )
        for name in names:
            columns = self._found[table.system][name]
            yield ServerPart(
                self._location(table, name),
                tuple(RawColumn(column, column, sql_type) for column, sql_type in columns),
                self.server,
                self._relation(table, name),
            )

    @contextlib.contextmanager
    def asked(self) -> Iterator[Any]:
        with contextlib.closing(self._connect()) as connection:
            connection.forbid_writing()
            yield connection

    def wanted(self, table: Table) -> str:
        name = self.places.table(table) or table.name
        return f"looked for a table {self._location(table, name)} on {self.server}"

    def location(self, table: Table) -> str:
        return self._location(table, self._names(table)[0])

    def ignored(self) -> list[str]:
        read = {(table.system, name) for table in TABLES for name in self._names(table)}
        return sorted(
            f"{self.places.schema(system)}.{name}"
            for system, tables in self._found.items()
            for name in tables
            if (system, name) not in read
        )

    def _location(self, table: Table, name: str) -> str:
        return f"{self.places.schema(table.system)}.{name}"

    def _relation(self, table: Table, name: str) -> str:
        path = (self.places.database(table.system), self.places.schema(table.system), name)
        return ".".join(identifier(one) for one in path if one)

    def _names(self, table: Table) -> list[str]:
        named = self.places.table(table)
        wanted = (normalised(named),) if named else table_names(table)
        there = self._found[table.system]
        return [name for one in wanted for name in there if normalised(name) == one]
