"""The build replaces the published warehouse, atomically.

What belongs here: copying the promised schemas into a new file, and the swap. A reader that has the
old file open keeps reading it; one that opens the path after the swap gets the new file; nobody
ever sees an incomplete one. What does not: what an engine on a server does (`warehouses`).
"""

import contextlib
import datetime as dt
import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from pipegen.errors import PipegenError, is_lock, unreadable
from pipegen.publishing.carry import quoted
from pipegen.warehouses import (
    ERRORS,
    Database,
    Schemas,
    exists,
    insert,
    open_database,
    relations,
    server_of,
)

# The schemas that are built and published. Other people's schemas in the warehouse (a loader's raw
# tables, an analyst's own tables and views) are kept from publication to publication.
BUILT_SCHEMAS = ("core", "marts", "audit")

# The file's format can be read by DuckDB 1.2 and later, because BI tools update slowly.
STORAGE_VERSION = "v1.2.0"


# The table with the as-of day of the whole warehouse.
DATED = "audit.run_headlines"


def publish(
    build: Database,
    warehouse: Database,
    *,
    only: Collection[str] | None = None,
    added: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
) -> list[str]:
    """Replace the published warehouse with the build's promised schemas.

    On a server, the build's schemas themselves take its place; a file is copied and replaced.
    `only` names the tables (`schema.table`) that come from the build; all others then stay as
    published. `added` has rows, by table, that are known only at publication. Returns other
    people's views that were dropped because what they read no longer exists.

    Raises `PipegenError` if the copy can't be written, or another program is writing to the
    warehouse, which is unchanged until the copy is complete and on disk.
    """
    if isinstance(build, Schemas) or isinstance(warehouse, Schemas):
        return _publish_schemas(build, warehouse, only, added or {})
    candidate = warehouse.with_name(warehouse.name + ".next")
    discard(candidate)
    try:
        _fold(warehouse)
        with contextlib.closing(duckdb.connect()) as connection:
            lost = _copy(connection, build, warehouse, candidate, only, added or {})
            with candidate.open("rb") as handle:
                os.fsync(handle.fileno())
            # The old file stays attached until it is replaced, so that nobody can write to it.
            candidate.replace(warehouse)
        _sync_folder(warehouse.parent)
    except (OSError, duckdb.Error) as error:
        if is_lock(error):
            raise unreadable(f"the published warehouse {warehouse}", error) from None
        raise PipegenError(
            f"{candidate} can't be written ({str(error).splitlines()[0]}): the published warehouse "
            "is as it was."
        ) from None
    finally:
        discard(candidate)
    return lost


def _publish_schemas(
    build: Database,
    warehouse: Database,
    only: Collection[str] | None,
    added: Mapping[str, Sequence[Mapping[str, Any]]],
) -> list[str]:
    assert isinstance(build, Schemas) and isinstance(warehouse, Schemas)
    chosen = None if only is None else set(only).__contains__
    try:
        return server_of(build.target).publish(build.prefix, warehouse.prefix, chosen, added)
    except ERRORS as error:
        raise PipegenError(
            f"{warehouse} can't be replaced ({error}): the published warehouse is as it was."
        ) from None


def published_as_of(warehouse: Database) -> dt.date | None:
    """The as-of day of a published warehouse; None if there is no warehouse or no day in it.

    Raises `PipegenError` if it can't be read.
    """
    if not exists(warehouse):
        return None
    try:
        if DATED not in relations(warehouse):
            return None
        with open_database(warehouse) as connection:
            [(day,)] = connection.execute(f"select max(as_of_date) from {DATED}").fetchall()
    except ERRORS as error:
        raise unreadable(warehouse, error) from None
    return day


def discard(database: Path) -> None:
    """Remove a DuckDB file, and what a killed writer may have left beside it."""
    for path in (database, database.with_name(database.name + ".wal")):
        path.unlink(missing_ok=True)


def _fold(warehouse: Path) -> None:
    """Apply the write-ahead log that a writer left beside the warehouse, or remove a stray one.

    The old file's log would make the new file unreadable.
    """
    log = warehouse.with_name(warehouse.name + ".wal")
    if not log.exists():
        return
    if warehouse.exists():
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute("checkpoint")
    log.unlink(missing_ok=True)


