"""Every command that a page or a message shows can be typed as it stands.

What belongs here: the command lines of README, CONTRIBUTING, docs and messages, found wherever they
are written, and what becomes of each on a copy of the published demo. What does not: what a command
does in full; the commands have tests of their own.

A line that ends within seconds is run. Of one that builds for minutes, needs a server or never
ends, only the options are checked, and that the models in a dbt selection exist.
"""

import dataclasses
import itertools
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from rich.console import Console

from pipegen.cli import console as view
from pipegen.cli.commands import main
from pipegen.demo import AS_OF
from pipegen.runs.run import Outcome
from pipegen.transform import Built
from tests.support.running import PROJECT, Warehouse, environment

PAGES = sorted(
    path for pattern in ("*.md", "docs/**/*.md") for path in PROJECT.glob(pattern)
    if path.name != "raw_shapes.md"
)  # fmt: skip
SOURCES = sorted(
    path for folder in ("src", "orchestration", "expectations")
    for path in (PROJECT / folder).rglob("*.py")
)  # fmt: skip

BIN = Path(sys.executable).parent

BLOCK = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
SHELLS = ("", "sh", "bash", "console")
SPAN = re.compile(r"(?<!`)`([^`]+)`(?!`)")
TYPED = re.compile(r"""(?:typed\(f?|command\(settings, f?)["']([^"'{]+)""")
# Programs whose command lines are checked.
OURS = ("make", "pipegen", "dbt", "pytest", "ruff", "mypy", "sqlfluff", "pre-commit")
DBT = ("build", "compile", "deps", "docs", "ls", "parse", "run", "test")
DAGSTER = ("dagster", "dagster-daemon", "dagster-webserver")

# Builds, serves or never ends: only the options are checked.
LONG = {"run", "land", "dev", "demo", "docs", "dbt", "dagster", "setup"}


@dataclasses.dataclass(frozen=True)
class Line:
    """A command line of a page: where it is, and the words."""

    place: str
    words: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.place}: {shlex.join(self.words)}"


def _words(text: str) -> tuple[str, ...]:
    """The words of a line without its comment; none where it is no line of a shell."""
    try:
        return tuple(shlex.split(text, comments=True))
    except ValueError:
        return ()


def _without_settings(words: tuple[str, ...]) -> tuple[str, ...]:
    """The command of a line that may begin with `NAME=value`."""
    while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
        words = words[1:]
    return words


def blocks(page: Path) -> Iterator[list[Line]]:
    """The lines of each block of a page that is one for a shell."""
    text = page.read_text(encoding="utf-8")
    for found in BLOCK.finditer(text):
        if found[1] not in SHELLS:
            continue
        number = text[: found.start(2)].count("\n") + 1
        lines = [
            Line(f"{page.relative_to(PROJECT)}:{number + place}", words)
            for place, line in enumerate(found[2].splitlines())
            if (words := _words(line))
        ]
        if any(_program(line.words) in (*OURS, *DAGSTER) for line in lines):
            yield lines


def spans() -> Iterator[Line]:
    """Commands within the sentences of pages, and within messages."""
    for path in (*PAGES, *SOURCES):
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".md":
            text = re.sub(r"^ *```.*?^ *```", "", text, flags=re.DOTALL | re.MULTILINE)
        found = list(SPAN.findall(text))
        if path.suffix == ".py":
            found += [name if name.startswith("pipegen") or name.startswith("dbt")
                      else f"pipegen {name}" for name in TYPED.findall(text)]
        for span in found:
            words = _without_settings(_words(" ".join(span.split())))
            if len(words) > 1 and _program(words) in (*OURS, *DAGSTER):
                for target in ("postgres", "spark") if "{target}" in span else ("",):
                    named = tuple(word.replace("{target}", target) for word in words)
                    yield Line(str(path.relative_to(PROJECT)), named)


def _program(words: tuple[str, ...]) -> str:
    words = _without_settings(words)
    return Path(words[0]).name if words else ""


def _resolved(words: tuple[str, ...]) -> tuple[click.Command, list[str]]:
    """The command that words of `pipegen` name, and its arguments. Raises `AssertionError`."""
    command: click.Command = main
    rest = list(words[1:])
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        following = command.get_command(click.Context(command), rest[0])
        assert following is not None, f"pipegen has no command {rest[0]}"
        command, rest = following, rest[1:]
    return command, rest


