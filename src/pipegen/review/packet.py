"""The packet: composed from the published warehouse, written once, and never rewritten.

What belongs here: the order of the parts, the files, the ten lines for chat. What does not: the
content of a part.
"""

import contextlib
import dataclasses
import datetime as dt
import hashlib
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipegen.company.seed_rows import ReviewAction
from pipegen.errors import PipegenError
from pipegen.queries import SOURCES_BEHIND
from pipegen.review import actions as action_list
from pipegen.review import cadence, charts, page, words
from pipegen.review.blocks import Section
from pipegen.review.context import Context
from pipegen.review.published import Published, Row, open_published
from pipegen.review.sections import actions, answer, below, health, marketing, pipeline
from pipegen.typed import typed
from pipegen.warehouses import MISSING, Database

PAGE, PICTURE, TEXT, FINGERPRINT = "index.html", "summary.png", "summary.txt", "fingerprint"
LATEST = "latest"


@dataclasses.dataclass(frozen=True)
class Packet:
    """A packet on disk. `is_new` is false if an equal packet was already there."""

    as_of: dt.date
    folder: Path
    is_new: bool

    @property
    def page(self) -> Path:
        """The path of the page."""
        return self.folder / PAGE


@dataclasses.dataclass(frozen=True)
class Composed:
    """A packet in memory. Two with the same fingerprint say the same, whenever published."""

    as_of: dt.date
    page: str
    picture: bytes
    text: str
    fingerprint: str


@dataclasses.dataclass(frozen=True)
class Listed:
    """The list of actions as it is on a day, for a packet that is written without a run."""

    actions: tuple[ReviewAction, ...]
    day: dt.date


def folder_of(review: Path, audience: str = "joint") -> Path:
    """The folder of an audience's packets, in the home's `review` folder."""
    return review if audience == "joint" else review / audience


def write_packet(
    warehouse: Database,
    review: Path,
    settings: Mapping[str, Any],
    audience: str = "joint",
    listed: Listed | None = None,
    *,
    warning: str = "",
) -> Packet:
    """Write the packet of a published warehouse to `<folder>/<as-of>/` and point `latest` at it.

    The packet is made for the next meeting of its audience, and is in the audience's folder. With
    `listed`, it shows the actions as they are listed, not as the last run saw them. `warning` is
    shown above everything else.

    An existing packet is never changed. If the numbers differ, the new packet is written beside it
    as `<as-of>.2`, `.3` and so on; if they don't, nothing is written. `latest` is the newest packet
    of the latest as-of day, so that a run as of an earlier day does not replace it. Raises
    `PipegenError` if the warehouse can't be read or is missing a mart, if the folder can't be
    written, or if a company at this stage has no such meeting.
    """
    composed = compose(warehouse, settings, audience, listed, warning=warning)
    folder = folder_of(review, audience)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _discard_unfinished(folder)
        numbers = _numbers(folder, composed.as_of)
        last = _named(folder, composed.as_of, numbers[-1]) if numbers else None
        if last and _fingerprint(last) == composed.fingerprint:
            _point(folder)
            return Packet(composed.as_of, last, is_new=False)
        target = _named(folder, composed.as_of, numbers[-1] + 1 if numbers else 1)
        _write(composed, folder, target)
        _point(folder)
    except OSError as error:
        raise PipegenError(
            f"the review packet can't be written to {folder} ({error.strerror or error}): "
            "make room on the disk, or give this user the right to write there, then run "
            f"`{typed('pipegen packet')}`."
        ) from None
    return Packet(composed.as_of, target, is_new=True)


def compose(
    warehouse: Database,
    settings: Mapping[str, Any],
    audience: str = "joint",
    listed: Listed | None = None,
    *,
    warning: str = "",
) -> Composed:
    """The packet of a published warehouse, in memory. Raises the same errors as `write_packet`."""
    with open_published(warehouse) as published:
        try:
            return _composed(published, settings, audience, listed, warning)
        except MISSING as error:
            raise PipegenError(
                f"{warehouse} does not hold what the review shows ({str(error).splitlines()[0]}): "
                f"`{typed('pipegen run')}` publishes it again."
            ) from None


def chat_message(review: Path, audience: str = "joint") -> tuple[str, Path]:
    """The ten lines of text and the picture of an audience's latest packet, for a message.

    Raises `PipegenError` if there is no packet.
    """
    latest = folder_of(review, audience) / LATEST
    if not (latest / TEXT).is_file():
        raise PipegenError(
            f"there is no review packet in {latest.parent}: "
            f"`{typed('pipegen packet')}` writes one."
        )
    return (latest / TEXT).read_text(encoding="utf-8"), latest / PICTURE


