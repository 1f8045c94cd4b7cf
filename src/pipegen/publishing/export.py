"""Exports from the warehouse: the feedback to the MAP, as files for a reverse-ETL tool.

What belongs here: writing a published mart to CSV and Parquet, each atomically. What does not: what
is in the mart, and who reads the files.
"""

import contextlib
from pathlib import Path

import duckdb
import pyarrow as pa

from pipegen.errors import PipegenError
from pipegen.files import replacing
from pipegen.publishing.carry import quoted
from pipegen.warehouses import ERRORS, Database, Schemas, server_of

MART = "map_feedback"

# DuckDB's options for writing each kind of file.
FORMATS = {"csv": "format csv, header", "parquet": "format parquet"}


def export_map_feedback(warehouse: Database, folder: Path) -> list[Path]:
    """Write `marts.map_feedback` of the published warehouse into `folder`, as CSV and as Parquet.

    Rows stand in the order of the person's id, so that the same mart gives the same CSV. A reader
    sees the old file or the new one, never a part: each is written beside its place and moved into
    it. Returns the files written. Raises `PipegenError` where the mart is missing or a
    file can't be written; files that were there before are then as they were.
    """
    written = []
    try:
        # Both files are replaced only once both are complete.
        with contextlib.ExitStack() as both, contextlib.closing(duckdb.connect()) as connection:
            if isinstance(warehouse, Schemas):
                _fetch(connection, warehouse)
            else:
                connection.execute(f"attach '{quoted(warehouse)}' as published (read_only)")
            for kind, options in FORMATS.items():
                target = folder / f"{MART}.{kind}"
                beside = both.enter_context(replacing(target))
                connection.execute(
                    f"copy (select * from published.marts.{MART} order by person_id) "
                    f"to '{quoted(beside)}' ({options})"
                )
                written.append(target)
    except (OSError, *ERRORS) as error:
        raise PipegenError(
            f"{MART} can't be exported from {warehouse} to {folder} "
            f"({str(error).splitlines()[0]}): run pipegen to publish it, or free the folder."
        ) from None
    return written


def _fetch(connection: duckdb.DuckDBPyConnection, warehouse: Schemas) -> None:
    """Copy the mart from its server into the local database, in batches."""
    connection.execute("attach ':memory:' as published; create schema published.marts")
    with contextlib.closing(server_of(warehouse.target).connect(warehouse.prefix)) as server:
        columns = server.columns(f"marts.{MART}")
        defined = ", ".join(f"{name} {kind}" for name, kind in columns)
        connection.execute(f"create table published.marts.{MART} ({defined})")
        names = [name for name, _ in columns]
        for rows in server.batches(f"select {', '.join(names)} from marts.{MART}"):
            batch = pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows])
            connection.register("batch", batch)
            connection.execute(
                f"insert into published.marts.{MART} by name select * from batch"
            )
            connection.unregister("batch")
