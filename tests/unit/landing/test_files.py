"""Finding and reading files. A failure means that the wrong file is read, or the right one
wrongly."""

import gzip
import time

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipegen import landing
from tests.support import landed_sql

HISTORY = "id,opportunity_id,stage_name\nh1,006,New\nh2,006,Won\n"


@pytest.mark.parametrize(
    "name",
    [
        "salesforce/opportunity_history.csv",
        "salesforce/OpportunityHistory.csv",
        "salesforce/OPPORTUNITYHISTORY.CSV",
        "salesforce/opportunity_history/part-0.csv",
        "salesforce/OpportunityHistory/OpportunityHistory_1.Csv",
        "salesforce/opportunity_history.csv/part-00000-c000.csv",
    ],
)
def test_a_table_is_found_by_its_name_without_case_and_underscores(company, name):
    company.write(name, HISTORY)
    landed = company.land()
    assert landed.values("salesforce.opportunity_history", "id, stage_name") == [
        ("h1", "New"),
        ("h2", "Won"),
    ]


def test_a_system_is_found_without_case(company):
    (company.root / "salesforce").rename(company.root / "Salesforce")
    company.write("Salesforce/Opportunity_History.csv", HISTORY)
    assert company.land().reports["salesforce.opportunity_history"].rows_kept == 2


@pytest.mark.parametrize(
    "name", ["task.parquet", "task/1.parquet", "task.parquet/a.snappy.parquet"]
)
def test_parquet_is_a_file_or_a_folder_of_parts(company, name):
    path = company.write(f"salesforce/{name}", "")
    pq.write_table(pa.table({"Id": ["a"], "Subject": ["x"]}), path)
    assert company.land().values("salesforce.task", "id, subject") == [("a", "x")]


def test_a_gzipped_csv_is_read(company):
    company.write("salesforce/task.csv.gz", gzip.compress(b"id,subject\na,x\n"))
    assert company.land().values("salesforce.task", "id, subject") == [("a", "x")]


def test_markers_and_hidden_files_are_no_parts(company):
    company.write("salesforce/task/part-1.csv", "id\na\n")
    for name in ("_SUCCESS", ".part-1.csv.crc", "part-1.csv.crc", "_temporary.csv", ".hidden.csv"):
        company.write(f"salesforce/task/{name}", "")
    assert company.land().reports["salesforce.task"].rows_read == 1


def test_parts_may_order_omit_and_spell_columns_differently(company):
    company.write("salesforce/task/1.csv", "id,Subject,IsClosed\na,x,true\n")
    company.write("salesforce/task/2.csv", "is_closed,id\nfalse,b\n")
    company.write("salesforce/task/3.csv", "SUBJECT,mood,ID\ny,good,c\n")
    assert company.land().values("salesforce.task", "id, subject, is_closed") == [
        ("a", "x", True),
        ("b", None, False),
        ("c", "y", None),
    ]


@pytest.mark.parametrize(
    "header",
    [
        "Id,AccountId,StageName,CreatedDate,Pipeline_Source__c",
        '"ID","ACCOUNT_ID","STAGE_NAME","CREATED_DATE","PIPELINE_SOURCE_C"',
        "\ufeffid,account_id,stage_name,created_date,PipelineSource__c",
        '\ufeff"id", account_id ,stage_name,created_date,pipeline_source_c',
    ],
)
def test_headers_are_compared_without_case_underscores_and_byte_order_mark(company, header):
    company.write("salesforce/opportunity.csv", f"{header}\na,001,New,2026-01-01,Web\n")
    assert company.land().values(
        "salesforce.opportunity", "id, account_id, stage_name, pipeline_source_c"
    ) == [("a", "001", "New", "Web")]


def test_custom_columns_are_read_by_the_companys_names_and_landed_under_the_contracts(company):
    company.rows(
        "salesforce.lead", [{"id": "a", "RejectionReason_c": "no", "Why_Not__c": "budget"}]
    )
    company.opportunities([{"id": "b", "Origin__c": "Web", "PipelineSource__c": "other"}])
    names = landing.CUSTOM_COLUMNS | {
        "rejection_reason": "why_not_c",
        "pipeline_source": "origin__c",
    }
    landed = company.land(custom_columns=names)
    assert landed.one("salesforce.lead", "rejection_reason_c") == "budget"
    assert landed.one("salesforce.opportunity", "pipeline_source_c") == "Web"


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_line_ends_may_be_any(company, end):
    company.write("salesforce/account.csv", end.join(["id,name", "a,x", "b,y", ""]))
    assert company.land().values("salesforce.account", "id, name") == [("a", "x"), ("b", "y")]


def test_quoted_cells_hold_commas_quotes_and_line_ends(company):
    company.write("salesforce/account.csv", 'id,name\na,"x, ""y""\nand\r\nz"\nb,5" pipe\nc,""\n')
    assert company.land().values("salesforce.account", "id, name") == [
        ("a", 'x, "y"\nand\r\nz'),
        ("b", '5" pipe'),
        ("c", None),
    ]


