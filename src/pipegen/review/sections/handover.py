"""Where marketing hands over to sales: who waits, how fast sales answers, who goes on to SQL, and
which accounts marketing reaches."""

from pipegen.review import charts, words
from pipegen.review.blocks import Exhibit
from pipegen.review.charts import Bar
from pipegen.review.context import Context
from pipegen.review.owners import named
from pipegen.review.published import Published, Row
from pipegen.review.tables import PageColumn, table

# Days up to which an MQL has waited, in the picture: a week, a month, a quarter, more.
AGES = (7, 30, 90)

# Accounts in the picture of engagement; its table has more.
MOST_ACCOUNTS = 12

ACCOUNT_NAME = PageColumn(
    "account_name", "Account", meaning="Name of the account in the CRM. Current."
)
OWNER_NAME = PageColumn(
    "owner_name",
    "Owner",
    "name",
    "Owner by name; by id where names are masked; unassigned without one.",
)


def held(published: Published) -> Exhibit:
    """The recorded MQLs on whom nobody in sales has decided, the oldest first."""
    mart = "marts.held_mqls"
    rows = published.rows(
        f"select held.*, accounts.account_name, {named('held.owner_id')} as owner_name "
        f"from {mart} as held "
        "left join core.dim_accounts as accounts on held.account_id = accounts.account_id "
        "left join core.dim_users as users on held.owner_id = users.user_id "
        "order by held.age_days desc, held.mql_at, held.person_id"
    )
    columns = (
        PageColumn("person_id", "Person"),
        ACCOUNT_NAME,
        PageColumn("age_days", "Days held", "count"),
        OWNER_NAME,
        PageColumn("channel", "Channel", "name"),
        PageColumn("segment", "Segment", "name"),
        PageColumn("is_responded", "Answered", "flag"),
        PageColumn("last_touch_at", "Last touch", "moment"),
        PageColumn("last_touch_kind", "Its kind", "name"),
    )
    if not rows:
        says = "No recorded MQL waits for a decision by sales."
    else:
        silent = sum(not row["is_responded"] for row in rows)
        touched = words.some(len(rows) - silent)
        long = sum(row["age_days"] > AGES[1] for row in rows)
        says = (
            f"{words.plural(len(rows), 'recorded MQL waits', 'recorded MQLs wait')} for a decision "
            f"by sales, {long:,} of them for more than {AGES[1]} days. "
            f"Sales has been in touch with {touched} of them."
        )
    bars = []
    for low, high in zip((-1, *AGES), (*AGES, None), strict=True):
        members = [
            row
            for row in rows
            if low < row["age_days"] and (high is None or row["age_days"] <= high)
        ]
        label = f"Over {low} days" if high is None else f"{low + 1} to {high} days"
        silent = sum(not row["is_responded"] for row in members)
        bars.append(Bar(label, len(members) - silent, "", colour="blue"))
        text = f"{len(members):,}" + (f", {silent:,} not yet" if 0 < silent < len(members) else "")
        bars.append(Bar(label, len(members), text, len(members) - silent, "orange"))
    return Exhibit(
        id="held",
        title="MQLs that wait for a decision",
        says=says,
        drawing=charts.bars(
            "held",
            "Recorded MQLs on whom sales has not decided, by the days that they have waited",
            "; ".join(f"{bar.label}: {bar.text}" for bar in bars if bar.text),
            bars,
            legend=(("sales has been in touch", "blue"), ("not yet", "orange")),
        ),
        tables=(table(published, "held", "Held MQLs, the oldest first", mart, columns, rows),),
        terms=("held", "mql"),
    )


