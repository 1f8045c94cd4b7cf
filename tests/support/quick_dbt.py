"""dbt in a test process, without what it works out anew for every node: the results are the same.

What belongs here: what dbt computes many times over to the same end, or for a reader who is not
there. What does not: what dbt builds and claims. `pipegen run` does without, and gives the same
cells (tests/runs/casebook/test_rows.py).
"""

import contextlib
import re
from collections.abc import Iterator, Mapping
from types import CodeType
from typing import Any

import dbt.compilation
from dbt.adapters.duckdb.environments import Environment
from dbt.adapters.duckdb.environments.local import LocalEnvironment
from dbt.adapters.duckdb.impl import DuckDBAdapter
from dbt.clients.jinja import MacroGenerator
from dbt.context.macros import MacroNamespace, MacroNamespaceBuilder
from dbt.contracts.graph.nodes import ParsedNode
from dbt_common.clients.jinja import MacroFuzzEnvironment
from dbt_common.events.base_types import BaseEvent, EventLevel
from dbt_common.events.event_manager import EventManager

# What may come before the first word of a query, and that word if CTEs can follow it.
_BEGINS_WITH = re.compile(r"(?:\s+|--[^\n]*\n|/\*.*?\*/)*with\b(?!\s+recursive\b)", re.I | re.S)

_compile = MacroFuzzEnvironment.compile
_init_event = BaseEvent.__init__
_get_of_event = BaseEvent.__getattr__
_fire = EventManager.fire_event
_inject = dbt.compilation.inject_ctes_into_sql
_connect = LocalEnvironment.initialize_db
_columns = DuckDBAdapter.get_columns_in_relation

_code: dict[tuple[type, str], CodeType] = {}


def install() -> None:
    """Have dbt in this process do less. Once is enough."""
    MacroFuzzEnvironment.compile = _kept_code
    MacroNamespaceBuilder.build_namespace = _namespace
    BaseEvent.__init__ = _init_event_later
    BaseEvent.__getattr__ = _get_of_event_now
    EventManager.fire_event = _fire_if_heard
    dbt.compilation.inject_ctes_into_sql = _with_ctes
    # The SQL that failed is in what dbt says; nobody here reads its files.
    ParsedNode.write_node = lambda *args: None
    LocalEnvironment.initialize_db = classmethod(_connected)
    LocalEnvironment.initialize_cursor = classmethod(lambda cls, creds, cursor, *args: cursor)


@contextlib.contextmanager
def columns_kept() -> Iterator[None]:
    """Ask for the columns of each table once, where no table changes: in dbt's unit tests."""
    found: dict[str, Any] = {}

    def columns(adapter: DuckDBAdapter, relation: Any) -> Any:
        name = relation.render()
        if name not in found:
            # Each unit test has a temporary table of its own.
            if "__dbt_tmp" in name:
                return _columns(adapter, relation)
            found[name] = _columns(adapter, relation)
        return found[name]

    DuckDBAdapter.get_columns_in_relation = columns
    try:
        yield
    finally:
        DuckDBAdapter.get_columns_in_relation = _columns


def _kept_code(self: MacroFuzzEnvironment, source: Any, *args: Any, **kwargs: Any) -> Any:
    """A template's code, which depends on nothing but its text: dbt asks for it per node."""
    if args or kwargs or not isinstance(source, str):
        return _compile(self, source, *args, **kwargs)
    key = (type(self), source)
    if key not in _code:
        _code[key] = _compile(self, source)
    return _code[key]


class _Generator(MacroGenerator):
    """A macro to be called, of which each context has a thousand."""

    def __init__(self, macro: Any, context: Any, node: Any, stack: Any) -> None:
        self.macro = macro
        self.context = context
        self.node = node
        self.stack = stack


class _Namespace(MacroNamespace):
    """Macros by name, each looked up once and not in five places whenever it is asked for."""

    def __init__(self, **spaces: Any) -> None:
        super().__init__(**spaces)
        self._flat: dict[str, Any] = {}
        for space in reversed(list(self._search_order())):
            self._flat.update(space)

    def __getitem__(self, key: str) -> Any:
        return self._flat[key]

    def keys(self) -> Any:
        return self._flat.keys()


def _namespace(
    self: MacroNamespaceBuilder, macros_by_package: Mapping[str, Mapping[str, Any]], ctx: Any
) -> MacroNamespace:
    made = {
        package: {
            name: _Generator(macro, ctx, self.node, self.thread_ctx)
            for name, macro in macros.items()
        }
        for package, macros in macros_by_package.items()
    }
    internal: dict[str, Any] = {}
    for package in reversed(self.internal_package_names_order):
        internal.update(made.get(package, {}))
    packages = {name: made[name] for name in made if name not in self.internal_package_names}
    is_root = self.search_package == self.root_package
    return _Namespace(
        global_namespace={} if is_root else packages.get(self.root_package, {}),
        local_namespace=packages.get(self.search_package, {}),
        global_project_namespace=internal,
        packages=packages,
    )


def _init_event_later(self: BaseEvent, *args: Any, **kwargs: Any) -> None:
    """What is said for debugging alone is put into words when somebody asks."""
    if self.level_tag() is EventLevel.DEBUG:
        object.__setattr__(self, "_given", (args, kwargs))
    else:
        _init_event(self, *args, **kwargs)


def _get_of_event_now(self: BaseEvent, key: str) -> Any:
    if "pb_msg" not in self.__dict__:
        args, kwargs = self.__dict__["_given"]
        _init_event(self, *args, **kwargs)
    return self.__dict__["pb_msg"] if key == "pb_msg" else _get_of_event(self, key)


def _fire_if_heard(
    self: EventManager, e: BaseEvent, level: EventLevel | None = None, *args: Any, **kwargs: Any
) -> None:
    """Callbacks of a build hear of nodes that end; of what is for debugging, loggers alone."""
    if self.loggers or (level or e.level_tag()) is not EventLevel.DEBUG:
        _fire(self, e, level, *args, **kwargs)


def _connected(cls: type[Environment], creds: Any, plugins: Any = None) -> Any:
    """A DuckDB file with the profile's settings said once for all cursors, and not to each."""
    connection = _connect(creds, plugins)
    for key, value in (creds.settings or {}).items():
        connection.execute(f"set global {key} = '{value}'")
    return connection


def _with_ctes(sql: str, ctes: Any) -> str:
    """CTEs before those of a query, as dbt puts them there, which parses the query for it."""
    found = _BEGINS_WITH.match(sql) if ctes else None
    if found is None:
        return str(_inject(sql, ctes))
    joined = ", ".join(cte.sql for cte in ctes)
    return f"{sql[: found.end()]}{joined}, {sql[found.end() :]}"
