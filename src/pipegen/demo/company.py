"""The selling company itself: users and roles, campaigns and programs, currencies.

What belongs here: the small tables that do not grow with the number of deals. What does not:
customers (`plan`).
"""

from __future__ import annotations

import bisect
import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pyarrow as pa

from pipegen.demo import files, rules, words
from pipegen.demo.clock import DAY, day_number
from pipegen.demo.scenarios import Calendar

_ROLES = (
    ("Sales Development Rep", "sdr", 14),
    ("SDR Manager", "sdr", 2),
    ("Account Executive", "ae", 10),
    ("Senior Account Executive", "ae", 6),
    ("Enterprise Account Executive", "ae", 6),
    ("VP Sales", "ae", 1),
    ("Demand Generation Manager", "marketing", 3),
    ("Marketing Operations", "marketing", 2),
    ("Channel Manager", "partner", 3),
    ("Customer Success Manager", "cs", 7),
    ("Customer Success Director", "cs", 1),
    ("Sales Operations", "other", 2),
    ("System Integration", "other", 1),
    # This role is missing from the seed `team_roles`.
    ("Office Manager", "other", 1),
)
_MONTHS_BEFORE, _MONTHS_AFTER = 9, 3
_PROGRAM, _SMART_CAMPAIGN = 1_000, 500_000
_STEPS = ("Invitation", "Reminder", "Thank you")
_COSTS = (4_000, 28_000, 9_000, 15_000, 11_000, 3_000, 2_000, 20_000)
_CHANNELS = (
    "webinar", "events", "content", "paid_media", "partner", "outbound", "email", "other",
)  # fmt: skip


@dataclass(frozen=True)
class Company:
    """The users of each team (ordinals), and the months that have campaigns."""

    teams: dict[str, np.ndarray]
    segment_sellers: tuple[np.ndarray, ...]
    user_count: int
    first_month: int  # months since 1970-01
    month_count: int

    def campaign(self, days_since_1970: np.ndarray, kind: np.ndarray) -> np.ndarray:
        """The ordinals of the campaigns of a kind in the months of some days."""
        month = days_since_1970.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
        month = np.clip(month - self.first_month, 0, self.month_count - 1 - _MONTHS_AFTER)
        return month * len(rules.CAMPAIGN_TYPES) + kind


    @staticmethod
    def program(campaign: np.ndarray) -> np.ndarray:
        """The marketing platform's programs of some campaigns (ordinals)."""
        return _PROGRAM + campaign

    @staticmethod
    def smart_campaign(campaign: np.ndarray, draw: np.ndarray) -> np.ndarray:
        """One of the steps of each campaign's program, which the platform's activities name.

        Programs that were moved here from an earlier platform have none: their own id stands.
        """
        steps = _SMART_CAMPAIGN + campaign * len(_STEPS) + draw % len(_STEPS)
        return np.where(campaign % 11 == 7, _PROGRAM + campaign, steps)


