"""Raw tables in files: `<system>/<table>.csv`, `.csv.gz`, `.parquet` or a folder of such parts.

What belongs here: finding the files of a table, reading headers and schemas, the SQL that scans
files. What does not: what a row means, and which columns are wanted.
"""

import csv
import gzip
import io
import os
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

import duckdb

from pipegen.contract.tables import SYSTEMS, TABLES, Table, normalised
from pipegen.errors import PipegenError
from pipegen.landing.expressions import identifier, literal
from pipegen.landing.source import (
    FILE_COLUMN,
    Part,
    RawColumn,
    RawSource,
    finds_any,
    quoted_list,
    table_names,
)

# DuckDB's own default. A longer row is an unclosed quote.
MAX_ROW_BYTES = 2_000_000

_SUFFIXES = (".csv.gz", ".csv", ".parquet")
_FIRST_BYTES = 65_536


def open_bytes(path: Path) -> BinaryIO:
    """Open a file for reading, decompressed if it is gzipped."""
    if _is_gzipped(path):
        return gzip.open(path, "rb")  # type: ignore[return-value]
    return path.open("rb")


def _is_gzipped(path: Path) -> bool:
    return path.name.lower().endswith(".gz")


@dataclass(frozen=True)
class FilePart(Part):
    """A file. `location` names it below `root`, or the file that it is a copy of."""

    path: Path
    root: Path

    @property
    def is_original(self) -> bool:
        """Whether the file is the one that the location names, rather than a copy."""
        return self.path == self.root / self.location

    @property
    def where(self) -> str:
        return str(self.root / self.location)

    def location_sql(self, parts: Sequence[Part]) -> str:
        if len(parts) == 1:
            return literal(self.location)
        return f"substr({identifier(FILE_COLUMN)}, {len(str(self.root)) + 2})"

    def has_values(self, column: RawColumn) -> bool:
        query = f"SELECT count({identifier(column.reference)}) FROM {self.scan([self])}"
        return finds_any(query)


@dataclass(frozen=True)
class CsvPart(FilePart):
    """A CSV file; its columns are referred to by position, since headers may repeat.

    If a file has quotes, two things go wrong in DuckDB. When several files are in one scan, rows
    after an unclosed quote are lost silently, and so they are when a single thread reads one: such
    files are read alone (`has_quotes`), by several threads. Of these each starts at a different
    position, and if one starts within a quoted cell, the scan fails: then a single thread must read
    what was saved of the file (`is_parallel`).
    """

    has_quotes: bool = False
    is_parallel: bool = True

    @property
    def group(self) -> tuple[object, ...]:
        return (type(self), self.columns, self._compression, self.path if self.has_quotes else None)

    @property
    def _compression(self) -> str:
        return "gzip" if _is_gzipped(self.path) else "none"

    def scan(self, parts: Sequence[Part]) -> str:
        columns = ", ".join(f"{literal(c.reference)}: 'VARCHAR'" for c in self.columns)
        return (
            f"read_csv({_paths(parts)}, auto_detect = false, header = true, delim = ',', "
            f"quote = '\"', escape = '\"', strict_mode = true, max_line_size = {MAX_ROW_BYTES}, "
            f"parallel = {self.is_parallel}, compression = {literal(self._compression)}, "
            f"filename = {literal(FILE_COLUMN)}, columns = {{{columns}}})"
        )


class ParquetPart(FilePart):
    """A Parquet file."""

    def scan(self, parts: Sequence[Part]) -> str:
        # Some writers don't mark text as such, so it is read as bytes.
        return (
            f"read_parquet({_paths(parts)}, binary_as_string = true, hive_partitioning = false, "
            f"filename = {literal(FILE_COLUMN)})"
        )


def _paths(parts: Sequence[Part]) -> str:
    return quoted_list([str(part.path) for part in parts if isinstance(part, FilePart)])


