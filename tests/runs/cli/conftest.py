"""The bench of every test of the command line."""

import shutil
from pathlib import Path

import pytest

from tests.support.bench import Bench
from tests.support.running import PROJECT, Warehouse


@pytest.fixture
def bench(empty_warehouse: Warehouse, empty_company: Path, tmp_path: Path) -> Bench:
    home = tmp_path / "home"
    home.mkdir()
    shutil.copy2(empty_warehouse.path, home)
    shutil.copytree(empty_company, tmp_path / "raw")
    shutil.copytree(PROJECT / "seeds", tmp_path / "seeds")
    return Bench(home, tmp_path / "raw", tmp_path / "seeds")
