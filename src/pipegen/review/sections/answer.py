"""The answer first: how much will close, and when."""

from decimal import Decimal

from pipegen.review import charts, words
from pipegen.review.blocks import Exhibit, Section, Tile
from pipegen.review.charts import Bar
from pipegen.review.context import Context
from pipegen.review.published import Published, Row
from pipegen.review.tables import PageColumn, table

MART = "marts.review_quarters"

COLUMNS = (
    PageColumn("fiscal_quarter", "Quarter"),
    PageColumn("quota", "Quota", "money"),
    PageColumn("won_amount", "Won", "money"),
    PageColumn("forecast_amount", "Forecast, weighted", "money"),
    PageColumn("expected_amount", "Expected", "money"),
    PageColumn("open_amount", "Open", "money"),
    PageColumn("required", "Required", "money"),
    PageColumn("gap", "Gap", "money"),
    PageColumn("due", "Due by now", "money"),
    PageColumn("behind_by", "Behind by", "money"),
    PageColumn("gap_too_late", "Gap, too late", "money"),
    PageColumn("create_by", "Create by", "day"),
    PageColumn("status", "Status", "name"),
)


def quarters(published: Published) -> list[Row]:
    """The current and the coming quarters, in order."""
    return published.rows(f"select * from {MART} order by quarter_start_date")


def section(published: Published, context: Context) -> Section:
    """How much will close, and when: per quarter, and in a sentence."""
    rows = quarters(published)
    return Section(
        id="answer",
        title="How much will close, and when",
        lead=sentence(rows, context),
        exhibits=[
            Exhibit(
                id="quarters",
                title="Won and forecast against quota, quarter by quarter",
                says=_says(published, rows, context),
                tiles=_tiles(rows),
                drawing=charts.bars(
                    "quarters",
                    "Won and weighted forecast against quota per fiscal quarter",
                    "; ".join(
                        f"{row['fiscal_quarter']}: won {words.short(row['won_amount'])}, forecast "
                        f"{words.short(row['forecast_amount'])}, quota {words.short(row['quota'])}"
                        for row in rows
                    ),
                    quarter_bars(rows),
                    legend=(("won", "green"), ("forecast, weighted", "blue")),
                    mark_legend="quota",
                ),
                tables=(table(published, "quarters", "Quarter by quarter", MART, COLUMNS, rows),),
                terms=("won", "forecast", "open", "required", "gap", "create-by"),
                is_open=True,
            )
        ],
    )


def quarter_bars(rows: list[Row]) -> list[Bar]:
    """For each quarter, won and forecast end to end, with the quota as a line across."""
    bars = []
    for row in rows:
        won, expected = float(row["won_amount"]), float(row["expected_amount"])
        quota = None if row["quota"] is None else float(row["quota"])
        label = row["fiscal_quarter"]
        if won:
            bars.append(Bar(label, won, "", 0, "green"))
        text = words.short(row["expected_amount"])
        if quota is not None:
            text += f" of {words.short(row['quota'])}"
        bars.append(Bar(label, expected, text, won, "blue", mark=quota))
    return bars


def sentence(rows: list[Row], context: Context) -> str:
    """The answer in words, including quarters without a quota or without deals."""
    if not rows or not any(row["won_amount"] or row["open_amount"] or row["quota"] for row in rows):
        return (
            f"Nothing was won in {context.quarter}, no pipeline is open and no quota is set: there "
            "is nothing to close yet."
        )
    now, *later = rows
    money = f"{context.currency} "
    parts = [
        f"{now['fiscal_quarter']} has won {money}{words.short(now['won_amount'])} and is forecast "
        f"to win {words.short(now['forecast_amount'])} more by {words.day(context.quarter_end)}"
    ]
    if now["quota"] is None:
        parts[0] += "; it has no quota."
    else:
        difference = now["expected_amount"] - now["quota"]
        parts[0] += (
            f": {words.short(abs(difference))} {'above' if difference >= 0 else 'below'} its quota "
            f"of {words.short(now['quota'])}."
        )
    short = [row for row in later if row["status"] in ("behind", "too_late")]
    if short:
        first = short[0]
        parts.append(
            f"{first['fiscal_quarter']} is missing {words.short(first['gap'])} of the "
            f"{words.short(first['required'])} of open pipeline that its quota requires"
            + (
                f", {words.short(first['behind_by'])} of it due by now; the first of it must be "
                f"created by {words.day(first['create_by'])}."
                if first["create_by"]
                else ", and it can no longer be created in time."
            )
        )
    elif any(row["quota"] is not None for row in later):
        planned = [row for row in later if row["quota"] is not None]
        if all(row["status"] in ("met", "covered") for row in planned):
            parts.append("Every later quarter has the open pipeline that it needs.")
        else:
            parts.append("Every later quarter has the open pipeline that is due by now.")
    return " ".join(parts)


def _says(published: Published, rows: list[Row], context: Context) -> str:
    late = [row for row in rows if row["gap_too_late"] and row["gap_too_late"] > 0]
    outside = published.row(
        "select count(*) as deals, coalesce(sum(pipeline_amount), 0) as amount "
        "from marts.reconciled_pipeline where close_date is null or close_date > ?",
        max(row["quarter_end_date"] for row in rows),
    )
    told = f"As of {words.day(context.as_of)}, new business and expansion, in {context.currency}."
    if outside["deals"]:
        told += (
            f" {words.plural(outside['deals'], 'reconciled deal')} worth "
            f"{words.short(outside['amount'])} have no close date in these quarters, and so are in "
            "none of them."
        )
    if not any(row["quota"] is not None for row in rows):
        return told + (
            " No quotas are set for these quarters (seed quotas), so nothing can be said of what "
            "is required or lacking."
        )
    if late:
        told += (
            " Too late to be created in time: "
            + words.listed(
                [f"{words.short(row['gap_too_late'])} of {row['fiscal_quarter']}" for row in late]
            )
            + "; it can only be pulled in, won at better rates, or given up."
        )
    return told


def _remark(row: Row) -> str:
    """The remark on a gap."""
    if row["gap"] is None:
        return "no quota set"
    if not row["gap"]:
        return "nothing is missing"
    if row["gap"] == row["gap_too_late"]:
        return "too late to create"
    return f"create by {words.day(row['create_by'])}"


def _tiles(rows: list[Row]) -> tuple[Tile, ...]:
    if not rows:
        return ()
    now = rows[0]
    quarter = now["fiscal_quarter"]
    expected: Decimal = now["expected_amount"]
    quota = now["quota"]
    tone = "" if quota is None else "good" if expected >= quota else "bad"
    of_quota = (
        "no quota set" if quota is None
        else f"quota {words.short(quota)}" + (f", {expected / quota:.0%}" if quota else "")
    )  # fmt: skip
    gap = now["gap"]
    tiles = [
        Tile(f"{quarter}: won so far", words.short(now["won_amount"]), "by close day"),
        Tile("Forecast, weighted", words.short(now["forecast_amount"]), "still open"),
        Tile("Expected", words.short(expected), of_quota, tone),
        Tile(
            "Open, reconciled",
            words.short(now["open_amount"]),
            "no quota set" if quota is None else f"required {words.short(now['required'])}",
        ),
        Tile(
            "Gap",
            words.short(gap),
            _remark(now),
            "" if gap is None else "bad" if gap else "good",
        ),
    ]
    return tuple(tiles)
