"""What dbt keeps from node to node is what it would have worked out again. A failure means that a
run reads answers of the database as other types, or calls macros with something missing."""

from types import SimpleNamespace
from typing import Any

import pytest
from dbt.clients.jinja import MacroGenerator
from dbt_common.clients import agate_helper

from pipegen import dbt_once

ROWS = [
    {"day": "2026-05-20", "name": "null", "count": 3, "note": ""},
    {"day": None, "name": "12", "count": None, "note": "x"},
]


def _types(rows: list[dict[str, Any]]) -> list[tuple[str, str, tuple[Any, ...]]]:
    table = agate_helper.table_from_data_flat(rows, ["day", "name", "count", "note"])
    return [
        (column.name, type(column.data_type).__name__, column.values()) for column in table.columns
    ]


def test_answers_of_the_database_have_the_types_that_dbt_gives_them() -> None:
    other = [{**row, "name": 7, "count": "text"} for row in ROWS]
    expected = [_types(rows) for rows in (ROWS, other)]
    with dbt_once.kept():
        assert [_types(rows) for rows in (ROWS, other)] == expected
        assert [_types(rows) for rows in (ROWS, other)] == expected


def test_what_guesses_types_is_built_once_for_the_same_columns() -> None:
    with dbt_once.kept():
        first = agate_helper.build_type_tester(["name"], string_null_values=())
        assert agate_helper.build_type_tester(["name"], string_null_values=()) is first
        assert agate_helper.build_type_tester(["note"], string_null_values=()) is not first
        assert agate_helper.build_type_tester(["name"]) is not first


def test_a_macro_has_all_that_dbt_gives_it() -> None:
    macro = SimpleNamespace(name="a_macro")
    given: tuple[Any, ...] = (macro, {"a": 1}, SimpleNamespace(name="a_node"), object())
    expected = vars(MacroGenerator(*given))
    with dbt_once.kept():
        assert vars(MacroGenerator(*given)) == expected
        assert vars(MacroGenerator(macro)) == dict.fromkeys(expected) | {"macro": macro}


def test_afterwards_dbt_is_as_it_was() -> None:
    before = MacroGenerator.__init__, agate_helper.build_type_tester
    with pytest.raises(ZeroDivisionError), dbt_once.kept():
        assert MacroGenerator.__init__ is not before[0]
        raise ZeroDivisionError
    assert (MacroGenerator.__init__, agate_helper.build_type_tester) == before
