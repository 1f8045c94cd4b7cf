"""What raw tables hold, counted before anything is landed.

What belongs here: the queries behind a survey (`company.survey`). What does not: what the counts
mean, and which rows are kept (models/landing).

A survey is told to a person. It need not agree with the landed tables to the row: it reads text,
counts each id once and leaves out what is deleted, and a table that can't be read is left to the
run, which says what is wrong with it.
"""

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import Any

import duckdb

from pipegen.company import survey
from pipegen.company.survey import FiscalUse, RawSurvey, StageUse, TableSeen
from pipegen.contract.spellings import BOOLEANS, NULL_WORDS
from pipegen.contract.tables import TABLES, Column, Table, columns_read, normalised
from pipegen.errors import PipegenError
from pipegen.landing.expressions import identifier, literal, literals
from pipegen.landing.source import Match, RawSource, match, raw_name, text_relation

# Salesforce's own columns that say more than a run reads, where an export has them.
_MORE = {
    "salesforce.opportunity": (
        Column("is_won", "boolean"),
        Column("is_closed", "boolean"),
        Column("fiscal_year", "number"),
        Column("fiscal_quarter", "number"),
    )
}
_BY_LABEL = {
    table.label: dataclasses.replace(table, columns=table.columns + _MORE.get(table.label, ()))
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

    `is_deep` counts what is in logs and activities too, which may be most of the rows. Of tables on
    a server, which stay there, only names and columns are known.
    """
    with duckdb.connect() as connection:
        if not source.can_be_counted:
            tables = _Count(connection, source, custom_columns, lifecycle_fields, is_deep)
            return RawSurvey(
                tables=tuple(map(tables.seen, TABLES)), ignored=tuple(source.ignored())
            )
        source.attach(connection)
        return _Count(connection, source, custom_columns, lifecycle_fields, is_deep).survey()


@dataclasses.dataclass
class _Count:
    """One survey."""

    connection: duckdb.DuckDBPyConnection
    source: RawSource
    custom_columns: Mapping[str, str]
    lifecycle_fields: Mapping[str, list[str]]
    is_deep: bool
    uncounted: dict[str, str] = dataclasses.field(default_factory=dict)

    def survey(self) -> RawSurvey:
        found = [self.seen(table) for table in TABLES]
        is_there = self.keep("deals", "salesforce.opportunity", _DEALS)
        by_size = self.sizes()
        return RawSurvey(
            tables=tuple(found),
            ignored=tuple(self.source.ignored()),
            deals=self.number("select count(distinct id) from deals") if is_there else 0,
            stages=tuple(self.stages()) if is_there else (),
            counts={kind: values for kind, values in self.counts(is_there).items() if values},
            fiscal=tuple(self.fiscal()) if is_there else (),
            corporate_currency=self.corporate_currency(),
            accounts=sum(by_size.values()),
            accounts_without_employees=by_size.get(None, 0),
            sizes={size: count for size, count in by_size.items() if size is not None},
            rated=self.rated(),
            last_day=self.last_day() if is_there else None,
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
        bookkeeping = {column.name for column in columns_read(table)[len(table.columns) :]}
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
            missing=tuple(sorted(missing - bookkeeping)),
            unread=tuple(sorted(unread)),
            read=tuple(sorted(headers)),
        )

    def matches(self, table: Table) -> list[Match]:
        return [match(table, part, self.custom_columns) for part in self.source.parts(table)]

    def relation(self, label: str) -> str | None:
        """A query for the rows of a table that are not deleted; None if it can't be read."""
        table = _BY_LABEL[label]
        try:
            matches = self.matches(table)
        except PipegenError as error:
            self.uncounted.setdefault(label, error.problems[0])
            return None
        if not matches:
            return None
        deleted = [
            f"coalesce(lower(trim({identifier(column.name)})), '') in {_TRUE}"
            for column in columns_read(table)
            if column.name in ("is_deleted", "_fivetran_deleted")
        ]
        return f"select * from ({text_relation(table, matches)}) where not ({' or '.join(deleted)})"

    def keep(self, name: str, label: str, columns: str) -> bool:
        """Keep a table's rows in memory, to be asked several times."""
        query = self.relation(label)
        if query is None:
            return False
        kept = f"create temp table {name} as select {columns} from ({query})"
        return self.tried(label, kept) is not None

    def tried(self, label: str, query: str) -> list[tuple[Any, ...]] | None:
        # A broken line of a CSV is set aside by the run, and left out here.
        queries = (query, query.replace(_STRICT, f"{_STRICT}, ignore_errors = true"))
        for one in dict.fromkeys(queries):
            try:
                return self.connection.execute(one).fetchall()
            except duckdb.Error as error:
                reason = str(error).splitlines()[0][:200]
        self.uncounted.setdefault(label, reason)
        return None

    def number(self, query: str) -> int:
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
            f"select mode(value), count(distinct id) from (select trim({value}) as value, id "
            f"from {relation} where {where}) where value <> '' and lower(value) not in {_NOTHING} "
            "group by lower(value) "
            "order by 2 desc, 1",
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
                kinds[kind] = self.grouped("salesforce.opportunity", "deals", column)
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
                    rows = self.tried(table.label, f"select count(*) from ({query})")
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
            "from history union all "
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
                from deals
            ),
            named as (
                select deal, lower(trim(stage_name)) as stage, trim(stage_name) as name, moment,
                    case when try_cast(probability as double) between 0 and 100
                        then try_cast(probability as double) end as probability
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
            current as (
                select lower(trim(stage_name)) as stage,
                    count(distinct id) as deals,
                    avg(case when trim(is_won) = '' then null
                        else (lower(trim(is_won)) in {_TRUE})::integer end) as won_share,
                    avg(case when trim(is_closed) = '' then null
                        else (lower(trim(is_closed)) in {_TRUE})::integer end) as closed_share,
                    mode(nullif(trim(forecast_category), '')) as forecast_category,
                    count(distinct id) filter (coalesce(trim(amount), '') = '') as without_amount,
                    count(distinct id) filter (coalesce(trim(close_date), '') = '')
                        as without_close_date
                from deals group by 1
            ),
            ever as (
                select stage, mode(name) as name, count(distinct deal) as deals_ever,
                    avg(probability) as probability
                from named group by stage
            )
            select ever.name, coalesce(current.deals, 0), ever.deals_ever, ever.probability,
                (select avg(place) from places where places.stage = ever.stage),
                current.won_share, current.closed_share, coalesce(current.forecast_category, ''),
                coalesce(current.without_amount, 0), coalesce(current.without_close_date, 0)
            from ever left join current using (stage)
            order by ever.deals_ever desc, ever.name
            """,
        )
        return [StageUse(*row) for row in rows or []]

    def fiscal(self) -> list[FiscalUse]:
        rows = self.tried(
            "salesforce.opportunity",
            "select fiscal_year, quarter, year(day), month(day), count(distinct id) from (select "
            "id, try_cast(try_cast(fiscal_year as double) as integer) as fiscal_year, "
            "try_cast(try_cast(fiscal_quarter as double) as integer) as quarter, "
            "try_cast(left(trim(close_date), 10) as date) as day from deals) "
            "where fiscal_year is not null and quarter between 1 and 4 and day is not null "
            "group by all order by all",
        )
        return [FiscalUse(*row) for row in rows or []]

    def corporate_currency(self) -> str:
        query = self.relation("salesforce.currency_type")
        rows = query and self.tried(
            "salesforce.currency_type",
            f"select upper(trim(iso_code)) from ({query}) "
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
                f"select distinct upper(trim(iso_code)) from ({query}) "
                "where try_cast(conversion_rate as double) > 0 and trim(iso_code) <> ''",
            )
            found |= {code for (code,) in rows or []}
        return frozenset(found)

    def sizes(self) -> dict[int | None, int]:
        """How many accounts have each number of employees; None is unknown."""
        query = self.relation("salesforce.account")
        rows = query and self.tried(
            "salesforce.account",
            "select size, count(*) from (select id, max(case when try_cast(number_of_employees as "
            "double) >= 0 then floor(try_cast(number_of_employees as double))::bigint end) as size "
            f"from ({query}) group by id) group by size order by size",
        )
        return dict(rows or [])

    def last_day(self) -> dt.date | None:
        """The last day on which a deal was created or changed, as far as it reads as a date."""
        rows = self.tried(
            "salesforce.opportunity",
            "select max(try_cast(left(trim(moment), 10) as date)) from "
            "(select unnest([created_date, last_modified_date]) as moment from deals)",
        )
        return rows[0][0] if rows else None


def _field_key(name: str) -> str:
    """A field's name as its log is matched (macros/lifecycle.sql)."""
    return normalised(name.lower().replace("__c", "")).replace(" ", "")
