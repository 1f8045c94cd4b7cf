"""dbt in this process: arguments, progress, and failures.

What belongs here: how dbt is called, and how its events are reported. What does not: what is built.
"""

import contextlib
import dataclasses
import datetime as dt
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import yaml

from pipegen import dbt_messages, dbt_once
from pipegen.company.seeds import (
    OPTIONAL_SEEDS,
    check_seed,
    missing_seeds,
    project_files,
    seed_files,
    seed_texts,
    with_kept_rows,
)
from pipegen.company.settings import OPERATION_VARS, read_settings
from pipegen.contract.places import Places, catalogs, raw_files
from pipegen.errors import PipegenError
from pipegen.files import atomic_write
from pipegen.parsed import Parsed, parsed
from pipegen.project import PROJECT
from pipegen.review import actions
from pipegen.settings import Settings
from pipegen.warehouses import plain_schema

if TYPE_CHECKING:
    from dbt.artifacts.schemas.run import RunExecutionResult

# dbt's events for the end of a node, which have its position among all nodes.
RESULT_EVENTS = {"LogModelResult", "LogSeedResult", "LogTestResult"}


@dataclasses.dataclass(frozen=True)
class Failure:
    """A node that failed or was refused: its name, its kind, the reason in one line, and the whole
    message where dbt says more."""

    name: str
    kind: str
    reason: str
    message: str = ""


@dataclasses.dataclass(frozen=True)
class Lenient:
    """A test that only warns, and did: its rule, and its query."""

    rule: str
    record_type: str
    sql: str


@dataclasses.dataclass(frozen=True)
class NodeResult:
    """The result of a node: dbt's status, seconds, the number of failing rows, and a message."""

    unique_id: str
    relation: str
    status: str
    seconds: float
    failing_rows: int | None
    message: str


@dataclasses.dataclass(frozen=True)
class Built:
    """What dbt did: nodes built, tests passed, failures, seconds per node, and each node's result,
    in the order in which they ended."""

    built_count: int
    passed_count: int
    failures: tuple[Failure, ...]
    warnings: tuple[Failure, ...]
    node_seconds: dict[str, float]
    lenient: tuple[Lenient, ...] = ()
    results: tuple[NodeResult, ...] = ()

    def joined(self, other: "Built") -> "Built":
        """This build and a later one, combined."""
        seconds = {
            name: self.node_seconds.get(name, 0.0) + other.node_seconds.get(name, 0.0)
            for name in self.node_seconds | other.node_seconds
        }
        return Built(
            self.built_count + other.built_count,
            self.passed_count + other.passed_count,
            self.failures + other.failures,
            self.warnings + other.warnings,
            seconds,
            self.lenient + other.lenient,
            self.results + other.results,
        )


def dbt_arguments(settings: Settings, vars_: dict[str, Any]) -> list[str]:
    """Arguments for any dbt command in the home of these settings."""
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
    """The vars of a run: the company's settings, the as-of day, versions of rules and code."""
    definitions = {name: v for name, v in company_vars.items() if name not in OPERATION_VARS}
    rules = [json.dumps(definitions, sort_keys=True).encode()]
    # What people agreed is no rule: an action that is added restates no number.
    kept = {
        actions.seed_file(settings.seeds),
        actions.source_of(company_vars["review_actions_source"], settings.seeds).file,
    }
    files = seed_files(settings.seeds)
    texts = {name: path.read_bytes() for name, path in files.items() if path not in kept}
    if settings.seeds != PROJECT / "seeds":
        # A default that is taken is one of the company's rules; a seed that is empty is none.
        texts |= {
            seed.name: seed.text_when_missing
            for seed in missing_seeds(settings.seeds)
            if seed.when_missing == "default" and seed not in OPTIONAL_SEEDS
        }
    rules += [texts[name] for name in sorted(texts)]
    code = [
        path.read_bytes()
        for folder in ("models", "macros")
        for path in sorted((PROJECT / folder).rglob("*.sql"))
    ]
    catalogs = {system: alias for system, (_, alias) in raw_catalogs(settings).items()}
    return {
        **company_vars,
        "raw_databases": catalogs or company_vars["raw_databases"],
        "as_of": as_of.isoformat(),
        "definitions_version": _digest(rules),
        "code_version": _digest(code),
    }


