"""Part 1, health: coverage, stages, speed, what moved, and what is at risk."""

from collections import Counter

from pipegen.review import charts, words
from pipegen.review.blocks import Exhibit, Section
from pipegen.review.charts import Bar
from pipegen.review.context import Context
from pipegen.review.owners import named
from pipegen.review.published import Published, Row
from pipegen.review.sections import creation
from pipegen.review.sections.pipeline import STEP_COLUMNS, in_words, steps
from pipegen.review.tables import PageColumn, table

RISKS = ("stalled", "overdue", "pushed", "inactive")

# The quarters of coverage's picture; its table has them all.
NEAR_QUARTERS = 2

# In the order in which they are said, of one cell and of several.
COVERAGE_STATUSES = {
    "behind": ("is behind what is due by now", "are behind what is due by now"),
    "too_late": (
        "can no longer get what is missing in time",
        "can no longer get what is missing in time",
    ),
    "on_course": ("is on course", "are on course"),
    "covered": ("is covered", "are covered"),
    "met": ("has met its quota", "have met their quota"),
    "not_due": ("has nothing due yet", "have nothing due yet"),
}


def section(published: Published, context: Context) -> Section:
    """Whether the pipeline is healthy; run by sales or RevOps."""
    return Section(
        id="health",
        title="Part 1: health of the pipeline",
        lead="Presented by sales or RevOps.",
        minutes=context.meeting.minutes_of("health"),
        exhibits=[
            _coverage(published, context),
            _risk(published, context),
            _movement(published, context),
            _stages(published, context),
            creation.sources(published, context),
            creation.close_quarters(published, context),
            creation.cohorts(published, context),
            creation.owners(published, context),
            creation.reasons(published, context),
            _quarter_movement(published, context),
            _conversion(published, context),
            _velocity(published),
            _coverage_then(published),
        ],
    )


def _coverage(published: Published, context: Context) -> Exhibit:
    mart = "marts.pipeline_coverage"
    rows = published.rows(
        f"select * from {mart} order by quarter_start_date, segment = 'all', segment, "
        "motion = 'all', motion desc"
    )
    cells = [row for row in rows if row["segment"] != "all"]
    planned = [row for row in cells if row["quota"] is not None]
    which = (
        PageColumn("fiscal_quarter", "Quarter"),
        PageColumn("segment", "Segment", "name"),
        PageColumn("motion", "Motion", "name"),
    )
    columns = (
        *which,
        PageColumn("status", "Status", "name"),
        PageColumn("open_amount", "Open, no renewals", "money"),
        PageColumn("required", "Required", "money"),
        PageColumn("gap", "Gap", "money"),
        PageColumn("due", "Due by now", "money"),
        PageColumn("behind_by", "Behind by", "money"),
        PageColumn("too_late_gap", "Gap, too late", "money"),
        PageColumn("create_by", "Create by", "day"),
        PageColumn("weeks_left", "Weeks left", "count"),
        PageColumn("weekly_creation_needed", "To create a week", "money"),
    )
    because = (
        *which,
        PageColumn("quota", "Quota", "money"),
        PageColumn("won_amount", "Won, no renewals", "money"),
        PageColumn("remaining", "Remaining", "money"),
        PageColumn("coverage", "Coverage", "number"),
        PageColumn("required_coverage", "Required coverage", "number"),
        PageColumn("adjusted_coverage", "Adjusted coverage", "number"),
        PageColumn("win_rate", "Win rate, smoothed", "share"),
        PageColumn("win_rate_raw", "Win rate, raw", "share"),
        PageColumn("closed_count", "Closed", "count"),
        PageColumn("median_cycle_days", "Median cycle, days", "days"),
    )
    near = sorted({row["quarter_start_date"] for row in rows})[:NEAR_QUARTERS]
    summed: dict[tuple[str, str], list[Row]] = {}
    for row in planned:
        if row["quarter_start_date"] in near:
            summed.setdefault((row["fiscal_quarter"], row["segment"]), []).append(row)
    bars = [
        bar
        for (quarter, segment), members in summed.items()
        for bar in _coverage_bars(f"{words.name(segment)}, {quarter[-2:]}", members)
    ]
    return Exhibit(
        id="coverage",
        title="Coverage by segment and quarter",
        says=_of_coverage(planned),
        drawing=charts.bars(
            "coverage",
            "Open pipeline against what is due by now and what is required, by segment, this "
            "quarter and the next, no renewals",
            "; ".join(
                f"{bar.label}: {bar.text} {'open' if bar.series == '1' else 'due'}"
                for bar in bars
                if bar.text
            ),
            bars,
            legend=(
                ("open: enough for the quarter", "green"),
                ("open: on course, or nothing due", "blue"),
                ("open: behind, or too late", "orange"),
                ("required: due by now", "grey"),
                ("required: not yet due", "sky"),
            ),
        ),
        tables=(
            table(published, "coverage", "Coverage, no renewals", mart, columns, rows),
            table(published, "coverage-basis", "What it rests on", mart, because, rows),
        ),
        terms=("coverage", "required", "due", "gap", "create-by", "win-rate", "cycle"),
    )


