"""A part: some models, built to be looked at by whoever works on them, and never published.

What belongs here: what a part must land and build first. What does not: which models a selection
names, which dbt says.
"""

import dataclasses
import json
from collections.abc import Iterable
from pathlib import Path

from pipegen import landing, transform
from pipegen.files import atomic_write
from pipegen.runs.run import Run
from pipegen.runs.steps import step_build, step_land
from pipegen.warehouses import Database, exists, relations


@dataclasses.dataclass(frozen=True)
class NodeOfPart:
    """A node that is selected, or that a selected one stands on."""

    name: str
    relation: str
    is_selected: bool


def step_part(run_: Run, nodes: Iterable["NodeOfPart"]) -> transform.Built:
    """Build some nodes in the development home, with those they stand on that are not there yet.

    `nodes` are the selected ones and all they stand on. Lands first where nothing is landed, or
    other raw files, another day or other rules are. Raises `PipegenError` where it can't be done.
    """
    land_for_development(run_)
    nodes = list(nodes)
    there = relations(run_.settings.build)
    return step_build(
        run_, [node.name for node in nodes if node.is_selected or node.relation not in there]
    )


def land_for_development(run_: Run, *, anew: bool = False) -> None:
    """Land in the development home, unless what is landed is what would be, and not `anew`.

    Raises `PipegenError` where it can't be done.
    """
    run_.begin()
    landed = run_.settings.home / "landed.json"
    raw = run_.company.raw
    wanted = {
        "as_of": run_.plan.vars["as_of"],
        "definitions": run_.plan.vars["definitions_version"],
        "raw": "" if raw == "warehouse" else landing.arrival(Path(raw)).digest,
    }
    if anew or not _is_landed(run_.settings.build, landed, wanted):
        landed.unlink(missing_ok=True)
        step_land(run_)
        atomic_write(landed, json.dumps(wanted))


def _is_landed(build: Database, noted: Path, wanted: dict[str, str]) -> bool:
    if not exists(build) or not noted.exists():
        return False
    try:
        return bool(json.loads(noted.read_text(encoding="utf-8")) == wanted)
    except ValueError:
        return False
