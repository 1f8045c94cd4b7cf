"""What is written down for others: the lock and the documents name no machine and no registry."""

import re
from pathlib import Path

import pytest

from tests.support.running import PROJECT

# An absolute path of some machine: in a document it is true nowhere else.
MACHINE_PATH = re.compile(r"(?<![\w.}~/-])/(?:home|root|work|tmp|Users|mnt|opt|private)/[\w.]")
REGISTRY = re.compile(r"--(?:extra-)?index-url|--find-links|://[^/\s]*(?:pypi|artifactory|nexus)")

DOCUMENTS = (
    "*.md", "docs/**/*.md", "Makefile", ".ci/*", ".github/**/*.*", ".*.y*ml", ".editorconfig",
    "*.toml", "*.yml", "seeds/**/*.csv",
)  # fmt: skip


def _documents() -> list[Path]:
    return [path for pattern in DOCUMENTS for path in sorted(PROJECT.glob(pattern))]


def test_every_line_of_the_lock_is_a_name_and_a_version() -> None:
    lines = (PROJECT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    assert len(lines) > 100
    assert [line for line in lines if not re.fullmatch(r"[a-z0-9._-]+==[0-9][\w.+!]*", line)] == []


@pytest.mark.parametrize("path", _documents(), ids=lambda path: path.name)
def test_documents_name_no_machine_and_no_registry(path: Path) -> None:
    found = [
        f"line {number}: {line.strip()}"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if MACHINE_PATH.search(line) or REGISTRY.search(line)
    ]
    assert not found, "\n" + "\n".join(found)


def test_such_a_line_would_be_seen() -> None:
    machine = "/".join(["see ", "home", "ann", "x.csv"])
    assert MACHINE_PATH.search(machine)
    assert MACHINE_PATH.search(machine.replace("see ", "raw="))
    assert not MACHINE_PATH.search("../shared/data, src/home/x, $HOME/tmp/x, https://a.example/tmp/x")
    assert REGISTRY.search("pip install --index-url=x")
    assert REGISTRY.search("https://pypi.somewhere.example/simple")