def context_of(
    published: Published, settings: Mapping[str, Any], audience: str = "joint"
) -> Context:
    """The day and the meeting of a warehouse's packet. Raises the same errors as `write_packet`."""
    as_of = published.row("select max(as_of_date) as day from marts.double_counting")["day"]
    quarter = published.row(
        "select fiscal_quarter, quarter_start_date, quarter_end_date from core.dim_dates "
        "where date_day = ?",
        as_of,
    )
    try:
        meets_on, meeting = cadence.next_meeting(
            settings["company_stage"], as_of, settings["fiscal_year_start_month"], audience
        )
    except KeyError:
        raise PipegenError(
            f"a company of stage {settings['company_stage']} has no meeting of {audience} alone: "
            "set company_stage to scale, or leave the audience out."
        ) from None
    return Context(
        as_of=as_of,
        quarter=quarter["fiscal_quarter"],
        quarter_start=quarter["quarter_start_date"],
        quarter_end=quarter["quarter_end_date"],
        currency=settings["corporate_currency"],
        meeting=meeting,
        meets_on=meets_on,
    )


def _composed(
    published: Published,
    settings: Mapping[str, Any],
    audience: str,
    listed: Listed | None,
    warning: str,
) -> Composed:
    # As a sentence of its own.
    warning = f"{warning[:1].upper()}{warning[1:]}." if warning else ""
    context = context_of(published, settings, audience)
    agreed = _agreed(published, context, settings, listed)
    sections = [
        answer.section(published, context),
        pipeline.section(published, context),
        health.section(published, context),
        *([marketing.section(published, context)] if context.has("contribution") else []),
        actions.section(published, context, agreed),
        below.section(published, context),
    ]
    quarters = answer.quarters(published)
    headline = answer.sentence(quarters, context)
    said = published.row("select max(reported_at) as said from marts.reported_numbers")["said"]
    rows = answer.quarter_bars(quarters) or [charts.Bar("no quarter", 0.0, "")]
    picture = charts.png(
        headline,
        f"Won (green) and weighted pipeline (blue) against quota (line), no renewals, "
        f"{context.currency}, as of {words.day(context.as_of)}",
        rows,
    )
    text = _ten_lines(published, context, settings, headline, agreed, warning)
    return Composed(
        as_of=context.as_of,
        page=page.render(
            sections,
            context,
            settings,
            headline=headline,
            warning=warning,
            reported=f"Published {words.moment(said)}." if said else "",
        ),
        picture=picture,
        text=text,
        fingerprint=_digest(
            page.render(
                _without_runs(sections), context, settings,
                headline=headline, warning=warning, reported="",
            ),
            text,
            picture,
            settings,
        ),
    )


def _agreed(
    published: Published, context: Context, settings: Mapping[str, Any], listed: Listed | None
) -> list[Row]:
    """The actions that the packet shows: with a list, what was agreed up to the end of the week in
    which the packet's meeting is, for it may be written after the meeting."""
    if listed is None:
        return action_list.agreed(published, None, context.as_of)
    last = max(context.as_of, min(listed.day, context.meets_on + dt.timedelta(days=6)))
    return action_list.agreed(
        published, listed.actions, last, is_masked=settings["mask_personal_data"]
    )


def _ten_lines(
    published: Published,
    context: Context,
    settings: Mapping[str, Any],
    headline: str,
    agreed: list[Row],
    warning: str,
) -> str:
    """The text of a message: ten lines, with no person's name."""
    measures = {
        row["measure"]: row for row in published.rows("select * from marts.double_counting")
    }
    net_new = {
        row["step"]: row
        for row in published.rows(
            "select * from marts.net_new_audit where period_grain = 'fiscal_quarter' "
            "and period = ?",
            context.quarter,
        )
    }
    risk = health.at_risk(published)
    behind = [
        f"{words.name(row['pipeline_source'])} ({words.share(row['behind_pct'])})"
        for row in published.rows(SOURCES_BEHIND)
    ]
    todo = context.concerning(agreed, "team")
    overdue = sum(bool(row["is_overdue"]) for row in todo)
    in_time = sum(bool(row["is_open"]) for row in todo) - overdue
    proposed = context.concerning(actions.proposals(published, agreed), "owner_team")
    fresh = [row for row in proposed if not row["open_action_id"]]
    claimed, honest = net_new.get("claimed"), net_new.get("net_new")
    first, _, rest = headline.partition(". ")
    reconciled = measures["reconciled"]
    lines = [
        f"{context.meeting.name}, as of {words.day(context.as_of)}, amounts in {context.currency}"
        + (f". {warning}" if warning else ""),
        first.rstrip(".") + ".",
        rest or "Nothing more is due in a later quarter.",
        f"Reconciled pipeline: {words.plural(reconciled['opportunity_count'], 'deal')}, "
        f"{words.short(reconciled['amount'])}. The four views add up to "
        f"{words.short(measures['sum_of_views']['amount'])}, of which "
        f"{words.short(measures['double_counted']['amount'])} are counted twice.",
        f"New in {context.quarter}: {words.short(honest['amount'] if honest else 0)} net-new, "
        f"{words.short(claimed['amount'] if claimed else 0)} claimed.",
        f"Sources behind their target to date by {words.share(settings['behind_threshold'])} or "
        f"more: {words.listed(behind) or 'none'}.",
        f"At risk: {words.plural(risk[True]['deals'], 'reconciled deal')}, "
        f"{words.short(risk[True]['amount'])}; {words.plural(risk[False]['deals'], 'other')}, "
        f"{words.short(risk[False]['amount'])}.",
        _mqls(published, context),
        f"Actions: {overdue} overdue, {in_time} open and in time. "
        f"Proposals: {len(fresh)}.",
        "The packet: "
        + str(folder_of(Path("review"), context.meeting.audience) / str(context.as_of) / PAGE),
    ]
    return "\n".join(lines) + "\n"


