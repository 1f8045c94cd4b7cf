"""The landing step of a run: raw tables and carried state in a new build.

What belongs here: what a build must contain before the first model runs. What does not: how a raw
row is read (`landing`).
"""

import contextlib
import shutil

from pipegen import landing
from pipegen.errors import PipegenError, one_line
from pipegen.expectations import validate
from pipegen.publishing import carry, remember
from pipegen.publishing.publish import discard
from pipegen.reporting import Reporter
from pipegen.runs import run_log
from pipegen.runs.plan import Plan
from pipegen.warehouses import (
    ERRORS,
    Connection,
    Schemas,
    connect_file,
    insert,
    open_database,
    server_of,
)


def land_run(plan_: Plan, reporter: Reporter) -> list[landing.TableReport]:
    """Land the raw tables and the carried state in a new build.

    For a server, the tables are landed in a DuckDB file and then loaded, so that a row is treated
    the same on every engine. State is carried over from what the company has published. Raises
    `PipegenError` for files that can't be read as tables.
    """
    settings = plan_.settings
    landed = settings.landed
    landed.parent.mkdir(parents=True, exist_ok=True)
    discard(landed)
    shutil.rmtree(landed.with_name(landed.name + ".tmp"), ignore_errors=True)
    with contextlib.closing(connect_file(landed)) as connection:
        reports = landing.land(
            connection,
            plan_.source,
            custom_columns=plan_.vars["custom_columns"],
            business_timezone=plan_.vars["business_timezone"],
            progress=reporter.table,
        )
        if not isinstance(settings.build, Schemas):
            _prepare(connection, plan_)
    if isinstance(settings.build, Schemas):
        _load_on_server(plan_, settings.build)
    present = [report for report in reports if report.is_present]
    reporter.step(
        f"landed {len(present)} of {len(reports)} tables: "
        f"{sum(report.rows_read for report in present):,} rows, "
        f"{sum(report.rows_set_aside for report in present):,} set aside"
    )
    return reports


def _load_on_server(plan_: Plan, build: Schemas) -> None:
    """Load the landed tables on the server, then delete the file."""
    landed = plan_.settings.landed
    server = server_of(build.target)
    try:
        server.begin(build.prefix)
        with contextlib.closing(connect_file(landed)) as connection:
            server.load_landed(connection, build.prefix, landed.parent)
        with open_database(build) as connection:
            _prepare(connection, plan_)
    except (*ERRORS, OSError) as error:
        raise PipegenError(
            f"{build} can't be written ({one_line(error)}): check that the user may create schemas "
            "and that there is space."
        ) from error
    discard(landed)


def _prepare(connection: Connection, plan_: Plan) -> None:
    """Add what a build needs besides the landed tables: state carried over, and the run log."""
    company = plan_.settings.company
    runs = [run for run in run_log.read(company.home) if run.status != "running"]
    carry(connection, company.warehouse, run_log.to_forget(runs))
    # The day that plain dbt, which is given none, answers as of (macros/clock.sql).
    connection.execute("create table landed_audit.landed_day (as_of_date date)")
    insert(connection, "landed_audit.landed_day", [{"as_of_date": plan_.as_of}])
    validate.create_tables(connection)
    remember(
        connection,
        [run.published() for run in runs],
        [cost for run in runs for cost in run.costs],
    )