def _digest(parts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()[:12]


def parse(settings: Settings, vars_: dict[str, Any]) -> Parsed:
    """The project as dbt understands it; what it says is in the home's `target/manifest.json` too.

    Raises `PipegenError` where the project can't be read.
    """
    found = read_project(settings, vars_)
    try:
        atomic_write(settings.home / "target" / "manifest.json", found.text)
    except OSError as error:
        raise PipegenError(_not_run(error, settings)) from None
    return found


def read_project(settings: Settings, vars_: dict[str, Any]) -> Parsed:
    """The project as dbt understands it, parsed if what is kept is of another.

    Raises `PipegenError` where the project can't be read.
    """
    _name_build(settings)

    def read() -> tuple[Any, bytes]:
        from dbt.cli.main import dbtRunner

        arguments = ["parse", "--quiet", "--no-partial-parse", *dbt_arguments(settings, vars_)]
        outcome = dbtRunner().invoke(arguments)
        if outcome.exception is not None:
            raise PipegenError(_not_run(outcome.exception, settings))
        return outcome.result, (settings.home / "target" / "manifest.json").read_bytes()

    with seeds_within_project(settings):
        return parsed(settings, vars_, read)


def transform(
    settings: Settings,
    vars_: dict[str, Any],
    on_progress: Callable[[int, int, str], None],
    *,
    manifest: Any = None,
    select: Iterable[str] = (),
    exclude: Iterable[str] = (),
) -> Built:
    """Build and test every model in the build file, or those that dbt's selection leaves.

    `on_progress` gets nodes done, nodes in all, and the name of the one just done. `manifest` is
    what `parse` gave for the same settings and vars, and saves reading the project again. `select`
    names the nodes to build, if not all; tests go along whose parents are all there. `exclude`
    names those to leave out. Raises `PipegenError` where dbt could not even begin.
    """
    from dbt.cli.main import dbtRunner

    _name_build(settings)
    manifest = manifest or parse(settings, vars_).manifest
    started = time.monotonic()

    def heard(event: Any) -> None:
        if event.info.name in RESULT_EVENTS:
            data = event.data
            # dbt calls the same number by two names.
            total = data.num_models if event.info.name == "LogTestResult" else data.total
            on_progress(data.index, total, data.node_info.node_name)

    part = [word for name in select for word in ("--select", name)]
    # Which tests go along with a part is looked up node by node; with the whole, they all do.
    part += ["--indirect-selection", "buildable" if part else "eager"]
    part += [word for name in exclude for word in ("--exclude", name)]
    runner = dbtRunner(manifest=manifest, callbacks=[heard])
    try:
        with seeds_within_project(settings), dbt_messages.only(RESULT_EVENTS), dbt_once.kept():
            # Unit tests concern the code, not the company: `make test` runs them.
            outcome = runner.invoke(
                [
                    # The manifest is in the home already: dbt would write it twice more.
                    "build", "--exclude-resource-type", "unit_test", "--no-write-json", *part,
                    *dbt_arguments(settings, vars_),
                ]
            )  # fmt: skip
    finally:
        _close_build_file()
    if outcome.exception is not None:
        raise PipegenError(_not_run(outcome.exception, settings))
    outcome_results = cast("RunExecutionResult", outcome.result)
    outcome_results.write(str(settings.home / "target" / "run_results.json"))
    results = list(outcome_results)
    return Built(
        built_count=sum(1 for r in results if _is_built(r)),
        passed_count=sum(1 for r in results if str(r.status) == "pass"),
        failures=tuple(_failures(results, {"error", "fail", "runtime error"})),
        warnings=tuple(_failures(results, {"warn"})),
        node_seconds={r.node.name: r.execution_time for r in results}
        | {"": time.monotonic() - started},
        lenient=tuple(_lenient(results)),
        results=tuple(_result(r) for r in results),
    )


@contextlib.contextmanager
def kept_results(settings: Settings) -> Iterator[None]:
    """Keep the results of earlier builds in dbt's `run_results.json`, with those of the next."""
    path = settings.home / "target" / "run_results.json"
    before = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"results": []}
    yield
    after = json.loads(path.read_text(encoding="utf-8"))
    after["results"] = before["results"] + after["results"]
    after["elapsed_time"] += before.get("elapsed_time", 0.0)
    atomic_write(path, json.dumps(after))


