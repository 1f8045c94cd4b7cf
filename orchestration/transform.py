"""dbt in this process: arguments, progress, and what failed.

What belongs here: how dbt is called and how its events become words. What does not: what is built.
"""

import contextlib
import dataclasses
import datetime as dt
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from landing.errors import PipegenError
from landing.seeds import check_seed
from landing.settings import read_settings
from orchestration.settings import PROJECT, Settings, company_vars
from review import actions

# dbt's events that tell of a node's end, with its place among all.
RESULT_EVENTS = {"LogModelResult", "LogSeedResult", "LogTestResult"}


@dataclasses.dataclass(frozen=True)
class Failure:
    """A node that failed or was refused: its name, its kind and the first line of the reason."""

    name: str
    kind: str
    reason: str


@dataclasses.dataclass(frozen=True)
class Built:
    """What dbt did: nodes built, tests passed, failures, and seconds per node."""

    built_count: int
    passed_count: int
    failures: tuple[Failure, ...]
    warnings: tuple[Failure, ...]
    node_seconds: dict[str, float]


def dbt_arguments(settings: Settings, vars_: dict[str, Any]) -> list[str]:
    """Arguments for any dbt command that works in the settings' home."""
    return [
        "--project-dir", str(PROJECT),
        "--profiles-dir", str(PROJECT),
        "--target", settings.target,
        "--target-path", str(settings.home / "target"),
        "--log-path", str(settings.home / "logs"),
        "--log-level", "none",
        "--vars", json.dumps(vars_),
        "--warn-error-options", '{"error": ["Deprecations"]}',
    ]  # fmt: skip


def run_vars(
    settings: Settings, company_vars: dict[str, Any], as_of: dt.date
) -> dict[str, Any]:
    """The vars of a run: the company's settings, the as-of day, and by what rules and code."""
    rules = [json.dumps(company_vars, sort_keys=True).encode()]
    rules += [path.read_bytes() for path in sorted(settings.seeds.glob("*.csv"))]
    code = [
        path.read_bytes()
        for room in ("models", "macros")
        for path in sorted((PROJECT / room).rglob("*.sql"))
    ]
    return {
        **company_vars,
        "as_of": as_of.isoformat(),
        "definitions_version": _digest(rules),
        "code_version": _digest(code),
    }


