"""What Dagster loads: assets, jobs, schedules and sensors, from the project as it is now.

What belongs here: putting them together, and creating a Dagster worker's run. What does not:
anything slow; Dagster imports this module often.
"""

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import dagster as dg

from pipegen.company.settings import read_settings
from pipegen.orchestration.assets import refresh_assets, refresh_checks
from pipegen.orchestration.log import LogReporter
from pipegen.orchestration.prepared import prepared_manifest
from pipegen.orchestration.schedules import schedules
from pipegen.orchestration.sensors import sensors
from pipegen.orchestration.weeks import KEY, week_asset, weeks
from pipegen.runs.run import Run
from pipegen.settings import Settings

NIGHTLY = "nightly_refresh"
WEEKLY = "weekly_review"


def nightly_job(assets: Sequence[dg.AssetsDefinition]) -> Any:
    """The one job that refreshes everything, whether a person, a schedule or a sensor starts it.

    It runs in one process: a DuckDB file can have only one writer, and dbt is imported only once.
    """
    return dg.define_asset_job(
        NIGHTLY,
        selection=dg.AssetSelection.assets(*assets),
        executor_def=dg.in_process_executor,
        description="Land, build, test and publish.",
        tags=ON_CRASH,
    )


# If a worker was killed, its run is retried once. A step that failed has already had its retries.
ON_CRASH = {"dagster/max_retries": "1", "dagster/retry_on_asset_or_op_failure": "false"}


def run_of_worker(assets: Sequence[dg.AssetsDefinition]) -> dg.ResourceDefinition:
    """A Dagster worker's run. It waits while another run builds in the home.

    A launch of fewer than all assets, or outside the job, is a part for development and is never
    published.
    """
    every = {key for one in assets for key in one.keys}

    @dg.resource(
        config_schema={
            "as_of": dg.Field(
                str,
                default_value="",
                description="as-of day, YYYY-MM-DD; empty: PIPEGEN_AS_OF, else today",
            )
        }
    )
    def run(context: dg.InitResourceContext) -> Iterator[Run]:
        launched = context.run
        if context.log is None:
            raise RuntimeError("Dagster gave the run no log")
        kind = "refresh"
        if launched is not None and is_part(launched.job_name, launched.asset_selection, every):
            kind = "part"
        begun = Run(
            Settings.of(os.environ, as_of=context.resource_config["as_of"] or None),
            LogReporter(context.log),
            kind=kind,
            waits=True,
            dagster_run_id=launched.run_id if launched else None,
        )
        try:
            yield begun
        finally:
            begun.end()

    return run


def is_part(job: str, selection: Collection[Any] | None, every: Collection[Any]) -> bool:
    """Whether a launch is a part. Only the nightly job with all its assets is not."""
    return job != NIGHTLY or (selection is not None and not set(selection) >= set(every))


def assemble(manifest: Mapping[str, Any], settings: Settings, vars_: Mapping[str, Any]) -> Any:
    """All definitions for a manifest and a company's settings."""
    waits = vars_["retry_waits_seconds"]
    assets = refresh_assets(manifest, stale_hours=vars_["stale_hours"], waits=waits)
    partitions = weeks(vars_["first_week"], vars_["business_timezone"])
    week = week_asset(manifest, partitions, waits)
    nightly = nightly_job(assets)
    weekly = dg.define_asset_job(
        WEEKLY,
        selection=dg.AssetSelection.assets(KEY),
        executor_def=dg.in_process_executor,
        description="Run as of a week's Sunday, for the review and the ledger.",
        tags=ON_CRASH,
    )
    return dg.Definitions(
        assets=[*assets, week],
        asset_checks=refresh_checks(manifest, waits=waits),
        jobs=[nightly, weekly],
        schedules=schedules(nightly, weekly, vars_),
        sensors=sensors(nightly, settings, vars_),
        resources={"run": run_of_worker(assets)},
    )


def of_environment() -> Any:
    """The definitions for the settings that the environment names."""
    settings = Settings.of(os.environ)
    vars_ = read_settings(settings.seeds)
    return assemble(prepared_manifest(settings), settings, vars_)
