"""What dbt works out again for each node, worked out once.

What belongs here: work that dbt does for each of hundreds of nodes with the same result each time.
What does not: its messages (`dbt_messages`), and anything on which a number depends.
"""

import contextlib
import functools
from collections.abc import Iterable, Iterator
from typing import Any


@contextlib.contextmanager
def kept() -> Iterator[None]:
    """While this lasts, dbt makes macros callable in fewer steps, and keeps how it guesses types.

    For each node dbt makes every macro of the project callable, its own included, twice: some seven
    hundred objects, each of which goes through three constructors. And for each answer of the
    database it builds anew what guesses types of values, with a parser of dates in English.
    """
    from dbt.clients.jinja import MacroGenerator
    from dbt_common.clients import agate_helper

    tester_of = functools.cache(agate_helper.build_type_tester)

    def tester(
        text_columns: Iterable[str], string_null_values: Iterable[str] | None = ("null", "")
    ) -> Any:
        nulls = None if string_null_values is None else tuple(string_null_values)
        return tester_of(tuple(text_columns), nulls)

    def begin(
        self: Any, macro: Any, context: Any = None, node: Any = None, stack: Any = None
    ) -> None:
        self.macro = macro
        self.context = context
        self.node = node
        self.stack = stack

    with contextlib.ExitStack() as restored:
        owner: Any
        for owner, name, ours in (
            (MacroGenerator, "__init__", begin),
            (agate_helper, "build_type_tester", tester),
        ):
            restored.callback(setattr, owner, name, getattr(owner, name))
            setattr(owner, name, ours)
        yield
