"""Every suite passes a good frame and fails a bad one, naming the rule that it breaks."""

import datetime as dt
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any

import duckdb
import pandas as pd
import pytest

from pipegen.expectations import bounds, built, frames, landed, validate
from pipegen.expectations.frames import AsOf, Frame
from pipegen.expectations.rulebook import SEVERITIES, rules
from tests.support.running import PROJECT

LEVELS = {
    "median_amount": 9000.0, "last_median_amount": 9100.0, "median_amount_ratio": 0.99,
    "median_close_day": 9000.0, "last_median_close_day": 8999.0, "median_close_day_shift": 1.0,
}  # fmt: skip

# Suite: how it is made, the kind of record, its key and a row that passes every rule.
SUITES: Mapping[str, tuple[Callable[[], Any], str, str, dict[str, Any]]] = {
    "landed.tables": (
        landed.tables, "table", "record_id",
        {"record_id": "salesforce.task", "row_count": 1000.0, "last_rows": 990.0,
         "row_ratio": 1.01, "set_aside_share": 0.01, "history_gap_days": 0.2, "gap_days": 0.5},
    ),
    "landed.raw": (
        landed.raw, "table", "record_id",
        {"record_id": "raw tables", "days_behind_as_of": 0.5, "map_count": 900.0,
         "crm_count": 1000.0, "map_crm_ratio": 0.9},
    ),
    "landed.opportunity_shares": (
        landed.opportunity_shares, "table", "record_id",
        {"record_id": "salesforce.opportunity", "created_date_null_share": 0.01,
         "stage_null_share": 0.0},
    ),
    "landed.columns": (
        landed.columns, "column", "record_id",
        {"record_id": "salesforce.opportunity.amount", "row_count": 100.0, "unread_count": 1.0,
         "unreadable_share": 0.01, "share_ratio": 0.9, "now": "80% of the rows have a value",
         "last_share": 0.9},
    ),
    "landed.references": (
        landed.references, "column", "record_id",
        {"record_id": "salesforce.opportunity.account_id", "reference_count": 10.0,
         "lost_count": 5.0, "lost_share": 0.0, "essential_lost_share": 0.5,
         "leads_to": "account"},
    ),
    "landed.corporate_currencies": (
        landed.corporate_currencies, "currency", "record_id",
        {"record_id": "EUR", "corporate_currency": "EUR", "is_other": 0.0},
    ),
    "landed.null_words": (
        landed.null_words, "column", "record_id",
        {"record_id": "salesforce.opportunity.campaign_id", "word": "NULL", "word_count": 0.0},
    ),
    "landed.misencoded": (
        landed.misencoded, "file", "record_id",
        {"record_id": "salesforce/account.csv", "first_line": 2, "misencoded_count": 0.0},
    ),
    "built.opportunities": (
        lambda: built.opportunities(2026), "opportunity", "record_row",
        {"record_row": 0, "amount": 12000.0, "amount_in_dollars": 12000.0,
         "close_date": 20260630.0, "created_amount": 12000.0,
         "created_amount_in_dollars": 12000.0, "days_to_qualify": 20.0},
    ),
    "built.opportunity_shares": (
        built.opportunity_shares, "table", "record_id",
        {"record_id": "fct_opportunities", "account_null_share": 0.02, "owner_null_share": 0.0,
         "amount_null_share": 0.2},
    ),
    "built.currencies": (
        built.currencies, "opportunity", "record_id",
        {"record_id": "O1", "value": "EUR", "row_count": 3},
    ),
    "built.forecast_categories": (
        built.forecast_categories, "opportunity", "record_id",
        {"record_id": "O1", "value": "Best Case", "row_count": 3},
    ),
    "built.opportunity_levels": (
        built.opportunity_levels, "table", "record_id",
        {"record_id": "fct_opportunities", **LEVELS},
    ),
    "built.field_hygiene": (
        built.field_hygiene, "mart", "record_id",
        {"record_id": "field_hygiene", "created_date_pass_rate": 0.95, "source_pass_rate": 0.95,
         "amount_pass_rate": 0.9, "net_new_pass_rate": 0.97},
    ),
    "built.pipeline_coverage": (
        built.pipeline_coverage, "coverage", "record_id",
        {"record_id": "smb|new_business|FY2026-Q2", "coverage": 3.2},
    ),
    "built.source_scorecard": (
        built.source_scorecard, "pipeline_source", "record_id", {"record_id": "sdr", "pace": 0.8},
    ),
    "built.levels": (
        built.levels, "mart", "record_id",
        {"record_id": "reconciled_pipeline", "amount": 8e6, "last_amount": 8.1e6,
         "amount_ratio": 0.99},
    ),
    "built.remaining": (
        built.remaining, "mart", "record_id",
        {"record_id": "reconciled_pipeline", "last_deal_count": 50.0, "deal_count": 48.0},
    ),
}  # fmt: skip

