"""The worked company's rows, a second run of it, and a run of it as of an earlier day."""

import shutil
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from tests.support.light import built
from tests.support.running import Warehouse, differences, history_differences

EARLIER = "2026-03-31"

# What a run as of an earlier day may rightly say about later days: plans (a close date, a
# campaign's end), the calendar, and what the CRM keeps no history of (`current` in the column's
# description).
MAY_BE_LATER = {
    ("core.dim_campaigns", "end_date"),
    ("core.dim_campaigns", "start_date"),
    ("core.dim_dates", "date_day"),
    ("core.dim_dates", "quarter_end_date"),
    ("core.dim_dates", "quarter_start_date"),
    ("core.dim_dates", "week_start"),
    ("core.dim_accounts", "created_at"),
    # The end of as-of itself.
    ("core.dim_history_days", "day_ended_at"),
    ("core.fct_coverage_open_opportunities", "close_date"),
    ("core.fct_coverage_open_opportunities", "close_quarter_start_date"),
    ("core.fct_opportunities", "close_date"),
    ("core.fct_opportunities", "close_date_at_qualification"),
    ("core.fct_opportunities", "crm_created_at"),
    ("core.fct_opportunities", "crm_created_date"),
    ("core.fct_opportunity_spells", "close_date"),
    ("core.fct_opportunity_states", "close_date"),
    ("marts.expansion_pipeline", "close_date"),
    ("marts.forecast_pipeline", "close_date"),
    ("marts.marketing_pipeline", "close_date"),
    ("marts.reconciled_pipeline", "close_date"),
    ("marts.sales_pipeline", "close_date"),
    # A deal whose created date is later than the day asked claims a period that is later too.
    ("marts.net_new_audit", "period_start"),
    # What the CRM said when a deal was first seen; a run of that day would have seen less.
    ("audit.opportunity_created_dates", "created_at"),
    # Plans for the quarters ahead, and the day by which their pipeline has to be created.
    ("core.fct_coverage_by_day", "create_by"),
    ("core.fct_coverage_by_day", "quarter_end_date"),
    ("core.fct_coverage_by_day", "quarter_start_date"),
    ("core.fct_creation_targets", "quarter_end_date"),
    ("core.fct_creation_targets", "quarter_start_date"),
    ("core.fct_source_targets", "quarter_end_date"),
    ("core.fct_source_targets", "quarter_start_date"),
    ("marts.pipeline_coverage", "create_by"),
    ("marts.pipeline_coverage", "quarter_start_date"),
    ("marts.plan_credibility", "quarter_start_date"),
    ("marts.plan_teams", "quarter_start_date"),
    ("marts.review_quarters", "create_by"),
    ("marts.review_quarters", "last_create_by"),
    ("marts.review_quarters", "quarter_end_date"),
    ("marts.review_quarters", "quarter_start_date"),
    ("audit.review_action_log", "due_on"),
    # Open ends, written as a day that never comes, and ends that were known beforehand.
    ("core.dim_exchange_rates", "valid_to_date"),
    ("core.dim_exclusions", "valid_to"),
    ("core.dim_exclusions", "valid_to_date"),
    ("core.fct_exclusion_spells", "valid_to"),
    ("core.fct_exclusion_spells", "valid_to_date"),
    ("core.fct_pipeline_spells", "close_date"),
    ("marts.deals_at_risk", "close_date"),
    # When it was reported, which is later than the day that it is about.
    ("marts.reported_numbers", "reported_at"),
    ("audit.runs", "started_at"),
    ("audit.runs", "ended_at"),
}

# Every published run appends to the ledger and the log of runs, and the feedback to the MAP says
# whether it has changed since the last publication: a second run is meant to change these.
LEDGER = (
    "marts.reported_numbers",
    "marts.map_feedback",
    "audit.runs",
    "audit.run_costs",
)


def test_every_row_of_every_table_is_kept_deleted_or_set_aside(
    casebook_warehouse: Warehouse,
) -> None:
    unbalanced = casebook_warehouse.rows(
        "select system, table_name, rows_in, rows_kept, rows_deleted, rows_set_aside "
        "from audit.load_audit where rows_in <> rows_kept + rows_deleted + rows_set_aside"
    )
    assert unbalanced == []
    assert casebook_warehouse.one("select sum(rows_in) from audit.load_audit") > 500


