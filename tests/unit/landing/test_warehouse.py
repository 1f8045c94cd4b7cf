"""Raw tables that are in the warehouse already, read in place."""

import datetime as dt
from decimal import Decimal

import duckdb
import pytest

from pipegen import landing
from tests.support import landed_sql


@pytest.fixture
def warehouse(tmp_path):
    """A warehouse into which a loader has put Salesforce and Marketo."""
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            """
            CREATE SCHEMA salesforce; CREATE SCHEMA "Marketo"; CREATE SCHEMA core;
            CREATE TABLE core.account AS SELECT 'not raw' AS id;
            CREATE TABLE salesforce.account(id VARCHAR, number_of_employees DOUBLE,
                _fivetran_deleted BOOLEAN);
            INSERT INTO salesforce.account VALUES ('a', 50, false), ('b', NULL, true);
            CREATE TABLE salesforce."User" AS SELECT 'u' AS "Id";
            CREATE TABLE salesforce.opportunity(id VARCHAR, account_id VARCHAR, stage_name VARCHAR,
                amount DECIMAL(18, 2), created_date TIMESTAMPTZ, close_date DATE,
                "Origin__c" VARCHAR, _fivetran_synced TIMESTAMP);
            INSERT INTO salesforce.opportunity VALUES
                ('o', 'a', 'New', 5.5, '2026-01-01 10:00:00+02', '2026-05-01', 'Web', '2026-01-01'),
                ('o', 'a', 'New', 5.5, '2026-01-01 08:00:00+00', '2026-05-01', 'Web', '2026-01-02'),
                (NULL, 'a', 'New', 1, '2026-01-01 10:00:00+02', NULL, NULL, NULL);
            CREATE VIEW "Marketo".lead AS SELECT 7::BIGINT AS id, DATE '2026-01-10' AS created_at;
            """
        )
    return path


def land(path, connection, **options):
    return landed_sql.land(connection, landing.open_source("warehouse", path), **options)


def test_tables_and_views_are_landed_with_the_same_rules(warehouse):
    with duckdb.connect() as connection:
        land(
            warehouse,
            connection,
            custom_columns=landing.CUSTOM_COLUMNS | {"pipeline_source": "origin_c"},
            business_timezone="America/New_York",
        )
        deals = connection.execute(
            "SELECT id, amount, created_date, close_date, pipeline_source_c, "
            "_fivetran_synced::DATE FROM landed_salesforce.opportunity "
            "WHERE set_aside_reason IS NULL"
        ).fetchall()
        fates = connection.execute(
            "SELECT record_key, reason, location FROM landed_audit.set_aside_rows ORDER BY 2"
        ).fetchall()
        accounts = connection.execute(
            "SELECT id, number_of_employees, is_deleted FROM landed_salesforce.account ORDER BY 1"
        ).fetchall()
        leads = connection.execute("SELECT id, created_at FROM landed_marketo.lead").fetchall()
        location = connection.execute(
            "SELECT location FROM landed_audit.tables WHERE (system, table_name) = ('marketo', "
            "'lead')"
        ).fetchall()
    eight = dt.datetime(2026, 1, 1, 8)
    five = Decimal("5.5")
    assert deals == [("o", five, eight, dt.date(2026, 5, 1), "Web", dt.date(2026, 1, 2))]
    assert fates == [
        (None, "null_key", "salesforce.opportunity"),
        ("o", "repeated", "salesforce.opportunity"),
    ]
    assert accounts == [("a", Decimal(50), False), ("b", None, True)]
    assert leads == [("7", dt.datetime(2026, 1, 10, 5))]
    assert location == [("Marketo.lead",)]


def test_the_warehouse_is_released_after_landing(warehouse):
    with duckdb.connect() as connection:
        land(warehouse, connection)
        attached = connection.execute("SELECT database_name FROM duckdb_databases()").fetchall()
        assert ("pipegen_raw",) not in attached
        duckdb.connect(str(warehouse)).close()


def test_those_who_read_the_warehouse_are_not_in_the_way(warehouse):
    with duckdb.connect(str(warehouse), read_only=True), duckdb.connect() as connection:
        land(warehouse, connection)


def test_two_tables_for_one_are_both_named(warehouse):
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("CREATE TABLE salesforce.user_role AS SELECT 'x' AS id")
        connection.execute("CREATE TABLE salesforce.UserRole AS SELECT 'x' AS id")
    with pytest.raises(landing.PipegenError, match=r"UserRole and salesforce\.user_role both"):
        landing.check(landing.open_source("warehouse", warehouse))


def test_the_warehouse_is_released_after_a_failure(warehouse):
    with duckdb.connect(str(warehouse)) as connection:
        # A view that no longer works.
        connection.execute("CREATE TABLE salesforce.t AS SELECT 'x' AS id")
        connection.execute("CREATE VIEW salesforce.contact AS SELECT id FROM salesforce.t")
        connection.execute("DROP TABLE salesforce.t")
    with duckdb.connect() as connection:
        with pytest.raises(duckdb.Error, match="name t does not exist"):
            land(warehouse, connection)
        duckdb.connect(str(warehouse)).close()


def test_what_is_missing_is_listed(warehouse):
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute('DROP TABLE salesforce."User"')
        connection.execute("ALTER TABLE salesforce.opportunity DROP COLUMN stage_name")
    with pytest.raises(landing.PipegenError) as caught:
        landing.check(landing.open_source("warehouse", warehouse))
    deal, user = caught.value.problems
    assert deal == (f"salesforce.opportunity in {warehouse}: required column stage_name is missing")
    assert user == (
        f"required table salesforce.user is missing: looked for a table salesforce.user "
        f"in {warehouse}"
    )


def test_a_column_of_a_type_that_cannot_be_meant_is_named(warehouse):
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("ALTER TABLE salesforce.account ADD COLUMN name INTEGER[]")
        connection.execute("UPDATE salesforce.account SET name = [1]")
    with pytest.raises(landing.PipegenError, match=r"column name is INTEGER\[\]"):
        landing.check(landing.open_source("warehouse", warehouse))


def test_a_warehouse_that_is_not_there_is_named(tmp_path):
    with pytest.raises(landing.PipegenError, match="no warehouse at"):
        landing.open_source("warehouse", tmp_path / "none.duckdb")


def test_a_file_that_is_no_warehouse_is_named(tmp_path):
    path = tmp_path / "warehouse.duckdb"
    path.write_text("hello" * 5000)
    with pytest.raises(landing.PipegenError, match="can't be read"):
        landing.open_source("warehouse", path)


def test_a_warehouse_without_raw_tables_is_an_error(tmp_path):
    path = tmp_path / "warehouse.duckdb"
    duckdb.connect(str(path)).close()
    with pytest.raises(landing.PipegenError, match="no tables in a schema salesforce"):
        landing.open_source("warehouse", path)
