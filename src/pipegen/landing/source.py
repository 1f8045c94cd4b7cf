"""Sources of raw tables: the parts of each table, in files or in a warehouse.

What belongs here: the interface of every kind of source (`RawSource`, `Part`), matching raw columns
with the contract's, and the check before anything is built. What does not: files (`files`), the
warehouse (`warehouse`), and what becomes of a row (models/landing).
"""

import contextlib
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from pipegen.contract.spellings import COLUMN_ALIASES, EPOCH_COLUMNS, LOADERS, TABLE_ALIASES
from pipegen.contract.tables import (
    CUSTOM_COLUMNS,
    TABLES,
    Column,
    Table,
    columns_read,
    normalised,
)
from pipegen.errors import PipegenError
from pipegen.landing.expressions import as_written, fits, from_epoch, identifier, literal

FILE_COLUMN = "__pipegen_file"

_EPOCHS = {normalised(name) for name in EPOCH_COLUMNS}


@dataclass(frozen=True)
class RawColumn:
    """A column of the source: the name that people see, the name for SQL, DuckDB's type."""

    name: str
    reference: str
    sql_type: str


@dataclass(frozen=True)
class Part(ABC):
    """One file of a table, or the table itself if it is in a warehouse."""

    location: str
    columns: tuple[RawColumn, ...]

    @property
    @abstractmethod
    def where(self) -> str:
        """The location in full, for messages."""

    @property
    def group(self) -> tuple[object, ...]:
        """The group: parts with the same group are read in one scan."""
        return (type(self), self.columns)

    @abstractmethod
    def scan(self, parts: Sequence["Part"]) -> str:
        """The FROM clause that reads all parts of this part's group."""

    @abstractmethod
    def location_sql(self, parts: Sequence["Part"]) -> str:
        """The SQL expression for the location of a row in that scan."""

    @abstractmethod
    def has_values(self, column: RawColumn) -> bool:
        """Whether any row has a value in the column; true if that is unknown."""


class RawSource(ABC):
    """A place with raw tables. Finding them reads only headers and schemas."""

    # Whether a query of `asked` may leave a table behind for the next one.
    keeps_tables = True

    def __init__(self) -> None:
        self._parts: dict[str, tuple[Part, ...]] = {}

    def parts(self, table: Table) -> tuple[Part, ...]:
        """The parts of a table, or none. Raises `PipegenError` if one is unreadable."""
        if table.label not in self._parts:
            self._parts[table.label] = tuple(self.find(table))
        return self._parts[table.label]

    @abstractmethod
    def find(self, table: Table) -> Iterator[Part]:
        """Locate the parts of a table."""

    @abstractmethod
    def wanted(self, table: Table) -> str:
        """A description of where an absent table was looked for."""

    @abstractmethod
    def location(self, table: Table) -> str:
        """The location of a present table, as the audit tables show it."""

    def ignored(self) -> list[str]:
        """What else is there but not read; a misspelt table would be among these."""
        return []

    def attach(self, connection: duckdb.DuckDBPyConnection) -> None:  # noqa: B027
        """Make the source readable for the connection. Files need nothing."""

    def detach(self, connection: duckdb.DuckDBPyConnection) -> None:  # noqa: B027
        """Undo `attach`, so that the source's file can be replaced."""

    @contextlib.contextmanager
    def asked(self) -> Iterator[Any]:
        """A connection that answers queries over the tables, in DuckDB's words; it writes nothing
        that stays."""
        with duckdb.connect() as connection:
            self.attach(connection)
            yield connection


@dataclass(frozen=True)
class Match:
    """The raw column of a part for each contract column; None if the part has none."""

    part: Part
    raw: Mapping[str, RawColumn | None]

    def missing(self, columns: Sequence[Column]) -> list[str]:
        """The columns that the part does not have."""
        return [column.name for column in columns if self.raw[column.name] is None]


def match(table: Table, part: Part, custom_columns: Mapping[str, str]) -> Match:
    """Match a part's columns with the contract's, ignoring case, underscores and blanks.

    Raises `PipegenError` if two raw columns match the same contract column.
    """
    by_name: dict[str, list[RawColumn]] = defaultdict(list)
    for raw in part.columns:
        by_name[normalised(raw.name)].append(raw)
    matched: dict[str, RawColumn | None] = {}
    problems = []
    for column in columns_read(table):
        names = (raw_name(column, custom_columns), *COLUMN_ALIASES.get(column.name, ()))
        found = next((by_name[key] for name in names if (key := normalised(name)) in by_name), [])
        if len(found) > 1:
            both = " and ".join(f"'{raw.name}'" for raw in found)
            problems.append(
                f"{part.where}: columns {both} are both {column.name}; leave one of them out"
            )
        matched[column.name] = found[0] if found else None
    if problems:
        raise PipegenError(problems)
    return Match(part, matched)


