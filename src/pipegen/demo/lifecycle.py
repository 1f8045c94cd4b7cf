"""What the systems recorded of each person's way to sales, and what they failed to record.

What belongs here: which statuses leads and contacts came to and when, which of them the logs lack
or have in the wrong order, who has no address, and who was called. What does not: the tables that
say so (`people`, `touches`), and what follows from them (`journeys`).

Every decision here comes from a random stream of its own.
"""

from __future__ import annotations

import numpy as np

from pipegen.demo import clock
from pipegen.demo.clock import DAY, NEVER
from pipegen.demo.scenarios import Calendar

NEW, MQL, SAL, REJECTED, RECYCLED, SQL, NURTURE = range(7)
STATUSES = (
    "Open - Not Contacted", "MQL", "Working - Contacted", "Disqualified", "Recycled", "Qualified",
    "Nurture",
)  # fmt: skip
# The seed's stage of each status; `stages` of the journey by the same words.
STAGE_OF = ("inquiry", "mql", "sal", "rejected", "recycled", "sql", "recycled")

# After this long, sales has decided on nearly every lead that marketing handed over.
_DECIDED_AFTER = 45 * DAY


def plan_leads(rng: np.random.Generator, leads: dict[str, np.ndarray], frame: Calendar) -> None:
    """Add to leads when each status came, and what the logs have of it.

    `mql_at`, `sal_at` and `final_at` are when marketing qualified the lead, when sales accepted it,
    and when it was turned away. `is_accepted` says that the log of the CRM has the acceptance;
    `has_final`, `has_mql`, `has_qualified` that it has the end, the MQL and the conversion;
    `is_dated` that the conversion has a date; `has_email` that the CRM has an address.
    """
    n = len(leads["number"])
    drawn = {name: rng.random(n) for name in (
        "decided", "as", "swap", "final", "mql", "qualified", "dated", "email",
    )}  # fmt: skip
    reached, lone = leads["reached"], leads["is_lone"]
    waits = lone & (reached == MQL) & (leads["stamps"][:, 2] < frame.end - _DECIDED_AFTER)
    waits &= drawn["decided"] < 0.88
    to = np.where(drawn["as"] < 0.5, RECYCLED, np.where(drawn["as"] < 0.85, REJECTED, NURTURE))
    leads["reached"] = reached = np.where(waits, to, reached)
    accepted = np.isin(reached, [SAL, SQL]) & ~leads["skips_sal"]
    in_map = leads["map_id"] >= 0
    mql, sal, final = leads["stamps"].T
    # Sales called before marketing's score was high enough: the MQL comes after the acceptance.
    swaps = accepted & in_map & (drawn["swap"] < 0.06)
    turned = np.isin(reached, [REJECTED, RECYCLED, NURTURE])
    is_dated = lone | (drawn["dated"] >= 0.02)
    leads |= {
        "mql_at": np.where(swaps, sal, mql),
        "sal_at": np.where(swaps, mql, sal),
        "final_at": final,
        "is_accepted": accepted,
        "is_turned": turned,
        "has_final": turned & (drawn["final"] >= 0.07),
        # If the marketing platform does not know the lead, the CRM's status records the MQL.
        "is_mql_in_crm": ~in_map & (reached != NEW),
        "has_mql": ~in_map & (reached != NEW) & ~(accepted & (drawn["mql"] < 0.12)),
        "has_qualified": ~lone & (~is_dated | (drawn["qualified"] >= 0.1)),
        "is_dated": is_dated,
        "has_email": ~lone | (drawn["email"] >= 0.03),
    }


def plan_contacts(
    rng: np.random.Generator, contacts: dict[str, np.ndarray], frame: Calendar
) -> None:
    """Add to contacts the statuses of those whom marketing qualified without any lead.

    `status` is the present one (-1: none); `status_log` has columns `contact`, `at`, `old`, `new`.
    """
    n = len(contacts["number"])
    first = contacts["created"] + rng.integers(15, 320, n) * DAY + rng.integers(0, DAY, n)
    second = first + rng.integers(1, 12 * DAY, n)
    third = second + rng.integers(4 * DAY, 40 * DAY, n)
    chosen = ~contacts["has_lead"] & (rng.random(n) < 0.2) & (first < frame.end)
    reached = np.array([SAL, SQL, REJECTED, RECYCLED])[clock.pick(rng, [24, 26, 26, 24], n)]
    waits = (second >= frame.end) | ((first >= frame.end - _DECIDED_AFTER)
                                     & (rng.random(n) < 0.3))  # fmt: skip
    reached = np.where(waits, MQL, reached)
    reached = np.where((reached == SQL) & (third >= frame.end), SAL, reached)
    # Accepted first, and marked as an MQL afterwards, when a report asked for it.
    swapped = (reached == SAL) & (rng.random(n) < 0.15)
    logged = chosen & (rng.random(n) >= 0.1)
    steps = (
        (~swapped, first, -1, MQL),
        (np.isin(reached, [SAL, SQL]) & ~swapped, second, MQL, SAL),
        (reached == SQL, third, SAL, SQL),
        (reached == REJECTED, second, MQL, REJECTED),
        (reached == RECYCLED, second, MQL, RECYCLED),
        (swapped, first, -1, SAL),
        (swapped, second, SAL, MQL),
    )
    rows = [
        (of := np.flatnonzero(logged & which), at[of], np.full(len(of), old), np.full(len(of), new))
        for which, at, old, new in steps
    ]
    contact, at, old, new = (np.concatenate(column) for column in zip(*rows, strict=True))
    contacts["status"] = np.where(chosen, np.where(swapped, MQL, reached), -1)
    contacts["is_logged"] = logged
    contacts["mql_at"] = np.where(chosen & ~swapped, first, NEVER)
    contacts |= {"log_contact": contact, "log_at": at, "log_old": old, "log_new": new}


def plan_calls(
    rng: np.random.Generator, contacts: dict[str, np.ndarray], leads: dict[str, np.ndarray],
    sellers: int, frame: Calendar,
) -> dict[str, np.ndarray]:  # fmt: skip
    """Calls to those whom marketing handed over: `is_lead`, `row`, `at`, `owner` and `draw`.

    `owner` is the position among `sellers` sellers for contacts, and -1 for leads, whose owner
    calls them.
    """
    of_lead = np.flatnonzero(leads["reached"] != NEW)
    of_contact = np.flatnonzero((contacts["status"] >= 0) & (contacts["mql_at"] < NEVER))
    is_lead = np.arange(len(of_lead) + len(of_contact)) < len(of_lead)
    row = np.concatenate([of_lead, of_contact])
    mql = np.concatenate([leads["mql_at"][of_lead], contacts["mql_at"][of_contact]])
    held = np.concatenate(
        [leads["reached"][of_lead] == MQL, contacts["status"][of_contact] == MQL]
    )
    n = len(row)
    # Most within two days, some after a week; some of those nobody decided on were never called.
    wait = np.where(rng.random(n) < 0.72, rng.integers(0, 3, n), rng.integers(3, 12, n))
    second = rng.integers(9 * 3600, 17 * 3600, n)
    at = np.maximum((mql // DAY + wait) * DAY + second, mql + 600)
    owner = np.where(is_lead, -1, rng.integers(0, sellers, n))
    draw = rng.integers(0, 1 << 20, n)
    kept = np.flatnonzero((rng.random(n) < np.where(held, 0.5, 0.88)) & (at < frame.end))
    return {"is_lead": is_lead[kept], "row": row[kept], "at": at[kept], "owner": owner[kept],
            "draw": draw[kept]}  # fmt: skip
