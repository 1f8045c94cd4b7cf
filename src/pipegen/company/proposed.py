"""A set of seeds to begin with, proposed from what a company's raw tables hold.

What belongs here: what is proposed, with a count and a reason for each line, as text of files. What
does not: reading raw tables (`landing.counted`), the words behind a guess (`guesses`), and writing
files (`runs.init`).
"""

import csv
import dataclasses
import datetime as dt
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal

from pipegen.company import guesses, survey
from pipegen.company.guesses import guessed
from pipegen.company.seed_rows import TEAMS
from pipegen.company.seeds import CHECK, SEEDS
from pipegen.company.survey import FiscalUse, RawSurvey, StageUse, matched

# From this probability on a stage is late: few deals that get there are given up.
_LATE = 80
# So many deals have to be in fiscal quarters before they prove that these are not made of months,
# and so large a part of them has to agree before they prove that they are.
_ENOUGH, _NEARLY_ALL = 100, 0.995

# More values than this are typed by hand, not picked from a list: nobody checks them all.
_MOST = 100

# What the CRM comes with, for a set without raw tables.
STANDARD_STAGES = tuple(
    StageUse(name, 0, 0, probability=probability)
    for name, probability in (
        ("Prospecting", 10),
        ("Qualification", 10),
        ("Needs Analysis", 20),
        ("Value Proposition", 50),
        ("Id. Decision Makers", 60),
        ("Perception Analysis", 70),
        ("Proposal/Price Quote", 75),
        ("Negotiation/Review", 90),
        ("Closed Won", 100),
        ("Closed Lost", 0),
    )
)


@dataclasses.dataclass(frozen=True)
class Guess:
    """One line to check: what is in the data, how often, what is proposed, and why.

    `proposed` is empty where nothing is: the set has no row for it.
    """

    value: str
    count: str
    proposed: str
    because: str


@dataclasses.dataclass(frozen=True)
class ProposedFile:
    """One file of the set: its text (None: it is left to the default) and what to check in it."""

    file: str
    text: str | None
    guesses: tuple[Guess, ...] = ()
    note: str = ""


def proposed_of(seen: RawSurvey, kind: str) -> dict[str, int]:
    """The values of a kind that something is proposed for: of very many the most frequent."""
    return dict(list(survey.once_each(seen.of(kind)).items())[:_MOST])


def proposed_set(found: RawSurvey | None, raw: str, today: dt.date) -> dict[str, str]:
    """The files of a set, by name; without a survey, what a company would fill in by hand.

    `raw` is where the survey is from, as the user names it.
    """
    is_found = found is not None
    seen = found or RawSurvey(stages=STANDARD_STAGES)
    stages = ordered(seen.stages)
    parts = [
        _stages(stages, is_found),
        _qualification(stages, seen, is_found),
        *([_types(seen), _teams(seen), _sources(seen), _decides(seen), _lifecycle(seen)]
          if is_found else []),
        _settings(seen, is_found),
    ]  # fmt: skip
    files = {part.file: part.text for part in parts if part.text is not None}
    # What nobody else can say: a header each, to be filled in.
    for seed in SEEDS:
        if seed.when_missing == "empty":
            files[f"{seed.name}.csv"] = ",".join(seed.columns) + "\n"
    files[CHECK] = _check(parts, seen if is_found else None, raw, today)
    return files


@dataclasses.dataclass(frozen=True)
class Ordered:
    """A stage with its proposed place and group, and why it is in that group."""

    use: StageUse
    order: int
    group: str
    canonical: str
    is_late: bool
    because: str


