"""The landing step of a run: raw tables and carried state in a new build, and the tables landed.

What belongs here: what a build must contain before the first model that means something runs. What
does not: what becomes of a raw row (models/landing).
"""

import contextlib
import dataclasses
import shutil
from typing import Any

from pipegen import landing, transform
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

# The models that land the raw tables, in dbt's words. Not by their path, which dbt looks for in the
# folder where the process happens to be.
LANDING = "fqn:pipegen.landing"


@dataclasses.dataclass(frozen=True)
class TableReport:
    """What became of the rows of one raw table of the contract. Counts are rows.

    `rows_read` = `rows_kept` + `rows_deleted` + `rows_set_aside`. `location` is None if the table
    is absent; `missing_columns` are optional ones.
    """

    system: str
    table_name: str
    location: str | None
    is_present: bool
    missing_columns: tuple[str, ...]
    rows_read: int
    rows_kept: int
    rows_deleted: int
    rows_set_aside: int
    seconds: float = 0.0


def land_run(plan_: Plan, reporter: Reporter, manifest: Any = None) -> list[TableReport]:
    """Land the raw tables and the carried state in a new build.

    Files are brought into the build first; a loader's tables are read where they lie. State is
    carried over from what the company has published. `manifest` is what dbt parsed, if it is known.
    Raises `PipegenError` for files that can't be read as tables, and for tables that can't be
    landed.
    """
    _begin_build(plan_, reporter)
    built = transform.transform(
        plan_.settings, plan_.vars, reporter.node, manifest=manifest, select=[LANDING]
    )
    if built.failures:
        raise PipegenError(
            [f"{one.name.removeprefix('lnd_')}: {one.reason}" for one in built.failures]
        )
    with _connected(plan_) as connection:
        reports = read_reports(connection, built.node_seconds)
    present = [report for report in reports if report.is_present]
    reporter.step(
        f"landed {len(present)} of {len(reports)} tables: "
        f"{sum(report.rows_read for report in present):,} rows, "
        f"{sum(report.rows_set_aside for report in present):,} set aside"
    )
    return reports


def read_reports(connection: Connection, seconds: dict[str, float]) -> list[TableReport]:
    """What landing reports of each table. `seconds` is by the name of the model."""
    rows = connection.execute(
        "select system, table_name, location, is_present, missing_columns, rows_read, rows_kept, "
        "rows_deleted, rows_set_aside from landed_audit.tables order by system desc, table_name"
    ).fetchall()
    return [
        TableReport(
            system,
            name,
            location,
            is_present,
            tuple(column for column in (missing or "").split(",") if column),
            read,
            kept,
            deleted,
            set_aside,
            seconds.get(f"lnd_{system}__{name}", 0.0),
        )
        for system, name, location, is_present, missing, read, kept, deleted, set_aside in rows
    ]


def _begin_build(plan_: Plan, reporter: Reporter) -> None:
    """Put into a new, empty build what its models can't find for themselves."""
    settings = plan_.settings
    file = settings.landed
    file.parent.mkdir(parents=True, exist_ok=True)
    discard(file)
    shutil.rmtree(file.with_name(file.name + ".tmp"), ignore_errors=True)
    is_brought = settings.company.raw != "warehouse"
    if isinstance(settings.build, Schemas):
        _begin_on_server(plan_, settings.build, reporter, is_brought=is_brought)
        return
    with contextlib.closing(connect_file(file)) as connection:
        if is_brought:
            _bring(plan_, connection, reporter)
        _prepare(connection, plan_)


def _bring(plan_: Plan, connection: Any, reporter: Reporter, *, as_text: bool = False) -> None:
    landing.bring(
        connection,
        plan_.source,
        custom_columns=plan_.vars["custom_columns"],
        progress=reporter.table,
        as_text=as_text,
    )


def _begin_on_server(
    plan_: Plan, build: Schemas, reporter: Reporter, *, is_brought: bool
) -> None:
    """Bring files onto the server by way of a DuckDB file, which is deleted then."""
    file = plan_.settings.landed
    server = server_of(build.target)
    try:
        server.begin(build.prefix)
        if is_brought:
            with contextlib.closing(connect_file(file)) as connection:
                _bring(plan_, connection, reporter, as_text=True)
                server.load_raw(connection, build.prefix, file.parent)
            discard(file)
        with open_database(build) as opened:
            _prepare(opened, plan_)
    except (*ERRORS, OSError) as error:
        raise PipegenError(
            f"{build} can't be written ({one_line(error)}): check that the user may create schemas "
            "and that there is space."
        ) from error


@contextlib.contextmanager
def _connected(plan_: Plan) -> Any:
    build = plan_.settings.build
    if isinstance(build, Schemas):
        with open_database(build) as opened:
            yield opened
    else:
        with contextlib.closing(connect_file(build)) as connection:
            yield connection


def _prepare(connection: Connection, plan_: Plan) -> None:
    """Add what a build needs besides the raw tables: state carried over, and the run log."""
    company = plan_.settings.company
    runs = [run for run in run_log.read(company.home) if run.status != "running"]
    carry(connection, company.warehouse, run_log.to_forget(runs))
    landing.create_notes(connection)
    connection.execute("create schema if not exists landed_audit")
    # The day that plain dbt, which is given none, answers as of (macros/clock.sql).
    connection.execute("create table landed_audit.landed_day (as_of_date date)")
    insert(connection, "landed_audit.landed_day", [{"as_of_date": plan_.as_of}])
    validate.create_tables(connection)
    remember(
        connection,
        [run.published() for run in runs],
        [cost for run in runs for cost in run.costs],
    )
