"""Postgres: schemas are built beside the published ones, then renamed into their place.

What belongs here: COPY, renaming, grants, locks. What does not: anything another engine does too.

All renames are one transaction: a query before its end reads the old tables, a query after it reads
the new ones, and nobody waits. If the server crashes halfway, nothing has been renamed.
"""

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import psycopg2
from psycopg2 import sql as names

from pipegen.contract.places import Places
from pipegen.contract.tables import SYSTEMS
from pipegen.errors import BusyError, PipegenError
from pipegen.warehouses.names import PUBLISHED, SCHEMAS, ServerError
from pipegen.warehouses.server import (
    Result,
    Server,
    ServerConnection,
    brought_tables,
    translated,
)

# Marks a schema as ours: someone else's `core` is never replaced.
MARK = "Published by pipegen; replaced as a whole by each run."

# Prefix of schemas that were published before, kept until nobody reads them any more.
RETIRED = "pipegen_retired_"

# Prefix of the copies of a build that is published twice.
COPIES = "pipegen_copy_"

# The role that may read what is published, and nothing else.
READER = "pipegen_reader"
READABLE = ("core", "marts")

# Planner settings for dbt's connections and ours; PGOPTIONS overrides them.
# - No nested loops: a build has no indexes, so the planner chooses one only on a wrong estimate,
#   and then the query takes hours.
# - No JIT: compiling takes longer than most of our queries.
# - A hash table may use a gigabyte (64 MB x 16). All rows with a null key share one bucket; if they
#   don't fit, Postgres splits the table again and again to no effect, which needs even more memory.
#   Most hash tables stay small.
OPTIONS = (
    "-c timezone=UTC -c enable_nestloop=off -c jit=off -c work_mem=64MB -c hash_mem_multiplier=16"
)

# The key of the advisory lock that a run holds. Any number does, as long as it never changes.
_LOCK = 7473_4365

# How long to wait for readers of the old tables. After that, the next publication drops them.
_DROP_PATIENCE = "2s"

_BATCH = 10_000

# What information_schema calls the types that DuckDB calls otherwise.
_DUCKDB_TYPES = {
    "text": "VARCHAR",
    "character varying": "VARCHAR",
    "character": "VARCHAR",
    "double precision": "DOUBLE",
    "real": "FLOAT",
    "numeric": "DECIMAL",
    "timestamp without time zone": "TIMESTAMP",
}

_TYPES = {
    "VARCHAR": "text",
    "DOUBLE": "double precision",
    "HUGEINT": "numeric(38, 0)",
    "TIMESTAMP": "timestamp",
}


class PostgresConnection(ServerConnection):
    """A connection that commits each statement."""

    dialect = "postgres"

    def __init__(self, prefix: str) -> None:
        super().__init__(prefix)
        self.raw = connected()
        self.raw.autocommit = True

    def run(self, sql: str) -> Result:
        try:
            with self.raw.cursor() as cursor:
                cursor.execute(sql)
                if cursor.description is None:
                    return Result([], [])
                return Result([column.name for column in cursor.description], cursor.fetchall())
        except psycopg2.Error as error:
            raise ServerError(error) from error

    def forbid_writing(self) -> None:
        self.run("set default_transaction_read_only = on")

    def batches(self, sql: str) -> Iterator[list[tuple[Any, ...]]]:
        [statement] = translated(sql, self.dialect, self.prefix, ())
        # A server-side cursor needs a transaction, which the shared connection does not have.
        with contextlib.closing(connected()) as raw, raw.cursor("batches") as cursor:
            cursor.execute(statement)
            while rows := cursor.fetchmany(_BATCH):
                yield rows

    def columns(self, table: str) -> list[tuple[str, str]]:
        return self.run(
            "select attname, format_type(atttypid, atttypmod) from pg_attribute "
            f"where attrelid = '{self.prefix}{table}'::regclass "
            "and attnum > 0 and not attisdropped order by attnum"
        ).fetchall()

    def column_comments(self) -> list[tuple[str, str, str | None]]:
        schemas = ", ".join(f"'{self.prefix}{schema}'" for schema in PUBLISHED)
        return self.run(
            f"select substr(spaces.nspname, {len(self.prefix) + 1}) || '.' || tables.relname, "
            "columns.attname, col_description(tables.oid, columns.attnum) "
            "from pg_attribute as columns "
            "inner join pg_class as tables on columns.attrelid = tables.oid "
            "inner join pg_namespace as spaces on tables.relnamespace = spaces.oid "
            f"where spaces.nspname in ({schemas}) and tables.relkind = 'r' "
            "and columns.attnum > 0 and not columns.attisdropped "
            "order by tables.relname, columns.attnum"
        ).fetchall()

    def close(self) -> None:
        self.raw.close()


