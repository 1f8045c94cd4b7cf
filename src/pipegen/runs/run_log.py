"""What is known of every run of a home: begun, ended, how, and what it cost.

What belongs here: the file that outlives runs, also those that fail or are killed, and reading it.
What does not: what is published of it, which is the models' (`audit.runs`).

The file holds a JSON object a line. A run writes one when it begins and one when it ends; a run
with the first alone, while nobody holds the home's lock, was killed.
"""

import contextlib
import dataclasses
import datetime as dt
import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FILE = Path("runs") / "log.jsonl"

# What of a run is published, in the columns of `audit.runs`.
COLUMNS = (
    "run_id", "kind", "as_of_date", "started_at", "ended_at", "duration_seconds", "status",
    "failed_step", "cause", "rows_in", "rows_out", "built_count", "passed_count", "failed_count",
    "definitions_version", "code_version",
)  # fmt: skip


@dataclasses.dataclass
class RunRecord:
    """A run, as far as it got. `status` is `running` until it ends; times are UTC.

    `raw_digest` names the raw files it read, `dagster_run_id` and `process_id` who ran it.
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
    dagster_run_id: str | None = None
    process_id: int | None = None
    costs: list[dict[str, Any]] = dataclasses.field(default_factory=list)

    @classmethod
    def begun(cls, kind: str, now: dt.datetime, dagster_run_id: str | None = None) -> "RunRecord":
        """A run that begins now."""
        run_id = f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
        return cls(
            run_id, kind, now, dagster_run_id=dagster_run_id, process_id=os.getpid()
        )

    def end(self, status: str, now: dt.datetime) -> None:
        """Say how the run ended."""
        self.status = status
        self.ended_at = now
        self.duration_seconds = round((now - self.started_at).total_seconds(), 3)

    def cost(self, step: str, node: str, seconds: float, rows: int | None) -> None:
        """Note what one table cost; the later of two notes on one table stands."""
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
        """The columns that are published; instants without their zone, which is UTC."""
        row = {name: getattr(self, name) for name in COLUMNS}
        for name in ("started_at", "ended_at"):
            row[name] = row[name].replace(tzinfo=None) if row[name] else None
        return row


def append(home: Path, record: RunRecord) -> None:
    """Write a run's state as one line, on disk when this returns. Raises `OSError`."""
    path = home / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(dataclasses.asdict(record), default=str)
    with path.open("ab+") as log:
        # A killed writer may have left half a line, which must not swallow this one.
        if log.tell():
            log.seek(-1, os.SEEK_END)
            if log.read(1) != b"\n":
                text = "\n" + text
        log.write(text.encode() + b"\n")
        log.flush()
        os.fsync(log.fileno())


def read(home: Path) -> list[RunRecord]:
    """Every run of the home in the order in which they began, each as it was last written.

    A line that is no whole record is passed over: its writer was killed.
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
    """The last run of a kind that published."""
    found = [run for run in read(home) if run.kind == kind and run.status == "published"]
    return found[-1] if found else None


def mark_crashed(home: Path) -> Iterator[RunRecord]:
    """Note every run that was begun and never ended as died, and yield it.

    Only for who holds the home's lock: nobody else can know that such a run is not at work.
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
    if record.as_of_date:
        record.as_of_date = dt.date.fromisoformat(str(record.as_of_date))
    return record
