"""Part 2, marketing's contribution: leads, what sales makes of them, influence, what comes next."""

from decimal import Decimal

from pipegen.review import charts, words
from pipegen.review.blocks import Exhibit, Section
from pipegen.review.charts import Bar
from pipegen.review.context import Context
from pipegen.review.published import Published, Row
from pipegen.review.sections import handover
from pipegen.review.tables import PageColumn, table

# Shown side by side, in the order of the definitions.
MODELS = (
    "first_touch",
    "last_touch",
    "linear",
    "position_based",
    "u_shaped",
    "w_shaped",
    "full_path",
    "time_decay",
)

# What a campaign brought is shown by one model; attribution compares them.
RETURNS_MODEL = "linear"
MOST_CAMPAIGNS = 12

# Of acceptance: the running quarter, the one it is compared with, and the year around them.
QUARTERS = 5

def section(published: Published, context: Context) -> Section:
    """What marketing contributes; run by marketing."""
    return Section(
        id="contribution",
        title="Part 2: marketing's contribution",
        lead="Presented by marketing. Sourced and influenced are never added: a deal may be both.",
        minutes=context.meeting.minutes_of("contribution"),
        exhibits=[
            _pacing(published, context),
            _acceptance(published, context, "channel"),
            handover.held(published),
            handover.response(published, context),
            _influence(published),
            _programs(published),
            handover.to_sql(published, context, "channel", QUARTERS),
            _acceptance(published, context, "segment"),
            handover.to_sql(published, context, "segment", QUARTERS),
            _rejections(published, context),
            handover.engagement(published),
            handover.signals(published),
            _attribution(published),
            _returns(published),
            _zero_touch(published, context),
            _speed(published),
        ],
    )


def _pacing(published: Published, context: Context) -> Exhibit:
    mart = "marts.mql_pacing"
    rows = published.rows(
        f"select * from {mart} where fiscal_quarter = ? order by mqls desc, channel",
        context.quarter,
    )
    columns = (
        PageColumn("channel", "Channel", "name"),
        PageColumn("mqls", "MQLs, recorded", "count"),
        PageColumn("imputed_mqls", "Imputed, beside it", "count"),
        PageColumn("previous_mqls", "Same days before", "count"),
        PageColumn("target", "Target", "count"),
        PageColumn("attainment", "Of target", "share"),
        PageColumn("target_to_date", "Target to date", "number"),
        PageColumn("pacing", "Pace", "share"),
        PageColumn("elapsed_share", "Quarter gone by", "share"),
    )
    aimed = [row for row in rows if row["target"]]
    total = sum(row["mqls"] for row in rows)
    imputed = sum(row["imputed_mqls"] for row in rows)
    beside = (
        f" Beside them, {words.plural(imputed, 'person', 'people')} must have been one, having got "
        "further, without a record of it; they count towards no target."
        if imputed
        else ""
    )
    if not total:
        says = f"Nobody is on record as having become an MQL in {context.quarter}.{beside}"
    elif not aimed:
        says = (
            f"{words.plural(total, 'recorded MQL')} in {context.quarter}; no target is set for any "
            f"channel (seed mql_targets).{beside}"
        )
    else:
        behind = [words.name(row["channel"]) for row in aimed if row["pacing"] < 1]
        to_date = sum(row["target_to_date"] for row in aimed)
        says = (
            f"{words.plural(total, 'recorded MQL')} in {context.quarter}. The channels with a "
            f"target have {sum(row['mqls'] for row in aimed):,} of the "
            f"{words.number(float(round(to_date)))} due by now "
            f"({sum(row['target'] for row in aimed):,} for the whole quarter). "
            + (f"Behind their pace: {words.listed(behind)}." if behind else "None is behind.")
            + beside
        )
    return Exhibit(
        id="pacing",
        title="Recorded MQLs against target and pace",
        says=says,
        drawing=charts.bars(
            "pacing",
            f"Recorded MQLs by channel against the target to date, {context.quarter}",
            "; ".join(
                f"{words.name(row['channel'])}: {row['mqls']} of {words.count(row['target'])}"
                for row in rows
            ),
            [
                Bar(
                    words.name(row["channel"]),
                    row["mqls"],
                    f"{row['mqls']:,}" + (f" of {row['target']:,}" if row["target"] else ""),
                    colour="blue" if row["target"] else "grey",
                    mark=None if row["target_to_date"] is None else float(row["target_to_date"]),
                )
                for row in rows
            ],
            legend=(("with a target", "blue"), ("without", "grey")),
            mark_legend="target to date",
        ),
        tables=(table(published, "pacing", "MQLs by channel", mart, columns, rows),),
        terms=("mql", "pace"),
    )


