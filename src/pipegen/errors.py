"""The one exception that is shown to a user as text.

What belongs here: how a problem that the user can solve is worded. What does not: bugs of our own,
which stay ordinary exceptions with their traceback.
"""

import re
from collections.abc import Iterable


class PipegenError(Exception):
    """Something in the user's files or settings stops the run.

    Has one or more problems, each in one line: what is wrong, where, and what to do about it.
    `str()` of the error is these lines.
    """

    def __init__(self, problems: str | Iterable[str]) -> None:
        given = [problems] if isinstance(problems, str) else list(problems)
        self.problems: tuple[str, ...] = tuple(" ".join(text.splitlines()) for text in given)
        super().__init__("\n".join(self.problems))


class BusyError(PipegenError):
    """Something is in use by another program: a retry may succeed."""


def is_lock(error: BaseException) -> bool:
    """Whether a database's error says that another program has locked it."""
    text = str(error).lower()
    return "lock on file" in text or "database is locked" in text


def one_line(error: BaseException) -> str:
    """An error's message, in one line of at most 500 characters."""
    text = " ".join(str(error).split())
    return (text if isinstance(error, PipegenError) else f"{type(error).__name__}: {text}")[:500]


def unreadable(what: object, error: BaseException, otherwise: str = "") -> PipegenError:
    """The error for a database that can't be opened, with what to do about it.

    A database that another program has open is a `BusyError` that names the program, as far as the
    engine does. `otherwise` is the advice for any other reason.
    """
    if is_lock(error):
        return BusyError(f"{what} is open in {_holder(error)}: close it there.")
    advice = f": {otherwise}" if otherwise else ""
    reason = next((line for line in str(error).splitlines() if line), type(error).__name__)
    return PipegenError(f"{what} can't be read ({reason}){advice}")


def _holder(error: BaseException) -> str:
    """The program that holds a database's lock, by name and process where DuckDB says so."""
    found = re.search(r"lock is held in (.+?) \(PID (\d+)\)", str(error))
    if not found:
        return "another program"
    program = re.split(r"[/\\]", found[1])[-1]
    return f"another program ({program}, process {found[2]})"
