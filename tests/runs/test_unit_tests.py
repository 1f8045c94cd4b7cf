"""dbt's unit tests hold: each rule on invented rows, and with the default seeds."""

import shutil
from pathlib import Path

from tests.support.light import dbt
from tests.support.quick_dbt import columns_kept
from tests.support.running import Warehouse


def test_every_unit_test_of_dbt_passes(empty_warehouse: Warehouse, tmp_path: Path) -> None:
    # Unit tests ask the database for the types of what a model reads, so it must be built.
    shutil.copytree(empty_warehouse.path.parent / "build", tmp_path / "build")
    with columns_kept():
        outcome = dbt(tmp_path, "test", "--select", "test_type:unit", "--quiet")
    assert outcome.exception is None, outcome.exception
    results = list(outcome.result)
    assert len(results) > 100
    failed = [f"{one.node.name}: {one.message}" for one in results if str(one.status) != "pass"]
    assert not failed, f"{len(failed)} of {len(results)} fail\n" + "\n".join(failed)
