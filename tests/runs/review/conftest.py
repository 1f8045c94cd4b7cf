"""A browser, and packets as whole runs leave them."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import hostile
from tests.support.light import built
from tests.support.running import Warehouse, once

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """Debian's Chromium, headless."""
    path = shutil.which("chromium")
    if not path:
        pytest.skip("chromium is not installed (make chromium): the page goes untried in a browser")
    with playwright.sync_playwright() as running:
        started = running.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield started
        started.close()


@pytest.fixture(scope="session")
def hostile_warehouse(shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The company that typed scripts, built once."""
    settings = hostile.write(tmp_path_factory.mktemp("hostile"))

    def make(home: Path) -> Path:
        return built(home, is_reviewed=True, **settings).path

    return Warehouse(once(shared_folder / "hostile", make))


@pytest.fixture(params=["demo", "casebook", "empty", "hostile"])
def company(request: pytest.FixtureRequest) -> Warehouse:
    """Each company in turn."""
    warehouse: Warehouse = request.getfixturevalue(f"{request.param}_warehouse")
    return warehouse


@pytest.fixture
def page(company: Warehouse) -> Path:
    """The page that the company's run left."""
    from tests.support.browser import page_of

    return page_of(company)
