"""The raw tables as the contract promises them, as data.

What belongs here: reading which systems, tables and columns are read, their kinds, and which of
them are required, from the landing models' YAML. What does not: where files are and how they are
read (`files`, `warehouse`), and which rows are kept (macros/landing/rows.sql).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import yaml

from pipegen.contract.spellings import BOOKKEEPING_KINDS
from pipegen.project import PROJECT

# Libyaml, where it is there, reads ten times as fast.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# `salesforce_id`: an id of 15 characters is the one of 18 with its checksum. `code`: text in upper
# case, so that codes which differ only in case are the same. `email`: text that stands for a
# person, so that a word for null must not.
Kind = Literal[
    "id", "salesforce_id", "code", "email", "text", "number", "boolean", "date", "timestamp"
]

@dataclass(frozen=True)
class Column:
    """One column of a raw table. `custom` names the setting with the company's name for it."""

    name: str
    kind: Kind
    required: bool = False
    custom: str | None = None


@dataclass(frozen=True)
class Table:
    """One raw table. If it has no key, every row is kept."""

    system: str
    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    required: bool = False

    @property
    def label(self) -> str:
        """The table's name in messages: `salesforce.account`."""
        return f"{self.system}.{self.name}"


# Read from every table that has them, in addition to the table's own list.
BOOKKEEPING = tuple(
    Column(name, kind)  # type: ignore[arg-type]
    for name, kind in BOOKKEEPING_KINDS.items()
)


@dataclass(frozen=True)
class Reference:
    """A column of which each value is the id of a row of one of some tables.

    Without the rows that it leads to, a history or a list of roles says nothing: `is_essential`.
    """

    table: str
    column: str
    leads_to: tuple[str, ...]
    is_essential: bool = False

    @property
    def label(self) -> str:
        """The reference's name in messages: `salesforce.contact.account_id`."""
        return f"{self.table}.{self.column}"


def _models() -> Iterator[dict[str, Any]]:
    """The landing models' YAML, in the order in which the contract has the tables."""
    for path in sorted((PROJECT / "models" / "landing").glob("*/_models.yml"), reverse=True):
        for model in yaml.load(path.read_bytes(), _Loader)["models"]:
            if "raw_table" in model["config"].get("meta", {}):
                yield model


def _meta(column: dict[str, Any]) -> dict[str, Any]:
    return dict(column.get("config", {}).get("meta", {}))


def _table(model: dict[str, Any]) -> Table:
    meta = model["config"]["meta"]
    system, _, name = meta["raw_table"].partition(".")
    columns = tuple(
        Column(column["name"], of["kind"], of.get("required", False), of.get("custom"))
        for column in model["columns"]
        if "kind" in (of := _meta(column))
    )
    return Table(system, name, tuple(meta["key"]), columns, meta.get("is_required", False))


def _references(model: dict[str, Any]) -> Iterator[Reference]:
    for column in model["columns"]:
        if leads_to := (of := _meta(column)).get("leads_to"):
            yield Reference(
                model["config"]["meta"]["raw_table"],
                column["name"],
                tuple(leads_to),
                of.get("is_essential", False),
            )


_MODELS = tuple(_models())

# Every column that the contract says is read. Some are read by no model (next_step; a task's
# subject and status): they decide whether two rows with one key are the same row, and are kept with
# the rows set aside.
TABLES: tuple[Table, ...] = tuple(map(_table, _MODELS))

# Left out are references to what is not loaded as a rule (a task's subject may be a record of any
# kind, a lead's owner a queue), and to leads of the MAP that were merged away.
REFERENCES: tuple[Reference, ...] = tuple(
    reference for model in _MODELS for reference in _references(model)
)

# The company's names for its custom fields, until it says otherwise, by setting.
CUSTOM_COLUMNS = {
    column.custom: column.name for table in TABLES for column in table.columns if column.custom
}

SYSTEMS: tuple[str, ...] = tuple(dict.fromkeys(table.system for table in TABLES))


def normalised(name: str) -> str:
    """A name without case, `_` and blanks: `CreatedDate` is `created_date` and `Created Date`."""
    return "".join(name.split()).replace("_", "").casefold()


def columns_read(table: Table) -> tuple[Column, ...]:
    """Every column that is read from the raw table, bookkeeping columns last."""
    listed = {column.name for column in table.columns}
    return table.columns + tuple(c for c in BOOKKEEPING if c.name not in listed)
