"""One run, from taking the lock to its last log entry.

What belongs here: the run's state, which the steps fill in, and how a run begins and ends. What
does not: the steps (`steps`), and Dagster, which calls them (`orchestration`).
"""

import contextlib
import dataclasses
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipegen import transform
from pipegen.alerts import incidents
from pipegen.errors import PipegenError, one_line
from pipegen.expectations import validate
from pipegen.expectations.worker import Worker
from pipegen.packages import install_packages
from pipegen.reporting import Reporter
from pipegen.runs import plot, run_log
from pipegen.runs.home import KEPT_BACK, keep_back, make_home, only_run
from pipegen.runs.land import TableReport
from pipegen.runs.plan import Plan, plan_run
from pipegen.runs.run_log import RunRecord
from pipegen.settings import Settings
from pipegen.warehouses import server_of


@dataclasses.dataclass(frozen=True)
class Outcome:
    """The outcome of a run. `is_published` is false if a test or a model failed."""

    as_of: dt.date
    built: transform.Built
    is_published: bool


class Run:
    """One run, from taking the lock to its last log entry.

    `kind` is `refresh` (everything, published), `week` (as of a past Sunday) or `part` (some
    models, for development, in a home of its own). The steps fill in the other attributes.
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
        """Write nothing yet; `begin` does.

        With `waits`, `begin` waits for a run that is in progress; otherwise it fails.
        """
        self.company = settings
        self.settings = settings
        if kind == "part":
            self.settings = settings.development
        self.reporter = reporter
        self.kind = kind
        self.waits = waits
        self.record = RunRecord.begun(kind, now(), dagster_run_id)
        self.manifest: Any = None
        self.reports: list[TableReport] = []
        self.built: transform.Built | None = None
        self.found: validate.Report | None = None
        self.worker: Worker | None = None
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
        """Take the lock, mark crashed runs, and do every check that needs no data.

        Further calls do nothing. Raises `PipegenError` for any problem that the user can solve,
        including `BusyError`.
        """
        if self._plan is not None:
            return self._plan
        home = self.settings.home
        make_home(home)
        with self.step("begin"):
            self._held.enter_context(only_run(home, self.reporter if self.waits else None))
            self._is_begun = True
            self._take_server()
            for crashed in run_log.mark_crashed(home):
                report_crash(self.company, crashed, self.reporter)
            if self.kind != "part":
                keep_back(home)
                write_down(home, self.record)
            self._plan = plan_run(self.settings, self.reporter)
            if self.kind != "part":
                self.worker = Worker()
                self._held.callback(self.worker.close)
            self.record.as_of_date = self._plan.as_of
            self.record.definitions_version = self._plan.vars["definitions_version"]
            self.record.code_version = self._plan.vars["code_version"]
            install_packages()
        return self._plan

    def _take_server(self) -> None:
        """Lock the server, if there is one, and choose the schemas to build in."""
        if not self.settings.is_server:
            return
        server = server_of(self.settings.target)
        self._held.enter_context(server.lock())
        if self.kind != "part":
            self.settings = dataclasses.replace(
                self.settings, build_schema=server.build_schema()
            )

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Record which step failed. A retry of a step clears its failure."""
        self.error = None
        self.record.failed_step = None
        try:
            yield
        except BaseException as error:
            self.error = error
            self.record.failed_step = name
            raise

    def end(self) -> None:
        """Log how the run ended, alert about a failure, and release the lock. Raises nothing.

        If another run held the lock, this one never began: only its user needs to know.
        """
        try:
            if not self._is_begun or self.kind == "part":
                return
            self._conclude()
            with contextlib.suppress(OSError):
                (self.settings.home / KEPT_BACK).unlink(missing_ok=True)
            # Most likely the disk is full, which ended the run; the next run will mark it crashed.
            with contextlib.suppress(PipegenError):
                write_down(self.settings.home, self.record)
            if self.record.status != "published":
                incident = _incident(self.record, self.causes())
                incidents.report(self.company, incident, self.reporter)
            with contextlib.suppress(OSError):
                plot.draw(self.settings.home, run_log.read(self.settings.home))
        finally:
            self._held.close()

    def causes(self) -> tuple[str, ...]:
        """Why the run did not publish, for a message.

        Of an unexpected error only the type is given: its text may contain anything.
        """
        if self.error is None:
            failures = self.built.failures if self.built else ()
            return tuple(f"{one.kind} {one.name}: {one.reason}" for one in failures)
        if isinstance(self.error, PipegenError):
            return tuple(line for line in str(self.error).splitlines() if line.strip())
        return (type(self.error).__name__,)

    def _conclude(self) -> None:
        record = self.record
        if self.is_published:
            record.end("published", now())
            return
        if self.built and self.built.failures and self.error is None:
            first = self.built.failures[0]
            record.failed_step = record.failed_step or "build"
            record.cause = f"{first.kind} {first.name}: {first.reason}"
            if len(self.built.failures) > 1:
                record.cause += f" (and {len(self.built.failures) - 1} more)"
            record.end("refused", now())
            return
        record.cause = one_line(self.error) if self.error else "it was stopped"
        record.end("failed", now())


def write_down(home: Path, record: RunRecord) -> None:
    try:
        run_log.append(home, record)
    except OSError as error:
        raise PipegenError(
            f"{home / run_log.FILE} can't be written ({error.strerror}): free the disk, or name "
            "another PIPEGEN_HOME."
        ) from None


def report_crash(settings: Settings, record: RunRecord, reporter: Reporter | None = None) -> None:
    """Alert about a run that was killed."""
    causes = (f"{record.kind} {record.run_id}: {record.cause}",)
    incidents.report(settings, _incident(record, causes), reporter)


def _incident(record: RunRecord, causes: tuple[str, ...]) -> incidents.Incident:
    day = f" as of {record.as_of_date}" if record.as_of_date else ""
    where = f" in step {record.failed_step}" if record.failed_step else ""
    return incidents.Incident(
        kind=f"run_{record.status}",
        subject=f"{record.kind} {record.run_id}{day}{where}",
        cause=record.cause or "",
        noticed_at=now(),
        causes=causes,
    )


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
