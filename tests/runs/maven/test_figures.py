"""The figures of a real-sized CRM export, computed outside this project (in pandas, see
tests/cases/README.md). A failure means that a rule or a reader loses or moves deals at scale."""

from decimal import Decimal

import pytest

from tests.support.light import built
from tests.support.running import HISTORIES, Warehouse, history_differences

QUALIFIED = """
    select year(qualified_date) || '-Q' || quarter(qualified_date), count(*), sum({amount})
    from core.fct_opportunities where qualified_at is not null group by 1 order by 1
"""
OPEN = "select count(*), sum(amount) from core.fct_opportunities where stage_group = 'open'"
LIST_OPEN_AT_MID_YEAR = (1_686, Decimal("4216807.00"))


@pytest.fixture(scope="module")
def at_year_end(maven: dict[str, object], tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return built(tmp_path_factory.mktemp("maven"), as_of="2017-12-31", **maven)


@pytest.fixture(scope="module")
def at_mid_year(maven: dict[str, object], tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The deals, and the marts that have a history."""
    home = tmp_path_factory.mktemp("maven")
    marts = [f"+{mart.partition('.')[2]}" for mart in HISTORIES.values()]
    needed = ["+fct_opportunities", *marts]
    return built(home, select=needed, is_tested=False, as_of="2017-06-30", **maven)


def test_deals_without_a_created_date_are_set_aside(at_year_end: Warehouse) -> None:
    assert at_year_end.rows(
        "select reason, count(*), count(distinct record_key), "
        "min(json_extract_string(row_json, '$.stage_name')), "
        "max(json_extract_string(row_json, '$.stage_name')) "
        "from audit.quarantined_rows where table_name = 'opportunity' group by reason"
    ) == [("no_date", 500, 500, "Prospecting", "Prospecting")]


def test_every_row_is_accounted_for(at_year_end: Warehouse) -> None:
    assert at_year_end.rows(
        "select rows_in, rows_kept, rows_deleted, rows_set_aside from audit.load_audit "
        "where table_name = 'opportunity' and system = 'salesforce'"
    ) == [(8_800, 8_300, 0, 500)]
    assert at_year_end.one(
        "select count(*) from audit.load_audit "
        "where rows_in <> rows_kept + rows_deleted + rows_set_aside"
    ) == 0


def test_deals_without_an_account_are_kept(at_year_end: Warehouse) -> None:
    """1,425 in all; 337 of them are among the 500 without a created date."""
    without = at_year_end.one(
        "select count(*) from core.fct_opportunities where account_id is null"
    )
    undated = at_year_end.one(
        "select count(*) from audit.quarantined_rows where table_name = 'opportunity' "
        "and json_extract_string(row_json, '$.crm_account_id') is null"
    )
    assert without + undated == 1_425


def test_won_lost_and_open_at_year_end(at_year_end: Warehouse) -> None:
    assert at_year_end.rows(
        "select stage_group, count(*) from core.fct_opportunities group by 1 order by 1"
    ) == [("lost", 2_473), ("open", 1_589), ("won", 4_238)]


def test_amount_won_in_all_and_by_quarter_of_the_close_day(at_year_end: Warehouse) -> None:
    won = at_year_end.rows(
        "select year(close_day), quarter(close_day), sum(amount) from core.fct_opportunities "
        "where stage_group = 'won' group by 1, 2 order by 1, 2"
    )
    assert won == [
        (2017, 1, Decimal("1134672.00")),
        (2017, 2, Decimal("3086111.00")),
        (2017, 3, Decimal("2982255.00")),
        (2017, 4, Decimal("2802496.00")),
    ]
    assert sum(amount for _, _, amount in won) == 10_005_534


def test_open_at_year_end(at_year_end: Warehouse) -> None:
    assert at_year_end.rows(OPEN) == [(1_589, Decimal("3892229.00"))]


def test_open_at_mid_year_as_of_that_day(at_mid_year: Warehouse) -> None:
    assert at_mid_year.rows(OPEN) == [LIST_OPEN_AT_MID_YEAR]


def test_open_at_mid_year_as_the_timeline_of_year_end_has_it(at_year_end: Warehouse) -> None:
    """Any day is a look-up in the states: the same answer as a run as of that day."""
    assert at_year_end.rows(
        "select count(*), sum(amount) from core.fct_opportunity_states "
        "where stage_group = 'open' and valid_from < '2017-07-01' "
        "and (valid_to >= '2017-07-01' or valid_to is null)"
    ) == [LIST_OPEN_AT_MID_YEAR]


def test_the_history_of_the_views_is_what_mid_year_itself_said(
    at_mid_year: Warehouse, at_year_end: Warehouse
) -> None:
    told = history_differences(at_year_end, at_mid_year)
    assert not told, told


def test_deals_qualified_by_quarter_of_engagement(at_year_end: Warehouse) -> None:
    assert at_year_end.rows(QUALIFIED.format(amount="created_amount")) == [
        ("2016-Q4", 358, Decimal("796684.00")),
        ("2017-Q1", 1_619, Decimal("3887341.00")),
        ("2017-Q2", 2_388, Decimal("5876842.00")),
        ("2017-Q3", 2_770, Decimal("6495827.00")),
        ("2017-Q4", 1_165, Decimal("2805485.00")),
    ]


def test_mid_year_knows_the_quarters_until_then_alike(at_mid_year: Warehouse) -> None:
    assert at_mid_year.rows(QUALIFIED.format(amount="created_amount")) == [
        ("2016-Q4", 358, Decimal("796684.00")),
        ("2017-Q1", 1_619, Decimal("3887341.00")),
        ("2017-Q2", 2_388, Decimal("5876842.00")),
    ]


def test_the_net_new_audit_has_the_quarters_of_engagement(at_year_end: Warehouse) -> None:
    """No repeat and no loss is held against a deal here, so every qualified deal is net-new."""
    assert at_year_end.rows(
        "select period, opportunity_count, amount from marts.net_new_audit "
        "where period_grain = 'fiscal_quarter' and step = 'net_new' order by period_start"
    ) == [
        ("FY2016-Q4", 358, Decimal("796684.00")),
        ("FY2017-Q1", 1_619, Decimal("3887341.00")),
        ("FY2017-Q2", 2_388, Decimal("5876842.00")),
        ("FY2017-Q3", 2_770, Decimal("6495827.00")),
        ("FY2017-Q4", 1_165, Decimal("2805485.00")),
    ]


def test_won_and_lost_by_segment(at_year_end: Warehouse) -> None:
    found = at_year_end.rows(
        "select segment, count(*) filter (stage_group = 'won'), "
        "count(*) filter (stage_group = 'lost') from core.fct_opportunities "
        "where segment <> 'unknown' group by 1"
    )
    assert sorted(found) == [
        ("enterprise", 1_674, 964),
        ("mid_market", 1_841, 1_106),
        ("smb", 723, 403),
    ]


def test_days_from_engagement_to_won(at_year_end: Warehouse) -> None:
    [(median, mean, p80)] = at_year_end.rows(
        "select median(days), avg(days), quantile_cont(days, 0.8) from ("
        "select date_diff('second', qualified_at, closed_at) / 86400.0 as days "
        "from core.fct_opportunities where stage_group = 'won')"
    )
    assert (median, round(mean, 3), p80) == (57, 51.782, 93)
