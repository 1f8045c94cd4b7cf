"""The truth about each person: who they are, how far they came, and what each system says of it.

What belongs here: the rows of `truth/people.csv` and `truth/map_crm_gaps.csv`, from what was
planned: statuses that were logged or not, roles, conversions, touches. What does not: reading a raw
table, and deciding anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import numpy as np

from pipegen.demo import files, rules, words
from pipegen.demo.clock import DAY, NEVER
from pipegen.demo.company import Company, exchange_rate
from pipegen.demo.lifecycle import MQL, NEW, SAL, SQL, STAGE_OF
from pipegen.demo.people import People
from pipegen.demo.scenarios import CURRENCIES, EMPTY, Calendar
from pipegen.demo.touches import CHANNELS, CONTACT, KINDS, KNOWN, LEAD, Touches

STAGES = (
    "inquiry", "mql", "sal", "sql", "opportunity", "won", "lost", "renewal", "rejected", "recycled",
)  # fmt: skip
_CODE = {stage: code for code, stage in enumerate(STAGES)}
_OPEN, _WON, _LOST = range(3)

COLUMNS = (
    "person_id", "is_in_crm", "is_in_map", "map_lead_ids", "owner_id", "channel", "stage_reached",
    *(f"{stage}_at" for stage in STAGES), "imputed", "opportunity_id", "mql_disposition",
    "rejection_reason", "response_days", "last_touch_at", "last_touch_kind", "last_touch_channel",
    "outcome", "won_amount",
)  # fmt: skip
GAP_COLUMNS = ("record_type", "record_id", "missing_in", "cause")


@dataclass(frozen=True)
class _Who:
    """Whom each record stands for (-1: no one), and each person's id (None: there is none)."""

    of_contact: np.ndarray
    of_lead: np.ndarray
    of_known: np.ndarray
    ids: np.ndarray

    def of(self, record: int, row: np.ndarray) -> np.ndarray:
        """The people of some rows of a kind of record."""
        return {CONTACT: self.of_contact, LEAD: self.of_lead, KNOWN: self.of_known}[record][row]


def _identify(people: People) -> _Who:
    """A contact is a person; so is a lead without one, and whom only the platform knows."""
    contacts, leads, known = people.contacts, people.leads, people.known
    n, m = len(contacts["number"]), len(leads["number"])
    gone = contacts["deleted"] & ~contacts["merged"]
    of_contact = np.where(contacts["merged"], contacts["start"][contacts["account"]], np.arange(n))
    of_contact = np.where(gone, -1, of_contact)
    behind = np.where(leads["contact"] >= 0, of_contact[leads["contact"]], -1)
    kept = ~(leads["is_lone"] & (leads["draw"] % 83 == 4))
    of_lead = np.where(behind >= 0, behind, np.where(kept, n + np.arange(m), -1))
    contact, lead = known["contact"], known["lead"]
    by_contact = np.where(contact >= 0, of_contact[contact], -1)
    by_lead = np.where(lead >= 0, of_lead[lead], -1)
    by_id = np.where(by_contact >= 0, by_contact, by_lead)
    # The address of a contact that was merged away is known only if its lead has it too.
    away = (contact >= 0) & contacts["merged"][contact]
    by_address = np.where((lead >= 0) & leads["has_email"][lead], by_lead, -1)
    by_address = np.where((by_contact >= 0) & ~away, by_contact, by_address)
    found = np.where(known["linked"], by_id, np.where(known["by_mail"], by_address, -1))
    of_known = np.where(found >= 0, found, n + m + np.arange(len(found)))
    ids = np.concatenate([
        files.ids("003", contacts["number"]).to_numpy(zero_copy_only=False),
        files.ids("00Q", leads["number"]).to_numpy(zero_copy_only=False),
        np.array([f"marketo:{key}" for key in known["map_id"].tolist()], dtype=object),
    ])  # fmt: skip
    there = np.zeros(len(ids), dtype=bool)
    for stands in (of_contact, of_lead, of_known):
        there[stands[stands >= 0]] = True
    ids[~there] = None
    return _Who(of_contact, of_lead, of_known, ids)


