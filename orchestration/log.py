"""A run's progress in Dagster's log.

What belongs here: that alone. What does not: a terminal (`cli.console`).
"""

import logging


class LogReporter:
    """Tells Dagster's log of the run what a terminal would show, nodes by the hundred."""

    def __init__(self, log: logging.Logger) -> None:
        self.log = log

    def step(self, words: str) -> None:
        """Say that a step begins."""
        self.log.info(words)

    def table(self, words: str) -> None:
        """Say that a raw table is landed."""
        self.log.info(words)

    def node(self, done: int, total: int, name: str) -> None:
        """Say how far the build is."""
        if done % 100 == 0 or done == total:
            self.log.info(f"{done} of {total} models and tests")
