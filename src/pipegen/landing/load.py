"""Landing raw tables in the build database, and accounting for every row.

What belongs here: which rows are kept (definitions, "Rows"), typed tables, the ledger of rows. What
does not: how a source is found and read (`source`), and how a value is parsed (`expressions`).

A table is landed in one scan. Only if that finds rows without a key, repeated keys or values that
do not parse, the source is read a second time, for those rows alone.
"""

import contextlib
import shutil
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from pipegen.contract.tables import (
    CUSTOM_COLUMNS,
    OF_THE_LOADER,
    SQL_TYPES,
    SYSTEMS,
    TABLES,
    Column,
    Table,
    columns_landed,
    columns_read,
)
from pipegen.errors import PipegenError
from pipegen.landing.expressions import (
    NULLABLE_KINDS,
    cleaned,
    identifier,
    is_null_word,
    literal,
    typed,
)
from pipegen.landing.files import CsvPart
from pipegen.landing.salvage import BrokenRow, Misencoded, salvage, survey
from pipegen.landing.source import Match, RawSource, check, match, text_relation

# Columns by which a loader says that a record is gone.
_DELETIONS = ("is_deleted", "_fivetran_deleted")

_AUDIT_DDL = """
CREATE TABLE landed_audit.tables (
    system VARCHAR NOT NULL, table_name VARCHAR NOT NULL, location VARCHAR,
    is_present BOOLEAN NOT NULL, missing_columns VARCHAR, rows_read BIGINT NOT NULL,
    rows_kept BIGINT NOT NULL, rows_deleted BIGINT NOT NULL, rows_set_aside BIGINT NOT NULL,
    seconds DOUBLE NOT NULL
);
CREATE TABLE landed_audit.set_aside_rows (
    system VARCHAR NOT NULL, table_name VARCHAR NOT NULL, record_key VARCHAR,
    reason VARCHAR NOT NULL, row_json VARCHAR NOT NULL, location VARCHAR NOT NULL, line BIGINT
);
CREATE TABLE landed_audit.null_words (
    system VARCHAR NOT NULL, table_name VARCHAR NOT NULL, column_name VARCHAR NOT NULL,
    word VARCHAR NOT NULL, row_count BIGINT NOT NULL
);
CREATE TABLE landed_audit.misencoded_rows (
    system VARCHAR NOT NULL, table_name VARCHAR NOT NULL, location VARCHAR NOT NULL,
    first_line BIGINT NOT NULL, row_count BIGINT NOT NULL
);
CREATE TABLE landed_audit.unparsed_values (
    system VARCHAR NOT NULL, table_name VARCHAR NOT NULL, record_key VARCHAR,
    column_name VARCHAR NOT NULL, raw_value VARCHAR NOT NULL
);
"""

# Broken rows are found in Python. This many are inserted into the database at a time.
_BATCH = 10_000

# What of a row needs a second read: a value that does not parse, a word for null, and a deletion
# that can't be read, so that nobody knows whether the record is still there.
_DOUBTS = ("has_unparsed", "has_null_word", "is_unsure")


@dataclass(frozen=True)
class TableReport:
    """The result of landing one raw table. Counts are rows.

    `rows_read` = `rows_kept` + `rows_deleted` + `rows_set_aside`. `location` is None if the table
    is absent.
    """

    system: str
    table_name: str
    location: str | None
    is_present: bool
    missing_columns: tuple[str, ...]
    rows_read: int
    rows_kept: int
    rows_deleted: int
    rows_set_aside: int
    seconds: float


