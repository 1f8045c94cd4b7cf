"""One pipeline: the four views, what they count twice, the bridges, and what is really new."""

from pipegen.review import charts, words
from pipegen.review.blocks import Exhibit, Section
from pipegen.review.charts import Bar, Step
from pipegen.review.context import Context
from pipegen.review.published import Published, Row
from pipegen.review.tables import PageColumn, table

VIEWS = ("marketing", "sales", "expansion", "forecast")

# Steps that take deals away without saying so by a `less` of their own.
TAKEN_AWAY = {
    "excluded", "re_dated", "unqualified", "duplicate", "renewal", "recycled",
    "qualified_in_other_period",
}  # fmt: skip

STEP_COLUMNS = (
    PageColumn("step_order", "Order", "count"),
    PageColumn("step", "Step", "step"),
    PageColumn("opportunity_count", "Deals", "count"),
    PageColumn("amount", "Amount", "money"),
)


def section(published: Published, context: Context) -> Section:
    """The four views and the one pipeline they bridge to."""
    measures = {
        row["measure"]: row
        for row in published.rows("select * from marts.double_counting order by measure")
    }
    reconciled = measures["reconciled"]
    twice = measures["double_counted"]
    if not measures["union"]["opportunity_count"]:
        lead = "No deal is open, so the four views are empty and agree."
    else:
        lead = (
            f"The four views add up to {words.short(measures['sum_of_views']['amount'])} on their "
            f"slides. Counting each deal once, that is {words.short(measures['union']['amount'])}: "
            f"{words.short(twice['amount'])} is counted twice or more. Of the "
            f"{words.short(measures['union']['amount'])}, "
            f"{words.plural(reconciled['opportunity_count'], 'deal')} worth "
            f"{words.short(reconciled['amount'])} {context.currency} are qualified: the reconciled "
            "pipeline, renewals included."
        )
    return Section(
        id="pipeline",
        title="One pipeline",
        lead=lead,
        exhibits=[
            _double_counting(published, measures),
            _net_new(published, context),
            *(_bridge(published, view, measures[view]) for view in VIEWS),
        ],
    )


def _double_counting(published: Published, measures: dict[str, Row]) -> Exhibit:
    order = [*VIEWS, "sum_of_views", "union", "double_counted", "reconciled"]
    rows = [measures[measure] for measure in order]
    colours = dict.fromkeys(VIEWS, "sky") | {"reconciled": "green", "double_counted": "orange"}
    weighted = published.row(
        "select count(*) as deals, coalesce(sum(pipeline_amount), 0) as amount "
        "from marts.forecast_pipeline"
    )
    says = "Every view at full amounts; a deal that two teams show is in both."
    if weighted["deals"]:
        says += (
            " The forecast view itself counts its deals at the CRM's probabilities: "
            f"{words.short(weighted['amount'])} in place of "
            f"{words.short(measures['forecast']['amount'])}."
        )
    return Exhibit(
        id="views",
        title="Four views, one pipeline",
        says=says,
        drawing=charts.bars(
            "views",
            "The four views, their sum, each deal once, and the reconciled pipeline",
            "; ".join(f"{words.name(r['measure'])} {words.short(r['amount'])}" for r in rows),
            [
                Bar(
                    words.name(row["measure"]),
                    float(row["amount"]),
                    words.short(row["amount"]),
                    colour=colours.get(row["measure"], "blue"),
                )
                for row in rows
            ],
            legend=(
                ("a team's view", "sky"),
                ("summed", "blue"),
                ("counted twice", "orange"),
                ("reconciled", "green"),
            ),
        ),
        tables=(
            table(
                published,
                "double-counting",
                "What is counted twice",
                "marts.double_counting",
                (
                    PageColumn("measure", "Measure", "name"),
                    PageColumn("opportunity_count", "Deals", "count"),
                    PageColumn("amount", "Amount", "money"),
                ),
                rows,
            ),
        ),
        terms=("views", "forecast-view", "double-counting", "reconciled"),
    )


