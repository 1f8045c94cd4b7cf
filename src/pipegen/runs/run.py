"""A run: land, carry, check, build, check, publish, tell.

What belongs here: the steps, what one leaves for the next, and what is left behind when one fails.
What does not: how a step does its work, and Dagster, which calls the steps (`assets`, `weeks`).
"""

import contextlib
import dataclasses
import datetime as dt
import fcntl
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol

import duckdb

from pipegen import demo, landing, transform
from pipegen.alerts import delivery, incidents
from pipegen.company.seeds import check_seeds
from pipegen.company.settings import company_vars, read_settings
from pipegen.errors import BusyError, PipegenError
from pipegen.expectations import validate
from pipegen.expectations.aside import Aside
from pipegen.packages import install_packages
from pipegen.publishing import carry, publish, remember
from pipegen.publishing.export import export_map_feedback
from pipegen.publishing.findings_page import write_findings
from pipegen.publishing.publish import BUILT_SCHEMAS, discard, published_as_of
from pipegen.review import cadence
from pipegen.runs import plot, quality, run_log
from pipegen.runs.run_log import RunRecord
from pipegen.settings import Settings, as_of_day
from pipegen.warehouses import (
    ERRORS,
    Connection,
    Database,
    Schemas,
    exists,
    open_database,
    relations,
    row_counts,
    server_of,
)


class Reporter(Protocol):
    """Whoever wants to know how far a run is."""

    def step(self, words: str) -> None:
        """A step begins, or has something to say."""

    def table(self, words: str) -> None:
        """A raw table is landed."""

    def node(self, done: int, total: int, name: str) -> None:
        """A model, seed or test is done."""



