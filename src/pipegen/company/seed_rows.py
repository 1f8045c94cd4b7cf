"""The seeds as types: one class per seed, one field per column.

What belongs here: what a single cell or a single row must be. What does not: rules that need more
than one row, and reading files (`seeds`).

dbt loads the same files, so nothing is normalised here: a cell that the warehouse could not load as
it is, is a problem.
"""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

SOURCES = ("marketing", "sdr", "ae", "partner", "self_serve")
TEAMS = ("sdr", "ae", "marketing", "partner", "cs", "other")
CRITERIA = ("stage", "amount", "close_date", "source", "decision_maker")

# As many digits as an amount in a CRM may have, and the limit of integer.
_MOST_MONEY = Decimal(10) ** 16
_MOST_INTEGER = 2**31 - 1


def _problem(text: str) -> PydanticCustomError:
    return PydanticCustomError("seed", "{text}", {"text": text})


def _required(parse: Callable[[str], Any]) -> BeforeValidator:
    def validate(cell: str) -> Any:
        if not cell.strip():
            raise _problem("is empty")
        return parse(cell)

    return BeforeValidator(validate)


def _optional(parse: Callable[[str], Any]) -> BeforeValidator:
    # To a database, a cell of blanks is not empty, so the parser gets it.
    return BeforeValidator(lambda cell: parse(cell) if cell else None)


def _text(cell: str) -> str:
    return cell


def _name(cell: str) -> str:
    if not re.fullmatch("[a-z][a-z0-9_]*", cell) or cell in ("unknown", "all", "unassigned"):
        raise _problem(
            f"{cell!r} is no name of a source: lower case, digits and _, and none of unknown, "
            "all, unassigned"
        )
    return cell


def _one_of(*words: str) -> Callable[[str], str]:
    def parse(cell: str) -> str:
        if cell not in words:
            raise _problem(f"{cell!r} is not one of {', '.join(words)}")
        return cell

    return parse


def _boolean(cell: str) -> bool:
    if cell.lower() not in ("true", "false"):
        raise _problem(f"{cell!r} is neither true nor false")
    return cell.lower() == "true"


def _count(cell: str) -> int:
    if not re.fullmatch("[0-9]+", cell) or int(cell) > _MOST_INTEGER:
        raise _problem(f"{cell!r} is not a whole number of 0 or more")
    return int(cell)


def _number(cell: str) -> Decimal:
    if not re.fullmatch(r"-?[0-9]+([.][0-9]+)?", cell) or abs(Decimal(cell)) >= _MOST_MONEY:
        raise _problem(f"{cell!r} is not a decimal number")
    return Decimal(cell)


def _amount(cell: str) -> Decimal:
    if (value := _number(cell)) < 0:
        raise _problem(f"{cell} is negative")
    return value


def _share(cell: str) -> Decimal:
    if not 0 <= (value := _number(cell)) <= 1:
        raise _problem(f"{cell} is not between 0 and 1")
    return value


def _percent(cell: str) -> Decimal:
    if not 0 <= (value := _number(cell)) <= 100:
        raise _problem(f"{cell} is not between 0 and 100")
    return value


def _date(cell: str) -> date:
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", cell):
            return date.fromisoformat(cell)
    except ValueError:
        pass
    raise _problem(f"{cell!r} is no date (YYYY-MM-DD)")


def _quarter(cell: str) -> str:
    if not re.fullmatch(r"FY[0-9]{4}-Q[1-4]", cell):
        raise _problem(f"{cell!r} is no fiscal quarter (FY2026-Q1 to FY2026-Q4)")
    return cell


def _email(cell: str) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", cell):
        raise _problem(f"{cell!r} is no e-mail address")
    return cell


Text = Annotated[str, _required(_text)]
MaybeText = Annotated[str | None, _optional(_text)]
MaybeEmail = Annotated[str | None, _optional(_email)]
Boolean = Annotated[bool, _required(_boolean)]
Count = Annotated[int, _required(_count)]
MaybeCount = Annotated[int | None, _optional(_count)]
Number = Annotated[Decimal, _required(_number)]
Amount = Annotated[Decimal, _required(_amount)]
MaybeAmount = Annotated[Decimal | None, _optional(_amount)]
Share = Annotated[Decimal, _required(_share)]
Percent = Annotated[Decimal, _required(_percent)]
Day = Annotated[date, _required(_date)]
MaybeDay = Annotated[date | None, _optional(_date)]
Quarter = Annotated[str, _required(_quarter)]
# The five, or one of a company's own: `seeds` checks that it is known.
Source = Annotated[str, _required(_name)]
Team = Annotated[str, _required(_one_of(*TEAMS))]
MaybeTeam = Annotated[str | None, _optional(_one_of(*TEAMS))]
Motion = Annotated[str, _required(_one_of("new_business", "expansion", "renewal"))]
System = Annotated[str, _required(_one_of("salesforce", "marketo", "hubspot"))]
Criterion = Annotated[str, _required(_one_of(*CRITERIA))]
StageGroup = Annotated[str, _required(_one_of("open", "won", "lost"))]
SourceRuleKind = Annotated[
    str, _required(_one_of("source_field", "lead_source", "campaign_type", "creator_team"))
]
RecordType = Annotated[str, _required(_one_of("opportunity", "account"))]
LifecycleStage = Annotated[
    str,
    _required(
        _one_of(
            "inquiry", "mql", "sal", "sql", "rejected", "recycled",
        )
    ),
]
MaybeSource = Annotated[str | None, _optional(_name)]
ProposalRuleName = Annotated[
    str,
    _required(
        _one_of(
            "source_behind",
            "acceptance_fell",
            "segment_too_late",
            "segment_behind",
            "capacity_short",
            "findings_open",
            "map_crm_mismatch",
        )
    ),
]
AnchorModel = Annotated[
    str,
    _required(
        _one_of(
            "first_touch", "last_touch", "position_based", "u_shaped", "w_shaped", "full_path"
        )
    ),
]
ActionStatus = Annotated[str, _required(_one_of("open", "done", "closed", "cancelled"))]


