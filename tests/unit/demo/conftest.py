"""The demo company, written once for all tests that only read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipegen import demo


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the company at its default size."""
    out = tmp_path_factory.mktemp("company")
    demo.generate(out)
    return out
