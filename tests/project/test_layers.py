"""The project follows its own rules. A failure says where to move a thing, or what to call it."""

import ast
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipegen.company.seeds import OPTIONAL_SEEDS, SEEDS, project_files
from pipegen.contract.tables import SYSTEMS
from tests.project import layers
from tests.project.layers import Node
from tests.support.running import PROJECT

# Intermediate models that hold no rule of their own to test.
NO_RULE_TO_TEST: dict[str, str] = {}

# Columns of marts that hold a name because the contract promises them.
PROMISED_NAMES = {
    "source_scorecard.owner": "who answers for the source, as the company's own seed says",
}

# Named like personal data, or like a tagged column upstream, but not personal data.
NO_PERSONAL_DATA = {
    **{
        f"lnd_{table}.name": "of a thing"
        for table in (
            "salesforce__account", "salesforce__campaign", "salesforce__opportunity",
            "salesforce__user_role", "marketo__campaign", "marketo__program",
        )
    },
    "lnd_unread_values.unread_values": "read on the way to raw_value, which is tagged",
    "int_people__rejection_reasons.old_value": "of the rejection reason alone, a picklist",
}


@pytest.fixture(scope="module")
def models(manifest: dict[str, Any]) -> list[Node]:
    found = layers.nodes_of(manifest)
    assert len(found) > 50
    return found


@pytest.fixture(scope="module")
def macros(manifest: dict[str, Any]) -> dict[str, str]:
    """The project's macros, by file and name."""
    return {
        f"{one['original_file_path']} {one['name']}": re.sub(
            r"\{#.*?#\}", "", one["macro_sql"], flags=re.DOTALL
        )
        for one in manifest["macros"].values()
        if one["package_name"] == "pipegen"
    }


def _texts(*patterns: str) -> dict[str, str]:
    return {
        path.relative_to(PROJECT).as_posix(): path.read_text(encoding="utf-8")
        for pattern in patterns
        for path in sorted(PROJECT.glob(pattern))
    }


def _none(breaches: Iterable[str]) -> None:
    found = list(breaches)
    assert not found, "\n" + "\n".join(found)


def test_every_model_is_in_a_layer(models: list[Node]) -> None:
    _none(layers.strangers(models))


def test_a_layer_reads_only_what_it_may(models: list[Node]) -> None:
    _none(layers.forbidden_reads(models))


def test_staging_reads_its_own_system(models: list[Node]) -> None:
    _none(layers.staging_of_other_systems(models))


def test_seams_know_no_system_by_name(models: list[Node]) -> None:
    seams = {model.layer for model in models} & {"crm", "map"}
    assert seams == {"crm", "map"}
    _none(layers.named_systems(models, SYSTEMS))


def test_staging_leaves_out_what_was_set_aside(models: list[Node]) -> None:
    _none(layers.staging_of_set_aside_rows(models))


def test_staging_neither_joins_nor_asks_the_clock_nor_a_setting(models: list[Node]) -> None:
    _none(layers.busy_staging(models))


def test_there_is_one_clock(models: list[Node], macros: dict[str, str]) -> None:
    by_file = {name.split(" ")[0]: "" for name in macros}
    for name, sql in macros.items():
        by_file[name.split(" ")[0]] += sql
    _none(layers.other_clocks(models, by_file))


def test_models_have_the_name_of_their_layer(models: list[Node]) -> None:
    _none(layers.misnamed(models))


def test_public_models_open_with_their_grain(models: list[Node]) -> None:
    _none(layers.missing_grains(models))


def test_every_model_and_column_is_described_and_public_ones_are_contracted(
    models: list[Node],
) -> None:
    _none(layers.undocumented(models))


def test_groups_and_access_are_those_of_the_folder(models: list[Node]) -> None:
    _none(layers.ungoverned(models))


def test_every_rule_model_has_a_unit_test(manifest: dict[str, Any], models: list[Node]) -> None:
    tested = {one["model"] for one in manifest["unit_tests"].values()}
    _none(layers.without_unit_test(models, tested, NO_RULE_TO_TEST))
    needless = set(NO_RULE_TO_TEST) & tested
    assert not needless, f"take {needless} out of NO_RULE_TO_TEST: it has a unit test"


