"""Exports from the warehouse: the feeds, as files for a reverse-ETL tool.

What belongs here: writing published marts to CSV and Parquet, each atomically. What does not: what
is in the marts, and who reads the files.
"""

import contextlib
from pathlib import Path

import duckdb
import pyarrow as pa

from pipegen.errors import PipegenError
from pipegen.files import replacing
from pipegen.publishing.carry import quoted
from pipegen.warehouses import ERRORS, Database, Schemas, server_of

# The marts that another system is to learn from, each with the id that its rows are in order of.
FEEDS = {"map_feedback": "person_id", "crm_signals": "opportunity_id", "held_mqls": "person_id"}

# DuckDB's options for writing each kind of file.
FORMATS = {"csv": "format csv, header", "parquet": "format parquet"}


def export_feeds(warehouse: Database, folder: Path) -> list[Path]:
    """Write the feeds of the published warehouse into `folder`, each as CSV and as Parquet.

    Rows stand in the order of their id, so that the same mart gives the same CSV. A reader sees the
    old file or the new one, never a part: each is written beside its place and moved into it.
    Returns the files written. Raises `PipegenError` where a mart is missing or a file can't be
    written; files that were there before are then as they were.
    """
    written = []
    try:
        # No file is replaced before all are complete.
        with contextlib.ExitStack() as all_, contextlib.closing(duckdb.connect()) as connection:
            if isinstance(warehouse, Schemas):
                _fetch(connection, warehouse)
            else:
                connection.execute(f"attach '{quoted(warehouse)}' as published (read_only)")
            for mart, id_ in FEEDS.items():
                for kind, options in FORMATS.items():
                    target = folder / f"{mart}.{kind}"
                    beside = all_.enter_context(replacing(target))
                    connection.execute(
                        f"copy (select * from published.marts.{mart} order by {id_}) "
                        f"to '{quoted(beside)}' ({options})"
                    )
                    written.append(target)
    except (OSError, *ERRORS) as error:
        raise PipegenError(
            f"{', '.join(FEEDS)} can't be exported from {warehouse} to {folder} "
            f"({str(error).splitlines()[0]}): run pipegen to publish them, or free the folder."
        ) from None
    return written


def _fetch(connection: duckdb.DuckDBPyConnection, warehouse: Schemas) -> None:
    """Copy the marts from their server into the local database, in batches."""
    connection.execute("attach ':memory:' as published; create schema published.marts")
    with contextlib.closing(server_of(warehouse.target).connect(warehouse.prefix)) as server:
        for mart in FEEDS:
            columns = server.columns(f"marts.{mart}")
            defined = ", ".join(f"{name} {kind}" for name, kind in columns)
            connection.execute(f"create table published.marts.{mart} ({defined})")
            names = [name for name, _ in columns]
            for rows in server.batches(f"select {', '.join(names)} from marts.{mart}"):
                batch = pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows])
                connection.register("batch", batch)
                connection.execute(
                    f"insert into published.marts.{mart} by name select * from batch"
                )
                connection.unregister("batch")
