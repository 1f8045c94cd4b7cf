"""The frames that the suites check, read from the build.

What belongs here: which columns and metrics of landed and built tables are loaded. Memory stays
within a few dozen bytes per row: only numbers and dates are loaded, rows are identified by their
number, and shares and counts are aggregated in the database. What does not: what is expected of
them.
"""

import dataclasses
import datetime as dt
import zoneinfo
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import duckdb

from pipegen.expectations import bounds, door_frames
from pipegen.expectations.door_frames import kept
from pipegen.warehouses import Connection
from pipegen.warehouses import frame as frame_of

if TYPE_CHECKING:
    import pandas as pd

# Tables that grow with every working day, with the column that has a row's creation time.
DATED_TABLES = {
    "salesforce.opportunity_history": "created_date",
    "salesforce.opportunity_field_history": "created_date",
    "salesforce.lead": "created_date",
    "salesforce.lead_history": "created_date",
    "salesforce.contact": "created_date",
    "salesforce.campaign_member": "created_date",
    "salesforce.task": "created_date",
    "salesforce.event": "created_date",
    "marketo.lead": "created_at",
    "marketo.activity_change_data_value": "activity_date",
    "marketo.activity_fill_out_form": "activity_date",
    "marketo.activity_click_email": "activity_date",
    "marketo.activity_open_email": "activity_date",
    "marketo.activity_visit_webpage": "activity_date",
}

# The most important of them: without new rows here, today's stages are yesterday's.
HISTORY = "salesforce.opportunity_history"


@dataclasses.dataclass(frozen=True)
class Frame:
    """The rows that one suite checks, as a frame of pandas, or of Spark if the build is there.

    `key` is the column that identifies a row. If it has row numbers, `identify` maps them to record
    ids; otherwise the key is the record id.
    """

    record_type: str
    data: "pd.DataFrame | Any"
    key: str = "record_id"
    identify: Callable[[list[int]], dict[int, str]] | None = None


@dataclasses.dataclass(frozen=True)
class AsOf:
    """The as-of day, the first instant after it in UTC, and the corporate currency."""

    day: dt.date
    ends_at: dt.datetime
    currency: str = "USD"

    @classmethod
    def on(cls, day: dt.date, timezone: str, currency: str = "USD") -> "AsOf":
        """As of a day in an IANA time zone, for a company that reports in a currency."""
        midnight = dt.datetime.combine(day + dt.timedelta(days=1), dt.time())
        local = midnight.replace(tzinfo=zoneinfo.ZoneInfo(timezone))
        return cls(day, local.astimezone(dt.UTC).replace(tzinfo=None), currency)


def landed_frames(connection: Connection, as_of: AsOf) -> dict[str, Frame]:
    """The frames for the suites in `expectations.landed`, by suite."""
    return {
        "columns": Frame("column", door_frames.columns(connection, _SAME_COMPANY)),
        "references": Frame("column", door_frames.references(connection)),
        "corporate_currencies": Frame(
            "currency", door_frames.corporate_currencies(connection, as_of.currency)
        ),
        "null_words": Frame("column", door_frames.null_words(connection)),
        "misencoded": Frame("file", door_frames.misencoded(connection)),
        "tables": Frame("table", _tables(connection, as_of)),
        "raw": Frame("table", _raw(connection, as_of)),
        "opportunity_shares": Frame(
            "table",
            _shares(
                connection,
                "salesforce.opportunity",
                f"{kept('salesforce.opportunity')} as deals where not is_deleted",
                {"created_date": "created_date", "stage": "stage_name"},
            ),
        ),
    }


