"""Every answer of the worked company, cell by cell. Worked out by hand from the definitions: where
the warehouse says otherwise, one of the two is wrong, and the case says which rule it is about."""

import csv
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.support.cases import BRIGHTWATER, CASES, HARBOUR_LANE
from tests.support.promised import CORE, MARTS, NOT_BUILT
from tests.support.running import Query, Warehouse

OF_VIEWS = {
    "in_marketing",
    "in_sales",
    "in_expansion",
    "in_forecast",
    "in_reconciled",
    "view_count",
}

ABSENT = "(no row)"


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


@cache
def _waiting() -> set[tuple[str, ...]]:
    """Cells of rules that are not built yet, by file, table or deal, key and column."""
    return {tuple(row.values()) for row in _rows(CASES / "waiting.csv")}


@cache
def _answers(name: str, company: Path = BRIGHTWATER) -> list[dict[str, str]]:
    """The answers of a file whose rules are built."""
    found = []
    for row in _rows(company / name):
        table = row.get("mart") or row["opportunity_id"]
        cell = (f"{company.name}/{name}", table, row.get("key", ""), row["column"])
        if cell not in _waiting():
            found.append(row)
    return found


def _cases(name: str, column: str, company: Path = BRIGHTWATER) -> list[Any]:
    """The values of a column of a file of answers, as parameters."""
    return list(dict.fromkeys(row[column] for row in _answers(name, company)))


def _written(value: object) -> str:
    """A cell as the files of answers write it."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _agree(found: str, expected: str) -> bool:
    """Money exactly, rates to six decimals, all else as written."""
    if found == expected:
        return True
    try:
        difference = abs(Decimal(found) - Decimal(expected))
    except InvalidOperation:
        return False
    is_rate = len(expected.partition(".")[2]) > 2
    return difference <= Decimal("0.000001") if is_rate else difference == 0


class Deals:
    """What the warehouse says of every deal, under the names of the casebook."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.deals = warehouse.table("core.fct_opportunities", "opportunity_id")
        self.views = warehouse.table("marts.pipeline_views", "opportunity_id")
        self.forecast = warehouse.table("marts.forecast_pipeline", "opportunity_id")
        self.zero_touch = warehouse.table("marts.zero_touch_deals", "opportunity_id")
        self.at_risk = warehouse.table("marts.deals_at_risk", "opportunity_id")
        self.states = {
            deal: (count, imputed)
            for deal, count, imputed in warehouse.rows(
                "select opportunity_id, count(*), count(*) filter (is_imputed) "
                "from core.fct_opportunity_states group by 1"
            )
        }
        self.findings = dict(
            ((record, rule), is_open)
            for record, rule, is_open in warehouse.rows(
                "select record_id, rule, is_open from marts.hygiene_findings"
            )
        )
        self.weights: dict[tuple[str, str], list[str]] = {}
        for deal, model, weight in warehouse.rows(
            "select opportunity_id, model, weight from core.fct_attribution "
            "join core.fct_touches using (touch_id) where weight <> 0 "
            "order by opportunity_id, model, touched_at, touch_id"
        ):
            self.weights.setdefault((deal, model), []).append(f"{weight:.6f}")

    def cell(self, deal: str, column: str) -> str:
        """The cell as text."""
        if column == "exists":
            return _written(deal in self.deals)
        if deal not in self.deals:
            return ABSENT
        kind, _, detail = column.partition(":")
        match kind:
            case "state_count":
                return str(self.states[deal][0])
            case "imputed_states":
                return str(self.states[deal][1])
            case "forecast_amount":
                row = self.forecast.get(deal)
                return _written(row["pipeline_amount"]) if row else ABSENT
            case "zero_touch":
                row = self.zero_touch.get(deal)
                return _written(row["likely_cause"]) if row else ""
            case "at_risk":
                row = self.at_risk.get(deal)
                return _in_any_order(row["reasons"]) if row else ""
            case "finding":
                return _written((deal, detail) in self.findings)
            case "open_finding":
                return _written(self.findings.get((deal, detail), False))
            case "weights":
                return " ".join(self.weights.get((deal, detail), []))
            case _ if column in OF_VIEWS:
                row = self.views.get(deal)
                return _written(row[column]) if row else ABSENT
        return _written(self.deals[deal][column])


