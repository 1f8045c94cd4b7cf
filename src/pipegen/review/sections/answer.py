"""The answer first: how much will close, and when."""

from decimal import Decimal

from pipegen.review import charts, words
from pipegen.review.blocks import Exhibit, Section, Tile
from pipegen.review.charts import Bar
from pipegen.review.context import Context
from pipegen.review.published import Published, Row
from pipegen.review.tables import PageColumn, table

MART = "marts.review_quarters"

# What is left where nothing new would close in time.
REMEDY = "deals can only be pulled in, won at better rates, or given up"

CLOSING_COLUMNS = (
    PageColumn("fiscal_quarter", "Quarter"),
    PageColumn("quota", "Quota", "money"),
    PageColumn("won_amount", "Won", "money"),
    PageColumn("weighted_amount", "Weighted pipeline", "money"),
    PageColumn("won_and_weighted_amount", "Won and weighted", "money"),
    PageColumn("renewal_won_amount", "Beside it: renewals won", "money"),
    PageColumn("renewal_open_amount", "Renewals open", "money"),
)

REQUIRED_COLUMNS = (
    PageColumn("fiscal_quarter", "Quarter"),
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
                title="Won and weighted pipeline against quota, quarter by quarter",
                says=_says(published, rows, context),
                tiles=_tiles(rows),
                drawing=charts.bars(
                    "quarters",
                    "Won and weighted pipeline against quota per fiscal quarter, no renewals",
                    "; ".join(
                        f"{row['fiscal_quarter']}: won {words.short(row['won_amount'])}, weighted "
                        f"{words.short(row['weighted_amount'])}, quota {words.short(row['quota'])}"
                        for row in rows
                    ),
                    quarter_bars(rows),
                    legend=(
                        ("won, no renewals", "green"),
                        ("weighted pipeline, no renewals", "blue"),
                    ),
                    mark_legend="quota",
                ),
                tables=(
                    table(
                        published,
                        "quarters",
                        "Against quota, no renewals",
                        MART,
                        CLOSING_COLUMNS,
                        rows,
                    ),
                    table(
                        published,
                        "required",
                        "Open pipeline against what the quota requires, no renewals",
                        MART,
                        REQUIRED_COLUMNS,
                        rows,
                    ),
                ),
                terms=("won", "weighted", "open", "required", "gap", "due", "create-by"),
                is_open=True,
            )
        ],
    )


def quarter_bars(rows: list[Row]) -> list[Bar]:
    """For each quarter, won and weighted pipeline end to end, with the quota as a line across."""
    bars = []
    for row in rows:
        won, both = float(row["won_amount"]), float(row["won_and_weighted_amount"])
        quota = None if row["quota"] is None else float(row["quota"])
        label = row["fiscal_quarter"]
        if won:
            bars.append(Bar(label, won, "", 0, "green"))
        text = words.short(row["won_and_weighted_amount"])
        if quota is not None:
            text += f" of {words.short(row['quota'])}"
        bars.append(Bar(label, both, text, won, "blue", mark=quota))
    return bars


