"""Every finding of the demo against what was spoilt: none is missed, no clean record blamed."""

import csv
import datetime as dt
import html
import re
from pathlib import Path

import pytest

from pipegen.alerts import delivery
from pipegen.alerts.messages import PUBLISHED, Situation
from pipegen.publishing import findings_page
from pipegen.publishing.digest import read_digest
from pipegen.publishing.findings_page import write_findings
from pipegen.settings import Settings
from tests.support.running import Warehouse

TEMPLATE = "https://crm.example/{record_id}"

# Rules that the truth decides: one finding for each record that was spoilt so, and no other.
DECIDED = (
    "amount_not_positive", "lifecycle_status_unused", "missing_amount", "missing_close_date",
    "missing_created_date", "missing_exchange_rate", "missing_source", "net_new_flag_wrong",
    "net_new_period_wrong", "no_history", "placeholder_amount", "probability_out_of_range",
    "re_dated", "source_changed", "unknown_stage", "unparsed_value",
)  # fmt: skip
# Rules about what a company does, not about what is wrong with a record.
OF_CONDUCT = {"no_recovery_plan"}
# Decided by the raw rows themselves, below.
BY_ROWS = {"open_deal_without_owner", "duplicate_deal", "reference_lost"}


@pytest.fixture(scope="module")
def closed_before(demo_warehouse: Warehouse) -> set[str]:
    """Deals that were closed before the quarter of as-of: of them nobody is asked anything."""
    return {
        deal
        for (deal,) in demo_warehouse.rows(
            "select opportunity_id from core.fct_opportunities where close_day < "
            "(select quarter_start_date from core.dim_dates "
            "where date_day = (select max(as_of_date) from marts.double_counting))"
        )
    }


@pytest.fixture(scope="module")
def spoilt(demo_warehouse: Warehouse, closed_before: set[str]) -> set[tuple[str, str, str]]:
    """What the demo spoilt, but of deals that were closed before the quarter."""
    return {
        (row["rule"], row["record_type"], row["record_id"])
        for row in _truth(demo_warehouse, "spoilt_records")
        if row["record_type"] != "opportunity" or row["record_id"] not in closed_before
    }


def _truth(demo_warehouse: Warehouse, table: str) -> list[dict[str, str]]:
    path = demo_warehouse.path.parent / "demo" / "truth" / f"{table}.csv"
    with path.open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


@pytest.fixture(scope="module")
def found(demo_warehouse: Warehouse) -> set[tuple[str, str, str]]:
    """The open findings; of excluded deals none, for the truth leaves them out."""
    return set(
        demo_warehouse.rows(
            "select rule, record_type, record_id from marts.hygiene_findings as findings "
            "where is_open and not exists (select 1 from core.fct_opportunities as deals "
            "where deals.opportunity_id = findings.record_id and deals.is_excluded)"
        )
    )


@pytest.mark.parametrize("rule", DECIDED)
def test_precision_and_recall_are_one(
    rule: str, spoilt: set[tuple[str, str, str]], found: set[tuple[str, str, str]]
) -> None:
    true = {one[1:] for one in spoilt if one[0] == rule}
    said = {one[1:] for one in found if one[0] == rule}
    assert true, "the demo has no such flaw: nothing is shown"
    recall, precision = len(true & said) / len(true), len(true & said) / max(len(said), 1)
    assert (precision, recall) == (1, 1), sorted(true ^ said)[:10]


def test_no_rule_finds_anything_that_nobody_spoilt(found: set[tuple[str, str, str]]) -> None:
    """The expectations' own rules included: the demo's tables are intact."""
    others = {one[0] for one in found} - set(DECIDED) - OF_CONDUCT - BY_ROWS
    assert not others


def test_open_deals_of_people_who_left_are_found_and_no_others(
    demo_warehouse: Warehouse, found: set[tuple[str, str, str]]
) -> None:
    path = demo_warehouse.path.parent / "demo" / "raw" / "salesforce" / "user.csv"
    with path.open(newline="", encoding="utf-8") as handle:
        working = {row["id"] for row in csv.DictReader(handle) if row["is_active"] == "true"}
    expected = {
        deal
        for deal, owner in demo_warehouse.rows(
            "select opportunity_id, owner_id from core.fct_opportunities "
            "where stage_group = 'open' and not is_excluded"
        )
        if owner not in working
    }
    assert expected
    assert {one[2] for one in found if one[0] == "open_deal_without_owner"} == expected


