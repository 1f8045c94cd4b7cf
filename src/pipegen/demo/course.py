"""The course of a deal: what its scenario does to it, for many deals at once.

What belongs here: everything about a deal that the truth depends on: its source, when it qualifies,
how it ends. What does not: how the deals of an account follow one another (`plan`), and changes in
between that the truth does not depend on (`story`).
"""

from __future__ import annotations

import numpy as np

from pipegen.demo import clock, rules
from pipegen.demo.clock import DAY, NEVER
from pipegen.demo.scenarios import (
    CODE,
    EMPTY,
    GHOSTS,
    LATER_RULES,
    NEVER_QUALIFIED,
    NO_HISTORY,
    NOT_WON,
    SLOTS,
    STAYS_OPEN,
    STRAIGHT,
    WEIGHTS,
    Calendar,
)

_CYCLE_DAYS = np.array([38, 72, 125, 55])
_AMOUNT = np.array([6_800, 27_000, 88_000, 14_000])  # in the deal's currency
_WIN_PERMILLE = np.array([[275, 235, 190, 230], [400, 390, 360, 390], [870, 890, 910, 870]])
_STAGE_TIME = np.array([80, 140, 240, 220, 180, 140])
# Weights of the stage in which a deal is lost, and, by motion, of the stage in which it begins.
_LOST_IN = [12, 22, 28, 20, 13, 5]
_BEGINS_IN = ([48, 38, 14], [10, 60, 30], [0, 40, 60])
_SOURCE_MIX = ([36, 27, 18, 13, 0, 0], [16, 8, 62, 14, 0, 0], [2, 0, 94, 4, 0, 0])
_SOURCE_KIND = ([14, 56, 22, 8], [10, 36, 14, 40], [8, 30, 0, 62], [20, 50, 18, 12], [45, 55, 0, 0])


def _qualifies_at(
    entries: np.ndarray, need: np.ndarray, decision_maker_at: np.ndarray, frame: Calendar
) -> np.ndarray:
    """When a deal has the stage, the decision maker and the last field it needs, else NEVER.

    A deal that reached the second stage under the earlier rules qualified by them, without a
    decision maker. Otherwise it needs the third stage and a decision maker.
    """
    second = entries[:, 1:].min(axis=1)
    third = entries[:, 2:].min(axis=1)
    earlier = second < frame.rules_change
    gate = np.where(earlier, second, np.maximum(third, decision_maker_at))
    return np.maximum(gate, need)


