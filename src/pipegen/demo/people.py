"""The people on the customers' side: contacts, leads, and the marketing platform's leads.

What belongs here: who there is, contact roles (which record the planned decision makers), and the
logs of statuses. What does not: which status came when (`lifecycle`), what people did (`touches`),
and anything that a verdict depends on, except the decision maker.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipegen.demo import clock, files, lifecycle, rules, words
from pipegen.demo.clock import DAY, NEVER
from pipegen.demo.company import Company
from pipegen.demo.crm import CHUNK_ROWS, MERGED_ACCOUNT, Spoilt
from pipegen.demo.lifecycle import MQL, NEW, NURTURE, RECYCLED, REJECTED, SAL, SQL, STATUSES
from pipegen.demo.scenarios import SLOTS, Calendar

_MERGED_CONTACT = 1 << 40
_LONE_LEAD = 1 << 41
_MERGED_LEAD = 1 << 42
_MAP_PERSON = 1_000_000
_MAP_CHUNK = 1 << 22
MAP_LOSER = 1 << 40

_CONTACTS = ((2, 4), (3, 6), (4, 9), (2, 4))
_UNUSED_STATUSES = (
    "marketo:Marketing Qualified", "salesforce:Accepted", "salesforce:Closed - Not Converted",
)  # fmt: skip


@dataclass(frozen=True)
class People:
    """Contacts, leads of the CRM and of the marketing platform, and who is on which deal."""

    contacts: dict[str, np.ndarray]
    leads: dict[str, np.ndarray]
    known: dict[str, np.ndarray]
    roles: dict[str, np.ndarray]


def write_people(
    folder: files.RawWriter, seed: int, part: int, rng: np.random.Generator,
    accounts: dict[str, np.ndarray], names: dict[str, pa.Array], deals: dict[str, np.ndarray],
    company: Company, frame: Calendar, spoilt: Spoilt,
) -> People:  # fmt: skip
    """Write this module's tables for one chunk of accounts; returns who there is."""
    contacts = _plan_contacts(rng, accounts, deals, frame, part)
    leads = _plan_leads(rng, contacts, accounts, frame, part)
    lifecycle.plan_leads(clock.stream(seed, part, "statuses of leads"), leads, frame)
    lifecycle.plan_contacts(clock.stream(seed, part, "statuses of contacts"), contacts, frame)
    _write_contacts(folder, part, contacts, accounts, names, frame, spoilt)
    _write_contact_history(folder, part, contacts)
    roles = _write_roles(folder, part, rng, deals, accounts, contacts, frame)
    _write_leads(folder, part, rng, leads, names, company, frame)
    known = _write_map_people(folder, part, rng, contacts, leads, names, frame)
    if part == 0:
        # Of the seed's statuses, these are left over from an earlier set-up: no record has them.
        spoilt += [("setting", name, "lifecycle_status_unused", "") for name in _UNUSED_STATUSES]
    return People(contacts, leads, known, roles)


def _plan_contacts(
    rng: np.random.Generator, accounts: dict[str, np.ndarray], deals: dict[str, np.ndarray],
    frame: Calendar, part: int,
) -> dict[str, np.ndarray]:  # fmt: skip
    low, high = np.array(_CONTACTS)[accounts["segment"]].T
    count = low + rng.integers(0, 1 << 20, len(low)) % (high - low + 1)
    account = np.repeat(np.arange(len(count)), count)
    start = np.cumsum(count) - count
    slot = np.arange(len(account)) - start[account]
    n = len(account)
    begins = accounts["begins"][account]
    created = np.where(slot == 0, begins, begins + rng.integers(-120, 200, n) * DAY)
    # Contacts that would come after the end of the data are spread over the time before it.
    early = begins + (np.arange(n) * 7919 % 1000) * (frame.end - 3600 - begins) // 1000
    created = np.where(created > frame.end - 3600, early, created)
    with_deals = np.zeros(len(count), dtype=bool)
    with_deals[deals["account"]] = True
    number = accounts["ordinal"][account] * SLOTS + slot
    return {
        "account": account,
        "start": start,
        "count": count,
        "slot": slot,
        "number": number,
        "created": created,
        "first": rng.integers(0, len(words.FIRST), n),
        "last": rng.integers(0, len(words.LAST), n),
        "title": rng.integers(0, 1 << 20, n),
        "with_deals": with_deals[account],
        "has_lead": rng.random(n) < 0.45,
        "map_id": np.where(
            rng.random(n) < 0.72, _MAP_PERSON + part * _MAP_CHUNK + np.arange(n), -1
        ),
        "merged": (slot >= 2) & (number % 53 == 7),
        "deleted": (slot >= 2) & (number % 71 == 9),
    }


