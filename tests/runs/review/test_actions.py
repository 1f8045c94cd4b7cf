"""The list of actions at a terminal: ids stay, nothing is lost, and a proposal becomes one."""

import csv
import datetime as dt
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from pipegen.company.seed_rows import ReviewAction
from pipegen.company.seeds import check_seed
from pipegen.company.settings import company_vars
from pipegen.errors import PipegenError
from pipegen.review import actions, words
from pipegen.review.packet import Listed, compose
from pipegen.review.published import open_published
from pipegen.settings import Settings
from tests.support.bench import invoked
from tests.support.running import COMMAND, PROJECT, Warehouse, environment
from tests.support.seeds import default_seeds

TODAY = "2026-05-20"


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    return default_seeds(tmp_path / "seeds")


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def _action(*arguments: str, home: Path, seeds: Path) -> str:
    done = invoked("action", *arguments, home=home, seeds=seeds, as_of=TODAY)
    assert done.returncode == 0, done.stderr
    return " ".join(done.stdout.split())


def test_an_action_is_added_listed_and_closed(tmp_path: Path, seeds: Path) -> None:
    file = seeds / "review_actions.csv"
    before = _rows(file)
    told = _action(
        "add", "Call, \"them\"\nall", "--team", "sdr", "--owner", "Sam", "--due", "2026-06-01",
        home=tmp_path, seeds=seeds,
    )  # fmt: skip
    assert told.startswith("R-010 added to ")
    check_seed("review_actions", file)
    *kept, added = _rows(file)
    assert kept == before
    assert (added["action_id"], added["opened_on"], added["status"]) == ("R-010", TODAY, "open")
    assert added["action"] == 'Call, "them"\nall'
    assert "R-010" in _action("list", home=tmp_path, seeds=seeds)
    _action("close", "R-010", "--outcome", "Done, by Sam", home=tmp_path, seeds=seeds)
    *kept, closed = _rows(file)
    assert kept == before
    assert (closed["status"], closed["closed_on"], closed["outcome"]) == (
        "done", TODAY, "Done, by Sam"
    )  # fmt: skip
    assert "R-010" not in _action("list", home=tmp_path, seeds=seeds)
    assert "R-010" in _action("list", "--all", home=tmp_path, seeds=seeds)
    check_seed("review_actions", file)


@pytest.mark.parametrize(
    ("given", "asked", "answers"),
    [
        ((), ("Who acts", "Due"), ("Sam", "soon", "2026-05-19", "2026-06-01")),
        (("--owner", "Sam"), ("Due",), ("2026-06-01",)),
        (("--due", "2026-06-01"), ("Who acts",), (" ", "Sam")),
        (("--owner", "Sam", "--due", "2026-06-01"), (), ()),
    ],
)
def test_at_a_terminal_what_is_not_given_is_asked_for(
    given: tuple[str, ...], asked: tuple[str, ...], answers: tuple[str, ...],
    tmp_path: Path, seeds: Path,
) -> None:  # fmt: skip
    """An answer that will not do is asked for again."""
    ours, theirs = os.openpty()
    os.write(ours, "".join(f"{answer}\n" for answer in answers).encode())
    done = subprocess.run(
        [*COMMAND, "action", "add", "Call them", *given], stdin=theirs, capture_output=True,
        env=environment(tmp_path, seeds=seeds, as_of=TODAY), text=True, check=False, timeout=60,
    )  # fmt: skip
    os.close(theirs)
    os.close(ours)
    assert done.returncode == 0, done.stderr
    for question in ("Who acts", "Due"):
        assert (question in done.stdout + done.stderr) is (question in asked), question
    added = _rows(seeds / "review_actions.csv")[-1]
    assert (added["owner"], added["due_on"], added["opened_on"]) == ("Sam", "2026-06-01", TODAY)