def ordered(uses: Sequence[StageUse]) -> list[Ordered]:
    """Stages in their order with their groups, open ones first.

    Open stages are ordered by mean probability. Those with the same, and all where the CRM has
    none, by their usual names, else by when their deals came through.
    """
    # A seed takes names that differ in blanks alone for one.
    uses = list({matched(use.name): use for use in reversed(uses)}.values())[::-1]
    grouped = [(use, *group_of(use)) for use in uses]
    opened = [use for use, group, _ in grouped if group == "open"]
    ranked = _ranked(opened)
    has_probability = len({_percent(use) for use in opened}) > 1
    why = {id(use): because for use, _, because in grouped}
    known = {id(use): group for use, group, _ in grouped}
    closed = [use for group in ("won", "lost") for use in uses if known[id(use)] == group]
    place = {"won": len(ranked) + 1, "lost": len(ranked) + 2}
    names: dict[str, str] = {}
    result = []
    for use in [*ranked, *closed]:
        group = known[id(use)]
        order = ranked.index(use) + 1 if group == "open" else place[group]
        is_last = use is ranked[-1] and len(ranked) > 2 if group == "open" else False
        canonical = _canonical(use.name)
        if names.setdefault(canonical, use.name) != use.name:
            # Two names that are told apart by their punctuation alone.
            canonical = use.name.strip()
        result.append(
            Ordered(
                use,
                order,
                group,
                canonical,
                is_late=group == "open"
                and ((_percent(use) or 0) >= _LATE if has_probability else is_last),
                because=why[id(use)],
            )
        )
    return result


def group_of(use: StageUse) -> tuple[str, str]:
    """The group of a stage, and why."""
    if use.won_share is not None and use.won_share >= 0.5:
        return "won", "the CRM marks its deals as won"
    if use.closed_share is not None:
        if use.closed_share >= 0.5:
            return "lost", "the CRM marks its deals as closed, and not as won"
        return "open", "the CRM does not mark its deals as closed"
    if named := guessed(use.name, guesses.STAGE_GROUPS):
        return named, "by its name"
    category, percent = use.forecast_category.lower(), _percent(use)
    if category == "closed" or percent == 100:
        because = f"forecast category {use.forecast_category}" if category else "probability 100"
        return "won", because
    if percent == 0 and (category == "omitted" or (use.place or 0) > 0.9):
        return "lost", "probability 0, and deals end there"
    return "open", "nothing says that its deals are closed"


def _ranked(opened: Sequence[StageUse]) -> list[StageUse]:
    """Open stages in order."""
    by_percent: dict[int, list[StageUse]] = {}
    for use in opened:
        by_percent.setdefault(_percent(use) or 0, []).append(use)
    ranked: list[StageUse] = []
    for percent in sorted(by_percent):
        ties = by_percent[percent]
        usual = {use.name: guessed(use.name, guesses.STAGE_PLACES) for use in ties}
        if all(place is not None for place in usual.values()):
            ranked += sorted(ties, key=lambda use: (usual[use.name], use.place or 0, use.name))
        else:
            ranked += sorted(ties, key=lambda use: (*_came(use, usual[use.name]), use.name))
    return ranked


def _came(use: StageUse, usual: str | None) -> tuple[float, int]:
    """When deals came through a stage, 0 to 1; where none moved, when they usually do."""
    nominal = guesses.LAST_PLACE if usual is None else int(usual)
    middle = 0.5 if usual is None else nominal / guesses.LAST_PLACE
    return (middle if use.place is None else use.place), nominal


def _percent(use: StageUse) -> int | None:
    return None if use.probability is None else _round(use.probability)


def _round(number: float) -> int:
    return int(Decimal(str(number)).quantize(Decimal(1), ROUND_HALF_UP))


def _canonical(name: str) -> str:
    """A name without its number and punctuation: `3 - Solution Fit` is `solution_fit`."""
    plain = re.sub(r"^\W*\d+[\W_]+(?=\w)", "", name.strip().lower())
    return re.sub(r"\W+", "_", plain).strip("_") or name.strip()


