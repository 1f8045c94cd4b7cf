"""Checking a company's own rules before anything is built with them.

What belongs here: reading the seed files, what holds where a set lacks one, and checks across
several rows or several seeds. What does not: checks of a single row (`seed_rows`), and settings
(`settings`).
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
from typing import Any, Generic, Literal, NamedTuple, TypeVar

from pydantic import ValidationError

from pipegen.company import seed_rows as rows
from pipegen.company.settings import read_settings
from pipegen.errors import PipegenError
from pipegen.project import PROJECT
from pipegen.typed import typed

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


# What holds where a set lacks a seed: the project's own rows, none, or nothing, so that the run
# stops.
WhenMissing = Literal["default", "empty", "stop"]


@dataclass(frozen=True)
class Seed:
    """A seed of the contract: its row type, its unique columns, its checks across rows.

    `default_file` names the project's file that holds the default where the one of the seed's name
    does not, because the demo company has rules of its own there.
    """

    name: str
    row: type[rows.Row]
    when_missing: WhenMissing
    unique: tuple[tuple[str, ...], ...] = ()
    checks: tuple[Check, ...] = ()
    needs_rows: bool = False
    default_file: str = ""

    @property
    def columns(self) -> list[str]:
        """The columns, in the contract's order."""
        return list(self.row.model_fields)

    @property
    def text_when_missing(self) -> bytes:
        """The CSV text that stands in for the seed in a set that lacks it."""
        if self.when_missing == "default":
            return project_files()[self.default_file or self.name].read_bytes()
        return (",".join(self.columns) + "\n").encode()


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


# Which seed is of which kind (`when_missing`) is decided here alone, and the reason is above it.
SEEDS: tuple[Seed, ...] = (
    # Nobody but the company knows its stages, and a wrong guess decides every number.
    Seed(
        "stages",
        rows.Stage,
        "stop",
        unique=(("stage_name",),),
        checks=(_stages_agree, _some_stage_is_open),
        needs_rows=True,
    ),
    # Types that CRMs come with. One without a row is told by what the account has bought.
    Seed("opportunity_types", rows.OpportunityType, "default", unique=(("type",),)),
    # Common titles. A role without a row is nobody's team.
    Seed("team_roles", rows.TeamRole, "default", unique=(("role_name",),)),
    # Three sizes that many companies sell to.
    Seed("segments", rows.Segment, "default", unique=(("segment",),), checks=(_sizes_are_apart,)),
    # Common roles of those who sign. The default rule of what qualifies asks for none of them.
    Seed("decision_roles", rows.DecisionRole, "default", unique=(("role",),)),
    # Every open deal with an amount and a source that is to close within a year: what can be
    # defended where nothing is agreed yet. The project's file has the demo company's own rules.
    Seed(
        "qualification_rules",
        rows.QualificationRule,
        "default",
        unique=(("effective_from",),),
        needs_rows=True,
        default_file="default_qualification_rules",
    ),
    # They are about the company's own stages.
    Seed(
        "stage_entry_criteria",
        rows.StageEntryCriterion,
        "empty",
        unique=(("canonical_stage", "criterion"),),
    ),
    # Lead sources and campaign types that CRMs come with, and the creator's team.
    Seed(
        "source_rules", rows.SourceRule, "default", unique=(("priority",), ("rule", "value"))
    ),
    # People of the company.
    Seed("source_owners", rows.SourceOwner, "empty", unique=(("pipeline_source",),)),
    # The next five are the company's plan: without one, nothing is behind or ahead of anything.
    Seed(
        "source_shares",
        rows.SourceShare,
        "empty",
        unique=(("fiscal_quarter", "pipeline_source"),),
        checks=(_shares_sum_to_one,),
    ),
    Seed(
        "creation_targets", rows.CreationTarget, "empty", unique=(("fiscal_quarter", "segment"),)
    ),
    Seed("quotas", rows.Quota, "empty", unique=(("fiscal_quarter", "segment", "motion"),)),
    Seed("mql_targets", rows.MqlTarget, "empty", unique=(("fiscal_quarter", "channel"),)),
    Seed(
        "capacity_plan", rows.Capacity, "empty", unique=(("fiscal_quarter", "segment", "team"),)
    ),
    # Statuses that the systems come with. One without a row is no stage.
    Seed(
        "lifecycle_statuses", rows.LifecycleStatus, "default", unique=(("system", "raw_status"),)
    ),
    # Activities that the systems log. Anything else is no touch.
    Seed("touch_types", rows.TouchType, "default", unique=(("system", "raw_type"),)),
    # Records of the company's own CRM.
    Seed("exclusions", rows.Exclusion, "empty", checks=(_exclusions_are_apart,)),
    # Published figures, about no company in particular.
    Seed("benchmarks", rows.Benchmark, "default", unique=(("metric", "level", "period"),)),
    # What people of the company agreed on.
    Seed("review_actions", rows.ReviewAction, "empty", unique=(("action_id",),)),
)


