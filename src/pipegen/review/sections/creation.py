"""What was created: by whom, when it is expected to close, and what has become of it."""

from pipegen.review import charts, words
from pipegen.review.blocks import Exhibit
from pipegen.review.charts import Bar
from pipegen.review.context import Context
from pipegen.review.owners import named
from pipegen.review.published import Published, Row
from pipegen.review.tables import PageColumn, PageTable, table

# Creation quarters in the picture of cohorts: two years and the running one.
COHORTS = 9

# The quarter that the sentence is about lies as many before the running one.
YEAR = 4

# Owners in the picture of the rep scorecard; its table has them all.
MOST_OWNERS = 12


def sources(published: Published, context: Context) -> Exhibit:
    """Net-new by who created it, against the target to date."""
    mart = "marts.source_scorecard"
    rows = published.rows(
        f"select * from {mart} where week_start = (select max(week_start) from {mart}) "
        "order by quarter_to_date desc, pipeline_source"
    )
    columns = (
        PageColumn("pipeline_source", "Source", "name"),
        PageColumn("owner", "Owner"),
        PageColumn("quarter_to_date", "Quarter to date", "money"),
        PageColumn("quarter_target", "Target", "money"),
        PageColumn("attainment", "Of target", "share"),
        PageColumn("pace", "Pace", "share"),
        PageColumn("behind_pct", "Behind", "share"),
        PageColumn("recovery_action_id", "Recovery plan"),
        PageColumn("created_count", "Deals this week", "count"),
        PageColumn("created_amount", "This week", "money"),
        PageColumn("target_amount", "Week's target", "money"),
    )
    behind = [row for row in rows if row["needs_recovery_plan"]]
    created = sum(row["quarter_to_date"] for row in rows)
    mix = words.listed(
        [
            f"{words.name(row['pipeline_source'])} {words.share(row['quarter_to_date'] / created)}"
            for row in rows
            if created and row["quarter_to_date"]
        ]
    )
    if not rows:
        says = "No source has created anything or has a target."
    elif not any(row["quarter_target"] for row in rows):
        says = (
            f"Net-new in {context.quarter} by who created it; no creation target is set (seeds "
            "creation_targets and source_shares)."
        )
    else:
        says = (
            "Behind: "
            + words.listed(
                [
                    f"{words.name(row['pipeline_source'])} by {words.share(row['behind_pct'])} "
                    + (
                        f"(recovery plan {row['recovery_action_id']})"
                        if row["recovery_action_id"]
                        else "(no recovery plan)"
                    )
                    for row in behind
                ]
            )
            + "."
            if behind
            else "No source is so far behind its target to date that it needs a recovery plan."
        )
    if mix:
        says = f"Of {words.short(created)} net-new in {context.quarter}: {mix}. {says}"
    return Exhibit(
        id="sources",
        title="Creation by source",
        says=says,
        drawing=charts.bars(
            "sources",
            f"Net-new pipeline of {context.quarter} to date by source, against the target",
            "; ".join(
                f"{words.name(row['pipeline_source'])} {words.short(row['quarter_to_date'])} of "
                f"{words.short(row['quarter_target'])}"
                for row in rows
            ),
            [
                Bar(
                    words.name(row["pipeline_source"]),
                    float(row["quarter_to_date"]),
                    words.short(row["quarter_to_date"])
                    + (f", pace {words.share(row['pace'])}" if row["pace"] is not None else ""),
                    colour="orange" if row["needs_recovery_plan"] else "blue",
                    mark=None if row["quarter_target"] is None else float(row["quarter_target"]),
                )
                for row in rows
            ],
            legend=(("on pace, or nearly", "blue"), ("behind", "orange")),
            mark_legend="target of the quarter",
        ),
        tables=(
            table(published, "sources", "Sources in the week of as-of", mart, columns, rows),
            _concentration(published),
        ),
        terms=("net-new", "source", "pace"),
    )


