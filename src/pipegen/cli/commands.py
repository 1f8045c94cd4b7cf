"""The `pipegen` command.

What belongs here: commands, their options and exit codes. What does not: what they do.
"""

import atexit
import contextlib
import datetime as dt
import functools
import gc
import logging
import os
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.markup import escape

from pipegen.company.seed_rows import TEAMS
from pipegen.errors import PipegenError
from pipegen.review.cadence import AUDIENCES
from pipegen.settings import Settings
from pipegen.typed import shown, typed

if TYPE_CHECKING:
    from pipegen.review.actions import Source

# What `pipegen sql` can query.
WAREHOUSES = ("published", "review", "build", "part")

CONTEXT = {"help_option_names": ["-h", "--help"], "auto_envvar_prefix": None}


def pipegen() -> None:
    """The command as its own process, which exits here.

    A run leaves millions of objects, and Python takes seconds to free them one by one, after
    the last line is printed. So once every exit handler has run, the process exits at once.
    """
    status = 1

    def leave() -> None:
        logging.shutdown()
        # The reader of the output may be gone.
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)

    # Exit handlers run in reverse order: this one, registered first, runs last.
    atexit.register(leave)
    try:
        main(prog_name="pipegen")
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
        raise


# The options that override the environment variables of the same names.
WHERE = (
    click.option("--target", help="dbt target [PIPEGEN_TARGET; duckdb]"),
    click.option("--home", help="folder for everything a run writes [PIPEGEN_HOME; .pipegen]"),
    click.option("--seeds", help="folder of the company's own rules [PIPEGEN_SEEDS; seeds]"),
)
WHAT = (
    click.option("--accept", help="rules that may fail in this run [PIPEGEN_ACCEPT]"),
    *WHERE,
    click.option("--raw", help="folder of raw tables, or `warehouse` [PIPEGEN_RAW; the demo]"),
    click.option("--as-of", help="as-of date, YYYY-MM-DD [PIPEGEN_AS_OF; today]"),
)


def where_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a command that works on what a run has left."""
    return functools.reduce(lambda wrapped, option: option(wrapped), WHERE, command)


def run_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a run."""
    return functools.reduce(lambda wrapped, option: option(wrapped), WHAT, command)


@click.group(context_settings=CONTEXT)
def main() -> None:
    """Governs pipeline generation: one definition, four views, one reconciled number."""


@main.command(short_help="Land, build, audit and publish; or build a part.")
@run_options
@click.option(
    "--select",
    help="build only these models, in dbt's syntax, and publish nothing [PIPEGEN_SELECT]",
)
def run(select: str | None, **options: str | None) -> None:
    """Land, build, audit and publish the warehouse; or build a part of it for development."""
    from pipegen.cli import console as view
    from pipegen.orchestration.job import run_nightly

    with one_line_errors() as console:
        settings = Settings.of(os.environ, **options)
        reporter = view.ConsoleReporter(console)
        part = (select or os.environ.get("PIPEGEN_SELECT", "")).strip()
        # dbt and Dagster make millions of objects that live until the end, and Python scans them
        # again and again for cycles: a quarter of a small run's time, to save some hundred
        # megabytes that are freed at exit anyway.
        gc.disable()
        outcome = run_nightly(settings, reporter, part)
        if part:
            view.show_part(console, settings, outcome)
            sys.exit(1 if outcome.built.failures else 0)
        view.show_outcome(console, settings, outcome)
        if not outcome.is_published:
            sys.exit(1)


@main.command()
@click.option("--port", type=click.IntRange(1, 65535), default=3000, help="port of the UI [3000]")
@run_options
def dev(port: int, **options: str | None) -> None:
    """Start Dagster: its UI with everything loaded, and its daemon."""
    from pipegen.orchestration.serve import serve

    with one_line_errors() as console:
        serve(Settings.of(os.environ, **options), port, console.print)


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, required=True, type=click.UNPROCESSED)
@run_options
def dagster(arguments: tuple[str, ...], **options: str | None) -> None:
    """Run a command of Dagster's on this home: ARGUMENTS are Dagster's.

    `pipegen dagster schedule start nightly` switches a schedule on. Dagster alone would have to be
    told where its own folder is (DAGSTER_HOME).
    """
    from pipegen.orchestration.serve import become_dagster

    with one_line_errors():
        become_dagster(Settings.of(os.environ, **options), arguments)