def test_the_list_has_what_was_open_on_the_day_and_all_has_every_action(
    tmp_path: Path, seeds: Path
) -> None:
    everything = {row["action_id"] for row in _rows(seeds / "review_actions.csv")}

    def listed(day: str, *arguments: str) -> dict[str, str]:
        done = invoked("action", "list", *arguments, home=tmp_path, seeds=seeds, as_of=day)
        assert done.returncode == 0, done.stderr
        cells = [[c.strip() for c in line.split("│")] for line in done.stdout.splitlines()]
        return {row[1]: row[2] for row in cells if len(row) > 3 and row[1]}

    assert listed(TODAY) == {
        "R-006": "overdue", "R-007": "overdue", "R-008": "open", "R-009": "open"
    }  # fmt: skip
    assert listed("2026-04-09") == {}
    assert listed("2026-04-07") == {"R-005": "open"}
    every = listed("2026-04-07", "--all")
    assert every.keys() == everything
    assert (every["R-001"], every["R-005"], every["R-009"]) == ("done", "open", "not opened yet")
    assert "No action is open on 2026-04-09." in _list(tmp_path, seeds, "2026-04-09")
    assert "Outcome: Reply rate from 3% to 5%" in _list(tmp_path, seeds, TODAY, "--all")


def _list(home: Path, seeds: Path, day: str, *arguments: str) -> str:
    done = invoked("action", "list", *arguments, home=home, seeds=seeds, as_of=day)
    return " ".join(done.stdout.replace("│", " ").split())


def test_an_id_is_never_given_twice(seeds: Path) -> None:
    file = seeds / "review_actions.csv"
    ids = [actions.add(file, action="x", today=dt.date(2026, 5, 20)) for _ in range(3)]
    assert ids == ["R-010", "R-011", "R-012"]
    file.write_text(",".join(actions.COLUMNS) + "\n", encoding="utf-8")
    assert actions.add(file, action="x", today=dt.date(2026, 5, 20)) == "R-001"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("close", "R-404", "--outcome", "x"), "has no action R-404"),
        (("close", "R-001", "--outcome", "x"), "R-001 was closed on 2025-12-02"),
        (("add",), "an action needs words"),
        (("add", "--proposal", "pace:sdr"), "nothing is published"),
        (("add", "x"), "add --owner NAME and --due YYYY-MM-DD."),
        (("add", "x", "--owner", " ", "--due", TODAY), "a day it is due: add --owner NAME."),
        (("add", "x", "--owner", "Sam"), "a day it is due: add --due YYYY-MM-DD."),
        (
            ("add", "x", "--owner", "Sam", "--due", "2026-05-19"),
            "opened on 2026-05-20 can't be due on 2026-05-19",
        ),
    ],
)
def test_what_cannot_be_done_is_reported_in_one_line(
    arguments: tuple[str, ...], told: str, tmp_path: Path, seeds: Path
) -> None:
    before = (seeds / "review_actions.csv").read_bytes()
    done = invoked("action", *arguments, home=tmp_path / "home", seeds=seeds, as_of=TODAY)
    assert done.returncode == 1
    assert told in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert (seeds / "review_actions.csv").read_bytes() == before


def test_a_file_of_the_companys_own_is_used_in_the_seeds_place(tmp_path: Path, seeds: Path) -> None:
    shared = tmp_path / "shared.csv"
    shared.write_text(",".join(actions.COLUMNS) + "\n", encoding="utf-8")
    (seeds / "settings.yml").write_text("review_actions_source: ../shared.csv\n")
    before = (seeds / "review_actions.csv").read_bytes()
    added = _action(
        "add", "Mend it", "--owner", "Sam", "--due", TODAY, home=tmp_path, seeds=seeds
    )
    assert added.startswith("R-001 added to ")
    assert [row["action"] for row in _rows(shared)] == ["Mend it"]
    assert (seeds / "review_actions.csv").read_bytes() == before