# Suite, what is bad, and the one rule that it breaks.
BAD: list[tuple[str, dict[str, Any], str]] = [
    ("landed.tables", {"row_ratio": 0.1}, "row_count_dropped"),
    ("landed.tables", {"row_ratio": 2.1}, "row_count_jumped"),
    ("landed.tables", {"set_aside_share": 0.06}, "rows_often_set_aside"),
    ("landed.tables", {"history_gap_days": 3.0}, "history_stale"),
    ("landed.tables", {"gap_days": 7.5}, "table_behind"),
    ("landed.raw", {"days_behind_as_of": 4.5}, "raw_tables_stale"),
    ("landed.raw", {"map_crm_ratio": 0.04}, "map_crm_out_of_step"),
    ("landed.raw", {"map_crm_ratio": 51.0}, "map_crm_out_of_step"),
    ("landed.opportunity_shares", {"created_date_null_share": 0.5}, "created_date_often_missing"),
    ("landed.opportunity_shares", {"stage_null_share": 0.5}, "stage_often_missing"),
    ("landed.columns", {"unreadable_share": 0.9}, "column_unreadable"),
    ("landed.columns", {"share_ratio": 0.49}, "column_vanished"),
    ("landed.references", {"essential_lost_share": 0.9}, "history_leads_nowhere"),
    ("landed.references", {"lost_share": 0.01}, "reference_lost"),
    ("landed.corporate_currencies", {"is_other": 1.0}, "corporate_currency_differs"),
    ("landed.null_words", {"word_count": 1.0}, "null_word"),
    ("landed.misencoded", {"misencoded_count": 1.0}, "not_utf8"),
    ("built.opportunity_shares", {"account_null_share": 0.5}, "account_often_missing"),
    ("built.opportunity_shares", {"owner_null_share": 0.5}, "owner_often_missing"),
    ("built.opportunity_shares", {"amount_null_share": 0.6}, "amount_often_missing"),
    ("built.opportunities", {"amount_in_dollars": 2e12}, "amount_out_of_bounds"),
    ("built.opportunities", {"amount_in_dollars": -2e12}, "amount_out_of_bounds"),
    ("built.opportunities", {"close_date": 19260630.0},
     "close_date_out_of_bounds"),
    ("built.opportunities", {"close_date": 20620630.0},
     "close_date_out_of_bounds"),
    ("built.currencies", {"value": "euro"}, "currency_not_a_code"),
    ("built.forecast_categories", {"value": "Hope"}, "forecast_category_unknown"),
    ("built.opportunity_levels", {"median_amount_ratio": 100.0}, "amount_level_moved"),
    ("built.opportunity_levels", {"median_amount_ratio": 0.01}, "amount_level_moved"),
    ("built.opportunity_levels", {"median_close_day_shift": -60.0}, "close_date_level_moved"),
    ("built.opportunities", {"created_amount_in_dollars": 2e8}, "created_amount_out_of_bounds"),
    ("built.opportunities", {"days_to_qualify": 1200.0}, "cycle_out_of_bounds"),
    ("built.field_hygiene", {"created_date_pass_rate": 0.5}, "open_created_date_often_wrong"),
    ("built.field_hygiene", {"source_pass_rate": 0.5}, "open_source_often_unknown"),
    ("built.field_hygiene", {"amount_pass_rate": 0.5}, "open_amount_often_missing"),
    ("built.field_hygiene", {"net_new_pass_rate": 0.5}, "net_new_flag_often_wrong"),
    ("built.pipeline_coverage", {"coverage": 900.0}, "coverage_out_of_bounds"),
    ("built.source_scorecard", {"pace": 40.0}, "pace_out_of_bounds"),
    ("built.remaining", {"deal_count": 0.0}, "pipeline_vanished"),
    ("built.levels", {"amount_ratio": 0.4}, "pipeline_level_moved"),
    ("built.levels", {"amount_ratio": 2.5}, "pipeline_level_moved"),
]  # fmt: skip


def _frame(suite: str, rows: list[dict[str, Any]]) -> Frame:
    _, kind, key, _ = SUITES[suite]
    identify = (lambda found: {row: f"O{row}" for row in found}) if key == "record_row" else None
    return Frame(kind, pd.DataFrame(rows), key, identify)


