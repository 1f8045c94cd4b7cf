"""The packet's page, as a person's browser shows it: offline, in both schemes, on a laptop and a
phone, on paper, to a screen reader."""

import csv
import io
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from pipegen.review import words
from pipegen.review.sections.health import COVERAGE_STATUSES
from tests.support import hostile
from tests.support.browser import SCHEMES, WIDTHS, Shown, opened, page_of, written
from tests.support.running import Warehouse

MEGABYTE = 1024 * 1024

# Every picture that the demo company's packet must have: it has data for all of them.
PICTURES = {
    "quarters", "views", "bridge-marketing", "bridge-sales", "bridge-expansion", "bridge-forecast",
    "net-new", "coverage", "coverage-then", "risk", "movement", "stages", "sources",
    "close-quarters", "cohorts", "owners", "reasons", "quarter-movement", "stage-conversion",
    "velocity", "pacing", "acceptance-channel", "acceptance-segment", "rejections", "influence",
    "attribution", "zero-touch", "held", "response", "to-sql-channel", "to-sql-segment",
    "engagement", "signals", "returns", "programs", "speed", "plan", "hygiene", "runs",
}  # fmt: skip

QUARTER = "(select fiscal_quarter from core.dim_dates where date_day = " \
    "(select max(as_of_date) from marts.double_counting))"  # fmt: skip
FIRST_DAY = QUARTER.replace("fiscal_quarter", "quarter_start_date", 1)
AS_OF = "(select max(as_of_date) from marts.double_counting)"

# Accounts and owners by name; nothing is masked in these companies.
OWNED = (
    "select m.*, a.account_name, coalesce(u.user_name, m.owner_id) as owner_name from {mart} m "
    "left join core.dim_accounts a on a.account_id = m.account_id "
    "left join core.dim_users u on u.user_id = m.owner_id"
)

