"""The log of every run in a home: when it began and ended, how, and what it cost.

What belongs here: writing and reading the log file, which also records runs that failed or were
killed. What does not: what is published from it, which is up to the models (`audit.runs`).

The file has one JSON object per line. A run writes one when it begins and one when it ends. If
there is only the first, and nobody holds the home's lock, the run was killed.
"""

import contextlib
import dataclasses
import datetime as dt
import json
import os
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

FILE = Path("runs") / "log.jsonl"

# The kind of a record that is no run, but what a person had the warehouse forget.
FORGET = "forget"

# The fields of a run that are published: the columns of `audit.runs`.
COLUMNS = (
    "run_id", "kind", "as_of_date", "started_at", "ended_at", "duration_seconds", "status",
    "failed_step", "cause", "rows_in", "rows_out", "built_count", "passed_count", "failed_count",
    "definitions_version", "code_version",
)  # fmt: skip


@dataclasses.dataclass
class RunRecord:
    """A run, as far as it got. `status` is `running` until it ends; times are UTC.

    `raw_digest` identifies the raw files that it read; `dagster_run_id` and `process_id` identify
    what ran it. A record of kind `forget` is no run: the created dates first seen on its day
    `forgotten_on` are to be forgotten.
    """

    run_id: str
    kind: str
    started_at: dt.datetime
    status: str = "running"
    as_of_date: dt.date | None = None
    ended_at: dt.datetime | None = None
    duration_seconds: float | None = None
    failed_step: str | None = None
    cause: str | None = None
    rows_in: int | None = None
    rows_out: int | None = None
    built_count: int | None = None
    passed_count: int | None = None
    failed_count: int | None = None
    definitions_version: str | None = None
    code_version: str | None = None
    raw_digest: str | None = None
    forgotten_on: dt.date | None = None
    dagster_run_id: str | None = None
    process_id: int | None = None
    costs: list[dict[str, Any]] = dataclasses.field(default_factory=list)

    @classmethod
    def begun(cls, kind: str, now: dt.datetime, dagster_run_id: str | None = None) -> "RunRecord":
        """The record of a run that begins now."""
        run_id = f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
        return cls(
            run_id, kind, now, dagster_run_id=dagster_run_id, process_id=os.getpid()
        )

    def end(self, status: str, now: dt.datetime) -> None:
        """Record how the run ended."""
        self.status = status
        self.ended_at = now
        self.duration_seconds = round((now - self.started_at).total_seconds(), 3)

    def cost(self, step: str, node: str, seconds: float, rows: int | None) -> None:
        """Record what a table cost, replacing an earlier record for the same table."""
        self.costs = [c for c in self.costs if (c["step"], c["node"]) != (step, node)]
        self.costs.append(
            {
                "run_id": self.run_id,
                "step": step,
                "node": node,
                "duration_seconds": round(seconds, 3),
                "row_count": rows,
            }
        )

    def published(self) -> dict[str, Any]:
        """The columns that are published. Instants have no time zone: they are UTC."""
        row = {name: getattr(self, name) for name in COLUMNS}
        for name in ("started_at", "ended_at"):
            row[name] = row[name].replace(tzinfo=None) if row[name] else None
        return row


def append(home: Path, record: RunRecord) -> None:
    """Append a run's state as one line, flushed to disk. Raises `OSError`."""
    path = home / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(dataclasses.asdict(record), default=str)
    with path.open("ab+") as log:
        # A killed writer may have left half a line, so make sure that this is a line of its own.
        if log.tell():
            log.seek(-1, os.SEEK_END)
            if log.read(1) != b"\n":
                text = "\n" + text
        log.write(text.encode() + b"\n")
        log.flush()
        os.fsync(log.fileno())


def read(home: Path) -> list[RunRecord]:
    """Every run of the home, in the order in which they began, each in its latest state.

    An incomplete line is skipped: its writer was killed.
    """
    path = home / FILE
    if not path.exists():
        return []
    runs: dict[str, RunRecord] = {}
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        with contextlib.suppress(ValueError, TypeError, KeyError):
            record = _parsed(json.loads(line))
            runs[record.run_id] = record
    return list(runs.values())


def last_published(home: Path, kind: str = "refresh") -> RunRecord | None:
    """The last run of a kind that published, or None."""
    found = [run for run in read(home) if run.kind == kind and run.status == "published"]
    return found[-1] if found else None


def to_forget(runs: Iterable[RunRecord]) -> set[dt.date]:
    """The days whose created dates are to be forgotten by the next run.

    A day is forgotten once, by the run that publishes next: what that run and later ones learn on a
    day of the same date stays.
    """
    days: set[dt.date] = set()
    for run in runs:
        if run.kind == FORGET and run.forgotten_on:
            days.add(run.forgotten_on)
        elif run.kind == "refresh" and run.status == "published":
            days.clear()
    return days


def mark_crashed(home: Path) -> Iterator[RunRecord]:
    """Mark every run that began and never ended as died, and yield it.

    Only the holder of the home's lock may call this: no one else can know that such a run is not
    still in progress.
    """
    for record in read(home):
        if record.status == "running":
            record.status = "died"
            record.cause = crash_cause(record)
            append(home, record)
            yield record


def crash_cause(record: RunRecord) -> str:
    """Why a run never ended, as far as can be known."""
    return f"process {record.process_id} was killed, or the machine stopped"


def _parsed(fields: dict[str, Any]) -> RunRecord:
    known = {field.name for field in dataclasses.fields(RunRecord)}
    record = RunRecord(**{name: value for name, value in fields.items() if name in known})
    record.started_at = dt.datetime.fromisoformat(str(record.started_at))
    if record.ended_at:
        record.ended_at = dt.datetime.fromisoformat(str(record.ended_at))
    for name in ("as_of_date", "forgotten_on"):
        if getattr(record, name):
            setattr(record, name, dt.date.fromisoformat(str(getattr(record, name))))
    return record