def response(published: Published, context: Context) -> Exhibit:
    """How fast sales answers MQLs of the running quarter."""
    mart = "marts.mql_response"
    rows = published.rows(
        f"select * from {mart} where fiscal_quarter = ? "
        "order by dimension <> 'all', dimension, mqls desc, dimension_value",
        context.quarter,
    )
    columns = (
        PageColumn("dimension", "By", "name"),
        PageColumn("dimension_value", "Value", "name"),
        PageColumn("mqls", "MQLs", "count"),
        PageColumn("within_count", "In time", "count"),
        PageColumn("late_count", "Late", "count"),
        PageColumn("pending_count", "Pending", "count"),
        PageColumn("responded_count", "Answered", "count"),
        PageColumn("within_share", "In time, share", "share"),
        PageColumn("previous_within_share", "Share before", "share"),
        PageColumn("median_response_days", "Median days", "days"),
        PageColumn("previous_median_response_days", "Median before", "days"),
    )
    every = next((row for row in rows if row["dimension"] == "all"), None)
    shown = [
        row for row in rows if row["dimension"] == "channel" and row["within_share"] is not None
    ]
    if not every or not every["mqls"]:
        says = f"Nobody is on record as having become an MQL in {context.quarter}."
    elif every["within_share"] is None:
        says = (
            f"All {words.plural(every['mqls'], 'MQL')} of {context.quarter} are too young to be "
            "late."
        )
    else:
        says = (
            f"Sales answered {words.share(every['within_share'])} of the MQLs of {context.quarter} "
            "in time"
        )
        if every["previous_within_share"] is not None:
            says += (
                f"; in the same days of the quarter before it was "
                f"{words.share(every['previous_within_share'])}"
            )
        says += "."
        if every["median_response_days"] is not None:
            says += (
                " Where it answered, half of the answers took "
                f"{words.days(round(every['median_response_days'], 1))} days or less."
            )
        if every["pending_count"]:
            says += f" {every['pending_count']:,} are too young to count."
    return Exhibit(
        id="response",
        title="How fast sales answers MQLs",
        says=says,
        drawing=charts.bars(
            "response",
            f"Share of MQLs of {context.quarter} that sales answered in time, by channel",
            "; ".join(
                f"{words.name(row['dimension_value'])} {words.share(row['within_share'])}, before "
                f"{words.share(row['previous_within_share'])}"
                for row in shown
            ),
            [
                Bar(
                    words.name(row["dimension_value"]),
                    float(row["within_share"]),
                    f"{words.share(row['within_share'])} of {row['mqls'] - row['pending_count']:,}",
                    mark=_float(row["previous_within_share"]),
                )
                for row in shown
            ],
            mark_legend="same days of the quarter before",
            percent=True,
        ),
        tables=(table(published, "response", "Answers to MQLs", mart, columns, rows),),
        terms=("response", "mql"),
    )


def acceptance_rows(published: Published, dimension: str, quarters: int) -> list[Row]:
    """What became of MQLs by channel or segment, of the latest quarters that have any."""
    mart = "marts.lead_acceptance"
    return published.rows(
        f"select * from {mart} where dimension = ? and quarter_start_date in "
        f"(select distinct quarter_start_date from {mart} "
        f"order by quarter_start_date desc limit {quarters}) "
        "order by quarter_start_date desc, mqls desc, dimension_value",
        dimension,
    )


