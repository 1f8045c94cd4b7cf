"""Small companies made up at random, for claims that must hold of any company.

What belongs here: generating companies, writing many of them into one raw folder, and cutting them
down to what was known on an earlier day. What does not: claims.

Rules never cross accounts, so that hundreds of companies in one folder are judged apart in one run.
Every id contains its company's mark (`c007`), so that a breach can be traced back to its rows.
"""

import csv
import datetime as dt
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

Row = dict[str, str | None]
Tables = dict[str, list[Row]]

DAY = dt.timedelta(days=1)
SECOND = dt.timedelta(seconds=1)
HOUR = dt.timedelta(hours=1)

STAGES = ("Prospecting", "Discovery", "Needs Analysis", "Evaluation", "Proposal", "Negotiation")
CLOSED = ("Closed Won", "Closed Lost", "Closed - No Decision")
LEAD_SOURCES = ("Web", "Cold Call", "Partner Referral", "Product Signup", "Wishful", None, "web ")

# By system: mapped, mapped in other spelling, and not mapped.
STATUSES = {
    "crm": ("Open - Not Contacted", "MQL", " mql", "Working - Contacted", "Qualified",
            "Closed - Not Converted", "Recycled", "Asleep", None),
    "map": ("Known", "MQL", "Disqualified", "recycled ", "Asleep", None),
}  # fmt: skip

# Distances at which rules change their answer, exactly and just beside.
WINDOWS = (
    0 * DAY, SECOND, HOUR, DAY, 3 * DAY, 3 * DAY + SECOND, 7 * DAY, 30 * DAY, 180 * DAY,
    180 * DAY + SECOND,
)  # fmt: skip

SHARED: Tables = {
    "salesforce.user": [
        {"id": "005sdr", "name": "Sue", "user_role_id": "00Esdr"},
        {"id": "005ae", "name": "Al", "user_role_id": "00Eae"},
        {"id": "005ops", "name": "Olu", "user_role_id": "00Eops"},
    ],
    "salesforce.user_role": [
        {"id": "00Esdr", "name": "Sales Development Rep"},
        {"id": "00Eae", "name": "Account Executive"},
        {"id": "00Eops", "name": "Night Shift"},
    ],
    "salesforce.campaign": [
        {"id": "701web", "type": "Webinar"},
        {"id": "701out", "type": "Outbound Sequence"},
        {"id": "701odd", "type": "Skywriting"},
    ],
    "marketo.program": [
        {"id": "p1", "name": "Fair", "channel": "events", "created_at": "2024-01-01T00:00:00Z",
         "start_date": "2025-05-01", "end_date": "2025-05-02"},
        {"id": "p2", "name": "Fair again", "channel": "events",
         "created_at": "2024-01-01T00:00:00Z", "start_date": "2026-03-20"},
    ],
    "salesforce.currency_type": [
        {"iso_code": "USD", "conversion_rate": "1", "is_corporate": "true"},
        {"iso_code": "EUR", "conversion_rate": "0.83", "is_corporate": "false"},
        {"iso_code": "CAD", "conversion_rate": "2", "is_corporate": "false"},
    ],
    "salesforce.dated_conversion_rate": [
        {"id": "04w1", "iso_code": "CAD", "conversion_rate": "1.27", "start_date": "2024-01-01",
         "next_start_date": "2025-10-01"},
        {"id": "04w2", "iso_code": "CAD", "conversion_rate": "1.6", "start_date": "2025-10-01",
         "next_start_date": None},
    ],
}  # fmt: skip


@dataclass
class Company:
    """Raw rows by table, and exclusions. `is_tidy`: the CRM kept history of everything that
    changed.

    `has_new_types`: a deal's type changed, which moves it from motion to motion.
    """

    mark: str
    tables: Tables
    exclusions: list[Row]
    is_tidy: bool
    has_new_types: bool = False

    def __str__(self) -> str:
        lines = [f"company {self.mark}{' (tidy)' if self.is_tidy else ''}"]
        for table, rows in [*self.tables.items(), ("exclusions", self.exclusions)]:
            for row in rows:
                cells = ", ".join(f"{k}={v}" for k, v in row.items() if v is not None)
                lines.append(f"  {table}: {cells}")
        return "\n".join(lines)


