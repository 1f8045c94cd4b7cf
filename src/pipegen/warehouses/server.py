"""What all servers have in common: connections that accept DuckDB's SQL.

What belongs here: translating a query, binding values, naming schemas. What does not: any one
engine.
"""

import abc
import contextlib
import datetime as dt
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from pipegen.contract.places import Places
from pipegen.warehouses.names import SCHEMAS, ServerError

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

# The database name by which a query in the build refers to a table of the published warehouse.
CATALOG = "published"

_BATCH = 1_000

# What writes within a query that reads: `with gone as (delete from … returning *) select …`.
_WRITES = (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Into, exp.Create, exp.Drop)


class Result:
    """The result of a query, with the same interface as DuckDB's."""

    def __init__(self, names: Sequence[str], rows: list[tuple[Any, ...]]) -> None:
        self.description = [(name,) for name in names]
        self._rows = rows

    def fetchall(self) -> list[tuple[Any, ...]]:
        """All rows, in order."""
        return self._rows

    def df(self) -> "pd.DataFrame":
        """The rows as a frame. Decimals and empty columns become floats."""
        import pandas as pd

        frame = pd.DataFrame(self._rows, columns=[name for (name,) in self.description])
        for name in frame.columns:
            values = frame[name].dropna()
            if len(values) == 0:
                frame[name] = frame[name].astype("float64")
            elif isinstance(values.iloc[0], Decimal):
                frame[name] = frame[name].map(float, na_action="ignore").astype("float64")
        return frame


