"""Databases for tests, on one server that all tests of a process share."""

from collections.abc import Iterator

import pytest

from tests.support import servers
from tests.support.servers import new_database


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A Postgres server, as libpq's variables."""
    with servers.postgres(tmp_path_factory.mktemp("postgres") / "server") as environment:
        yield environment


@pytest.fixture
def database(
    postgres_server: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, str]]:
    """An empty database, which this process and its children use as pipegen's."""
    environment = new_database(postgres_server)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    yield environment


@pytest.fixture(scope="module")
def module_database(postgres_server: dict[str, str]) -> dict[str, str]:
    """An empty database for the tests of one file."""
    return new_database(postgres_server)
