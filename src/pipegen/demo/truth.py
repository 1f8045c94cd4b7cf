"""The truth about each deal: the answers that a warehouse must find.

What belongs here: the columns of `truth/opportunities.csv`, each derived from the plan. What does
not: raw tables, and rules that decide something the plan has not: a deal is a duplicate because it
was planned as one.
"""

from __future__ import annotations

import numpy as np

from pipegen.demo import files, rules
from pipegen.demo.clock import DAY, NEVER
from pipegen.demo.crm import TRICKS
from pipegen.demo.reasons import Reasons
from pipegen.demo.reasons import words as words_of
from pipegen.demo.scenarios import CODE, EMPTY, GHOSTS, SCENARIOS, SLOTS, Calendar
from pipegen.demo.story import last_rows

VERDICTS = ("excluded", "unqualified", "duplicate", "renewal", "recycled", "net_new")
GROUPS = ("open", "won", "lost")
CRITERIA = ("", "stage", "amount", "close_date", "source", "decision_maker")
COLUMNS = (
    "opportunity_id",
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
    "scenario",
)


def settle(
    deals: dict[str, np.ndarray], states: dict[str, np.ndarray], frame: Calendar
) -> dict[str, np.ndarray]:
    """Verdict, reason, evidence (number of the other deal, or -1) and failing criterion."""
    n = len(deals["id"])
    qualified = deals["qualified"] < NEVER
    ordinal, slot = np.divmod(deals["id"], SLOTS)
    reason = np.full(n, "", dtype=object)
    excluded = np.zeros(n, dtype=bool)
    for account, why in rules.EXCLUDED_ACCOUNTS.items():
        excluded |= ordinal == account
        reason[ordinal == account] = why
    for account, why in rules.EXCLUDED_FIRST_DEALS.items():
        excluded |= (ordinal == account) & (slot == 0)
        reason[(ordinal == account) & (slot == 0)] = why
    reopened = (deals["scenario"] == CODE["reopened_before_qualified"]) & (
        deals["lost_at"] < deals["qualified"]
    )
    evidence = np.full(n, -1)
    verdict = np.full(n, "net_new", dtype=object)
    steps: tuple[tuple[str, str | None, np.ndarray, np.ndarray | None], ...] = (
        ("recycled", "lost_before", deals["prior_lost"] >= 0, deals["prior_lost"]),
        ("recycled", "reopened", reopened, None),
        ("recycled", "clone", deals["clone_of"] >= 0, deals["clone_of"]),
        ("recycled", "flag", deals["flag"], None),
        ("renewal", "", deals["motion"] == 2, None),
        ("duplicate", "", deals["duplicate_of"] >= 0, deals["duplicate_of"]),
        ("unqualified", "", ~qualified, None),
        ("excluded", None, excluded, None),
    )
    # From the last rule to the first, so that the first one that applies wins.
    for word, cause, holds, other in steps:
        verdict[holds] = word
        if cause is not None:
            reason[holds & ~excluded] = cause
        evidence[holds] = -1 if other is None else other[holds]

    last = last_rows(states["deal"])
    stage, amount, goal = (states[name][last] for name in ("stage", "amount", "goal"))
    later = states["at"][last] >= frame.rules_change
    today = frame.end // DAY - 1
    least = np.array(rules.MIN_STAGE_ORDER)[later.astype(int)]
    horizon = np.array(rules.MAX_HORIZON_DAYS)[later.astype(int)]
    criteria = (
        stage >= least,
        (amount != EMPTY) & (amount > 0) & ~np.isin(amount, rules.PLACEHOLDER_CENTS),
        (goal != EMPTY) & (goal >= today) & (goal <= today + horizon),
        deals["source"] < 5,
        ~later | (deals["decides_at"] < frame.end),
    )
    failing = np.zeros(n, dtype=np.int64)
    is_open = deals["closed_at"] == NEVER
    for code in range(len(criteria), 0, -1):
        failing[is_open & ~criteria[code - 1]] = code
    return {
        "verdict": verdict.astype(str),
        "reason": reason.astype(str),
        "evidence": evidence,
        "excluded": excluded,
        "failing": failing,
        "is_open": is_open,
        "stage": stage,
        "amount": amount,
        "goal": goal,
        "changed_at": states["at"][last],
        "probability": states["probability"][last],
    }