class Postgres(Server):
    """The database that libpq's variables name (PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE)."""

    name = "postgres"

    def __init__(self) -> None:
        # libpq reads this variable for every connection of this process, dbt's too.
        os.environ.setdefault("PGOPTIONS", OPTIONS)

    def connect(self, prefix: str) -> PostgresConnection:
        return PostgresConnection(prefix)

    def build_schema(self) -> str:
        return "pipegen_build"

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        with contextlib.closing(connected()) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                _check_order(cursor)
                cursor.execute("select pg_try_advisory_lock(%s)", [_LOCK])
                if cursor.fetchone() != (True,):
                    raise BusyError(
                        f"another run is building in database {connection.info.dbname} on "
                        f"{connection.info.host}: wait for it, or name another PGDATABASE."
                    )
            yield

    def begin(self, prefix: str) -> None:
        with _transaction() as cursor:
            for schema in SCHEMAS:
                cursor.execute(
                    names.SQL("drop schema if exists {0} cascade; create schema {0}").format(
                        names.Identifier(prefix + schema)
                    )
                )

    def load_raw(self, brought: duckdb.DuckDBPyConnection, prefix: str, scratch: Path) -> None:
        path = scratch / "raw_table.csv"
        try:
            for schema, table in brought_tables(brought):
                self._load_table(brought, schema, table, prefix, path)
        finally:
            path.unlink(missing_ok=True)

    def _load_table(
        self,
        brought: duckdb.DuckDBPyConnection,
        schema: str,
        table: str,
        prefix: str,
        path: Path,
    ) -> None:
        columns = brought.execute(
            "select column_name, data_type, is_nullable from duckdb_columns() "
            "where schema_name = ? and table_name = ? order by column_index",
            [schema, table],
        ).fetchall()
        # Postgres can't store NUL in text. Nothing visible is lost.
        values = ", ".join(
            f'replace("{name}", chr(0), \'\') as "{name}"' if kind == "VARCHAR" else f'"{name}"'
            for name, kind, _ in columns
        )
        brought.execute(
            f'copy (select {values} from "{schema}"."{table}") to '
            f"'{str(path).replace(chr(39), chr(39) * 2)}' "
            r"(format csv, header false, nullstr '\N', force_quote *)"
        )
        target = names.Identifier(prefix + schema, table)
        defined = names.SQL(", ").join(
            names.SQL("{} {}{}").format(
                names.Identifier(name),
                names.SQL(_TYPES.get(kind, kind)),
                names.SQL("" if is_nullable else " not null"),
            )
            for name, kind, is_nullable in columns
        )
        with _transaction() as cursor, path.open(encoding="utf-8") as rows:
            # Unlogged: after a crash the table is landed again anyway.
            cursor.execute(names.SQL("create unlogged table {} ({})").format(target, defined))
            cursor.copy_expert(
                names.SQL(r"copy {} from stdin (format csv, null '\N')").format(target), rows
            )
            # Without statistics, a query may get a plan that takes hours instead of seconds.
            cursor.execute(names.SQL("analyze {}").format(target))

    def relations(self, prefix: str) -> dict[str, bool]:
        with contextlib.closing(self.connect(prefix)) as connection:
            found = connection.run(
                "select table_schema, table_name, table_type = 'BASE TABLE' "
                "from information_schema.tables order by table_schema, table_name"
            ).fetchall()
        known = {prefix + schema: schema for schema in SCHEMAS}
        return {
            f"{known[schema]}.{table}": is_table
            for schema, table, is_table in found
            if schema in known
        }

    def publish(
        self,
        build: str,
        published: str,
        only: Callable[[str], bool] | None,
        added: Mapping[str, Sequence[Mapping[str, Any]]],
    ) -> list[str]:
        self._drop_retired()
        with contextlib.closing(self.connect(build)) as connection:
            _check_ours(connection, published)
            if only is not None:
                self._keep(connection, build, published, only)
            if published:
                # Publish a copy: the build itself will be published later, for everyone.
                build = self._copied(connection, build)
        with contextlib.closing(self.connect(build)) as connection:
            for table, rows in added.items():
                connection.insert(table, rows)
        with _transaction() as cursor:
            if not published:
                _grant(cursor, build)
            views = _views_of_others(cursor, published)
            # One number for all schemas of this publication, never used by another.
            cursor.execute("select txid_current()")
            [number] = cursor.fetchone()
            for schema in PUBLISHED:
                old, new = published + schema, build + schema
                if _has_schema(cursor, old):
                    _rename(cursor, old, f"{RETIRED}{number}_{schema}")
                _rename(cursor, new, old)
                cursor.execute(
                    names.SQL("comment on schema {} is %s").format(names.Identifier(old)), [MARK]
                )
            lost = _rebind_views(cursor, views)
        self._drop_retired()
        return lost

    def _copied(self, connection: PostgresConnection, build: str) -> str:
        """Copy the schemas of a build that get published; returns the prefix of the copies."""
        for schema in PUBLISHED:
            connection.run(
                f"drop schema if exists {COPIES}{schema} cascade; create schema {COPIES}{schema}"
            )
        for name in sorted(self.relations(build)):
            if name.split(".")[0] in PUBLISHED:
                _copy(connection, build + name, COPIES + name)
        return COPIES

    def _keep(
        self,
        connection: PostgresConnection,
        build: str,
        published: str,
        only: Callable[[str], bool],
    ) -> None:
        """Replace tables of the build with the published ones that are to stay."""
        theirs, ours = self.relations(published), self.relations(build)
        kept = {name for name in theirs if name.split(".")[0] in PUBLISHED and not only(name)}
        for name in ours:
            if name.split(".")[0] in PUBLISHED and not (only(name) and name in ours):
                connection.run(f"drop table {build}{name}")
        for name in sorted(kept):
            _copy(connection, published + name, build + name)

    def _drop_retired(self) -> None:
        """Drop what was published before, unless someone still reads it."""
        with contextlib.closing(self.connect("")) as connection:
            connection.run(f"set lock_timeout = '{_DROP_PATIENCE}'")
            retired = connection.run(
                "select nspname from pg_namespace "
                f"where nspname like '{RETIRED.replace('_', chr(92) + '_')}%'"
            ).fetchall()
            for (schema,) in retired:
                with contextlib.suppress(ServerError):
                    connection.run(f'drop schema "{schema}" cascade')

    def raw_columns(self, places: Places) -> dict[str, dict[str, list[tuple[str, str]]]]:
        found: dict[str, dict[str, list[tuple[str, str]]]] = {}
        with contextlib.closing(self.connect("")) as connection:
            [(ours,)] = connection.run("select current_database()").fetchall()
            for system in SYSTEMS:
                if places.database(system) not in ("", ours):
                    raise PipegenError(
                        f"raw_databases: {system} is said to be in {places.database(system)}, and "
                        f"Postgres reads no other database from {ours}; load it there"
                    )
                with connection.raw.cursor() as cursor:
                    cursor.execute(
                        "select table_name, column_name, data_type "
                        "from information_schema.columns where table_schema = %s "
                        "order by table_name, ordinal_position",
                        [places.schema(system)],
                    )
                    tables = found.setdefault(system, {})
                    for table, column, sql_type in cursor.fetchall():
                        kind = _DUCKDB_TYPES.get(sql_type, sql_type)
                        tables.setdefault(table, []).append((column, kind))
        return found


