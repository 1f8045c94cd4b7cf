"""What a company's raw tables hold, as counts: what a proposed set and a comparison go by.

What belongs here: the shape of these counts, and how names are matched. What does not: reading raw
tables (`landing.counted`), proposals (`proposed`) and comparisons (`compared`).
"""

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping

# The kinds of values that a seed has a row for. Statuses are by system: `salesforce statuses`.
TYPES, ROLES, CONTACT_ROLES = "types", "roles", "contact roles"
SOURCE_FIELD, LEAD_SOURCES, CAMPAIGN_TYPES = "source field", "lead sources", "campaign types"
CURRENCIES = "currencies"


def statuses(system: str) -> str:
    """The kind of a system's statuses of persons."""
    return f"{system} statuses"


def touches(system: str) -> str:
    """The kind of a system's activities that may be touches."""
    return f"{system} touches"


def matched(name: str) -> str:
    """A name as seeds are matched: trimmed and without case (definitions 1)."""
    return name.strip().lower()


@dataclasses.dataclass(frozen=True)
class StageUse:
    """A stage as deals use it.

    `deals` are in it now, `deals_ever` have been. `probability` is the mean, 0 to 100. `place` is
    its mean place among the stages of its deals, 0 the first and 1 the last. `won_share` and
    `closed_share` are of its deals now, by the CRM's own flags. What is not known is None.
    """

    name: str
    deals: int
    deals_ever: int
    probability: float | None = None
    place: float | None = None
    won_share: float | None = None
    closed_share: float | None = None
    forecast_category: str = ""
    without_amount: int = 0
    without_close_date: int = 0


@dataclasses.dataclass(frozen=True)
class FiscalUse:
    """Deals that the CRM puts into a fiscal quarter, by the calendar month of their close date."""

    fiscal_year: int
    quarter: int
    year: int
    month: int
    deals: int


@dataclasses.dataclass(frozen=True)
class ReferenceUse:
    """How many rows have a value in a reference, and how many of these lead to no row."""

    label: str
    leads_to: tuple[str, ...]
    values: int
    lost: int


@dataclasses.dataclass(frozen=True)
class TableSeen:
    """A raw table as it was found: columns that it lacks, headers that are read, or are not."""

    system: str
    name: str
    is_there: bool
    location: str = ""
    missing: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    read: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The table's name in messages."""
        return f"{self.system}.{self.name}"


@dataclasses.dataclass(frozen=True)
class RawSurvey:
    """The counts of a company's raw tables. Records are counted once each, deleted ones not at all.

    `counts` has, by kind, how many records use each value. `uncounted` names the tables whose rows
    could not be read, and why.
    """

    tables: tuple[TableSeen, ...] = ()
    ignored: tuple[str, ...] = ()
    deals: int = 0
    stages: tuple[StageUse, ...] = ()
    counts: Mapping[str, Mapping[str, int]] = dataclasses.field(default_factory=dict)
    fiscal: tuple[FiscalUse, ...] = ()
    corporate_currency: str = ""
    accounts: int = 0
    accounts_without_employees: int = 0
    # Accounts by their number of employees, those without one left out.
    sizes: Mapping[int, int] = dataclasses.field(default_factory=dict)
    # Currencies with an exchange rate.
    rated: frozenset[str] = frozenset()
    last_day: dt.date | None = None
    references: tuple[ReferenceUse, ...] = ()
    uncounted: tuple[str, ...] = ()

    def of(self, kind: str) -> Mapping[str, int]:
        """How many records use each value of a kind; empty if none does."""
        return self.counts.get(kind, {})

    def table(self, label: str) -> TableSeen | None:
        """A table by its name in messages."""
        return next((one for one in self.tables if one.label == label), None)


def once_each(counts: Mapping[str, int]) -> dict[str, int]:
    """Values that seeds would take for one, as one: in the first spelling, added up."""
    found: dict[str, str] = {}
    added: dict[str, int] = {}
    for value, count in counts.items():
        name = found.setdefault(matched(value), value.strip())
        added[name] = added.get(name, 0) + count
    return added


def without_row(counts: Mapping[str, int], known: Iterable[str]) -> dict[str, int]:
    """The values that no row of a seed names, with their counts, the most frequent first."""
    names = {matched(name) for name in known}
    left = {value: count for value, count in counts.items() if matched(value) not in names}
    return dict(sorted(left.items(), key=lambda one: (-one[1], one[0])))
