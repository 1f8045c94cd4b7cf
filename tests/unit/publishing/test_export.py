"""The exported feeds: whole files, the same rows in both kinds, or none."""

from pathlib import Path

import duckdb
import pytest

from pipegen.errors import PipegenError
from pipegen.publishing.export import FEEDS, export_feeds


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """A published warehouse with two rows a feed, the later id first, and a value to be quoted."""
    path = tmp_path / "it's here" / "warehouse.duckdb"
    path.parent.mkdir()
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.map_feedback (person_id varchar, stage_reached varchar, "
            "won_amount decimal(28, 2), rejection_reason varchar, is_changed boolean)"
        )
        connection.execute(
            "insert into marts.map_feedback values "
            "('P2', 'won', 1234.50, null, true), "
            "('P1', 'mql', 0, 'No budget, \"really\"', false)"
        )
        connection.execute(
            "create table marts.crm_signals as select * from (values "
            "('O2', timestamp '2026-05-01 10:00:00'), ('O1', null)) as t (opportunity_id, "
            "last_touch_at)"
        )
        connection.execute(
            "create table marts.held_mqls as select * from (values ('P9', 3), ('P1', 12)) "
            "as t (person_id, age_days)"
        )
    return path


def test_csv_and_parquet_hold_each_feed_in_order_of_id(warehouse: Path, tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    files = export_feeds(warehouse, folder)
    assert files == [folder / f"{feed}.{kind}" for feed in FEEDS for kind in ("csv", "parquet")]
    assert sorted(path.name for path in folder.iterdir()) == sorted(path.name for path in files)
    texts = {path.stem: path.read_text().splitlines() for path in files if path.suffix == ".csv"}
    assert texts == {
        "map_feedback": [
            "person_id,stage_reached,won_amount,rejection_reason,is_changed",
            'P1,mql,0.00,"No budget, ""really""",false',
            "P2,won,1234.50,,true",
        ],
        "crm_signals": ["opportunity_id,last_touch_at", "O1,", "O2,2026-05-01 10:00:00"],
        "held_mqls": ["person_id,age_days", "P1,12", "P9,3"],
    }
    rows = duckdb.execute("select * from read_parquet(?)", [str(folder / "map_feedback.parquet")])
    assert [column[1] for column in rows.description][2] == "DECIMAL(28,2)"
    assert [row[0] for row in rows.fetchall()] == ["P1", "P2"]


def test_an_export_takes_the_place_of_the_last_and_is_the_same_again(
    warehouse: Path, tmp_path: Path
) -> None:
    first = [path.read_bytes() for path in export_feeds(warehouse, tmp_path)]
    (tmp_path / "map_feedback.csv").write_text("old")
    assert [path.read_bytes() for path in export_feeds(warehouse, tmp_path)] == first


def test_an_empty_mart_is_a_header(warehouse: Path, tmp_path: Path) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("delete from marts.held_mqls")
    export_feeds(warehouse, tmp_path)
    assert (tmp_path / "held_mqls.csv").read_text().splitlines() == ["person_id,age_days"]


def test_a_warehouse_without_one_of_the_marts_leaves_the_last_export_alone(
    warehouse: Path, tmp_path: Path
) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("drop table marts.held_mqls")
    last = tmp_path / "map_feedback.csv"
    last.write_text("last")
    with pytest.raises(PipegenError, match="held_mqls can't be exported"):
        export_feeds(warehouse, tmp_path)
    assert last.read_text() == "last"
    assert not list(tmp_path.glob("*.next"))


def test_a_missing_warehouse_is_reported(tmp_path: Path) -> None:
    with pytest.raises(PipegenError, match="can't be exported"):
        export_feeds(tmp_path / "none.duckdb", tmp_path / "exports")