def listed(
    settings: Settings, vars_: dict[str, Any], manifest: Any, select: str
) -> set[str]:
    """The ids of the nodes that a selection in dbt's syntax names; empty if it names none.

    Raises `PipegenError` if dbt can't read it.
    """
    from dbt.cli.main import dbtRunner

    words = ["ls", "--quiet", "--output", "json", "--output-keys", "unique_id"]
    for word in select.split():
        words += ["--select", word]
    with seeds_within_project(settings):
        outcome = dbtRunner(manifest=manifest).invoke(
            [*words, *dbt_arguments(settings, vars_)]
        )
    if outcome.exception is not None:
        raise PipegenError(f"'{select}' can't be read: {_first_line(str(outcome.exception))}")
    return {json.loads(line)["unique_id"] for line in cast(list[str], outcome.result or [])}


def document(settings: Settings, vars_: dict[str, Any]) -> Path:
    """Write dbt's documentation of the last build as one file that opens offline; returns its path.

    Raises `PipegenError` if dbt could not.
    """
    from dbt.cli.main import dbtRunner

    _name_build(settings)
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


def plain_dbt(settings: Settings, company_vars: dict[str, Any], arguments: Sequence[str]) -> int:
    """Run any dbt command on what was landed, as of its day; dbt's own exit code.

    `arguments` are dbt's. Vars given there are added to the company's.
    """
    from dbt.cli.main import dbtRunner

    _name_build(settings)
    words = list(arguments)
    # No day here: the build has the day that was landed.
    vars_ = {**run_vars(settings, company_vars, dt.date.min), "as_of": ""}
    if "--vars" in words[:-1]:
        place = words.index("--vars")
        vars_ |= yaml.safe_load(words[place + 1]) or {}
        del words[place : place + 2]
    with seeds_within_project(settings):
        outcome = dbtRunner().invoke(
            [
                *words,
                "--project-dir", str(PROJECT),
                "--profiles-dir", str(PROJECT),
                "--target", settings.target,
                # Not the runs' own folder: dbt would read the whole project again after each.
                "--target-path", str(settings.home / "dbt" / "target"),
                "--log-path", str(settings.home / "dbt" / "logs"),
                "--vars", json.dumps(vars_),
            ]
        )  # fmt: skip
    if outcome.exception is not None:
        raise PipegenError(_not_run(outcome.exception, settings))
    return 0 if outcome.success else 1


@contextlib.contextmanager
def seeds_within_project(settings: Settings) -> Iterator[str]:
    """Copy the company's seeds to a path within the project, and point dbt to it.

    dbt joins a seed's path to its target folder when it writes what it compiled. A path outside the
    project would lead back to the seed itself, and dbt would overwrite it.
    """
    source = actions_source(settings)
    is_elsewhere = has_own_actions(settings)
    os.environ.pop("PIPEGEN_RULES_PATH", None)
    if settings.seeds == PROJECT / "seeds" and not is_elsewhere:
        os.environ.pop("PIPEGEN_SEED_PATH", None)
        yield "seeds"
        return
    files = seed_files(settings.seeds)
    rulebook = seed_files(PROJECT / "rulebook")
    optional = {seed.name for seed in OPTIONAL_SEEDS}
    for name in sorted(rulebook.keys() & files.keys() - optional):
        raise PipegenError(
            f"{files[name]} has the name of a table of the project's own: "
            "rename it; which rules block is the setting blocking_rules."
        )
    digest = hashlib.sha256(str(settings.home).encode()).hexdigest()[:12]
    copy = PROJECT / ".seeds" / digest
    shutil.rmtree(copy, ignore_errors=True)
    company, rules = copy / "company", copy / "rules"
    company.mkdir(parents=True)
    rules.mkdir()
    try:
        for name, own in project_files().items():
            # What the columns mean is the project's to say, whose files are copied.
            folder = rules if name in rulebook else company
            (folder / f"{name}.yml").write_bytes(own.with_suffix(".yml").read_bytes())
        texts = {name: path.read_bytes() for name, path in rulebook.items()}
        for name, text in (texts | seed_texts(settings.seeds)).items():
            if is_elsewhere and files.get(name) == source.file and name in files:
                # This file replaces the seed below, and is not a seed itself.
                continue
            folder = rules if name in rulebook else company
            if name in rulebook and name in files:
                text = with_kept_rows(name, text, texts[name])
            # Not a copy of the file: a read-only one could not be removed.
            (folder / f"{name}.csv").write_bytes(text)
        if is_elsewhere:
            seed = company / f"{actions.SEED}.csv"
            seed.write_bytes(actions_text(settings))
            check_seed(actions.SEED, seed)
        os.environ["PIPEGEN_SEED_PATH"] = str(company.relative_to(PROJECT))
        os.environ["PIPEGEN_RULES_PATH"] = str(rules.relative_to(PROJECT))
        yield os.environ["PIPEGEN_SEED_PATH"]
    finally:
        os.environ.pop("PIPEGEN_RULES_PATH", None)
        shutil.rmtree(copy, ignore_errors=True)


