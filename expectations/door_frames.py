"""The frames for what is asked of the raw tables before anything is built on them.

What belongs here: which values could be read, which columns the last publication had and this load
has not, where references lead. What does not: what is expected of them (`landed`), and gaps in time
and row counts (`frames`).
"""

import datetime as dt
from typing import TYPE_CHECKING

from pipegen.contract.tables import REFERENCES, TABLES, Reference, Table
from pipegen.expectations import bounds
from pipegen.warehouses import Connection, insert

if TYPE_CHECKING:
    import pandas as pd

# What no pipeline can be counted without. Text is always read; a stage that no seed knows is a
# finding of its own.
NEEDED = (
    "salesforce.opportunity.amount",
    "salesforce.opportunity.close_date",
    "salesforce.opportunity.created_date",
    "salesforce.opportunity_history.created_date",
    "salesforce.opportunity_history.amount",
    "salesforce.opportunity_history.close_date",
)

VALUE_COUNT, VALUE_SHARE = "value_count", "value_share"


def columns(connection: Connection, same_company: str) -> "pd.DataFrame":
    """One row per column that is read of each present table, and per table or column that the last
    run read and that is gone.

    `unreadable_share` is null but for columns that are needed. `share_ratio`, this load's share of
    rows with a value over the last run's, is null where there were too few values to compare.
    `same_company` is a query for whether the last run's company is this one.
    """
    import pandas as pd

    unread = dict(
        connection.execute(
            "select system || '.' || table_name || '.' || column_name, count(*) "
            "from landed_audit.unread_values where is_kept and not is_null_word group by 1"
        ).fetchall()
    )
    last = _last(connection, same_company)
    rows: list[dict[str, object]] = []
    for table, read in _present(connection).items():
        count, *values = _counts(connection, table, read)
        for column, value_count in zip(read, values, strict=True):
            name = f"{table.label}.{column}"
            unread_count, before = unread.get(name, 0), last.pop(name, None)
            share = value_count / count if count else 0.0
            is_judged = before and (
                min(before[VALUE_COUNT], count) >= bounds.MIN_VALUES_TO_COMPARE
            )
            rows.append(
                {
                    "record_id": name,
                    "row_count": count,
                    "value_count": value_count,
                    "unread_count": unread_count,
                    "unreadable_share": unread_count / (unread_count + value_count)
                    if name in NEEDED and unread_count
                    else None,
                    "share_ratio": share / before[VALUE_SHARE] if is_judged and before else None,
                    "now": f"{share:.0%} of the rows have a value",
                    "last_share": before[VALUE_SHARE] if before else None,
                }
            )
    for name, before in sorted(last.items()):
        gone = {"record_id": name, "share_ratio": 0.0, "now": "it is not there"}
        rows.append(gone | {"last_share": before[VALUE_SHARE]})
    numbers = (
        "row_count", "value_count", "unread_count", "unreadable_share", "share_ratio",
        "last_share",
    )  # fmt: skip
    frame = pd.DataFrame(rows, columns=["record_id", "now", *numbers])
    return frame.astype(dict.fromkeys(numbers, "float64"))


def record_columns(connection: Connection, day: dt.date, found: "pd.DataFrame") -> None:
    """Record how many rows of each column have a value, for the next run to compare with.

    `found` is what `columns` gave.
    """
    filled = found[found["value_count"] > 0]
    insert(
        connection,
        "landed_audit.expectation_metrics",
        [
            {"as_of_date": day, "subject": name, "metric": metric, "metric_value": value}
            for name, count, rows in zip(
                filled["record_id"], filled["value_count"], filled["row_count"], strict=True
            )
            for metric, value in ((VALUE_COUNT, count), (VALUE_SHARE, count / rows))
        ],
    )


