"""The documentation agrees with the project: links, sections, models, settings and what is
promised.

A failure says which line of which page is no longer true, and what to write instead.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.cases import SHARED
from tests.support.running import PROJECT

DOCS = PROJECT / "docs"
DEFINITIONS = DOCS / "definitions.md"
CONTRACT = DOCS / "contract.md"

PAGES = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", ".github/**/*.md", "models/**/*.md")
    for path in PROJECT.glob(pattern)
)

# Layers whose models state a rule, and so name its section.
WITH_SECTION = ("intermediate", "core", "marts")

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)|<img[^>]*\ssrc=\"([^\"]+)\"")
NAMED_SECTION = re.compile(
    r"\bdefinitions?(?:\.md)?,?\s+(?:section\s+)?(\d+(?:(?:\s*,\s*|\s+and\s+|\s+to\s+)\d+)*)",
    re.IGNORECASE,
)
AT_THE_END = re.compile(r"\bDefinitions (\d+(?:, \d+)*)\.$")


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _name(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def _without_code(text: str) -> str:
    """Text without fenced blocks and code font, in which nothing is a link or a heading."""
    text = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"`[^`\n]*`", "`", text)


@cache
def anchors(path: Path) -> frozenset[str]:
    """The places in a page that a link can lead to: its headings as GitHub names them, and ids."""
    text = re.sub(r"^```.*?^```", "", _read(path), flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#{1,6} (.+?)\s*$", text, re.MULTILINE)
    slugs = {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in headings}
    return frozenset(slugs | set(re.findall(r"<a id=\"([^\"]+)\"", text)))


@cache
def sections() -> frozenset[int]:
    """The numbers of the definitions' sections."""
    return frozenset(int(n) for n in re.findall(r"^## (\d+)\. ", _read(DEFINITIONS), re.MULTILINE))