def _digest(parts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()[:12]


def transform(
    settings: Settings, vars_: dict[str, Any], on_progress: Callable[[int, int, str], None]
) -> Built:
    """Build and test every model in the build file.

    `on_progress` gets nodes done, nodes in all, and the name of the one just done. Raises
    `PipegenError` where dbt could not even begin.
    """
    from dbt.cli.main import dbtRunner

    os.environ["PIPEGEN_HOME"] = str(settings.home)
    started = time.monotonic()

    def heard(event: Any) -> None:
        if event.info.name in RESULT_EVENTS:
            data = event.data
            # dbt calls the same number by two names.
            total = data.num_models if event.info.name == "LogTestResult" else data.total
            on_progress(data.index, total, data.node_info.node_name)

    runner = dbtRunner(callbacks=[heard])
    try:
        with seeds_within_project(settings):
            # Unit tests concern the code, not the company: `make test` runs them.
            outcome = runner.invoke(
                ["build", "--exclude-resource-type", "unit_test", *dbt_arguments(settings, vars_)]
            )
    finally:
        _close_build_file()
    if outcome.exception is not None:
        raise PipegenError(_not_run(outcome.exception, settings))
    results = list(outcome.result)
    return Built(
        built_count=sum(1 for r in results if _is_built(r)),
        passed_count=sum(1 for r in results if str(r.status) == "pass"),
        failures=tuple(_failures(results, {"error", "fail", "runtime error"})),
        warnings=tuple(_failures(results, {"warn"})),
        node_seconds={r.node.name: r.execution_time for r in results}
        | {"": time.monotonic() - started},
    )


def document(settings: Settings, vars_: dict[str, Any]) -> Path:
    """Write dbt's documentation of the last build as one file that opens offline; its path.

    Raises `PipegenError` where dbt could not.
    """
    from dbt.cli.main import dbtRunner

    os.environ["PIPEGEN_HOME"] = str(settings.home)
    try:
        with seeds_within_project(settings):
            outcome = dbtRunner().invoke(
                ["docs", "generate", "--static", *dbt_arguments(settings, vars_)]
            )
    finally:
        _close_build_file()
    if not outcome.success:
        raise PipegenError(f"dbt could not write its documentation: {outcome.exception}")
    return settings.home / "target" / "static_index.html"


@contextlib.contextmanager
def seeds_within_project(settings: Settings) -> Iterator[str]:
    """A copy of the company's seeds at a path within the project, and dbt told of it.

    dbt joins a seed's path to its target folder when it writes what it compiled: a path from
    outside the project leads back to the seed itself, which it then overwrites.
    """
    source = actions_source(settings)
    has_own_actions = source != actions.Source(settings.seeds / f"{actions.SEED}.csv")
    os.environ.pop("PIPEGEN_RULES_PATH", None)
    if settings.seeds == PROJECT / "seeds" and not has_own_actions:
        os.environ.pop("PIPEGEN_SEED_PATH", None)
        yield "seeds"
        return
    digest = hashlib.sha256(str(settings.home).encode()).hexdigest()[:12]
    copy = PROJECT / ".seeds" / digest
    shutil.rmtree(copy, ignore_errors=True)
    company, rules = copy / "company", copy / "rules"
    company.mkdir(parents=True)
    rules.mkdir()
    optional = {rule.name: rule for rule in (PROJECT / "rules").glob("*.csv")}
    try:
        for rule in optional.values():
            (rules / rule.name).write_bytes(rule.read_bytes())
        for seed in settings.seeds.glob("*.csv"):
            if has_own_actions and source.file and seed.name == source.file.name:
                # It stands in the seed's place below, and is no seed of its own.
                continue
            # Not copy2: files that can't be written would be copied as such, and stay for ever.
            folder = rules if seed.name in optional else company
            (folder / seed.name).write_bytes(seed.read_bytes())
        if has_own_actions:
            seed = company / f"{actions.SEED}.csv"
            seed.write_bytes(actions.seed_text(source, settings.warehouse))
            check_seed(actions.SEED, seed)
        os.environ["PIPEGEN_SEED_PATH"] = str(company.relative_to(PROJECT))
        os.environ["PIPEGEN_RULES_PATH"] = str(rules.relative_to(PROJECT))
        yield os.environ["PIPEGEN_SEED_PATH"]
    finally:
        os.environ.pop("PIPEGEN_RULES_PATH", None)
        shutil.rmtree(copy, ignore_errors=True)


def actions_source(settings: Settings) -> actions.Source:
    """Where the company keeps its actions. Raises `PipegenError` for settings that are wrong."""
    vars_ = read_settings(settings.seeds, company_vars())
    return actions.source_of(vars_["review_actions_source"], settings.seeds)


def _close_build_file() -> None:
    """Let go of the DuckDB file: dbt keeps it open for as long as the process lives."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    environment = DuckDBConnectionManager._ENV
    if environment is not None:
        environment.close()
    DuckDBConnectionManager.close_all_connections()


def _is_built(result: Any) -> bool:
    return str(result.status) == "success"


def _failures(results: Iterable[Any], statuses: set[str]) -> Iterable[Failure]:
    for result in results:
        if str(result.status) in statuses:
            kind = str(result.node.resource_type)
            reason = (result.message or "").strip()
            if result.failures and kind == "test":
                reason = f"{result.failures} rows break it"
            yield Failure(result.node.name, kind, _first_line(reason))


def _not_run(error: BaseException, settings: Settings) -> str:
    """Why dbt could not even begin, in one line."""
    if isinstance(error, OSError) and error.strerror:
        where = error.filename or f"something in {settings.home}"
        return f"dbt could not run: {where} can't be read or written ({error.strerror})"
    return f"dbt could not run: {_first_line(str(error))}"


def _first_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " ".join(lines[:3])[:400] if lines else "no reason given"
