"""State of the last published run that is in no raw table, copied into the build.

What belongs here: the list of tables with state, and copying them. Each is a published table that
the models write again, from what was carried and what this run found. What does not: the models.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from pipegen.errors import unreadable
from pipegen.warehouses import Connection, Database, Schemas, insert, relations

SCHEMA = "carried"

# The tables, by schema and name, with their columns, because the first run has none to copy.
TABLES = {
    "audit.opportunity_created_dates": "opportunity_id varchar, created_at timestamp, seen_on date",
    "audit.finding_log": (
        "record_type varchar, record_id varchar, rule varchar, detail varchar, "
        "owner_id varchar, first_seen date, last_seen date, is_open boolean"
    ),
    "audit.expectation_metrics": (
        "as_of_date date, subject varchar, metric varchar, metric_value double"
    ),
    "audit.map_feedback_log": (
        "map_lead_id varchar, stage_reached varchar, outcome varchar, won_amount decimal(28, 2), "
        "rejection_reason varchar, changed_on date, said_on date"
    ),
    "audit.runs": (
        "run_id varchar, kind varchar, as_of_date date, started_at timestamp, ended_at timestamp, "
        "duration_seconds double, status varchar, failed_step varchar, cause varchar, "
        "rows_in bigint, rows_out bigint, built_count bigint, passed_count bigint, "
        "failed_count bigint, definitions_version varchar, code_version varchar"
    ),
    "audit.run_costs": (
        "run_id varchar, step varchar, node varchar, duration_seconds double, row_count bigint"
    ),
    "audit.review_action_log": (
        "action_id varchar, opened_on date, team varchar, owner varchar, action varchar, "
        "due_on date, status varchar, closed_on date, outcome varchar, metric varchar, "
        "changed_fields varchar, seen_on date"
    ),
    "marts.reported_numbers": (
        "reported_at timestamp, as_of_date date, metric varchar, period varchar, "
        "reported_count bigint, reported_amount decimal(28, 2), definitions_version varchar, "
        "code_version varchar"
    ),
}


# Of which the rows of single days can be left behind, and the column with the day.
_FORGETTABLE = ("audit.opportunity_created_dates", "seen_on")


def carry(build: Connection, warehouse: Database, forgotten: Collection[dt.date] = ()) -> None:
    """Copy the state tables of the published warehouse into schema `carried` of the build.

    Before the first publication they are empty. Created dates that were first seen on a `forgotten`
    day are left behind. Raises `PipegenError` if there is a warehouse that
    can't be read: a run without it would lose the state.
    """
    build.execute(f"create schema if not exists {SCHEMA}")
    for table, columns in TABLES.items():
        build.execute(f"drop table if exists {SCHEMA}.{_name(table)}")
        build.execute(f"create table {SCHEMA}.{_name(table)} ({columns})")
    if isinstance(warehouse, Schemas):
        _copy_state(build, warehouse, forgotten)
        return
    if not warehouse.exists():
        return
    try:
        build.execute(f"attach '{quoted(warehouse)}' as published (read_only)")
    except duckdb.Error as error:
        raise unreadable(
            f"the published warehouse {warehouse}",
            error,
            otherwise="if it is damaged, put back a copy; without one, move it away, which starts "
            "with no history of what was published before.",
        ) from None
    try:
        for table in TABLES:
            if _exists(build, table):
                build.execute(
                    f"insert into {SCHEMA}.{_name(table)} by name select * from published.{table}"
                    + _kept(table, forgotten)
                )
    finally:
        build.execute("detach published")


def _kept(table: str, forgotten: Collection[dt.date]) -> str:
    """The condition under which rows of a table are carried; empty if all are."""
    name, column = _FORGETTABLE
    if table != name or not forgotten:
        return ""
    days = ", ".join(f"date '{day}'" for day in sorted(forgotten))
    return f" where {column} is null or {column} not in ({days})"


def _copy_state(build: Connection, warehouse: Schemas, forgotten: Collection[dt.date]) -> None:
    """Copy the state tables of a warehouse on the same server as the build."""
    there = relations(warehouse)
    for table in TABLES:
        if table not in there:
            continue
        published = f"published.{warehouse.prefix}{table}"
        ours = [name for (name, *_) in _description(build, f"{SCHEMA}.{_name(table)}")]
        theirs = {name for (name, *_) in _description(build, published)}
        columns = ", ".join(name for name in ours if name in theirs)
        build.execute(
            f"insert into {SCHEMA}.{_name(table)} ({columns}) select {columns} from {published}"
            + _kept(table, forgotten)
        )


def _description(build: Connection, table: str) -> Any:
    return build.execute(f"select * from {table} limit 0").description


def remember(
    build: Connection,
    runs: Sequence[Mapping[str, Any]],
    costs: Sequence[Mapping[str, Any]],
) -> None:
    """Add runs to those carried, mainly the ones that failed since the last publication.

    A run that was already carried stays as it was published. Call this after `carry`.
    """
    known = {run for (run,) in build.execute(f"select run_id from {SCHEMA}.runs").fetchall()}
    for table, rows in (("runs", runs), ("run_costs", costs)):
        insert(build, f"{SCHEMA}.{table}", [row for row in rows if row["run_id"] not in known])


def quoted(path: Path) -> str:
    """A path, escaped for single quotes in SQL."""
    return str(path).replace("'", "''")


def _name(table: str) -> str:
    return table.split(".")[1]


def _exists(build: Connection, table: str) -> bool:
    return bool(
        build.execute(
            "select 1 from duckdb_tables() "
            "where database_name = 'published' and schema_name = ? and table_name = ?",
            table.split("."),
        ).fetchall()
    )