def _mqls(published: Published, context: Context) -> str:
    """What channels with a target have brought, against that target; the others apart."""
    mqls = published.row(
        "select coalesce(sum(case when target is not null then mqls end), 0) as aimed, "
        "coalesce(sum(case when target is null then mqls end), 0) as others, "
        "sum(target_to_date) as due, sum(target) as target "
        "from marts.mql_pacing where fiscal_quarter = ?",
        context.quarter,
    )
    said = f"Recorded MQLs in {context.quarter}: "
    if not mqls["target"]:
        return f"{said}{mqls['aimed'] + mqls['others']:,}; no channel has a target."
    return (
        f"{said}{mqls['aimed']:,} in channels with a target, of {round(mqls['due']):,} due by now "
        f"and {mqls['target']:,} in all; {mqls['others']:,} in other channels."
    )


def _without_runs(sections: list[Section]) -> list[Section]:
    """The sections without when they were published and how often, which every run changes."""
    return [
        dataclasses.replace(
            section,
            exhibits=[
                dataclasses.replace(
                    exhibit, tables=tuple(one for one in exhibit.tables if one.id != "reported")
                )
                for exhibit in section.exhibits
                if exhibit.id != below.RUNS
            ],
        )
        for section in sections
    ]


def _digest(page_: str, text: str, picture: bytes, settings: Mapping[str, Any]) -> str:
    """A digest of all that a reader sees, so that a new template makes a new packet too."""
    said = repr((page_, text, picture, sorted(settings.items())))
    return hashlib.sha256(said.encode()).hexdigest()


def _numbers(folder: Path, as_of: dt.date) -> list[int]:
    """The numbers of the day's existing packets: 1 is `<as-of>`, 2 is `<as-of>.2`."""
    name = re.compile(re.escape(as_of.isoformat()) + r"(?:\.(\d+))?")
    found = [name.fullmatch(path.name) for path in folder.iterdir()]
    return sorted(int(match[1] or 1) for match in found if match)


def _named(folder: Path, as_of: dt.date, number: int) -> Path:
    return folder / (as_of.isoformat() + (f".{number}" if number > 1 else ""))


def _fingerprint(packet: Path) -> str:
    path = packet / FINGERPRINT
    return path.read_text(encoding="utf-8").strip() if path.is_file() else ""


def _write(composed: Composed, folder: Path, target: Path) -> None:
    """Write the files to a temporary folder and rename it, so that a packet is always complete."""
    unfinished = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=folder))
    try:
        unfinished.chmod(0o755)
        (unfinished / PAGE).write_text(composed.page, encoding="utf-8")
        (unfinished / PICTURE).write_bytes(composed.picture)
        text = composed.text.replace(f"/{composed.as_of}/", f"/{target.name}/")
        (unfinished / TEXT).write_text(text, encoding="utf-8")
        (unfinished / FINGERPRINT).write_text(composed.fingerprint + "\n", encoding="utf-8")
        unfinished.rename(target)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _discard_unfinished(folder: Path) -> None:
    """Remove what killed runs left behind."""
    for path in folder.glob(".unfinished-*"):
        shutil.rmtree(path, ignore_errors=True)


def _point(folder: Path) -> None:
    """Make `latest` the newest packet of the latest as-of day, atomically."""
    name = re.compile(r"(\d{4}-\d\d-\d\d)(?:\.(\d+))?")
    found = [match for path in folder.iterdir() if (match := name.fullmatch(path.name))]
    newest = max(found, key=lambda match: (match[1], int(match[2] or 1)))[0]
    latest, pointer = folder / LATEST, folder / f".{LATEST}.next"
    with contextlib.suppress(FileNotFoundError):
        pointer.unlink()
    try:
        pointer.symlink_to(newest, target_is_directory=True)
        pointer.replace(latest)
    except OSError:
        # On a disk without links, such as some network shares, `latest` is a copy.
        copy = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=folder))
        shutil.copytree(folder / newest, copy, dirs_exist_ok=True)
        if latest.is_dir() and not latest.is_symlink():
            shutil.rmtree(latest)
        copy.replace(latest)