def test_macros_read_nothing(macros: dict[str, str]) -> None:
    assert macros
    _none(layers.reading_macros(macros))


def test_seeds_are_read_by_the_name_that_a_company_gives_them() -> None:
    texts = _texts("models/**/*.sql", "tests/data/*.sql")
    _none(layers.seeds_read_by_name(texts, set(project_files())))


def test_the_types_of_seeds_are_those_beside_them(macros: dict[str, str]) -> None:
    [code] = [code for name, code in macros.items() if name.endswith(" seed_columns")]
    given = ast.literal_eval(re.search(r"\{\n.*\n    \}", code, re.DOTALL)[0])  # type: ignore[index]
    described = {
        seed["name"]: seed["config"]["column_types"]
        for text in _texts("seeds/**/*.yml", "rulebook/*.yml").values()
        for seed in yaml.safe_load(text)["seeds"]
    }
    default = described.pop("default_qualification_rules")
    assert default == described["qualification_rules"]
    assert {name: list(types.items()) for name, types in given.items()} == {
        name: list(types.items()) for name, types in described.items()
    }


def test_a_package_leaves_empty_what_a_run_leaves_empty(macros: dict[str, str]) -> None:
    [code] = [code for name, code in macros.items() if name.endswith(" seeds_of_the_company")]
    kinds = {seed.name: seed.when_missing for seed in SEEDS + OPTIONAL_SEEDS}
    assert set(re.findall(r"'(\w+)'", code)) == {n for n, kind in kinds.items() if kind == "empty"}
    paths = {name: path.with_suffix(".yml") for name, path in project_files().items()}
    files = {name: path.read_text(encoding="utf-8") for name, path in paths.items()}
    for name, kind in kinds.items():
        # The demo company's rows are never there in a package; defaults are, until replaced.
        if kind != "default" or name == "qualification_rules":
            assert "enabled: \"{{ project_name == 'pipegen' }}\"" in files[name], name
        elif "enabled:" in files[name]:
            assert f"'pipegen' or '{name}' not in var('seed_names')" in files[name], name
        else:
            assert paths[name].is_relative_to(PROJECT / "rulebook"), name
    default = files["default_qualification_rules"]
    assert "!= 'pipegen' and 'qualification_rules' not in var('seed_names')" in default


def test_unit_tests_can_be_left_out_of_a_package() -> None:
    found = {
        f"{path}: {one['name']}": str(one.get("config", {}).get("enabled"))
        for path, text in _texts("models/**/*unit_tests.yml").items()
        for one in yaml.safe_load(text)["unit_tests"]
    }
    assert len(found) > 400
    _none(layers.unit_tests_of_packages(found))


def test_marts_hold_no_personal_data(models: list[Node]) -> None:
    _none(layers.personal_marts(models, PROMISED_NAMES))


def test_personal_data_is_tagged_wherever_it_goes(models: list[Node]) -> None:
    tagged = {f"{model.name}.{name}" for model in models for name in model.personal}
    assert {"stg_salesforce__users.email", "dim_users.user_name", *PROMISED_NAMES} <= tagged
    _none(layers.untagged_personal_data(models, NO_PERSONAL_DATA))


def test_data_tests_are_claims_that_say_what_a_row_means() -> None:
    tests = _texts("tests/data/*.sql")
    assert tests
    _none(layers.unclaimed_tests(tests))


def test_generic_tests_are_predicates_named_like_their_file() -> None:
    for path, text in _texts("tests/data/generic/*.sql").items():
        assert text.startswith("{#- A row"), f"{path}: begin with what a failure is"
        assert f"{{% test {Path(path).stem}(model" in text, f"{path}: name the test as the file"


def test_tests_that_only_warn_say_why() -> None:
    _none(layers.lenient_tests(_texts("models/**/*.yml", "tests/data/**/*.sql")))


