"""What a person at a terminal sees: progress, the headlines of a run, errors in one line.

What belongs here: words and layout. What does not: numbers, which come from the warehouse.
"""

import os
import shlex
import textwrap
import time
from decimal import Decimal
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipegen.company.settings import FILE_NAME
from pipegen.project import PROJECT
from pipegen.runs.run import Outcome
from pipegen.settings import Settings
from pipegen.transform import has_own_actions
from pipegen.typed import shown, typed
from pipegen.warehouses import Database, exists, open_database

HEADLINES = "audit.run_headlines"

# How many failures are shown: nobody reads more before fixing the first.
SHOWN = 20

# A good first query.
FIRST_QUERY = "select * from marts.pipeline_bridge"


class ConsoleReporter:
    """Prints steps as they begin, with the seconds since the run began, and nodes in place."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.started = time.monotonic()
        self.is_live = console.is_terminal
        self._last_shown = self.started

    def step(self, words: str) -> None:
        """Report that a step begins."""
        self.console.print(
            f"[dim]{self._clock()}[/dim] {escape(words)}", highlight=False, soft_wrap=True
        )

    def table(self, words: str) -> None:
        """Report that a raw table is landed, unless something was reported just before."""
        now = time.monotonic()
        if now - self._last_shown >= 2:
            self.step(words)
            self._last_shown = now

    def node(self, done: int, total: int, name: str) -> None:
        """Report progress of the build: every node on a screen, about every five seconds in a
        log."""
        now = time.monotonic()
        if self.is_live:
            line = f"{self._clock()} {done} of {total} {name}"
            self.console.file.write("\r" + line[:99].ljust(99) + ("\r" if done == total else ""))
            self.console.file.flush()
        elif now - self._last_shown >= 5 or done == total:
            self.step(f"{done} of {total} models and tests")
            self._last_shown = now

    def _clock(self) -> str:
        return f"{time.monotonic() - self.started:6.1f}s"


def show_part(console: Console, settings: Settings, outcome: Outcome) -> None:
    """Print what was built of a part and where it is, or what failed."""
    _show_failures(console, outcome)
    console.print(
        f"{outcome.built.built_count} models built, {outcome.built.passed_count} tests passed, "
        f"{len(outcome.built.failures)} failed. Nothing is published.\n"
        f"List what is there: {command(settings, 'sql --of part')}",
        highlight=False,
        soft_wrap=True,
    )


def show_outcome(console: Console, settings: Settings, outcome: Outcome) -> None:
    """Print the headlines of a published run, or what failed and where to look."""
    for warning in outcome.built.warnings:
        console.print(f"warning: {warning.name}: {warning.reason}", highlight=False, markup=False)
    if not outcome.is_published:
        console.print(
            f"Not published: {len(outcome.built.failures)} of the run's models and tests failed.",
            style="bold red",
        )
        _show_failures(console, outcome)
        if exists(settings.warehouse):
            standing = "The published warehouse is as it was."
        else:
            standing = "Nothing was published before either."
        console.print(
            f"{standing} What was built stays in {shown_database(settings.build)}; "
            f"list it: {command(settings, 'sql --of build')}",
            highlight=False,
            soft_wrap=True,
        )
        return
    console.print(headline_table(settings.warehouse, outcome))
    console.print(
        f"{outcome.built.built_count} models built, {outcome.built.passed_count} tests passed.\n"
        f"Published to {shown_database(settings.warehouse)}\n"
        f"Query it: {command(settings, f'sql {shlex.quote(FIRST_QUERY)}')}",
        highlight=False,
        soft_wrap=True,
    )
    for words, page in (
        ("The review:", settings.home / "review" / "latest" / "index.html"),
        ("Findings, and what to do:", settings.home / "findings" / "index.html"),
    ):
        if page.exists():
            console.print(f"{words} {shown(page)}", highlight=False, soft_wrap=True)


def command(settings: Settings, words: str) -> str:
    """A `pipegen` command on the same home and target, as the user can type it here and now."""
    return " ".join((typed("pipegen"), words, *_given(settings, "home", "target"))).strip()


def how_to_build(settings: Settings) -> str:
    """What to type to build what was landed: plain dbt, where that is enough.

    Plain dbt takes the home and target from the environment, and knows only the default rules and
    actions.
    """
    usual = Settings.of(os.environ)
    is_plain = (settings.home, settings.target) == (usual.home, usual.target)
    has_own = (
        settings.seeds != PROJECT / "seeds"
        or (settings.seeds / FILE_NAME).exists()
        or has_own_actions(settings)
    )
    if is_plain and not has_own and Path.cwd() == PROJECT:
        return typed("dbt build")
    options = _given(settings, "home", "target", "seeds")
    return " ".join((typed("pipegen dbt"), *options, "build"))


def shown_database(database: Database) -> str:
    """A warehouse as a user would type it in this folder."""
    return shown(database) if isinstance(database, Path) else str(database)


def _given(settings: Settings, *names: str) -> list[str]:
    """The options whose values differ from this environment's."""
    usual = Settings.of(os.environ)
    return [
        f"--{name} {shlex.quote(str(getattr(settings, name)))}"
        for name in names
        if getattr(settings, name) != getattr(usual, name)
    ]


def _show_failures(console: Console, outcome: Outcome) -> None:
    for failure in outcome.built.failures[:SHOWN]:
        console.print(
            f"  {failure.kind} {failure.name}: {failure.reason}",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )
        if failure.message and " ".join(failure.message.split()) != failure.reason:
            console.print(
                textwrap.indent(failure.message, "    "),
                highlight=False,
                markup=False,
                soft_wrap=True,
            )
    if (more := len(outcome.built.failures) - SHOWN) > 0:
        console.print(f"  … and {more} more", highlight=False)


def headline_table(warehouse: Database, outcome: Outcome) -> Table:
    """The run's headlines, read from the warehouse."""
    table = Table(title=f"Pipeline as of {outcome.as_of}", title_justify="left")
    table.add_column("")
    table.add_column("count", justify="right")
    table.add_column("amount", justify="right")
    with open_database(warehouse) as connection:
        rows = connection.execute(
            f"select headline, headline_count, amount from {HEADLINES} "
            "order by headline_order, headline"
        ).fetchall()
    for headline, count, amount in rows:
        table.add_row(headline, f"{count:,}", _money(amount))
    return table


def _money(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount:,.2f}"
