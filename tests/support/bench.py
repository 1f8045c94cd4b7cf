"""A company, its rules and a published warehouse, for tests that spoil one thing each.

What belongs here: making folders in which a test then spoils one thing. What does not: runs.
"""

import hashlib
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from pipegen.cli.commands import main
from tests.support.running import environment, pipegen


def invoked(
    *arguments: str, home: Path, **settings: object
) -> subprocess.CompletedProcess[str]:
    """A `pipegen` command in this process, for what builds nothing."""
    runner = CliRunner()
    wanted = environment(home, **settings)
    gone = {name: None for name in os.environ if name not in wanted}
    done = runner.invoke(main, arguments, env=wanted | gone)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return subprocess.CompletedProcess(arguments, done.exit_code, done.stdout, done.stderr)


@dataclass
class Bench:
    """A home with a published warehouse, raw tables and seeds, all copies of this test's own."""

    home: Path
    raw: Path
    seeds: Path
    as_of: str = "2026-05-20"

    @property
    def warehouse(self) -> Path:
        return self.home / "warehouse.duckdb"

    def refused(self, command: str = "run", *arguments: str, **settings: object) -> list[str]:
        """The lines of error with which a command is refused, nothing published being touched."""
        return self._refused(invoked, command, *arguments, **settings)

    def refused_for_real(self, **settings: object) -> list[str]:
        """The same for a run in a process of its own, as a user starts it."""
        return self._refused(pipegen, "run", **settings)

    def _refused(
        self, call: Callable[..., Any], command: str, *arguments: str, **settings: object
    ) -> list[str]:
        before = self._state()
        given = {"raw": self.raw, "seeds": self.seeds, "as_of": self.as_of} | settings
        home = given.pop("home", self.home)
        done = call(command, *arguments, home=home, **given)
        assert done.returncode != 0, done.stdout
        assert "Traceback" not in done.stdout + done.stderr, done.stderr
        assert self._state() == before, "the published warehouse was touched"
        lines = done.stderr.splitlines()
        assert lines, "nothing was said"
        assert lines[0].startswith("pipegen: ")
        return [lines[0].removeprefix("pipegen: "), *lines[1:]]

    def one_line(self, **settings: object) -> str:
        """The one line of error with which a run is refused."""
        [line] = self.refused(**settings)
        return line

    def _state(self) -> tuple[str, int]:
        content = hashlib.sha256(self.warehouse.read_bytes()).hexdigest()
        return content, self.warehouse.stat().st_mtime_ns