def _concentration(published: Published) -> PageTable:
    mart = "marts.source_concentration"
    rows = published.rows(f"select * from {mart} order by created_amount desc, pipeline_source")
    columns = (
        PageColumn("pipeline_source", "Source", "name"),
        PageColumn("created_count", "Deals", "count"),
        PageColumn("created_amount", "Net-new", "money"),
        PageColumn("share", "Share", "share"),
        PageColumn("herfindahl_index", "Herfindahl index", "number"),
        PageColumn("is_single_source", "Single source", "flag"),
    )
    title = "Concentration over the last four full quarters"
    return table(published, "concentration", title, mart, columns, rows)


def close_quarters(published: Published, context: Context) -> Exhibit:
    """Net-new of the running quarter, by the quarter in which it is expected to close."""
    mart = "marts.created_by_close_quarter"
    rows = published.rows(
        f"select * from {mart} where fiscal_quarter = ? "
        "order by close_quarter = 'no_date', close_quarter, created_amount desc, pipeline_source, "
        "segment",
        context.quarter,
    )
    columns = (
        PageColumn("close_quarter", "Expected to close in", "name"),
        PageColumn("pipeline_source", "Source", "name"),
        PageColumn("segment", "Segment", "name"),
        PageColumn("created_count", "Deals", "count"),
        PageColumn("created_amount", "Net-new", "money"),
    )
    summed: dict[str, Row] = {}
    for row in rows:
        one = summed.setdefault(row["close_quarter"], {"count": 0, "amount": 0})
        one["count"] += row["created_count"]
        one["amount"] += row["created_amount"]
    if not rows:
        says = f"Nothing net-new has been created in {context.quarter} yet."
    else:
        total = sum(one["amount"] for one in summed.values())
        says = (
            f"Net-new of {words.short(total)} was created in {context.quarter} so far, expected to "
            "close "
            + words.listed(
                [
                    f"{words.short(one['amount'])} "
                    + ("on no date" if quarter == "no_date" else f"in {quarter}")
                    for quarter, one in summed.items()
                ]
            )
            + ", by the close dates that the deals had when they qualified."
        )
    return Exhibit(
        id="close-quarters",
        title="When what was created is expected to close",
        says=says,
        drawing=charts.bars(
            "close-quarters",
            f"Net-new of {context.quarter} by expected close quarter",
            "; ".join(
                f"{words.name(quarter)} {words.short(one['amount'])}"
                for quarter, one in summed.items()
            ),
            [
                Bar(
                    words.name(quarter),
                    float(one["amount"]),
                    f"{words.short(one['amount'])}, {words.plural(one['count'], 'deal')}",
                )
                for quarter, one in summed.items()
            ],
        ),
        tables=(
            table(published, "close-quarters", "By expected close quarter", mart, columns, rows),
        ),
        terms=("net-new", "close-quarter"),
    )


