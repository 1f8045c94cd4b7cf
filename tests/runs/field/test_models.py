"""Companies with values that are allowed and rare: tests/cases/field. A failure means that such a
company gets wrong numbers, or none."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

from tests.support.cases import of_the_field
from tests.support.light import built


def test_a_deal_that_names_itself_as_its_original_is_net_new(tmp_path: Path) -> None:
    warehouse = built(
        tmp_path,
        select=["+fct_opportunities", "+source_velocity"],
        **of_the_field("clone_of_itself", tmp_path / "company"),
    )
    assert warehouse.rows(
        "select opportunity_id, verdict, created_amount from core.fct_opportunities order by 1"
    ) == [
        ("006K1", "net_new", Decimal("10000.00")),
        ("006K2", "net_new", Decimal("20000.00")),
    ]


def test_a_negative_net_new_deal_lowers_the_quarter_to_date(tmp_path: Path) -> None:
    warehouse = built(
        tmp_path,
        select=["+source_scorecard", "+assert_quarters_to_date_end_at_the_quarter"],
        **of_the_field("negative_net_new", tmp_path / "company"),
    )
    week_of = dt.date(2026, 3, 30)
    before, after = (
        warehouse.one(
            "select sum(quarter_to_date) from marts.source_scorecard "
            f"where fiscal_quarter = 'FY2026-Q1' and week_start = '{week}'"
        )
        for week in (week_of - dt.timedelta(days=7), week_of)
    )
    created = warehouse.one(
        "select sum(created_amount) from core.fct_opportunities "
        f"where is_net_new and qualified_date between '{week_of}' and '2026-03-31'"
    )
    assert created < 0
    assert after == before + created


def test_a_deal_whose_currency_alone_changed_has_another_state(tmp_path: Path) -> None:
    warehouse = built(
        tmp_path,
        select=["+fct_opportunities"],
        **of_the_field("currency_alone_changed", tmp_path / "company"),
    )
    assert warehouse.rows(
        "select valid_from_date, amount, currency, is_imputed from core.fct_opportunity_states "
        "where opportunity_id = '006V01' order by valid_from"
    ) == [
        (dt.date(2026, 3, 10), Decimal("10000.00"), "USD", False),
        (dt.date(2026, 4, 10), Decimal("10000.00"), "CAD", False),
    ]
    assert warehouse.rows(
        "select created_amount, amount from core.fct_opportunities where opportunity_id = '006V01'"
    ) == [(Decimal("10000.00"), Decimal("6250.00"))]
