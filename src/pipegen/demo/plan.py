"""The plan: which accounts there are, and how their deals follow one another.

What belongs here: accounts, the rounds in which their deals are planned, and planned copies; every
decision that makes a deal a duplicate, recycled or an expansion. What does not: what happens within
a deal (`course`), raw tables (`crm`, `people`), and applying the warehouse's rules to them.

Accounts are kept unambiguous: each deal begins after the previous one has closed, so the planned
gap alone decides whether a lost deal is within the recycle window. Only planned copies are created
within days of another deal, and for each it is planned whether it is a duplicate.
"""

from __future__ import annotations

import numpy as np

from pipegen.demo import clock, rules
from pipegen.demo.clock import DAY, NEVER
from pipegen.demo.course import Course
from pipegen.demo.scenarios import CODE, EMPTY, FIRST_COPY, SECOND_COPY, SLOTS, Calendar

_ROUNDS = 9
# More than a year and a quarter, so that today's win rates do not rest on such deals.
_CLEANED_UP_DAYS = 415


def plan_accounts(
    rng: np.random.Generator, first: int, count: int, frame: Calendar
) -> dict[str, np.ndarray]:
    """Accounts `first` to `first + count - 1`: size, currency, when and how each starts."""
    ordinal = first + np.arange(count)
    segment = clock.pick(rng, [545, 320, 120, 15], count)
    low = np.array([3, 210, 2_000, 0])[segment]
    employees = np.minimum(
        clock.spread(rng, np.array([45, 620, 5_200, 1])[segment], clock.AMOUNT_SPREAD),
        np.array([199, 1_999, 90_000, 1])[segment],
    )
    employees = np.maximum(employees, low)
    currency = clock.pick(rng, [62, 24, 14], count)
    currency[ordinal % 83 == 29] = 3
    span = frame.end - frame.start
    u, v, w = rng.random(count), rng.random(count), rng.random(count)
    # About linear growth: some accounts start at a uniform time, the others mostly late.
    part = np.where(w < 0.35, u, np.maximum(u, v))
    customer = rng.random(count) < 0.2
    part = np.where(customer, u * 0.6, part)
    begins = frame.start + (part * span).astype(np.int64)
    begins = clock.from_business(clock.to_business(begins))
    # These have one deal only, so that no other deal could be compared with one without an account.
    alone = np.full(count, "", dtype=object)
    alone[ordinal % 89 == 17] = "no_account"
    alone[ordinal % 97 == 31] = "deleted_account"
    named = ordinal < rules.NAMED_ACCOUNTS
    begins[named] = clock.from_business(
        clock.to_business(np.full(int(named.sum()), frame.end - 150 * DAY))
        + ordinal[named] * 40_000
    )
    begins = np.maximum(begins, frame.start)
    customer[named] = False
    currency[named] = 0
    alone[named] = ""
    customer[alone != ""] = False
    unknown_size = segment == 3
    unparsed = unknown_size & (ordinal % 2 == 0) & (alone == "")
    return {
        "ordinal": ordinal,
        "segment": segment,
        "employees": np.where(unknown_size, -1, employees),
        "unparsed_employees": unparsed,
        "currency": currency,
        "begins": begins,
        "customer": customer,
        "alone": alone.astype(str),
        "named": named,
        "merged": (ordinal % 47 == 13) & (alone == "") & ~unparsed,
    }


