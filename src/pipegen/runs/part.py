"""A part: some models, built for whoever is working on them, and never published.

What belongs here: what has to be landed and built before a part. What does not: which models a
selection names; dbt resolves that.
"""

import dataclasses
import hashlib
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
    """A node that is selected, or an ancestor of one."""

    name: str
    relation: str
    is_selected: bool


def step_part(run_: Run, nodes: Iterable["NodeOfPart"]) -> transform.Built:
    """Build the selected nodes in the development home, with those ancestors that are missing.

    `nodes` has the selected nodes and all their ancestors. Lands first if nothing has been landed,
    or if the raw files, the as-of day, the rules or the actions have changed. Raises `PipegenError`
    if it can't.
    """
    land_for_development(run_)
    nodes = list(nodes)
    there = relations(run_.settings.build)
    return step_build(
        run_, [node.name for node in nodes if node.is_selected or node.relation not in there]
    )


def land_for_development(run_: Run, *, again: bool = False) -> None:
    """Land in the development home, unless the same tables have been landed there already.

    With `again`, land in any case. Raises `PipegenError` if it can't.
    """
    run_.begin()
    landed = run_.settings.home / "landed.json"
    raw = run_.company.raw
    wanted = {
        "as_of": run_.plan.vars["as_of"],
        "definitions": run_.plan.vars["definitions_version"],
        "actions": hashlib.sha256(transform.actions_text(run_.settings)).hexdigest(),
        "raw": "" if raw == "warehouse" else landing.arrival(Path(raw)).digest,
    }
    if again or not _is_landed(run_.settings.build, landed, wanted):
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
