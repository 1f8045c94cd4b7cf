"""A company's raw tables beside its seeds and settings: what does not meet, and what that costs.

What belongs here: the comparisons, as pure functions over counts (`survey`) and rows of seeds, and
the words for each. What does not: counting (`landing.counted`), what stops a run (`landing.check`,
`seeds`), and where the words are shown.

A run goes on with all of this. But a misspelt stage or an absent column makes a number smaller, not
wrong in a way that anybody could see.
"""

import dataclasses
import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pipegen.company import seed_rows, survey
from pipegen.company.survey import RawSurvey, TableSeen, matched, without_row

# So many values of a kind are named; the rest is counted.
SHOWN = 5

Rows = Mapping[str, Sequence[Any]]


@dataclasses.dataclass(frozen=True)
class Kind:
    """Values that a seed should have a row for.

    `column` has the value in the seed; `where`, a column and its value, names the rows that count.
    `cost` says what becomes of a record without a row.
    """

    kind: str
    seed: str
    column: str
    unit: str
    cost: str
    where: tuple[str, str] | None = None


KINDS: tuple[Kind, ...] = (
    Kind(survey.TYPES, "opportunity_types", "type", "deal",
         "their motion is told by what the account has bought"),
    Kind(survey.ROLES, "team_roles", "role_name", "user", "their team is other"),
    Kind(survey.SOURCE_FIELD, "source_rules", "value", "deal",
         "the next rule decides who created them", ("rule", "source_field")),
    Kind(survey.LEAD_SOURCES, "source_rules", "value", "deal",
         "the next rule decides who created them", ("rule", "lead_source")),
    Kind(survey.CAMPAIGN_TYPES, "source_rules", "value", "campaign",
         "the next rule decides who created their deals", ("rule", "campaign_type")),
    Kind(survey.statuses("salesforce"), "lifecycle_statuses", "raw_status", "person",
         "they are no stage of the funnel", ("system", "salesforce")),
    Kind(survey.statuses("marketo"), "lifecycle_statuses", "raw_status", "person",
         "they are no stage of the funnel", ("system", "marketo")),
    Kind(survey.touches("salesforce"), "touch_types", "raw_type", "activity",
         "they are no touches", ("system", "salesforce")),
    Kind(survey.touches("marketo"), "touch_types", "raw_type", "activity",
         "they are no touches", ("system", "marketo")),
)  # fmt: skip

# Which rows of the source rules name these, for the words.
_NAMED = {
    survey.SOURCE_FIELD: "source_rules.csv has no rule source_field for",
    survey.LEAD_SOURCES: "source_rules.csv has no rule lead_source for",
    survey.CAMPAIGN_TYPES: "source_rules.csv has no rule campaign_type for",
    survey.statuses("salesforce"): "lifecycle_statuses.csv lacks, of salesforce,",
    survey.statuses("marketo"): "lifecycle_statuses.csv lacks, of marketo,",
    survey.touches("salesforce"): "touch_types.csv lacks, of salesforce,",
    survey.touches("marketo"): "touch_types.csv lacks, of marketo,",
}

# What an absent table would have, and what its absence costs. Those whose absence says nothing (a
# company without meetings has none) are not here.
TABLES: Mapping[str, tuple[str, str]] = {
    "salesforce.opportunity_history":
        ("stage history", "a deal's past is read from the field history, or inferred from its "
         "row of today"),
    "salesforce.opportunity_contact_role": ("contact roles", "decision makers are unknown"),
    "salesforce.user_role": ("roles of users", "every user's team is other, and tells no source"),
    "salesforce.lead": ("leads", "the CRM's part of the funnel has contacts alone"),
    "salesforce.contact": ("contacts", "contact roles lead to nobody, and no touch of a contact "
                           "reaches a deal"),
    "salesforce.lead_history":
        ("lead history", "the CRM dates no MQL, and only those with a date are counted"),
    "salesforce.campaign": ("campaigns", "they tell no source, and touches have no campaign"),
    "salesforce.campaign_member": ("campaign members", "responses to campaigns are no touches"),
}  # fmt: skip

