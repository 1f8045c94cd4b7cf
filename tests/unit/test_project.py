"""The copy of the dbt project that a wheel holds, unpacked where dbt may write."""

from pathlib import Path

from pipegen.project import PROJECT, WORKPLACE, unpacked


def _packed(root: Path, sql: str) -> Path:
    packed = root / "packed"
    (packed / "models").mkdir(parents=True, exist_ok=True)
    (packed / "dbt_project.yml").write_text("name: x\n")
    (packed / "models" / "a.sql").write_text(sql)
    return packed


def test_a_wheels_project_is_unpacked_once(tmp_path: Path) -> None:
    packed = _packed(tmp_path, "select 1")
    folder = unpacked(packed, tmp_path / "cache")
    assert (folder / "models" / "a.sql").read_text() == "select 1"
    (folder / "dbt_packages").mkdir()
    assert unpacked(packed, tmp_path / "cache") == folder
    assert (folder / "dbt_packages").is_dir(), "what dbt wrote beside it stays"
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [folder.name]


def test_another_version_is_another_folder(tmp_path: Path) -> None:
    first = unpacked(_packed(tmp_path, "select 1"), tmp_path / "cache")
    second = unpacked(_packed(tmp_path, "select 2"), tmp_path / "cache")
    assert first != second
    assert (first / "models" / "a.sql").read_text() == "select 1"


def test_a_clone_is_used_where_it_lies() -> None:
    clone = Path(__file__).resolve().parents[2]
    assert clone == PROJECT == WORKPLACE