def references(connection: Connection) -> "pd.DataFrame":
    """One row per reference that some row has: how many of its values lead to no row.

    `lost_share` is also null where the tables that it leads to are not loaded at all.
    """
    present = {table.label: read for table, read in _present(connection).items()}
    asked = [
        one
        for one in REFERENCES
        if one.column in present.get(one.table, ())
        and all(table in present for table in one.leads_to)
    ]
    parts = " union all ".join(_lost(one) for one in asked) or _lost(REFERENCES[0]) + " limit 0"
    return connection.execute(
        f"""
        select
            record_id,
            cast(reference_count as double) as reference_count,
            cast(lost_count as double) as lost_count,
            leads_to,
            lost_count / cast(reference_count as double) as lost_share,
            case when is_essential then lost_count / cast(reference_count as double) end
                as essential_lost_share
        from ({parts}) as counted
        where reference_count > 0
        order by record_id
        """
    ).df()


def corporate_currencies(connection: Connection, corporate_currency: str) -> "pd.DataFrame":
    """One row per currency that the CRM calls corporate; `is_other`, 1 if the settings don't."""
    return connection.execute(
        "select iso_code as record_id, cast($1 as varchar) as corporate_currency, "
        "case when iso_code <> $1 then 1.0 else 0.0 end as is_other "
        "from landed_salesforce.currency_type "
        "where is_corporate and not is_deleted and set_aside_reason is null "
        "order by iso_code",
        [corporate_currency.upper()],
    ).df()


def null_words(connection: Connection) -> "pd.DataFrame":
    """One row per column in which a word for null was read as null."""
    return connection.execute(
        "select system || '.' || table_name || '.' || column_name as record_id, "
        "min(raw_value) as word, cast(count(*) as double) as word_count "
        "from landed_audit.unread_values where is_null_word group by 1 order by 1"
    ).df()


def misencoded(connection: Connection) -> "pd.DataFrame":
    """One row per file with rows that hold bytes outside UTF-8."""
    return connection.execute(
        "select location as record_id, first_line, cast(row_count as double) as misencoded_count "
        "from raw_files.misencoded_rows order by 1"
    ).df()


def _present(connection: Connection) -> dict[Table, tuple[str, ...]]:
    """The tables that are there, each with the columns that at least one of its parts has."""
    missing = {
        f"{system}.{name}": set((columns or "").split(","))
        for system, name, columns in connection.execute(
            "select system, table_name, missing_columns from landed_audit.tables where is_present"
        ).fetchall()
    }
    return {
        table: tuple(c.name for c in table.columns if c.name not in missing[table.label])
        for table in TABLES
        if table.label in missing
    }


def _counts(connection: Connection, table: Table, read: tuple[str, ...]) -> tuple[int, ...]:
    """The number of rows, and of rows with a value in each column."""
    counted = ", ".join(["count(*)", *(f'count("{column}")' for column in read)])
    query = f"select {counted} from {kept(table.label)} as kept_rows"
    [counts] = connection.execute(query).fetchall()
    return tuple(counts)


def _last(connection: Connection, same_company: str) -> dict[str, dict[str, float]]:
    """What the last run of the same company counted, by column."""
    found: dict[str, dict[str, float]] = {}
    for subject, metric, value in connection.execute(
        "select subject, metric, metric_value from carried.expectation_metrics, "
        f"({same_company}) as same where same.is_same "
        f"and metric in ('{VALUE_COUNT}', '{VALUE_SHARE}')"
    ).fetchall():
        found.setdefault(subject, {})[metric] = value
    return {name: counts for name, counts in found.items() if len(counts) == 2}


def _lost(one: Reference) -> str:
    targets = " union all ".join(
        f"select id from {kept(table)} as kept_rows" for table in one.leads_to
    )
    named = " or ".join(table.partition(".")[2].replace("_", " ") for table in one.leads_to)
    return f"""
        select
            '{one.label}' as record_id,
            count(*) as reference_count,
            count(*) - count(targets.id) as lost_count,
            '{named}' as leads_to,
            {str(one.is_essential).lower()} as is_essential
        from {kept(one.table)} as referring
        left join (select distinct id from ({targets}) as all_targets) as targets
            on referring.{one.column} = targets.id
        where referring.{one.column} is not null and not referring.is_deleted
    """


def kept(label: str) -> str:
    """The rows of a landed table that were not set aside, as a subquery that wants an alias."""
    system, _, name = label.partition(".")
    return f'(select * from landed_{system}."{name}" where set_aside_reason is null)'