# The same of columns.
COLUMNS: Mapping[str, Mapping[str, str]] = {
    "salesforce.opportunity": {
        "amount": "no deal has an amount",
        "close_date": "no deal has a close date, so none is due in a quarter",
        "lead_source": "lead sources tell nobody who created a deal",
        "type": "motions are told by what the account has bought",
        "owner_id": "no deal has an owner",
        "probability": "the forecast view and the weighted pipeline have no money",
        "created_by_id": "the team of who opened a deal tells no source",
        "campaign_id": "campaigns tell no source",
    },
    "salesforce.opportunity_history": {
        "stage_name": "the stage history has no stages",
        "amount": "past amounts are unknown",
        "close_date": "past close dates are unknown",
    },
    "salesforce.account": {"number_of_employees": "every account's segment is unknown"},
    "salesforce.user": {"user_role_id": "every user's team is other"},
    "salesforce.lead": {
        "status": "the statuses of leads are known from their history alone",
        "lead_source": "the channel of a lead without a touch is unknown",
        "converted_opportunity_id": "conversion ties no lead to its deal",
    },
    "salesforce.contact": {"account_id": "contacts belong to no account"},
    "salesforce.opportunity_contact_role": {"role": "only primary contacts are decision makers"},
    "salesforce.campaign_member": {"has_responded": "nobody has responded to a campaign"},
    "salesforce.task": {"is_closed": "no task counts as done, so none is a touch"},
    "marketo.lead": {"email": "people of the MAP and the CRM meet by id alone"},
}

# What is no news where another table is absent.
IMPLIED: Mapping[str, str] = {
    "salesforce.lead_history": "salesforce.lead",
    "salesforce.campaign_member": "salesforce.campaign",
    "salesforce.user_role": "salesforce.user.user_role_id",
}

# What a criterion of the rule of what qualifies cannot do without.
CRITERIA: Mapping[str, tuple[str, str]] = {
    "requires_amount": ("salesforce.opportunity", "amount"),
    "requires_close_date": ("salesforce.opportunity", "close_date"),
    "requires_decision_maker": ("salesforce.opportunity_contact_role", "contact_id"),
}

# Labels of Salesforce's reports that are not the field's name with blanks.
LABELS: Mapping[str, str] = {
    "stage": "stagename", "account": "accountid", "owner": "ownerid", "opportunity": "id",
    "created": "createddate", "modified": "lastmodifieddate", "employees": "numberofemployees",
    "role": "userroleid", "source": "leadsource", "probabilitypercent": "probability",
    "primarycampaignsource": "campaignid", "currency": "currencyisocode",
}  # fmt: skip


def compared(seen: RawSurvey, seeds: Rows, settings: Mapping[str, Any]) -> list[str]:
    """Everything that does not meet, a line each: the dearest first.

    `seeds` has the rows of every seed that holds, by name.
    """
    return [
        *label_headers(seen),
        *absent(seen, seeds.get("qualification_rules", ())),
        *configured(seen, settings),
        *stages(seen, seeds.get("stages", ())),
        *values(seen, seeds),
        *sizes(seen, seeds.get("segments", ())),
        *plan(seeds),
        *currencies(seen, settings["corporate_currency"]),
        *references(seen),
        *ignored(seen),
        *(f"not compared with the seeds: {reason}" for reason in seen.uncounted),
    ]


def stages(seen: RawSurvey, rows: Iterable[seed_rows.Stage]) -> Iterator[str]:
    """Stages of deals without a row, with their deals."""
    uses = {use.name: max(use.deals, use.deals_ever) for use in seen.stages}
    lacking = without_row(uses, (row.stage_name for row in rows))
    if lacking:
        yield (
            f"stages.csv lacks {_listed(lacking, 'deal')}. Deals in such a stage are taken as "
            "open, before every other stage: they don't qualify"
        )


def values(seen: RawSurvey, seeds: Rows) -> Iterator[str]:
    """Types, roles, sources, statuses and touches without a row."""
    for kind in KINDS:
        rows = [
            row
            for row in seeds.get(kind.seed, ())
            if kind.where is None or getattr(row, kind.where[0]) == kind.where[1]
        ]
        known = {matched(getattr(row, kind.column)) for row in rows}
        lacking = {
            value: count
            for value, count in without_row(seen.of(kind.kind), known).items()
            if count and not _is_any(value, known)
        }
        if lacking:
            named = _NAMED.get(kind.kind, f"{kind.seed}.csv lacks")
            yield f"{named} {_listed(lacking, kind.unit)}: {kind.cost}"


def _is_any(value: str, known: set[str]) -> bool:
    """Whether a row for all of its kind takes the value: `task:*`."""
    prefix, colon, _ = matched(value).partition(":")
    return bool(colon) and f"{prefix}:*" in known