def to_sql(published: Published, context: Context, dimension: str, quarters: int) -> Exhibit:
    """Of recorded MQLs by channel or segment, who became an SQL, a deal, won."""
    mart, rate = "marts.lead_acceptance", "mql_to_sql_conversion"
    rows = acceptance_rows(published, dimension, quarters)
    columns = (
        PageColumn("fiscal_quarter", "Quarter"),
        PageColumn("dimension_value", words.name(dimension), "name"),
        PageColumn("mqls", "MQLs", "count"),
        PageColumn("sql_count", "SQLs", "count"),
        PageColumn(rate, "MQL to SQL", "share"),
        PageColumn(f"previous_{rate}", "Before", "share"),
        PageColumn("opportunity_count", "To a deal", "count"),
        PageColumn("opportunity_rate", "Share", "share"),
        PageColumn("previous_opportunity_rate", "Share before", "share"),
        PageColumn("won_count", "Won", "count"),
    )
    now = [row for row in rows if row["is_running"] and row["mqls"]]
    every = published.row(
        f"select * from {mart} where dimension = 'all' and fiscal_quarter = ?", context.quarter
    )
    if not now or not every:
        says = f"Nobody is on record as having become an MQL in {context.quarter}."
    else:
        says = (
            f"{words.share(every[rate])} of the "
            f"{words.plural(every['mqls'], 'recorded MQL')} of {context.quarter} have become an SQL"
        )
        if every[f"previous_{rate}"] is not None:
            says += (
                "; in the same days of the quarter before it was "
                f"{words.share(every[f'previous_{rate}'])}"
            )
        ranked = sorted(now, key=lambda row: row[rate] or 0)
        says += f". By {dimension}: from {_rated(ranked[0], rate)} to {_rated(ranked[-1], rate)}."
    return Exhibit(
        id=f"to-sql-{dimension}",
        title=f"From MQL to SQL by {dimension}",
        says=says,
        drawing=charts.bars(
            f"to-sql-{dimension}",
            f"Share of recorded MQLs of {context.quarter} that became an SQL, by {dimension}",
            "; ".join(
                f"{words.name(row['dimension_value'])} {words.share(row[rate])}, before "
                f"{words.share(row[f'previous_{rate}'])}"
                for row in now
            ),
            [
                Bar(
                    words.name(row["dimension_value"]),
                    float(row[rate] or 0),
                    f"{words.share(row[rate])} of {row['mqls']:,}",
                    mark=_float(row[f"previous_{rate}"]),
                )
                for row in now
            ],
            mark_legend="same days of the quarter before",
            percent=True,
        ),
        tables=(
            table(
                published, f"to-sql-{dimension}", f"To SQL by {dimension}", mart, columns, rows
            ),
        ),
        terms=("mql-to-sql", "mql"),
        is_folded=True,
    )


def engagement(published: Published) -> Exhibit:
    """Accounts that marketing reached lately, with and without an open deal."""
    mart = "marts.account_engagement"
    rows = published.rows(
        f"select engaged.*, accounts.account_name, {named('engaged.owner_id')} as owner_name "
        f"from {mart} as engaged "
        "left join core.dim_accounts as accounts on engaged.account_id = accounts.account_id "
        "left join core.dim_users as users on engaged.owner_id = users.user_id "
        "order by engaged.touches_30_days desc, engaged.people_30_days desc, engaged.account_id"
    )
    columns = (
        ACCOUNT_NAME,
        PageColumn("segment", "Segment", "name"),
        OWNER_NAME,
        PageColumn("touches_30_days", "Touches, 30 days", "count"),
        PageColumn("touches_60_days_before", "In the 60 days before", "count"),
        PageColumn("people_30_days", "People, 30 days", "count"),
        PageColumn("people_90_days", "People, 90 days", "count"),
        PageColumn("open_count", "Open deals", "count"),
        PageColumn("open_amount", "Amount", "money"),
        PageColumn("sources", "Sources"),
    )
    lately = [row for row in rows if row["touches_30_days"]]
    free = [row for row in lately if not row["open_count"]]
    if not rows:
        says = "Marketing has touched no account in the last 90 days."
    else:
        says = (
            f"Marketing touched {words.plural(len(rows), 'account')} in the last 90 days, "
            f"{words.some(len(lately))} of them in the last 30."
        )
        if free:
            says += f" {len(free):,} of these have no open deal: the first to call."
    shown = (free or lately)[:MOST_ACCOUNTS]
    labels = words.told_apart(
        [row["account_name"] or row["account_id"] for row in shown],
        [row["account_id"] for row in shown],
    )
    return Exhibit(
        id="engagement",
        title="Accounts that marketing reaches",
        says=says,
        drawing=charts.bars(
            "engagement",
            "Marketing touches of the last 30 days, of the accounts with the most and no open deal"
            if free
            else "Marketing touches of the last 30 days, of the accounts with the most",
            "; ".join(
                f"{label} {row['touches_30_days']}"
                for label, row in zip(labels, shown, strict=True)
            ),
            [
                Bar(
                    label,
                    row["touches_30_days"],
                    f"{words.plural(row['touches_30_days'], 'touch', 'touches')}, "
                    f"{words.plural(row['people_30_days'], 'person', 'people')}",
                )
                for label, row in zip(labels, shown, strict=True)
            ],
            legend=((("no open deal", "blue"),) if free else ()),
        ),
        tables=(table(published, "engagement", "Accounts", mart, columns, rows),),
        terms=("engagement",),
        is_folded=True,
    )


