"""What `demo.generate` writes: complete, repeatable, and nothing after its last day."""

from __future__ import annotations

import filecmp
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from pipegen import demo
from pipegen.demo import words
from pipegen.project import PROJECT
from tests.support import reference

MARKETO = {
    "lead": "id email company lead_source created_at sfdc_lead_id sfdc_contact_id "
    "sfdc_account_id original_source_type lead_status",
    "activity_change_data_value": "id lead_id activity_date primary_attribute_value old_value "
    "new_value",
    "activity_fill_out_form": "id lead_id activity_date primary_attribute_value campaign_id",
    "activity_click_email": "id lead_id activity_date primary_attribute_value campaign_id",
    "activity_open_email": "id lead_id activity_date primary_attribute_value campaign_id",
    "activity_visit_webpage": "id lead_id activity_date primary_attribute_value campaign_id",
    "activity_merge_leads": "id lead_id activity_date merge_ids",
    "campaign": "id name program_id",
    "program": "id name channel type status start_date end_date created_at sfdc_id",
    "program_membership": "id program_id membership_date progression_status reached_success "
    "reached_success_date",
    "program_cost": "program_id start_date cost",
}
SALESFORCE = {
    **reference.READ,
    "currency_type": "iso_code conversion_rate is_corporate",
}
# Plans may lie in the future; events may not.
AHEAD = {
    ("campaign", "start_date"),
    ("campaign", "end_date"),
    ("program", "start_date"),
    ("program", "end_date"),
    ("opportunity", "close_date"),
    ("opportunity_history", "close_date"),
}


def tables(out: Path) -> dict[tuple[str, str], Path]:
    return {(path.parent.name, path.stem): path for path in (out / "raw").glob("*/*.csv")}


def relation(path: Path) -> str:
    return f"read_csv('{path}', all_varchar = true, header = true, max_line_size = 100000)"


def same_files(one: Path, other: Path) -> bool:
    names = sorted(str(p.relative_to(one)) for p in one.rglob("*") if p.is_file())
    others = sorted(str(p.relative_to(other)) for p in other.rglob("*") if p.is_file())
    _, mismatch, errors = filecmp.cmpfiles(one, other, names, shallow=False)
    return names == others and not mismatch and not errors


def test_every_table_and_column_of_the_contract_is_there(company: Path) -> None:
    found = tables(company)
    expected = {("salesforce", t): c for t, c in SALESFORCE.items()}
    expected |= {("marketo", t): c for t, c in MARKETO.items()}
    assert found.keys() == expected.keys()
    for key, columns in expected.items():
        header = found[key].read_text(encoding="utf-8").splitlines()[0].split(",")
        assert [c for c in header if c in columns.split()] == columns.split(), key


def test_default_company_has_about_three_thousand_opportunities(company: Path) -> None:
    count = len((company / "truth" / "opportunities.csv").read_text(encoding="utf-8").splitlines())
    assert 2_700 < count < 3_500


def test_nothing_happened_after_the_last_day(company: Path) -> None:
    con = duckdb.connect()
    last = f"{demo.AS_OF.isoformat()}T23:59:59Z"
    for (_, table), path in tables(company).items():
        columns = [row[0] for row in con.sql(f"describe from {relation(path)}").fetchall()]
        for column in columns:
            if (table, column) in AHEAD or not column.endswith(("_date", "_at", "_time")):
                continue
            (latest,) = con.sql(
                f'select max("{column}") filter ("{column}" similar to \'[0-9T:Z-]+\')'
                f" from {relation(path)}"
            ).fetchall()[0]
            assert latest is None or latest <= last, (table, column)


def test_keys_are_unique_except_where_planted(company: Path) -> None:
    con = duckdb.connect()
    planted = company / "truth" / "spoilt_records.csv"
    for (system, table), path in tables(company).items():
        key = {"program_membership": "id || '/' || program_id", "currency_type": "iso_code"}.get(
            table, "id"
        )
        if table == "program_cost":
            continue
        rows = con.sql(
            f"select {key} as k, count(*) from {relation(path)} where {key} is not null group by 1 "
            f"having count(*) > 1 and k not in (select record_id from {relation(planted)} "
            f"where record_type = '{table}' and '{system}' = 'salesforce' "
            "and record_id is not null)"
        ).fetchall()
        assert rows == [], table


def test_salesforce_ids_have_eighteen_characters_and_their_prefix(company: Path) -> None:
    con = duckdb.connect()
    prefix = {"account": "001", "contact": "003", "opportunity": "006", "lead": "00Q"}
    found = tables(company)
    for table, start in prefix.items():
        odd = con.sql(
            f"select id from {relation(found['salesforce', table])} where id is not null "
            f"and (length(id) <> 18 or id not like '{start}%')"
        ).fetchall()
        assert odd == [], table


def test_addresses_are_of_reserved_domains(company: Path) -> None:
    con = duckdb.connect()
    found = tables(company)
    for key in (("salesforce", "contact"), ("salesforce", "lead"), ("salesforce", "user"),
                ("marketo", "lead")):  # fmt: skip
        odd = con.sql(
            f"select email from {relation(found[key])} "
            "where lower(trim(email)) not similar to '[a-z0-9.-]+@[a-z0-9.-]+[.]example'"
        ).fetchall()
        assert odd == [], key


def test_nasty_names_survive_the_file(company: Path) -> None:
    con = duckdb.connect()
    path = tables(company)["salesforce", "account"]
    names = {row[0] for row in con.sql(f"select name from {relation(path)}").fetchall()}
    assert set(words.NASTY_NAMES.values()) - names == set()


