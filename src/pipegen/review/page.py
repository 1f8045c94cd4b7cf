"""The packet's page: sections and definitions in one HTML file that needs nothing else.

What belongs here: putting the template, the style and the script together. What does not: content,
files.
"""

import base64
import functools
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2

from pipegen.review import cadence, glossary, words
from pipegen.review.blocks import Section
from pipegen.review.context import Context

TEMPLATES = Path(__file__).parent / "templates"

EVERY = {
    "week": "every week",
    "two_weeks": "every two weeks",
    "month": "every month",
    "quarter": "every quarter",
}


def render(
    sections: Sequence[Section],
    context: Context,
    settings: Mapping[str, Any],
    *,
    headline: str,
    warning: str,
    reported: str,
) -> str:
    """The page as HTML. `reported` says when the numbers were published; `warning`, if not empty,
    why they should not be trusted.

    Everything except the drawings, the style and the script is escaped. Only the page's own script
    may run: the page's policy names its digest.
    """
    script = (TEMPLATES / "page.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    month = settings["fiscal_year_start_month"]
    return _environment(TEMPLATES).get_template("page.html.j2").render(
        sections=sections,
        context=context,
        meeting=context.meeting,
        every=EVERY[context.meeting.every],
        host=cadence.host(context.as_of, month, context.meeting.audience),
        next_day=words.day(context.meets_on),
        headline=headline,
        warning=warning,
        as_of=context.as_of.isoformat(),
        as_of_words=words.day(context.as_of),
        since_words=words.day(context.since),
        timezone=settings["business_timezone"],
        reported=reported,
        terms=glossary.terms(settings),
        style=(TEMPLATES / "page.css").read_text(encoding="utf-8"),
        script=script,
        script_hash=f"sha256-{digest}",
    )


# A packet is rendered twice, and compiling its template takes as long as rendering it.
@functools.cache
def _environment(templates: Path) -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
