"""Weeks: the review of the last one, and any range of past ones run again.

What belongs here: a run as of a Sunday, as a partition per week. What does not: the steps of it.

A week is one asset and not a partition of every model: a model's table, as Dagster knows it, is the
one that is published, and a run as of another day makes another one.
"""

import datetime as dt
import os
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from pipegen.orchestration import graph
from pipegen.orchestration.assets import failed_words, trying
from pipegen.orchestration.log import LogReporter
from pipegen.runs import run_log, steps
from pipegen.runs.run import Run
from pipegen.settings import Settings

KEY = dg.AssetKey(["review", "week"])


def sunday(week: str) -> dt.date:
    """The last day of a week that is named by its Monday."""
    return dt.date.fromisoformat(week) + dt.timedelta(days=6)


def last_week(day: dt.date) -> str:
    """The week that was over before this day began, by its Monday."""
    return (day - dt.timedelta(days=day.isoweekday() - 1 + 7)).isoformat()


def weeks(first_week: str, timezone: str) -> dg.WeeklyPartitionsDefinition:
    """Every full week from the first, named by its Monday."""
    # Days are counted from Sunday here.
    return dg.WeeklyPartitionsDefinition(start_date=first_week, day_offset=1, timezone=timezone)


def week_asset(
    manifest: Mapping[str, Any],
    partitions: dg.WeeklyPartitionsDefinition,
    waits: Sequence[int],
) -> dg.AssetsDefinition:
    """The asset of which a partition is the run as of a week's Sunday."""
    of_all_runs = graph.of_all_runs(manifest)

    with warnings.catch_warnings():
        # That a range is one run is what we need, and is marked as beta.
        warnings.simplefilter("ignore", dg.BetaWarning)
        asset = dg.asset(
            key=KEY,
            partitions_def=partitions,
            # One run for a range, so that its weeks follow one another and stop at the first
            # failure.
            backfill_policy=dg.BackfillPolicy.single_run(),
            group_name=KEY.path[0],
            description=(
                "A run as of the week's Sunday: the review's warehouse, and its lines in the "
                "ledger. Of what is published as of a later day nothing else is touched."
            ),
        )

        @asset
        def week(context: dg.AssetExecutionContext) -> None:
            settings = Settings.of(os.environ)
            # A week that was done is not done again when a later one of the range had to wait.
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
    """Run as of one week's Sunday; raises `dg.Failure` where it did not publish."""
    day = sunday(key)
    run = Run(
        settings.as_of(day),
        LogReporter(context.log),
        kind="week",
        waits=True,
        dagster_run_id=context.run.run_id,
    )
    try:
        with trying(context, run, waits):
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
    """Whether this very run of Dagster's has published the week already."""
    return any(
        run.dagster_run_id == dagster_run_id
        and run.as_of_date == sunday(key)
        and run.status == "published"
        for run in run_log.read(settings.home)
    )
