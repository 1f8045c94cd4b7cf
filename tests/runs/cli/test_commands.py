"""The commands other than a run, and what a run leaves alone."""

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipegen.runs import run_log
from pipegen.runs.home import only_run
from pipegen.runs.run_log import RunRecord
from tests.support.bench import Bench, invoked
from tests.support.cases import MAVEN
from tests.support.light import built
from tests.support.running import PROJECT, Warehouse, environment, pipegen
from tests.support.seeds import default_seeds

MARK = "a reason of this test alone"

COMMANDS = (
    "run", "dev", "land", "dbt", "sql", "demo", "setup", "docs", "alerts", "packet", "action",
    "doctor",
)  # fmt: skip


def test_help_lists_every_command() -> None:
    done = pipegen("--help", home="unused")
    assert done.returncode == 0
    for command in COMMANDS:
        assert f"\n  {command} " in done.stdout, f"{command} is not in the help"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, tmp_path: Path) -> None:
    done = invoked(command, "--help", home=tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith("Usage: ")


@pytest.mark.parametrize("name", ["as_of", "raw", "seeds", "home", "target", "accept"])
def test_every_variable_of_a_run_has_an_option_that_names_it(name: str, tmp_path: Path) -> None:
    helped = invoked("run", "--help", home=tmp_path).stdout
    assert f"--{name.replace('_', '-')} " in helped
    assert f"PIPEGEN_{name.upper()}" in helped


def test_a_word_that_is_no_command_is_refused(tmp_path: Path) -> None:
    done = pipegen("rnu", home=tmp_path)
    assert done.returncode == 2
    assert "No such command 'rnu'" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_console_script_is_the_command() -> None:
    script = Path(sys.executable).with_name("pipegen")
    if not script.exists():
        pytest.skip("the project is not installed beside this Python (make setup does): no script")
    done = subprocess.run([script, "--help"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "reconciled" in done.stdout


def test_the_doctor_finds_nothing_wrong_where_all_is_well(bench: Bench) -> None:
    done = invoked("doctor", home=bench.home, raw=bench.raw, seeds=bench.seeds, as_of="2026-05-20")
    assert done.returncode == 0, done.stdout
    lines = done.stdout.splitlines()
    assert lines
    # A note stops nothing: this company has the demo's rules and only the tables that it must have.
    assert all(line.startswith(("ok ", "note ")) for line in lines), done.stdout
    assert sum(line.startswith("ok ") for line in lines) >= 7, done.stdout
    assert "published warehouse of " in done.stdout


def test_the_doctor_reports_everything_that_is_wrong_at_once(bench: Bench) -> None:
    (bench.raw / "salesforce" / "user.csv").unlink()
    (bench.seeds / "stages.csv").unlink()
    (bench.seeds / "settings.yml").write_text("stale_day: 1\n")
    done = invoked("doctor", home=bench.home, raw=bench.raw, seeds=bench.seeds, as_of="someday")
    assert done.returncode == 1
    wrong = [line for line in done.stdout.splitlines() if line.startswith("no ")]
    for words in ("stages.csv is missing", "stale_day is not a setting", "'someday' is not a date",
                  "required table salesforce.user is missing"):  # fmt: skip
        assert sum(words in line for line in wrong) == 1, f"{words}\n{done.stdout}"
    assert len(wrong) == 4


def test_init_says_what_to_type_next(tmp_path: Path) -> None:
    """The lines can be typed as they stand, and lead to a set that is reminded of until checked."""
    raw, seeds = MAVEN / "raw", tmp_path / "mine"
    done = invoked("init", str(seeds), "--from", str(raw), home=tmp_path / "home")
    assert done.returncode == 0, done.stderr
    assert f"Check it line by line: {seeds / 'CHECK.md'}" in done.stdout
    assert "The deals end on 2017-12-31" in done.stdout
    given = f"--raw {raw} --seeds {seeds} --as-of 2017-12-31"
    for command in ("doctor", "run"):
        assert f"pipegen {command} {given}" in done.stdout
    looked = invoked("doctor", *given.split(), home=tmp_path / "home")
    assert looked.returncode == 0, looked.stdout
    reminder = f"these seeds were proposed: correct them by {seeds / 'CHECK.md'}"
    assert f"note {reminder}" in looked.stdout
    (seeds / "CHECK.md").unlink()
    assert reminder not in invoked("doctor", *given.split(), home=tmp_path / "home").stdout
    refused = invoked("init", str(seeds), home=tmp_path / "home")
    assert refused.returncode == 1
    assert refused.stderr == (
        f"pipegen: {seeds} is there already, and nothing in it is overwritten: name a new folder.\n"
    )


def test_the_doctor_changes_nothing(bench: Bench, tmp_path: Path) -> None:
    def state() -> dict[str, bytes]:
        return {
            str(path): path.read_bytes()
            for path in sorted(tmp_path.rglob("*"))
            if path.is_file()
        }

    before = state()
    invoked("doctor", home=bench.home, raw=bench.raw, seeds=bench.seeds)
    assert state() == before


def _looked_at(command: str, bench: Bench) -> subprocess.CompletedProcess[str]:
    return invoked(
        command, home=bench.home, raw=bench.raw, seeds=bench.seeds, as_of="2026-05-20"
    )


def test_a_run_at_work_is_known_to_the_doctor_and_the_alerts(bench: Bench) -> None:
    with only_run(bench.home):
        seen = _looked_at("doctor", bench)
        assert seen.returncode == 1
        assert f"no   a run is at work in {bench.home} (process {os.getpid()})" in seen.stdout
        assert "A run is at work" in _looked_at("alerts", bench).stdout
    assert _looked_at("doctor", bench).returncode == 0


def test_a_run_that_died_is_known_to_the_doctor_and_the_alerts(bench: Bench) -> None:
    record = RunRecord.begun("refresh", dt.datetime.now(dt.UTC))
    run_log.append(bench.home, record)
    seen = _looked_at("doctor", bench)
    assert seen.returncode == 0, "what went wrong before keeps nobody from trying again"
    assert f"note the last run did not publish: refresh {record.run_id}: process" in seen.stdout
    told = _looked_at("alerts", bench).stdout
    assert "pipegen: a run died" in told
    assert "What follows is of the last publication." in told


def test_whoever_holds_the_published_file_is_named(bench: Bench) -> None:
    """The message must not advise moving away a file that another program merely has open."""
    holding = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print(1, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", holding, str(bench.warehouse)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as holder:  # fmt: skip
        assert holder.stdout and holder.stdin
        holder.stdout.readline()
        for command in ("doctor", "alerts", "packet", "sql"):
            seen = _looked_at(command, bench)
            assert seen.returncode == 1, command
            said = seen.stdout + seen.stderr
            assert "is open in another program (" in said, command
            assert f"process {holder.pid}): close it there." in said, command
        holder.stdin.write(b"\n")
        holder.stdin.flush()


@pytest.fixture(scope="module")
def ran(
    empty_company: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[Path, bytes], Path]:
    """A run on seeds outside the project: the seeds as they were before it, and their folder.

    It builds every seed, and a model that reads one.
    """
    seeds = default_seeds(tmp_path_factory.mktemp("own") / "seeds")
    (seeds / "settings.yml").write_text("stale_days: 20\n")
    with (seeds / "exclusions.csv").open("a") as exclusions:
        exclusions.write(f"account,001,{MARK},,,\n")
    before = {path: path.read_bytes() for path in sorted(seeds.iterdir())}
    warehouse = built(
        tmp_path_factory.mktemp("home"), select=["resource_type:seed", "+dim_exclusions"],
        is_tested=False, raw=empty_company, seeds=seeds, as_of="2026-05-20",
    )  # fmt: skip
    reasons = warehouse.rows("select * from core.dim_exclusions")
    assert MARK in str(reasons), "the seeds were not read"
    return before, seeds


def test_a_run_leaves_the_companys_seeds_as_they_are(
    ran: tuple[dict[Path, bytes], Path],
) -> None:
    """Left alone, dbt overwrites seeds outside its project with what it compiles."""
    before, seeds = ran
    assert {path: path.read_bytes() for path in sorted(seeds.iterdir())} == before


def test_a_run_leaves_no_copy_of_the_seeds_in_the_project(
    ran: tuple[dict[Path, bytes], Path],
) -> None:
    assert MARK in (ran[1] / "exclusions.csv").read_text()
    copies = [path.read_text() for path in PROJECT.glob(".seeds/**/exclusions.csv")]
    assert not any(MARK in copy for copy in copies)


def test_a_run_leaves_raw_files_as_they_are(
    ran: tuple[dict[Path, bytes], Path], empty_company: Path
) -> None:
    found = sorted(path.name for path in (empty_company / "salesforce").iterdir())
    assert found == ["account.csv", "opportunity.csv", "user.csv"]
    assert (empty_company / "salesforce" / "user.csv").read_text() == "id\n"


def test_plain_dbt_builds_what_was_landed(empty_company: Path, tmp_path: Path) -> None:
    """`pipegen land`, then dbt by hand, as its users do."""
    settings = {"raw": empty_company, "as_of": "2026-05-20"}
    landed = pipegen("land", home=tmp_path, **settings)
    assert landed.returncode == 0, landed.stderr
    assert "dbt build" in landed.stdout
    done = subprocess.run(
        [
            sys.executable, "-m", "dbt.cli.main", "build", "--select", "+pipeline_bridge",
            "--resource-type", "seed", "--resource-type", "model",
            "--quiet", "--target-path", str(tmp_path / "target"),
            "--log-path", str(tmp_path / "logs"),
        ],
        cwd=PROJECT, env=environment(tmp_path), capture_output=True, text=True, check=False,
        timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    built = Warehouse(tmp_path / "build" / "build.duckdb")
    [(rows, day)] = built.rows("select count(*), max(as_of_date)::text from marts.pipeline_bridge")
    assert (rows, day) == (38, "2026-05-20"), "plain dbt answers as of another day than landed"
    assert not (tmp_path / "warehouse.duckdb").exists(), "landing published something"
