"""A loader's tables on a server, in schemas of any name, give what the company's files give."""

import dataclasses
import shutil
from pathlib import Path

import duckdb
import psycopg2
import pytest
import yaml

from pipegen import landing
from pipegen.company import survey
from pipegen.contract.tables import CUSTOM_COLUMNS, SYSTEMS
from pipegen.errors import PipegenError
from pipegen.landing.counted import counted
from pipegen.warehouses import Schemas, server_of
from tests.night.engines.test_parity import compare, published
from tests.support import raw_company
from tests.support.cases import BRIGHTWATER
from tests.support.raw_company import RawCompany
from tests.support.running import Warehouse

pytestmark = pytest.mark.postgres

PLACES = landing.Places(
    schemas={"salesforce": "crm_raw", "marketo": "map_raw"},
    tables={"salesforce.user": "people"},
)
TYPES = {
    "VARCHAR": "text", "DOUBLE": "double precision", "BOOLEAN": "boolean", "DATE": "date",
    "TIMESTAMP WITH TIME ZONE": "timestamptz", "TIMESTAMP": "timestamp", "BIGINT": "bigint",
    "INTEGER": "integer",
}  # fmt: skip


def load_on_postgres(company: RawCompany, folder: Path) -> None:
    """Write a company as Fivetran does, to the server that libpq's variables name."""
    schemas = {system: PLACES.schema(system) for system in SYSTEMS}
    raw_company.fivetran(company, folder / "loaded.duckdb", schemas)
    with duckdb.connect(str(folder / "loaded.duckdb")) as loaded, psycopg2.connect("") as server:
        loaded.execute("SET TimeZone = 'UTC'")
        tables = loaded.execute("SELECT schema_name, table_name FROM duckdb_tables()").fetchall()
        with server.cursor() as cursor:
            for schema in schemas.values():
                cursor.execute(f"create schema {schema}")
            for schema, table in tables:
                columns = loaded.execute(f'DESCRIBE {schema}."{table}"').fetchall()
                listed = ", ".join(f'"{name}" {TYPES[kind]}' for name, kind, *_ in columns)
                name = "people" if table == "user" else table
                cursor.execute(f'create table {schema}."{name}" ({listed})')
                rows = folder / f"{schema}.{table}.csv"
                loaded.execute(f"COPY {schema}.\"{table}\" TO '{rows}' (HEADER false)")
                with rows.open(encoding="utf-8") as handle:
                    copy = f'copy {schema}."{name}" from stdin (format csv)'
                    cursor.copy_expert(copy, handle)


def test_tables_on_postgres_are_read_where_they_lie(
    casebook: dict[str, object],
    casebook_warehouse: Warehouse,
    database: dict[str, str],
    tmp_path: Path,
) -> None:
    load_on_postgres(RawCompany.read(BRIGHTWATER / "raw"), tmp_path)
    seeds = tmp_path / "seeds"
    shutil.copytree(str(casebook["seeds"]), seeds)
    with (seeds / "settings.yml").open("a", encoding="utf-8") as settings:
        settings.write(yaml.safe_dump({"raw_schemas": PLACES.schemas, "raw_tables": PLACES.tables}))
    published(
        tmp_path / "home",
        target="postgres",
        **{**casebook, "raw": "warehouse", "seeds": seeds},
    )
    # The audit tells of tables without a row, which no loader writes here.
    compare(casebook_warehouse, Schemas("postgres", ""), ("core", "marts"))


def test_a_server_is_asked_what_a_file_is_asked(
    database: dict[str, str], tmp_path: Path
) -> None:
    load_on_postgres(RawCompany.read(BRIGHTWATER / "raw"), tmp_path)
    server = server_of("postgres")
    found = {
        "server": landing.RawServer(
            "the server", server.raw_columns(PLACES), PLACES, lambda: server.connect("")
        ),
        "file": landing.RawWarehouse(
            tmp_path / "loaded.duckdb", dataclasses.replace(PLACES, tables={})
        ),
    }
    on_server, in_file = (
        counted(
            source,
            custom_columns=CUSTOM_COLUMNS,
            lifecycle_fields={"salesforce.lead": ["Status"], "marketo.lead": ["Lead Status"]},
        )
        for source in found.values()
    )
    assert not on_server.uncounted
    assert on_server.deals > 0 and on_server.of(survey.ROLES) and on_server.references
    rounded = [
        [
            tuple(round(one, 9) if isinstance(one, float) else one for one in vars(use).values())
            for use in seen.stages
        ]
        for seen in (on_server, in_file)
    ]
    assert sorted(rounded[0]) == sorted(rounded[1])
    # The server orders by its own collation, and has its own name for a table.
    plain = {"stages": (), "tables": ()}
    assert dataclasses.replace(on_server, **plain) == dataclasses.replace(in_file, **plain)


def test_another_database_of_postgres_is_refused(database: dict[str, str], tmp_path: Path) -> None:
    places = landing.Places(databases={"salesforce": "elsewhere"})
    with pytest.raises(PipegenError, match="raw_databases: salesforce is said to be in elsewhere"):
        server_of("postgres").raw_columns(places)
