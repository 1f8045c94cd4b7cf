"""The scenarios that deals can have, by name, and the period of the data.

What belongs here: which scenarios there are, how frequent they are, and what they have in common;
constants that the plan, the story and the tables share. What does not: what a scenario does
(`course`).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from pipegen.demo import clock, rules
from pipegen.demo.clock import DAY

# Stands for "empty" in planned amounts (cents) and days.
EMPTY = np.int64(-(1 << 60))

SEGMENTS = ("smb", "mid_market", "enterprise", "unknown")
CURRENCIES = ("USD", "EUR", "GBP", "CHF")

# Each account has this many ids for deals: 0 to 15 for its deals, then copies of each.
SLOTS = 64
FIRST_COPY, SECOND_COPY = 16, 32

# How many of a thousand new-business or expansion deals have each scenario.
WEIGHTS = {
    "clean": 0,  # takes the rest
    "amount_late": 22,
    "placeholder_late": 22,
    "close_date_late": 18,
    "horizon_crossed": 14,
    "source_late": 28,
    "decision_maker_late": 45,
    "amount_never": 20,
    "placeholder_never": 26,
    "close_date_never": 8,
    "horizon_never": 10,
    "source_never": 26,
    "source_after_grace": 20,
    "decision_maker_never": 36,
    "decision_maker_after_close_date": 12,
    "unknown_stage_always": 16,
    "unknown_stage_now": 16,
    "unknown_stage_passed": 10,
    "no_history_open": 20,
    "no_history_closed": 14,
    "no_history_closed_at_once": 3,
    "reopened_before_qualified": 14,
    "reopened_after_qualified": 16,
    "left_and_came_back": 18,
    "amount_negative": 8,
    "amount_unparsed": 10,
    "close_date_unparsed": 10,
    "source_switched_in_grace": 10,
    "source_changed": 24,
    # Not drawn: assigned to deals that fit.
    "self_serve": 0,
    "self_serve_at_once": 0,
    "duplicate": 0,
    "duplicate_created_first": 0,
    "duplicate_window_edge": 0,
    "chain_third": 0,
    "copy_after_window": 0,
    "copy_other_currency": 0,
    "copy_of_lost": 0,
    "copy_of_unqualified": 0,
}
SCENARIOS = tuple(WEIGHTS)
CODE = {name: code for code, name in enumerate(SCENARIOS)}

# Deals that start in Evaluation with a decision maker, so that only the scenario decides when they
# qualify.
STRAIGHT = (
    "amount_late", "placeholder_late", "close_date_late", "horizon_crossed", "decision_maker_late",
    "amount_never", "placeholder_never", "close_date_never", "horizon_never",
    "decision_maker_after_close_date", "amount_negative", "amount_unparsed", "close_date_unparsed",
    "no_history_closed", "self_serve",
)  # fmt: skip
NO_HISTORY = ("no_history_open", "no_history_closed", "no_history_closed_at_once")
# Deals that never qualify, whatever else happens.
NEVER_QUALIFIED = (
    "amount_never", "placeholder_never", "close_date_never", "horizon_never", "source_never",
    "source_after_grace", "decision_maker_after_close_date", "unknown_stage_always",
    "no_history_closed_at_once", "amount_negative", "amount_unparsed", "close_date_unparsed",
    "self_serve_at_once",
)  # fmt: skip
# Deals that must not be won: winning would fill in what the scenario leaves empty.
NOT_WON = (
    "amount_never", "placeholder_never", "close_date_never", "amount_negative", "amount_unparsed",
    "close_date_unparsed", "no_history_closed_at_once", "unknown_stage_always",
)  # fmt: skip
# Deals that are still open at the end of the data.
STAYS_OPEN = (
    "unknown_stage_always", "unknown_stage_now", "no_history_open", "amount_negative",
    "amount_unparsed", "close_date_unparsed", "placeholder_never",
)  # fmt: skip
# Only under the later rules, which require a decision maker and a close date within 270 days.
LATER_RULES = (
    "horizon_crossed", "horizon_never", "decision_maker_late", "decision_maker_after_close_date",
)  # fmt: skip

GHOSTS = ("", "deleted", "ambiguous_key", "no_stage", "no_date")


@dataclass(frozen=True)
class Calendar:
    """The period of the data, which is the same for all chunks."""

    start: int  # seconds since 1970
    end: int  # the first instant after AS_OF
    rules_change: int

    @classmethod
    def of(cls, as_of: dt.date, history_days: int) -> Calendar:
        """The calendar of the `history_days` days that end with `as_of`."""
        end = (clock.day_number(as_of) + 1) * DAY
        change = clock.day_number(rules.RULES_CHANGE_ON) * DAY
        return cls(start=end - history_days * DAY, end=end, rules_change=change)