# What each table must hold: read from the marts again, by other queries than the page's.
EXPECTED = {
    "quarters": "from marts.review_quarters",
    "required": "from marts.review_quarters",
    "double-counting": "from marts.double_counting",
    **{
        f"bridge-{view}": f"from marts.pipeline_bridge where view = '{view}'"
        for view in ("marketing", "sales", "expansion", "forecast")
    },
    "net-new": f"from marts.net_new_audit where period = {QUARTER}",
    "coverage": "from marts.pipeline_coverage",
    "coverage-basis": "from marts.pipeline_coverage",
    "stages": (
        f"from marts.stage_distribution_history where snapshot_date in ({AS_OF}, {AS_OF} - 14)"
    ),
    "stage-conversion": "from marts.stage_conversion",
    "movement": f"from marts.review_movements where from_date = {AS_OF} - 14",
    "quarter-movement": (
        f"from marts.pipeline_movements where scope = {QUARTER} and to_date = {AS_OF} "
        f"and from_date = {FIRST_DAY} - 1"
    ),
    "velocity": "from marts.source_velocity",
    "risk": (
        "select r.*, a.account_name, d.opportunity_name, "
        "coalesce(u.user_name, r.owner_id) as owner_name from marts.deals_at_risk r "
        "left join core.dim_opportunities d on d.opportunity_id = r.opportunity_id "
        "left join core.dim_accounts a on a.account_id = d.account_id "
        "left join core.dim_users u on u.user_id = r.owner_id"
    ),
    "pacing": f"from marts.mql_pacing where fiscal_quarter = {QUARTER}",
    **{
        f"acceptance-{dimension}": (
            f"from marts.lead_acceptance where dimension = '{dimension}' "
            "qualify dense_rank() over (order by quarter_start_date desc) <= 5"
        )
        for dimension in ("channel", "segment")
    },
    "rejections": (
        f"from marts.mql_dispositions where fiscal_quarter = {QUARTER} and reason <> 'all' "
        "and rejected > 0"
    ),
    "influence": "from marts.marketing_influence",
    "attribution": (
        "pivot (select channel, model, amount from marts.attributed_pipeline) "
        "on model in ('first_touch', 'last_touch', 'linear', 'position_based', 'u_shaped', "
        "'w_shaped', 'full_path', 'time_decay') using coalesce(sum(amount), 0.00::decimal(18, 2))"
    ),
    "zero-touch": (
        "select z.*, d.opportunity_name from marts.zero_touch_deals z "
        "left join core.dim_opportunities d on d.opportunity_id = z.opportunity_id"
    ),
    "zero-touch-share": "from marts.zero_touch_share",
    "held": OWNED.format(mart="marts.held_mqls"),
    "signals": (
        f"select named.*, d.opportunity_name from ({OWNED.format(mart='marts.crm_signals')}) named "
        "left join core.dim_opportunities d on d.opportunity_id = named.opportunity_id"
    ),
    "returns": "from marts.campaign_returns where model = 'linear' and campaign_id <> 'none'",
    "response": f"from marts.mql_response where fiscal_quarter = {QUARTER}",
    **{
        f"to-sql-{dimension}": (
            f"from marts.lead_acceptance where dimension = '{dimension}' "
            "qualify dense_rank() over (order by quarter_start_date desc) <= 5"
        )
        for dimension in ("channel", "segment")
    },
    "engagement": OWNED.format(mart="marts.account_engagement"),
    "programs": "from marts.program_outlook",
    "speed": "from marts.closing_speed",
    "actions": (
        "select a.*, agreed.owner from marts.review_actions a "
        "left join core.fct_review_actions agreed using (action_id)"
    ),
    "proposals": (
        "select p.*, owners.owner from marts.review_proposals p "
        "left join core.dim_source_owners owners on owners.pipeline_source = p.owner_team"
    ),
    "sources": (
        "from marts.source_scorecard where week_start = "
        "(select max(week_start) from marts.source_scorecard)"
    ),
    "concentration": "from marts.source_concentration",
    "close-quarters": f"from marts.created_by_close_quarter where fiscal_quarter = {QUARTER}",
    "cohorts": "from marts.source_conversion",
    "owners": (
        "select s.*, coalesce(u.user_name, s.owner_id) as owner_name from marts.rep_scorecard s "
        "left join core.dim_users u on u.user_id = s.owner_id "
        f"where week_start = date_trunc('week', {AS_OF}) and fiscal_quarter = {QUARTER}"
    ),
    "reasons": (
        "select outcome, reason, motion, sum(opportunity_count) as opportunity_count, "
        f"sum(amount) as amount from marts.win_loss_reasons where fiscal_quarter = {QUARTER} "
        "group by all"
    ),
    "coverage-then": "from marts.coverage_history",
    "plan": "from marts.plan_credibility",
    "plan-teams": "from marts.plan_teams",
    "benchmarks": "from marts.benchmark_scorecard",
    "four-fields": (
        "select field, open_count, finding_count, "
        "case when open_count > 0 then 1 - finding_count / open_count end as pass_rate from ("
        "select field, sum(open_count) as open_count, sum(finding_count) as finding_count "
        "from marts.field_hygiene "
        "where week_start = (select max(week_start) from marts.field_hygiene) group by field)"
    ),
    "criteria": (
        "select failing_criterion, count(*) as deals, sum(coalesce(amount, 0)) as amount "
        "from marts.pipeline_views where failing_criterion is not null group by all"
    ),
    "findings": (
        "select rule, coalesce(u.user_name, f.owner_id) as owner_name, team, "
        "count(*) as finding_count, min(first_seen) as first_seen "
        "from marts.hygiene_findings f left join core.dim_users u on u.user_id = f.owner_id "
        "where is_open group by rule, f.owner_id, u.user_name, team"
    ),
    "restated": "from marts.restatements",
    "reported": "from marts.reported_numbers",
    "read": "from audit.load_audit",
    "runs": "from audit.runs",
}