def built_frames(connection: Connection, as_of: AsOf) -> dict[str, Frame]:
    """The frames for the suites in `expectations.built`, by suite.

    Deals are checked here rather than as they landed, because core has them as of the as-of day.
    """
    corporate_units = _units(f"'{as_of.currency}'")
    return {
        "opportunities": Frame(
            "opportunity",
            frame_of(
                connection,
                # A date becomes the number YYYYMMDD: the library takes ten times as long for dates.
                f"select {_row(connection)} as record_row, "
                "cast(states.amount as double) as amount, "
                f"cast(states.amount as double) / {_units('states.currency')} "
                "as amount_in_dollars, "
                "cast(year(states.close_date) * 10000 + month(states.close_date) * 100 "
                "+ day(states.close_date) as double) as close_date, "
                "cast(deals.created_amount as double) as created_amount, "
                f"cast(deals.created_amount as double) / {corporate_units} "
                "as created_amount_in_dollars, "
                "cast(date_diff('day', first_created_at, qualified_at) as double) "
                f"as days_to_qualify from {_DEALS}",
            ),
            "record_row",
            _identifying(connection),
        ),
        "opportunity_shares": Frame(
            "table",
            _shares(
                connection,
                "fct_opportunities",
                _DEALS,
                {
                    "account": "deals.account_id",
                    "owner": "deals.owner_id",
                    "amount": "states.amount",
                },
            ),
        ),
        "currencies": _values(connection, "currency"),
        "forecast_categories": _values(connection, "forecast_category"),
        "opportunity_levels": Frame("table", _levels(connection, as_of, _DEAL_LEVELS)),
        "field_hygiene": Frame("mart", _field_hygiene(connection)),
        "pipeline_coverage": Frame(
            "coverage",
            connection.execute(
                "select segment || '|' || motion || '|' || fiscal_quarter as record_id, "
                "cast(coverage as double) as coverage from marts.pipeline_coverage"
            ).df(),
        ),
        "source_scorecard": Frame(
            "pipeline_source",
            connection.execute(
                "select pipeline_source as record_id, cast(pace as double) as pace "
                "from marts.source_scorecard where week_start = "
                "(select max(week_start) from marts.source_scorecard)"
            ).df(),
        ),
        "levels": Frame("mart", _levels(connection, as_of, _BUILT_LEVELS)),
        "remaining": Frame("mart", _remaining(connection, as_of)),
    }


def record_row_counts(connection: Connection, as_of: AsOf) -> None:
    """Record the number of rows of each raw table, for the next run to compare with."""
    # Whatever an earlier check of this build recorded.
    connection.execute("delete from landed_audit.expectation_metrics")
    connection.execute(
        "insert into landed_audit.expectation_metrics select ?, system || '.' || table_name, "
        "'row_count', rows_read from landed_audit.tables where is_present",
        [as_of.day],
    )


def record_levels(connection: Connection, as_of: AsOf) -> None:
    """Record the levels of deals and pipeline, for the next run to compare with."""
    for (subject, metric), query in (_DEAL_LEVELS | _BUILT_LEVELS | _DEAL_COUNT).items():
        [(value,)] = connection.execute(query).fetchall()
        connection.execute(
            "delete from landed_audit.expectation_metrics where subject = ? and metric = ?",
            [subject, metric],
        )
        connection.execute(
            "insert into landed_audit.expectation_metrics values (?, ?, ?, ?)",
            [as_of.day, subject, metric, value],
        )


# Deals that are not excluded, each with its state at as-of, in its own currency.


def _units(currency: str) -> str:
    """How many units of a currency, an expression of SQL, a dollar buys: an expression of SQL."""
    cases = ""
    for units, codes in bounds.UNITS_TO_A_DOLLAR.items():
        listed = ", ".join(f"'{code}'" for code in codes)
        cases += f"when {currency} in ({listed}) then {units:.1f} "
    return f"cast(case {cases}else 1.0 end as double)"


_DEALS = (
    "core.fct_opportunities as deals "
    "inner join core.fct_opportunity_states as states using (opportunity_id) "
    "where states.valid_to is null and not deals.is_excluded"
)

_DEAL_LEVELS = {
    ("fct_opportunities", "median_amount"): (
        f"select case when count(*) >= {bounds.MIN_ROWS_TO_JUDGE} "
        f"then median(states.amount) end::double from {_DEALS} and states.amount > 0"
    ),
    ("fct_opportunities", "median_close_day"): (
        f"select case when count(*) >= {bounds.MIN_ROWS_TO_JUDGE} "
        "then median(date_diff('day', date '2000-01-01', states.close_date)) "
        "end::double "
        f"from {_DEALS} and states.close_date is not null"
    ),
}

_BUILT_LEVELS = {
    ("reconciled_pipeline", "amount"): (
        f"select case when count(*) >= {bounds.MIN_ROWS_TO_JUDGE} "
        "then sum(pipeline_amount) end::double from marts.reconciled_pipeline"
    ),
}

_DEAL_COUNT = {
    ("reconciled_pipeline", "deal_count"): "select count(*)::double from marts.reconciled_pipeline"
}


