"""Below the meeting: benchmarks, the plan, hygiene, earlier reports, the raw tables read."""

from decimal import Decimal

from pipegen.review import charts, words
from pipegen.review.blocks import Exhibit, Section
from pipegen.review.charts import Bar
from pipegen.review.context import Context
from pipegen.review.owners import named
from pipegen.review.published import Published, Row
from pipegen.review.tables import PageColumn, PageTable, table

# What every run changes, even if the pipeline is the same.
RUNS = "runs"
MOST_RUNS = 30

# These differ in lightness too, for people with colour blindness.
RUN_COLOURS = {"published": "blue", "refused": "sky", "failed": "orange", "died": "grey"}

CAPACITY_COLOURS = {True: "blue", False: "orange", None: "grey"}

# In the order in which they are said.
PLAN_STATUSES = {
    "capacity": "a team is asked for more than its ramped heads can create",
    "creation": "less has been created than the target to date",
    "projection": "less is expected to be won than the quota",
    "not_planned": "quota, shares, targets or a cell of the plan is missing",
    "target_unknown": "the creation target is still to be derived",
    "credible": "nothing that is known speaks against the plan",
}


def section(published: Published, context: Context) -> Section:
    """What the numbers are based on."""
    return Section(
        id="below",
        title="Below the line",
        lead="For anyone who wants to know what the numbers are based on.",
        exhibits=[
            _plan(published),
            _benchmarks(published),
            _hygiene(published),
            _restated(published, context),
            _read(published),
            _runs(published),
        ],
    )


def _plan(published: Published) -> Exhibit:
    mart = "marts.plan_credibility"
    rows = published.rows(f"select * from {mart} order by quarter_start_date")
    columns = (
        PageColumn("fiscal_quarter", "Quarter"),
        PageColumn("status", "Status", "name"),
        PageColumn("creation_target", "Creation target", "money"),
        PageColumn("created_amount", "Created", "money"),
        PageColumn("capacity_amount", "Capacity", "money"),
        PageColumn("quota", "Quota", "money"),
        PageColumn("won_amount", "Won", "money"),
    )
    return Exhibit(
        id="plan",
        title="Capacity and plan",
        says=_of_plan(rows),
        drawing=charts.bars(
            "plan",
            "Capacity of ramped heads against the creation target of each quarter",
            "; ".join(
                f"{row['fiscal_quarter']}: capacity {words.short(row['capacity_amount'])}, "
                f"target {words.short(row['creation_target'])}"
                for row in rows
            ),
            [
                Bar(
                    row["fiscal_quarter"],
                    float(row["capacity_amount"] or 0),
                    _against(row["capacity_amount"], row["creation_target"]),
                    colour=CAPACITY_COLOURS[row["capacity_ok"]],
                    mark=(
                        None if row["creation_target"] is None
                        else float(row["creation_target"])
                    ),
                )
                for row in rows
            ],
            legend=(("every team has enough", "blue"), ("a team is short", "orange"),
                    ("not known", "grey")),
            mark_legend="creation target",
        ),
        tables=(
            table(published, "plan", "Plan by quarter", mart, columns, rows),
            _teams(published),
        ),
        terms=("plan",),
        is_folded=True,
    )  # fmt: skip


def _of_plan(rows: list[Row]) -> str:
    """Which quarters' plans hold, which do not, and of which nobody can tell."""
    if not any(row["quota"] is not None or row["creation_target"] is not None for row in rows):
        return "No capacity, target or quota is set, so there is no plan to compare with."
    of_status: dict[str, list[str]] = {}
    for row in rows:
        of_status.setdefault(row["status"], []).append(row["fiscal_quarter"])
    said = [
        f"{words.listed(of_status[status])}: {meaning}."
        for status, meaning in PLAN_STATUSES.items()
        if status in of_status
    ]
    return " ".join(said)


def _teams(published: Published) -> PageTable:
    mart = "marts.plan_teams"
    rows = published.rows(f"select * from {mart} order by quarter_start_date, team")
    columns = (
        PageColumn("fiscal_quarter", "Quarter"),
        PageColumn("team", "Team", "name"),
        PageColumn("ramped_heads", "Heads", "number"),
        PageColumn("capacity_amount", "Capacity", "money"),
        PageColumn("asked_amount", "Asked", "money"),
        PageColumn("net_new_per_head", "Own net-new per head", "money"),
        PageColumn("heads_needed", "Heads needed", "number"),
        PageColumn("is_enough", "Enough", "flag"),
    )
    return table(published, "plan-teams", "Plan by team", mart, columns, rows)


def _against(amount: Decimal | None, required: Decimal | None) -> str:
    if amount is None and required is None:
        return "not planned"
    return f"{words.short(amount)} of {words.short(required)}"