def test_every_setting_has_the_reason_for_its_default_above_it() -> None:
    _none(layers.unexplained_vars((PROJECT / "dbt_project.yml").read_text(encoding="utf-8")))


def test_every_setting_asked_for_exists() -> None:
    known = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    texts = _texts("models/**/*.sql", "macros/*.sql", "tests/data/**/*.sql", "models/**/*.yml")
    assert any("var(" in text for text in texts.values())
    _none(layers.unknown_vars(texts, set(known)))


# The rules themselves, on models invented to break each of them once.

SEED = Node("quotas", "seed")
SOURCE = Node("lead", "source", ("source", "marketo"))
STAGED = Node(
    "stg_marketo__people",
    "model",
    ("staging", "marketo"),
    "models/staging/x.sql",
    description="One row per lead.",
    columns={"lead_id": "Id."},
    group="definition",
    access="protected",
)
STRAY = replace(STAGED, folders=("staging", "salesforce"))
SEAM = Node(
    "map_leads",
    "model",
    ("map",),
    "models/map/x.sql",
    "-- One row per lead.\nselect\n    '{{ system }}' as system,\n    lead_id",
    "One row per lead.",
    {"lead_id": "Id."},
    group="definition",
    access="protected",
)
RULE = Node(
    "int_leads__merged",
    "model",
    ("intermediate", "people"),
    "models/intermediate/x.sql",
    description="Leads without those that were merged.",
    columns={"lead_id": "Id."},
    group="funnel",
    access="private",
)
OTHER_RULE = replace(RULE, folders=("intermediate", "coverage"), group="coverage")
FACT = Node(
    "fct_leads",
    "model",
    ("core", "funnel"),
    "models/core/x.sql",
    "-- One row per lead.\nselect 1",
    "One row per lead. More.",
    {"lead_id": "Id."},
    group="funnel",
    access="protected",
    is_contracted=True,
)
MART = replace(
    FACT,
    name="lead_funnel",
    folders=("marts", "funnel"),
    path="models/marts/funnel/x.sql",
    access="public",
)
OTHER_MART = replace(MART, name="source_scorecard", folders=("marts", "creation"), group="creation")
AUDIT = replace(FACT, name="run_log", folders=("audit",), group="audit", access="public")


@pytest.mark.parametrize(
    ("reader", "read", "advice"),
    [
        (MART, SEED, "in an intermediate model of the same group"),
        (MART, SOURCE, "bring it to core"),
        (MART, STAGED, "bring what is needed to core"),
        (MART, OTHER_RULE, "private to another group"),
        (MART, OTHER_MART, "belongs to another group"),
        (MART, AUDIT, "audit is read by nobody else"),
        (FACT, SOURCE, "stage it"),
        (FACT, MART, "move what both need into core"),
        (RULE, SOURCE, "models/staging/<system>/"),
        (RULE, MART, "move what both need into core"),
        (RULE, AUDIT, "audit is read by nobody else"),
        (RULE, STAGED, "read the seam"),
        (FACT, STAGED, "read the seam"),
        (MART, SEAM, "bring what is needed to core"),
        (SEAM, RULE, "a rule is no system's"),
        (STAGED, SEED, "in an intermediate model"),
        (STAGED, STAGED, "in an intermediate model"),
        (STAGED, FACT, "table of layers"),
    ],
    ids=lambda value: value.name if isinstance(value, Node) else "",
)
def test_a_forbidden_read_is_reported_with_where_to_move_it(
    reader: Node, read: Node, advice: str
) -> None:
    [breach] = layers.forbidden_reads([replace(reader, reads=(read,))])
    assert reader.path in breach
    assert read.name in breach
    assert advice in breach


