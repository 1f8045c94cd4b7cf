"""What somebody must know although nobody is looking: a run that failed or died, data gone stale.

What belongs here: what an incident is, and the list of them that a home keeps. What does not: how
it is told (`alerts`) and reaches people (`delivery`).
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
    """One thing that went wrong: what (`run_failed`, `run_refused`, `run_died`, `stale`), about
    what, why, and when it was noticed (UTC)."""

    kind: str
    subject: str
    cause: str
    noticed_at: dt.datetime
    # Each in a line, where there are several.
    causes: tuple[str, ...] = ()


def report(settings: Settings, incident: Incident, reporter: Reporter | None = None) -> None:
    """Write the incident down in the home and tell whoever wants to hear of it.

    Raises nothing: an incident that can't be told of must not hide what it is about.
    """
    try:
        path = settings.home / FILE
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as kept:
            kept.write(json.dumps(dataclasses.asdict(incident), default=str) + "\n")
    except OSError as error:
        # Mostly the full disk that it is about, of which whoever started the run is told.
        logging.getLogger(__name__).info("%s: %s (%s)", incident.kind, incident.cause, error)
    delivery.tell_trouble(settings, reporter, incident.kind, incident.causes)


def reported(home: Path) -> list[Incident]:
    """Every incident that the home keeps, in order."""
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