def land(
    connection: duckdb.DuckDBPyConnection,
    source: RawSource,
    *,
    custom_columns: Mapping[str, str] = CUSTOM_COLUMNS,
    business_timezone: str = "UTC",
    progress: Callable[[str], None] | None = None,
) -> list[TableReport]:
    """Land every table of the contract, replacing what was landed before.

    `custom_columns` has the company's names for its custom fields. `business_timezone` (IANA)
    decides when the day of a bare date begins. `progress` is called with one line per table. Raises
    `PipegenError` if a required table or column is missing or a file can't be read; the landed
    tables are incomplete then and must not be used.
    """
    check(source, custom_columns=custom_columns)
    tell = progress or (lambda line: None)
    try:
        _create_schemas(connection)
        reports = []
        with _attached(source, connection), _scratch(connection) as folder:
            run = _Run(connection, custom_columns, business_timezone, folder)
            for table in TABLES:
                report = run.land(source, table)
                reports.append(report)
                if report.is_present:
                    tell(
                        f"{table.label}: {report.rows_read:,} rows, "
                        f"{report.rows_set_aside:,} set aside, {report.seconds:.1f} s"
                    )
        _record(connection, reports)
    except (duckdb.Error, OSError) as error:
        # Most likely the disk is full, or the folder is not writable.
        reason = str(error).splitlines()[0]
        raise PipegenError(f"the database that is built cannot be written: {reason}") from error
    return reports


@contextlib.contextmanager
def _attached(source: RawSource, connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    source.attach(connection)
    try:
        yield
    finally:
        source.detach(connection)


def _create_schemas(connection: duckdb.DuckDBPyConnection) -> None:
    for schema in (*(f"landed_{system}" for system in SYSTEMS), "landed_audit"):
        connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}")
    connection.execute(_AUDIT_DDL)


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


