"""The `pipegen` command.

What belongs here: commands, their options and exit codes. What does not: what they do.
"""

import atexit
import contextlib
import datetime as dt
import gc
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape

from pipegen.company.seed_rows import TEAMS
from pipegen.errors import PipegenError
from pipegen.review.cadence import AUDIENCES
from pipegen.settings import Settings

CONTEXT = {"help_option_names": ["-h", "--help"], "auto_envvar_prefix": None}


def pipegen() -> None:
    """The command as a process of its own, which ends with it.

    A run leaves millions of objects. Python takes seconds to free them one by one, while whoever
    waits has read the last line: when all that asked to be called at the end has been, the process
    goes, and takes them along.
    """
    status = 1

    def leave() -> None:
        logging.shutdown()
        # Nobody may read any more.
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)

    # The first to ask is called last.
    atexit.register(leave)
    try:
        main(prog_name="pipegen")
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
        raise


def run_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that name what the environment variables name, and override them."""
    for option in (
        click.option("--accept", help="rules whose failure stops nothing now [PIPEGEN_ACCEPT]"),
        click.option("--target", help="dbt target [PIPEGEN_TARGET; duckdb]"),
        click.option("--home", help="folder for everything a run writes [PIPEGEN_HOME; .pipegen]"),
        click.option("--seeds", help="folder of the company's own rules [PIPEGEN_SEEDS; seeds]"),
        click.option("--raw", help="folder of raw tables, or `warehouse` [PIPEGEN_RAW; the demo]"),
        click.option("--as-of", help="as-of date, YYYY-MM-DD [PIPEGEN_AS_OF; today]"),
    ):
        command = option(command)
    return command


@click.group(context_settings=CONTEXT)
def main() -> None:
    """Governs pipeline generation: one definition, four views, one reconciled number."""


@main.command()
@run_options
@click.option("--select", help="a part, in dbt's words, built for development [PIPEGEN_SELECT]")
def run(select: str | None, **options: str | None) -> None:
    """Land, build, audit and publish the warehouse; or build a part, which is not published."""
    from pipegen.cli import console as view
    from pipegen.orchestration.job import run_nightly

    with one_line_errors() as console:
        settings = Settings.of(os.environ, **options)
        reporter = view.ConsoleReporter(console)
        part = (select or os.environ.get("PIPEGEN_SELECT", "")).strip()
        # dbt and Dagster make millions of objects that live until the end, and Python walks all of
        # them again and again in search of cycles: a fourth of a small run's time, for some hundred
        # megabytes that the end of this process frees anyway.
        gc.disable()
        outcome = run_nightly(settings, reporter, part)
        if part:
            view.show_part(console, settings, outcome)
            sys.exit(1 if outcome.built.failures else 0)
        view.show_outcome(console, settings, outcome)
        if not outcome.is_published:
            sys.exit(1)


@main.command()
@click.option("--port", type=click.IntRange(1, 65535), default=3000, help="of the UI [3000]")
@run_options
def dev(port: int, **options: str | None) -> None:
    """Open Dagster's UI with everything loaded, and its daemon beside it."""
    from pipegen.orchestration.serve import serve

    with one_line_errors() as console:
        serve(Settings.of(os.environ, **options), port, console.print)


@main.command()
@run_options
def land(**options: str | None) -> None:
    """Land the raw tables only, for those who then work with `dbt build`."""
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
            f"Landed in {settings.build}. Now: dbt build --vars '{{as_of: {plan.as_of}}}'",
            highlight=False,
            soft_wrap=True,
        )


@main.command()
@click.option("--out", required=True, type=click.Path(path_type=Path), help="folder to write to")
@click.option("--accounts", type=click.IntRange(min=1), help="size, in accounts")
@click.option("--seed", type=int, help="another seed number, another company")
@click.option("--format", "file_format", type=click.Choice(["csv", "parquet"]), help="of the files")
def demo(out: Path, **size: Any) -> None:
    """Generate a demo company: raw tables, and what each deal really is."""
    from pipegen import demo as company

    with one_line_errors() as console:
        company.generate(out, **{name: value for name, value in size.items() if value is not None})
        console.print(
            f"A company as of {company.AS_OF} in {out}: raw tables in raw/, the truth in truth/.",
            highlight=False,
            soft_wrap=True,
        )


@main.command()
def setup() -> None:
    """Install the dbt packages that the project needs."""
    from pipegen.packages import install_packages

    with one_line_errors() as console:
        console.print(install_packages(), highlight=False)


@main.command()
@run_options
def docs(**options: str | None) -> None:
    """Write dbt's documentation of the last build, in one file that opens offline."""
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
                raise PipegenError(f"nothing is built in {settings.home}: `make run` first.")
            page = document(settings, plan.vars)
        console.print(f"Documentation in {page}", highlight=False, soft_wrap=True)


