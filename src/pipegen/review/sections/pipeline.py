"""One pipeline: the four views, what they count twice, the bridges, and what is really new."""

from pipegen.review import charts, words
from pipegen.review.blocks import Exhibit, Section
from pipegen.review.charts import Bar
from pipegen.review.context import Context
from pipegen.review.published import Published, Row
from pipegen.review.tables import PageColumn, table

VIEWS = ("marketing", "sales", "expansion", "forecast")

STEP_COLUMNS = (
    PageColumn("step_order", "Order", "count"),
    PageColumn("step", "Step", "name"),
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
            f"slides. Each deal once, it is {words.short(measures['union']['amount'])}: "
            f"{words.short(twice['amount'])} is counted twice or more. Qualified and reconciled, "
            f"{words.plural(reconciled['opportunity_count'], 'deal')} worth "
            f"{words.short(reconciled['amount'])} {context.currency} remain."
        )
    return Section(
        id="pipeline",
        title="One pipeline",
        lead=lead,
        exhibits=[
            _double_counting(published, measures),
            *(_bridge(published, view) for view in VIEWS),
            _net_new(published, context),
        ],
    )


def _double_counting(published: Published, measures: dict[str, Row]) -> Exhibit:
    order = [*VIEWS, "sum_of_views", "union", "double_counted", "reconciled"]
    rows = [measures[measure] for measure in order]
    colours = dict.fromkeys(VIEWS, "sky") | {"reconciled": "green", "double_counted": "orange"}
    return Exhibit(
        id="views",
        title="Four views, one pipeline",
        says="Every view at full amounts; a deal that two teams show is in both.",
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
        terms=("views", "double-counting", "reconciled"),
    )


def _bridge(published: Published, view: str) -> Exhibit:
    rows = published.rows(
        "select * from marts.pipeline_bridge where view = ? order by step_order", view
    )
    total, reconciled = rows[0], rows[-1]
    out = [row for row in rows[1:-1] if row["step"].startswith("less ")]
    largest = min(out, key=lambda row: (row["opportunity_count"], row["amount"]), default=None)
    if not total["opportunity_count"] and not reconciled["opportunity_count"]:
        says = f"The {view} view holds no deal, and the reconciled pipeline none either."
    else:
        says = (
            f"{words.plural(total['opportunity_count'], 'deal')} worth "
            f"{words.short(total['amount'])} become "
            f"{words.plural(reconciled['opportunity_count'], 'deal')} worth "
            f"{words.short(reconciled['amount'])}."
        )
        if largest and largest["opportunity_count"]:
            reason = words.name(largest["step"].removeprefix("less ")).lower()
            deals = words.plural(-largest["opportunity_count"], "deal")
            says += f" The commonest reason to leave it: {reason} ({deals})."
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
        terms=("bridge", "qualified", "reconciled"),
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


def steps(rows: list[Row]) -> list[tuple[str, float, str, bool]]:
    """A mart's steps as steps of a waterfall. Steps without an amount are only in the table."""
    shown = []
    for place, row in enumerate(rows):
        is_total = place in (0, len(rows) - 1)
        if is_total or row["amount"] or row["opportunity_count"]:
            shown.append(
                (
                    words.name(row["step"]),
                    float(row["amount"]),
                    words.short(row["amount"]),
                    is_total,
                )
            )
    return shown


def in_words(rows: list[Row]) -> str:
    """A waterfall in words, for those who can't see it."""
    return "; ".join(f"{label} {text}" for label, _, text, _ in steps(rows))
