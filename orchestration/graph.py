"""The graph of the project, from dbt's manifest.

What belongs here: functions of a manifest: the layer of a node, the node that a test belongs to,
the ancestors of a node. What does not: Dagster, and reading the project (`transform`).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from pipegen.warehouses import plain_schema

ASSETS = ("model", "seed", "snapshot")

# The tag of tables that cover all runs rather than one as-of day, such as the ledger.
OF_ALL_RUNS = "of_all_runs"


def layer(node: Mapping[str, Any]) -> str:
    """The layer of a node: a model's first folder, `seeds` for a seed, `landing` for a source."""
    if node["resource_type"] == "source":
        return "landing"
    if node["resource_type"] == "seed":
        return "seeds"
    return str(node["fqn"][1])


def nodes(manifest: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Models, seeds and snapshots, by id."""
    return {
        key: node for key, node in manifest["nodes"].items() if node["resource_type"] in ASSETS
    }


def landed(manifest: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """What landing makes, by id: the landed tables, and what a run leaves beside them."""
    return {
        key: node
        for key, node in (nodes(manifest) | manifest["sources"]).items()
        if layer(node) == "landing"
    }


def relation(node: Mapping[str, Any]) -> str:
    """The table or view of a node, as `schema.name`, without the schema's prefix."""
    name = node.get("identifier") or node.get("alias") or node["name"]
    return f"{plain_schema(node['schema'])}.{name}"


def of_all_runs(manifest: Mapping[str, Any]) -> set[str]:
    """The tables that cover all runs, as `schema.name`."""
    return {relation(node) for node in nodes(manifest).values() if OF_ALL_RUNS in node["tags"]}


def depths(manifest: Mapping[str, Any]) -> dict[str, int]:
    """The length of the longest path from a raw table to each model, seed and source."""
    found: dict[str, int] = {}

    def depth(key: str) -> int:
        if key not in found:
            node = manifest["nodes"].get(key)
            parents = node["depends_on"].get("nodes", []) if node else []
            found[key] = 1 + max((depth(parent) for parent in parents), default=0)
        return found[key]

    for key in (*nodes(manifest), *manifest["sources"]):
        depth(key)
    return found


def with_attached_tests(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest with every test attached to a node, so that each test is a check of an asset.

    dbt attaches only tests in a model's YAML. A test of several models is attached to the one
    furthest from the raw tables: the others were tested before it, so that is the one that could be
    wrong.
    """
    depth = depths(manifest)
    attached = {}
    for key, node in manifest["nodes"].items():
        if node["resource_type"] == "test" and not node.get("attached_node"):
            parents = sorted(node["depends_on"]["nodes"], key=lambda k: (depth[k], k))
            node = {**node, "attached_node": parents[-1] if parents else None}
        attached[key] = node
    return {**manifest, "nodes": attached}


def ancestors(manifest: Mapping[str, Any], keys: Iterable[str]) -> set[str]:
    """The models and seeds that some nodes depend on, directly or not, without the nodes."""
    known = nodes(manifest)
    wanted = set(keys)
    found: set[str] = set()
    waiting = list(wanted)
    while waiting:
        for parent in known[waiting.pop()]["depends_on"].get("nodes", []):
            if parent in known and parent not in found:
                found.add(parent)
                waiting.append(parent)
    return found - wanted
