"""Whoever wants to know how far a run has come.

What belongs here: that interface. What does not: a terminal (`cli`) and a log (`orchestration`).
"""

from typing import Protocol


class Reporter(Protocol):
    """Whoever wants to know how far a run is."""

    def step(self, words: str) -> None:
        """A step begins, or has something to say."""

    def table(self, words: str) -> None:
        """A raw table is landed."""

    def node(self, done: int, total: int, name: str) -> None:
        """A model, seed or test is done."""
