"""The `pipegen` command.

What belongs here: commands, their options and exit codes. What does not: what they do.
"""

import os
import sys
from pathlib import Path

import click
from rich.console import Console

from landing.errors import PipegenError
from orchestration.settings import Settings, company_vars

CONTEXT = {"help_option_names": ["-h", "--help"], "auto_envvar_prefix": None}


def run_options(command: click.Command) -> click.Command:
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
    from orchestration import console as view
    from orchestration.run import run as run_all

    with one_line_errors() as console:
        settings = Settings.of(os.environ, **options)
        reporter = view.Reporter(console)
        part = (select or os.environ.get("PIPEGEN_SELECT", "")).strip()
        outcome = run_all(settings, reporter, part)
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
    from orchestration.serve import serve

    with one_line_errors() as console:
        serve(Settings.of(os.environ, **options), port, console.print)


@main.command()
@run_options
def land(**options: str | None) -> None:
    """Land the raw tables only, for those who then work with `dbt build`."""
    from orchestration import console as view
    from orchestration import run as steps
    from orchestration.packages import install_packages

    with one_line_errors() as console:
        settings = Settings.of(os.environ, **options)
        reporter = view.Reporter(console)
        steps.make_home(settings.home)
        with steps.only_run(settings.home):
            plan = steps.plan(settings, reporter)
            reporter.step(install_packages())
            steps.land(plan, reporter)
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
def demo(out: Path, **size: object) -> None:
    """Generate a demo company: raw tables, and what each deal really is."""
    import demo as company

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
    from orchestration.packages import install_packages

    with one_line_errors() as console:
        console.print(install_packages(), highlight=False)


@main.command()
@run_options
def docs(**options: str | None) -> None:
    """Write dbt's documentation of the last build, in one file that opens offline."""
    from orchestration import console as view
    from orchestration import run as steps
    from orchestration.transform import document

    with one_line_errors() as console:
        settings = Settings.of(os.environ, **options)
        with steps.only_run(settings.home):
            plan = steps.plan(settings, view.Reporter(console))
            if not settings.build.exists():
                raise PipegenError(f"nothing is built in {settings.home}: `make run` first.")
            page = document(settings, plan.vars)
        console.print(f"Documentation in {page}", highlight=False, soft_wrap=True)


@main.command()
@run_options
@click.option("--anew", is_flag=True, help="as if nobody had been told of anything")
def alerts(anew: bool, **options: str | None) -> None:
    """Print what the alerts of the published warehouse would say; nothing is sent."""
    from landing.settings import read_settings
    from orchestration.delivery import preview

    with one_line_errors() as console:
        settings = Settings.of(os.environ, **options)
        vars_ = read_settings(settings.seeds, company_vars())
        for text in preview(settings, vars_, anew=anew):
            console.print(f"{text}\n", highlight=False, markup=False, soft_wrap=True)


@main.command()
@run_options
def doctor(**options: str | None) -> None:
    """Check what a run needs, without building anything."""
    from orchestration.doctor import examine

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
