"""Incidents that someone must hear about: a run that failed or crashed, or stale data.

What belongs here: what an incident is, and the home's list of them. What does not: the text of the
alert (`messages`) and sending it (`delivery`).
"""

import dataclasses
import datetime as dt
import json
import logging
from pathlib import Path

from pipegen.alerts import delivery
from pipegen.reporting import Reporter
from pipegen.settings import Settings

FILE = Path("runs") / "incidents.jsonl"


@dataclasses.dataclass(frozen=True)
class Incident:
    """One thing that went wrong.

    `kind` is `run_failed`, `run_refused`, `run_died` or `stale`; `noticed_at` is UTC.
    """

    kind: str
    subject: str
    cause: str
    noticed_at: dt.datetime
    # One line per cause, if there are several.
    causes: tuple[str, ...] = ()


def report(settings: Settings, incident: Incident, reporter: Reporter | None = None) -> None:
    """Record the incident in the home, and alert those concerned.

    Raises nothing: a failed alert must not hide the incident itself.
    """
    try:
        path = settings.home / FILE
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as kept:
            kept.write(json.dumps(dataclasses.asdict(incident), default=str) + "\n")
    except OSError as error:
        # Most likely the disk is full, which whoever started the run will see reported anyway.
        logging.getLogger(__name__).info("%s: %s (%s)", incident.kind, incident.cause, error)
    delivery.send_trouble(settings, reporter, incident.kind, incident.causes)


def reported(home: Path) -> list[Incident]:
    """Every incident recorded in the home, in order."""
    path = home / FILE
    if not path.exists():
        return []
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            fields = json.loads(line)
            fields["noticed_at"] = dt.datetime.fromisoformat(fields["noticed_at"])
            found.append(Incident(**fields))
        except (ValueError, TypeError, KeyError):
            continue
    return found