def _of_coverage(planned: list[Row]) -> str:
    """How many cells are in which state, and what the picture below shows."""
    if not planned:
        return "No quota is set (seed quotas), so there is nothing to cover."
    statuses = Counter(row["status"] for row in planned)
    said = [
        f"{statuses[status]} {meaning[statuses[status] != 1]}"
        for status, meaning in COVERAGE_STATUSES.items()
        if statuses[status]
    ]
    quarters = len({row["fiscal_quarter"] for row in planned})
    return (
        f"Of {words.plural(len(planned), 'cell')} with a quota (segment, motion and quarter, over "
        f"{words.plural(quarters, 'quarter')}): {words.listed(said)}. Pipeline for a quarter is "
        "due little by little, by your own cycle; what is not yet due is not missing."
    )


def _coverage_bars(label: str, members: list[Row]) -> list[Bar]:
    """What is open of a segment in a quarter, and below it what of the required is due, and not."""
    open_, required, due, behind, gap = (
        sum(float(row[column]) for row in members)
        for column in ("open_amount", "required", "due", "behind_by", "gap")
    )
    colour = "green" if not gap else "orange" if behind else "blue"
    return [
        Bar(label, open_, words.short(open_), colour=colour, series="1"),
        Bar(label, due, "", colour="grey", series="2"),
        Bar(
            label,
            required,
            f"{words.short(due)} of {words.short(required)}",
            due,
            colour="sky",
            series="2",
        ),
    ]


def _coverage_then(published: Published) -> Exhibit:
    mart = "marts.coverage_history"
    rows = published.rows(f"select * from {mart} order by quarter_start_date desc")
    columns = (
        PageColumn("fiscal_quarter", "Quarter"),
        PageColumn("history_date", "On", "day"),
        PageColumn("quota", "Quota", "money"),
        PageColumn("won_amount", "Won by then", "money"),
        PageColumn("remaining", "Remaining", "money"),
        PageColumn("open_amount", "Open", "money"),
        PageColumn("coverage", "Coverage", "number"),
        PageColumn("final_won_amount", "Won by its end", "money"),
    )
    if not rows:
        says = "No earlier quarter has a history that reaches back to this day of it."
    else:
        last = rows[0]
        says = (
            f"On {words.day(last['history_date'])}, as long before the end of "
            f"{last['fiscal_quarter']} as we are before the end of this quarter, "
            f"{words.short(last['won_amount'])} was won and "
            f"{words.short(last['open_amount'])} open; by its end "
            f"{words.short(last['final_won_amount'])} was won. No renewals."
        )
    bars = [
        Bar(row["fiscal_quarter"], float(row[column]), text + words.short(row[column]), 0, colour,
            series)
        for row in rows
        for series, column, colour, text in (
            ("1", "won_amount", "sky", "won by then "),
            ("2", "final_won_amount", "green", "won by its end "),
            ("3", "open_amount", "blue", "open then "),
        )
    ]  # fmt: skip
    return Exhibit(
        id="coverage-then",
        title="On this day of earlier quarters",
        says=says,
        drawing=charts.bars(
            "coverage-then",
            "Won and open on the same day of earlier quarters, and won by their end",
            "; ".join(f"{bar.label}: {bar.text}" for bar in bars),
            bars,
            legend=(("won by then", "sky"), ("won by its end", "green"), ("open then", "blue")),
        ),
        tables=(
            table(published, "coverage-then", "Coverage then, no renewals", mart, columns, rows),
        ),
        terms=("coverage", "won", "open"),
        is_folded=True,
    )