class _Arrivals:
    """What says that a person reached a stage, and whether a record dates it."""

    def __init__(self, count: int) -> None:
        self.recorded = np.full((count, len(STAGES)), NEVER)
        self.imputed = np.full((count, len(STAGES)), NEVER)
        # Of rejected and recycled every one is kept: which counts depends on the MQL.
        self.asides: list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]] = []

    def add(
        self, person: np.ndarray, stage: np.ndarray | str, at: np.ndarray, *, recorded: bool,
        lead: np.ndarray | None = None,
    ) -> None:  # fmt: skip
        """Add arrivals of people, but for those who are no one. `lead`: the lead that says so."""
        code = np.full(len(person), _CODE[stage]) if isinstance(stage, str) else stage
        lead = np.full(len(person), -1) if lead is None else lead
        of = np.flatnonzero(person >= 0)
        table = self.recorded if recorded else self.imputed
        np.minimum.at(table, (person[of], code[of]), at[of])
        aside = of[code[of] >= _CODE["rejected"]]
        flags = np.full(len(aside), not recorded)
        self.asides.append((person[aside], code[aside], at[aside], flags, lead[aside]))


_STATUS_STAGE = np.array([_CODE[stage] for stage in STAGE_OF])


def _tell_statuses(said: _Arrivals, who: _Who, people: People, frame: Calendar) -> None:
    contacts, leads, known = people.contacts, people.leads, people.known
    person = who.of_lead
    last = frame.end - 1
    created = leads["created"]

    def log(which: np.ndarray, status: np.ndarray | int, at: np.ndarray, recorded: bool) -> None:
        of = np.flatnonzero(which)
        code = _STATUS_STAGE[np.broadcast_to(np.asarray(status), which.shape)[of]]
        said.add(person[of], code, np.minimum(at[of], last), recorded=recorded, lead=of)

    # --- leads of the CRM
    said.add(person, "inquiry", created, recorded=True)
    log(leads["has_mql"], MQL, leads["mql_at"], True)
    # The log jumps over the MQL: the lead was one since the change before.
    log(leads["is_mql_in_crm"] & ~leads["has_mql"], MQL, created, False)
    log(leads["is_accepted"], SAL, leads["sal_at"], True)
    log(leads["has_final"], leads["reached"], leads["final_at"], True)
    log(leads["has_qualified"], SQL, leads["converted"], True)
    log(~leads["is_lone"] & leads["is_dated"], SQL, leads["converted"], True)
    # What a lead is today and no log dates, it has been since the last change.
    logged = leads["has_final"] | leads["is_accepted"]
    logged |= (leads["reached"] == MQL) & leads["has_mql"]
    since = np.where(leads["has_mql"], leads["mql_at"], created)
    log(leads["is_lone"] & ~logged & (leads["reached"] != NEW), leads["reached"], since, False)

    # --- contacts
    contact = contacts["log_contact"]
    said.add(who.of_contact[contact], _STATUS_STAGE[contacts["log_new"]], contacts["log_at"],
             recorded=True)  # fmt: skip
    silent = np.flatnonzero((contacts["status"] >= 0) & ~contacts["is_logged"]
                            & ~contacts["merged"])  # fmt: skip
    said.add(who.of_contact[silent], _STATUS_STAGE[contacts["status"][silent]],
             contacts["created"][silent], recorded=False)  # fmt: skip

    # --- leads of the marketing platform
    person = who.of_known
    said.add(person, "inquiry", known["created"], recorded=True)
    lead = known["lead"]
    of = np.flatnonzero(lead >= 0)
    row = lead[of]
    engaged = np.minimum(created[row] + 7200, last)
    mql, final = np.minimum(leads["mql_at"][row], last), np.minimum(leads["final_at"][row], last)
    is_mql, status = leads["reached"][row] != NEW, known["status"][of]
    said.add(person[of[is_mql]], "mql", mql[is_mql], recorded=True)
    again = status == 4
    said.add(person[of[again]], "recycled", final[again], recorded=True)
    # The platform notes whom sales turned down, but not when.
    down = status == 3
    said.add(person[of[down]], "rejected", np.maximum(engaged, mql)[down], recorded=False)
    unknown = np.flatnonzero(lead < 0)
    said.add(person[unknown], "mql", known["created"][unknown], recorded=False)


