"""The page and its CSV are safe, whatever a CRM holds."""

import datetime as dt
from collections import Counter
from decimal import Decimal

from pipegen.publishing import findings_page
from pipegen.publishing.digest import Finding
from pipegen.publishing.record_link import record_link

NASTY = "<img src=x onerror=alert(1)>\"'&"
DAY = dt.date(2026, 5, 20)


def _data(finding: Finding) -> findings_page.Data:
    data = findings_page.Data(
        as_of=DAY, closed=Counter(), users={NASTY: (NASTY, NASTY)}, weeks=[], owner_rates=[],
        owner_counts={NASTY: 1}, owners={NASTY: []}, trend=[], stage_row_count=1,
        stage_deal_count=1, stages=[(NASTY, NASTY, 1)],
        stage_owners=[(NASTY, 1)], stage_deals=[(NASTY, NASTY, NASTY, NASTY, None)],
    )  # fmt: skip
    data.add(finding)
    return data


def test_nothing_of_the_crm_becomes_markup() -> None:
    finding = Finding(
        NASTY, NASTY, NASTY, NASTY, NASTY, DAY, DAY, True, "warn", NASTY, NASTY, NASTY, NASTY,
        deal_name=NASTY, deal_amount=Decimal(1), currency=NASTY,
    )  # fmt: skip
    page = findings_page.page_of(_data(finding), "https://crm.example/{record_id}")
    assert "<img" not in page
    assert page.count("&lt;img src=x onerror=alert(1)&gt;&quot;&#x27;&amp;") > 12


def test_nothing_of_the_crm_becomes_a_formula() -> None:
    for value in ("=1+1", "+1", "-1", "@x", "\t=1"):
        assert findings_page._cell(value) == "'" + value
    assert findings_page._cell("a=1") == "a=1"
    assert findings_page._cell(DAY) is DAY


def test_a_record_without_a_template_has_no_link() -> None:
    assert record_link("", "O1") == ""
    assert record_link("https://crm.example/{record_id}", "a b") == "https://crm.example/a%20b"


def test_of_many_findings_the_newest_are_shown_and_all_are_counted() -> None:
    group = findings_page.Group(2)
    days = (DAY, DAY - dt.timedelta(days=1), DAY, DAY)
    for number, day in enumerate(days):
        finding = Finding(
            "opportunity", f"O{number}", "r", "d", None, day, day, True, "warn", "f", "t", "t", "r"
        )
        group.add(finding, day.toordinal(), is_new=day == DAY)
    assert [finding.record_id for finding in group.shown] == ["O0", "O2"]
    assert (group.count, group.new_count) == (4, 3)


def test_an_owner_has_all_rows_on_the_page_or_none() -> None:
    counts = {"few": 3, "most": 9, "some": 5, "other": 5}
    assert findings_page.fitting(counts, 100) == counts.keys()
    assert findings_page.fitting(counts, 13) == {"most", "few"}
    assert findings_page.fitting(counts, 8) == {"other", "few"}
    assert findings_page.fitting(counts, 2) == set()
