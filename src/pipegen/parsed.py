"""A cache of the parsed dbt project: parsing takes eight seconds, with the same result until a file
of the project changes.

What belongs here: what a cached manifest depends on, where it is kept, and pointing it to the seeds
of the current run. What does not: calling dbt (`transform`).
"""

import contextlib
import functools
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import filelock

from pipegen.errors import PipegenError
from pipegen.files import atomic_write
from pipegen.project import PROJECT
from pipegen.settings import Settings

# Where dbt_project.yml gets the folders of seeds from, and the folders without them.
SEED_PATHS = {"PIPEGEN_SEED_PATH": "seeds", "PIPEGEN_RULES_PATH": "rulebook"}

# Beside the project, not in a home: it is the same for every home, as dbt's packages are.
KEPT = PROJECT / ".parsed"

# Enough for a few companies and engines. Each takes ten megabytes.
MOST = 8

# What dbt reads of the project, except the seeds' rows.
READ = ("models", "macros", "tests/data", "dbt_packages")
FILES = ("dbt_project.yml", "packages.yml", "profiles.yml")

# A setting can affect parsing only if it is used in a YAML file, in a model's config() or in a
# statement ({% if %}, {% set %}), on which refs may depend. Statements of a macro count only if the
# macro reads a table or names relations (generate_schema_name). All other settings are read when a
# model is compiled, so the cache does not depend on them.
_VAR = re.compile(r"""\bvar\(\s*["'](\w+)["']""")
_CONFIG = re.compile(r"\bconfig\(.*?\)\s*\}\}", re.DOTALL)
_MACRO = re.compile(r"\{%-?\s*macro\b")
_STATEMENT = re.compile(r"\{%.*?%\}", re.DOTALL)
_READS_OR_NAMES = re.compile(r"\b(?:ref|source)\(|\bgenerate_\w+_name\b")


class Parsed:
    """The parsed project. Loading the manifest takes half a second, so that is done only on demand.
    """

    def __init__(self, text: bytes, load: Callable[[], Any]) -> None:
        """`text` is dbt's `manifest.json`; `load` returns the manifest itself."""
        self.text = text
        self._load = load

    @functools.cached_property
    def manifest(self) -> Any:
        """dbt's manifest. Raises `PipegenError` if the cached file turns out to be damaged."""
        return self._load()

    @property
    def json(self) -> dict[str, Any]:
        """The manifest as plain data."""
        return dict(json.loads(self.text))


def parsed(
    settings: Settings, vars_: Mapping[str, Any], parse: Callable[[], tuple[Any, bytes]]
) -> Parsed:
    """The parsed project: cached by an earlier run, or parsed now.

    `parse` returns dbt's manifest and the content of `manifest.json`. If nothing can be cached,
    because the project's folder is read-only, it is called each time. The environment must say
    where the seeds are (`transform.seeds_within_project`).
    """
    name = key(settings, vars_)
    with contextlib.ExitStack() as held:
        with contextlib.suppress(OSError):
            KEPT.mkdir(exist_ok=True)
            # Several names share a lock file, so that there are at most sixteen.
            held.enter_context(filelock.FileLock(KEPT / f"{name[0]}.lock"))
        seeds = _seed_paths()
        if (kept := _kept(name, seeds)) is not None:
            return kept
        with _default_seeds(seeds):
            manifest, text = parse()
        return _keep(name, manifest, text, seeds)


def key(settings: Settings, vars_: Mapping[str, Any]) -> str:
    """The cache key: a digest of everything that the manifest depends on."""
    found = hashlib.sha256()
    counting: set[str] = set()
    for path in _files():
        content = path.read_bytes()
        found.update(path.relative_to(PROJECT).as_posix().encode() + b"\0")
        found.update(hashlib.sha256(content).digest())
        counting |= _asked_at_parsing(path, content)
    rest = {
        "project": str(PROJECT),
        "dbt": [_version(f"dbt-{name}") for name in ("core", "adapters", settings.target)],
        "target": settings.target,
        # These are part of the names of relations on a server.
        "schema": settings.build_schema if settings.is_server else "",
        "database": os.environ.get("PGDATABASE", "") if settings.is_server else "",
        "seeds": sorted(_seed_paths()),
        "vars": {name: vars_.get(name) for name in sorted(counting)},
    }
    found.update(json.dumps(rest, sort_keys=True, default=str).encode())
    return found.hexdigest()[:16]


