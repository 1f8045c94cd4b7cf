"""Who meets when: each stage's meetings in any week of several years."""

import datetime as dt
import itertools

import pytest

from pipegen.review import cadence

# Ten years of Mondays; two of the years have 53 weeks.
MONDAYS = [dt.date(2019, 12, 30) + dt.timedelta(days=7 * week) for week in range(522)]


def _names(stage: str, day: dt.date, month: int = 1) -> list[tuple[str, int]]:
    return [(meeting.audience, meeting.minutes) for meeting in cadence.due(stage, day, month)]


def test_times_are_those_of_the_stage() -> None:
    assert [(m.every, m.minutes) for m in cadence.meetings("early")] == [("month", 60)]
    assert [(m.every, m.minutes) for m in cadence.meetings("growth")] == [("two_weeks", 45)]
    scale = {(m.audience, m.every): m.minutes for m in cadence.meetings("scale")}
    assert scale.pop(("joint", "quarter")) > 45
    assert scale == {("sales", "week"): 30, ("joint", "two_weeks"): 45}


def test_the_usual_meeting_has_fifteen_twenty_and_ten_minutes() -> None:
    [meeting] = cadence.meetings("growth")
    assert [meeting.minutes_of(part) for part in ("health", "contribution", "actions")] == [
        15, 20, 10
    ]  # fmt: skip
    assert cadence.meetings("scale")[0].minutes_of("contribution") is None


def test_a_company_that_grows_meets_every_second_week_also_across_years() -> None:
    met = [monday for monday in MONDAYS if cadence.due("growth", monday)]
    assert {(late - early).days for early, late in itertools.pairwise(met)} == {14}


def test_a_young_company_meets_in_the_week_of_each_months_first_monday() -> None:
    met = [monday for monday in MONDAYS if cadence.due("early", monday)]
    months = [(monday.year, monday.month) for monday in met]
    assert all(monday.day <= 7 for monday in met)
    assert len(months) == len(set(months)) == 120


def test_sales_of_a_large_company_meet_every_week_and_all_once_a_quarter() -> None:
    for monday in MONDAYS:
        assert ("sales", 30) in _names("scale", monday)
    deep = [monday for monday in MONDAYS if ("joint", 90) in _names("scale", monday)]
    assert [(day.year, day.month) for day in deep] == [
        (year, month) for year in range(2020, 2030) for month in (1, 4, 7, 10)
    ]


def test_nobody_meets_twice_a_week() -> None:
    """The deep-dive takes the place of the usual joint meeting of its week."""
    both = 0
    for monday in MONDAYS:
        audiences = [audience for audience, _ in _names("scale", monday)]
        assert len(audiences) == len(set(audiences))
        both += ("joint", 90) in _names("scale", monday) and cadence.due("growth", monday) != ()
    assert both > 5, "the two never fell into one week"


def test_a_quarter_begins_when_the_fiscal_one_does() -> None:
    deep = {monday.month for monday in MONDAYS if ("joint", 90) in _names("scale", monday, 2)}
    assert deep == {2, 5, 8, 11}


@pytest.mark.parametrize("stage", cadence.STAGES)
def test_every_day_of_a_week_has_the_meetings_of_its_monday(stage: str) -> None:
    for monday in MONDAYS[:60]:
        week = [_names(stage, monday + dt.timedelta(days=day)) for day in range(7)]
        assert week == [week[0]] * 7


@pytest.mark.parametrize("month", [1, 2, 7])
def test_marketing_and_sales_take_turns_from_quarter_to_quarter(month: int) -> None:
    first = dt.date(2024, month, 1)
    days = [first + dt.timedelta(days=offset) for offset in range(1096)]
    hosts: dict[int, set[str]] = {}
    for day in days:
        quarter = ((day.year - 2024) * 12 + day.month - month) // 3
        hosts.setdefault(quarter, set()).add(cadence.host(day, month))
    turns = [one for (one,) in (sorted(hosts[quarter]) for quarter in sorted(hosts))]
    assert set(turns) == {"marketing", "sales"}
    assert all(one != other for one, other in itertools.pairwise(turns))


def test_sales_run_what_they_have_alone() -> None:
    assert {cadence.host(monday, 1, "sales") for monday in MONDAYS} == {"sales"}


def test_the_next_meeting_is_in_a_later_week_and_joint() -> None:
    for stage in cadence.STAGES:
        for monday in MONDAYS[:60]:
            day, meeting = cadence.next_meeting(stage, monday + dt.timedelta(days=6))
            assert monday < day <= monday + dt.timedelta(days=42)
            assert meeting.audience == "joint"
            assert meeting in cadence.due(stage, day)