def plan_deals(
    rng: np.random.Generator, accounts: dict[str, np.ndarray], frame: Calendar
) -> dict[str, np.ndarray]:
    """All deals of the accounts, including ghosts (rows that turn out not to be deals).

    Deals are planned in rounds over all accounts: the first deal of each account, then the second,
    and so on. The outcome of one deal decides when the next one begins, and its motion.
    """
    count = len(accounts["ordinal"])
    state = {
        "next_at": accounts["begins"].copy(),
        "motion": np.where(accounts["customer"], 1 + (rng.random(count) < 0.45), 0),
        "won_at": np.full(count, NEVER),
        "lost_at": np.full((count, 2), -NEVER),
        "lost_slot": np.full((count, 2), -1),
        "prior_slot": np.full(count, -1),
    }
    parts = []
    for k in range(_ROUNDS):
        who = np.flatnonzero(state["next_at"] < frame.end - 6 * 3600)
        if not len(who):
            break
        deals = Course(rng, k, who, accounts, state, frame).plan()
        copies = _plan_copies(rng, deals, accounts, frame)
        _advance(rng, k, deals, copies, accounts, state)
        parts += [deals, copies]
    deals = {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}
    return {name: values[np.argsort(deals["id"])] for name, values in deals.items()}


def win_copies(
    rng: np.random.Generator, deals: dict[str, np.ndarray], frame: Calendar
) -> None:  # fmt: skip
    """Have some lost deals be won as their duplicate: whoever cleaned up closed the wrong one.

    Only where the account has no other deal later, which its win would make an expansion, and only
    in the first years: the CRM has been keeping people from it since.
    """
    until = frame.end - _CLEANED_UP_DAYS * DAY
    latest = np.full(int(deals["account"].max(initial=-1)) + 1, -1)
    np.maximum.at(latest, deals["account"], deals["created"])
    copies = np.bincount(deals["account"], weights=deals["id"] % SLOTS >= FIRST_COPY)
    row_of = {int(key): i for i, key in enumerate(deals["id"])}
    drawn = rng.random(len(deals["id"]))
    for i in np.flatnonzero((deals["duplicate_of"] >= 0) & (deals["closed_at"] < until)):
        original = row_of[int(deals["duplicate_of"][i])]
        account = deals["account"][i]
        lost = not deals["won"][original] and deals["closed_at"][original] < NEVER
        last = latest[account] <= max(deals["created"][i], deals["created"][original])
        if lost and last and copies[account] == 1 and drawn[i] < 0.7:
            deals["won"][i] = True