@dataclass(frozen=True)
class _Run:
    """One landing: everything that is the same for all tables."""

    connection: duckdb.DuckDBPyConnection
    custom_columns: Mapping[str, str]
    business_timezone: str
    scratch: Path

    def land(self, source: RawSource, table: Table) -> TableReport:
        """Land one table, or an empty one if it is absent."""
        started = time.perf_counter()
        parts = source.parts(table)
        if not parts:
            self._create(table)
            return TableReport(table.system, table.name, None, False, (), 0, 0, 0, 0, 0.0)
        location = source.location(table)
        matches = [match(table, part, self.custom_columns) for part in parts]
        missing = {name for one in matches for name in one.missing(table.columns)}
        try:
            read = self._read(table, matches)
        except (duckdb.Error, OSError, EOFError, zlib.error) as error:
            reason = str(error).splitlines()[0]
            raise PipegenError(f"{location} cannot be landed: {reason}") from error
        for column in _DOUBTS:
            self.connection.execute(f"ALTER TABLE {_landed(table)} DROP COLUMN {column}")
        return TableReport(
            table.system,
            table.name,
            location,
            True,
            tuple(c.name for c in table.columns if c.name in missing),
            read,
            *self._balance(table, read),
            time.perf_counter() - started,
        )

    def _create(self, table: Table, more: str = "") -> None:
        columns = ", ".join(
            f"{identifier(c.name)} {SQL_TYPES[c.kind]}"
            + (" NOT NULL" if c.name == "is_deleted" else "")
            for c in columns_landed(table)
        )
        self.connection.execute(f"CREATE OR REPLACE TABLE {_landed(table)} ({columns}{more})")

    def _read(self, table: Table, matches: Sequence[Match]) -> int:
        """Land the rows of a table that is present; returns the number of rows read."""
        matches, broken = self._surveyed(table, matches)
        try:
            read = self._insert(table, matches)
        except (duckdb.InvalidInputException, duckdb.NotImplementedException):
            # Some rows are not valid CSV. Only reading line by line can find out which.
            matches, more = self._salvaged(table, matches)
            broken += more
            matches, read = self._insert_somehow(table, matches)
        self._settle(table, matches)
        return read + broken

    def _insert_somehow(
        self, table: Table, matches: Sequence[Match]
    ) -> tuple[Sequence[Match], int]:
        """Insert salvaged files with all threads, or with one if multi-line cells confuse them.

        Returns the matches in the form in which they could be read, and the number of rows.
        """
        try:
            return matches, self._insert(table, matches)
        except duckdb.NotImplementedException:
            matches = [_with_part(one, is_parallel=False) for one in matches]
            return matches, self._insert(table, matches)

    def _insert(self, table: Table, matches: Sequence[Match]) -> int:
        """Land a table in one scan, which suffices for most; returns the number of rows."""
        self._create(table, "".join(f", {column} BOOLEAN" for column in _DOUBTS))
        doubts = _any_unparsed(table), _any_null_word(table), _is_unsure(table)
        [(count,)] = self.connection.execute(
            f"INSERT INTO {_landed(table)} "
            f"SELECT {self._landed_values(table)}, {', '.join(doubts)} "
            f"FROM ({self._values(table, matches, text_relation(table, matches))})"
        ).fetchall()
        return int(count)

    def _values(self, table: Table, matches: Sequence[Match], relation: str) -> str:
        """A query that adds `clean x` and `typed x` for each text column x of a relation."""
        read = columns_read(table)
        there = set(_present(table, matches))
        clean = ", ".join(
            f"{cleaned(identifier(c.name)) if c in there else 'NULL::VARCHAR'} AS {_clean(c)}"
            for c in read
        )
        # An absent column is nothing at once: parsing nothing has to be planned too.
        values = ", ".join(
            f"{typed(_clean(c), c.kind, self.business_timezone)} AS {_typed(c)}"
            if c in there
            else f"NULL::{SQL_TYPES[c.kind]} AS {_typed(c)}"
            for c in read
        )
        return f"SELECT *, {values} FROM (SELECT *, {clean} FROM ({relation}))"

    def _landed_values(self, table: Table) -> str:
        read = {column.name: column for column in columns_read(table)}
        deleted = " OR ".join(
            f"coalesce({_typed(read[name])}, false)" for name in _DELETIONS if name in read
        )
        # The row that stands for a record of which there are old versions only.
        deleted += f" OR {_is_old_version()}"
        return ", ".join(
            deleted if column.name == "is_deleted" else _typed(column)
            for column in columns_landed(table)
        )

    def _surveyed(self, table: Table, matches: Sequence[Match]) -> tuple[list[Match], int]:
        """Mark the CSV files that have quotes, and salvage those that DuckDB would misread.

        Those are files with NUL bytes, and files with one column, where DuckDB sometimes takes a
        blank line for a row. Returns the matches and the number of broken rows.
        """
        result: list[Match] = []
        count = 0
        for one in matches:
            if isinstance(one.part, CsvPart):
                found = survey(one.part.path)
                marked = [_with_part(one, is_alone=found.has_quote)]
                if found.has_nul or len(one.part.columns) == 1:
                    marked, broken = self._salvaged(table, marked)
                    count += broken
                result += marked
            else:
                result.append(one)
        return result, count

    def _salvaged(self, table: Table, matches: Sequence[Match]) -> tuple[list[Match], int]:
        """Replace CSV files with copies without their broken rows, which are set aside.

        Returns the matches with the copies, and the number of broken rows.
        """
        result: list[Match] = []
        count = 0
        for one in matches:
            part = one.part
            if isinstance(part, CsvPart) and part.is_original:
                kept = self.scratch / f"{len(list(self.scratch.iterdir()))}.csv"
                read = {raw.reference for raw in one.raw.values() if raw}
                keys = {raw.reference for name in table.key if (raw := one.raw[name])}
                found = salvage(part, read, keys, kept)
                while batch := list(islice(found, _BATCH)):
                    broken = [row for row in batch if isinstance(row, BrokenRow)]
                    count += len(broken)
                    self._set_broken_aside(table, part.location, broken)
                    lines = [row.line for row in batch if isinstance(row, Misencoded)]
                    self._record_misencoded(table, part.location, lines)
                one = _with_part(one, path=kept, is_alone=True)
            result.append(one)
        return result, count

    def _set_broken_aside(self, table: Table, location: str, rows: list[BrokenRow]) -> None:
        batch = pa.table({"line": [r.line for r in rows], "text": [r.text for r in rows]})
        self.connection.register("landing_broken", batch)
        self.connection.execute(
            f"INSERT INTO landed_audit.set_aside_rows SELECT {_name(table)}, NULL, "
            f"'malformed_row', text, {literal(location)}, line FROM landing_broken"
        )
        self.connection.unregister("landing_broken")

    def _record_misencoded(self, table: Table, location: str, lines: list[int]) -> None:
        if lines:
            self.connection.execute(
                f"INSERT INTO landed_audit.misencoded_rows VALUES ({_name(table)}, ?, ?, ?)",
                [location, min(lines), len(lines)],
            )

    def _settle(self, table: Table, matches: Sequence[Match]) -> None:
        """Handle rows without a key, rows with a repeated key, and values that do not parse."""
        self._count_null_words(table, matches)
        if not self._is_suspicious(table):
            return
        relation = text_relation(table, matches, with_location=True)
        self.connection.execute(_suspects_sql(table, self._values(table, matches, relation)))
        self.connection.execute(_FATES_SQL if table.key else _NO_FATES_SQL)
        fates = f"({self._values(table, matches, _JOINED_FATES)})"
        self.connection.execute(f"DELETE FROM {_landed(table)} WHERE is_unsure")
        if table.key:
            repeated = f"({_keys(table)}) IN (FROM landing_repeated)"
            self.connection.execute(
                f"DELETE FROM {_landed(table)} WHERE {_key_is_missing(table)} OR {repeated}"
            )
            self.connection.execute(
                f"INSERT INTO {_landed(table)} "
                f"SELECT {self._landed_values(table)}{', NULL' * len(_DOUBTS)} "
                f"FROM {fates} WHERE reason IS NULL "
                f"AND ({_keys(table, 'typed ')}) IN (FROM landing_repeated)"
            )
        self.connection.execute(_set_aside_sql(table, _present(table, matches), fates))
        self.connection.execute(_unparsed_sql(table, fates))
        self.connection.execute("DROP TABLE landing_suspects; DROP TABLE landing_fates")

    def _count_null_words(self, table: Table, matches: Sequence[Match]) -> None:
        """Count the words that were read as null: a row per column, with the first of its words."""
        [(has_any,)] = self.connection.execute(
            f"SELECT coalesce(bool_or(has_null_word), false) FROM {_landed(table)}"
        ).fetchall()
        if not has_any:
            return
        columns = _nullable_columns(table)
        counts = ", ".join(
            f"min({_clean(c)}) FILTER ({_is_word(c)}), count(*) FILTER ({_is_word(c)})"
            for c in columns
        )
        values = self._values(table, matches, text_relation(table, matches))
        [found] = self.connection.execute(f"SELECT {counts} FROM ({values})").fetchall()
        rows = [
            [table.system, table.name, c.name, word, count]
            for c, word, count in zip(columns, found[::2], found[1::2], strict=True)
            if count
        ]
        self.connection.executemany(
            "INSERT INTO landed_audit.null_words VALUES (?, ?, ?, ?, ?)", rows
        )

    def _is_suspicious(self, table: Table) -> bool:
        """Whether the landed rows need a second read. Writes the repeated keys to a table."""
        landed = _landed(table)
        query = f"SELECT coalesce(bool_or(has_unparsed), false) FROM {landed}"
        if table.key:
            keys, missing = _keys(table), _key_is_missing(table)
            self.connection.execute(
                f"CREATE OR REPLACE TEMP TABLE landing_repeated AS SELECT {keys} FROM {landed} "
                f"WHERE NOT ({missing}) GROUP BY ALL HAVING count(*) > 1"
            )
            query = (
                f"SELECT coalesce(bool_or(has_unparsed OR {missing}), false) "
                f"OR EXISTS (FROM landing_repeated) FROM {landed}"
            )
        [(is_suspicious,)] = self.connection.execute(query).fetchall()
        return bool(is_suspicious)

    def _balance(self, table: Table, read: int) -> tuple[int, int, int]:
        """Rows kept, deleted and set aside. Raises `PipegenError` unless they add up."""
        [(kept, deleted, set_aside)] = self.connection.execute(
            "SELECT count(*) FILTER (NOT is_deleted), count(*) FILTER (is_deleted), "
            "(SELECT count(*) FROM landed_audit.set_aside_rows "
            f"WHERE (system, table_name) = ({_name(table)})) FROM {_landed(table)}"
        ).fetchall()
        if kept + deleted + set_aside != read:
            raise PipegenError(
                f"{table.label}: of {read} rows read {kept} are kept, {deleted} deleted and "
                f"{set_aside} set aside; run again once nothing writes to the raw tables"
            )
        return kept, deleted, set_aside