def _benchmarks(published: Published) -> Exhibit:
    mart = "marts.benchmark_scorecard"
    rows = published.rows(f"select * from {mart} order by metric, level, period")
    columns = (
        PageColumn("metric", "Metric", "name"),
        PageColumn("level", "Level", "name"),
        PageColumn("period", "Year"),
        PageColumn("origin", "Origin"),
        PageColumn("benchmark_value", "Benchmark", "number"),
        PageColumn("company_value", "Own", "number"),
        PageColumn("difference", "Difference", "number"),
    )
    known = [row for row in rows if row["company_value"] is not None]
    if not rows:
        says = "No benchmark is set (seed benchmarks)."
    elif not known:
        says = f"{words.plural(len(rows), 'benchmark')}; the warehouse has no figure of its own."
    else:
        says = (
            f"{words.plural(len(rows), 'benchmark')}, {len(known)} with your own figure beside "
            "it; of the rest CRM and MAP record nothing."
        )
    return Exhibit(
        id="benchmarks",
        title="Against others",
        says=says,
        tables=(table(published, "benchmarks", "Benchmarks", mart, columns, rows),),
        terms=("benchmark",),
    )


def _hygiene(published: Published) -> Exhibit:
    mart = "marts.hygiene_findings"
    rows = published.rows(
        f"""
        select findings.rule, users.team, {named("findings.owner_id")} as owner_name,
            count(*) as finding_count, min(findings.first_seen) as first_seen
        from {mart} as findings
        left join core.dim_users as users on findings.owner_id = users.user_id
        where findings.is_open
        group by findings.rule, users.team, findings.owner_id, users.user_name
        order by finding_count desc, findings.rule, findings.owner_id
        """
    )
    columns = (
        PageColumn("rule", "Rule", "name"),
        PageColumn(
            "owner_name",
            "Owner",
            meaning="Owner of the record by name; by id where names are masked.",
        ),
        PageColumn("team", "Team", "name", "Team of the owner, from the role in the CRM."),
        PageColumn("finding_count", "Findings", "count", "Open findings of this rule and owner."),
        PageColumn("first_seen", "Since", "day", "As-of day of the run that first found one."),
    )
    failing = published.rows(
        "select failing_criterion, count(*) as deals, coalesce(sum(amount), 0) as amount "
        "from marts.pipeline_views where failing_criterion is not null "
        "group by failing_criterion order by deals desc, failing_criterion"
    )
    failing_columns = (
        PageColumn(
            "failing_criterion",
            "Why",
            "reason",
            "First required criterion that open deals do not meet.",
        ),
        PageColumn("deals", "Open deals", "count", "Open deals that it keeps out of the pipeline."),
        PageColumn("amount", "Amount", "money", "Their amount in corporate currency."),
    )
    total = sum(row["finding_count"] for row in rows)
    kept_out = sum(row["deals"] for row in failing)
    tables = [
        table(published, "criteria", "What keeps open deals out", "marts.pipeline_views",
              failing_columns, failing),
        table(published, "findings", "Open findings by rule and owner", mart, columns, rows),
    ]  # fmt: skip
    tables.insert(0, _four_fields(published))
    if not total and not kept_out:
        says = "No finding is open, and every open deal is qualified."
    else:
        says = (
            (
                f"{words.plural(kept_out, 'open deal is', 'open deals are')} missing what a "
                "qualified deal needs"
                if kept_out
                else "Every open deal is qualified"
            )
            + f"; {words.plural(total, 'finding is', 'findings are')} open."
        )
    return Exhibit(
        id="hygiene",
        title="Hygiene of the fields",
        says=says,
        drawing=charts.bars(
            "hygiene",
            "Open deals that fail a criterion, by the first that fails",
            "; ".join(f"{words.reason(r['failing_criterion'])} {r['deals']}" for r in failing),
            [
                Bar(
                    words.reason(row["failing_criterion"]),
                    row["deals"],
                    words.plural(row["deals"], "deal")
                    # What has no valid amount adds up to nothing that means anything.
                    + ("" if row["amount"] <= 0 else f", {words.short(row['amount'])}"),
                    colour="orange",
                )
                for row in failing
            ],
        ),
        tables=tuple(tables),
        terms=("qualified", "finding"),
        is_folded=True,
    )


def _four_fields(published: Published) -> PageTable:
    """The four fields of the latest week, over all owners."""
    mart = "marts.field_hygiene"
    rows = published.rows(
        "select field, sum(open_count) as open_count, sum(finding_count) as finding_count, "
        f"1 - sum(finding_count) / nullif(sum(open_count), 0) as pass_rate from {mart} "
        f"where week_start = (select max(week_start) from {mart}) group by field order by field"
    )
    columns = (
        PageColumn("field", "Field", "name"),
        PageColumn("open_count", "Open deals", "count"),
        PageColumn("finding_count", "Findings", "count"),
        PageColumn("pass_rate", "Pass", "share"),
    )
    return table(published, "four-fields", "The four fields this week", mart, columns, rows)


