"""Spark: each run builds in a slot, and the published views read the slot that a pointer names.

What belongs here: the session, slots, the pointer, handing over Parquet. What does not: anything
another engine does too.

Open-source Spark has no transaction over several tables. So the published relations are views, each
over a table in the old slot and a table in the new one. Another view, the pointer, says which slot
they read. Replacing the pointer publishes: a query reads the pointer once, so all its tables come
from one publication. If a run crashes before that, the old publication stays complete.
"""

import atexit
import contextlib
import itertools
import json
import logging
import os
import re
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import sqlglot
import yaml
from py4j.clientserver import SHUTDOWN_FINALIZER_WORKER, FinalizerWorker
from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.logger import PySparkLogger
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import TimestampType

from pipegen.contract.places import Places
from pipegen.contract.tables import SYSTEMS
from pipegen.errors import BusyError, PipegenError
from pipegen.project import PROJECT
from pipegen.warehouses.names import PUBLISHED, SCHEMAS, ServerError, plain_schema
from pipegen.warehouses.server import (
    Result,
    Server,
    ServerConnection,
    brought_tables,
    translated,
)

PROFILES = PROJECT / "profiles.yml"

# Marks a schema as ours: someone else's `core` is never replaced.
MARK = "Published by pipegen; replaced as a whole by each run."

# The schema of the pointers: one for the published warehouse, one for the review's.
POINTERS = "pipegen_published"

# A slot's number is never reused: other processes cache the file list of a table they have read.
SLOT = re.compile(r"pipegen_([0-9]+)")

_TYPES = {
    "VARCHAR": "string",
    "HUGEINT": "decimal(38, 0)",
    # An instant, not a local time: the session's time zone is UTC.
    "TIMESTAMP": "timestamp",
}

_BATCH = 1_000

# Views are defined in parallel: most of the time is spent waiting for the metastore.
_AT_ONCE = 4

_SECONDS_TO_END = 5

_STARTING = threading.Lock()


class SparkConnection(ServerConnection):
    """The process's one session, for the schemas of one prefix."""

    dialect = "spark"

    def __init__(self, prefix: str) -> None:
        super().__init__(prefix)
        self.raw = session()

    def run(self, sql: str) -> Result:
        if sql.startswith("DELETE FROM "):
            return self._without(sql)
        try:
            frame = self.raw.sql(sql)
            names = frame.columns
            return Result(names, [tuple(row) for row in _in_utc(frame).collect()])
        except (PySparkException, Py4JError) as error:
            raise ServerError(error) from error

    def _without(self, sql: str) -> Result:
        """Run a deletion by rewriting the table: Parquet can't delete rows."""
        deletion = sqlglot.parse_one(sql, read=self.dialect)
        table = deletion.this.sql(dialect=self.dialect)
        where = deletion.args.get("where")
        condition = where.this.sql(dialect=self.dialect) if where else "true"
        self.run(f"drop table if exists {table}__kept")
        self.run(
            f"create table {table}__kept using parquet as "
            f"select * from {table} where not coalesce({condition}, false)"
        )
        self.run(f"drop table {table}")
        return self.run(f"alter table {table}__kept rename to {table}")

    def frame(self, sql: str) -> DataFrame:
        [statement] = translated(sql, self.dialect, self.prefix, ())
        try:
            return self.raw.sql(statement)
        except (PySparkException, Py4JError) as error:
            raise ServerError(error) from error

    def batches(self, sql: str) -> Iterator[list[tuple[Any, ...]]]:
        [statement] = translated(sql, self.dialect, self.prefix, ())
        try:
            rows = _in_utc(self.raw.sql(statement)).toLocalIterator()
            while batch := [tuple(row) for row in itertools.islice(rows, _BATCH)]:
                yield batch
        except (PySparkException, Py4JError) as error:
            raise ServerError(error) from error

    def columns(self, table: str) -> list[tuple[str, str]]:
        described = self.described(f"{self.prefix}{table}")
        return [(name, kind) for name, (kind, _) in described.columns.items()]

    def column_comments(self) -> list[tuple[str, str, str | None]]:
        names = [
            f"{schema}.{table}"
            for schema in PUBLISHED
            for _, table, *_ in self.run(f"show tables in {self.prefix}{schema}").fetchall()
        ]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            found = pool.map(self.described, (f"{self.prefix}{name}" for name in names))
            return sorted(
                (
                    (name, column, comment)
                    for name, described in zip(names, found, strict=True)
                    for column, (_, comment) in described.columns.items()
                ),
                # By table alone: the sort is stable, so columns keep their order.
                key=lambda row: row[0].split(".")[1],
            )

    def described(self, table: str) -> "_Described":
        """The columns of a table, by its full name."""
        columns: dict[str, tuple[str, str | None]] = {}
        rows = iter(self.run(f"describe table extended {table}").fetchall())
        for name, kind, comment in rows:
            if not name or name.startswith("#"):
                break
            columns[name] = (kind, comment)
        comments = [value for name, value, _ in rows if name == "Comment"]
        return _Described(columns, comments[0] if comments else "")

    def close(self) -> None:
        """Do nothing: dbt and later connections share the session."""


