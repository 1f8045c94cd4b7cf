"""The parsed project is reused until something that it depends on changes. A failure means that a
run uses outdated models, or parses for nothing."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from pipegen import parsed as module
from pipegen import transform
from pipegen.company.settings import company_vars
from pipegen.errors import PipegenError
from pipegen.parsed import key, parsed
from pipegen.settings import Settings
from tests.support.cases import BRIGHTWATER
from tests.support.light import use
from tests.support.running import PROJECT, environment

SETTINGS = Settings.of({"PIPEGEN_HOME": "unused"})

# Another value for every setting, of the same type.
OTHER: dict[str, Any] = {
    "as_of": "2025-01-31", "blocking_rules": ["missing_amount"], "business_timezone": "Asia/Tokyo",
    "corporate_currency": "EUR", "duplicate_match": "off", "recycle_match": "off",
    "coverage_excluded_sources": [], "placeholder_amounts": [7], "mask_personal_data": True,
    "crm_url_template": "https://crm.example/{record_id}", "company_stage": "early",
    "review_actions_source": "a.b", "nightly_at": "04:00", "review_at": "07:00",
    "first_week": "2020-01-06", "retry_waits_seconds": [], "review_lookback_days": [1, 2, 3],
    "definitions_version": "a", "code_version": "b", "fiscal_year_named_by": "start",
    "lifecycle_fields": {"salesforce.lead": ["Stage__c"], "salesforce.contact": ["Stage__c"],
                         "marketo.lead": ["stage"]},
    "custom_columns": {
        "pipeline_source": "s_c", "is_recycled": "r_c", "cloned_from": "c_c",
        "rejection_reason": "j_c",
    },
    "raw_schemas": {"salesforce": "sf"}, "raw_databases": {"salesforce": "sf.duckdb"},
    "raw_tables": {"salesforce.user": "people"}, "earliest_created_date": "1990-01-01",
}  # fmt: skip


class _Project:
    """A project of three files, in place of the real one."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("models/deals.sql", "select {{ var('stale_days') }} as days")
        self.write("seeds/targets/quotas.csv", "quota\n1\n")
        for name in module.FILES:
            self.write(name, "name: x\n")
        (root / "rulebook").mkdir()

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def key(self, settings: Settings = SETTINGS, **vars_: Any) -> str:
        return key(settings, {"stale_days": 30, "zone": "UTC"} | vars_)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> _Project:
    monkeypatch.setattr(module, "PROJECT", tmp_path)
    monkeypatch.setattr(module, "KEPT", tmp_path / ".parsed")
    monkeypatch.delenv("PIPEGEN_SEED_PATH", raising=False)
    monkeypatch.delenv("PIPEGEN_RULES_PATH", raising=False)
    return _Project(tmp_path)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("models/deals.sql", "select 1 as days"), ("models/more.sql", "select 1"),
        ("models/deals.yml", "version: 2"), ("macros/one.sql", "{% macro x() %}{% endmacro %}"),
        ("tests/data/claim.sql", "select 1"), ("dbt_packages/p/macros/x.sql", "x"),
        ("seeds/other.csv", "a\n"), ("seeds/_seeds.yml", "version: 2"),
        ("dbt_project.yml", "name: y\n"), ("profiles.yml", "a: b\n"),
    ],
)  # fmt: skip
def test_a_change_of_what_dbt_reads_is_another_project(
    project: _Project, name: str, text: str
) -> None:
    before = project.key()
    project.write(name, text)
    assert project.key() != before


def test_rows_of_seeds_days_and_homes_are_none(project: _Project) -> None:
    before = project.key()
    project.write("seeds/targets/quotas.csv", "quota\n2\n3\n")
    elsewhere = Settings.of({"PIPEGEN_HOME": "elsewhere"})
    assert project.key(elsewhere, as_of="2020-01-01", stale_days=9) == before
    assert project.key(Settings.of({"PIPEGEN_TARGET": "postgres"})) != before


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("models/deals.sql", "{{ config(\n  enabled=var('zone') == 'UTC'\n) }} select 1"),
        ("models/deals.sql", "{%- if var('zone') == 'UTC' %} select {% endif %} 1"),
        ("models/deals.sql", "{% set zone = var( \"zone\" ) %} select 1"),
        ("macros/a.sql", "{% macro a() %}{% if var('zone') == 'UTC' %}{{ ref('x') }}{% endif %}"),
        ("macros/b.sql", "{% macro generate_schema_name() %}{% if var('zone') %}x{% endif %}"),
        ("models/deals.yml", "models: [{name: x, config: {enabled: \"{{ var('zone') }}\"}}]"),
        ("dbt_project.yml", "models: {+enabled: \"{{ var('zone') }}\"}"),
    ],
)
def test_a_setting_that_is_asked_for_before_compiling_counts(
    project: _Project, name: str, text: str
) -> None:
    project.write(name, text)
    assert project.key(zone="UTC") != project.key(zone="Asia/Tokyo")
    assert project.key(stale_days=30) == project.key(stale_days=31)


