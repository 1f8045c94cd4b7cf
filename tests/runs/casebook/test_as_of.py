"""The answers of the worked company for other as-of days, over the same files."""

from pathlib import Path

import pytest

from tests.runs.casebook.test_cells import _agree, _answers, _mart_cell
from tests.support.cases import BRIGHTWATER
from tests.support.light import built

# What is built for it: the edges of a creation window. Other rules have their days in the file too.
COVERAGE = "pipeline_coverage"
DAYS = sorted({row["as_of"] for row in _answers("expected_as_of.csv") if row["mart"] == COVERAGE})


@pytest.mark.parametrize("day", DAYS)
def test_coverage_of_another_day_is_as_worked_out_by_hand(
    casebook: dict[str, object], tmp_path: Path, day: str
) -> None:
    warehouse = built(
        tmp_path, select=[f"+{COVERAGE}"], is_tested=False, **casebook | {"as_of": day}
    )
    wrong = [
        f"{row['key']} {row['column']}: expected {row['expected'] or 'null'}, found {found}"
        for row in _answers("expected_as_of.csv", BRIGHTWATER)
        if row["mart"] == COVERAGE
        and row["as_of"] == day
        and not _agree(found := _mart_cell(warehouse, row), row["expected"])
    ]
    assert not wrong, "\n" + "\n".join(wrong)
