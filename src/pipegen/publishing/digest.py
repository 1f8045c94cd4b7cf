"""What people should know about a publication: findings, sources behind, restatements.

What belongs here: reading the marts that alerts and the findings page show. What does not: who is
notified, in which words, and what they have been notified about before (`alerts`).
"""

import dataclasses
import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from pipegen.errors import unreadable
from pipegen.queries import SOURCES_BEHIND
from pipegen.typed import typed
from pipegen.warehouses import ERRORS, Connection, Database, batches, open_database

# What the owner of a deal can put right; the rest is for other teams.
TEAM_OF_OWNERS = "sales"


@dataclasses.dataclass(frozen=True)
class Finding:
    """A record and a rule that it breaks, with what the rulebook says about the rule.

    `recipient_id` is the user who can be told: the owner, or the owner's manager if the owner has
    left; none if the manager has left as well, or there is none. Of a deal there are its name
    (none where it has none, and where personal data is masked), its amount in the corporate
    currency, and its amount and currency as the CRM shows them.
    """

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
    recipient_id: str | None = None
    deal_name: str | None = None
    amount: Decimal | None = None
    deal_amount: Decimal | None = None
    currency: str | None = None

    @property
    def key(self) -> str:
        """The finding's identity from run to run."""
        return f"{self.record_type}|{self.record_id}|{self.rule}"

    @property
    def has_left(self) -> bool:
        """Whether it has an owner, who has left."""
        return self.owner_id is not None and self.owner_id != self.recipient_id


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


# A user whom the CRM no longer has, or does not let in, has left. (Of a user whom it does not have,
# the id is null here.)
_OPEN_FINDINGS = """
    select
        findings.record_type, findings.record_id, findings.rule, findings.detail,
        findings.owner_id, findings.first_seen, findings.last_seen, findings.is_open,
        findings.severity, findings.field, findings.owner_team, findings.title, findings.remedy,
        case
            when coalesce(owners.is_active, true) then owners.user_id
            when coalesce(managers.is_active, true) then managers.user_id
        end as recipient_id,
        named.opportunity_name as deal_name, deals.amount, deals.deal_amount, deals.currency
    from marts.hygiene_findings as findings
    left join core.dim_users as owners on findings.owner_id = owners.user_id
    left join core.dim_users as managers on owners.manager_id = managers.user_id
    left join core.fct_opportunities as deals
        on findings.record_type = 'opportunity' and findings.record_id = deals.opportunity_id
    left join core.dim_opportunities as named on deals.opportunity_id = named.opportunity_id
    where findings.is_open
    order by
        case findings.severity when 'block' then 0 when 'warn' then 1 else 2 end,
        findings.rule, findings.record_type, findings.record_id
"""


def open_findings(connection: Connection) -> Iterator[Finding]:
    """The open findings, one by one: the most severe first, then by rule and record."""
    for rows in batches(connection, _OPEN_FINDINGS):
        for row in rows:
            yield Finding(*row)


def read_digest(warehouse: Database, as_of: dt.date) -> Digest:
    """The digest of the published warehouse. Raises `PipegenError` if it can't be read."""
    try:
        with open_database(warehouse) as connection:
            behind = connection.execute(SOURCES_BEHIND).fetchall()
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


def active_users(warehouse: Database) -> dict[str, str | None]:
    """The e-mail address, if any, of each user who is active in the CRM, by id. To send to, not to
    show."""
    with open_database(warehouse) as connection:
        return dict(
            connection.execute(
                "select user_id, email from core.dim_users where coalesce(is_active, true)"
            ).fetchall()
        )
