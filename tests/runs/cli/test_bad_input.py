"""What a user gets wrong is reported in one line that names it, and nothing published is touched.
Each of these stops the run before anything is built."""

import datetime as dt
import time
from pathlib import Path

import duckdb
import pytest

from tests.support.bench import Bench


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path.name} holds no {old!r} to spoil"
    path.write_text(text.replace(old, new), encoding="utf-8")


# Raw tables


def test_no_such_folder(bench: Bench) -> None:
    missing = bench.raw / "nowhere"
    assert bench.one_line(raw=missing) == f"no such folder of raw tables: {missing}"


def test_a_file_in_the_place_of_the_folder(bench: Bench) -> None:
    file = bench.raw / "salesforce" / "user.csv"
    assert str(file) in bench.one_line(raw=file)


def test_a_folder_without_a_system(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "bare").mkdir()
    line = bench.one_line(raw=tmp_path / "bare")
    assert f"{tmp_path / 'bare'} holds no folder salesforce" in line


def test_an_empty_file(bench: Bench) -> None:
    file = bench.raw / "salesforce" / "account.csv"
    file.write_bytes(b"")
    assert f"{file} is empty" in bench.one_line()


@pytest.mark.parametrize(
    "content",
    [b"PK\x03\x04\x14\x00\x00\x00\x08\x00", b"\x89PNG\r\n\x1a\n\x00\x00", b"id;name\n1;a\n",
     "id,name\n".encode("utf-16"), b'"id,name\n1,a\n'],
    ids=["zip", "png", "semicolons", "utf-16", "open quote"],
)  # fmt: skip
def test_a_file_that_is_no_csv(bench: Bench, content: bytes) -> None:
    file = bench.raw / "salesforce" / "user.csv"
    file.write_bytes(content)
    assert str(file) in bench.one_line()


def test_a_parquet_file_that_is_none(bench: Bench) -> None:
    (bench.raw / "salesforce" / "user.csv").unlink()
    file = bench.raw / "salesforce" / "user.parquet"
    file.write_bytes(b"PAR1 and nothing more")
    assert f"{file} is no Parquet file" in bench.one_line()


def test_a_parquet_of_another_schema(bench: Bench) -> None:
    (bench.raw / "salesforce" / "opportunity.csv").unlink()
    file = bench.raw / "salesforce" / "opportunity.parquet"
    duckdb.sql("select 1 as weight, 'x' as colour").write_parquet(str(file))
    assert bench.one_line() == (
        f"{file}: required columns id, account_id, stage_name, created_date are missing"
    )


def test_a_parquet_column_of_another_type(bench: Bench) -> None:
    (bench.raw / "salesforce" / "opportunity.csv").unlink()
    file = bench.raw / "salesforce" / "opportunity.parquet"
    duckdb.sql(
        "select 'o' as id, 'a' as account_id, 'New' as stage_name, [1, 2] as created_date"
    ).write_parquet(str(file))
    line = bench.one_line()
    assert str(file) in line
    assert "created_date" in line


def test_everything_that_is_missing_is_reported_at_once(bench: Bench) -> None:
    folder = bench.raw / "salesforce"
    (folder / "account.csv").unlink()
    (folder / "user.csv").write_text("name\n")
    (folder / "opportunity.csv").write_text("id,stage_name,amount\n")
    (folder / "task.csv").write_text("subject\n")
    started = time.monotonic()
    told = bench.refused_for_real()
    assert time.monotonic() - started < 10
    assert len(told) == 4
    assert told[0].startswith("required table salesforce.account is missing: looked for account")
    assert str(folder) in told[0]
    assert f"{folder / 'opportunity.csv'}: required columns account_id, created_date" in told[1]
    assert f"{folder / 'user.csv'}: required column id is missing" in told[2]
    assert f"{folder / 'task.csv'}: required column id is missing" in told[3]


def test_two_files_for_one_table(bench: Bench) -> None:
    folder = bench.raw / "salesforce"
    (folder / "User.csv").write_text("id\n")
    assert "salesforce/User.csv and salesforce/user.csv" in bench.one_line()


def test_a_warehouse_that_is_no_database(bench: Bench) -> None:
    bench.warehouse.write_bytes(b"not a database at all")
    assert str(bench.warehouse) in bench.one_line(raw="warehouse")


def test_a_warehouse_without_a_loaders_schema(bench: Bench) -> None:
    assert "no tables in a schema salesforce" in bench.one_line(raw="warehouse")


# Seeds and settings


def test_no_such_folder_of_seeds(bench: Bench) -> None:
    missing = bench.seeds / "nowhere"
    assert bench.one_line(seeds=missing) == f"the folder of seeds {missing} does not exist"


