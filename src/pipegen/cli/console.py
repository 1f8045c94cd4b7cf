"""What a person at a terminal sees: progress, the headlines of a run, errors in one line.

What belongs here: words and layout. What does not: numbers, which come as the warehouse has them.
"""

import time
from decimal import Decimal

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipegen.runs.run import Outcome
from pipegen.settings import Settings
from pipegen.warehouses import Database, Schemas, exists, open_database

HEADLINES = "audit.run_headlines"

# What people look into a server with.
CLIENTS = {"postgres": "psql", "spark": "spark-sql"}


class ConsoleReporter:
    """Prints steps as they begin, with the seconds since the run did, and nodes in place."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.started = time.monotonic()
        self.is_live = console.is_terminal
        self._last_shown = self.started

    def step(self, words: str) -> None:
        """Say that a step begins."""
        self.console.print(
            f"[dim]{self._clock()}[/dim] {escape(words)}", highlight=False, soft_wrap=True
        )

    def table(self, words: str) -> None:
        """Say that a raw table is landed, where the last word is some seconds old."""
        now = time.monotonic()
        if now - self._last_shown >= 2:
            self.step(words)
            self._last_shown = now

    def node(self, done: int, total: int, name: str) -> None:
        """Say how far the build is: every node on a screen, about every five seconds in a log."""
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
    build = settings.development.build
    console.print(
        f"{outcome.built.built_count} models built, {outcome.built.passed_count} tests passed, "
        f"{len(outcome.built.failures)} failed. Nothing is published.\n"
        f"Look at it: {how_to_open(build)}",
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
        standing = "is as it was" if exists(settings.warehouse) else "was not made"
        console.print(
            f"The published warehouse {standing}. What was built stays in {settings.build} "
            "for inspection.",
            highlight=False,
            soft_wrap=True,
        )
        return
    console.print(headline_table(settings.warehouse, outcome))
    console.print(
        f"{outcome.built.built_count} models built, {outcome.built.passed_count} tests passed.\n"
        f"Published to {settings.warehouse}\n"
        f"Open it: {how_to_open(settings.warehouse)}",
        highlight=False,
        soft_wrap=True,
    )
    for words, page in (
        ("The review:", settings.home / "review" / "latest" / "index.html"),
        ("Findings, and what to do:", settings.home / "findings" / "index.html"),
    ):
        if page.exists():
            console.print(f"{words} {page}", highlight=False, soft_wrap=True)


def how_to_open(database: Database) -> str:
    """What to type to look into a warehouse."""
    if isinstance(database, Schemas):
        return f"{CLIENTS[database.target]}, schemas {database.schemas}."
    return f'duckdb -readonly "{database}", schemas core, marts and audit.'


def _show_failures(console: Console, outcome: Outcome) -> None:
    for failure in outcome.built.failures[:20]:
        console.print(
            f"  {failure.kind} {failure.name}: {failure.reason}",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )


def headline_table(warehouse: Database, outcome: Outcome) -> Table:
    """The run's headlines as the warehouse has them."""
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