def _stages(published: Published, context: Context) -> Exhibit:
    mart = "marts.stage_distribution_history"
    rows = published.rows(
        f"select * from {mart} where days_back in (0, ?) order by stage_order, stage, days_back",
        context.meeting.lookback_days,
    )
    columns = (
        PageColumn("snapshot_date", "Day", "day"),
        PageColumn("stage_order", "Order", "count"),
        PageColumn("stage", "Stage", "name"),
        PageColumn("opportunity_count", "Deals", "count"),
        PageColumn("amount", "Amount", "money"),
        PageColumn("share_of_amount", "Share of the amount", "share"),
    )
    stages: dict[str, dict[bool, Row]] = {}
    for row in rows:
        stages.setdefault(row["stage"], {})[row["days_back"] == 0] = row
    bars = []
    for stage, days in stages.items():
        for is_now, colour in ((True, "blue"), (False, "sky")):
            amount = float(days[is_now]["amount"]) if is_now in days else 0.0
            share = days[is_now]["share_of_amount"] if is_now in days else None
            text = words.short(amount) + (f", {words.share(share)}" if share is not None else "")
            bars.append(Bar(words.name(stage), amount, text, 0, colour, str(not is_now)))
    last = words.day(context.since)
    if not rows:
        says = f"No deal is in the reconciled pipeline, and none was on {last}."
    else:
        now, then = (
            sum(float(days[is_now]["amount"]) for days in stages.values() if is_now in days)
            for is_now in (True, False)
        )
        says = (
            f"{words.short(now)} in the reconciled pipeline, {words.short(then)} on {last}, "
            f"{context.meeting.lookback_days} days before. Shares are of the day's amount."
        )
    return Exhibit(
        id="stages",
        title="Stages, now and last time",
        says=says,
        drawing=charts.bars(
            "stages",
            f"Reconciled pipeline by stage, now and on {last}",
            "; ".join(f"{bar.label} {bar.text}" for bar in bars),
            bars,
            legend=(("now", "blue"), (last, "sky")),
        ),
        tables=(table(published, "stages", "Stages", mart, columns, rows),),
        terms=("reconciled",),
    )


def _conversion(published: Published, context: Context) -> Exhibit:
    mart = "marts.stage_conversion"
    rows = published.rows(f"select * from {mart} order by stage_order, stage")
    columns = (
        PageColumn("stage_order", "Order", "count"),
        PageColumn("stage", "Stage", "name"),
        PageColumn("entered_count", "Entered", "count"),
        PageColumn("converted_count", "Went on", "count"),
        PageColumn("conversion_rate", "Share", "share"),
        PageColumn("previous_entered_count", "Entered before", "count"),
        PageColumn("previous_converted_count", "Went on before", "count"),
        PageColumn("previous_conversion_rate", "Share before", "share"),
    )
    entered = [row for row in rows if row["conversion_rate"] is not None]
    if not entered:
        says = f"No deal has entered a stage in {context.quarter} yet."
    else:
        least = min(entered, key=lambda row: row["conversion_rate"])
        says = (
            f"Of the deals that entered a stage in {context.quarter}, the fewest have gone on from "
            f"{words.name(least['stage'])}: {words.share(least['conversion_rate'])} of "
            f"{least['entered_count']:,}"
            + (
                ""
                if least["previous_conversion_rate"] is None
                else f"; in the same days of the quarter before it was "
                f"{words.share(least['previous_conversion_rate'])}"
            )
            + "."
        )
    return Exhibit(
        id="stage-conversion",
        title="Stage conversion, against the same days of the quarter before",
        says=says,
        drawing=charts.bars(
            "stage-conversion",
            f"Share of the deals that entered each stage in {context.quarter} and went on",
            "; ".join(
                f"{words.name(row['stage'])} {words.share(row['conversion_rate'])}, before "
                f"{words.share(row['previous_conversion_rate'])}"
                for row in entered
            ),
            [
                Bar(
                    words.name(row["stage"]),
                    row["conversion_rate"],
                    f"{words.share(row['conversion_rate'])} of {row['entered_count']:,}",
                    mark=row["previous_conversion_rate"],
                )
                for row in entered
            ],
            mark_legend="same days of the quarter before",
            percent=True,
        ),
        tables=(table(published, "stage-conversion", "Stage conversion", mart, columns, rows),),
        terms=("stage-conversion",),
        is_folded=True,
    )