def check_options(words: tuple[str, ...]) -> None:
    """Fail for a `pipegen` command or an option that does not exist."""
    command, rest = _resolved(words)
    if command.name == "dbt":
        return
    if command.name == "dagster":
        check_dagster(rest)
        return
    known = {name for one in command.params for name in (*one.opts, *one.secondary_opts)}
    given = {word.partition("=")[0] for word in rest if word.startswith("--")}
    assert given <= known | {"--help"}, f"no such option: {given - known}"


def check_dagster(words: list[str]) -> None:
    """Fail for a command of Dagster's, or a schedule or sensor, that does not exist."""
    from dagster._cli import create_dagster_cli

    names = ("nightly", "weekly", "raw_files", "watch")
    command: click.Command = create_dagster_cli()
    for word in words:
        if not isinstance(command, click.Group):
            assert word in names, f"dagster {' '.join(words)}: no {word}"
            continue
        following = command.get_command(click.Context(command), word)
        assert following is not None, f"dagster has no command {word}"
        command = following


def recipe(words: tuple[str, ...]) -> list[tuple[str, ...]]:
    """What a line of make would do. Raises `AssertionError` where there is no such target."""
    done = subprocess.run(
        ["make", "--dry-run", "--no-print-directory", *words[1:]],
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [
        (Path(found[0]).name, *found[1:])
        for line in done.stdout.splitlines()
        if (found := _words(line)) and found[0].startswith(".venv/bin/")
    ]


def check_exists(line: Line) -> None:
    """Fail for a command, target or option that does not exist."""
    words = _without_settings(line.words)
    program = _program(words)
    if program == "make":
        # `make test-…` and the like name several.
        if not any("…" in word for word in words):
            for command in recipe(words):
                check_exists(Line(line.place, command))
    elif program == "pipegen":
        check_options(tuple(word for word in words if "…" not in word))
    elif program == "dbt":
        assert words[1].startswith("-") or words[1] in DBT, f"dbt has no command {words[1]}"
    else:
        is_there = (BIN / program).exists() or shutil.which(program) or program == "pre-commit"
        assert is_there, f"{program} is not installed"


def test_lines_of_pages_are_found() -> None:
    found = [line for page in PAGES for block in blocks(page) for line in block]
    assert len(found) > 15, found
    assert any(_program(line.words) == "make" for line in found)
    assert len({str(line) for line in spans()}) > 20


def test_commands_in_sentences_and_messages_exist() -> None:
    wrong = []
    for line in dict.fromkeys(spans()):
        try:
            check_exists(line)
        except AssertionError as error:
            wrong.append(f"{line}: {error}")
    assert not wrong, "\n".join(wrong)


def test_nothing_is_built_upon_what_make_land_leaves_out() -> None:
    """After `make land` there are raw tables alone: what is built next must bring what it needs."""
    for page in PAGES:
        for block in blocks(page):
            for before, line in itertools.pairwise(block):
                if before.words != ("make", "land") or line.words[0] != "dbt":
                    continue
                assert line.words[1] == "build", f"{line}: nothing is built yet"
                if "--select" in line.words:
                    picked = line.words[line.words.index("--select") + 1 :]
                    assert all(word[0] in "+@" for word in picked if word[0] != "-"), str(line)


@pytest.fixture(scope="module")
def desk(
    demo_warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """A folder with seeds, a company's raw files and a copy of the demo's home."""
    desk = tmp_path_factory.mktemp("desk")
    home = desk / "home"
    shutil.copytree(demo_warehouse.path.parent, home)
    shutil.copytree(PROJECT / "seeds", desk / "seeds")
    shutil.copytree(home / "demo" / "raw", desk / "crm")
    shutil.copytree(PROJECT / "seeds", desk / "my-seeds")
    yield desk


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_lines_of_a_page_can_be_typed(
    page: Path, desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds = {path: path.read_bytes() for path in (PROJECT / "seeds").rglob("*.csv")}
    monkeypatch.chdir(desk)
    for block in blocks(page):
        given = environment(desk / "home")
        for line in block:
            _type(line, given)
    for path, content in seeds.items():
        assert path.read_bytes() == content, f"{path} is under version control, and was written to"


def _type(line: Line, given: dict[str, str]) -> None:
    """Run a line, or as much of it as ends within seconds."""
    words, program = line.words, _program(line.words)
    if program == "export":
        # A server's addresses are shown with dots in their place.
        given |= dict(word.split("=", 1) for word in words[1:] if "…" not in word)
    elif program == "source":
        assert words[1] == ".venv/bin/activate", line
    elif program == "cp":
        assert words[1] == "-r" and Path(words[2]).is_dir(), line
    elif program == "make":
        for command in recipe(words):
            _type(Line(line.place, command), given)
    elif program == "dbt":
        check_exists(line)
    elif program == "pipegen":
        _pipegen(line, given)
    else:
        check_exists(line)


def _pipegen(line: Line, given: dict[str, str]) -> None:
    words = _without_settings(line.words)
    check_options(words)
    target = given.get("PIPEGEN_TARGET", "duckdb")
    # A part is built by the line before, which takes too long here.
    if words[1] in LONG or target != "duckdb" or "part" in words or "--send" in words:
        return
    if words[1] == "init":
        # Another page's line is there already.
        shutil.rmtree(words[2], ignore_errors=True)
    gone = {name: None for name in os.environ if name not in given}
    done = CliRunner().invoke(main, list(words[1:]), env=given | gone)
    assert done.exit_code == 0, f"{line}\n{done.output}"


def test_dbt_knows_what_a_page_selects(tmp_path: Path, demo_warehouse: Warehouse) -> None:
    """Every model that a page's dbt line selects exists, except those that the page itself adds."""
    from pipegen.settings import Settings
    from pipegen.transform import listed

    lines = [
        line for page in PAGES if "adding" not in page.parts for block in blocks(page)
        for line in block if line.words[0] == "dbt" and "--select" in line.words
    ]  # fmt: skip
    settings = Settings.of({"PIPEGEN_HOME": str(tmp_path)})
    for line in lines:
        picked = line.words[line.words.index("--select") + 1]
        assert listed(settings, {"as_of": ""}, None, picked), f"{line} selects nothing"


def test_the_readmes_sample_is_what_a_run_prints(demo_warehouse: Warehouse) -> None:
    text = (PROJECT / "README.md").read_text(encoding="utf-8")
    [sample] = re.findall(r"<!-- sample: pipegen run -->\n```\n(.*?)```", text, re.DOTALL)
    outcome = Outcome(AS_OF, Built(0, 0, (), (), {}), True)
    console = Console(width=100, record=True, file=open(os.devnull, "w"))  # noqa: PTH123, SIM115
    console.print(view.headline_table(demo_warehouse.path, outcome))
    printed = [line.rstrip() for line in console.export_text().splitlines()]
    shown = [line.rstrip() for line in sample.splitlines()]
    assert shown[-1] == "…", "the sample is no longer cut: compare all of it"
    assert shown[:-1] == printed[: len(shown) - 1]


def test_sql_prints_rows_and_writes_nothing(desk: Path) -> None:
    home = {"PIPEGEN_HOME": str(desk / "home")}
    query = "select view, count(*) as steps from marts.pipeline_bridge group by 1 order by 1"
    shown = CliRunner().invoke(main, ["sql", query], env=home)
    assert shown.exit_code == 0, shown.output
    assert "marketing" in shown.output and "4 rows" in shown.output
    lines = CliRunner().invoke(main, ["sql", "--csv", "-"], input=query, env=home)
    assert lines.output.splitlines()[0] == "view,steps"
    assert len(lines.output.splitlines()) == 5
    for writing in ("drop table marts.pipeline_bridge", "copy (select 1) to 'x.csv'"):
        refused = CliRunner().invoke(main, ["sql", writing], env=home)
        assert refused.exit_code == 1, writing
    assert CliRunner().invoke(main, ["sql", query], env=home).exit_code == 0


def test_sql_lists_the_tables(desk: Path) -> None:
    listed = CliRunner().invoke(main, ["sql"], env={"PIPEGEN_HOME": str(desk / "home")})
    assert listed.exit_code == 0
    assert "marts.pipeline_bridge" in listed.output
    assert "landed_" not in listed.output


def test_the_demos_actions_are_kept_in_the_home(desk: Path, tmp_path: Path) -> None:
    seed = PROJECT / "seeds" / "governance" / "review_actions.csv"
    before = seed.read_bytes()
    home = {"PIPEGEN_HOME": str(tmp_path)}
    closed = ["action", "close", "R-006", "--outcome", "hired"]
    done = CliRunner().invoke(main, closed, env=home)
    assert done.exit_code == 0, done.output
    assert seed.read_bytes() == before
    left = CliRunner().invoke(main, ["action", "list"], env=home).output
    assert "R-006" not in left and "R-007" in left
