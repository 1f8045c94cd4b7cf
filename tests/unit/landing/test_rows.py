"""Which raw row stands for a key (definitions 1, "Rows"). A failure means that a wrong row is
landed, or that one is lost without a trace."""

import json

import duckdb
import pytest

from pipegen import landing
from pipegen.contract.tables import TABLES
from tests.support import landed_sql

OLD, NEW = "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"


def test_a_row_without_a_key_is_set_aside(company):
    company.opportunities([{"id": ""}, {"id": "  "}, {"id": "000000000000000AAA"}, {"id": "a"}])
    landed = company.land()
    assert landed.values("salesforce.opportunity", "id") == [("a",)]
    assert landed.fates("salesforce.opportunity") == [(None, "null_key")] * 3


def test_equal_rows_are_one_and_the_row_synced_last_stands_for_them(company):
    company.opportunities(
        [
            {"id": "a", "name": "x", "_fivetran_synced": OLD},
            {"id": " a", "name": "x  ", "_fivetran_synced": NEW},
            {"id": "a", "name": "x", "_fivetran_synced": ""},
        ]
    )
    landed = company.land()
    assert landed.values("salesforce.opportunity", "id, name, _fivetran_synced::DATE::VARCHAR") == [
        ("a", "x", "2026-02-01")
    ]
    assert landed.fates("salesforce.opportunity") == [("a", "repeated")] * 2


def test_rows_equal_but_for_columns_that_nobody_reads_are_equal(company):
    company.opportunities([{"id": "a", "mood": "good"}, {"id": "a", "mood": "bad"}])
    assert company.land().fates("salesforce.opportunity") == [("a", "repeated")]


def test_a_column_of_the_contract_tells_rows_apart_though_no_model_reads_it(company):
    company.opportunities([{"id": "a", "next_step": "call"}, {"id": "a", "next_step": "meet"}])
    assert company.land().fates("salesforce.opportunity") == [("a", "ambiguous_key")] * 2


@pytest.mark.parametrize("column", ["is_deleted", "_fivetran_deleted", "system_modstamp"])
def test_rows_that_differ_in_bookkeeping_are_not_equal(company, column):
    value = OLD if column == "system_modstamp" else "true"
    company.opportunities(
        [
            {"id": "a", column: value, "_fivetran_synced": NEW},
            {"id": "a", column: "", "_fivetran_synced": OLD},
        ]
    )
    assert company.land().fates("salesforce.opportunity") == [("a", "superseded")]


def test_of_differing_rows_the_one_changed_last_is_kept_though_synced_first(company):
    company.opportunities(
        [
            {"id": "a", "name": "x", "system_modstamp": NEW, "_fivetran_synced": OLD},
            {"id": "a", "name": "y", "system_modstamp": OLD, "_fivetran_synced": NEW},
            {"id": "a", "name": "z", "system_modstamp": "", "_fivetran_synced": NEW},
        ]
    )
    landed = company.land()
    assert landed.one("salesforce.opportunity", "name") == "x"
    assert landed.fates("salesforce.opportunity") == [("a", "superseded")] * 2


def test_of_differing_rows_changed_at_once_the_one_synced_last_is_kept(company):
    company.opportunities(
        [
            {"id": "a", "name": "x", "system_modstamp": NEW, "_fivetran_synced": ""},
            {"id": "a", "name": "y", "system_modstamp": NEW, "_fivetran_synced": OLD},
        ]
    )
    assert company.land().one("salesforce.opportunity", "name") == "y"


def test_change_and_sync_are_compared_as_instants_not_as_text(company):
    company.opportunities(
        [
            {"id": "a", "name": "x", "system_modstamp": "2026-01-01T10:00:00+02:00"},
            {"id": "a", "name": "y", "system_modstamp": "2026-01-01T09:00:00Z"},
        ]
    )
    assert company.land().one("salesforce.opportunity", "name") == "y"


def test_differing_rows_still_tied_are_all_set_aside(company):
    company.opportunities(
        [
            {"id": "a", "name": "x", "system_modstamp": NEW},
            {"id": "a", "name": "y", "system_modstamp": NEW},
            {"id": "a", "name": "z", "system_modstamp": OLD},
            {"id": "a", "name": "z", "system_modstamp": OLD},
            {"id": "b", "name": "w"},
        ]
    )
    landed = company.land()
    assert landed.values("salesforce.opportunity", "id") == [("b",)]
    assert landed.fates("salesforce.opportunity") == [
        *[("a", "ambiguous_key")] * 3,
        ("a", "repeated"),
    ]