@pytest.mark.parametrize(
    ("reader", "read"),
    [
        (MART, FACT), (MART, RULE), (MART, replace(MART, name="mql_pacing")), (FACT, RULE),
        (FACT, SEAM), (FACT, SEED), (FACT, FACT), (RULE, SEAM), (RULE, SEED), (RULE, RULE),
        (SEAM, STAGED), (RULE, replace(STAGED, folders=("staging", "carried"))),
        (RULE, FACT), (STAGED, SOURCE), (AUDIT, MART), (AUDIT, STAGED), (AUDIT, RULE),
    ],
    ids=lambda value: value.name,
)  # fmt: skip
def test_a_permitted_read_passes(reader: Node, read: Node) -> None:
    assert not list(layers.forbidden_reads([replace(reader, reads=(read,))]))


MAIL = Node("leads", "model", ("staging", "marketo"), personal=frozenset({"email", "subject"}))


@pytest.mark.parametrize(
    ("column", "is_allowed"),
    [("owner", False), ("email", False), ("user_name", False), ("sales_manager_name", False),
     ("owner_id", True), ("owner_team", True), ("account_name", True), ("campaign_name", True)],
)  # fmt: skip
def test_a_mart_with_a_persons_name_is_reported(column: str, is_allowed: bool) -> None:
    mart = replace(MART, columns={"lead_id": "Id.", column: "Whose."})
    assert bool(list(layers.personal_marts([mart], {}))) is not is_allowed
    assert not list(layers.personal_marts([mart], {f"lead_funnel.{column}": "promised"}))
    assert not list(layers.personal_marts([replace(mart, folders=("core", "funnel"))], {}))


def test_a_mart_with_a_tagged_column_is_reported_whatever_its_name() -> None:
    tagged = replace(MART, personal=frozenset({"lead_id"}))
    [breach] = layers.personal_marts([tagged], {})
    assert "lead_id is personal data: leave it in core" in breach


@pytest.mark.parametrize(
    ("code", "untagged"),
    [
        ("select\n    lead_id,\n    subject\nfrom leads", "subject"),
        ("select\n    leads.subject,\n    lead_id\nfrom leads", "subject"),
        ("select\n    trim(subject) as subject\nfrom leads", "subject"),
        ("select\n    name as user_name,\n    lead_id\nfrom leads", "user_name"),
        ("select\n    lower(subject) = 'x' as is_x\nfrom leads", None),
        ("select * from leads where email = ''", None),
    ],
)
def test_a_model_that_passes_personal_data_on_untagged_is_reported(
    code: str, untagged: str | None
) -> None:
    reader = replace(RULE, code=code, reads=(MAIL,))
    found = list(layers.untagged_personal_data([reader], {}))
    assert len(found) == (untagged is not None)
    if untagged:
        assert f"tag {untagged} personal_data" in found[0]
        tagged = replace(reader, personal=frozenset({untagged}))
        assert not list(layers.untagged_personal_data([tagged], {}))


def test_a_contract_is_held_to_the_tags_of_all_models_before_it() -> None:
    between = replace(RULE, code="select * from leads", reads=(MAIL,))
    fact = replace(FACT, columns={"subject": "What it is about."}, reads=(between,))
    [breach] = layers.untagged_personal_data([between, fact], {})
    assert breach.startswith(f"{fact.path}: tag subject")
    assert not list(layers.untagged_personal_data([between, fact], {"fct_leads.subject": "why"}))


Rule = Callable[[list[Node]], Iterable[str]]


