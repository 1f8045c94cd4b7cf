"""What the contract promises, against what the project has. A failure means that a loader, a
company's own seeds or somebody's dashboard breaks."""

import csv

import pytest

from pipegen.company.seeds import SEEDS as CHECKED
from tests.support.promised import CORE, MARTS, NOT_BUILT, OPTIONAL_SEEDS, SEEDS
from tests.support.running import PROJECT, Warehouse

# Named like money, but not ours: the CRM's own figure, as the account's owner typed it.
NOT_OUR_MONEY = {"core.dim_accounts.annual_revenue_amount"}


@pytest.fixture(scope="module")
def empty(empty_warehouse: Warehouse) -> Warehouse:
    return empty_warehouse


def test_the_default_seeds_are_the_contracts() -> None:
    found = {}
    for path in (*(PROJECT / "seeds").rglob("*.csv"), *(PROJECT / "rulebook").rglob("*.csv")):
        with path.open(newline="", encoding="utf-8") as handle:
            found[path.stem] = next(csv.reader(handle))
    promised = {name: columns.split() for name, columns in (SEEDS | OPTIONAL_SEEDS).items()}
    assert {name: found.get(name) for name in promised} == promised
    # What holds where a set says nothing about qualification: the demo company's own rules don't.
    assert found.pop("default_qualification_rules") == promised["qualification_rules"]
    assert found.keys() - promised.keys() == {"finding_rules", "proposal_rules"}


def test_what_is_checked_before_a_run_are_the_contracts_seeds() -> None:
    assert {seed.name: seed.columns for seed in CHECKED} == {
        name: columns.split() for name, columns in SEEDS.items()
    }


def test_a_company_without_a_deal_is_published_with_every_table(empty: Warehouse) -> None:
    assert empty.one("select count(*) from core.fct_opportunities") == 0
    assert empty.one("select count(*) from marts.pipeline_bridge") == 38
    assert empty.one("select coalesce(sum(abs(amount)), 0) from marts.pipeline_bridge") == 0


@pytest.mark.parametrize(("schema", "promises"), [("core", CORE), ("marts", MARTS)])
def test_published_tables_have_the_columns_that_are_promised(
    empty: Warehouse, schema: str, promises: dict[str, str]
) -> None:
    columns = empty.columns()
    missing = []
    for table, promised in promises.items():
        if table in NOT_BUILT:
            continue
        found = columns.get(f"{schema}.{table}")
        if found is None:
            missing.append(f"{schema}.{table} is promised and not there")
            continue
        missing += [f"{schema}.{table}.{c}" for c in promised.split() if c not in found]
    assert not missing, "\n".join(missing)


def test_what_is_listed_as_not_built_is_not_built(empty: Warehouse) -> None:
    built = {table.partition(".")[2] for table in empty.columns()} & set(NOT_BUILT)
    assert not built, f"take {sorted(built)} out of NOT_BUILT in tests/support/promised.py"
    assert set(NOT_BUILT) <= CORE.keys() | MARTS.keys(), "NOT_BUILT names what nobody promised"


def test_money_is_decimal_everywhere(empty: Warehouse) -> None:
    """A float would lose cents; the contract of a model could be changed, this could not."""
    found = empty.rows(
        "select schema_name || '.' || table_name || '.' || column_name, data_type "
        "from duckdb_columns() where schema_name in ('core', 'marts', 'audit') "
        "and (column_name = 'amount' or column_name like '%\\_amount' escape '\\') "
        # A flag that a rule asks for an amount is no amount, nor is a share of one.
        "and data_type <> 'BOOLEAN' and column_name not like '%share\\_of\\_amount' escape '\\'"
    )
    assert found
    others = {column: kind for column, kind in found if kind != "DECIMAL(28,2)"}
    assert others.keys() <= NOT_OUR_MONEY, others
