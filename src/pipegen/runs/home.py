"""The home: the folder for everything a run writes, and its lock.

What belongs here: creating it, locking it, reserving disk space for a run's last log entry. What
does not: its contents.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import filelock

from pipegen.errors import BusyError, PipegenError
from pipegen.reporting import Reporter

# Contains the id of the process that holds the lock, or held it last.
LOCK = "run.lock"

# Disk space that a run reserves and frees when it ends. Without it, a run that fills the disk could
# not log that the disk is full.
KEPT_BACK = Path("runs") / "kept_back"


KEPT_BYTES = 65_536


def keep_back(home: Path) -> None:
    """Reserve disk space for the last log entry of a run that fills the disk. Raises nothing."""
    path = home / KEPT_BACK
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"\0" * KEPT_BYTES)
    except OSError:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


@contextlib.contextmanager
def only_run(home: Path, waiting: Reporter | None = None) -> Iterator[None]:
    """Hold the home's lock, so that two runs never build at once. A killed run releases it.

    If another run holds it, report that to `waiting` and wait. Without `waiting`, raise
    `BusyError`.
    """
    path = home / LOCK
    lock = _lock(path)
    try:
        lock.acquire(blocking=False)
    except filelock.Timeout:
        holder = f"{home} (process {_holder(path)})"
        if waiting is None:
            raise BusyError(
                f"another run is building in {holder}: wait for it, or name another PIPEGEN_HOME."
            ) from None
        waiting.step(f"waiting for the run that is building in {holder}")
        lock.acquire()
    try:
        path.write_text(str(os.getpid()), encoding="utf-8")
        yield
    finally:
        lock.release()


def is_locked(home: Path) -> bool:
    """Whether a run is in progress in the home."""
    path = home / LOCK
    if not path.exists():
        return False
    try:
        with _lock(path).acquire(blocking=False):
            return False
    except filelock.Timeout:
        return True


def lock_holder(home: Path) -> str:
    """Who holds the home's lock, in words; empty if nobody does."""
    return f"process {_holder(home / LOCK)}" if is_locked(home) else ""


def _lock(path: Path) -> filelock.BaseFileLock:
    # A run may begin in one of Dagster's threads and end in a different one.
    return filelock.FileLock(path, thread_local=False)


def _holder(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace").strip() or "unknown"


def make_home(home: Path) -> None:
    """Create the folder that everything is written to. Raises `PipegenError` if that fails."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        probe = home / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise PipegenError(
            f"PIPEGEN_HOME {home} can't be written ({error.strerror}): name a folder that can."
        ) from None
