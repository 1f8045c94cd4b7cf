"""The default seeds as a company might keep its own: all files in one folder."""

from pathlib import Path

from tests.support.running import PROJECT


def default_seeds(folder: Path) -> Path:
    """A folder with a copy of every default seed."""
    folder.mkdir(parents=True)
    for seed in (PROJECT / "seeds").rglob("*.csv"):
        (folder / seed.name).write_bytes(seed.read_bytes())
    return folder