def companies(seed: int, count: int, zone: str) -> list[Company]:
    """`count` companies, each different; the same for the same seed. Every other one is tidy."""
    return [
        _Maker(random.Random(f"{seed}-{number}"), f"c{number:03}", ZoneInfo(zone)).company()
        for number in range(count)
    ]


def _stamp(instant: dt.datetime | None) -> str | None:
    return instant and instant.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _day(instant: dt.date | None) -> str | None:
    return instant and instant.isoformat()[:10]


@dataclass
class _Maker:
    """Makes one company."""

    chance: random.Random
    mark: str
    zone: ZoneInfo
    tables: Tables = field(default_factory=lambda: defaultdict(list))
    numbers: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def company(self) -> Company:
        chance = self.chance
        self.is_tidy = int(self.mark[1:]) % 2 == 0
        self.has_new_types = int(self.mark[1:]) % 4 == 2
        # Days around which everything happens: where the rule changes, a fiscal year ends, clocks
        # change.
        self.anchor = chance.choice(
            [dt.datetime(2025, *day, tzinfo=self.zone)
             for day in ((1, 31), (3, 30), (6, 28), (9, 29), (10, 1), (11, 2), (12, 30))]
        )  # fmt: skip
        self.accounts = [self.account() for _ in range(chance.randint(1, 3))]
        self.contacts = [self.contact(i) for i in range(chance.randint(0, 3))]
        amounts = (None, "0", "1", "0.01", "-5", "1000", "1000.005", "2500.50", "99999.99", "700")
        # Few amounts, so that deals resemble one another.
        self.amounts = [*chance.sample(amounts, 3), "1000"]
        self.deals: list[tuple[str, dt.datetime]] = []
        for _ in range(chance.randint(1, 12)):
            self.deal()
        exclusions = [
            {
                "record_type": kind,
                "record_id": chance.choice(records),
                "reason": chance.choice(["test", "partner's own"]),
                "owner": None,
                "effective_from": chance.choice([None, "2025-06-01", "2025-12-31"]),
                "effective_to": chance.choice([None, "2026-02-28", "2026-03-01", "2026-06-01"]),
            }
            for kind, records in (
                ("opportunity", [deal for deal, _ in self.deals]), ("account", self.accounts[:1])
            )
            if chance.random() < 0.12
        ]  # fmt: skip
        for number in range(chance.randint(0, 3)):
            self.lead(number)
        return Company(
            self.mark, dict(self.tables), exclusions, self.is_tidy, self.has_new_types
        )

    def key(self, prefix: str) -> str:
        self.numbers[prefix] += 1
        return f"{prefix}{self.mark}{self.numbers[prefix]:02}"

    def account(self) -> str:
        key = self.key("001")
        earlier = [row["id"] for row in self.tables["salesforce.account"]]
        is_merged = bool(earlier) and self.chance.random() < 0.15
        self.tables["salesforce.account"].append(
            {
                "id": key,
                "number_of_employees": self.chance.choice([None, "0", "1", "199", "200", "9999"]),
                "is_deleted": "true" if is_merged else "false",
                "master_record_id": self.chance.choice(earlier) if is_merged else None,
            }
        )
        return key

    def contact(self, number: int) -> str:
        key = self.key("003")
        email = f"p{number}@{self.mark}.example"
        created = self.moment(-400, 0)
        self.tables["salesforce.contact"].append(
            {
                "id": key,
                "account_id": self.chance.choice(self.accounts),
                "email": email,
                "created_date": _stamp(created),
                "contact_status_c": None,
            }
        )
        if self.chance.random() < 0.3:
            log = self.statuses("crm", created)
            for changed, old, new in log:
                self.tables["salesforce.contact_history"].append(
                    {
                        "id": self.key("017"),
                        "contact_id": key,
                        "field": "Contact_Status__c",
                        "old_value": old,
                        "new_value": new,
                        "created_date": _stamp(changed),
                    }
                )
            status = log[-1][2] if log else self.chance.choice(STATUSES["crm"])
            self.tables["salesforce.contact"][-1]["contact_status_c"] = status
        if self.chance.random() < 0.5:
            lead = self.key("m")
            self.tables["marketo.lead"].append(
                {"id": lead, "email": f" {email.upper()}", "created_at": _stamp(created - HOUR),
                 "lead_status": None}
            )
            for _ in range(self.chance.randint(0, 3)):
                activity = self.chance.choice(["fill_out_form", "click_email", "visit_webpage"])
                self.tables[f"marketo.activity_{activity}"].append(
                    {
                        "id": self.key("v"),
                        "lead_id": lead,
                        "activity_date": _stamp(self.moment(-190, 120)),
                    }
                )
        for _ in range(self.chance.randint(0, 2)):
            responded = self.moment(-190, 120)
            self.tables["salesforce.campaign_member"].append(
                {
                    "id": self.key("00v"),
                    "campaign_id": self.chance.choice(["701web", "701out", "701odd"]),
                    "contact_id": key,
                    "has_responded": "true",
                    "first_responded_date": _stamp(responded),
                    "created_date": _stamp(responded - DAY),
                }
            )
        for _ in range(self.chance.randint(0, 2)):
            done = self.moment(-100, 120)
            self.tables["salesforce.task"].append(
                {
                    "id": self.key("00T"),
                    "who_id": key,
                    "owner_id": "005sdr",
                    "type": self.chance.choice(["Call", "LinkedIn", None]),
                    "is_closed": "true",
                    "activity_date": _day(done),
                    "completed_date_time": _stamp(done),
                    "created_date": _stamp(done - DAY),
                }
            )
        return key

    def lead(self, number: int) -> None:
        """A lead of the CRM, of the MAP or of both, in any order of statuses; some converted, some
        merged, some known to the CRM as a contact already."""
        chance = self.chance
        email = chance.choice([f"p{number}@{self.mark}.example", f"l{number}@{self.mark}.example"])
        key = self.key("00Q")
        earlier = [row["id"] for row in self.tables["salesforce.lead"]]
        is_merged = bool(earlier) and chance.random() < 0.2
        # Nothing dates a merge, so what was merged away is older than any day that is asked about.
        created = self.moment(-420, -320) if is_merged else self.moment(-200, 90)
        log = self.statuses("crm", created)
        is_converted = not is_merged and chance.random() < 0.4
        at = log[-1][0] if log else created
        converted = at + chance.choice([HOUR, DAY, 30 * DAY])
        # Without its row in the log, nothing would say what the status was before.
        if is_converted and (self.is_tidy or chance.random() < 0.7):
            log.append((converted, log[-1][2] if log else "MQL", "Qualified"))
        status = chance.choice(STATUSES["crm"])
        if log and (self.is_tidy or is_converted or chance.random() < 0.9):
            status = log[-1][2]
        for changed, old, new in log:
            self.tables["salesforce.lead_history"].append(
                {
                    "id": self.key("017"),
                    "lead_id": key,
                    "field": chance.choice(["Status", "status", "STATUS__c"]),
                    "old_value": old,
                    "new_value": new,
                    "created_date": _stamp(changed),
                }
            )
        self.tables["salesforce.lead"].append(
            {
                "id": key,
                "email": chance.choice([email, None]),
                "lead_source": chance.choice(LEAD_SOURCES),
                "status": status,
                "rejection_reason_c": chance.choice([None, " ", "No budget", "Student"]),
                "owner_id": chance.choice(["005sdr", None]),
                "number_of_employees": chance.choice([None, "1", "200", "9999"]),
                "created_date": _stamp(created),
                "is_converted": "true" if is_converted else "false",
                "converted_date": _stamp(converted) if is_converted else None,
                "converted_contact_id": (
                    chance.choice([*self.contacts, None]) if is_converted else None
                ),
                "converted_opportunity_id": (
                    chance.choice([self.deals[0][0], None]) if is_converted else None
                ),
                "master_record_id": chance.choice(earlier) if is_merged else None,
                "is_deleted": chance.choice(["true", "false"]) if is_merged else "false",
            }
        )
        if chance.random() < 0.6:
            self.map_lead(email, created, chance.choice([key, None]))

    def map_lead(self, email: str, created: dt.datetime, crm_lead: str | None) -> None:
        chance = self.chance
        key = self.key("m")
        begun = created + chance.choice([-DAY, HOUR])
        log = self.statuses("map", begun)
        for changed, old, new in log:
            self.tables["marketo.activity_change_data_value"].append(
                {
                    "id": self.key("v"),
                    "lead_id": key,
                    "activity_date": _stamp(changed),
                    "primary_attribute_value": chance.choice(["Lead Status", "leadStatus"]),
                    "old_value": old,
                    "new_value": new,
                }
            )
        earlier = [row["id"] for row in self.tables["marketo.lead"]]
        self.tables["marketo.lead"].append(
            {
                "id": key,
                "email": email,
                "created_at": _stamp(begun),
                "sfdc_lead_id": crm_lead,
                "lead_source": chance.choice(LEAD_SOURCES),
                "lead_status": log[-1][2] if log else chance.choice(STATUSES["map"]),
            }
        )
        if earlier and chance.random() < 0.2:
            self.tables["marketo.activity_merge_leads"].append(
                {
                    "id": self.key("v"),
                    "lead_id": key,
                    "activity_date": _stamp(self.moment(-30, 120)),
                    "merge_ids": f"[{chance.choice(earlier)}]",
                }
            )
        for program in ("p1", "p2"):
            if chance.random() < 0.4:
                self.tables["marketo.program_membership"].append(
                    {
                        "id": key,
                        "program_id": program,
                        "membership_date": _stamp(self.moment(-190, 120)),
                    }
                )

    def statuses(
        self, system: str, created: dt.datetime
    ) -> list[tuple[dt.datetime, str | None, str | None]]:
        """A log of changes, now and then with one missing."""
        chance = self.chance
        log = []
        value = chance.choice(STATUSES[system])
        at = created
        for _ in range(chance.choice([0, 1, 2, 4])):
            at += chance.choice([0 * DAY, SECOND, HOUR, 3 * DAY, 40 * DAY])
            old = chance.choice(STATUSES[system]) if chance.random() < 0.15 else value
            value = chance.choice(STATUSES[system])
            log.append((at, old, value))
        return log

    def moment(self, first: int, last: int) -> dt.datetime:
        """An instant some days from the anchor, often exactly where a day begins or ends."""
        chance = self.chance
        day = self.anchor + chance.randint(first, last) * DAY
        hair = dt.timedelta(microseconds=1)
        return day + chance.choice([0 * DAY, -SECOND, -hair, 9 * HOUR, 14 * HOUR, 23 * HOUR])

    def begun(self) -> dt.datetime:
        """When a deal began: somewhere near, or at a telling distance from another deal."""
        if self.deals and self.chance.random() < 0.7:
            _, other = self.chance.choice(self.deals)
            return other + self.chance.choice(WINDOWS) * self.chance.choice([1, 1, -1])
        return self.moment(-60, 120)

    def deal(self) -> None:
        chance = self.chance
        key = self.key("006")
        created = self.begun()
        self.deals.append((key, created))
        history = self.history(key, created)
        # Of rows at one instant the last modified counts, then the greatest id.
        last = standing(history, None)
        row: Row = {
            "id": key,
            "account_id": chance.choice([*self.accounts, *self.accounts, None]),
            "name": chance.choice(["Deal", " deal", "Other"]),
            **{name: last[name] for name in STATE},
            "currency_iso_code": chance.choice([None, None, None, "USD", "EUR", "CAD", "GBP"]),
            "created_date": _stamp(created),
            "last_modified_date": last["created_date"],
            "created_by_id": chance.choice(["005sdr", "005ae", "005ops", None]),
            "type": chance.choice(["New Business", "new business ", "Renewal", "Upsell", "Pilot"]),
            "lead_source": chance.choice(LEAD_SOURCES),
            "campaign_id": chance.choice([None, None, "701web", "701out", "701odd"]),
            "owner_id": chance.choice(["005sdr", "005ae", None]),
            "pipeline_source_c": chance.choice([None] * 6 + ["Partner", "Whim"]),
            "is_recycled_c": chance.choice(["false"] * 12 + ["true"]),
            "cloned_from_c": chance.choice([None] * 11 + [self.deals[0][0], "006NOBODY"]),
            "is_deleted": "true" if chance.random() < 0.04 else "false",
        }
        if row["cloned_from_c"] == key:
            row["cloned_from_c"] = None
        self.field_history(row, created)
        self.contact_roles(key, created)
        if not self.is_tidy:
            history = self.spoil(row, history, created)
        self.tables["salesforce.opportunity"].append(row)
        self.tables["salesforce.opportunity_history"] += history
        if not self.is_tidy and chance.random() < 0.05:
            copy = dict(row)
            if chance.random() < 0.5:
                copy["name"] = "Another"
                copy["system_modstamp"] = chance.choice([None, _stamp(created)])
            self.tables["salesforce.opportunity"].append(copy)

    def history(self, deal: str, created: dt.datetime) -> list[Row]:
        chance = self.chance
        at = created
        state = {
            "stage_name": chance.choice(STAGES),
            "amount": chance.choice(self.amounts),
            "close_date": self.goal(created),
            "probability": chance.choice([None, "0", "10", "55.5", "100"]),
            "forecast_category": chance.choice([None, "Pipeline"]),
        }
        rows = [self.history_row(deal, at, state)]
        for _ in range(chance.choice([0, 1, 1, 2, 3, 5])):
            at += chance.choice([0 * DAY, HOUR, DAY, 5 * DAY, 20 * DAY, 60 * DAY])
            state = dict(state)
            for name in chance.sample(list(STATE), chance.choice([0, 1, 1, 2])):
                state[name] = self.changed(name, at)
            rows.append(self.history_row(deal, at, state))
        return rows

    def changed(self, name: str, at: dt.datetime) -> str | None:
        chance = self.chance
        if name == "stage_name":
            return chance.choice([*STAGES, *CLOSED, "Legal Review", " proposal "])
        if name == "amount":
            return chance.choice(self.amounts)
        if name == "close_date":
            return self.goal(at)
        if name == "probability":
            return chance.choice([None, "20", "90", "1000", "-1"])
        return chance.choice([None, "Commit"])

    def goal(self, at: dt.datetime) -> str | None:
        """A close date, often just at the end of the horizon."""
        days = self.chance.choice([None, -32, -31, -1, 0, 20, 80, 269, 270, 271, 365, 366, 400])
        return None if days is None else _day(at.astimezone(self.zone).date() + days * DAY)

    def history_row(self, deal: str, at: dt.datetime, state: Row) -> Row:
        return {
            "id": self.key("008"),
            "opportunity_id": deal,
            "created_date": _stamp(at),
            **state,
            "system_modstamp": _stamp(at + self.chance.choice([0, 0, 1]) * SECOND),
        }

    def field_history(self, row: Row, created: dt.datetime) -> None:
        chance = self.chance
        choices: dict[str, tuple[list[str], tuple[str | None, ...]]] = {
            "lead_source": (["LeadSource", "lead_source", "Lead_Source__c"], LEAD_SOURCES),
            "campaign_id": (["CampaignId"], ("701web", "701out", "701odd", None)),
            "pipeline_source_c": (["Pipeline_Source__c"], ("Marketing", "Whim", None)),
            "owner_id": (["OwnerId", "Owner"], ("005sdr", "005ae", "005ops")),
        }
        if self.has_new_types:
            choices["type"] = (["Type"], ("New Business", "Upsell", "Renewal", None))
        for column, (spellings, values) in choices.items():
            if chance.random() < 0.8:
                continue
            offsets = chance.sample(
                [-DAY, 0 * DAY, HOUR, 3 * DAY, 7 * DAY, 7 * DAY + SECOND, 30 * DAY, 60 * DAY],
                chance.choice([1, 1, 2, 3]),
            )
            value = row[column]
            # Backwards from today's value, so that every change leads to the next.
            for offset in sorted(offsets, reverse=True):
                before = chance.choice([v for v in values if v != value])
                if column == "campaign_id" and before is None and value is None:
                    continue
                self.tables["salesforce.opportunity_field_history"].append(
                    {
                        "id": self.key("017"),
                        "opportunity_id": row["id"],
                        "field": chance.choice(spellings),
                        "old_value": before,
                        "new_value": value,
                        "created_date": _stamp(created + offset),
                    }
                )
                if column == "owner_id":
                    # A lookup's change is written once more, with names.
                    self.tables["salesforce.opportunity_field_history"].append(
                        {
                            "id": self.key("017"),
                            "opportunity_id": row["id"],
                            "field": "Owner",
                            "old_value": "Sue",
                            "new_value": "Al",
                            "created_date": _stamp(created + offset),
                        }
                    )
                value = before

    def contact_roles(self, deal: str, created: dt.datetime) -> None:
        chance = self.chance
        for contact in self.contacts[: chance.choice([0, 1, 1, 2])]:
            offset = chance.choice([-DAY, 0 * DAY, 0 * DAY, HOUR, 10 * DAY, 90 * DAY])
            self.tables["salesforce.opportunity_contact_role"].append(
                {
                    "id": self.key("00K"),
                    "opportunity_id": deal,
                    "contact_id": contact,
                    "role": chance.choice(["Decision Maker", " economic buyer", "Friend", None]),
                    "is_primary": chance.choice(["true", "false"]),
                    "created_date": _stamp(created + offset),
                }
            )

    def spoil(self, row: Row, history: list[Row], created: dt.datetime) -> list[Row]:
        """What CRMs do to a deal; returns what is left of its history."""
        chance = self.chance
        if chance.random() < 0.15:
            history = []
        if history and chance.random() < 0.15:
            history[0]["created_date"] = _stamp(created + chance.choice([HOUR, 5 * DAY]))
            history.sort(key=lambda one: one["created_date"] or "")
        if chance.random() < 0.15:
            row["created_date"] = _stamp(created + chance.choice([HOUR, DAY, 2 * DAY, 40 * DAY]))
        if chance.random() < 0.05:
            row["created_date"] = chance.choice([None, "yesterday"])
        if chance.random() < 0.2:
            for name in chance.sample(["stage_name", "amount", "close_date"], 1):
                row[name] = self.changed(name, created)
            row["last_modified_date"] = _stamp(
                chance.choice([None, created - DAY, created, created + 30 * DAY])
            )
        if chance.random() < 0.03:
            row["stage_name"] = None
        if chance.random() < 0.05:
            row["close_date"] = "soon"
        for one in history:
            if chance.random() < 0.03:
                one[chance.choice(["created_date", "amount"])] = "?"
            if chance.random() < 0.03:
                one["is_deleted"] = "true"
        return history


