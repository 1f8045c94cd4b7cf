"""Why deals were won or lost: what sellers chose from the CRM's list, and what they left blank.

What belongs here: the reason of each closed deal, and corrections of it. What does not: whether a
deal was won or lost (`course`), and the tables that say so (`crm`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipegen.demo import clock
from pipegen.demo.clock import DAY, NEVER
from pipegen.demo.scenarios import Calendar

REASONS = (
    "Product fit", "Price", "Existing relationship", "Integrations", "Security and compliance",
    "Lost to competitor", "Missing feature", "Champion left",
    "No decision", "No budget", "Bad timing",
)  # fmt: skip
# Weights by segment: a small company buys for the price, a large one for what its auditors ask.
_WON = (
    [34, 30, 14, 12, 2, 0, 0, 0, 0, 0, 0],
    [32, 18, 20, 18, 8, 0, 0, 0, 0, 0, 0],
    [24, 8, 26, 18, 24, 0, 0, 0, 0, 0, 0],
    [34, 24, 18, 14, 6, 0, 0, 0, 0, 0, 0],
)
# Of the deals whose stage is called Closed Lost, and of those called Closed - No Decision.
_LOST = (
    [0, 42, 0, 6, 2, 26, 20, 6, 0, 0, 0],
    [0, 28, 0, 10, 6, 36, 16, 8, 0, 0, 0],
    [0, 14, 0, 12, 16, 38, 12, 12, 0, 0, 0],
    [0, 32, 0, 8, 6, 30, 18, 8, 0, 0, 0],
)
_UNDECIDED = [0, 0, 0, 0, 0, 0, 0, 0, 50, 28, 22]
# Of a hundred: sellers are asked for the reason of a loss, and hardly for that of a win. Nobody
# talks to a customer who buys and leaves alone.
_BLANK_WON, _BLANK_LOST, _BLANK_SELF_SERVE = 32, 14, 75
_CORRECTED = 7

NONE = -1


@dataclass(frozen=True)
class Reasons:
    """A code per deal (NONE: blank), how a blank is written, and corrections (NEVER: none)."""

    code: np.ndarray
    is_spaces: np.ndarray
    first_code: np.ndarray
    corrected_at: np.ndarray


def plan_reasons(
    rng: np.random.Generator, deals: dict[str, np.ndarray], settled: dict[str, np.ndarray],
    frame: Calendar,
) -> Reasons:  # fmt: skip
    """The reason of each deal. A deal that was lost and reopened keeps the one of that loss."""
    n = len(deals["id"])
    won, closed = deals["won"], ~settled["is_open"]
    was_lost = ~closed & (deals["lost_at"] < NEVER)
    u = rng.integers(0, 100, n)
    code = np.full(n, NONE)
    undecided = deals["id"] % 2 == 1
    draws = {
        name: np.stack([clock.pick(rng, weights, n) for weights in tables])
        for name, tables in (("won", _WON), ("lost", _LOST), ("undecided", (_UNDECIDED,) * 4))
    }
    segment, every = deals["segment"], np.arange(n)
    lost_code = np.where(
        undecided, draws["undecided"][segment, every], draws["lost"][segment, every]
    )
    code = np.where(won, draws["won"][segment, every], lost_code)
    blank = np.where(won, _BLANK_WON, _BLANK_LOST)
    blank = np.where(deals["source"] == 4, _BLANK_SELF_SERVE, blank)
    given = (closed | was_lost) & (u >= blank)
    code = np.where(given, code, NONE)
    # A manager goes through the losses and puts right what was clicked in a hurry.
    wait = rng.integers(3, 30, n) * DAY
    corrected = given & closed & ~won & (rng.integers(0, 100, n) < _CORRECTED)
    corrected_at = np.where(corrected, deals["closed_at"], 0) + wait
    corrected &= corrected_at < frame.end
    first = np.where(corrected, (code + 1) % len(REASONS), code)
    first = np.where(corrected & (rng.random(n) < 0.4), NONE, first)
    return Reasons(
        code=code,
        is_spaces=rng.random(n) < 0.1,
        first_code=first,
        corrected_at=np.where(corrected, corrected_at, NEVER),
    )


def words(codes: np.ndarray) -> list[str]:
    """Each code's reason; empty for none."""
    return [REASONS[code] if code >= 0 else "" for code in codes.tolist()]
