"""Checking a company's own rules before anything is built with them.

What belongs here: reading the seed files, and checks across several rows or several seeds. What
does not: checks of a single row (`seed_rows`), and settings (`settings`).
"""

import csv
import difflib
import io
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import combinations
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import ValidationError

from pipegen.company import seed_rows as rows
from pipegen.company.settings import read_settings
from pipegen.errors import PipegenError

__all__ = ["SEEDS", "check_seeds", "read_settings"]

RowType = TypeVar("RowType", bound=rows.Row)

_SHARE_TOLERANCE = Decimal("0.001")


class Problem(NamedTuple):
    """A problem with a line of a seed. Lines count from 1, which is the header."""

    line: int
    text: str


@dataclass(frozen=True)
class Line(Generic[RowType]):
    """A row, and the line of the file on which it begins."""

    number: int
    row: RowType


Check = Callable[[Sequence[Line[Any]]], Iterator[Problem]]


@dataclass(frozen=True)
class Seed:
    """A seed of the contract: its row type, its unique columns, its checks across rows."""

    name: str
    row: type[rows.Row]
    unique: tuple[tuple[str, ...], ...] = ()
    checks: tuple[Check, ...] = ()
    needs_rows: bool = False

    @property
    def columns(self) -> list[str]:
        """The columns, in the contract's order."""
        return list(self.row.model_fields)


def _stages_agree(lines: Sequence[Line[rows.Stage]]) -> Iterator[Problem]:
    first: dict[object, Line[rows.Stage]] = {}
    for line in lines:
        known = first.setdefault(_matched(line.row.canonical_stage), line)
        for column in ("stage_order", "stage_group", "is_late_stage"):
            ours, theirs = getattr(line.row, column), getattr(known.row, column)
            if ours != theirs:
                yield Problem(
                    line.number,
                    f"{column} {_shown(ours)} of canonical_stage {line.row.canonical_stage!r} is "
                    f"{_shown(theirs)} on line {known.number}",
                )


def _some_stage_is_open(lines: Sequence[Line[rows.Stage]]) -> Iterator[Problem]:
    if lines and not any(line.row.stage_group == "open" for line in lines):
        yield Problem(1, "no stage has stage_group open")


def _shares_sum_to_one(lines: Sequence[Line[rows.SourceShare]]) -> Iterator[Problem]:
    quarters: dict[str, list[Line[rows.SourceShare]]] = defaultdict(list)
    for line in lines:
        quarters[line.row.fiscal_quarter].append(line)
    for quarter, members in quarters.items():
        total = sum((line.row.share for line in members), Decimal(0))
        if abs(total - 1) > _SHARE_TOLERANCE:
            yield Problem(members[0].number, f"the shares of {quarter} sum to {total}, not to 1")


def _sizes_are_apart(lines: Sequence[Line[rows.Segment]]) -> Iterator[Problem]:
    for one, other in combinations(lines, 2):
        low = max(one.row.min_employees or 0, other.row.min_employees or 0)
        high = min(_size(one.row.max_employees), _size(other.row.max_employees))
        if low <= high:
            yield Problem(
                other.number,
                f"segment {other.row.segment!r} overlaps {one.row.segment!r} on line "
                f"{one.number}: {low} employees are in both",
            )


def _size(most: int | None) -> float:
    return float("inf") if most is None else most


def _exclusions_are_apart(lines: Sequence[Line[rows.Exclusion]]) -> Iterator[Problem]:
    # With two exclusions at once, it would be unclear which reason applies to the deal.
    records: dict[tuple[str, str], list[Line[rows.Exclusion]]] = defaultdict(list)
    for line in lines:
        records[line.row.record_type, line.row.record_id.strip()].append(line)
    for members in records.values():
        for one, other in combinations(members, 2):
            first = max(one.row.effective_from or date.min, other.row.effective_from or date.min)
            last = min(one.row.effective_to or date.max, other.row.effective_to or date.max)
            if first <= last:
                yield Problem(
                    other.number,
                    f"the dates of {other.row.record_type} {other.row.record_id} overlap those "
                    f"on line {one.number}",
                )


