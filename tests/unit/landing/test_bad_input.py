"""What stops a run before anything is built: each in one line that names the thing."""

import datetime as dt
import gzip
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipegen import landing
from tests.support import landed_sql

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x01\x00\x00\x00\x01\x00\x08\x06"


def refused(raw: Path) -> str:
    with pytest.raises(landing.PipegenError) as caught:
        landing.open_source(str(raw), raw / "none.duckdb")
    [problem] = caught.value.problems
    assert "\n" not in problem
    return problem


def test_a_folder_that_is_not_there_is_named(tmp_path):
    assert refused(tmp_path / "no such") == f"no such folder of raw tables: {tmp_path / 'no such'}"


def test_a_file_in_place_of_the_folder_is_named(tmp_path):
    (tmp_path / "raw.csv").write_text("id\n")
    assert refused(tmp_path / "raw.csv").startswith(f"{tmp_path / 'raw.csv'} is a file")


def test_of_a_loaders_file_it_is_said_how_to_read_it(tmp_path):
    path = tmp_path / "loaded.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE SCHEMA crm_raw; CREATE TABLE crm_raw.account(id VARCHAR)")
    found = refused(path)
    assert "It is a DuckDB file, as a loader writes one (schemas: crm_raw)" in found
    assert f"raw_databases: {{salesforce: {path}}}" in found


def test_for_a_folder_one_level_too_deep_the_one_above_is_suggested(company):
    assert f"did you mean the folder it is in, {company.root}?" in refused(
        company.root / "salesforce"
    )


def test_for_a_folder_one_level_too_high_the_one_below_is_suggested(company):
    assert f"did you mean {company.root}?" in refused(company.root.parent)


def test_for_a_folder_without_salesforce_the_error_says_what_to_put_where(tmp_path):
    assert f"put the tables into {tmp_path / 'salesforce'}" in refused(tmp_path)


def test_everything_required_that_is_missing_is_listed_at_once(company):
    (company.root / "salesforce" / "user.csv").unlink()
    company.write("salesforce/account.csv", "name\nx\n")
    company.write("salesforce/opportunity.csv", "id,stage\n")
    company.write("marketo/lead.csv", "email\n")
    account, opportunity, user, lead = company.problems()
    assert account == f"{company.root}/salesforce/account.csv: required column id is missing"
    assert opportunity == (
        f"{company.root}/salesforce/opportunity.csv: required columns account_id, stage_name, "
        "created_date are missing"
    )
    assert user.startswith("required table salesforce.user is missing: looked for user.csv")
    assert str(company.root / "salesforce") in user
    assert lead == f"{company.root}/marketo/lead.csv: required column id is missing"


def test_a_part_without_a_required_column_is_named(company):
    company.write("salesforce/task/1.csv", "id\na\n")
    company.write("salesforce/task/2.csv", "subject\nb\n")
    [problem] = company.problems()
    assert problem == f"{company.root}/salesforce/task/2.csv: required column id is missing"


def test_a_table_without_any_of_its_columns_is_refused_though_none_is_required(company):
    company.write("marketo/program_cost.csv", "a,b\n1,2\n")
    [problem] = company.problems()
    assert "none of the columns of marketo.program_cost is in it" in problem


def test_nothing_is_built_when_something_required_is_missing(company):
    import duckdb

    (company.root / "salesforce" / "user.csv").unlink()
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA landed_salesforce")
        connection.execute("CREATE TABLE landed_salesforce.before AS SELECT 1")
        with pytest.raises(landing.PipegenError):
            landed_sql.land(connection, company.source())
        assert connection.execute("FROM landed_salesforce.before").fetchall() == [(1,)]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"\n \n", "is empty"),
        (b"\nid\na\n", "first line is blank"),
        (b",,\n1,2,3\n", "first line is blank"),
        (PNG, "is no CSV file"),
        (b"PAR1\x15\x04\x15\x10\x15\x14L\x15\x02", "is no CSV file"),
        (gzip.compress(b"id\na\n", mtime=0), "is no CSV file"),
        ("id\na\n".encode("utf-16"), "is no CSV file"),
        (b"id,na\xefve\na,b\n", "is no CSV file"),
        (b"\x00" * 5000, "is no CSV file"),
        (b'id,"name\na,b\n', "is no CSV file"),
        (b"id;name\na;b\n", "is separated by ';'"),
        (b"id\tname\na\tb\n", "is separated by tabs"),
    ],
)
@pytest.mark.parametrize("table", ["account", "contact"])
def test_a_file_that_is_no_csv_is_named_even_where_the_table_is_optional(
    company, table, content, words
):
    path = company.write(f"salesforce/{table}.csv", content)
    [problem] = company.problems()
    assert problem.startswith(str(path))
    assert words in problem


