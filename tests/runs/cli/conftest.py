"""The bench of every test of the command line."""

import shutil
from pathlib import Path

import pytest

from tests.support.bench import Bench
from tests.support.running import Warehouse
from tests.support.seeds import default_seeds


@pytest.fixture
def bench(empty_warehouse: Warehouse, empty_company: Path, tmp_path: Path) -> Bench:
    home = tmp_path / "home"
    home.mkdir()
    shutil.copy2(empty_warehouse.path, home)
    shutil.copytree(empty_company, tmp_path / "raw")
    return Bench(home, tmp_path / "raw", default_seeds(tmp_path / "seeds"))
