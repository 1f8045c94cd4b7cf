"""A run's progress in Dagster's log.

What belongs here: that alone. What does not: a terminal (`cli.console`).
"""

import logging


class LogReporter:
    """Writes to Dagster's log of the run what a terminal would show; nodes only every hundred."""

    def __init__(self, log: logging.Logger) -> None:
        self.log = log

    def step(self, words: str) -> None:
        """Log that a step begins."""
        self.log.info(words)

    def table(self, words: str) -> None:
        """Log that a raw table has been landed."""
        self.log.info(words)

    def node(self, done: int, total: int, name: str) -> None:
        """Log the progress of the build."""
        if done % 100 == 0 or done == total:
            self.log.info(f"{done} of {total} models and tests")
