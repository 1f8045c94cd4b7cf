"""The steps of a bridge, as its picture shows them."""

from decimal import Decimal

from pipegen.review.sections.pipeline import steps


def _row(step: str, amount: str, count: int = 1) -> dict[str, object]:
    return {"step": step, "amount": Decimal(amount), "opportunity_count": count}


def test_what_is_taken_away_is_never_shown_as_added() -> None:
    shown = steps(
        [
            _row("view_total", "100"), _row("less amount", "30", -2), _row("less stage", "-20", -1),
            _row("less source", "0", 0), _row("plus renewal", "5"),
            _row("probability_weighting", "-3", 0), _row("reconciled", "112"),
        ]
    )  # fmt: skip
    assert [(one.label, one.text, one.tone) for one in shown] == [
        ("View total", "100", "total"),
        ("No valid amount", "+30", "down"),
        ("Stage too early", "\u221220", "down"),
        ("Renewals", "+5", "up"),
        ("Probability weighting", "\u22123", "down"),
        ("Reconciled", "112", "total"),
    ]


def test_the_audits_steps_take_away_without_saying_less() -> None:
    shown = steps(
        [
            _row("claimed", "10"), _row("unqualified", "7", -1), _row("created_elsewhere", "2"),
            _row("amount_change", "1", 0), _row("net_new", "20"),
        ]
    )  # fmt: skip
    assert [one.tone for one in shown] == ["total", "down", "up", "up", "total"]
