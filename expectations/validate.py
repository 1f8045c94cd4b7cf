"""Running the suites over their frames, and writing failures, by rule and record, to the build.

What belongs here: calling Great Expectations, its results as rows, its Data Docs. What does not:
the expectations (`landed`, `built`) and what a failure leads to.
"""

import dataclasses
import logging
import os
import shutil
import time
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipegen.errors import PipegenError
from pipegen.expectations import built, door_frames, frames, landed
from pipegen.expectations.frames import AsOf, Frame
from pipegen.warehouses import Connection, insert

if TYPE_CHECKING:
    import pandas as pd
    from great_expectations import ExpectationSuite

_TABLES = """
create table if not exists landed_audit.expectation_failures (
    origin varchar not null, rule varchar not null, severity varchar not null,
    record_type varchar not null, record_id varchar not null, detail varchar
);
create table if not exists landed_audit.expectation_metrics (
    as_of_date date not null, subject varchar not null, metric varchar not null,
    metric_value double
);
"""

# Great Expectations' severities, and the rulebook's.
SEVERITIES = {"critical": "block", "warning": "warn", "info": "info"}

# The suites of each step, with the table that each is shown under.
LANDED = {
    "tables": "landed_audit.tables",
    "raw": "landed_audit.tables",
    "opportunity_shares": "landed_salesforce.opportunity",
    "columns": "landed_audit.tables",
    "references": "landed_audit.tables",
    "corporate_currencies": "landed_salesforce.currency_type",
    "null_words": "landed_audit.tables",
    "misencoded": "landed_audit.tables",
}
BUILT = {
    "opportunities": "core.fct_opportunities",
    "opportunity_shares": "core.fct_opportunities",
    "currencies": "core.fct_opportunity_states",
    "forecast_categories": "core.fct_opportunity_states",
    "opportunity_levels": "core.fct_opportunities",
    "field_hygiene": "marts.field_hygiene",
    "pipeline_coverage": "marts.pipeline_coverage",
    "source_scorecard": "marts.source_scorecard",
    "levels": "core.fct_opportunities",
    "remaining": "marts.reconciled_pipeline",
}

# How many rows are inserted at a time.
_BATCH = 50_000


@dataclasses.dataclass(frozen=True)
class FailedRecord:
    """A record, or a whole table, that breaks a rule."""

    rule: str
    severity: str
    record_type: str
    record_id: str
    detail: str


@dataclasses.dataclass(frozen=True)
class FailedExpectation:
    """An expectation that failed: its `meta`, its severity, and the keys of the failing rows."""

    meta: dict[str, Any]
    severity: str
    keys: tuple[Any, ...]


@dataclasses.dataclass(frozen=True)
class SuiteResult:
    """The result of one suite on its frame."""

    name: str
    expectation_count: int
    failed: tuple[FailedExpectation, ...]


SuiteRunner = Callable[
    [str, int, Mapping[str, tuple["pd.DataFrame", str]], Path | None], list[SuiteResult]
]


@dataclasses.dataclass(frozen=True)
class SuiteReport:
    """One suite's failures, as records."""

    name: str
    expectation_count: int
    failures: tuple[FailedRecord, ...]


@dataclasses.dataclass(frozen=True)
class Report:
    """The failures of one step's suites. `seconds` is the time spent validating."""

    suites: tuple[SuiteReport, ...]
    seconds: float

    @property
    def expectation_count(self) -> int:
        """The number of expectations that were checked."""
        return sum(suite.expectation_count for suite in self.suites)

    @property
    def failures(self) -> tuple[FailedRecord, ...]:
        """The failures of all suites."""
        return tuple(failure for suite in self.suites for failure in suite.failures)

    @property
    def blocking(self) -> tuple[FailedRecord, ...]:
        """The failures that prevent publishing."""
        return tuple(failure for failure in self.failures if failure.severity == "block")


def create_tables(connection: Connection) -> None:
    """Create the tables for failures and metrics, unless they exist."""
    connection.execute(_TABLES)


def validate_landed(
    connection: Connection,
    as_of: AsOf,
    docs: Path | None = None,
    runner: SuiteRunner | None = None,
) -> Report:
    """Run the suites over the landed tables; write failures and metrics to the build.

    `docs` is the folder for the suites' Data Docs. `runner` runs the suites, by default in this
    process. The metrics of the last run are read from schema `carried`.
    """
    found = frames.landed_frames(connection, as_of)
    report = _run("landed", as_of, found, docs, runner)
    record(connection, "landed", report.failures)
    frames.record_row_counts(connection, as_of)
    door_frames.record_columns(connection, as_of.day, found["columns"].data)
    return report