def _entries(
    rng: np.random.Generator, begins_in: np.ndarray, last: np.ndarray, created: np.ndarray,
    end: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """When each stage from 1 to 6 (columns) is entered; NEVER if it is skipped or not reached."""
    count = len(created)
    order = np.arange(1, 7)
    visited = (order >= begins_in[:, None]) & (order <= last[:, None])
    skipped = rng.random((count, 6)) < np.array([0, 0.08, 0.1, 0.15, 0.2, 0.3])
    visited &= ~skipped | (order == begins_in[:, None]) | (order == last[:, None])
    weight = np.where(visited, _STAGE_TIME * (0.5 + rng.random((count, 6))), 0.0)
    done = np.cumsum(weight, axis=1)
    before = (done - weight) / done[:, -1:]
    first, final = clock.to_business(created), clock.to_business(end)
    at = first[:, None] + ((final - first)[:, None] * before).astype(np.int64)
    entries = clock.from_business(at)
    entries[np.arange(count), begins_in - 1] = created
    return np.where(visited, entries, NEVER)


class Course:
    """Plans the next deal for each of some accounts, step by step.

    Each step decides one thing for all deals at once and stores it in attributes, one value per
    deal. Random numbers are drawn in the order of the steps, so a different order would give
    different companies for the same seed.
    """

    def __init__(
        self,
        rng: np.random.Generator,
        k: int,
        who: np.ndarray,
        accounts: dict[str, np.ndarray],
        state: dict[str, np.ndarray],
        frame: Calendar,
    ) -> None:
        self.rng, self.k, self.who, self.accounts = rng, k, who, accounts
        self.state, self.frame, self.n = state, frame, len(who)
        self.segment, self.motion = accounts["segment"][who], state["motion"][who]
        self.created = state["next_at"][who]
        self.created_day = self.created // DAY
        self.named = accounts["named"][who]
        self.later_rules = self.created >= frame.rules_change

    def plan(self) -> dict[str, np.ndarray]:
        """The columns of the plan, one row per deal."""
        self._pick_source()
        self._pick_scenario()
        self._plan_end()
        self._plan_decision_maker()
        self._record_source()
        self._plan_amount()
        self._qualify()
        self._plan_close_date()
        self._cut_off()
        return self._relate()

    def planted(self, *names: str) -> np.ndarray:
        """Which deals have one of these scenarios at this point."""
        return np.isin(self.scenario, [CODE[name] for name in names])

    def _pick_source(self) -> None:
        """Decide the source of each deal."""
        self.source = np.empty(self.n, dtype=np.int64)
        for m in range(3):
            of = self.motion == m
            self.source[of] = clock.pick(self.rng, _SOURCE_MIX[m], int(of.sum()))
        self.self_serve = self.rng.random(self.n) < np.array([0.15, 0.02, 0, 0.1])[self.segment] * (
            self.motion < 2
        )
        self.source[self.self_serve] = 4

    def _pick_scenario(self) -> None:
        """Decide the scenario of each deal."""
        weights = np.array(list(WEIGHTS.values()))
        weights[0] = 1000 - weights.sum()
        self.scenario = clock.pick(self.rng, weights, self.n)
        plain = (
            self.named
            | ((self.motion == 2) & (self.rng.random(self.n) < 0.7))
            | (self.accounts["currency"][self.who] == 3)
        )
        plain |= ~self.later_rules & np.isin(self.scenario, [CODE[s] for s in LATER_RULES])
        # Deals that stay open for years would pile up, all with the same flaw.
        old = self.created < self.frame.end - 240 * DAY
        plain |= old & np.isin(self.scenario, [CODE[s] for s in STAYS_OPEN])
        self.scenario[plain | self.self_serve] = 0
        self.scenario[self.self_serve] = CODE["self_serve"]
        self.at_once = self.self_serve & (self.rng.random(self.n) < 0.25)
        self.scenario[self.at_once] = CODE["self_serve_at_once"]

    def _plan_end(self) -> None:
        """Decide how long each deal takes, whether it is won, and its stages."""
        cycle = _CYCLE_DAYS[self.segment] * np.array([1000, 720, 0])[self.motion] // 1000
        cycle = np.where(self.motion == 2, 85, cycle)
        self.days = np.clip(clock.spread(self.rng, cycle, clock.DURATION_SPREAD), 5, 300)
        self.days[self.self_serve] = self.rng.integers(1, 15, int(self.self_serve.sum()))
        self.won = self.rng.integers(0, 1000, self.n) < _WIN_PERMILLE[self.motion, self.segment]
        self.won[self.self_serve] = self.rng.random(int(self.self_serve.sum())) < 0.6
        self.won[self.at_once] = True
        self.won &= ~self.planted(*NOT_WON)
        self.days = np.where(self.planted("horizon_crossed"), np.maximum(self.days, 90), self.days)
        self.days = np.where(
            self.planted("decision_maker_after_close_date"), np.maximum(self.days, 45), self.days
        )
        self.days = np.where(
            self.planted("no_history_closed"), np.minimum(self.days, 190), self.days
        )
        self.days = np.where(
            self.planted("reopened_before_qualified", "reopened_after_qualified"),
            np.maximum(self.days, 30),
            self.days,
        )
        self.ends = clock.from_business(
            clock.to_business(self.created) + self.days * (36_000 * 5) // 7
        )
        self.ends = np.maximum(self.ends, self.created + 3600)
        # Sellers close whatever they can at the end of a quarter.
        close_by = clock.quarter_end(self.ends // DAY)
        wait = close_by - self.ends // DAY
        moved = (self.rng.random(self.n) < 0.4) & (wait <= 24) & ~self.self_serve
        at_quarter_end = (close_by - self.rng.integers(0, 6, self.n)) * DAY + 9 * 3600
        at_quarter_end = clock.from_business(clock.to_business(at_quarter_end))
        at_quarter_end += self.rng.integers(0, 25_000, self.n)
        self.ends = np.where(moved & (at_quarter_end > self.ends), at_quarter_end, self.ends)
        stuck = (
            (self.rng.random(self.n) < 0.018) & (self.motion < 2) & ~self.self_serve & ~self.named
        )
        self.stays_open = stuck | self.planted(*STAYS_OPEN)

        begins_in = np.empty(self.n, dtype=np.int64)
        for m in range(3):
            of = self.motion == m
            begins_in[of] = 1 + clock.pick(self.rng, _BEGINS_IN[m], int(of.sum()))
        begins_in[self.planted(*STRAIGHT) | self.named] = 3
        begins_in[self.planted("reopened_before_qualified")] = 1
        fixed = self.planted("no_history_open")
        begins_in[fixed] = self.rng.integers(3, 6, int(fixed.sum()))
        last = np.where(
            self.won | self.stays_open,
            4 + (self.rng.random(self.n) < 0.6) + (self.rng.random(self.n) < 0.6),
            1 + clock.pick(self.rng, _LOST_IN, self.n),
        )
        last = np.maximum(last, begins_in)
        one_stage = self.planted("no_history_open", "no_history_closed", "unknown_stage_always")
        last = np.where(one_stage, begins_in, last)
        last = np.where(self.planted("reopened_before_qualified"), np.maximum(last, 3), last)
        self.entries = _entries(self.rng, begins_in, last, self.created, self.ends)
        self.reopened = self.planted("reopened_before_qualified")
        self.entries[self.reopened, 1] = NEVER
        third = clock.between(self.rng, self.created, self.ends, 0.3, 0.5)
        self.entries[self.reopened, 2] = third[self.reopened]
        late_fourth = self.entries[:, 3:] <= third[:, None]
        self.entries[:, 3:][self.reopened[:, None] & late_fourth] = NEVER
        self.entries[
            self.planted("self_serve_at_once") | self.planted("no_history_closed_at_once")
        ] = NEVER

    def _plan_decision_maker(self) -> None:
        """Decide when the decision maker is entered."""
        here = self.rng.random(self.n)
        self.decides_at = np.where(
            here < 0.8, self.created, clock.between(self.rng, self.created, self.ends, 0.03, 0.25)
        )
        self.decides_at[
            self.planted(*STRAIGHT, *NO_HISTORY) | self.self_serve | self.named | self.reopened
        ] = 0
        self.decides_at[self.planted("source_late", "source_switched_in_grace")] = 0
        self.decides_at = np.maximum(self.decides_at, self.created)
        late = self.planted("decision_maker_late")
        self.decides_at = np.where(
            late, clock.between(self.rng, self.created, self.ends, 0.15, 0.7), self.decides_at
        )
        self.decides_at[self.planted("decision_maker_never")] = NEVER

    def _record_source(self) -> None:
        """Decide what the CRM says about the source, and since when."""
        self.known_at = self.created.copy()
        late = self.planted("source_late")
        arrives = self.created + np.where(
            self.rng.random(self.n) < 0.1,
            rules.GRACE_DAYS * DAY,
            self.rng.integers(3600, rules.GRACE_DAYS * DAY, self.n),
        )
        self.known_at[late] = arrives[late]
        switched = self.planted("source_switched_in_grace")
        self.changes_at = np.full(self.n, NEVER)
        self.changes_at[late | switched] = arrives[late | switched]
        after = self.planted("source_after_grace", "source_changed")
        later = (
            self.created
            + rules.GRACE_DAYS * DAY
            + np.where(self.rng.random(self.n) < 0.1, 1, self.rng.integers(DAY, 40 * DAY, self.n))
        )
        self.changes_at[after] = later[after]
        # If the value arrives after the end of the data, the scenario has not happened yet.
        waiting = late & (arrives >= self.frame.end)
        after &= self.changes_at < self.frame.end
        self.scenario[self.planted("source_changed") & ~after] = 0
        self.scenario[switched & (arrives >= self.frame.end)] = 0
        self.changes_at[self.changes_at >= self.frame.end] = NEVER
        self.unknown = self.planted("source_never", "source_after_grace") | waiting
        self.kind = np.empty(self.n, dtype=np.int64)
        for s in range(5):
            of = self.source == s
            self.kind[of] = clock.pick(self.rng, _SOURCE_KIND[s], int(of.sum()))
        by_lead = self.planted(
            "source_late", "source_after_grace", "source_switched_in_grace", "source_changed"
        )
        self.kind[by_lead] = 1
        self.replaced = self.source.copy()
        swap = self.planted("source_switched_in_grace", "source_changed")
        self.replaced[swap] = (self.source[swap] + 1 + self.rng.integers(0, 3, int(swap.sum()))) % 4
        self.shown = np.where(self.planted("source_switched_in_grace"), self.replaced, self.source)
        self.shown[self.unknown] = 5
        self.known_at = np.where(self.unknown, NEVER, self.known_at)

    def _plan_amount(self) -> None:
        """Decide the amount, and when it is entered."""
        scale = np.array([1000, 450, 900])[self.motion]
        self.amount = clock.spread(
            self.rng, _AMOUNT[self.segment] * scale // 1000, clock.AMOUNT_SPREAD
        )
        self.amount = np.where(self.self_serve, self.amount // 3, self.amount)
        self.amount = np.maximum(self.amount // 100 * 100, 400) * 100
        odd = self.rng.random(self.n) < 0.15
        self.amount = self.amount + np.where(odd, self.rng.integers(1, 9999, self.n), 0)
        self.at_first = self.amount.copy()
        self.at_first[self.planted("amount_late", "amount_never", "amount_unparsed")] = EMPTY
        holder = self.planted("placeholder_late", "placeholder_never")
        self.at_first[holder] = np.array(rules.PLACEHOLDER_CENTS)[
            self.rng.integers(0, 2, int(holder.sum()))
        ]
        negative = self.planted("amount_negative")
        self.at_first[negative] = -self.amount[negative]
        self.need = self.known_at.copy()
        self.amount_at = np.full(self.n, NEVER)
        late = self.planted("amount_late", "placeholder_late")
        self.amount_at[late] = clock.between(self.rng, self.created, self.ends, 0.1, 0.5)[late]
        self.need = np.where(late, self.amount_at, self.need)
        self.replanned_at = np.full(self.n, NEVER)
        late = self.planted("close_date_late")
        self.replanned_at[late] = clock.between(self.rng, self.created, self.ends, 0.1, 0.5)[late]
        self.need = np.where(late, self.replanned_at, self.need)

    def _qualify(self) -> None:
        """Decide when each deal qualifies."""
        self.crossing = self.planted("horizon_crossed")
        self.wait = self.rng.integers(4, 40, self.n)
        self.need = np.where(self.crossing, (self.created_day + self.wait) * DAY, self.need)
        # Without history, the imputed open state begins when the deal is created.
        self.entries[self.planted("no_history_closed")] = NEVER
        self.entries[self.planted("no_history_closed"), 2] = self.created[
            self.planted("no_history_closed")
        ]
        self.qualified = _qualifies_at(self.entries, self.need, self.decides_at, self.frame)
        self.qualified[self.planted(*NEVER_QUALIFIED) | self.unknown] = NEVER
        self.qualified[self.qualified >= self.ends] = NEVER
        self.qualified = np.where(self.qualified >= self.frame.end, NEVER, self.qualified)

    def _plan_close_date(self) -> None:
        """Decide the close date: reachable when the deal qualifies, unless planned otherwise."""
        # Sellers guess the close date; for large deals they guess late.
        guess = self.days + self.rng.integers(-10, 15, self.n)
        guess += np.where(self.rng.random(self.n) < 0.35, self.rng.integers(20, 130, self.n), 0) * (
            self.segment > 0
        )
        self.goal = np.minimum(clock.month_end(self.created_day + guess), self.created_day + 250)
        counted_day = np.where(self.qualified < NEVER, self.qualified, self.created) // DAY
        self.goal = np.maximum(self.goal, counted_day + 3)
        horizon = rules.MAX_HORIZON_DAYS[1]
        self.goal = np.where(self.crossing, self.created_day + self.wait + horizon, self.goal)
        self.goal = np.where(
            self.planted("horizon_never"),
            self.created_day + horizon + 300 + 7 * self.wait,
            self.goal,
        )
        too_soon = self.planted("decision_maker_after_close_date")
        self.goal = np.where(too_soon, self.created_day + 5 + self.wait % 12, self.goal)
        self.decides_at = np.where(
            too_soon, (self.goal + 3 + self.wait % 9) * DAY + 36_000, self.decides_at
        )
        self.first_goal = self.goal.copy()
        self.first_goal[self.planted("close_date_never", "close_date_unparsed")] = EMPTY
        late = self.planted("close_date_late")
        self.first_goal[late] = self.created_day[late] - self.rng.integers(1, 25, int(late.sum()))
        at_replan = np.maximum(
            np.where(late, self.replanned_at // DAY, 0) + self.rng.integers(20, 100, self.n),
            self.goal,
        )
        self.goal = np.where(late, at_replan, self.goal)

    def _cut_off(self) -> None:
        """Decide what has happened by the end of the data."""
        once = self.planted("no_history_closed_at_once", "self_serve_at_once")
        self.closed_at = np.where(once, self.created, self.ends)
        self.closed_at[self.stays_open & ~once] = NEVER
        self.closed_at[self.closed_at >= self.frame.end] = NEVER
        self.modified_at = np.full(self.n, EMPTY)
        gone = self.planted("no_history_closed")
        self.scenario[gone & (self.closed_at == NEVER)] = CODE["no_history_open"]
        gone &= self.closed_at < NEVER
        midnight = self.ends // DAY * DAY
        self.closed_at[gone] = midnight[gone]
        by_modified = self.rng.random(self.n) < 0.35
        marked = np.minimum(self.ends + self.rng.integers(0, 20, self.n) * DAY, self.frame.end - 1)
        self.modified_at[gone] = np.where(by_modified, self.ends, marked)[gone]
        beyond = np.minimum(
            self.ends // DAY + self.rng.integers(5, 50, self.n), self.created_day + 250
        )
        self.first_goal[gone] = np.where(
            by_modified, np.maximum(beyond, self.ends // DAY), self.ends // DAY
        )[gone]
        # A closed deal without a modification date counts as closed on its close date.
        self.modified_at[gone & ~by_modified & (self.rng.random(self.n) < 0.2)] = NEVER
        self.qualified[gone & (self.qualified >= self.closed_at)] = NEVER
        once = self.planted("no_history_closed_at_once")
        self.first_goal[once] = self.created_day[once] - self.rng.integers(1, 30, int(once.sum()))
        self.goal = np.where(gone | once, self.first_goal, self.goal)

        self.lost_at, self.reopened_at = np.full(self.n, NEVER), np.full(self.n, NEVER)
        middle = clock.between(
            self.rng, self.created, np.where(self.reopened, self.entries[:, 2], self.ends), 0.3, 0.7
        )
        self.lost_at[self.reopened] = middle[self.reopened]
        self.reopened_at[self.reopened] = self.entries[self.reopened, 2]
        again = (
            self.planted("reopened_after_qualified")
            & (self.qualified < NEVER)
            & (self.ends - self.qualified > 9 * DAY)
        )
        self.scenario[self.planted("reopened_after_qualified") & ~again] = 0
        from_here = np.where(again, self.qualified, self.created)
        self.lost_at[again] = clock.between(self.rng, from_here, self.ends, 0.25, 0.45)[again]
        self.reopened_at[again] = clock.between(self.rng, from_here, self.ends, 0.55, 0.75)[again]
        # If it is reopened after the end of the data, the data only shows that it was lost.
        as_yet = (self.lost_at < self.frame.end) & (self.reopened_at >= self.frame.end)
        self.closed_at = np.where(as_yet, self.lost_at, self.closed_at)
        self.won = self.won & ~as_yet
        not_yet = (self.reopened | again) & (self.lost_at >= self.frame.end)
        self.scenario[not_yet | as_yet] = 0
        self.lost_at[not_yet | as_yet] = NEVER
        self.reopened_at[(self.reopened_at >= self.frame.end) | not_yet | as_yet] = NEVER
        comes_back = self.planted("left_and_came_back") & (self.qualified < NEVER)
        comes_back &= np.minimum(self.ends, self.frame.end) - self.qualified > 6 * DAY
        self.scenario[self.planted("left_and_came_back") & ~comes_back] = 0
        unsure = self.planted("unknown_stage_now", "unknown_stage_passed")
        self.scenario[
            unsure & ((self.qualified == NEVER) | (self.frame.end - self.qualified < 3 * DAY))
        ] = 0
        self.scenario[
            self.planted("unknown_stage_passed") & (self.ends - self.qualified < 6 * DAY)
        ] = 0

    def _relate(self) -> dict[str, np.ndarray]:
        """Relate each deal to earlier deals of its account; returns the columns of the plan."""
        prior_lost = np.where(
            self.motion < 2, self.state["lost_at"][self.who, np.minimum(self.motion, 1)], -NEVER
        )
        near = self.created - prior_lost <= rules.RECYCLE_WINDOW_DAYS * DAY
        u = self.rng.random(self.n)
        flag = np.where(near, u < 0.3, u < 0.018) & ~self.named & (self.motion < 2)
        clone = np.where(near, (u >= 0.3) & (u < 0.5), (u >= 0.02) & (u < 0.035)) & ~self.named
        clone &= (self.motion < 2) & (self.state["prior_slot"][self.who] >= 0)
        by_fallback = np.where(self.state["won_at"][self.who] < self.created, 1, 0) == self.motion
        ghost = np.where(
            (self.rng.random(self.n) < 0.014) & ~self.named,
            self.rng.integers(1, len(GHOSTS), self.n),
            0,
        )
        ghost[np.isin(self.scenario, [CODE[s] for s in NO_HISTORY])] = 0
        zeros = np.zeros(self.n, dtype=np.int64)
        return {
            "account": self.who,
            "id": self.accounts["ordinal"][self.who] * SLOTS + self.k,
            "k": zeros + self.k,
            "segment": self.segment,
            "currency": self.accounts["currency"][self.who],
            "motion": self.motion,
            "unmapped_type": by_fallback & (self.rng.random(self.n) < 0.15),
            "scenario": self.scenario,
            "created": self.created,
            "source": self.shown,
            "recorded_source": self.source,
            "kind": self.kind,
            "new_source": self.replaced,
            "source_changes_at": self.changes_at,
            "decides_at": np.where(self.decides_at >= self.frame.end, NEVER, self.decides_at),
            "entries": self.entries,
            "ends": self.ends,
            "closed_at": self.closed_at,
            "won": self.won & (self.closed_at < NEVER),
            "lost_at": self.lost_at,
            "reopened_at": self.reopened_at,
            "qualified": self.qualified,
            "first_amount": self.at_first,
            "amount": self.amount,
            "amount_at": self.amount_at,
            "first_goal": self.first_goal,
            "goal": self.goal,
            "replanned_at": self.replanned_at,
            "modified_at": self.modified_at,
            "flag": flag,
            "clone_of": np.where(
                clone,
                self.accounts["ordinal"][self.who] * SLOTS + self.state["prior_slot"][self.who],
                -1,
            ),
            "prior_lost": np.where(
                near,
                self.accounts["ordinal"][self.who] * SLOTS
                + self.state["lost_slot"][self.who, np.minimum(self.motion, 1)],
                -1,
            ),
            "within_window": near,
            "duplicate_of": zeros - 1,
            "ghost": ghost,
        }