def _email(first: np.ndarray, last: np.ndarray, number: np.ndarray, domain: pa.Array) -> pa.Array:
    text = pc.binary_join_element_wise(
        files.words(words.FIRST, first), files.words(words.LAST, last),
        pc.cast(pa.array(number), pa.string()), ".",
    )  # fmt: skip
    return pc.utf8_lower(pc.binary_join_element_wise(text, domain, "@"))


def _write_contacts(
    folder: files.RawWriter, part: int, contacts: dict[str, np.ndarray],
    accounts: dict[str, np.ndarray], names: dict[str, pa.Array], frame: Calendar, spoilt: Spoilt,
) -> None:  # fmt: skip
    n = len(contacts["number"])
    number, slot, account = contacts["number"], contacts["slot"], contacts["account"]
    # The first contact of a merged account was also entered twice and merged.
    alias = np.flatnonzero(accounts["merged"][account] & (slot == 0))
    same = np.flatnonzero(number % 301 == 11)
    older = np.flatnonzero(number % 311 == 12)
    keyless = np.arange(1 if part == 0 else 0)
    rows = np.concatenate([np.arange(n), alias, same, older, keyless])
    at = np.arange(len(rows))
    is_alias = (at >= n) & (at < n + len(alias))
    is_same = (at >= n + len(alias)) & (at < n + len(alias) + len(same))
    is_keyless = at >= len(rows) - len(keyless)
    is_older = (at >= n + len(alias) + len(same)) & ~is_keyless
    ids = number[rows] + np.where(is_alias, _MERGED_CONTACT, 0)
    ids[is_keyless] = -1
    master = np.where(contacts["merged"][rows], number[rows] - slot[rows], -1)
    master = np.where(is_alias, number[rows], master)
    of_account = accounts["ordinal"][account[rows]]
    moved = accounts["merged"][account[rows]] & (slot[rows] % 2 == 1)
    of_account = np.where(moved, of_account + MERGED_ACCOUNT, of_account)
    domain = names["domain"].take(pa.array(account))
    email = _email(contacts["first"], contacts["last"], slot, domain)
    titles = [*words.DECIDERS, *words.TITLES]
    draw = contacts["title"]
    title = np.where(slot < 2, draw % len(words.DECIDERS),
                     len(words.DECIDERS) + draw % len(words.TITLES))[rows]  # fmt: skip
    title = np.where(is_older, (title + 1) % len(titles), title)
    sources = [v for group in rules.LEAD_SOURCES for v in group]
    modified = np.minimum(contacts["created"][rows] + DAY, frame.end - 1)
    folder.write("salesforce", "contact", {
        "id": files.ids("003", ids),
        "account_id": files.ids("001", of_account),
        "email": email.take(pa.array(rows)),
        "lead_source": files.words(sources, np.where(draw % 3 == 0, -1, draw % len(sources))[rows]),
        "created_date": files.instants(contacts["created"][rows]),
        "title": files.words(titles, title),
        "master_record_id": files.ids("003", master),
        "is_deleted": files.flags(contacts["merged"][rows] | contacts["deleted"][rows] | is_alias),
        "contact_status_c": files.words(STATUSES, contacts["status"][rows]),
        "system_modstamp": files.instants(np.where(is_older, modified - 3600, modified)),
        "_fivetran_synced": files.instants(
            np.where(is_same | is_older, frame.end - 2 * DAY, frame.end - 1800)
        ),
    }, part)  # fmt: skip
    for rule, of in (("repeated", same), ("superseded", older)):
        spoilt += [("contact", k, rule, "") for k in files.ids("003", number[of]).to_pylist()]
    spoilt += [("contact", "", "null_key", "")] * len(keyless)