@dataclasses.dataclass(frozen=True)
class Plan:
    """A run that passed every check that needs no data: what will be read, as of when."""

    settings: Settings
    source: landing.RawSource
    vars: dict[str, Any]
    as_of: dt.date


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What a run did. `is_published` is false when a test or a model failed."""

    as_of: dt.date
    built: transform.Built
    is_published: bool


class Run:
    """One run from its lock to its last line in the log.

    `kind` is `refresh` (everything, published), `week` (as of a past Sunday) or `part` (some
    models, for development; in a home of its own). The steps fill the rest in.
    """

    def __init__(
        self,
        settings: Settings,
        reporter: Reporter,
        *,
        kind: str = "refresh",
        waits: bool = False,
        dagster_run_id: str | None = None,
    ) -> None:
        """Nothing is touched before `begin`. `waits` for another run's end, or is refused."""
        self.company = settings
        self.settings = settings
        if kind == "part":
            self.settings = settings.development
        self.reporter = reporter
        self.kind = kind
        self.waits = waits
        self.record = RunRecord.begun(kind, _now(), dagster_run_id)
        self.manifest: Any = None
        self.reports: list[landing.TableReport] = []
        self.built: transform.Built | None = None
        self.found: validate.Report | None = None
        self.judge: Aside | None = None
        self.counts: dict[str, int] = {}
        self.error: BaseException | None = None
        self.is_published = False
        self._is_begun = False
        self._plan: Plan | None = None
        self._held = contextlib.ExitStack()

    @property
    def plan(self) -> Plan:
        """The plan of a run that has begun."""
        if self._plan is None:
            raise RuntimeError("the run has not begun")
        return self._plan

    def begin(self) -> Plan:
        """Take the lock, bury runs that died, check what needs no data; once is enough.

        Raises `PipegenError` for whatever a user can mend, `BusyError` among them.
        """
        if self._plan is not None:
            return self._plan
        home = self.settings.home
        make_home(home)
        with self.step("begin"):
            self._held.enter_context(only_run(home, self.reporter if self.waits else None))
            self._is_begun = True
            self._take_server()
            for dead in run_log.bury(home):
                died(self.company, dead, self.reporter)
            if self.kind != "part":
                keep_back(home)
                _write_down(home, self.record)
            # Demo and raw tables are the company's own, whatever home the run builds in.
            self._plan = plan(self.settings, self.reporter, company=self.company)
            if self.kind != "part":
                self.judge = Aside()
                self._held.callback(self.judge.close)
            self.record.as_of_date = self._plan.as_of
            self.record.definitions_version = self._plan.vars["definitions_version"]
            self.record.code_version = self._plan.vars["code_version"]
            install_packages()
        return self._plan

    def _take_server(self) -> None:
        """Hold the server, where there is one, and say where on it is built."""
        if not self.settings.is_server:
            return
        server = server_of(self.settings.target)
        self._held.enter_context(server.held())
        if self.kind != "part":
            self.settings = dataclasses.replace(
                self.settings, build_schema=server.build_schema()
            )

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Note which step it was that failed. A step that is tried again forgets its failure."""
        self.error = None
        self.record.failed_step = None
        try:
            yield
        except BaseException as error:
            self.error = error
            self.record.failed_step = name
            raise

    def end(self) -> None:
        """Say in the log how it ended, tell of a failure, and let go of the lock. Raises nothing.

        A run that found another at work was refused, and is nobody's concern but its user's.
        """
        try:
            if not self._is_begun or self.kind == "part":
                return
            self._conclude()
            with contextlib.suppress(OSError):
                (self.settings.home / KEPT_BACK).unlink(missing_ok=True)
            # Mostly the full disk of which the run died; the next run will bury it.
            with contextlib.suppress(PipegenError):
                _write_down(self.settings.home, self.record)
            if self.record.status != "published":
                incident = _incident(self.record, self.causes())
                incidents.report(self.company, incident, self.reporter)
            with contextlib.suppress(OSError):
                plot.draw(self.settings.home, run_log.read(self.settings.home))
        finally:
            self._held.close()

    def causes(self) -> tuple[str, ...]:
        """Why it did not publish, for a message: what an unforeseen error says may be anything."""
        if self.error is None:
            failures = self.built.failures if self.built else ()
            return tuple(f"{one.kind} {one.name}: {one.reason}" for one in failures)
        if isinstance(self.error, PipegenError):
            return tuple(line for line in str(self.error).splitlines() if line.strip())
        return (type(self.error).__name__,)

    def _conclude(self) -> None:
        record = self.record
        if self.is_published:
            record.end("published", _now())
            return
        if self.built and self.built.failures and self.error is None:
            first = self.built.failures[0]
            record.failed_step = record.failed_step or "build"
            record.cause = f"{first.kind} {first.name}: {first.reason}"
            if len(self.built.failures) > 1:
                record.cause += f" (and {len(self.built.failures) - 1} more)"
            record.end("refused", _now())
            return
        record.cause = one_line(self.error) if self.error else "it was stopped"
        record.end("failed", _now())


def plan(settings: Settings, reporter: Reporter, company: Settings | None = None) -> Plan:
    """Check settings, seeds and raw tables before anything is built.

    `company` has the demo and the warehouse, where the run builds in another home. Raises
    `PipegenError` with everything that is wrong.
    """
    company = company or settings
    check_seeds(settings.seeds)
    vars_ = read_settings(settings.seeds, company_vars())
    default_day = demo.AS_OF if settings.is_demo else None
    as_of = as_of_day(
        settings.as_of_text, default=default_day, timezone=vars_["business_timezone"]
    )
    make_home(settings.home)
    if settings.is_demo:
        generate_demo(company, reporter)
    source = raw_source(company)
    landing.check(source, custom_columns=vars_["custom_columns"])
    return Plan(settings, source, transform.run_vars(settings, vars_, as_of), as_of)


def raw_source(settings: Settings) -> landing.RawSource:
    """The raw tables of a company. Raises `PipegenError` where there are none to be read.

    Those that a loader put on a server are written as files first, beside the build.
    """
    if not settings.is_server or settings.raw != "warehouse":
        return landing.open_source(settings.raw, settings.home / "warehouse.duckdb")
    folder = settings.landed.parent / "raw"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    server_of(settings.target).export_raw(folder)
    return landing.open_source(str(folder), folder)


def generate_demo(settings: Settings, reporter: Reporter, **size: Any) -> None:
    """Generate the demo company's raw tables, unless they are there and no size was asked for.

    `size` is what `demo.generate` takes. Written aside and renamed, so that a killed run leaves
    no half a company.
    """
    if settings.demo.exists() and not size:
        return
    reporter.step("generating the demo company")
    unfinished = settings.demo.with_name("demo.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    demo.generate(unfinished, **size)
    shutil.rmtree(settings.demo, ignore_errors=True)
    unfinished.rename(settings.demo)


def land(
    plan_: Plan, reporter: Reporter, warehouse: Database | None = None
) -> list[landing.TableReport]:
    """Land the raw tables and the carried state in a new build.

    A server takes in what was landed in a file: so a row has the same fate everywhere.

    The state is that of `warehouse`, else of the published one. Raises `PipegenError` for files
    that can't be read as tables.
    """
    settings = plan_.settings
    landed = settings.landed
    landed.parent.mkdir(parents=True, exist_ok=True)
    discard(landed)
    shutil.rmtree(landed.with_name(landed.name + ".tmp"), ignore_errors=True)
    with contextlib.closing(connect(landed)) as connection:
        reports = landing.land(
            connection,
            plan_.source,
            custom_columns=plan_.vars["custom_columns"],
            business_timezone=plan_.vars["business_timezone"],
            progress=reporter.table,
        )
        if not isinstance(settings.build, Schemas):
            _prepare(connection, plan_, warehouse)
    if isinstance(settings.build, Schemas):
        _take_in(plan_, settings.build, warehouse)
    present = [report for report in reports if report.is_present]
    reporter.step(
        f"landed {len(present)} of {len(reports)} tables: "
        f"{sum(report.rows_read for report in present):,} rows, "
        f"{sum(report.rows_set_aside for report in present):,} set aside"
    )
    return reports


def _take_in(plan_: Plan, build: Schemas, warehouse: Database | None) -> None:
    """Bring what was landed to the server, and then let go of the file."""
    landed = plan_.settings.landed
    server = server_of(build.target)
    try:
        server.begin(build.prefix)
        with contextlib.closing(connect(landed)) as connection:
            server.take_in(connection, build.prefix, landed.parent)
        with open_database(build) as connection:
            _prepare(connection, plan_, warehouse)
    except (*ERRORS, OSError) as error:
        raise PipegenError(
            f"{build} can't be written ({one_line(error)}): see that the user may create schemas, "
            "and that there is room."
        ) from error
    discard(landed)


def _prepare(connection: Connection, plan_: Plan, warehouse: Database | None) -> None:
    """What a build needs beside the landed tables: what the last publication knew."""
    carry(connection, warehouse or plan_.settings.warehouse)
    validate.create_tables(connection)
    runs = [run for run in run_log.read(plan_.settings.home) if run.status != "running"]
    remember(
        connection,
        [run.published() for run in runs],
        [cost for run in runs for cost in run.costs],
    )


def step_land(run_: Run) -> None:
    """The first step: begin the run if nobody has, and land.

    Raises `PipegenError` where it can't be done.
    """
    run_.begin()
    with run_.step("land"):
        settings = run_.company
        if settings.raw != "warehouse":
            run_.record.raw_digest = landing.arrival(Path(settings.raw)).digest
        if run_.kind != "part":
            # As much as is known by now, should it be killed.
            _write_down(run_.settings.home, run_.record)
        run_.reports = land(run_.plan, run_.reporter, settings.warehouse)
        run_.record.rows_in = sum(report.rows_read for report in run_.reports)
        for report in run_.reports:
            if report.is_present:
                table = f"{report.system}.{report.table_name}"
                run_.record.cost("land", table, report.seconds, report.rows_read)


def step_check_landed(run_: Run) -> validate.Report:
    """The second step: what is expected of the landed tables.

    What was found and stops the run is in `run_.built` as failures. Raises `PipegenError` where
    the checks could not be done.
    """
    with run_.step("check"):
        report, refused = quality.check_landed(run_.plan, run_.reporter, run_.judge)
        if refused:
            run_.built = transform.Built(0, 0, refused, (), {})
            run_.record.failed_step = "check"
        return report


def step_build(run_: Run, select: Iterable[str] = ()) -> transform.Built:
    """The third step: build and test everything, or the nodes named.

    Findings come last, when the expectations on core and marts have been looked at.

    A model or test that fails is no error here; it is in what is returned. Raises `PipegenError`
    where dbt could not even begin.
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
                run_.found = quality.check_built(run_.plan, run_.reporter, run_.judge)
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
    """The last step of a refresh: what was built takes the published warehouse's place.

    Raises `PipegenError` where it can't; what was published is as it was then.
    """
    settings = run_.settings
    with run_.step("publish"):
        _put(run_, settings.warehouse)
        run_.is_published = True
        _write_beside(run_)


