"""Where a run builds and publishes: a DuckDB file, a Postgres database or a Spark catalog.

What belongs here: what an engine does in its own way that is no SQL of a model: opening, taking in
what was landed, publishing in one step, and saying what is there. What does not: what is asked and
written, which is the same everywhere; and the models' SQL, whose differences are macros
(`macros/engines`).

A DuckDB warehouse is a `Path`. One on a server is a `Schemas`: schemas of the database that the
environment names, all with one prefix.
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
from pipegen.warehouses.names import ERRORS, LACKING, Database, Schemas, plain_schema

__all__ = [
    "ERRORS",
    "LACKING",
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
