"""The findings, as a page that opens offline and, in full, as CSV.

What belongs here: the layout, and which findings fit on the page. The page has no script and loads
nothing; everything from the CRM is escaped. What does not: what a finding is, which the mart says.
"""

import csv
import dataclasses
import datetime as dt
import heapq
import html
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipegen.errors import PipegenError
from pipegen.files import atomic_write, replacing
from pipegen.publishing.digest import TEAM_OF_OWNERS, Finding, open_findings
from pipegen.publishing.record_link import record_link
from pipegen.warehouses import ERRORS, Connection, Database, batches, open_database

# The page stays at a few megabytes for any company; the rest is in the CSV. An owner has all rows
# or, where they no longer fit, none.
ROWS_OF_RULE = 50
ROWS_OF_OWNERS = 5_000
OWNERS = 1_000
ROWS_OF_STAGES = 50

Rows = list[tuple[Any, ...]]

FIELDS = {
    "created_date": "Created date",
    "source": "Source",
    "amount": "Amount",
    "net_new": "Net-new flag",
}

_STAGE_ROWS = (
    "select owner_id, stage, criterion, opportunity_id, amount from marts.stage_entry_violations "
    "order by owner_id nulls last, stage, criterion, opportunity_id"
)

_STYLE = """
:root{color-scheme:light dark;--ink:#1b2430;--soft:#55606e;--line:#d5dae1;--paper:#fff;
--panel:#f4f6f8;--link:#0b5cad;--block:#a11212;--warn:#8a5200;--info:#4a5565;--mark:#0b5cad}
@media (prefers-color-scheme:dark){:root{--ink:#e8ecf1;--soft:#aab4c0;--line:#3a4450;
--paper:#14181d;--panel:#1d232a;--link:#7db8f5;--block:#ff9a9a;--warn:#f2b866;--info:#aab4c0;
--mark:#7db8f5}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:72rem;padding:1.5rem;background:var(--paper);color:var(--ink);
font:15px/1.5 system-ui,sans-serif}
h1{font-size:1.6rem;margin:0 0 .2rem}h2{font-size:1.2rem;margin:2rem 0 .5rem}
h3{font-size:1rem;margin:0;display:inline}
p{margin:.3rem 0}.soft{color:var(--soft)}a{color:var(--link)}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.92em}
th,td{text-align:left;padding:.3rem .7rem .3rem 0;border-bottom:1px solid var(--line);
vertical-align:top}
th{color:var(--soft);font-weight:600;white-space:nowrap}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
code{font:.92em ui-monospace,monospace;overflow-wrap:anywhere}
.block{color:var(--block);font-weight:700}.warn{color:var(--warn);font-weight:600}
.info{color:var(--info)}
details{border:1px solid var(--line);border-radius:6px;padding:.5rem .8rem;margin:.5rem 0;
background:var(--panel)}
summary{cursor:pointer}.do{margin:.4rem 0 .6rem}
svg{display:block}svg polyline{fill:none;stroke:var(--mark);stroke-width:2}
svg rect{fill:var(--mark)}
nav a{margin-right:1rem}
@media screen and (max-width:40rem){body{padding:1rem}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
table,tbody,tr,th[scope=row]{display:block}tr{border-bottom:1px solid var(--line);padding:.4rem 0}
td,td.n,th[scope=row]{border:0;padding:0;text-align:left;white-space:normal;color:var(--ink);
overflow-wrap:anywhere}
td{display:inline-block;margin-right:1rem;max-width:100%;vertical-align:top}td:empty{display:none}
td::before{content:attr(data-label) " ";color:var(--soft);font-weight:400}
td.block{color:var(--block)}td.warn{color:var(--warn)}td.info{color:var(--info)}}
@page{margin:1.5cm}
@media print{body{max-width:none;padding:0;font-size:11px}nav{display:none}
h1,h2,summary,.do{break-after:avoid}tr,svg,thead{break-inside:avoid}
.scroll{overflow:visible}details{background:none}}
"""