def test_of_125_opportunity_rows_116_are_kept_2_deleted_and_7_set_aside(
    casebook_warehouse: Warehouse,
) -> None:
    assert casebook_warehouse.rows(
        "select rows_in, rows_kept, rows_deleted, rows_set_aside from audit.load_audit "
        "where system = 'salesforce' and table_name = 'opportunity'"
    ) == [(125, 116, 2, 7)]
    set_aside = casebook_warehouse.rows(
        "select record_key, reason from audit.quarantined_rows "
        "where system = 'salesforce' and table_name = 'opportunity'"
    )
    assert Counter(set_aside) == {
        ("006V68", "repeated"): 1,
        ("006V67", "superseded"): 1,
        ("006V68", "superseded"): 1,
        ("006V72", "superseded"): 1,
        ("006V71", "ambiguous_key"): 2,
        (None, "null_key"): 1,
    }


# Where a build in this process has no rows: runs in the log, and what expectations measured.
OF_WHOLE_RUNS = {
    "audit.runs": 1, "audit.run_costs": 1, "audit.expectation_metrics": 1,
    # When it was reported.
    "marts.reported_numbers": 0,
}  # fmt: skip


def test_a_build_in_this_process_gives_what_a_whole_run_gives(
    casebook_warehouse: Warehouse, casebook_built: Warehouse
) -> None:
    """So what other tests claim about such builds holds for runs, except for what expectations
    find."""
    ours, theirs = casebook_built.cells(), casebook_warehouse.cells()
    for table, least in OF_WHOLE_RUNS.items():
        assert len(theirs.pop(table)) - len(ours.pop(table)) >= least
    expected = [
        rule
        for (rule,) in casebook_warehouse.rows(
            "select distinct rule from audit.finding_log where record_type in ('table', 'column')"
        )
    ]
    assert len(expected) == 4
    told = {
        table: [row for row in rows if not any(rule in str(row) for rule in expected)]
        for table, rows in theirs.items()
    }
    assert not (found := differences(told, ours)), "\n" + found


