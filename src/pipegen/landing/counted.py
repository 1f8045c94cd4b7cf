"""What raw tables hold, counted before anything is landed.

What belongs here: the queries behind a survey (`company.survey`). What does not: what the counts
mean, and which rows are kept (models/landing).

A survey is told to a person. It need not agree with the landed tables to the row: it reads text,
counts each id once and leaves out what is deleted, and a table that can't be read is left to the
run, which says what is wrong with it.

Queries are in words that both DuckDB and a server's connection take: no `try_cast`, `mode` as an
ordered set, no subquery without a name.
"""

import contextlib
import dataclasses
import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pipegen.company import survey
from pipegen.company.survey import FiscalUse, RawSurvey, ReferenceUse, StageUse, TableSeen
from pipegen.contract.spellings import BOOLEANS, NULL_WORDS
from pipegen.contract.tables import REFERENCES, TABLES, Column, Reference, Table, normalised
from pipegen.errors import PipegenError
from pipegen.landing.expressions import identifier, literal, literals
from pipegen.landing.source import Match, RawSource, match, raw_name, raw_relation
from pipegen.warehouses import ERRORS

# Salesforce's own columns that say more than a run reads, where an export has them.
_MORE = {
    "salesforce.opportunity": (
        Column("is_won", "boolean"),
        Column("is_closed", "boolean"),
        Column("fiscal_year", "number"),
        Column("fiscal_quarter", "number"),
    )
}
# What the names of logs and of activities have in them.
_LOGS = ("_history", "activity_", "_member", ".task", ".event")
# The columns that say of a row that its record is deleted, whichever system and loader wrote it.
_DELETED = (Column("is_deleted", "boolean"), Column("_fivetran_deleted", "boolean"))
_BY_LABEL = {
    table.label: dataclasses.replace(
        table,
        columns=tuple(
            {
                column.name: column
                for column in (*_DELETED, *table.columns, *_MORE.get(table.label, ()))
            }.values()
        ),
    )
    for table in TABLES
}
_NOTHING = f"({literals(NULL_WORDS)})"
_TRUE = f"({literals(BOOLEANS['true'])})"
# How `files` reads a CSV.
_STRICT = "strict_mode = true"
# Of deals, which are asked several times, so much is kept in memory.
_DEALS = (
    "id, stage_name, probability, amount, close_date, created_date, last_modified_date, type, "
    "lead_source, pipeline_source_c, currency_iso_code, forecast_category, is_won, is_closed, "
    "fiscal_year, fiscal_quarter"
)
_NO_TOUCHES = ("activity_change_data_value", "activity_merge_leads")


def counted(
    source: RawSource,
    *,
    custom_columns: Mapping[str, str],
    lifecycle_fields: Mapping[str, list[str]],
    is_deep: bool = True,
) -> RawSurvey:
    """Count what the raw tables hold.

    `is_deep` counts what is in logs and activities too, which may be most of the rows. Tables on a
    server are counted there.
    """
    with source.asked() as connection:
        return _Count(connection, source, custom_columns, lifecycle_fields, is_deep).survey()