STATE = ("stage_name", "amount", "close_date", "probability", "forecast_category")


def standing(history: Iterable[Row], until: str | None) -> Row:
    """The row of a stage log that counts at an instant (the last one, where none is given)."""
    seen = [row for row in history if until is None or (row["created_date"] or "") <= until]
    return max(seen, key=lambda r: (r["created_date"], r["system_modstamp"], r["id"]))


def known_at(company: Company, end: dt.datetime) -> Company:
    """A tidy company as its CRM and MAP were at an instant, before all that came later.

    What has no date in the CRM stays as it is today: deletions, merges, who is primary.
    """
    limit = _stamp(end) or ""
    tables: Tables = {}
    for table, rows in company.tables.items():
        usual = "activity_date" if table.startswith("marketo.") else "created_date"
        column = {
            "marketo.lead": "created_at", "marketo.program_membership": "membership_date"
        }.get(table, usual)  # fmt: skip
        tables[table] = [dict(row) for row in rows if (row.get(column) or "") <= limit]
    for row in tables.get("salesforce.opportunity", []):
        history = [
            one
            for one in company.tables["salesforce.opportunity_history"]
            if one["opportunity_id"] == row["id"]
        ]
        last = standing(history, limit)
        row |= {name: last[name] for name in STATE}
        row["last_modified_date"] = last["created_date"]
        for column, fields in TRACKED.items():
            later = sorted(
                (change["created_date"] or "", change["id"] or "", change)
                for change in company.tables.get("salesforce.opportunity_field_history", [])
                if change["opportunity_id"] == row["id"]
                and _field(change["field"]) in fields
                and (change["created_date"] or "") > limit
                and change["new_value"] not in ("Al", "Sue")
            )
            if later:
                row[column] = later[0][2]["old_value"]
    for row in tables.get("salesforce.lead", []):
        if (row["converted_date"] or "") > limit:
            row |= {"is_converted": "false", "converted_date": None}
            row |= {"converted_contact_id": None, "converted_opportunity_id": None}
    for table, column, log, record, dated in (
        ("salesforce.lead", "status", "salesforce.lead_history", "lead_id", "created_date"),
        ("marketo.lead", "lead_status", "marketo.activity_change_data_value", "lead_id",
         "activity_date"),
        ("salesforce.contact", "contact_status_c", "salesforce.contact_history", "contact_id",
         "created_date"),
    ):  # fmt: skip
        for row in tables.get(table, []):
            later = sorted(
                (change[dated] or "", change["id"] or "", change)
                for change in company.tables.get(log, [])
                if change[record] == row["id"] and (change[dated] or "") > limit
            )
            if later:
                row[column] = later[0][2]["old_value"]
    for row in tables.get("salesforce.campaign_member", []):
        if (row["first_responded_date"] or "") > limit:
            row |= {"has_responded": "false", "first_responded_date": None}
    for row in tables.get("salesforce.task", []):
        if (row["completed_date_time"] or "") > limit:
            row |= {"is_closed": "false", "completed_date_time": None}
    return Company(company.mark, tables, company.exclusions, True, company.has_new_types)


