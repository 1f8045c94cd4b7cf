"""Queries from a terminal: `pipegen sql`.

What belongs here: which warehouse is queried, that nothing is written to it, and how rows are
shown. What does not: how a warehouse is opened.
"""

import contextlib
import csv
import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

import duckdb
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipegen.errors import PipegenError, unreadable
from pipegen.settings import Settings
from pipegen.typed import typed
from pipegen.warehouses import (
    ERRORS,
    Database,
    exists,
    open_database,
    relations,
    server_of,
)

PUBLISHED = ("core", "marts", "audit")

# A pipe has no width of its own; a screen's would break most rows.
WIDTH_OF_A_PIPE = 400


@dataclasses.dataclass(frozen=True)
class Answer:
    """The names of the columns, and the rows."""

    names: Sequence[str]
    rows: Sequence[tuple[Any, ...]]


def warehouse(settings: Settings, which: str) -> Database:
    """The warehouse by its name: `published`, `review`, `build` or `part`.

    Raises `PipegenError` if it does not exist.
    """
    databases: dict[str, Database] = {
        "published": settings.warehouse,
        "review": settings.review,
        "build": settings.build,
        "part": settings.development.build,
    }
    makers = {
        "review": "the weekly run publishes it",
        "part": f"`{typed('pipegen run --select …')}` builds one",
    }
    found = databases[which]
    if not exists(found):
        hint = makers.get(which, f"`{typed('pipegen run')}` makes it")
        raise PipegenError(f"there is no warehouse in {found}: {hint}.")
    return found


def ask(database: Database, sql: str) -> Answer:
    """The rows of a query in DuckDB's SQL; of several statements, the last one's.

    Raises `PipegenError` for what a database refuses, and for anything that would write.
    """
    try:
        if isinstance(database, Path):
            with open_database(database) as connection:
                # The file is opened read-only, which does not stop a query from writing other
                # files.
                connection.execute("set enable_external_access = false")
                return _answered(connection.execute(sql))
        server = server_of(database.target)
        if not server.only_reads(sql):
            raise PipegenError("`pipegen sql` only reads: the query must be a select.")
        with contextlib.closing(server.connect(database.prefix)) as reading:
            reading.forbid_writing()
            return _answered(reading.execute(sql))
    except duckdb.IOException as error:
        raise unreadable(f"the warehouse {database}", error) from None
    except ERRORS as error:
        # The whole message: DuckDB shows where in the query it stopped.
        raise PipegenError(str(error).splitlines()) from None


def tables(database: Database) -> Answer:
    """The tables of a warehouse that are published, or would be, with their descriptions."""
    try:
        found = sorted(name for name in relations(database) if name.split(".")[0] in PUBLISHED)
    except ERRORS as error:
        raise unreadable(f"the warehouse {database}", error) from None
    if not isinstance(database, Path):
        return Answer(["table"], [(name,) for name in found])
    described = ask(
        database, "select schema_name || '.' || table_name, comment from duckdb_tables()"
    )
    comments = {name: comment or "" for name, comment in described.rows}
    return Answer(["table", "holds"], [(name, _sentence(comments.get(name, ""))) for name in found])


def show(console: Console, answer: Answer, limit: int) -> None:
    """Print the first rows as a table, and how many there are."""
    if not answer.names:
        return
    table = Table()
    for place, name in enumerate(answer.names):
        is_number = all(_is_number(row[place]) for row in answer.rows)
        table.add_column(
            escape(name), justify="right" if is_number and answer.rows else "left", overflow="fold"
        )
    for row in answer.rows[:limit]:
        table.add_row(*(_cell(value) for value in row))
    if not console.is_terminal:
        console.width = WIDTH_OF_A_PIPE
    console.print(table)
    count = len(answer.rows)
    more = f", the first {limit:,} of them shown (--limit, or --csv for all)"
    console.print(
        f"{count:,} row{'' if count == 1 else 's'}{more if count > limit else ''}", highlight=False
    )


def write_csv(answer: Answer, out: TextIO) -> None:
    """Write all rows as CSV; nulls are empty."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(answer.names)
    writer.writerows(answer.rows)


def _answered(result: Any) -> Answer:
    names = [column[0] for column in result.description or ()]
    return Answer(names, result.fetchall() if names else [])


def _sentence(comment: str) -> str:
    return comment.split(". ")[0].split("\n\n")[0].replace("\n", " ").rstrip(".")


def _is_number(value: Any) -> bool:
    return value is None or (hasattr(value, "__round__") and not isinstance(value, bool))


def _cell(value: Any) -> str:
    return "[dim]null[/dim]" if value is None else escape(str(value))