@dataclass(frozen=True)
class _OnDeals:
    """Who is on which deal since when; a deal that was entered twice is one."""

    person: np.ndarray
    deal: np.ndarray
    at: np.ndarray


def _put_on_deals(
    who: _Who, people: People, deals: dict[str, np.ndarray], settled: dict[str, np.ndarray]
) -> _OnDeals:
    n = len(deals["id"])
    row_of = {int(key): i for i, key in enumerate(deals["id"])}
    real = (deals["ghost"] == 0) & ~settled["excluded"]
    stands = np.arange(n)
    copies = np.flatnonzero(real & (settled["verdict"] == "duplicate"))
    stands[copies] = [row_of[int(key)] for key in deals["duplicate_of"][copies]]
    leads, roles = people.leads, people.roles
    converted = np.flatnonzero(leads["opportunity"] >= 0)
    into = np.array(
        [row_of.get(int(key), -1) for key in leads["opportunity"][converted]], dtype=np.int64
    )
    since = np.where(leads["is_dated"][converted], leads["converted"][converted], 0)
    person = np.concatenate([who.of_contact[roles["contact"]], who.of_lead[converted]])
    deal = np.concatenate([roles["deal"], into])
    at = np.concatenate([roles["at"], since])
    of = np.flatnonzero((person >= 0) & (deal >= 0) & real[deal])
    person, deal, at = person[of], deal[of], np.maximum(at[of], deals["created"][deal[of]])
    deal = stands[deal]
    order = np.lexsort((at, deal, person))
    person, deal, at = person[order], deal[order], at[order]
    first = np.ones(len(person), dtype=bool)
    first[1:] = (person[1:] != person[:-1]) | (deal[1:] != deal[:-1])
    return _OnDeals(person[first], deal[first], at[first])


def _tell_deals(
    said: _Arrivals, on: _OnDeals, deals: dict[str, np.ndarray], ends: dict[str, np.ndarray]
) -> np.ndarray:
    """Add what deals say; returns each person's first deal (-1: none)."""
    count = len(said.recorded)
    renewal = deals["motion"][on.deal] == 2
    order = np.lexsort((deals["id"][on.deal], deals["created"][on.deal], on.at, renewal, on.person))
    main = np.full(count, -1)
    for is_renewal in (True, False):
        first = _one_each(on.person, order[renewal[order] == is_renewal])
        person, deal, at = on.person[first], on.deal[first], on.at[first]
        main[person] = deal
        if is_renewal:
            said.add(person, "renewal", at, recorded=True)
            continue
        said.add(person, "opportunity", at, recorded=True)
        by = ends["by"][deal]
        for group, stage in ((_WON, "won"), (_LOST, "lost")):
            over = ends["group"][by] == group
            said.add(person[over], stage, np.maximum(deals["closed_at"][by], at)[over],
                     recorded=True)  # fmt: skip
    return main