def _acceptance(published: Published, context: Context, dimension: str) -> Exhibit:
    mart = "marts.lead_acceptance"
    rows = handover.acceptance_rows(published, dimension, QUARTERS)
    columns = (
        PageColumn("fiscal_quarter", "Quarter"),
        PageColumn("dimension_value", words.name(dimension), "name"),
        PageColumn("mqls", "MQLs", "count"),
        PageColumn("accepted", "Accepted", "count"),
        PageColumn("rejected", "Rejected", "count"),
        PageColumn("recycled", "Recycled", "count"),
        PageColumn("undecided", "Undecided", "count"),
        PageColumn("acceptance_rate", "Acceptance", "share"),
        PageColumn("previous_acceptance_rate", "Before", "share"),
    )
    now = [row for row in rows if row["is_running"]]
    decided = [row for row in now if row["acceptance_rate"] is not None]
    fell = [
        row
        for row in decided
        if row["previous_acceptance_rate"] is not None
        and row["acceptance_rate"] < row["previous_acceptance_rate"]
    ]
    if not rows:
        says = "Nobody has become an MQL yet."
    elif not decided:
        says = f"Sales has decided on no MQL of {context.quarter} yet."
    else:
        accepted = sum(row["accepted"] for row in decided)
        of = accepted + sum(row["rejected"] for row in decided)
        says = (
            f"Sales accepted {accepted:,} of the {of:,} MQLs of {context.quarter} on which it has "
            f"decided ({words.share(accepted / of)}). "
            + (
                "Below the same days of the quarter before: "
                + words.listed([words.name(row["dimension_value"]) for row in fell])
                + "."
                if fell
                else "None is below the same days of the quarter before."
            )
        )
    return Exhibit(
        id=f"acceptance-{dimension}",
        title=f"Acceptance by {dimension}",
        says=says,
        drawing=charts.bars(
            f"acceptance-{dimension}",
            f"Share of decided MQLs that sales accepted, by {dimension}, {context.quarter}",
            "; ".join(
                f"{words.name(row['dimension_value'])} {words.share(row['acceptance_rate'])}, "
                f"same days before {words.share(row['previous_acceptance_rate'])}"
                for row in decided
            ),
            [
                Bar(
                    words.name(row["dimension_value"]),
                    row["acceptance_rate"],
                    f"{words.share(row['acceptance_rate'])} of {row['accepted'] + row['rejected']}",
                    colour="orange" if row in fell else "blue",
                    mark=row["previous_acceptance_rate"],
                )
                for row in decided
            ],
            legend=(("this quarter", "blue"), ("below the same days before", "orange")),
            mark_legend="same days of the quarter before",
            percent=True,
        ),
        tables=(
            table(published, f"acceptance-{dimension}", f"By {dimension}", mart, columns, rows),
        ),
        terms=("acceptance", "mql"),
        is_folded=dimension == "segment",
    )


