"""dbt's unit tests hold: each rule on invented rows, and with the default seeds."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.running import PROJECT, Warehouse, environment


def test_every_unit_test_of_dbt_passes(empty_warehouse: Warehouse, tmp_path: Path) -> None:
    # Unit tests ask the database for the types of what a model reads, so it must be built.
    home = tmp_path / "home"
    shutil.copytree(empty_warehouse.path.parent / "build", home / "build")
    target = home / "target-unit"
    done = subprocess.run(
        [
            sys.executable, "-m", "dbt.cli.main", "test", "--select", "test_type:unit",
            "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT),
            "--target-path", str(target), "--log-path", str(home / "logs"), "--quiet",
        ],
        cwd=PROJECT, env=environment(home), capture_output=True, text=True, check=False,
        timeout=600,
    )  # fmt: skip
    assert (target / "run_results.json").is_file(), done.stdout + done.stderr
    results = json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"]
    assert results, "there is no unit test at all"
    failed = [one["unique_id"] for one in results if one["status"] != "pass"]
    assert not failed, f"{len(failed)} of {len(results)} fail\n{done.stdout}"
    assert done.returncode == 0, done.stdout + done.stderr
