"""What somebody must know although nobody is looking: a run that failed or died, data gone stale.

What belongs here: what an alert says, and the list of alerts that a home keeps. What does not: how
it reaches people (`add_messenger` is where that joins), and what is in a report.
"""

import dataclasses
import datetime as dt
import json
import logging
from collections.abc import Callable
from pathlib import Path

from orchestration.settings import Settings

FILE = Path("runs") / "alerts.jsonl"


@dataclasses.dataclass(frozen=True)
class Alert:
    """One thing that went wrong: what (`run_failed`, `run_refused`, `run_died`, `stale`), about
    what, why, and when it was noticed (UTC)."""

    kind: str
    subject: str
    cause: str
    noticed_at: dt.datetime


Messenger = Callable[[Settings, Alert], None]

_messengers: list[Messenger] = []


def add_messenger(messenger: Messenger) -> None:
    """Have every alert told to `messenger` too. One that raises is logged and harms nobody."""
    if messenger not in _messengers:
        _messengers.append(messenger)


def tell(settings: Settings, alert: Alert) -> None:
    """Write the alert down in the home and hand it to every messenger.

    Raises nothing: an alert that can't be delivered must not hide what it is about.
    """
    try:
        path = settings.home / FILE
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as told:
            told.write(json.dumps(dataclasses.asdict(alert), default=str) + "\n")
    except OSError as error:
        # Mostly the full disk that the alert is about, of which whoever started the run is told.
        logging.getLogger(__name__).info("%s: %s (%s)", alert.kind, alert.cause, error)
    for messenger in _messengers:
        try:
            messenger(settings, alert)
        except Exception:
            logging.getLogger(__name__).exception("an alert was not delivered: %s", alert)


def told(home: Path) -> list[Alert]:
    """Every alert that the home keeps, in order."""
    path = home / FILE
    if not path.exists():
        return []
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            fields = json.loads(line)
            fields["noticed_at"] = dt.datetime.fromisoformat(fields["noticed_at"])
            found.append(Alert(**fields))
        except (ValueError, TypeError, KeyError):
            continue
    return found