class ServerConnection(abc.ABC):
    """A connection to the schemas of one prefix that accepts DuckDB's SQL."""

    dialect: str

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    def execute(self, sql: str, values: Sequence[object] = ()) -> Result:
        """Run statements in DuckDB's dialect; returns the last result. Raises `ServerError`."""
        result = Result([], [])
        for statement in translated(sql, self.dialect, self.prefix, tuple(map(_fixed, values))):
            result = self.run(statement)
        return result

    def forbid_writing(self) -> None:  # noqa: B027
        """Let this connection only read from now on; nothing where the engine has no such mode."""

    def insert(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows, matching columns by name. Columns that no row has are null."""
        names = sorted({name for row in rows for name in row})
        for start in range(0, len(rows), _BATCH):
            tuples = [
                exp.Tuple(expressions=[literal(row.get(name)) for name in names])
                for row in rows[start : start + _BATCH]
            ]
            tree = exp.insert(exp.Values(expressions=tuples), table, columns=names)
            self.run(_rendered(tree, self.dialect, self.prefix))

    @abc.abstractmethod
    def run(self, sql: str) -> Result:
        """Run one statement in the engine's own dialect. Raises `ServerError`."""

    def frame(self, sql: str) -> Any:
        """The result of a query in DuckDB's dialect, as a frame of pandas or of the engine."""
        return self.execute(sql).df()

    @abc.abstractmethod
    def batches(self, sql: str) -> Iterator[list[tuple[Any, ...]]]:
        """The rows of a query in DuckDB's dialect, some thousands at a time."""

    @abc.abstractmethod
    def columns(self, table: str) -> list[tuple[str, str]]:
        """The columns of a table `schema.name`, with types named so that DuckDB accepts them."""

    @abc.abstractmethod
    def column_comments(self) -> list[tuple[str, str, str | None]]:
        """The comment on every published column: `schema.table`, column, comment."""

    @abc.abstractmethod
    def close(self) -> None:
        """Release what the connection holds."""


class Server(abc.ABC):
    """An engine on a server; one object per process and target."""

    name: str

    def only_reads(self, sql: str) -> bool:
        """Whether statements in DuckDB's words are queries that write nothing.

        Raises `ServerError` for what can't be read as SQL.
        """
        try:
            trees = _parsed(sql)
        except SqlglotError as error:
            raise ServerError(error) from None
        return all(
            isinstance(tree, exp.Query | exp.Describe) and not tree.find(*_WRITES) for tree in trees
        )

    @abc.abstractmethod
    def connect(self, prefix: str) -> ServerConnection:
        """Connect to the schemas of a prefix. Raises `PipegenError` if that fails."""

    @abc.abstractmethod
    def build_schema(self) -> str:
        """The prefix, without its underscore, of the schemas that the next run may build in."""

    @abc.abstractmethod
    def lock(self) -> contextlib.AbstractContextManager[None]:
        """Lock the server against runs on other machines.

        Raises `BusyError` if another run holds the lock.
        """

    @abc.abstractmethod
    def begin(self, prefix: str) -> None:
        """Create the schemas to build in, empty."""

    @abc.abstractmethod
    def load_raw(self, brought: "duckdb.DuckDBPyConnection", prefix: str, scratch: Path) -> None:
        """Copy the raw tables that were brought into a DuckDB file into the schemas to build in.

        `scratch` is a folder for temporary files.
        """

    @abc.abstractmethod
    def relations(self, prefix: str) -> dict[str, bool]:
        """The relations in the schemas of a prefix, as `schema.name`; true for a table."""

    @abc.abstractmethod
    def publish(
        self,
        build: str,
        published: str,
        only: "Callable[[str], bool] | None",
        added: Mapping[str, Sequence[Mapping[str, Any]]],
    ) -> list[str]:
        """Replace the published schemas with the build's, atomically.

        `only` decides which tables come from the build; all others then stay as published. `added`
        holds rows, by table, that are known only at publication. Returns other people's views that
        no longer work.
        """

    @abc.abstractmethod
    def raw_columns(self, places: Places) -> dict[str, dict[str, list[tuple[str, str]]]]:
        """The columns of the tables that a loader put on the server, by system and table, with
        types named so that DuckDB accepts them.

        Raises `PipegenError` for a database that can't be read from this one.
        """


def brought_tables(brought: "duckdb.DuckDBPyConnection") -> list[tuple[str, str]]:
    """Schema and name of everything that bringing files left in a DuckDB file, tables and views."""
    return brought.execute(
        "select table_schema, table_name from information_schema.tables "
        "where table_schema like 'raw%' order by all"
    ).fetchall()


def translated(sql: str, dialect: str, prefix: str, values: tuple[object, ...]) -> list[str]:
    """Statements in DuckDB's dialect, translated to an engine's, with the values filled in."""
    rendered = []
    for tree in _parsed(sql):
        tree = tree.copy()
        places = iter(values)
        for node in list(tree.find_all(exp.Placeholder, bfs=False)):
            # `$2` has a position; `?` takes the next value.
            is_numbered = node.name.isdigit()
            node.replace(literal(values[int(node.name) - 1] if is_numbered else next(places)))
        rendered.append(_rendered(tree, dialect, prefix))
    return rendered


@functools.lru_cache(maxsize=512)
def _parsed(sql: str) -> tuple[exp.Expr, ...]:
    return tuple(tree for tree in sqlglot.parse(sql, read="duckdb") if tree is not None)


def _rendered(tree: exp.Expr, dialect: str, prefix: str) -> str:
    for table in tree.find_all(exp.Table):
        if table.catalog == CATALOG:
            table.set("catalog", None)
        elif table.db in SCHEMAS:
            table.set("db", exp.to_identifier(prefix + table.db))
    for kind in tree.find_all(exp.DataType):
        # Instants are UTC everywhere. Spark needs the type with a time zone for that.
        if dialect == "spark" and kind.this in (
            exp.DataType.Type.TIMESTAMP,
            exp.DataType.Type.TIMESTAMPNTZ,
        ):
            kind.set("this", exp.DataType.Type.TIMESTAMPLTZ)
    return str(tree.sql(dialect=dialect))


def literal(value: object) -> exp.Expr:
    """A value as an SQL literal. Raises `TypeError` if its type has none."""
    if value is None:
        return exp.null()
    if isinstance(value, bool):
        return exp.true() if value else exp.false()
    if isinstance(value, int | float | Decimal):
        number = exp.Literal.number(str(abs(value)))
        return exp.Neg(this=number) if value < 0 else number
    if isinstance(value, str):
        return exp.Literal.string(value)
    if isinstance(value, dt.datetime):
        if value.tzinfo:
            value = value.astimezone(dt.UTC).replace(tzinfo=None)
        return exp.cast(exp.Literal.string(value.isoformat(sep=" ")), "timestamp")
    if isinstance(value, dt.date):
        return exp.cast(exp.Literal.string(value.isoformat()), "date")
    if isinstance(value, tuple):
        return exp.array(*(literal(one) for one in value), copy=False)
    raise TypeError(f"{type(value).__name__} is no value of SQL")


def _fixed(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value