def counting_settings() -> set[str]:
    """The settings that a file of the project uses during parsing."""
    return {name for path in _files() for name in _asked_at_parsing(path, path.read_bytes())}


def _asked_at_parsing(path: Path, content: bytes) -> set[str]:
    if b"var(" not in content:
        return set()
    text = content.decode()
    if path.suffix in (".yml", ".yaml"):
        return set(_VAR.findall(text))
    if path.suffix != ".sql":
        return set()
    early = _CONFIG.findall(text)
    if not _MACRO.search(text) or _READS_OR_NAMES.search(text):
        early += _STATEMENT.findall(text)
    return {name for part in early for name in _VAR.findall(part)}


def _kept(name: str, seeds: Mapping[str, str]) -> Parsed | None:
    path, text = KEPT / f"{name}.msgpack", KEPT / f"{name}.json"
    try:
        os.utime(path)
        packed = path.read_bytes()
        return Parsed(text.read_bytes(), lambda: _loaded(path, packed, seeds))
    except OSError:
        return None


def _loaded(path: Path, packed: bytes, seeds: Mapping[str, str]) -> Any:
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumuro_decoder

    try:
        manifest = Manifest.from_msgpack(packed, decoder=extended_mashumuro_decoder)
    except Exception as error:
        path.unlink(missing_ok=True)
        raise PipegenError(
            f"{path} was damaged ({type(error).__name__}) and is removed: run again."
        ) from None
    manifest.build_flat_graph()
    return _pointed(manifest, seeds)


def _pointed(manifest: Any, seeds: Mapping[str, str]) -> Any:
    """The manifest with the seeds of this run: each home's are read from a copy of their own."""
    for node in manifest.nodes.values():
        if str(node.resource_type) == "seed" and node.package_name == "pipegen":
            node.original_file_path = seeds[Path(node.original_file_path).name]
    return manifest


@contextlib.contextmanager
def _default_seeds(seeds: Mapping[str, str]) -> Iterator[None]:
    """Have dbt parse the project's own seeds in place of a company's of the same names.

    What is kept must not depend on who parsed first: dbt writes the rows of seeds into the unit
    tests that read them, and their folders into names.
    """
    given = {name: os.environ.pop(name) for name in SEED_PATHS if name in os.environ}
    try:
        if _seed_paths().keys() != seeds.keys():
            os.environ.update(given)
        yield
    finally:
        os.environ.update(given)


def _keep(name: str, manifest: Any, text: bytes, seeds: Mapping[str, str]) -> Parsed:
    from dbt.parser.manifest import extended_mashumaro_encoder

    with contextlib.suppress(OSError):
        atomic_write(KEPT / f"{name}.json", text)
        atomic_write(KEPT / f"{name}.msgpack", manifest.to_msgpack(extended_mashumaro_encoder))
        newest = sorted(KEPT.glob("*.msgpack"), key=lambda path: path.stat().st_mtime)
        for old in newest[:-MOST]:
            old.unlink(missing_ok=True)
            old.with_suffix(".json").unlink(missing_ok=True)
    return Parsed(text, lambda: _pointed(manifest, seeds))


def _seed_paths() -> dict[str, str]:
    """The path of each seed in the project, by file name.

    dbt_project.yml gets the two folders from these variables: a copy of the company's seeds, and
    the seeds that a company may leave out.
    """
    return {
        path.name: path.relative_to(PROJECT).as_posix()
        for variable, default in SEED_PATHS.items()
        for folder in (os.environ.get(variable, default),)
        for path in (PROJECT / folder).rglob("*.csv")
    }


def _files() -> Iterator[Path]:
    for folder in READ:
        yield from (path for path in sorted((PROJECT / folder).rglob("*")) if path.is_file())
    # Only the YAML of seeds: a copy of the company's seeds has the project's YAML too.
    for folder in ("seeds", "rulebook"):
        yield from sorted((PROJECT / folder).rglob("*.yml"))
    yield from (PROJECT / name for name in FILES)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
