"""What is in a folder of raw tables, and since when: enough to decide whether a run is due.

What belongs here: looking at names, sizes and times of files. What does not: reading them.
"""

import datetime as dt
import hashlib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Arrival:
    """The state of a folder: a digest of names, sizes and times; the newest change (UTC)."""

    digest: str
    newest: dt.datetime | None

    def still_for(self, now: dt.datetime) -> float:
        """Seconds since the newest change; infinite if the folder is empty."""
        return float("inf") if self.newest is None else (now - self.newest).total_seconds()


def arrival(root: Path) -> Arrival:
    """Look at every file below a folder, except hidden ones and the markers that writers leave.

    A file that vanishes in the meantime is ignored.
    """
    seen = hashlib.sha256()
    newest = None
    for path in sorted(root.rglob("*")):
        if any(part.startswith((".", "_")) for part in path.relative_to(root).parts):
            continue
        try:
            found = path.stat()
        except OSError:
            continue
        if not path.is_file():
            continue
        name = path.relative_to(root).as_posix()
        seen.update(f"{name}\0{found.st_size}\0{found.st_mtime_ns}\n".encode())
        newest = max(newest or found.st_mtime, found.st_mtime)
    instant = dt.datetime.fromtimestamp(newest, tz=dt.UTC) if newest is not None else None
    return Arrival(seen.hexdigest()[:16], instant)