SEEDS: tuple[Seed, ...] = (
    Seed(
        "stages",
        rows.Stage,
        unique=(("stage_name",),),
        checks=(_stages_agree, _some_stage_is_open),
        needs_rows=True,
    ),
    Seed("opportunity_types", rows.OpportunityType, unique=(("type",),)),
    Seed("team_roles", rows.TeamRole, unique=(("role_name",),)),
    Seed("segments", rows.Segment, unique=(("segment",),), checks=(_sizes_are_apart,)),
    Seed("decision_roles", rows.DecisionRole, unique=(("role",),)),
    Seed(
        "qualification_rules",
        rows.QualificationRule,
        unique=(("effective_from",),),
        needs_rows=True,
    ),
    Seed(
        "stage_entry_criteria",
        rows.StageEntryCriterion,
        unique=(("canonical_stage", "criterion"),),
    ),
    Seed("source_rules", rows.SourceRule, unique=(("priority",), ("rule", "value"))),
    Seed("source_owners", rows.SourceOwner, unique=(("pipeline_source",),)),
    Seed(
        "source_shares",
        rows.SourceShare,
        unique=(("fiscal_quarter", "pipeline_source"),),
        checks=(_shares_sum_to_one,),
    ),
    Seed("creation_targets", rows.CreationTarget, unique=(("fiscal_quarter", "segment"),)),
    Seed("quotas", rows.Quota, unique=(("fiscal_quarter", "segment", "motion"),)),
    Seed("mql_targets", rows.MqlTarget, unique=(("fiscal_quarter", "channel"),)),
    Seed("capacity_plan", rows.Capacity, unique=(("fiscal_quarter", "segment", "team"),)),
    Seed("lifecycle_statuses", rows.LifecycleStatus, unique=(("system", "raw_status"),)),
    Seed("touch_types", rows.TouchType, unique=(("system", "raw_type"),)),
    Seed("exclusions", rows.Exclusion, checks=(_exclusions_are_apart,)),
    Seed("benchmarks", rows.Benchmark, unique=(("metric", "level", "period"),)),
    Seed("review_actions", rows.ReviewAction, unique=(("action_id",),)),
)


# Seeds that a company may add. Without them, the project's own rules apply.
OPTIONAL_SEEDS: tuple[Seed, ...] = (
    Seed("proposal_rules", rows.ProposalRule, unique=(("rule",),)),
    Seed("attribution_weights", rows.AttributionWeights, unique=(("model",),)),
    Seed("rep_targets", rows.RepTarget, unique=(("fiscal_quarter", "owner_id"),)),
    Seed("lead_source_channels", rows.LeadSourceChannel, unique=(("lead_source",),)),
)

# In these, a company's file may leave out rows: the project's own rows then apply. By seed, the
# column that identifies a row.
_KEPT_BY = {"attribution_weights": "model"}


