"""What is asked of the raw tables before anything is built: on landed tables, frame and suite."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipegen.expectations import door_frames, landed, validate
from pipegen.expectations.frames import Frame
from tests.unit.landing.conftest import Company, Landed

SAME, OTHER = "select true as is_same", "select false as is_same"
DAY = dt.date(2026, 5, 20)


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return Company(tmp_path / "raw")


def deals(count: int, **columns: str) -> list[dict[str, str]]:
    return [{"id": f"006{n}"} | columns for n in range(count)]


def failed(suite: Callable[[], Any], data: Any) -> list[tuple[str, str, str]]:
    """Rule, record and detail of what a suite finds."""
    found = validate.failures_of(suite(), Frame("column", data))
    return sorted((one.rule, one.record_id, one.detail) for one in found)


def columns_failed(
    now: Landed, last: Landed | None = None, same: str = SAME
) -> list[tuple[str, str, str]]:
    """What is found of the columns of a load, the last of which was another."""
    now.query("create schema carried")
    for each, schema in ((now, "landed_audit"), (now, "carried")):
        each.query(f"create table {schema}.expectation_metrics "
                   "(as_of_date date, subject varchar, metric varchar, metric_value double)")
    if last:
        last.query("create schema carried")
        for schema in ("landed_audit", "carried"):
            last.query(f"create table {schema}.expectation_metrics "
                       "(as_of_date date, subject varchar, metric varchar, metric_value double)")
        door_frames.record_columns(
            last.connection, DAY, door_frames.columns(last.connection, SAME)
        )
        rows = last.query("from landed_audit.expectation_metrics")
        now.connection.executemany("insert into carried.expectation_metrics values (?, ?, ?, ?)",
                                   rows)
    return failed(landed.columns, door_frames.columns(now.connection, same))


def landed_deals(company: Company, rows: list[dict[str, str]]) -> Landed:
    company.opportunities(rows)
    return company.land()


def test_a_first_load_is_compared_with_nothing(company):
    assert columns_failed(landed_deals(company, deals(30, amount="5"))) == []


def test_a_column_that_the_last_run_read_and_that_is_gone_stops_a_run(company):
    last = landed_deals(company, deals(3, amount="5", close_date="2026-06-30"))
    now = landed_deals(company, deals(3, close_date="2026-06-30", **{"Amount (USD)": "5"}))
    assert columns_failed(now, last) == [
        (
            "column_vanished", "salesforce.opportunity.amount",
            "it is not there; the last run read one in 100% of the rows",
        )
    ]  # fmt: skip


def test_each_column_of_a_table_that_is_gone_is_named(company):
    company.rows("salesforce.user_role", [{"id": "00E1", "name": "AE"}])
    last = landed_deals(company, deals(3))
    (company.root / "salesforce" / "user_role.csv").unlink()
    found = columns_failed(landed_deals(company, deals(3)), last)
    assert [record for _, record, _ in found] == [
        "salesforce.user_role.id", "salesforce.user_role.name",
    ]  # fmt: skip


def test_a_share_that_falls_by_half_stops_a_run(company):
    last = landed_deals(company, deals(100, amount="5"))
    now = landed_deals(company, [*deals(49, amount="5"), *deals(100)[49:]])
    assert columns_failed(now, last) == [
        (
            "column_vanished", "salesforce.opportunity.amount",
            "49% of the rows have a value; the last run read one in 100% of the rows",
        )
    ]  # fmt: skip


def test_half_of_the_values_and_what_few_records_have_are_no_fault(company):
    last = landed_deals(company, [*deals(19, type="New", amount="5"), *deals(100, amount="5")[19:]])
    now = landed_deals(company, [*deals(50, type="", amount="5"), *deals(100, type="")[50:]])
    assert columns_failed(now, last) == []


def test_another_company_is_compared_with_nothing(company):
    last = landed_deals(company, deals(3, amount="5"))
    assert columns_failed(landed_deals(company, deals(3)), last, OTHER) == []


@pytest.mark.parametrize(
    ("column", "text"), [("amount", "1.234,56"), ("close_date", "31/08/2026")]
)
def test_a_needed_column_that_cannot_be_read_stops_a_run_of_any_size(company, column, text):
    found = columns_failed(landed_deals(company, deals(1, **{column: text})))
    assert found == [
        (
            "column_unreadable", f"salesforce.opportunity.{column}",
            "values that can't be read: 1, 100% of all that are there",
        )
    ]  # fmt: skip


def test_some_values_that_cannot_be_read_are_findings_of_their_own(company):
    rows = [*deals(8, amount="1,0"), *deals(10, amount="5")[8:]]
    assert columns_failed(landed_deals(company, rows)) == []


def test_a_column_that_no_number_needs_may_be_unreadable(company):
    assert columns_failed(landed_deals(company, deals(1, probability="high"))) == []


def test_references_that_lead_nowhere_are_counted(company):
    company.rows("salesforce.account", [{"id": "001"}])
    company.opportunities([*deals(3), {"id": "0069", "account_id": "002"}])
    found = failed(landed.references, door_frames.references(company.land().connection))
    assert found == [
        ("reference_lost", "salesforce.opportunity.account_id",
         "1 of 4 (25.0%) lead to no account"),
    ]  # fmt: skip


def test_a_history_that_leads_nowhere_stops_a_run(company):
    company.rows("salesforce.account", [{"id": "001"}])
    company.opportunities(deals(1))
    company.rows(
        "salesforce.opportunity_history",
        [{"id": f"h{n}", "opportunity_id": "0060" if n == 0 else "00X"} for n in range(10)],
    )
    found = failed(landed.references, door_frames.references(company.land().connection))
    assert ("history_leads_nowhere", "salesforce.opportunity_history.opportunity_id",
            "9 of 10 lead to no opportunity") in found  # fmt: skip


def test_a_reference_to_a_table_that_is_not_loaded_says_nothing(company):
    company.rows("salesforce.account", [{"id": "001"}])
    company.opportunities(deals(1, campaign_id="701"))
    assert failed(landed.references, door_frames.references(company.land().connection)) == []


def test_another_corporate_currency_stops_a_run(company):
    company.rows(
        "salesforce.currency_type",
        [{"iso_code": "EUR", "is_corporate": "true"}, {"iso_code": "USD", "is_corporate": "false"}],
    )
    connection = company.land().connection
    asked = door_frames.corporate_currencies
    assert failed(landed.corporate_currencies, asked(connection, "eur")) == []
    assert failed(landed.corporate_currencies, asked(connection, "USD")) == [
        (
            "corporate_currency_differs", "EUR",
            "it is the CRM's corporate currency, and the setting corporate_currency says USD",
        )
    ]  # fmt: skip


def test_words_for_null_and_bytes_outside_utf8_are_findings(company):
    company.write("salesforce/account.csv", b"id,name,owner_id\n001,Soci\xe9t\xe9,NULL\n")
    connection = company.land().connection
    assert failed(landed.null_words, door_frames.null_words(connection)) == [
        (
            "null_word", "salesforce.account.owner_id",
            "rows in which 'NULL' or the like is read as empty: 1",
        )
    ]  # fmt: skip
    [(rule, record, _)] = failed(landed.misencoded, door_frames.misencoded(connection))
    assert (rule, record) == ("not_utf8", "salesforce/account.csv")