def _tables(connection: Connection, as_of: AsOf) -> "pd.DataFrame":
    """One row per raw table: rows compared with the last run, share set aside, and gaps.

    A metric is null if there are too few rows, or no last run, to judge it by.
    """
    return connection.execute(
        f"""
        with last_run as (
            select subject as record_id, metric_value as last_rows
            from carried.expectation_metrics where metric = 'row_count'
        ),
        this_run as (
            select
                system || '.' || table_name as record_id,
                rows_read::double as row_count,
                case when rows_read >= {bounds.MIN_ROWS_TO_JUDGE}
                    then rows_set_aside / rows_read end as set_aside_share
            from landed_audit.tables
        )
        select
            this_run.record_id,
            this_run.row_count,
            last_run.last_rows,
            case when last_run.last_rows >= {bounds.MIN_ROWS_TO_COMPARE} and same.is_same
                then this_run.row_count / last_run.last_rows end as row_ratio,
            this_run.set_aside_share,
            case when this_run.record_id = '{HISTORY}' then gaps.gap_days end as history_gap_days,
            case when this_run.record_id <> '{HISTORY}' then gaps.gap_days end as gap_days
        from this_run
        cross join ({_SAME_COMPANY}) as same
        left join last_run using (record_id)
        left join ({_gaps(connection, as_of)}) as gaps using (record_id)
        order by record_id
        """,
        [as_of.ends_at],
    ).df()


# If the home now gets another company's raw tables, row counts are not comparable. It is the same
# company if at least half of the deals' ids are known. No deals at all count as the same company,
# whose table was lost.
_SAME_COMPANY = f"""
    select coalesce(avg((known.opportunity_id is not null)::integer) >= 0.5, true) as is_same
    from (
        select id from {kept("salesforce.opportunity")} as deals limit 10000
    ) as landed
    left join carried.opportunity_created_dates as known on landed.id = known.opportunity_id
"""


def _gaps(connection: Connection, as_of: AsOf) -> str:
    """A query for how far each dated table is behind the newest change to any deal.

    Only tables with enough missed rows are in it. Its one parameter is the end of the as-of day.
    """
    [(newest,)] = connection.execute(
        "select max(last_modified_date) filter (last_modified_date < $1) "
        f"from {kept('salesforce.opportunity')} as deals",
        [as_of.ends_at],
    ).fetchall()
    changed_at = f"timestamp '{newest}'" if newest else "cast(null as timestamp)"
    return " union all ".join(
        f"""
        select '{table}' as record_id, gap_days from (
            select
                count(*) / {bounds.PACE_DAYS}.0 as rows_a_day,
                date_diff('second', newest.newest_at, {changed_at}) / 86400.0 as gap_days
            from {kept(table)} as dated
            cross join (
                select max({column}) as newest_at from {kept(table)} as known where {column} < $1
            ) as newest
            where dated.{column} > newest.newest_at - interval {bounds.PACE_DAYS} days
                and dated.{column} <= newest.newest_at
            group by newest.newest_at
        ) as paced
        where gap_days * rows_a_day >= {bounds.MIN_MISSED_ROWS}
        """
        for table, column in DATED_TABLES.items()
    )


def _raw(connection: Connection, as_of: AsOf) -> "pd.DataFrame":
    """One row: how recent the raw tables are, and people in the MAP per person in the CRM."""
    return connection.execute(
        f"""
        with deals as (
            select
                count(*) filter (created_date < $1 or created_date is null) as deal_count,
                greatest(
                    max(last_modified_date) filter (last_modified_date < $1),
                    max(created_date) filter (created_date < $1)
                ) as newest_at
            from {kept("salesforce.opportunity")} as deals
        ),
        people as (
            select
                (select count(*) from {kept("marketo.lead")} as leads
                where not is_deleted and (created_at < $1 or created_at is null)) as map_count,
                (select count(*) from {kept("salesforce.lead")} as leads
                where not is_deleted and (created_date < $1 or created_date is null))
                + (select count(*) from {kept("salesforce.contact")} as contacts
                where not is_deleted and (created_date < $1 or created_date is null))
                    as crm_count
        )
        select
            'raw tables' as record_id,
            case when deal_count >= {bounds.MIN_ROWS_TO_JUDGE}
                then date_diff('second', newest_at, $1::timestamp) / 86400.0
            end as days_behind_as_of,
            map_count::double as map_count,
            crm_count::double as crm_count,
            case when map_count >= {bounds.MIN_ROWS_TO_COMPARE}
                or (map_count > 0 and crm_count >= {bounds.MIN_ROWS_TO_COMPARE})
                then map_count / nullif(crm_count, 0) end as map_crm_ratio
        from deals, people
        """,
        [as_of.ends_at],
    ).df()


