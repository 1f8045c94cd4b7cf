"""Spark: slots that are built in turn, and views that read the slot a pointer names.

What belongs here: the session, slots, the pointer, Parquet that is handed over. What does not:
anything another engine does too.

Open-source Spark has no transaction over several tables. What is published is therefore views over
two slots, and one more view, the pointer, that says which of the two they read. To replace that one
view is to publish: a query reads the pointer once, and gets all its tables from one slot.
"""

import contextlib
import os
import shutil
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import yaml
from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession
from pyspark.sql.types import TimestampType

from landing.errors import PipegenError
from warehouses.access import ServerError
from warehouses.server import PUBLISHED, SCHEMAS, Result, Server, ServerConnection

PROFILES = Path(__file__).resolve().parent.parent / "profiles.yml"

SLOTS = ("pipegen_a", "pipegen_b", "pipegen_c")

_TYPES = {
    "VARCHAR": "string",
    "HUGEINT": "decimal(38, 0)",
    # The instant, not the clock on a wall: the session's time zone is UTC.
    "TIMESTAMP": "timestamp",
}

_STARTING = threading.Lock()


class SparkConnection(ServerConnection):
    """The process's one session, asked for the schemas of one prefix."""

    dialect = "spark"

    def __init__(self, prefix: str) -> None:
        super().__init__(prefix)
        self.raw = session()

    def run(self, sql: str) -> Result:
        try:
            frame = self.raw.sql(sql)
            fields = frame.schema.fields
            # An instant is given in the time zone of the machine; without a zone it stays UTC.
            if any(isinstance(field.dataType, TimestampType) for field in fields):
                frame = frame.toDF(*(f"c{place}" for place in range(len(fields)))).selectExpr(
                    *(
                        f"cast(c{place} as timestamp_ntz)"
                        if isinstance(field.dataType, TimestampType)
                        else f"c{place}"
                        for place, field in enumerate(fields)
                    )
                )
            return Result([field.name for field in fields], [tuple(row) for row in frame.collect()])
        except (PySparkException, Py4JError) as error:
            raise ServerError(error) from error

    def column_comments(self) -> list[tuple[str, str, str | None]]:
        raise NotImplementedError

    def close(self) -> None:
        """The session stays: dbt and the next connection go on with it."""


class Spark(Server):
    """The catalog of the session that `profiles.yml` describes."""

    name = "spark"

    def connect(self, prefix: str) -> SparkConnection:
        return SparkConnection(prefix)

    def build_schema(self) -> str:
        return SLOTS[0]

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        yield

    def begin(self, prefix: str) -> None:
        connection = self.connect(prefix)
        for schema in SCHEMAS:
            connection.run(f"drop schema if exists {prefix}{schema} cascade")
            connection.run(f"create schema {prefix}{schema}")

    def take_in(self, landed: duckdb.DuckDBPyConnection, prefix: str, scratch: Path) -> None:
        tables = landed.execute(
            "select schema_name, table_name from duckdb_tables() "
            "where schema_name like 'landed%' order by all"
        ).fetchall()
        connection = self.connect(prefix)
        path = scratch / "taken_in.parquet"
        try:
            for schema, table in tables:
                self._take_in(landed, connection, schema, table, path)
        finally:
            path.unlink(missing_ok=True)

    def _take_in(
        self,
        landed: duckdb.DuckDBPyConnection,
        connection: SparkConnection,
        schema: str,
        table: str,
        path: Path,
    ) -> None:
        columns = landed.execute(
            "select column_name, data_type from duckdb_columns() "
            "where schema_name = ? and table_name = ? order by column_index",
            [schema, table],
        ).fetchall()
        landed.execute(
            f'copy "{schema}"."{table}" to \'{str(path).replace(chr(39), chr(39) * 2)}\' '
            "(format parquet)"
        )
        values = ", ".join(
            f"cast(`{name}` as {_TYPES.get(kind, kind)}) as `{name}`" for name, kind in columns
        )
        connection.run(
            f"create table {connection.prefix}{schema}.`{table}` using parquet as "
            f"select {values} from parquet.`{path.resolve().as_uri()}`"
        )

    def relations(self, prefix: str) -> dict[str, bool]:
        connection = self.connect(prefix)
        there = {name for (name,) in connection.run("show schemas").fetchall()}
        found: dict[str, bool] = {}
        for schema in SCHEMAS:
            if prefix + schema not in there:
                continue
            views = {
                name for _, name, *_ in connection.run(f"show views in {prefix}{schema}").fetchall()
            }
            for _, name, *_ in connection.run(f"show tables in {prefix}{schema}").fetchall():
                found[f"{schema}.{name}"] = name not in views
        return found

    def publish(
        self,
        build: str,
        published: str,
        only: Callable[[str], bool] | None,
        added: Mapping[str, Sequence[Mapping[str, Any]]],
    ) -> list[str]:
        raise NotImplementedError

    def export_raw(self, folder: Path) -> None:
        raise NotImplementedError


def session() -> SparkSession:
    """The process's session, started where there is none. Raises `PipegenError` where it can't."""
    with _STARTING:
        found = SparkSession.getActiveSession() or SparkSession._instantiatedSession
        if found is not None and found._sc._jsc is not None:
            return found
        builder = SparkSession.builder.enableHiveSupport()
        for name, value in settings().items():
            builder = builder.config(name, value)
        home = Path(os.environ.get("PIPEGEN_HOME", ".pipegen")) / "spark"
        home.mkdir(parents=True, exist_ok=True)
        with _silenced(home / "spark.log"):
            return builder.getOrCreate()


def settings() -> dict[str, str]:
    """The session's settings, as dbt takes them from its profile."""
    environment = jinja2.Environment(autoescape=False)
    environment.filters["as_number"] = int
    rendered = environment.from_string(PROFILES.read_text(encoding="utf-8")).render(
        env_var=lambda name, default="": os.environ.get(name, default)
    )
    found = yaml.safe_load(rendered)["pipegen"]["outputs"]["spark"]["server_side_parameters"]
    # dbt-spark sets this for each statement, whatever the profile says.
    return {**found, "spark.sql.ansi.enabled": "false"}


@contextlib.contextmanager
def _silenced(log: Path) -> Iterator[None]:
    """Let what the JVM says of itself go to a file: it inherits the process's own channels."""
    kept = os.dup(2)
    try:
        with log.open("ab") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            os.dup2(file.fileno(), 2)
            yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
