"""Weeks: the review of the last one, and reruns of any range of past ones.

What belongs here: a run as of a Sunday, with one partition per week. What does not: the run's steps
(`runs.steps`).

Weeks are partitions of one asset, not of every model: to Dagster, a model's table is the published
one, and a run as of another day produces a different table.
"""

import datetime as dt
import os
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from pipegen.orchestration import graph
from pipegen.orchestration.assets import failed_words, retrying
from pipegen.orchestration.log import LogReporter
from pipegen.runs import run_log, steps
from pipegen.runs.run import Run
from pipegen.settings import Settings

KEY = dg.AssetKey(["review", "week"])


def sunday(week: str) -> dt.date:
    """The last day of a week, which is named by its Monday."""
    return dt.date.fromisoformat(week) + dt.timedelta(days=6)


def last_week(day: dt.date) -> str:
    """The last full week before a day, by its Monday."""
    return (day - dt.timedelta(days=day.isoweekday() - 1 + 7)).isoformat()


def weeks(first_week: str, timezone: str) -> dg.WeeklyPartitionsDefinition:
    """Every full week since the first, named by its Monday."""
    # Dagster counts days from Sunday.
    return dg.WeeklyPartitionsDefinition(start_date=first_week, day_offset=1, timezone=timezone)


def week_asset(
    manifest: Mapping[str, Any],
    partitions: dg.WeeklyPartitionsDefinition,
    waits: Sequence[int],
) -> dg.AssetsDefinition:
    """The asset with one partition per week: the run as of that week's Sunday."""
    of_all_runs = graph.of_all_runs(manifest)

    with warnings.catch_warnings():
        # Running a range of partitions as one run is a beta feature, and we need it.
        warnings.simplefilter("ignore", dg.BetaWarning)
        asset = dg.asset(
            key=KEY,
            partitions_def=partitions,
            # One run for the whole range, so that weeks run in order and stop at the first failure.
            backfill_policy=dg.BackfillPolicy.single_run(),
            group_name=KEY.path[0],
            description=(
                "A run as of the week's Sunday: the review's warehouse, and its lines in the "
                "ledger. Nothing else changes in what is published as of a later day."
            ),
        )

        @asset
        def week(context: dg.AssetExecutionContext) -> None:
            settings = Settings.of(os.environ)
            # If a later week was retried, the weeks before it are not run again.
            for key in sorted(context.partition_keys):
                if not _is_done(settings, context.run.run_id, key):
                    run_week(context, settings, key, of_all_runs, waits)

        return week


def run_week(
    context: dg.AssetExecutionContext,
    settings: Settings,
    key: str,
    of_all_runs: set[str],
    waits: Sequence[int],
) -> None:
    """Run as of one week's Sunday. Raises `dg.Failure` if it did not publish."""
    day = sunday(key)
    run = Run(
        settings.as_of(day),
        LogReporter(context.log),
        kind="week",
        waits=True,
        dagster_run_id=context.run.run_id,
    )
    try:
        with retrying(context, run, waits):
            steps.step_land(run)
            steps.step_check_landed(run)
            built = run.built or steps.step_build(run)
            if not built.failures:
                steps.step_publish_week(run, of_all_runs)
    finally:
        run.end()
    if built.failures:
        raise dg.Failure(description=f"{day}: {failed_words(built)}", allow_retries=False)


def _is_done(settings: Settings, dagster_run_id: str, key: str) -> bool:
    """Whether this run of Dagster's has already published the week."""
    return any(
        run.dagster_run_id == dagster_run_id
        and run.as_of_date == sunday(key)
        and run.status == "published"
        for run in run_log.read(settings.home)
    )
