"""From plan to timeline: every change to a deal, in order.

What belongs here: the changes to a planned deal: stages, amounts, close dates, closing. Until a
deal qualifies, only planned changes may happen; afterwards any may, because a deal counts once.
What does not: how the tables record them (`crm`).
"""

from __future__ import annotations

import numpy as np

from pipegen.demo import clock, rules
from pipegen.demo.clock import DAY, NEVER
from pipegen.demo.scenarios import CODE, EMPTY, NO_HISTORY, SLOTS, Calendar

# The value of a field that a change leaves as it is.
KEEP = np.int64(-(1 << 61))
UNKNOWN_STAGE = 0
PROBABILITY = np.array([5, 10, 20, 35, 50, 70, 90, 100, 0])  # by stage order
FORECAST = ("Pipeline", "Pipeline", "Pipeline", "Pipeline", "Best Case", "Commit", "Commit",
            "Closed", "Omitted")  # fmt: skip


class _Changes:
    """Collects changes as columns."""

    def __init__(self) -> None:
        self.parts: list[tuple[np.ndarray, ...]] = []

    def add(self, deal, at, *, stage=KEEP, amount=KEEP, goal=KEEP, probability=KEEP) -> None:
        full = [np.broadcast_to(np.asarray(v, dtype=np.int64), deal.shape)
                for v in (deal, at, stage, amount, goal, probability)]  # fmt: skip
        self.parts.append(tuple(full))

    def columns(self) -> list[np.ndarray]:
        return [np.concatenate(c) for c in zip(*self.parts, strict=True)]


