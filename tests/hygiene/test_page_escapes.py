"""The page and its CSV against what a CRM may hold."""

import datetime as dt
from collections import Counter
from types import SimpleNamespace

from publishing import findings_page
from publishing.digest import Finding
from publishing.record_link import record_link

NASTY = "<img src=x onerror=alert(1)>\"'&"
DAY = dt.date(2026, 5, 20)


def _data(finding: Finding) -> SimpleNamespace:
    data = SimpleNamespace(
        as_of=DAY, open=[finding], closed=Counter(), users={NASTY: (NASTY, NASTY)}, weeks=[],
        owner_rates=[], trend=[], stages=[(NASTY, NASTY, NASTY, NASTY, None)],
    )  # fmt: skip
    data.owner = lambda owner: findings_page._Data.owner(data, owner)
    return data


def test_nothing_of_the_crm_becomes_markup() -> None:
    finding = Finding(
        NASTY, NASTY, NASTY, NASTY, NASTY, DAY, DAY, True, "warn", NASTY, NASTY, NASTY, NASTY
    )
    page = findings_page.page_of(_data(finding), "https://crm.example/{record_id}")
    assert "<img" not in page
    assert page.count("&lt;img src=x onerror=alert(1)&gt;&quot;&#x27;&amp;") > 8


def test_nothing_of_the_crm_becomes_a_formula() -> None:
    for value in ("=1+1", "+1", "-1", "@x", "\t=1"):
        assert findings_page._cell(value) == "'" + value
    assert findings_page._cell("a=1") == "a=1"
    assert findings_page._cell(DAY) is DAY


def test_a_record_without_a_template_has_no_link() -> None:
    assert record_link("", "O1") == ""
    assert record_link("https://crm.example/{record_id}", "a b") == "https://crm.example/a%20b"