def labels(deals: dict[str, np.ndarray], tricks: np.ndarray) -> np.ndarray:
    """The scenario of each deal, and the trick in its raw rows, if any."""
    scenario = np.array(SCENARIOS)[deals["scenario"]].astype(object)
    trick = np.array(TRICKS)[tricks].astype(object)
    label = np.where(tricks > 0, scenario + "+" + trick, scenario)
    ghost = np.array(GHOSTS)[deals["ghost"]].astype(object)
    return np.where(deals["ghost"] > 0, ghost, label)


def endings(deals: dict[str, np.ndarray], settled: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """How each deal ended, and its index, or that of the duplicate which took its place.

    Columns `group` (0 open, 1 won, 2 lost), `day` (number of the close day), and `by`.
    """
    n = len(deals["id"])
    won = deals["won"]
    group = np.where(settled["is_open"], 0, np.where(won, 1, 2))
    marked = np.where(settled["is_open"], 0, deals["closed_at"]) // DAY
    goal = settled["goal"]
    # A win counts on the close date that the seller gave, unless that was not kept up.
    kept = won & (goal <= marked) & (goal >= marked - rules.CLOSE_DAY_TOLERANCE_DAYS)
    by = np.arange(n)
    row_of = {int(key): i for i, key in enumerate(deals["id"]) if deals["ghost"][i] == 0}
    for i in np.flatnonzero((deals["duplicate_of"] >= 0) & (deals["ghost"] == 0)):
        original = row_of[int(deals["duplicate_of"][i])]
        if group[original] == 2 and group[i] != 2:
            by[original] = i
    return {"group": group, "day": np.where(kept, goal, marked), "by": by}


def rows(
    deals: dict[str, np.ndarray], settled: dict[str, np.ndarray], tricks: np.ndarray, said: Reasons
) -> list[tuple[str, ...]]:
    """The rows of `truth/opportunities.csv`, without ghosts. Empty means null."""
    real = np.flatnonzero(deals["ghost"] == 0)
    ends = endings(deals, settled)
    by = ends["by"][real]
    days = np.where(
        ends["group"] > 0, np.datetime_as_string(ends["day"].astype("datetime64[D]")), ""
    )
    successor = np.where(by == real, -1, deals["id"][by])
    reason = np.array(words_of(said.code), dtype=object)
    never = deals["qualified"][real] == NEVER
    at = np.where(never, 0, deals["qualified"][real]).astype("datetime64[s]")
    stamps = np.where(never, "", np.char.replace(np.datetime_as_string(at), "T", " "))
    flags = np.array(["false", "true"])
    columns = (
        files.ids("006", deals["id"][real]).to_pylist(),
        settled["verdict"][real].tolist(),
        settled["reason"][real].tolist(),
        [key or "" for key in files.ids("006", settled["evidence"][real]).to_pylist()],
        np.array(rules.SOURCES)[deals["source"][real]].tolist(),
        np.array(rules.MOTIONS)[deals["motion"][real]].tolist(),
        flags[(tricks[real] == TRICKS.index("re_dated")).astype(int)].tolist(),
        stamps.tolist(),
        flags[settled["excluded"][real].astype(int)].tolist(),
        np.array(CRITERIA)[settled["failing"][real]].tolist(),
        np.array(GROUPS)[ends["group"][real]].tolist(),
        days[real].tolist(),
        reason[real].tolist(),
        [key or "" for key in files.ids("006", successor).to_pylist()],
        np.array(GROUPS)[ends["group"][by]].tolist(),
        days[by].tolist(),
        reason[by].tolist(),
        labels(deals, tricks)[real].tolist(),
    )
    return list(zip(*columns, strict=True))