@pytest.mark.night
def test_a_second_run_on_the_same_home_changes_no_cell(
    casebook_built: Warehouse, casebook: dict[str, object], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    shutil.copy(casebook_built.path, home)
    again = built(home, is_tested=False, **casebook)
    before, after = casebook_built.cells(), again.cells()
    for table in LEDGER:
        before.pop(table), after.pop(table)
    assert not (found := differences(before, after)), "\n" + found


@pytest.mark.night
def test_a_second_run_appends_to_the_ledger_and_restates_what_had_ended_alone(
    casebook_built: Warehouse, casebook: dict[str, object], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    shutil.copy(casebook_built.path, home)
    query = (
        "select as_of_date, metric, reported_count, reported_amount, definitions_version, "
        "code_version from marts.reported_numbers order by all"
    )
    first = casebook_built.rows(query)
    # An earlier day adds its own lines and rewrites none.
    again = built(home, is_tested=False, **casebook | {"as_of": EARLIER})
    lines = again.rows(query)
    assert [line for line in lines if str(line[0]) != EARLIER] == first
    assert len(lines) == 2 * len(first)
    # The first quarter had ended on both days. Deals that qualified since, and amounts that have
    # changed, make two of its numbers others; what had not ended is compared with no other day.
    assert again.rows(
        "select metric, period, old_count, new_count, old_amount, new_amount, cause "
        "from marts.restatements order by all"
    ) == [
        ("claimed_in_quarter", "FY2026-Q1", 45, 45, Decimal("1165100"), Decimal("1135601"),
         "data_changed"),
        ("net_new_in_quarter", "FY2026-Q1", 25, 24, Decimal("646900"), Decimal("597900"),
         "data_changed"),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def earlier(casebook: dict[str, object], tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The same raw tables, as of the end of March. dbt's tests of past days are run by night, over
    past weeks."""
    home = tmp_path_factory.mktemp("earlier")
    return built(home, is_tested=False, **casebook | {"as_of": EARLIER})


# Worked out by hand: what these deals were at the end of 31 March 2026.
THEN = {
    "006V09": {"verdict": "net_new", "is_re_dated": True},
    # The real amount comes on 15 April.
    "006V15": {"verdict": "unqualified", "amount": 1, "failing_criterion": "amount"},
    # Re-planned on 20 April: not pushed yet, and overdue.
    "006V16": {"verdict": "unqualified", "failing_criterion": "close_date", "push_count": 0},
    # 275 days off; within the horizon of 270 on 5 April.
    "006V18": {"verdict": "unqualified", "failing_criterion": "close_date"},
    "006V20": {"pipeline_source": "unknown", "failing_criterion": "source"},
    "006V22": {"verdict": "unqualified", "failing_criterion": "stage", "stage": "prospecting"},
    "006V28": {
        "verdict": "net_new",
        "failing_criterion": "stage",
        "amount": 22000,
        "created_amount": 22000,
    },
    # Reopened on 1 April.
    "006V31": {"verdict": "net_new", "stage_group": "lost", "failing_criterion": None},
    "006V45": {"verdict": "excluded", "verdict_reason": "disputed"},
    # Won on 15 April.
    "006V63": {"verdict": "net_new", "stage_group": "open", "closed_at": None, "amount": 35000},
    # At the rate of March.
    "006V77": {"amount": 8000, "created_amount": 8000, "failing_criterion": None},
    # Won on 5 May.
    "006V81": {"stage_group": "open", "failing_criterion": "decision_maker"},
}

# Created in April.
NOT_YET = ("006V33", "006V36", "006V37", "006V43", "006V44", "006V64", "006V74", "006V75")


@pytest.mark.parametrize("deal", THEN)
def test_an_earlier_day_has_the_answer_of_that_day(earlier: Warehouse, deal: str) -> None:
    [row] = [
        row
        for key, row in earlier.table("core.fct_opportunities", "opportunity_id").items()
        if key == deal
    ]
    assert {column: row[column] for column in THEN[deal]} == THEN[deal]


def test_deals_of_later_days_do_not_exist(earlier: Warehouse) -> None:
    marks = ", ".join("?" * len(NOT_YET))
    for table in ("core.fct_opportunities", "core.fct_opportunity_states", "core.fct_attribution"):
        found = earlier.rows(
            f"select opportunity_id from {table} where opportunity_id in ({marks})", NOT_YET
        )
        assert found == [], table


def test_an_earlier_day_counts_the_net_new_deals_of_that_day(
    earlier: Warehouse, casebook_warehouse: Warehouse
) -> None:
    """25 deals first qualified in the quarter; 006V45 was excluded at the time."""
    query = (
        "select opportunity_count, amount from marts.net_new_audit where step = 'net_new' "
        "and period_grain = 'fiscal_quarter' and period = 'FY2026-Q1'"
    )
    [(then_count, then_amount)] = earlier.rows(query)
    [(now_count, now_amount)] = casebook_warehouse.rows(query)
    assert (then_count, now_count) == (24, 25)
    assert now_amount - then_amount == Decimal("49000.00")


def test_a_change_of_source_is_a_finding_from_its_day_on(earlier: Warehouse) -> None:
    """006V20 changed on 19 March, 006V21 on 1 April."""
    found = earlier.rows(
        "select record_id from marts.hygiene_findings where rule = 'source_changed' order by all"
    )
    assert found == [("006V20",)]


def test_the_history_of_the_views_is_what_the_day_itself_said(
    earlier: Warehouse, casebook_warehouse: Warehouse
) -> None:
    told = history_differences(casebook_warehouse, earlier)
    assert not told, told


def test_nothing_of_a_later_day_leaks_into_an_earlier_one(earlier: Warehouse) -> None:
    leaks = []
    with earlier.opened() as rows:
        for table, column, kind in rows(
            "select schema_name || '.' || table_name, column_name, data_type from duckdb_columns() "
            "where schema_name in ('core', 'marts', 'audit') and data_type in ('DATE', 'TIMESTAMP')"
        ):
            if (table, column) not in MAY_BE_LATER:
                [(last,)] = rows(f"select max({column}) from {table}")
                if last is not None and str(last)[:10] > EARLIER:
                    leaks.append(f"{table}.{column} ({kind}) reaches {last}")
    assert not leaks, "\n".join(leaks)