def _stages(stages: Sequence[Ordered], is_found: bool) -> ProposedFile:
    rows = [
        (one.use.name, one.canonical, one.order, one.group, _word(one.is_late)) for one in stages
    ]
    lines = [
        Guess(
            one.use.name,
            _deals(one.use) if is_found else "",
            f"{one.group}, order {one.order}{', late' if one.is_late else ''}",
            f"{one.because}{_order_because(one) if one.group == 'open' else ''}"
            if is_found
            else "the CRM comes with it",
        )
        for one in stages
    ]
    note = (
        "Check the order of the open stages, which of them are late, and whether two names are one "
        "stage: then give both the same `canonical_stage`, `stage_order` and `is_late_stage`."
    )
    for group in ("open", "won", "lost"):
        if not any(one.group == group for one in stages):
            note += f" **No deal is in a stage that is {group}: add the row if there is one.**"
    return ProposedFile("stages.csv", _csv("stages", rows), tuple(lines), note)


def _order_because(one: Ordered) -> str:
    if one.use.probability is not None:
        return f"; mean probability {_percent(one.use)}"
    if one.use.place is not None:
        return "; placed by when deals came through"
    return "; no deal has moved to or from it"


def _deals(use: StageUse) -> str:
    now = _number(use.deals, "deal")
    return f"{now} now, {use.deals_ever:,} ever" if use.deals_ever > use.deals else now


def _qualification(stages: Sequence[Ordered], seen: RawSurvey, is_found: bool) -> ProposedFile:
    opened = [one.use for one in stages if one.group == "open"]
    orders = {one.order for one in stages if one.group == "open"}
    least = 2 if len(orders) > 1 else 1
    deals = sum(use.deals for use in opened)
    without_amount = sum(use.without_amount for use in opened)
    without_date = sum(use.without_close_date for use in opened)
    has_source = not is_found or bool(
        _source_rules(seen) or any(guessed(role, guesses.TEAMS) for role in seen.of(survey.ROLES))
    )
    asks_amount, asks_date = 2 * without_amount <= deals, 2 * without_date <= deals
    asks = [_word(is_asked) for is_asked in (asks_amount, asks_date, has_source, False)]
    row = ("2000-01-01", least, 365, *asks)
    lines = [
        Guess("min_stage_order", "", str(least), "deals in the first stage are not pipeline yet"),
        Guess("max_horizon_days", "", "365", "a deal that closes later is a hope"),
    ]
    if is_found:
        of = f"of {_number(deals, 'open deal')}"
        lines += [
            Guess("requires_amount", f"{without_amount:,} {of} have none", _word(asks_amount),
                  "as most deals have it" if asks_amount else "most open deals would not qualify"),
            Guess("requires_close_date", f"{without_date:,} {of} have none", _word(asks_date),
                  "as most deals have it" if asks_date else "most open deals would not qualify"),
            Guess("requires_source", "", _word(has_source),
                  "" if has_source else "no source can be told: nothing would qualify"),
            Guess("requires_decision_maker",
                  f"{_number(sum(seen.of(survey.CONTACT_ROLES).values()), 'contact role')}",
                  "false", "set it to true once sellers enter contact roles"),
        ]  # fmt: skip
    return ProposedFile("qualification_rules.csv", _csv("qualification_rules", [row]), tuple(lines))


def _types(seen: RawSurvey) -> ProposedFile:
    return _mapped(
        "opportunity_types",
        proposed_of(seen, survey.TYPES),
        guesses.MOTIONS, "deal",
        "A type without a row is told by what the account has bought before.",
    )  # fmt: skip


def _teams(seen: RawSurvey) -> ProposedFile:
    counts = proposed_of(seen, survey.ROLES)
    rows, lines = [], []
    for role, count in counts.items():
        team = guessed(role, guesses.TEAMS)
        rows.append((role, team or "other"))
        because = "by its name" if team else "its name says nothing; teams are " + ", ".join(TEAMS)
        lines.append(Guess(role, _number(count, "user"), team or "other", because))
    text = _csv("team_roles", rows) if rows else None
    return ProposedFile(
        "team_roles.csv", text, tuple(lines), "The team decides who created a deal."
    )


