"""What engines spell differently gives the right answer on DuckDB. tests/night/engines asks the
servers the same."""

from pathlib import Path

from tests.support.engine_claims import EXPECTED, VALUES, answers, values


def test_on_duckdb(tmp_path: Path) -> None:
    assert answers("duckdb", tmp_path) == EXPECTED


def test_every_text_on_duckdb(tmp_path: Path) -> None:
    assert values("duckdb", tmp_path) == VALUES
