"""Scheduled runs: every night, and every Monday for the week that has ended.

What belongs here: the two schedules, which are off until someone switches them on. What does not:
their times, which are a company's settings.
"""

import datetime as dt
import zoneinfo
from collections.abc import Mapping
from typing import Any

import dagster as dg

from pipegen.orchestration.weeks import last_week


def cron(time_of_day: str, days: str = "*") -> str:
    """A cron expression for a time of day, HH:MM, on days of the week in cron's syntax."""
    hour, minute = time_of_day.split(":")
    return f"{int(minute)} {int(hour)} * * {days}"


def schedules(nightly: Any, weekly: Any, vars_: Mapping[str, Any]) -> list[dg.ScheduleDefinition]:
    """The schedules for a company's settings."""
    timezone = vars_["business_timezone"]

    def review(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        week = week_before(context.scheduled_execution_time, timezone)
        return dg.RunRequest(run_key=week, partition_key=week)

    return [
        dg.ScheduleDefinition(
            name="nightly",
            job=nightly,
            cron_schedule=cron(vars_["nightly_at"]),
            execution_timezone=timezone,
            description="Every night, at nightly_at in business_timezone.",
            default_status=dg.DefaultScheduleStatus.STOPPED,
        ),
        dg.ScheduleDefinition(
            name="weekly",
            job=weekly,
            cron_schedule=cron(vars_["review_at"], "1"),
            execution_timezone=timezone,
            execution_fn=review,
            description="Every Monday, at review_at in business_timezone, as of last Sunday.",
            default_status=dg.DefaultScheduleStatus.STOPPED,
        ),
    ]


def week_before(instant: dt.datetime, timezone: str) -> str:
    """The last full week before an instant, in the business time zone, by its Monday."""
    return last_week(instant.astimezone(zoneinfo.ZoneInfo(timezone)).date())
