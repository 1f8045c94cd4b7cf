"""A CRM that nobody had thought of joins by staging models and rows of data alone.

A failure means that something above staging knows which CRM there is: what it says of the same
company differs when another system says it.
"""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.support.cases import BRIGHTWATER, BRIGHTWATER_AS_OF, copied
from tests.support.running import Warehouse, copy_of_project, differences, run_of_copy

pytestmark = pytest.mark.night

# Every id of the toy begins so; no id of Salesforce's does.
MARK = "toy-"
# What differs from run to run, or with the files of rules and of code.
OF_THE_RUN = {"reported_at", "definitions_version", "code_version"}


def test_another_crm_gives_the_same_cells(tmp_path: Path, casebook_warehouse: Warehouse) -> None:
    project = copy_of_project(tmp_path / "project")
    _add_toy(project)
    company = copied(BRIGHTWATER, tmp_path / "company")
    _say_it_in_the_toys_words(Path(str(company["seeds"])))
    done = run_of_copy(project, home=tmp_path / "home", **company, as_of=BRIGHTWATER_AS_OF)
    assert done.returncode == 0, done.stdout + done.stderr
    toy = Warehouse(tmp_path / "home" / "warehouse.duckdb")
    deals = toy.rows("select opportunity_id from core.fct_opportunities")
    assert len(deals) > 100
    assert all(deal.startswith(MARK) for (deal,) in deals)
    assert not differences(_cells(casebook_warehouse), _cells(toy))


def _add_toy(project: Path) -> None:
    """Staging of a system that keeps what Salesforce keeps, under ids of a form of its own."""
    staging = project / "models" / "staging" / "toy"
    staging.mkdir()
    for seam in (project / "models" / "crm").glob("*.sql"):
        code = seam.read_text()
        [entity] = re.findall(r"~ '__(\w+)'\)", code)
        columns = re.findall(r"^    (\w+),?$", code, re.MULTILINE)
        is_lookup = "field in ('owner', 'campaign')" if "field" in columns else "false"
        selected = ", ".join(_of_toy(column, is_lookup) for column in columns)
        (staging / f"stg_toy__{entity}.sql").write_text(
            f"select {selected} from {{{{ ref('stg_salesforce__{entity}') }}}}"
        )
    _replace(project / "macros" / "systems.sql", "['salesforce']", "['toy']")
    _replace(project / "src/pipegen/company/seed_rows.py", '"hubspot"', '"toy"')
    for kind in ("lead", "contact"):
        _replace(project / "dbt_project.yml", f"salesforce.{kind}:", f"toy.{kind}:")
    # The MAP names the records of the CRM that it is linked to.
    people = project / "models/staging/marketo/stg_marketo__people.sql"
    for kind in ("lead", "contact", "account"):
        _replace(people, f"sfdc_{kind}_id as", f"'{MARK}' || sfdc_{kind}_id as")
    programs = project / "models/staging/marketo/stg_marketo__programs.sql"
    _replace(programs, "sfdc_id as", f"'{MARK}' || sfdc_id as")


def _of_toy(column: str, is_lookup: str) -> str:
    if column.endswith("_id") and column != "is_id":
        return f"'{MARK}' || {column} as {column}"
    if column in ("old_value", "new_value"):
        return f"case when {is_lookup} then '{MARK}' || {column} else {column} end as {column}"
    return column


def _say_it_in_the_toys_words(seeds: Path) -> None:
    for name in ("touch_types", "lifecycle_statuses"):
        _replace(seeds / f"{name}.csv", "\nsalesforce,", "\ntoy,")
    for name, ids in (("exclusions", r"\b(006|001)"), ("rep_targets", r"\b(005)")):
        path = seeds / f"{name}.csv"
        path.write_text(re.sub(ids, rf"{MARK}\1", path.read_text()))


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text, f"{path} has no {old}"
    path.write_text(text.replace(old, new))


def _cells(warehouse: Warehouse) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of core and marts, without the toy's mark and name."""
    names = {table: OF_THE_RUN for table in warehouse.columns()}
    return {
        table: sorted((tuple(map(_plain, row)) for row in rows), key=repr)
        for table, rows in warehouse.cells(names).items()
        if not table.startswith("audit.")
    }


def _plain(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return re.sub(r"\btoy\b", "salesforce", value.replace(MARK, ""))