@main.command()
@run_options
def land(**options: str | None) -> None:
    """Land the raw tables only, to go on with plain `dbt build`."""
    from pipegen.cli import console as view
    from pipegen.packages import install_packages
    from pipegen.runs.home import make_home, only_run
    from pipegen.runs.land import land_run
    from pipegen.runs.plan import plan_run

    with one_line_errors() as console:
        settings = Settings.of(os.environ, **options)
        reporter = view.ConsoleReporter(console)
        make_home(settings.home)
        with only_run(settings.home):
            plan = plan_run(settings, reporter)
            reporter.step(install_packages())
            land_run(plan, reporter)
        console.print(
            f"Landed in {view.shown_database(settings.build)} as of {plan.as_of}.\n"
            f"Next: {view.how_to_build(settings)}",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )


@main.command(
    short_help="Run dbt on what was landed, by the company's rules.",
    context_settings={"ignore_unknown_options": True},
)
@click.argument("arguments", nargs=-1, required=True, type=click.UNPROCESSED)
@where_options
def dbt(arguments: tuple[str, ...], **options: str | None) -> None:
    """Run dbt on what was landed, with the company's own rules and settings: ARGUMENTS go to dbt.

    Plain dbt uses the default rules.
    """
    from pipegen.company.settings import read_settings
    from pipegen.runs.home import make_home, only_run
    from pipegen.transform import plain_dbt

    with one_line_errors():
        settings = Settings.of(os.environ, **options)
        vars_ = read_settings(settings.seeds)
        make_home(settings.home)
        with only_run(settings.home):
            sys.exit(plain_dbt(settings, vars_, arguments))


@main.command(short_help="Query the published warehouse, read-only.")
@click.argument("query", required=False, default="")
@click.option("--csv", "is_csv", is_flag=True, help="every row, as CSV")
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True,
              help="most rows to show")
@click.option(
    "--of", "which", type=click.Choice(WAREHOUSES), default=WAREHOUSES[0], show_default=True,
    help="the published warehouse, that of the weekly review, what the last run built, or the part "
    "that was built for development",
)
@where_options
def sql(query: str, is_csv: bool, limit: int, which: str, **options: str | None) -> None:
    """Query the published warehouse, read-only; without QUERY, list its tables.

    QUERY is in DuckDB's SQL on every target; `-` reads it from standard input.
    """
    from pipegen.cli import query as asking

    with one_line_errors() as console:
        settings = Settings.of(os.environ, **options)
        database = asking.warehouse(settings, which)
        text = click.get_text_stream("stdin").read() if query == "-" else query
        answer = asking.ask(database, text) if text.strip() else asking.tables(database)
        if is_csv:
            asking.write_csv(answer, sys.stdout)
        else:
            asking.show(console, answer, limit)