def _bridge(published: Published, view: str, in_full: Row) -> Exhibit:
    rows = published.rows(
        "select * from marts.pipeline_bridge where view = ? order by step_order", view
    )
    total, reconciled = rows[0], rows[-1]
    out = [row for row in rows[1:-1] if row["step"].startswith("less ")]
    largest = min(out, key=lambda row: (row["opportunity_count"], row["amount"]), default=None)
    if not total["opportunity_count"] and not reconciled["opportunity_count"]:
        says = f"The {view} view holds no deal, and neither does the reconciled pipeline."
    else:
        says = (
            f"{words.plural(total['opportunity_count'], 'deal')} worth "
            f"{words.short(total['amount'])}"
            + (
                f" at the CRM's probabilities ({words.short(in_full['amount'])} in full)"
                if view == "forecast"
                else ""
            )
            + (
                f" become {words.plural(reconciled['opportunity_count'], 'deal')} worth "
                f"{words.short(reconciled['amount'])}."
                if reconciled["opportunity_count"]
                else "; the reconciled pipeline holds none."
            )
        )
        if largest and largest["opportunity_count"]:
            why = words.reason(largest["step"].removeprefix("less ")).lower()
            deals = words.plural(-largest["opportunity_count"], "deal")
            says += f" Most often a deal is left out for this reason: {why} ({deals})."
        if any(row["amount"] > 0 for row in out):
            says += " Some deals left out have a negative amount: without them there is more."
    return Exhibit(
        id=f"bridge-{view}",
        title=f"From the {view} view to the reconciled pipeline",
        says=says,
        drawing=charts.waterfall(
            f"bridge-{view}",
            f"Bridge from the {view} view to the reconciled pipeline",
            in_words(rows),
            steps(rows),
        ),
        tables=(
            table(
                published,
                f"bridge-{view}",
                f"Bridge of the {view} view",
                "marts.pipeline_bridge",
                STEP_COLUMNS,
                rows,
            ),
        ),
        terms=("bridge", "views", "qualified", "reconciled"),
        is_folded=True,
    )


def _net_new(published: Published, context: Context) -> Exhibit:
    rows = published.rows(
        "select * from marts.net_new_audit where period_grain = 'fiscal_quarter' and period = ? "
        "order by step_order",
        context.quarter,
    )
    if not rows or not any(row["opportunity_count"] for row in rows):
        return Exhibit(
            id="net-new",
            title=f"Claimed and net-new in {context.quarter}",
            says=f"Nothing was claimed as created in {context.quarter}, and nothing qualified.",
            terms=("net-new",),
        )
    claimed, honest = rows[0], rows[-1]
    return Exhibit(
        id="net-new",
        title=f"Claimed and net-new in {context.quarter}",
        says=(
            f"The CRM claims {words.plural(claimed['opportunity_count'], 'deal')} worth "
            f"{words.short(claimed['amount'])} as created in the quarter so far; "
            f"{words.plural(honest['opportunity_count'], 'deal')} worth "
            f"{words.short(honest['amount'])} are net-new."
        ),
        drawing=charts.waterfall(
            "net-new",
            f"From claimed to net-new in {context.quarter}",
            in_words(rows),
            steps(rows),
        ),
        tables=(
            table(
                published,
                "net-new",
                f"Audit of {context.quarter}",
                "marts.net_new_audit",
                STEP_COLUMNS,
                rows,
            ),
        ),
        terms=("net-new", "qualified", "recycled"),
    )


def steps(rows: list[Row]) -> list[Step]:
    """A mart's steps as steps of a waterfall. Steps of nothing are only in the table."""
    shown = []
    for place, row in enumerate(rows):
        is_total = place in (0, len(rows) - 1)
        if is_total or row["amount"] or row["opportunity_count"]:
            text = words.short(row["amount"])
            tone = "total" if is_total else _tone(row)
            # With its sign: what is taken away may be less than nothing. The colour and the sign
            # say whether a step adds, so that its label can be short enough for a phone.
            signed = text if is_total or row["amount"] <= 0 else f"+{text}"
            name = row["step"].removeprefix("less ").removeprefix("plus ")
            label = words.name(name) if name == row["step"] else words.reason(name)
            shown.append(Step(label, float(row["amount"]), signed, tone))
    return shown


def _tone(row: Row) -> str:
    step = row["step"]
    if step.startswith("less ") or step in TAKEN_AWAY:
        return "down"
    if step.startswith("plus ") or step == "created_elsewhere":
        return "up"
    return "up" if row["amount"] > 0 else "down"


def in_words(rows: list[Row]) -> str:
    """A waterfall in words, for those who can't see it."""
    return "; ".join(f"{words.step(row['step'])} {words.short(row['amount'])}" for row in rows)