def _rejections(published: Published, context: Context) -> Exhibit:
    mart = "marts.mql_dispositions"
    rows = published.rows(
        f"select * from {mart} where fiscal_quarter = ? and reason != 'all' and rejected > 0 "
        "order by rejected desc, channel, reason",
        context.quarter,
    )
    columns = (
        PageColumn("channel", "Channel", "name"),
        PageColumn("reason", "Reason", "name"),
        PageColumn("rejected", "Rejected", "count"),
    )
    summed: dict[str, int] = {}
    for row in rows:
        summed[row["reason"]] = summed.get(row["reason"], 0) + row["rejected"]
    ordered = sorted(summed.items(), key=lambda item: (-item[1], item[0]))
    if not rows:
        says = f"Sales rejected no MQL of {context.quarter}."
    else:
        given = [(reason, count) for reason, count in ordered if reason != "not_given"]
        blank = summed.get("not_given", 0)
        says = f"Sales rejected {words.plural(sum(summed.values()), 'recorded MQL')}"
        if given:
            says += f", most often for this reason: {words.name(given[0][0])} ({given[0][1]:,})"
        says += f"; {blank:,} without a reason." if blank else "."
    return Exhibit(
        id="rejections",
        title="Why sales rejected MQLs",
        says=says,
        drawing=charts.bars(
            "rejections",
            f"Rejected MQLs of {context.quarter} by reason",
            "; ".join(f"{words.name(reason)} {count}" for reason, count in ordered),
            [
                Bar(words.name(reason), count, f"{count:,}", colour="orange")
                for reason, count in ordered[:12]
            ],
        ),
        tables=(
            table(published, "rejections", "Rejected, by channel and reason", mart, columns, rows),
        ),
        terms=("acceptance",),
        is_folded=True,
    )


def _influence(published: Published) -> Exhibit:
    mart = "marts.marketing_influence"
    rows = published.rows(f"select * from {mart} order by segment = 'all', amount desc, segment")
    columns = (
        PageColumn("segment", "Segment", "name"),
        PageColumn("opportunity_count", "Deals", "count"),
        PageColumn("amount", "Pipeline", "money"),
        PageColumn("sourced_count", "Sourced deals", "count"),
        PageColumn("sourced_amount", "Sourced", "money"),
        PageColumn("influenced_count", "Influenced deals", "count"),
        PageColumn("influenced_amount", "Influenced", "money"),
        PageColumn("influenced_by_role_count", "Of these by role, deals", "count"),
        PageColumn("influenced_by_role_amount", "By role", "money"),
        PageColumn("untouched_count", "Untouched deals", "count"),
        PageColumn("untouched_amount", "Untouched", "money"),
    )
    total = rows[-1] if rows else None
    if not total:
        says = "No deal is in the reconciled pipeline to be sourced or influenced."
    else:
        says = (
            f"Of {words.short(total['amount'])} reconciled pipeline, marketing sourced "
            f"{_part(total, 'sourced_amount')} and influenced {_part(total, 'influenced_amount')}, "
            f"{_part(total, 'influenced_by_role_amount')} through contact roles; "
            f"{_part(total, 'untouched_amount')} is neither."
        )
    bars = [
        Bar(words.name(row["segment"]), float(row[amount]),
            words.short(row[amount]) if amount == "amount" else _part(row, amount), 0, colour,
            series)
        for row in rows
        for series, amount, colour in (
            ("1", "amount", "grey"),
            ("2", "influenced_amount", "sky"),
            ("3", "sourced_amount", "blue"),
        )
    ]  # fmt: skip
    return Exhibit(
        id="influence",
        title="Sourced and influenced pipeline",
        says=says,
        drawing=charts.bars(
            "influence",
            "Reconciled pipeline by segment: all, influenced and sourced by marketing",
            "; ".join(f"{bar.label} {bar.text}" for bar in bars),
            bars,
            legend=(("all", "grey"), ("influenced", "sky"), ("sourced", "blue")),
        ),
        tables=(table(published, "influence", "By segment", mart, columns, rows),),
        terms=("sourced", "influenced", "reconciled"),
    )


def _part(row: Row, column: str) -> str:
    """An amount with its share of the segment's pipeline: `2.22M (26.8%)`."""
    of = f" ({words.share(row[column] / row['amount'])})" if row["amount"] else ""
    return words.short(row[column]) + of