def loaders(source: RawSource) -> list[str]:
    """The loaders by whose columns some table is told, in the order of `LOADERS`."""
    there = {
        normalised(column.name)
        for table in TABLES
        for part in source.parts(table)
        for column in part.columns
    }
    return [name for column, name in LOADERS.items() if normalised(column) in there]


def table_names(table: Table) -> tuple[str, ...]:
    """The normalised names by which a table goes, the contract's first."""
    names = (table.name, *TABLE_ALIASES.get(table.label, ()))
    return tuple(dict.fromkeys(map(normalised, names)))


def raw_name(column: Column, custom_columns: Mapping[str, str]) -> str:
    """The company's name for a column."""
    return custom_columns.get(column.custom, column.name) if column.custom else column.name


def raw_relation(
    columns: Sequence[Column], matches: Sequence[Match], *, as_text: bool = False
) -> str:
    """A query for the rows of all parts as they are, or `as_text`, with some columns by the
    contract's names, and the location of each row."""
    cell = _text_cell if as_text else _raw_cell
    groups: dict[object, list[Match]] = defaultdict(list)
    for one in matches:
        groups[one.part.group].append(one)
    selects = []
    for group in groups.values():
        first, parts = group[0], [one.part for one in group]
        cells = [f"{cell(first.raw[one.name])} AS {identifier(one.name)}" for one in columns]
        cells.append(f"{first.part.location_sql(parts)} AS {FILE_COLUMN}")
        selects.append(f"SELECT {', '.join(cells)} FROM {first.part.scan(parts)}")
    return "\nUNION ALL\n".join(selects)


def _raw_cell(raw: RawColumn | None) -> str:
    if raw is None:
        return "NULL"
    if normalised(raw.name) in _EPOCHS:
        return _text_cell(raw)
    return identifier(raw.reference)


def _text_cell(raw: RawColumn | None) -> str:
    text = as_written(raw.reference, raw.sql_type) if raw else "NULL::VARCHAR"
    return from_epoch(text) if raw and normalised(raw.name) in _EPOCHS else text


def check(source: RawSource, *, custom_columns: Mapping[str, str] = CUSTOM_COLUMNS) -> None:
    """Check headers and schemas, before anything is built.

    Raises one `PipegenError` that lists every missing required table and column, every unreadable
    file and every column of a wrong type, each with its location.
    """
    problems: list[str] = []
    for table in TABLES:
        try:
            parts = source.parts(table)
        except PipegenError as error:
            problems += error.problems
            continue
        if not parts and table.required:
            problems.append(f"required table {table.label} is missing: {source.wanted(table)}")
        for part in parts:
            problems += _part_problems(table, part, custom_columns)
    if problems:
        raise PipegenError(problems)


def _part_problems(table: Table, part: Part, custom_columns: Mapping[str, str]) -> list[str]:
    try:
        matched = match(table, part, custom_columns)
    except PipegenError as error:
        return list(error.problems)
    if not table.key and len(matched.missing(table.columns)) == len(table.columns):
        wanted = ", ".join(column.name for column in table.columns)
        return [f"{part.where}: none of the columns of {table.label} is in it ({wanted})"]
    problems = []
    required = [column for column in table.columns if column.required]
    if missing := matched.missing(required):
        problems.append(f"{part.where}: required {_listed('column', missing)} missing")
    for column in columns_read(table):
        raw = matched.raw[column.name]
        if raw and not fits(raw.sql_type, column.kind) and part.has_values(raw):
            problems.append(
                f"{part.where}: column {raw.name} is {raw.sql_type}, "
                f"which cannot be read as {column.kind}"
            )
    return problems


def finds_any(
    query: str, prepare: Callable[[duckdb.DuckDBPyConnection], None] = lambda connection: None
) -> bool:
    """Whether a count is above 0, in a new connection; true if the query fails."""
    with duckdb.connect() as connection:
        prepare(connection)
        try:
            [(count,)] = connection.execute(query).fetchall()
        except duckdb.Error:
            return True
    return bool(count)


def _listed(noun: str, names: Sequence[str]) -> str:
    """`column a is`, `columns a, b are`."""
    return f"{noun}s {', '.join(names)} are" if len(names) > 1 else f"{noun} {names[0]} is"


def quoted_list(texts: Sequence[str]) -> str:
    """An SQL list of strings."""
    return "[" + ", ".join(literal(text) for text in texts) + "]"
