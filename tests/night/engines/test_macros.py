"""What engines spell differently means the same on the servers as on DuckDB. A failure here moves
days, cents or the order of things on one engine, and with it a number that another engine tells
otherwise."""

import os
from pathlib import Path

import pytest

from tests.support.engine_claims import EXPECTED, answers


@pytest.mark.postgres
def test_on_postgres(tmp_path: Path, database: dict[str, str]) -> None:
    assert os.environ["PGPORT"] == database["PGPORT"]
    assert answers("postgres", tmp_path) == EXPECTED


@pytest.mark.spark
def test_on_spark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIPEGEN_HOME", str(tmp_path))
    assert answers("spark", tmp_path) == EXPECTED