def _rows(suite: str, bad: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """Three good rows, and a bad one, if any, in the middle of them."""
    _, _, key, good = SUITES[suite]
    rows = [dict(good) for _ in range(3)]
    if bad is not None:
        rows.insert(1, good | bad)
    for place, row in enumerate(rows):
        row[key] = place if key == "record_row" else f"{good[key]}{place}"
    return rows


@pytest.mark.parametrize("suite", SUITES)
def test_a_good_frame_passes(suite: str) -> None:
    assert validate.failures_of(SUITES[suite][0](), _frame(suite, _rows(suite))) == []


@pytest.mark.parametrize("suite", SUITES)
def test_what_cannot_be_checked_passes(suite: str) -> None:
    """Too few rows, or no last run, leave a measure empty; an empty table has no rows at all."""
    _, _, key, good = SUITES[suite]
    numbers = [name for name in good if name not in (key, "value", "row_count")]
    frame = _frame(suite, _rows(suite))
    for name in numbers:
        frame.data[name] = float("nan")
    assert validate.failures_of(SUITES[suite][0](), frame) == []
    nothing = Frame(frame.record_type, frame.data.head(0), frame.key, frame.identify)
    assert validate.failures_of(SUITES[suite][0](), nothing) == []


@pytest.mark.parametrize(("suite", "bad", "rule"), BAD)
def test_a_bad_row_breaks_one_rule_and_is_named(suite: str, bad: dict[str, Any], rule: str) -> None:
    _, kind, key, good = SUITES[suite]
    [found] = validate.failures_of(SUITES[suite][0](), _frame(suite, _rows(suite, bad)))
    record_id = "O1" if key == "record_row" else f"{good[key]}1"
    assert (found.rule, found.record_type, found.record_id) == (rule, kind, record_id)
    assert found.severity == rules()[rule].severity
    assert "{" not in found.detail and "nan" not in found.detail


def test_every_expectation_is_seen_to_fail() -> None:
    expected = {one.meta["rule"] for make, *_ in SUITES.values() for one in make().expectations}
    assert {rule for _, _, rule in BAD} == expected


def test_the_bounds_are_within_what_they_bound() -> None:
    suite = "landed.tables"
    for column, value in (
        ("row_ratio", bounds.MIN_ROW_RATIO),
        ("row_ratio", bounds.MAX_ROW_RATIO),
        ("history_gap_days", bounds.MAX_HISTORY_GAP_DAYS),
    ):
        assert validate.failures_of(landed.tables(), _frame(suite, _rows(suite, {column: value}))
                                    ) == []  # fmt: skip


def test_every_rule_of_the_book_can_be_acted_upon() -> None:
    assert len(rules()) > 30
    for rule in rules().values():
        assert rule.severity in SEVERITIES
        assert rule.title and not rule.title.endswith(".")
        assert rule.remedy.endswith((".", "."))
        assert len(rule.remedy) < 160, rule.rule


def test_a_value_of_many_deals_blames_each_of_them() -> None:
    frame = _frame("built.currencies", _rows("built.currencies", {"value": "euro"}))
    found = validate.failures_of(
        built.currencies(), frame, lambda column, values: [(f"{column}{n}", v) for n in range(3)
                                                            for v in values]
    )  # fmt: skip
    assert [one.record_id for one in found] == [f"currency{n}" for n in range(3)]
    assert {one.detail for one in found} == {"currency is euro"}


def test_failures_are_written_once_per_origin() -> None:
    connection = duckdb.connect()
    connection.execute("create schema landed_audit")
    one = validate.FailedRecord("a_rule", "warn", "opportunity", "O'1", "it's {bad}")
    validate.record(connection, "landed", [one] * 3)
    validate.record(connection, "built", [one])
    validate.record(connection, "landed", [one])
    query = "select origin, record_id, detail from landed_audit.expectation_failures order by all"
    rows = connection.execute(query).fetchall()
    assert rows == [("built", "O'1", "it's {bad}"), ("landed", "O'1", "it's {bad}")]


def test_what_is_implausible_in_dollars_is_usual_in_rupiah() -> None:
    units = {}
    for currency in ("USD", "IDR", "JPY", "?"):
        literal = f"'{currency}'"
        sql = f"select {frames._units(literal)}"
        units[currency] = duckdb.connect().execute(sql).fetchall()
    assert units == {"USD": [(1.0,)], "IDR": [(1e4,)], "JPY": [(1e2,)], "?": [(1.0,)]}


def test_a_currency_has_one_size() -> None:
    codes = [code for row in bounds.UNITS_TO_A_DOLLAR.values() for code in row]
    assert len(codes) == len(set(codes))
    assert not [code for code in codes if not re.match(bounds.CURRENCY_PATTERN, code)]


def test_as_of_is_the_end_of_the_day_in_the_business_time_zone() -> None:
    day = dt.date(2026, 5, 20)
    assert AsOf.on(day, "UTC").ends_at == dt.datetime(2026, 5, 21)
    assert AsOf.on(day, "Europe/Berlin").ends_at == dt.datetime(2026, 5, 20, 22)


def test_great_expectations_is_not_loaded_before_it_is_needed() -> None:
    """It takes eight seconds, which no `pipegen --help` and no import of definitions may take."""
    code = (
        "import sys, pipegen.runs.run, pipegen.runs.quality, pipegen.expectations.validate; "
        "sys.exit('great_expectations' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=False, timeout=120)
    assert done.returncode == 0
