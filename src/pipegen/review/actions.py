"""The list of actions: read, added to, closed in; and the actions that a packet shows.

What belongs here: reading and writing the file with a company's actions, and what the list says
since the last run. What does not: how the packet shows them (`sections.actions`).
"""

import csv
import dataclasses
import datetime as dt
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pipegen.company.seed_rows import TEAMS, ReviewAction
from pipegen.company.seeds import read_seed, seed_files
from pipegen.errors import PipegenError
from pipegen.files import replacing
from pipegen.project import PROJECT
from pipegen.review.published import Published, Row
from pipegen.typed import typed
from pipegen.warehouses import ERRORS, Database, exists, open_database

SEED = "review_actions"
COLUMNS = list(ReviewAction.model_fields)
_HEADER = (",".join(COLUMNS) + "\n").encode()
NOT_YET = "not opened yet"
TABLE = re.compile(r"[A-Za-z_]\w*\.[A-Za-z_]\w*")


@dataclasses.dataclass(frozen=True)
class Source:
    """Where a company keeps its actions: a CSV file, or a table of the published warehouse.

    `is_seed`: the file is the seed, which a set may lack while there are no actions.
    """

    file: Path | None
    table: str = ""
    is_seed: bool = dataclasses.field(default=False, compare=False)


def seed_file(seeds: Path) -> Path:
    """The seed of actions in a company's set; where it would be, if the set has none."""
    return seed_files(seeds).get(SEED, seeds / f"{SEED}.csv")


def source_of(setting: str, seeds: Path, home: Path | None = None) -> Source:
    """The place that the setting `review_actions_source` names.

    Empty: the seed; where the seeds are the project's own, a copy in `home` once there is one, for
    the project's seed is under version control. `schema.table`: that table. Anything else: a CSV
    file, by its path from the folder of seeds.
    """
    text = setting.strip()
    if not text:
        copy = home / f"{SEED}.csv" if home and seeds == PROJECT / "seeds" else None
        return Source(copy if copy and copy.exists() else seed_file(seeds), is_seed=True)
    if TABLE.fullmatch(text) and not text.lower().endswith(".csv"):
        return Source(None, text)
    return Source(seeds / Path(text).expanduser())


def seed_text(source: Source, warehouse: Database) -> bytes:
    """The actions as the seed's CSV, from wherever they are kept.

    Raises `PipegenError` if the file or the table does not exist or is missing a column.
    """
    if source.file is None:
        return _of_table(source.table, warehouse)
    if source.is_seed and not source.file.exists():
        return _HEADER
    try:
        return source.file.read_bytes()
    except OSError as error:
        raise PipegenError(
            f"review_actions_source: {source.file} can't be read ({error.strerror}): put the file "
            "there, or leave the setting out for the seed review_actions."
        ) from None


def begin(source: Source) -> None:
    """Write a list without actions where the set lacks the seed, so that one can be added."""
    if source.is_seed and source.file and not source.file.exists():
        _write(source.file, [])


def own_copy(file: Path, home: Path) -> Path:
    """The file to write actions to: the project's own seed is copied to the home first.

    Raises `PipegenError` where the copy can't be written.
    """
    if file != seed_file(PROJECT / "seeds"):
        return file
    copy = home / f"{SEED}.csv"
    try:
        home.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes())
    except OSError as error:
        raise PipegenError(f"{copy} can't be written ({error.strerror}).") from None
    return copy


def add(
    file: Path,
    *,
    action: str,
    today: dt.date,
    team: str = "",
    owner: str = "",
    due_on: dt.date | None = None,
    metric: str = "",
) -> str:
    """Add an action to a file of actions; returns its new id.

    Raises `PipegenError` if it is due before it is opened, or the file has no actions or can't be
    written.
    """
    if due_on and due_on < today:
        raise PipegenError(
            f"an action that is opened on {today} can't be due on {due_on}: name that day or a "
            "later one."
        )
    rows = read(file)
    id_ = _next_id([row["action_id"] for row in rows])
    rows.append(
        dict.fromkeys(COLUMNS, "")
        | {
            "action_id": id_,
            "opened_on": today.isoformat(),
            "team": team,
            "owner": owner,
            "action": action,
            "due_on": due_on.isoformat() if due_on else "",
            "status": "open",
            "metric": metric,
        }
    )
    _write(file, rows)
    return id_