def write_findings(warehouse: Database, folder: Path, url_template: str = "") -> Path:
    """Write `index.html`, `findings.csv` and `stage_entry.csv` of the published warehouse.

    `url_template` is the address of a record, with `{record_id}`; empty for no links. Each file is
    replaced atomically. Returns the page's path. Raises `PipegenError` if the warehouse can't be
    read or a file can't be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with open_database(warehouse) as connection:
            data = Data.of(connection)
            with replacing(folder / "findings.csv") as path:
                _write_csv(path, data.all_rows(connection))
            with replacing(folder / "stage_entry.csv") as path:
                _write_csv(path, data.stage_rows(connection))
        page = page_of(data, url_template)
        atomic_write(folder / "index.html", page)
    except (OSError, *ERRORS) as error:
        raise PipegenError(
            f"the findings of {warehouse} can't be written to {folder} "
            f"({str(error).splitlines()[0]}): free the folder and run again."
        ) from None
    return folder / "index.html"


class Group:
    """The findings of one rule: their number, and those that are shown."""

    def __init__(self, most: int) -> None:
        self.count = 0
        self.new_count = 0
        self._most = most
        # The lowest first, so that it is the one to be replaced.
        self._shown: list[tuple[int, int, Finding]] = []

    def add(self, finding: Finding, rank: int, *, is_new: bool) -> None:
        """Count a finding, and show it if it ranks above one that is shown."""
        self.count += 1
        self.new_count += is_new
        # Of equal ranks, the earlier comes first.
        entry = (rank, -self.count, finding)
        if len(self._shown) < self._most:
            heapq.heappush(self._shown, entry)
        else:
            heapq.heappushpop(self._shown, entry)

    @property
    def shown(self) -> list[Finding]:
        """The findings that are shown, highest rank first."""
        return [finding for *_, finding in sorted(self._shown, reverse=True)]


def fitting(counts: dict[str, int], most: int) -> set[str]:
    """The owners all of whose rows fit into `most`, beginning with whoever has the most."""
    left, fit = most, set()
    for owner, count in sorted(counts.items(), key=lambda one: (-one[1], one[0])):
        if count <= left:
            fit.add(owner)
            left -= count
    return fit


@dataclasses.dataclass
class Data:
    """What the page shows of a warehouse.

    Findings are read once, while the CSV is written, and are counted; only those that the page
    shows are kept. `owner_counts` has the number of each owner's findings, `owners` those of the
    owners who have room on the page; `stages` has stages, criteria and the number of deals that
    miss them; `stage_owners` has the owners of those deals and their numbers.
    """

    as_of: dt.date
    closed: Counter[str]
    users: dict[str, tuple[str | None, str | None]]
    weeks: Rows
    owner_rates: Rows
    owner_counts: dict[str, int]
    trend: Rows
    stage_row_count: int
    stage_deal_count: int
    stages: Rows
    stage_owners: Rows
    stage_deals: Rows
    severities: Counter[str] = dataclasses.field(default_factory=Counter)
    new_count: int = 0
    rules: dict[str, Group] = dataclasses.field(default_factory=dict)
    owners: dict[str, list[Finding]] = dataclasses.field(default_factory=dict)

    @classmethod
    def of(cls, connection: Connection) -> "Data":
        """Read everything but the findings. Raises one of the engine's errors (`ERRORS`)."""

        def rows(sql: str) -> Rows:
            return connection.execute(sql).fetchall()

        [(as_of,)] = rows("select max(as_of_date) from audit.run_headlines")
        [(stage_row_count, stage_deal_count)] = rows(
            "select count(*), count(distinct opportunity_id) from marts.stage_entry_violations"
        )
        return cls(
            as_of=as_of,
            closed=Counter(
                dict(
                    rows(
                        "select rule, count(*) from marts.hygiene_findings "
                        "where not is_open group by rule"
                    )
                )
            ),
            users={
                user: (name, team)
                for user, name, team in rows("select user_id, user_name, team from core.dim_users")
            },
            weeks=rows(
                "select field, week_start, sum(open_count), sum(finding_count) "
                "from marts.field_hygiene group by field, week_start order by field, week_start"
            ),
            owner_rates=rows(
                "select owner_id, field, open_count, pass_rate from marts.field_hygiene "
                "where week_start = (select max(week_start) from marts.field_hygiene)"
            ),
            owner_counts=(
                owner_counts := {
                    owner: int(count)
                    for owner, count in rows(
                        "select owner_id, count(*) from marts.hygiene_findings "
                        "where is_open and owner_id is not null group by owner_id"
                    )
                }
            ),
            owners={owner: [] for owner in fitting(owner_counts, ROWS_OF_OWNERS)},
            # The number of findings open at the end of each week for which there was a run.
            trend=rows(
                "select d.week_start, count(*) "
                "from (select distinct week_start from marts.field_hygiene) d "
                "join marts.hygiene_findings f on f.first_seen <= d.week_start + 6 "
                "and (f.is_open or f.last_seen >= d.week_start) "
                "group by 1 order by 1"
            ),
            stage_row_count=stage_row_count,
            stage_deal_count=stage_deal_count,
            stages=rows(
                "select stage, criterion, count(*) from marts.stage_entry_violations "
                "group by stage, criterion order by count(*) desc, stage, criterion"
            ),
            stage_owners=rows(
                "select owner_id, count(distinct opportunity_id) as deal_count "
                "from marts.stage_entry_violations group by owner_id "
                f"order by deal_count desc, owner_id nulls first limit {OWNERS}"
            ),
            stage_deals=rows(f"{_STAGE_ROWS} limit {ROWS_OF_STAGES}"),
        )

    def add(self, finding: Finding) -> None:
        """Count an open finding, and keep it if the page shows it."""
        is_new = finding.first_seen == self.as_of
        self.severities[finding.severity] += 1
        self.new_count += is_new
        of_rule = self.rules.setdefault(finding.rule, Group(ROWS_OF_RULE))
        of_rule.add(finding, finding.first_seen.toordinal(), is_new=is_new)
        if finding.owner_id in self.owners:
            self.owners[finding.owner_id].append(finding)

    def owner(self, owner_id: str | None) -> str:
        """An owner's name, or the id if the CRM has no name."""
        if not owner_id:
            return "nobody"
        return self.users.get(owner_id, (None, None))[0] or owner_id

    def all_rows(self, connection: Connection) -> Iterable[Sequence[object]]:
        """Every open finding, with a header. Each is counted on the way."""
        yield ("record_type", "record_id", "rule", "severity", "field", "detail", "owner_id",
               "owner", "owner_team", "first_seen", "last_seen", "remedy")  # fmt: skip
        for f in open_findings(connection):
            self.add(f)
            yield (f.record_type, f.record_id, f.rule, f.severity, f.field, f.detail, f.owner_id,
                   self.owner(f.owner_id), f.owner_team, f.first_seen, f.last_seen,
                   f.remedy)  # fmt: skip

    def stage_rows(self, connection: Connection) -> Iterable[Sequence[object]]:
        """Every deal in a stage whose criteria it does not meet, with a header."""
        yield "owner_id", "owner", "stage", "criterion", "opportunity_id", "amount"
        for rows in batches(connection, _STAGE_ROWS):
            for owner, stage, criterion, deal, amount in rows:
                yield owner, self.owner(owner), stage, criterion, deal, amount


