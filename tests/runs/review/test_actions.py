"""The list of actions at a terminal: ids stay, nothing is lost, and a proposal becomes one."""

import csv
import shutil
from pathlib import Path

import pytest

from pipegen.company.seeds import check_seed
from pipegen.errors import PipegenError
from pipegen.review import actions
from tests.support.running import PROJECT, Warehouse, pipegen
from tests.support.seeds import default_seeds

TODAY = "2026-05-20"


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    return default_seeds(tmp_path / "seeds")


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def _action(*arguments: str, home: Path, seeds: Path) -> str:
    done = pipegen("action", *arguments, home=home, seeds=seeds, as_of=TODAY)
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


def test_an_id_is_never_given_twice(seeds: Path) -> None:
    import datetime as dt

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
    ],
)
def test_what_cannot_be_done_is_reported_in_one_line(
    arguments: tuple[str, ...], told: str, tmp_path: Path, seeds: Path
) -> None:
    before = (seeds / "review_actions.csv").read_bytes()
    done = pipegen("action", *arguments, home=tmp_path / "home", seeds=seeds, as_of=TODAY)
    assert done.returncode == 1
    assert told in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert (seeds / "review_actions.csv").read_bytes() == before


def test_a_file_of_the_companys_own_is_used_in_the_seeds_place(tmp_path: Path, seeds: Path) -> None:
    shared = tmp_path / "shared.csv"
    shared.write_text(",".join(actions.COLUMNS) + "\n", encoding="utf-8")
    (seeds / "settings.yml").write_text("review_actions_source: ../shared.csv\n")
    before = (seeds / "review_actions.csv").read_bytes()
    assert _action("add", "Mend it", home=tmp_path, seeds=seeds).startswith("R-001 added to ")
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
    done = pipegen("action", "add", "x", home=tmp_path, seeds=seeds, as_of=TODAY)
    assert (done.returncode, "edit them there" in done.stderr) == (1, True)


def test_a_proposal_that_is_agreed_becomes_an_action(
    demo_warehouse: Warehouse, tmp_path: Path, seeds: Path
) -> None:
    [(id_, owner, team)] = demo_warehouse.rows(
        "select proposal_id, owner, owner_team from marts.review_proposals "
        "join core.dim_source_owners as owners on owners.pipeline_source = owner_team "
        "where rule = 'source_behind' and subject = 'partner'"
    )
    home = demo_warehouse.path.parent
    _action("add", "--proposal", id_, "--due", "2026-06-10", home=home, seeds=seeds)
    added = _rows(seeds / "review_actions.csv")[-1]
    assert (added["metric"], added["owner"], added["team"]) == (id_, owner, team)
    assert added["action"].startswith("Partner is behind")
    check_seed("review_actions", seeds / "review_actions.csv")
    done = pipegen("action", "add", "--proposal", "pace:nobody", home=home, seeds=seeds)
    assert done.returncode == 1
    assert "the review proposes no pace:nobody" in done.stderr


@pytest.mark.parametrize("source", ["", "revops.actions", "own.csv"])
def test_a_part_reads_the_same_actions_as_a_whole_run(
    source: str, tmp_path: Path, seeds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import duckdb

    from pipegen.settings import Settings
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
    import datetime as dt

    from pipegen.company.settings import read_settings
    from pipegen.settings import Settings
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

    from pipegen.settings import Settings
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
