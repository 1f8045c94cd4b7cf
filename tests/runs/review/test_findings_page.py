"""The page of findings in a browser: on a screen, on a phone, on paper."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.support.browser import SCHEMES, WIDTHS, opened
from tests.support.running import Warehouse


@pytest.fixture
def findings(company: Warehouse) -> Path:
    """The page of findings that the company's run left."""
    return company.path.parent / "findings" / "index.html"


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_has_to_be_scrolled_sideways(
    browser: Browser, findings: Path, width: int, scheme: str
) -> None:
    with opened(browser, findings, width, scheme) as shown:
        shown.open_all()
        too_wide = shown.page.evaluate(
            "[document.documentElement, ...document.querySelectorAll('.scroll')]"
            ".filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.innerText)"
        )
        assert not too_wide, too_wide[0][:200]
        assert not shown.complaints


def test_on_a_phone_each_cell_says_what_it_is(browser: Browser, findings: Path) -> None:
    with opened(browser, findings, 390) as shown:
        shown.open_all()
        cells = shown.page.evaluate(
            "[...document.querySelectorAll('td')].map((cell) => [cell.dataset.label, "
            "cell.closest('table').tHead.rows[0].cells[cell.cellIndex].textContent, "
            "getComputedStyle(cell, '::before').content])"
        )
        for label, head, before in cells:
            assert label == head
            assert label in before


def test_on_paper_a_heading_stays_with_what_follows(browser: Browser, findings: Path) -> None:
    with opened(browser, findings) as shown:
        shown.open_all()
        shown.page.emulate_media(media="print")
        for chosen, rule in (
            ("h1, h2, summary, .do", "breakAfter"), ("tr, thead", "breakInside")
        ):  # fmt: skip
            found = shown.page.evaluate(
                "([chosen, rule]) => [...document.querySelectorAll(chosen)]"
                ".map((one) => getComputedStyle(one)[rule])",
                [chosen, rule],
            )
            assert set(found) <= {"avoid"}, (chosen, rule)
        # Columns under their heads, as on a screen.
        displays = shown.page.evaluate(
            "[...document.querySelectorAll('td')].map((cell) => getComputedStyle(cell).display)"
        )
        assert set(displays) <= {"table-cell"}
