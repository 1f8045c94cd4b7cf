"""When runs start, and what is worth an alert: decisions, made without a clock or a server."""

import datetime as dt
import logging
import os
from pathlib import Path

import dagster as dg
import pytest

from pipegen.alerts import delivery, incidents
from pipegen.company.settings import OPERATION_VARS, company_vars, read_settings
from pipegen.landing import Arrival, PipegenError, arrival
from pipegen.orchestration.definitions import NIGHTLY, is_part
from pipegen.orchestration.log import LogReporter
from pipegen.orchestration.schedules import cron, week_before
from pipegen.orchestration.sensors import not_due, report_crashed, stale
from pipegen.orchestration.weeks import last_week, sunday, weeks
from pipegen.runs import run_log
from pipegen.runs.run import Run
from pipegen.runs.run_log import RunRecord
from pipegen.settings import Settings
from pipegen.transform import run_vars
from tests.support.running import write_company

NOON = dt.datetime(2026, 5, 20, 12, tzinfo=dt.UTC)


def test_a_time_of_day_is_a_line_of_cron() -> None:
    assert cron("03:00") == "0 3 * * *"
    assert cron("23:05", "1") == "5 23 * * 1"


def test_the_week_of_a_review_is_the_last_that_is_over_where_the_business_is() -> None:
    monday = dt.datetime(2026, 5, 18, 6, tzinfo=dt.UTC)
    assert week_before(monday, "UTC") == "2026-05-11"
    assert sunday("2026-05-11") == dt.date(2026, 5, 17)
    # An hour into Monday in Berlin it is still Sunday in UTC.
    assert week_before(dt.datetime(2026, 5, 17, 23, tzinfo=dt.UTC), "Europe/Berlin") == "2026-05-11"
    assert week_before(dt.datetime(2026, 5, 17, 23, tzinfo=dt.UTC), "UTC") == "2026-05-04"
    assert last_week(dt.date(2026, 5, 24)) == "2026-05-11"


def test_partitions_are_mondays_of_weeks_that_are_over() -> None:
    now = dt.datetime(2026, 5, 17, 23, 59, tzinfo=dt.UTC)
    keys = weeks("2026-04-20", "UTC").get_partition_keys(current_time=now)
    assert keys == ["2026-04-20", "2026-04-27", "2026-05-04"]
    later = now + dt.timedelta(minutes=1)
    assert weeks("2026-04-20", "UTC").get_partition_keys(current_time=later)[-1] == "2026-05-11"


def test_new_files_start_a_run_when_they_have_been_still(tmp_path: Path) -> None:
    raw = write_company(tmp_path, rows={})
    changed = NOON - dt.timedelta(seconds=100)
    for path in raw.rglob("*.csv"):
        os.utime(path, (changed.timestamp(), changed.timestamp()))
    found = arrival(raw)
    assert found.newest == changed
    assert not_due(found, [], NOON, still_seconds=100) == ""
    assert "less than 101 s ago" in not_due(found, [], NOON, still_seconds=101)


def test_files_that_a_run_has_read_start_none_whatever_became_of_it() -> None:
    found = Arrival("abc", NOON - dt.timedelta(hours=1))
    run = RunRecord.begun("refresh", NOON)
    run.raw_digest = "abc"
    for status in ("running", "published", "refused", "failed", "died"):
        run.status = status
        assert not_due(found, [run], NOON, 10) == "a run has read these raw files"
    run.raw_digest = "abd"
    assert not_due(found, [run], NOON, 10) == ""


def test_a_file_of_another_size_time_or_name_is_another_arrival(tmp_path: Path) -> None:
    raw = write_company(tmp_path, rows={})
    seen = {arrival(raw).digest}
    user = raw / "salesforce" / "user.csv"
    user.write_text("id\nu1\n")
    seen.add(arrival(raw).digest)
    os.utime(user, (0, 0))
    seen.add(arrival(raw).digest)
    user.rename(user.with_name("task.csv"))
    seen.add(arrival(raw).digest)
    assert len(seen) == 4
    (raw / "salesforce" / "_SUCCESS").touch()
    (raw / "salesforce" / ".loading").touch()
    assert arrival(raw).digest in seen
    assert arrival(raw / "nothing").newest is None


def test_the_whole_nightly_job_is_published_and_anything_less_is_a_part() -> None:
    every = {dg.AssetKey("a"), dg.AssetKey("b")}
    assert not is_part(NIGHTLY, None, every)
    assert not is_part(NIGHTLY, every, every)
    assert is_part(NIGHTLY, {dg.AssetKey("a")}, every)
    assert is_part("__ASSET_JOB", every, every)


# The log of runs, and what is reported because of it


def _settings(home: Path, raw: Path | None = None) -> Settings:
    return Settings.of({"PIPEGEN_HOME": str(home), "PIPEGEN_RAW": str(raw or "")})


def _ended(home: Path, when: dt.datetime, status: str = "published", kind: str = "refresh") -> None:
    record = RunRecord.begun(kind, when - dt.timedelta(minutes=1))
    record.as_of_date = when.date()
    record.cause = None if status == "published" else "something"
    record.end(status, when)
    run_log.append(home, record)


