"""The lies that are planted, by name, and the frame in which everything happens.

Belongs here: which scenarios there are, how often, and which of them leave what empty; constants
that plan, story and tables share. Does not belong here: what a scenario does (`course`).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from pipegen.demo import clock, rules
from pipegen.demo.clock import DAY

# Values of planned money (cents) and days that stand for "empty".
EMPTY = np.int64(-(1 << 60))

SEGMENTS = ("smb", "mid_market", "enterprise", "unknown")
CURRENCIES = ("USD", "EUR", "GBP", "CHF")

# Slots of an account's ids: 0 to 15 its deals, then copies of each.
SLOTS = 64
FIRST_COPY, SECOND_COPY = 16, 32

# Scenario and its weight among a thousand deals of new business or expansion.
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
    # Never drawn; set by what a deal is.
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

# Deals that enter the CRM in Evaluation with a decision maker, so that only what the scenario is
# about decides when they qualify.
STRAIGHT = (
    "amount_late", "placeholder_late", "close_date_late", "horizon_crossed", "decision_maker_late",
    "amount_never", "placeholder_never", "close_date_never", "horizon_never",
    "decision_maker_after_close_date", "amount_negative", "amount_unparsed", "close_date_unparsed",
    "no_history_closed", "self_serve",
)  # fmt: skip
NO_HISTORY = ("no_history_open", "no_history_closed", "no_history_closed_at_once")
# Never qualified, whatever else happens.
NEVER_QUALIFIED = (
    "amount_never", "placeholder_never", "close_date_never", "horizon_never", "source_never",
    "source_after_grace", "decision_maker_after_close_date", "unknown_stage_always",
    "no_history_closed_at_once", "amount_negative", "amount_unparsed", "close_date_unparsed",
    "self_serve_at_once",
)  # fmt: skip
# Would be ambiguous if won: the close of a won deal fills what the scenario leaves empty.
NOT_WON = (
    "amount_never", "placeholder_never", "close_date_never", "amount_negative", "amount_unparsed",
    "close_date_unparsed", "no_history_closed_at_once", "unknown_stage_always",
)  # fmt: skip
# Open to the end of the data.
STAYS_OPEN = (
    "unknown_stage_always", "unknown_stage_now", "no_history_open", "amount_negative",
    "amount_unparsed", "close_date_unparsed", "placeholder_never",
)  # fmt: skip
# Only under the later rules, which want a decision maker and look 270 days ahead.
LATER_RULES = (
    "horizon_crossed", "horizon_never", "decision_maker_late", "decision_maker_after_close_date",
)  # fmt: skip

GHOSTS = ("", "deleted", "ambiguous_key", "no_stage", "no_date")


@dataclass(frozen=True)
class Calendar:
    """What is the same for all chunks: first and last instant of the data, and its size."""

    start: int  # seconds since 1970
    end: int  # the first instant after AS_OF
    rules_change: int

    @classmethod
    def of(cls, as_of: dt.date, history_days: int) -> Calendar:
        """The frame of `history_days` days that end on `as_of`."""
        end = (clock.day_number(as_of) + 1) * DAY
        change = clock.day_number(rules.RULES_CHANGE_ON) * DAY
        return cls(start=end - history_days * DAY, end=end, rules_change=change)