# Seeds that most companies do without. The reasons are those of the others: the first two are rules
# of the project's rulebook; targets of people, and what a company's lead sources mean, are its own.
OPTIONAL_SEEDS: tuple[Seed, ...] = (
    Seed("proposal_rules", rows.ProposalRule, "default", unique=(("rule",),)),
    Seed("attribution_weights", rows.AttributionWeights, "default", unique=(("model",),)),
    Seed("rep_targets", rows.RepTarget, "empty", unique=(("fiscal_quarter", "owner_id"),)),
    Seed("lead_source_channels", rows.LeadSourceChannel, "empty", unique=(("lead_source",),)),
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


def project_files() -> dict[str, Path]:
    """The project's own seeds by name: the demo company's set, and the rulebook."""
    return seed_files(PROJECT / "seeds") | seed_files(PROJECT / "rulebook")


def missing_seeds(folder: Path) -> list[Seed]:
    """The seeds that a set lacks, in the contract's order."""
    files = seed_files(folder)
    return [seed for seed in SEEDS + OPTIONAL_SEEDS if seed.name not in files]


def seed_texts(folder: Path) -> dict[str, bytes]:
    """The CSV text of every seed that a run on this set goes by, files of other names included."""
    texts = {name: path.read_bytes() for name, path in seed_files(folder).items()}
    return texts | {seed.name: seed.text_when_missing for seed in missing_seeds(folder)}


def told_missing(folder: Path) -> str:
    """What holds in place of the seeds that a set lacks, in one line; empty if it lacks none.

    The project's own set lacks only what is in the rulebook, which is no news.
    """
    if folder == PROJECT / "seeds":
        return ""
    missing = missing_seeds(folder)
    parts = [
        f"{words} {', '.join(names)}"
        for words, kind in (("the project's defaults hold for", "default"), ("empty are", "empty"))
        if (names := [seed.name for seed in missing if seed.when_missing == kind])
    ]
    return f"not in the seeds {folder}: {'; '.join(parts)}" if parts else ""


# What a company alone can say. A row of the demo company's in one of these is a mistake.
_OWN = tuple(
    seed.name
    for seed in SEEDS + OPTIONAL_SEEDS
    if seed.when_missing == "empty" and seed.name != "stage_entry_criteria"
)


def demos_seeds(folder: Path) -> list[str]:
    """The seeds of a set that hold the demo company's own targets, people, records or actions.

    More than half of a seed's rows must be the demo's: a company may have a quota in common with
    it. The files are read as they are, right or wrong.
    """
    files, demos = seed_files(folder), seed_files(PROJECT / "seeds")
    found = []
    for name in _OWN:
        if name in files:
            ours, theirs = _row_texts(files[name]), set(_row_texts(demos[name]))
            if 2 * sum(row in theirs for row in ours) > len(ours):
                found.append(name)
    return found


def _row_texts(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    return [line.strip() for line in lines[1:] if line.strip()]


# The page of what is to be checked in a set that was proposed.
CHECK = "CHECK.md"


def told_unchecked(folder: Path) -> str:
    """That a set's proposals are not checked yet, in one line; empty if nothing says so."""
    if not (folder / CHECK).exists():
        return ""
    return f"these seeds were proposed: correct them by {folder / CHECK}, then delete that page"


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


def rows_in_force(folder: Path) -> dict[str, list[rows.Row]]:
    """The rows of every seed that a run on this set goes by. Raises the errors of `read_seed`."""
    texts = seed_texts(folder)
    return {
        seed.name: read_seed(seed.name, texts[seed.name].decode("utf-8-sig"), f"{seed.name}.csv")
        for seed in SEEDS + OPTIONAL_SEEDS
    }


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
    for seed in SEEDS + OPTIONAL_SEEDS:
        name = f"{seed.name}.csv"
        try:
            if seed.name in files:
                lines, found_problems = _read(seed, files[seed.name])
            elif hint := _misnamed(name, files):
                raise PipegenError(f"{name} is missing from the seeds in {folder}; {hint}")
            elif seed.when_missing == "stop":
                raise PipegenError(
                    f"{name} is missing from the seeds in {folder}: "
                    f"`{typed('pipegen init my-seeds --from RAW')}` proposes one from your data"
                )
            else:
                text = seed.text_when_missing.decode("utf-8-sig")
                lines, found_problems = _read_text(seed, text, name)
        except PipegenError as error:
            problems += error.problems
            continue
        read[seed.name] = lines
        problems += [f"{name} line {p.line}: {p.text}" for p in sorted(found_problems)]
    across = [*_unknown_stages(read), *_unknown_sources(read, folder)]
    # Whether stages can be reached is meaningless while some of them are wrong.
    if not problems and not across:
        across += _unreachable_stages(read)
    for problem in across:
        file, suffix, _ = problem.partition(".csv line ")
        is_default = bool(suffix) and file not in files
        problems.append(f"the project's default {problem}" if is_default else problem)
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
        raise PipegenError(f"{path.name} is missing from the seeds in {path.parent}")
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


def _misnamed(name: str, files: Mapping[str, Path]) -> str:
    """The file that may be the missing one; empty if none has a name like it.

    A misspelt seed would otherwise be taken for one that the company does without.
    """
    names = [file.name for seed, file in files.items() if seed not in _NAMES]
    by_case = {one.casefold(): one for one in names}
    near = difflib.get_close_matches(name.casefold(), by_case, n=1, cutoff=0.9)
    return f"is it {by_case[near[0]]}?" if near else ""


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