def _movement(published: Published, context: Context) -> Exhibit:
    mart = "marts.review_movements"
    rows = published.rows(
        f"select * from {mart} where days_back = ? order by step_order",
        context.meeting.lookback_days,
    )
    return Exhibit(
        id="movement",
        title=f"What moved since {words.day(context.since)}",
        says=_moved(rows),
        drawing=_way("movement", "What moved since the last review", rows),
        tables=(table(published, "movement", "What moved", mart, STEP_COLUMNS, rows),),
        terms=("movement", "reconciled"),
    )


def _quarter_movement(published: Published, context: Context) -> Exhibit:
    mart = "marts.pipeline_movements"
    # On the quarter's last day, and if the quarter began this week, the two would be the same list.
    rows = published.rows(
        f"select * from {mart} where to_date = ? and from_date = ? - 1 and scope = ? "
        "order by step_order",
        context.as_of,
        context.quarter_start,
        context.quarter,
    )
    return Exhibit(
        id="quarter-movement",
        title=f"What moved in and out of {context.quarter}",
        says=_moved(rows),
        drawing=_way("quarter-movement", f"What moved in and out of {context.quarter}", rows),
        tables=(
            table(
                published,
                "quarter-movement",
                f"Deals closing in {context.quarter}, since it began",
                mart,
                STEP_COLUMNS,
                rows,
            ),
        ),
        terms=("movement",),
        is_folded=True,
    )


def _moved(rows: list[Row]) -> str:
    if not rows or not any(row["opportunity_count"] or row["amount"] for row in rows):
        return "Nothing was there before, and nothing has been added."
    by_step = {row["step"]: row for row in rows}
    opening, closing = by_step["opening"], by_step["closing"]
    change = closing["amount"] - opening["amount"]
    return (
        f"From {words.short(opening['amount'])} to {words.short(closing['amount'])} "
        f"({'+' if change >= 0 else ''}{words.short(change)}), renewals included: "
        f"newly qualified {words.short(by_step['created']['amount'])}; "
        f"won {words.short(-by_step['won']['amount'])} and "
        f"lost {words.short(-by_step['lost']['amount'])}, at their amounts on "
        f"{words.day(opening['from_date'])}."
    )


def _way(id_: str, title: str, rows: list[Row]) -> charts.Drawing | None:
    return charts.waterfall(id_, title, in_words(rows), steps(rows)) if rows else None


def _velocity(published: Published) -> Exhibit:
    mart = "marts.source_velocity"
    rows = published.rows(
        f"select * from {mart} order by velocity_amount desc nulls last, pipeline_source"
    )
    columns = (
        PageColumn("pipeline_source", "Source", "name"),
        PageColumn("opportunity_count", "Open deals", "count"),
        PageColumn("mean_amount", "Mean amount", "money"),
        PageColumn("closed_count", "Closed", "count"),
        PageColumn("win_rate", "Win rate, smoothed", "share"),
        PageColumn("mean_cycle_days", "Mean cycle, days", "days"),
        PageColumn("velocity_amount", "A day", "money"),
        PageColumn("won_count", "Won", "count"),
        PageColumn("median_days_to_win", "Median days to win", "days"),
        PageColumn("previous_won_count", "Won before", "count"),
        PageColumn("previous_median_days_to_win", "Median days to win before", "days"),
    )
    measured = [row for row in rows if row["velocity_amount"] is not None]
    if measured:
        says = (
            f"{words.name(measured[0]['pipeline_source'])} is fastest: its open pipeline yields "
            f"{words.short(measured[0]['velocity_amount'])} a day."
        )
    else:
        says = "No source has both open deals and won ones to take a pace from."
    return Exhibit(
        id="velocity",
        title="Velocity by source",
        says=says,
        drawing=charts.bars(
            "velocity",
            "What the open pipeline of each source yields per day",
            "; ".join(
                f"{words.name(row['pipeline_source'])} {words.short(row['velocity_amount'])}"
                for row in measured
            ),
            [
                Bar(
                    words.name(row["pipeline_source"]),
                    float(row["velocity_amount"]),
                    words.short(row["velocity_amount"]),
                )
                for row in measured
            ],
        ),
        tables=(table(published, "velocity", "Velocity", mart, columns, rows),),
        terms=("velocity", "win-rate", "cycle", "source"),
        is_folded=True,
    )


