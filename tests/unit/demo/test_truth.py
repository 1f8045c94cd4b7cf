"""Two derivations of what each deal is must agree: the plan's intent, and definitions 1 to 6.

The plan never looks at a raw row, the reference never looks at the plan. Where they differ, one of
them (or the definition) is wrong.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from pathlib import Path

import pytest

from pipegen import demo
from pipegen.demo import crm, scenarios
from pipegen.project import PROJECT
from tests.support import reference

SEEDS = PROJECT / "seeds"
COLUMNS = (
    "verdict",
    "verdict_reason",
    "verdict_evidence",
    "pipeline_source",
    "motion",
    "is_re_dated",
    "qualified_at",
    "is_excluded",
    "failing_criterion",
    "stage_group",
    "close_day",
    "close_reason",
    "successor_opportunity_id",
    "outcome_stage_group",
    "outcome_close_day",
    "outcome_reason",
)
SET_ASIDE = {"null_key", "repeated", "superseded", "ambiguous_key", "no_stage", "no_date"}


def as_text(value: object) -> str:
    """A value as the truth and the casebook spell it; empty for null."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    return str(value)


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def differences(out: Path) -> list[tuple[str, str, str, str, str]]:
    """(id, scenario, column, intended, found) wherever truth and reference differ."""
    truth = {row["opportunity_id"]: row for row in read(out / "truth" / "opportunities.csv")}
    found = reference.verdicts(out / "raw", SEEDS, demo.AS_OF)
    parted = [(key, "", "exists", "", "") for key in truth.keys() ^ found.keys()]
    for key in sorted(truth.keys() & found.keys()):
        for column in COLUMNS:
            intended, value = truth[key][column], as_text(found[key][column])
            if intended != value:
                parted.append((key, truth[key]["scenario"], column, intended, value))
    return parted


def test_intent_and_definitions_agree_on_the_default_company(company: Path) -> None:
    assert differences(company) == []


@pytest.mark.parametrize(
    ("seed", "options"),
    [
        (8, {}),
        (9, {"accounts": 600, "file_format": "parquet"}),
        (10, {"accounts": 25}),
        (11, {"accounts": 900, "history_days": 200, "changes_per_opportunity": 10}),
        (12, {"accounts": 900, "history_days": 1_400}),
    ],
)
def test_intent_and_definitions_agree_on_other_companies(
    tmp_path: Path, seed: int, options: dict
) -> None:
    demo.generate(tmp_path, seed=seed, touches_per_opportunity=1, **options)
    assert differences(tmp_path) == []


def test_every_scenario_and_every_trick_is_played(company: Path) -> None:
    labels = Counter(
        part
        for row in read(company / "truth" / "opportunities.csv")
        for part in row["scenario"].split("+")
    )
    expected = {*scenarios.SCENARIOS, *crm.TRICKS[1:]}
    assert expected - labels.keys() == set()


def test_every_verdict_reason_and_failing_criterion_occurs(company: Path) -> None:
    rows = read(company / "truth" / "opportunities.csv")
    verdicts = {(row["verdict"], row["verdict_reason"]) for row in rows}
    assert verdicts >= {
        ("net_new", ""), ("unqualified", ""), ("duplicate", ""), ("renewal", ""),
        ("recycled", "flag"), ("recycled", "clone"), ("recycled", "reopened"),
        ("recycled", "lost_before"), ("excluded", "test record"), ("excluded", "subsidiary"),
    }  # fmt: skip
    assert {row["failing_criterion"] for row in rows} == {
        "", "stage", "amount", "close_date", "source", "decision_maker",
    }  # fmt: skip
    assert {row["pipeline_source"] for row in rows} == {
        "marketing", "sdr", "ae", "partner", "self_serve", "unknown",
    }  # fmt: skip


def test_lost_deals_that_go_on_as_their_duplicate_are_won_or_still_open(company: Path) -> None:
    rows = read(company / "truth" / "opportunities.csv")
    went_on = [row for row in rows if row["successor_opportunity_id"]]
    assert {row["stage_group"] for row in went_on} == {"lost"}
    assert Counter(row["outcome_stage_group"] for row in went_on).keys() == {"won", "open"}


def test_spoilt_records_are_the_ones_that_a_check_must_find(company: Path) -> None:
    rows = read(company / "truth" / "spoilt_records.csv")
    aside = Counter(
        (r["record_type"], r["record_id"], r["rule"]) for r in rows if r["rule"] in SET_ASIDE
    )
    assert reference.set_aside(company / "raw") == aside
    unparsed = {
        (r["record_type"], r["record_id"], r["detail"])
        for r in rows
        if r["rule"] == "unparsed_value"
    }
    assert reference.unparsed_values(company / "raw") == unparsed
    flaws = {
        (r["record_id"], r["rule"])
        for r in rows
        if r["record_type"] == "opportunity" and r["rule"] not in SET_ASIDE | {"unparsed_value"}
    }
    assert reference.findings(company / "raw", SEEDS, demo.AS_OF) == flaws
