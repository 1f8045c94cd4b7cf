"""The export of the feedback to the MAP: whole files, the same rows in both, or none."""

from pathlib import Path

import duckdb
import pytest

from pipegen.errors import PipegenError
from pipegen.publishing.export import export_map_feedback


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """A published warehouse with two people, the later id first, and a value that needs quotes."""
    path = tmp_path / "it's here" / "warehouse.duckdb"
    path.parent.mkdir()
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.map_feedback (person_id varchar, stage_reached varchar, "
            "won_amount decimal(18, 2), rejection_reason varchar, is_changed boolean)"
        )
        connection.execute(
            "insert into marts.map_feedback values "
            "('P2', 'won', 1234.50, null, true), "
            "('P1', 'mql', 0, 'No budget, \"really\"', false)"
        )
    return path


def test_csv_and_parquet_hold_the_mart_in_order_of_id(warehouse: Path, tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    files = export_map_feedback(warehouse, folder)
    assert files == [folder / "map_feedback.csv", folder / "map_feedback.parquet"]
    assert sorted(path.name for path in folder.iterdir()) == sorted(path.name for path in files)
    assert files[0].read_text().splitlines() == [
        "person_id,stage_reached,won_amount,rejection_reason,is_changed",
        'P1,mql,0.00,"No budget, ""really""",false',
        "P2,won,1234.50,,true",
    ]
    rows = duckdb.execute("select * from read_parquet(?)", [str(files[1])])
    assert [column[1] for column in rows.description][2] == "DECIMAL(18,2)"
    assert [row[0] for row in rows.fetchall()] == ["P1", "P2"]


def test_an_export_takes_the_place_of_the_last_and_is_the_same_again(
    warehouse: Path, tmp_path: Path
) -> None:
    first = [path.read_bytes() for path in export_map_feedback(warehouse, tmp_path)]
    (tmp_path / "map_feedback.csv").write_text("old")
    assert [path.read_bytes() for path in export_map_feedback(warehouse, tmp_path)] == first


def test_an_empty_mart_is_a_header(warehouse: Path, tmp_path: Path) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("delete from marts.map_feedback")
    csv, _ = export_map_feedback(warehouse, tmp_path)
    assert len(csv.read_text().splitlines()) == 1


def test_a_warehouse_without_the_mart_leaves_the_last_export_alone(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    duckdb.connect(str(path)).close()
    last = tmp_path / "map_feedback.csv"
    last.write_text("last")
    with pytest.raises(PipegenError, match="map_feedback can't be exported"):
        export_map_feedback(path, tmp_path)
    assert last.read_text() == "last"
    assert not list(tmp_path.glob("*.next"))


def test_a_missing_warehouse_is_reported(tmp_path: Path) -> None:
    with pytest.raises(PipegenError, match="can't be exported"):
        export_map_feedback(tmp_path / "none.duckdb", tmp_path / "exports")