def _decides(seen: RawSurvey) -> ProposedFile:
    rows, lines = [], []
    for role, count in proposed_of(seen, survey.CONTACT_ROLES).items():
        decides = guessed(role, guesses.DECIDES)
        if decides:
            rows.append((role,))
        lines.append(
            Guess(role, _number(count, "contact role"), "a decision maker" if decides else "",
                  "by its name")
        )  # fmt: skip
    return ProposedFile(
        "decision_roles.csv", _csv("decision_roles", rows) if rows else None, tuple(lines)
    )


def _source_rules(seen: RawSurvey) -> list[tuple[str, str, str, int]]:
    """Rules that records of the company can meet: rule, value, source, count."""
    return [
        (rule, value, source, count)
        for rule, kind in _SOURCE_KINDS
        for value, count in proposed_of(seen, kind).items()
        if (source := guessed(value, guesses.SOURCES))
    ]


_SOURCE_KINDS = (
    ("source_field", survey.SOURCE_FIELD),
    ("lead_source", survey.LEAD_SOURCES),
    ("campaign_type", survey.CAMPAIGN_TYPES),
)
# Who opened a deal created it, where nothing says more. Customer success sells as the account team
# does.
_CREATORS = (("sdr", "sdr"), ("ae", "ae"), ("cs", "ae"), ("partner", "partner"),
             ("marketing", "marketing"))  # fmt: skip


def _sources(seen: RawSurvey) -> ProposedFile:
    rules = _source_rules(seen)
    known = {(rule, value) for rule, value, _, _ in rules}
    rows: list[tuple[object, ...]] = []
    base = {"source_field": 100, "lead_source": 1000, "campaign_type": 10000}
    number = Counter[str]()
    for rule, value, source, _ in rules:
        number[rule] += 1
        rows.append((base[rule] + number[rule], rule, value, source))
    rows += [
        (100000 + place, "creator_team", team, source)
        for place, (team, source) in enumerate(_CREATORS, 1)
    ]
    lines = [
        Guess(f"{rule} {value}", _number(count, "deal" if rule != "campaign_type" else "campaign"),
              source, "by its name")
        for rule, value, source, count in rules
    ]  # fmt: skip
    for rule, kind in _SOURCE_KINDS:
        for value, count in proposed_of(seen, kind).items():
            if (rule, value) not in known:
                unit = "deal" if rule != "campaign_type" else "campaign"
                because = "its name says nothing: the next rule decides, in the end unknown"
                lines.append(Guess(f"{rule} {value}", _number(count, unit), "", because))
    note = (
        "The first rule that matches decides, by priority: the CRM's own field, the lead source, "
        "the campaign, then the team of who opened the deal."
    )
    return ProposedFile("source_rules.csv", _csv("source_rules", rows), tuple(lines), note)


def _lifecycle(seen: RawSurvey) -> ProposedFile:
    rows, lines = [], []
    for system in ("salesforce", "marketo"):
        for status, count in proposed_of(seen, survey.statuses(system)).items():
            stage = guessed(status, guesses.LIFECYCLE)
            if stage:
                rows.append((system, status, stage))
            because = "by its name" if stage else "its name says nothing: it is no stage"
            used = _number(count, "person")
            lines.append(Guess(f"{system} {status}", used, stage or "", because))
    # Without any status, the default would only be told as unused, row by row.
    text = None if lines and not rows else _csv("lifecycle_statuses", rows)
    return ProposedFile("lifecycle_statuses.csv", text, tuple(lines))


def _mapped(
    seed: str, counts: survey.Mapping[str, int], words: guesses.Words, unit: str, note: str
) -> ProposedFile:
    rows, lines = [], []
    for value, count in counts.items():
        meaning = guessed(value, words)
        if meaning:
            rows.append((value, meaning))
        because = "by its name" if meaning else "its name says nothing"
        lines.append(Guess(value, _number(count, unit), meaning or "", because))
    return ProposedFile(f"{seed}.csv", _csv(seed, rows) if rows else None, tuple(lines), note)