# Words that the page itself makes from a row: no mart has them.
IN_WORDS = {
    "actions": {"state"},
    "proposals": {"named_proposal", "shown_value", "shown_reference", "shown_gap"},
}


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_opens_offline_without_a_complaint(
    browser: Browser, page: Path, width: int, scheme: str
) -> None:
    with opened(browser, page, width, scheme) as shown:
        shown.open_all()
        assert shown.complaints == []
        assert shown.page.evaluate("document.documentElement.scrollWidth") <= width
        assert shown.page.locator("h1").inner_text().strip()
        ids = shown.page.eval_on_selector_all("[id]", "all => all.map((one) => one.id)")
        assert len(ids) == len(set(ids)), "an id stands for two things"
        drawn = shown.page.evaluate(
            """() => [...document.querySelectorAll("figure.picture")].map((figure) => {
                const seen = [...figure.querySelectorAll("svg")]
                    .filter((svg) => svg.getBoundingClientRect().width > 0);
                return [figure.closest("article").id.slice(8), seen.length, seen[0].getBBox().width,
                    seen[0].querySelectorAll("path[fill^='var']").length,
                    getComputedStyle(seen[0].querySelector("text")).fill];
            })"""
        )
        for name, pictures, breadth, bars, _ in drawn:
            assert (pictures, breadth > 100, bars > 0) == (1, True, True), name
        # Letters are dark on light and light on dark, in the drawings too.
        ink = {"light": "rgb(27, 36, 49)", "dark": "rgb(232, 237, 243)"}[scheme]
        assert {letters for *_, letters in drawn} <= {ink, _muted(scheme)}


def test_every_picture_of_the_demo_is_drawn(browser: Browser, demo_warehouse: Warehouse) -> None:
    with opened(browser, page_of(demo_warehouse)) as shown:
        found = shown.page.eval_on_selector_all(
            "figure.picture", "all => all.map((one) => one.closest('article').id.slice(8))"
        )
        assert set(found) == PICTURES
        # Every picture has its table, and a text that says what it shows for those who can't see
        # it.
        for id_ in found:
            article = shown.page.locator(f"article#exhibit-{id_}")
            assert article.locator("table[id]").count() >= 1, id_
            for told in article.locator("svg desc").all_text_contents():
                assert len(told) > 10, id_


def test_every_table_holds_what_the_marts_hold(
    browser: Browser, page: Path, company: Warehouse
) -> None:
    with opened(browser, page) as shown:
        tables = shown.tables()
    assert tables
    assert set(tables) <= set(EXPECTED)
    for id_, found in tables.items():
        skipped = IN_WORDS.get(id_, set())
        names = [name for name in found["names"] if name not in skipped]
        expected = sorted(
            tuple(written(value) for value in row)
            for row in company.rows(f"select {', '.join(names)} from ({EXPECTED[id_]})")
        )
        rows = sorted(
            tuple(
                value
                for name, value in zip(found["names"], row, strict=True)
                if name not in skipped
            )
            for row in found["rows"]
        )
        if len(expected) > 300:
            assert len(rows) == 300, id_
            assert not set(rows) - set(expected), id_
        else:
            assert rows == expected, id_


def test_no_number_but_the_forecast_view_is_called_a_forecast(
    browser: Browser, company: Warehouse
) -> None:
    with opened(browser, page_of(company)) as shown:
        said = shown.page.locator(
            "h1, .says, .lead, .label, .remark, .legend, summary, th, svg title, svg desc"
        ).all_text_contents()
    assert len(said) > 100
    assert [one for one in said if re.search(r"forecast(?! view|\s*\d)", one)] == []


