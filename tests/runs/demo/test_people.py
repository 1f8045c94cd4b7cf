"""The warehouse finds out how far each person of the demo came, and who recorded it. The generator
knows it from its plan: which status was logged, which role was entered, who was called when."""

import csv
import datetime as dt
from collections import Counter, defaultdict

import pytest

from pipegen.demo import AS_OF
from pipegen.demo.journeys import STAGES
from tests.support.running import Warehouse

Truth = dict[str, dict[str, str]]

RESPONSE_DAYS = 2
JOURNEY = (
    "is_in_crm", "is_in_map", "channel", "stage_reached", *(f"{s}_at" for s in STAGES), "imputed",
    "opportunity_id", "mql_disposition", "rejection_reason",
)  # fmt: skip
FEEDBACK = ("map_lead_ids", "stage_reached", "outcome", "won_amount", "rejection_reason")


def _read(warehouse: Warehouse, name: str) -> list[dict[str, str]]:
    path = warehouse.path.parent / "demo" / "truth" / f"{name}.csv"
    with path.open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


@pytest.fixture(scope="module")
def truth(demo_warehouse: Warehouse) -> Truth:
    return {row["person_id"]: row for row in _read(demo_warehouse, "people")}


@pytest.fixture(scope="module")
def found(demo_warehouse: Warehouse) -> dict[str, dict[str, object]]:
    """The journeys, with the stages that are imputed in one column."""
    journeys = demo_warehouse.table("core.fct_lead_journeys", "person_id")
    for row in journeys.values():
        row["imputed"] = " ".join(stage for stage in STAGES if row[f"is_{stage}_imputed"])
    return journeys