def _record(connection: duckdb.DuckDBPyConnection, reports: Sequence[TableReport]) -> None:
    rows = [
        {**vars(r), "missing_columns": ",".join(r.missing_columns) if r.is_present else None}
        for r in reports
    ]
    connection.executemany(
        f"INSERT INTO landed_audit.tables VALUES ({', '.join('?' * len(rows[0]))})",
        [list(row.values()) for row in rows],
    )


def _with_part(one: Match, **changes: Any) -> Match:
    """The match with a different CSV file, or with the file read in a different way."""
    part = one.part
    return replace(one, part=replace(part, **changes)) if isinstance(part, CsvPart) else one


def _present(table: Table, matches: Sequence[Match]) -> list[Column]:
    """The columns that at least one part has."""
    return [c for c in columns_read(table) if any(one.raw[c.name] for one in matches)]


def _landed(table: Table) -> str:
    return f"landed_{table.system}.{identifier(table.name)}"


def _name(table: Table) -> str:
    return f"{literal(table.system)}, {literal(table.name)}"


def _clean(column: Column) -> str:
    return identifier(f"clean {column.name}")


def _typed(column: Column) -> str:
    return identifier(f"typed {column.name}")


def _keys(table: Table, prefix: str = "") -> str:
    return ", ".join(identifier(prefix + name) for name in table.key)