def test_references_to_deals_that_were_set_aside_are_counted(demo_warehouse: Warehouse) -> None:
    """Of two rows with one key of which neither is newer, nobody can say which is the deal."""
    ambiguous = {
        deal
        for (deal,) in demo_warehouse.rows(
            "select record_key from audit.quarantined_rows where system = 'salesforce' "
            "and table_name = 'opportunity' and reason = 'ambiguous_key'"
        )
    }
    raw = demo_warehouse.path.parent / "demo" / "raw" / "salesforce" / "opportunity_history.csv"
    with raw.open(newline="", encoding="utf-8") as handle:
        referring = [row["opportunity_id"] for row in csv.DictReader(handle)]
    lost = sum(1 for deal in referring if deal in ambiguous)
    assert lost > 0
    [(detail,)] = demo_warehouse.rows(
        "select detail from marts.hygiene_findings where rule = 'reference_lost' "
        "and record_id = 'salesforce.opportunity_history.opportunity_id'"
    )
    assert detail.startswith(f"{lost:,} of ")


def test_of_deals_closed_before_the_quarter_no_finding_is_open(
    demo_warehouse: Warehouse, closed_before: set[str]
) -> None:
    listed = demo_warehouse.rows(
        "select record_id, is_open from marts.hygiene_findings where record_type = 'opportunity'"
    )
    assert {deal for deal, _ in listed} & closed_before
    assert not {deal for deal, is_open in listed if is_open} & closed_before


def test_deals_entered_twice_are_found_while_one_of_the_two_is_worked_on(
    demo_warehouse: Warehouse, found: set[tuple[str, str, str]]
) -> None:
    group = dict(
        demo_warehouse.rows("select opportunity_id, stage_group from core.fct_opportunities")
    )
    pairs = [
        (row["opportunity_id"], row["verdict_evidence"])
        for row in _truth(demo_warehouse, "opportunities")
        if row["verdict"] == "duplicate"
    ]
    expected = {
        later for later, first in pairs if group[later] == "open" and group[first] != "lost"
    } | {first for later, first in pairs if group[first] == "open" and group[later] == "won"}
    assert expected
    assert {one[2] for one in found if one[0] == "duplicate_deal"} == expected


def test_every_finding_says_who_acts_and_what_to_do(demo_warehouse: Warehouse) -> None:
    assert demo_warehouse.rows(
        "select rule from marts.hygiene_findings where severity is null or owner_team is null "
        "or remedy = '' or detail is null or title = rule"
    ) == []


def test_a_disagreement_about_net_new_shows_both_sides(demo_warehouse: Warehouse) -> None:
    details = dict(
        demo_warehouse.rows(
            "select rule, min(detail) from marts.hygiene_findings "
            "where rule like 'net_new%' group by rule"
        )
    )
    assert re.fullmatch(
        r"the CRM's recycled flag is not set; the verdict is recycled \(\w+( \w+)?\)",
        details["net_new_flag_wrong"],
    )
    assert re.fullmatch(
        r"created date \S+ claims it for FY\d{4}-Q\d; the verdict is net-new in FY\d{4}-Q\d",
        details["net_new_period_wrong"],
    )


def test_whoever_can_act_on_a_deal_is_told_of_it(demo_warehouse: Warehouse) -> None:
    """The owner, if they are still there; if not, their manager; and with the deal's own amount."""
    settings = Settings.of({}, home=str(demo_warehouse.path.parent))
    digest = read_digest(settings.warehouse, dt.date(2026, 5, 20))
    users = demo_warehouse.table("core.dim_users", "user_id")
    deals = demo_warehouse.table("core.fct_opportunities", "opportunity_id")

    def is_there(user: str | None) -> bool:
        return user in users and users[user]["is_active"]

    passed_on = 0
    for one in digest.findings:
        if one.owner_id is None:
            assert one.recipient_id is None and not one.has_left
            continue
        manager = users[one.owner_id]["manager_id"]
        expected = one.owner_id if is_there(one.owner_id) else manager
        assert one.recipient_id == (expected if is_there(expected) else None)
        passed_on += one.has_left and one.recipient_id is not None
        deal = deals[one.record_id]
        assert (one.amount, one.deal_amount, one.currency) == (
            deal["amount"], deal["deal_amount"], deal["currency"]
        )  # fmt: skip
        assert one.deal_name
    assert passed_on > 10
    told = delivery._owners(
        settings.warehouse, Situation(PUBLISHED, (), digest), delivery.State(settings.home)
    )
    assert all(users[owner]["is_active"] and email for owner, email in told.items())
    assert told.keys() == {
        one.recipient_id
        for one in digest.findings
        if one.owner_team == "sales" and one.severity != "info" and one.recipient_id
    }


def test_field_hygiene_has_every_week_field_and_owner(demo_warehouse: Warehouse) -> None:
    rows = demo_warehouse.rows(
        "select week_start, field, sum(open_count), sum(finding_count) from marts.field_hygiene "
        "group by all"
    )
    assert len(rows) == 13 * 4
    last = {field: (int(o), int(f)) for week, field, o, f in rows if str(week) == "2026-05-18"}
    [(open_count,)] = demo_warehouse.rows(
        "select count(*) from core.fct_opportunities "
        "where stage_group = 'open' and not is_excluded"
    )
    assert {count for count, _ in last.values()} == {open_count}
    assert demo_warehouse.rows(
        "select 1 from marts.field_hygiene "
        "where abs(pass_rate - (1 - finding_count / open_count)) > 1e-12"
    ) == []


