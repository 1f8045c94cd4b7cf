"""Bringing raw files into the build database, as they are.

What belongs here: a relation per table of the contract in the schemas `raw_<system>`, with the raw
values under the contract's names, and what could not be read as a row at all, in `raw_files`. What
does not: which rows are kept and what their values are, which models/landing decides, and where
files are found (`files`).

Files are read where they lie, by views: to parse a CSV file again costs a fifth of writing its text
into a table. Only what is saved from a file with broken lines becomes a table.
"""

import contextlib
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from pipegen.contract.tables import CUSTOM_COLUMNS, SYSTEMS, TABLES, Table, columns_read
from pipegen.errors import PipegenError
from pipegen.landing.expressions import identifier, literal
from pipegen.landing.files import CsvPart
from pipegen.landing.salvage import BrokenRow, Misencoded, salvage, survey
from pipegen.landing.source import Match, RawSource, check, match, raw_relation
from pipegen.warehouses import Connection

SCHEMAS = (*(f"raw_{system}" for system in SYSTEMS), "raw_files")

# By this table the models see that files were brought (macros/landing/places.sql).
_TABLES_DDL = """
CREATE TABLE raw_files.tables (
    system VARCHAR NOT NULL, table_name VARCHAR NOT NULL, location VARCHAR NOT NULL,
    missing_columns VARCHAR NOT NULL
);
"""

_NOTES_DDL = """
CREATE SCHEMA IF NOT EXISTS raw_files;
CREATE TABLE IF NOT EXISTS raw_files.broken_rows (
    system VARCHAR NOT NULL, table_name VARCHAR NOT NULL, row_text VARCHAR NOT NULL,
    location VARCHAR NOT NULL, line BIGINT NOT NULL
);
CREATE TABLE IF NOT EXISTS raw_files.misencoded_rows (
    system VARCHAR NOT NULL, table_name VARCHAR NOT NULL, location VARCHAR NOT NULL,
    first_line BIGINT NOT NULL, row_count BIGINT NOT NULL
);
"""

# Broken rows are found in Python. This many are inserted into the database at a time.
_BATCH = 10_000


def bring(
    connection: duckdb.DuckDBPyConnection,
    source: RawSource,
    *,
    custom_columns: Mapping[str, str] = CUSTOM_COLUMNS,
    progress: Callable[[str], None] | None = None,
    as_text: bool = False,
) -> None:
    """Bring every table of the contract that a folder has, replacing what was brought before.

    `custom_columns` has the company's names for its custom fields. `progress` is called with one
    line per table. `as_text` brings tables of text alone, whatever the files hold, which any engine
    can take. Raises `PipegenError` if a required table or column is missing or a file can't be
    read; what was brought is incomplete then and must not be used.
    """
    check(source, custom_columns=custom_columns)
    try:
        forget(connection)
        for schema in SCHEMAS:
            connection.execute(f"CREATE SCHEMA {schema}")
        create_notes(connection)
        connection.execute(_TABLES_DDL)
        with _scratch(connection) as folder:
            for table in TABLES:
                if source.parts(table):
                    one = _Table(connection, table, custom_columns, folder, as_text)
                    one.bring(source)
                    if progress:
                        broken = f", {one.broken:,} broken rows set aside" if one.broken else ""
                        progress(f"{table.label}: {source.location(table)}{broken}")
    except (duckdb.Error, OSError) as error:
        # Most likely the disk is full, or the folder is not writable.
        reason = str(error).splitlines()[0]
        raise PipegenError(f"the database that is built cannot be written: {reason}") from error


def create_notes(connection: Connection) -> None:
    """Create the tables of what could not be read as a row, unless they are there."""
    connection.execute(_NOTES_DDL)


