"""The default seeds have the contract's shape, and say what the demo's plan relies on.

A failure of the second kind means that a default seed was changed, and with it the demo's truth.
Change `demo/rules.py` too, or the demo would call the new rule wrong.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from pipegen.demo import lifecycle, rules, touches
from pipegen.project import PROJECT

SEEDS = PROJECT / "seeds"
HEADERS = {
    "stages": "stage_name,canonical_stage,stage_order,stage_group,is_late_stage",
    "opportunity_types": "type,motion",
    "team_roles": "role_name,team",
    "segments": "segment,min_employees,max_employees",
    "decision_roles": "role",
    "qualification_rules": "effective_from,min_stage_order,max_horizon_days,requires_amount,"
    "requires_close_date,requires_source,requires_decision_maker",
    "stage_entry_criteria": "canonical_stage,criterion",
    "source_rules": "priority,rule,value,pipeline_source",
    "source_owners": "pipeline_source,owner,owner_email",
    "source_shares": "fiscal_quarter,pipeline_source,share",
    "creation_targets": "fiscal_quarter,segment,target_amount",
    "quotas": "fiscal_quarter,segment,motion,quota",
    "mql_targets": "fiscal_quarter,channel,target_mqls",
    "capacity_plan": "fiscal_quarter,segment,team,ramped_heads,productivity_per_head",
    "lifecycle_statuses": "system,raw_status,lifecycle_stage",
    "touch_types": "system,raw_type,touch_kind,channel,team,is_marketing",
    "exclusions": "record_type,record_id,reason,owner,effective_from,effective_to",
    "benchmarks": "metric,level,value,period,origin",
    "review_actions": "action_id,opened_on,team,owner,action,due_on,status,closed_on,outcome,"
    "metric",
    "rep_targets": "fiscal_quarter,owner_id,target_amount",
    "lead_source_channels": "lead_source,channel",
}
QUARTERS = [f"FY{year}-Q{quarter}" for year in range(2024, 2028) for quarter in (1, 2, 3, 4)][1:15]
AHEAD = QUARTERS[8:]


def file_of(seed: str) -> Path:
    [path] = SEEDS.rglob(f"{seed}.csv")
    return path


def rows(seed: str) -> list[dict[str, str]]:
    with file_of(seed).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("seed", HEADERS)
def test_seed_is_a_tidy_file_with_the_header_of_the_contract(seed: str) -> None:
    data = file_of(seed).read_bytes()
    text = data.decode("utf-8")
    assert text.splitlines()[0] == HEADERS[seed]
    assert "\r" not in text and text.endswith("\n") and not text.endswith("\n\n")
    assert len(rows(seed)) == len({tuple(row.values()) for row in rows(seed)})


def test_there_are_no_other_seeds() -> None:
    assert {path.stem for path in SEEDS.rglob("*.csv")} == set(HEADERS)


def test_shares_of_a_quarter_add_up_to_one() -> None:
    total: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows("source_shares"):
        total[row["fiscal_quarter"]] += Decimal(row["share"])
    assert total == dict.fromkeys(QUARTERS, Decimal(1))


def test_targets_and_quotas_cover_the_quarters_they_are_asked_for() -> None:
    segments = {row["segment"] for row in rows("segments")}
    targets = {(r["fiscal_quarter"], r["segment"]) for r in rows("creation_targets")}
    assert targets == {(q, s) for q in QUARTERS for s in segments}
    assert any(r["target_amount"] == "" for r in rows("creation_targets"))
    quotas = Counter((r["fiscal_quarter"], r["segment"], r["motion"]) for r in rows("quotas"))
    motions = ("new_business", "expansion")
    assert quotas == Counter((q, s, m) for q in AHEAD for s in segments for m in motions)


def test_every_seller_but_one_has_a_target_as_have_no_others(company: Path) -> None:
    with (company / "raw" / "salesforce" / "user_role.csv").open(encoding="utf-8") as file:
        sells = {r["id"] for r in csv.DictReader(file) if r["name"].endswith("Account Executive")}
    with (company / "raw" / "salesforce" / "user.csv").open(encoding="utf-8") as file:
        sellers = {r["id"] for r in csv.DictReader(file) if r["user_role_id"] in sells}
    targets: dict[str, set[str]] = defaultdict(set)
    for row in rows("rep_targets"):
        targets[row["fiscal_quarter"]].add(row["owner_id"])
    assert targets.keys() == set(AHEAD[:1]) | {"FY2026-Q1", "FY2026-Q3"}
    for owners in targets.values():
        assert owners < sellers and len(sellers - owners) == 1


def test_channels_of_lead_sources_are_those_of_the_plan() -> None:
    channels = {row["lead_source"]: row["channel"] for row in rows("lead_source_channels")}
    assert channels == rules.LEAD_SOURCE_CHANNELS
    assert channels.keys() < {value for group in rules.LEAD_SOURCES for value in group}


def test_touch_types_are_those_of_the_plan() -> None:
    given = {(r["system"], r["raw_type"]): r for r in rows("touch_types")}
    for name, channel, is_marketing in zip(
        rules.CAMPAIGN_TYPES, rules.CAMPAIGN_CHANNELS, rules.CAMPAIGN_IS_MARKETING, strict=True
    ):
        row = given.get(("salesforce", f"campaign:{name}"), given["salesforce", "campaign:*"])
        assert (row["channel"], row["is_marketing"] == "true") == (channel, is_marketing)
    by_kind = {
        row["touch_kind"]: (row["channel"], row["is_marketing"])
        for (system, raw_type), row in given.items()
        if system != "hubspot" and not raw_type.startswith("campaign:")
    }
    assert by_kind == {
        kind: (channel, "true" if kind in rules.MARKETING_KINDS else "false")
        for kind, channel in zip(touches.KINDS, touches.CHANNELS, strict=True)
        if channel
    }
    # Of a task or meeting nothing but its owner says whose team's it is.
    sellers = ("task:Call", "task:Email", "task:*", "event")
    assert {given["salesforce", raw_type]["team"] for raw_type in sellers} == {""}


def test_statuses_are_those_of_the_plan() -> None:
    given = {
        (row["system"], row["raw_status"]): row["lifecycle_stage"]
        for row in rows("lifecycle_statuses")
    }
    planned = dict(zip(lifecycle.STATUSES, lifecycle.STAGE_OF, strict=True))
    assert {status: given["salesforce", status] for status in planned} == planned


def test_stages_and_types_are_those_of_the_plan() -> None:
    labels = {
        (r["stage_name"], int(r["stage_order"]), r["stage_group"], r["is_late_stage"])
        for r in rows("stages")
    }
    group = {rules.WON: "won", rules.LOST: "lost"}
    assert labels == {
        (label, order, group.get(order, "open"), "true" if order in (5, 6) else "false")
        for order, names in enumerate(rules.STAGE_LABELS, start=1)
        for label in names
    }
    assert {(r["type"], r["motion"]) for r in rows("opportunity_types")} == {
        (name, motion)
        for motion, names in zip(rules.MOTIONS, rules.TYPES, strict=True)
        for name in names
    }


def test_qualification_rules_are_those_of_the_plan() -> None:
    first, second = rows("qualification_rules")
    assert second["effective_from"] == rules.RULES_CHANGE_ON.isoformat()
    for row, order, days, decides in zip(
        (first, second), rules.MIN_STAGE_ORDER, rules.MAX_HORIZON_DAYS, ("false", "true"),
        strict=True,
    ):  # fmt: skip
        assert (int(row["min_stage_order"]), int(row["max_horizon_days"])) == (order, days)
        assert row["requires_decision_maker"] == decides
        assert {row[f"requires_{c}"] for c in ("amount", "close_date", "source")} == {"true"}
    assert {row["role"] for row in rows("decision_roles")} == set(rules.DECISION_ROLES)


def test_source_rules_are_those_of_the_plan() -> None:
    given = rows("source_rules")
    assert len({row["priority"] for row in given}) == len(given)
    order = ["source_field", "lead_source", "campaign_type", "creator_team"]
    by_priority = sorted(given, key=lambda row: int(row["priority"]))
    kinds = [row["rule"] for row in by_priority]
    assert kinds == sorted(kinds, key=order.index) and set(kinds) == set(order)
    by_kind = {kind: set() for kind in order}
    for row in given:
        by_kind[row["rule"]].add((row["value"], row["pipeline_source"]))
    sources = rules.SOURCES[:5]
    assert by_kind["source_field"] == set(zip(rules.SOURCE_FIELD, sources, strict=True))
    assert by_kind["lead_source"] == {
        (value, source)
        for source, values in zip(sources, rules.LEAD_SOURCES, strict=True)
        for value in values
    }
    assert by_kind["campaign_type"] == {
        (rules.CAMPAIGN_TYPES[code], source)
        for source, codes in zip(sources, rules.CAMPAIGN_TYPES_OF_SOURCE, strict=True)
        for code in codes
    }
    assert by_kind["creator_team"] == {
        (team, source)
        for source, teams in zip(sources, rules.CREATOR_TEAMS_OF_SOURCE, strict=True)
        for team in teams
    }
    assert {row["pipeline_source"] for row in rows("source_owners")} == set(sources)


def test_exclusions_name_records_of_the_demo(company: Path) -> None:
    known = {}
    for kind in ("account", "opportunity"):
        path = company / "raw" / "salesforce" / f"{kind}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            known[kind] = {row["id"] for row in csv.DictReader(file)}
    for row in rows("exclusions"):
        assert row["record_id"] in known[row["record_type"]]


def test_review_actions_are_open_done_and_overdue() -> None:
    as_of = dt.date(2026, 5, 20).isoformat()
    actions = rows("review_actions")
    assert {row["status"] for row in actions} == {"open", "done"}
    assert any(row["status"] == "open" and row["due_on"] < as_of for row in actions)
    assert all((row["closed_on"] != "") == (row["status"] == "done") for row in actions)
    assert max(row["opened_on"] for row in actions) <= as_of