def page_of(data: Data, url_template: str) -> str:
    """The page as HTML."""
    severities = data.severities
    by_severity = ", ".join(
        f"{severities[s]:,} {s}" for s in ("block", "warn", "info") if severities[s]
    )
    parts = [
        f"<h1>What can't be trusted</h1><p class=soft>As of {data.as_of}. "
        f"{severities.total():,} open findings{f' ({by_severity})' if by_severity else ''}, "
        f"{data.new_count:,} first seen on that day, {data.closed.total():,} closed. "
        'The whole list: <a href="findings.csv">findings.csv</a>.</p>',
        '<nav aria-label="Parts of the page"><a href="#fields">Four fields</a>'
        '<a href="#rules">By rule</a><a href="#owners">By owner</a>'
        '<a href="#stages">Stage entry</a></nav>',
        _fields(data),
        _rules(data, url_template),
        _owners(data, url_template),
        _stages(data, url_template),
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Findings as of {data.as_of}</title><style>{_STYLE}</style></head>"
        f"<body><main>{''.join(parts)}</main></body></html>\n"
    )


def _fields(data: Data) -> str:
    by_field: dict[str, list[tuple[dt.date, int, int]]] = defaultdict(list)
    for field, week, count, wrong in data.weeks:
        by_field[field].append((week, int(count), int(wrong)))
    rows = []
    for field, label in FIELDS.items():
        weeks = by_field.get(field, [])
        if not weeks:
            continue
        rates = [1 - wrong / count for _, count, wrong in weeks if count]
        _, count, wrong = weeks[-1]
        change = f"{(rates[-1] - rates[-2]) * 100:+.1f} points" if len(rates) > 1 else ""
        rows.append(
            f"<tr><th scope=row>{label}</th><td class=n>{count:,}</td><td class=n>{wrong:,}</td>"
            f"<td class=n>{_percent(rates[-1])}</td><td class=n>{change}</td>"
            f"<td>{_line(rates, f'{label}: share right, week by week')}</td></tr>"
        )
    table = _table(
        ("Field", "Open deals", "Wrong", "Right", "Against last week", "Trend"), rows, (1, 2, 3, 4)
    )
    bars = _bars(
        [(week, int(count)) for week, count in data.trend], "Open findings, week by week"
    )
    return (
        "<h2 id=fields>The four fields on every open deal</h2>"
        + (table if rows else "<p>No deal is open.</p>")
        + (f"<h2>Open findings, week by week</h2>{bars}" if bars else "")
    )


