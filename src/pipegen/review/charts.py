"""Charts of the packet, as SVG that needs no network and follows the page's colours.

What belongs here: the few kinds of chart and how they are drawn. What does not: what is in them.

Each chart is drawn twice, for a wide and a narrow screen, because a shrunk chart can't be read.
Charts are drawn in the light scheme's colours, which are then replaced by CSS variables, so that
the page's style sets them in both schemes. Every bar shows its number, and signs and shapes carry
the same meaning as the colours.
"""

import copy
import dataclasses
import functools
import json
import re
from collections.abc import Sequence
from typing import Any

import altair as alt
import vl_convert
from markupsafe import escape

WIDE, NARROW = 640, 300

# The width of a letter in labels and numbers, in pixels.
LETTER = 6.9

# A palette for people with colour blindness. Each name is a CSS variable of the page.
COLOURS = {
    "ink": "#1b2431",
    "muted": "#5a6675",
    "grid": "#dde2e9",
    "blue": "#0b64a0",
    "sky": "#8fc1e3",
    "orange": "#c25e00",
    "green": "#0a7a5a",
    "grey": "#8b95a3",
    "paper": "#fefefe",
}

# The colours of totals, of what is added and of what is taken away.
TONES = {"total": "blue", "up": "green", "down": "orange", "none": "grey"}


@dataclasses.dataclass(frozen=True)
class Drawing:
    """A chart as SVG for wide and narrow screens, with a text for those who can't see it."""

    wide: str
    narrow: str
    legend: tuple[tuple[str, str], ...] = ()


@dataclasses.dataclass(frozen=True)
class Bar:
    """A bar from `start` to `end`, its row, the number shown at it, and its colour.

    Bars of a row with a different `series` are drawn below each other. `mark` is a line across the
    bar: the value to compare it with.
    """

    label: str
    end: float
    text: str
    start: float = 0.0
    colour: str = "blue"
    series: str = ""
    mark: float | None = None


def bars(
    id_: str,
    title: str,
    description: str,
    rows: Sequence[Bar],
    *,
    legend: Sequence[tuple[str, str]] = (),
    mark_legend: str = "",
    percent: bool = False,
) -> Drawing | None:
    """Horizontal bars, one or more per row, with a line for the value to compare them with.

    None if no bar has a length: an empty picture says less than the sentence beside it.
    """
    if not any(bar.end or bar.start or bar.mark for bar in rows):
        return None
    marks = ((mark_legend, "mark"),) if mark_legend else ()
    return Drawing(
        wide=_svg(f"{id_}-wide", title, description, _bars(rows, WIDE, percent)),
        narrow=_svg(f"{id_}-narrow", title, description, _bars(rows, NARROW, percent)),
        legend=(*legend, *marks),
    )


@dataclasses.dataclass(frozen=True)
class Step:
    """A step from one total to another: its amount, the text at it, and its tone.

    `tone` is `total`, `up` or `down`. What takes deals away is `down` whatever the sign of their
    amounts: without deals of a negative amount a total is higher.
    """

    label: str
    amount: float
    text: str
    tone: str


def waterfall(id_: str, title: str, description: str, steps: Sequence[Step]) -> Drawing | None:
    """The steps from one total to another, from the top. None if no step has an amount."""
    rows, level = [], 0.0
    for step in steps:
        start = 0.0 if step.tone == "total" else level
        tone = "none" if step.amount == 0 and step.tone != "total" else step.tone
        level = start + step.amount
        rows.append(Bar(step.label, level, step.text, start, TONES[tone]))
    legend = (("total", "blue"), ("added", "green"), ("taken away", "orange"))
    return bars(id_, title, description, rows, legend=legend)


def png(title: str, subtitle: str, rows: Sequence[Bar]) -> bytes:
    """The same chart as a PNG about 1,200 pixels wide, with its title, for a message."""
    chart = _bars(rows, 570)
    chart |= {
        "title": {
            "text": _lines(title, 62),
            "subtitle": [subtitle],
            "anchor": "start",
            "fontSize": 17,
            "subtitleFontSize": 12,
            "subtitlePadding": 6,
            "offset": 14,
            "color": COLOURS["ink"],
            "subtitleColor": COLOURS["muted"],
        },
        "padding": 20,
        "background": COLOURS["paper"],
    }
    return vl_convert.vegalite_to_png(chart, scale=2)


