"""The dbt packages that a run needs, from the hub, or a stand-in if the hub can't be reached.

What belongs here: `dbt deps` and its fallback. What does not: what the packages do.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from pipegen.files import atomic_write
from pipegen.project import PROJECT

INSTALLED = PROJECT / "dbt_packages" / "dbt_utils"
STAND_IN = PROJECT / "macros" / "offline" / "dbt_utils"


def installed_dbt_utils(folder: Path = INSTALLED) -> str | None:
    """Which dbt_utils is installed: `hub`, `stand-in`, or None."""
    if not (folder / "dbt_project.yml").is_file():
        return None
    return "hub" if (folder / "README.md").is_file() else "stand-in"


def install_packages() -> str:
    """Install the dbt packages if they are missing; returns one line that says which are in use."""
    if installed_dbt_utils() is None:
        outcome = subprocess.run(
            [_dbt(), "deps", "--quiet", "--project-dir", str(PROJECT)],
            capture_output=True,
            check=False,
        )
        if outcome.returncode != 0 or installed_dbt_utils() is None:
            shutil.rmtree(INSTALLED, ignore_errors=True)
            shutil.copytree(STAND_IN, INSTALLED)
    elif installed_dbt_utils() == "stand-in":
        refresh(STAND_IN, INSTALLED)
    if installed_dbt_utils() == "hub":
        return "dbt_utils: the package from the hub"
    return "dbt_utils: the project's stand-in (macros/offline), the package hub is out of reach"


def refresh(source: Path, target: Path) -> None:
    """Update the copy of a folder of ours, which may have changed since it was copied.

    Files that are the same are not written. Others are replaced atomically, because another run may
    be reading them.
    """
    for path in sorted(source.rglob("*")):
        copy = target / path.relative_to(source)
        if path.is_dir():
            copy.mkdir(parents=True, exist_ok=True)
        elif not copy.is_file() or copy.read_bytes() != path.read_bytes():
            atomic_write(copy, path.read_bytes())


def _dbt() -> str:
    return str(Path(sys.executable).with_name("dbt"))