def test_nothing_in_a_csv_is_a_comment_and_no_text_a_word_for_null(company):
    company.write("salesforce/account.csv", "id,name\n#a,NULL\n//b,null\n-- c,N/A\n")
    assert company.land().values("salesforce.account", "id, name") == [
        ("#a", "NULL"),
        ("-- c", "N/A"),
        ("//b", "null"),
    ]


@pytest.mark.parametrize("header", ["id", "id,name"])
def test_blank_lines_are_no_rows(company, header):
    lines = [header, "", "a" + "," * header.count(","), "", "", ""]
    company.write("salesforce/account.csv", "\n".join(lines))
    landed = company.land()
    assert landed.values("salesforce.account", "id") == [("a",)]
    assert landed.reports["salesforce.account"].rows_read == 1


@pytest.mark.parametrize("content", ["id,name", "id,name\n", "id,name,\r\n"])
def test_a_header_alone_is_an_empty_table(company, content):
    company.write("salesforce/account.csv", content)
    report = company.land().reports["salesforce.account"]
    assert (report.is_present, report.rows_read) == (True, 0)


def test_a_folder_whose_name_looks_like_a_pattern_is_read(tmp_path, company_at):
    odd = company_at(tmp_path / "raw [1]* 'q'?")
    company_at(tmp_path / "raw 1x 'q'y")
    odd.write("salesforce/task/p[1].csv", "id\na\n")
    odd.write("salesforce/task/p1.csv", 'id\n""\n')
    landed = odd.land()
    assert landed.values("salesforce.task", "id") == [("a",)]
    [(location,)] = landed.query("SELECT location FROM landed_audit.set_aside_rows")
    assert location == "salesforce/task/p1.csv"


@pytest.mark.parametrize("root", ["name=x/../name=x/raw", "./name=x//raw/", "link"])
def test_a_folder_may_be_named_in_a_roundabout_way(tmp_path, company_at, monkeypatch, root):
    # Nor does a folder called name=x become a column, as in a partitioned table.
    company = company_at(tmp_path / "name=x" / "raw")
    for number in "12":
        company.write(f"salesforce/campaign/{number}.csv", "id,type\n,x\na" + number + ",y\n")
        path = company.write(f"salesforce/user_role/{number}.parquet", "")
        pq.write_table(pa.table({"id": [number]}), path)
    (tmp_path / "link").symlink_to(company.root)
    monkeypatch.chdir(tmp_path)
    with duckdb.connect() as connection:
        landed_sql.land(connection, landing.open_source(root, tmp_path / "none.duckdb"))
        locations = connection.execute(
            "SELECT location FROM landed_audit.set_aside_rows ORDER BY 1"
        )
        assert locations.fetchall() == [
            ("salesforce/campaign/1.csv",),
            ("salesforce/campaign/2.csv",),
        ]
        kept = (
            "SELECT id, name FROM landed_salesforce.{} WHERE set_aside_reason IS NULL ORDER BY 1"
        )
        names = connection.execute(kept.format("campaign"))
        assert names.fetchall() == [("a1", None), ("a2", None)]
        roles = connection.execute(kept.format("user_role"))
        assert roles.fetchall() == [("1", None), ("2", None)]


def test_a_column_called_like_a_part_of_sql_is_no_danger(company):
    table = pa.table({"id": ["a"], 'x"; DROP TABLE y; --': [1], "name": ["n'"]})
    pq.write_table(table, company.root / "salesforce" / "campaign.parquet")
    assert company.land().values("salesforce.campaign", "id, name") == [("a", "n'")]


def test_checking_a_huge_file_takes_no_time(company):
    with company.write("salesforce/task.csv", "id,subject\na,x\n").open("r+b") as stream:
        # A sparse file of zeros, as long as ten million tasks.
        stream.truncate(2_000_000_000)
    started = time.perf_counter()
    landing.check(company.source())
    assert time.perf_counter() - started < 1


def test_a_quoted_cell_as_long_as_a_buffer_does_not_upset_the_rows_beside_it(company):
    # DuckDB reads big files in pieces, in parallel; lines within a cell look like rows to it.
    fake = "\n".join(f"fake{number},{'x' * 90}" for number in range(1_500))
    rows = [f'id{number},"{fake}"' if number % 3 else f"id{number},x" for number in range(450)]
    company.write("salesforce/account.csv", "id,name\n" + "\n".join(rows) + "\n")
    with duckdb.connect(config={"threads": 4}) as connection:
        landed_sql.land(connection, company.source())
        found = connection.execute(
            "SELECT count(*), count(*) FILTER (id NOT LIKE 'id%'), sum(length(name)) "
            "FROM landed_salesforce.account"
        ).fetchone()
    assert found == (450, 0, 300 * len(fake) + 150)