def _restated(published: Published, context: Context) -> Exhibit:
    mart = "marts.restatements"
    rows = published.rows(f"select * from {mart} order by restated_at desc, metric, period")
    columns = (
        PageColumn("as_of_date", "As of", "day"),
        PageColumn("metric", "Number", "name"),
        PageColumn("period", "Quarter"),
        PageColumn("previous_reported_at", "Said", "moment"),
        PageColumn("restated_at", "Restated", "moment"),
        PageColumn("old_count", "Deals, old", "count"),
        PageColumn("new_count", "Deals, new", "count"),
        PageColumn("old_amount", "Amount, old", "money"),
        PageColumn("new_amount", "Amount, new", "money"),
        PageColumn("cause", "Cause", "name"),
    )
    reported = published.rows(
        "select * from marts.reported_numbers "
        "order by as_of_date desc, reported_at desc, metric, period"
    )
    reported_columns = (
        PageColumn("as_of_date", "As of", "day"),
        PageColumn("reported_at", "Said", "moment"),
        PageColumn("metric", "Number", "name"),
        PageColumn("period", "Quarter"),
        PageColumn("reported_count", "Deals", "count"),
        PageColumn("reported_amount", "Amount", "money"),
        PageColumn("definitions_version", "Definitions"),
        PageColumn("code_version", "Code"),
    )
    if rows:
        says = f"{words.plural(len(rows), 'reported number')} restated, each with its cause."
    else:
        says = "Nothing that was reported has been restated."
    restated = (table(published, "restated", "Restatements", mart, columns, rows),) if rows else ()
    return Exhibit(
        id="restated",
        title="What was said before",
        says=says,
        tables=(
            *restated,
            table(
                published,
                "reported",
                "Reported numbers",
                "marts.reported_numbers",
                reported_columns,
                reported,
            ),
        ),
        terms=("restatement",),
    )


def _read(published: Published) -> Exhibit:
    mart = "audit.load_audit"
    rows = published.rows(f"select * from {mart} order by system, table_name")
    columns = (
        PageColumn("system", "System", "name"),
        PageColumn("table_name", "Table"),
        PageColumn("is_present", "There", "flag"),
        PageColumn("rows_in", "Rows in", "count"),
        PageColumn("rows_kept", "Kept", "count"),
        PageColumn("rows_deleted", "Deleted", "count"),
        PageColumn("rows_set_aside", "Set aside", "count"),
        PageColumn("missing_columns", "Columns missing"),
    )
    present = [row for row in rows if row["is_present"]]
    aside = sum(row["rows_set_aside"] for row in rows)
    return Exhibit(
        id="read",
        title="What was read",
        says=(
            f"{len(present)} of {len(rows)} tables were there, with "
            f"{words.plural(sum(row['rows_in'] for row in rows), 'row')}; {aside:,} were set aside "
            "with the reason, in audit.quarantined_rows."
        ),
        tables=(table(published, "read", "Tables read", mart, columns, rows),),
        terms=("as-of",),
    )


def _runs(published: Published) -> Exhibit:
    mart = "audit.runs"
    rows = published.rows(f"select * from {mart} order by started_at desc limit {MOST_RUNS}")
    columns = (
        PageColumn("started_at", "Begun", "moment"),
        PageColumn("kind", "Kind", "name"),
        PageColumn("as_of_date", "As of", "day"),
        PageColumn("status", "Ended", "name"),
        PageColumn("duration_seconds", "Seconds", "number"),
        PageColumn("rows_in", "Rows in", "count"),
        PageColumn("rows_out", "Rows out", "count"),
        PageColumn("failed_step", "Failed at", "name"),
    )
    stopped = [row for row in rows if row["status"] != "published"]
    if rows:
        says = f"{len(rows) - len(stopped)} of the last {words.plural(len(rows), 'run')} published"
    else:
        says = "No run is on record"
    if stopped:
        last = stopped[0]
        says += f"; the last that did not began {words.moment(last['started_at'])}"
    return Exhibit(
        id=RUNS,
        title="The last runs, in seconds",
        says=says + ".",
        drawing=charts.bars(
            RUNS,
            "Seconds of the last runs",
            says + ".",
            [
                Bar(
                    # With seconds: two runs may begin in the same minute.
                    f"{row['started_at']:%Y-%m-%d %H:%M:%S}",
                    row["duration_seconds"] or 0.0,
                    f"{row['duration_seconds']:,.0f}"
                    if row["duration_seconds"] is not None
                    else row["status"],
                    colour=RUN_COLOURS[row["status"]],
                )
                for row in rows
            ],
            legend=tuple(RUN_COLOURS.items()),
        ),
        tables=(table(published, "runs", "Runs", mart, columns, rows),) if rows else (),
        terms=("as-of",),
        is_folded=True,
    )