def test_renewals_stand_beside_what_quotas_are_for(
    browser: Browser, demo_warehouse: Warehouse
) -> None:
    [(won, is_open, other)] = demo_warehouse.rows(
        "select sum(amount) filter (motion = 'renewal'), (select sum(pipeline_amount) "
        "from marts.reconciled_pipeline join core.dim_dates on date_day = close_date "
        f"where motion = 'renewal' and fiscal_quarter = {QUARTER}), "
        "sum(amount) filter (motion <> 'renewal') "
        "from core.fct_opportunities deals join core.dim_dates on date_day = close_day "
        f"where stage_group = 'won' and fiscal_quarter = {QUARTER} and not is_excluded "
        "and (verdict <> 'duplicate' or not exists (select 1 from core.fct_opportunities o "
        "where o.opportunity_id = deals.verdict_evidence and o.stage_group = 'won'))"
    )
    with opened(browser, page_of(demo_warehouse)) as shown:
        tiles = shown.page.locator("#exhibit-quarters .tile").all_inner_texts()
        found = {text.split("\n")[0]: text.split("\n")[1:] for text in tiles}
    assert min(won, is_open, other) > 100_000
    assert found["Renewals, beside it"] == [
        words.short(won), f"won; {words.short(is_open)} open"
    ]  # fmt: skip
    assert found[next(label for label in found if label.startswith("Won in "))][0] == words.short(
        other
    )


def test_coverage_shows_what_is_due_beside_what_is_open(
    browser: Browser, demo_warehouse: Warehouse
) -> None:
    cells = demo_warehouse.rows(
        "select segment, sum(open_amount), sum(due), sum(required), sum(gap) = 0, "
        "sum(behind_by) > 0 from marts.pipeline_coverage "
        f"where not is_total and quota is not null and fiscal_quarter = {QUARTER} group by segment"
    )
    with opened(browser, page_of(demo_warehouse)) as shown:
        told = shown.page.locator("#exhibit-coverage .wide svg desc").text_content() or ""
        says = shown.page.locator("#exhibit-coverage .says").inner_text()
    assert len(cells) > 2
    for segment, is_open, due, required, _, _ in cells:
        label = f"{words.name(segment)}, Q2: "
        assert f"{label}{words.short(is_open)} open" in told
        assert f"{label}{words.short(due)} of {words.short(required)} due" in told
    statuses = demo_warehouse.rows(
        "select status, count(*) from marts.pipeline_coverage "
        "where not is_total and quota is not null group by status"
    )
    for status, count in statuses:
        assert f"{count} {COVERAGE_STATUSES[status][count != 1]}" in says, status


def test_the_first_tables_fit_a_laptop(browser: Browser, demo_warehouse: Warehouse) -> None:
    with opened(browser, page_of(demo_warehouse), 1280) as shown:
        cut = shown.page.eval_on_selector_all(
            ".exhibit.whole .scroll",
            "all => all.filter((one) => one.scrollWidth > one.clientWidth)"
            ".map((one) => one.querySelector('table').id)",
        )
        assert shown.page.locator(".exhibit.whole .scroll").count() >= 4
    assert cut == []


def test_on_a_phone_the_open_tables_need_no_scrolling(
    browser: Browser, demo_warehouse: Warehouse
) -> None:
    with opened(browser, page_of(demo_warehouse), 390) as shown:
        found = shown.page.evaluate(
            "[...document.querySelectorAll('.stacked table')].map((one) => [one.id, "
            "one.scrollWidth <= one.parentNode.clientWidth, "
            "[...one.tHead.rows[0].cells].map((head) => head.textContent), "
            "[...one.tBodies[0].rows[0].cells].map((cell) => "
            "getComputedStyle(cell, '::before').content.slice(1, -1))])"
        )
    assert {id_ for id_, *_ in found} == {"quarters", "required", "actions", "proposals"}
    for id_, fits, heads, labels in found:
        assert fits, id_
        assert labels == heads, id_