def timeline(
    rng: np.random.Generator, deals: dict[str, np.ndarray], frame: Calendar, changes_per_deal: float
) -> dict[str, np.ndarray]:
    """The states of all deals: one row per change, ordered by deal and instant.

    Returns columns `deal` (index into `deals`), `at`, `stage` (order; 0 is an unknown label),
    `amount` (cents or EMPTY), `goal` (close date as day number, or EMPTY) and `probability`
    (percent). `changes_per_deal` is the wanted mean of rows per deal; rows are added to reach it,
    never removed.
    """
    n = len(deals["id"])
    every = np.arange(n)
    scenario = deals["scenario"]

    def planted(*names: str) -> np.ndarray:
        return np.isin(scenario, [CODE[s] for s in names])

    created, qualified = deals["created"], deals["qualified"]
    closed = deals["closed_at"] < NEVER
    ends = np.where(closed, deals["closed_at"], frame.end)
    at_once = closed & (deals["closed_at"] == created)
    final = np.where(deals["won"], rules.WON, rules.LOST)
    begins = np.where(deals["entries"] < NEVER, np.arange(1, 7), 9).min(axis=1)
    begins = np.where(at_once, final, begins)
    begins = np.where(planted("unknown_stage_always"), UNKNOWN_STAGE, begins)
    log = _Changes()
    log.add(every, created, stage=begins, amount=deals["first_amount"], goal=deals["first_goal"],
            probability=PROBABILITY[begins])  # fmt: skip

    # --- stages
    moves = (deals["entries"] < ends[:, None]) & (deals["entries"] > created[:, None])
    deal, column = np.nonzero(moves)
    silent = scenario[deal] == CODE["unknown_stage_always"]
    deal, column = deal[~silent], column[~silent]
    log.add(deal, deals["entries"][deal, column], stage=column + 1,
            probability=PROBABILITY[column + 1])  # fmt: skip

    # --- what the scenario requires
    late = np.flatnonzero(deals["amount_at"] < ends)
    log.add(late, deals["amount_at"][late], amount=deals["amount"][late])
    late = np.flatnonzero(deals["replanned_at"] < ends)
    log.add(late, deals["replanned_at"][late], goal=deals["goal"][late])
    back = np.flatnonzero(deals["lost_at"] < NEVER)
    log.add(back, deals["lost_at"][back], stage=rules.LOST, probability=0)
    back = back[deals["reopened_at"][back] < ends[back]]
    log.add(back, deals["reopened_at"][back], stage=3, probability=PROBABILITY[3])
    # A deal that qualified, then fell back by stage or by amount.
    fell = np.flatnonzero(planted("left_and_came_back"))
    leaves = clock.between(rng, qualified[fell], ends[fell], 0.1, 0.4)
    returns = clock.between(rng, qualified[fell], ends[fell], 0.5, 0.9)
    by_stage = rng.random(len(fell)) < 0.5
    log.add(fell[by_stage], leaves[by_stage], stage=1, probability=PROBABILITY[1])
    log.add(fell[by_stage], returns[by_stage], stage=3, probability=PROBABILITY[3])
    log.add(fell[~by_stage], leaves[~by_stage], amount=EMPTY)
    log.add(fell[~by_stage], returns[~by_stage], amount=deals["amount"][fell[~by_stage]] * 11 // 10)
    odd = np.flatnonzero(planted("unknown_stage_now", "unknown_stage_passed"))
    into = clock.between(rng, qualified[odd], ends[odd], 0.3, 0.6)
    log.add(odd, into, stage=UNKNOWN_STAGE, probability=PROBABILITY[0])
    passed = scenario[odd] == CODE["unknown_stage_passed"]
    out = clock.between(rng, qualified[odd], ends[odd], 0.7, 0.9)
    log.add(odd[passed], out[passed], stage=4, probability=PROBABILITY[4])
    hold = np.full(n, NEVER)
    hold[odd[~passed]] = into[~passed]

    # --- pushes: the close date moves on when it approaches
    still = ~planted(
        "no_history_open", "no_history_closed", "no_history_closed_at_once", "horizon_crossed",
        "horizon_never", "close_date_never", "close_date_unparsed", "self_serve_at_once",
        "decision_maker_after_close_date",
    )  # fmt: skip
    goal = deals["goal"].copy()
    free_from = np.where(qualified < NEVER, qualified, created)
    free_from = np.where(planted("close_date_late"), np.maximum(free_from, deals["replanned_at"]),
                         free_from)  # fmt: skip
    # A deal that never qualified may change from its creation on: its flaw stays.
    free_from = np.where(deals["reopened_at"] < NEVER,
                         np.maximum(free_from, deals["reopened_at"]), free_from)  # fmt: skip
    alive = still & (free_from < ends)
    for _ in range(7):
        at = (goal - rng.integers(0, 3, n)) * DAY + rng.integers(9 * 3600, 17 * 3600, n)
        alive &= (at < ends) & (at > free_from) & (rng.random(n) < np.where(closed, 0.85, 0.93))
        to = clock.month_end(at // DAY + rng.integers(10, 75, n) + rng.integers(0, 2, n) * 45)
        to = np.maximum(to, goal + 7)
        which = np.flatnonzero(alive)
        log.add(which, at[which], goal=to[which])
        goal = np.where(alive, to, goal)
        free_from = np.where(alive, at, free_from)
    # A few open deals are postponed beyond the horizon.
    far = np.flatnonzero(still & ~closed & (free_from < frame.end - 5 * DAY) & (qualified < NEVER)
                         & (rng.random(n) < 0.02))  # fmt: skip
    to_far = frame.end // DAY + 300 + rng.integers(0, 90, len(far))
    log.add(far, np.maximum(free_from[far] + DAY, frame.end - 4 * DAY), goal=to_far)
    goal[far] = to_far

    # --- amounts are renegotiated, once nothing depends on them any more
    fixed = planted(
        "amount_late", "placeholder_late", "amount_never", "placeholder_never", "amount_unparsed",
        "amount_negative", *NO_HISTORY, "self_serve_at_once",
    )  # fmt: skip
    fixed |= (deals["motion"] == 2) & (rng.random(n) < 0.7)
    from_here = np.where(qualified < NEVER, qualified, created)
    # A deal without an exchange rate must keep its amount, or the missing rate would not matter.
    may_change = (ends - from_here > 2 * DAY) & ~fixed & (deals["currency"] != 3)
    for chance in (0.4, 0.15):
        which = np.flatnonzero(may_change & (rng.random(n) < chance))
        at = clock.between(rng, from_here[which], ends[which], 0.1, 0.95)
        percent = rng.integers(70, 135, len(which))
        log.add(which, at, amount=np.maximum(deals["amount"][which] * percent // 10_000, 4) * 100)
    # Open deals that lose a criterion. For excluded deals, no criterion is checked.
    asked = deals["id"] // SLOTS >= rules.NAMED_ACCOUNTS
    loses = np.flatnonzero(~closed & asked & may_change & (qualified < NEVER)
                           & (rng.random(n) < 0.05))  # fmt: skip
    at = clock.between(rng, from_here[loses], ends[loses], 0.96, 0.999)
    how = rng.integers(0, 4, len(loses))
    log.add(loses[how == 0], at[how == 0], amount=EMPTY)
    log.add(loses[how == 1], at[how == 1], amount=1)
    log.add(loses[how > 1], at[how > 1], stage=1, probability=PROBABILITY[1])

    # --- closing
    shut = np.flatnonzero(closed & ~at_once)
    kept = planted("close_date_never", "close_date_unparsed", "no_history_closed")
    kept |= rng.random(n) < 0.25
    at = deals["closed_at"][shut]
    log.add(shut, at, stage=final[shut], probability=PROBABILITY[final[shut]],
            goal=np.where(kept[shut], KEEP, at // DAY))  # fmt: skip

    states = _in_order(log, deals, ends, hold)
    missing = int(changes_per_deal * n) - len(states["deal"])
    if missing > 0:
        _add_probability_changes(rng, log, missing, from_here, ends, may_change)
        states = _in_order(log, deals, ends, hold)
    return states


def _add_probability_changes(
    rng: np.random.Generator, log: _Changes, count: int, start: np.ndarray, end: np.ndarray,
    may_change: np.ndarray,
) -> None:  # fmt: skip
    """Add changes of the probability alone, until the history has the wanted length."""
    which = np.flatnonzero(may_change)
    if not len(which):
        return
    which = which[rng.integers(0, len(which), count)]
    length = end[which] - start[which] - 2
    at = start[which] + 1 + length * rng.integers(0, 1 << 20, count) // (1 << 20)
    log.add(which, at, probability=rng.integers(1, 100, count))


def _in_order(
    log: _Changes, deals: dict[str, np.ndarray], ends: np.ndarray, hold: np.ndarray
) -> dict[str, np.ndarray]:
    """Sort the changes, carry values forward, and drop rows that change nothing."""
    deal, at, *values = log.columns()
    fits = (at >= deals["created"][deal]) & (at <= ends[deal])
    order = np.lexsort((np.arange(len(at)), at, deal))
    order = order[fits[order]]
    deal, at = deal[order], at[order]
    stage, amount, goal, probability = (v[order].copy() for v in values)
    held = at > hold[deal]
    stage[held], probability[held] = KEEP, KEEP
    row = np.arange(len(deal))
    filled = []
    for value in (stage, amount, goal, probability):
        # The first row of a deal sets every field, so no value carries over from another deal.
        last_set = np.maximum.accumulate(np.where(value != KEEP, row, 0))
        filled.append(value[last_set])
    ends_instant = np.append((deal[1:] != deal[:-1]) | (at[1:] != at[:-1]), True)
    deal, at = deal[ends_instant], at[ends_instant]
    filled = [value[ends_instant] for value in filled]
    same = np.ones(len(deal), dtype=bool)
    same[0] = False
    for value in (deal, *filled):
        same[1:] &= value[1:] == value[:-1]
    names = ("stage", "amount", "goal", "probability")
    states = dict(zip(names, (v[~same] for v in filled), strict=True))
    return {"deal": deal[~same], "at": at[~same], **states}


def last_rows(deal: np.ndarray) -> np.ndarray:
    """The position of each deal's last row in a sorted column."""
    return np.flatnonzero(np.append(deal[1:] != deal[:-1], True))