@dataclass(frozen=True)
class _Described:
    columns: dict[str, tuple[str, str | None]]
    comment: str


@dataclass(frozen=True)
class _State:
    """What a pointer says: the published slot, and the slot of each published table.

    `before` lists the slots that the other halves of the views read. `next` is the slot of a
    publication that is in progress, or that crashed. No run builds in a slot that is named here.
    """

    slot: str = ""
    homes: dict[str, str] = field(default_factory=dict)
    before: tuple[str, ...] = ()
    next: str = ""

    @property
    def in_use(self) -> set[str]:
        """The slots that a view reads."""
        return {self.slot, self.next, *self.before, *self.homes.values()} - {""}


class Spark(Server):
    """The catalog of the session that `profiles.yml` describes."""

    name = "spark"

    def connect(self, prefix: str) -> SparkConnection:
        return SparkConnection(prefix)

    def build_schema(self) -> str:
        connection = self.connect("")
        numbers = [
            int(match[1]) for slot in _slots(connection) if (match := SLOT.fullmatch(slot))
        ]
        return f"pipegen_{max(numbers, default=0) + 1}"

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Do nothing: a Hive metastore has no lock for this, so only the home's lock protects."""
        yield

    def begin(self, prefix: str) -> None:
        connection = self.connect(prefix)
        in_use = {
            slot
            for published in _prefixes(connection)
            for slot in _state(connection, published).in_use
        }
        own = prefix.removesuffix("_")
        # Only a run in a numbered slot cleans up unused slots; a development build does not.
        for slot in {own, *(_slots(connection) if SLOT.fullmatch(own) else ())} - in_use:
            _drop(connection, slot)
        for schema in SCHEMAS:
            connection.run(f"create schema {prefix}{schema}")

    def load_raw(self, brought: duckdb.DuckDBPyConnection, prefix: str, scratch: Path) -> None:
        connection = self.connect(prefix)
        path = scratch / "raw_table.parquet"
        try:
            for schema, table in brought_tables(brought):
                self._load_table(brought, connection, schema, table, path)
        finally:
            path.unlink(missing_ok=True)

    def _load_table(
        self,
        brought: duckdb.DuckDBPyConnection,
        connection: SparkConnection,
        schema: str,
        table: str,
        path: Path,
    ) -> None:
        columns = brought.execute(
            "select column_name, data_type from duckdb_columns() "
            "where schema_name = ? and table_name = ? order by column_index",
            [schema, table],
        ).fetchall()
        brought.execute(
            f'copy "{schema}"."{table}" to \'{str(path).replace(chr(39), chr(39) * 2)}\' '
            "(format parquet)"
        )
        values = ", ".join(
            f"cast(`{name}` as {_TYPES.get(kind, kind)}) as `{name}`" for name, kind in columns
        )
        # Not partitioned: every model reads whole tables, and partitions by day mean tiny files.
        connection.run(
            f"create table {connection.prefix}{schema}.`{table}` using parquet as "
            f"select {values} from parquet.`{path.resolve().as_uri()}`"
        )

    def relations(self, prefix: str) -> dict[str, bool]:
        connection = self.connect(prefix)
        there = {name for (name,) in connection.run("show schemas").fetchall()}
        # The published views count as tables, as they do for those who read them.
        is_published = prefix in _prefixes(connection)
        found: dict[str, bool] = {}
        for schema in SCHEMAS:
            if prefix + schema not in there:
                continue
            views = set() if is_published else _names(connection, "views", prefix + schema)
            for name in sorted(_names(connection, "tables", prefix + schema)):
                found[f"{schema}.{name}"] = name not in views
        return found

    def publish(
        self,
        build: str,
        published: str,
        only: Callable[[str], bool] | None,
        added: Mapping[str, Sequence[Mapping[str, Any]]],
    ) -> list[str]:
        connection = self.connect(build)
        slot = build.removesuffix("_")
        _make_schemas(connection, published)
        before = _state(connection, published)
        built = {
            f"{schema}.{table}"
            for schema in PUBLISHED
            for table in _names(connection, "tables", build + schema)
        }
        taken = {name for name in built if only is None or only(name)}
        homes = {name: slot for name in taken}
        if only is not None:
            homes |= {n: home for n, home in before.homes.items() if n not in taken and not only(n)}
        # If the review already publishes this slot, its tables have these rows.
        if not any(
            slot in (state.slot, *state.homes.values())
            for prefix in _prefixes(connection)
            if prefix != published
            for state in [_state(connection, prefix)]
        ):
            for table, rows in added.items():
                if table in taken:
                    connection.insert(table, rows)
        # From here on, no run builds in the slot, even if this publication crashes.
        announced = _State(
            before.slot, before.homes, tuple(sorted(before.in_use - {before.slot})), slot
        )
        _point(connection, published, announced)
        views = _Views(connection, published, slot, before)
        narrowed = views.define(homes)
        _point(
            connection,
            published,
            _State(slot, homes, tuple(sorted({*before.homes.values()} - {*homes.values()}))),
        )
        views.narrow(narrowed)
        gone = views.drop_all_but(homes)
        return views.lost() if narrowed or gone else []

    def raw_columns(self, places: Places) -> dict[str, dict[str, list[tuple[str, str]]]]:
        connection = self.connect("")
        found: dict[str, dict[str, list[tuple[str, str]]]] = {}
        for system in SYSTEMS:
            catalog = f"{places.database(system)}." if places.database(system) else ""
            within = f" in {catalog[:-1]}" if catalog else ""
            there = {name for (name,) in connection.run(f"show schemas{within}").fetchall()}
            schema = places.schema(system)
            tables = found.setdefault(system, {})
            if schema not in there:
                continue
            for table in _names(connection, "tables", f"{catalog}{schema}"):
                described = connection.described(f"{catalog}{schema}.`{table}`")
                tables[table] = [(name, kind) for name, (kind, _) in described.columns.items()]
        return found


