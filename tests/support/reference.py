"""Definitions 1 to 6 once more, slowly: an oracle that shares no line with the warehouse.

What belongs here: plain loops, one deal after the other, in the order of the text. What does not:
speed, or anything that a model under `models/` could be copied from.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import yaml

UTC = dt.UTC
DEFAULTS: dict[str, Any] = {
    "business_timezone": "UTC",
    "fiscal_year_start_month": 1,
    "corporate_currency": "USD",
    "re_date_tolerance_days": 1,
    "close_day_tolerance_days": 31,
    "placeholder_amounts": [0.01, 1],
    "duplicate_window_days": 3,
    "duplicate_match": "account_and_amount",
    "recycle_window_days": 180,
    "recycle_match": "account",
    "source_grace_days": 7,
}

# The columns read of each table, key first: rows that differ elsewhere are the same row.
READ = {
    "account": "id name industry number_of_employees annual_revenue billing_country parent_id "
    "owner_id created_date master_record_id is_deleted currency_iso_code",
    "opportunity": "id account_id name stage_name amount probability close_date created_date "
    "created_by_id last_modified_date type lead_source campaign_id owner_id forecast_category "
    "is_deleted currency_iso_code next_step pipeline_source_c is_recycled_c cloned_from_c "
    "loss_reason_c",
    "opportunity_history": "id opportunity_id created_date stage_name amount close_date "
    "probability forecast_category currency_iso_code is_deleted",
    "opportunity_field_history": "id opportunity_id field old_value new_value created_date "
    "is_deleted",
    "opportunity_contact_role": "id opportunity_id contact_id role is_primary created_date "
    "is_deleted",
    "user": "id name email user_role_id manager_id is_active",
    "user_role": "id name",
    "campaign": "id name type status start_date end_date actual_cost parent_id created_date "
    "is_deleted",
    "contact": "id account_id email lead_source created_date title master_record_id is_deleted "
    "contact_status_c",
    "contact_history": "id contact_id field old_value new_value created_date is_deleted",
    "lead": "id email company lead_source status rejection_reason_c owner_id created_date "
    "is_converted converted_date converted_account_id converted_contact_id "
    "converted_opportunity_id master_record_id is_deleted number_of_employees",
    "lead_history": "id lead_id field old_value new_value created_date is_deleted",
    "campaign_member": "id campaign_id lead_id contact_id status has_responded "
    "first_responded_date created_date is_deleted",
    "task": "id who_id what_id account_id owner_id subject task_subtype type status is_closed "
    "activity_date completed_date_time created_date is_deleted",
    "event": "id who_id what_id account_id owner_id subject start_date_time created_date "
    "is_deleted",
    "dated_conversion_rate": "id iso_code conversion_rate start_date next_start_date",
}
_TIMES = re.compile("_(date|date_time|at)$")
_NUMBERS = ("amount", "probability", "number_of_employees", "annual_revenue", "actual_cost")
_EVERYWHERE = ("_fivetran_deleted", "_fivetran_synced", "system_modstamp")

Row = dict[str, str | None]


# --- reading -------------------------------------------------------------------------------------


def _as_written(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return value.astimezone(UTC).isoformat()
    text = str(value).strip()
    return text or None


def _raw_rows(folder: Path, table: str) -> Iterable[Row]:
    """Rows of one table as trimmed texts; nothing where there is no such table."""
    paths = [p for p in (folder / f"{table}.csv", folder / f"{table}.parquet") if p.is_file()]
    parts = folder / table
    if parts.is_dir():
        paths += sorted(p for p in parts.iterdir() if p.suffix in (".csv", ".parquet"))
    for path in paths:
        if path.suffix == ".parquet":
            rows: Iterable[dict[str, object]] = pq.read_table(path).to_pylist()
        else:
            with path.open(encoding="utf-8-sig", newline="") as file:
                rows = list(csv.DictReader(file))
        for row in rows:
            yield {name: _as_written(value) for name, value in row.items()}


def _true(text: str | None) -> bool:
    return (text or "").lower() in ("true", "1", "t", "yes")


def _kept(folder: Path, table: str) -> list[Row]:
    """Rows that stand for their key, deleted ones included (definitions 1, Rows)."""
    return _sorted_out(folder, table)[0]


def _sorted_out(folder: Path, table: str) -> tuple[list[Row], list[tuple[str, str]]]:
    """Rows that stand for their key, and (key, reason) of each that was set aside."""
    names = [*READ[table].split(), *_EVERYWHERE]
    by_key: dict[str, list[Row]] = defaultdict(list)
    kept, aside = [], []
    for raw in _raw_rows(folder, table):
        row = {name: raw.get(name) for name in names}
        if row["id"] is None:
            aside.append(("", "null_key"))
        else:
            by_key[row["id"]].append(row)
    for key, rows in by_key.items():
        distinct: dict[tuple, Row] = {}
        for row in rows:
            written = tuple(row[name] for name in names if name != "_fivetran_synced")
            other = distinct.get(written)
            if other is None or _order(row)[1] > _order(other)[1]:
                distinct[written] = row
        best = max(_order(row) for row in distinct.values())
        winners = [row for row in distinct.values() if _order(row) == best]
        aside += [(key, "repeated")] * (len(rows) - len(distinct))
        if len(winners) == 1:
            kept.append(winners[0])
            aside += [(key, "superseded")] * (len(distinct) - 1)
        else:
            aside += [(key, "superseded")] * (len(distinct) - len(winners))
            aside += [(key, "ambiguous_key")] * len(winners)
    return kept, aside


def _order(row: Row) -> tuple[dt.datetime, dt.datetime]:
    longest_ago = dt.datetime(1, 1, 1, tzinfo=UTC)
    stamp, synced = _instant(row["system_modstamp"]), _instant(row["_fivetran_synced"])
    return stamp or longest_ago, synced or longest_ago


def _deleted(row: Row) -> bool:
    return _true(row.get("is_deleted")) or _true(row.get("_fivetran_deleted"))


_INSTANT = re.compile(
    r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$"
)


def _instant(text: str | None) -> dt.datetime | None:
    if text is None or not _INSTANT.match(text):
        return None
    try:
        value = dt.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _date(text: str | None) -> dt.date | None:
    value = _instant(text)
    return value.date() if value else None


def _money(text: str | None) -> Decimal | None:
    try:
        value = Decimal(text) if text is not None else None
    except InvalidOperation:
        return None
    if value is None or not value.is_finite():
        return None
    return value.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def _word(text: str | None) -> str:
    """How seeds are matched: trimmed and without case."""
    return (text or "").strip().lower()


def _seed(folder: Path, name: str) -> list[Row]:
    # The default set has folders, a company's own mostly none.
    [path] = folder.rglob(f"{name}.csv")
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [{k: _as_written(v) for k, v in row.items()} for row in csv.DictReader(file)]


# --- the rules as data ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Stage:
    """A stage as the seed knows it; order 0 and open where it does not."""

    name: str | None
    order: int
    group: str


@dataclass(frozen=True)
class Rule:
    """One version of the qualification rules."""

    effective_from: dt.date
    min_stage_order: int
    max_horizon_days: int
    requires_amount: bool
    requires_close_date: bool
    requires_source: bool
    requires_decision_maker: bool


@dataclass(frozen=True)
class State:
    """A stretch of a deal's life; the next state's `begins` is its end."""

    begins: dt.datetime
    stage: Stage
    amount: Decimal | None
    currency: str
    close_date: dt.date | None
    probability: Decimal | None
    forecast_category: str | None
    is_imputed: bool

    def values(self) -> tuple:
        """What makes a change."""
        return (self.stage, self.amount, self.currency, self.close_date, self.probability,
                self.forecast_category)  # fmt: skip


class _Company:
    """Seeds, settings and raw tables of one run."""

    def __init__(self, raw: Path, seeds: Path, as_of: dt.date, settings: dict | None) -> None:
        own = seeds / "settings.yml"
        given = (yaml.safe_load(own.read_text(encoding="utf-8")) or {}) if own.is_file() else {}
        self.settings = {**DEFAULTS, **given, **(settings or {})}
        self.zone = ZoneInfo(self.settings["business_timezone"])
        self.as_of = as_of
        self.end = self.start_of(as_of + dt.timedelta(days=1))

        self.stage_rows = _seed(seeds, "stages")
        self.stages = {
            _word(r["stage_name"]): Stage(
                r["canonical_stage"], int(r["stage_order"]), _word(r["stage_group"])
            )
            for r in self.stage_rows
        }
        self.rules = sorted(
            (
                Rule(
                    _date(r["effective_from"]), int(r["min_stage_order"]),
                    int(r["max_horizon_days"]),
                    *(_true(r[f"requires_{c}"])
                      for c in ("amount", "close_date", "source", "decision_maker")),
                )
                for r in _seed(seeds, "qualification_rules")
            ),
            key=lambda rule: rule.effective_from,
        )  # fmt: skip
        self.motions = {_word(r["type"]): r["motion"] for r in _seed(seeds, "opportunity_types")}
        self.decision_roles = {_word(r["role"]) for r in _seed(seeds, "decision_roles")}
        self.source_rules = sorted(
            _seed(seeds, "source_rules"), key=lambda r: int(r["priority"] or 0)
        )
        self.exclusions = [
            r
            for r in _seed(seeds, "exclusions")
            if (_date(r["effective_from"]) or as_of) <= as_of
            and (_date(r["effective_to"]) or as_of) >= as_of
        ]
        self.placeholders = {Decimal(str(v)) for v in self.settings["placeholder_amounts"]}

        folder = raw / "salesforce"
        self.masters = {
            r["id"]: r["master_record_id"]
            for r in _kept(folder, "account")
            if r["master_record_id"]
        }
        teams = {_word(r["role_name"]): r["team"] for r in _seed(seeds, "team_roles")}
        roles = {r["id"]: r["name"] for r in _kept(folder, "user_role") if not _deleted(r)}
        self.team_of = {
            r["id"]: teams.get(_word(roles.get(r["user_role_id"])), "other")
            for r in _kept(folder, "user")
            if not _deleted(r)
        }
        self.campaign_types = {
            r["id"]: r["type"] for r in _kept(folder, "campaign") if not _deleted(r)
        }
        self.histories = self._by_opportunity(folder, "opportunity_history")
        self.field_histories = self._by_opportunity(folder, "opportunity_field_history")
        self.contact_roles = self._by_opportunity(folder, "opportunity_contact_role")
        rows = _kept(folder, "opportunity")
        self.opportunities = [r for r in rows if not _deleted(r)]
        self.created_ids = {r["id"] for r in rows if self._is_created(r)}

    def _is_created(self, row: Row) -> bool:
        """Whether the row was there by as-of; of a deleted one, its created date says so alone."""
        history = [] if _deleted(row) else self.histories.get(row["id"], [])
        seen = [_instant(row["created_date"]), *(_instant(h["created_date"]) for h in history)]
        return any(at is not None and at < self.end for at in seen)

    @staticmethod
    def _by_opportunity(folder: Path, table: str) -> dict[str, list[Row]]:
        rows: dict[str, list[Row]] = defaultdict(list)
        for row in _kept(folder, table):
            if not _deleted(row) and row["opportunity_id"]:
                rows[row["opportunity_id"]].append(row)
        return rows

    def start_of(self, day: dt.date) -> dt.datetime:
        """The start of a business day."""
        return dt.datetime.combine(day, dt.time(), self.zone).astimezone(UTC)

    def business_date(self, instant: dt.datetime) -> dt.date:
        """The business date of an instant."""
        return instant.astimezone(self.zone).date()

    def rule_of(self, began: dt.datetime) -> Rule:
        """The rules that judge a state that began then."""
        day = self.business_date(began)
        in_force = [rule for rule in self.rules if rule.effective_from <= day]
        return in_force[-1] if in_force else self.rules[0]

    def stage(self, name: str | None) -> Stage:
        """The stage of a raw name."""
        return self.stages.get(_word(name), Stage(name, 0, "open"))

    def account(self, account_id: str | None) -> str | None:
        """The account that a merged one was merged into."""
        seen = set()
        while account_id in self.masters and account_id not in seen:
            seen.add(account_id)
            account_id = self.masters[account_id]
        return account_id


# --- one opportunity -----------------------------------------------------------------------------


@dataclass
class _Deal:
    """What is worked out about one opportunity; filled in from top to bottom of the definitions."""

    id: str
    row: Row
    account: str | None
    created_at: dt.datetime | None
    first_created_at: dt.datetime
    states: list[State]
    closed_at: dt.datetime | None = None
    is_excluded: bool = False
    exclusion_reason: str | None = None
    motion: str = ""
    source: str = "unknown"
    source_rule: str | None = None
    source_value: str | None = None
    source_known_at: dt.datetime | None = None
    decided_at: dt.datetime | None = None
    qualified_at: dt.datetime | None = None
    verdict: str = ""
    reason: str | None = None
    evidence: str | None = None
    successor: _Deal | None = None

    @property
    def now(self) -> State:
        return self.states[-1]

    def at(self, instant: dt.datetime) -> State:
        """The state in force at an instant."""
        return [s for s in self.states if s.begins <= instant][-1]


def _probability(text: str | None) -> Decimal | None:
    value = _money(text)
    return value if value is not None and 0 <= value <= 100 else None


def _state(company: _Company, row: Row, begins: dt.datetime, currency: str | None) -> State:
    code = row["currency_iso_code"] or currency or company.settings["corporate_currency"]
    return State(
        begins, company.stage(row["stage_name"]), _money(row["amount"]), code.upper(),
        _date(row["close_date"]), _probability(row["probability"]), row["forecast_category"], False,
    )  # fmt: skip


def _timeline(company: _Company, row: Row, first_created: dt.datetime) -> list[State]:
    """All states of an opportunity, those after as-of too (definitions 2)."""
    currency = row["currency_iso_code"]
    current = _state(company, row, first_created, currency)
    by_instant: dict[dt.datetime, list[Row]] = defaultdict(list)
    for change in company.histories.get(row["id"], []):
        at = _instant(change["created_date"])
        if at is not None:
            by_instant[at].append(change)
    if not by_instant:
        return _without_history(company, row, current, first_created)

    states = []
    for at in sorted(by_instant):
        best = max(by_instant[at], key=lambda r: (_order(r)[0], r["id"]))
        states.append(_state(company, best, at, currency))
    last = states[-1]
    if (current.stage, current.amount, current.currency, current.close_date) != (
        last.stage, last.amount, last.currency, last.close_date,
    ):  # fmt: skip
        modified = _instant(row["last_modified_date"])
        if modified is not None and modified > last.begins:
            states.append(replace(current, begins=modified))
        else:
            states[-1] = replace(current, begins=last.begins)
    if states[0].begins > first_created:
        states[0] = replace(states[0], begins=first_created, is_imputed=True)
    return states


def _without_history(
    company: _Company, row: Row, current: State, first_created: dt.datetime
) -> list[State]:
    if current.stage.group == "open":
        return [current]
    least = company.rule_of(first_created).min_stage_order
    fitting = [
        Stage(r["canonical_stage"], int(r["stage_order"]), "open")
        for r in company.stage_rows
        if _word(r["stage_group"]) == "open" and int(r["stage_order"]) >= least
    ]
    modified = _instant(row["last_modified_date"])
    days = [current.close_date, company.business_date(modified) if modified else None]
    days = [day for day in days if day is not None]
    closes = company.start_of(min(days)) if days else first_created
    if closes <= first_created or not fitting:
        return [replace(current, is_imputed=True)]
    opened = replace(
        current, stage=min(fitting, key=lambda s: s.order), probability=None,
        forecast_category=None, is_imputed=True,
    )  # fmt: skip
    return [opened, replace(current, begins=closes, is_imputed=True)]


def _merged_states(states: list[State]) -> list[State]:
    merged: list[State] = []
    for state in states:
        if not merged or merged[-1].values() != state.values():
            merged.append(state)
    return merged


def _field(name: str | None) -> str:
    name = _word(name)
    return name.removesuffix("__c").replace("_", "")


def _source(company: _Company, deal: _Deal) -> None:
    """Definitions 6: decided once, at the end of the grace period."""
    row = deal.row
    latest = company.end - dt.timedelta(microseconds=1)
    grace = dt.timedelta(days=company.settings["source_grace_days"])
    decided = min(deal.first_created_at + grace, latest)
    changes = []
    for change in company.field_histories.get(deal.id, []):
        at = _instant(change["created_date"])
        if at is not None:
            changes.append((at, change["id"], _field(change["field"]), change))
    changes.sort(key=lambda c: (c[0], c[1]))

    def value(names: tuple[str, ...], now: str | None, at: dt.datetime) -> str | None:
        for when, _, field, change in changes:
            if field not in names or when <= at:
                continue
            ids = [change["old_value"], change["new_value"]]
            if "campaign" in names and not any(v and v.startswith("701") for v in ids):
                continue
            return change["old_value"]
        return now

    def decide(at: dt.datetime) -> tuple[str, str | None, str | None]:
        campaign = value(("campaign", "campaignid"), row["campaign_id"], at)
        values = {
            "source_field": value(
                ("pipelinesource", "pipelinesourcec"), row["pipeline_source_c"], at
            ),
            "lead_source": value(("leadsource",), row["lead_source"], at),
            "campaign_type": company.campaign_types.get(campaign),
            "creator_team": company.team_of.get(row["created_by_id"]),
        }
        for rule in company.source_rules:
            found = values[rule["rule"]]
            if found is not None and _word(found) == _word(rule["value"]):
                return rule["pipeline_source"], rule["rule"], found
        return "unknown", None, None

    deal.source, deal.source_rule, deal.source_value = decide(decided)
    if deal.source == "unknown":
        return
    known = None
    moments = [deal.first_created_at, *(c[0] for c in changes)]
    for at in sorted(m for m in moments if deal.first_created_at <= m <= decided):
        if decide(at)[0] == "unknown":
            known = None
        elif known is None:
            known = at
    deal.source_known_at = known


def _criteria(
    company: _Company, deal: _Deal, state: State, at: dt.datetime
) -> list[tuple[str, bool]]:
    """The required criteria in the order of the table, and whether each holds at an instant."""
    rule = company.rule_of(state.begins)
    day = company.business_date(at)
    holds = [("stage", state.stage.group == "open" and state.stage.order >= rule.min_stage_order)]
    if rule.requires_amount:
        amount = state.amount
        is_amount = amount is not None and amount > 0 and amount not in company.placeholders
        holds.append(("amount", is_amount))
    if rule.requires_close_date:
        close = state.close_date
        last = day + dt.timedelta(days=rule.max_horizon_days)
        holds.append(("close_date", close is not None and day <= close <= last))
    if rule.requires_source:
        known = deal.source_known_at
        holds.append(("source", known is not None and known <= at))
    if rule.requires_decision_maker:
        decided = deal.decided_at
        holds.append(("decision_maker", decided is not None and decided <= at))
    return holds


def _qualified_at(company: _Company, deal: _Deal) -> dt.datetime | None:
    """The first instant at which all required criteria hold (definitions 4)."""
    ends = [s.begins for s in deal.states[1:]] + [company.end]
    for state, end in zip(deal.states, ends, strict=True):
        moments = [state.begins, deal.source_known_at, deal.decided_at]
        if state.close_date is not None:
            horizon = dt.timedelta(days=company.rule_of(state.begins).max_horizon_days)
            moments.append(company.start_of(state.close_date - horizon))
        for at in sorted(m for m in moments if m is not None and state.begins <= m < end):
            if all(holds for _, holds in _criteria(company, deal, state, at)):
                return at
    return None


def _read_deals(company: _Company) -> list[_Deal]:
    deals = []
    for row in company.opportunities:
        created = _instant(row["created_date"])
        history = company.histories.get(row["id"], [])
        seen = [created, *(_instant(h["created_date"]) for h in history)]
        seen = [at for at in seen if at is not None]
        if row["stage_name"] is None or not seen:
            continue
        first_created = min(seen)
        states = _timeline(company, row, first_created)
        states = _merged_states([s for s in states if s.begins < company.end])
        if not states:
            continue
        account = company.account(row["account_id"])
        deals.append(_Deal(row["id"], row, account, created, first_created, states))
    return deals


# --- all of them ---------------------------------------------------------------------------------


def verdicts(
    raw_folder: Path, seeds_folder: Path, as_of: dt.date, settings: dict[str, Any] | None = None
) -> dict[str, dict[str, Any]]:
    """What each opportunity is as of the end of a day, by opportunity id.

    `raw_folder` holds `<system>/<table>` as CSV or Parquet; `settings` overrides the defaults and
    the `settings.yml` beside the seeds. Values: texts, booleans, dates, instants in UTC, `None` for
    null; `states` is the timeline. An opportunity that is in no core table is not in the answer.
    Raises `OSError` for a missing seed.
    """
    company = _Company(Path(raw_folder), Path(seeds_folder), as_of, settings)
    deals = _read_deals(company)
    for deal in deals:
        _exclude(company, deal)
        group = deal.now.stage.group
        if group != "open":
            closed = deal.now.begins
            for state in reversed(deal.states):
                if state.stage.group == "open":
                    break
                closed = state.begins
            deal.closed_at = closed
        roles = company.contact_roles.get(deal.id, [])
        arrivals = [
            _instant(r["created_date"])
            for r in roles
            if _true(r["is_primary"]) or _word(r["role"]) in company.decision_roles
        ]
        deal.decided_at = min((at for at in arrivals if at is not None), default=None)
        _source(company, deal)
        deal.qualified_at = _qualified_at(company, deal)
    _set_motions(company, deals)
    _set_verdicts(company, deals)
    return {deal.id: _answer(company, deal) for deal in deals}


def set_aside(raw_folder: Path) -> Counter[tuple[str, str, str]]:
    """How often (table, key, reason) must be found among the rows that were set aside.

    Tables of the CRM only; a row without a key has the key "".
    """
    found: Counter[tuple[str, str, str]] = Counter()
    folder = Path(raw_folder) / "salesforce"
    for table in READ:
        kept, aside = _sorted_out(folder, table)
        found.update((table, key, reason) for key, reason in aside)
        if table != "opportunity":
            continue
        dated = {
            h["opportunity_id"]
            for h in _kept(folder, "opportunity_history")
            if not _deleted(h) and _instant(h["created_date"]) is not None
        }
        for row in kept:
            if _deleted(row):
                continue
            if row["stage_name"] is None:
                found[table, row["id"], "no_stage"] += 1
            elif _instant(row["created_date"]) is None and row["id"] not in dated:
                found[table, row["id"], "no_date"] += 1
    return found


def unparsed_values(raw_folder: Path) -> set[tuple[str, str, str]]:
    """(table, key, `column=value`) of each value that is no date, instant or number."""
    found = set()
    folder = Path(raw_folder) / "salesforce"
    for table in READ:
        for row in _kept(folder, table):
            for name, text in row.items():
                if text is None or _deleted(row):
                    continue
                is_time = _TIMES.search(name) and _instant(text) is None
                is_number = name in _NUMBERS and _money(text) is None
                if is_time or is_number:
                    found.add((table, row["id"], f"{name}={text}"))
    return found


def findings(
    raw_folder: Path, seeds_folder: Path, as_of: dt.date, settings: dict[str, Any] | None = None
) -> set[tuple[str, str]]:
    """(opportunity id, rule) of the flaws of opportunities that are not excluded.

    Rules of missing values look at the last state of open opportunities only.
    """
    company = _Company(Path(raw_folder), Path(seeds_folder), as_of, settings)
    deals = verdicts(raw_folder, seeds_folder, as_of, settings)
    folder = Path(raw_folder) / "salesforce"
    rated = {
        (row.get("iso_code") or "").upper()
        for table in ("currency_type", "dated_conversion_rate")
        for row in _raw_rows(folder, table)
    } | {company.settings["corporate_currency"]}
    grace = dt.timedelta(days=company.settings["source_grace_days"])
    found = set()
    for row in company.opportunities:
        deal = deals.get(row["id"])
        if deal is None or deal["is_excluded"]:
            continue
        now = deal["states"][-1]
        history = company.histories.get(row["id"], [])
        percents = [_money(r["probability"]) for r in (row, *history)]
        late = [
            at
            for change in company.field_histories.get(row["id"], [])
            if _field(change["field"]) == "leadsource"
            and (at := _instant(change["created_date"])) is not None
            and deal["first_created_at"] + grace < at < company.end
        ]
        is_open = deal["stage_group"] == "open"
        claimed_at, is_net_new = _instant(row["created_date"]), deal["verdict"] == "net_new"
        is_moved = deal["is_re_dated"] and is_net_new
        is_recycled = deal["verdict"] == "recycled"
        checks = {
            "missing_created_date": is_open and claimed_at is None,
            "net_new_flag_wrong": is_recycled and not _true(row["is_recycled_c"]),
            "net_new_period_wrong": is_moved
            and _quarter(claimed_at) != _quarter(deal["qualified_at"]),
            "amount_not_positive": is_open
            and now.amount is not None
            and now.amount <= 0
            and now.amount not in company.placeholders,
            "no_history": not history,
            "re_dated": deal["is_re_dated"],
            "unknown_stage": any(s.stage.order == 0 for s in deal["states"]),
            "source_changed": bool(late),
            "probability_out_of_range": any(p is not None and not 0 <= p <= 100 for p in percents),
            "missing_exchange_rate": now.amount is not None and now.currency not in rated,
            "missing_amount": is_open and now.amount is None,
            "placeholder_amount": is_open and now.amount in company.placeholders,
            "missing_source": is_open and deal["pipeline_source"] == "unknown",
            "missing_close_date": is_open and now.close_date is None,
        }
        found |= {(row["id"], rule) for rule, holds in checks.items() if holds}
    return found


def _quarter(at: dt.datetime) -> tuple[int, int]:
    """Year and quarter of an instant, in UTC and for fiscal years from January."""
    return at.year, (at.month - 1) // 3


def _exclude(company: _Company, deal: _Deal) -> None:
    own = {_word(deal.row["account_id"]), _word(deal.account)}
    for row in company.exclusions:
        of = {_word(deal.id)} if _word(row["record_type"]) == "opportunity" else own
        if _word(row["record_id"]) in of and row["record_id"]:
            deal.is_excluded, deal.exclusion_reason = True, row["reason"]
            return


def _set_motions(company: _Company, deals: list[_Deal]) -> None:
    wins: dict[str, list[dt.datetime]] = defaultdict(list)
    for deal in deals:
        if deal.now.stage.group == "won" and not deal.is_excluded and deal.account:
            wins[deal.account].append(deal.closed_at)
    for deal in deals:
        mapped = company.motions.get(_word(deal.row["type"]))
        before = [at for at in wins.get(deal.account or "", []) if at < deal.first_created_at]
        deal.motion = mapped or ("expansion" if before else "new_business")


def _set_verdicts(company: _Company, deals: list[_Deal]) -> None:
    for deal in deals:
        if deal.is_excluded:
            deal.verdict, deal.reason = "excluded", deal.exclusion_reason
        elif deal.qualified_at is None:
            deal.verdict = "unqualified"
    counted = [deal for deal in deals if not deal.verdict]
    counted.sort(key=lambda d: (d.qualified_at, d.first_created_at, d.id))
    if company.settings["duplicate_match"] == "account_and_amount":
        _find_duplicates(company, counted)

    _find_successors(counted)

    lost: dict[tuple, list[_Deal]] = defaultdict(list)
    for deal in counted:
        is_lost = deal.now.stage.group == "lost" and deal.successor is None
        if is_lost and deal.verdict != "duplicate" and deal.account:
            lost[deal.account, deal.motion].append(deal)
    for deal in counted:
        if deal.verdict:
            continue
        if deal.motion == "renewal":
            deal.verdict = "renewal"
            continue
        deal.verdict = "recycled"
        clone = deal.row["cloned_from_c"]
        before = _lost_before(company, deal, lost[deal.account, deal.motion])
        if _true(deal.row["is_recycled_c"]):
            deal.reason = "flag"
        elif clone in company.created_ids and clone != deal.id:
            deal.reason, deal.evidence = "clone", clone
        elif any(s.stage.group != "open" and s.begins < deal.qualified_at for s in deal.states):
            deal.reason = "reopened"
        elif before is not None:
            deal.reason, deal.evidence = "lost_before", before.id
        else:
            deal.verdict = "net_new"


def _find_duplicates(company: _Company, counted: list[_Deal]) -> None:
    """`counted` in the order of (qualified_at, first_created_at, id)."""
    window = dt.timedelta(days=company.settings["duplicate_window_days"])
    originals: dict[tuple, list[_Deal]] = defaultdict(list)
    for deal in counted:
        state = deal.at(deal.qualified_at)
        if deal.account is None or state.amount is None:
            continue
        key = (deal.account, deal.motion, state.amount, state.currency)
        for original in originals[key]:
            apart = abs(original.first_created_at - deal.first_created_at)
            was_lost = original.at(deal.qualified_at).stage.group == "lost"
            if apart <= window and not was_lost:
                deal.verdict, deal.evidence = "duplicate", original.id
                break
        else:
            originals[key].append(deal)


def _find_successors(counted: list[_Deal]) -> None:
    duplicates: dict[str, list[_Deal]] = defaultdict(list)
    for deal in counted:
        if deal.verdict == "duplicate" and deal.evidence:
            duplicates[deal.evidence].append(deal)
    for deal in counted:
        if deal.now.stage.group != "lost":
            continue
        for group in ("won", "open"):
            able = [d for d in duplicates[deal.id] if d.now.stage.group == group]
            if able:
                deal.successor = min(able, key=lambda d: (d.first_created_at, d.id))
                break


def _lost_before(company: _Company, deal: _Deal, lost: list[_Deal]) -> _Deal | None:
    if company.settings["recycle_match"] == "off":
        return None
    window = dt.timedelta(days=company.settings["recycle_window_days"])
    found = [
        other
        for other in lost
        if other is not deal
        and deal.first_created_at - window <= other.closed_at < deal.first_created_at
        and (
            company.settings["recycle_match"] != "account_and_name"
            or _word(other.row["name"]) == _word(deal.row["name"])
        )
    ]
    if not found:
        return None
    latest = max(other.closed_at for other in found)
    return min((o for o in found if o.closed_at == latest), key=lambda o: o.id)


def _answer(company: _Company, deal: _Deal) -> dict[str, Any]:
    now, failing = deal.now, None
    tolerance = dt.timedelta(days=company.settings["re_date_tolerance_days"])
    re_dated = (
        deal.created_at is not None
        and company.business_date(deal.created_at)
        > company.business_date(deal.first_created_at) + tolerance
    )
    if now.stage.group == "open":
        latest = company.end - dt.timedelta(microseconds=1)
        checks = _criteria(company, deal, now, latest)
        failing = next((name for name, holds in checks if not holds), None)
    outcome = deal.successor or deal
    return {
        "verdict": deal.verdict,
        "verdict_reason": deal.reason,
        "verdict_evidence": deal.evidence,
        "pipeline_source": deal.source,
        "source_rule": deal.source_rule,
        "source_value": deal.source_value,
        "source_known_at": deal.source_known_at,
        "motion": deal.motion,
        "is_re_dated": re_dated,
        "is_excluded": deal.is_excluded,
        "is_net_new": deal.verdict == "net_new",
        "first_created_at": deal.first_created_at,
        "qualified_at": deal.qualified_at,
        "failing_criterion": failing,
        "stage": now.stage.name,
        "stage_order": now.stage.order,
        "stage_group": now.stage.group,
        "close_date": now.close_date,
        "close_reason": _close_reason(company, deal),
        "closed_at": deal.closed_at,
        "close_day": _close_day(company, deal),
        "successor_opportunity_id": deal.successor.id if deal.successor else None,
        "outcome_stage_group": outcome.now.stage.group,
        "outcome_closed_at": outcome.closed_at,
        "outcome_reason": _close_reason(company, outcome),
        "outcome_close_day": _close_day(company, outcome),
        "state_count": len(deal.states),
        "imputed_states": sum(s.is_imputed for s in deal.states),
        "push_count": _push_count(company, deal),
        "account_id": deal.account,
        "states": deal.states,
    }


def _close_day(company: _Company, deal: _Deal) -> dt.date | None:
    if deal.closed_at is None:
        return None
    marked = company.business_date(deal.closed_at)
    if deal.now.stage.group == "lost" or deal.now.close_date is None:
        return marked
    tolerance = dt.timedelta(days=company.settings["close_day_tolerance_days"])
    close = deal.now.close_date
    return close if marked - tolerance <= close <= marked else marked


def _close_reason(company: _Company, deal: _Deal) -> str | None:
    """The reason at as-of: what the first later change of it changed from, else today's."""
    changes = [
        (at, change["id"] or "", change["old_value"])
        for change in company.field_histories.get(deal.id, [])
        if _field(change["field"]) == "lossreason"
        and (at := _instant(change["created_date"])) is not None
        and at >= company.end
    ]
    return min(changes)[2] if changes else deal.row["loss_reason_c"]


def _push_count(company: _Company, deal: _Deal) -> int:
    def quarter(day: dt.date) -> int:
        first = company.settings["fiscal_year_start_month"]
        return (day.year * 12 + day.month - first) // 3

    pushes = 0
    for before, after in zip(deal.states, deal.states[1:], strict=False):
        both = before.stage.group == after.stage.group == "open"
        if both and before.close_date and after.close_date:
            pushes += quarter(after.close_date) > quarter(before.close_date)
    return pushes
