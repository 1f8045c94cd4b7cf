"""A team's own project that installs this one as a package has, with plain dbt, a run's numbers.

A failure names the first cell that differs."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from pipegen.packages import STAND_IN
from tests.night.engines.test_in_place import PLACES, load_on_postgres
from tests.night.engines.test_parity import _differences, _sorted
from tests.support import raw_company
from tests.support.cases import BRIGHTWATER, BRIGHTWATER_AS_OF
from tests.support.hub import package_hub
from tests.support.raw_company import RawCompany
from tests.support.running import PROJECT, Query, Warehouse
from tests.support.servers import execute

INSTALLER = PROJECT / "integration_tests"

# Where the team has these layers: one where dbt puts it, one where its own dbt_project.yml says.
SCHEMAS = {"core": "analytics_core", "marts": "analytics_pipeline"}

# What belongs to a run, not to its answers.
OF_THE_RUN = {"reported_at", "definitions_version", "code_version"}

# Rules of expectations, which are Python. A package has no findings of theirs.
OF_EXPECTATIONS = (
    "raw_tables_stale", "reference_lost", "rows_often_set_aside", "table_behind",
)  # fmt: skip
FINDINGS = {"core.fct_findings", "marts.hygiene_findings"}


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The team's project, with its packages installed as `dbt deps` does."""
    root = tmp_path_factory.mktemp("team") / "integration_tests"
    made = shutil.ignore_patterns("dbt_packages", "target", "logs")
    shutil.copytree(INSTALLER, root, ignore=made)
    packages = (root / "packages.yml").read_text(encoding="utf-8")
    assert "local: ../\n" in packages
    (root / "packages.yml").write_text(packages.replace("../", str(PROJECT)))
    with package_hub(STAND_IN, "dbt-labs/dbt_utils") as hub:
        _dbt(root, "deps", **hub)
    return root


def _dbt(root: Path, *arguments: str, **environment: str) -> str:
    """Run dbt in the team's project to its end, which must be a good one; gives what it says."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PIPEGEN_")}
    done = subprocess.run(
        [sys.executable, "-m", "dbt.cli.main", *arguments],
        cwd=root, env=kept | environment, capture_output=True, text=True, check=False,
        timeout=1_800,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-6_000:] + done.stderr
    return done.stdout


def _load_on_duckdb(company: RawCompany, path: Path) -> None:
    schemas = {system: PLACES.schema(system) for system in ("salesforce", "marketo")}
    raw_company.fivetran(company, path, schemas)
    with duckdb.connect(str(path)) as connection:
        connection.execute(f'alter table {schemas["salesforce"]}."user" rename to people')


def _compare(expected: Warehouse, ask: Query) -> None:
    tables = [name for name in expected.columns() if name.split(".")[0] in SCHEMAS]
    assert len(tables) > 80
    for table in sorted(tables):
        schema, name = table.split(".")
        columns = [name for name in expected.columns()[table] if name not in OF_THE_RUN]
        where = f" where rule not in {OF_EXPECTATIONS}" if table in FINDINGS else ""
        listed = ", ".join(f'"{column}"' for column in columns)
        ours = _sorted(expected.rows(f"select {listed} from {table}{where}"))
        theirs = _sorted(ask(f"select {listed} from {SCHEMAS[schema]}.{name}"))
        for difference in _differences(columns, ours, theirs):
            pytest.fail(f"{table}: {difference}")


def _schemas(ask: Query) -> set[str]:
    return {
        schema
        for (schema,) in ask("select distinct table_schema from information_schema.tables")
        if schema not in ("pg_catalog", "information_schema")
    }


def _holds(expected: Warehouse, ask: Query, said: str) -> None:
    """The team's build has a run's cells, its own schemas, and nothing of the demo company's."""
    _compare(expected, ask)
    assert _schemas(ask) >= {*SCHEMAS.values(), "analytics_rules", "analytics_board"}
    assert not _schemas(ask) & {"core", "marts", "audit", "seeds", "staging", "analytics_marts"}
    # The company names all seeds that it has; of the package's own there is the rulebook alone.
    loaded = ask(
        "select table_name from information_schema.tables where table_schema = 'analytics_seeds'"
    )
    rulebook = {"attribution_weights", "finding_rules", "proposal_rules"}
    assert {name for (name,) in loaded} == rulebook
    names = {name for (name,) in ask("select table_name from information_schema.tables")}
    log = {"runs", "run_costs", "run_headlines", "stg_carried__runs", "stg_carried__run_costs"}
    assert not names & log
    assert "unit tests" not in said
    [(shown,)] = ask("select sum(pipeline_amount) from analytics_board.pipeline_of_the_board")
    [(run,)] = expected.rows("select sum(pipeline_amount) from marts.reconciled_pipeline")
    assert shown == run


