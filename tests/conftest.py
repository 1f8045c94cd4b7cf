"""Published warehouses that several tests read.

What belongs here: fixtures that run the whole job once and are read by many. What does not: tests
that change a home; they make their own.
"""

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipegen.settings import Settings
from tests.support.cases import (
    BRIGHTWATER,
    BRIGHTWATER_AS_OF,
    HARBOUR_LANE,
    HARBOUR_LANE_AS_OF,
    MAVEN,
    copied,
)
from tests.support.light import built, parsed_project, use
from tests.support.running import (
    Warehouse,
    environment,
    mounted,
    once,
    published,
    write_company,
)

# dbt's objects stay until the end, and Python scans them again and again for cycles: a tenth of
# what a build in this process takes. `pipegen run` does without.
gc.set_threshold(20_000, 20, 1_000)

# Files of whole runs one after the other. They begin first, so that none is left to the end while
# the other worker has nothing to do.
LONGEST = (
    "runs/any_company/test_any_company.py", "runs/maven/test_figures.py",
    "runs/casebook/test_rows.py",
    "runs/review/test_page.py", "runs/cli/test_commands.py",
    "runs/test_unit_tests.py", "runs/test_personal_data.py", "runs/demo/test_truth.py",
    "night/test_odd_companies.py", "night/test_from_run_to_run.py", "night/test_whole_runs.py",
    "night/test_daemon.py", "night/test_faults.py",
    "night/test_blocking_runs.py", "night/test_parts_and_weeks.py", "night/engines/test_parity.py",
)  # fmt: skip

NIGHT = Path(__file__).parent / "night"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, the others as they are found; what lies in tests/night is marked."""
    for item in items:
        if NIGHT in item.path.parents:
            item.add_marker("night")
    place = {Path(__file__).parent / name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path, len(LONGEST)))


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all worker processes of this test session see."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base


@pytest.fixture(scope="session")
def empty_company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of raw tables without a row."""
    return write_company(tmp_path_factory.mktemp("raw"), rows={})


@pytest.fixture(scope="session")
def empty_warehouse(shared_folder: Path, empty_company: Path) -> Warehouse:
    """A company without a deal, built once under the default rules."""
    settings = {"raw": empty_company, "as_of": BRIGHTWATER_AS_OF}

    def make(home: Path) -> Path:
        return built(home, is_reviewed=True, **settings).path

    return Warehouse(once(shared_folder / "empty", make))


@pytest.fixture(scope="session")
def casebook(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """The settings of a run on the worked company, of which runs get a copy."""
    return copied(BRIGHTWATER, tmp_path_factory.mktemp("cases")) | {"as_of": BRIGHTWATER_AS_OF}


@pytest.fixture(scope="session")
def casebook_warehouse(shared_folder: Path, casebook: dict[str, object]) -> Warehouse:
    """The worked company, published once by a whole run."""
    return Warehouse(once(shared_folder / "casebook", lambda home: published(home, **casebook)))


@pytest.fixture(scope="session")
def funnel_built(shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The worked funnel, built once in this process."""

    def make(home: Path) -> Path:
        company = copied(HARBOUR_LANE, tmp_path_factory.mktemp("funnel"))
        return built(home, **company, as_of=HARBOUR_LANE_AS_OF).path

    return Warehouse(once(shared_folder / "funnel", make))


@pytest.fixture(scope="session")
def casebook_built(shared_folder: Path, casebook: dict[str, object]) -> Warehouse:
    """The worked company, built once in this process, for builds that follow on it."""

    def make(home: Path) -> Path:
        return built(home, is_tested=False, **casebook).path

    return Warehouse(once(shared_folder / "casebook_built", make))


@pytest.fixture(scope="session")
def demo_warehouse(shared_folder: Path) -> Warehouse:
    """The demo company as a first run publishes it: no raw tables, no day, no seeds named."""
    return Warehouse(once(shared_folder / "demo", published))


@pytest.fixture(scope="session")
def maven(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """The settings of a run on the Maven company, of which runs get a copy, but for the day."""
    return dict(copied(MAVEN, tmp_path_factory.mktemp("maven")))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of four megabytes."""
    with mounted(tmp_path / "disk", "size=4m") as disk:
        yield disk


@pytest.fixture(scope="session")
def dagster_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that is prepared for Dagster, as `make dev` prepares it; nothing was run in it."""
    home = tmp_path_factory.mktemp("dagster")
    with pytest.MonkeyPatch.context() as patch:
        use(patch, environment(home))
        from pipegen.orchestration import serve

        serve.prepare(Settings.of(os.environ))
    return home


@pytest.fixture(scope="session")
def definitions(dagster_home: Path) -> Iterator[Any]:
    """Everything that Dagster loads, in a folder that is not the project's, as people have it."""
    from pipegen.orchestration.definitions import of_environment

    with pytest.MonkeyPatch.context() as patch:
        use(patch, environment(dagster_home))
        patch.chdir(dagster_home)
        yield of_environment()


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """dbt's own view of the project."""
    return parsed_project(tmp_path_factory.mktemp("parsed")).json
