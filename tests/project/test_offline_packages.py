"""The stand-in for dbt_utils does what the package does, for the tests this project uses."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipegen.packages import INSTALLED, STAND_IN, installed_dbt_utils
from tests.support.running import PROJECT

ROWS = """
select * from (values
    (1, 'a', 0.5, date '2026-01-01'), (1, 'b', 0.0, date '2026-01-02'),
    (2, 'a', 1.0, date '2026-01-02'), (2, 'b', 0.25, null)
) as rows (id, kind, share, day)
"""

SPOILT = """
select * from (values
    (1, 'a', 0.5, date '2026-01-01'), (1, 'a', -0.1, date '2026-01-02'),
    (1, 'a', 1.1, date '2026-01-03'), (2, 'a', null, null), (2, 'b', 1.0, date '2026-01-02'),
    (null, 'c', 0.0, null), (null, 'c', 0.0, null)
) as rows (id, kind, share, day)
"""

# Test, its arguments, rows that break it among ROWS and among SPOILT. A null breaks no claim.
CLAIMS = [
    ("unique_combination_of_columns", {"combination_of_columns": ["id", "kind"]}, 0, 2),
    ("accepted_range", {"column_name": "share", "min_value": 0, "max_value": 1}, 0, 2),
    ("accepted_range", {"column_name": "share", "min_value": 0}, 0, 1),
    (
        "accepted_range",
        {"column_name": "share", "max_value": 1, "min_value": -1, "inclusive": False},
        1,
        2,
    ),
    ("expression_is_true", {"expression": "share <= 1"}, 0, 1),
    ("expression_is_true", {"column_name": "share", "expression": ">= 0"}, 0, 1),
    ("expression_is_true", {"expression": "day >= '2026-01-02'"}, 1, 1),
]


def _project(root: Path, package: Path) -> None:
    """A dbt project with both tables and every claim about each."""
    shutil.copytree(package, root / "dbt_packages" / "dbt_utils")
    (root / "models").mkdir()
    (root / "dbt_project.yml").write_text(
        "name: claims\nversion: '1.0.0'\nconfig-version: 2\nprofile: claims\n"
        "flags: {send_anonymous_usage_stats: false}\n"
    )
    (root / "packages.yml").write_text((PROJECT / "packages.yml").read_text(encoding="utf-8"))
    (root / "profiles.yml").write_text(
        "claims:\n  target: t\n  outputs: {t: {type: duckdb, path: claims.duckdb}}\n"
    )
    described = []
    for name, rows in (("good", ROWS), ("spoilt", SPOILT)):
        (root / "models" / f"{name}.sql").write_text(rows)
        tests = []
        for number, (test, given, *_) in enumerate(CLAIMS):
            tests.append(
                {f"dbt_utils.{test}": {"name": f"{name}_{number}", "arguments": given}}
            )
        described.append({"name": name, "data_tests": tests})
    (root / "models" / "models.yml").write_text(json.dumps({"version": 2, "models": described}))


def _failures(root: Path) -> dict[str, int]:
    """Rows that break each test, by the test's name."""
    done = subprocess.run(
        [sys.executable, "-m", "dbt.cli.main", "build", "--project-dir", ".",
         "--profiles-dir", ".", "--quiet"],
        cwd=root, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    results = root / "target" / "run_results.json"
    assert results.is_file(), done.stdout + done.stderr
    return {
        one["unique_id"].split(".")[2]: one["failures"]
        for one in json.loads(results.read_text(encoding="utf-8"))["results"]
        if one["unique_id"].startswith("test.")
    }


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    root = tmp_path_factory.mktemp("stand-in")
    _project(root, STAND_IN)
    return _failures(root)


@pytest.mark.parametrize("number", range(len(CLAIMS)), ids=lambda n: f"{CLAIMS[n][0]}-{n}")
def test_the_stand_in_passes_and_fails_as_the_rows_do(
    stand_in: dict[str, int], number: int
) -> None:
    _, _, good, spoilt = CLAIMS[number]
    assert (stand_in[f"good_{number}"], stand_in[f"spoilt_{number}"]) == (good, spoilt)


def test_the_stand_in_has_every_macro_of_the_package_that_the_project_calls() -> None:
    called = {
        name
        for pattern in ("models/**/*.sql", "models/**/*.yml", "macros/*.sql", "tests/data/**/*.sql")
        for path in PROJECT.glob(pattern)
        for name in re.findall(r"\bdbt_utils\.(\w+)", path.read_text(encoding="utf-8"))
    }
    code = "".join(p.read_text(encoding="utf-8") for p in (STAND_IN / "macros").glob("*.sql"))
    there = set(re.findall(r"{%-?\s*(?:test|macro)\s+(\w+)\(", code))
    assert called
    assert called <= there, f"the stand-in in {STAND_IN} lacks {called - there}"
    tried = {test for test, *_ in CLAIMS}
    assert there <= tried, f"{there - tried} of the stand-in is tried by no claim here"


def test_the_stand_in_agrees_with_the_package(
    stand_in: dict[str, int], tmp_path: Path
) -> None:
    if installed_dbt_utils() != "hub":
        pytest.skip("dbt_utils from the hub is not installed here: no parity was looked at")
    _project(tmp_path, INSTALLED)
    assert stand_in == _failures(tmp_path)
