"""Opening a warehouse on any engine, and the queries that work on all of them.

What belongs here: choosing between the file and the server. What does not: what each of them does.
"""

import contextlib
import functools
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from pipegen.errors import PipegenError, unreadable
from pipegen.project import PROJECT
from pipegen.warehouses.names import ERRORS, Database

if TYPE_CHECKING:
    from pipegen.warehouses.server import Server, ServerConnection

    Connection = duckdb.DuckDBPyConnection | ServerConnection
else:
    Connection = Any


_COUNTED_AT_ONCE = 40
_AT_A_TIME = 10_000


@functools.cache
def server_of(target: str) -> "Server":
    """The server of a target. Raises `PipegenError` if its packages are not installed."""
    try:
        if target == "postgres":
            from pipegen.warehouses.postgres import Postgres

            return Postgres()
        from pipegen.warehouses.spark import Spark

        return Spark()
    except ImportError as error:
        raise PipegenError(
            f"target {target} needs packages that are not installed ({error.name}): "
            f"`make setup-{target}` in {PROJECT} installs them."
        ) from None


def connect_file(database: Path) -> duckdb.DuckDBPyConnection:
    """Open a DuckDB file to build in.

    Memory and threads are limited by `PIPEGEN_MEMORY` [3GB] and `PIPEGEN_THREADS` [2], as in the
    dbt profile. Raises `duckdb.Error` if the file can't be opened.
    """
    connection = duckdb.connect(
        str(database),
        config={
            "memory_limit": os.environ.get("PIPEGEN_MEMORY", "3GB"),
            "threads": int(os.environ.get("PIPEGEN_THREADS", "2")),
            "preserve_insertion_order": "false",
        },
    )
    # DuckDB's progress bar would overwrite ours.
    connection.execute("set enable_progress_bar = false")
    return connection


@contextlib.contextmanager
def open_database(database: Database, *, read_only: bool = True) -> "Iterator[Connection]":
    """A connection to a warehouse, closed at the end.

    Raises one of the engine's errors (`ERRORS`) if the warehouse can't be opened.
    """
    if isinstance(database, Path):
        with contextlib.closing(duckdb.connect(str(database), read_only=read_only)) as connection:
            yield connection
    else:
        opened = server_of(database.target).connect(database.prefix)
        with contextlib.closing(opened):
            yield opened


def exists(database: Database) -> bool:
    """Whether the warehouse exists: the file, or a schema `marts` with tables."""
    if isinstance(database, Path):
        return database.exists()
    return any(name.startswith("marts.") for name in relations(database))


def relations(database: Database) -> set[str]:
    """The tables and views of a warehouse, as `schema.name`; empty if it does not exist."""
    if not isinstance(database, Path):
        return set(server_of(database.target).relations(database.prefix))
    if not database.exists():
        return set()
    with duckdb.connect(str(database), read_only=True) as connection:
        return {
            name
            for (name,) in connection.execute(
                "select schema_name || '.' || table_name from duckdb_tables() union all "
                "select schema_name || '.' || view_name from duckdb_views() where not internal"
            ).fetchall()
        }


def row_counts(database: Database) -> dict[str, int]:
    """The number of rows in every table of a warehouse, by `schema.table`, without views.

    Raises `PipegenError` if the warehouse can't be read.
    """
    try:
        with open_database(database) as connection:
            if isinstance(database, Path):
                tables = connection.execute(
                    "select schema_name || '.' || table_name from duckdb_tables()"
                ).fetchall()
                names = [name for (name,) in tables]
            else:
                found = server_of(database.target).relations(database.prefix)
                names = [name for name, is_table in found.items() if is_table]
            counts: dict[str, int] = {}
            # One query counts many tables: on a server, each query has a latency of its own.
            for start in range(0, len(names), _COUNTED_AT_ONCE):
                counts |= dict(
                    connection.execute(
                        " union all ".join(
                            f"select '{name}' as name, count(*) as row_count from {_quoted(name)}"
                            for name in names[start : start + _COUNTED_AT_ONCE]
                        )
                    ).fetchall()
                )
            return counts
    except ERRORS as error:
        raise unreadable(database, error) from None


def insert(connection: "Connection", table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, matching columns by name. Columns that no row has are null."""
    if not rows:
        return
    if not isinstance(connection, duckdb.DuckDBPyConnection):
        connection.insert(table, rows)
        return
    connection.register("rows_to_insert", pa.Table.from_pylist([dict(row) for row in rows]))
    try:
        connection.execute(f"insert into {table} by name select * from rows_to_insert")
    finally:
        connection.unregister("rows_to_insert")


def frame(connection: "Connection", sql: str) -> Any:
    """The result of a query as a pandas frame, or as a Spark frame if Spark ran it."""
    if isinstance(connection, duckdb.DuckDBPyConnection):
        return connection.execute(sql).df()
    return connection.frame(sql)


def batches(connection: "Connection", sql: str) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of a query, some thousands at a time, so that memory does not grow with them."""
    if not isinstance(connection, duckdb.DuckDBPyConnection):
        yield from connection.batches(sql)
        return
    cursor = connection.execute(sql)
    while rows := cursor.fetchmany(_AT_A_TIME):
        yield rows


def as_compiled(connection: "Connection", sql: str) -> Any:
    """Run a query that dbt compiled, which is in the engine's own dialect."""
    if isinstance(connection, duckdb.DuckDBPyConnection):
        return connection.execute(sql)
    return connection.run(sql)


def column_comments(connection: "Connection") -> list[tuple[str, str, str | None]]:
    """The comment on every published column: `schema.table`, column, comment."""
    if not isinstance(connection, duckdb.DuckDBPyConnection):
        return connection.column_comments()
    return connection.execute(
        "select schema_name || '.' || table_name, column_name, comment "
        "from duckdb_columns() where database_name = current_database() "
        "and schema_name in ('core', 'marts', 'audit') order by table_name, column_index"
    ).fetchall()


def _quoted(name: str) -> str:
    return ".".join(f'"{part}"' for part in name.split("."))