def sizes(seen: RawSurvey, rows: Iterable[seed_rows.Segment]) -> Iterator[str]:
    """Accounts that are in no segment."""
    ranges = [(row.min_employees or 0, row.max_employees) for row in rows]
    outside = sum(
        count
        for size, count in seen.sizes.items()
        if not any(low <= size and (high is None or size <= high) for low, high in ranges)
    )
    if outside:
        yield (
            f"segments.csv has no segment for {_number(outside, 'account')} with a number of "
            "employees: their segment is unknown"
        )
    if seen.accounts and 2 * seen.accounts_without_employees > seen.accounts:
        yield (
            f"{seen.accounts_without_employees:,} of {seen.accounts:,} accounts have no number of "
            "employees: their segment is unknown"
        )


def plan(seeds: Rows) -> Iterator[str]:
    """Targets and quotas for segments and channels that do not exist."""
    segments = {matched(row.segment) for row in seeds.get("segments", ())} | {"unknown"}
    for name in ("quotas", "creation_targets", "capacity_plan"):
        yield from _unknown(name, "segment", seeds.get(name, ()), segments, "segments.csv")
    channels = {
        matched(row.channel)
        for name in ("touch_types", "lead_source_channels")
        for row in seeds.get(name, ())
    } | {"unknown"}
    yield from _unknown(
        "mql_targets", "channel", seeds.get("mql_targets", ()), channels, "touch_types.csv"
    )


def _unknown(
    name: str, column: str, rows: Iterable[Any], known: set[str], where: str
) -> Iterator[str]:
    found: dict[str, int] = {}
    for row in rows:
        value = getattr(row, column)
        if matched(value) not in known:
            found[value] = found.get(value, 0) + 1
    if found:
        near = _nearest(next(iter(found)), known)
        yield (
            f"{name}.csv is for {column} {_listed(found, 'row')}, which {where} does not have"
            f"{f'; is it {near}?' if near else ''}"
        )


def currencies(seen: RawSurvey, corporate: str) -> Iterator[str]:
    """Currencies of deals without a rate."""
    known = {*seen.rated, corporate}
    lacking = without_row(seen.of(survey.CURRENCIES), known)
    if lacking:
        yield (
            f"no exchange rate for {_listed(lacking, 'deal')}: they count with no money in "
            f"{corporate} (settings: corporate_currency)"
        )


def references(seen: RawSurvey) -> Iterator[str]:
    """References that lead nowhere, the greatest share first."""
    lost = sorted(
        (one for one in seen.references if one.lost),
        key=lambda one: (-one.lost / one.values, one.label),
    )
    if lost:
        words = [
            f"{one.lost:,} of {one.values:,} in {one.label} lead to no row of "
            f"{' or '.join(one.leads_to)}"
            for one in lost[:SHOWN]
        ]
        more = f", and {_number(len(lost) - SHOWN, 'more column')}" if len(lost) > SHOWN else ""
        yield f"references that lead nowhere: {'; '.join(words)}{more}"


def absent(seen: RawSurvey, rules: Iterable[seed_rows.QualificationRule]) -> Iterator[str]:
    """Absent tables and columns, with what that costs."""
    latest = max(rules, key=lambda rule: rule.effective_from, default=None)
    blocked = {
        place: criterion
        for criterion, place in CRITERIA.items()
        if getattr(latest, criterion, False)
    }
    systems = {table.system for table in seen.tables if table.is_there}
    gone = {table.label for table in seen.tables if not table.is_there} | {
        f"{table.label}.{column}" for table in seen.tables for column in table.missing
    }
    for table in seen.tables:
        if not table.is_there:
            is_news = table.label in TABLES and IMPLIED.get(table.label) not in gone
            if table.system in systems and is_news:
                rule = next((blocked[p] for p in blocked if p[0] == table.label), None)
                what, cost = TABLES[table.label]
                yield f"no {what} ({table.label}): {cost}{_admits(rule)}"
            continue
        for column, cost in COLUMNS.get(table.label, {}).items():
            if column in table.missing:
                rule = blocked.get((table.label, column))
                yield f"no column {column} in {table.label}: {cost}{_admits(rule)}"
    if seen.tables and "marketo" not in systems:
        yield "no Marketo tables: touches and the funnel are what the CRM has"


def _admits(criterion: str | None) -> str:
    return f", and the rule that requires one ({criterion}) admits no deal" if criterion else ""


def configured(seen: RawSurvey, settings: Mapping[str, Any]) -> Iterator[str]:
    """Columns that the settings name and no file has, with the nearest header."""
    for setting, column in settings["custom_columns"].items():
        # The default name of a field that the company does not have is no mistake.
        if column == f"{setting}_c":
            continue
        tables = [table for table in seen.tables if column in table.missing]
        for table in tables:
            yield _not_there(f"custom_columns: {setting}", column, table)
    for name, columns in settings.get("pass_through_columns", {}).items():
        seen_table = seen.table(f"salesforce.{name}")
        if seen_table and seen_table.is_there:
            there = {_key(one) for one in (*seen_table.unread, *seen_table.read)}
            for column in columns:
                if _key(column) not in there:
                    yield _not_there(f"pass_through_columns: {name}", column, seen_table)


