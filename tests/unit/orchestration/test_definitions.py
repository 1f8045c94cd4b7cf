"""What Dagster loads is the project: every node an asset, every test a check, every layer a group.
A failure means that a table or test is missing where people look for it."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from pipegen.expectations import validate
from pipegen.orchestration.assets import refresh_assets
from pipegen.orchestration.graph import with_attached_tests
from pipegen.orchestration.weeks import KEY
from tests.support import promised
from tests.support.running import PROJECT, environment

LAYERS = {
    "landing", "seeds", "staging", "crm", "map", "intermediate", "core", "marts", "audit",
    "publishing",
}  # fmt: skip


def _dagster(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=PROJECT,
        env=environment(home) | {"DAGSTER_HOME": str(home / "dagster")},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.fixture(scope="module")
def specs(definitions: dg.Definitions) -> dict[dg.AssetKey, dg.AssetSpec]:
    return {spec.key: spec for spec in definitions.resolve_all_asset_specs()}


@pytest.fixture(scope="module")
def checks(definitions: dg.Definitions) -> set[dg.AssetCheckKey]:
    return set(definitions.resolve_asset_graph().asset_check_keys)


def test_dagster_finds_the_code_location_by_itself_and_it_is_valid(dagster_home: Path) -> None:
    done = _dagster("dagster", "definitions", "validate", home=dagster_home)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Validation successful for code location pipegen" in done.stdout + done.stderr


def test_loading_imports_neither_expectations_nor_a_plotting_library(dagster_home: Path) -> None:
    """They take longer to import than all the rest; a run that needs them imports them itself."""
    code = (
        "import sys, pipegen.orchestration.location\n"
        "print([m for m in ('great_expectations', 'altair') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT, env=environment(dagster_home), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.strip().endswith("[]"), done.stdout + done.stderr


def test_layers_are_groups(
    specs: dict[dg.AssetKey, dg.AssetSpec], manifest: dict[str, Any]
) -> None:
    assert {spec.group_name for spec in specs.values()} - {"review", "orchestration"} == LAYERS
    by_layer: dict[str, set[str]] = {}
    for spec in specs.values():
        by_layer.setdefault(str(spec.group_name), set()).add(spec.key.path[-1])
    models = [n for n in manifest["nodes"].values() if n["resource_type"] == "model"]
    assert len(models) > 100
    for model in models:
        folder = model["original_file_path"].split("/")[1]
        assert model["name"] in by_layer[folder], model["original_file_path"]


def test_every_mart_and_fact_of_the_contract_is_an_asset(
    specs: dict[dg.AssetKey, dg.AssetSpec], manifest: dict[str, Any]
) -> None:
    for layer, promises in (("marts", promised.MARTS), ("core", promised.CORE)):
        names = {
            node.get("alias") or node["name"]
            for node in manifest["nodes"].values()
            if node["resource_type"] == "model" and node["schema"] == layer
            and dg.AssetKey([layer, node["name"]]) in specs
        }  # fmt: skip
        missing = set(promises) - names - set(promised.NOT_BUILT)
        assert not missing, f"{layer}: {sorted(missing)}"


def test_every_raw_table_and_seed_is_an_asset(specs: dict[dg.AssetKey, dg.AssetSpec]) -> None:
    from pipegen.contract.tables import TABLES

    keys = {tuple(key.path) for key in specs}
    landed = {
        (f"landed_{table.system}", f"lnd_{table.system}__{table.name}") for table in TABLES
    }
    assert landed <= keys
    assert {("seeds", name) for name in promised.SEEDS} <= keys


def test_every_dbt_test_and_every_suite_is_a_check(
    checks: set[dg.AssetCheckKey], manifest: dict[str, Any]
) -> None:
    tests = [n["name"] for n in manifest["nodes"].values() if n["resource_type"] == "test"]
    assert len(tests) > 300
    suites = [f"expectations_{name}" for name in (*validate.LANDED, *validate.BUILT)]
    assert len(suites) > 10
    assert sorted(check.name for check in checks) == sorted(tests + suites)


def test_without_checks_of_tests_the_assets_are_the_same_and_none_is_checked(
    manifest: dict[str, Any],
) -> None:
    """What `pipegen run` hands to Dagster, which keeps no record of it: hundreds of checks that
    nobody reads would cost it seconds."""
    with_checks, without = (
        refresh_assets(manifest, stale_hours=26, waits=[], has_test_checks=has_test_checks)
        for has_test_checks in (True, False)
    )
    assert [one.keys for one in without] == [one.keys for one in with_checks]
    assert sum(len(set(one.check_keys)) for one in with_checks) > 300
    assert not any(set(one.check_keys) for one in without)


def test_a_claim_about_several_models_is_a_check_of_the_last_of_them(
    checks: set[dg.AssetCheckKey],
) -> None:
    """In a chain raw, first, second, a claim about first and second is a check of second."""
    chain = {
        "model.first": {"resource_type": "model", "depends_on": {"nodes": ["source.raw"]}},
        "model.second": {"resource_type": "model", "depends_on": {"nodes": ["model.first"]}},
        "test.claim": {
            "resource_type": "test", "depends_on": {"nodes": ["model.second", "model.first"]},
        },
    }  # fmt: skip
    found = with_attached_tests({"nodes": chain, "sources": {"source.raw": {}}})
    assert found["nodes"]["test.claim"]["attached_node"] == "model.second"
    on = {check.name: check.asset_key.path for check in checks}
    assert on["assert_net_new_audit_holds_every_deal_once"] == ["marts", "net_new_audit"]


def test_columns_and_descriptions_are_what_dbt_has(
    specs: dict[dg.AssetKey, dg.AssetSpec],
) -> None:
    spec = specs[dg.AssetKey(["marts", "pipeline_bridge"])]
    assert "One row per view and step" in str(spec.description)
    columns = spec.metadata["dagster/column_schema"].columns
    assert {"view", "step", "amount"} <= {column.name for column in columns}
    assert all(column.description for column in columns)


def test_raw_tables_marts_and_what_is_published_have_a_freshness_policy_and_nothing_else(
    specs: dict[dg.AssetKey, dg.AssetSpec],
) -> None:
    promising = {spec.group_name for spec in specs.values() if spec.freshness_policy}
    assert promising == {"landing", "marts", "publishing"}
    for spec in specs.values():
        assert bool(spec.freshness_policy) == (spec.group_name in promising), spec.key


def test_the_nightly_job_is_everything_but_the_weeks(
    definitions: dg.Definitions, specs: dict[dg.AssetKey, dg.AssetSpec]
) -> None:
    job = definitions.resolve_job_def("nightly_refresh")
    made = set(specs) - {KEY}
    assert set(job.asset_layer.executable_asset_keys) == made


def test_schedules_and_the_sensor_that_starts_runs_are_off_until_switched_on(
    definitions: dg.Definitions,
) -> None:
    repository = definitions.get_repository_def()
    off = {one.name for one in repository.schedule_defs if one.default_status.value == "STOPPED"}
    assert off == {"nightly", "weekly"} == {one.name for one in repository.schedule_defs}
    sensors = {one.name: one.default_status.value for one in repository.sensor_defs}
    assert sensors == {"raw_files": "STOPPED", "watch": "RUNNING"}


def test_orchestration_holds_no_sql_and_no_model(manifest: dict[str, Any]) -> None:
    """Names of models and SQL are dbt's; a table that a terminal shows is the one exception."""
    models = [n for n in manifest["nodes"].values() if n["resource_type"] == "model"]
    names = {model["name"] for model in models}
    text = "\n".join(
        path.read_text(encoding="utf-8")
        for path in sorted((PROJECT / "orchestration").glob("*.py"))
    )
    allowed = {"run_headlines", "runs", "run_costs"}
    assert not {name for name in names - allowed if f'"{name}"' in text or f".{name}" in text}
    assert "select *" not in text.lower()