def test_the_meeting_sees_what_matters_and_the_rest_is_folded(
    browser: Browser, demo_warehouse: Warehouse
) -> None:
    with opened(browser, page_of(demo_warehouse)) as shown:
        seen = shown.page.evaluate(
            "[...document.querySelectorAll('figure.picture')]"
            ".filter((one) => !one.closest('details') || one.closest('details').open)"
            ".map((one) => one.closest('article').id.slice(8))"
        )
        said = shown.page.locator("article.exhibit .says:visible").count()
        everything = shown.page.locator("article.exhibit").count()
    assert set(seen) == {
        "quarters", "views", "net-new", "coverage", "risk", "movement", "stages", "sources",
        "close-quarters", "pacing", "acceptance-channel", "held", "response", "influence",
        "programs",
    }  # fmt: skip
    assert said == everything


def test_amounts_are_shown_to_the_cent(browser: Browser, demo_warehouse: Warehouse) -> None:
    seen = 0
    with opened(browser, page_of(demo_warehouse)) as shown:
        for found in shown.tables().values():
            for values, cells in zip(found["rows"], found["shown"], strict=True):
                for kind, value, cell in zip(found["kinds"], values, cells, strict=True):
                    if kind == "money" and value:
                        number = cell.replace(",", "").replace("\u2212", "-")
                        assert (Decimal(number), number[-3]) == (Decimal(value), "."), found["id"]
                        seen += 1
    assert seen > 500


CLICKED_TWICE = """
([id, place]) => {
  const table = document.getElementById(id);
  const head = table.tHead.rows[0].cells[place];
  head.querySelector("button").click();
  head.querySelector("button").click();
  return [head.getAttribute("aria-sort"), [...table.tBodies[0].rows].map((row) => {
    const cell = row.cells[place];
    return cell.dataset.v === undefined ? cell.textContent : cell.dataset.v;
  })];
}
"""


def test_every_column_of_every_table_sorts_both_ways(
    browser: Browser, demo_warehouse: Warehouse
) -> None:
    with opened(browser, page_of(demo_warehouse)) as shown:
        shown.open_all()
        for id_, before in shown.tables().items():
            for place, kind in enumerate(before["kinds"]):
                order, values = shown.page.evaluate(CLICKED_TWICE, [id_, place])
                given = [value for value in values if value]
                assert values == given + [""] * (len(values) - len(given)), (id_, place)
                assert sorted(values) == sorted(row[place] for row in before["rows"]), id_
                if kind in ("money", "count", "number", "share", "days"):
                    assert order == "ascending"
                    assert [Decimal(v) for v in given] == sorted(Decimal(v) for v in given), id_
                elif kind in ("day", "moment"):
                    assert order == "descending"
                    assert given == sorted(given, reverse=True), id_
                else:
                    assert shown.page.evaluate(
                        "all => all.every((one, place) => !place || "
                        "all[place - 1].localeCompare(one, undefined, {numeric: true}) >= 0)",
                        given,
                    ), (id_, place)
            # The rows stay whole, whatever they were sorted by.
            assert sorted(shown.table(id_)["rows"]) == sorted(before["rows"]), id_
        assert shown.complaints == []


def test_a_table_is_sorted_by_the_keyboard_alone(
    browser: Browser, demo_warehouse: Warehouse
) -> None:
    with opened(browser, page_of(demo_warehouse)) as shown:
        head = shown.page.locator("table#quarters th >> nth=1")
        shown.page.locator("table#quarters th >> nth=0").locator("button").focus()
        shown.page.keyboard.press("Tab")
        shown.page.keyboard.press("Enter")
        assert head.get_attribute("aria-sort") == "descending"
        assert shown.page.locator("#status").text_content() == "Sorted by Quota, descending"


# Each width and each scheme once: what axe finds is about one of them, never about both.
@pytest.mark.parametrize(("width", "scheme"), list(zip(WIDTHS, SCHEMES, strict=True)))
def test_axe_finds_nothing_serious(browser: Browser, page: Path, width: int, scheme: str) -> None:
    with opened(browser, page, width, scheme) as shown:
        shown.open_all()
        assert _serious(shown) == []