def _not_there(setting: str, column: str, table: TableSeen) -> str:
    near = _nearest(column, table.unread)
    return (
        f"settings.yml: {setting} names {column}, which {table.location or table.label} does not "
        f"have{f'; is it {near}?' if near else ': the field is empty'}"
    )


def label_headers(seen: RawSurvey) -> Iterator[str]:
    """Headers that are not read and are likely the label of a column that is missing."""
    for table in seen.tables:
        likely = [
            f"'{header}' is likely {column}"
            for header in table.unread
            if (column := likely_column(header, table))
        ]
        if likely:
            yield (
                f"{table.location or table.label} is not read in full: {', '.join(likely)}; rename "
                "the headers"
            )


def likely_column(header: str, table: TableSeen) -> str | None:
    """The missing column of a table that a header may be the label of."""
    missing = {_key(column): column for column in table.missing}
    key = _key(re.sub(r"\(.*?\)|%", "", header))
    # `Opportunity Name`, `Account: Employees`.
    keys = [key, key.removeprefix(_key(table.name))]
    keys += [f"{one}id" for one in keys] + [LABELS[one] for one in keys if one in LABELS]
    return next((missing[one] for one in keys if one in missing), None)


def ignored(seen: RawSurvey) -> Iterator[str]:
    """Files and tables that are there and not read, with the likely one."""
    absent_tables = {
        f"{table.system}/{table.name}": table.label for table in seen.tables if not table.is_there
    }
    near = {name: _likely_table(name, absent_tables) for name in seen.ignored}
    for name, table in near.items():
        if table:
            yield f"{name} is not read; is it {absent_tables[table]}?"
    others = [name for name, table in near.items() if not table]
    if others:
        more = f" and {len(others) - SHOWN} more" if len(others) > SHOWN else ""
        yield f"not read: {', '.join(others[:SHOWN])}{more}"


def _likely_table(name: str, tables: Iterable[str]) -> str | None:
    # Of a warehouse, `schema.table`; of a folder, `system/file`.
    system, _, file = name.partition("/" if "/" in name else ".")
    stem = _key(re.sub(r"\.(csv|csv\.gz|parquet|tsv|txt|json|xlsx?)$", "", file.lower()))
    by_key = {_key(table.partition("/")[2]): table for table in tables
              if table.startswith(f"{system.lower()}/")}  # fmt: skip
    # `sf_user`, `opportunities`, `user_data`, `account__c`.
    singular = re.sub(r"ies$", "y", stem)
    for one in (stem, singular, singular.removesuffix("s"), stem.removeprefix("sf")):
        if one in by_key:
            return by_key[one]
    close = difflib.get_close_matches(stem, by_key, n=1, cutoff=0.85)
    return by_key[close[0]] if close else None


def _key(name: str) -> str:
    """A name as columns are matched, without its suffix as a custom field and its punctuation."""
    return re.sub(r"[\W_]+", "", re.sub(r"(__c|_c)$", "", name.strip().lower()))


def _nearest(name: str, names: Iterable[str]) -> str | None:
    by_key = {_key(one): one for one in names}
    close = difflib.get_close_matches(_key(name), by_key, n=1, cutoff=0.6)
    return by_key[close[0]] if close else None


def _listed(counts: Mapping[str, int], unit: str) -> str:
    """Values with their counts, the most frequent first: `'A': 3 deals, 'B': 1 deal`."""
    ranked = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    words = [f"{_quoted(value)}: {_number(count, unit)}" for value, count in ranked[:SHOWN]]
    if rest := ranked[SHOWN:]:
        words.append(f"{len(rest)} more: {_number(sum(count for _, count in rest), unit)}")
    return ", ".join(words)


def _quoted(value: str) -> str:
    """A value of the CRM, in one line and of a length that can be read."""
    plain = "".join(char if char.isprintable() else " " for char in value)
    text = " ".join(plain.split())
    return f"'{text[:60]}…'" if len(text) > 60 else f"'{text}'"


def _number(count: int, unit: str) -> str:
    many = {"person": "people", "activity": "activities"}.get(unit, f"{unit}s")
    return f"{count:,} {unit if count == 1 else many}"
