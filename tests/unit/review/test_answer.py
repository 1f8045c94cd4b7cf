"""What the page says first: how much will close, and why two answers can differ."""

import datetime as dt
from decimal import Decimal
from typing import Any

from pipegen.review import cadence
from pipegen.review.context import Context
from pipegen.review.sections import answer

DAY = dt.date(2026, 5, 20)
CONTEXT = Context(
    as_of=DAY,
    quarter="FY2026-Q2",
    quarter_start=dt.date(2026, 4, 1),
    quarter_end=dt.date(2026, 6, 30),
    currency="USD",
    meeting=cadence.meetings("growth")[0],
    meets_on=dt.date(2026, 5, 25),
)


def _quarter(name: str = "FY2026-Q2", **given: Any) -> dict[str, Any]:
    money = {
        column: Decimal(given.pop(column, 0))
        for column in (
            "won_amount", "weighted_amount", "open_amount", "gap_too_late", "renewal_won_amount",
            "renewal_open_amount",
        )
    }  # fmt: skip
    planned = {
        column: None if (value := given.pop(column, 0)) is None else Decimal(value)
        for column in ("quota", "remaining", "required", "gap", "due", "behind_by")
    }
    both = money["won_amount"] + money["weighted_amount"]
    return {
        "fiscal_quarter": name, "won_and_weighted_amount": both, "create_by": None,
        "status": "covered", "renewal_won_count": 0, "renewal_open_count": 0,
        **money, **planned, **given,
    }  # fmt: skip


def test_won_and_weighted_pipeline_stand_against_the_quota() -> None:
    now = _quarter(won_amount=900_000, weighted_amount=1_600_000, quota=2_000_000)
    assert answer.sentence([now], CONTEXT) == (
        "FY2026-Q2 has won USD 900k; with its weighted pipeline of 1.60M it would end 500k above "
        "its quota of 2.00M."
    )
    now = _quarter(won_amount=900_000, weighted_amount=100_000, quota=2_000_000)
    assert "it would end 1.00M below its quota of 2.00M." in answer.sentence([now], CONTEXT)
    now = _quarter(won_amount=900_000, weighted_amount=100_000, quota=None)
    assert "it would end at 1.00M; no quota is set." in answer.sentence([now], CONTEXT)
    now = _quarter(quota=2_000_000)
    assert answer.sentence([now], CONTEXT).startswith(
        "FY2026-Q2 has won nothing and has no weighted pipeline; so it would end 2.00M below"
    )


def test_what_is_not_due_yet_is_no_news() -> None:
    now = _quarter(won_amount=1, quota=1)
    later = _quarter("FY2026-Q3", quota=10, required=40, gap=30, due=5, status="on_course")
    assert answer.sentence([now, later], CONTEXT).endswith(
        "Every later quarter has the open pipeline that is due by now."
    )
    behind = later | {"status": "behind", "behind_by": Decimal(5), "create_by": dt.date(2026, 8, 1)}
    assert answer.sentence([now, behind], CONTEXT).endswith(
        "FY2026-Q3 is missing 30 of the 40 of open pipeline that its quota requires; 5 of what is "
        "missing is due by now, and the first create-by day is 1 Aug 2026."
    )
    late = later | {"status": "too_late"}
    assert "it can no longer be created in time." in answer.sentence([now, late], CONTEXT)


def test_two_answers_that_differ_are_both_explained() -> None:
    above = _quarter(
        won_amount=90, weighted_amount=60, quota=100, remaining=10, required=50, gap=20
    )
    assert answer.disagreement(above) == (
        "The CRM's probabilities and your own win rates disagree: by the probabilities FY2026-Q2 "
        "ends 50 above its quota of 100; by the win rates, segment by segment, 20 of open pipeline "
        "is missing."
    )
    late = above | {"gap_too_late": Decimal(20)}
    assert "missing, all of it too late to create; deals can" in answer.disagreement(late)
    part = above | {"gap_too_late": Decimal(5)}
    assert "missing, 5 of it too late to create; deals can" in answer.disagreement(part)
    below = _quarter(won_amount=10, weighted_amount=20, quota=100, remaining=90, required=50)
    assert answer.disagreement(below).endswith("segment by segment, its open pipeline is enough.")


def test_answers_that_agree_need_no_word() -> None:
    both_short = _quarter(won_amount=10, quota=100, remaining=90, required=300, gap=300)
    both_enough = _quarter(won_amount=90, weighted_amount=20, quota=100, remaining=10, required=5)
    met = _quarter(won_amount=100, quota=100)
    unplanned = _quarter(won_amount=100, quota=None, remaining=None, gap=None)
    for row in (both_short, both_enough, met, unplanned):
        assert answer.disagreement(row) == ""