def validate_built(
    connection: Connection,
    as_of: AsOf,
    docs: Path | None = None,
    runner: SuiteRunner | None = None,
) -> Report:
    """Run the suites over core and marts; write failures and metrics to the build."""
    report = _run(
        "built",
        as_of,
        frames.built_frames(connection, as_of),
        docs,
        runner,
        lambda column, values: frames.deals_with(connection, column, values),
    )
    record(connection, "built", report.failures)
    frames.record_levels(connection, as_of)
    return report


def record(
    connection: Connection, origin: str, failures: Sequence[FailedRecord]
) -> None:
    """Replace the recorded failures of one origin (`landed`, `built` or `test`)."""
    create_tables(connection)
    connection.execute("delete from landed_audit.expectation_failures where origin = ?", [origin])
    for start in range(0, len(failures), _BATCH):
        rows = [{"origin": origin} | vars(one) for one in failures[start : start + _BATCH]]
        insert(connection, "landed_audit.expectation_failures", rows)


def failures_of(
    suite: "ExpectationSuite",
    frame: Frame,
    deals_with: Callable[[str, list[str]], Iterable[tuple[str, str]]] | None = None,
) -> list[FailedRecord]:
    """The failures of one suite on one frame.

    `deals_with` returns the records that have one of some values in a column.
    """
    result = _validate(_context(None), suite, frame.data, frame.key)
    return list(_failures(_failed(result, frame.key), frame, deals_with))


def run_suites(
    step: str, year: int, data: Mapping[str, tuple["pd.DataFrame", str]], docs: Path | None
) -> list[SuiteResult]:
    """Run the suites of a step (`landed` or `built`).

    `data` has, by suite, the frame and the name of its key column. `year` is the year of the as-of
    day, `docs` the folder for the Data Docs. Raises `PipegenError` if an expectation can't be
    evaluated.
    """
    suites = _suites(step, year)
    if suites.keys() != data.keys():
        raise AssertionError(f"suites {sorted(suites)} have frames {sorted(data)}")
    unfinished = docs.with_name(docs.name + ".unfinished") if docs else None
    if unfinished:
        unfinished.parent.mkdir(exist_ok=True)
        shutil.rmtree(unfinished, ignore_errors=True)
    context = _context(unfinished)
    found = [
        SuiteResult(
            name,
            len(suite.expectations),
            tuple(_failed(_validate(context, suite, *data[name]), data[name][1])),
        )
        for name, suite in suites.items()
    ]
    if docs and unfinished:
        context.build_data_docs()
        shutil.rmtree(docs, ignore_errors=True)
        unfinished.replace(docs)
    return found


def _suites(step: str, year: int) -> dict[str, "ExpectationSuite"]:
    if step == "landed":
        return {
            "tables": landed.tables(),
            "raw": landed.raw(),
            "opportunity_shares": landed.opportunity_shares(),
            "columns": landed.columns(),
            "references": landed.references(),
            "corporate_currencies": landed.corporate_currencies(),
            "null_words": landed.null_words(),
            "misencoded": landed.misencoded(),
        }
    return {
        "opportunities": built.opportunities(year),
        "opportunity_shares": built.opportunity_shares(),
        "currencies": built.currencies(),
        "forecast_categories": built.forecast_categories(),
        "opportunity_levels": built.opportunity_levels(),
        "field_hygiene": built.field_hygiene(),
        "pipeline_coverage": built.pipeline_coverage(),
        "source_scorecard": built.source_scorecard(),
        "levels": built.levels(),
        "remaining": built.remaining(),
    }


def _run(
    step: str,
    as_of: AsOf,
    found: Mapping[str, Frame],
    docs: Path | None,
    runner: SuiteRunner | None,
    deals_with: Callable[[str, list[str]], Iterable[tuple[str, str]]] | None = None,
) -> Report:
    started = time.monotonic()
    data = {name: (frame.data, frame.key) for name, frame in found.items()}
    if not all(_is_pandas(frame.data) for frame in found.values()):
        # Spark frames can be validated only in the process that has the Spark session.
        runner = None
    results = (runner or run_suites)(step, as_of.day.year, data, docs)
    suites = tuple(
        SuiteReport(
            one.name,
            one.expectation_count,
            tuple(_failures(one.failed, found[one.name], deals_with)),
        )
        for one in results
    )
    return Report(suites, time.monotonic() - started)


