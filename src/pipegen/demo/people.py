"""The people on the customers' side: contacts, leads, and everything they and the sellers did.

What belongs here: contact roles (which record the planned decision makers), leads and their way
through the funnel, campaign members, tasks, meetings, and the whole marketing platform. What does
not: anything that a verdict depends on, except the decision maker.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipegen.demo import clock, files, rules, words
from pipegen.demo.clock import DAY, NEVER
from pipegen.demo.company import Company
from pipegen.demo.crm import CHUNK_ROWS, MERGED_ACCOUNT, Spoilt
from pipegen.demo.scenarios import SLOTS, Calendar

_MERGED_CONTACT = 1 << 40
_LONE_LEAD = 1 << 41
_MERGED_LEAD = 1 << 42
_MAP_PERSON = 1_000_000
_MAP_CHUNK = 1 << 22
_MAP_LOSER = 1 << 40

_CONTACTS = ((2, 4), (3, 6), (4, 9), (2, 4))
# How many of a hundred touches are members, forms, clicks, opens, visits, tasks and meetings.
_KINDS = [14, 8, 18, 20, 14, 20, 6]
_MEMBER, _FORM, _CLICK, _OPEN, _VISIT, _TASK, _EVENT = range(7)
_TASK_TYPES = ("Call", "Email", "LinkedIn", "Demo Preparation")
_TASK_SUBTYPES = ("Call", "Email", "Task", "Task")
_LEAD_STATUS = (
    "Open - Not Contacted", "MQL", "Working - Contacted", "Disqualified", "Recycled", "Qualified",
    "Nurture",
)  # fmt: skip
_NEW, _MQL, _SAL, _REJECTED, _RECYCLED, _SQL, _NURTURE = range(7)

_UNUSED_STATUSES = (
    "marketo:Marketing Qualified", "salesforce:Accepted", "salesforce:Closed - Not Converted",
)  # fmt: skip


def write_people(
    folder: files.RawWriter, part: int, rng: np.random.Generator, accounts: dict[str, np.ndarray],
    names: dict[str, pa.Array], deals: dict[str, np.ndarray], company: Company, frame: Calendar,
    touches_per_opportunity: float, spoilt: Spoilt,
) -> None:  # fmt: skip
    """Write this module's tables for one chunk of accounts."""
    contacts = _plan_contacts(rng, accounts, deals, frame, part)
    leads = _plan_leads(rng, contacts, accounts, frame, part)
    _write_contacts(folder, part, contacts, accounts, names, frame, spoilt)
    _write_roles(folder, part, rng, deals, accounts, contacts, frame)
    _write_leads(folder, part, rng, leads, names, company, frame)
    people = _write_map_people(folder, part, rng, contacts, leads, names, frame)
    if part == 0:
        # Of the seed's statuses, these are left over from an earlier set-up: no record has them.
        spoilt += [("setting", name, "lifecycle_status_unused", "") for name in _UNUSED_STATUSES]
    _write_touches(folder, part, rng, contacts, leads, people, accounts, deals, company, frame,
                   touches_per_opportunity, spoilt)  # fmt: skip


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
        "system_modstamp": files.instants(np.where(is_older, modified - 3600, modified)),
        "_fivetran_synced": files.instants(
            np.where(is_same | is_older, frame.end - 2 * DAY, frame.end - 1800)
        ),
    }, part)  # fmt: skip
    for rule, of in (("repeated", same), ("superseded", older)):
        spoilt += [("contact", k, rule, "") for k in files.ids("003", number[of]).to_pylist()]
    spoilt += [("contact", "", "null_key", "")] * len(keyless)