def test_a_table_of_the_warehouse_is_read_as_the_seed(
    empty_warehouse: Warehouse, tmp_path: Path, seeds: Path
) -> None:
    import duckdb

    warehouse = tmp_path / "warehouse.duckdb"
    shutil.copy2(empty_warehouse.path, warehouse)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create schema revops")
        connection.execute(
            "create table revops.actions as select 'T-1' as action_id, date '2026-05-01' as "
            "opened_on, 'sdr' as team, 'Sam' as owner, 'Say \"x\", twice' as action, "
            "null::date as due_on, 'open' as status, null::date as closed_on, null as outcome, "
            "'pace' as metric"
        )
    source = actions.source_of("revops.actions", seeds)
    assert source.file is None
    seed = tmp_path / "review_actions.csv"
    seed.write_bytes(actions.seed_text(source, warehouse))
    check_seed("review_actions", seed)
    assert _rows(seed)[0] | {"action": ""} == dict.fromkeys(actions.COLUMNS, "") | {
        "action_id": "T-1", "opened_on": "2026-05-01", "team": "sdr", "owner": "Sam",
        "status": "open", "metric": "pace",
    }  # fmt: skip
    with pytest.raises(PipegenError, match=r"nothing\.here"):
        actions.seed_text(actions.source_of("nothing.here", seeds), warehouse)
    (seeds / "settings.yml").write_text("review_actions_source: revops.actions\n")
    done = invoked("action", "add", "x", home=tmp_path, seeds=seeds, as_of=TODAY)
    assert (done.returncode, "edit them there" in done.stderr) == (1, True)
    assert 'T-1 │ open │ │ sdr │ Sam │ Say "x", twice' in _action(
        "list", home=tmp_path, seeds=seeds
    )


def test_a_proposal_that_is_agreed_becomes_an_action(
    demo_warehouse: Warehouse, tmp_path: Path, seeds: Path
) -> None:
    (id_, owner, team, subject), *_ = demo_warehouse.rows(
        "select proposal_id, owner, owner_team, subject from marts.review_proposals "
        "join core.dim_source_owners as owners on owners.pipeline_source = owner_team "
        "where rule = 'source_behind'"
    )
    home = demo_warehouse.path.parent
    _action("add", "--proposal", id_, "--due", "2026-06-10", home=home, seeds=seeds)
    added = _rows(seeds / "review_actions.csv")[-1]
    assert (added["metric"], added["owner"], added["team"]) == (id_, owner, team)
    assert added["action"].startswith(f"{words.name(subject)} is behind")
    check_seed("review_actions", seeds / "review_actions.csv")
    done = invoked("action", "add", "--proposal", "pace:nobody", home=home, seeds=seeds)
    assert done.returncode == 1
    assert "the review proposes no pace:nobody" in done.stderr


def test_a_mask_is_nobody_who_acts(agreed_home: Path, seeds: Path) -> None:
    import duckdb

    with duckdb.connect(str(agreed_home / "warehouse.duckdb")) as connection:
        connection.execute("update core.dim_source_owners set owner = 'masked-0123456789ab'")
        [(id_,)] = connection.execute(
            "select proposal_id from marts.review_proposals "
            "join core.dim_source_owners as owners on owners.pipeline_source = owner_team limit 1"
        ).fetchall()
    given = ("action", "add", "--proposal", id_, "--due", "2026-06-10")
    done = invoked(*given, home=agreed_home, seeds=seeds, as_of=TODAY)
    assert done.returncode == 1
    assert done.stderr.endswith("add --owner NAME.\n")
    done = invoked(*given, "--owner", "Sam", home=agreed_home, seeds=seeds, as_of=TODAY)
    assert done.returncode == 0, done.stderr
    assert _rows(seeds / "review_actions.csv")[-1]["owner"] == "Sam"


