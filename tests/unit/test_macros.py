"""What engines spell differently means on DuckDB what it must mean on each. Servers are asked the
same in tests/night/engines."""

from pathlib import Path

from tests.support.engine_claims import EXPECTED, answers


def test_on_duckdb(tmp_path: Path) -> None:
    assert answers("duckdb", tmp_path) == EXPECTED
