"""Disks that are full and folders that can't be written: one line that names them, and what is
published stays."""

import os
from pathlib import Path

import pytest

from tests.support.bench import Bench
from tests.support.running import mounted, pipegen


def _refused(home: Path, bench: Bench) -> str:
    """The one line with which a run in that home ends."""
    done = pipegen("run", home=home, raw=bench.raw, seeds=bench.seeds, as_of=bench.as_of)
    assert done.returncode == 1, done.stdout
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    [line] = done.stderr.splitlines()
    assert line.startswith("pipegen: ")
    return line


@pytest.mark.parametrize("size", ["64k", "2m"], ids=["when landing", "when building"])
def test_a_disk_that_is_full(bench: Bench, tmp_path: Path, size: str) -> None:
    with mounted(tmp_path / "disk", f"size={size}") as disk:
        line = _refused(disk / "home", bench)
        assert str(disk / "home") in line
        assert "No space left on device" in line
        assert not (disk / "home" / "warehouse.duckdb").exists()


def test_a_home_that_is_read_only(bench: Bench, tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", "ro") as disk:
        told = bench.one_line(home=disk / "home")
        assert told.startswith(f"PIPEGEN_HOME {disk / 'home'} can't be written (Read-only")


def test_a_home_below_a_file(bench: Bench) -> None:
    home = bench.raw / "salesforce" / "user.csv" / "home"
    assert bench.one_line(home=home).startswith(f"PIPEGEN_HOME {home} can't be written")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere: rights go untested")
def test_a_home_without_the_right_to_write(bench: Bench, tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    assert f"{folder / 'home'} can't be written" in bench.one_line(home=folder / "home")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everywhere: rights go untested")
def test_a_raw_file_without_the_right_to_read(bench: Bench) -> None:
    file = bench.raw / "salesforce" / "user.csv"
    file.chmod(0)
    assert str(file) in bench.one_line()


def test_a_folder_in_place_of_a_raw_file_is_reported(bench: Bench) -> None:
    file = bench.raw / "salesforce" / "user.csv"
    file.unlink()
    file.mkdir()
    assert "salesforce/user.csv" in bench.one_line()
