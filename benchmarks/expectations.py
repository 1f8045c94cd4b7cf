"""What the expectations cost: seconds, peak memory and share of a run, by number of deals.

What belongs here: generating builds of a given size, and running the suites on them. What does not:
the run as a whole (`benchmarks.run`).

    python -m benchmarks.expectations                     100,000 and 1,000,000 deals, suites alone
    python -m benchmarks.expectations --home <folder>     on what a run left in a home
"""

import argparse
import contextlib
import datetime as dt
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from pipegen.project import PROJECT

SIZES = (100_000, 1_000_000)


def main() -> None:
    """Print what the suites take, each size in its own process, to measure its own peak memory."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--deals", type=int, help="one size, in this process")
    parser.add_argument("--home", type=Path, help="a home in which a run has built")
    arguments = parser.parse_args()
    if arguments.home:
        measure(str(arguments.home), arguments.home / "build" / "build.duckdb")
    elif arguments.deals:
        with tempfile.TemporaryDirectory() as folder:
            database = Path(folder) / "build.duckdb"
            make(database, arguments.deals)
            measure(f"{arguments.deals:,} deals", database)
    else:
        for size in SIZES:
            subprocess.run(
                [sys.executable, "-m", "benchmarks.expectations", "--deals", str(size)],
                cwd=PROJECT,
                check=True,
            )


def measure(name: str, database: Path) -> None:
    """Run all suites over a build file and print seconds and memory."""
    from pipegen.expectations import validate
    from pipegen.expectations.frames import AsOf

    before = _peak()
    started, worked = time.monotonic(), time.process_time()
    with contextlib.suppress(ImportError):
        import great_expectations  # noqa: F401
    loaded = time.monotonic()
    print(
        f"{name}: loading the library {loaded - started:.1f} s "
        f"({time.process_time() - worked:.1f} s of processor), "
        f"{(_peak() - before) / 2**20:.0f} MiB"
    )
    as_of = AsOf.on(dt.date(2026, 5, 20), "UTC")
    with duckdb.connect(
        str(database), config={"memory_limit": "3GB", "threads": 2}
    ) as connection:
        for step in (validate.validate_landed, validate.validate_built):
            started, worked = time.monotonic(), time.process_time()
            report = step(connection, as_of)
            print(
                f"  {step.__name__}: {report.expectation_count} expectations, "
                f"{time.monotonic() - started:.1f} s with loading frames "
                f"({time.process_time() - worked:.1f} s of processor), "
                f"{report.seconds:.1f} s in the library, {len(report.failures):,} failures; "
                f"peak of the process {_peak() / 2**20:.0f} MiB"
            )


def make(database: Path, deals: int) -> None:
    """A build file with this many deals, one in a thousand of them implausible."""
    with duckdb.connect(str(database)) as connection:
        for statement in _TABLES.format(deals=deals).split(";"):
            connection.execute(statement)


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


_TABLES = """
create schema landed_salesforce; create schema landed_marketo; create schema landed_audit;
create schema carried; create schema core; create schema marts;
create table landed_salesforce.opportunity as
select 'O' || i as id, 'A' || (i // 2) as account_id, 'Proposal' as stage_name,
    (case when i % 1000 = 0 then 2e12 else 1000 + hash(i) % 90000 end)::decimal(38, 10) as amount,
    date '2024-01-01' + (hash(i) % 900)::integer as close_date,
    timestamp '2024-06-01' + interval 1 minute * (i % 1000000) as created_date,
    timestamp '2024-06-01' + interval 1 minute * (i % 1000000) as last_modified_date,
    'U' || i % 300 as owner_id, 'Pipeline' as forecast_category, 'USD' as currency_iso_code,
    false as is_deleted
from range({deals}) as numbers(i);
create table landed_salesforce.opportunity_history as
select timestamp '2024-06-01' + interval 1 second * (hash(i) % 60000000) as created_date
from range({deals} * 5) as numbers(i);
create table landed_salesforce.opportunity_field_history as
from landed_salesforce.opportunity_history limit {deals};
create table landed_salesforce.lead as
select created_date, false as is_deleted from landed_salesforce.opportunity;
create table landed_salesforce.lead_history as from landed_salesforce.lead;
create table landed_salesforce.contact as from landed_salesforce.lead;
create table landed_salesforce.campaign_member as from landed_salesforce.lead;
create table landed_salesforce.task as from landed_salesforce.opportunity_history;
create table landed_salesforce.event as from landed_salesforce.lead;
create table landed_marketo.lead as
select created_date as created_at, is_deleted from landed_salesforce.lead;
create table landed_marketo.activity_change_data_value as
select created_date as activity_date from landed_salesforce.opportunity_history;
create table landed_marketo.activity_fill_out_form as
from landed_marketo.activity_change_data_value limit {deals};
create table landed_marketo.activity_click_email as from landed_marketo.activity_fill_out_form;
create table landed_marketo.activity_open_email as from landed_marketo.activity_change_data_value;
create table landed_marketo.activity_visit_webpage as
from landed_marketo.activity_change_data_value;
create table landed_audit.tables as
select 'salesforce' as system, 'opportunity' as table_name, {deals} as rows_read,
    0 as rows_set_aside, true as is_present;
create table landed_audit.expectation_failures (
    origin varchar, rule varchar, severity varchar, record_type varchar, record_id varchar,
    detail varchar
);
create table landed_audit.expectation_metrics (
    as_of_date date, subject varchar, metric varchar, metric_value double
);
create table carried.expectation_metrics as
select date '2026-05-19' as as_of_date, 'salesforce.opportunity' as subject, 'row_count' as metric,
    {deals}::double as metric_value;
create table carried.opportunity_created_dates as
select id as opportunity_id from landed_salesforce.opportunity;
create table core.fct_opportunities as
select id as opportunity_id, created_date as first_created_at,
    created_date + interval 20 days as qualified_at, amount::decimal(28, 2) as created_amount,
    false as is_excluded
from landed_salesforce.opportunity;
create table marts.field_hygiene as
select date '2026-05-18' as week_start, field, {deals} as open_count, 10 as finding_count
from (values ('created_date'), ('source'), ('amount'), ('net_new')) as fields(field);
create table marts.pipeline_coverage as
select 'smb' as segment, 'new_business' as motion, 'FY2026-Q2' as fiscal_quarter, 3.0 as coverage;
create table marts.source_scorecard as
select 'sdr' as pipeline_source, date '2026-05-18' as week_start, 1.0 as pace;
create table marts.reconciled_pipeline as
select created_amount as pipeline_amount from core.fct_opportunities
"""


if __name__ == "__main__":
    main()
