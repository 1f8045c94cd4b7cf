"""Which part of the package may import which, imports inside functions counted.

What belongs here: the order of the parts, and that no two modules import one another. What does
not: the layers of the models (`test_layers`).
"""

import ast
import graphlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]

# From the bottom up: a part may import those above it in this list, and itself.
ORDER = (
    (
        "errors", "project", "files", "queries", "reporting", "typed", "dbt_messages", "dbt_once",
    ),
    ("contract",),
    ("company", "warehouses", "demo"),
    ("settings",),
    ("landing", "publishing", "review", "expectations", "packages"),
    ("parsed",),
    ("transform",),
    ("alerts",),
    ("runs",),
    ("orchestration",),
    ("cli",),
    ("__main__",),
)

# Parts of one row that may import another of the same row: what a page shows is what is published.
BESIDE: dict[str, set[str]] = {}

LEVELS = {part: level for level, row in enumerate(ORDER) for part in row}


def modules() -> dict[str, Path]:
    """Every module of the package by its import name."""
    found = {}
    for root, prefix in (
        (PROJECT / "src" / "pipegen", "pipegen"),
        (PROJECT / "orchestration", "pipegen.orchestration"),
        (PROJECT / "expectations", "pipegen.expectations"),
    ):
        for path in sorted(root.rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            name = ".".join([prefix, *parts]).removesuffix(".__init__")
            found[name] = path
    return found


def imported(source: str, known: set[str]) -> Iterator[str]:
    """The modules of the package that a source imports, wherever it does."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module in known:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in known else node.module


def graph() -> dict[str, set[str]]:
    """Every module with those that it imports."""
    found = modules()
    known = set(found)
    return {
        name: set(imported(path.read_text(encoding="utf-8"), known)) - {name}
        for name, path in found.items()
    }


def part(module: str) -> str:
    """The part of the package that a module is in: `runs` of `pipegen.runs.plan`."""
    return [*module.split("."), "pipegen"][1]


def breaches(imports: Mapping[str, set[str]]) -> list[str]:
    """Every import that leads upwards, or sideways, in words."""
    found = []
    for module, others in sorted(imports.items()):
        own = part(module)
        for other in sorted(others):
            theirs = part(other)
            if theirs in (own, "pipegen") or own == "pipegen":
                continue
            is_beside = theirs in BESIDE.get(own, set())
            if LEVELS[theirs] >= LEVELS[own] and not is_beside:
                found.append(
                    f"{module} imports {other}: {own} may not know {theirs}; move what both need "
                    f"below {own}, or the caller above {theirs} (ORDER in {Path(__file__).name})"
                )
    return found


def circle(imports: Mapping[str, set[str]]) -> list[str]:
    """The modules of one circle of imports; none where there is no circle.

    A package's `__init__` is what its modules have in common with the outside: that it imports
    them, and they the package's other modules, is no circle.
    """
    sorter = graphlib.TopologicalSorter(
        {
            name: {o for o in others if not name.startswith(f"{o}.")}
            for name, others in imports.items()
        }
    )
    try:
        sorter.prepare()
    except graphlib.CycleError as error:
        return list(error.args[1])
    return []


def test_every_part_has_its_place() -> None:
    parts = {part(name) for name in modules()} - {"pipegen"}
    assert parts == set(LEVELS), "name the new part in ORDER, or take the old one out"


def test_no_part_imports_one_above_it() -> None:
    found = breaches(graph())
    assert not found, "\n" + "\n".join(found)


def test_no_modules_import_one_another() -> None:
    assert not circle(graph())


@pytest.mark.parametrize(
    ("module", "other"),
    [
        ("pipegen.runs.plan", "pipegen.cli.console"),
        ("pipegen.warehouses.access", "pipegen.settings"),
        ("pipegen.expectations.gate", "pipegen.runs.run"),
        ("pipegen.review.page", "pipegen.publishing.export"),
    ],
)
def test_an_import_that_leads_upwards_is_reported(module: str, other: str) -> None:
    [found] = breaches({module: {other}})
    assert module in found
    assert other in found
    assert not breaches({other: {module}}) or part(module) == "review"


def test_a_circle_is_seen_inside_functions_too() -> None:
    known = {"pipegen.a", "pipegen.b"}
    assert set(imported("def f():\n    from pipegen.a import x\n", known)) == {"pipegen.a"}
    assert set(imported("from pipegen.b import y\n", known)) == {"pipegen.b"}
    assert circle({"pipegen.a": {"pipegen.b"}, "pipegen.b": {"pipegen.a"}})
    assert not circle({"pipegen.a": {"pipegen.b"}, "pipegen.b": set()})


def test_a_class_name_has_one_meaning() -> None:
    places: dict[str, list[str]] = {}
    for name, path in modules().items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault(node.name, []).append(name)
    twice = {name: where for name, where in places.items() if len(where) > 1}
    assert not twice, f"rename all but one: {twice}"
