"""What engines spell differently gives the same on the servers as on DuckDB. A failure means that
days, cents or the order of rows differ on one engine, and with them some number."""

import os
from pathlib import Path

import pytest

from tests.support.engine_claims import EXPECTED, VALUES, answers, values


@pytest.mark.postgres
def test_on_postgres(tmp_path: Path, database: dict[str, str]) -> None:
    assert os.environ["PGPORT"] == database["PGPORT"]
    assert answers("postgres", tmp_path) == EXPECTED
    assert values("postgres", tmp_path) == VALUES


@pytest.mark.spark
def test_on_spark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIPEGEN_HOME", str(tmp_path))
    assert answers("spark", tmp_path) == EXPECTED
    assert values("spark", tmp_path) == VALUES