def connected() -> Any:
    """Connect to the database that libpq's variables name. Raises `PipegenError` if that fails."""
    try:
        return psycopg2.connect(
            host=os.environ.get("PGHOST", "localhost"),
            user=os.environ.get("PGUSER", "pipegen"),
            dbname=os.environ.get("PGDATABASE", "pipegen"),
            options=os.environ.get("PGOPTIONS", OPTIONS),
        )
    except psycopg2.Error as error:
        raise PipegenError(
            f"Postgres can't be reached ({str(ServerError(error)).strip()}): "
            "set PGHOST, PGPORT, PGUSER, PGPASSWORD and PGDATABASE."
        ) from None


@contextlib.contextmanager
def _transaction() -> Iterator[Any]:
    with contextlib.closing(connected()) as connection:
        try:
            with connection, connection.cursor() as cursor:
                yield cursor
        except psycopg2.Error as error:
            raise ServerError(error) from error


def _check_order(cursor: Any) -> None:
    """Raise `PipegenError` unless text is ordered byte by byte, which the models' ties need."""
    cursor.execute(
        "select datname, datcollate, 'a' > 'B' and '-a' < 'Z' and lower('É') = 'é' "
        "from pg_database where datname = current_database()"
    )
    [name, collation, is_plain] = cursor.fetchone()
    if not is_plain:
        raise PipegenError(
            f"database {name} orders and lowers text by {collation}, not as other engines do: "
            "create one with `create database pipegen template template0 encoding 'UTF8' "
            "lc_collate 'C' lc_ctype 'C.UTF-8'`, and name it in PGDATABASE."
        )