def _context(docs: Path | None) -> Any:
    """A context in memory, without analytics and progress bars."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    # Its log messages are of no use to the user, and dbt would print them.
    log = logging.getLogger("great_expectations")
    log.addHandler(logging.NullHandler())
    log.propagate = False
    # These warnings are about the library's own deprecated calls, not ours.
    warnings.filterwarnings("ignore", module=r"great_expectations\.|marshmallow\.|altair\.")
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    for site, config in dict(context.variables.data_docs_sites or {}).items():
        # By default there is a site in a temporary folder that is never removed.
        shutil.rmtree(config["store_backend"]["base_directory"], ignore_errors=True)
        context.delete_data_docs_site(site)
    if docs:
        context.add_data_docs_site(
            site_name="run",
            site_config={
                "class_name": "SiteBuilder",
                "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
                "store_backend": {
                    "class_name": "TupleFilesystemStoreBackend",
                    "base_directory": str(docs),
                },
            },
        )
    return context


def _validate(
    context: Any, suite: "ExpectationSuite", data: "pd.DataFrame", key: str
) -> Any:
    import great_expectations as gx

    sources = context.data_sources
    source = (sources.add_pandas if _is_pandas(data) else sources.add_spark)(suite.name)
    batch = source.add_dataframe_asset(suite.name).add_batch_definition_whole_dataframe(suite.name)
    definition = context.validation_definitions.add(
        gx.ValidationDefinition(name=suite.name, data=batch, suite=context.suites.add(suite))
    )
    return definition.run(
        batch_parameters={"dataframe": data},
        result_format={
            "result_format": "COMPLETE",
            "unexpected_index_column_names": [key],
            "partial_unexpected_count": 0,
            "exclude_unexpected_values": True,
            "return_unexpected_index_query": False,
        },
    )


def _is_pandas(data: Any) -> bool:
    return type(data).__module__.partition(".")[0] == "pandas"


def _rows(data: Any, key: str, keys: tuple[Any, ...]) -> list[dict[str, Any]]:
    """The rows of a frame with one of these keys."""
    if _is_pandas(data):
        return data[data[key].isin(keys)].to_dict("records")
    return [row.asDict() for row in data.filter(data[key].isin(list(keys))).collect()]


def _failed(result: Any, key: str) -> Iterable[FailedExpectation]:
    for one in result.results:
        meta = one.expectation_config.meta
        raised = one.exception_info
        if raised and any(
            part.get("raised_exception") for part in [raised, *raised.values()]
            if isinstance(part, dict)
        ):  # fmt: skip
            raise PipegenError(
                f"the expectation of {meta['rule']} could not be evaluated ({raised}): "
                "report it, with the version of great-expectations that is installed."
            )
        if not one.success:
            parts = one.result["unexpected_index_list"]
            keys = tuple(found for part in parts for found in _as_list(part[key]))
            severity = SEVERITIES[str(one.expectation_config.severity.value)]
            yield FailedExpectation(dict(meta), severity, keys)


def _failures(
    failed: Iterable[FailedExpectation],
    frame: Frame,
    deals_with: Callable[[str, list[str]], Iterable[tuple[str, str]]] | None,
) -> Iterable[FailedRecord]:
    for one in failed:
        meta = one.meta
        rows = _rows(frame.data, frame.key, one.keys)
        if "of_column" in meta and deals_with:
            values = [str(row["value"]) for row in rows]
            for record_id, value in deals_with(meta["of_column"], values):
                detail = meta["detail"].format(value=value)
                yield FailedRecord(meta["rule"], one.severity, frame.record_type, record_id, detail)
            continue
        ids = frame.identify([int(key) for key in one.keys]) if frame.identify else {}
        for row in rows:
            key = row[frame.key]
            yield FailedRecord(
                meta["rule"],
                one.severity,
                frame.record_type,
                str(ids[int(key)] if frame.identify else key),
                meta["detail"].format(**row),
            )


def _as_list(value: Any) -> list[Any]:
    """The keys in one entry of the index list, which is a single key or a list of all keys."""
    return list(value) if isinstance(value, list) else [value]