def signals(published: Published) -> Exhibit:
    """Open deals that marketing reaches: who is on them, and whether sales works them."""
    mart = "marts.crm_signals"
    rows = published.rows(
        f"select signals.*, deals.opportunity_name, accounts.account_name, "
        f"{named('signals.owner_id')} as owner_name, risks.is_inactive from {mart} as signals "
        "left join core.dim_opportunities as deals "
        "on signals.opportunity_id = deals.opportunity_id "
        "left join core.dim_accounts as accounts on signals.account_id = accounts.account_id "
        "left join core.dim_users as users on signals.owner_id = users.user_id "
        "left join marts.deals_at_risk as risks on signals.opportunity_id = risks.opportunity_id "
        "order by signals.touches_30_days desc, signals.touches_90_days desc, "
        "signals.opportunity_id"
    )
    columns = (
        PageColumn(
            "opportunity_name",
            "Deal",
            meaning="What people call the deal; nothing where names are masked. Current.",
        ),
        ACCOUNT_NAME,
        OWNER_NAME,
        PageColumn("touches_30_days", "Touches, 30 days", "count"),
        PageColumn("people_30_days", "People, 30 days", "count"),
        PageColumn("touches_90_days", "Touches, 90 days", "count"),
        PageColumn("last_touch_at", "Last touch", "moment"),
        PageColumn("last_touch_campaign_name", "Its campaign"),
        PageColumn("has_decision_maker", "Decision maker", "flag"),
        PageColumn("opportunity_id", "Id"),
    )
    lately = [row for row in rows if row["touches_30_days"]]
    kinds = (
        ("sales inactive", [row for row in lately if row["is_inactive"]]),
        ("no decision maker", [row for row in lately if not row["has_decision_maker"]]),
    )
    if not rows:
        says = "No deal is open."
    else:
        says = (
            f"Marketing touched {words.some(len(lately))} of "
            f"{words.plural(len(rows), 'open deal')} in the last 30 days."
        )
        if lately:
            says += (
                f" On {words.some(len(kinds[0][1]))} of them sales has been inactive, and "
                f"{words.some(len(kinds[1][1]))} of them "
                f"{'has' if len(kinds[1][1]) == 1 else 'have'} no decision maker."
            )
    bars = [
        Bar(label, len(members), f"{len(members):,}", colour=colour)
        for label, members, colour in (
            ("Touched lately", lately, "blue"),
            *((f"Of these, {label}", members, "orange") for label, members in kinds),
        )
    ]
    return Exhibit(
        id="signals",
        title="Open deals that marketing reaches",
        says=says,
        drawing=charts.bars(
            "signals",
            "Open deals with a marketing touch in the last 30 days",
            "; ".join(f"{bar.label} {bar.text}" for bar in bars),
            bars,
        ),
        tables=(table(published, "signals", "Touches of open deals", mart, columns, rows),),
        terms=("signals", "at-risk"),
        is_folded=True,
    )


def _rated(row: Row, rate: str) -> str:
    return f"{words.share(row[rate])} ({words.name(row['dimension_value'])})"


def _float(value: object) -> float | None:
    return None if value is None else float(str(value))
