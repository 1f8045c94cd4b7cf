"""What people should know about a publication: findings, sources behind, restatements.

What belongs here: reading the marts that alerts and the findings page show. What does not: who is
notified, in which words, and what they have been notified about before (`alerts`).
"""

import dataclasses
import datetime as dt
from collections.abc import Iterator

from pipegen.errors import unreadable
from pipegen.typed import typed
from pipegen.warehouses import ERRORS, Connection, Database, batches, open_database


@dataclasses.dataclass(frozen=True)
class Finding:
    """A record and a rule that it breaks, with what the rulebook says about the rule."""

    record_type: str
    record_id: str
    rule: str
    detail: str
    owner_id: str | None
    first_seen: dt.date
    last_seen: dt.date
    is_open: bool
    severity: str
    field: str
    owner_team: str
    title: str
    remedy: str

    @property
    def key(self) -> str:
        """The finding's identity from run to run."""
        return f"{self.record_type}|{self.record_id}|{self.rule}"


@dataclasses.dataclass(frozen=True)
class Digest:
    """What a run published.

    `behind` has the sources that need a recovery plan, with how far each is behind (as a share of
    the target to date). `restated` has rows of the ledger, each with a text that describes it.
    """

    as_of: dt.date
    findings: tuple[Finding, ...]
    behind: dict[str, float]
    restated: dict[str, str]


def open_findings(connection: Connection) -> Iterator[Finding]:
    """The open findings, one by one: the most severe first, then by rule and record."""
    columns = ", ".join(field.name for field in dataclasses.fields(Finding))
    for rows in batches(
        connection,
        f"select {columns} from marts.hygiene_findings where is_open "
        "order by case severity when 'block' then 0 when 'warn' then 1 else 2 end, "
        "rule, record_type, record_id",
    ):
        for row in rows:
            yield Finding(*row)


def read_digest(warehouse: Database, as_of: dt.date) -> Digest:
    """The digest of the published warehouse. Raises `PipegenError` if it can't be read."""
    try:
        with open_database(warehouse) as connection:
            behind = connection.execute(
                "select pipeline_source, behind_pct from marts.source_scorecard "
                "where week_start = (select max(week_start) from marts.source_scorecard) "
                "and needs_recovery_plan order by behind_pct desc, pipeline_source"
            ).fetchall()
            restated = connection.execute(
                "select as_of_date || '|' || metric || '|' || coalesce(period || '|', '') "
                "|| restated_at, "
                "metric || coalesce(' ' || period, '') || ' as of ' || as_of_date || ': ' || "
                "case when old_amount is distinct from new_amount "
                "then coalesce(old_amount::varchar, 'nothing') || ' is now ' "
                "|| coalesce(new_amount::varchar, 'nothing') "
                "else coalesce(old_count::varchar, 'nothing') || ' is now ' "
                "|| coalesce(new_count::varchar, 'nothing') end || ' (' || cause || ')' "
                "from marts.restatements order by restated_at desc, metric, period"
            ).fetchall()
            return Digest(as_of, tuple(open_findings(connection)), dict(behind), dict(restated))
    except ERRORS as error:
        raise unreadable(
            f"the published warehouse {warehouse}",
            error,
            otherwise=f"`{typed('pipegen run')}` publishes it again.",
        ) from None


def owner_addresses(warehouse: Database) -> dict[str, str | None]:
    """The e-mail address of each user in the CRM, if any, by id. To send to, not to show."""
    with open_database(warehouse) as connection:
        return dict(connection.execute("select user_id, email from core.dim_users").fetchall())
