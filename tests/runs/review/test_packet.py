"""The packet on disk: there after every publish, never rewritten, and no reason to unpublish."""

import datetime as dt
import html
import shutil
from pathlib import Path

import duckdb
import pytest

from pipegen.alerts.messages import PUBLISHED, Notified, Situation, news
from pipegen.company.settings import company_vars
from pipegen.errors import PipegenError
from pipegen.publishing.digest import read_digest
from pipegen.review import packet, page
from pipegen.review.published import open_published
from pipegen.review.sections.actions import proposals
from pipegen.settings import Settings
from tests.support.running import Warehouse, pipegen

AS_OF = dt.date(2026, 5, 20)
FILES = {"index.html", "summary.png", "summary.txt", "fingerprint"}


@pytest.fixture
def warehouse(empty_warehouse: Warehouse, tmp_path: Path) -> Path:
    copy = tmp_path / "warehouse.duckdb"
    shutil.copy2(empty_warehouse.path, copy)
    return copy


def _written(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.glob("2*/*"))
        if path.is_file()
    }


def _lines(warehouse: Path) -> list[str]:
    """The ten lines about a warehouse."""
    database = Settings.of({}, home=str(warehouse.parent)).warehouse
    return packet.compose(database, company_vars()).text.splitlines()


def _change(warehouse: Path) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("update marts.review_quarters set won_amount = won_amount + 1000000")


def test_a_warning_stands_above_the_numbers_and_in_the_message(empty_warehouse, tmp_path):
    """Whose owners and quotas these are has to be known by whoever reads only the packet."""
    words = "these seeds have <the demo's> rows"
    warned = packet.compose(empty_warehouse.path, company_vars(), warning=words)
    plain = packet.compose(empty_warehouse.path, company_vars())
    sentence = '<p class="warning">These seeds have &lt;the demo&#39;s&gt; rows.</p>'
    assert sentence in warned.page[: warned.page.index("<main")]
    assert 'class="warning"' not in plain.page
    assert warned.text.splitlines()[0].endswith(". These seeds have <the demo's> rows.")
    assert len(warned.text.splitlines()) == len(plain.text.splitlines())
    assert warned.fingerprint != plain.fingerprint


def test_a_run_leaves_the_packet_of_what_it_published(demo_warehouse: Warehouse) -> None:
    folder = demo_warehouse.path.parent / "review"
    assert {path.name for path in (folder / "latest").iterdir()} == FILES
    page = (folder / AS_OF.isoformat() / "index.html").read_text(encoding="utf-8")
    assert f"Joint pipeline review as of {AS_OF}" in page
    assert demo_warehouse.one("select max(as_of_date) from marts.double_counting") == AS_OF


def test_a_packet_is_never_rewritten(warehouse: Path, tmp_path: Path) -> None:
    folder = tmp_path / "review"
    first = packet.write_packet(warehouse, folder, company_vars())
    before = _written(folder)
    assert (first.is_new, first.folder.name) == (True, "2026-05-20")
    again = packet.write_packet(warehouse, folder, company_vars())
    assert (again.is_new, again.folder) == (False, first.folder)
    assert _written(folder) == before
    _change(warehouse)
    second = packet.write_packet(warehouse, folder, company_vars())
    assert (second.is_new, second.folder.name) == (True, "2026-05-20.2")
    after = _written(folder)
    assert {name: after[name] for name in before} == before
    assert after["2026-05-20.2/index.html"] != after["2026-05-20/index.html"]
    assert "review/2026-05-20.2/index.html" in (second.folder / "summary.txt").read_text()
    assert (folder / "latest").resolve() == second.folder.resolve()


