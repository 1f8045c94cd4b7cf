"""What Dagster loads: assets, jobs, schedules and sensors, from the project as it is.

What belongs here: putting them together, and the run that a worker makes. What does not: anything
that takes long; this module is imported whenever Dagster looks.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg

from landing.settings import read_settings
from orchestration.assets import refresh_assets
from orchestration.console import LogReporter
from orchestration.prepared import prepared_manifest
from orchestration.run import Run
from orchestration.schedules import schedules
from orchestration.sensors import sensors
from orchestration.settings import Settings, company_vars
from orchestration.weeks import KEY, week_asset, weeks

NIGHTLY = "nightly_refresh"
WEEKLY = "weekly_review"


def nightly_job(assets: Sequence[dg.AssetsDefinition]) -> Any:
    """The one job that refreshes everything, whoever starts it.

    In one process: a DuckDB file has one writer, and dbt is imported once.
    """
    return dg.define_asset_job(
        NIGHTLY,
        selection=dg.AssetSelection.assets(*assets),
        executor_def=dg.in_process_executor,
        description="Land, build, test and publish.",
        tags=ON_CRASH,
    )


# A worker that was killed did nothing wrong, and its run is made once more; a step that failed has
# had its tries.
ON_CRASH = {"dagster/max_retries": "1", "dagster/retry_on_asset_or_op_failure": "false"}


@dg.resource(
    config_schema={
        "as_of": dg.Field(
            str, default_value="", description="as-of day, YYYY-MM-DD; empty: PIPEGEN_AS_OF, today"
        )
    }
)
def run_of_worker(context: dg.InitResourceContext) -> Iterator[Run]:
    """The run of a worker; it waits while another one builds in the home.

    A launch of a part of the assets is for development, and is never published.
    """
    launched = context.run
    is_whole = launched is None or (
        launched.job_name == NIGHTLY and _is_all(launched.asset_selection, context)
    )
    run = Run(
        Settings.of(os.environ, as_of=context.resource_config["as_of"] or None),
        LogReporter(context.log),
        kind="refresh" if is_whole else "part",
        waits=True,
        dagster_run_id=launched.run_id if launched else None,
    )
    try:
        yield run
    finally:
        run.end()


def _is_all(selection: Any, context: dg.InitResourceContext) -> bool:
    return selection is None or set(selection) >= ALL


def assemble(manifest: Mapping[str, Any], settings: Settings, vars_: Mapping[str, Any]) -> Any:
    """All definitions, for a manifest and a company's settings."""
    waits = vars_["retry_waits_seconds"]
    assets = refresh_assets(manifest, stale_hours=vars_["stale_hours"], waits=waits)
    partitions = weeks(vars_["first_week"], vars_["business_timezone"])
    week = week_asset(manifest, settings, partitions, waits)
    nightly = nightly_job(assets)
    weekly = dg.define_asset_job(
        WEEKLY,
        selection=dg.AssetSelection.keys(KEY),
        executor_def=dg.in_process_executor,
        description="Run as of a week's Sunday, for the review and the ledger.",
        tags=ON_CRASH,
    )
    return dg.Definitions(
        assets=[*assets, week],
        jobs=[nightly, weekly],
        schedules=schedules(nightly, weekly, vars_),
        sensors=sensors(nightly, settings, vars_),
        resources={"run": run_of_worker},
    )


def of_environment() -> Any:
    """The definitions for the settings that the environment names."""
    settings = Settings.of(os.environ)
    vars_ = read_settings(settings.seeds, company_vars())
    return assemble(prepared_manifest(settings), settings, vars_)