def test_axe_would_find_something(browser: Browser, tmp_path: Path) -> None:
    bad = tmp_path / "bad.html"
    bad.write_text(
        "<!doctype html><html><body><img src='data:,'><table><tbody><tr><td>Won</td></tr>"
        "<tr><td>Lost</td></tr><tr><td style='color: #eee'>Open</td></tr></tbody></table>"
        "</body></html>"
    )
    with opened(browser, bad) as shown:
        assert {one.partition(":")[0] for one in _serious(shown)} >= {"image-alt", CONTRAST}


CONTRAST = "color-contrast"


def _serious(shown: Shown) -> list[str]:
    """What axe finds. Contrast takes it longer than all else together, so of what looks alike it
    measures one."""
    found = []
    for options in (
        {"rules": {CONTRAST: {"enabled": False}}},
        {"runOnly": {"type": "rule", "values": [CONTRAST]}},
    ):
        asked = options | {"resultTypes": ["violations"]}
        found += Axe().run(shown.page, options=asked).response["violations"]
        shown.keep_what_looks_different()
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:160]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


def test_the_page_prints(browser: Browser, page: Path, tmp_path: Path) -> None:
    with opened(browser, page, scheme="dark") as shown:
        printed = shown.page.pdf(path=tmp_path / "review.pdf", format="A4")
        # Paper is white, whatever the screen was.
        shown.page.emulate_media(media="print")
        ink = shown.page.evaluate("getComputedStyle(document.body).color")
        clipped = shown.page.evaluate(
            "[...document.querySelectorAll('details[open] .scroll')]"
            ".filter((one) => getComputedStyle(one).overflow !== 'visible').length"
        )
        # A heading at the foot of a page would stand apart from what it heads. Breaks are avoided
        # between blocks alone.
        parts = shown.page.evaluate(
            "[...document.querySelectorAll('.part + .part')].map((one) => "
            "getComputedStyle(one).breakBefore)"
        )
        kept = shown.page.evaluate(
            "[...document.querySelectorAll('h3, h4, .table-head, .says, .lead, .legend')]"
            ".map((one) => getComputedStyle(one).breakAfter)"
        )
        laid = shown.page.evaluate(
            "[...document.querySelectorAll('.exhibits')]"
            ".map((one) => getComputedStyle(one).display)"
        )
    assert set(parts) == {"page"}
    assert set(kept) == {"avoid"}
    assert set(laid) == {"block"}
    assert printed.startswith(b"%PDF-")
    assert 3 <= len(re.findall(rb"/Type\s*/Page\b", printed)) <= 40
    assert (ink, clipped) == ("rgb(27, 36, 49)", 0)