def _write_contact_history(
    folder: files.RawWriter, part: int, contacts: dict[str, np.ndarray]
) -> None:
    """Write the log of the contacts' statuses, under the field's name and under its label."""
    contact = contacts["log_contact"]
    folder.write("salesforce", "contact_history", {
        "id": files.ids("017", CHUNK_ROWS * (part + (1 << 17)) + np.arange(len(contact))),
        "contact_id": files.ids("003", contacts["number"][contact]),
        "field": files.words(("Contact_Status__c", "Contact Status"), contact % 2),
        "old_value": files.words(STATUSES, contacts["log_old"]),
        "new_value": files.words(STATUSES, contacts["log_new"]),
        "created_date": files.instants(contacts["log_at"]),
        "is_deleted": files.flags(contact < 0),
    }, part)  # fmt: skip


def _write_roles(
    folder: files.RawWriter, part: int, rng: np.random.Generator, deals: dict[str, np.ndarray],
    accounts: dict[str, np.ndarray], contacts: dict[str, np.ndarray], frame: Calendar,
) -> dict[str, np.ndarray]:  # fmt: skip
    n = len(deals["id"])
    account = deals["account"]
    base = accounts["ordinal"][account] * SLOTS
    draw = rng.integers(0, 1 << 20, n)
    decider = np.flatnonzero(deals["decides_at"] < NEVER)
    others = np.flatnonzero(rng.random(n) < 0.6)
    # A decision maker who was entered by mistake and removed.
    taken_out = np.flatnonzero((deals["decides_at"] > deals["created"]) & (draw % 5 == 0))
    rows = np.concatenate([decider, others, taken_out])
    at = np.arange(len(rows))
    is_other = (at >= len(decider)) & (at < len(decider) + len(others))
    is_out = at >= len(decider) + len(others)
    roles = [*rules.DECISION_ROLES, *rules.OTHER_ROLES, None,
             *(f"{r.lower()} " for r in rules.DECISION_ROLES)]  # fmt: skip
    decisive = draw[rows] % 4
    typed = draw[rows] % 13 == 5
    code = np.where(typed, 9 + decisive, decisive)
    # The primary contact is the decision maker, whatever the role says.
    primary = ~is_other & (draw[rows] // 4 % 3 == 0)
    plain = 4 + draw[rows] % 5
    code = np.where(primary & (draw[rows] % 2 == 0), plain, code)
    code = np.where(is_other, plain, code)
    span = np.minimum(deals["ends"], frame.end)[rows] - deals["created"][rows]
    later = deals["created"][rows] + span * rng.integers(0, 900, len(rows)) // 1000
    when = np.where(is_other, later, deals["decides_at"][rows])
    when = np.where(is_out, deals["created"][rows], when)
    count = contacts["count"][account[rows]]
    slot = np.where(is_other, draw[rows] // 8 % count, draw[rows] // 8 % 2)
    contact = base[rows] + slot
    doubled = accounts["merged"][account[rows]] & (slot == 0) & (draw[rows] % 2 == 0)
    contact = np.where(doubled, contact + _MERGED_CONTACT, contact)
    folder.write("salesforce", "opportunity_contact_role", {
        "id": files.ids("00K", part * CHUNK_ROWS + at),
        "opportunity_id": files.ids("006", deals["id"][rows]),
        "contact_id": files.ids("003", contact),
        "role": pa.array(roles, pa.string()).take(pa.array(code)),
        "is_primary": files.flags(primary),
        "created_date": files.instants(np.minimum(when, frame.end - 1)),
        "is_deleted": files.flags(is_out),
    }, part)  # fmt: skip
    return {"deal": rows[~is_out], "contact": (contacts["start"][account[rows]] + slot)[~is_out],
            "at": np.minimum(when, frame.end - 1)[~is_out]}  # fmt: skip


def _plan_leads(
    rng: np.random.Generator, contacts: dict[str, np.ndarray], accounts: dict[str, np.ndarray],
    frame: Calendar, part: int,
) -> dict[str, np.ndarray]:  # fmt: skip
    """Leads that were converted to a contact, then leads that were not."""
    of = np.flatnonzero(contacts["has_lead"])
    lone = 2 * len(accounts["ordinal"])
    n = len(of) + lone
    is_lone = np.arange(n) >= len(of)
    contact = np.concatenate([of, np.full(lone, -1)])
    span = frame.end - frame.start
    lone_created = frame.start + (np.maximum(rng.random(lone), rng.random(lone)) * span).astype(
        np.int64
    )
    converted = np.concatenate([contacts["created"][of], np.full(lone, NEVER)])
    created = np.concatenate([contacts["created"][of] - rng.integers(1, 50, len(of)) * DAY
                              - rng.integers(0, DAY, len(of)), lone_created])  # fmt: skip
    reached = np.concatenate(
        [np.full(len(of), SQL), clock.pick(rng, [38, 17, 9, 22, 8, 0, 6], lone)]
    )
    until = np.where(is_lone, np.minimum(created + 40 * DAY, frame.end), converted)
    part_of = np.sort(rng.random((n, 3)), axis=1)
    # In this order: marketing qualifies, sales accepts, the final status.
    stamps = created[:, None] + ((until - created)[:, None] * part_of).astype(np.int64)
    number = np.concatenate(
        [contacts["number"][of], _LONE_LEAD + part * CHUNK_ROWS + np.arange(lone)]
    )
    map_id = np.where(
        rng.random(n) < 0.85, _MAP_PERSON + part * _MAP_CHUNK + (1 << 21) + np.arange(n), -1
    )
    # The marketing platform has one record per person, whether lead or contact.
    map_id[: len(of)] = contacts["map_id"][of]
    first = np.concatenate([contacts["first"][of], rng.integers(0, len(words.FIRST), lone)])
    last = np.concatenate([contacts["last"][of], rng.integers(0, len(words.LAST), lone)])
    of_company = rng.integers(0, len(accounts["ordinal"]), lone)
    return {
        "number": number,
        "contact": contact,
        "is_lone": is_lone,
        "created": created,
        "converted": converted,
        "reached": reached,
        "first_reached": reached,
        "stamps": stamps,
        "map_id": map_id,
        "first": first,
        "last": last,
        "email_number": np.concatenate([contacts["slot"][of], np.arange(lone)]),
        "account": np.concatenate([contacts["account"][of], of_company]),
        "opportunity": np.concatenate([
            np.where((contacts["slot"][of] == 0) & contacts["with_deals"][of],
                     contacts["number"][of], -1),
            np.full(lone, -1),
        ]),
        "skips_sal": rng.random(n) < 0.2,
        "draw": rng.integers(0, 1 << 20, n),
        "account_number": np.concatenate(
            [accounts["ordinal"][contacts["account"][of]], np.full(lone, -1)]
        ),
        "employees": accounts["employees"][
            np.concatenate([contacts["account"][of], of_company])
        ],
    }  # fmt: skip


def _lead_email(leads: dict[str, np.ndarray], names: dict[str, pa.Array]) -> pa.Array:
    domain = names["domain"].take(pa.array(leads["account"]))
    lone = pc.binary_join_element_wise(files.constant("mail", len(domain)), domain, "-")
    domain = pc.if_else(pa.array(leads["is_lone"]), lone, domain)
    return _email(leads["first"], leads["last"], leads["email_number"], domain)


def _write_leads(
    folder: files.RawWriter, part: int, rng: np.random.Generator, leads: dict[str, np.ndarray],
    names: dict[str, pa.Array], company: Company, frame: Calendar,
) -> None:  # fmt: skip
    n = len(leads["number"])
    draw, reached, is_lone = leads["draw"], leads["reached"], leads["is_lone"]
    merged = np.flatnonzero(is_lone & (draw % 61 == 5))
    rows = np.concatenate([np.arange(n), merged])
    is_loser = np.arange(len(rows)) >= n
    sources = [v for group in rules.LEAD_SOURCES for v in group]
    rejected = (reached == REJECTED) & (draw % 10 >= 3)
    sdr = company.teams["sdr"]
    converted = ~is_lone
    company_name = names["name"].take(pa.array(leads["account"]))
    contact_number = np.where(converted, leads["number"], -1)
    folder.write("salesforce", "lead", {
        "id": files.ids("00Q", leads["number"][rows] + np.where(is_loser, _MERGED_LEAD, 0)),
        "email": _in_crm(leads, _lead_email(leads, names)).take(pa.array(rows)),
        "company": company_name.take(pa.array(rows)),
        "lead_source": files.words(
            sources, np.where(draw % 6 == 0, -1, draw % len(sources))[rows]),
        "status": files.words(STATUSES, reached[rows]),
        "rejection_reason_c": files.words(
            words.REJECTIONS, np.where(rejected, draw % len(words.REJECTIONS), -1)[rows]),
        "owner_id": files.ids("005", sdr[draw[rows] % len(sdr)]),
        "created_date": files.instants(leads["created"][rows]),
        "is_converted": files.flags(converted[rows]),
        "converted_date": files.instants(
            leads["converted"][rows], (is_lone | ~leads["is_dated"])[rows]),
        "converted_account_id": files.ids("001", leads["account_number"][rows]),
        "converted_contact_id": files.ids("003", contact_number[rows]),
        "converted_opportunity_id": files.ids("006", leads["opportunity"][rows]),
        "master_record_id": files.ids("00Q", np.where(is_loser, leads["number"][rows], -1)),
        "is_deleted": files.flags(is_loser | (is_lone & (draw % 83 == 4))[rows]),
        "number_of_employees": files.whole(
            leads["employees"][rows], (leads["employees"] < 0)[rows] | (draw % 4 == 0)[rows]),
        "_fivetran_synced": files.instants(np.full(len(rows), frame.end - 1800)),
    }, part)  # fmt: skip

    # Status by status. A lead that sales did not accept skips the statuses in between.
    after_mql = np.where(leads["is_mql_in_crm"], MQL, NEW)
    accepted = leads["is_accepted"]
    before_end = np.where(accepted, SAL, after_mql)
    steps = (
        (np.ones(n, dtype=bool), leads["created"], np.full(n, -1), np.full(n, NEW)),
        (leads["has_mql"], leads["mql_at"], np.full(n, NEW), np.full(n, MQL)),
        (accepted, leads["sal_at"], after_mql, np.full(n, SAL)),
        (leads["has_final"], leads["final_at"], before_end, reached),
        (leads["has_qualified"], leads["converted"], before_end, np.full(n, SQL)),
    )
    lead = np.concatenate([np.flatnonzero(which) for which, *_ in steps])
    at = np.concatenate([when[which] for which, when, _, _ in steps])
    old = np.concatenate([before[which] for which, _, before, _ in steps])
    new = np.concatenate([after[which] for which, _, _, after in steps])
    # As many draws as the log had rows before its gaps were planned: the draws that follow stay.
    rng.permutation(_planned_rows(leads))
    order = np.argsort(lead * 7919 % 10_007, kind="stable")
    folder.write("salesforce", "lead_history", {
        "id": files.ids("017", CHUNK_ROWS * (part + (1 << 16)) + np.arange(len(lead))),
        "lead_id": files.ids("00Q", leads["number"][lead[order]]),
        "field": files.words(("Status",), np.zeros(len(lead), dtype=np.int64)),
        "old_value": files.words(STATUSES, old[order]),
        "new_value": files.words(STATUSES, new[order]),
        "created_date": files.instants(np.minimum(at[order], frame.end - 1)),
        "is_deleted": files.flags(lead < 0),
    }, part)  # fmt: skip


def _in_crm(leads: dict[str, np.ndarray], email: pa.Array) -> pa.Array:
    """The addresses that the CRM has."""
    missing = np.flatnonzero(~leads["has_email"])
    return files.patched(email, missing, [None] * len(missing))


def _planned_rows(leads: dict[str, np.ndarray]) -> int:
    reached = leads["first_reached"]
    accepted = np.isin(reached, [SAL, SQL]) & ~leads["skips_sal"]
    turned = np.isin(reached, [REJECTED, RECYCLED, NURTURE])
    told = (leads["map_id"] < 0) & (reached != NEW)
    rows = np.stack([np.ones(len(reached), dtype=bool), accepted, turned, ~leads["is_lone"], told])
    return int(rows.sum())


def _write_map_people(
    folder: files.RawWriter, part: int, rng: np.random.Generator, contacts: dict[str, np.ndarray],
    leads: dict[str, np.ndarray], names: dict[str, pa.Array], frame: Calendar,
) -> dict[str, np.ndarray]:  # fmt: skip
    """Write the marketing platform's leads, their merges and status changes."""
    n = len(contacts["number"])
    lead_of = np.full(n, -1)
    with_contact = np.flatnonzero(leads["contact"] >= 0)
    lead_of[leads["contact"][with_contact]] = leads["number"][with_contact]
    lead_row = np.full(n, -1)
    lead_row[leads["contact"][with_contact]] = with_contact
    known = np.flatnonzero(contacts["map_id"] >= 0)
    lone = np.flatnonzero(leads["is_lone"] & (leads["map_id"] >= 0))
    map_id = np.concatenate([contacts["map_id"][known], leads["map_id"][lone]])
    count = len(map_id)
    contact_number = np.concatenate([contacts["number"][known], np.full(len(lone), -1)])
    lead_number = np.concatenate([lead_of[known], leads["number"][lone]])
    account = contacts["account"][known]
    domain = names["domain"].take(pa.array(account))
    email = pa.concat_arrays([
        _email(contacts["first"][known], contacts["last"][known], contacts["slot"][known], domain),
        _lead_email(leads, names).take(pa.array(lone)),
    ])  # fmt: skip
    u = rng.random(count)
    # Linked to the CRM by id, by the address alone (as people type it), or not at all.
    linked, by_mail = u < 0.78, (u >= 0.78) & (u < 0.94)
    shouted = pc.binary_join_element_wise(
        files.constant(" ", count), pc.utf8_upper(email), files.constant(" ", count), ""
    )
    elsewhere = pc.binary_join_element_wise(
        files.constant("visitor", count), pc.cast(pa.array(map_id), pa.string()),
        files.constant("@inbox.example", count), "",
    )  # fmt: skip
    email = pc.if_else(pa.array(by_mail), shouted, email)
    email = pc.if_else(pa.array(~linked & ~by_mail), elsewhere, email)
    nowhere = ~linked & ~by_mail & (map_id % 9 == 4)
    email = files.patched(email, np.flatnonzero(nowhere), [None] * int(nowhere.sum()))
    row_of_lead = np.concatenate([lead_row[known], lone])
    fallback = np.concatenate([contacts["created"][known], leads["created"][lone]])
    created = np.where(row_of_lead >= 0, leads["created"][row_of_lead], fallback)
    status = ("Known", "Engaged", "MQL", "Disqualified", "Recycled")
    reached = np.where(row_of_lead >= 0, leads["reached"][row_of_lead], SQL)
    status_code = np.array([1, 2, 2, 3, 4, 2, 4])[reached]
    sources = [v for group in rules.LEAD_SOURCES for v in group]
    draw = rng.integers(0, 1 << 20, count)
    company = names["name"].take(
        pa.array(np.concatenate([contacts["account"][known], leads["account"][lone]]))
    )
    account_number = np.concatenate([contacts["number"][known] // SLOTS, np.full(len(lone), -1)])
    folder.write("marketo", "lead", {
        "id": files.whole(map_id),
        "email": email,
        "company": company,
        "lead_source": files.words(sources, np.where(draw % 5 == 0, -1, draw % len(sources))),
        "created_at": files.instants(np.minimum(created + draw % 7200, frame.end - 1)),
        "sfdc_lead_id": files.ids("00Q", np.where(linked, lead_number, -1)),
        "sfdc_contact_id": files.ids("003", np.where(linked, contact_number, -1)),
        "sfdc_account_id": files.ids("001", np.where(linked, account_number, -1)),
        "original_source_type": files.words(
            ("Web form fill-out", "List import", "Web page visit", "Salesforce"), draw % 4),
        "lead_status": files.words(status, status_code),
    }, part)  # fmt: skip

    merges = np.flatnonzero(draw % 67 == 3)
    merged_at = created[merges] + rng.integers(1, 120, len(merges)) * DAY
    merged_at = np.minimum(merged_at, frame.end - 60)
    loser = map_id[merges] + MAP_LOSER
    folder.write("marketo", "activity_merge_leads", {
        "id": files.whole(part * CHUNK_ROWS + np.arange(len(merges))),
        "lead_id": files.whole(map_id[merges]),
        "activity_date": files.instants(merged_at),
        "merge_ids": files.texts(f"[{i}]" for i in loser),
    }, part)  # fmt: skip

    # The platform's own status log, for the people it knows.
    of = np.flatnonzero(row_of_lead >= 0)
    row = row_of_lead[of]
    mql = leads["mql_at"][row]
    is_mql = leads["reached"][row] != NEW
    again = np.isin(leads["reached"][row], [RECYCLED, NURTURE])
    steps = (
        (np.ones(len(of), dtype=bool), created[of] + 7200, 0, 1),
        (is_mql, mql, 1, 2),
        (again, leads["final_at"][row], 2, 4),
    )
    person = np.concatenate([map_id[of][which] for which, *_ in steps])
    at = np.concatenate([when[which] for which, when, _, _ in steps])
    old = np.concatenate([np.full(int(w.sum()), before) for w, _, before, _ in steps])
    new = np.concatenate([np.full(int(w.sum()), after) for w, _, _, after in steps])
    scored = np.flatnonzero(draw % 4 == 0)
    total = len(person) + len(scored)
    folder.write("marketo", "activity_change_data_value", {
        "id": files.whole(part * CHUNK_ROWS + np.arange(total)),
        "lead_id": files.whole(np.concatenate([person, map_id[scored]])),
        "activity_date": files.instants(
            np.minimum(np.concatenate([at, created[scored] + DAY]), frame.end - 1)),
        "primary_attribute_value": files.words(
            ("Lead Status", "Lead Score"), (np.arange(total) >= len(person)).astype(np.int64)),
        "old_value": pa.concat_arrays(
            [files.words(status, old), files.constant("0", len(scored))]),
        "new_value": pa.concat_arrays(
            [files.words(status, new), files.constant("25", len(scored))]),
    }, part)  # fmt: skip
    has_loser = np.full(count, -1)
    has_loser[merges] = merged_at
    has_source = draw % 5 > 0
    return {
        "map_id": map_id,
        "merged_at": has_loser,
        "known": known,
        "lead_of": lead_of,
        "contact": np.concatenate([known, np.full(len(lone), -1)]),
        "lead": row_of_lead,
        "linked": linked,
        "by_mail": by_mail,
        "has_email": ~nowhere,
        "created": np.minimum(created + draw % 7200, frame.end - 1),
        "lead_source": np.where(has_source, draw % len(sources), -1),
        "status": status_code,
    }
