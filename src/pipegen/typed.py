"""Commands and paths in messages, as the user can type them here and now.

What belongs here: what a command of this environment, or a file, is called from where the user
stands. What does not: what any command does.
"""

import os
import shlex
import shutil
import sys
from pathlib import Path


def typed(command: str) -> str:
    """A command such as `pipegen packet` with the path that its first word needs.

    In an activated environment none; else the path of the environment's script, relative where it
    lies below the current folder: `.venv/bin/pipegen packet`.
    """
    name, _, rest = command.partition(" ")
    return " ".join(word for word in (_program(name), rest) if word)


def _program(name: str) -> str:
    script = Path(sys.executable).with_name(name)
    if not script.exists():
        # Not installed beside this Python: `python -m pipegen` works wherever it can be imported.
        return f"{shlex.quote(sys.executable)} -m {name}" if name == "pipegen" else name
    found = shutil.which(name)
    if found and os.path.realpath(found) == os.path.realpath(script):
        return name
    return shlex.quote(shown(script))


def shown(path: Path) -> str:
    """A path as a user here would write it: relative where it lies below the current folder."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path != here and path.is_relative_to(here) else str(path)