def test_history_is_out_of_order_and_in_several_currencies(company: Path) -> None:
    con = duckdb.connect()
    found = tables(company)
    history = relation(found["salesforce", "opportunity_history"])
    dates = [row[0] for row in con.sql(f"select created_date from {history}").fetchall()]
    assert dates != sorted(dates)
    deals = relation(found["salesforce", "opportunity"])
    codes = {row[0] for row in con.sql(f"select currency_iso_code from {deals}").fetchall()}
    assert codes == {"USD", "EUR", "GBP", "CHF", None}


def test_people_are_linked_by_id_by_address_or_not_at_all(company: Path) -> None:
    con = duckdb.connect()
    found = tables(company)
    (linked, by_address, unknown) = con.sql(
        f"""
        with crm as (
            select lower(trim(email)) as address from {relation(found["salesforce", "contact"])}
            union
            select lower(trim(email)) from {relation(found["salesforce", "lead"])}
            where email is not null
        ),
        people as (
            select
                coalesce(sfdc_lead_id, sfdc_contact_id) is not null as has_id,
                coalesce(lower(trim(email)), '') in (select address from crm) as has_address,
            from {relation(found["marketo", "lead"])}
        )
        select
            count(*) filter (has_id), count(*) filter (not has_id and has_address),
            count(*) filter (not has_id and not has_address)
        from people
        """
    ).fetchall()[0]
    assert linked > by_address > unknown > 0


def test_same_number_gives_the_same_bytes(tmp_path: Path) -> None:
    for name, hash_seed in (("one", "1"), ("two", "2")):
        subprocess.run(
            [
                sys.executable, "-m", "pipegen.demo",
                "--out", str(tmp_path / name), "--accounts", "300",
            ],
            check=True,
            cwd=PROJECT,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
        )
    assert same_files(tmp_path / "one", tmp_path / "two")


def test_another_number_gives_another_company(tmp_path: Path) -> None:
    for seed in (1, 2):
        demo.generate(tmp_path / str(seed), accounts=100, seed=seed)
    assert not same_files(tmp_path / "1", tmp_path / "2")


def test_size_is_a_parameter_and_large_tables_come_in_parts(tmp_path: Path) -> None:
    small, large = tmp_path / "small", tmp_path / "large"
    demo.generate(small, accounts=1_000, touches_per_opportunity=2)
    demo.generate(large, accounts=8_100, touches_per_opportunity=2, changes_per_opportunity=10)
    counts = []
    for out in (small, large):
        text = (out / "truth" / "opportunities.csv").read_text(encoding="utf-8")
        counts.append(text.count("\n") - 1)
    assert 7 < counts[1] / counts[0] < 9
    parts = sorted((large / "raw" / "salesforce" / "opportunity").iterdir())
    assert [p.name for p in parts] == ["part-00000.csv", "part-00001.csv"]
    assert (large / "raw" / "salesforce" / "user.csv").is_file()
    con = duckdb.connect()

    def count(table: str) -> int:
        folder = large / "raw" / table
        return con.sql(f"select count(*) from read_csv('{folder}/*.csv', all_varchar = true)"
                       ).fetchall()[0][0]  # fmt: skip

    assert count("salesforce/opportunity_history") >= 9.5 * counts[1]
    touches = sum(
        count(t)
        for t in ("salesforce/task", "salesforce/event", "salesforce/campaign_member",
                  "marketo/activity_fill_out_form", "marketo/activity_click_email",
                  "marketo/activity_open_email", "marketo/activity_visit_webpage")
    )  # fmt: skip
    assert touches > 2 * counts[1]


def test_parquet_says_what_the_text_says(tmp_path: Path) -> None:
    for kind in ("csv", "parquet"):
        demo.generate(tmp_path / kind, accounts=150, file_format=kind)
    truth = Path("truth") / "opportunities.csv"
    assert (tmp_path / "csv" / truth).read_bytes() == (tmp_path / "parquet" / truth).read_bytes()
    con = duckdb.connect()
    con.sql("set timezone = 'UTC'")
    for (system, table), path in tables(tmp_path / "csv").items():
        other = tmp_path / "parquet" / "raw" / system / f"{table}.parquet"
        described = con.sql(f"describe from '{other}'").fetchall()
        wanted = ", ".join(
            f"strftime(\"{name}\", '%Y-%m-%dT%H:%M:%SZ')"
            if kind.startswith("TIMESTAMP")
            else f'"{name}"::varchar'
            for name, kind, *_ in described
        )
        assert (
            con.sql(f"select {wanted} from '{other}'").fetchall()
            == con.sql(f"from {relation(path)}").fetchall()
        ), table


def test_a_second_run_leaves_nothing_of_the_first(tmp_path: Path) -> None:
    demo.generate(tmp_path / "one", accounts=60)
    for accounts, kind in ((8_001, "csv"), (60, "parquet"), (60, "csv")):
        demo.generate(tmp_path / "two", accounts=accounts, file_format=kind,
                      touches_per_opportunity=0.1 if accounts > 60 else 14.0)  # fmt: skip
    assert same_files(tmp_path / "one", tmp_path / "two")


@pytest.mark.parametrize(
    "options",
    [{"accounts": 0}, {"history_days": 5}, {"seed": -1}, {"file_format": "xml"},
     {"touches_per_opportunity": -1}],
)  # fmt: skip
def test_sizes_that_make_no_sense_are_refused(tmp_path: Path, options: dict) -> None:
    with pytest.raises(ValueError):
        demo.generate(tmp_path, **options)