def _key_is_missing(table: Table, prefix: str = "") -> str:
    return " OR ".join(f"{identifier(prefix + name)} IS NULL" for name in table.key)


def _record_key(table: Table) -> str:
    """The key as readable text; null if any part of it is null."""
    return " || '|' || ".join(identifier(f"typed {name}") for name in table.key) or "NULL"


def _is_unparsed(column: Column) -> str:
    return f"({_clean(column)} IS NOT NULL AND {_typed(column)} IS NULL)"


def _parsed_columns(table: Table) -> list[Column]:
    """The columns whose text may fail to parse."""
    return [c for c in columns_read(table) if c.kind not in (*NULLABLE_KINDS, "text")]


def _any_unparsed(table: Table) -> str:
    return " OR ".join(_is_unparsed(column) for column in _parsed_columns(table))


def _is_unsure(table: Table) -> str:
    deletions = [c for c in columns_read(table) if c.name in _DELETIONS]
    return " OR ".join(_is_unparsed(column) for column in deletions)


def _is_old_version() -> str:
    return '("typed _fivetran_active" IS NOT NULL AND NOT "typed _fivetran_active")'


def _nullable_columns(table: Table) -> list[Column]:
    return [c for c in columns_read(table) if c.kind in NULLABLE_KINDS]


def _is_word(column: Column) -> str:
    return is_null_word(_clean(column), _typed(column))


def _any_null_word(table: Table) -> str:
    return " OR ".join(map(_is_word, _nullable_columns(table))) or "false"