@main.command()
@run_options
@click.option("--anew", is_flag=True, help="as if nobody had been told of anything")
def alerts(anew: bool, **options: str | None) -> None:
    """Print what the alerts of the published warehouse would say; nothing is sent."""
    from pipegen.alerts.delivery import preview
    from pipegen.company.settings import read_settings

    with one_line_errors() as console:
        settings = Settings.of(os.environ, **options)
        vars_ = read_settings(settings.seeds)
        for text in preview(settings, vars_, anew=anew):
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
            is_well = is_well and finding.is_well
            mark = "[green]ok[/green]  " if finding.is_well else "[red]no[/red]  "
            console.print(mark, end="")
            console.print(finding.words, highlight=False, markup=False, soft_wrap=True)
        if not is_well:
            sys.exit(1)


@main.command()
@run_options
@click.option("--send", is_flag=True, help="and send its ten lines to PIPEGEN_ALERTS_REVIEW")
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

    with one_line_errors() as console:
        settings = Settings.of(os.environ, **options)
        vars_ = read_settings(settings.seeds)
        make_home(settings.home)
        with only_run(settings.home):
            from pipegen.review.packet import write_packet

            written = write_packet(
                settings.warehouse, settings.home / "review", vars_, audience
            )
            if send:
                delivery.tell_packet(settings, view.ConsoleReporter(console), audience)
        told = "Review packet in" if written.is_new else "The packet that is there says the same:"
        console.print(f"{told} {written.page}", highlight=False, soft_wrap=True)


@main.group()
def action() -> None:
    """The actions agreed in reviews: add, close, list."""


@action.command("add")
@click.argument("words", required=False, default="")
@click.option("--proposal", "proposal_id", help="id of a proposal of the packet that is agreed")
@click.option("--team", type=click.Choice(TEAMS), help="whose it is")
@click.option("--owner", help="who does it")
@click.option("--due", type=click.DateTime(["%Y-%m-%d"]), help="until when, YYYY-MM-DD")
@click.option("--metric", help="the number it is to move")
@run_options
def action_add(words: str, proposal_id: str | None, **given: Any) -> None:
    """Add an action, in WORDS of your own or from a proposal."""
    from pipegen.review import actions

    with one_line_errors() as console:
        settings, file, today = _actions(given)
        agreed = dict(actions.proposal(settings.warehouse, proposal_id)) if proposal_id else {}
        own = {name: given[name] for name in ("team", "owner", "metric") if given[name]}
        fields = agreed | own | ({"action": words} if words else {})
        if not fields.get("action", "").strip():
            raise PipegenError("what is to be done? Give it in words, or --proposal with its id.")
        due = given["due"].date() if given["due"] else None
        id_ = actions.add(file, today=today, due_on=due, **fields)
        console.print(f"{id_} added to {file}", highlight=False, soft_wrap=True, markup=False)


@action.command("close")
@click.argument("action_id")
@click.option("--outcome", required=True, help="what came of it")
@click.option("--cancelled", is_flag=True, help="it was given up")
@run_options
def action_close(action_id: str, outcome: str, cancelled: bool, **given: Any) -> None:
    """Close an action with what came of it."""
    from pipegen.review import actions

    with one_line_errors() as console:
        _, file, today = _actions(given)
        status = "cancelled" if cancelled else "done"
        actions.close(file, action_id, today=today, outcome=outcome, status=status)
        console.print(f"{action_id} is {status}", highlight=False, soft_wrap=True, markup=False)


@action.command("list")
@click.option("--all", "is_all", is_flag=True, help="closed ones too")
@run_options
def action_list(is_all: bool, **given: Any) -> None:
    """List the open actions."""
    from rich.table import Table

    from pipegen.review import actions

    with one_line_errors() as console:
        _, file, today = _actions(given)
        table = Table("id", "due", "team", "owner", "action", "status")
        for row in actions.read(file):
            if is_all or not row["closed_on"]:
                late = not row["closed_on"] and row["due_on"] and row["due_on"] < today.isoformat()
                cells = [row[name] for name in ("action_id", "due_on", "team", "owner", "action")]
                table.add_row(*map(escape, [*cells, "overdue" if late else row["status"]]))
        console.print(table)


def _actions(given: dict[str, Any]) -> tuple[Settings, Path, dt.date]:
    """The settings, the file in which actions are kept, and the day."""
    from pipegen.company.settings import read_settings
    from pipegen.review import actions
    from pipegen.settings import as_of_day

    names = ("target", "home", "seeds", "raw", "as_of")
    settings = Settings.of(os.environ, **{name: given[name] for name in names})
    vars_ = read_settings(settings.seeds)
    source = actions.source_of(vars_["review_actions_source"], settings.seeds)
    if source.file is None:
        raise PipegenError(
            f"actions are kept in the table {source.table} (review_actions_source): edit them there"
        )
    today = as_of_day(settings.as_of_text, default=None, timezone=vars_["business_timezone"])
    return settings, source.file, today


class one_line_errors:
    """Show a user's error as what it says, without a traceback; exit code 1."""

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