def _copy(connection: PostgresConnection, table: str, copy: str) -> None:
    """Copy a table with its rows, constraints and comments."""
    connection.run(
        f"create table {copy} (like {table} including all); "
        f"insert into {copy} select * from {table}"
    )


def _has_schema(cursor: Any, schema: str) -> bool:
    cursor.execute("select 1 from pg_namespace where nspname = %s", [schema])
    return cursor.fetchone() is not None


def _rename(cursor: Any, old: str, new: str) -> None:
    cursor.execute(
        names.SQL("alter schema {} rename to {}").format(
            names.Identifier(old), names.Identifier(new)
        )
    )


def _check_ours(connection: PostgresConnection, published: str) -> None:
    """Raise `PipegenError` if a schema that is not ours has the name of a published one."""
    found = dict(
        connection.run(
            "select nspname, obj_description(oid, 'pg_namespace') from pg_namespace"
        ).fetchall()
    )
    for schema in PUBLISHED:
        name = published + schema
        if name in found and found[name] != MARK:
            raise PipegenError(
                f"the database has a schema {name} that pipegen did not make: rename it, or name "
                "another PGDATABASE. Nothing was published."
            )


def _grant(cursor: Any, build: str) -> None:
    """Let the reading role, if it exists, read core and marts and nothing else."""
    cursor.execute("select 1 from pg_roles where rolname = %s", [READER])
    if cursor.fetchone() is None:
        return
    for schema in READABLE:
        cursor.execute(
            names.SQL(
                "grant usage on schema {0} to {1}; grant select on all tables in schema {0} to {1}"
            ).format(names.Identifier(build + schema), names.Identifier(READER))
        )


def _views_of_others(cursor: Any, published: str) -> list[tuple[str, str, str]]:
    """Other people's views on published tables: schema, name, definition."""
    cursor.execute(
        "select distinct spaces.nspname, views.relname, pg_get_viewdef(views.oid) "
        "from pg_depend as depends "
        "inner join pg_rewrite as rules on depends.objid = rules.oid "
        "inner join pg_class as views on rules.ev_class = views.oid "
        "inner join pg_namespace as spaces on views.relnamespace = spaces.oid "
        "inner join pg_class as tables on depends.refobjid = tables.oid "
        "inner join pg_namespace as read on tables.relnamespace = read.oid "
        "where views.relkind = 'v' and read.nspname = any(%s) and spaces.nspname <> all(%s)",
        [[published + schema for schema in PUBLISHED]] * 2,
    )
    return list(cursor.fetchall())


def _rebind_views(cursor: Any, views: Sequence[tuple[str, str, str]]) -> list[str]:
    """Make views read the tables that now have the old names; returns the views that can't."""
    lost = []
    for schema, view, definition in views:
        cursor.execute("savepoint before_view")
        try:
            cursor.execute(
                names.SQL("create or replace view {} as ").format(names.Identifier(schema, view))
                + names.SQL(definition)
            )
        except psycopg2.Error:
            cursor.execute("rollback to savepoint before_view")
            lost.append(f"{schema}.{view}")
    return lost
