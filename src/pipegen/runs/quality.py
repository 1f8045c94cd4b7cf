"""The run's checks: expectations on landed and built tables, and the gate before publishing.

What belongs here: when the suites run and what a failure leads to, with one function per step. What
does not: the expectations (`expectations`) and how failures are reported (`alerts`).
"""

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pipegen import transform
from pipegen.errors import PipegenError
from pipegen.expectations import gate, validate
from pipegen.expectations.frames import AsOf
from pipegen.expectations.rulebook import rules
from pipegen.expectations.validate import FailedRecord
from pipegen.reporting import Reporter
from pipegen.runs.land import LANDING
from pipegen.runs.plan import Plan
from pipegen.warehouses import (
    ERRORS,
    Connection,
    Schemas,
    as_compiled,
    connect_file,
    open_database,
)

# Findings are built last, because they include the failures of the expectations on the marts.
FINDINGS = "source:landing.expectation_failures+"


def check_landed(
    plan: Plan, reporter: Reporter, runner: validate.SuiteRunner | None = None
) -> tuple[validate.Report, tuple[transform.Failure, ...]]:
    """Run the suites over the landed tables; returns the report, and the failures that block."""
    with _connected(plan) as connection:
        report = validate.validate_landed(
            connection, _as_of(plan), _docs(plan, "landed"), runner
        )
    reporter.step(
        f"{report.expectation_count} expectations on landed tables, "
        f"{len(report.failures):,} failures"
    )
    return report, tuple(_refused(plan, report.failures))


def build_all_but_findings(
    plan: Plan, reporter: Reporter, manifest: Any = None, exclude: Iterable[str] = ()
) -> transform.Built:
    """Build and test everything but what has landed and what follows from findings, and keep the
    rows that tests which only warn gave. `exclude`, in dbt's words, leaves out more."""
    built = transform.transform(
        plan.settings, plan.vars, reporter.node, manifest=manifest,
        exclude=[LANDING, FINDINGS, *exclude]
    )
    with _connected(plan) as connection:
        validate.record(connection, "test", list(_warned_rows(connection, built.lenient)))
    return built


def check_built(
    plan: Plan, reporter: Reporter, runner: validate.SuiteRunner | None = None
) -> validate.Report:
    """Run the suites over core and marts; their failures become findings."""
    with _connected(plan) as connection:
        report = validate.validate_built(
            connection, _as_of(plan), _docs(plan, "built"), runner
        )
    reporter.step(
        f"{report.expectation_count} expectations on core and marts, "
        f"{len(report.failures):,} failures"
    )
    return report


def build_findings(
    plan: Plan, reporter: Reporter, manifest: Any = None, exclude: Iterable[str] = ()
) -> transform.Built:
    """Build the findings and what follows from them; open ones that block are failures. `exclude`,
    in dbt's words, leaves some out."""
    with transform.kept_results(plan.settings):
        built = transform.transform(
            plan.settings, plan.vars, reporter.node, manifest=manifest, select=[FINDINGS],
            exclude=exclude,
        )
    if built.failures:
        return built
    refused = tuple(_refused(plan, gate.blocking_findings(plan.settings.build)))
    return built.joined(transform.Built(0, 0, refused, (), {}))


def _refused(plan: Plan, failures: Iterable[FailedRecord]) -> Iterable[transform.Failure]:
    also = set(plan.vars["blocking_rules"])
    blocking = [one for one in failures if one.severity == "block" or one.rule in also]
    for one in gate.refused(blocking, plan.settings.accepted):
        rule = rules().get(one.rule)
        yield transform.Failure(
            one.rule,
            "expectation",
            f"{one.record_id}: {one.detail}" + (f". {rule.remedy}" if rule else ""),
        )


def _warned_rows(
    connection: Connection, tests: Iterable[transform.Lenient]
) -> Iterable[FailedRecord]:
    """The failing rows of tests that only warn, as records.

    A test names the rule and the record type in its `meta`. By default, the rule has the test's
    name, and the record id is the row's first column.
    """
    for test in tests:
        cursor = as_compiled(connection, test.sql)
        names = [column[0] for column in cursor.description]
        named = rules().get(test.rule)
        for row in cursor.fetchall():
            values: Mapping[str, Any] = dict(zip(names, row, strict=True))
            record_id = values.get("record_id", row[0])
            others = [f"{k} {v}" for k, v in values.items() if k != "record_id" and v is not None]
            yield FailedRecord(
                test.rule,
                named.severity if named else "warn",
                test.record_type,
                str(record_id),
                str(values.get("detail") or ", ".join(others)),
            )


def _as_of(plan: Plan) -> AsOf:
    return AsOf.on(plan.as_of, plan.vars["business_timezone"], plan.vars["corporate_currency"])


def _docs(plan: Plan, step: str) -> Path:
    """The folder for the Data Docs of a step's suites."""
    return plan.settings.home / "expectations" / step


@contextlib.contextmanager
def _connected(plan: Plan) -> Iterator[Connection]:
    """A connection to the build for one check. A full disk is reported as in landing."""
    build = plan.settings.build
    opened = open_database(build) if isinstance(build, Schemas) else contextlib.closing(
        connect_file(build)
    )
    try:
        with opened as connection:
            yield connection
    except (*ERRORS, OSError) as error:
        reason = str(error).splitlines()[0]
        raise PipegenError(
            f"what the checks found cannot be written in {plan.settings.home} ({reason}): "
            "free some space and run again."
        ) from error
