"""Who is notified of what, and when nobody is."""

import dataclasses
import datetime as dt
from decimal import Decimal

import pytest

from pipegen.alerts import messages as alerts
from pipegen.alerts.messages import BLOCKED, FAILED, PUBLISHED, Notified, Situation, news
from pipegen.publishing.digest import Digest, Finding

DAY = dt.date(2026, 5, 20)
TEMPLATE = "https://crm.example/{record_id}/view"

FINDING = Finding(
    record_type="opportunity", record_id="O1", rule="missing_amount", detail="amount is empty",
    owner_id="U1", first_seen=DAY, last_seen=DAY, is_open=True, severity="warn", field="amount",
    owner_team="sales", title="Amount is missing", remedy="Enter the amount.", recipient_id="U1",
    deal_name="Acme Data Hub",
)  # fmt: skip


def _findings(count: int, **changes: object) -> tuple[Finding, ...]:
    return tuple(dataclasses.replace(FINDING, record_id=f"O{n}", **changes) for n in range(count))


def _published(*findings: Finding, **more: object) -> Situation:
    behind, restated = more.pop("behind", {}), more.pop("restated", {})
    return Situation(PUBLISHED, (), Digest(DAY, findings, behind, restated), **more)


def test_what_is_new_is_reported_once() -> None:
    situation = _published(FINDING)
    message, notified = news("revops", situation, Notified(), TEMPLATE)
    assert message and message.title == "pipegen as of 2026-05-20: 1 new finding"
    assert "https://crm.example/O1/view" in message.body
    assert "Enter the amount." in message.body
    assert news("revops", situation, notified, TEMPLATE) == (None, notified)


def test_a_message_has_the_first_ten_and_the_count() -> None:
    message, _ = news("revops", _published(*_findings(25)), Notified(), TEMPLATE)
    assert message
    assert message.body.count("https://crm.example/") == alerts.TOP
    assert "25 new, 25 open in all." in message.body


def test_of_many_rules_each_is_among_the_first_ten() -> None:
    many = _findings(30) + _findings(1, rule="re_dated", title="Created date was moved")
    grave = _findings(1, rule="row_count_dropped", title="Table shrank", severity="block")
    message, _ = news("revops", _published(*many, *grave), Notified(), "")
    assert message
    first = message.body.partition("The first 10:\n")[2].splitlines()
    assert first[0].startswith("- Table shrank")
    assert any(line.startswith("- Created date was moved") for line in first)


@pytest.mark.parametrize("audience", ["revops", "team:sales"])
def test_what_goes_to_many_holds_no_value_that_somebody_typed(audience: str) -> None:
    """A detail or a name may hold anything, such as a person."""
    message, _ = news(audience, _published(FINDING), Notified(), TEMPLATE)
    assert message
    assert "is empty" not in message.body and "Acme" not in message.body


def test_an_owner_reads_what_is_wrong_with_which_deal() -> None:
    one = dataclasses.replace(
        FINDING, amount=Decimal("9.5"), deal_amount=Decimal("12000"), currency="EUR"
    )
    message, _ = news("owner:U1", _published(one), Notified(), TEMPLATE)
    assert message
    assert "- Amount is missing: 1. Enter the amount." in message.body
    assert message.body.endswith(
        "\n- Acme Data Hub (12,000.00 EUR): Amount is missing: amount is empty "
        "https://crm.example/O1/view"
    )
    # Without a link, and where names are masked, the id says which deal it is.
    message, _ = news("owner:U1", _published(one), Notified())
    assert message and message.body.endswith("amount is empty (opportunity O1)")
    masked = dataclasses.replace(FINDING, deal_name=None)
    message, _ = news("owner:U1", _published(masked), Notified())
    assert message and "\n- opportunity O1 (no amount): Amount is missing" in message.body


