"""How loaders and people write what the contract names: words, names and their reasons, as data.

What belongs here: reading that data, which stands in macros/landing/words.sql because the models
use it in the warehouse. What does not: how a word is read (macros/landing/values.sql, `source`),
and the contract's own names (`tables`).
"""

import functools
from collections.abc import Mapping
from typing import Any

import jinja2

from pipegen.project import PROJECT


class _Returned(Exception):
    """How a macro returns a value, in dbt and here."""

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


def _return(value: Any) -> None:
    raise _Returned(value)


@functools.cache
def _macros() -> Any:
    text = (PROJECT / "macros" / "landing" / "words.sql").read_text(encoding="utf-8")
    template = jinja2.Environment(autoescape=False).from_string(text)
    return template.make_module({"return": _return})


def _data(macro: str) -> Any:
    try:
        getattr(_macros(), macro)()
    except _Returned as returned:
        return returned.value
    raise ValueError(f"macro {macro} returns nothing")


# Words that exports write where a cell is empty, in lower case, by who writes them.
NULL_WORDS: Mapping[str, str] = _data("null_words")
# In lower case, by `true` and `false`.
BOOLEANS: Mapping[str, list[str]] = _data("boolean_words")
# Other names of tables and of columns, by the contract's; the first that is there is read.
TABLE_ALIASES: Mapping[str, list[str]] = _data("table_aliases")
COLUMN_ALIASES: Mapping[str, list[str]] = _data("column_aliases")
# Written as seconds since 1970, with a fraction.
EPOCH_COLUMNS: list[str] = _data("epoch_columns")
# Read from every table that has them, in addition to the table's own columns: the kind of each.
BOOKKEEPING_KINDS: Mapping[str, str] = _data("bookkeeping_columns")
# Columns by which a loader is told, in messages.
LOADERS: Mapping[str, str] = _data("loader_columns")
