"""Suites run over their frames: what failed, by rule and record, written beside what landed.

What belongs here: Great Expectations itself, its results as rows, its Data Docs. What does not:
what is expected (`landed`, `built`) and what a failure leads to.
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
from pipegen.expectations import built, frames, landed
from pipegen.expectations.frames import Frame, Moment
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

# What Great Expectations calls a rulebook's severities.
SEVERITIES = {"critical": "block", "warning": "warn", "info": "info"}

# The suites of either step, each with the table that it says most about.
LANDED = {
    "tables": "landed_audit.tables",
    "raw": "landed_audit.tables",
    "opportunity_shares": "landed_salesforce.opportunity",
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
}

# Rows go into the database so many at a time.
_BATCH = 50_000


@dataclasses.dataclass(frozen=True)
class FailedRecord:
    """A record, or a whole table, that broke a rule."""

    rule: str
    severity: str
    record_type: str
    record_id: str
    detail: str


@dataclasses.dataclass(frozen=True)
class Broken:
    """An expectation that does not hold: its `meta`, severity, and the keys of the rows."""

    meta: dict[str, Any]
    severity: str
    keys: tuple[Any, ...]


@dataclasses.dataclass(frozen=True)
class Judged:
    """What one suite says of its frame."""

    name: str
    expectation_count: int
    broken: tuple[Broken, ...]


Judge = Callable[
    [str, int, Mapping[str, tuple["pd.DataFrame", str]], Path | None], list[Judged]
]


@dataclasses.dataclass(frozen=True)
class SuiteReport:
    """What one suite found."""

    name: str
    expectation_count: int
    failures: tuple[FailedRecord, ...]


@dataclasses.dataclass(frozen=True)
class Report:
    """What the suites of one step found; `seconds` of validating alone."""

    suites: tuple[SuiteReport, ...]
    seconds: float

    @property
    def expectation_count(self) -> int:
        """How many expectations were judged."""
        return sum(suite.expectation_count for suite in self.suites)

    @property
    def failures(self) -> tuple[FailedRecord, ...]:
        """What all suites found."""
        return tuple(failure for suite in self.suites for failure in suite.failures)

    @property
    def blocking(self) -> tuple[FailedRecord, ...]:
        """The failures that stop a publication."""
        return tuple(failure for failure in self.failures if failure.severity == "block")


def create_tables(connection: Connection) -> None:
    """Create the tables that failures and measures are written to; those that exist stay."""
    connection.execute(_TABLES)


def validate_landed(
    connection: Connection,
    moment: Moment,
    docs: Path | None = None,
    judge: Judge | None = None,
) -> Report:
    """Run the suites over the landed tables; failures and measures are written to the build.

    `docs`: folder for the Data Docs of these suites. `judge`: who runs them, if not this process.
    What a table was at the last run is read from schema `carried`.
    """
    report = _run("landed", moment, frames.landed_frames(connection, moment), docs, judge)
    record(connection, "landed", report.failures)
    frames.record_row_counts(connection, moment)
    return report


def validate_built(
    connection: Connection,
    moment: Moment,
    docs: Path | None = None,
    judge: Judge | None = None,
) -> Report:
    """Run the suites over core and marts; failures and measures are written to the build."""
    report = _run(
        "built",
        moment,
        frames.built_frames(connection, moment),
        docs,
        judge,
        lambda column, values: frames.deals_with(connection, column, values),
    )
    record(connection, "built", report.failures)
    frames.record_levels(connection, moment)
    return report


def record(
    connection: Connection, origin: str, failures: Sequence[FailedRecord]
) -> None:
    """Write failures of one origin (`landed`, `built`, `test`) in place of its earlier ones."""
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
    """What one suite finds in one frame. `deals_with` gives the records that have a value."""
    result = _validated(_context(None), suite, frame.data, frame.key)
    return list(_failures(_broken(result, frame.key), frame, deals_with))


def judged(
    step: str, year: int, data: Mapping[str, tuple["pd.DataFrame", str]], docs: Path | None
) -> list[Judged]:
    """Run the suites of a step (`landed`, `built`) over frames, each with the name of its key.

    `year` is that of as-of; `docs` a folder for the Data Docs. Raises `PipegenError` where an
    expectation can't be judged.
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
        Judged(
            name,
            len(suite.expectations),
            tuple(_broken(_validated(context, suite, *data[name]), data[name][1])),
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
    }


def _run(
    step: str,
    moment: Moment,
    found: Mapping[str, Frame],
    docs: Path | None,
    judge: Judge | None,
    deals_with: Callable[[str, list[str]], Iterable[tuple[str, str]]] | None = None,
) -> Report:
    started = time.monotonic()
    data = {name: (frame.data, frame.key) for name, frame in found.items()}
    if not all(_is_pandas(frame.data) for frame in found.values()):
        # What stays with Spark can be judged where the session is alone.
        judge = None
    results = (judge or judged)(step, moment.day.year, data, docs)
    suites = tuple(
        SuiteReport(
            one.name,
            one.expectation_count,
            tuple(_failures(one.broken, found[one.name], deals_with)),
        )
        for one in results
    )
    return Report(suites, time.monotonic() - started)


def _context(docs: Path | None) -> Any:
    """A context in memory that reports to nobody and draws no progress bars."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    # Its notes are of no use to whoever runs pipegen, and dbt would print them.
    log = logging.getLogger("great_expectations")
    log.addHandler(logging.NullHandler())
    log.propagate = False
    # The library warns of itself: of its own deprecated calls, not of ours.
    warnings.filterwarnings("ignore", module=r"great_expectations\.|marshmallow\.|altair\.")
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    for site, config in dict(context.variables.data_docs_sites or {}).items():
        # It comes with a site in a temporary folder that nobody asked for and nobody removes.
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


def _validated(
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
    """The rows of a frame that have one of these keys."""
    if _is_pandas(data):
        return data[data[key].isin(keys)].to_dict("records")
    return [row.asDict() for row in data.filter(data[key].isin(list(keys))).collect()]


def _broken(result: Any, key: str) -> Iterable[Broken]:
    for one in result.results:
        meta = one.expectation_config.meta
        raised = one.exception_info
        if raised and any(
            part.get("raised_exception") for part in [raised, *raised.values()]
            if isinstance(part, dict)
        ):  # fmt: skip
            raise PipegenError(
                f"the expectation of {meta['rule']} could not be judged ({raised}): "
                "report it, with the version of great-expectations that is installed."
            )
        if not one.success:
            parts = one.result["unexpected_index_list"]
            keys = tuple(found for part in parts for found in _as_list(part[key]))
            severity = SEVERITIES[str(one.expectation_config.severity.value)]
            yield Broken(dict(meta), severity, keys)


def _failures(
    broken: Iterable[Broken],
    frame: Frame,
    deals_with: Callable[[str, list[str]], Iterable[tuple[str, str]]] | None,
) -> Iterable[FailedRecord]:
    for one in broken:
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
    """The keys of one entry of the index list: one key, or all of them in a list."""
    return list(value) if isinstance(value, list) else [value]
