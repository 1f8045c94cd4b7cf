"""Raw tables that a loader has put into the warehouse file itself.

What belongs here: attaching the file and finding tables by schema. What does not: what a row means.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipegen.contract.places import Places, catalogs, raw_files
from pipegen.contract.tables import SYSTEMS, TABLES, Table, normalised
from pipegen.errors import PipegenError, unreadable
from pipegen.landing.expressions import identifier, literal
from pipegen.landing.source import Part, RawColumn, RawSource, finds_any, table_names

# What a file is called where it is only looked into.
CATALOG = "pipegen_raw"


@dataclass(frozen=True)
class WarehousePart(Part):
    """A table or view of an attached warehouse."""

    relation: str
    warehouse: Path
    catalog: str

    @property
    def where(self) -> str:
        return f"{self.location} in {self.warehouse}"

    def scan(self, parts: Sequence[Part]) -> str:
        return self.relation

    def location_sql(self, parts: Sequence[Part]) -> str:
        return literal(self.location)

    def has_values(self, column: RawColumn) -> bool:
        query = f"SELECT count({identifier(column.reference)}) FROM {self.relation}"
        return finds_any(query, lambda found: _attach(found, self.warehouse, self.catalog))


@dataclass(frozen=True)
class _Found:
    """A relation in the schema of a system: its columns, and how SQL names it."""

    warehouse: Path
    catalog: str
    schema: str
    name: str
    columns: tuple[RawColumn, ...]

    @property
    def location(self) -> str:
        return f"{self.schema}.{self.name}"


class RawWarehouse(RawSource):
    """The schemas of a warehouse file in which a loader keeps its tables, read in place."""

    def __init__(self, warehouse: Path, places: Places) -> None:
        """Raise `PipegenError` unless the files can be opened and have a schema for Salesforce."""
        super().__init__()
        self.warehouse = warehouse
        self.places = places
        self._files = raw_files(warehouse, places)
        names = catalogs(self._files)
        self._catalogs = {file: names[system] for system, file in self._files.items()}
        for file in self._files.values():
            if not file.is_file():
                raise PipegenError(
                    f"no warehouse at {file}; load the raw tables into it, or name a folder"
                )
        self._relations = {system: self._find_relations(system) for system in SYSTEMS}
        if not self._relations["salesforce"]:
            schema = places.schema("salesforce")
            raise PipegenError(
                f"{self._files['salesforce']} holds no tables in a schema {schema}"
                f"{self._likely_schema(schema)}"
            )

    def _find_relations(self, system: str) -> list[_Found]:
        file = self._files[system]
        catalog = self._catalogs[file]
        with duckdb.connect() as connection:
            _attach(connection, file, catalog)
            rows = connection.execute(
                "SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns() "
                "WHERE database_name = ? ORDER BY schema_name, table_name, column_index",
                [catalog],
            ).fetchall()
        relations: dict[tuple[str, str], list[RawColumn]] = {}
        for schema, name, column, sql_type in rows:
            if normalised(schema) == normalised(self.places.schema(system)):
                columns = relations.setdefault((schema, name), [])
                columns.append(RawColumn(column, column, sql_type))
        return [
            _Found(file, catalog, schema, name, tuple(columns))
            for (schema, name), columns in relations.items()
        ]

    def _likely_schema(self, wanted: str) -> str:
        """Schemas of the file that have a table for opportunities, as the rest of a sentence."""
        file = self._files["salesforce"]
        with duckdb.connect() as connection:
            _attach(connection, file, CATALOG)
            rows = connection.execute(
                "SELECT DISTINCT schema_name FROM duckdb_columns() WHERE database_name = ? "
                "AND lower(replace(table_name, '_', '')) = 'opportunity' ORDER BY 1",
                [CATALOG],
            ).fetchall()
        names = [name for (name,) in rows]
        if not names:
            return ""
        return f"; did you mean {' or '.join(names)}? Name it in the setting raw_schemas"

    def find(self, table: Table) -> Iterator[Part]:
        found = self._found(table)
        if len(found) > 1:
            names = " and ".join(sorted(one.location for one in found))
            raise PipegenError(
                f"{names} both stand for {table.label}; leave one of them, or name one in the "
                "setting raw_tables"
            )
        for one in found:
            path = (one.catalog, one.schema, one.name)
            relation = ".".join(identifier(name) for name in path)
            yield WarehousePart(one.location, one.columns, relation, one.warehouse, one.catalog)

    def wanted(self, table: Table) -> str:
        schema = self.places.schema(table.system)
        name = self.places.table(table) or table.name
        return f"looked for a table {schema}.{name} in {self._files[table.system]}"

    def location(self, table: Table) -> str:
        return self._found(table)[0].location

    def ignored(self) -> list[str]:
        read = {one.location for table in TABLES for one in self._found(table)}
        there = {one.location for found in self._relations.values() for one in found}
        return sorted(there - read)

    def catalogs(self) -> dict[str, str]:
        """The name of each system's file where this source is attached."""
        return catalogs(self._files)

    def attach(self, connection: duckdb.DuckDBPyConnection) -> None:
        for file, catalog in self._catalogs.items():
            _attach(connection, file, catalog)

    def detach(self, connection: duckdb.DuckDBPyConnection) -> None:
        for catalog in self._catalogs.values():
            connection.execute(f"DETACH {catalog}")

    def _found(self, table: Table) -> list[_Found]:
        named = self.places.table(table)
        names = (normalised(named),) if named else table_names(table)
        relations = self._relations[table.system]
        return [one for name in names for one in relations if normalised(one.name) == name]


def _attach(connection: duckdb.DuckDBPyConnection, warehouse: Path, catalog: str) -> None:
    try:
        connection.execute(f"ATTACH {literal(str(warehouse))} AS {catalog} (READ_ONLY)")
    except duckdb.Error as error:
        raise unreadable(f"{warehouse} as a warehouse", error) from error