@cache
def described() -> dict[str, dict[str, Any]]:
    """What the YAML says about each model."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted((PROJECT / "models").glob("**/*.yml")):
        for model in (yaml.safe_load(_read(path)) or {}).get("models") or []:
            found[model["name"]] = model
    return found


def _ruled() -> Iterator[Path]:
    """The SQL of the models that state a rule."""
    for path in sorted((PROJECT / "models").glob("**/*.sql")):
        if path.relative_to(PROJECT / "models").parts[0] in WITH_SECTION:
            yield path


def _sections_of(model: str) -> list[int]:
    description = " ".join(described().get(model, {}).get("description", "").split())
    found = AT_THE_END.search(description)
    return [int(number) for number in found[1].split(", ")] if found else []


def _numbers(text: str) -> set[int]:
    return {int(number) for number in re.findall(r"\d+", text)}


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in LINK.finditer(_without_code(_read(page))):
        target = link[1] or link[2]
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        path = (page.parent / file).resolve() if file else page
        if not path.exists():
            broken.append(f"{target}: there is no {file}")
        elif anchor and anchor not in anchors(path):
            broken.append(f"{target}: {_name(path)} has no heading or id {anchor}")
    assert not broken, f"{_name(page)} links to\n" + "\n".join(broken)


def test_a_broken_link_would_be_seen() -> None:
    assert "section-4" in anchors(DEFINITIONS)
    assert "where-each-rule-lives" in anchors(DEFINITIONS)
    assert "section-99" not in anchors(DEFINITIONS)
    found = [m[1] or m[2] for m in LINK.finditer('[a](b.md#c) and <img alt="" src="d.png">')]
    assert found == ["b.md#c", "d.png"]


def test_sections_that_code_names_exist() -> None:
    patterns = (
        "models/**/*.sql", "models/**/*.yml", "models/**/*.md", "macros/**/*.sql", "src/**/*.py",
        "orchestration/**/*.py", "expectations/**/*.py", "tests/**/*.py", "tests/data/**/*.sql",
        "dbt_project.yml", "docs/**/*.md", "*.md",
    )  # fmt: skip
    wrong = []
    for pattern in patterns:
        for path in sorted(PROJECT.glob(pattern)):
            for number, line in enumerate(_read(path).splitlines(), 1):
                for named in NAMED_SECTION.finditer(line):
                    if missing := _numbers(named[1]) - sections():
                        where = f"{_name(path)} line {number}"
                        wrong.append(f"{where}: section {missing} of {named[0]}")
    assert sections() >= set(range(1, 13))
    assert not wrong, "docs/definitions.md has no such section:\n" + "\n".join(wrong)


def test_every_rule_names_its_section() -> None:
    wrong = []
    for path in _ruled():
        named = _sections_of(path.stem)
        if not named:
            wrong.append(
                f"{_name(path)}: end its description with its section of docs/definitions.md, "
                "as in `Definitions 4.` or `Definitions 4, 9.`"
            )
        elif missing := set(named) - sections():
            wrong.append(f"{_name(path)}: docs/definitions.md has no section {missing}")
    assert not wrong, "\n".join(wrong)


def test_the_definitions_link_every_rule_to_its_models() -> None:
    """The table at their end, section by section, is what the descriptions of models say."""
    text = _read(DEFINITIONS).partition("## Where each rule lives")[2]
    linked: dict[int, set[str]] = defaultdict(set)
    rows = re.findall(r"^\| \[(\d+)\]\(#section-\d+\) .* \| not built yet \|", text, re.MULTILINE)
    unbuilt = {int(number) for number in rows}
    wrong = []
    for line in text.splitlines():
        if not (row := re.match(r"\| \[(\d+)\]\(#section-\1\) ", line)):
            continue
        for name, target in re.findall(r"\[`(\w+)`\]\(([^)]+)\)", line):
            path = (DOCS / target).resolve()
            if path.stem != name or not path.is_file():
                wrong.append(f"section {row[1]}: {name} is not at {target}")
            linked[int(row[1])].add(name)
    stated: dict[int, set[str]] = defaultdict(set)
    places = {}
    for path in _ruled():
        places[path.stem] = f"../{_name(path)}"
        for number in _sections_of(path.stem):
            stated[number].add(path.stem)
    missing = sections() - stated.keys() - unbuilt
    wrong += [f"section {n}: no model names it" for n in sorted(missing)]
    wrong += [f"section {n} is built" for n in sorted(unbuilt & stated.keys())]
    for number in sorted(linked.keys() | stated.keys()):
        wrong += [
            f"section {number}: add [`{name}`]({places[name]}), whose description names it"
            for name in sorted(stated[number] - linked[number])
        ]
        wrong += [
            f"section {number}: take out {name}, whose description does not name it"
            for name in sorted(linked[number] - stated[number])
        ]
    assert not wrong, "docs/definitions.md, 'Where each rule lives':\n" + "\n".join(wrong)


def _settings() -> dict[str, Any]:
    vars_: dict[str, Any] = yaml.safe_load(_read(PROJECT / "dbt_project.yml"))["vars"]
    return vars_


def _box(page: Path) -> str:
    """What a page lists at its top as not built yet, in one line."""
    lines = [line for line in _read(page).splitlines()[:80] if line.startswith(">")]
    return " ".join(line.lstrip("> ") for line in lines)


def _published_as(model: str) -> str:
    """The name of a model's table."""
    for path in (PROJECT / "models").glob(f"**/{model}.sql"):
        if alias := re.search(r"alias\s*=\s*['\"](\w+)", _read(path)):
            return alias[1]
    return model


def _in_code_font(text: str) -> set[str]:
    return set(re.findall(r"`([\w.]+)`", text))


def test_settings_that_the_definitions_name_exist_with_their_defaults() -> None:
    """A setting is named as in `source_grace_days` [7]."""
    not_built = _in_code_font(_box(DEFINITIONS))
    named = dict(re.findall(r"`(\w+)`\s+\[([^\]]+)\](?!\()", _read(DEFINITIONS)))
    settings = _settings()
    wrong = []
    for name, default in named.items():
        if default == "default":
            continue
        if name in not_built:
            if name in settings:
                wrong.append(f"{name} is built: take it out of the box at the top")
        elif name not in settings:
            wrong.append(f"{name}: dbt_project.yml has no such setting; is it not built yet?")
        elif re.fullmatch(r"[\d.]+", default) and float(default) != settings[name]:
            wrong.append(f"{name} is {settings[name]} in dbt_project.yml, not {default}")
    assert len(named) > 15
    assert not wrong, "docs/definitions.md:\n" + "\n".join(wrong)