@dataclasses.dataclass(frozen=True)
class Fiscal:
    """A company's fiscal year as its deals show it.

    `start_month` is None where they don't. `is_months` is false where its quarters are plainly not
    made of calendar months. `named_by` is `end` or `start`.
    """

    start_month: int | None
    named_by: str
    is_months: bool
    because: str


def fiscal_year(uses: Iterable[FiscalUse]) -> Fiscal:
    """The fiscal year in which the CRM puts deals, by the months of their close dates."""
    known = list(uses)
    total = sum(use.deals for use in known)
    if not total:
        return Fiscal(None, "end", True, "the deals have no fiscal quarters to tell it by")

    def agreeing(month: int) -> int:
        return sum(u.deals for u in known if (u.month - month) % 12 // 3 + 1 == u.quarter)

    month = max(range(1, 13), key=agreeing)
    share = agreeing(month) / total
    counted = f"{agreeing(month):,} of {total:,} deals agree"
    if share >= _NEARLY_ALL:
        named_by = max(("end", "start"), key=lambda by: _named_so(known, month, by))
        return Fiscal(month, named_by, True, f"the CRM's fiscal quarters: {counted}")
    is_near = sum(u.deals for u in known if abs(u.fiscal_year - u.year) <= 1) >= total * 0.99
    if total >= _ENOUGH and is_near and share >= 0.8:
        because = f"the CRM's fiscal quarters begin within months: only {counted}"
        return Fiscal(month, "end", False, because)
    return Fiscal(None, "end", True, f"the CRM's fiscal quarters fit no month: only {counted}")


def _named_so(uses: Iterable[FiscalUse], month: int, by: str) -> int:
    found = 0
    for use in uses:
        first = use.year if use.month >= month else use.year - 1
        name = first + 1 if by == "end" and month > 1 else first
        found += use.deals if name == use.fiscal_year else 0
    return found


def custom_columns(seen: RawSurvey) -> Iterator[tuple[str, str, str]]:
    """Columns that may be a company's own for a setting that has found none: setting, column,
    table."""
    for setting, label, pattern in guesses.CUSTOM:
        table = seen.table(label)
        if table and any(name.startswith(setting) for name in table.missing):
            for column in table.unread:
                plain = re.sub(r"(__c|_c)$", "", column, flags=re.I)
                if re.search(pattern, re.sub(r"(?<=[a-z])(?=[A-Z])", " ", plain).lower()):
                    yield setting, column, label
                    break


def _settings(seen: RawSurvey, is_found: bool) -> ProposedFile:
    lines: list[Guess] = []
    text = ["# Each line was proposed by `pipegen init`: check it, as CHECK.md says.", ""]

    def say(setting: str, value: object, count: str, because: str) -> None:
        text.extend((f"# {_sentence(because)}", f"{setting}: {value}", ""))
        lines.append(Guess(setting, count, str(value), because))

    used = seen.of(survey.CURRENCIES)
    if seen.corporate_currency:
        say("corporate_currency", seen.corporate_currency, _listed(used),
            "the CRM's corporate currency")  # fmt: skip
    elif used:
        say("corporate_currency", next(iter(used)), _listed(used), "what most deals are in")
    else:
        because = "the deals name no currency" if is_found else "the default"
        say("corporate_currency", "USD", "", because)
    year = fiscal_year(seen.fiscal)
    say("fiscal_year_start_month", year.start_month or 1, "",
        year.because if is_found else "the default: the calendar year")  # fmt: skip
    if year.named_by == "start":
        say("fiscal_year_named_by", "start", "", "the CRM names a fiscal year by where it begins")
    if not year.is_months:
        say("fiscal_calendar", "weeks", "", "a run is refused: quarters of weeks are not built yet")
    say("business_timezone", "UTC", "", "no table tells it: set yours, such as Europe/Berlin")
    found = list(custom_columns(seen))
    if found:
        text += ["# Columns that may be what these settings mean: uncomment those that are.",
                 "# custom_columns:"]  # fmt: skip
        for setting, column, label in found:
            text.append(f"#   {setting}: {column}")
            lines.append(Guess(f"custom_columns: {setting}", f"a column of {label}", column,
                               "by its name; commented out until you say so"))  # fmt: skip
    return ProposedFile("settings.yml", "\n".join(text).rstrip() + "\n", tuple(lines))


def _check(parts: Sequence[ProposedFile], seen: RawSurvey | None, raw: str, today: dt.date) -> str:
    """The page of what to check, in Markdown."""
    where = f"from the raw tables in `{raw}`" if seen else "without raw tables"
    text = [
        "# To check",
        "",
        f"`pipegen init` wrote this set {where} on {today}.",
        "",
        "Every line below is a guess. Correct the files where it is wrong, then delete this page: "
        "until then, every run says that it is there.",
        "",
    ]
    for part in parts:
        if not part.guesses:
            continue
        text += [f"## {part.file}", ""]
        if part.text is None:
            text += ["Not written, since no name says enough: the project's default holds.", ""]
        if part.note:
            text += [part.note, ""]
        text += ["| checked | value | used by | proposed | because |", "|---|---|---|---|---|"]
        text += [
            f"| [ ] | {_cell(g.value)} | {_cell(g.count)} | {_cell(g.proposed) or 'no row'} | "
            f"{_cell(g.because)} |"
            for g in part.guesses
        ]
        text.append("")
    if seen:
        text += _left_out(seen)
        text += _sizes(seen)
        text += _campaigns(seen)
    text += [
        "## What only you can say",
        "",
        "These files have a header and no rows. Each is empty until you fill it in:",
        "",
        *(f"- `{seed.name}.csv`" for seed in SEEDS if seed.when_missing == "empty"),
        "",
    ]
    return "\n".join(text)


def _left_out(seen: RawSurvey) -> list[str]:
    """Kinds with more values than are proposed."""
    lines = []
    for kind, counts in seen.counts.items():
        if (more := len(counts) - _MOST) > 0:
            lines.append(f"- {kind}: {more:,} more values, each used less often")
    return ["## Not listed", "", *lines, ""] if lines else []


def _sizes(seen: RawSurvey) -> list[str]:
    if not seen.accounts:
        return []
    return [
        "## Segments",
        "",
        f"{seen.accounts_without_employees:,} of {seen.accounts:,} accounts have no "
        "number of employees: their segment is `unknown`. The sizes are the project's default; "
        "write a `segments.csv` for your own.",
        "",
    ]


def _campaigns(seen: RawSurvey) -> list[str]:
    counts = {
        name: count
        for name, count in seen.of(survey.touches("salesforce")).items()
        if name.startswith("campaign:")
    }
    if not counts:
        return []
    return [
        "## Touches",
        "",
        "Which of these campaigns are marketing's, and their channel, is decided by "
        "`touch_types.csv`, of which the project's default holds. One that it does not name counts "
        "as marketing's, in the channel `other`.",
        "",
        *(f"- {_cell(name)}: {_number(count, 'response')}" for name, count in counts.items()),
        "",
    ]


def _csv(seed: str, rows: Iterable[Sequence[object]]) -> str:
    [columns] = [one.columns for one in SEEDS if one.name == seed]
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(columns)
    seen = set()
    for row in rows:
        # A name that differs by case only is one row to the seeds.
        key = tuple(matched(str(cell)) for cell in row)
        if key not in seen:
            seen.add(key)
            writer.writerow(row)
    return written.getvalue()


def _cell(text: str) -> str:
    """Text from the CRM as a cell of a Markdown table."""
    plain = " ".join(text.split()).replace("\\", "\\\\").replace("|", "\\|")
    # An underscore within a word is no markup.
    return re.sub(r"([`*<>\[\]]|(?<!\w)_|_(?!\w))", r"\\\1", plain)


def _listed(counts: survey.Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())


def _number(count: int, unit: str) -> str:
    many = "people" if unit == "person" else f"{unit}s"
    return f"{count:,} {unit if count == 1 else many}"


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:] + "."


def _word(is_true: bool) -> str:
    return "true" if is_true else "false"