def with_kept_rows(name: str, own: bytes, default: bytes) -> bytes:
    """A company's optional seed, completed with the project's own rows that it leaves out."""
    if (key := _KEPT_BY.get(name)) is None:
        return own
    ours, theirs = (
        list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"), newline="")))
        for text in (own, default)
    )
    named = {_matched(row[key]) for row in ours}
    kept = [row for row in theirs if _matched(row[key]) not in named]
    written = io.StringIO(newline="")
    writer = csv.DictWriter(written, fieldnames=list(theirs[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(ours + kept)
    return written.getvalue().encode()


def seed_files(folder: Path) -> dict[str, Path]:
    """The CSV files of a set of seeds by name, in whatever folders below it they lie.

    The default set has folders; a company may keep its own that way, or all files in one place.
    Raises `PipegenError` where two files have one name, since only one of them can be the seed.
    """
    found: dict[str, Path] = {}
    problems = []
    for path in sorted(folder.rglob("*.csv")):
        if any(part.startswith(".") for part in path.relative_to(folder).parts):
            continue
        if path.stem in found:
            problems.append(f"{path.name} is there twice: {found[path.stem]} and {path}")
        found.setdefault(path.stem, path)
    if problems:
        raise PipegenError(problems)
    return found


def check_seed(name: str, path: Path) -> None:
    """Check one seed, wherever its file is.

    Raises one `PipegenError` that lists every problem by file, line and column.
    """
    [seed] = [one for one in SEEDS + OPTIONAL_SEEDS if one.name == name]
    _, problems = _read(seed, path)
    if problems:
        raise PipegenError([f"{path.name} line {p.line}: {p.text}" for p in sorted(problems)])


def read_seed(name: str, text: str, where: str) -> list[rows.Row]:
    """The rows of a seed's text; `where` is what problems call it.

    Raises one `PipegenError` that lists every problem by line and column.
    """
    [seed] = [one for one in SEEDS + OPTIONAL_SEEDS if one.name == name]
    lines, problems = _read_text(seed, text.removeprefix("\ufeff"), where)
    if problems:
        raise PipegenError([f"{where} line {p.line}: {p.text}" for p in sorted(problems)])
    return [line.row for line in lines]


def check_seeds(folder: Path) -> None:
    """Check a whole set of seeds.

    Raises one `PipegenError` that lists every problem by file, line (counted from 1, the header's)
    and column.
    """
    if not folder.is_dir():
        found = "is a file, not a folder" if folder.exists() else "does not exist"
        raise PipegenError(f"the folder of seeds {folder} {found}")
    problems: list[str] = []
    read: dict[str, list[Line[Any]]] = {}
    files = seed_files(folder)
    given = [seed for seed in OPTIONAL_SEEDS if seed.name in files]
    for seed in (*SEEDS, *given):
        path = files.get(seed.name, folder / f"{seed.name}.csv")
        try:
            if seed.name not in files:
                raise PipegenError(_missing(path, files))
            lines, found_problems = _read(seed, path)
        except PipegenError as error:
            problems += error.problems
            continue
        read[seed.name] = lines
        problems += [f"{path.name} line {p.line}: {p.text}" for p in sorted(found_problems)]
    problems += _unknown_stages(read)
    problems += _unknown_sources(read, folder)
    # Whether stages can be reached is meaningless while some of them are wrong.
    if not problems:
        problems += _unreachable_stages(read)
    if problems:
        raise PipegenError(problems)


def _read(seed: Seed, path: Path) -> tuple[list[Line[Any]], list[Problem]]:
    """The valid rows of a seed, and the problems of the others.

    Raises `PipegenError` if the file as a whole can't be used.
    """
    return _read_text(seed, _text(path), path.name)


def _read_text(seed: Seed, text: str, name: str) -> tuple[list[Line[Any]], list[Problem]]:
    """The same of a seed's text; `name` is what problems call it."""
    header, *records = _records(text, name)
    _check_header(seed, name, header[1])
    lines, problems = [], []
    for number, cells in records:
        try:
            lines.append(Line(number, seed.row(**_cells(header[1], cells))))
        except ValidationError as error:
            problems += [Problem(number, _told(detail)) for detail in error.errors()]
        except _WrongWidth as error:
            problems.append(Problem(number, str(error)))
    # A check of totals or overlaps is meaningless while some rows are missing.
    if not problems:
        for check in (_repeats(columns) for columns in seed.unique):
            problems += check(lines)
        for check in seed.checks:
            problems += check(lines)
    if seed.needs_rows and not records:
        problems.append(Problem(1, "there is no row below the header, but at least one is needed"))
    return lines, problems


class _WrongWidth(Exception):
    """A row has more or fewer cells than the header."""


def _cells(header: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    if not cells:
        raise _WrongWidth("the line is blank; remove it")
    if len(cells) != len(header):
        raise _WrongWidth(f"{len(cells)} cells, but the header names {len(header)} columns")
    return dict(zip(header, cells, strict=True))


def _text(path: Path) -> str:
    if not path.is_file():
        raise PipegenError(_missing(path, {}))
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise PipegenError(f"{path.name} is not in UTF-8; save it so") from error
    except OSError as error:
        raise PipegenError(f"{path} cannot be read: {error.strerror or error}") from error


def _records(text: str, name: str) -> list[tuple[int, list[str]]]:
    """The records of a CSV file with the line on which each begins, the header first."""
    if not text.strip():
        raise PipegenError(f"{name} is empty; it must at least have its header")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    records = []
    begins = 1
    try:
        for record in reader:
            records.append((begins, record))
            begins = reader.line_num + 1
    except csv.Error as error:
        raise PipegenError(f"{name} line {begins}: {error}") from error
    return records


def _missing(path: Path, files: Mapping[str, Path]) -> str:
    names = [file.name for name, file in files.items() if name not in _NAMES]
    near = difflib.get_close_matches(path.name, names, n=1)
    hint = f"; is it {near[0]}?" if near else ""
    return f"{path.name} is missing from the seeds in {path.parent}{hint}"


_NAMES = {seed.name for seed in SEEDS + OPTIONAL_SEEDS}


def _check_header(seed: Seed, file: str, header: Sequence[str]) -> None:
    missing = [name for name in seed.columns if name not in header]
    extra = [name for name in header if name not in seed.columns]
    twice = sorted({name for name in header if header.count(name) > 1} - set(extra))
    parts = [
        f"{what} {', '.join(names)}"
        for what, names in (("is missing", missing), ("has unknown", extra), ("repeats", twice))
        if names
    ]
    if parts:
        raise PipegenError(
            f"{file} line 1: the header {', '.join(parts)}; "
            f"it must name {', '.join(seed.columns)}"
        )


def _told(detail: Any) -> str:
    """A problem found by pydantic, in our words: the column, then what is wrong with it."""
    column = ".".join(str(name) for name in detail["loc"])
    return f"{column} {detail['msg']}".strip()


def _repeats(columns: tuple[str, ...]) -> Check:
    """A check that no two rows agree in these columns, compared as raw text will be."""

    def check(lines: Sequence[Line[Any]]) -> Iterator[Problem]:
        first: dict[tuple[object, ...], int] = {}
        for line in lines:
            values = [getattr(line.row, column) for column in columns]
            known = first.setdefault(tuple(_matched(value) for value in values), line.number)
            if known != line.number:
                shown = ", ".join(
                    f"{column} {_shown(value)}"
                    for column, value in zip(columns, values, strict=True)
                )
                yield Problem(line.number, f"{shown} is on line {known} already")

    return check


def _matched(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, str) else str(value)


def _unreachable_stages(read: dict[str, list[Line[Any]]]) -> Iterable[str]:
    """Rules under which no deal can ever qualify, because no open stage is high enough."""
    orders = [
        line.row.stage_order for line in read.get("stages", []) if line.row.stage_group == "open"
    ]
    for line in read.get("qualification_rules", []):
        if orders and line.row.min_stage_order > max(orders):
            yield (
                f"qualification_rules.csv line {line.number}: min_stage_order "
                f"{line.row.min_stage_order} is above every open stage of stages.csv, of which "
                f"the highest has stage_order {max(orders)}"
            )


def _unknown_sources(read: dict[str, list[Line[Any]]], folder: Path) -> Iterable[str]:
    """Sources that nobody answers for: a misspelt one would be one of its own, or none at all."""
    known = {*rows.SOURCES, *(line.row.pipeline_source for line in read.get("source_owners", []))}
    try:
        excluded = read_settings(folder)["coverage_excluded_sources"]
    except PipegenError:
        # What is wrong with the settings is said by who reads them for a run.
        excluded = []
    for source in excluded:
        if source not in known:
            yield (
                f"settings.yml: coverage_excluded_sources {source!r} is neither one of "
                f"{', '.join(rows.SOURCES)} nor in source_owners.csv"
            )
    for seed in ("source_rules", "source_shares"):
        for line in read.get(seed, []):
            if line.row.pipeline_source not in known:
                yield (
                    f"{seed}.csv line {line.number}: pipeline_source {line.row.pipeline_source!r} "
                    f"is neither one of {', '.join(rows.SOURCES)} nor in source_owners.csv"
                )


def _unknown_stages(read: dict[str, list[Line[Any]]]) -> Iterable[str]:
    """Criteria for stages that do not exist, which no deal could ever meet."""
    known = {_matched(line.row.canonical_stage) for line in read.get("stages", [])}
    if not known:
        return
    for line in read.get("stage_entry_criteria", []):
        stage = line.row.canonical_stage
        if _matched(stage) not in known:
            yield (
                f"stage_entry_criteria.csv line {line.number}: canonical_stage {stage!r} is in "
                f"no row of stages.csv"
            )
