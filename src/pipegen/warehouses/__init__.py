"""Where a run builds and publishes: a DuckDB file, a Postgres database or a Spark catalog.

What belongs here: what each engine does in its own way: opening a warehouse, loading the landed
tables, publishing atomically, and listing what is there. What does not: the queries and inserts
themselves, which are the same on every engine; and the models' SQL, whose differences are macros
(`macros/engines`).

A DuckDB warehouse is a `Path`. A warehouse on a server is a `Schemas`: schemas with a common
prefix, in the database that the environment names.
"""

from pipegen.warehouses.access import (
    Connection,
    as_compiled,
    batches,
    column_comments,
    connect_file,
    exists,
    frame,
    insert,
    open_database,
    relations,
    row_counts,
    server_of,
)
from pipegen.warehouses.names import ERRORS, MISSING, Database, Schemas, plain_schema

__all__ = [
    "ERRORS",
    "MISSING",
    "Connection",
    "Database",
    "Schemas",
    "as_compiled",
    "batches",
    "column_comments",
    "connect_file",
    "exists",
    "frame",
    "insert",
    "open_database",
    "plain_schema",
    "relations",
    "row_counts",
    "server_of",
]