def _plan_copies(
    rng: np.random.Generator, deals: dict[str, np.ndarray], accounts: dict[str, np.ndarray],
    frame: Calendar,
) -> dict[str, np.ndarray]:  # fmt: skip
    """Deals that look like another deal of their account: duplicates, and near-duplicates.

    A copy starts in the first stage and moves straight to the third, so that it qualifies at the
    same planned instant under both versions of the rules.
    """
    n = len(deals["id"])
    named = accounts["named"][deals["account"]]
    # A deal without an account can't be a copy of another.
    settled = (accounts["alone"][deals["account"]] == "") & (deals["ghost"] == 0) & ~named
    settled &= deals["currency"] != 3
    is_clean = deals["scenario"] == CODE["clean"]
    counted = deals["qualified"] < NEVER
    # A copy can only be net-new if nothing else rules that out.
    free = ~deals["within_window"] & ~deals["flag"] & (deals["clone_of"] < 0)
    free &= deals["motion"] < 2
    draw = rng.integers(0, 1000, n)
    long = np.minimum(deals["ends"], frame.end) - deals["qualified"] > 12 * DAY
    kinds = np.zeros(n, dtype=np.int64)
    for name, low, high, fits in (
        ("duplicate", 0, 45, long),
        ("duplicate_created_first", 45, 55, long),
        ("duplicate_window_edge", 55, 60, long),
        ("chain_third", 60, 67, long & free),
        ("copy_after_window", 67, 74, long & free),
        ("copy_other_currency", 74, 81, long & free),
        ("copy_of_lost", 81, 200, free & ~deals["won"] & (deals["closed_at"] < NEVER)
         & (deals["ends"] - deals["created"] < 20 * DAY)),
    ):  # fmt: skip
        kinds[settled & is_clean & counted & (draw >= low) & (draw < high) & fits] = CODE[name]
    not_qualified = deals["scenario"] == CODE["decision_maker_never"]
    not_qualified &= settled & free & ~counted & (draw < 250)
    kinds[not_qualified & (deals["closed_at"] - deals["created"] > 12 * DAY)] = CODE[
        "copy_of_unqualified"
    ]
    late_enough = deals["created"] + 15 * DAY < frame.end
    kinds[~late_enough] = 0

    of = np.flatnonzero(kinds)
    kind = kinds[of]
    chain = np.flatnonzero(kind == CODE["chain_third"])
    rows = np.concatenate([of, of[chain]])
    what = np.concatenate([kind, kind[chain]])
    third = np.arange(len(rows)) >= len(of)
    # The second deal of a chain is a plain duplicate, the third is outside the window.
    what[(what == CODE["chain_third"]) & ~third] = CODE["duplicate"]
    in_chain = np.isin(rows, of[chain])
    copies = {name: values[rows].copy() for name, values in deals.items()}
    count = len(rows)
    orig = copies["created"].copy()
    orig_qualified, orig_ends = copies["qualified"].copy(), copies["closed_at"].copy()
    hour = 3600
    after = rng.integers(hour, 70 * hour, count)
    after[what == CODE["duplicate_window_edge"]] = rules.DUPLICATE_WINDOW_DAYS * DAY
    far = what == CODE["copy_after_window"]
    after[far] = rules.DUPLICATE_WINDOW_DAYS * DAY + rng.integers(1, 2 * DAY, int(far.sum()))
    first = what == CODE["duplicate_created_first"]
    after[first] = -rng.integers(hour, 70 * hour, int(first.sum()))
    after[in_chain & ~third] = 40 * hour
    after[in_chain & third] = 80 * hour
    created = np.maximum(orig + after, frame.start) if count else orig
    base = np.where(orig_qualified < NEVER, orig_qualified, orig)
    base = np.maximum(base, created)
    of_lost = what == CODE["copy_of_lost"]
    base = np.where(of_lost, np.maximum(orig_ends, created), base)
    qualified = base + rng.integers(hour, 3 * DAY, count)
    # The third deal of a chain qualifies after the second.
    qualified[in_chain & third] = base[in_chain & third] + 4 * DAY
    entries = np.full((count, 6), NEVER)
    entries[:, 0], entries[:, 2] = created, qualified
    weeks = rng.integers(5, 40, count) * DAY
    ends = clock.from_business(clock.to_business(qualified + weeks))
    closed = np.where((rng.random(count) < 0.7) & (ends < frame.end), ends, NEVER)
    also_won = (what == CODE["duplicate"]) & copies["won"] & (closed < NEVER)
    also_won &= closed > orig_ends
    also_won &= rng.random(count) < 0.5
    qualified = np.where(qualified < frame.end, qualified, NEVER)
    entries = np.where(entries < frame.end, entries, NEVER)
    goal = np.maximum(qualified, created)
    goal = np.where(qualified < NEVER, goal, created) // DAY + 30 + rng.integers(0, 60, count)
    amount = copies["amount"]
    duplicate = np.isin(
        what, [CODE[s] for s in ("duplicate", "duplicate_created_first", "duplicate_window_edge")]
    ) & (qualified < NEVER)
    currency = copies["currency"]
    other = what == CODE["copy_other_currency"]
    currency = np.where(other, (currency + 1) % 3, currency)
    source = np.where(copies["source"] < 5, copies["source"], 2)
    none = np.full(count, NEVER)
    copies.update(
        id=copies["id"] + np.where(third, SECOND_COPY, FIRST_COPY),
        scenario=what, created=created, entries=entries, ends=ends, closed_at=closed, won=also_won,
        lost_at=none, reopened_at=none, qualified=qualified, first_amount=amount, amount_at=none,
        first_goal=goal, goal=goal, replanned_at=none, decides_at=created, currency=currency,
        source=source, recorded_source=source, new_source=source, source_changes_at=none,
        kind=np.where(np.isin(source, [2]), 3, 1), flag=np.zeros(count, dtype=bool),
        clone_of=np.full(count, -1), modified_at=np.full(count, EMPTY),
        prior_lost=np.where(copies["within_window"], copies["prior_lost"], -1),
        duplicate_of=np.where(duplicate, copies["id"], -1), ghost=np.zeros(count, dtype=np.int64),
    )  # fmt: skip
    return copies