def _copy(
    connection: duckdb.DuckDBPyConnection,
    build: Path,
    warehouse: Path,
    candidate: Path,
    only: Collection[str] | None,
    added: Mapping[str, Sequence[Mapping[str, Any]]],
) -> list[str]:
    """Write the new file. Afterwards the build is detached, the published warehouse is not."""
    connection.execute("set preserve_insertion_order = false")
    connection.execute(f"attach '{quoted(build)}' as build (read_only)")
    connection.execute(
        f"attach '{quoted(candidate)}' as candidate (storage_version '{STORAGE_VERSION}')"
    )
    lost = []
    if warehouse.exists():
        connection.execute(f"attach '{quoted(warehouse)}' as published (read_only)")
    for schema in BUILT_SCHEMAS:
        _copy_schema(connection, "build", schema, only)
        if only is not None:
            taken = set(_tables(connection, "build", schema)) & set(only)
            kept = set(_tables(connection, "published", schema)) - taken
            _copy_schema(connection, "published", schema, kept)
    for table, rows in added.items():
        insert(connection, f"candidate.{table}", rows)
    if warehouse.exists():
        for schema in _foreign_schemas(connection):
            _copy_schema(connection, "published", schema)
        lost = _copy_views(connection)
    connection.execute("checkpoint candidate")
    connection.execute("detach candidate")
    connection.execute("detach build")
    return lost


def _tables(connection: duckdb.DuckDBPyConnection, database: str, schema: str) -> list[str]:
    """The tables of a schema, as `schema.table`."""
    found = connection.execute(
        "select schema_name || '.' || table_name from duckdb_tables() "
        "where database_name = ? and schema_name = ?",
        [database, schema],
    ).fetchall()
    return [table for (table,) in found]


def _copy_schema(
    connection: duckdb.DuckDBPyConnection,
    database: str,
    schema: str,
    only: Collection[str] | None = None,
) -> None:
    connection.execute(f'create schema if not exists candidate."{schema}"')
    tables = connection.execute(
        "select table_name, sql, comment from duckdb_tables() "
        "where database_name = ? and schema_name = ? order by table_name",
        [database, schema],
    ).fetchall()
    if only is not None:
        tables = [one for one in tables if f"{schema}.{one[0]}" in only]
    copied = {table for table, _, _ in tables}
    columns = connection.execute(
        "select table_name, column_name, comment from duckdb_columns() "
        "where database_name = ? and schema_name = ? and comment is not null "
        "and table_name in (select table_name from duckdb_tables() "
        "where database_name = ? and schema_name = ?)",
        [database, schema, database, schema],
    ).fetchall()
    connection.execute(f'use candidate."{schema}"')
    # One transaction: there are a thousand comments, and each would wait for the disk.
    connection.execute("begin")
    for table, definition, comment in tables:
        connection.execute(definition)
        if comment:
            connection.execute(f'comment on table "{table}" is {_text(comment)}')
    for table, column, comment in columns:
        if table in copied:
            connection.execute(f'comment on column "{table}"."{column}" is {_text(comment)}')
    connection.execute("commit")
    for table, _, _ in tables:
        connection.execute(
            f'insert into candidate."{schema}"."{table}" '
            f'select * from {database}."{schema}"."{table}"'
        )
    connection.execute("use memory.main")


def _foreign_schemas(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute(
        "select distinct schema_name from duckdb_tables() where database_name = 'published' "
        "order by schema_name"
    ).fetchall()
    return [schema for (schema,) in rows if schema not in BUILT_SCHEMAS]


def _copy_views(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Copy other people's views; returns those that no longer work."""
    views = connection.execute(
        "select schema_name, view_name, sql from duckdb_views() "
        "where database_name = 'published' and not internal order by view_oid"
    ).fetchall()
    lost = []
    for schema, view, definition in views:
        if schema in BUILT_SCHEMAS:
            continue
        connection.execute(f'create schema if not exists candidate."{schema}"')
        connection.execute(f'use candidate."{schema}"')
        try:
            connection.execute(definition)
        except duckdb.Error:
            lost.append(f"{schema}.{view}")
        connection.execute("use memory.main")
    return lost


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _sync_folder(folder: Path) -> None:
    """Flush the folder to disk: the swap must survive a power cut too, not only the file."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