def test_a_seed_that_is_missing(bench: Bench) -> None:
    (bench.seeds / "quotas.csv").rename(bench.seeds / "quota.csv")
    assert bench.one_line() == (
        f"quotas.csv is missing from the seeds in {bench.seeds}; is it quota.csv?"
    )


def test_a_seed_with_a_typo_in_its_header(bench: Bench) -> None:
    _replace(bench.seeds / "stages.csv", "stage_group", "stage_gruop")
    line = bench.one_line()
    assert line.startswith("stages.csv line 1: ")
    assert "is missing stage_group" in line
    assert "unknown stage_gruop" in line


def test_shares_that_do_not_sum_to_one(bench: Bench) -> None:
    (bench.seeds / "source_shares.csv").write_text(
        "fiscal_quarter,pipeline_source,share\nFY2026-Q1,sdr,1\n"
        "FY2026-Q2,marketing,0.6\nFY2026-Q2,sdr,0.3\n"
    )
    assert bench.one_line() == (
        "source_shares.csv line 3: the shares of FY2026-Q2 sum to 0.9, not to 1"
    )


def test_a_stage_of_an_unknown_group(bench: Bench) -> None:
    (bench.seeds / "stages.csv").write_text(
        "stage_name,canonical_stage,stage_order,stage_group,is_late_stage\n"
        "New,new,1,open,false\nParked,parked,2,paused,false\n"
    )
    (bench.seeds / "stage_entry_criteria.csv").write_text("canonical_stage,criterion\n")
    assert bench.one_line() == (
        "stages.csv line 3: stage_group 'paused' is not one of open, won, lost"
    )


def test_segments_that_overlap(bench: Bench) -> None:
    (bench.seeds / "segments.csv").write_text(
        "segment,min_employees,max_employees\nsmall,0,100\nlarge,100,\n"
    )
    line = bench.one_line()
    assert line.startswith("segments.csv line 3: segment 'large' overlaps 'small' on line 2")


def test_every_problem_of_every_seed_is_reported_at_once(bench: Bench) -> None:
    (bench.seeds / "stages.csv").unlink()
    (bench.seeds / "decision_roles.csv").write_text("roll\nBoss\n")
    told = bench.refused()
    assert [line.split(" ")[0] for line in told] == ["stages.csv", "decision_roles.csv"]


def test_a_setting_that_does_not_exist(bench: Bench) -> None:
    (bench.seeds / "settings.yml").write_text("stale_day: 20\n")
    assert bench.one_line() == (
        "settings.yml: stale_day is not a setting; did you mean stale_days?"
    )


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("stale_days: soon", "settings.yml: stale_days must be a whole number"),
        ("business_timezone: Mars/Olympus", "settings.yml: business_timezone 'Mars/Olympus'"),
        ("fiscal_year_start_month: 13", "settings.yml: fiscal_year_start_month 13 is not a month"),
        ("recycle_match: name", "settings.yml: recycle_match 'name' is not one of"),
        ("stale_days: [", "settings.yml line "),
    ],
)
def test_a_setting_of_a_wrong_value(bench: Bench, setting: str, told: str) -> None:
    (bench.seeds / "settings.yml").write_text(setting + "\n")
    assert bench.one_line().startswith(told)


# The day and the rest


@pytest.mark.parametrize(
    "text", ["yesterday", "2026-02-30", "20/05/2026", "20260520", "2026-W21-3"]
)
def test_an_as_of_that_is_no_date(bench: Bench, text: str) -> None:
    assert bench.one_line(as_of=text) == (
        f"PIPEGEN_AS_OF '{text}' is not a date: write it as YYYY-MM-DD."
    )


def test_an_as_of_in_the_future(bench: Bench) -> None:
    day = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=2)
    assert bench.one_line(as_of=day).startswith(f"PIPEGEN_AS_OF {day} is in the future")


def test_a_target_that_does_not_exist(bench: Bench) -> None:
    assert "PIPEGEN_TARGET 'oracle'" in bench.one_line(target="oracle")


def test_options_override_the_environment(bench: Bench) -> None:
    told = bench.refused("run", "--as-of", "never", as_of="2026-05-20")
    assert "'never'" in told[0]


def test_land_refuses_the_same(bench: Bench) -> None:
    (bench.raw / "salesforce" / "user.csv").unlink()
    [line] = bench.refused("land")
    assert "required table salesforce.user is missing" in line


@pytest.mark.parametrize(
    "setting",
    [{"as_of": "soon"}, {"raw": "/dev/null"}, {"seeds": "/dev/null"}, {"target": "oracle"}],
    ids=lambda setting: next(iter(setting)),
)
def test_a_process_of_its_own_says_so_in_one_line_too(
    bench: Bench, setting: dict[str, object]
) -> None:
    assert len(bench.refused_for_real(**setting)) == 1