def test_a_deletion_supersedes_and_stays_landed_as_deleted(company):
    company.opportunities(
        [
            {"id": "a", "is_deleted": "false", "system_modstamp": OLD},
            {"id": "a", "is_deleted": "true", "system_modstamp": NEW},
            {"id": "b", "_fivetran_deleted": "TRUE"},
            {"id": "c", "is_deleted": "N"},
        ]
    )
    landed = company.land()
    assert landed.values("salesforce.opportunity", "id, is_deleted") == [
        ("a", True),
        ("b", True),
        ("c", False),
    ]
    report = landed.reports["salesforce.opportunity"]
    assert (report.rows_read, report.rows_kept, report.rows_deleted) == (4, 1, 2)
    assert report.rows_set_aside == 1


@pytest.mark.parametrize("column", ["is_deleted", "_fivetran_deleted"])
def test_a_row_of_which_nobody_can_tell_whether_it_is_deleted_is_set_aside(company, column):
    company.opportunities([{"id": "a", column: "deleted"}, {"id": "b", column: "0.0"}])
    landed = company.land()
    assert landed.values("salesforce.opportunity", "id") == [("b",)]
    assert landed.fates("salesforce.opportunity") == [("a", "unreadable_deletion")]
    assert landed.unparsed() == []


def test_an_unreadable_deletion_supersedes_what_was_there_before(company):
    company.opportunities(
        [
            {"id": "a", "is_deleted": "false", "system_modstamp": OLD},
            {"id": "a", "is_deleted": "gone", "system_modstamp": NEW},
        ]
    )
    landed = company.land()
    assert landed.values("salesforce.opportunity", "id") == []
    assert landed.fates("salesforce.opportunity") == [
        ("a", "superseded"),
        ("a", "unreadable_deletion"),
    ]


def test_an_unreadable_deletion_is_set_aside_in_a_table_without_a_key(company):
    company.rows("marketo.program_cost", [{"program_id": "1", "_fivetran_deleted": "perhaps"}])
    landed = company.land()
    assert landed.values("marketo.program_cost", "*") == []
    assert landed.fates("marketo.program_cost") == [(None, "unreadable_deletion")]


def test_the_version_that_stands_goes_before_the_old_ones_of_history_mode(company):
    company.opportunities(
        [
            {"id": "a", "name": "x", "_fivetran_active": "false", "system_modstamp": NEW},
            {"id": "a", "name": "y", "_fivetran_active": "true", "system_modstamp": OLD},
            {"id": "a", "name": "z", "_fivetran_active": "false", "system_modstamp": OLD},
        ]
    )
    landed = company.land()
    assert landed.values("salesforce.opportunity", "name, is_deleted") == [("y", False)]
    assert landed.fates("salesforce.opportunity") == [("a", "superseded")] * 2


def test_a_record_of_old_versions_only_is_deleted(company):
    company.opportunities(
        [
            {"id": "a", "name": "x", "_fivetran_active": "false", "_fivetran_start": OLD},
            {"id": "a", "name": "y", "_fivetran_active": "false", "_fivetran_start": NEW},
            {"id": "b", "name": "z", "_fivetran_active": "false", "_fivetran_start": NEW},
        ]
    )
    landed = company.land()
    assert landed.values("salesforce.opportunity", "name, is_deleted") == [
        ("y", True),
        ("z", True),
    ]
    assert landed.fates("salesforce.opportunity") == [("a", "superseded")]


def test_where_change_and_sync_are_equal_the_loader_says_which_row_is_newer(company):
    company.opportunities(
        [
            {"id": "a", "name": "x", "system_modstamp": NEW, "_sdc_sequence": "1779000000000"},
            {"id": "a", "name": "y", "system_modstamp": NEW, "_sdc_sequence": "1779000000001"},
        ]
    )
    landed = company.land()
    assert landed.one("salesforce.opportunity", "name") == "y"
    assert landed.fates("salesforce.opportunity") == [("a", "superseded")]