@pytest.fixture(scope="module")
def page(demo_warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_findings(demo_warehouse.path, tmp_path_factory.mktemp("page"), TEMPLATE)


def test_the_run_wrote_its_page_and_the_data_docs(demo_warehouse: Warehouse) -> None:
    home = demo_warehouse.path.parent
    for name in ("findings/index.html", "findings/findings.csv", "findings/stage_entry.csv",
                 "expectations/landed/index.html", "expectations/built/index.html"):  # fmt: skip
        assert (home / name).stat().st_size > 100, name


def test_the_page_loads_nothing_and_stays_small(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert len(text) < 1_500_000
    assert not re.search(r"<script|<link|<img|@import|url\(|\bsrc=", text)
    addresses = set(re.findall(r'href="([^"#][^"]*)"', text))
    inside = {"findings.csv", "stage_entry.csv"}
    assert inside <= addresses
    assert all(one.startswith("https://crm.example/") for one in addresses - inside)


def test_the_csv_holds_every_open_finding(page: Path, demo_warehouse: Warehouse) -> None:
    with (page.parent / "findings.csv").open(newline="", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    expected = demo_warehouse.one("select count(*) from marts.hygiene_findings where is_open")
    assert len(rows) == expected > 100
    assert all(row["remedy"] and row["rule"] for row in rows)


def test_every_rule_and_owner_has_its_part_of_the_page(
    page: Path, demo_warehouse: Warehouse
) -> None:
    text = page.read_text(encoding="utf-8")
    for (rule,) in demo_warehouse.rows(
        "select distinct rule from marts.hygiene_findings where is_open"
    ):
        assert f"<code>{rule}</code>" in text
    links = set(re.findall(r'href="#([^"]+)"', text))
    ids = set(re.findall(r"\bid=([\w-]+)", text))
    assert len(links) > 30
    assert links <= ids, sorted(links - ids)[:5]


def _sections(text: str) -> dict[str, list[str]]:
    """The rows of each owner's part of the page, by the owner's name."""
    part = text.partition("<h2 id=owners>")[2].partition("<h2 id=stages>")[0]
    return {
        html.unescape(one.partition("</h3>")[0]): re.findall(r"<tr><td.*?</tr>", one)
        for one in part.split("<details><summary><h3>")[1:]
    }


def test_an_owner_finds_every_row_of_theirs_on_the_page(
    page: Path, demo_warehouse: Warehouse
) -> None:
    expected = demo_warehouse.rows(
        "select user_name, list(record_id order by record_id) from marts.hygiene_findings "
        "join core.dim_users on user_id = owner_id where is_open group by user_name"
    )
    assert max(len(ids) for _, ids in expected) > 30
    shown = {
        name: sorted(re.findall(r"<code>(.*?)</code>", " ".join(rows)))
        for name, rows in _sections(page.read_text("utf-8")).items()
    }
    assert shown == dict(expected)


def test_an_owner_reads_first_what_they_can_put_right_the_largest_amounts_first(
    page: Path, demo_warehouse: Warehouse
) -> None:
    amounts = dict(
        demo_warehouse.rows("select opportunity_id, amount from core.fct_opportunities")
    )
    names = dict(
        demo_warehouse.rows("select opportunity_id, opportunity_name from core.dim_opportunities")
    )
    for rows in _sections(page.read_text("utf-8")).values():
        ids = [re.findall(r"<code>(.*?)</code>", row)[0] for row in rows]
        is_own = [">sales<" in row for row in rows]
        assert is_own == sorted(is_own, reverse=True)
        for own in (True, False):
            found = [amounts[id_] for id_, is_ in zip(ids, is_own, strict=True) if is_ is own]
            known = [amount for amount in found if amount is not None]
            assert found == sorted(known, reverse=True) + [None] * (len(found) - len(known))
        assert all(html.escape(names[id_]) in row for id_, row in zip(ids, rows, strict=True))


def test_what_no_longer_fits_is_said_and_is_in_the_csv(
    demo_warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(findings_page, "ROWS_OF_OWNERS", 60)
    text = write_findings(demo_warehouse.path, tmp_path).read_text("utf-8")
    shown = _sections(text)
    assert 0 < sum(len(rows) for rows in shown.values()) <= 60
    assert "The findings of an owner without a link are in" in text
    links, ids = re.findall(r'href="#([^"]+)"', text), re.findall(r"\bid=([\w-]+)", text)
    assert set(links) <= set(ids)