@pytest.mark.parametrize(
    ("rule", "model"),
    [
        (layers.strangers, replace(FACT, folders=("utils",))),
        (layers.staging_of_other_systems, replace(STRAY, reads=(SOURCE,))),
        (layers.busy_staging, replace(STAGED, code="select 1 from a\nleft JOIN b")),
        (layers.busy_staging, replace(STAGED, code="select {{ as_of_date() }}")),
        (layers.busy_staging, replace(STAGED, macros=("macro.pipegen.as_of_at",))),
        (layers.busy_staging, replace(STAGED, code="select {{ var('stale_days') }}")),
        (layers.misnamed, replace(STAGED, name="stg_salesforce__leads")),
        (layers.misnamed, replace(STAGED, name="stg_marketo_leads")),
        (layers.misnamed, replace(SEAM, name="leads")),
        (layers.misnamed, replace(RULE, name="int_merged_leads")),
        (layers.misnamed, replace(FACT, name="leads")),
        (layers.misnamed, replace(MART, name="fct_funnel")),
        (layers.missing_grains, replace(FACT, code="select 1")),
        (layers.missing_grains, replace(SEAM, code="select 1")),
        (layers.missing_grains, replace(FACT, code="with x as (\n-- One row per lead.\nselect 1)")),
        (layers.missing_grains, replace(FACT, description="A row per lead.")),
        (layers.undocumented, replace(FACT, is_contracted=False)),
        (layers.undocumented, replace(MART, columns={})),
        (layers.undocumented, replace(RULE, columns={})),
        (layers.undocumented, replace(RULE, description="")),
        (layers.undocumented, replace(AUDIT, columns={"lead_id": " "})),
        (layers.ungoverned, replace(MART, access="protected")),
        (layers.ungoverned, replace(STAGED, access="private")),
        (layers.ungoverned, replace(FACT, group=None)),
        (layers.ungoverned, replace(FACT, group="coverage")),
        (layers.ungoverned, replace(RULE, access="public")),
        (layers.ungoverned, replace(RULE, access="protected")),
    ],
)
def test_a_rule_sees_the_model_that_breaks_it(rule: Rule, model: Node) -> None:
    assert not list(rule([FACT, MART, AUDIT, RULE, STAGED, SEAM]))
    assert len(list(rule([model]))) == 1


def test_the_rules_about_text_see_what_breaks_them() -> None:
    assert not list(layers.named_systems([SEAM], {"marketo"}))
    assert len(list(layers.named_systems([replace(SEAM, code="select 1")], {"marketo"}))) == 1
    named = replace(SEAM, code=SEAM.code + " from {{ ref('stg_marketo__people') }}")
    assert len(list(layers.named_systems([named], {"marketo"}))) == 1
    clocked = replace(RULE, code="select 1 where x < current_date")
    assert list(layers.other_clocks([clocked], {}))
    assert list(layers.other_clocks([], {"macros/money.sql": "select now()"}))
    assert not list(layers.other_clocks([RULE], {"macros/clock.sql": "select now()"}))
    assert list(layers.without_unit_test([RULE], set(), {}))
    assert not list(layers.without_unit_test([RULE, FACT], {RULE.name}, {}))
    assert list(layers.reading_macros({"macros/x.sql": "select * from {{ ref('a') }}"}))
    assert not list(layers.reading_macros({"macros/seeds.sql seed": "{{ ref(name) }}"}))
    assert list(layers.seeds_read_by_name({"a.sql": "from {{ ref('stages') }}"}, {"stages"}))
    assert not list(layers.seeds_read_by_name({"a.sql": "{{ seed('stages') }}"}, {"stages"}))
    assert list(layers.unit_tests_of_packages({"a.yml: one": "None"}))
    assert len(list(layers.unclaimed_tests({"tests/data/sums.sql": "select 1"}))) == 2
    assert not list(layers.unclaimed_tests({"tests/data/assert_it.sql": "-- A row is a deal.\n"}))
    assert list(layers.lenient_tests({"a.yml": "- x:\n    severity: warn\n"}))
    assert not list(layers.lenient_tests({"a.yml": "- x:\n    # It may.\n    severity: warn\n"}))
    assert list(layers.unknown_vars({"a.sql": "{{ var('x') }}"}, {"y"}))
    found = list(layers.unexplained_vars("vars:\n  # Why.\n  a: 1\n  b: 2\n\nseeds:\n  c: 1\n"))
    assert found == ["dbt_project.yml: say above b why its default is what it is"]


def test_comments_are_no_code() -> None:
    commented = replace(STAGED, code="-- no join here\n{# nor join as_of_ #}\nselect 1 /* join */")
    assert not list(layers.busy_staging([commented]))


def test_the_project_is_read_from_where_it_is(models: list[Node]) -> None:
    """A manifest of another folder would let everything pass."""
    assert all((Path(PROJECT) / model.path).is_file() for model in models)