@pytest.mark.parametrize("content", [b"", b"id\na\n", b"PAR1", b"PAR1" + b"x" * 500 + b"PAR1"])
def test_a_file_that_is_no_parquet_is_named(company, content):
    path = company.write("salesforce/contact.parquet", content)
    [problem] = company.problems()
    assert problem.startswith(str(path))


def test_a_parquet_file_that_breaks_off_is_named(company):
    path = company.root / "salesforce" / "contact.parquet"
    pq.write_table(pa.table({"id": [f"{n}" for n in range(5000)]}), path)
    path.write_bytes(path.read_bytes()[:-100])
    assert str(path) in company.problems()[0]


def test_a_parquet_file_damaged_within_is_named(company):
    path = company.root / "salesforce" / "contact.parquet"
    pq.write_table(pa.table({"id": [f"{n * 7919}" for n in range(50_000)]}), path)
    content = bytearray(path.read_bytes())
    content[1000:60_000] = b"\xff" * 59_000
    path.write_bytes(content)
    # It is read when its model is built, which then fails and ends the run.
    with pytest.raises(duckdb.Error, match=r"salesforce/contact\.parquet"):
        company.land()


def test_a_gzip_file_that_is_none_is_named(company):
    path = company.write("salesforce/contact.csv.gz", b"id\na\n")
    assert company.problems() == (f"{path} is no gzip file that can be read",)


def test_a_gzip_file_that_breaks_off_is_named(company):
    content = gzip.compress("\n".join(f"{n * 7919}" for n in range(100_000)).encode())
    company.write("salesforce/contact.csv.gz", gzip.compress(b"id\n") + content[:-2000])
    [problem] = company.problems()
    assert "contact.csv.gz" in problem


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("name", [{"first": "a"}]),
        ("name", [["a"]]),
        ("id", [dt.date(2026, 1, 1)]),
        ("created_date", [True]),
        ("created_date", [1773133200]),
        ("number_of_employees", [dt.datetime(2026, 1, 1)]),
        ("is_deleted", [dt.date(2026, 1, 1)]),
        ("_fivetran_synced", [1.5]),
    ],
)
def test_a_parquet_column_of_a_type_that_cannot_be_meant_is_named(company, column, values):
    path = company.root / "salesforce" / "account.parquet"
    (company.root / "salesforce" / "account.csv").unlink()
    pq.write_table(pa.table({"id": ["a"], "name": ["x"]} | {column: values}), path)
    [problem] = company.problems()
    assert problem.startswith(f"{path}: column {column} is ")


def test_a_column_without_values_may_be_of_any_type(company):
    table = pa.table({"id": ["a"], "created_date": pa.array([None], pa.float64())})
    pq.write_table(table, company.root / "salesforce" / "contact.parquet")
    assert company.land().one("salesforce.contact", "created_date") is None


def test_two_files_for_one_table_are_both_named(company):
    company.write("salesforce/Account.csv", "id\n")
    [problem] = company.problems()
    assert problem.startswith(
        "salesforce/Account.csv and salesforce/account.csv both stand for salesforce.account"
    )


@pytest.mark.parametrize("other", ["account.parquet", "account/1.csv", "account.csv.gz"])
def test_a_table_in_two_forms_is_refused(company, other):
    company.write(f"salesforce/{other}", "id\n")
    [problem] = company.problems()
    assert "both stand for salesforce.account" in problem


def test_two_folders_for_one_system_are_both_named(company):
    (company.root / "Salesforce").mkdir()
    assert "two folders for salesforce: Salesforce and salesforce" in refused(company.root)


def test_a_folder_of_both_kinds_of_parts_is_refused(company):
    company.write("salesforce/task/1.csv", "id\n")
    company.write("salesforce/task/2.parquet", "")
    assert company.problems() == ("salesforce/task mixes .csv and .parquet parts; keep one kind",)


def test_a_folder_without_parts_is_refused(company):
    company.write("salesforce/task/_SUCCESS", "")
    assert company.problems() == ("salesforce/task holds no .csv or .parquet file",)


def test_an_empty_part_is_named(company):
    company.write("salesforce/task/1.csv", "id\n")
    path = company.write("salesforce/task/2.csv", "")
    [problem] = company.problems()
    assert problem.startswith(f"{path} is empty")


def test_two_headers_for_one_column_are_both_named(company):
    company.write("salesforce/account.csv", "id,CreatedDate,created_date\n")
    [problem] = company.problems()
    assert "columns 'CreatedDate' and 'created_date' are both created_date" in problem


def test_two_headers_for_a_column_that_nobody_reads_do_no_harm(company):
    company.write("salesforce/account.csv", "id,mood,Mood,name\na,1,2,x\n")
    assert company.land().values("salesforce.account", "id, name") == [("a", "x")]


def test_a_custom_column_is_not_required_and_its_name_is_nobody_elses(company):
    landed = company.land(custom_columns=landing.CUSTOM_COLUMNS | {"is_recycled": "gone__c"})
    assert "is_recycled_c" in landed.reports["salesforce.opportunity"].missing_columns