class _Views:
    """The views of one published prefix while a slot is being published."""

    def __init__(
        self, connection: SparkConnection, published: str, slot: str, before: _State
    ) -> None:
        self.connection = connection
        self.published = published
        self.slot = slot
        self.before = before
        self.there = {
            f"{schema}.{view}"
            for schema in PUBLISHED
            for view in _names(connection, "views", published + schema)
        }

    def define(self, homes: Mapping[str, str]) -> list[str]:
        """Make each view read the old table until the pointer names the new slot.

        Returns the views with columns that only the old table has.
        """
        for name in sorted(self.there & set(self.before.homes) - set(homes)):
            table = f"{self.before.homes[name]}_{name}"
            columns = self.connection.described(table).columns
            self._write(name, _select(table, columns, columns) + self._where("<>"), "")
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            has_more = pool.map(lambda item: self._define(*item), sorted(homes.items()))
            return [name for name, more in zip(sorted(homes), has_more, strict=True) if more]

    def _define(self, name: str, home: str) -> bool:
        old_home = self.before.homes.get(name)
        if home != self.slot:
            # The table stays, whatever the pointer says. If it stayed last time too, so can its
            # view.
            if old_home == self.before.slot or self.before.next or name not in self.there:
                columns = self.connection.described(f"{home}_{name}").columns
                self._write(name, _select(f"{home}_{name}", columns, columns), "")
            return False
        new = self.connection.described(f"{home}_{name}")
        if old_home is None or old_home == home:
            is_new = old_home is None
            where = self._where("=") if is_new else ""
            self._write(
                name, _select(f"{home}_{name}", new.columns, new.columns) + where, new.comment
            )
            return False
        old = self.connection.described(f"{old_home}_{name}")
        columns = {**new.columns, **{n: c for n, c in old.columns.items() if n not in new.columns}}
        # The new half comes first: the view's columns take their comments from it.
        self._write(
            name,
            _select(f"{home}_{name}", columns, new.columns)
            + self._where("=")
            + " union all "
            + _select(f"{old_home}_{name}", columns, old.columns)
            + self._where("<>"),
            "" if new.comment == old.comment else new.comment,
        )
        return len(columns) > len(new.columns)

    def _where(self, sign: str) -> str:
        return f" where (select slot from {POINTERS}.{self.published}current) {sign} '{self.slot}'"

    def _write(self, name: str, definition: str, comment: str) -> None:
        view = f"{self.published}{name}"
        if name not in self.there:
            self.connection.run(f"create view {view} comment {_text(comment)} as {definition}")
            return
        # `create or replace` drops the view first, and a query in between would fail.
        self.connection.run(f"alter view {view} as {definition}")
        if comment:
            self.connection.run(
                f"alter view {view} set tblproperties ('comment' = {_text(comment)})"
            )

    def narrow(self, names: Sequence[str]) -> None:
        """Remove columns that only the old tables have. Call this once the pointer has moved."""
        for name in names:
            columns = self.connection.described(f"{self.slot}_{name}").columns
            self._write(
                name, _select(f"{self.slot}_{name}", columns, columns) + self._where("="), ""
            )

    def drop_all_but(self, homes: Mapping[str, str]) -> list[str]:
        """Drop the views of tables that no longer exist; returns their names."""
        gone = sorted(self.there - set(homes))
        for name in gone:
            self.connection.run(f"drop view {self.published}{name}")
        return gone

    def lost(self) -> list[str]:
        """Other people's views that read something that no longer exists."""
        ours = re.compile(rf"({SLOT.pattern}|pipegen_dev\w*)_\w+")
        lost = []
        for (schema,) in self.connection.run("show schemas").fetchall():
            marked = {prefix + name for prefix in _prefixes(self.connection) for name in PUBLISHED}
            if schema in marked or schema == POINTERS or ours.fullmatch(schema):
                continue
            for view in sorted(_names(self.connection, "views", schema)):
                try:
                    self.connection.run(f"select * from {schema}.`{view}` limit 0")
                except ServerError:
                    lost.append(f"{schema}.{view}")
        return lost