def step_review(run_: Run) -> str:
    """After publishing: the packet of the review; how it went, in one line.

    What is published stays published: a packet that can't be written is said, and can be written
    again by `pipegen packet`.
    """
    words = review_packet(run_.settings, run_.settings.warehouse)
    run_.reporter.step(words)
    return words


def step_tell(run_: Run) -> None:
    """After publishing: what is news, to those whom it concerns. Fails nothing.

    A part publishes nothing and so has no news.
    """
    if run_.kind == "refresh":
        delivery.tell_published(run_.company, run_.plan, run_.reporter)


def review_packet(settings: Settings, warehouse: Database, audience: str = "joint") -> str:
    """Write the review packet of a published warehouse; how it went, in one line."""
    from pipegen.review.packet import write_packet

    try:
        vars_ = read_settings(settings.seeds, company_vars())
        packet = write_packet(warehouse, settings.home / "review", vars_, audience)
    except Exception as error:
        return f"no review packet: {one_line(error)}"
    return f"review packet {'in' if packet.is_new else 'unchanged in'} {packet.page}"


def _write_beside(run_: Run) -> None:
    """What else a publication leaves: exports and the findings' page."""
    settings = run_.settings
    export_map_feedback(settings.warehouse, settings.home / "exports")
    write_findings(
        settings.warehouse, settings.home / "findings", run_.plan.vars["crm_url_template"]
    )


