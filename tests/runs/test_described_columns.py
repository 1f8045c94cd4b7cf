"""What is built is described, column by column, in every layer."""

from pathlib import Path
from typing import Any

from tests.support.light import parsed_project
from tests.support.running import Warehouse


def undescribed(nodes: dict[str, Any], built: dict[str, set[str]]) -> list[str]:
    """Columns of the built tables (`schema.name`: columns) that their YAML does not describe."""
    found = []
    for node in nodes.values():
        columns = built[f"{node.schema}.{node.alias}"]
        described = {name for name, column in node.columns.items() if column.description.strip()}
        for name in sorted(columns - described):
            found.append(f"{node.original_file_path}: say in the YAML what {name} means")
        for name in sorted(set(node.columns) - columns):
            found.append(f"{node.original_file_path}: it has no column {name}: take it out")
    return found


def test_every_column_of_every_model_and_seed_is_described(
    empty_warehouse: Warehouse, tmp_path: Path
) -> None:
    build = Warehouse(empty_warehouse.path.parent / "build" / "build.duckdb")
    built: dict[str, set[str]] = {}
    for table, column in build.rows(
        "select schema_name || '.' || table_name, column_name from duckdb_columns()"
    ):
        built.setdefault(table, set()).add(column)
    manifest = parsed_project(tmp_path).manifest
    nodes = {
        key: node
        for key, node in manifest.nodes.items()
        if node.resource_type in ("model", "seed") and node.package_name == "pipegen"
    }
    assert len(nodes) > 100
    found = undescribed(nodes, built)
    assert not found, "\n".join(found)

    # The same, where a column is built that nobody describes, and one described that is not built.
    some = next(node for node in nodes.values() if node.name == "fct_opportunities")
    broken = built | {
        f"{some.schema}.{some.alias}": (built[f"{some.schema}.{some.alias}"] | {"x"}) - {"stage"}
    }
    assert len(undescribed(nodes, broken)) == 2