TRACKED = {
    "lead_source": ("leadsource",),
    "campaign_id": ("campaignid",),
    "pipeline_source_c": ("pipelinesource",),
    "owner_id": ("owner", "ownerid"),
    "type": ("type",),
}


def _field(name: str | None) -> str:
    return (name or "").lower().replace("__c", "").replace("_", "")


def as_one(members: Iterable[Company]) -> Tables:
    """The tables of many companies, and what all of them share."""
    tables: Tables = {table: list(rows) for table, rows in SHARED.items()}
    for company in members:
        for table, rows in company.tables.items():
            tables.setdefault(table, []).extend(rows)
    return tables


def write(root: Path, tables: Tables) -> Path:
    """One CSV file a table, rows in the order given."""
    for table, rows in tables.items():
        _write_csv(root / f"{table.replace('.', '/')}.csv", rows, _columns(rows))
    return root


def write_shuffled(root: Path, tables: Tables, chance: random.Random) -> Path:
    """Rows and columns in another order; files as CSV or Parquet, in one piece or in parts."""
    for table, rows in tables.items():
        rows, columns = list(rows), list(_columns(rows))
        chance.shuffle(rows)
        chance.shuffle(columns)
        path = root / table.replace(".", "/")
        suffix = chance.choice(["csv", "parquet"])
        parts = [rows]
        if chance.random() < 0.6:
            cut = chance.randint(0, len(rows))
            parts = [rows[:cut], rows[cut:], []]
        for number, part in enumerate(parts):
            file = path / f"part-{number}" if len(parts) > 1 else path
            file = file.with_name(f"{file.name}.{suffix}")
            if suffix == "csv":
                _write_csv(file, part, columns)
            else:
                file.parent.mkdir(parents=True, exist_ok=True)
                schema = pa.schema([(name, pa.string()) for name in columns])
                cells = [{name: row.get(name) for name in columns} for row in part]
                pq.write_table(pa.Table.from_pylist(cells, schema), file)
    return root