def close(file: Path, action_id: str, *, today: dt.date, outcome: str, status: str) -> None:
    """Close an action with its result. Raises `PipegenError` if it does not exist or isn't open."""
    rows = read(file)
    found = next((row for row in rows if row["action_id"].strip() == action_id), None)
    if found is None:
        raise PipegenError(
            f"{file} has no action {action_id}: `{typed('pipegen action list --all')}` shows all."
        )
    if found["closed_on"]:
        raise PipegenError(f"{action_id} was closed on {found['closed_on']} already.")
    found |= {"status": status, "closed_on": today.isoformat(), "outcome": outcome}
    _write(file, rows)


def read(file: Path) -> list[dict[str, str]]:
    """The rows of a file of actions. Raises `PipegenError` if it is not such a file."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise PipegenError(f"{file} can't be read as the list of actions ({error}).") from None
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    header = next(csv.reader(io.StringIO(text)), [])
    if sorted(header) != sorted(COLUMNS):
        raise PipegenError(f"{file} line 1: the header must name {', '.join(COLUMNS)}")
    return rows


def listed(source: Source, warehouse: Database) -> list[ReviewAction]:
    """The actions as they are listed now, wherever they are kept, in order.

    Raises `PipegenError` if they can't be read, or one is no action.
    """
    where = source.file.name if source.file else source.table
    return read_seed(SEED, seed_text(source, warehouse).decode("utf-8"), where)  # type: ignore[return-value]


def is_open(action: ReviewAction, day: dt.date) -> bool:
    """Whether an action is open on a day, as core.fct_review_actions says of as-of."""
    return action.opened_on <= day and (action.closed_on is None or action.closed_on > day)


def is_overdue(action: ReviewAction, day: dt.date) -> bool:
    """Whether an action is open on a day, and was due before it."""
    return is_open(action, day) and action.due_on is not None and action.due_on < day


def state(action: ReviewAction, day: dt.date) -> str:
    """What an action is on a day, in a word."""
    if action.opened_on > day:
        return NOT_YET
    if not is_open(action, day):
        return action.status
    return "overdue" if is_overdue(action, day) else "open"


def agreed(
    published: Published,
    list_: Iterable[ReviewAction] | None,
    day: dt.date,
    *,
    is_masked: bool = False,
) -> list[Row]:
    """The actions that a packet shows, the latest first.

    Those of the published warehouse, with what the list says since then: what was agreed in a
    meeting stands in the next packet without a run. `list_` is None where nothing is to be added.
    `day` is the day on which the list is read: an action that is opened later is not there yet.
    Where names are masked, an owner whom the warehouse has not masked yet is not shown.
    """
    # Marts have no names; core says who agreed to an action.
    found = published.rows(
        "select actions.*, agreed.owner from marts.review_actions as actions "
        "left join core.fct_review_actions as agreed using (action_id)"
    )
    if list_ is not None:
        known = {row["action_id"]: row for row in found}
        there = {one.action_id: one for one in list_ if one.opened_on <= day}
        found = [_since(known.get(id_), one, day, is_masked) for id_, one in there.items()]
        for id_ in known.keys() - there.keys():
            found.append(known[id_] | {"is_open": False, "is_overdue": False, "is_removed": True})
    return sorted(found, key=lambda row: (row["opened_on"], row["action_id"]), reverse=True)


def _since(known: Row | None, action: ReviewAction, day: dt.date, is_masked: bool) -> Row:
    """An action as the list has it on a day, and as the last run knew it, if it did."""
    is_closed = action.closed_on is not None and action.closed_on <= day
    fields: Row = {
        "action_id": action.action_id,
        "opened_on": action.opened_on,
        "team": action.team,
        "owner": action.owner,
        "action": action.action,
        "due_on": action.due_on,
        "status": "open" if action.closed_on and not is_closed else action.status,
        "closed_on": action.closed_on if is_closed else None,
        "outcome": action.outcome if is_closed else None,
        "metric": action.metric,
    }
    if is_masked:
        fields["owner"] = known["owner"] if known else None
    changed = [name for name in fields if known and known[name] != fields[name]]
    if known and not changed and not known["is_removed"]:
        return known
    return fields | {
        "is_open": is_open(action, day),
        "is_overdue": is_overdue(action, day),
        "is_removed": False,
        "changed_on": day if changed else None,
        "changed_fields": ",".join(changed) or None,
    }


def proposal(warehouse: Database, proposal_id: str) -> Mapping[str, str]:
    """The proposal with an id in the published review: action, team, owner and metric.

    The action's metric is the proposal's id, by which the next review recognises it as agreed.
    Raises `PipegenError` if there is no such proposal.
    """
    from pipegen.review.published import open_published
    from pipegen.review.sections.actions import proposals

    with open_published(warehouse) as published:
        rows = proposals(published)
    for row in rows:
        if row["proposal_id"] == proposal_id:
            return {
                "action": row["shown_proposal"],
                # Every source is a team, except self-serve.
                "team": row["owner_team"] if row["owner_team"] in TEAMS else "other",
                # A mask is nobody who could be called; who acts is then asked for.
                "owner": "" if is_mask(row["owner"]) else row["owner"] or "",
                "metric": proposal_id,
            }
    names = ", ".join(row["proposal_id"] for row in rows) or "none"
    raise PipegenError(f"the review proposes no {proposal_id}; it proposes {names}.")


def is_mask(text: str | None) -> bool:
    """Whether a name is the warehouse's mask of one (macros/personal_data.sql)."""
    return re.fullmatch(r"masked-[0-9a-f]{12}", text or "") is not None


