"""The project's macros, rendered as dbt renders them, without a run of dbt.

What belongs here: asking DuckDB for what a macro or a landing model says, in milliseconds. What
does not: claims about them. A run in dbt gives the same: tests/runs compares the casebook's cells.
"""

import functools
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dbt.include.duckdb
import dbt.include.global_project
import duckdb
import yaml
from dbt.adapters.base.column import Column
from dbt_common.clients.jinja import get_template
from dbt_common.exceptions.macros import MacroReturn

from pipegen.contract.tables import CUSTOM_COLUMNS
from pipegen.landing.brought import bring
from pipegen.landing.expressions import identifier
from pipegen.landing.source import RawSource, check
from pipegen.landing.warehouse import RawWarehouse
from pipegen.project import PROJECT

_FILES = (
    *sorted((Path(dbt.include.global_project.PACKAGE_PATH) / "macros" / "utils").glob("*.sql")),
    *sorted((Path(dbt.include.duckdb.PACKAGE_PATH) / "macros" / "utils").glob("*.sql")),
    PROJECT / "macros" / "clock.sql",
    PROJECT / "macros" / "matching.sql",
    PROJECT / "macros" / "schema_names.sql",
    *sorted((PROJECT / "macros" / "engines").glob("*.sql")),
    *sorted((PROJECT / "macros" / "landing").glob("*.sql")),
)


@functools.cache
def _templates() -> dict[str, Any]:
    """The compiled file of each macro, by the macro's name."""
    found = {}
    for path in _FILES:
        template = get_template(path.read_text(encoding="utf-8"), {})
        for name in template.make_module({}).__dict__:
            if name.startswith("dbt_macro__"):
                found[name.removeprefix("dbt_macro__")] = template
    return found


@functools.cache
def _compiled(path: Path) -> Any:
    return get_template(path.read_text(encoding="utf-8"), {})


class Macros:
    """The macros, for a DuckDB connection and a company's settings."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, vars_: Mapping[str, Any]) -> None:
        self.connection = connection
        [(database,)] = connection.execute("select current_database()").fetchall()
        # One object for all models: macros hold on to it.
        self.model: dict[str, Any] = {}
        self.modules: dict[str, Any] = {}
        self.context: dict[str, Any] = {
            name: functools.partial(self.call, name) for name in _templates()
        }
        self.context |= {
            "dbt": SimpleNamespace(**self.context),
            "return": self._return,
            "var": vars_.__getitem__,
            "execute": True,
            "project_name": "pipegen",
            "flags": SimpleNamespace(WHICH="build"),
            "model": self.model,
            "graph": SimpleNamespace(
                nodes={f"model.pipegen.{name}": model for name, model in _models().items()}
            ),
            "ref": lambda name: ".".join(
                (_models()[name]["schema"], identifier(_models()[name]["config"]["alias"]))
            ),
            "target": SimpleNamespace(type="duckdb", database=database, schema="main"),
            "adapter": SimpleNamespace(
                dispatch=self._dispatched, quote=identifier, get_relation=self._relation
            ),
            "api": SimpleNamespace(Relation=_Relation, Column=Column),
            "run_query": self._asked,
            "exceptions": SimpleNamespace(raise_compiler_error=_refuse),
        }

    def call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """What a macro returns."""
        if name not in self.modules:
            module = _templates()[name].make_module(self.context)
            for macro in module.__dict__:
                self.modules[macro.removeprefix("dbt_macro__")] = module
        try:
            return self.modules[name].__dict__[f"dbt_macro__{name}"](*args, **kwargs)
        except MacroReturn as returned:
            return returned.value

    def compiled(self, name: str) -> str:
        """The SQL of a landing model."""
        self.model.clear()
        self.model.update(_models()[name])
        return str(_compiled(self.model["path"]).render(self.context))

    def _dispatched(self, name: str, namespace: str = "") -> Any:
        for prefix in ("duckdb", "default"):
            if f"{prefix}__{name}" in _templates():
                return self.context[f"{prefix}__{name}"]
        raise KeyError(name)

    @staticmethod
    def _return(value: Any = None) -> None:
        raise MacroReturn(value)

    def _asked(self, query: str) -> Any:
        return SimpleNamespace(rows=self.connection.execute(query).fetchall())

    def _relation(self, database: str, schema: str, identifier: str) -> "_Relation | None":
        found = self.connection.execute(
            "select 1 from information_schema.tables where table_catalog = ? and table_schema = ? "
            "and table_name = ?",
            [database, schema, identifier],
        ).fetchall()
        return _Relation(database, schema, identifier) if found else None


class _Relation(str):
    """A relation as SQL names it."""

    schema: str

    def __new__(cls, database: str, schema: str, name: str) -> "_Relation":
        relation = super().__new__(cls, ".".join(map(identifier, (database, schema, name))))
        relation.schema = schema
        return relation

    @classmethod
    def create(cls, database: str, schema: str, identifier: str) -> "_Relation":
        return cls(database, schema, identifier)


class Refused(Exception):
    """A macro that stops the run."""


def _refuse(message: str) -> Iterator[None]:
    raise Refused(message)


# The columns of a landed table that are not the contract's.
OF_LANDING = ("set_aside_reason", "unread_values", "raw_row", "raw_location")

_AUDIT = ("lnd_set_aside_rows", "lnd_unread_values", "lnd_tables")


@functools.cache
def _models() -> dict[str, dict[str, Any]]:
    """The landing models by name, as dbt knows them: configuration, and columns by name."""
    found = {}
    for path in sorted((PROJECT / "models" / "landing").glob("*/_models.yml")):
        for model in yaml.safe_load(path.read_text(encoding="utf-8"))["models"]:
            columns = {
                one["name"]: {"config": {}} | one for one in model.get("columns", [])
            }
            found[model["name"]] = {
                "config": {"meta": {}} | model["config"],
                "columns": columns,
                "schema": f"landed_{path.parent.name}",
                "path": path.parent / f"{model['name']}.sql",
            }
    return found


@functools.cache
def _defaults() -> dict[str, Any]:
    project = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    return dict(project["vars"])


def land(
    connection: duckdb.DuckDBPyConnection,
    source: RawSource,
    *,
    custom_columns: Mapping[str, str] = CUSTOM_COLUMNS,
    business_timezone: str = "UTC",
    progress: Callable[[str], None] | None = None,
) -> None:
    """Land a company as a run does: bring its files, or read where it lies what a loader has put
    into a warehouse, then build the landing models."""
    settings = _defaults() | {
        "custom_columns": custom_columns,
        "business_timezone": business_timezone,
    }
    if not isinstance(source, RawWarehouse):
        bring(connection, source, custom_columns=custom_columns, progress=progress)
        build(connection, settings)
        return
    check(source, custom_columns=custom_columns)
    source.attach(connection)
    try:
        places = {"raw_schemas": source.places.schemas, "raw_tables": source.places.tables}
        build(connection, settings | places | {"raw_databases": source.catalogs()})
    finally:
        source.detach(connection)


def build(connection: duckdb.DuckDBPyConnection, vars_: Mapping[str, Any]) -> None:
    """Build the landing models over raw tables that are there."""
    macros = Macros(connection, vars_)
    for schema in sorted({model["schema"] for model in _models().values()}):
        connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}")
    landed = [name for name in _models() if name not in _AUDIT]
    for name in (*landed, *_AUDIT):
        model = _models()[name]
        table = f"{model['schema']}.{identifier(model['config']['alias'])}"
        connection.execute(f"CREATE TABLE {table} AS {macros.compiled(name)}")