def _shares(
    connection: Connection,
    record_id: str,
    rows: str,
    fields: Mapping[str, str],
) -> "pd.DataFrame":
    """One row: for each field, the share of rows where it is null.

    The share is null if there are too few rows to judge.
    """
    shares = ", ".join(
        f"case when count(*) >= {bounds.MIN_ROWS_TO_JUDGE} "
        f"then avg(({column} is null)::integer) end as {field}_null_share"
        for field, column in fields.items()
    )
    return connection.execute(f"select '{record_id}' as record_id, {shares} from {rows}").df()


def _values(connection: Connection, column: str) -> Frame:
    """One row per value in a column of deals, with the first deal that has it as its record id."""
    data = connection.execute(
        f"select min(deals.opportunity_id) as record_id, states.{column} as value, "
        f"count(*) as row_count from {_DEALS} and states.{column} is not null "
        f"group by states.{column} order by states.{column}"
    ).df()
    return Frame("opportunity", data)


def deals_with(connection: Connection, column: str, values: list[str]) -> list[tuple[str, str]]:
    """The deals that have one of these values in a column: id and value."""
    return connection.execute(
        f"select deals.opportunity_id, states.{column} from {_DEALS} "
        f"and list_contains($1, states.{column})",
        [values],
    ).fetchall()


def _levels(
    connection: Connection, as_of: AsOf, measures: dict[tuple[str, str], str]
) -> "pd.DataFrame":
    """One row: each measure, with its value at the last run if that was recent enough."""
    import pandas as pd

    last = {
        (subject, metric): value
        for subject, metric, value in connection.execute(
            "select subject, metric, metric_value from carried.expectation_metrics, "
            f"({_SAME_COMPANY}) as same where same.is_same "
            "and date_diff('day', as_of_date, $1::date) "
            f"between 0 and {bounds.MAX_DAYS_TO_COMPARE}",
            [as_of.day],
        ).fetchall()
    }
    row: dict[str, object] = {"record_id": next(iter(measures))[0]}
    for (subject, metric), query in measures.items():
        [(now,)] = connection.execute(query).fetchall()
        then = last.get((subject, metric))
        row[metric], row[f"last_{metric}"] = now, then
        both = now is not None and then is not None
        row[f"{metric}_ratio"] = now / then if both and then else None
        row[f"{metric}_shift"] = now - then if both else None
    frame = pd.DataFrame([row])
    numbers = [name for name in frame.columns if name != "record_id"]
    return frame.astype(dict.fromkeys(numbers, "float64"))


def _remaining(connection: Connection, as_of: AsOf) -> "pd.DataFrame":
    """One row: the deals of the reconciled pipeline, where the last run had any.

    However long ago that was, and of whatever company: a later day's pipeline of nothing replaces a
    real one only if somebody says so. An earlier day may well have had none.
    """
    return connection.execute(
        """
        select
            'reconciled_pipeline' as record_id,
            last_run.deal_count as last_deal_count,
            this_run.deal_count
        from (select cast(count(*) as double) as deal_count from marts.reconciled_pipeline)
            as this_run
        cross join (
            select metric_value as deal_count
            from carried.expectation_metrics
            where subject = 'reconciled_pipeline' and metric = 'deal_count'
                and metric_value > 0 and as_of_date <= $1
        ) as last_run
        """,
        [as_of.day],
    ).df()


def _field_hygiene(connection: Connection) -> "pd.DataFrame":
    """One row: for each of the four fields, the share of open deals that have it right.

    As of the last week in the mart.
    """
    rates = ", ".join(
        f"case when sum(open_count) filter (field = '{field}') >= {bounds.MIN_ROWS_TO_JUDGE} "
        f"then 1 - sum(finding_count) filter (field = '{field}') "
        f"/ sum(open_count) filter (field = '{field}') end::double as {field}_pass_rate"
        for field in ("created_date", "source", "amount", "net_new")
    )
    return connection.execute(
        f"select 'field_hygiene' as record_id, {rates} from marts.field_hygiene "
        "where week_start = (select max(week_start) from marts.field_hygiene)"
    ).df()


def _row(connection: Connection) -> str:
    """The expression that identifies a deal: the row number in DuckDB, elsewhere the id."""
    is_file = isinstance(connection, duckdb.DuckDBPyConnection)
    return "deals.rowid" if is_file else "deals.opportunity_id"


def _identifying(connection: Connection) -> Callable[[list[int]], dict[int, str]] | None:
    """A function from the numbers of `_row` to deal ids; None if `_row` is the id."""
    if not isinstance(connection, duckdb.DuckDBPyConnection):
        return None
    return lambda rows: dict(
        connection.execute(
            "select rowid, opportunity_id from core.fct_opportunities "
            "where rowid in (select unnest($1::bigint[]))",
            [rows],
        ).fetchall()
    )
