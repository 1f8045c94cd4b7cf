"""Where the dbt project is, and where runs write by default.

What belongs here: those two paths. What does not: what a run writes (`runs.home`).

In a clone, the project is beside `src/`. A wheel contains a copy, which is unpacked once into the
user's cache: dbt writes beside the files that it reads, and an installed package may belong to
another user.
"""

import hashlib
import os
import shutil
from pathlib import Path

import platformdirs

# The copy of the project in a wheel: see `tool.setuptools` in pyproject.toml.
PACKED = Path(__file__).resolve().parent / "dbt_project"


def unpacked(packed: Path, cache: Path) -> Path:
    """The folder in `cache` with the current files of `packed`, created if it does not exist.

    It is named by a digest of their content, so that each version has its own folder. It is written
    under a temporary name and then renamed, because several processes may start at once. Raises
    `OSError` if it can't be written.
    """
    digest = hashlib.sha256()
    for path in sorted(path for path in packed.rglob("*") if path.is_file()):
        digest.update(path.relative_to(packed).as_posix().encode() + b"\0" + path.read_bytes())
    folder = cache / digest.hexdigest()[:16]
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        beside = cache / f".{folder.name}.{os.getpid()}"
        shutil.rmtree(beside, ignore_errors=True)
        shutil.copytree(packed, beside)
        try:
            beside.rename(folder)
        except OSError:
            # Another process was first.
            shutil.rmtree(beside)
            if not folder.is_dir():
                raise
    return folder


def _clone() -> Path | None:
    """The clone that this package is installed from in editable mode, if it is."""
    folder = Path(__file__).resolve().parents[2]
    return folder if (folder / "dbt_project.yml").is_file() else None


_CLONE = _clone()

# The dbt project: models, macros, seeds, rulebook, profiles.
PROJECT = _CLONE or unpacked(PACKED, platformdirs.user_cache_path("pipegen") / "project")

# What relative paths and the default home start from: the clone, else where the command is typed.
WORKPLACE = _CLONE or Path.cwd()