def _attribution(published: Published) -> Exhibit:
    mart = "marts.attributed_pipeline"
    found = published.rows(
        f"select channel, model, sum(amount) as amount from {mart} group by channel, model"
    )
    by_channel: dict[str, Row] = {}
    for row in found:
        channel = by_channel.setdefault(
            row["channel"], {"channel": row["channel"]} | dict.fromkeys(MODELS, Decimal("0.00"))
        )
        channel[row["model"]] = row["amount"]
    rows = sorted(by_channel.values(), key=lambda row: (-row["linear"], str(row["channel"])))
    columns = (
        PageColumn("channel", "Channel", "name"),
        *(
            PageColumn(
                model,
                words.name(model),
                "money",
                f"Amount of deals that the model {model} credits to the channel's touches, over "
                "all its campaigns.",
            )
            for model in MODELS
        ),
    )
    bars = [
        Bar(
            words.name(row["channel"]),
            float(_most(row)),
            f"{words.short(_least(row))} to {words.short(_most(row))}",
            float(_least(row)),
            "sky",
            mark=float(row["linear"]),
        )
        for row in rows[:14]
    ]
    if not rows:
        says = "No marketing touch counts for a deal, so no model has anything to share out."
    else:
        widest = max(rows, key=lambda row: _most(row) - _least(row))
        says = (
            "Eight models share out the same deals. Bars reach from the least to the most that any "
            f"of them gives a channel; they differ most on {words.name(widest['channel'])}."
        )
    return Exhibit(
        id="attribution",
        title="Attribution, model by model",
        says=says,
        drawing=charts.bars(
            "attribution",
            "What the attribution models give each channel, least to most",
            "; ".join(f"{bar.label} {bar.text}" for bar in bars),
            bars,
            legend=(("least to most", "sky"),),
            mark_legend="linear",
        ),
        tables=(
            table(published, "attribution", "Amount by channel and model", mart, columns, rows),
        ),
        terms=("attribution",),
        is_folded=True,
    )


def _returns(published: Published) -> Exhibit:
    mart = "marts.campaign_returns"
    rows = published.rows(
        f"select * from {mart} where model = ? and campaign_id <> 'none' "
        "order by won_amount desc, open_amount desc, campaign_id, channel",
        RETURNS_MODEL,
    )
    columns = (
        PageColumn("campaign_name", "Campaign"),
        PageColumn("channel", "Channel", "name"),
        PageColumn("opportunity_count", "Deals", "count"),
        PageColumn("won_amount", "Won", "money"),
        PageColumn("open_amount", "Open", "money"),
        PageColumn("lost_amount", "Lost", "money"),
        PageColumn("cost", "Cost", "money"),
        PageColumn("won_per_cost", "Won per cost", "number"),
    )
    costed = [row for row in rows if row["cost"]]
    if not rows:
        says = "No campaign has a touch that counts for a deal."
    elif not costed:
        says = f"{words.plural(len(rows), 'campaign')} with touches that count; none has a cost."
    else:
        won, cost = (sum(row[column] for row in costed) for column in ("won_amount", "cost"))
        says = (
            f"{words.plural(len(costed), 'campaign')} that cost {words.short(cost)} in all "
            f"{'is' if len(costed) == 1 else 'are'} credited with {words.short(won)} of what was "
            f"won, by the model {words.name(RETURNS_MODEL).lower()}: "
            f"{words.number(round(won / cost, 1))} for each unit of cost. What is still open may "
            "add to it."
        )
    shown = [row for row in rows if row["won_amount"]][:MOST_CAMPAIGNS]
    labels = words.told_apart(
        [row["campaign_name"] or row["campaign_id"] for row in shown],
        [row["campaign_id"] for row in shown],
    )
    return Exhibit(
        id="returns",
        title="What campaigns brought for their cost",
        says=says,
        drawing=charts.bars(
            "returns",
            f"Won money of the campaigns with the most, by the model {RETURNS_MODEL}",
            "; ".join(
                f"{label} {words.short(row['won_amount'])}"
                for label, row in zip(labels, shown, strict=True)
            ),
            [
                Bar(
                    label,
                    float(row["won_amount"]),
                    words.short(row["won_amount"])
                    + (f", cost {words.short(row['cost'])}" if row["cost"] else ""),
                    mark=None if row["cost"] is None else float(row["cost"]),
                )
                for label, row in zip(labels, shown, strict=True)
            ],
            legend=(("won, by this model", "blue"),),
            mark_legend="cost",
        ),
        tables=(table(published, "returns", "By campaign", mart, columns, rows),),
        terms=("attribution",),
        is_folded=True,
    )