def test_a_macro_that_only_writes_sql_asks_when_compiling(project: _Project) -> None:
    project.write("macros/c.sql", "{% macro c() %}{% if var('zone') %}now(){% endif %}")
    assert project.key(zone="UTC") == project.key(zone="Asia/Tokyo")


def test_what_is_damaged_is_removed_and_said(project: _Project) -> None:
    asked: list[int] = []

    def parse() -> tuple[Any, bytes]:
        asked.append(1)
        raise PipegenError("parsed")

    name = project.key()
    module.KEPT.mkdir()
    (module.KEPT / f"{name}.json").write_text("{}")
    (module.KEPT / f"{name}.msgpack").write_bytes(b"half a file")
    vars_ = {"stale_days": 30, "zone": "UTC"}
    with pytest.raises(PipegenError, match="was damaged"):
        _ = parsed(SETTINGS, vars_, parse).manifest
    assert asked == []
    with pytest.raises(PipegenError, match="parsed"):
        parsed(SETTINGS, vars_, parse)


def _graph(manifest: Any) -> dict[str, Any]:
    """All that a run relies on: nodes with their configs, tests and parents."""
    found = json.loads(json.dumps(manifest.writable_manifest().to_dict(), default=str))
    nodes = [*found["nodes"].values(), *found["sources"].values(), *found["unit_tests"].values()]
    for node in nodes:
        node.pop("created_at", None)
        # Only what `dbt ls --select state:modified` asks: a branch not taken calls no macro.
        node.get("depends_on", {}).pop("macros", None)
        node.pop("build_path", None)
        # The same YAML, wherever a run has copied the seeds to.
        for name in ("original_file_path", "patch_path"):
            if re.search(r"(^|/)(\.seeds|seeds|rulebook)/", node.get(name) or ""):
                node[name] = node[name].rpartition("/")[2]
        # dbt gathers them in no particular order.
        for name in ("refs", "sources"):
            node[name] = sorted(map(str, node.get(name) or ()))
        if "depends_on" in node:
            node["depends_on"].get("nodes", []).sort()
    return {kind: found[kind] for kind in ("nodes", "sources", "unit_tests", "groups")}


def test_the_project_is_the_same_under_any_settings_that_do_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Really parsed for another company: what is kept for one is the same for all."""
    known = company_vars()
    changed = {
        name: OTHER[name] if name in OTHER else value + 1 for name, value in known.items()
    } | {"as_of": "2025-01-31"}
    with pytest.MonkeyPatch.context() as patch:
        use(patch, environment(tmp_path))
        settings = Settings.of({"PIPEGEN_HOME": str(tmp_path)})
        default = transform.read_project(settings, {**known, "as_of": ""})
        counting = module.counting_settings()
        monkeypatch.setattr(module, "KEPT", tmp_path / "parsed")
        others = {name: v for name, v in changed.items() if name not in counting}
        company = Settings.of(
            {"PIPEGEN_HOME": str(tmp_path), "PIPEGEN_SEEDS": str(BRIGHTWATER / "seeds")}
        )
        fresh = transform.read_project(company, {**known, **others})
        kept = transform.read_project(settings, {**known, "as_of": "2024-12-31"})
    assert list((tmp_path / "parsed").glob("*.json")), "nothing was kept"
    ours, theirs = _graph(default.manifest), _graph(fresh.manifest)
    for kind in ours:
        assert ours[kind] == theirs[kind], kind
    assert _graph(kept.manifest) == ours
    assert not list(PROJECT.glob("seeds/*.lock"))
