"""The steps of a run, in order: land, check, build, publish, review, notify.

What belongs here: what one step passes on to the next. What does not: how a step does its work, and
Dagster, which calls the steps (`orchestration`).
"""

import dataclasses
import datetime as dt
from collections.abc import Iterable
from pathlib import Path

from pipegen import landing, transform
from pipegen.alerts import delivery
from pipegen.company.settings import read_settings
from pipegen.errors import one_line
from pipegen.expectations import validate
from pipegen.publishing import publish
from pipegen.publishing.export import export_feeds
from pipegen.publishing.findings_page import write_findings
from pipegen.publishing.publish import BUILT_SCHEMAS, published_as_of
from pipegen.review import cadence
from pipegen.runs import quality
from pipegen.runs.land import land_run
from pipegen.runs.plan import borrowed
from pipegen.runs.run import Run, now, write_down
from pipegen.settings import Settings
from pipegen.warehouses import Database, row_counts


def step_land(run_: Run) -> None:
    """The first step: begin the run, unless it has begun, and land. Raises `PipegenError`."""
    run_.begin()
    with run_.step("land"):
        settings = run_.company
        if settings.raw != "warehouse":
            run_.record.raw_digest = landing.arrival(Path(settings.raw)).digest
        if run_.kind != "part":
            # Log what is known by now, in case the run is killed.
            write_down(run_.settings.home, run_.record)
        run_.reports = land_run(run_.plan, run_.reporter, run_.manifest)
        run_.record.rows_in = sum(report.rows_read for report in run_.reports)
        for report in run_.reports:
            if report.is_present:
                table = f"{report.system}.{report.table_name}"
                run_.record.cost("land", table, report.seconds, report.rows_read)


def step_check_landed(run_: Run) -> validate.Report:
    """The second step: check the expectations on the landed tables.

    Failures that block are put into `run_.built`. Raises `PipegenError` if the checks can't run.
    """
    with run_.step("check"):
        report, refused = quality.check_landed(run_.plan, run_.reporter, run_.worker)
        if refused:
            run_.built = transform.Built(0, 0, refused, (), {})
            run_.record.failed_step = "check"
        return report


def step_build(run_: Run, select: Iterable[str] = ()) -> transform.Built:
    """The third step: build and test everything, or the nodes that `select` names.

    Findings are built last, after the expectations on core and marts have been checked.

    A failing model or test does not raise an error here; it is in the returned value. Raises
    `PipegenError` if dbt could not even start.
    """
    with run_.step("build"):
        run_.reporter.step("building")
        if select:
            built = transform.transform(
                run_.settings,
                run_.plan.vars,
                run_.reporter.node,
                manifest=run_.manifest,
                select=select,
            )
        else:
            built = quality.build_all_but_findings(run_.plan, run_.reporter, run_.manifest)
            if not built.failures:
                run_.found = quality.check_built(run_.plan, run_.reporter, run_.worker)
                findings = quality.build_findings(run_.plan, run_.reporter, run_.manifest)
                built = built.joined(findings)
        run_.built = built
        run_.counts = row_counts(run_.settings.build)
        run_.record.built_count = built.built_count
        run_.record.passed_count = built.passed_count
        run_.record.failed_count = len(built.failures)
        for result in built.results:
            if result.status == "success":
                rows = run_.counts.get(result.relation)
                run_.record.cost("build", result.relation, result.seconds, rows)
        return built


def step_publish(run_: Run) -> None:
    """The last step of a refresh: the build replaces the published warehouse.

    Raises `PipegenError` if it can't; the published warehouse is unchanged then.
    """
    settings = run_.settings
    with run_.step("publish"):
        _put(run_, settings.warehouse)
        run_.is_published = True
        _write_beside(run_)


def step_review(run_: Run) -> str:
    """After publishing: write the review packet; returns the outcome in one line.

    A packet that can't be written is reported and does not undo the publication; `pipegen packet`
    writes it again.
    """
    words = review_packet(run_.settings, run_.settings.warehouse)
    run_.reporter.step(words)
    return words


def step_notify(run_: Run) -> None:
    """After publishing: notify those concerned about what is new. Failures are only reported.

    A part publishes nothing, so it notifies nobody.
    """
    if run_.kind == "refresh":
        delivery.send_published(
            run_.company, run_.plan.as_of, run_.plan.vars, run_.reporter
        )


def review_packet(settings: Settings, warehouse: Database, audience: str = "joint") -> str:
    """Write the review packet of a published warehouse; returns the outcome in one line."""
    from pipegen.review.packet import write_packet

    try:
        vars_ = read_settings(settings.seeds)
        packet = write_packet(
            warehouse, settings.home / "review", vars_, audience, warning=borrowed(settings)
        )
    except Exception as error:
        return f"no review packet: {one_line(error)}"
    return f"review packet {'in' if packet.is_new else 'unchanged in'} {packet.page}"


def _write_beside(run_: Run) -> None:
    """Write what a publication includes besides the warehouse: exports and the findings page."""
    settings = run_.settings
    export_feeds(settings.warehouse, settings.home / "exports")
    write_findings(
        settings.warehouse, settings.home / "findings", run_.plan.vars["crm_url_template"]
    )


def step_publish_week(run_: Run, of_all_runs: Iterable[str]) -> None:
    """The last step of a week: publish its warehouse for the review, and its rows in the ledger.

    If a later day is published, only the tables in `of_all_runs` change: each keeps its rows and
    gets this run's as well. Otherwise the week's build is published. The review's warehouse is
    never replaced by an earlier week's. Raises `PipegenError` if it can't.
    """
    settings, day = run_.settings, run_.plan.as_of
    with run_.step("publish"):
        reviewed = published_as_of(settings.review)
        if reviewed is None or reviewed <= day:
            (settings.home / "review").mkdir(parents=True, exist_ok=True)
            _put(run_, settings.review)
            _prepare_meetings(run_)
        published = published_as_of(settings.warehouse)
        is_newest = published is None or published <= day
        _put(run_, settings.warehouse, None if is_newest else set(of_all_runs))
        run_.is_published = True
        if is_newest:
            _write_beside(run_)


def _prepare_meetings(run_: Run) -> None:
    """Write and send the packets, as of Sunday, for the meetings of the following week."""
    vars_ = run_.plan.vars
    due = cadence.due(
        vars_["company_stage"],
        run_.plan.as_of + dt.timedelta(days=1),
        vars_["fiscal_year_start_month"],
    )
    if not due:
        run_.reporter.step("no review is due in the week that follows: no packet is written")
        return
    for meeting in due:
        outcome = review_packet(run_.settings, run_.settings.review, meeting.audience)
        run_.reporter.step(outcome)
        delivery.send_packet(run_.settings, run_.reporter, meeting.audience)


def _put(run_: Run, warehouse: Database, only: set[str] | None = None) -> None:
    run_.reporter.step("publishing")
    run_.record.rows_out = sum(
        count
        for table, count in run_.counts.items()
        if table.split(".")[0] in BUILT_SCHEMAS and (only is None or table in only)
    )
    # The run's published row must say how it ended, and it ends with this very swap.
    record = dataclasses.replace(run_.record)
    record.end("published", now())
    added = {"audit.runs": [record.published()], "audit.run_costs": record.costs}
    for view in publish(run_.settings.build, warehouse, only=only, added=added):
        run_.reporter.step(f"the view {view} is left out: what it reads is no longer there")