def _suspects_sql(table: Table, values: str) -> str:
    """Select the rows that need a second look, as text, with all that is needed to decide."""
    raw = ", ".join(identifier(column.name) for column in columns_read(table))
    same = ", ".join(_clean(c) for c in columns_read(table) if c.name not in OF_THE_LOADER)
    keys = _keys(table, "typed ")
    key, suspicious = "NULL", _any_unparsed(table)
    if table.key:
        missing = _key_is_missing(table, "typed ")
        key = f"CASE WHEN NOT ({missing}) THEN [{keys}] END"
        suspicious += f" OR {missing} OR ({keys}) IN (FROM landing_repeated)"
    return f"""
        CREATE OR REPLACE TEMP TABLE landing_suspects AS
        SELECT
            {raw},
            location,
            {key} AS "fate key",
            "typed system_modstamp" AS "fate changed",
            "typed _fivetran_synced" AS "fate synced",
            NOT {_is_old_version()} AS "fate stands",
            {_is_unsure(table)} AS "fate unsure",
            "typed _fivetran_start" AS "fate begun",
            "typed _sdc_sequence" AS "fate sequence",
            md5(json_array({same})::VARCHAR) AS "fate digest"
        FROM ({values})
        WHERE {suspicious}
    """


# Of rows that differ only in when they were synced, the one synced last is kept. Of the remaining
# rows with one key, the latest by change and sync is kept, or where these are equal by the loader's
# own order, unless two are equally late. Any version goes before the old ones of history mode. The
# kept row is set aside after all if nobody can tell whether it is deleted. Digests
# stand for whole rows here: if a big table comes twice, whole rows would not fit in memory.
_FATES_SQL = """
    CREATE OR REPLACE TEMP TABLE landing_fates AS
    WITH copies AS (
        SELECT
            rowid AS suspect,
            "fate key" AS key,
            "fate changed" AS changed,
            "fate synced" AS synced,
            "fate stands" AS stands,
            "fate unsure" AS unsure,
            "fate begun" AS begun,
            "fate sequence" AS sequence,
            row_number() OVER (
                PARTITION BY "fate digest"
                ORDER BY
                    "fate synced" DESC NULLS LAST, _fivetran_synced DESC NULLS LAST,
                    "fate begun" DESC NULLS LAST, "fate sequence" DESC NULLS LAST, location
            ) AS copy
        FROM landing_suspects
    ),
    places AS (
        SELECT
            *,
            rank() OVER (
                PARTITION BY key
                ORDER BY
                    copy = 1 DESC, stands DESC, changed DESC NULLS LAST, synced DESC NULLS LAST,
                    begun DESC NULLS LAST, sequence DESC NULLS LAST
            ) AS place
        FROM copies
    )
    SELECT
        suspect,
        CASE
            WHEN key IS NULL THEN 'null_key'
            WHEN copy > 1 THEN 'repeated'
            WHEN count(*) FILTER (place = 1) OVER (PARTITION BY key) > 1 THEN 'ambiguous_key'
            WHEN place > 1 THEN 'superseded'
            WHEN unsure THEN 'unreadable_deletion'
        END AS reason
    FROM places
"""

# In a table without a key, rows get a second look only for values that did not parse.
_NO_FATES_SQL = """
    CREATE OR REPLACE TEMP TABLE landing_fates AS
    SELECT rowid AS suspect, CASE WHEN "fate unsure" THEN 'unreadable_deletion' END AS reason
    FROM landing_suspects
"""

_JOINED_FATES = """
    SELECT landing_suspects.*, landing_fates.reason
    FROM landing_suspects JOIN landing_fates ON landing_suspects.rowid = landing_fates.suspect
"""


def _set_aside_sql(table: Table, present: Sequence[Column], fates: str) -> str:
    cells = ", ".join(f"{literal(c.name)}, {identifier(c.name)}" for c in present)
    return (
        f"INSERT INTO landed_audit.set_aside_rows SELECT {_name(table)}, {_record_key(table)}, "
        f"reason, json_object({cells})::VARCHAR, location, NULL "
        f"FROM {fates} WHERE reason IS NOT NULL"
    )


def _unparsed_sql(table: Table, fates: str) -> str:
    selects = (
        f"SELECT {_name(table)}, {_record_key(table)}, {literal(c.name)}, {identifier(c.name)} "
        f"FROM {fates} WHERE reason IS NULL AND {_is_unparsed(c)}"
        for c in _parsed_columns(table)
    )
    return "INSERT INTO landed_audit.unparsed_values " + " UNION ALL ".join(selects)