def _risk(published: Published, context: Context) -> Exhibit:
    mart = "marts.deals_at_risk"
    # Accounts and owners with their names, because people look for a deal by them.
    rows = published.rows(
        f"""
        select risks.*, accounts.account_name, named.opportunity_name,
            {named("risks.owner_id")} as owner_name
        from {mart} as risks
        left join core.dim_opportunities as named on risks.opportunity_id = named.opportunity_id
        left join core.fct_opportunities as deals on risks.opportunity_id = deals.opportunity_id
        left join core.dim_accounts as accounts on deals.account_id = accounts.account_id
        left join core.dim_users as users on risks.owner_id = users.user_id
        order by risks.in_reconciled desc, risks.amount desc nulls last, risks.opportunity_id
        """
    )
    columns = (
        PageColumn(
            "opportunity_name",
            "Deal",
            meaning="What people call the deal; nothing where names are masked. Current.",
        ),
        PageColumn("account_name", "Account", meaning="Name of the account in the CRM. Current."),
        PageColumn(
            "owner_name",
            "Owner",
            meaning="Owner of the deal by name; by id where names are masked.",
        ),
        PageColumn("amount", "Amount", "money"),
        PageColumn("reasons", "Reasons"),
        PageColumn("stage", "Stage", "name"),
        PageColumn("days_in_stage", "Days in stage", "days"),
        PageColumn("close_date", "Close date", "day"),
        PageColumn("last_worked_date", "Last worked", "day"),
        PageColumn("in_reconciled", "Reconciled", "flag"),
        PageColumn("opportunity_id", "Id"),
    )
    # Never added up: what is not in the reconciled pipeline is no risk to it.
    sums = at_risk(published)
    counted, others = sums[True], sums[False]
    if not rows:
        says = "No open deal is at risk."
    else:
        says = (
            (
                f"{words.plural(counted['deals'], 'reconciled deal')} worth "
                f"{words.short(counted['amount'])} at risk, for one or more reasons. "
                if counted["deals"]
                else "No reconciled deal is at risk. "
            )
            + f"Counted apart: {words.plural(others['deals'], 'open deal')} at risk outside the "
            f"reconciled pipeline, worth {words.short(others['amount'])}."
        )
    return Exhibit(
        id="risk",
        title="Deals at risk",
        says=says,
        drawing=charts.bars(
            "risk",
            "Amount of reconciled deals at risk, by reason",
            "; ".join(
                f"{risk}: {counted[f'{risk}_count']} deals, "
                f"{words.short(counted[f'{risk}_amount'])}"
                for risk in RISKS
            ),
            [
                Bar(
                    words.name(risk),
                    float(counted[f"{risk}_amount"]),
                    f"{words.short(counted[f'{risk}_amount'])}, "
                    + words.plural(counted[f"{risk}_count"], "deal")
                    if counted[f"{risk}_count"]
                    else "none",
                    colour="orange",
                )
                for risk in RISKS
            ],
        ),
        tables=(table(published, "risk", "Deals at risk", mart, columns, rows),),
        terms=("at-risk",),
    )


def at_risk(published: Published) -> dict[bool, Row]:
    """Deals and amount at risk, in all and by reason: reconciled ones (True), and the others."""
    sums = ", ".join(
        f"count(*) filter (is_{risk}) as {risk}_count, "
        f"coalesce(sum(amount) filter (is_{risk}), 0) as {risk}_amount"
        for risk in RISKS
    )
    return {
        is_counted: published.row(
            f"select count(*) as deals, coalesce(sum(amount), 0) as amount, {sums} "
            "from marts.deals_at_risk where in_reconciled = ?",
            is_counted,
        )
        for is_counted in (True, False)
    }