class RawFolder(RawSource):
    """A folder with one folder of files per system."""

    def __init__(self, root: Path) -> None:
        """Raise `PipegenError` unless the folder exists and contains a folder `salesforce`."""
        super().__init__()
        self.root = root
        self._systems = self._find_systems()
        self._schemas: duckdb.DuckDBPyConnection | None = None

    def _find_systems(self) -> dict[str, Path]:
        if not os.path.lexists(self.root):
            raise PipegenError(f"no such folder of raw tables: {self.root}")
        if self.root.is_file():
            raise PipegenError(
                f"{self.root} is a file; raw tables are given as a folder{self._database_hint()}"
            )
        found: dict[str, Path] = {}
        for entry in _entries(self.root):
            system = normalised(entry.name)
            if system in SYSTEMS and entry.is_dir():
                if system in found:
                    raise PipegenError(
                        f"{self.root} holds two folders for {system}: "
                        f"{found[system].name} and {entry.name}"
                    )
                found[system] = entry
        if "salesforce" not in found:
            raise PipegenError(f"{self.root} holds no folder salesforce{self._hint()}")
        return found

    def _database_hint(self) -> str:
        """What to do with a DuckDB file, as the rest of a sentence; empty for any other file."""
        try:
            with duckdb.connect(str(self.root), read_only=True) as connection:
                rows = connection.execute(
                    "SELECT DISTINCT schema_name FROM duckdb_tables() ORDER BY 1"
                ).fetchall()
        except duckdb.Error:
            return ""
        schemas = ", ".join(name for (name,) in rows)
        return (
            f". It is a DuckDB file, as a loader writes one (schemas: {schemas}): set "
            "PIPEGEN_RAW=warehouse, and in settings.yml raw_databases: "
            f"{{salesforce: {self.root}}} and the schema in raw_schemas"
        )

    def _hint(self) -> str:
        """A folder that the user may have meant, one level up or down."""
        if normalised(self.root.resolve().name) in SYSTEMS:
            return f"; did you mean the folder it is in, {self.root.resolve().parent}?"
        for entry in _entries(self.root):
            if entry.is_dir() and any(normalised(e.name) == "salesforce" for e in _entries(entry)):
                return f"; did you mean {entry}?"
        return f"; put the tables into {self.root / 'salesforce'}, as account.csv and so on"

    @cached_property
    def _tables(self) -> dict[tuple[str, str], list[Path]]:
        """Files and folders, by normalised system and table name."""
        tables: dict[tuple[str, str], list[Path]] = defaultdict(list)
        for system, folder in self._systems.items():
            for entry in _entries(folder):
                stem, suffix = _split(entry.name)
                if suffix or entry.is_dir():
                    tables[system, normalised(stem)].append(entry)
        return dict(tables)

    def find(self, table: Table) -> Iterator[Part]:
        candidates = self._candidates(table)
        if len(candidates) > 1:
            names = " and ".join(sorted(self._relative(path) for path in candidates))
            raise PipegenError(f"{names} both stand for {table.label}; leave one of them")
        for path in candidates:
            files = self._part_files(path) if path.is_dir() else [path]
            for file in files:
                yield self._part(file)

    def wanted(self, table: Table) -> str:
        folder = self._systems.get(table.system, self.root / table.system)
        return (
            f"looked for {table.name}.csv, {table.name}.parquet and a folder {table.name} "
            f"in {folder}"
        )

    def location(self, table: Table) -> str:
        return self._relative(self._candidates(table)[0])

    def ignored(self) -> list[str]:
        read = {path for table in TABLES for path in self._candidates(table)}
        entries = (entry for folder in self._systems.values() for entry in _entries(folder))
        return sorted(self._relative(entry) for entry in entries if entry not in read)

    def _candidates(self, table: Table) -> list[Path]:
        names = table_names(table)
        return [path for name in names for path in self._tables.get((table.system, name), [])]

    def _relative(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def _part_files(self, folder: Path) -> list[Path]:
        files = [entry for entry in _entries(folder) if _split(entry.name)[1]]
        for entry in files:
            if entry.is_dir():
                raise PipegenError(f"{self._relative(entry)} is a folder; parts must be files")
        if not files:
            raise PipegenError(f"{self._relative(folder)} holds no .csv or .parquet file")
        if len({_split(file.name)[1] == ".parquet" for file in files}) > 1:
            raise PipegenError(
                f"{self._relative(folder)} mixes .csv and .parquet parts; keep one kind"
            )
        return files

    def _part(self, path: Path) -> Part:
        location = self._relative(path)
        try:
            if _split(path.name)[1] == ".parquet":
                return ParquetPart(location, self._parquet_columns(path), path, self.root)
            return CsvPart(location, _csv_columns(path), path, self.root)
        except OSError as error:
            raise PipegenError(f"{path} cannot be read: {error.strerror or error}") from error

    def _parquet_columns(self, path: Path) -> tuple[RawColumn, ...]:
        if self._schemas is None:
            self._schemas = duckdb.connect()
        part = ParquetPart(path.name, (), path, path.parent)
        try:
            rows = self._schemas.execute(f"DESCRIBE FROM {part.scan([part])}").fetchall()
        except duckdb.Error as error:
            raise PipegenError(f"{path} is no Parquet file that can be read") from error
        return tuple(
            RawColumn(name, name, sql_type) for name, sql_type, *_ in rows if name != FILE_COLUMN
        )


def _entries(folder: Path) -> list[Path]:
    """A folder's entries, without hidden files and the markers that writers leave."""
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise PipegenError(f"{folder} cannot be read: {error.strerror or error}") from error
    return [entry for entry in entries if not entry.name.startswith((".", "_"))]


def _split(name: str) -> tuple[str, str]:
    """A file's name and suffix. The suffix is empty unless the file is CSV or Parquet."""
    for suffix in _SUFFIXES:
        if name.lower().endswith(suffix):
            return name[: -len(suffix)], suffix
    return name, ""


def _csv_columns(path: Path) -> tuple[RawColumn, ...]:
    """The header of a CSV file. Raises `PipegenError` if it is not a CSV file."""
    try:
        with open_bytes(path) as stream:
            first = stream.read(_FIRST_BYTES)
            while len(first) < MAX_ROW_BYTES and not _has_line(first):
                if not (more := stream.read(_FIRST_BYTES)):
                    break
                first += more
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise PipegenError(f"{path} is no gzip file that can be read") from error
    if not first.removeprefix(b"\xef\xbb\xbf").strip():
        raise PipegenError(f"{path} is empty; a table without rows still has a header")
    text = first.decode("utf-8-sig", errors="surrogateescape")
    try:
        names = next(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise PipegenError(f"{path} is no CSV file: its first line cannot be read") from error
    if any(not _is_readable(name) for name in names):
        raise PipegenError(f"{path} is no CSV file in UTF-8: its first line is not text")
    while names and not names[-1].strip():
        names.pop()
    if not names:
        raise PipegenError(f"{path}: the first line is blank; it must name the columns")
    if len(names) == 1 and (separator := next((c for c in ";\t|" if c in names[0]), None)):
        shown = "tabs" if separator == "\t" else f"'{separator}'"
        raise PipegenError(f"{path} is separated by {shown}; a CSV needs commas")
    return tuple(RawColumn(name, f"c{index}", "VARCHAR") for index, name in enumerate(names))


def _has_line(first: bytes) -> bool:
    return b"\n" in first or b"\r" in first


def _is_readable(name: str) -> bool:
    """Whether a header is text: no control characters, no bytes outside UTF-8."""
    return not any((c < " " and c not in "\t\r\n") or "\ud800" <= c <= "\udfff" for c in name)