def _written(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.isoformat(" ")
    return str(value).lower() if isinstance(value, bool) else str(value)


def _quarter(instant: str) -> str:
    return f"FY{instant[:4]}-Q{(int(instant[5:7]) + 2) // 3}"


def _recorded(truth: Truth) -> list[dict[str, str]]:
    """The people whose MQL a record dates."""
    return [r for r in truth.values() if r["mql_at"] and "mql" not in r["imputed"].split()]


def _told(wrong: list[object]) -> str:
    return f"{len(wrong)} differ\n" + "\n".join(map(str, wrong[:20]))


def test_the_warehouse_has_the_people_who_are_there_and_no_others(
    truth: Truth, found: dict[str, dict[str, object]]
) -> None:
    assert len(truth) > 10_000
    assert not (missing := truth.keys() - found.keys()), f"missing: {sorted(missing)[:20]}"
    assert not (invented := found.keys() - truth.keys()), f"invented: {sorted(invented)[:20]}"


@pytest.mark.parametrize("column", JOURNEY)
def test_every_journey_is_found_to_be_what_it_was(
    truth: Truth, found: dict[str, dict[str, object]], column: str
) -> None:
    wrong = [
        (person, row[column], value)
        for person, row in truth.items()
        if (value := _written(found[person][column])) != row[column]
    ]
    assert not wrong, _told(wrong)
    # A column of one value would agree with anything.
    assert len({row[column] for row in truth.values()}) > 1


def test_every_stage_is_recorded_of_some_and_imputed_of_others(truth: Truth) -> None:
    counts: dict[str, Counter[bool]] = defaultdict(Counter)
    for row in truth.values():
        for stage in STAGES:
            if row[f"{stage}_at"]:
                counts[stage][stage in row["imputed"].split()] += 1
    # A deal dates who was on it, so that the later stages are imputed of hardly anyone.
    for stage in ("inquiry", "mql", "sal", "sql", "rejected", "recycled"):
        assert min(counts[stage][False], counts[stage][True]) > 20, stage


@pytest.mark.parametrize("column", FEEDBACK)
def test_the_map_is_told_what_became_of_each_of_its_people(
    demo_warehouse: Warehouse, truth: Truth, column: str
) -> None:
    expected = {p: row[column] for p, row in truth.items() if row["is_in_map"] == "true"}
    feedback = demo_warehouse.table("marts.map_feedback", "person_id")
    assert len(set(expected.values())) > 3
    assert {p: _written(row[column]) for p, row in feedback.items()} == expected


def test_held_mqls_are_those_on_whom_nobody_decided(
    demo_warehouse: Warehouse, truth: Truth
) -> None:
    expected = {
        row["person_id"]: (
            (AS_OF - dt.date.fromisoformat(row["mql_at"][:10])).days, row["owner_id"],
            row["channel"], row["response_days"] != "", row["last_touch_at"],
            row["last_touch_kind"], row["last_touch_channel"],
        )
        for row in _recorded(truth)
        if row["mql_disposition"] == "undecided"
    }  # fmt: skip
    held = {
        person: (*rest[:4], *map(_written, rest[4:]))
        for person, *rest in demo_warehouse.rows(
            "select person_id, age_days, owner_id, channel, is_responded, last_touch_at, "
            "last_touch_kind, last_touch_channel from marts.held_mqls"
        )
    }
    assert len(expected) > 50
    assert {value[3] for value in expected.values()} == {True, False}
    assert held == expected


def test_responses_are_counted_as_calls_were_made(demo_warehouse: Warehouse, truth: Truth) -> None:
    expected: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
    for row in _recorded(truth):
        age = (AS_OF - dt.date.fromisoformat(row["mql_at"][:10])).days
        days = int(row["response_days"]) if row["response_days"] else None
        within = days is not None and days <= RESPONSE_DAYS
        # Who became an MQL n days ago has until the end of today to be called within n days.
        pending = days is None and age < RESPONSE_DAYS
        counted = (1, days is not None, within, not within and not pending, pending)
        for scope in (("all", "all"), ("channel", row["channel"])):
            of = expected[_quarter(row["mql_at"]), *scope]
            for place, one in enumerate(counted):
                of[place] += one
    found = {
        (quarter, dimension, value): counts
        for quarter, dimension, value, *counts in demo_warehouse.rows(
            "select fiscal_quarter, dimension, dimension_value, mqls, responded_count, "
            "within_count, late_count, pending_count from marts.mql_response "
            "where dimension != 'segment' and mqls > 0"
        )
    }
    now = expected[_quarter(f"{AS_OF}"), "all", "all"]
    assert min(now) > 0
    assert found == expected


def test_mqls_are_counted_as_recorded_and_imputed_ones_apart(
    demo_warehouse: Warehouse, truth: Truth
) -> None:
    expected: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in truth.values():
        if row["mql_at"] and _quarter(row["mql_at"]) == _quarter(f"{AS_OF}"):
            expected[row["channel"]]["mql" in row["imputed"].split()] += 1
    paced = {
        channel: [mqls, imputed]
        for channel, mqls, imputed in demo_warehouse.rows(
            "select channel, mqls, imputed_mqls from marts.mql_pacing where fiscal_quarter = ? "
            "and mqls + imputed_mqls > 0",
            [_quarter(f"{AS_OF}")],
        )
    }
    assert min(sum(recorded) for recorded in zip(*expected.values(), strict=True)) > 100
    assert paced == expected


@pytest.mark.parametrize("stage", STAGES)
def test_the_funnel_counts_what_was_recorded_and_what_was_not(
    demo_warehouse: Warehouse, truth: Truth, stage: str
) -> None:
    expected: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in truth.values():
        if row[f"{stage}_at"]:
            expected[row[f"{stage}_at"][:7]][stage in row["imputed"].split()] += 1
    funnel = {
        f"{month:%Y-%m}": [int(recorded), int(imputed)]
        for month, recorded, imputed in demo_warehouse.rows(
            f"select month_start, sum({stage}_count), sum(imputed_{stage}_count) "
            f"from marts.lead_funnel group by 1 having sum({stage}_count + imputed_{stage}_count)"
        )
    }
    assert len(expected) > 10
    assert funnel == expected


def test_gaps_between_map_and_crm_are_those_that_were_made(
    demo_warehouse: Warehouse,
) -> None:
    expected = Counter(tuple(row.values()) for row in _read(demo_warehouse, "map_crm_gaps"))
    found = Counter(
        demo_warehouse.rows(
            "select record_type, record_id, missing_in, cause from marts.map_crm_gaps"
        )
    )
    assert {cause for *_, cause in expected} == {
        "crm_record_gone", "linked_by_email_only", "never_synced_to_crm", "never_synced_to_map",
        "no_email", "no_one_on_it", "not_expected", "people_not_in_map",
    }  # fmt: skip
    assert found - expected == Counter()
    assert expected - found == Counter()


def test_returns_of_campaigns_have_the_costs_that_were_booked(demo_warehouse: Warehouse) -> None:
    """A campaign of the CRM may leave it to its program to know what it cost."""
    booked = {row["campaign_id"]: row for row in _read(demo_warehouse, "campaigns")}
    found = demo_warehouse.rows(
        "select distinct campaign_id, campaign_name, cost from marts.campaign_returns "
        "where campaign_id != 'none'"
    )
    assert {booked[key]["cost_from"] for key, *_ in found} == {"campaign", "program"}
    assert {booked[key]["system"] for key, *_ in found} == {"salesforce", "marketo"}
    assert [
        (key, name, cost)
        for key, name, cost in found
        if (booked[key]["campaign_name"], booked[key]["cost"]) != (name, _written(cost))
    ] == []
