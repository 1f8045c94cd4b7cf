"""The deals as CRM tables: accounts, opportunities and their histories, contact roles.

What belongs here: the Salesforce tables that record the plan, with the tricks that hide it (moved
created dates, lost history rows, repeated rows), and the list of spoilt records. A trick never
changes the truth about a deal. What does not: people and touches (`people`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipegen.demo import clock, files, rules, words
from pipegen.demo.clock import DAY, NEVER
from pipegen.demo.company import Company
from pipegen.demo.reasons import NONE, REASONS, Reasons
from pipegen.demo.reasons import words as words_of
from pipegen.demo.scenarios import CODE, CURRENCIES, EMPTY, GHOSTS, NO_HISTORY, SLOTS, Calendar
from pipegen.demo.story import FORECAST, last_rows

TRICKS = (
    "",
    "re_dated",
    "created_next_day",
    "created_unparsed",
    "late_history",
    "current_ahead",
    "current_replaces",
    "tie_by_modstamp",
    "tie_by_id",
    "label_noise",
    "probability_out_of_range",
)
_TRICK_PERMILLE = (0, 60, 20, 4, 25, 25, 18, 14, 14, 50, 12)
_TRICK = {name: code for code, name in enumerate(TRICKS)}

# Where the id numbers of additional rows start, beyond the deals' own.
MERGED_ACCOUNT = 1 << 34
GRANDCHILD_ACCOUNT = 1 << 35
CHUNK_ROWS = 1 << 28
_DECOYS, _ROWS = 0, 1 << 27

_UNKNOWN_STAGES = ("On Hold", "Security Review", "Parked")
_UNPARSED_AMOUNTS = ("12k", "n/a", "approx. 9000", "12.000,00 EUR")
_UNPARSED_DATES = ("TBD", "next quarter", "2026-13-45", "31st of June")
_UNMAPPED_TYPES = (None, "Pilot", "Professional Services")
_UNMAPPED_LEAD_SOURCES = (None, None, None, "Other", "Import 2025")

Spoilt = list[tuple[str, str, str, str]]


def play_tricks(
    rng: np.random.Generator, deals: dict[str, np.ndarray], states: dict[str, np.ndarray],
    truth: dict[str, np.ndarray], frame: Calendar,
) -> np.ndarray:  # fmt: skip
    """At most one trick for each deal, only where it does not change the truth about the deal."""
    n = len(deals["id"])
    weights = np.array(_TRICK_PERMILLE)
    weights[0] = 1000 - weights.sum()
    tricks = clock.pick(rng, weights, n)
    last = last_rows(states["deal"])
    first = np.append(0, last[:-1] + 1)
    # The change that only the current row has must be to the stage, amount or close date.
    before = np.maximum(last - 1, first)
    tells = np.zeros(n, dtype=bool)
    for name in ("stage", "amount", "goal"):
        tells |= states[name][last] != states[name][before]
    after_first = np.where(last > first, states["at"][np.minimum(first + 1, len(states["at"]) - 1)],
                           frame.end)  # fmt: skip
    known = (truth["amount"] != EMPTY) & (truth["amount"] > 100)
    history = ~np.isin(deals["scenario"], [CODE[s] for s in NO_HISTORY])
    parsed = ~np.isin(deals["scenario"],
                      [CODE["amount_unparsed"], CODE["close_date_unparsed"]])  # fmt: skip
    fits = {
        "re_dated": frame.end - deals["created"] > 4 * DAY,
        "created_next_day": frame.end - deals["created"] > 2 * DAY,
        "created_unparsed": True,
        "late_history": after_first - deals["created"] > 4 * 3600,
        "current_ahead": tells & parsed,
        "current_replaces": known & parsed,
        "tie_by_modstamp": known,
        "tie_by_id": known,
        "label_noise": frame.end - truth["changed_at"] > DAY,
        "probability_out_of_range": truth["is_open"],
    }
    tricks[deals["id"] // SLOTS < rules.NAMED_ACCOUNTS] = 0
    for name, possible in fits.items():
        tricks[(tricks == _TRICK[name]) & ~(possible & history & (deals["ghost"] == 0))] = 0
    return tricks


def write_accounts(
    folder: files.RawWriter, part: int, rng: np.random.Generator, accounts: dict[str, np.ndarray],
    company: Company, frame: Calendar, spoilt: Spoilt,
) -> tuple[dict[str, pa.Array], np.ndarray]:  # fmt: skip
    """Write accounts, including merged ones and spoilt rows; return names, domains and owners."""
    ordinal = accounts["ordinal"]
    n = len(ordinal)
    first = rng.integers(0, len(words.COMPANY_FIRST), n)
    second = rng.integers(0, len(words.COMPANY_SECOND), n)
    suffix = rng.integers(0, len(words.COMPANY_LAST), n)
    stem = pc.binary_join_element_wise(
        files.words(words.COMPANY_FIRST, first), files.words(words.COMPANY_SECOND, second), ""
    )
    names = pc.binary_join_element_wise(stem, files.words(words.COMPANY_LAST, suffix), " ")
    nasty = [i for i in range(n) if int(ordinal[i]) in words.NASTY_NAMES] if part == 0 else []
    names = files.patched(names, np.array(nasty, dtype=np.int64),
                          [words.NASTY_NAMES[int(ordinal[i])] for i in nasty])  # fmt: skip
    domain = pc.utf8_lower(
        pc.binary_join_element_wise(stem, pc.cast(pa.array(ordinal), pa.string()), "-")
    )
    domain = pc.binary_join_element_wise(domain, "example", ".")

    merged = np.flatnonzero(accounts["merged"])
    grand = merged[ordinal[merged] % 2 == 1]
    odd = np.arange(n)[ordinal % 137 == 19]
    rows = np.concatenate([np.arange(n), merged, grand, odd, odd])
    own, loser, grandchild = n, n + len(merged), n + len(merged) + len(grand)
    at = np.arange(len(rows))
    is_loser = (at >= own) & (at < grandchild)
    number = ordinal[rows].astype(np.int64)
    master = np.full(len(rows), -1)
    master[own:loser] = number[own:loser]
    master[loser:grandchild] = MERGED_ACCOUNT + number[loser:grandchild]
    number[own:loser] += MERGED_ACCOUNT
    number[loser:grandchild] += GRANDCHILD_ACCOUNT
    # Some accounts have another row: an identical one synced earlier, or an older version.
    older = at >= grandchild
    twice = older & (at < grandchild + len(odd))
    same = twice & (ordinal[rows] // 137 % 2 == 0)
    superseded = twice & ~same
    drop = older & ~twice
    if part == 0:
        number[drop] = -1
        keep = ~drop | (np.cumsum(drop) <= 2)
    else:
        keep = ~drop
    modified = accounts["begins"][rows] + DAY
    modified = np.minimum(modified, frame.end - 1)
    modified = np.where(superseded, modified - 3600, modified)
    employees = accounts["employees"][rows]
    size = files.as_text(files.whole(employees, employees < 0))
    unparsed = np.flatnonzero(accounts["unparsed_employees"][rows])
    size = files.patched(size, unparsed, ["about 200"] * len(unparsed))
    shown = names.take(pa.array(rows))
    renamed = np.flatnonzero(superseded)
    shown = files.patched(shown, renamed, [f"{shown[int(i)].as_py()} (old name)" for i in renamed])
    deleted = is_loser | (accounts["alone"][rows] == "deleted_account")
    currency = accounts["currency"][rows]
    seller = rng.integers(0, 1 << 30, n)
    sellers = [s[seller[rows] % len(s)] for s in company.segment_sellers]
    owner = np.select([accounts["segment"][rows] == s for s in range(4)], sellers)
    created = np.where(accounts["customer"], accounts["begins"] - 400 * DAY,
                       accounts["begins"] - rng.integers(0, 60, n) * DAY)[rows]  # fmt: skip
    synced = np.full(len(rows), frame.end - 1800)
    synced[older] -= DAY
    countries = [c for group in words.COUNTRIES for c in group]
    sizes = np.array([len(g) for g in words.COUNTRIES])
    offset = np.cumsum([0, *sizes])[currency]
    industry = rng.integers(0, len(words.INDUSTRIES), n)[rows]
    # A repeated row must be identical, so random values are drawn per account, not per row.
    table = {
        "id": files.ids("001", number),
        "name": shown,
        "industry": files.words(words.INDUSTRIES, industry),
        "number_of_employees": size,
        "annual_revenue": files.money(employees.astype(np.int64) * 17_500_000, employees < 0),
        "billing_country": files.words(countries, offset + ordinal[rows] % sizes[currency]),
        "parent_id": files.ids("001", np.where(ordinal[rows] % 61 == 7, ordinal[rows] - 1, -1)),
        "owner_id": files.ids("005", owner),
        "created_date": files.instants(created),
        "master_record_id": files.ids("001", master),
        "is_deleted": files.flags(deleted),
        "currency_iso_code": files.words(CURRENCIES, currency),
        "system_modstamp": files.instants(modified),
        "_fivetran_synced": files.instants(synced),
    }  # fmt: skip
    kept = pa.array(np.flatnonzero(keep))
    folder.write("salesforce", "account", {k: v.take(kept) for k, v in table.items()}, part)
    for i in np.flatnonzero(keep & (same | superseded | drop)):
        rule = "repeated" if same[i] else "superseded" if superseded[i] else "null_key"
        spoilt.append(("account", files.id_text("001", int(number[i])), rule, ""))
    for i in np.flatnonzero(accounts["unparsed_employees"]):
        spoilt.append(("account", files.id_text("001", int(ordinal[i])), "unparsed_value",
                       "number_of_employees=about 200"))  # fmt: skip
    return {"name": names, "domain": domain}, owner[:n]


def _stage_labels(stage: np.ndarray, renamed: np.ndarray, number: np.ndarray) -> pa.Array:
    """The CRM's label for each stage; `renamed` asks for the later label, if the stage has one.

    A few deals have their label in capitals and with blanks around it, as from an import.
    """
    labels = [label for group in rules.STAGE_LABELS for label in group]
    typed = [f" {label.upper()} " for label in labels]
    start = np.cumsum([0] + [len(g) for g in rules.STAGE_LABELS])[:-1]
    extra = np.array([len(g) - 1 for g in rules.STAGE_LABELS])
    at = np.maximum(stage - 1, 0)
    code = start[at] + np.minimum(extra[at], renamed)
    code = np.where(number % 101 == 3, code + len(labels), code)
    unknown = 2 * len(labels) + number % len(_UNKNOWN_STAGES)
    return files.words([*labels, *typed, *_UNKNOWN_STAGES], np.where(stage == 0, unknown, code))


def write_deals(
    folder: files.RawWriter, part: int, rng: np.random.Generator,
    accounts: dict[str, np.ndarray], deals: dict[str, np.ndarray], states: dict[str, np.ndarray],
    truth: dict[str, np.ndarray], tricks: np.ndarray, said: Reasons, account_names: pa.Array,
    company: Company, frame: Calendar, spoilt: Spoilt,
) -> None:  # fmt: skip
    """Write opportunities, their stage history and their field history."""
    n = len(deals["id"])

    def trick(name: str) -> np.ndarray:
        return tricks == _TRICK[name]

    created_day = deals["created"] // DAY
    moved = np.minimum(deals["created"] + rng.integers(2 * DAY, 110 * DAY, n), frame.end - 3600)
    next_day = deals["created"] + rng.integers(60, DAY, n)
    crm_created = np.where(trick("re_dated"), moved, deals["created"])
    crm_created = np.where(trick("created_next_day"), next_day, crm_created)
    last_at = _write_history(folder, part, rng, deals, states, tricks, frame)
    modified = np.minimum(last_at + rng.integers(0, 14 * DAY, n), frame.end - 1)
    modified = np.where(trick("current_ahead"), truth["changed_at"], modified)
    how = rng.integers(0, 3, n)
    replaces = trick("current_replaces")
    modified = np.where(replaces, truth["changed_at"] - (how == 1) * 3600, modified)
    planned = (deals["modified_at"] > 0) & (deals["modified_at"] < NEVER)
    modified = np.where(planned, deals["modified_at"], modified)
    nobody = (replaces & (how == 2)) | (deals["modified_at"] == NEVER)

    source = _source_columns(rng, deals, created_day, company)

    merged = accounts["merged"][deals["account"]] & (deals["id"] % 3 == 0)
    ordinal = accounts["ordinal"][deals["account"]]
    account = np.where(merged, ordinal + MERGED_ACCOUNT, ordinal)
    twice = merged & (ordinal % 2 == 1) & (deals["id"] % 2 == 0)
    account = np.where(twice, ordinal + GRANDCHILD_ACCOUNT, account)
    account[accounts["alone"][deals["account"]] == "no_account"] = -1

    types = [label for group in rules.TYPES for label in group] + list(_UNMAPPED_TYPES)
    offsets = np.cumsum([0] + [len(g) for g in rules.TYPES])
    sizes = np.array([len(g) for g in rules.TYPES])
    draw = rng.integers(0, 1 << 20, n)
    # A copy has the same motion as the deal it copies, so it gets the same type.
    kind = np.where(deals["unmapped_type"], offsets[3] + draw % len(_UNMAPPED_TYPES),
                    offsets[deals["motion"]] + draw % sizes[deals["motion"]])  # fmt: skip
    seller = [s[draw % len(s)] for s in company.segment_sellers]
    owner = np.select([deals["segment"] == s for s in range(4)], seller)
    cs = company.teams["cs"]
    owner = np.where(deals["motion"] == 2, cs[draw % len(cs)], owner)
    product = files.words(words.PRODUCTS, draw % len(words.PRODUCTS))
    name = pc.binary_join_element_wise(
        account_names.take(pa.array(deals["account"])), product,
        pc.cast(pa.array(deals["k"] + 1), pa.string()), " - ",
    )  # fmt: skip

    amount = files.as_text(files.money(truth["amount"], truth["amount"] == EMPTY))
    goal = files.as_text(files.days(truth["goal"], truth["goal"] == EMPTY))
    bad = np.flatnonzero(deals["scenario"] == CODE["amount_unparsed"])
    amount_text = [_UNPARSED_AMOUNTS[i % len(_UNPARSED_AMOUNTS)] for i in bad]
    amount = files.patched(amount, bad, amount_text)
    bad_goal = np.flatnonzero(deals["scenario"] == CODE["close_date_unparsed"])
    goal_text = [_UNPARSED_DATES[i % len(_UNPARSED_DATES)] for i in bad_goal]
    goal = files.patched(goal, bad_goal, goal_text)
    created = files.as_text(files.instants(crm_created, deals["ghost"] == GHOSTS.index("no_date")))
    undated = np.flatnonzero(trick("created_unparsed"))
    created = files.patched(created, undated, ["see contract"] * len(undated))
    stage = _stage_labels(truth["stage"], (deals["id"] % 2), deals["id"])
    probability = truth["probability"].copy()
    wild = trick("probability_out_of_range")
    probability[wild] = np.array([1000, -5, 101])[deals["id"][wild] % 3]
    currency = files.words(
        CURRENCIES, np.where((deals["currency"] == 0) & (draw % 10 == 3), -1, deals["currency"])
    )
    stamps = np.maximum(modified, deals["created"])
    table: dict[str, pa.Array] = {
        "id": files.ids("006", deals["id"]),
        "account_id": files.ids("001", account),
        "name": name,
        "stage_name": stage,
        "amount": amount,
        "probability": pa.array(probability.astype(np.float64)),
        "close_date": goal,
        "created_date": created,
        "created_by_id": files.ids("005", source["creator"]),
        "last_modified_date": files.instants(modified, nobody),
        "type": files.words(types, kind),
        "lead_source": source["lead_source"],
        "campaign_id": files.ids("701", source["campaign"]),
        "owner_id": files.ids("005", owner),
        "forecast_category": files.words(FORECAST, truth["stage"]),
        "is_deleted": files.flags(deals["ghost"] == GHOSTS.index("deleted")),
        "currency_iso_code": currency,
        "next_step": files.words(
            words.NEXT_STEPS,
            np.where(truth["is_open"] & (draw % 4 > 0), draw % len(words.NEXT_STEPS), -1),
        ),
        "pipeline_source_c": source["field"],
        "is_recycled_c": files.flags(deals["flag"]),
        "cloned_from_c": files.ids("006", deals["clone_of"]),
        "loss_reason_c": _reason_column(said),
        "system_modstamp": files.instants(stamps),
        "_fivetran_synced": files.instants(np.full(n, frame.end - 1800)),
    }  # fmt: skip
    stageless = np.flatnonzero(deals["ghost"] == GHOSTS.index("no_stage"))
    table["stage_name"] = files.patched(table["stage_name"], stageless, [None] * len(stageless))
    rows = _repeat_rows(table, deals, stamps, part, frame, spoilt)
    folder.write("salesforce", "opportunity", rows, part)

    changes = source["changes"] + _reason_changes(deals, said)
    _write_owner_changes(folder, part, rng, deals, owner, company, frame, changes)
    _list_spoilt(deals, truth, tricks, crm_created, amount_text, goal_text, spoilt)


def _reason_column(said: Reasons) -> pa.Array:
    """Why each deal ended, as people type it: some with blanks after it, some blanks alone."""
    texts = [*REASONS, *(f"{reason} " for reason in REASONS), "  "]
    typed = np.where(said.is_spaces, said.code + len(REASONS), said.code)
    nothing = np.where(said.is_spaces, 2 * len(REASONS), -1)
    return files.words(texts, np.where(said.code == NONE, nothing, typed))


def _reason_changes(
    deals: dict[str, np.ndarray], said: Reasons
) -> list[tuple[int, str, str, str, int]]:
    """Corrections of reasons, as rows of the field history."""
    before, after = words_of(said.first_code), words_of(said.code)
    return [
        (int(deals["id"][i]), ("Loss_Reason__c", "loss reason")[i % 2], before[i], after[i],
         int(said.corrected_at[i]))
        for i in np.flatnonzero(said.corrected_at < NEVER)
    ]  # fmt: skip


def _repeat_rows(
    table: dict[str, pa.Array], deals: dict[str, np.ndarray], stamps: np.ndarray, part: int,
    frame: Calendar, spoilt: Spoilt,
) -> dict[str, pa.Array]:  # fmt: skip
    """Add rows with a key that another row has: identical, older, and contradictory ones."""
    n = len(stamps)
    real = deals["ghost"] == 0
    same = np.flatnonzero(real & (deals["id"] % 211 == 5))
    older = np.flatnonzero(real & (deals["id"] % 223 == 7))
    ambiguous = np.flatnonzero(deals["ghost"] == GHOSTS.index("ambiguous_key"))
    keyless = np.flatnonzero(real)[:2] if part == 0 else np.empty(0, np.int64)
    rows = np.concatenate([np.arange(n), same, older, ambiguous, keyless])
    data = pa.table(table).take(pa.array(rows))
    start = n + len(same)
    is_same = np.arange(n, start)
    is_older = np.arange(start, start + len(older))
    is_ambiguous = np.arange(start + len(older), start + len(older) + len(ambiguous))
    is_keyless = np.arange(len(rows) - len(keyless), len(rows))
    synced = np.full(len(rows), frame.end - 1800)
    synced[np.concatenate([is_same, is_older])] -= 2 * DAY
    stamp = stamps[rows].copy()
    stamp[is_older] -= DAY
    columns = {name: data.column(name).combine_chunks() for name in data.column_names}
    columns["_fivetran_synced"] = files.instants(synced)
    columns["system_modstamp"] = files.instants(stamp)
    changed = np.concatenate([is_older, is_ambiguous])
    columns["next_step"] = files.patched(
        columns["next_step"], changed, ["superseded by a call"] * len(changed)
    )
    columns["amount"] = files.patched(columns["amount"], changed, ["123.45"] * len(changed))
    columns["id"] = files.patched(columns["id"], is_keyless, [None] * len(is_keyless))
    for rule, of in (
        ("repeated", same), ("superseded", older),
        ("ambiguous_key", ambiguous), ("ambiguous_key", ambiguous),
        ("no_stage", np.flatnonzero(deals["ghost"] == GHOSTS.index("no_stage"))),
        ("no_date", np.flatnonzero(deals["ghost"] == GHOSTS.index("no_date"))),
    ):  # fmt: skip
        key = files.ids("006", deals["id"][of]).to_pylist()
        spoilt += [("opportunity", k, rule, "") for k in key]
    spoilt += [("opportunity", "", "null_key", "")] * len(keyless)
    return columns


def _write_history(
    folder: files.RawWriter, part: int, rng: np.random.Generator, deals: dict[str, np.ndarray],
    states: dict[str, np.ndarray], tricks: np.ndarray, frame: Calendar,
) -> np.ndarray:  # fmt: skip
    """Write the stage log, unsorted; return the instant of each deal's last row in it."""
    deal = states["deal"]
    last = last_rows(deal)
    first = np.append(0, last[:-1] + 1)
    at = states["at"].copy()
    amount, stage, probability = (states[k].copy() for k in ("amount", "stage", "probability"))
    keep = np.ones(len(deal), dtype=bool)

    def of(name: str) -> np.ndarray:
        return np.flatnonzero(tricks == _TRICK[name])

    # History that begins late, but before the first change.
    late = of("late_history")
    until = np.where(last[late] > first[late], at[np.minimum(first[late] + 1, len(at) - 1)],
                     frame.end)  # fmt: skip
    wait = (until - deals["created"][late]) * rng.integers(200, 900, len(late)) // 1000
    at[first[late]] = deals["created"][late] + wait
    keep[last[of("current_ahead")]] = False
    wrong = last[of("current_replaces")]
    amount[wrong] = amount[wrong] * 9 // 10
    wild = of("probability_out_of_range")
    probability[last[wild]] = np.array([1000, -5, 101])[deals["id"][wild] % 3]
    ghost = deals["ghost"]
    gone = np.isin(ghost, [GHOSTS.index("no_stage"), GHOSTS.index("no_date")])
    gone |= np.isin(deals["scenario"], [CODE[s] for s in NO_HISTORY])
    keep &= ~gone[deal]
    last_at = np.zeros(len(ghost), dtype=np.int64)
    np.maximum.at(last_at, deal[keep], at[keep])
    last_at = np.maximum(last_at, deals["created"])

    # Rows at the same instant as the last one, which must lose, and rows that change nothing.
    tied = np.concatenate([last[of("tie_by_modstamp")], last[of("tie_by_id")]])
    by_stamp = np.arange(len(tied)) < len(of("tie_by_modstamp"))
    noise = last[of("label_noise")]
    noise_at = at[noise] + (frame.end - at[noise]) * rng.integers(100, 900, len(noise)) // 1000
    rows = np.concatenate([np.flatnonzero(keep), tied, noise])
    kept = int(keep.sum())
    is_tied = np.zeros(len(rows), dtype=bool)
    is_tied[kept : kept + len(tied)] = True
    number = part * CHUNK_ROWS + _ROWS + np.arange(len(rows))
    number[is_tied] = part * CHUNK_ROWS + _DECOYS + np.arange(int(is_tied.sum()))
    when = at[rows]
    when[kept + len(tied) :] = noise_at
    stamp = when + rows % 3
    stamp[is_tied] = np.where(by_stamp, stamp[is_tied] - 5, stamp[is_tied])
    money = amount[rows]
    money[is_tied] = money[is_tied] * 2 + 100
    order = stage[rows]
    order[is_tied] = np.where(order[is_tied] == 2, 4, 2)
    renamed = (deals["id"][deal[rows]] + (np.arange(len(rows)) >= kept)) % 2
    shuffled = rng.permutation(len(rows))
    goal = states["goal"][rows]
    currency = deals["currency"][deal[rows]]
    table = {
        "id": files.ids("008", number),
        "opportunity_id": files.ids("006", deals["id"][deal[rows]]),
        "created_date": files.instants(when),
        "stage_name": _stage_labels(order, renamed, deals["id"][deal[rows]]),
        "amount": files.money(money, money == EMPTY),
        "close_date": files.days(goal, goal == EMPTY),
        "probability": pa.array(probability[rows].astype(np.float64)),
        "forecast_category": files.words(FORECAST, order),
        "currency_iso_code": files.words(CURRENCIES, np.where(number % 2 == 0, currency, -1)),
        "system_modstamp": files.instants(stamp),
        "is_deleted": files.flags(ghost[deal[rows]] == GHOSTS.index("deleted")),
    }
    order_out = pa.array(shuffled)
    table = {name: column.take(order_out) for name, column in table.items()}
    folder.write("salesforce", "opportunity_history", table, part)
    return last_at