def _select(
    table: str, columns: Mapping[str, tuple[str, Any]], own: Mapping[str, tuple[str, Any]]
) -> str:
    """A query for some columns of a table, with nulls for those that it doesn't have."""
    values = [
        f"`{name}`"
        if name in own and own[name][0] == kind
        else f"cast({f'`{name}`' if name in own else 'null'} as {kind}) as `{name}`"
        for name, (kind, _) in columns.items()
    ]
    return f"select {', '.join(values)} from {table}"


def _make_schemas(connection: SparkConnection, published: str) -> None:
    """Create the published schemas. Raises `PipegenError` if one exists that is not ours."""
    there = {name for (name,) in connection.run("show schemas").fetchall()}
    names = [POINTERS, *(published + schema for schema in PUBLISHED)]
    for name in names:
        if name not in there:
            continue
        described = dict(connection.run(f"describe schema {name}").fetchall())
        if described.get("Comment") != MARK:
            raise PipegenError(
                f"the catalog has a schema {name} that pipegen did not make: rename it, or name "
                "another metastore. Nothing was published."
            )
    for name in names:
        if name not in there:
            connection.run(f"create schema {name} comment {_text(MARK)}")


def _slots(connection: SparkConnection) -> set[str]:
    """The slots that have schemas."""
    found = (
        SLOT.match(schema)
        for (schema,) in connection.run("show schemas").fetchall()
        if plain_schema(schema) in SCHEMAS
    )
    return {slot[0] for slot in found if slot}


def _drop(connection: SparkConnection, slot: str) -> None:
    for schema in SCHEMAS:
        connection.run(f"drop schema if exists {slot}_{schema} cascade")
        # A killed run leaves folders that belong to no table.
        _remove(connection.raw, f"{slot}_{schema}.db")


def _prefixes(connection: SparkConnection) -> list[str]:
    """The prefixes under which something is published."""
    if (POINTERS,) not in connection.run("show schemas").fetchall():
        return []
    return [n.removesuffix("current") for n in sorted(_names(connection, "views", POINTERS))]


def _state(connection: SparkConnection, published: str) -> _State:
    if published not in _prefixes(connection):
        return _State()
    [(slot, state)] = connection.run(f"select * from {POINTERS}.{published}current").fetchall()
    said = json.loads(state)
    return _State(slot, said["homes"], tuple(said["before"]), said["next"])


