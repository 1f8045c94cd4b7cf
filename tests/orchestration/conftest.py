"""Dagster over a home of the tests' own.

What belongs here: loading the definitions once, and the environment in which Dagster finds them.
What does not: claims.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from running import environment

from pipegen.orchestration import serve
from pipegen.settings import Settings


@pytest.fixture(scope="session")
def dagster_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that is prepared for Dagster, as `make dev` prepares it; nothing was run in it."""
    home = tmp_path_factory.mktemp("dagster")
    with pytest.MonkeyPatch.context() as patch:
        _set(patch, environment(home))
        serve.prepare(Settings.of(os.environ))
    return home


@pytest.fixture(scope="session")
def definitions(dagster_home: Path) -> Iterator[Any]:
    """Everything that Dagster loads."""
    from pipegen.orchestration.definitions import of_environment

    with pytest.MonkeyPatch.context() as patch:
        _set(patch, environment(dagster_home))
        yield of_environment()


@pytest.fixture(scope="session")
def manifest(dagster_home: Path) -> dict[str, Any]:
    """dbt's own view of the project."""
    from pipegen.orchestration.prepared import prepared_manifest

    return prepared_manifest(Settings.of({"PIPEGEN_HOME": str(dagster_home)}))


def _set(patch: pytest.MonkeyPatch, wanted: dict[str, str]) -> None:
    for name in list(os.environ):
        if name.startswith("PIPEGEN_") and name not in wanted:
            patch.delenv(name)
    for name, value in wanted.items():
        patch.setenv(name, value)