def _source_columns(
    rng: np.random.Generator,
    deals: dict[str, np.ndarray],
    created_day: np.ndarray,
    company: Company,
) -> dict[str, Any]:
    """The columns that decide the source, filled so that the planned rule decides.

    Returns the columns, and the rows of field history for their changes.
    """
    n = len(created_day)
    scenario, kind, recorded, new = (
        deals[name] for name in ("scenario", "kind", "recorded_source", "new_source")
    )

    def planted(*names: str) -> np.ndarray:
        return np.isin(scenario, [CODE[s] for s in names])

    # The value arrives late or never. Until it does, no other column may decide.
    arrives = planted("source_late", "source_after_grace")
    silent = arrives | (deals["source"] == 5)
    changes = deals["source_changes_at"] < NEVER
    by_field = planted("source_late") & (deals["id"] % 3 == 1)
    draw = rng.integers(0, 1 << 20, n)

    leads = [value for group in rules.LEAD_SOURCES for value in group]
    sizes = np.array([len(g) for g in rules.LEAD_SOURCES])
    start = np.cumsum([0, *sizes])[:-1]
    blanks = len(leads) + draw % len(_UNMAPPED_LEAD_SOURCES)
    choices = [*leads, *_UNMAPPED_LEAD_SOURCES, *(f" {v.upper()}" for v in leads)]

    def lead_of(source: np.ndarray) -> np.ndarray:
        source = np.minimum(source, 4)
        code = start[source] + draw % sizes[source]
        shouted = (draw // 7 % 19 == 3) & ~changes
        return np.where(shouted, code + len(leads) + len(_UNMAPPED_LEAD_SOURCES), code)

    says_lead = (kind == 1) & ~silent
    lead = np.where(says_lead, lead_of(recorded), blanks)
    # If the dedicated field decides, the lead source may have any value.
    lead = np.where((kind == 0) & ~silent & (draw % 2 == 0), draw % len(leads), lead)
    at_first = lead.copy()
    lead = np.where(arrives & changes & ~by_field, lead_of(recorded), lead)
    swaps = planted("source_switched_in_grace", "source_changed") & changes
    lead = np.where(swaps, lead_of(new), lead)

    fields = [*rules.SOURCE_FIELD, *(f"{v.upper()} " for v in rules.SOURCE_FIELD), "TBD", None]
    field = np.where(draw % 23 == 0, 10, 11)
    field_code = np.minimum(recorded, 4) + np.where(draw % 11 == 0, 5, 0)
    field = np.where((kind == 0) & ~silent, field_code, field)
    field_first = field.copy()
    field = np.where(by_field & changes, np.minimum(recorded, 4), field)

    campaign_kind = np.where(draw % 2 == 0, 6, 7)  # types that map to no source
    types = rules.CAMPAIGN_TYPES_OF_SOURCE
    of_source = clock.pick_ragged(rng, list(types), np.minimum(recorded, 4))
    table = np.array([(*c, 0, 0, 0, 0)[:4] for c in types])
    decides = (kind == 2) & ~silent
    campaign_kind = np.where(decides, table[np.minimum(recorded, 4), of_source], campaign_kind)
    anything = (kind < 2) & ~silent
    campaign_kind = np.where(anything, draw % len(rules.CAMPAIGN_TYPES), campaign_kind)
    has = decides | (draw % 10 < np.where(anything, 3, 2))
    campaign = company.campaign(created_day - draw % 60, campaign_kind)
    campaign = np.where(has, campaign, -1)

    teams = company.teams
    sellers = np.concatenate([teams[t] for t in ("sdr", "ae", "cs", "marketing", "partner")])
    creator = sellers[draw % len(sellers)]
    for source, names in enumerate(rules.CREATOR_TEAMS_OF_SOURCE):
        if names:
            of = (kind == 3) & (recorded == source)
            pool = np.concatenate([teams[t] for t in names])
            creator[of] = pool[draw[of] % len(pool)]
    other = teams["other"]
    nobody = np.where(draw % 3 == 0, -1, other[draw % len(other)])
    creator = np.where(silent, nobody, creator)

    texts = np.array([c if c is not None else "" for c in choices], dtype=object)
    field_texts = np.array([c if c is not None else "" for c in fields], dtype=object)
    lead_changes = np.flatnonzero(changes & ~by_field)
    field_changes = np.flatnonzero(changes & by_field)
    rows = [
        (int(deals["id"][i]), ("LeadSource", "lead_source")[i % 2], texts[at_first[i]],
         texts[lead[i]], int(deals["source_changes_at"][i]))
        for i in lead_changes
    ] + [
        (int(deals["id"][i]), ("Pipeline_Source__c", "pipelinesource")[i % 2],
         field_texts[field_first[i]], field_texts[field[i]], int(deals["source_changes_at"][i]))
        for i in field_changes
    ]  # fmt: skip

    return {
        "lead_source": pa.array(choices, pa.string()).take(pa.array(lead)),
        "field": pa.array(fields, pa.string()).take(pa.array(field)),
        "campaign": campaign,
        "creator": creator,
        "changes": rows,
    }


def _write_owner_changes(
    folder: files.RawWriter, part: int, rng: np.random.Generator, deals: dict[str, np.ndarray],
    owner: np.ndarray, company: Company, frame: Calendar, sources: list,
) -> None:  # fmt: skip
    """Write the field history: of sources, reasons and owners (ids and names), and creations."""
    n = len(owner)
    draw = rng.random(n)
    until = np.minimum(np.where(deals["closed_at"] < NEVER, deals["ends"], frame.end), frame.end)
    moved = np.flatnonzero((draw < 0.08) & (until - deals["created"] > 2 * DAY))
    at = clock.between(rng, deals["created"][moved], until[moved], 0.1, 0.9)
    at = np.minimum(at, frame.end - 1)
    before = rng.integers(0, company.user_count, len(moved))
    creations = np.flatnonzero(draw > 0.85)
    deal = np.concatenate([[row[0] for row in sources], deals["id"][moved], deals["id"][moved],
                           deals["id"][creations]]).astype(np.int64)  # fmt: skip
    when = np.concatenate([[row[4] for row in sources], at, at,
                           deals["created"][creations]]).astype(np.int64)  # fmt: skip
    plain = len(sources)
    field = files.texts([row[1] for row in sources] + ["Owner"] * (2 * len(moved))
                        + ["created"] * len(creations))  # fmt: skip
    names = files.constant(None, len(creations))
    old = pa.concat_arrays([
        files.texts(row[2] or None for row in sources), files.ids("005", before),
        files.texts(f"Former owner {i}" for i in before), names,
    ])  # fmt: skip
    new = pa.concat_arrays([
        files.texts(row[3] or None for row in sources), files.ids("005", owner[moved]),
        files.texts(f"Owner {i}" for i in owner[moved]), names,
    ])  # fmt: skip
    number = part * CHUNK_ROWS + np.arange(len(deal))
    assert plain + 2 * len(moved) + len(creations) == len(deal)
    folder.write("salesforce", "opportunity_field_history", {
        "id": files.ids("017", number),
        "opportunity_id": files.ids("006", deal),
        "field": field,
        "old_value": old,
        "new_value": new,
        "created_date": files.instants(when),
        "is_deleted": files.flags(deal < 0),
    }, part)  # fmt: skip


def _list_spoilt(
    deals: dict[str, np.ndarray], truth: dict[str, np.ndarray], tricks: np.ndarray,
    crm_created: np.ndarray, amounts: list[str], goals: list[str], spoilt: Spoilt,
) -> None:  # fmt: skip
    """One row for each flaw that a hygiene check must find on a real deal."""
    real = deals["ghost"] == 0
    is_open, amount, goal = truth["is_open"], truth["amount"], truth["goal"]
    scenario = deals["scenario"]

    def planted(*names: str) -> np.ndarray:
        return np.isin(scenario, [CODE[s] for s in names])

    re_dated = tricks == _TRICK["re_dated"]
    verdict = truth["verdict"]
    moved = clock.quarter(crm_created) != clock.quarter(deals["qualified"])
    placeholder = np.isin(amount, rules.PLACEHOLDER_CENTS)
    after = planted("source_after_grace", "source_changed") & (deals["source_changes_at"] < NEVER)
    found = {
        "missing_exchange_rate": (deals["currency"] == 3) & (amount != EMPTY),
        "unknown_stage": planted(
            "unknown_stage_always", "unknown_stage_now", "unknown_stage_passed"
        ),
        "source_changed": after,
        "no_history": planted(*NO_HISTORY),
        "probability_out_of_range": tricks == _TRICK["probability_out_of_range"],
        "re_dated": re_dated,
        "missing_created_date": is_open & (tricks == _TRICK["created_unparsed"]),
        "net_new_flag_wrong": (verdict == "recycled") & ~deals["flag"],
        "net_new_period_wrong": re_dated & (verdict == "net_new") & moved,
        "missing_amount": is_open & (amount == EMPTY),
        "placeholder_amount": is_open & placeholder,
        "amount_not_positive": is_open & (amount != EMPTY) & (amount <= 0) & ~placeholder,
        "missing_source": is_open & (deals["source"] == 5),
        "missing_close_date": is_open & (goal == EMPTY),
    }
    for rule, holds in found.items():
        which = np.flatnonzero(holds & real)
        keys = files.ids("006", deals["id"][which]).to_pylist()
        spoilt += [("opportunity", key, rule, "") for key in keys]
    for rule, column, values in (
        ("amount_unparsed", "amount", amounts), ("close_date_unparsed", "close_date", goals),
    ):  # fmt: skip
        for i, value in zip(np.flatnonzero(planted(rule)), values, strict=True):
            if real[i]:
                key = files.id_text("006", int(deals["id"][i]))
                spoilt.append(("opportunity", key, "unparsed_value", f"{column}={value}"))
    for i in np.flatnonzero((tricks == _TRICK["created_unparsed"]) & real):
        key = files.id_text("006", int(deals["id"][i]))
        spoilt.append(("opportunity", key, "unparsed_value", "created_date=see contract"))