def cohorts(published: Published, context: Context) -> Exhibit:
    """What has become of the net-new deals of each quarter."""
    mart = "marts.source_conversion"
    rows = published.rows(
        f"select * from {mart} order by cohort_age_days, created_amount desc, pipeline_source"
    )
    columns = (
        PageColumn("fiscal_quarter", "Created in"),
        PageColumn("pipeline_source", "Source", "name"),
        PageColumn("cohort_age_days", "Age, days", "count"),
        PageColumn("created_count", "Deals", "count"),
        PageColumn("won_count", "Won", "count"),
        PageColumn("lost_count", "Lost", "count"),
        PageColumn("open_count", "Open", "count"),
        PageColumn("conversion_of_closed", "Won of closed", "share"),
        PageColumn("conversion_of_all", "Won of all", "share"),
        PageColumn("created_amount", "Created", "money"),
        PageColumn("won_amount", "Won, money", "money"),
        PageColumn("lost_amount", "Lost, money", "money"),
        PageColumn("open_amount", "Open, money", "money"),
    )
    summed: dict[str, Row] = {}
    for row in rows:
        one = summed.setdefault(
            row["fiscal_quarter"], dict.fromkeys(("created", "won", "open", "lost"), 0)
        )
        for part in one:
            one[part] += row[f"{part}_count"]
    shown = list(summed.items())[:COHORTS]
    ended = [(quarter, one) for quarter, one in shown if quarter != context.quarter]
    if not rows:
        says = "No net-new deal has been created yet."
    elif not ended:
        says = f"All net-new deals were created in {context.quarter}, which is still running."
    else:
        # A younger one has hardly closed.
        quarter, one = ended[min(YEAR, len(ended)) - 1]
        says = (
            f"Of {words.plural(one['created'], 'net-new deal')} created in {quarter}, "
            f"{words.share(one['won'] / one['created'])} have been won so far: "
            f"{one['won']:,} won, {one['lost']:,} lost, {one['open']:,} open. "
            "The younger a quarter, the less of it has closed: compare quarters of the same age."
        )
    bars = []
    for quarter, one in shown:
        level = 0
        for part, colour in (("won", "green"), ("open", "blue"), ("lost", "orange")):
            text = (
                f"{one['won']:,} won of {one['created']:,}" if part == "lost" else ""
            )
            bars.append(Bar(quarter, level + one[part], text, level, colour))
            level += one[part]
    return Exhibit(
        id="cohorts",
        title="From created to won, by quarter of creation",
        says=says,
        drawing=charts.bars(
            "cohorts",
            "Net-new deals of each quarter: won, still open and lost",
            "; ".join(
                f"{quarter}: {one['created']} created, {one['won']} won, {one['open']} open, "
                f"{one['lost']} lost"
                for quarter, one in shown
            ),
            bars,
            legend=(("won", "green"), ("open", "blue"), ("lost", "orange")),
        ),
        tables=(
            table(published, "cohorts", "By quarter of creation and source", mart, columns, rows),
        ),
        terms=("created-to-won", "net-new"),
        is_folded=True,
    )


def owners(published: Published, context: Context) -> Exhibit:
    """Net-new by owner, against the owner's target where one is set."""
    mart = "marts.rep_scorecard"
    rows = published.rows(
        f"select reps.*, {named('reps.owner_id')} as owner_name from {mart} as reps "
        "left join core.dim_users as users on reps.owner_id = users.user_id "
        f"where week_start = (select max(week_start) from {mart}) and fiscal_quarter = ? "
        "order by quarter_to_date desc, reps.owner_id",
        context.quarter,
    )
    columns = (
        PageColumn(
            "owner_name",
            "Owner",
            "name",
            "Owner of the deals by name; by id where names are masked; unassigned without one.",
        ),
        PageColumn("team", "Team", "name"),
        PageColumn("quarter_to_date", "Quarter to date", "money"),
        PageColumn("quarter_target", "Target", "money"),
        PageColumn("attainment", "Of target", "share"),
        PageColumn("pace", "Pace", "share"),
        PageColumn("behind_pct", "Behind", "share"),
        PageColumn("created_count", "Deals this week", "count"),
        PageColumn("created_amount", "This week", "money"),
    )
    created = [row for row in rows if row["quarter_to_date"]]
    aimed = [row for row in rows if row["quarter_target"]]
    if not rows:
        says = f"Nobody has created anything net-new in {context.quarter} yet, or has a target."
    else:
        says = (
            (
                words.plural(len(created), "owner has", "owners have")
                if created
                else "No owner has"
            )
            + " created net-new pipeline in "
            f"{context.quarter}"
            + (
                f", {words.name(created[0]['owner_name'])} the most "
                f"({words.short(created[0]['quarter_to_date'])})"
                if created
                else ""
            )
            + ". "
        )
        behind = [row for row in aimed if row["pace"] is not None and row["pace"] < 1]
        says += (
            "No owner has a target (seed rep_targets)."
            if not aimed
            else f"{len(behind)} of the {len(aimed)} with a target "
            f"{'is' if len(behind) == 1 else 'are'} behind their pace."
        )
    shown = rows[:MOST_OWNERS]
    labels = words.told_apart(
        [words.name(row["owner_name"]) for row in shown], [row["owner_id"] for row in shown]
    )
    return Exhibit(
        id="owners",
        title="Creation by owner",
        says=says,
        drawing=charts.bars(
            "owners",
            f"Net-new pipeline of {context.quarter} to date by owner, against the target",
            "; ".join(
                f"{label} {words.short(row['quarter_to_date'])}"
                for label, row in zip(labels, shown, strict=True)
            ),
            [
                Bar(
                    label,
                    float(row["quarter_to_date"]),
                    words.short(row["quarter_to_date"])
                    + (f", pace {words.share(row['pace'])}" if row["pace"] is not None else ""),
                    mark=None if row["quarter_target"] is None else float(row["quarter_target"]),
                )
                for label, row in zip(labels, shown, strict=True)
            ],
            mark_legend="target of the quarter" if aimed else "",
        ),
        tables=(
            table(published, "owners", "Owners in the week of as-of", mart, columns, rows),
        ),
        terms=("net-new", "pace"),
        is_folded=True,
    )