class Row(BaseModel):
    """A row of a seed. Its fields are the columns, in the contract's order."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Stage(Row):
    stage_name: Text
    canonical_stage: Text
    stage_order: Count
    stage_group: StageGroup
    is_late_stage: Boolean


class OpportunityType(Row):
    type: Text
    motion: Motion


class TeamRole(Row):
    role_name: Text
    team: Team


class Segment(Row):
    segment: Text
    min_employees: MaybeCount
    max_employees: MaybeCount

    @model_validator(mode="after")
    def _is_a_range(self) -> "Segment":
        if self.segment.strip().lower() in ("all", "unknown"):
            raise _problem(f"segment {self.segment!r} is a word the marts use for themselves")
        if self.max_employees is not None and (self.min_employees or 0) > self.max_employees:
            raise _problem(
                f"min_employees {self.min_employees} is above max_employees {self.max_employees}"
            )
        return self


class DecisionRole(Row):
    role: Text


class QualificationRule(Row):
    effective_from: Day
    min_stage_order: Count
    max_horizon_days: Count
    requires_amount: Boolean
    requires_close_date: Boolean
    requires_source: Boolean
    requires_decision_maker: Boolean


class StageEntryCriterion(Row):
    canonical_stage: Text
    criterion: Criterion


class SourceRule(Row):
    priority: Count
    rule: SourceRuleKind
    value: Text
    pipeline_source: Source

    @model_validator(mode="after")
    def _names_a_team(self) -> "SourceRule":
        if self.rule == "creator_team" and self.value.strip().lower() not in TEAMS:
            raise _problem(f"value {self.value!r} is no team; teams are {', '.join(TEAMS)}")
        return self


class SourceOwner(Row):
    pipeline_source: Source
    owner: Text
    owner_email: MaybeEmail


class SourceShare(Row):
    fiscal_quarter: Quarter
    pipeline_source: Source
    share: Share


class CreationTarget(Row):
    fiscal_quarter: Quarter
    segment: Text
    # Blank: derived from coverage (definitions 10).
    target_amount: MaybeAmount


class Quota(Row):
    fiscal_quarter: Quarter
    segment: Text
    motion: Motion
    quota: Amount


class MqlTarget(Row):
    fiscal_quarter: Quarter
    channel: Text
    target_mqls: Count


class Capacity(Row):
    fiscal_quarter: Quarter
    segment: Text
    team: Team
    # Blank: not planned yet.
    ramped_heads: MaybeAmount
    productivity_per_head: MaybeAmount


class LifecycleStatus(Row):
    system: System
    raw_status: Text
    lifecycle_stage: LifecycleStage


class TouchType(Row):
    system: System
    raw_type: Text
    touch_kind: Text
    channel: Text
    # Empty: the team of the record's owner.
    team: MaybeTeam
    is_marketing: Boolean

    @model_validator(mode="after")
    def _can_be_met(self) -> "TouchType":
        shape = r"event|(campaign|task):.+"
        if self.system == "salesforce" and not re.fullmatch(shape, self.raw_type.strip(), re.I):
            raise _problem(
                f"raw_type {self.raw_type!r} is neither event nor campaign:<type> nor task:<type>"
            )
        return self


class Exclusion(Row):
    record_type: RecordType
    record_id: Text
    reason: Text
    owner: MaybeText
    effective_from: MaybeDay
    effective_to: MaybeDay

    @model_validator(mode="after")
    def _is_a_range(self) -> "Exclusion":
        first, last = self.effective_from, self.effective_to
        if first and last and first > last:
            raise _problem(f"effective_from {first} is after effective_to {last}")
        return self


class Benchmark(Row):
    metric: Text
    level: MaybeText
    value: Number
    period: MaybeText
    origin: MaybeText


class ProposalRule(Row):
    rule: ProposalRuleName
    metric: Text
    threshold: Number
    min_count: Count
    most: Count
    owner_source: MaybeSource
    sentence: Text


class AttributionWeights(Row):
    model: AnchorModel
    first_touch: Percent
    lead_creation: Percent
    opportunity_creation: Percent
    close: Percent
    rest: Percent

    @model_validator(mode="after")
    def _is_a_whole(self) -> "AttributionWeights":
        weights = (self.first_touch, self.lead_creation, self.opportunity_creation, self.close)
        if (total := sum(weights, self.rest)) != 100:
            raise _problem(f"the weights of {self.model} sum to {total}, not to 100")
        return self


class RepTarget(Row):
    fiscal_quarter: Quarter
    owner_id: Text
    target_amount: Amount


class LeadSourceChannel(Row):
    lead_source: Text
    channel: Text


class ReviewAction(Row):
    action_id: Text
    opened_on: Day
    team: MaybeTeam
    owner: MaybeText
    action: Text
    due_on: MaybeDay
    status: ActionStatus
    closed_on: MaybeDay
    outcome: MaybeText
    metric: MaybeText

    @model_validator(mode="after")
    def _closes_after_it_opens(self) -> "ReviewAction":
        if self.closed_on and self.status == "open":
            raise _problem(f"closed_on {self.closed_on} is given but status is open")
        if not self.closed_on and self.status != "open":
            raise _problem(f"status is {self.status} but closed_on is empty")
        if self.closed_on and self.closed_on < self.opened_on:
            raise _problem(f"closed_on {self.closed_on} is before opened_on {self.opened_on}")
        return self