def _columns(rows: Iterable[Row]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row))


def _write_csv(path: Path, rows: Iterable[Row], columns: Iterable[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, list(columns), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def write_seeds(
    folder: Path, defaults: Path, members: Iterable[Company], settings: Iterable[str]
) -> Path:
    """The default rules, these companies' exclusions, a source and settings of their own."""
    folder.mkdir(parents=True)
    for seed in defaults.rglob("*.csv"):
        (folder / seed.name).write_bytes(seed.read_bytes())
    # A source that the project has never heard of is two rows, and nothing else.
    with (folder / "source_rules.csv").open("a", encoding="utf-8") as rules:
        rules.write("15,source_field,Whim,community\n")
    with (folder / "source_owners.csv").open("a", encoding="utf-8") as owners:
        owners.write("community,Cara Lindqvist,cara@community.example\n")
    _write_csv(
        folder / "lead_source_channels.csv",
        [
            {"lead_source": "Web", "channel": "Content"},
            {"lead_source": "Cold Call", "channel": "outbound"},
        ],
        ("lead_source", "channel"),
    )
    exclusions = [row for company in members for row in company.exclusions]
    columns = ("record_type", "record_id", "reason", "owner", "effective_from", "effective_to")
    _write_csv(folder / "exclusions.csv", exclusions, columns)
    (folder / "settings.yml").write_text("".join(f"{line}\n" for line in settings))
    return folder


def marks_in(text: str) -> Iterator[str]:
    """The companies whose marks are in a text, in order, each once."""
    yield from dict.fromkeys(re.findall(r"c\d{3}(?=\d\d)", text))