def test_what_is_said_to_be_not_built_is_not_built() -> None:
    box = _box(CONTRACT)
    columns = {
        _published_as(name): {column["name"] for column in model.get("columns", [])}
        for name, model in described().items()
    }
    settings = re.search(r"\*Settings\*: (.*?)\. ", box)
    marts = re.search(r"\*Marts\*: (.*?)\.(?: -|$)", box)
    lines = re.search(r"\*Columns of marts\*: (.*)\.", box)
    assert settings and marts
    missing = _in_code_font(marts[1])
    missing_columns = {
        mart: _in_code_font(names)
        for mart, names in re.findall(r"`(\w+)`: ([^;]*)", lines[1] if lines else "")
    }
    wrong = [f"{mart} is built" for mart in sorted(missing & columns.keys())]
    wrong += [
        f"{mart}.{column} is built"
        for mart, names in missing_columns.items()
        for column in sorted(names & columns.get(mart, set()))
    ]
    not_set = _in_code_font(settings[1]) | _in_code_font(_box(DEFINITIONS))
    wrong += [f"setting {name} is built" for name in sorted(not_set & _settings().keys())]
    wrong += [
        f"seed {name} is built"
        for name in sorted(_in_code_font(_box(DEFINITIONS)))
        if list((PROJECT / "seeds").rglob(f"{name}.csv"))
    ]
    for mart, promised in _promised_marts():
        if mart not in columns and mart not in missing:
            wrong.append(f"mart {mart} is promised and not there: is it not built yet?")
        lacking = promised - columns.get(mart, promised) - missing_columns.get(mart, set())
        wrong += [f"{mart}.{column} is promised and not there" for column in sorted(lacking)]
    assert not wrong, "the boxes at the top of docs/contract.md and definitions.md:\n" + "\n".join(
        wrong
    )


def _promised_marts() -> Iterator[tuple[str, set[str]]]:
    """Each mart of the contract with the columns that stand there as plain names."""
    table = _read(CONTRACT).partition("## Marts")[2]
    for line in table.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not re.match(r"\| [a-z]", line) or cells[0] == "mart":
            continue
        listed = re.sub(r"\([^)]*\)|`[^`]*`", "", cells[2]).replace(" plus ", ",")
        words = {word.strip(" .") for word in re.split(r",|;|:", listed)}
        # In influence each word stands for two columns, in the funnel for three.
        words -= {"sourced", "influenced", "influenced_by_role", "untouched", "and"}
        plain = {w for w in words if re.fullmatch(r"[a-z][a-z0-9_]+", w) and "_to_" not in w}
        if cells[0] == "lead_funnel":
            plain = {w for w in plain if w in {"month_start", "channel", "segment", "path"}}
        for mart in cells[0].split(", "):
            yield mart, plain


def test_the_law_is_copied_word_for_word() -> None:
    """Only where the originals are beside the project. Boxes, ids and the last table are ours."""
    for page in (DEFINITIONS, CONTRACT, DOCS / "hubspot.md", DOCS / "raw_shapes.md"):
        original = SHARED / "design" / page.name
        if not original.is_file():
            continue
        ours = _read(page).partition('<a id="where-each-rule-lives"></a>')[0]
        ours = re.sub(r"^>.*\n|<a id=\"[^\"]+\"></a>\n", "", ours, flags=re.MULTILINE)
        kept = [line for line in ours.splitlines() if line.strip()]
        theirs = [line for line in _read(original).splitlines() if line.strip()]
        assert kept == theirs, f"{page.name} differs from the design's"


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_files_and_models_in_code_font_are_there(page: Path) -> None:
    """Decisions describe their own time, and a changelog names what is gone."""
    if page.parent.name == "decisions" or page.name == "CHANGELOG.md":
        return
    top = r"(?:src|models|macros|tests|docs|expectations|orchestration|seeds|rulebook|benchmarks)"
    text = re.sub(r"^```.*?^```", "", _read(page), flags=re.DOTALL | re.MULTILINE)
    named = re.findall(rf"`({top}/[\w./-]+)`", text)
    missing = {path for path in named if not (PROJECT / path).exists()}
    models = {path.stem for path in (PROJECT / "models").glob("**/*.sql")}
    tables = models | {_published_as("listed_review_actions")} | _in_code_font(_box(CONTRACT))
    for table in re.findall(r"`(?:core|marts|audit)\.(\w+)`", text):
        if table not in tables:
            missing.add(table)
    assert not missing, f"{_name(page)} names what is not there: {', '.join(sorted(missing))}"


def test_decisions_are_numbered_once_and_say_their_number() -> None:
    decisions = sorted((DOCS / "decisions").glob("*.md"))
    numbers = [path.name[:4] for path in decisions]
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)], numbers
    titles = {path.name: _read(path).partition("\n")[0] for path in decisions}
    wrong = [name for name, title in titles.items() if not title.startswith(f"# {name[:4]} ")]
    assert not wrong, f"begin with `# <number> <title>`: {', '.join(wrong)}"


@pytest.mark.parametrize(
    "path",
    sorted([*PROJECT.glob(".github/**/*.yml"), PROJECT / ".pre-commit-config.yaml"]),
    ids=lambda path: path.name,
)
def test_what_forges_read_is_yaml(path: Path) -> None:
    assert yaml.safe_load(_read(path))