def test_rows_that_differ_in_what_the_loader_adds_alone_are_one(company):
    company.opportunities([{"id": "a", "_sdc_sequence": "1"}, {"id": "a", "_sdc_sequence": "2"}])
    assert company.land().fates("salesforce.opportunity") == [("a", "repeated")]


def test_a_compound_key_repeats_only_as_a_whole_and_is_null_if_a_part_is(company):
    company.rows(
        "marketo.program_membership",
        [
            {"id": "1", "program_id": "8"},
            {"id": "1", "program_id": "9", "progression_status": "x", "_fivetran_synced": OLD},
            {"id": "1", "program_id": "9", "progression_status": "y", "_fivetran_synced": NEW},
            {"id": "1", "program_id": ""},
        ],
    )
    landed = company.land()
    assert landed.values("marketo.program_membership", "program_id, progression_status") == [
        ("8", None),
        ("9", "y"),
    ]
    assert landed.fates("marketo.program_membership") == [
        ("1|9", "superseded"),
        (None, "null_key"),
    ]


def test_a_table_without_a_key_keeps_every_row(company):
    rows = [{"program_id": "1", "start_date": "2026-01-01", "cost": "5"}] * 2
    company.rows("marketo.program_cost", [*rows, {"program_id": "", "cost": "much"}])
    landed = company.land()
    assert landed.reports["marketo.program_cost"].rows_kept == 3
    assert landed.unparsed() == [("program_cost", None, "cost", "much")]


def test_the_row_that_was_set_aside_is_kept_as_written_with_its_file(company):
    company.opportunities([{"id": "", "name": '  "A", b ', "mood": "x"}])
    [(text, location, line)] = company.land().query(
        "SELECT row_json, location, line FROM landed_audit.set_aside_rows"
    )
    assert json.loads(text) == {
        "id": None,
        "account_id": "001",
        "name": '  "A", b ',
        "stage_name": "New",
        "created_date": "2026-01-01",
    }
    assert (location, line) == ("salesforce/opportunity.csv", None)


def test_of_many_parts_the_right_one_is_named(company):
    company.write("salesforce/task/part-1.csv", "id\na\n")
    company.write("salesforce/task/part-2.csv", "id,subject\n,x\n")
    company.write("salesforce/task/part-3.csv", "id\nb\n")
    company.write("salesforce/task/part-4.csv", 'id\n""\n')
    landed = company.land()
    assert landed.query("SELECT location FROM landed_audit.set_aside_rows ORDER BY 1") == [
        ("salesforce/task/part-2.csv",),
        ("salesforce/task/part-4.csv",),
    ]


def test_unparsed_values_are_reported_only_for_rows_that_are_kept(company):
    company.opportunities(
        [
            {"id": "a", "amount": "old", "system_modstamp": OLD},
            {"id": "a", "amount": "new", "system_modstamp": NEW},
            {"id": "b", "amount": "gone", "is_deleted": "true"},
            {"id": "", "amount": "no key"},
        ]
    )
    assert company.land().unparsed() == [
        ("opportunity", "a", "amount", "new"),
        ("opportunity", "b", "amount", "gone"),
    ]


def test_landing_again_replaces_what_was_landed(company):
    connection = duckdb.connect()
    company.opportunities([{"id": "a"}, {"id": "a"}])
    landed_sql.land(connection, company.source())
    company.opportunities([{"id": "b"}, {"id": ""}])
    landed_sql.land(connection, company.source())
    kept = "SELECT id FROM landed_salesforce.opportunity WHERE set_aside_reason IS NULL"
    assert connection.execute(kept).fetchall() == [("b",)]
    audit = connection.execute("SELECT reason FROM landed_audit.set_aside_rows").fetchall()
    assert audit == [("null_key",)]


def test_absent_tables_are_landed_empty_and_reported_absent(company):
    landed = company.land()
    assert landed.values("marketo.lead", "count(*)") == [(0,)]
    [row] = landed.query(
        "SELECT location, is_present, missing_columns, rows_read FROM landed_audit.tables "
        "WHERE (system, table_name) = ('salesforce', 'campaign')"
    )
    assert row == (None, False, None, 0)
    assert landed.query("SELECT count(*) FROM landed_audit.tables") == [(28,)]