@dataclasses.dataclass
class _Count:
    """One survey."""

    connection: Any
    source: RawSource
    custom_columns: Mapping[str, str]
    lifecycle_fields: Mapping[str, list[str]]
    is_deep: bool
    uncounted: dict[str, str] = dataclasses.field(default_factory=dict)
    # What is asked several times, by name: a table in memory, or a query where none can be kept.
    kept: dict[str, str] = dataclasses.field(default_factory=dict)

    def survey(self) -> RawSurvey:
        found = [self.seen(table) for table in TABLES]
        is_there = self.keep("deals", "salesforce.opportunity", _DEALS)
        by_size = self.sizes()
        return RawSurvey(
            tables=tuple(found),
            ignored=tuple(self.source.ignored()),
            deals=self.number("deals") if is_there else 0,
            stages=tuple(self.stages()) if is_there else (),
            counts={kind: values for kind, values in self.counts(is_there).items() if values},
            fiscal=tuple(self.fiscal()) if is_there else (),
            corporate_currency=self.corporate_currency(),
            accounts=sum(by_size.values()),
            accounts_without_employees=by_size.get(None, 0),
            sizes={size: count for size, count in by_size.items() if size is not None},
            rated=self.rated(),
            last_day=self.last_day() if is_there else None,
            references=tuple(self.references()),
            uncounted=tuple(f"{label}: {why}" for label, why in self.uncounted.items()),
        )

    def seen(self, table: Table) -> TableSeen:
        try:
            matches = self.matches(table)
        except PipegenError:
            # The check of headers says what is wrong.
            return TableSeen(table.system, table.name, is_there=True)
        if not matches:
            return TableSeen(table.system, table.name, is_there=False)
        missing, unread, headers = set(), set(), set()
        for one in matches:
            missing |= {
                raw_name(column, self.custom_columns)
                for column in table.columns
                if one.raw[column.name] is None
            }
            read = {raw.name for raw in one.raw.values() if raw}
            headers |= read
            unread |= {raw.name for raw in one.part.columns} - read
        return TableSeen(
            table.system,
            table.name,
            is_there=True,
            location=self.source.location(table),
            missing=tuple(sorted(missing)),
            unread=tuple(sorted(unread)),
            read=tuple(sorted(headers)),
        )

    def matches(self, table: Table) -> list[Match]:
        return [match(table, part, self.custom_columns) for part in self.source.parts(table)]

    def relation(self, label: str, *, with_deleted: bool = False) -> str | None:
        """A query for the rows of a table that are not deleted; None if it can't be read."""
        table = _BY_LABEL[label]
        try:
            matches = self.matches(table)
        except PipegenError as error:
            self.uncounted.setdefault(label, error.problems[0])
            return None
        if not matches:
            return None
        rows = raw_relation(table.columns, matches, as_text=True)
        if with_deleted:
            return rows
        deleted = [
            f"coalesce(lower(trim({identifier(column.name)})), '') in {_TRUE}"
            for column in _DELETED
        ]
        return f"select * from ({rows}) as read_rows where not ({' or '.join(deleted)})"

    def keep(self, name: str, label: str, columns: str) -> bool:
        """Keep a table's rows, to be asked several times; whether there are any to ask."""
        query = self.relation(label)
        if query is None:
            return False
        rows = f"select {columns} from ({query}) as {name}"
        if not self.source.keeps_tables:
            self.kept[name] = f"({rows})"
            return self.tried(label, f"select count(*) from ({rows}) as {name}") is not None
        self.kept[name] = name
        return self.tried(label, f"create temp table {name} as {rows}") is not None

    def tried(self, label: str, query: str) -> list[tuple[Any, ...]] | None:
        # A broken line of a CSV is set aside by the run, and left out here.
        queries = (query, query.replace(_STRICT, f"{_STRICT}, ignore_errors = true"))
        for one in dict.fromkeys(queries):
            try:
                return self.connection.execute(one).fetchall()
            except ERRORS as error:
                reason = str(error).splitlines()[0][:200]
        self.uncounted.setdefault(label, reason)
        return None

    def number(self, name: str) -> int:
        """How many records there are of what is kept."""
        query = f"select count(distinct id) from {self.kept[name]} as records"
        return int(self.connection.execute(query).fetchall()[0][0])

    def values(self, label: str, value: str, where: str = "true") -> dict[str, int]:
        """How many records have each value, in its most frequent spelling."""
        query = self.relation(label)
        if query is None:
            return {}
        return self.grouped(label, f"({query})", value, where)

    def grouped(self, label: str, relation: str, value: str, where: str = "true") -> dict[str, int]:
        rows = self.tried(
            label,
            "select mode() within group (order by value), count(distinct id) "
            f"from (select trim({value}) as value, id from {relation} as records where {where}) "
            f"as named where value <> '' and lower(value) not in {_NOTHING} "
            "group by lower(value) order by 2 desc, 1",
        )
        return dict(rows or [])

    def counts(self, has_deals: bool) -> dict[str, Mapping[str, int]]:
        kinds: dict[str, Mapping[str, int]] = {}
        if has_deals:
            for kind, column in (
                (survey.TYPES, "type"),
                (survey.LEAD_SOURCES, "lead_source"),
                (survey.SOURCE_FIELD, "pipeline_source_c"),
                (survey.CURRENCIES, "upper(currency_iso_code)"),
            ):
                kinds[kind] = self.grouped("salesforce.opportunity", self.kept["deals"], column)
        kinds[survey.CAMPAIGN_TYPES] = self.values("salesforce.campaign", "type")
        kinds[survey.CONTACT_ROLES] = self.values("salesforce.opportunity_contact_role", "role")
        kinds[survey.ROLES] = self.roles()
        for system in ("salesforce", "marketo"):
            kinds[survey.statuses(system)] = self.statuses(system)
            if self.is_deep:
                kinds[survey.touches(system)] = self.touches(system)
        return kinds

    def roles(self) -> dict[str, int]:
        """How many users have each role."""
        users, roles = self.relation("salesforce.user"), self.relation("salesforce.user_role")
        if users is None or roles is None:
            return {}
        relation = (
            "(select roles.name, coalesce(users.id, 'nobody') as id "
            f"from ({roles}) as roles "
            f"left join ({users}) as users on users.user_role_id = roles.id)"
        )
        found = self.grouped("salesforce.user_role", relation, "name")
        taken = self.grouped("salesforce.user_role", relation, "name", "id <> 'nobody'")
        return {name: taken.get(name, 0) for name in found}

    def statuses(self, system: str) -> dict[str, int]:
        """How many records have, or had, each status."""
        asked = [(f"{system}.lead", "status" if system == "salesforce" else "lead_status", "true")]
        if system == "salesforce":
            asked.append(("salesforce.contact", "contact_status_c", "true"))
        if self.is_deep:
            for label, kind, field, names in (
                ("salesforce.lead_history", "salesforce.lead", "field", ("old", "new")),
                ("salesforce.contact_history", "salesforce.contact", "field", ("old", "new")),
                ("marketo.activity_change_data_value", "marketo.lead",
                 "primary_attribute_value", ("old", "new")),
            ):  # fmt: skip
                if label.startswith(f"{system}."):
                    keys = ", ".join(
                        literal(_field_key(name)) for name in self.lifecycle_fields.get(kind, [])
                    )
                    key = f"replace(replace(replace(lower({field}), '__c', ''), '_', ''), ' ', '')"
                    where = f"{key} in ({keys or literal('')})"
                    asked += [(label, f"{name}_value", where) for name in names]
        found: dict[str, tuple[str, int]] = {}
        for label, column, where in asked:
            for value, count in self.values(label, column, where).items():
                name, most = found.get(survey.matched(value), (value, 0))
                # A record in several logs would be added up; the greatest is what can be said.
                found[survey.matched(value)] = (name, max(most, count))
        return dict(sorted(found.values(), key=lambda one: (-one[1], one[0])))

    def touches(self, system: str) -> dict[str, int]:
        """How many activities there are of each raw type (definitions 7)."""
        if system == "marketo":
            found = {}
            for table in TABLES:
                is_touch = table.name.startswith("activity_") and table.name not in _NO_TOUCHES
                if table.system == "marketo" and is_touch and (query := self.relation(table.label)):
                    rows = self.tried(table.label, f"select count(*) from ({query}) as activities")
                    if rows and rows[0][0]:
                        found[table.name.removeprefix("activity_")] = int(rows[0][0])
            return found
        members = self.relation("salesforce.campaign_member")
        campaigns = self.relation("salesforce.campaign")
        found = {}
        if members and campaigns:
            found |= self.grouped(
                "salesforce.campaign_member",
                "(select members.id, "
                "'campaign:' || coalesce(trim(campaigns.type), '') as raw_type "
                f"from ({members}) as members join ({campaigns}) as campaigns "
                f"on members.campaign_id = campaigns.id "
                f"where lower(trim(members.has_responded)) in {_TRUE})",
                "raw_type",
            )
        found |= self.values(
            "salesforce.task",
            "'task:' || coalesce(nullif(trim(type), ''), nullif(trim(task_subtype), ''), '')",
            f"lower(trim(is_closed)) in {_TRUE}",
        )
        return found | self.values("salesforce.event", "'event'")

    def stages(self) -> list[StageUse]:
        """The stages of deals and of their history, where it is read."""
        label = "salesforce.opportunity"
        is_logged = self.is_deep and self.keep(
            "history",
            "salesforce.opportunity_history",
            "opportunity_id, stage_name, probability, created_date",
        )
        log = (
            "select opportunity_id as deal, stage_name, probability, created_date as moment "
            f"from {self.kept['history']} as history union all "
            if is_logged
            else ""
        )
        rows = self.tried(
            label,
            f"""
            with uses as (
                {log}
                select id as deal, stage_name, probability,
                    coalesce(nullif(trim(last_modified_date), ''), '9999') as moment
                from {self.kept["deals"]} as deals
            ),
            named as (
                select deal, lower(trim(stage_name)) as stage, trim(stage_name) as name, moment,
                    case when {_number("probability")} between 0 and 100
                        then {_number("probability")} end as probability
                from uses where trim(stage_name) <> ''
            ),
            visits as (
                select deal, stage, min(moment) as first_at from named group by deal, stage
            ),
            places as (
                select deal, stage,
                    (rank() over (partition by deal order by first_at) - 1.0)
                        / (count(*) over (partition by deal) - 1.0) as place
                from visits
                where deal in (select deal from visits group by deal having count(*) > 1)
            ),
            of_today as (
                select lower(trim(stage_name)) as stage,
                    count(distinct id) as deals,
                    avg(case when trim(is_won) = '' then null
                        else (lower(trim(is_won)) in {_TRUE})::integer end) as won_share,
                    avg(case when trim(is_closed) = '' then null
                        else (lower(trim(is_closed)) in {_TRUE})::integer end) as closed_share,
                    mode() within group (order by nullif(trim(forecast_category), ''))
                        as forecast_category,
                    count(distinct id) filter (coalesce(trim(amount), '') = '') as without_amount,
                    count(distinct id) filter (coalesce(trim(close_date), '') = '')
                        as without_close_date
                from {self.kept["deals"]} as deals group by 1
            ),
            ever as (
                select stage, mode() within group (order by name) as name,
                    count(distinct deal) as deals_ever, avg(probability) as probability
                from named group by stage
            )
            select ever.name, coalesce(of_today.deals, 0), ever.deals_ever, ever.probability,
                (select avg(place) from places where places.stage = ever.stage),
                of_today.won_share, of_today.closed_share,
                coalesce(of_today.forecast_category, ''),
                coalesce(of_today.without_amount, 0), coalesce(of_today.without_close_date, 0)
            from ever left join of_today on ever.stage = of_today.stage
            order by ever.deals_ever desc, ever.name
            """,
        )
        # A server's means are decimals.
        plain: list[list[Any]] = [
            [float(one) if isinstance(one, Decimal) else one for one in row] for row in rows or []
        ]
        return [StageUse(*row) for row in plain]

    def fiscal(self) -> list[FiscalUse]:
        rows = self.tried(
            "salesforce.opportunity",
            "select fiscal_year, fiscal_quarter, closes_in, closing_month, count(distinct id) "
            f"from (select id, cast({_number('fiscal_year')} as integer) as fiscal_year, "
            f"cast({_number('fiscal_quarter')} as integer) as fiscal_quarter, "
            f"cast({_number(_day_part('close_date', 1, 4))} as integer) as closes_in, "
            f"cast({_number(_day_part('close_date', 6, 2))} as integer) as closing_month "
            f"from {self.kept['deals']} as deals) as closing "
            "where fiscal_year is not null and fiscal_quarter between 1 and 4 "
            "and closing_month is not null group by 1, 2, 3, 4 order by 1, 2, 3, 4",
        )
        return [FiscalUse(*row) for row in rows or []]

    def corporate_currency(self) -> str:
        query = self.relation("salesforce.currency_type")
        rows = query and self.tried(
            "salesforce.currency_type",
            f"select upper(trim(iso_code)) from ({query}) as currencies "
            f"where lower(trim(is_corporate)) in {_TRUE}",
        )
        return str(rows[0][0]) if rows else ""

    def rated(self) -> frozenset[str]:
        """The currencies with a rate, by whichever table."""
        found: set[str] = set()
        for table in ("currency_type", "dated_conversion_rate"):
            label = f"salesforce.{table}"
            query = self.relation(label)
            rows = query and self.tried(
                label,
                f"select distinct upper(trim(iso_code)) from ({query}) as rates "
                f"where {_number('conversion_rate')} > 0 and trim(iso_code) <> ''",
            )
            found |= {code for (code,) in rows or []}
        return frozenset(found)

    def sizes(self) -> dict[int | None, int]:
        """How many accounts have each number of employees; None is unknown."""
        query = self.relation("salesforce.account")
        rows = query and self.tried(
            "salesforce.account",
            "select size, count(*) from (select id, max(case when size >= 0 then "
            "cast(floor(size) as bigint) end) as size from "
            f"(select id, {_number('number_of_employees')} as size from ({query}) as accounts) "
            "as sizes group by id) as sized group by size order by size",
        )
        return dict(rows or [])

    def last_day(self) -> dt.date | None:
        """The last day on which a deal was created or changed, as far as it reads as a date."""
        days = " union all ".join(
            f"select {_day_part(column, 1, 10)} as day from {self.kept['deals']} as deals"
            for column in ("created_date", "last_modified_date")
        )
        rows = self.tried("salesforce.opportunity", f"select max(day) from ({days}) as days")
        with contextlib.suppress(ValueError, TypeError):
            # None of no deals, and no 31st of February.
            return dt.date.fromisoformat(rows[0][0]) if rows else None
        return None

    def references(self) -> list[ReferenceUse]:
        """How many values of each reference lead to a row, of those that any row has."""
        found = []
        for one in REFERENCES:
            if not self.is_deep and any(word in one.table for word in _LOGS):
                continue
            query = self.lost(one)
            rows = query and self.tried(one.table, query)
            if rows and rows[0][0]:
                found.append(ReferenceUse(one.label, one.leads_to, *map(int, rows[0])))
        return found

    def lost(self, one: Reference) -> str | None:
        """A query for how many values a reference has, and how many of them lead to no row; None if
        its table, or one that it leads to, is not there."""
        referring = self.relation(one.table)
        targets = [self.relation(label, with_deleted=True) for label in one.leads_to]
        if referring is None or None in targets:
            return None
        column = next(c for c in _BY_LABEL[one.table].columns if c.name == one.column)
        ids = " union ".join(
            f"select {_id('id', column)} as id from ({target}) as targets" for target in targets
        )
        return (
            "select count(*), count(*) - count(found.id) from "
            f"(select {_id(one.column, column)} as id from ({referring}) as all_referring) "
            f"as referring left join ({ids}) as found on referring.id = found.id "
            f"where referring.id <> '' and lower(referring.id) not in {_NOTHING}"
        )


def _id(column: str, like: Column) -> str:
    """An id as ids meet: the first 15 characters of Salesforce's, and no `.0` of a spreadsheet."""
    if like.kind == "salesforce_id":
        return f"left(trim({column}), 15)"
    return f"regexp_replace(trim({column}), '[.]0+$', '')"


def _number(text: str) -> str:
    """A text as a number, null where it is none; only what is plainly one."""
    return (
        f"case when regexp_matches(trim({text}), '^[+-]?[0-9]{{1,15}}([.][0-9]+)?$') "
        f"then cast(trim({text}) as double) end"
    )


def _day_part(text: str, start: int, length: int) -> str:
    """Some characters of a text that begins with a date as ISO 8601 has it; null for others."""
    day = "^[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    return (
        f"case when regexp_matches(trim({text}), '{day}') "
        f"then substring(trim({text}), {start}, {length}) end"
    )


def _field_key(name: str) -> str:
    """A field's name as its log is matched (macros/lifecycle.sql)."""
    return normalised(name.lower().replace("__c", "")).replace(" ", "")