def test_the_page_is_small_enough_to_mail_and_asks_for_nothing(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert page.stat().st_size < 5 * MEGABYTE
    # A quote that somebody typed is escaped, so that these are the page's own.
    assert re.findall(r'(?:src|href)="(?!#|data:,"|#)[^"]*"', text) == []
    assert "default-src 'none'" in text
    assert "script-src 'sha256-" in text


def test_every_word_and_column_is_explained_one_click_away(
    browser: Browser, demo_warehouse: Warehouse
) -> None:
    with opened(browser, page_of(demo_warehouse)) as shown:
        broken = shown.page.evaluate(
            "[...document.querySelectorAll('a[href^=\"#\"]')].map((a) => a.hash.slice(1))"
            ".filter((id) => !document.getElementById(id))"
        )
        assert broken == []
        for article in shown.page.locator("article.exhibit").all():
            assert article.locator(".terms a").count() >= 1, article.get_attribute("id")
        for id_, found in shown.tables().items():
            words = shown.page.locator(f"#table-{id_} .meanings dd").all_text_contents()
            assert len(words) == len(found["names"]), id_
            assert all(len(word) > 4 for word in words), id_


def test_sections_without_data_say_so(browser: Browser, empty_warehouse: Warehouse) -> None:
    with opened(browser, page_of(empty_warehouse)) as shown:
        said = shown.page.locator("article.exhibit .says").all_text_contents()
        assert shown.page.locator("article.exhibit").count() == len(said) > 20
        assert all(sentence.strip().endswith(".") for sentence in said)
        assert "No open deal is at risk." in said
        assert "Nothing that was reported has been restated." in said


def test_what_people_typed_is_text(browser: Browser, hostile_warehouse: Warehouse) -> None:
    for scheme, width in zip(SCHEMES, WIDTHS, strict=True):
        with opened(browser, page_of(hostile_warehouse), width, scheme) as shown:
            shown.open_all()
            shown.page.wait_for_timeout(200)
            assert shown.page.evaluate("window.ran") is None
            assert shown.page.locator("script").count() == 1
            assert shown.page.locator("img").count() == 0
            assert shown.page.evaluate(
                "[...document.querySelectorAll('*')].flatMap((one) => [...one.attributes])"
                ".filter((one) => one.name.startsWith('on')).length"
            ) == 0  # fmt: skip
            assert shown.complaints == []
            tables = shown.tables()
            for id_, column in (
                ("risk", "account_name"), ("programs", "program_name"), ("actions", "action")
            ):  # fmt: skip
                place = tables[id_]["names"].index(column)
                names = {row[place].strip() for row in tables[id_]["rows"]}
                assert {name.strip() for name in hostile.NAMES} <= names, id_
            # Text from right to left, or a mark that turns what follows, ends with its cell.
            isolated = shown.page.evaluate(
                "[...document.querySelectorAll('table#risk bdi')]"
                ".every((one) => getComputedStyle(one).unicodeBidi === 'isolate')"
            )
            assert isolated
            assert shown.page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_download_is_the_table_and_safe_in_a_spreadsheet(
    browser: Browser, company: Warehouse
) -> None:
    page = page_of(company)
    with opened(browser, page) as shown:
        tables = shown.tables()
    # A browser delays the tenth download that one page starts within seconds.
    listed = list(tables.items())
    for some in (listed[start : start + 8] for start in range(0, len(listed), 8)):
        with opened(browser, page, accept_downloads=True) as shown:
            shown.open_all()
            for id_, found in some:
                with shown.page.expect_download() as download:
                    shown.page.locator(f"button.csv[data-for='{id_}']").click()
                assert download.value.suggested_filename == f"{id_}.csv"
                _check_download(download.value.path().read_bytes(), found)


def _check_download(data: bytes, found: dict[str, Any]) -> None:
    assert data.startswith(b"\xef\xbb\xbf"), "a spreadsheet would guess at the letters"
    head, *rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    assert head == found["names"]
    assert len(rows) == len(found["rows"])
    for row, expected in zip(rows, found["rows"], strict=True):
        for kind, value, plain in zip(found["kinds"], row, expected, strict=True):
            if kind in ("money", "count", "number", "share", "days"):
                assert value == plain
                assert not plain or Decimal(plain).is_finite()
            else:
                assert value.removeprefix("'") == plain
                assert not re.match(r"\s*[=+\-@]", value), value


def test_a_formula_would_be_guarded(browser: Browser, hostile_warehouse: Warehouse) -> None:
    with opened(browser, page_of(hostile_warehouse), accept_downloads=True) as shown:
        shown.open_all()
        with shown.page.expect_download() as download:
            shown.page.locator("button.csv[data-for='risk']").click()
        text = download.value.path().read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    names = {row["account_name"] for row in rows}
    assert {"'" + formula for formula in hostile.FORMULAS} <= names
    assert hostile.EMOJI in names


def _muted(scheme: str) -> str:
    return {"light": "rgb(90, 102, 117)", "dark": "rgb(167, 179, 193)"}[scheme]