def _one_each(person: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Of positions in the order of people, the first of each person."""
    of = person[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = of[1:] != of[:-1]
    return order[first]


@dataclass(frozen=True)
class _Journeys:
    at: np.ndarray
    is_imputed: np.ndarray
    rejecting_lead: np.ndarray
    reached: np.ndarray
    disposition: np.ndarray


def _walk(said: _Arrivals) -> _Journeys:
    """When each stage counts: a journey goes forward only."""
    recorded = said.recorded
    at = np.where(recorded < NEVER, recorded, said.imputed)
    won, lost, renewal = (at[:, _CODE[s]] for s in ("won", "lost", "renewal"))
    earlier = (renewal < np.minimum(won, lost)) | ((won == NEVER) & (lost == NEVER))
    won = np.where(earlier, renewal, won)
    lost = np.where(won < NEVER, NEVER, lost)
    at[:, _CODE["won"]], at[:, _CODE["lost"]] = won, lost
    at[:, _CODE["opportunity"]] = np.minimum(at[:, _CODE["opportunity"]], np.minimum(won, lost))
    for place in range(_CODE["opportunity"] - 1, -1, -1):
        at[:, place] = np.minimum(at[:, place], at[:, place + 1])
    is_imputed = (at < NEVER) & (at != recorded)

    person, code, when, guessed, lead = (np.concatenate(c) for c in zip(*said.asides, strict=True))
    mql = at[:, _CODE["mql"]]
    before = when < mql[person]
    rejecting = np.full(len(at), -1)
    for stage in ("rejected", "recycled"):
        of = np.flatnonzero(code == _CODE[stage])
        of = of[np.lexsort((when[of], guessed[of], before[of], person[of]))]
        first = _one_each(person, of)
        at[:, _CODE[stage]], is_imputed[:, _CODE[stage]] = NEVER, False
        at[person[first], _CODE[stage]] = when[first]
        is_imputed[person[first], _CODE[stage]] = guessed[first]
        if stage == "rejected":
            first = _one_each(person, of[lead[of] >= 0])
            rejecting[person[first]] = lead[first]

    reached = np.full(len(at), -1)
    for stage in ("inquiry", "mql", "sal", "sql", "opportunity", "lost", "won", "renewal"):
        reached[at[:, _CODE[stage]] < NEVER] = _CODE[stage]
    sal, turned = at[:, _CODE["sal"]], {s: at[:, _CODE[s]] for s in ("rejected", "recycled")}
    disposition = np.full(len(at), "undecided", dtype=object)
    for stage in ("recycled", "rejected"):
        disposition[(turned[stage] >= mql) & (turned[stage] < NEVER)] = stage
    disposition[sal < NEVER] = "accepted"
    disposition[mql == NEVER] = ""
    return _Journeys(at, is_imputed, rejecting, reached, disposition)


def _in_order(who: _Who, told: list[Touches]) -> dict[str, np.ndarray]:
    """All touches of people, by person, instant and id."""
    person = np.concatenate([who.of(t.record, t.row) for t in told])
    table = np.concatenate([np.full(len(t.row), t.table) for t in told])
    columns = {
        name: np.concatenate([getattr(t, name) for t in told])
        for name in ("at", "kind", "campaign_type", "by_seller", "number")
    }
    order = np.lexsort((columns["number"], table, columns["at"], person))
    order = order[person[order] >= 0]
    return {name: values[order] for name, values in columns.items()} | {"person": person[order]}


def _channel(touches: dict[str, np.ndarray], of: np.ndarray) -> np.ndarray:
    by_type = np.array(rules.CAMPAIGN_CHANNELS, dtype=object)[touches["campaign_type"][of]]
    by_kind = np.array(CHANNELS, dtype=object)[touches["kind"][of]]
    return np.where(touches["campaign_type"][of] >= 0, by_type, by_kind)


def _firsts(person: np.ndarray, of: np.ndarray, count: int) -> np.ndarray:
    """For each person, the first of these positions (-1: none)."""
    found = np.full(count, -1)
    found[person[of[::-1]]] = of[::-1]
    return found


def _tell_touches(
    touches: dict[str, np.ndarray], mql: np.ndarray, source: np.ndarray, frame: Calendar
) -> dict[str, np.ndarray]:
    """Channel, response and last touch of each person."""
    count, person = len(mql), touches["person"]
    if not len(person):
        empty = np.full(count, -1)
        return {"channel": np.array(["unknown"] * count, dtype=object), "days": empty,
                "last": empty}  # fmt: skip
    marketing = np.array(rules.CAMPAIGN_IS_MARKETING)[touches["campaign_type"]]
    by_kind = np.isin(touches["kind"], [KINDS.index(k) for k in rules.MARKETING_KINDS])
    marketing = np.where(touches["campaign_type"] >= 0, marketing, by_kind)
    first = _firsts(person, np.arange(len(person)), count)
    first_of_marketing = _firsts(person, np.flatnonzero(marketing), count)
    in_time = (first_of_marketing >= 0) & (touches["at"][first_of_marketing] <= mql)
    by_source = np.array(
        [rules.LEAD_SOURCE_CHANNELS.get(s or "", "") for s in source], dtype=object
    )
    channel = np.where(first >= 0, _channel(touches, first), "unknown")
    channel = np.where(by_source != "", by_source, channel)
    channel = np.where(in_time, _channel(touches, first_of_marketing), channel)
    day = touches["at"] // DAY
    answers = np.flatnonzero(touches["by_seller"] & (day >= mql[person] // DAY))
    answer = _firsts(person, answers, count)
    days = np.where(answer >= 0, day[answer] - mql // DAY, -1)
    last = np.full(count, -1)
    last[person] = np.arange(len(person))
    return {"channel": channel, "days": days, "last": last}


def _lead_sources(who: _Who, people: People) -> np.ndarray:
    """Each person's lead source: the oldest lead's, else the contact's, else the platform's."""
    contacts, leads, known = people.contacts, people.leads, people.known
    choices = [value for group in rules.LEAD_SOURCES for value in group]
    found = np.full(len(who.ids), None, dtype=object)
    draw, title = leads["draw"], contacts["title"]
    of_contact = np.where(title % 3 == 0, -1, title % len(choices))
    of_contact = np.where(contacts["merged"], -1, of_contact)
    of_lead = np.where(draw % 6 == 0, -1, draw % len(choices))
    # From the last word to the first, so that the first one stands.
    for person, code, at in (
        (who.of_known, known["lead_source"], known["created"]),
        (who.of_contact, of_contact, contacts["created"]),
        (who.of_lead, of_lead, leads["created"]),
    ):
        for i in np.argsort(-at, kind="stable"):
            if person[i] >= 0 and code[i] >= 0:
                found[person[i]] = choices[code[i]]
    return found


def _owners(
    who: _Who, people: People, accounts: dict[str, np.ndarray], account_owner: np.ndarray,
    company: Company,
) -> np.ndarray:  # fmt: skip
    """The owner of each person's latest lead, else of their account (-1: unassigned)."""
    contacts, leads, known = people.contacts, people.leads, people.known
    owner = np.full(len(who.ids), -1)
    there = accounts["alone"] != "deleted_account"
    for person, account, ok in (
        (who.of_known, contacts["account"][known["contact"]],
         (known["contact"] >= 0) & known["linked"]),
        (who.of_contact, contacts["account"], ~contacts["merged"]),
    ):  # fmt: skip
        of = np.flatnonzero(ok & (person >= 0))
        of = of[there[account[of]]]
        owner[person[of]] = account_owner[account[of]]
    sdr = company.teams["sdr"]
    for i in np.argsort(leads["created"], kind="stable"):
        if who.of_lead[i] >= 0:
            owner[who.of_lead[i]] = sdr[leads["draw"][i] % len(sdr)]
    return owner


def _won_cents(
    deals: dict[str, np.ndarray], settled: dict[str, np.ndarray], ends: dict[str, np.ndarray],
    frame: Calendar,
) -> np.ndarray:  # fmt: skip
    """What each won deal brought, in cents of the company's currency; 0 for others."""
    cents = np.zeros(len(deals["id"]), dtype=np.int64)
    for i in np.flatnonzero((ends["group"] == _WON) & (settled["amount"] != EMPTY)):
        rate = exchange_rate(CURRENCIES[deals["currency"][i]], int(ends["day"][i]), frame)
        if rate is not None:
            amount = Decimal(int(settled["amount"][i])) / rate
            cents[i] = int(amount.quantize(Decimal(1), ROUND_HALF_UP))
    return cents


def tell(
    people: People, told: list[Touches], accounts: dict[str, np.ndarray],
    account_owner: np.ndarray, deals: dict[str, np.ndarray], settled: dict[str, np.ndarray],
    ends: dict[str, np.ndarray], company: Company, frame: Calendar,
) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:  # fmt: skip
    """The rows of `truth/people.csv` and of `truth/map_crm_gaps.csv`. Empty means null."""
    who = _identify(people)
    count = len(who.ids)
    said = _Arrivals(count)
    _tell_statuses(said, who, people, frame)
    on = _put_on_deals(who, people, deals, settled)
    main = _tell_deals(said, on, deals, ends)
    walked = _walk(said)
    touches = _in_order(who, told)
    source = _lead_sources(who, people)
    mql = walked.at[:, _CODE["mql"]]
    seen = _tell_touches(touches, mql, source, frame)
    owner = _owners(who, people, accounts, account_owner, company)
    rejection = _rejections(people, walked)
    in_crm, in_map, platform_ids = _systems(who, people)
    outcome, won = _outcomes(on, walked, deals, settled, ends, count, frame)
    rows = []
    opportunity = files.ids("006", np.where(main >= 0, deals["id"][main], -1)).to_pylist()
    owner_ids = files.ids("005", owner).to_pylist()
    last_channel = _channel(touches, seen["last"]) if len(touches["at"]) else seen["channel"]
    for i in np.flatnonzero(who.ids != None).tolist():  # noqa: E711
        last = seen["last"][i]
        rows.append((
            who.ids[i], _flag(in_crm[i]), _flag(in_map[i]), ",".join(platform_ids.get(i, [])),
            owner_ids[i] or "unassigned", seen["channel"][i],
            STAGES[walked.reached[i]] if walked.reached[i] >= 0 else "",
            *(_instant(at) for at in walked.at[i]),
            " ".join(s for s, guess in zip(STAGES, walked.is_imputed[i], strict=True) if guess),
            opportunity[i] or "", walked.disposition[i], rejection[i],
            str(seen["days"][i]) if mql[i] < NEVER and seen["days"][i] >= 0 else "",
            *((_instant(touches["at"][last]), KINDS[touches["kind"][last]], last_channel[i])
              if last >= 0 else ("", "", "")),
            *((outcome[i], f"{Decimal(int(won[i])) / 100:.2f}") if in_map[i] else ("", "")),
        ))  # fmt: skip
    gaps = _gaps(who, people, told, on, deals, settled, source, mql, in_crm, in_map)
    return rows, gaps


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _instant(at: int) -> str:
    return "" if at >= NEVER else str(np.datetime64(int(at), "s")).replace("T", " ")


def _rejections(people: People, walked: _Journeys) -> np.ndarray:
    """Why sales turned each person down, in the words of the lead that says so first."""
    leads = people.leads
    given = np.where(leads["draw"] % 10 >= 3, leads["draw"] % len(words.REJECTIONS), -1)
    reason = np.full(len(walked.at), "", dtype=object)
    turned = walked.at[:, _CODE["rejected"]] < NEVER
    reason[turned] = "not_given"
    for i in np.flatnonzero(turned & (walked.rejecting_lead >= 0)):
        code = given[walked.rejecting_lead[i]]
        if code >= 0:
            reason[i] = words.REJECTIONS[code]
    return reason


def _systems(who: _Who, people: People) -> tuple[np.ndarray, np.ndarray, dict[int, list[str]]]:
    """Who is in the CRM, who is in the platform, and under which ids, the oldest first."""
    contacts, leads, known = people.contacts, people.leads, people.known
    count = len(who.ids)
    in_crm, in_map = np.zeros(count, dtype=bool), np.zeros(count, dtype=bool)
    in_crm[: len(contacts["number"]) + len(leads["number"])] = True
    in_map[who.of_known] = True
    ids: dict[int, list[str]] = {}
    text = known["map_id"].astype(str)
    for i in np.lexsort((text, known["created"])):
        ids.setdefault(int(who.of_known[i]), []).append(text[i])
    return in_crm, in_map, ids


def _outcomes(
    on: _OnDeals, walked: _Journeys, deals: dict[str, np.ndarray],
    settled: dict[str, np.ndarray], ends: dict[str, np.ndarray], count: int, frame: Calendar,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """What became of each person for the platform, and what their deals brought in cents."""
    by = ends["by"][on.deal]
    group = ends["group"][by]
    outcome = np.full(count, "none", dtype=object)
    latest = np.zeros(count, dtype=np.int64)
    for stage, word in (("sal", "accepted"), ("rejected", "rejected"), ("recycled", "recycled")):
        at = walked.at[:, _CODE[stage]]
        later = (at < NEVER) & (at >= latest)
        outcome[later], latest = word, np.where(later, at, latest)
    for code, word in ((_LOST, "lost"), (_OPEN, "open"), (_WON, "won")):
        outcome[on.person[group == code]] = word
    won = np.zeros(count, dtype=np.int64)
    cents = _won_cents(deals, settled, ends, frame)[by]
    np.add.at(won, on.person, np.where(group == _WON, cents, 0))
    return outcome, won


def _gaps(
    who: _Who, people: People, told: list[Touches], on: _OnDeals, deals: dict[str, np.ndarray],
    settled: dict[str, np.ndarray], source: np.ndarray, mql: np.ndarray, in_crm: np.ndarray,
    in_map: np.ndarray,
) -> list[tuple[str, ...]]:  # fmt: skip
    """Who and what one of CRM and platform lacks, and why."""
    contacts, leads, known = people.contacts, people.leads, people.known
    count = len(who.ids)
    there = who.ids != None  # noqa: E711
    responded = np.zeros(count, dtype=bool)
    for t in told:
        if t.campaign_type.max(initial=-1) >= 0:
            person = who.of(t.record, t.row)
            responded[person[person >= 0]] = True
    wanted = np.isin(source, rules.LEAD_SOURCES[0])
    has_email, gone = np.zeros(count, dtype=bool), np.zeros(count, dtype=bool)
    for person, has in (
        (who.of_contact, ~contacts["merged"]), (who.of_lead, leads["has_email"]),
        (who.of_known, known["has_email"]),
    ):  # fmt: skip
        has_email[person[(person >= 0) & has]] = True
    only = who.of_known >= len(contacts["number"]) + len(leads["number"])
    # Such a lead names a record that has been deleted in the CRM.
    gone[who.of_known[only & known["linked"]]] = True
    rows: list[tuple[str, ...]] = []
    is_gap = np.zeros(count, dtype=bool)
    for i in np.flatnonzero(there & (in_crm != in_map)):
        expected = mql[i] < NEVER if in_map[i] else responded[i] or wanted[i]
        cause = (
            "crm_record_gone" if gone[i]
            else "not_expected" if not expected
            else "no_email" if not has_email[i]
            else "never_synced_to_crm" if in_map[i] else "never_synced_to_map"
        )  # fmt: skip
        is_gap[i] = cause != "not_expected"
        rows.append(("person", who.ids[i], "crm" if in_map[i] else "map", cause))

    n = len(deals["id"])
    linked_person = np.zeros(count, dtype=bool)
    linked_person[who.of_known[known["linked"] & ~only]] = True
    some, linked, by_mail, gap = (np.zeros(n, dtype=bool) for _ in range(4))
    some[on.deal] = True
    linked[on.deal[linked_person[on.person]]] = True
    by_mail[on.deal[in_map[on.person]]] = True
    gap[on.deal[is_gap[on.person]]] = True
    row_of = {int(key): i for i, key in enumerate(deals["id"])}
    for i in np.flatnonzero((deals["ghost"] == 0) & ~settled["excluded"]):
        twice = settled["verdict"][i] == "duplicate"
        deal = row_of[int(deals["duplicate_of"][i])] if twice else i
        if linked[deal]:
            continue
        cause = (
            "no_one_on_it" if not some[deal]
            else "linked_by_email_only" if by_mail[deal]
            else "people_not_in_map" if gap[deal] else "not_expected"
        )  # fmt: skip
        rows.append(("opportunity", files.id_text("006", int(deals["id"][i])), "map", cause))
    return rows