def _advance(
    rng: np.random.Generator, k: int, deals: dict[str, np.ndarray], copies: dict[str, np.ndarray],
    accounts: dict[str, np.ndarray], state: dict[str, np.ndarray],
) -> None:  # fmt: skip
    """Update each account's state after a deal, and decide when its next deal begins."""
    who, closed, won, motion = deals["account"], deals["closed_at"], deals["won"], deals["motion"]
    n = len(who)
    ordinal = accounts["ordinal"][who]
    excluded = np.isin(ordinal, list(rules.EXCLUDED_ACCOUNTS))
    if k == 0:
        excluded |= np.isin(ordinal, list(rules.EXCLUDED_FIRST_DEALS))
    counts = ~excluded & (deals["ghost"] == 0)
    first_win = counts & won
    state["won_at"][who[first_win]] = np.minimum(state["won_at"][who[first_win]], closed[first_win])
    for m in (0, 1):
        lost = counts & ~won & (closed < NEVER) & (motion == m) & (deals["qualified"] < NEVER)
        state["lost_at"][who[lost], m] = closed[lost]
        state["lost_slot"][who[lost], m] = k
    state["prior_slot"][who] = k

    u, v = rng.random(n), rng.random(n)
    lost = (closed < NEVER) & ~won
    near = rng.integers(20, 165, n)
    far = rng.integers(190, 330, n)
    gap = np.where(v < 0.45, near, far) * DAY
    to_renewal = closed + 275 * DAY
    expands = closed + rng.integers(25, 170, n) * DAY
    next_at = np.full(n, NEVER)
    next_motion = motion.copy()
    again = lost & (motion < 2) & (u < 0.42)
    next_at[again] = (closed + gap)[again]
    # Exactly at the end of the recycle window, and one second after it.
    edge = again & (v > 0.97)
    next_at[edge] = (closed + rules.RECYCLE_WINDOW_DAYS * DAY + (u > 0.21))[edge]
    grows = won & (u < 0.55)
    next_at[grows], next_motion[grows] = expands[grows], 1
    renews = won & (u >= 0.55) & (u < 0.92)
    next_at[renews], next_motion[renews] = to_renewal[renews], 2
    # A customer that declined an expansion still renews.
    stays = lost & (motion == 1) & (u > 0.6)
    next_at[stays], next_motion[stays] = (closed + 60 * DAY)[stays], 2
    moves = (next_at < NEVER) & ~edge
    next_at = np.where(
        moves, clock.from_business(clock.to_business(np.where(moves, next_at, 0))), next_at
    )
    ends_here = (deals["ghost"] > 0) | (accounts["alone"][who] != "") | (closed == NEVER)
    named = accounts["named"][who]
    ends_here |= named & ~np.isin(ordinal, list(rules.EXCLUDED_ACCOUNTS))
    next_at[ends_here] = NEVER
    state["next_at"][who] = next_at
    state["motion"][who] = next_motion
    # A copy that is not a duplicate ends the account's deals: later ones would be ambiguous.
    duplicate = copies["duplicate_of"] >= 0
    state["next_at"][copies["account"][~duplicate]] = NEVER
    # After a duplicate, the next deal must not begin before the duplicate has closed.
    done = np.where(copies["closed_at"] < NEVER, copies["closed_at"], NEVER)
    at = copies["account"][duplicate]
    resumed = state["next_at"][at] < done[duplicate] + 5 * DAY
    state["next_at"][at[resumed]] = NEVER