def _rules(data: Data, url_template: str) -> str:
    parts = ["<h2 id=rules>By rule</h2>"]
    if not data.rules:
        parts.append("<p>Nothing is open.</p>")
    rows, sections = [], []
    for rule, findings in data.rules.items():
        one = findings.shown[0]
        rows.append(
            f'<tr><th scope=row><a href="#rule-{_id(rule)}">{_text(one.title)}</a></th>'
            f"<td class={_id(one.severity)}>{_text(one.severity)}</td>"
            f"<td>{_text(one.owner_team)}</td><td class=n>{findings.count:,}</td>"
            f"<td class=n>{findings.new_count:,}</td><td class=n>{data.closed[rule]:,}</td></tr>"
        )
        lines = [
            f"<tr><td>{_record_of(f, url_template)}</td>"
            f"<td>{_text(f.detail)}</td><td>{_text(data.owner(f.owner_id))}</td>"
            f"<td class=n>{f.first_seen}</td></tr>"
            for f in findings.shown
        ]
        sections.append(
            f"<details><summary><h3>{_text(one.title)}</h3> "
            f"<span class=soft>{findings.count:,} · <code>{_text(rule)}</code></span></summary>"
            # The anchor is inside the folded part, so that a link to it opens that.
            f"<p class=do id=rule-{_id(rule)}><b>What to do:</b> {_text(one.remedy)}</p>"
            + _table(("Record", "What is wrong", "Owner", "First seen"), lines, (3,))
            + _more(findings.count, ROWS_OF_RULE, "findings.csv")
            + "</details>"
        )
    if rows:
        heads = ("Rule", "Severity", "Who acts", "Open", "New", "Closed")
        parts.append(_table(heads, rows, (3, 4, 5)))
    return "".join(parts + sections)