def actions_source(settings: Settings) -> actions.Source:
    """Where the company keeps its actions. Raises `PipegenError` for wrong settings."""
    vars_ = read_settings(settings.seeds)
    return actions.source_of(
        vars_["review_actions_source"], settings.seeds, settings.company.home
    )


def has_own_actions(settings: Settings) -> bool:
    """Whether the company keeps its actions elsewhere than in the seed."""
    return actions_source(settings) != actions.Source(actions.seed_file(settings.seeds))


def actions_text(settings: Settings) -> bytes:
    """The company's actions as the seed's CSV. Raises `PipegenError` if they can't be read."""
    return actions.seed_text(actions_source(settings), settings.company.warehouse)


def _name_build(settings: Settings) -> None:
    """Set where to build, in the environment that profiles.yml reads."""
    os.environ["PIPEGEN_HOME"] = str(settings.home)
    os.environ["PIPEGEN_BUILD"] = settings.build_schema
    files = {alias: str(path) for path, alias in raw_catalogs(settings).values()}
    # Written as Python writes it: dbt reads it as a literal of Python's.
    os.environ["PIPEGEN_ATTACH"] = repr(
        [{"path": path, "alias": alias, "read_only": True} for alias, path in files.items()]
    )


def raw_catalogs(settings: Settings) -> dict[str, tuple[Path, str]]:
    """The DuckDB file in which each system's raw tables lie, and its name in the build; empty where
    they lie elsewhere."""
    if settings.is_server or settings.raw != "warehouse":
        return {}
    places = Places.of(read_settings(settings.seeds))
    files = raw_files(settings.company.home / "warehouse.duckdb", places)
    return {system: (files[system], name) for system, name in catalogs(files).items()}


def _close_build_file() -> None:
    """Close the DuckDB file, which dbt would otherwise keep open until the process ends."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    environment = DuckDBConnectionManager._ENV
    if environment is not None:
        environment.close()
    DuckDBConnectionManager.close_all_connections()


def _is_built(result: Any) -> bool:
    return str(result.status) == "success"


def _result(result: Any) -> NodeResult:
    node = result.node
    return NodeResult(
        unique_id=node.unique_id,
        relation=f"{plain_schema(node.schema)}.{node.alias}",
        status=str(result.status),
        seconds=result.execution_time,
        failing_rows=result.failures,
        message=_first_line(result.message or ""),
    )


def _failures(results: Iterable[Any], statuses: set[str]) -> Iterable[Failure]:
    for result in results:
        if str(result.status) in statuses:
            kind = str(result.node.resource_type)
            message = (result.message or "").strip()
            if result.failures and kind == "test":
                message = f"{result.failures} rows break it"
            yield Failure(result.node.name, kind, _first_line(message), message)


def _lenient(results: Iterable[Any]) -> Iterable[Lenient]:
    """The tests that warned, with the queries for their rows."""
    for result in results:
        if str(result.status) == "warn" and str(result.node.resource_type) == "test":
            meta = result.node.config.meta
            yield Lenient(
                str(meta.get("rule") or result.node.name),
                str(meta.get("record_type") or "test"),
                result.node.compiled_code,
            )


def _not_run(error: BaseException, settings: Settings) -> str:
    """Why dbt could not even start, in one line."""
    if isinstance(error, OSError) and error.strerror:
        where = error.filename or f"something in {settings.home}"
        return f"dbt could not run: {where} can't be read or written ({error.strerror})"
    return f"dbt could not run: {_first_line(str(error))}"


def _first_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " ".join(lines[:3])[:400] if lines else "no reason given"