def _write_roles(
    folder: files.RawWriter, part: int, rng: np.random.Generator, deals: dict[str, np.ndarray],
    accounts: dict[str, np.ndarray], contacts: dict[str, np.ndarray], frame: Calendar,
) -> None:  # fmt: skip
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
        [np.full(len(of), _SQL), clock.pick(rng, [38, 17, 9, 22, 8, 0, 6], lone)]
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
    return {
        "number": number,
        "contact": contact,
        "is_lone": is_lone,
        "created": created,
        "converted": converted,
        "reached": reached,
        "stamps": stamps,
        "map_id": map_id,
        "first": np.concatenate([contacts["first"][of], rng.integers(0, len(words.FIRST), lone)]),
        "last": np.concatenate([contacts["last"][of], rng.integers(0, len(words.LAST), lone)]),
        "email_number": np.concatenate([contacts["slot"][of], np.arange(lone)]),
        "account": np.concatenate(
            [contacts["account"][of], rng.integers(0, len(accounts["ordinal"]), lone)]
        ),
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
            np.concatenate([contacts["account"][of], np.zeros(lone, dtype=np.int64)])
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
    rejected = (reached == _REJECTED) & (draw % 10 >= 3)
    sdr = company.teams["sdr"]
    converted = ~is_lone
    company_name = names["name"].take(pa.array(leads["account"]))
    contact_number = np.where(converted, leads["number"], -1)
    folder.write("salesforce", "lead", {
        "id": files.ids("00Q", leads["number"][rows] + np.where(is_loser, _MERGED_LEAD, 0)),
        "email": _lead_email(leads, names).take(pa.array(rows)),
        "company": company_name.take(pa.array(rows)),
        "lead_source": files.words(
            sources, np.where(draw % 6 == 0, -1, draw % len(sources))[rows]),
        "status": files.words(_LEAD_STATUS, reached[rows]),
        "rejection_reason_c": files.words(
            words.REJECTIONS, np.where(rejected, draw % len(words.REJECTIONS), -1)[rows]),
        "owner_id": files.ids("005", sdr[draw[rows] % len(sdr)]),
        "created_date": files.instants(leads["created"][rows]),
        "is_converted": files.flags(converted[rows]),
        "converted_date": files.instants(leads["converted"][rows], is_lone[rows]),
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
    mql, sal, final = leads["stamps"].T
    accepted = np.isin(reached, [_SAL, _SQL]) & ~leads["skips_sal"]
    steps = (
        (np.ones(n, dtype=bool), leads["created"], np.full(n, -1), np.full(n, _NEW)),
        (accepted, sal, np.full(n, _NEW), np.full(n, _SAL)),
        (np.isin(reached, [_REJECTED, _RECYCLED, _NURTURE]), final, np.full(n, _NEW), reached),
        (converted, leads["converted"], np.where(accepted, _SAL, _NEW), np.full(n, _SQL)),
        # If the marketing platform does not know the lead, the CRM's status records the MQL.
        ((leads["map_id"] < 0) & (reached != _NEW), mql, np.full(n, _NEW), np.full(n, _MQL)),
    )
    lead = np.concatenate([np.flatnonzero(which) for which, *_ in steps])
    at = np.concatenate([when[which] for which, when, _, _ in steps])
    old = np.concatenate([before[which] for which, _, before, _ in steps])
    new = np.concatenate([after[which] for which, _, _, after in steps])
    order = rng.permutation(len(lead))
    folder.write("salesforce", "lead_history", {
        "id": files.ids("017", CHUNK_ROWS * (part + (1 << 16)) + np.arange(len(lead))),
        "lead_id": files.ids("00Q", leads["number"][lead[order]]),
        "field": files.words(("Status",), np.zeros(len(lead), dtype=np.int64)),
        "old_value": files.words(_LEAD_STATUS, old[order]),
        "new_value": files.words(_LEAD_STATUS, new[order]),
        "created_date": files.instants(np.minimum(at[order], frame.end - 1)),
        "is_deleted": files.flags(lead < 0),
    }, part)  # fmt: skip


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
    row_of_lead = np.concatenate([lead_row[known], lone])
    fallback = np.concatenate([contacts["created"][known], leads["created"][lone]])
    created = np.where(row_of_lead >= 0, leads["created"][row_of_lead], fallback)
    status = ("Known", "Engaged", "MQL", "Disqualified", "Recycled")
    reached = np.where(row_of_lead >= 0, leads["reached"][row_of_lead], _SQL)
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
    loser = map_id[merges] + _MAP_LOSER
    folder.write("marketo", "activity_merge_leads", {
        "id": files.whole(part * CHUNK_ROWS + np.arange(len(merges))),
        "lead_id": files.whole(map_id[merges]),
        "activity_date": files.instants(merged_at),
        "merge_ids": files.texts(f"[{i}]" for i in loser),
    }, part)  # fmt: skip

    # The platform's own status log, for the people it knows.
    of = np.flatnonzero(row_of_lead >= 0)
    row = row_of_lead[of]
    mql = leads["stamps"][row, 0]
    is_mql = leads["reached"][row] != _NEW
    again = np.isin(leads["reached"][row], [_RECYCLED, _NURTURE])
    steps = (
        (np.ones(len(of), dtype=bool), created[of] + 7200, 0, 1),
        (is_mql, mql, 1, 2),
        (again, leads["stamps"][row, 2], 2, 4),
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
    return {"map_id": map_id, "merged_at": has_loser, "known": known,
            "lead_of": lead_of}  # fmt: skip


def _write_touches(
    folder: files.RawWriter, part: int, rng: np.random.Generator, contacts: dict[str, np.ndarray],
    leads: dict[str, np.ndarray], people: dict[str, np.ndarray], accounts: dict[str, np.ndarray],
    deals: dict[str, np.ndarray], company: Company, frame: Calendar, per_deal: float,
    spoilt: Spoilt,
) -> None:  # fmt: skip
    n = len(deals["id"])
    wanted = round(per_deal * n)
    # Each deal has between none and twice the mean, then the total is cut to the wanted number.
    each = rng.integers(0, 2 * max(round(per_deal), 1) + 1, n) if per_deal > 0 else np.zeros(n, int)
    deal = np.repeat(np.arange(n), each)
    if len(deal) < wanted:
        deal = np.concatenate([deal, rng.integers(0, n, wanted - len(deal))])
    deal = deal[np.sort(rng.permutation(len(deal))[:wanted])]
    total = len(deal)
    account = deals["account"][deal]
    contact = (
        contacts["start"][account] + rng.integers(0, 1 << 20, total) % contacts["count"][account]
    )
    created = deals["created"][deal]
    until = np.minimum(deals["ends"], frame.end)[deal]
    before = rng.random(total) < 0.6
    u = rng.random(total)
    at = np.where(
        before,
        created - (u * rng.random(total) * 150 * DAY).astype(np.int64),
        created + (u * (until - created)).astype(np.int64),
    )
    at = np.minimum(at, frame.end - 1)
    kind = clock.pick(rng, _KINDS, total)
    # Marketing never touched some deals, and does not know some people.
    dark = rng.random(n) < 0.12
    not_marketing = dark[deal] & (kind < _TASK)
    kind[not_marketing] = _TASK
    map_id = contacts["map_id"][contact]
    kind[np.isin(kind, [_FORM, _CLICK, _OPEN, _VISIT]) & (map_id < 0)] = _TASK
    merged_at = np.full(len(contacts["number"]), -1)
    merged_at[people["known"]] = people["merged_at"][: len(people["known"])]
    earlier = (merged_at[contact] > at) & (np.arange(total) % 2 == 0)
    map_id = np.where(earlier, map_id + _MAP_LOSER, map_id)
    draw = rng.integers(0, 1 << 20, total)

    # Leads without a deal have touches too: the one that qualified them, and a few more.
    alone = np.flatnonzero(leads["is_lone"])
    moved = alone[leads["reached"][alone] != _NEW]
    until_mql = leads["stamps"][moved, 0] - leads["created"][moved]
    first_at = leads["created"][moved] + until_mql * rng.integers(0, 1000, len(moved)) // 1000
    more = alone[rng.integers(0, len(alone), len(alone) // 2)]
    more_at = leads["created"][more] + rng.integers(0, 30 * DAY, len(more))
    kept = slice(None) if per_deal > 0 else slice(0)
    lone = np.concatenate([moved, more])[kept]
    lone_at = np.minimum(np.concatenate([first_at, more_at]), frame.end - 1)[kept]
    lone_form = (rng.random(len(lone)) < 0.5) & (leads["map_id"][lone] >= 0)

    is_member = np.flatnonzero(kind == _MEMBER)
    _write_members(
        folder, part, rng,
        person=np.concatenate([contacts["number"][contact[is_member]], np.full(
            int((~lone_form).sum()), -1)]),
        lead=np.concatenate([people["lead_of"][contact[is_member]], leads["number"][
            lone[~lone_form]]]),
        at=np.concatenate([at[is_member], lone_at[~lone_form]]),
        company=company, spoilt=spoilt,
    )  # fmt: skip
    program = 1_000 + company.campaign(at // DAY, draw % len(rules.CAMPAIGN_TYPES))
    lone_map = leads["map_id"][lone[lone_form]]
    for table, code, values in (
        ("activity_fill_out_form", _FORM, words.FORMS),
        ("activity_click_email", _CLICK, words.MAILS),
        ("activity_open_email", _OPEN, words.MAILS),
        ("activity_visit_webpage", _VISIT, words.PAGES),
    ):
        of = np.flatnonzero(kind == code)
        lone_count = len(lone_map) if code == _FORM else 0
        person = np.concatenate([map_id[of], lone_map[:lone_count]])
        when = np.concatenate([at[of], lone_at[lone_form][:lone_count]])
        pick = np.concatenate([draw[of], np.arange(lone_count)])
        campaign = np.concatenate([program[of], np.full(lone_count, -1)])
        if code == _VISIT:
            campaign[:] = -1
        folder.write("marketo", table, {
            "id": files.whole(part * CHUNK_ROWS + np.arange(len(person))),
            "lead_id": files.whole(person),
            "activity_date": files.instants(when),
            "primary_attribute_value": files.words(values, pick % len(values)),
            "campaign_id": files.whole(campaign, campaign < 0),
        }, part)  # fmt: skip
        if code == _FORM:
            _write_memberships(folder, part, person, campaign, when, pick, frame)
    owner_of = (company.teams["sdr"], company.teams["ae"])
    owner = np.where(before, owner_of[0][draw % len(owner_of[0])],
                     owner_of[1][draw % len(owner_of[1])])  # fmt: skip
    who = contacts["number"][contact]
    as_lead = (people["lead_of"][contact] >= 0) & (draw % 9 == 0) & before
    ordinal = accounts["ordinal"][account]
    of = np.flatnonzero(kind == _TASK)
    _write_tasks(folder, part, rng, who[of], as_lead[of], deals["id"][deal[of]], ordinal[of],
                 owner[of], at[of], draw[of], spoilt)  # fmt: skip
    of = np.flatnonzero(kind == _EVENT)
    folder.write("salesforce", "event", {
        "id": files.ids("00U", part * CHUNK_ROWS + np.arange(len(of))),
        "who_id": files.ids("003", who[of]),
        "what_id": files.ids("006", np.where(before[of], -1, deals["id"][deal[of]])),
        "account_id": files.ids("001", ordinal[of]),
        "owner_id": files.ids("005", owner[of]),
        "subject": files.words(("Demo", "Discovery meeting", "Workshop", "On-site visit"),
                               draw[of] % 4),
        "start_date_time": files.instants(at[of]),
        "created_date": files.instants(at[of] - draw[of] % (5 * DAY)),
        "is_deleted": files.flags(draw[of] % 101 == 0),
    }, part)  # fmt: skip


def _write_members(
    folder: files.RawWriter, part: int, rng: np.random.Generator, *, person: np.ndarray,
    lead: np.ndarray, at: np.ndarray, company: Company, spoilt: Spoilt,
) -> None:  # fmt: skip
    n = len(at)
    kind = clock.pick(rng, [30, 14, 16, 16, 8, 8, 6, 2], n)
    draw = rng.integers(0, 1 << 20, n)
    campaign = company.campaign(at // DAY, kind)
    responded = rng.random(n) < 0.68
    as_lead = (lead >= 0) & ((person < 0) | (draw % 4 == 0))
    same = np.flatnonzero(draw % 997 == 1)[:50]
    rows = np.concatenate([np.arange(n), same])
    number = part * CHUNK_ROWS + np.arange(n)
    dated = responded & (draw % 5 > 0)
    table = {
        "id": files.ids("00v", number),
        "campaign_id": files.ids("701", campaign),
        "lead_id": files.ids("00Q", np.where(as_lead, lead, -1)),
        "contact_id": files.ids("003", np.where(as_lead, -1, person)),
        "status": files.words(("Sent", "Responded", "Attended"),
                              np.where(responded, 1 + draw % 2, 0)),
        "has_responded": files.flags(responded),
        "first_responded_date": files.days(at // DAY, ~dated),
        "created_date": files.instants(at - np.where(dated, draw % (6 * DAY), 0)),
        "is_deleted": files.flags(draw % 211 == 0),
    }  # fmt: skip
    folder.write("salesforce", "campaign_member",
                 {name: c.take(pa.array(rows)) for name, c in table.items()}, part)  # fmt: skip
    spoilt += [("campaign_member", k, "repeated", "")
               for k in files.ids("00v", number[same]).to_pylist()]  # fmt: skip


def _write_tasks(
    folder: files.RawWriter, part: int, rng: np.random.Generator, who: np.ndarray,
    as_lead: np.ndarray, deal: np.ndarray, account: np.ndarray, owner: np.ndarray, at: np.ndarray,
    draw: np.ndarray, spoilt: Spoilt,
) -> None:  # fmt: skip
    n = len(at)
    keyless = np.arange(min(n, 2 if part == 0 else 0))
    rows = np.concatenate([np.arange(n), keyless])
    number = np.concatenate([part * CHUNK_ROWS + np.arange(n), np.full(len(keyless), -1)])
    kind = clock.pick(rng, [48, 32, 10, 10], n)
    closed = draw % 13 > 0
    stamped = closed & (draw % 5 > 0)
    what = np.where(draw % 3 == 0, -1, deal)
    typed = draw % 8 > 0
    person = pc.if_else(pa.array(as_lead), files.ids("00Q", who), files.ids("003", who))
    table = {
        "who_id": person,
        "what_id": pc.if_else(pa.array(draw % 7 == 0), files.ids("001", account),
                              files.ids("006", what)),
        "account_id": files.ids("001", account),
        "owner_id": files.ids("005", owner),
        "subject": files.words(words.SUBJECTS, draw % len(words.SUBJECTS)),
        "task_subtype": files.words(_TASK_SUBTYPES, kind),
        "type": files.words(_TASK_TYPES, np.where(typed, kind, -1)),
        "status": files.words(("Completed", "Not Started"), (~closed).astype(np.int64)),
        "is_closed": files.flags(closed),
        "activity_date": files.days(at // DAY),
        "completed_date_time": files.instants(at, ~stamped),
        "created_date": files.instants(at - draw % (3 * DAY)),
        "is_deleted": files.flags(draw % 251 == 0),
    }  # fmt: skip
    table = {name: column.take(pa.array(rows)) for name, column in table.items()}
    folder.write("salesforce", "task", {"id": files.ids("00T", number), **table}, part)
    spoilt += [("task", "", "null_key", "")] * len(keyless)


def _write_memberships(
    folder: files.RawWriter, part: int, person: np.ndarray, program: np.ndarray, when: np.ndarray,
    draw: np.ndarray, frame: Calendar,
) -> None:  # fmt: skip
    """One row per person and program: whoever filled out a program's form is a member."""
    of = np.flatnonzero(program >= 0)
    pairs = person[of] * (1 << 20) + program[of]
    _, first = np.unique(pairs, return_index=True)
    of = of[first]
    reached = draw[of] % 3 == 0
    folder.write("marketo", "program_membership", {
        "id": files.whole(person[of]),
        "program_id": files.whole(program[of]),
        "membership_date": files.instants(when[of]),
        "progression_status": files.words(("Member", "Attended", "Registered"), draw[of] % 3),
        "reached_success": files.flags(reached),
        "reached_success_date": files.instants(
            np.minimum(when[of] + draw[of] % (5 * DAY), frame.end - 1), ~reached),
    }, part)  # fmt: skip
