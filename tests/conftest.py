"""Published warehouses that several tests look at.

What belongs here: fixtures that run the whole job once and are read by many. What does not: tests
that change a home; they make their own.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from running import SHARED, Warehouse, mounted, once, published, write_company

CASEBOOK = SHARED / "cases"
CASEBOOK_AS_OF = "2026-05-20"
MAVEN = SHARED / "data" / "maven"


# Files of whole runs one after the other. They begin first, so that none is left to the end while
# the other worker has nothing to do.
LONGEST = (
    "test_any_company.py", "test_whole_runs.py", "test_daemon.py", "test_faults.py",
    "test_from_run_to_run.py", "test_casebook_rows.py", "test_blocking_runs.py",
    "test_parts_and_weeks.py", "test_odd_companies.py", "test_maven_figures.py", "test_page.py",
    "test_parity.py", "test_commands.py", "test_unit_tests.py", "test_personal_data.py",
    "test_demo_warehouse.py",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, the others as they are found."""
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.name, len(LONGEST)))


def copied(company: Path, folder: Path) -> dict[str, object]:
    """A copy of a company's raw tables and seeds, as settings of a run.

    dbt writes over seeds that lie outside its project, should the run ever let it, and root is
    stopped by no file's mode: what belongs to others is never handed to a run.
    """
    for path in sorted(company.glob("raw/**/*")) + sorted(company.glob("seeds/*")):
        copy = folder / path.relative_to(company)
        if path.is_file():
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    return {"raw": folder / "raw", "seeds": folder / "seeds"}


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
    """A company without a deal, published once under the default rules."""
    settings = {"raw": empty_company, "as_of": CASEBOOK_AS_OF}
    return Warehouse(once(shared_folder / "empty", lambda home: published(home, **settings)))


@pytest.fixture(scope="session")
def casebook(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """The settings of a run on the worked company, of which runs get a copy."""
    if not CASEBOOK.is_dir():
        pytest.skip("../shared/cases is not beside this project: the casebook goes unchecked")
    return copied(CASEBOOK, tmp_path_factory.mktemp("cases")) | {"as_of": CASEBOOK_AS_OF}


@pytest.fixture(scope="session")
def casebook_warehouse(shared_folder: Path, casebook: dict[str, object]) -> Warehouse:
    """The worked company, published once."""
    return Warehouse(once(shared_folder / "casebook", lambda home: published(home, **casebook)))


@pytest.fixture(scope="session")
def demo_warehouse(shared_folder: Path) -> Warehouse:
    """The demo company as a first run publishes it: no raw tables, no day, no seeds named."""
    return Warehouse(once(shared_folder / "demo", published))


@pytest.fixture(scope="session")
def maven(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """The settings of a run on the Maven company, of which runs get a copy, but for the day."""
    if not MAVEN.is_dir():
        pytest.skip("../shared/data/maven is not beside this project: no real-sized CRM is tried")
    return dict(copied(MAVEN, tmp_path_factory.mktemp("maven")))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of four megabytes."""
    with mounted(tmp_path / "disk", "size=4m") as disk:
        yield disk