@pytest.mark.parametrize("source", ["", "revops.actions", "own.csv"])
def test_a_part_reads_the_same_actions_as_a_whole_run(
    source: str, tmp_path: Path, seeds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import duckdb

    from pipegen.transform import seeds_within_project

    monkeypatch.setenv("PIPEGEN_SEED_PATH", "")
    home, own = tmp_path / "home", seeds / "own.csv"
    if source:
        (seeds / "settings.yml").write_text(f"review_actions_source: {source}\n")
        settings = Settings.of({}, home=str(home), seeds=str(seeds))
    else:
        # The demo's are written to a copy in the home.
        settings = Settings.of({}, home=str(home))
        own = actions.own_copy(actions.seed_file(settings.seeds), home)
    home.mkdir(exist_ok=True)
    own.write_text(",".join(actions.COLUMNS) + "\nT-1,2026-05-01,sdr,Sam,Call,,open,,,pace\n")
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        connection.execute("create schema revops")
        connection.execute(f"create table revops.actions as from read_csv('{own}')")
    for one in (settings, settings.development):
        with seeds_within_project(one) as path:
            read = _rows(PROJECT / path / "review_actions.csv")
        assert [row["action_id"] for row in read] == ["T-1"], one.home


def test_an_action_that_is_agreed_changes_no_definition(tmp_path: Path, seeds: Path) -> None:
    from pipegen.company.settings import read_settings
    from pipegen.transform import run_vars

    day = dt.date(2026, 5, 20)
    settings = Settings.of({}, home=str(tmp_path), seeds=str(seeds))

    def version() -> str:
        return run_vars(settings, read_settings(seeds), day)["definitions_version"]

    before = version()
    actions.add(seeds / "review_actions.csv", action="x", today=day)
    assert version() == before
    with (seeds / "stages.csv").open("a", encoding="utf-8") as rules:
        rules.write("\n")
    assert version() != before


def test_a_run_reads_the_actions_and_the_rules_that_the_company_named(
    tmp_path: Path, seeds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    from pipegen.transform import seeds_within_project

    monkeypatch.setenv("PIPEGEN_SEED_PATH", "")
    (seeds / "settings.yml").write_text("review_actions_source: own.csv\n")
    own = ",".join(actions.COLUMNS) + "\nT-1,2026-05-01,sdr,Sam,Call,,open,,,pace\n"
    (seeds / "own.csv").write_text(own)
    header = "rule,metric,threshold,min_count,most,owner_source,sentence\n"
    rules = header + "source_behind,pace,0.5,0,1,,{subject}\n"
    (seeds / "proposal_rules.csv").write_text(rules)
    settings = Settings.of({}, home=str(tmp_path), seeds=str(seeds))
    with seeds_within_project(settings) as path:
        assert (PROJECT / path / "review_actions.csv").read_text() == own
        assert not (PROJECT / path / "proposal_rules.csv").exists()
        assert not (PROJECT / path / "own.csv").exists()
        folder = PROJECT / os.environ["PIPEGEN_RULES_PATH"]
        assert (folder / "proposal_rules.csv").read_text() == rules
    assert not folder.exists()
    assert "PIPEGEN_RULES_PATH" not in os.environ
    (seeds / "own.csv").write_text(own.replace(",open,", ",maybe,"))
    with pytest.raises(PipegenError, match="status 'maybe'"), seeds_within_project(settings):
        pass


def _listed(warehouse: Warehouse, seeds: Path) -> list[ReviewAction]:
    return actions.listed(
        actions.Source(seeds / "review_actions.csv"),
        Settings.of({}, home=str(warehouse.path.parent)).warehouse,
    )


def _seeds_of(company: str, request: pytest.FixtureRequest) -> Path:
    """The list that the company's run has read."""
    if company == "casebook":
        return Path(str(request.getfixturevalue("casebook")["seeds"]))
    return PROJECT / "seeds" / "governance"


@pytest.mark.parametrize("company", ["casebook", "demo"])
def test_a_list_that_has_not_changed_says_what_the_run_saw(
    company: str, request: pytest.FixtureRequest
) -> None:
    """Field by field, whether a row is compared with the run's or judged anew."""
    warehouse: Warehouse = request.getfixturevalue(f"{company}_warehouse")
    list_ = _listed(warehouse, _seeds_of(company, request))
    day = warehouse.one("select max(as_of_date) from marts.double_counting")
    database = Settings.of({}, home=str(warehouse.path.parent)).warehouse
    with open_published(database) as published:
        seen = actions.agreed(published, None, day)
        assert len(seen) > 3
        assert actions.agreed(published, list_, day) == seen
    by_id = {row["action_id"]: row for row in seen}
    for one in list_:
        anew = actions._since(None, one, day, False)
        assert anew == {name: by_id[one.action_id][name] for name in anew}


@pytest.mark.parametrize(
    ("closed", "due", "day", "expected"),
    [
        ("", "", "2026-05-01", (True, False, "open")),
        ("", "", "2026-04-30", (False, False, "not opened yet")),
        ("", "2026-05-20", "2026-05-20", (True, False, "open")),
        ("", "2026-05-19", "2026-05-20", (True, True, "overdue")),
        ("2026-05-21", "2026-05-19", "2026-05-20", (True, True, "overdue")),
        ("2026-05-20", "2026-05-19", "2026-05-20", (False, False, "done")),
    ],
)
def test_an_action_is_open_from_its_opening_to_the_day_before_it_is_closed(
    closed: str, due: str, day: str, expected: tuple[bool, bool, str]
) -> None:
    one = ReviewAction(
        action_id="A", opened_on="2026-05-01", team="", owner="", action="x", due_on=due,
        status="done" if closed else "open", closed_on=closed, outcome="", metric="",
    )  # fmt: skip
    then = dt.date.fromisoformat(day)
    found = actions.is_open(one, then), actions.is_overdue(one, then), actions.state(one, then)
    assert found == expected


@pytest.fixture
def agreed_home(demo_warehouse: Warehouse, tmp_path: Path) -> Path:
    """The demo's publication alone, where actions can be agreed."""
    home = tmp_path / "agreed"
    home.mkdir()
    shutil.copy2(demo_warehouse.path, home)
    return home


def test_what_is_agreed_stands_in_the_next_packet_without_a_run(
    demo_warehouse: Warehouse, agreed_home: Path, seeds: Path
) -> None:
    [proposal, *others] = [
        id_
        for (id_,) in demo_warehouse.rows(
            "select proposal_id from marts.review_proposals where open_action_id is null order by 1"
        )
    ]

    def packet() -> tuple[str, str]:
        done = invoked("packet", home=agreed_home, seeds=seeds, as_of=TODAY)
        assert done.returncode == 0, done.stderr
        folder = agreed_home / "review" / "latest"
        return (folder / "index.html").read_text("utf-8"), (folder / "summary.txt").read_text()

    page, lines = packet()
    assert f"Actions: 2 overdue, 2 open and in time. Proposals: {len(others) + 1}." in lines
    assert "Call &lt;the&gt; three largest" not in page and "R-010" not in page
    before = (agreed_home / "warehouse.duckdb").read_bytes()
    for arguments in (
        ("add", "Call <the> three largest", "--owner", "Sam", "--due", "2026-06-01"),
        ("add", "--proposal", proposal, "--due", "2026-06-01"),
        ("close", "R-007", "--outcome", "Two of three"),
    ):
        _action(*arguments, home=agreed_home, seeds=seeds)
    page, lines = packet()
    assert f"Actions: 1 overdue, 4 open and in time. Proposals: {len(others)}." in lines
    assert "Call &lt;the&gt; three largest" in page and "Two of three" in page
    assert (agreed_home / "warehouse.duckdb").read_bytes() == before
    assert (agreed_home / "review" / "latest").resolve().name == "2026-05-20.2"
    # One that is struck off the list stays, as a run would leave it.
    file = seeds / "review_actions.csv"
    kept = [line for line in file.read_text().splitlines() if not line.startswith("R-008,")]
    file.write_text("\n".join(kept) + "\n")
    page, lines = packet()
    assert "Actions: 1 overdue, 3 open and in time." in lines
    assert "R-008" in page and "struck off" in page


def test_a_packet_of_an_earlier_day_does_not_show_what_was_agreed_long_after(
    agreed_home: Path, seeds: Path
) -> None:
    """Up to the end of the meeting's week: the packet may be written after the meeting."""
    list_ = tuple(
        ReviewAction(
            action_id=id_, opened_on=opened, team="", owner="", action="x", due_on="",
            status="open", closed_on="", outcome="", metric="",
        )
        for id_, opened in (("in-time", "2026-05-26"), ("too-late", "2026-07-01"))
    )  # fmt: skip
    database = Settings.of({}, home=str(agreed_home)).warehouse
    for day, is_there in ((dt.date(2026, 5, 20), False), (dt.date(2026, 8, 1), True)):
        composed = compose(database, company_vars(), listed=Listed(list_, day))
        assert ("in-time" in composed.page) is is_there
        assert "too-late" not in composed.page


def test_an_owner_who_is_not_masked_yet_is_not_shown_where_names_are(
    demo_warehouse: Warehouse, seeds: Path
) -> None:
    database = Settings.of({}, home=str(demo_warehouse.path.parent)).warehouse
    day = dt.date(2026, 5, 20)
    actions.add(seeds / "review_actions.csv", action="x", today=day, owner="Ann Example")
    list_ = _listed(demo_warehouse, seeds)
    with open_published(database) as published:
        for is_masked, owner in ((False, "Ann Example"), (True, None)):
            rows = actions.agreed(published, list_, day, is_masked=is_masked)
            assert [row["owner"] for row in rows if row["action_id"] == "R-010"] == [owner]
            assert not any(row["changed_on"] for row in rows)
