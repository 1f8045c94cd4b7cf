"""The answers of the worked company for other as-of days, over the same files."""

from pathlib import Path

import pytest

from tests.runs.casebook.test_cells import _agree, _answers, _mart_cell
from tests.support.cases import BRIGHTWATER
from tests.support.light import built

# A build for each day: looking back is the night's, as it is for other companies.
pytestmark = pytest.mark.night

ANSWERS = _answers("expected_as_of.csv", BRIGHTWATER)
DAYS = sorted({row["as_of"] for row in ANSWERS})


@pytest.mark.parametrize("day", DAYS)
def test_another_day_is_as_worked_out_by_hand(
    casebook: dict[str, object], tmp_path: Path, day: str
) -> None:
    answers = [row for row in ANSWERS if row["as_of"] == day]
    marts = sorted({f"+{row['mart']}" for row in answers})
    warehouse = built(tmp_path, select=marts, is_tested=False, **casebook | {"as_of": day})
    with warehouse.opened() as rows:
        wrong = [
            f"{row['mart']} {row['key']} {row['column']}: expected {row['expected'] or 'null'}, "
            f"found {found}"
            for row in answers
            if not _agree(found := _mart_cell(rows, row), row["expected"])
        ]
    assert not wrong, "\n" + "\n".join(wrong)
