"""Sensors: they start a run when files arrive, and alert when a run crashes or data is stale.

What belongs here: looking at the state of things, and functions that decide from it. What does not:
schedules, and how an alert reaches people (`alerts`).
"""

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import dagster as dg

from pipegen import landing
from pipegen.alerts import incidents
from pipegen.orchestration.log import LogReporter
from pipegen.runs import run_log
from pipegen.runs.home import only_run
from pipegen.runs.run import report_crash
from pipegen.runs.run_log import RunRecord
from pipegen.settings import Settings


def sensors(nightly: Any, settings: Settings, vars_: Mapping[str, Any]) -> list[Any]:
    """The sensors for a company's settings. The one that only watches is on from the start."""

    @dg.sensor(
        name="raw_files",
        job=nightly,
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.STOPPED,
        description="Starts a refresh when new raw files have been still for raw_still_seconds.",
    )
    def raw_files() -> dg.RunRequest | dg.SkipReason:
        if settings.is_demo or settings.raw == "warehouse":
            return dg.SkipReason("the raw tables are in no folder that a loader writes to")
        found = landing.arrival(Path(settings.raw))
        reason = not_due(found, run_log.read(settings.home), _now(), vars_["raw_still_seconds"])
        return dg.SkipReason(reason) if reason else dg.RunRequest(run_key=found.digest)

    @dg.sensor(
        name="watch",
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Alerts where a run died, or what is published or landed is stale.",
    )
    def watch(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        crashed = report_crashed(settings)
        for run in crashed:
            report_to_dagster(context.instance, run)
        already = set(json.loads(context.cursor or "[]"))
        late = stale(settings, vars_["stale_hours"], _now())
        for subject, cause in late.items():
            if subject not in already:
                incident = incidents.Incident(
                    "stale", subject, cause, _now(), (f"{subject}: {cause}",)
                )
                incidents.report(settings, incident, LogReporter(context.log))
        context.update_cursor(json.dumps(sorted(late)))
        return dg.SkipReason(f"{len(crashed)} runs died, {len(late)} things are stale")

    return [raw_files, watch]


def not_due(
    found: landing.Arrival, runs: Iterable[RunRecord], now: dt.datetime, still_seconds: int
) -> str:
    """Why no run is due for the raw files; empty if one is due.

    Files that a run has read are not new, however the run ended: the same files would break the
    same rule. A run that crashed or is still running counts too.
    """
    if found.newest is None:
        return "there are no raw files"
    if found.still_for(now) < still_seconds:
        return f"raw files changed less than {still_seconds} s ago"
    if any(run.raw_digest == found.digest for run in runs):
        return "a run has read these raw files"
    return ""


def report_crashed(settings: Settings) -> list[RunRecord]:
    """Alert about runs that crashed.

    If another run is in progress, do nothing: it has already marked and reported them.
    """
    if not settings.home.exists() or not any(
        run.status == "running" for run in run_log.read(settings.home)
    ):
        return []
    try:
        with only_run(settings.home):
            crashed = list(run_log.mark_crashed(settings.home))
    except landing.BusyError:
        return []
    for run in crashed:
        report_crash(settings, run)
    return crashed


def report_to_dagster(instance: dg.DagsterInstance, run: RunRecord) -> None:
    """Tell Dagster that a run crashed. If it still waited for that run, it would start no other."""
    known = instance.get_run_by_id(run.dagster_run_id) if run.dagster_run_id else None
    if known is not None and not known.is_finished:
        instance.report_run_failed(known, run.cause)


def stale(settings: Settings, hours: int, now: dt.datetime) -> dict[str, str]:
    """What is stale, with the reason: the published warehouse, the raw files.

    If nothing was ever published, nothing is stale.
    """
    found: dict[str, str] = {}
    limit = dt.timedelta(hours=hours)
    published = run_log.last_published(settings.home)
    if published is None or published.ended_at is None:
        return found
    if now - published.ended_at > limit:
        later = [
            run
            for run in run_log.read(settings.home)
            if run.started_at > published.ended_at and run.kind != run_log.FORGET
        ]
        why = f"; since then {later[-1].status}: {later[-1].cause}" if later else ""
        found["published warehouse"] = (
            f"last published {published.ended_at:%Y-%m-%d %H:%M} UTC, "
            f"more than {hours} hours ago{why}"
        )
    if not settings.is_demo and settings.raw != "warehouse":
        newest = landing.arrival(Path(settings.raw)).newest
        if newest is not None and now - newest > limit:
            found["raw files"] = (
                f"the newest in {settings.raw} is of {newest:%Y-%m-%d %H:%M} UTC, "
                f"more than {hours} hours old"
            )
    return found


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