def forget(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop what was brought before."""
    for schema in SCHEMAS:
        connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")


@contextlib.contextmanager
def _scratch(connection: duckdb.DuckDBPyConnection) -> Iterator[Path]:
    """A folder for rows saved from broken files, beside the build database."""
    query = "SELECT path FROM duckdb_databases() WHERE database_name = current_database()"
    [(database,)] = connection.execute(query).fetchall()
    if not database:
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder)
        return
    # The name is always the same, so that the next run removes what a killed one left.
    beside = Path(f"{database}.salvaged")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir()
    try:
        yield beside
    finally:
        shutil.rmtree(beside, ignore_errors=True)


class _Table:
    """One table of the contract, on its way into the database."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        table: Table,
        custom_columns: Mapping[str, str],
        scratch: Path,
        as_text: bool,
    ) -> None:
        self.connection = connection
        self.table = table
        self.custom_columns = custom_columns
        self.scratch = scratch
        self.as_text = as_text
        self.broken = 0

    def bring(self, source: RawSource) -> None:
        location = source.location(self.table)
        parts = source.parts(self.table)
        matches = [match(self.table, part, self.custom_columns) for part in parts]
        missing = {name for one in matches for name in one.missing(self.table.columns)}
        try:
            if any(isinstance(one.part, CsvPart) for one in matches):
                self._create_of_csv(self._surveyed(matches))
            else:
                self._create(matches)
        except (duckdb.Error, OSError, EOFError, zlib.error) as error:
            reason = str(error).splitlines()[0]
            raise PipegenError(f"{location} cannot be landed: {reason}") from error
        self.connection.execute(
            f"INSERT INTO raw_files.tables VALUES ({self._name}, ?, ?)",
            [location, ",".join(c.name for c in self.table.columns if c.name in missing)],
        )

    @property
    def _name(self) -> str:
        return f"{literal(self.table.system)}, {literal(self.table.name)}"

    def _create(self, matches: Sequence[Match]) -> None:
        """Create the table's relation, with the columns that at least one part has.

        A table rather than a view where a part is a copy, which is removed when all is brought.
        """
        present = [c for c in columns_read(self.table) if any(one.raw[c.name] for one in matches)]
        is_copied = any(
            isinstance(one.part, CsvPart) and not one.part.is_original for one in matches
        )
        name = f"raw_{self.table.system}.{identifier(self.table.name)}"
        rows = raw_relation(present, matches, as_text=self.as_text)
        if not is_copied and any(isinstance(one.part, CsvPart) for one in matches):
            # Every row and cell of a text: what can't be read is known before anything is built on
            # it. A Parquet file says itself what it holds.
            counts = ", ".join(f"count({identifier(column.name)})" for column in present)
            self.connection.execute(f"SELECT {counts or 'count(*)'} FROM ({rows})")
        kind = "TABLE" if is_copied else "VIEW"
        self.connection.execute(f"CREATE {kind} {name} AS {rows}")

    def _create_of_csv(self, matches: Sequence[Match]) -> None:
        try:
            self._create(matches)
        except (duckdb.InvalidInputException, duckdb.NotImplementedException):
            # Some rows are not valid CSV. Only reading line by line can find out which.
            saved = self._salvaged(matches)
            try:
                self._create(saved)
            except duckdb.NotImplementedException:
                # With all threads, multi-line cells confuse it.
                self._create([_with_part(one, is_parallel=False) for one in saved])

    def _surveyed(self, matches: Sequence[Match]) -> list[Match]:
        """Mark the files that have quotes, and salvage those that DuckDB would misread.

        Those are files with NUL bytes, and files with one column, where DuckDB sometimes takes a
        blank line for a row.
        """
        result: list[Match] = []
        for one in matches:
            assert isinstance(one.part, CsvPart)
            found = survey(one.part.path)
            marked = [_with_part(one, has_quotes=found.has_quote)]
            if found.has_nul or len(one.part.columns) == 1:
                marked = self._salvaged(marked)
            result += marked
        return result

    def _salvaged(self, matches: Sequence[Match]) -> list[Match]:
        """Replace files with copies without their broken rows, which are set aside."""
        result: list[Match] = []
        for one in matches:
            part = one.part
            if isinstance(part, CsvPart) and part.is_original:
                kept = self.scratch / f"{len(list(self.scratch.iterdir()))}.csv"
                read = {raw.reference for raw in one.raw.values() if raw}
                keys = {raw.reference for name in self.table.key if (raw := one.raw[name])}
                found = salvage(part, read, keys, kept)
                while batch := list(islice(found, _BATCH)):
                    self._set_broken_aside(
                        part.location, [row for row in batch if isinstance(row, BrokenRow)]
                    )
                    lines = [row.line for row in batch if isinstance(row, Misencoded)]
                    self._record_misencoded(part.location, lines)
                one = _with_part(one, path=kept, has_quotes=True)
            result.append(one)
        return result

    def _set_broken_aside(self, location: str, rows: list[BrokenRow]) -> None:
        self.broken += len(rows)
        batch = pa.table({"line": [r.line for r in rows], "text": [r.text for r in rows]})
        self.connection.register("landing_broken", batch)
        self.connection.execute(
            f"INSERT INTO raw_files.broken_rows "
            f"SELECT {self._name}, text, {literal(location)}, line FROM landing_broken"
        )
        self.connection.unregister("landing_broken")

    def _record_misencoded(self, location: str, lines: list[int]) -> None:
        if lines:
            self.connection.execute(
                f"INSERT INTO raw_files.misencoded_rows VALUES ({self._name}, ?, ?, ?)",
                [location, min(lines), len(lines)],
            )


def _with_part(one: Match, **changes: Any) -> Match:
    """The match with a different CSV file, or with the file read in a different way."""
    part = one.part
    return replace(one, part=replace(part, **changes)) if isinstance(part, CsvPart) else one
