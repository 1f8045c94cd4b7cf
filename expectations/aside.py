"""Suites run in a process of their own, which is started while others land and build.

What belongs here: that process, and talking to it. What does not: what it judges (`validate`).

Loading Great Expectations takes as long as everything that it judges in a small company, and a
machine has a second core.
"""

import pickle
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipegen.errors import PipegenError
from pipegen.expectations.validate import Judged, judged
from pipegen.project import PROJECT

if TYPE_CHECKING:
    import pandas as pd



class Aside:
    """Runs suites as `validate.judged` does, in a process that loads the library at once.

    Where this process has loaded it already, it does the work itself.
    """

    def __init__(self) -> None:
        """Start the process."""
        self._process: subprocess.Popen[bytes] | None = None
        if "great_expectations" not in sys.modules:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "pipegen.expectations.aside"],
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
    ) -> list[Judged]:
        """As `validate.judged`, which see. Raises `PipegenError` where the process died, too."""
        if self._process is None:
            return judged(step, year, data, docs)
        assert self._process.stdin and self._process.stdout
        try:
            pickle.dump((step, year, dict(data), docs), self._process.stdin)
            self._process.stdin.flush()
            answer = pickle.load(self._process.stdout)
        except (EOFError, OSError, pickle.UnpicklingError):
            raise PipegenError(
                "the process that judges the expectations ended before it had (status "
                f"{self._process.poll()}): free some memory and run again."
            ) from None
        if isinstance(answer, BaseException):
            raise answer
        return list(answer)

    def close(self) -> None:
        """Let the process end, which it does when nobody can ask it any more."""
        if self._process is not None:
            assert self._process.stdin and self._process.stdout
            self._process.stdin.close()
            self._process.stdout.close()
            self._process.terminate()
            self._process.wait()
            self._process = None


def _serve() -> None:
    """Judge what comes in until nothing more can come."""
    answers = sys.stdout.buffer
    # Whatever a library prints would be read as an answer.
    sys.stdout = sys.stderr
    import great_expectations  # noqa: F401

    while True:
        try:
            asked: tuple[Any, ...] = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        answer: Any
        try:
            answer = judged(*asked)
        except PipegenError as error:
            answer = error
        except Exception as error:
            answer = RuntimeError(f"{type(error).__name__}: {error}")
        pickle.dump(answer, answers)
        answers.flush()


if __name__ == "__main__":
    _serve()
