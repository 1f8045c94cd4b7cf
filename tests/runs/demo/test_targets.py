"""What the demo's sellers and segments are asked to create, where the plan has a number and where
it was left blank."""

import csv
import datetime as dt
from decimal import Decimal

from tests.support.running import PROJECT, Warehouse

WEEK = dt.date(2026, 5, 18)


def _seed(name: str) -> list[dict[str, str]]:
    with (PROJECT / "seeds" / "targets" / f"{name}.csv").open(newline="") as handle:
        return list(csv.DictReader(handle))


def test_sellers_have_the_targets_that_they_were_given(demo_warehouse: Warehouse) -> None:
    given = {
        row["owner_id"]: Decimal(row["target_amount"])
        for row in _seed("rep_targets")
        if row["fiscal_quarter"] == "FY2026-Q2"
    }
    scored = dict(
        demo_warehouse.rows(
            "select owner_id, quarter_target from marts.rep_scorecard where week_start = ?", [WEEK]
        )
    )
    assert given.keys() <= scored.keys()
    assert {owner: scored[owner] for owner in given} == given
    # Somebody who started lately creates pipeline before anyone has set a target.
    assert [scored[owner] for owner in scored.keys() - given.keys()] == [None]


def test_a_blank_target_is_derived_once_its_quarter_has_begun(demo_warehouse: Warehouse) -> None:
    blank = {
        (row["fiscal_quarter"], row["segment"])
        for row in _seed("creation_targets")
        if not row["target_amount"]
    }
    targets = {
        (quarter, segment): amount
        for quarter, segment, amount in demo_warehouse.rows(
            "select fiscal_quarter, segment, target_amount from core.fct_creation_targets"
        )
    }
    begun = {key for key in blank if key[0] <= "FY2026-Q2"}
    assert begun and blank - begun
    assert all(targets[key] > 0 for key in begun)
    assert {targets[key] for key in blank - begun} == {None}
    assert None not in {targets[key] for key in targets.keys() - blank}
