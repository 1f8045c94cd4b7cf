"""The manifest from which Dagster loads its assets, made when the project has changed.

What belongs here: where it is kept and when it is made anew. What does not: what is in it.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipegen import transform
from pipegen.company.settings import company_vars
from pipegen.errors import PipegenError
from pipegen.files import atomic_write
from pipegen.packages import install_packages
from pipegen.project import PROJECT
from pipegen.settings import Settings

# What dbt reads of the project, as far as the graph depends on it.
READ = ("models", "macros", "tests/data", "seeds", "rulebook")
FILES = ("dbt_project.yml", "packages.yml", "profiles.yml")


def prepared_manifest(settings: Settings) -> dict[str, Any]:
    """The manifest of the project as it is now; parses it if what is kept is of another.

    Only names and dependencies are read from it: it is made with the default rules and settings,
    and every run reads the project anew with its own. Raises `PipegenError` where the project
    can't be read.
    """
    folder = settings.dagster / "project"
    kept = folder / f"manifest-{_digest()}.json"
    if not kept.exists():
        folder.mkdir(parents=True, exist_ok=True)
        install_packages()
        parsed = _parsed(folder)
        for old in folder.glob("manifest-*.json"):
            old.unlink(missing_ok=True)
        atomic_write(kept, parsed)
    return dict(json.loads(kept.read_text(encoding="utf-8")))


def _parsed(folder: Path) -> bytes:
    """The manifest of the default company, parsed beside the home's own target."""
    scratch = folder / f"parse-{os.getpid()}"
    settings = Settings.of({"PIPEGEN_HOME": str(scratch)})
    told = ("PIPEGEN_HOME", "PIPEGEN_BUILD", "PIPEGEN_SEED_PATH")
    given = {name: os.environ.get(name) for name in told}
    try:
        transform.parse(settings, {**company_vars(), "as_of": ""})
        return (scratch / "target" / "manifest.json").read_bytes()
    except OSError as error:
        raise PipegenError(f"{scratch} can't be written ({error.strerror})") from None
    finally:
        for name, value in given.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        shutil.rmtree(scratch, ignore_errors=True)


def _digest() -> str:
    found = hashlib.sha256()
    for path in _files():
        found.update(path.relative_to(PROJECT).as_posix().encode() + b"\0")
        found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()[:16]


def _files() -> Iterator[Path]:
    for folder in READ:
        yield from (path for path in sorted((PROJECT / folder).rglob("*")) if path.is_file())
    yield from (PROJECT / name for name in FILES)