def _owners(data: Data, url_template: str) -> str:
    rates = {(owner, field): rate for owner, field, _, rate in data.owner_rates}
    counts = {owner: count for owner, _, count, _ in data.owner_rates}
    ranked = sorted(data.owner_counts, key=lambda owner: (-data.owner_counts[owner], owner))
    rows, sections = [], []
    for owner in ranked[:OWNERS]:
        count, findings = data.owner_counts[owner], data.owners.get(owner)
        cells = "".join(f"<td class=n>{_percent(rates.get((owner, f)))}</td>" for f in FIELDS)
        team = data.users.get(owner, (None, None))[1] or ""
        name = _text(data.owner(owner))
        if findings:
            name = f'<a href="#owner-{_id(owner)}">{name}</a>'
        rows.append(
            f"<tr><th scope=row>{name}</th>"
            f"<td>{_text(team)}</td><td class=n>{counts.get(owner, 0):,}</td>"
            f"<td class=n>{count:,}</td>{cells}</tr>"
        )
        if not findings:
            continue
        lines = [
            f"<tr><td>{_record_of(f, url_template)}</td><td class=n>{_money(f)}</td>"
            f"<td>{_text(f.title)}: {_text(f.detail)}</td>"
            f"<td>{_text(f.owner_team)}</td><td>{_text(f.remedy)}</td></tr>"
            for f in sorted(findings, key=_place)
        ]
        sections.append(
            f"<details><summary><h3>{_text(data.owner(owner))}</h3> "
            f"<span class=soft>{count:,} finding{'s' if count > 1 else ''}</span></summary>"
            f"<div id=owner-{_id(owner)}>"
            + _table(("Record", "Amount", "What is wrong", "Who acts", "What to do"), lines, (1,))
            + "</div></details>"
        )
    heads = ("Owner", "Team", "Open deals", "Findings", *(f"{v} right" for v in FIELDS.values()))
    table = _table(heads, rows, tuple(range(2, 8))) if rows else "<p>No finding has an owner.</p>"
    more = _more(len(ranked), OWNERS, "findings.csv", "owners")
    if any(owner not in data.owners for owner in ranked):
        more += (
            "<p class=soft>The findings of an owner without a link are in "
            '<a href="findings.csv">findings.csv</a>: they no longer fit here.</p>'
        )
    return f"<h2 id=owners>By owner</h2>{table}{more}{''.join(sections)}"


def _place(finding: Finding) -> tuple[bool, bool, Decimal, str, str]:
    """Where a finding stands among its owner's: first what the owner can put right, the largest
    amounts first."""
    amount = finding.amount
    return (
        finding.owner_team != TEAM_OF_OWNERS,
        amount is None,
        -(amount or Decimal(0)),
        finding.record_id,
        finding.rule,
    )


def _money(finding: Finding) -> str:
    if finding.deal_amount is None:
        return ""
    return f"{finding.deal_amount:,.2f}&nbsp;{_text(finding.currency)}"


def _record_of(finding: Finding, url_template: str) -> str:
    """A finding's record, with the name of a deal that has one."""
    record = _record(finding.record_type, finding.record_id, url_template)
    return f"{_text(finding.deal_name)}<br>{record}" if finding.deal_name else record


def _stages(data: Data, url_template: str) -> str:
    if not data.stage_row_count:
        return (
            "<h2 id=stages>Stage entry</h2><p>Every open deal meets the criteria of its stage.</p>"
        )
    stages = [
        f"<tr><td>{_text(stage)}</td><td>{_text(criterion)}</td><td class=n>{count:,}</td></tr>"
        for stage, criterion, count in data.stages
    ]
    owners = [
        f"<tr><td>{_text(data.owner(owner))}</td><td class=n>{count:,}</td></tr>"
        for owner, count in data.stage_owners
    ]
    lines = [
        f"<tr><td>{_record('opportunity', deal, url_template)}</td><td>{_text(stage)}</td>"
        f"<td>{_text(criterion)}</td><td>{_text(data.owner(owner))}</td></tr>"
        for owner, stage, criterion, deal, _ in data.stage_deals
    ]
    return (
        f"<h2 id=stages>Stage entry</h2><p>{data.stage_deal_count:,} open deals stand in a stage "
        "whose entry criteria they do not meet. A validation rule in the CRM on the stages below "
        "would have stopped them at the door. The whole list: "
        '<a href="stage_entry.csv">stage_entry.csv</a>.</p>'
        + _table(("Stage", "Criterion not met", "Deals"), stages, (2,))
        + "<h2>Stage entry by owner</h2>"
        + _table(("Owner", "Deals"), owners, (1,))
        + "<details><summary><h3>The deals</h3></summary>"
        + _table(("Record", "Stage", "Criterion not met", "Owner"), lines)
        + _more(data.stage_row_count, ROWS_OF_STAGES, "stage_entry.csv")
        + "</details>"
    )