def reasons(published: Published, context: Context) -> Exhibit:
    """Why deals were won and lost in the running quarter."""
    mart = "marts.win_loss_reasons"
    rows = published.rows(
        "select outcome, reason, motion, sum(opportunity_count) as opportunity_count, "
        f"sum(amount) as amount from {mart} where fiscal_quarter = ? "
        "group by outcome, reason, motion "
        "order by outcome, opportunity_count desc, amount desc, reason, motion",
        context.quarter,
    )
    columns = (
        PageColumn("outcome", "Outcome", "name"),
        PageColumn("reason", "Reason", "name"),
        PageColumn("motion", "Motion", "name"),
        PageColumn("opportunity_count", "Deals", "count"),
        PageColumn("amount", "Amount", "money"),
    )
    totals = {outcome: _by_reason(rows, outcome) for outcome in ("lost", "won")}
    said = [
        _of_reasons(outcome, found) for outcome, found in totals.items() if found
    ]
    lost = totals["lost"]
    return Exhibit(
        id="reasons",
        title=f"Why deals were won and lost in {context.quarter}",
        says=" ".join([*said, "Renewals are included."])
        if said
        else f"No deal has closed in {context.quarter} yet.",
        drawing=charts.bars(
            "reasons",
            f"Deals lost in {context.quarter} by reason",
            "; ".join(f"{words.name(reason)} {one['count']}" for reason, one in lost.items()),
            [
                Bar(
                    words.name(reason),
                    one["count"],
                    f"{one['count']:,}, {words.short(one['amount'])}",
                    colour="grey" if reason == "not_given" else "orange",
                )
                for reason, one in list(lost.items())[:MOST_OWNERS]
            ],
            legend=(("lost", "orange"), ("lost, no reason given", "grey")),
        ),
        tables=(table(published, "reasons", "By outcome, reason and motion", mart, columns, rows),),
        terms=("reason",),
        is_folded=True,
    )


def _by_reason(rows: list[Row], outcome: str) -> dict[str, Row]:
    """The deals and money of an outcome by reason, the commonest first."""
    found: dict[str, Row] = {}
    for row in rows:
        if row["outcome"] == outcome:
            one = found.setdefault(row["reason"], {"count": 0, "amount": 0})
            one["count"] += int(row["opportunity_count"])
            one["amount"] += row["amount"]
    return dict(sorted(found.items(), key=lambda item: (-item[1]["count"], item[0])))


def _of_reasons(outcome: str, found: dict[str, Row]) -> str:
    """`64 deals worth 1.9M were lost, most often: No budget (12); 30 without a reason.`"""
    count = sum(one["count"] for one in found.values())
    told = (
        f"{words.plural(count, 'deal was', 'deals were')} {outcome}, worth "
        f"{words.short(sum(one['amount'] for one in found.values()))}"
    )
    given = [(reason, one["count"]) for reason, one in found.items() if reason != "not_given"]
    if not given:
        return f"{told}; nobody has given a reason."
    blank = found.get("not_given", {"count": 0})["count"]
    told += f", most often for this reason: {words.name(given[0][0])} ({given[0][1]:,})"
    return told + (f"; {blank:,} without a reason." if blank else ".")