def test_the_log_gives_back_what_was_written_and_survives_half_a_line(tmp_path: Path) -> None:
    record = RunRecord.begun("refresh", NOON, "d1")
    run_log.append(tmp_path, record)
    with (tmp_path / run_log.FILE).open("a") as log:
        log.write('{"run_id": "half')
    other = RunRecord.begun("week", NOON)
    other.as_of_date = NOON.date()
    other.cost("land", "salesforce.user", 0.5, 7)
    other.cost("land", "salesforce.user", 0.6, 8)
    other.end("failed", NOON + dt.timedelta(seconds=90))
    run_log.append(tmp_path, other)
    assert run_log.read(tmp_path) == [record, other]
    assert other.duration_seconds == 90
    assert [cost["row_count"] for cost in other.costs] == [8]


def test_a_run_that_began_and_never_ended_is_reported_once(tmp_path: Path) -> None:
    record = RunRecord.begun("refresh", NOON)
    record.process_id = 999_999_999
    run_log.append(tmp_path, record)
    settings = _settings(tmp_path)
    assert [run.run_id for run in report_crashed(settings)] == [record.run_id]
    assert report_crashed(settings) == []
    [alert] = incidents.reported(tmp_path)
    assert alert.kind == "run_died"
    assert alert.cause == "process 999999999 was killed, or the machine stopped"
    assert run_log.read(tmp_path)[0].status == "died"


def test_a_run_at_work_is_not_taken_for_dead(tmp_path: Path) -> None:
    from pipegen.runs.home import only_run

    run_log.append(tmp_path, RunRecord.begun("refresh", NOON))
    with only_run(tmp_path):
        assert report_crashed(_settings(tmp_path)) == []
    assert run_log.read(tmp_path)[0].status == "running"
    assert incidents.reported(tmp_path) == []


def test_what_is_older_than_promised_is_stale_and_says_since_when_and_why(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    assert stale(settings, 26, NOON) == {}, "nothing was ever published"
    _ended(tmp_path, NOON - dt.timedelta(hours=27))
    assert stale(settings, 28, NOON) == {}
    assert list(stale(settings, 26, NOON)) == ["published warehouse"]
    _ended(tmp_path, NOON - dt.timedelta(hours=3), status="refused")
    told = stale(settings, 26, NOON)["published warehouse"]
    assert "last published 2026-05-19 09:00 UTC" in told
    assert told.endswith("since then refused: something")
    # A past week's run does not make up for the nightly one.
    _ended(tmp_path, NOON - dt.timedelta(hours=2), kind="week")
    assert stale(settings, 26, NOON)
    _ended(tmp_path, NOON - dt.timedelta(hours=1))
    assert stale(settings, 26, NOON) == {}


def test_raw_files_that_no_longer_come_are_stale(tmp_path: Path) -> None:
    raw = write_company(tmp_path / "raw", rows={})
    settings = _settings(tmp_path / "home", raw)
    now = dt.datetime.now(dt.UTC)
    _ended(settings.home, now)
    assert stale(settings, 26, now) == {}
    for path in raw.rglob("*.csv"):
        os.utime(path, (now.timestamp() - 27 * 3600,) * 2)
    assert list(stale(settings, 26, now)) == ["raw files"]


def test_an_incident_is_recorded_and_alerted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[object, ...]] = []
    monkeypatch.setattr(delivery, "send_trouble", lambda *told: heard.append(told[2:]))
    incident = incidents.Incident("stale", "x", "it is old", NOON, ("x: it is old",))
    incidents.report(_settings(tmp_path), incident)
    assert heard == [("stale", ("x: it is old",))]
    assert [one.cause for one in incidents.reported(tmp_path)] == ["it is old"]


def test_the_message_of_an_unexpected_error_is_sent_to_nobody(tmp_path: Path) -> None:
    run = Run(_settings(tmp_path), LogReporter(logging.getLogger()))
    run.error = ValueError("ann@example.com")
    assert run.causes() == ("ValueError",)
    run.error = PipegenError("no space is left: free some")
    assert run.causes() == ("no space is left: free some",)


# Settings


@pytest.mark.parametrize(
    "line",
    ["nightly_at: '3:00'", "review_at: '24:00'", "first_week: '2026-05-20'", "stale_hours: 0",
     "raw_still_seconds: -1", "retry_waits_seconds: [1.5]"],
)  # fmt: skip
def test_a_setting_that_makes_no_sense_stops_the_run(tmp_path: Path, line: str) -> None:
    (tmp_path / "settings.yml").write_text(line + "\n")
    with pytest.raises(PipegenError, match=line.split(":")[0]):
        read_settings(tmp_path)


def test_when_runs_start_is_no_part_of_the_definitions(tmp_path: Path) -> None:
    """Otherwise moving the nightly run by an hour would restate every number, as a new
    definition."""
    settings, known = _settings(tmp_path), company_vars()
    assert set(OPERATION_VARS) <= set(known)

    def version(**changes: object) -> str:
        return run_vars(settings, known | changes, NOON.date())["definitions_version"]

    assert version(nightly_at="04:30", retry_waits_seconds=[]) == version()
    assert version(stale_days=31) != version()
