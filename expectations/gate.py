"""The gate before publishing: open findings of the build that block it.

What belongs here: reading them, and leaving out those that the operator accepted. What does not:
stopping the run.
"""

from collections.abc import Collection, Iterable

from pipegen.expectations.validate import FailedRecord
from pipegen.warehouses import Database, open_database


def blocking_findings(build: Database) -> list[FailedRecord]:
    """The build's open findings with severity `block`, sorted by rule and record."""
    with open_database(build) as connection:
        rows = connection.execute(
            "select rule, severity, record_type, record_id, coalesce(detail, '') "
            "from core.fct_findings where is_open and severity = 'block' order by 1, 2, 3, 4, 5"
        ).fetchall()
    return [FailedRecord(*row) for row in rows]


def refused(failures: Iterable[FailedRecord], accepted: Collection[str]) -> list[FailedRecord]:
    """The failures that are not accepted.

    `accepted` has rules (`history_stale`), or rules with a record
    (`row_count_dropped:salesforce.task`).
    """
    return [
        failure
        for failure in failures
        if failure.rule not in accepted
        and f"{failure.rule}:{failure.record_id}" not in accepted
    ]
