"""The reference gives the answers that were worked out by hand in the casebook.

A failure means that the oracle misreads the definitions: nothing it says about other data counts.
"""

from __future__ import annotations

import csv
import datetime as dt

from tests.support import reference
from tests.support.cases import BRIGHTWATER as CASES
from tests.unit.demo.test_truth import as_text

MUST = {
    "verdict", "verdict_reason", "verdict_evidence", "qualified_at", "pipeline_source", "motion",
    "is_re_dated", "failing_criterion", "closed_at", "close_day", "stage_group", "exists",
}  # fmt: skip


def test_casebook_has_the_answers_of_the_reference() -> None:
    as_of = dt.date.fromisoformat((CASES / "as_of.txt").read_text(encoding="utf-8").strip())
    found = reference.verdicts(CASES / "raw", CASES / "seeds", as_of)
    with (CASES / "expected.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    wrong, compared = [], set()
    for row in rows:
        key, column = row["opportunity_id"], row["column"]
        if column == "exists":
            value = as_text(key in found)
        elif key in found and column in found[key]:
            value = as_text(found[key][column])
        else:
            continue
        compared.add(column)
        if value != row["expected"]:
            wrong.append((key, column, row["expected"], value))
    assert wrong == []
    assert compared >= MUST


def test_casebook_sets_the_same_rows_aside() -> None:
    reasons = sorted(
        reason
        for (table, _, reason), count in reference.set_aside(CASES / "raw").items()
        for _ in range(count)
        if table == "opportunity"
    )
    assert reasons == ["ambiguous_key"] * 2 + ["null_key", "repeated"] + ["superseded"] * 3
