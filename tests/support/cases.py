"""Where the tests' companies are, and how a run gets one.

What belongs here: paths, and copies for a run. What does not: what their answers are.
"""

import csv
from pathlib import Path

CASES = Path(__file__).resolve().parents[1] / "cases"

BRIGHTWATER = CASES / "brightwater"
BRIGHTWATER_AS_OF = (BRIGHTWATER / "as_of.txt").read_text(encoding="utf-8").strip()
HARBOUR_LANE = CASES / "harbour_lane"
HARBOUR_LANE_AS_OF = (HARBOUR_LANE / "as_of.txt").read_text(encoding="utf-8").strip()
MAVEN = CASES / "maven"
EXPORTS = CASES / "exports"
FIELD = CASES / "field"

# The originals of the copies above, where they are beside the project; a clone does not have them.
SHARED = CASES.parents[2] / "shared"
ORIGINALS = {
    BRIGHTWATER: SHARED / "cases_v2",
    HARBOUR_LANE: SHARED / "cases_funnel",
    MAVEN: SHARED / "data" / "maven",
}


def copied(company: Path, folder: Path) -> dict[str, object]:
    """A copy of a company's raw tables and seeds, as settings of a run.

    If a run ever let dbt write over seeds outside its project, the test data would be lost: root is
    not stopped by a file's mode, so no run is ever given the files themselves.
    """
    for path in sorted(company.glob("raw/**/*")) + sorted(company.glob("seeds/*")):
        copy = folder / path.relative_to(company)
        if path.is_file():
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    return {"raw": folder / "raw", "seeds": folder / "seeds"}


def of_the_field(name: str, folder: Path) -> dict[str, object]:
    """A copy of a company of `field`, as settings of a run: its own files, and what all share.

    A company with a folder `rows` is Brightwater, with these rows in place of those with the same
    id, or beside them.
    """
    company = FIELD / name
    shared = BRIGHTWATER if (company / "rows").is_dir() else FIELD
    for original in (shared, company):
        settings = copied(original, folder)
    for path in sorted(company.glob("rows/*/*.csv")):
        _put_rows(path, folder / "raw" / path.relative_to(company / "rows"))
    as_of = (shared / "as_of.txt").read_text(encoding="utf-8").strip()
    return settings | {"as_of": as_of}


def _put_rows(rows: Path, table: Path) -> None:
    """Write rows into a table, each in place of the row with its id where there is one."""
    with rows.open(newline="", encoding="utf-8") as handle:
        given = {row["id"]: row for row in csv.DictReader(handle)}
    with table.open(newline="", encoding="utf-8") as handle:
        reader = csv.DictReader(handle)
        names, kept = reader.fieldnames or [], [row for row in reader if row["id"] not in given]
    with table.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, names, lineterminator="\n", extrasaction="raise")
        writer.writeheader()
        writer.writerows([*kept, *given.values()])
