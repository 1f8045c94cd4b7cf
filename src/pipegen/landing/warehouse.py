"""Raw tables that a loader has put into the warehouse file itself.

What belongs here: attaching the file and finding tables by schema. What does not: what a row means.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipegen.errors import PipegenError, unreadable
from pipegen.landing.contract import SYSTEMS, Table, normalised
from pipegen.landing.expressions import identifier, literal
from pipegen.landing.source import Part, RawColumn, RawSource, finds_any, table_names

CATALOG = "pipegen_raw"


@dataclass(frozen=True)
class WarehousePart(Part):
    """A table or view of the attached warehouse."""

    relation: str
    warehouse: Path

    @property
    def where(self) -> str:
        return f"{self.location} in {self.warehouse}"

    def scan(self, parts: Sequence[Part]) -> str:
        return self.relation

    def location_sql(self, parts: Sequence[Part]) -> str:
        return literal(self.location)

    def has_values(self, column: RawColumn) -> bool:
        query = f"SELECT count({identifier(column.reference)}) FROM {self.relation}"
        return finds_any(query, lambda connection: _attach(connection, self.warehouse))


class RawWarehouse(RawSource):
    """The schemas `salesforce` and `marketo` of a warehouse file, read in place."""

    def __init__(self, warehouse: Path) -> None:
        """Raise `PipegenError` unless the file can be opened and has a schema `salesforce`."""
        super().__init__()
        self.warehouse = warehouse
        if not warehouse.is_file():
            raise PipegenError(
                f"no warehouse at {warehouse}; load the raw tables into it, or name a folder"
            )
        self._columns = self._find_columns()
        if not any(system == "salesforce" for system, _ in self._columns):
            raise PipegenError(f"{warehouse} holds no tables in a schema salesforce")

    def _find_columns(self) -> dict[tuple[str, str], dict[str, list[RawColumn]]]:
        """The columns of each table, by normalised system and table name, and by relation."""
        with duckdb.connect() as connection:
            _attach(connection, self.warehouse)
            rows = connection.execute(
                "SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns() "
                "WHERE database_name = ? ORDER BY schema_name, table_name, column_index",
                [CATALOG],
            ).fetchall()
        tables: dict[tuple[str, str], dict[str, list[RawColumn]]] = {}
        for schema, name, column, sql_type in rows:
            if normalised(schema) in SYSTEMS:
                relations = tables.setdefault((normalised(schema), normalised(name)), {})
                columns = relations.setdefault(f"{schema}.{name}", [])
                columns.append(RawColumn(column, column, sql_type))
        return tables

    def find(self, table: Table) -> Iterator[Part]:
        relations = self._relations(table)
        if len(relations) > 1:
            names = " and ".join(sorted(relations))
            raise PipegenError(f"{names} both stand for {table.label}; leave one of them")
        for location, columns in relations.items():
            path = [CATALOG, *location.split(".", 1)]
            relation = ".".join(identifier(name) for name in path)
            yield WarehousePart(location, tuple(columns), relation, self.warehouse)

    def wanted(self, table: Table) -> str:
        return f"looked for a table {table.label} in {self.warehouse}"

    def location(self, table: Table) -> str:
        return next(iter(self._relations(table)))

    def attach(self, connection: duckdb.DuckDBPyConnection) -> None:
        _attach(connection, self.warehouse)

    def detach(self, connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute(f"DETACH {CATALOG}")

    def _relations(self, table: Table) -> dict[str, list[RawColumn]]:
        found: dict[str, list[RawColumn]] = {}
        for name in table_names(table):
            found |= self._columns.get((table.system, name), {})
        return found


def _attach(connection: duckdb.DuckDBPyConnection, warehouse: Path) -> None:
    try:
        connection.execute(f"ATTACH {literal(str(warehouse))} AS {CATALOG} (READ_ONLY)")
    except duckdb.Error as error:
        raise unreadable(f"{warehouse} as a warehouse", error) from error
