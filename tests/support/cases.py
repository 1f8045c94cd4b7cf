"""Where the tests' companies are, and how a run gets one.

What belongs here: paths, and copies for a run. What does not: what their answers are.
"""

from pathlib import Path

CASES = Path(__file__).resolve().parents[1] / "cases"

BRIGHTWATER = CASES / "brightwater"
BRIGHTWATER_AS_OF = (BRIGHTWATER / "as_of.txt").read_text(encoding="utf-8").strip()
HARBOUR_LANE = CASES / "harbour_lane"
HARBOUR_LANE_AS_OF = (HARBOUR_LANE / "as_of.txt").read_text(encoding="utf-8").strip()
MAVEN = CASES / "maven"
EXPORTS = CASES / "exports"

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