def test_a_new_template_makes_a_new_packet(
    warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, templates = tmp_path / "review", tmp_path / "templates"
    first = packet.write_packet(warehouse, folder, company_vars())
    shutil.copytree(page.TEMPLATES, templates)
    monkeypatch.setattr(page, "TEMPLATES", templates)
    assert not packet.write_packet(warehouse, folder, company_vars()).is_new
    with (templates / "page.css").open("a", encoding="utf-8") as style:
        style.write("h3 { color: var(--muted); }\n")
    second = packet.write_packet(warehouse, folder, company_vars())
    assert (second.is_new, second.folder.name) == (True, f"{first.folder.name}.2")


def test_an_earlier_day_does_not_become_the_latest(warehouse: Path, tmp_path: Path) -> None:
    folder = tmp_path / "review"
    packet.write_packet(warehouse, folder, company_vars())
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("update marts.double_counting set as_of_date = date '2026-03-01'")
    earlier = packet.write_packet(warehouse, folder, company_vars())
    assert earlier.folder.name == "2026-03-01"
    assert (folder / "latest").resolve().name == "2026-05-20"


def test_what_a_killed_run_left_is_no_packet(warehouse: Path, tmp_path: Path) -> None:
    folder = tmp_path / "review"
    (folder / ".unfinished-1").mkdir(parents=True)
    (folder / ".unfinished-1" / "index.html").write_text("half")
    packet.write_packet(warehouse, folder, company_vars())
    assert sorted(path.name for path in folder.iterdir()) == ["2026-05-20", "latest"]


def test_the_message_is_ten_lines_and_a_picture(demo_warehouse: Warehouse) -> None:
    folder = demo_warehouse.path.parent / "review"
    text, picture = packet.chat_message(folder)
    lines = text.splitlines()
    assert len(lines) == 10
    assert all(10 < len(line) < 240 for line in lines)
    won = demo_warehouse.one("select won_amount from marts.review_quarters order by 1 desc limit 1")
    assert f"{won / 1000:.0f}k" in lines[1]
    assert picture.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert 5_000 < picture.stat().st_size < 500_000
    for name, email in demo_warehouse.rows("select user_name, email from core.dim_users"):
        assert name not in text
        assert email not in text
    with pytest.raises(PipegenError, match="there is no review packet"):
        packet.chat_message(folder / "nowhere")


def test_the_message_compares_mqls_with_the_targets_of_their_channels(
    demo_warehouse: Warehouse, warehouse: Path
) -> None:
    rows = demo_warehouse.rows(
        "select mqls, target, target_to_date from marts.mql_pacing "
        "where fiscal_quarter = 'FY2026-Q2'"
    )
    aimed = [row for row in rows if row[1] is not None]
    assert 0 < len(aimed) < len(rows)
    [line] = [line for line in _lines(demo_warehouse.path) if "MQLs" in line]
    assert line == (
        f"Recorded MQLs in FY2026-Q2: {sum(row[0] for row in aimed)} in channels with a target, "
        f"of {sum(row[2] for row in aimed):.0f} due by now and {sum(row[1] for row in aimed)} in "
        f"all; {sum(row[0] for row in rows if row[1] is None)} in other channels."
    )
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("update marts.mql_pacing set target = null, target_to_date = null")
    assert "Recorded MQLs in FY2026-Q2: 0; no channel has a target." in _lines(warehouse)


def test_the_message_calls_a_source_behind_as_the_alert_does(
    demo_warehouse: Warehouse, warehouse: Path, tmp_path: Path
) -> None:
    shutil.copy2(demo_warehouse.path, warehouse)
    settings = Settings.of({}, home=str(tmp_path))

    def behind() -> tuple[str, str]:
        digest = read_digest(settings.warehouse, AS_OF)
        message, _ = news("revops", Situation(PUBLISHED, (), digest), Notified())
        [line] = [line for line in _lines(warehouse) if line.startswith("Sources behind")]
        return line.partition("more: ")[2], message.body if message else ""

    line, alert = behind()
    assert line == "Self-serve (20.8%)."
    assert "self_serve is 21% behind its target to date." in alert
    # 5 % is not behind, whatever anything else says.
    assert "partner is" not in alert
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("update marts.source_scorecard set needs_recovery_plan = false")
    line, alert = behind()
    assert line == "none."
    assert "target to date" not in alert


def test_owners_are_named_and_no_address_is_on_the_page(demo_warehouse: Warehouse) -> None:
    page = (demo_warehouse.path.parent / "review" / "latest" / "index.html").read_text("utf-8")
    owners = {
        html.escape(name)
        for (name,) in demo_warehouse.rows(
            "select user_name from marts.deals_at_risk join core.dim_users on user_id = owner_id"
        )
    }
    assert len(owners) > 5
    for owner in owners:
        assert f">{owner}<" in page, owner
    for (email,) in demo_warehouse.rows("select email from core.dim_users where email <> ''"):
        assert email not in page


def test_owners_whose_names_are_masked_are_shown_by_id(
    demo_warehouse: Warehouse, tmp_path: Path
) -> None:
    masked = tmp_path / "masked.duckdb"
    shutil.copy2(demo_warehouse.path, masked)
    with duckdb.connect(str(masked)) as connection:
        names = connection.execute("select user_name from core.dim_users").fetchall()
        connection.execute("update core.dim_users set user_name = 'masked-' || md5(user_name)")
        connection.execute("update core.dim_source_owners set owner = null")
        connection.execute("update core.fct_review_actions set owner = null")
        owners = connection.execute("select distinct owner_id from marts.deals_at_risk").fetchall()
    page = packet.compose(masked, company_vars()).page
    assert "masked-" not in page
    for (name,) in names:
        assert html.escape(name) not in page
    for (owner,) in owners:
        assert f">{owner}<" in page


def test_a_proposal_about_an_owner_names_nobody_once_it_is_an_action(
    demo_warehouse: Warehouse,
) -> None:
    [(subject, name)] = demo_warehouse.rows(
        "select subject, user_name from marts.review_proposals "
        "join core.dim_users on user_id = subject where rule = 'findings_open' limit 1"
    )
    page = (demo_warehouse.path.parent / "review" / "latest" / "index.html").read_text("utf-8")
    assert f"{html.escape(name)} owns deals" in page
    with open_published(demo_warehouse.path) as published:
        [row] = [one for one in proposals(published) if one["subject"] == subject]
    assert name not in row["shown_proposal"]


def test_a_packet_that_fails_is_reported_in_one_line_and_unpublishes_nothing(
    warehouse: Path, tmp_path: Path
) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("drop table marts.review_quarters")
    before = warehouse.read_bytes()
    from pipegen.runs.steps import review_packet
    from pipegen.settings import Settings

    settings = Settings.of({}, home=str(tmp_path))
    told = review_packet(settings, settings.warehouse)
    assert told.startswith("no review packet: ")
    assert "review_quarters" in told
    assert len(told.splitlines()) == 1
    assert warehouse.read_bytes() == before
    assert not list(tmp_path.glob("review/*"))


def test_the_command_writes_the_packet_without_a_run(warehouse: Path, tmp_path: Path) -> None:
    before = warehouse.read_bytes()
    done = pipegen("packet", home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Review packet in ")
    assert "Unchanged: the review packet in" in pipegen("packet", home=tmp_path).stdout
    assert warehouse.read_bytes() == before
    assert not (tmp_path / "build").exists()
    missing = pipegen("packet", home=tmp_path / "other")
    assert (missing.returncode, len(missing.stderr.strip().splitlines())) == (1, 1)
    assert "nothing is published" in missing.stderr


@pytest.mark.parametrize(
    ("stage", "minutes", "since", "attends"),
    [
        ("early", 60, "22 Apr 2026", "founder or CEO, head of marketing, head of sales"),
        (
            "growth", 45, "6 May 2026",
            "head of marketing, head of sales, demand generation, SDR lead, RevOps",
        ),
        (
            "scale", 45, "6 May 2026",
            "CMO, CRO, demand generation, sales managers, SDR lead, partner lead, RevOps",
        ),
    ],
)  # fmt: skip
def test_the_companys_stage_gives_the_meeting(
    stage: str, minutes: int, since: str, attends: str, warehouse: Path
) -> None:
    page = packet.compose(warehouse, company_vars() | {"company_stage": stage}).page
    assert f"<dd>{minutes} minutes, every" in page
    assert f"<dt>Looks back to</dt><dd>{since}</dd>" in page
    assert f"<dt>Who attends</dt><dd>{attends}</dd>" in page


SCALE = company_vars() | {"company_stage": "scale"}


def test_sales_of_a_large_company_have_a_packet_of_their_own(
    warehouse: Path, tmp_path: Path
) -> None:
    joint = packet.write_packet(warehouse, tmp_path, SCALE)
    sales = packet.write_packet(warehouse, tmp_path, SCALE, "sales")
    assert sales.folder == tmp_path / "sales" / "2026-05-20"
    assert (tmp_path / "sales" / "latest").resolve() == sales.folder.resolve()
    assert (tmp_path / "latest").resolve() == joint.folder.resolve()
    page = sales.page.read_text(encoding="utf-8")
    assert "<title>Sales pipeline review as of 2026-05-20</title>" in page
    assert "<dd>30 minutes, every week</dd>" in page
    assert "<dd>sales in " in page
    assert '<section id="contribution"' not in page
    assert '<section id="contribution"' in joint.page.read_text(encoding="utf-8")
    text, _ = packet.chat_message(tmp_path, "sales")
    assert text.startswith("Sales pipeline review")
    assert text.splitlines()[-1] == "The packet: review/sales/2026-05-20/index.html"


def test_marketings_actions_are_not_in_the_packet_of_sales_alone(warehouse: Path) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("delete from marts.review_actions")
        for team in ("marketing", "sales"):
            connection.execute(
                "insert into marts.review_actions by name select ? as action_id, ? as team, "
                "'Do it' as action, date '2026-05-01' as opened_on, 'open' as status, "
                "true as is_open, false as is_overdue, false as is_removed",
                [f"for-{team}", team],
            )
    for audience, is_there in (("joint", True), ("sales", False)):
        composed = packet.compose(warehouse, SCALE, audience)
        assert "for-sales" in composed.page
        assert ("for-marketing" in composed.page) is is_there
        assert f"{1 + is_there} open and in time" in composed.text


def test_a_company_without_such_a_meeting_is_an_error(warehouse: Path, tmp_path: Path) -> None:
    with pytest.raises(PipegenError, match="has no meeting of sales alone"):
        packet.write_packet(warehouse, tmp_path, company_vars(), "sales")


def test_a_packet_is_for_the_next_meeting(warehouse: Path) -> None:
    """That of the last Sunday before a quarter's deep-dive has the time boxes of the deep-dive."""
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("update marts.double_counting set as_of_date = date '2026-07-05'")
    assert "<dd>90 minutes, every quarter</dd>" in packet.compose(warehouse, SCALE).page
