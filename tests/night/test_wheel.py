"""Somebody installs the wheel, has no clone, and publishes a company in an empty folder.

What belongs here: the wheel alone. What does not: what a run publishes, which is the same.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.cases import BRIGHTWATER, BRIGHTWATER_AS_OF, copied
from tests.support.running import PROJECT, Warehouse, environment


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the wheel is installed, without what it depends on."""
    root = tmp_path_factory.mktemp("wheel")
    uv = str(Path(sys.executable).with_name("uv"))
    made = root / "source"
    # Built from what git has, so that no stray file gets into it.
    archive = subprocess.run(
        ["git", "archive", "--format=tar", "HEAD"], cwd=PROJECT, capture_output=True, check=True
    )
    made.mkdir()
    subprocess.run(["tar", "-x", "-C", str(made)], input=archive.stdout, check=True)
    for command in (
        [uv, "build", "--quiet", "--wheel", "--out-dir", str(root / "dist"), str(made)],
        [uv, "pip", "install", "--quiet", "--python", sys.executable, "--no-deps",
         "--target", str(root / "site"), "--find-links", str(root / "dist"), "pipegen-warehouse"],
    ):  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    return root / "site"


def test_a_wheel_publishes_the_casebook_in_an_empty_folder(
    installed: Path, tmp_path: Path, casebook_warehouse: Warehouse
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    settings = copied(BRIGHTWATER, tmp_path / "company") | {"as_of": BRIGHTWATER_AS_OF}
    given = environment("", **settings) | {
        "PYTHONPATH": str(installed),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }
    done = subprocess.run(
        [sys.executable, "-m", "pipegen", "run"],
        cwd=empty, env=given, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    published = Warehouse(empty / ".pipegen" / "warehouse.duckdb")
    assert [path.name for path in empty.iterdir()] == [".pipegen"]
    deals = "select * from core.fct_opportunities order by opportunity_id"
    assert published.rows(deals) == casebook_warehouse.rows(deals)
    [project] = (tmp_path / "cache" / "pipegen" / "project").iterdir()
    assert (project / "dbt_packages" / "dbt_utils").is_dir(), "dbt wrote in the copy it was given"
