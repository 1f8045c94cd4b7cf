"""A picture of the last runs: how long each took, and how it ended.

What belongs here: drawing it, without a library, because importing one takes longer than a small
run. What does not: the log of runs (`run_log`).
"""

from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from pipegen.files import atomic_write
from pipegen.runs.run_log import RunRecord

FILE = Path("runs") / "last_thirty.svg"
MOST = 30

# These differ in lightness too, for people with colour blindness.
COLOURS = {"published": "#2f6f9f", "refused": "#e0a030", "failed": "#a32020", "died": "#202020"}

WIDTH, HEIGHT, LEFT, TOP, BAR, GAP = 760, 260, 60, 40, 18, 4


def drawn(runs: Sequence[RunRecord]) -> str:
    """The last thirty runs that ended, as SVG: one bar each, its height the seconds it took."""
    shown = [run for run in runs if run.status in COLOURS][-MOST:]
    longest = max((run.duration_seconds or 0 for run in shown), default=0) or 1
    floor = HEIGHT - 40
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="11" role="img">',
        f"<title>Seconds of the last {len(shown)} runs</title>",
        f'<text x="{LEFT}" y="16" font-size="13">Seconds of the last {len(shown)} runs</text>',
        f'<text x="{LEFT - 6}" y="{TOP + 4}" text-anchor="end">{longest:,.0f}</text>',
        f'<text x="{LEFT - 6}" y="{floor}" text-anchor="end">0</text>',
        f'<line x1="{LEFT}" y1="{floor}" x2="{WIDTH - 10}" y2="{floor}" stroke="#888"/>',
    ]
    for number, run in enumerate(shown):
        # A run that was killed has no duration and is shown as a stub.
        height = max((run.duration_seconds or 0) / longest * (floor - TOP), 2)
        x = LEFT + 6 + number * (BAR + GAP)
        words = f"{run.started_at:%Y-%m-%d %H:%M} {run.kind}: {run.status}"
        if run.duration_seconds is not None:
            words += f", {run.duration_seconds:,.0f} s"
        if run.rows_in is not None:
            words += f", {run.rows_in:,} rows in"
        if run.rows_out is not None:
            words += f", {run.rows_out:,} out"
        parts.append(
            f'<rect x="{x}" y="{floor - height:.1f}" width="{BAR}" height="{height:.1f}" '
            f'fill="{COLOURS[run.status]}"><title>{escape(words)}</title></rect>'
        )
    for number, (status, colour) in enumerate(COLOURS.items()):
        x = LEFT + number * 110
        parts.append(f'<circle cx="{x + 5}" cy="{HEIGHT - 16}" r="5" fill="{colour}"/>')
        parts.append(f'<text x="{x + 16}" y="{HEIGHT - 12}">{status}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def draw(home: Path, runs: Sequence[RunRecord]) -> Path:
    """Write the picture into the home; returns its path. Raises `OSError`."""
    path = home / FILE
    atomic_write(path, drawn(runs))
    return path
