"""What all servers have in common: connections that speak DuckDB's SQL, and the errors they raise.

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

from pipegen.warehouses.names import SCHEMAS

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

# A table of the published warehouse, asked for from the build, bears this as its database's name.
CATALOG = "published"

_BATCH = 1_000


class Result:
    """The rows that a query gave, as DuckDB's connection gives them."""

    def __init__(self, names: Sequence[str], rows: list[tuple[Any, ...]]) -> None:
        self.description = [(name,) for name in names]
        self._rows = rows

    def fetchall(self) -> list[tuple[Any, ...]]:
        """All rows, in their order."""
        return self._rows

    def df(self) -> "pd.DataFrame":
        """The rows as a frame; numbers are floats, whatever they were."""
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
    """A connection to the schemas of one prefix that takes the SQL that DuckDB takes."""

    dialect: str

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    def execute(self, sql: str, values: Sequence[object] = ()) -> Result:
        """Run statements in DuckDB's words; the rows of the last. Raises `ServerError`."""
        result = Result([], [])
        for statement in translated(sql, self.dialect, self.prefix, tuple(map(_fixed, values))):
            result = self.run(statement)
        return result

    def insert(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows by the names of their columns; columns that no row has stay null."""
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
        """Run one statement in the engine's own words. Raises `ServerError`."""

    def frame(self, sql: str) -> Any:
        """The rows of a query in DuckDB's words as a frame, of pandas or the engine's own."""
        return self.execute(sql).df()

    @abc.abstractmethod
    def batches(self, sql: str) -> Iterator[list[tuple[Any, ...]]]:
        """The rows of a query in DuckDB's words, some thousands at a time."""

    @abc.abstractmethod
    def columns(self, table: str) -> list[tuple[str, str]]:
        """The columns of a table `schema.name` and their types, as DuckDB too would call them."""

    @abc.abstractmethod
    def column_comments(self) -> list[tuple[str, str, str | None]]:
        """What is said of each column of what is published: `schema.table`, column, comment."""

    @abc.abstractmethod
    def close(self) -> None:
        """Let go of what the connection holds."""


class Server(abc.ABC):
    """An engine on a server; one object per process and target."""

    name: str

    @abc.abstractmethod
    def connect(self, prefix: str) -> ServerConnection:
        """A connection to the schemas of a prefix. Raises `PipegenError` where there is none."""

    @abc.abstractmethod
    def build_schema(self) -> str:
        """What the names of the schemas that the next run may build in begin with."""

    @abc.abstractmethod
    def held(self) -> contextlib.AbstractContextManager[None]:
        """Hold the server against other machines' runs. Raises `BusyError` where one is at work."""

    @abc.abstractmethod
    def begin(self, prefix: str) -> None:
        """Empty the schemas to build in."""

    @abc.abstractmethod
    def take_in(self, landed: "duckdb.DuckDBPyConnection", prefix: str, scratch: Path) -> None:
        """Bring the landed tables of a DuckDB file to the schemas to build in."""

    @abc.abstractmethod
    def relations(self, prefix: str) -> dict[str, bool]:
        """The relations of the schemas of a prefix, as `schema.name`, and whether it is a table."""

    @abc.abstractmethod
    def publish(
        self,
        build: str,
        published: str,
        only: "Callable[[str], bool] | None",
        added: Mapping[str, Sequence[Mapping[str, Any]]],
    ) -> list[str]:
        """Put the build's schemas in the published ones' place, in one step.

        `only` says which tables are taken from the build; all else then stays as it is published.
        `added` holds rows by table that only the publication itself knows. Returns the views of
        others that could not be taken along.
        """

    @abc.abstractmethod
    def export_raw(self, folder: Path) -> None:
        """Write the raw tables that a loader put on the server as files, to be landed."""


def translated(sql: str, dialect: str, prefix: str, values: tuple[object, ...]) -> list[str]:
    """Statements in DuckDB's words as an engine's own, with the values in their places."""
    rendered = []
    for tree in _parsed(sql):
        tree = tree.copy()
        places = iter(values)
        for node in list(tree.find_all(exp.Placeholder, bfs=False)):
            # `$2` says which it is, `?` is the next.
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
        # Instants are UTC everywhere; Spark's plain name for them is the other kind's.
        if dialect == "spark" and kind.this in (
            exp.DataType.Type.TIMESTAMP,
            exp.DataType.Type.TIMESTAMPNTZ,
        ):
            kind.set("this", exp.DataType.Type.TIMESTAMPLTZ)
    return str(tree.sql(dialect=dialect))


def literal(value: object) -> exp.Expr:
    """A value as a constant of SQL. Raises `TypeError` for one of no SQL type."""
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