def test_the_audit_is_of_every_table_that_has_a_landing_model():
    with duckdb.connect() as connection:
        audited = landed_sql.Macros(connection, {}).call("raw_tables")
    assert audited == [table.label for table in TABLES]


def test_missing_optional_columns_are_null_and_reported(company):
    company.rows("salesforce.user_role", [{"id": "a"}])
    landed = company.land()
    assert landed.values("salesforce.user_role", "*") == [("a", None, None, None, False)]
    assert landed.reports["salesforce.user_role"].missing_columns == ("name",)


def test_a_column_missing_from_some_parts_is_reported(company):
    company.write("salesforce/user_role/1.csv", "id,name\na,x\n")
    company.write("salesforce/user_role/2.csv", "id\nb\n")
    landed = company.land()
    assert landed.values("salesforce.user_role", "id, name") == [("a", "x"), ("b", None)]
    assert landed.reports["salesforce.user_role"].missing_columns == ("name",)


def test_landed_tables_have_the_names_order_and_types_of_the_contract(company):
    [row] = company.land().query(
        "SELECT string_agg(column_name || ' ' || data_type || CASE WHEN is_nullable THEN '' ELSE "
        "' NOT NULL' END, ', ' ORDER BY column_index) FROM duckdb_columns() "
        "WHERE schema_name = 'landed_salesforce' AND table_name = 'opportunity_history'"
    )
    assert row == (
        "id VARCHAR, opportunity_id VARCHAR, created_date TIMESTAMP, stage_name VARCHAR, "
        "amount DECIMAL(38,10), close_date DATE, probability DECIMAL(38,10), "
        "forecast_category VARCHAR, currency_iso_code VARCHAR, system_modstamp TIMESTAMP, "
        "is_deleted BOOLEAN, _fivetran_synced TIMESTAMP, set_aside_reason VARCHAR, "
        "unread_values VARCHAR, raw_row VARCHAR, raw_location VARCHAR",
    )


def test_progress_tells_of_every_table(company):
    lines: list[str] = []
    company.land(progress=lines.append)
    assert [line.split(":")[0] for line in lines] == [
        "salesforce.account",
        "salesforce.opportunity",
        "salesforce.user",
    ]


def test_files_that_nobody_reads_are_named(company):
    company.write("salesforce/oportunity_history.csv", "id\n")
    company.write("salesforce/contact.xlsx", "")
    assert company.source().ignored() == [
        "salesforce/contact.xlsx",
        "salesforce/oportunity_history.csv",
    ]


def test_a_database_that_cannot_be_written_is_reported_in_one_line(company, tmp_path):
    duckdb.connect(str(tmp_path / "b.duckdb")).close()
    with duckdb.connect(str(tmp_path / "b.duckdb"), read_only=True) as connection:
        with pytest.raises(landing.PipegenError, match="cannot be written: ") as caught:
            landed_sql.land(connection, company.source())
        assert len(caught.value.problems) == 1


def test_nothing_but_the_database_is_left_behind(company, tmp_path):
    company.write("salesforce/user.csv", 'id,name\na,"b" c\n')
    (tmp_path / "build").mkdir()
    with duckdb.connect(str(tmp_path / "build" / "b.duckdb")) as connection:
        # What a run that was killed left behind.
        (tmp_path / "build" / "b.duckdb.salvaged").mkdir()
        (tmp_path / "build" / "b.duckdb.salvaged" / "x.csv").touch()
        landed_sql.land(connection, company.source())
    assert [path.name for path in (tmp_path / "build").iterdir()] == ["b.duckdb"]


def test_currencies_that_differ_by_case_alone_are_one(company):
    company.rows(
        "salesforce.currency_type",
        [
            {"iso_code": "eur", "conversion_rate": "0.8", "_fivetran_synced": OLD},
            {"iso_code": "EUR", "conversion_rate": "0.9", "_fivetran_synced": NEW},
            {"iso_code": "Gbp", "conversion_rate": "0.7"},
        ],
    )
    landed = company.land()
    assert landed.values("salesforce.currency_type", "iso_code, conversion_rate::DOUBLE") == [
        ("EUR", 0.9), ("GBP", 0.7),
    ]  # fmt: skip
    assert landed.fates("salesforce.currency_type") == [("EUR", "superseded")]