def _table(heads: Sequence[str], rows: Sequence[str], numbers: Sequence[int] = ()) -> str:
    head = "".join(
        f"<th scope=col{' class=n' if place in numbers else ''}>{_text(name)}</th>"
        for place, name in enumerate(heads)
    )
    return (
        f"<div class=scroll><table><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(_labelled(row, heads) for row in rows)}</tbody></table></div>"
    )


def _labelled(row: str, heads: Sequence[str]) -> str:
    """A row whose cells say which column they are of: on a phone they stand below one another.

    Everything from the CRM is escaped, so a `<td` is a cell.
    """
    first, *cells = row.split("<td")
    skipped = 1 if "<th" in first else 0
    return first + "".join(
        f'<td data-label="{_text(heads[place + skipped])}"{cell}'
        for place, cell in enumerate(cells)
    )


def _more(count: int, shown: int, file: str, what: str = "rows") -> str:
    if count <= shown:
        return ""
    return f'<p class=soft>… and {count - shown:,} more {what} in <a href="{file}">{file}</a>.</p>'


def _record(record_type: str, record_id: str, url_template: str) -> str:
    shown = f"<code>{_text(record_id)}</code>"
    link = record_link(url_template, record_id)
    if link and record_type not in ("table", "mart", "pipeline_source", "coverage", "test"):
        shown = f'<a href="{_text(link)}" rel="noreferrer">{shown}</a>'
    return f"<span class=soft>{_text(record_type)}</span> {shown}"


def _line(values: Sequence[float], label: str) -> str:
    """A line chart by week, scaled between its lowest and highest value."""
    if len(values) < 2:
        return ""
    low, high = min(values), max(values)
    spread = (high - low) or 1
    points = " ".join(
        f"{2 + 116 * place / (len(values) - 1):.1f},{22 - 18 * (value - low) / spread:.1f}"
        for place, value in enumerate(values)
    )
    words = f"{label}: from {_percent(values[0])} to {_percent(values[-1])}"
    return (
        f'<svg role=img aria-label="{_text(words)}" width=120 height=26 viewBox="0 0 120 26">'
        f'<polyline points="{points}"/></svg>'
    )


def _bars(weeks: Sequence[tuple[dt.date, int]], label: str) -> str:
    if len(weeks) < 2:
        return ""
    most = max(count for _, count in weeks) or 1
    width = 600 / len(weeks)
    bars = "".join(
        f'<rect x="{place * width + 1:.1f}" y="{80 - 78 * count / most:.1f}" '
        f'width="{width - 2:.1f}" height="{78 * count / most:.1f}">'
        f"<title>week of {week}: {count:,}</title></rect>"
        for place, (week, count) in enumerate(weeks)
    )
    words = f"{label}: {weeks[0][1]:,} in the week of {weeks[0][0]}, {weeks[-1][1]:,} now"
    return (
        f'<svg role=img aria-label="{_text(words)}" width="100%" height=80 viewBox="0 0 600 80" '
        f'preserveAspectRatio="none">{bars}</svg><p class=soft>{_text(words)}.</p>'
    )


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share * 100:.1f}&nbsp;%"


def _text(value: object) -> str:
    return html.escape("" if value is None else str(value), quote=True)


def _id(text: str) -> str:
    """Only the letters and digits of a text, so that it is safe in an attribute."""
    return "".join(
        c if c.isascii() and (c.isalnum() or c == "_") else f"-{ord(c):x}-" for c in text
    )


def _write_csv(path: Path, rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as handle:
        csv.writer(handle, lineterminator="\n").writerows(
            [_cell(value) for value in row] for row in rows
        )


def _cell(value: object) -> object:
    """A value changed so that no spreadsheet takes it for a formula."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return value