def sentence(rows: list[Row], context: Context) -> str:
    """The answer in words, including quarters without a quota or without deals."""
    if not rows or not any(row["won_amount"] or row["open_amount"] or row["quota"] for row in rows):
        return (
            f"Nothing was won in {context.quarter}, no pipeline is open and no quota is set: there "
            "is nothing to close yet."
        )
    now, *later = rows
    parts = [
        f"{now['fiscal_quarter']} has won {context.currency} {words.short(now['won_amount'])}; "
        f"with its weighted pipeline of {words.short(now['weighted_amount'])}"
        if now["won_and_weighted_amount"]
        else f"{now['fiscal_quarter']} has won nothing and has no weighted pipeline; so"
    ]
    if now["quota"] is None:
        both = words.short(now["won_and_weighted_amount"])
        parts[0] += f" it would end at {both}; no quota is set."
    else:
        parts[0] += f" it would end {_against(now)}."
    short = [row for row in later if row["status"] in ("behind", "too_late")]
    if short:
        first = short[0]
        parts.append(
            f"{first['fiscal_quarter']} is missing {words.short(first['gap'])} of the "
            f"{words.short(first['required'])} of open pipeline that its quota requires"
            + (
                f"; {words.short(first['behind_by'])} of what is missing is due by now, and the "
                f"first create-by day is {words.day(first['create_by'])}."
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


def _against(now: Row) -> str:
    """Where won and weighted pipeline end against the quota: `643k above its quota of 1.95M`."""
    difference = now["won_and_weighted_amount"] - now["quota"]
    if not difference:
        return f"at its quota of {words.short(now['quota'])}"
    side = "above" if difference > 0 else "below"
    return f"{words.short(abs(difference))} {side} its quota of {words.short(now['quota'])}"


def _says(published: Published, rows: list[Row], context: Context) -> str:
    outside = published.row(
        "select count(*) as deals, coalesce(sum(pipeline_amount), 0) as amount "
        "from marts.reconciled_pipeline "
        "where motion <> 'renewal' and (close_date is null or close_date > ?)",
        max(row["quarter_end_date"] for row in rows),
    )
    now = rows[0]
    told = [
        "New business and expansion, which quotas are set for. Renewals of "
        f"{now['fiscal_quarter']} stand beside them: {_renewals(now)}."
    ]
    if outside["deals"]:
        told.append(
            f"{words.plural(outside['deals'], 'reconciled deal')} worth "
            f"{words.short(outside['amount'])} close later than these quarters."
        )
    if not any(row["quota"] is not None for row in rows):
        told.append(
            "No quotas are set for these quarters (seed quotas), so nothing can be said of what "
            "is required or missing."
        )
    difference = disagreement(now)
    if difference:
        told.append(difference)
    late = [
        row
        for row in rows
        if row["gap_too_late"] and row["gap_too_late"] > 0 and not (difference and row is now)
    ]
    if late:
        told.append(
            "Too late to be created in time: "
            + words.listed(
                [f"{words.short(row['gap_too_late'])} of {row['fiscal_quarter']}" for row in late]
            )
            + f"; {REMEDY}."
        )
    return " ".join(told)


def _renewals(row: Row) -> str:
    won, still_open = row["renewal_won_count"], row["renewal_open_count"]
    told = [
        f"{number:,} worth {words.short(row[f'renewal_{part}_amount'])} {part}"
        if number
        else f"none {part}"
        for part, number in (("won", won), ("open", still_open))
    ]
    return ", ".join(told)


def disagreement(now: Row) -> str:
    """Why a quarter can end above its quota and have a gap, or the other way round; empty if it
    does neither."""
    if now["quota"] is None or not now["remaining"]:
        return ""
    is_enough = now["won_and_weighted_amount"] >= now["quota"]
    if is_enough == (not now["gap"]):
        return ""
    told = (
        "The CRM's probabilities and your own win rates disagree: by the probabilities "
        f"{now['fiscal_quarter']} ends {_against(now)}; by the win rates, segment by segment, "
    )
    if not now["gap"]:
        return told + "its open pipeline is enough."
    told += f"{words.short(now['gap'])} of open pipeline is missing"
    if not now["gap_too_late"]:
        return told + "."
    part = "all" if now["gap_too_late"] == now["gap"] else words.short(now["gap_too_late"])
    return f"{told}, {part} of it too late to create; {REMEDY}."


def _remark(row: Row) -> str:
    """The remark on a gap."""
    if row["gap"] is None:
        return "no quota set"
    if not row["gap"]:
        return "nothing is missing"
    if row["gap"] == row["gap_too_late"]:
        return "of what is required; too late to create"
    return f"of what is required; create by {words.day(row['create_by'])}"


def _tiles(rows: list[Row]) -> tuple[Tile, ...]:
    if not rows:
        return ()
    now = rows[0]
    both: Decimal = now["won_and_weighted_amount"]
    quota = now["quota"]
    tone = "" if quota is None else "good" if both >= quota else "bad"
    of_quota = (
        "no quota set" if quota is None
        else f"quota {words.short(quota)}" + (f", {both / quota:.0%}" if quota else "")
    )  # fmt: skip
    gap = now["gap"]
    tiles = [
        Tile(
            f"Won in {now['fiscal_quarter']}",
            words.short(now["won_amount"]),
            "so far, no renewals",
        ),
        Tile(
            "Weighted pipeline",
            words.short(now["weighted_amount"]),
            "still open, by the CRM's probabilities",
        ),
        Tile("Won and weighted", words.short(both), of_quota, tone),
        Tile(
            "Open, no renewals",
            words.short(now["open_amount"]),
            "no quota set"
            if quota is None
            else f"your win rates require {words.short(now['required'])}",
        ),
        Tile(
            "Gap by your win rates",
            words.short(gap),
            _remark(now),
            "" if gap is None else "bad" if gap else "good",
        ),
        Tile(
            "Renewals, beside it",
            words.short(now["renewal_won_amount"]),
            f"won; {words.short(now['renewal_open_amount'])} open",
        ),
    ]
    return tuple(tiles)