def step_publish_week(run_: Run, of_all_runs: Iterable[str]) -> None:
    """The last step of a week: its warehouse for the review, its lines for the ledger.

    What is published of a later day is touched in the tables `of_all_runs` alone, each of which
    holds all that it held and this run's lines; where nothing later is published, the week's build
    is. The review's warehouse is never replaced by an earlier week's. Raises `PipegenError` where
    it can't be done.
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
    """The packets as of Sunday for those who meet in the week that follows, and word of them."""
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
        told = review_packet(run_.settings, run_.settings.review, meeting.audience)
        run_.reporter.step(told)
        delivery.tell_packet(run_.settings, run_.reporter, meeting.audience)


def run(settings: Settings, reporter: Reporter, select: str = "") -> Outcome:
    """Run the job `nightly_refresh` in this process: all of it, published if nothing failed.

    `select`, in dbt's words, builds a part instead, for development; nothing is published then.
    Raises `PipegenError` where a step could not be done at all; the published warehouse is as it
    was then, as it is after a test that failed.
    """
    run_ = Run(settings, reporter, kind="part" if select else "refresh")
    try:
        run_.begin()
        # What is wrong with settings and files is told before a second is spent on importing it.
        from pipegen.orchestration.in_process import execute

        execute(run_, select)
        if run_.built is None:
            raise RuntimeError("the job ended without a build")
        return Outcome(run_.plan.as_of, run_.built, run_.is_published)
    except SystemExit as error:
        # Some library's idea; a run that did not publish must not look like one that did.
        run_.error = run_.error or error
        raise RuntimeError("a library ended the run") from error
    except BaseException as error:
        run_.error = run_.error or error
        raise
    finally:
        run_.end()


def _put(run_: Run, warehouse: Database, only: set[str] | None = None) -> None:
    run_.reporter.step("publishing")
    run_.record.rows_out = sum(
        count
        for table, count in run_.counts.items()
        if table.split(".")[0] in BUILT_SCHEMAS and (only is None or table in only)
    )
    # Its row says how it ends, which it does with the swap.
    record = dataclasses.replace(run_.record)
    record.end("published", _now())
    added = {"audit.runs": [record.published()], "audit.run_costs": record.costs}
    for view in publish(run_.settings.build, warehouse, only=only, added=added):
        run_.reporter.step(f"the view {view} is left out: what it reads is no longer there")


def step_part(run_: Run, nodes: Iterable["NodeOfPart"]) -> transform.Built:
    """Build some nodes in the development home, with those they stand on that are not there yet.

    `nodes` are the selected ones and all they stand on. Lands first where nothing is landed, or
    other raw files, another day or other rules are. Raises `PipegenError` where it can't be done.
    """
    land_for_development(run_)
    nodes = list(nodes)
    there = relations(run_.settings.build)
    return step_build(
        run_, [node.name for node in nodes if node.is_selected or node.relation not in there]
    )


def land_for_development(run_: Run, *, anew: bool = False) -> None:
    """Land in the development home, unless what is landed is what would be, and not `anew`.

    Raises `PipegenError` where it can't be done.
    """
    run_.begin()
    landed = run_.settings.home / "landed.json"
    raw = run_.company.raw
    wanted = {
        "as_of": run_.plan.vars["as_of"],
        "definitions": run_.plan.vars["definitions_version"],
        "raw": "" if raw == "warehouse" else landing.arrival(Path(raw)).digest,
    }
    if anew or not _is_landed(run_.settings.build, landed, wanted):
        landed.unlink(missing_ok=True)
        step_land(run_)
        landed.write_text(json.dumps(wanted), encoding="utf-8")


@dataclasses.dataclass(frozen=True)
class NodeOfPart:
    """A node that is selected, or that a selected one stands on."""

    name: str
    relation: str
    is_selected: bool


def _is_landed(build: Database, noted: Path, wanted: dict[str, str]) -> bool:
    if not exists(build) or not noted.exists():
        return False
    try:
        return bool(json.loads(noted.read_text(encoding="utf-8")) == wanted)
    except ValueError:
        return False


# Held by a run at work, given back when it ends: without it nobody could write that the disk is
# full.
KEPT_BACK = Path("runs") / "kept_back"
KEPT_BYTES = 65_536


def keep_back(home: Path) -> None:
    """Hold some room on the disk for the last words of a run that fills it. Raises nothing."""
    path = home / KEPT_BACK
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"\0" * KEPT_BYTES)
    except OSError:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


def _write_down(home: Path, record: RunRecord) -> None:
    try:
        run_log.append(home, record)
    except OSError as error:
        raise PipegenError(
            f"{home / run_log.FILE} can't be written ({error.strerror}): free the disk, or name "
            "another PIPEGEN_HOME."
        ) from None


def died(settings: Settings, record: RunRecord, reporter: Reporter | None = None) -> None:
    """Tell of a run that was killed."""
    causes = (f"{record.kind} {record.run_id}: {record.cause}",)
    incidents.report(settings, _incident(record, causes), reporter)


def _incident(record: RunRecord, causes: tuple[str, ...]) -> incidents.Incident:
    day = f" as of {record.as_of_date}" if record.as_of_date else ""
    where = f" in step {record.failed_step}" if record.failed_step else ""
    return incidents.Incident(
        kind=f"run_{record.status}",
        subject=f"{record.kind} {record.run_id}{day}{where}",
        cause=record.cause or "",
        noticed_at=_now(),
        causes=causes,
    )


def one_line(error: BaseException) -> str:
    """What an error says, in one line."""
    text = " ".join(str(error).split())
    return (text if isinstance(error, PipegenError) else f"{type(error).__name__}: {text}")[:500]


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def connect(database: Path) -> duckdb.DuckDBPyConnection:
    """A connection that keeps to the machine's share: memory as in the profile, UTC."""
    connection = duckdb.connect(
        str(database),
        config={
            "memory_limit": os.environ.get("PIPEGEN_MEMORY", "3GB"),
            "threads": int(os.environ.get("PIPEGEN_THREADS", "2")),
            "preserve_insertion_order": "false",
        },
    )
    # DuckDB's own progress bar would write over ours.
    connection.execute("set enable_progress_bar = false")
    return connection


@contextlib.contextmanager
def only_run(home: Path, waiting: Reporter | None = None) -> Iterator[None]:
    """Hold the home's lock: two runs never build at once. A killed run's lock ends with it.

    Where another run holds it, `waiting` is told and this one waits; without, `BusyError`.
    """
    with (home / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            holder = f"{home} (process {lock.read().strip() or 'unknown'})"
            if waiting is None:
                raise BusyError(
                    f"another run is building in {holder}: "
                    "wait for it, or name another PIPEGEN_HOME."
                ) from None
            waiting.step(f"waiting for the run that is building in {holder}")
            fcntl.flock(lock, fcntl.LOCK_EX)
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def make_home(home: Path) -> None:
    """Make the folder that everything is written to; raises `PipegenError` if it can't be."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        probe = home / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise PipegenError(
            f"PIPEGEN_HOME {home} can't be written ({error.strerror}): name a folder that can."
        ) from None
