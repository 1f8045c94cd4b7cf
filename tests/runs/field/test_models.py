"""Companies with values that are allowed and rare: tests/cases/field. A failure means that such a
company gets wrong numbers, or none."""

import csv
import datetime as dt
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

from tests.support.cases import BRIGHTWATER, BRIGHTWATER_AS_OF, copied, of_the_field
from tests.support.light import built

LARGEST = "9999999999999999.99"


def test_amounts_beyond_ten_billion_are_weighted(tmp_path: Path) -> None:
    warehouse = built(
        tmp_path,
        select=["+sales_pipeline", "+forecast_pipeline", "+reconciled_pipeline"],
        **of_the_field("weighted_over_ten_billion", tmp_path / "company"),
    )
    assert {
        view: warehouse.one(f"select sum(pipeline_amount) from marts.{view}_pipeline")
        for view in ("sales", "forecast", "reconciled")
    } == {
        "sales": Decimal("46000000000.00"),
        "forecast": Decimal("12000000000.00"),
        "reconciled": Decimal("46000000000.00"),
    }


def test_the_largest_amounts_that_a_crm_holds_stop_no_run(tmp_path: Path) -> None:
    """Brightwater, with every amount in the CRM the largest that its field takes. The whole build,
    because no model may stop at such an amount."""
    raw = copied(BRIGHTWATER, tmp_path / "company")["raw"]
    for table in ("opportunity", "opportunity_history"):
        _fill_amounts(Path(str(raw)) / "salesforce" / f"{table}.csv", LARGEST)
    warehouse = built(
        tmp_path, raw=raw, seeds=tmp_path / "company" / "seeds", as_of=BRIGHTWATER_AS_OF
    )
    [(amount, count)] = warehouse.rows(
        "select sum(amount), count(amount) from core.fct_opportunity_states "
        "where valid_to is null and stage_group = 'open'"
    )
    assert count > 50
    assert amount == count * Decimal(LARGEST)


def _fill_amounts(table: Path, amount: str) -> None:
    """Write an amount into every row of a table that has one."""
    rows = _read(table)
    with table.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(row | {"amount": row["amount"] and amount} for row in rows)


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


# What the stage log and the field history call the fields that make a state.
OF_A_STATE = {
    "stage_name": "StageName", "amount": "Amount", "close_date": "CloseDate",
    "probability": "Probability", "forecast_category": "ForecastCategoryName",
}  # fmt: skip


def test_states_are_the_same_from_the_field_history_as_from_the_stage_log(tmp_path: Path) -> None:
    """Brightwater twice, once with its stage log told as changes of fields."""
    states = "select opportunity_id, valid_from, valid_to, stage, amount, currency, close_date, "
    states += "probability, forecast_category, is_imputed from core.fct_opportunity_states"
    found = []
    for is_by_field in (False, True):
        home = tmp_path / str(is_by_field)
        company = copied(BRIGHTWATER, home / "company")
        told = _tell_by_field(home / "company" / "raw" / "salesforce") if is_by_field else set()
        warehouse = built(
            home,
            select=["+fct_opportunity_states", "+int_findings__opportunity_records"],
            as_of=BRIGHTWATER_AS_OF,
            **company,
        )
        found.append(sorted(row for row in warehouse.rows(states)))
    from_stages, from_fields = ([row for row in rows if row[0] in told] for rows in found)
    assert len(told) > 15
    assert len(from_stages) > 2 * len(told)
    assert from_fields == from_stages


def _tell_by_field(folder: Path) -> set[str]:
    """Put changes of fields in place of a stage log.

    Returns the deals of which they tell all: those whose stage changed, and whose log begins with
    them and ends as they are.
    """
    deals = {row["id"]: row for row in _read(folder / "opportunity.csv")}
    log: dict[str, list[dict[str, str]]] = {}
    rows_of_log = _read(folder / "opportunity_history.csv")
    for row in sorted(rows_of_log, key=lambda row: row["created_date"]):
        log.setdefault(row["opportunity_id"], []).append(row)
    changes, told = [], set()
    for deal, rows in log.items():
        for before, after in pairwise(rows):
            changes += [
                {
                    "id": f"{after['id']}-{name}", "opportunity_id": deal, "field": name,
                    "old_value": before[column], "new_value": after[column],
                    "created_date": after["created_date"], "is_deleted": "false",
                }
                for column, name in OF_A_STATE.items()
                if before[column] != after[column]
            ]  # fmt: skip
        current, stages = deals.get(deal, {}), {row["stage_name"] for row in rows}
        instants = {row["created_date"] for row in rows}
        if (
            len(stages) > 1
            and len(instants) == len(rows)
            and rows[0]["created_date"] == current.get("created_date")
            and all(rows[-1][column] == current[column] for column in OF_A_STATE)
        ):
            told.add(deal)
    (folder / "opportunity_history.csv").unlink()
    field_history = folder / "opportunity_field_history.csv"
    with field_history.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, list(changes[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(changes)
    return told


def _read(table: Path) -> list[dict[str, str]]:
    with table.open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))