@main.command(short_help="Generate a demo company, and the truth about it.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="folder to write to")
@click.option("--accounts", type=click.IntRange(min=1), help="number of accounts")
@click.option("--seed", type=int, help="random seed: each makes a different company")
@click.option("--format", "file_format", type=click.Choice(["csv", "parquet"]), help="file format")
def demo(out: Path, **size: Any) -> None:
    """Generate a demo company: its raw tables, and the truth about each deal."""
    from pipegen import demo as company

    with one_line_errors() as console:
        company.generate(out, **{name: value for name, value in size.items() if value is not None})
        console.print(
            f"Demo company as of {company.AS_OF} in {out}: "
            "raw tables in raw/, the truth in truth/.",
            highlight=False,
            soft_wrap=True,
        )


@main.command(short_help="Write a set of your own rules to begin with.")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--from", "raw", help="raw tables to propose it from: a folder, or `warehouse`")
@click.option("--home", help="where the warehouse is, for `--from warehouse` [PIPEGEN_HOME]")
@click.option("--target", help="its dbt target [PIPEGEN_TARGET; duckdb]")
def init(folder: Path, raw: str | None, home: str | None, target: str | None) -> None:
    """Write a set of seeds to begin with into a new FOLDER.

    Given raw tables, stages, types, roles, sources and statuses are proposed from what is there,
    each with its count and a reason, in CHECK.md beside them.
    """
    from pipegen.runs.init import init as write

    with one_line_errors() as console:
        settings = None
        if raw:
            settings = Settings.of(os.environ, raw=raw, home=home, target=target)
        found = write(folder, settings, dt.date.today())
        lines = [f"Written to {shown(folder)}. Check it line by line: {shown(folder / 'CHECK.md')}"]
        given = f"--raw {shlex.quote(raw or 'RAW')} --seeds {shlex.quote(str(folder))}"
        day = found.last_day if found else None
        if day and (dt.date.today() - day).days > 60:
            lines.append(f"The deals end on {day}, so answer as of that day.")
            given += f" --as-of {day}"
        lines += [f"Then: {typed(f'pipegen {word} {given}')}" for word in ("doctor", "run")]
        console.print("\n".join(lines), highlight=False, markup=False, soft_wrap=True)


@main.command()
def setup() -> None:
    """Install the dbt packages that the project needs."""
    from pipegen.packages import install_packages

    with one_line_errors() as console:
        console.print(install_packages(), highlight=False)


@main.command(short_help="Write dbt's documentation to one offline file.")
@run_options
def docs(**options: str | None) -> None:
    """Write dbt's documentation of the last build to one file that opens offline."""
    from pipegen.cli import console as view
    from pipegen.runs.home import only_run
    from pipegen.runs.plan import plan_run
    from pipegen.transform import document
    from pipegen.warehouses import exists

    with one_line_errors() as console:
        settings = Settings.of(os.environ, **options)
        with only_run(settings.home):
            plan = plan_run(settings, view.ConsoleReporter(console))
            if not exists(settings.build):
                raise PipegenError(
                    f"nothing is built in {settings.home}: run `{typed('pipegen run')}` first."
                )
            page = document(settings, plan.vars)
        console.print(f"Documentation in {shown(page)}", highlight=False, soft_wrap=True)


@main.command()
@run_options
@click.option("--again", is_flag=True, help="include what was sent before")
def alerts(again: bool, **options: str | None) -> None:
    """Print what the alerts would say now; nothing is sent."""
    from pipegen.alerts.delivery import preview
    from pipegen.company.settings import read_settings
    from pipegen.runs.home import lock_holder
    from pipegen.runs.last import last_trouble

    with one_line_errors() as console:
        settings = Settings.of(os.environ, **options)
        vars_ = read_settings(settings.seeds)
        trouble, holder = last_trouble(settings.home), lock_holder(settings.home)
        for text in preview(settings, vars_, trouble, holder, again=again):
            console.print(f"{text}\n", highlight=False, markup=False, soft_wrap=True)


@main.command()
@run_options
def doctor(**options: str | None) -> None:
    """Check what a run needs, without building anything."""
    from pipegen.cli.doctor import examine
    from pipegen.company.settings import company_vars

    with one_line_errors() as console:
        settings = Settings.of(os.environ, **options)
        is_well = True
        for finding in examine(settings, company_vars()):
            is_well = is_well and finding.mark != "no"
            colour = {"ok": "green", "no": "red", "note": "yellow"}[finding.mark]
            console.print(f"[{colour}]{finding.mark:5}[/{colour}]", end="")
            console.print(finding.words, highlight=False, markup=False, soft_wrap=True)
        if not is_well:
            sys.exit(1)


@main.group()
def forget() -> None:
    """Have the warehouse forget what it learned on a bad day."""


@forget.command("created-dates")
@click.option(
    "--seen-on", required=True, type=click.DateTime(["%Y-%m-%d"]),
    help="as-of day of the run that learned them, YYYY-MM-DD",
)
@where_options
def forget_created_dates(seen_on: dt.datetime, **options: str | None) -> None:
    """Forget the created dates that were first seen as of a day.

    The first created date of a deal dates it for good, and one bad night teaches wrong ones. The
    next run leaves them behind and learns what the CRM says then. The log of runs keeps a record.
    """
    from pipegen.runs.forget import forget_created_dates as write

    with one_line_errors() as console:
        day = seen_on.date()
        count = write(Settings.of(os.environ, **options), day)
        console.print(
            f"{count:,} created dates first seen as of {day} are forgotten with the next run.",
            highlight=False,
        )


@main.command(short_help="Write the review packet again, without a run.")
@run_options
@click.option("--send", is_flag=True, help="also send its ten lines to PIPEGEN_ALERTS_REVIEW")
@click.option(
    "--audience", type=click.Choice(AUDIENCES), default=AUDIENCES[0], show_default=True,
    help="who meets: marketing and sales, or sales alone",
)
def packet(send: bool, audience: str, **options: str | None) -> None:
    """Write the review packet of the published warehouse again, without building anything."""
    from pipegen.alerts import delivery
    from pipegen.cli import console as view
    from pipegen.company.settings import read_settings
    from pipegen.runs.home import make_home, only_run
    from pipegen.runs.plan import borrowed

    with one_line_errors() as console:
        settings = Settings.of(os.environ, **options)
        vars_ = read_settings(settings.seeds)
        make_home(settings.home)
        with only_run(settings.home):
            from pipegen.review import actions
            from pipegen.review.packet import Listed, write_packet

            _, source, today = _actions(options)
            listed = Listed(tuple(actions.listed(source, settings.warehouse)), today)
            written = write_packet(
                settings.warehouse, settings.home / "review", vars_, audience, listed,
                warning=borrowed(settings),
            )  # fmt: skip
            if send:
                delivery.send_packet(settings, view.ConsoleReporter(console), audience)
        words = "Review packet in" if written.is_new else "Unchanged: the review packet in"
        console.print(f"{words} {shown(written.page)}", highlight=False, soft_wrap=True)


@main.group()
def action() -> None:
    """Keep the list of actions agreed in reviews: add, close, list."""


@action.command("add")
@click.argument("words", required=False, default="")
@click.option("--proposal", "proposal_id", help="id of the packet's proposal that was agreed")
@click.option("--team", type=click.Choice(TEAMS), help="the team that acts")
@click.option("--owner", help="the person who acts; asked for where it is not given")
@click.option(
    "--due", type=click.DateTime(["%Y-%m-%d"]),
    help="the day it is due, YYYY-MM-DD; asked for where it is not given",
)
@click.option("--metric", help="the number that it should move")
@run_options
def action_add(words: str, proposal_id: str | None, **given: Any) -> None:
    """Add an action, in your own WORDS or from a proposal.

    It shows in the next packet; `pipegen packet` writes one without a run.
    """
    from pipegen.review import actions

    with one_line_errors() as console:
        settings, source, today = _actions(given)
        file = _file(source)
        agreed = dict(actions.proposal(settings.warehouse, proposal_id)) if proposal_id else {}
        own = {name: given[name] for name in ("team", "owner", "metric") if given[name]}
        fields = agreed | own | ({"action": words} if words else {})
        if not fields.get("action", "").strip():
            raise PipegenError(
                "an action needs words, or --proposal with the id of a proposal of the packet."
            )
        due = given["due"].date() if given["due"] else None
        fields["owner"], due = _asked(fields.get("owner", "").strip(), due, today)
        actions.begin(source)
        file = actions.own_copy(file, settings.home)
        id_ = actions.add(file, today=today, due_on=due, **fields)
        console.print(
            f"{id_} added to {shown(file)}", highlight=False, soft_wrap=True, markup=False
        )


def _asked(owner: str, due: dt.date | None, today: dt.date) -> tuple[str, dt.date]:
    """Who acts and by when: as given, else as answered at the terminal.

    Raises `PipegenError` where there is no terminal to ask at.
    """
    if not sys.stdin.isatty():
        missing = [
            words
            for words, is_given in (("--owner NAME", owner), ("--due YYYY-MM-DD", due))
            if not is_given
        ]
        if missing:
            raise PipegenError(
                f"an action needs somebody who acts and a day it is due: add "
                f"{' and '.join(missing)}."
            )
    owner = owner or click.prompt("Who acts", value_proc=_answer)
    return owner, due or click.prompt("Due (YYYY-MM-DD)", value_proc=lambda text: _day(text, today))


def _answer(text: str) -> str:
    if not text.strip():
        raise click.UsageError("a name is needed")
    return text.strip()


def _day(text: str, today: dt.date) -> dt.date:
    try:
        day = dt.date.fromisoformat(text.strip())
    except ValueError:
        raise click.UsageError(f"{text.strip()} is no date: write it as YYYY-MM-DD") from None
    if day < today:
        raise click.UsageError(f"it is opened on {today}: name that day or a later one")
    return day


@action.command("close")
@click.argument("action_id")
@click.option("--outcome", required=True, help="what came of it")
@click.option("--cancelled", is_flag=True, help="the action was dropped")
@run_options
def action_close(action_id: str, outcome: str, cancelled: bool, **given: Any) -> None:
    """Close an action with what came of it."""
    from pipegen.review import actions

    with one_line_errors() as console:
        settings, source, today = _actions(given)
        status = "cancelled" if cancelled else "done"
        file = actions.own_copy(_file(source), settings.home)
        actions.close(file, action_id, today=today, outcome=outcome, status=status)
        console.print(
            f"{action_id} is {status} in {shown(file)}",
            highlight=False, soft_wrap=True, markup=False,
        )  # fmt: skip


@action.command("list")
@click.option("--all", "is_all", is_flag=True, help="every action of the list, and what came of it")
@run_options
def action_list(is_all: bool, **given: Any) -> None:
    """List the actions that are open on the as-of day."""
    from rich.table import Table

    from pipegen.review import actions

    with one_line_errors() as console:
        settings, source, today = _actions(given)
        everything = actions.listed(source, settings.warehouse)
        listed = [one for one in everything if is_all or actions.is_open(one, today)]
        if not listed:
            words = "No action is listed." if is_all else f"No action is open on {today}."
            console.print(words, highlight=False)
            return
        table = Table()
        for name in ("id", "status", "due"):
            table.add_column(name, no_wrap=True)
        for name in ("team", "owner", "action"):
            table.add_column(name)
        for one in listed:
            state, words = actions.state(one, today), escape(one.action)
            if state not in ("open", "overdue", actions.NOT_YET):
                state += f"\n{one.closed_on}"
                words += f"\n[dim]Outcome: {escape(one.outcome or 'not given')}[/dim]"
            due = one.due_on.isoformat() if one.due_on else ""
            table.add_row(
                escape(one.action_id), state, due, one.team, escape(one.owner or ""), words
            )
        console.print(table)


def _actions(given: dict[str, Any]) -> tuple[Settings, "Source", dt.date]:
    """The settings, where actions are kept, and the day."""
    from pipegen.company.settings import read_settings
    from pipegen.demo import AS_OF
    from pipegen.review import actions
    from pipegen.settings import as_of_day

    names = ("target", "home", "seeds", "raw", "as_of")
    settings = Settings.of(os.environ, **{name: given[name] for name in names})
    vars_ = read_settings(settings.seeds)
    source = actions.source_of(vars_["review_actions_source"], settings.seeds, settings.home)
    today = as_of_day(
        settings.as_of_text,
        default=AS_OF if settings.is_demo else None,
        timezone=vars_["business_timezone"],
    )
    return settings, source, today


def _file(source: "Source") -> Path:
    """The file in which actions are kept. Raises `PipegenError` if it is a table."""
    if source.file is None:
        raise PipegenError(
            f"actions are kept in the table {source.table} (setting review_actions_source): "
            "edit them there."
        )
    return source.file


class one_line_errors:
    """Show a user's error as its words, without a traceback; exit code 1."""

    def __enter__(self) -> Console:
        return Console()

    def __exit__(self, kind: type | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, PipegenError):
            click.echo(f"pipegen: {error}", err=True)
            sys.exit(1)
        if isinstance(error, OSError):
            where = error.filename or "a file"
            click.echo(f"pipegen: {where}: {error.strerror}", err=True)
            sys.exit(1)
