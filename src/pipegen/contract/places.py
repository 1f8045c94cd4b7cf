"""Where a loader has put the raw tables: database, schema and table by the contract's names.

What belongs here: the settings `raw_databases`, `raw_schemas` and `raw_tables` as one value. What
does not: looking there (`warehouse`, and the servers).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipegen.contract.tables import SYSTEMS, Table, normalised


@dataclass(frozen=True)
class Places:
    """Names that differ from the contract's: by system, or by `system.table`.

    A system's database is a DuckDB file or a catalog of Spark's, its schema has the system's own
    name where none is given.
    """

    databases: Mapping[str, str] = field(default_factory=dict)
    schemas: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "Places":
        """The places that a company's settings name."""
        return cls(settings["raw_databases"], settings["raw_schemas"], settings["raw_tables"])

    def database(self, system: str) -> str:
        """The database of a system; empty for the one that is built in."""
        return self.databases.get(system, "")

    def schema(self, system: str) -> str:
        """The schema of a system's tables."""
        return self.schemas.get(system) or system

    def table(self, table: Table) -> str | None:
        """The loader's name for a table, where the settings give one."""
        return self.tables.get(table.label)

    def contract_name(self, system: str, name: str) -> str:
        """The contract's name for a loader's table, where the settings give it that name."""
        for label, named in self.tables.items():
            of_system, _, table = label.partition(".")
            if of_system == system and normalised(named) == normalised(name):
                return table
        return name


def raw_files(warehouse: Path, places: Places) -> dict[str, Path]:
    """The DuckDB file of each system's raw tables: a path from the warehouse, or the warehouse."""
    return {
        system: (warehouse.parent / places.database(system)).absolute()
        if places.database(system)
        else warehouse
        for system in SYSTEMS
    }


def catalogs(files: Mapping[str, Path]) -> dict[str, str]:
    """What each system's file is called where it is attached; systems of one file share a name."""
    different = list(dict.fromkeys(files.values()))
    return {system: f"pipegen_raw_{different.index(file)}" for system, file in files.items()}