def found(accounts: int, frame: Calendar) -> tuple[Company, list[int]]:
    """The company that serves this many accounts, and the role of each of its users."""
    factor = max(accounts / 1_600, 1.0)
    role_of: list[int] = []
    teams: dict[str, list[int]] = {}
    for role, (_, team, heads) in enumerate(_ROLES):
        count = heads if heads < 2 else int(heads * factor)
        teams.setdefault(team, []).extend(range(len(role_of), len(role_of) + count))
        role_of += [role] * count
    by_role = np.array(role_of)
    sellers = tuple(np.flatnonzero(by_role == r) for r in (2, 3, 4, 2))
    months = np.array([frame.start // DAY, frame.end // DAY - 1], dtype="datetime64[D]")
    first, last = months.astype("datetime64[M]").astype(np.int64)
    company = Company(
        teams={team: np.array(who) for team, who in teams.items()},
        segment_sellers=sellers,
        user_count=len(role_of),
        first_month=int(first) - _MONTHS_BEFORE,
        month_count=int(last - first) + 1 + _MONTHS_BEFORE + _MONTHS_AFTER,
    )
    return company, role_of


def write(
    folder: files.RawWriter, company: Company, role_of: list[int], rng: np.random.Generator,
    frame: Calendar,
) -> list[tuple[str, ...]]:  # fmt: skip
    """Write this module's tables; returns the rows of `truth/campaigns.csv`."""
    _write_users(folder, role_of, rng, frame)
    told = _write_campaigns(folder, company, rng, frame)
    _write_currencies(folder, frame)
    return told


def _write_users(
    folder: files.RawWriter, role_of: list[int], rng: np.random.Generator, frame: Calendar
) -> None:
    count = len(role_of)
    roles = np.arange(len(_ROLES))
    synced = files.instants(np.full(len(_ROLES), frame.end - 1800))
    folder.write("salesforce", "user_role", {
        "id": files.ids("00E", roles),
        "name": files.texts(name for name, _, _ in _ROLES),
        "_fivetran_deleted": files.flags(roles < 0),
        "_fivetran_synced": synced,
    }, None)  # fmt: skip
    first, last = rng.permutation(len(words.FIRST)), rng.permutation(len(words.LAST))
    names = [
        (words.FIRST[first[i % len(first)]], words.LAST[last[(i * 7 + i // 89) % len(last)]])
        for i in range(count)
    ]
    number = np.arange(count)
    role = np.array(role_of)
    manager = np.full(count, -1)
    for team_role, boss in ((0, 1), (2, 5), (3, 5), (4, 5), (9, 10)):
        manager[role == team_role] = int(np.flatnonzero(role == boss)[0])
    folder.write("salesforce", "user", {
        "id": files.ids("005", number),
        "name": files.texts(f"{a} {b}" for a, b in names),
        "email": files.texts(
            f"{a}.{b}{i or ''}@{words.DOMAIN}".lower() for i, (a, b) in enumerate(names)
        ),
        # One user has no role.
        "user_role_id": files.ids("00E", np.where(number == count - 2, -1, role)),
        "manager_id": files.ids("005", manager),
        "is_active": files.flags(rng.random(count) > 0.08),
        "_fivetran_deleted": files.flags(number < 0),
        "_fivetran_synced": files.instants(np.full(count, frame.end - 1800)),
    }, None)  # fmt: skip


def _write_campaigns(
    folder: files.RawWriter, company: Company, rng: np.random.Generator, frame: Calendar
) -> list[tuple[str, ...]]:
    kinds = len(rules.CAMPAIGN_TYPES)
    count = company.month_count * kinds
    ordinal = np.arange(count)
    month, kind = np.divmod(ordinal, kinds)
    months = (company.first_month + month).astype("datetime64[M]")
    start = months.astype("datetime64[D]").astype(np.int64) + rng.integers(0, 20, count)
    # Planned campaigns start after today, on days spread over the coming weeks.
    today = frame.end // DAY - 1
    end = start + rng.integers(1, 35, count)
    planned = start > today
    cost = np.array(_COSTS)[kind] * rng.integers(60, 150, count)
    label = [str(m) for m in months]
    alone = ordinal % 9 == 4
    by_program = (ordinal % 5 == 3) & ~alone
    names = [f"{words.CAMPAIGN_NAMES[k]} {label[i]}" for i, k in enumerate(kind)]
    names[3] = 'Ads "autumn", <b>all</b> channels\nand more'
    created = np.minimum(start - 45, today)
    status = np.where(planned, "Planned", np.where(end >= today, "In Progress", "Completed"))
    # Where a program has no campaign, the campaign of its kind and month is another team's.
    others = [f"{words.FIELD_CAMPAIGNS[k]} {label[i]}" for i, k in enumerate(kind)]
    in_crm = [other if is_other else name
              for name, other, is_other in zip(names, others, alone, strict=True)]  # fmt: skip
    folder.write("salesforce", "campaign", {
        "id": files.ids("701", ordinal),
        "name": files.texts(in_crm),
        "type": files.words(rules.CAMPAIGN_TYPES, kind),
        "status": files.texts(status.tolist()),
        "start_date": files.days(start),
        "end_date": files.days(end),
        # Of some campaigns, only the marketing platform knows the cost.
        "actual_cost": files.money(cost, planned | by_program),
        "parent_id": files.ids("701", np.where(kind == 7, -1, month * kinds + 7)),
        "created_date": files.instants(created * DAY + 32_400),
        "is_deleted": files.flags(ordinal < 0),
    }, None)  # fmt: skip
    folder.write("marketo", "program", {
        "id": files.whole(_PROGRAM + ordinal),
        "name": files.texts(names),
        "channel": files.words(_CHANNELS, kind),
        "type": files.words(("Event", "Default", "Email Campaign"), np.array(
            [0, 0, 1, 1, 0, 2, 2, 1])[kind]),
        "status": files.texts(np.where(planned, "planned", "on").tolist()),
        "start_date": files.days(start),
        "end_date": files.days(end),
        "created_at": files.instants(created * DAY + 36_000),
        # Some programs have no campaign in the CRM.
        "sfdc_id": files.ids("701", np.where(alone, -1, ordinal)),
    }, None)  # fmt: skip
    stepped = np.flatnonzero(ordinal % 11 != 7).repeat(len(_STEPS))
    step = np.arange(len(stepped)) % len(_STEPS)
    folder.write("marketo", "campaign", {
        "id": files.whole(Company.smart_campaign(stepped, step)),
        "name": files.texts(f"{names[i]}: {_STEPS[k]}" for i, k in zip(stepped, step, strict=True)),
        "program_id": files.whole(_PROGRAM + stepped),
    }, None)  # fmt: skip
    spent = np.flatnonzero(~planned)
    half = np.concatenate([spent, spent])
    booked_on = (
        np.concatenate([start[spent], start[spent] + 14])
        .astype("datetime64[D]").astype("datetime64[M]").astype("datetime64[D]")
        .astype(np.int64)
    )  # fmt: skip
    booked = np.concatenate([cost[spent] // 2, cost[spent] - cost[spent] // 2])
    folder.write("marketo", "program_cost", {
        "program_id": files.whole(_PROGRAM + half),
        "start_date": files.days(booked_on),
        "cost": files.money(booked),
    }, None)  # fmt: skip
    ids = files.ids("701", ordinal).to_pylist()
    # What is booked for a month that has not begun is still a plan.
    of_program = np.zeros(count, dtype=np.int64)
    np.add.at(of_program, half[booked_on <= today], booked[booked_on <= today])
    return [
        (key, system, name, said_by, f"{cents / 100:.2f}" if is_spent else "")
        for keys, called, system, said_by, of, amount in (
            (ids, in_crm, "salesforce", "campaign", ~by_program, cost),
            (ids, in_crm, "salesforce", "program", by_program, of_program),
            ([str(_PROGRAM + i) for i in range(count)], names, "marketo", "program", alone,
             of_program),
        )
        for key, name, cents, is_spent, is_here in zip(
            keys, called, amount.tolist(), ~planned, of, strict=True)
        if is_here
    ]  # fmt: skip


# Units per unit of the company's currency. Dated rates take precedence over the static ones, which
# are outdated on purpose.
_STATIC = {"USD": "1.0", "EUR": "0.95", "GBP": "0.79"}
_EUR_BY_QUARTER = ("0.9212", "0.9285", "0.9104", "0.9473", "0.9256", "0.8817", "0.8542", "0.8603",
                   "0.8655", "0.8731")  # fmt: skip


CAMPAIGN_COLUMNS = ("campaign_id", "system", "campaign_name", "cost_from", "cost")


def _write_currencies(folder: files.RawWriter, frame: Calendar) -> None:
    folder.write("salesforce", "currency_type", {
        "iso_code": files.texts(_STATIC),
        "conversion_rate": pa.array([float(rate) for rate in _STATIC.values()]),
        "is_corporate": files.flags(np.array([True, False, False])),
    }, None)  # fmt: skip
    starts = rate_days(frame)
    count = len(starts)
    begin = np.array(starts)
    until = np.append(begin[1:], 0)
    number = np.arange(count)
    folder.write("salesforce", "dated_conversion_rate", {
        "id": files.ids("04w", number),
        "iso_code": files.constant("EUR", count),
        "conversion_rate": pa.array(
            [float(_EUR_BY_QUARTER[i % len(_EUR_BY_QUARTER)]) for i in range(count)]),
        "start_date": files.days(begin),
        "next_start_date": files.days(until, number == count - 1),
    }, None)  # fmt: skip


def rate_days(frame: Calendar) -> list[int]:
    """The day numbers on which a dated rate of the euro begins."""
    first = min(dt.date(1970, 1, 1) + dt.timedelta(days=int(frame.start // DAY)),
                dt.date(2024, 1, 1))  # fmt: skip
    starts = [dt.date(y, m, 1) for y in range(first.year, 2027) for m in (1, 4, 7, 10)]
    return [day_number(d) for d in starts if day_number(d) < frame.end // DAY]


def exchange_rate(currency: str, day: int, frame: Calendar) -> Decimal | None:
    """Units of a currency per unit of the company's on a day; None where nobody entered one."""
    if currency != "EUR":
        return Decimal(_STATIC[currency]) if currency in _STATIC else None
    place = bisect.bisect_right(rate_days(frame), day) - 1
    return Decimal(_EUR_BY_QUARTER[place % len(_EUR_BY_QUARTER)]) if place >= 0 else None