def _least(row: Row) -> Decimal:
    return min(row[model] for model in MODELS)


def _most(row: Row) -> Decimal:
    return max(row[model] for model in MODELS)


def _zero_touch(published: Published, context: Context) -> Exhibit:
    mart = "marts.zero_touch_deals"
    rows = published.rows(
        f"select zero_touch.*, deals.opportunity_name from {mart} as zero_touch "
        "left join core.dim_opportunities as deals "
        "on zero_touch.opportunity_id = deals.opportunity_id "
        "order by zero_touch.amount desc nulls last, zero_touch.opportunity_id"
    )
    columns = (
        PageColumn(
            "opportunity_name",
            "Deal",
            meaning="What people call the deal; nothing where names are masked. Current.",
        ),
        PageColumn("segment", "Segment", "name"),
        PageColumn("pipeline_source", "Source", "name"),
        PageColumn("close_day", "Closed", "day"),
        PageColumn("likely_cause", "Likely cause", "name"),
        PageColumn("amount", "Amount", "money"),
        PageColumn("opportunity_id", "Id"),
    )
    share_mart = "marts.zero_touch_share"
    shares = published.rows(f"select * from {share_mart} order by quarter_start_date desc")
    share_columns = (
        PageColumn("fiscal_quarter", "Quarter"),
        PageColumn("won_count", "Won deals", "count"),
        PageColumn("zero_touch_count", "Zero-touch", "count"),
        PageColumn("share_of_count", "Share of the deals", "share"),
        PageColumn("tracking_gap_count", "Of these, tracking gaps", "count"),
        PageColumn("won_amount", "Won", "money"),
        PageColumn("zero_touch_amount", "Zero-touch, money", "money"),
        PageColumn("share_of_amount", "Share of the money", "share"),
        PageColumn("tracking_gap_amount", "Tracking gaps, money", "money"),
    )
    won = [row for row in shares if row["won_count"]]
    if not won:
        says = "No deal was won that a marketing touch could be missing from."
    else:
        last = won[0]
        says = (
            f"Of what was won in {last['fiscal_quarter']}"
            f"{' so far' if last['fiscal_quarter'] == context.quarter else ''}, "
            f"{words.share(last['share_of_count'])} of the deals and "
            f"{words.share(last['share_of_amount'])} of the money never had a marketing touch "
            f"({words.plural(last['zero_touch_count'], 'deal')}, "
            f"{words.some(last['tracking_gap_count'])} of them likely a gap in tracking). "
            "Renewals and sources that sellers do not win are left out."
        )
    bars = [
        Bar(row["fiscal_quarter"], row[column] or 0.0, words.share(row[column]) + text, 0, colour,
            series)
        for row in won
        for series, column, colour, text in (
            ("1", "share_of_count", "blue", " of the deals"),
            ("2", "share_of_amount", "sky", " of the money"),
        )
    ]  # fmt: skip
    return Exhibit(
        id="zero-touch",
        title="Won without a marketing touch",
        says=says,
        drawing=charts.bars(
            "zero-touch",
            "Share of won deals and won money without a marketing touch, by quarter",
            "; ".join(f"{bar.label}: {bar.text}" for bar in bars),
            bars,
            legend=(("share of the deals", "blue"), ("share of the money", "sky")),
            percent=True,
        ),
        tables=(
            table(
                published, "zero-touch-share", "Share by quarter", share_mart, share_columns, shares
            ),
            table(published, "zero-touch", "Zero-touch deals", mart, columns, rows),
        ),
        terms=("zero-touch",),
        is_folded=True,
    )


