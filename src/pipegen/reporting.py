"""The interface through which a run reports its progress.

What belongs here: that interface. What does not: a terminal (`cli`) and a log (`orchestration`).
"""

from typing import Protocol


class Reporter(Protocol):
    """Receives the progress of a run."""

    def step(self, words: str) -> None:
        """A step begins, or has a message."""

    def table(self, words: str) -> None:
        """A raw table has been landed."""

    def node(self, done: int, total: int, name: str) -> None:
        """A model, seed or test has finished."""