def _lines(text: str, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


@functools.cache
def _shape(has_series: bool, has_marks: bool) -> dict[str, Any]:
    """The chart without data and sizes, as Vega-Lite: a packet has dozens of charts, few shapes."""
    base = alt.Chart(alt.Data(values=[]))
    y = alt.Y(
        "row:O",
        axis=alt.Axis(title=None, ticks=False, domain=False, labelPadding=8),
        scale=alt.Scale(paddingInner=0.28, paddingOuter=0.14),
    )
    axis = alt.Axis(title=None, domain=False, ticks=False, grid=True)

    def x(column: str) -> alt.X:
        return alt.X(f"{column}:Q", axis=axis, scale=alt.Scale(domain=[0, 1], nice=False))

    offset = {"yOffset": alt.YOffset("series:O")} if has_series else {}
    bar = base.mark_bar(cornerRadius=2).encode(
        y=y,
        x=x("low"),
        x2=alt.X2("high:Q"),
        color=alt.Color("colour:N", scale=None, legend=None),
        **offset,
    )
    text = (
        base.transform_calculate(at="max(datum.high, datum.mark || 0)")
        .mark_text(align="left", dx=6, fontSize=12)
        .encode(y=y, x=x("at"), text="text:N", color=alt.value(COLOURS["ink"]), **offset)
    )
    layers = [bar]
    if has_marks:
        marked = base.transform_filter("datum.mark != null")
        # Dark with a light outline, so that it is visible both on a bar and beside it.
        for thickness, colour in ((6, "paper"), (3, "ink")):
            tick = marked.mark_tick(thickness=thickness, color=COLOURS[colour], opacity=1)
            layers.append(tick.encode(y=y, x=x("mark"), **offset))
    chart = alt.layer(*layers, text).configure(
        background="transparent",
        aria=False,
        font="Helvetica, Arial, sans-serif",
        view=alt.ViewConfig(stroke=None),
        axis=alt.AxisConfig(
            labelColor=COLOURS["ink"],
            labelFontSize=12,
            gridColor=COLOURS["grid"],
            domainColor=COLOURS["grid"],
        ),
        axisX=alt.AxisConfig(labelColor=COLOURS["muted"], labelFontSize=11),
    )
    return chart.to_dict()


def _bars(rows: Sequence[Bar], width: int, percent: bool = False) -> dict[str, Any]:
    """A bar chart `width` pixels wide, as Vega-Lite."""
    series = list(dict.fromkeys(bar.series for bar in rows))
    labels = list(dict.fromkeys(bar.label for bar in rows))
    most = 190 if width > NARROW else 146
    label_width = min(most, 12 + LETTER * max(len(label) for label in labels))
    plot_width = width - label_width - 24
    values: list[dict[str, Any]] = [
        {
            # Rows are identified by position: two labels may be the same once they are cut short.
            "row": labels.index(bar.label),
            "series": series.index(bar.series),
            "low": min(bar.start, bar.end),
            "high": max(bar.start, bar.end),
            "mark": bar.mark,
            "text": bar.text,
            "colour": COLOURS[bar.colour],
        }
        for bar in rows
    ]
    step = 30 if len(series) == 1 else 20 * len(series) + 12
    low = min(0.0, *(one["low"] for one in values))
    ends = [(max(one["high"], one["mark"] or 0), one["text"]) for one in values]
    # The bars are scaled to leave space for their numbers, so that none is outside the picture.
    scales = [
        max(plot_width - 10 - LETTER * len(text), 20) / (end - low)
        for end, text in ends
        if end > low
    ]
    domain = [low, low + plot_width / min(scales)] if scales else [low, low + 1]
    x_label = "format(datum.value, '.0%')"
    if not percent:
        # SI prefixes below one (thousandths of a deal) would be odd in a review.
        x_label = (
            "abs(datum.value) < 1 ? format(datum.value, '.1~f') "
            ": replace(format(datum.value, '~s'), 'G', 'B')"
        )
    has_marks = any(bar.mark is not None for bar in rows)
    chart = copy.deepcopy(_shape(len(series) > 1, has_marks))
    # Altair names datasets by their digest; we give the data directly.
    chart.pop("datasets", None)
    chart["data"] = {"values": values}
    chart |= {"width": plot_width, "height": max(step * len(labels), 40)}
    for layer in chart["layer"]:
        layer.pop("data", None)
        encoding = layer["encoding"]
        encoding["y"]["axis"] |= {
            "labelExpr": f"{_js(labels)}[datum.value]",
            "labelLimit": label_width - 12,
            "minExtent": label_width,
            "maxExtent": label_width,
        }
        encoding["x"]["scale"]["domain"] = domain
        encoding["x"]["axis"] |= {"labelExpr": x_label, "tickCount": 5 if width > NARROW else 3}
        if layer["mark"]["type"] == "tick":
            layer["mark"]["size"] = step * 0.72 / len(series)
    return chart


def _js(labels: Sequence[str]) -> str:
    """Labels as a literal in Vega's expression language, which accepts JSON."""
    return json.dumps(list(labels), ensure_ascii=True)


# The packets of a week, one per audience, show mostly the same charts. A page has some fifty.
@functools.lru_cache(maxsize=256)
def _drawn(chart: str) -> str:
    return vl_convert.vegalite_to_svg(chart)


def _svg(id_: str, title: str, description: str, chart: dict[str, Any]) -> str:
    drawn = _drawn(json.dumps(chart))
    body = drawn[drawn.index(">") + 1 :]
    head = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', drawn)
    assert head, "a drawing without a size"
    # Ids must be unique on the page, or two drawings would share definitions.
    body = re.sub(r'\bid="([^"]+)"', rf'id="{id_}-\1"', body)
    body = re.sub(r"url\(#([^)]+)\)", rf"url(#{id_}-\1)", body)
    # A screen reader gets one image with a title. Fonts are the page's own.
    body = re.sub(r' (?:font-family|role|aria-[a-z]+)="[^"]*"', "", body)
    for name, value in COLOURS.items():
        body = body.replace(f'"{value}"', f'"var(--{name})"')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {head[1]} {head[2]}" '
        f'width="{head[1]}" height="{head[2]}" aria-labelledby="{id_}-title {id_}-desc">'
        f'<title id="{id_}-title">{escape(title)}</title>'
        f'<desc id="{id_}-desc">{escape(description)}</desc>{body}'
    )