def test_on_duckdb_a_package_has_the_cells_of_a_run(
    team: Path, casebook_warehouse: Warehouse, tmp_path: Path
) -> None:
    path = tmp_path / "team.duckdb"
    _load_on_duckdb(RawCompany.read(BRIGHTWATER / "raw"), path)
    said = _dbt(team, "build", "--target-path", str(tmp_path / "target"), DUCKDB_PATH=str(path))
    with Warehouse(path).opened() as ask:
        _holds(casebook_warehouse, ask, said)
    # The next build remembers what this one reported, in the schema that the team chose.
    _dbt(team, "run", "--target-path", str(tmp_path / "target"), "--select",
         "stg_carried__reported_numbers", "int_reported_numbers__all_runs", "reported_numbers",
         DUCKDB_PATH=str(path))  # fmt: skip
    built = "select count(distinct reported_at) from analytics_pipeline.reported_numbers"
    assert Warehouse(path).one(built) == 2


@pytest.mark.postgres
def test_on_postgres_a_package_has_the_cells_of_a_run(
    team: Path, casebook_warehouse: Warehouse, database: dict[str, str], tmp_path: Path
) -> None:
    load_on_postgres(RawCompany.read(BRIGHTWATER / "raw"), tmp_path)
    said = _dbt(team, "build", "--target-path", str(tmp_path / "target"), DBT_TARGET="postgres")

    def ask(sql: str, parameters: Any = ()) -> Any:
        return execute(database, sql)

    _holds(casebook_warehouse, ask, said)


@pytest.fixture
def parsed_team(team: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of the team's project, to be changed."""
    root = tmp_path / "integration_tests"
    shutil.copytree(team, root, symlinks=True, ignore=shutil.ignore_patterns("target", "logs"))
    yield root


def _name(root: Path, names: dict[str, str], **vars_: object) -> None:
    """Have the team name only these seeds."""
    path = root / "dbt_project.yml"
    project = yaml.safe_load(path.read_text(encoding="utf-8"))
    project["vars"]["pipegen"] |= {"seed_names": names, **vars_}
    path.write_text(yaml.safe_dump(project))


def test_a_package_asks_for_stages_by_name(parsed_team: Path) -> None:
    _name(parsed_team, {})
    with pytest.raises(AssertionError, match="needs to know the company's stages"):
        _dbt(parsed_team, "parse")


def test_a_misspelt_seed_stops_the_build(parsed_team: Path) -> None:
    _name(parsed_team, {"stages": "brightwater_stages", "quota": "brightwater_quotas"})
    with pytest.raises(AssertionError, match="seed_names names quota, which is no seed"):
        _dbt(parsed_team, "parse")


def test_a_seed_without_a_name_is_a_default_or_has_no_rows(parsed_team: Path) -> None:
    _name(parsed_team, {"stages": "brightwater_stages"}, run_log_enabled=True)
    listed = _dbt(parsed_team, "--quiet", "ls", "--resource-type", "seed", "--output", "name")
    defaults = {
        "attribution_weights", "benchmarks", "decision_roles", "default_qualification_rules",
        "finding_rules", "lifecycle_statuses", "opportunity_types", "proposal_rules", "segments",
        "source_rules", "team_roles", "touch_types",
    }  # fmt: skip
    there = {name for name in listed.split() if not name.startswith("brightwater_")}
    assert there == defaults
    models = _dbt(parsed_team, "--quiet", "ls", "--select", "pipegen.audit",
                  "--resource-type", "model", "--output", "name")  # fmt: skip
    assert {"runs", "run_costs", "run_headlines"} <= set(models.split())


def test_the_team_answers_for_the_day_of_the_casebook() -> None:
    project = yaml.safe_load((INSTALLER / "dbt_project.yml").read_text(encoding="utf-8"))
    assert project["vars"]["pipegen"]["as_of"] == BRIGHTWATER_AS_OF


def test_the_teams_seeds_are_the_casebooks() -> None:
    theirs = {path.name: path.read_bytes() for path in (BRIGHTWATER / "seeds").glob("*.csv")}
    ours = {
        path.name.removeprefix("brightwater_"): path.read_bytes()
        for path in (INSTALLER / "seeds").glob("*.csv")
    }
    assert ours == theirs