def _point(connection: SparkConnection, published: str, state: _State) -> None:
    """Move the pointer: one change to one entry in the metastore, so it is atomic."""
    said = json.dumps({"homes": state.homes, "before": state.before, "next": state.next})
    verb = "alter" if published in _prefixes(connection) else "create"
    connection.run(
        f"{verb} view {POINTERS}.{published}current as "
        f"select {_text(state.slot)} as slot, {_text(said)} as state"
    )


def _names(connection: SparkConnection, kind: str, schema: str) -> set[str]:
    return {name for _, name, *_ in connection.run(f"show {kind} in {schema}").fetchall()}


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _in_utc(frame: DataFrame) -> DataFrame:
    """Cast instants to timestamps without a zone, in UTC.

    Otherwise Spark would return them in the machine's time zone.
    """
    fields = frame.schema.fields
    instants = {n for n, field in enumerate(fields) if isinstance(field.dataType, TimestampType)}
    if not instants:
        return frame
    return frame.toDF(*(f"c{n}" for n in range(len(fields)))).selectExpr(
        *(f"cast(c{n} as timestamp_ntz)" if n in instants else f"c{n}" for n in range(len(fields)))
    )


def _remove(spark: SparkSession, folder: str) -> None:
    """Remove a folder of the warehouse, on any storage."""
    root = spark.conf.get("spark.sql.warehouse.dir")
    assert spark._jvm
    path = spark._jvm.org.apache.hadoop.fs.Path(f"{root}/{folder}")
    path.getFileSystem(spark._jsc.hadoopConfiguration()).delete(path, True)


def session() -> SparkSession:
    """The process's session, started on first use. Raises `PipegenError` if it can't be."""
    with _STARTING:
        found = SparkSession.getActiveSession()
        if found is not None:
            return found
        for name in ("SQLQueryContextLogger", "DataFrameQueryContextLogger"):
            # Errors are raised anyway; logging them would fill the terminal.
            PySparkLogger.getLogger(name).setLevel(logging.CRITICAL)
        home = Path(os.environ.get("PIPEGEN_HOME", ".pipegen")) / "spark"
        home.mkdir(parents=True, exist_ok=True)
        builder = SparkSession.builder.enableHiveSupport()
        for name, value in settings().items():
            builder = builder.config(name, value)
        try:
            with _silenced(home / "spark.log"):
                started = builder.getOrCreate()
                atexit.register(_end, started)
                # The first query opens the metastore.
                started.sql("show schemas").collect()
        except (PySparkException, Py4JError, OSError) as error:
            if "Another instance of Derby" in str(error):
                raise BusyError(
                    f"another process has the metastore in {home} open: wait for it, or name "
                    "another PIPEGEN_HOME."
                ) from None
            raise PipegenError(
                f"Spark can't be started ({ServerError(error)}): {home / 'spark.log'} says more. "
                "It needs Java 17 or later (JAVA_HOME)."
            ) from None
        return started


def _end(started: SparkSession) -> None:
    """Stop the JVM and the threads that talk to it.

    Objects that such a thread still references when Python exits are never freed, and DuckDB fills
    the screen with warnings about it.
    """
    gateway = started.sparkContext._gateway
    assert gateway
    for end in (started.stop, gateway.shutdown):
        with contextlib.suppress(Py4JError, OSError):
            end()
    for thread in threading.enumerate():
        if isinstance(thread, FinalizerWorker):
            # The JVM is gone, and with it all that the thread should have freed there.
            thread.deque.clear()
            thread.deque.append(SHUTDOWN_FINALIZER_WORKER)
            thread.join(_SECONDS_TO_END)


def settings() -> dict[str, str]:
    """The session's settings, read from dbt's profile as dbt does."""
    profiles = yaml.safe_load(PROFILES.read_text(encoding="utf-8"))
    own = profiles["pipegen"]["outputs"]["spark"]["server_side_parameters"]
    environment = jinja2.Environment(autoescape=False)
    # Only this target's settings: those of other targets name secrets that Spark must not see.
    found = {
        name: environment.from_string(str(value)).render(
            env_var=lambda name, default="": os.environ.get(name, default)
        )
        for name, value in own.items()
    }
    # dbt-spark sets this for every statement, regardless of the profile.
    return {**found, "spark.sql.ansi.enabled": "false"}


@contextlib.contextmanager
def _silenced(log: Path) -> Iterator[None]:
    """Redirect stderr to a file while the JVM starts, which inherits it and logs to it."""
    kept = os.dup(2)
    try:
        with log.open("ab") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            os.dup2(file.fileno(), 2)
            yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
