"""The rulebook of findings: for each rule its name, severity, responsible team and remedy.

What belongs here: reading it. What does not: the rules themselves, which are data.
"""

import csv
import dataclasses
import functools

from pipegen.project import PROJECT

FILE = PROJECT / "rulebook" / "finding_rules.csv"

SEVERITIES = ("block", "warn", "info")


@dataclasses.dataclass(frozen=True)
class Rule:
    """One rule; `severity` is one of `SEVERITIES`."""

    rule: str
    severity: str
    field: str
    owner_team: str
    title: str
    remedy: str


@functools.cache
def rules() -> dict[str, Rule]:
    """Every rule by its name. Raises `OSError` if the rulebook can't be read."""
    with FILE.open(newline="", encoding="utf-8") as handle:
        return {row["rule"]: Rule(**row) for row in csv.DictReader(handle)}