@pytest.fixture(scope="module")
def deals(casebook_warehouse: Warehouse) -> Deals:
    return Deals(casebook_warehouse)


@cache
def _expected_of(deal: str) -> list[tuple[str, str]]:
    return [
        (
            row["column"],
            _in_any_order(row["expected"]) if row["column"] == "at_risk" else row["expected"],
        )
        for row in _answers("expected.csv")
        if row["opportunity_id"] == deal
    ]


def _in_any_order(reasons: str) -> str:
    return ",".join(sorted(reason.strip() for reason in reasons.split(",")))


@pytest.mark.parametrize("deal", _cases("expected.csv", "opportunity_id"))
def test_every_cell_of_the_deal_is_as_worked_out_by_hand(deals: Deals, deal: str) -> None:
    wrong = [
        f"{deal} {column}: expected {expected or 'null'}, found {found or 'null'}"
        for column, expected in _expected_of(deal)
        if not _agree(found := deals.cell(deal, column), expected)
    ]
    assert not wrong, "\n" + "\n".join(wrong)


@pytest.mark.parametrize("mart", _cases("expected_marts.csv", "mart"))
def test_every_cell_of_the_mart_is_as_worked_out_by_hand(
    casebook_warehouse: Warehouse, mart: str
) -> None:
    _compare(casebook_warehouse, BRIGHTWATER, mart)


@pytest.mark.parametrize("mart", _cases("expected_marts.csv", "mart", HARBOUR_LANE))
def test_every_cell_of_the_funnel_is_as_worked_out_by_hand(
    funnel_built: Warehouse, mart: str
) -> None:
    _compare(funnel_built, HARBOUR_LANE, mart)


def _compare(warehouse: Warehouse, company: Path, mart: str) -> None:
    with warehouse.opened() as rows:
        wrong = [
            f"{mart} {row['key']} {row['column']}: expected {row['expected'] or 'null'}, found "
            f"{found or 'null'}"
            + (f" (worked out from {row['working']})" if row["working"] else "")
            for row in _answers("expected_marts.csv", company)
            if row["mart"] == mart
            and not _agree(found := _mart_cell(rows, row), row["expected"])
        ]
    assert not wrong, "\n" + "\n".join(wrong)


def _mart_cell(rows: Query, answer: dict[str, str]) -> str:
    """The cell that an answer is about, as text."""
    mart, column = answer["mart"], answer["column"]
    # In a key's values nothing is escaped, and a value may be empty.
    if mart == "number_deals":
        names = ("mart", "key", "step", "opportunity_id")
        parts = dict(zip(names, answer["key"].split("|"), strict=True))
    else:
        parts = dict(part.split("=", 1) for part in answer["key"].split(";") if part)
    where = " and ".join(f"coalesce(cast(\"{name}\" as varchar), '') = ?" for name in parts)
    schema = "core" if mart.startswith(("fct_", "dim_")) else "marts"
    query = f"from {schema}.{mart}" + (f" where {where}" if where else "")
    try:
        if column == "(rows)":
            return str(rows(f"select count(*) {query}", parts.values())[0][0])
        if column == "exists":
            return _written(bool(rows(f"select 1 {query}", parts.values())))
        found = rows(f'select "{column}" {query}', parts.values())
    except duckdb.Error as error:
        return f"({str(error).splitlines()[0]})"
    if len(found) != 1:
        return f"({len(found)} rows)" if found else ABSENT
    return _written(found[0][0])


def test_marts_that_are_not_compared_are_not_built_either(casebook_warehouse: Warehouse) -> None:
    built = {table.partition(".")[2] for table in casebook_warehouse.columns()}
    assert not (ready := sorted(built & set(NOT_BUILT))), (
        f"{', '.join(ready)} is built now: take it out of NOT_BUILT in tests/support/promised.py"
    )
    unknown = {
        row["mart"]
        for company in (BRIGHTWATER, HARBOUR_LANE)
        for row in _answers("expected_marts.csv", company)
    } - {*MARTS, *CORE}
    assert not unknown, "the casebook has answers for marts that the contract lacks"