def _next_id(ids: list[str]) -> str:
    """The highest id plus one, in the same format. Existing ids never change."""
    numbered: list[tuple[int, re.Match[str]]] = [
        (int(match[2]), match) for id_ in ids if (match := re.fullmatch(r"(.*?)(\d+)", id_.strip()))
    ]
    if not numbered:
        return "R-001"
    number, match = max(numbered, key=lambda one: one[0])
    return f"{match[1]}{number + 1:0{len(match[2])}d}"


def _write(file: Path, rows: list[dict[str, str]]) -> None:
    try:
        with (
            replacing(file) as beside,
            beside.open("w", newline="", encoding="utf-8") as handle,
        ):
            writer = csv.DictWriter(handle, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    except OSError as error:
        raise PipegenError(f"{file} can't be written ({error.strerror}).") from None


def _of_table(table: str, warehouse: Database) -> bytes:
    if not exists(warehouse):
        # Before the first run there is no published warehouse that could have the table.
        return _HEADER
    try:
        with open_database(warehouse) as connection:
            columns = ", ".join(f"cast({column} as varchar)" for column in COLUMNS)
            rows = connection.execute(f"select {columns} from {table} order by 1").fetchall()
    except ERRORS as error:
        raise PipegenError(
            f"review_actions_source: the table {table} of {warehouse} can't be read "
            f"({str(error).splitlines()[0]}): it must have the columns {', '.join(COLUMNS)}."
        ) from None
    return "".join(_lines([tuple(COLUMNS), *rows])).encode()


def _lines(rows: list[tuple[str | None, ...]]) -> Iterator[str]:
    for row in rows:
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow(row)
        yield line.getvalue()