def _programs(published: Published) -> Exhibit:
    mart = "marts.program_outlook"
    rows = published.rows(f"select * from {mart} order by start_date, program_id")
    columns = (
        PageColumn("start_date", "Starts", "day"),
        PageColumn("program_name", "Program"),
        PageColumn("channel", "Channel", "name"),
        PageColumn("days_until_start", "Days until", "count"),
        PageColumn("expected_mqls", "MQLs expected", "number"),
        PageColumn("past_program_count", "Past programs", "count"),
        PageColumn("past_mqls", "Their MQLs", "count"),
    )
    horizons = [
        (days, [row for row in rows if row[f"is_within_{days}_days"]]) for days in (30, 60, 90)
    ]
    if not rows:
        says = "No program starts within 90 days."
    else:
        says = "Expected of programs that start: " + "; ".join(
            f"within {days} days, {words.number(_expected(members))} MQLs of "
            f"{words.plural(len(members), 'program')}"
            for days, members in horizons
        ) + "."  # fmt: skip
    return Exhibit(
        id="programs",
        title="Programs of the next 30, 60 and 90 days",
        says=says,
        drawing=charts.bars(
            "programs",
            "MQLs expected of programs that start within 30, 60 and 90 days",
            says,
            [
                Bar(
                    f"Within {days} days",
                    _expected(members),
                    f"{words.number(_expected(members))}, {words.plural(len(members), 'program')}",
                )
                for days, members in horizons
            ],
        ),
        tables=(table(published, "programs", "Programs", mart, columns, rows),),
        terms=("forward-view",),
    )


def _expected(members: list[Row]) -> float:
    return round(float(sum(row["expected_mqls"] or 0 for row in members)), 1)


def _speed(published: Published) -> Exhibit:
    mart = "marts.closing_speed"
    rows = published.rows(
        f"select * from {mart} order by segment <> 'all', segment, channel <> 'all', channel"
    )
    columns = (
        PageColumn("segment", "Segment", "name"),
        PageColumn("channel", "First touch", "name"),
        PageColumn("marketing_won_count", "Won, marketing", "count"),
        PageColumn("marketing_median_days", "Median days, marketing", "days"),
        PageColumn("other_won_count", "Won, others", "count"),
        PageColumn("other_median_days", "Median days, others", "days"),
        PageColumn("days_faster", "Days faster", "days"),
        PageColumn("faster_share", "Faster by", "share"),
    )
    said = [row for row in rows if row["is_said"]]
    if not rows:
        says = "No deal was won in the last four full quarters."
    elif not said:
        says = "Nowhere are there enough won deals of both kinds, and a difference worth naming."
    else:
        says = _of_speed(said)
    compared = [row for row in said if row["channel"] == "all"]
    bars = [
        Bar(
            words.name(row["segment"]),
            float(row[days]),
            f"{words.days(row[days])} days",
            0,
            colour,
            key,
        )
        for row in compared
        for key, days, colour in (
            ("1", "marketing_median_days", "blue"),
            ("2", "other_median_days", "grey"),
        )
    ]
    return Exhibit(
        id="speed",
        title="Where marketing-sourced deals close faster",
        says=says,
        drawing=charts.bars(
            "speed",
            "Median days from qualified to won by segment, marketing-sourced and other deals",
            "; ".join(f"{bar.label} {bar.text}" for bar in bars),
            bars,
            legend=(("marketing", "blue"), ("all others", "grey")),
        ),
        tables=(table(published, "speed", "Days to win by segment", mart, columns, rows),),
        terms=("cycle", "sourced"),
        is_folded=True,
    )


def _of_speed(said: list[Row]) -> str:
    """Where marketing's deals are faster, and where slower; the channels are left to the table."""
    segments = [row for row in said if row["channel"] == "all"]
    parts = []
    for sign, word in ((1, "faster"), (-1, "slower")):
        there = [
            f"{_where(row)} by {words.days(round(abs(row['days_faster']), 1))} days"
            for row in segments
            if row["days_faster"] * sign > 0
        ]
        if there:
            parts.append(f"{word} in {words.listed(there)}")
    told = (
        f"Deals that marketing sourced close {'; they close '.join(parts)}."
        if parts
        else "Over whole segments there is no difference worth naming."
    )
    channels = len(said) - len(segments)
    if channels:
        faster = sum(row["days_faster"] > 0 for row in said if row["channel"] != "all")
        told += (
            f" By the channel of the first touch: {faster} faster and {channels - faster} slower, "
            "in the table."
        )
    return told


def _where(row: Row) -> str:
    return "all segments together" if row["segment"] == "all" else words.name(row["segment"])
