"""What people on the customers' side did, and what sellers did with them.

What belongs here: campaign members, tasks, meetings, and the activities of the marketing platform.
What does not: who these people are (`people`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipegen.demo import clock, files, rules, words
from pipegen.demo.clock import DAY
from pipegen.demo.company import Company
from pipegen.demo.crm import CHUNK_ROWS, Spoilt
from pipegen.demo.lifecycle import NEW, plan_calls
from pipegen.demo.people import MAP_LOSER, People
from pipegen.demo.scenarios import Calendar

# How many of a hundred touches are members, forms, clicks, opens, visits, tasks and meetings.
_KINDS = [14, 8, 18, 20, 14, 20, 6]
_MEMBER, _FORM, _CLICK, _OPEN, _VISIT, _TASK, _EVENT = range(7)
_TASK_TYPES = ("Call", "Email", "LinkedIn", "Demo Preparation")
_TASK_SUBTYPES = ("Call", "Email", "Task", "Task")
# Where the numbers of calls to marketing's leads start.
_CALLS = 1 << 27

CONTACT, LEAD, KNOWN = range(3)
# Kinds of touches as the seed `touch_types` has them, and the channel of each. That of a response
# to a campaign is that of the campaign's type.
KINDS = ("campaign_response", "call", "sales_email", "social", "task", "meeting", "form_fill",
         "email_click", "web_visit")  # fmt: skip
CHANNELS = ("", "outbound", "outbound", "social", "outbound", "meeting", "web", "email", "web")
_KIND_OF = {_FORM: 6, _CLICK: 7, _VISIT: 8}
_BY_TASK_TYPE = np.array([1, 2, 3, 4])
# Tables in the order of their names, which decides between touches at one instant.
_TABLES = {name: rank for rank, name in enumerate((
    "campaign_member", "click_email", "event", "fill_out_form", "task", "visit_webpage",
))}  # fmt: skip


@dataclass(frozen=True)
class Touches:
    """Touches that count: of which record (`row` of the table that `record` names), and when."""

    record: int
    row: np.ndarray
    at: np.ndarray
    kind: np.ndarray
    campaign_type: np.ndarray  # -1: no campaign
    by_seller: np.ndarray  # a task or meeting of somebody who sells
    table: int
    number: np.ndarray

    @classmethod
    def of(
        cls, record: int, row: np.ndarray, at: np.ndarray, kind: np.ndarray | int, table: str,
        number: np.ndarray, *, campaign_type: np.ndarray | int = -1, by_seller: bool = False,
    ) -> Touches:  # fmt: skip
        """Touches of one table."""
        kinds = np.broadcast_to(np.asarray(kind), row.shape)
        return cls(
            record, row, at, kinds, np.broadcast_to(np.asarray(campaign_type), row.shape),
            by_seller & (kinds != KINDS.index("social")), _TABLES[table], number,
        )  # fmt: skip


def write_touches(
    folder: files.RawWriter, seed: int, part: int, rng: np.random.Generator, people: People,
    accounts: dict[str, np.ndarray], deals: dict[str, np.ndarray], company: Company,
    frame: Calendar, per_deal: float, spoilt: Spoilt,
) -> list[Touches]:  # fmt: skip
    """Write this module's tables for one chunk of accounts; returns the touches that count."""
    contacts, leads, known = people.contacts, people.leads, people.known
    told: list[Touches] = []
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
    merged_at[known["known"]] = known["merged_at"][: len(known["known"])]
    earlier = (merged_at[contact] > at) & (np.arange(total) % 2 == 0)
    map_id = np.where(earlier, map_id + MAP_LOSER, map_id)
    draw = rng.integers(0, 1 << 20, total)

    # Leads without a deal have touches too: the one that qualified them, and a few more.
    alone = np.flatnonzero(leads["is_lone"])
    moved = alone[leads["reached"][alone] != NEW]
    until_mql = leads["stamps"][moved, 0] - leads["created"][moved]
    first_at = leads["created"][moved] + until_mql * rng.integers(0, 1000, len(moved)) // 1000
    more = alone[rng.integers(0, len(alone), len(alone) // 2)]
    more_at = leads["created"][more] + rng.integers(0, 30 * DAY, len(more))
    kept = slice(None) if per_deal > 0 else slice(0)
    lone = np.concatenate([moved, more])[kept]
    lone_at = np.minimum(np.concatenate([first_at, more_at]), frame.end - 1)[kept]
    lone_form = (rng.random(len(lone)) < 0.5) & (leads["map_id"][lone] >= 0)

    is_member = np.flatnonzero(kind == _MEMBER)
    lead_row = np.full(len(contacts["number"]), -1)
    converted = np.flatnonzero(leads["contact"] >= 0)
    lead_row[leads["contact"][converted]] = converted
    none = np.full(int((~lone_form).sum()), -1)
    told += _write_members(
        folder, part, rng, people,
        contact=np.concatenate([contact[is_member], none]),
        lead=np.concatenate([lead_row[contact[is_member]], lone[~lone_form]]),
        at=np.concatenate([at[is_member], lone_at[~lone_form]]),
        company=company, spoilt=spoilt,
    )  # fmt: skip
    program = company.campaign(at // DAY, draw % len(rules.CAMPAIGN_TYPES))
    lone_row = lone[lone_form]
    lone_map = leads["map_id"][lone_row]
    own = clock.stream(seed, part, "programs of leads")
    asked = clock.pick(own, [30, 10, 22, 26, 4, 2, 5, 1], len(lone_row))
    lone_program = np.where(own.random(len(lone_row)) < 0.8,
                            company.campaign(lone_at[lone_form] // DAY, asked), -1)  # fmt: skip
    # Both number the platform's leads: those of contacts, then those of leads.
    known_row = np.full(len(contacts["number"]), -1)
    known_row[known["known"]] = np.arange(len(known["known"]))
    known_of_lead = np.full(len(leads["number"]), -1)
    alone_known = known["lead"][len(known["known"]) :]
    known_of_lead[alone_known] = len(known["known"]) + np.arange(len(alone_known))
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
        campaign = np.concatenate([program[of], lone_program[:lone_count]])
        if code == _VISIT:
            campaign[:] = -1
        smart = company.smart_campaign(campaign, pick)
        if code != _OPEN:
            row = np.concatenate([known_row[contact[of]], known_of_lead[lone_row[:lone_count]]])
            told.append(Touches.of(KNOWN, row, when, _KIND_OF[code], table[len("activity_"):],
                                   part * CHUNK_ROWS + np.arange(len(person))))  # fmt: skip
        folder.write("marketo", table, {
            "id": files.whole(part * CHUNK_ROWS + np.arange(len(person))),
            "lead_id": files.whole(person),
            "activity_date": files.instants(when),
            "primary_attribute_value": files.words(values, pick % len(values)),
            "campaign_id": files.whole(smart, campaign < 0),
        }, part)  # fmt: skip
        if code == _FORM:
            _write_memberships(folder, part, person, campaign, when, pick, frame)
    owner_of = (company.teams["sdr"], company.teams["ae"])
    owner = np.where(before, owner_of[0][draw % len(owner_of[0])],
                     owner_of[1][draw % len(owner_of[1])])  # fmt: skip
    who = contacts["number"][contact]
    as_lead = (known["lead_of"][contact] >= 0) & (draw % 9 == 0) & before
    ordinal = accounts["ordinal"][account]
    of = np.flatnonzero(kind == _TASK)
    calls = plan_calls(clock.stream(seed, part, "calls"), contacts, leads,
                       len(company.teams["sdr"]), frame)  # fmt: skip
    told += _write_tasks(
        folder, part, rng, people, calls, lead_row, contact[of], as_lead[of],
        deals["id"][deal[of]], ordinal[of], owner[of], at[of], draw[of], company, accounts, spoilt,
    )  # fmt: skip
    of = np.flatnonzero(kind == _EVENT)
    stays = of[draw[of] % 101 != 0]
    told.append(Touches.of(
        CONTACT, contact[stays], at[stays], KINDS.index("meeting"), "event",
        part * CHUNK_ROWS + np.flatnonzero(draw[of] % 101 != 0), by_seller=True,
    ))  # fmt: skip
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
    return told


def _write_members(
    folder: files.RawWriter, part: int, rng: np.random.Generator, people: People, *,
    contact: np.ndarray, lead: np.ndarray, at: np.ndarray, company: Company, spoilt: Spoilt,
) -> list[Touches]:  # fmt: skip
    n = len(at)
    kind = clock.pick(rng, [30, 14, 16, 16, 8, 8, 6, 2], n)
    draw = rng.integers(0, 1 << 20, n)
    campaign = company.campaign(at // DAY, kind)
    responded = rng.random(n) < 0.68
    as_lead = (lead >= 0) & ((contact < 0) | (draw % 4 == 0))
    same = np.flatnonzero(draw % 997 == 1)[:50]
    rows = np.concatenate([np.arange(n), same])
    number = part * CHUNK_ROWS + np.arange(n)
    dated = responded & (draw % 5 > 0)
    table = {
        "id": files.ids("00v", number),
        "campaign_id": files.ids("701", campaign),
        "lead_id": files.ids("00Q", np.where(as_lead, people.leads["number"][lead], -1)),
        "contact_id": files.ids("003", np.where(as_lead, -1, people.contacts["number"][contact])),
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
    counts = responded & (draw % 211 != 0)
    seen = np.where(dated, at // DAY * DAY, at)
    return [
        Touches.of(record, row[of], seen[of], KINDS.index("campaign_response"), "campaign_member",
                   number[of], campaign_type=kind[of])
        for record, row, of in (
            (LEAD, lead, np.flatnonzero(counts & as_lead)),
            (CONTACT, contact, np.flatnonzero(counts & ~as_lead)),
        )
    ]  # fmt: skip


def _write_tasks(
    folder: files.RawWriter, part: int, rng: np.random.Generator, people: People,
    calls: dict[str, np.ndarray], lead_row: np.ndarray, contact: np.ndarray, as_lead: np.ndarray,
    deal: np.ndarray, account: np.ndarray, owner: np.ndarray, at: np.ndarray, draw: np.ndarray,
    company: Company, accounts: dict[str, np.ndarray], spoilt: Spoilt,
) -> list[Touches]:  # fmt: skip
    n = len(at)
    who = people.contacts["number"][contact]
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
    table = {"id": files.ids("00T", number), **table}
    called, more = _calls(people, calls, company, accounts, part)
    folder.write("salesforce", "task", {
        name: pa.concat_arrays([column, called[name].cast(column.type)])
        for name, column in table.items()
    }, part)  # fmt: skip
    spoilt += [("task", "", "null_key", "")] * len(keyless)
    counts = closed & (draw % 251 != 0)
    seen = np.where(stamped, at, at // DAY * DAY)
    # Where a task has no type, its subtype says it.
    kinds = np.where(typed, _BY_TASK_TYPE[kind], np.array([1, 2, 4, 4])[kind])
    own_number = part * CHUNK_ROWS + np.arange(n)
    return more + [
        Touches.of(record, row[of], seen[of], kinds[of], "task", own_number[of], by_seller=True)
        for record, row, of in (
            (LEAD, lead_row[contact], np.flatnonzero(counts & as_lead)),
            (CONTACT, contact, np.flatnonzero(counts & ~as_lead)),
        )
    ]


def _calls(
    people: People, calls: dict[str, np.ndarray], company: Company,
    accounts: dict[str, np.ndarray], part: int,
) -> tuple[dict[str, pa.Array], list[Touches]]:  # fmt: skip
    """The calls to marketing's leads, as rows of the task table and as touches."""
    contacts, leads = people.contacts, people.leads
    is_lead, row, at, draw = (calls[name] for name in ("is_lead", "row", "at", "draw"))
    n = len(row)
    as_lead, as_contact = np.where(is_lead, row, 0), np.where(is_lead, 0, row)
    sdr = company.teams["sdr"]
    owner = np.where(is_lead, sdr[leads["draw"][as_lead] % len(sdr)], sdr[calls["owner"]])
    account = accounts["ordinal"][contacts["account"][as_contact]]
    by_mail = draw % 3 == 0
    number = part * CHUNK_ROWS + _CALLS + np.arange(n)
    table = {
        "id": files.ids("00T", number),
        "who_id": pc.if_else(pa.array(is_lead), files.ids("00Q", leads["number"][as_lead]),
                             files.ids("003", contacts["number"][as_contact])),
        "what_id": files.constant(None, n),
        "account_id": files.ids("001", np.where(is_lead, -1, account)),
        "owner_id": files.ids("005", owner),
        "subject": files.words(words.SUBJECTS, draw % 3),
        "task_subtype": files.words(_TASK_SUBTYPES, by_mail.astype(np.int64)),
        "type": files.words(_TASK_TYPES, by_mail.astype(np.int64)),
        "status": files.constant("Completed", n),
        "is_closed": files.flags(np.ones(n, dtype=bool)),
        "activity_date": files.days(at // DAY),
        "completed_date_time": files.instants(at),
        "created_date": files.instants(at),
        "is_deleted": files.flags(np.zeros(n, dtype=bool)),
    }  # fmt: skip
    kinds = np.where(by_mail, KINDS.index("sales_email"), KINDS.index("call"))
    return table, [
        Touches.of(record, row[of], at[of], kinds[of], "task", number[of], by_seller=True)
        for record, of in (
            (LEAD, np.flatnonzero(is_lead)), (CONTACT, np.flatnonzero(~is_lead)),
        )
    ]  # fmt: skip


def _write_memberships(
    folder: files.RawWriter, part: int, person: np.ndarray, program: np.ndarray, when: np.ndarray,
    draw: np.ndarray, frame: Calendar,
) -> None:  # fmt: skip
    """One row per person and program: whoever filled out a program's form is a member."""
    of = np.flatnonzero(program >= 0)
    program = Company.program(program)
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
