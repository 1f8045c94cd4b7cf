"""A worker process that runs the suites, started while the run lands and builds.

What belongs here: that process, and the communication with it. What does not: what it validates
(`validate`).

For a small company, loading Great Expectations takes as long as all of its validations. A second
core can do that in the meantime.
"""

import pickle
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipegen.errors import PipegenError
from pipegen.expectations.validate import SuiteResult, run_suites
from pipegen.project import PROJECT

if TYPE_CHECKING:
    import pandas as pd


class Worker:
    """Runs suites like `validate.run_suites`, in a process that starts loading the library at once.

    If this process has already loaded the library, it does the work itself.
    """

    def __init__(self) -> None:
        """Start the process."""
        self._process: subprocess.Popen[bytes] | None = None
        if "great_expectations" not in sys.modules:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "pipegen.expectations.worker"],
                cwd=PROJECT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )

    def __call__(
        self,
        step: str,
        year: int,
        data: Mapping[str, tuple["pd.DataFrame", str]],
        docs: Path | None,
    ) -> list[SuiteResult]:
        """See `validate.run_suites`. Also raises `PipegenError` if the worker process has died."""
        if self._process is None:
            return run_suites(step, year, data, docs)
        assert self._process.stdin and self._process.stdout
        try:
            pickle.dump((step, year, dict(data), docs), self._process.stdin)
            self._process.stdin.flush()
            answer = pickle.load(self._process.stdout)
        except (EOFError, OSError, pickle.UnpicklingError):
            raise PipegenError(
                "the process that checks the expectations ended too early (status "
                f"{self._process.poll()}): free some memory and run again."
            ) from None
        if isinstance(answer, BaseException):
            raise answer
        return list(answer)

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            assert self._process.stdin and self._process.stdout
            self._process.stdin.close()
            self._process.stdout.close()
            self._process.terminate()
            self._process.wait()
            self._process = None


def _serve() -> None:
    """Answer requests from standard input until it is closed."""
    answers = sys.stdout.buffer
    # Anything that a library prints to standard output would be read as an answer.
    sys.stdout = sys.stderr
    import great_expectations  # noqa: F401

    while True:
        try:
            asked: tuple[Any, ...] = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        answer: Any
        try:
            answer = run_suites(*asked)
        except PipegenError as error:
            answer = error
        except Exception as error:
            answer = RuntimeError(f"{type(error).__name__}: {error}")
        pickle.dump(answer, answers)
        answers.flush()


if __name__ == "__main__":
    _serve()