def test_an_owner_reads_of_the_largest_amounts_first() -> None:
    amounts = [None, *map(Decimal, (-5, 30, 2, 400))]
    found = [
        dataclasses.replace(one, amount=amount, deal_name=f"deal of {amount}")
        for one, amount in zip(_findings(len(amounts)), amounts, strict=True)
    ]
    message, _ = news("owner:U1", _published(*found), Notified())
    assert message
    named = [line.split(" (")[0] for line in message.body.splitlines() if "- deal of" in line]
    assert named == [f"- deal of {amount}" for amount in (400, 30, 2, -5, None)]
    many = [
        dataclasses.replace(one, amount=Decimal(number)) for number, one in enumerate(_findings(25))
    ]
    message, _ = news("owner:U1", _published(*many), Notified(), TEMPLATE)
    assert message and "The 10 with the largest amounts:" in message.body
    shown = [f"O{number}/" in message.body for number in range(25)]
    assert shown == [number >= 15 for number in range(25)]


@pytest.mark.parametrize("team", ["revops", "marketing", "data"])
def test_an_owner_is_not_told_what_others_have_to_do(team: str) -> None:
    message, _ = news("owner:U1", _published(*_findings(2, owner_team=team)), Notified())
    assert message is None


def test_an_address_that_somebody_typed_is_in_no_message() -> None:
    one = dataclasses.replace(
        FINDING, detail="amount is <ann@example.com>", deal_name="Call bob.b@example.co.uk, soon"
    )
    message, _ = news("owner:U1", _published(one), Notified())
    assert message and "@" not in message.body
    assert "Call (an address) soon" in message.body


def test_the_deals_of_who_has_left_go_to_the_manager() -> None:
    of_both = _published(
        FINDING, dataclasses.replace(FINDING, record_id="O2", owner_id="U9", deal_name="Left one")
    )
    message, _ = news("owner:U1", of_both, Notified())
    assert message and "2 new" in message.body
    assert "- Left one (no amount, owner has left): Amount is missing" in message.body
    assert "- Acme Data Hub (no amount): Amount is missing" in message.body
    assert news("owner:U9", of_both, Notified())[0] is None


def test_without_a_manager_they_are_for_revops_to_pass_on() -> None:
    left = dataclasses.replace(FINDING, owner_id="U9", recipient_id=None)
    situation = _published(FINDING, left)
    message, notified = news("revops", situation, Notified())
    assert message
    passed = message.body.partition("1 of the new ones is for you to pass on")[2]
    assert "Acme Data Hub (no amount, owner has left): Amount is missing" in passed
    assert news("revops", situation, notified)[0] is None
    # A deal without any owner is a finding of its own, and nobody has left.
    nobodys = dataclasses.replace(FINDING, owner_id=None, recipient_id=None)
    message, _ = news("revops", _published(nobodys), Notified())
    assert message and "pass on" not in message.body


def test_only_what_is_new_since_then_is_reported() -> None:
    _, notified = news("revops", _published(*_findings(3)), Notified())
    message, _ = news("revops", _published(*_findings(4)), notified)
    assert message and message.title.endswith("1 new finding")
    assert "1 new, 4 open in all." in message.body
    assert "O3" in message.body and "O2" not in message.body


def test_a_finding_that_comes_back_is_new_again() -> None:
    both, one = _published(*_findings(2)), _published(*_findings(1))
    _, notified = news("revops", both, Notified())
    message, notified = news("revops", one, notified)
    assert message is None
    message, _ = news("revops", both, notified)
    assert message and "1 new" in message.title


def test_a_short_message_says_when_all_findings_are_closed() -> None:
    _, notified = news("team:sales", _published(FINDING), Notified())
    message, notified = news("team:sales", _published(), notified)
    assert message and message.title.endswith("all findings are closed")
    assert len(message.body) < 100
    assert news("team:sales", _published(), notified) == (None, notified)


def test_an_owner_whose_last_finding_is_somebody_elses_now_reads_nothing_untrue() -> None:
    _, notified = news("owner:U1", _published(FINDING), Notified())
    handed_on = dataclasses.replace(FINDING, owner_id="U2", recipient_id="U2")
    message, notified = news("owner:U1", _published(handed_on), notified)
    assert message and message.body == "Nothing is left to do."
    assert news("owner:U1", _published(handed_on), notified) == (None, notified)


@pytest.mark.parametrize("status", [FAILED, BLOCKED])
@pytest.mark.parametrize("audience", ["ops", "revops"])
def test_a_run_that_was_not_published_is_reported_once_and_its_recovery_once(
    audience: str, status: str
) -> None:
    trouble = Situation(status, ("history_stale: 3.1 days behind",))
    message, notified = news(audience, trouble, Notified())
    assert message and "3.1 days behind" in message.body
    assert news(audience, trouble, notified) == (None, notified)
    another, _ = news(audience, Situation(status, ("another reason",)), notified)
    assert another
    message, notified = news(audience, _published(), notified)
    assert message and "works again" in message.title
    assert news(audience, _published(), notified) == (None, notified)


def test_a_failed_run_does_not_reset_what_was_reported() -> None:
    _, notified = news("revops", _published(FINDING), Notified())
    _, notified = news("revops", Situation(FAILED, ("no disk",)), notified)
    message, _ = news("revops", _published(FINDING), notified)
    assert message and "new finding" not in message.title


@pytest.mark.parametrize(
    ("audience", "is_told"),
    [("ops", False), ("revops", True), ("team:sales", True), ("team:data", False),
     ("owner:U1", True), ("owner:U2", False)],
)  # fmt: skip
def test_everyone_is_notified_about_what_is_theirs(audience: str, is_told: bool) -> None:
    message, _ = news(audience, _published(FINDING), Notified())
    assert bool(message) is is_told


def test_findings_of_severity_info_send_no_message() -> None:
    assert news("revops", _published(*_findings(2, severity="info")), Notified())[0] is None


def test_a_source_newly_behind_and_a_number_restated_are_in_the_same_message() -> None:
    situation = _published(
        FINDING, behind={"sdr": 0.32}, restated={"k1": "net_new as of 2026-05-19: 5 is now 6"}
    )
    message, notified = news("revops", situation, Notified())
    assert message
    assert message.title.endswith("1 new finding, a source is behind, a number was restated")
    assert "sdr is 32% behind" in message.body and "5 is now 6" in message.body
    assert news("revops", situation, notified)[0] is None
    worse = _published(FINDING, behind={"sdr": 0.4, "partner": 0.2})
    message, notified = news("revops", worse, notified)
    assert message and "partner" in message.body and "sdr" not in message.body
    message, _ = news("revops", _published(FINDING), notified)
    assert message and "on pace again" in message.title


def test_a_run_as_of_an_earlier_day_reports_no_findings() -> None:
    _, notified = news("revops", _published(FINDING), Notified())
    back = _published(*_findings(9), behind={"sdr": 0.5}, is_look_back=True)
    assert news("revops", back, notified) == (None, notified)
    assert alerts.look_back(dt.date(2026, 5, 19), "2026-05-20")
    assert not alerts.look_back(DAY, "2026-05-20")
    assert not alerts.look_back(DAY, "")


def test_what_was_reported_survives_a_state_file() -> None:
    notified = Notified(FAILED, ("why",), frozenset({"a"}), frozenset({"sdr"}), frozenset({"k"}))
    assert Notified.of_json(notified.as_json()) == notified


def test_a_link_can_not_be_led_astray_by_an_id() -> None:
    one = dataclasses.replace(FINDING, record_id="../x?y#z <b>")
    message, _ = news("revops", _published(one), Notified(), TEMPLATE)
    assert message and "https://crm.example/..%2Fx%3Fy%23z%20%3Cb%3E/view" in message.body
