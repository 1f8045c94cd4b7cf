"""The warehouse finds out what each deal of the demo company really is. The company's generator
knows it from its plan and looks at no raw table; the warehouse sees nothing else."""

import csv
import datetime as dt
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from pipegen.demo import AS_OF
from tests.support.running import Warehouse, differences, history_differences, published

COMPARED = (
    "verdict", "verdict_reason", "verdict_evidence", "pipeline_source", "motion", "is_re_dated",
    "qualified_at", "is_excluded", "failing_criterion", "stage_group", "close_day", "close_reason",
    "successor_opportunity_id", "outcome_stage_group", "outcome_close_day", "outcome_reason",
)  # fmt: skip

SET_ASIDE = {"null_key", "repeated", "superseded", "ambiguous_key", "no_stage", "no_date"}

# Flaws of deals, each with the rule that finds it. What else is open on a deal is compared in
# test_findings.py.
FOUND = {
    "amount_not_positive", "missing_amount", "missing_close_date", "missing_created_date",
    "missing_exchange_rate", "missing_source", "net_new_flag_wrong", "net_new_period_wrong",
    "no_history", "placeholder_amount", "probability_out_of_range", "re_dated", "source_changed",
    "unknown_stage",
}  # fmt: skip


@pytest.fixture(scope="module")
def warehouse(demo_warehouse: Warehouse) -> Warehouse:
    return demo_warehouse


@pytest.fixture(scope="module")
def truth(warehouse: Warehouse) -> dict[str, dict[str, str]]:
    rows = _read(warehouse, "opportunities.csv")
    return {row["opportunity_id"]: row for row in rows}


@pytest.fixture(scope="module")
def spoilt(warehouse: Warehouse) -> list[dict[str, str]]:
    return _read(warehouse, "spoilt_records.csv")


def _read(warehouse: Warehouse, name: str) -> list[dict[str, str]]:
    path = warehouse.path.parent / "demo" / "truth" / name
    with path.open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def _written(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.isoformat(" ")
    return str(value).lower() if isinstance(value, bool) else str(value)


def _told(wrong: list[str]) -> str:
    more = f"\n… and {len(wrong) - 40} more" if len(wrong) > 40 else ""
    return f"{len(wrong)} differ\n" + "\n".join(wrong[:40]) + more


def test_the_warehouse_has_the_deals_that_are_there_and_no_other(
    warehouse: Warehouse, truth: dict[str, dict[str, str]]
) -> None:
    found = set(warehouse.table("core.fct_opportunities", "opportunity_id"))
    assert len(truth) > 2_000
    assert not (missing := truth.keys() - found), f"missing: {sorted(missing)[:20]}"
    assert not (invented := found - truth.keys()), f"invented: {sorted(invented)[:20]}"


@pytest.mark.parametrize("column", COMPARED)
def test_every_deal_is_found_to_be_what_it_is(
    warehouse: Warehouse, truth: dict[str, dict[str, str]], column: str
) -> None:
    deals = warehouse.table("core.fct_opportunities", "opportunity_id")
    wrong = [
        f"{deal} ({row['scenario']}): is {row[column] or 'null'}, found {found or 'null'}"
        for deal, row in truth.items()
        if deal in deals and (found := _written(deals[deal][column])) != row[column]
    ]
    assert not wrong, _told(wrong)


def test_every_column_compared_tells_deals_apart(truth: dict[str, dict[str, str]]) -> None:
    """A column of one value would agree with anything."""
    for column in COMPARED:
        assert len({row[column] for row in truth.values()}) > 1, column


def test_reasons_of_wins_and_losses_are_counted(
    warehouse: Warehouse, truth: dict[str, dict[str, str]]
) -> None:
    expected = Counter(
        (_quarter(row["outcome_close_day"]), row["outcome_stage_group"],
         row["outcome_reason"] or "not_given", row["motion"], row["pipeline_source"])
        for row in truth.values()
        if row["outcome_stage_group"] != "open" and row["verdict"] not in ("excluded", "duplicate")
    )  # fmt: skip
    found = {
        tuple(key): int(count)
        for *key, count in warehouse.rows(
            "select fiscal_quarter, outcome, reason, motion, pipeline_source, "
            "sum(opportunity_count) from marts.win_loss_reasons group by all"
        )
    }
    assert len({reason for _, _, reason, *_ in expected}) > 8
    assert found == expected


def _quarter(day: str) -> str:
    year, month, _ = day.split("-")
    return f"FY{year}-Q{(int(month) + 2) // 3}"


def test_rows_are_set_aside_exactly_as_they_were_spoilt(
    warehouse: Warehouse, spoilt: list[dict[str, str]]
) -> None:
    expected = Counter(
        (row["record_type"], row["record_id"], row["rule"])
        for row in spoilt
        if row["rule"] in SET_ASIDE
    )
    found = Counter(
        warehouse.rows(
            "select table_name, coalesce(record_key, ''), reason from audit.quarantined_rows"
        )
    )
    assert expected.keys() and {reason for *_, reason in expected} == SET_ASIDE
    assert expected - found == Counter()
    assert found - expected == Counter()


def _is_asked_about(spoilt: dict[str, str], truth: dict[str, dict[str, str]]) -> bool:
    """Whether anyone still minds: nobody does of a deal that was closed before the quarter."""
    deal = truth.get(spoilt["record_id"], {}) if spoilt["record_type"] == "opportunity" else {}
    return not deal.get("close_day") or _quarter(deal["close_day"]) == _quarter(f"{AS_OF}")


def test_values_that_do_not_parse_are_found_exactly_as_they_were_spoilt(
    warehouse: Warehouse, spoilt: list[dict[str, str]], truth: dict[str, dict[str, str]]
) -> None:
    values: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in spoilt:
        if row["rule"] == "unparsed_value" and _is_asked_about(row, truth):
            values[row["record_type"], row["record_id"]].append(row["detail"].replace("=", " ", 1))
    expected = {key: ", ".join(sorted(details)) for key, details in values.items()}
    found = {
        (kind, record): detail
        for kind, record, detail in warehouse.rows(
            "select record_type, record_id, detail from marts.hygiene_findings "
            "where rule = 'unparsed_value' and is_open"
        )
    }
    assert expected
    assert found == expected


@pytest.mark.parametrize("rule", sorted(FOUND))
def test_flaws_of_deals_are_found_exactly_as_they_were_made(
    warehouse: Warehouse, spoilt: list[dict[str, str]], truth: dict[str, dict[str, str]], rule: str
) -> None:
    expected = {
        row["record_id"] for row in spoilt if row["rule"] == rule and _is_asked_about(row, truth)
    }
    found = {
        record
        for (record,) in warehouse.rows(
            "select record_id from marts.hygiene_findings where is_open and rule = ? "
            "and record_type = 'opportunity'",
            [rule],
        )
    }
    # The list of flaws leaves excluded deals out.
    found = {record for record in found if truth[record]["is_excluded"] == "false"}
    assert expected
    assert found == expected, (
        f"not found: {sorted(expected - found)[:20]}, invented: {sorted(found - expected)[:20]}"
    )


def test_no_flaw_is_without_a_rule(spoilt: list[dict[str, str]]) -> None:
    known = SET_ASIDE | FOUND | {"unparsed_value", "lifecycle_status_unused"}
    assert {row["rule"] for row in spoilt} == known, "the company has flaws that nobody looks for"


def test_every_row_is_accounted_for(warehouse: Warehouse) -> None:
    assert warehouse.rows(
        "select table_name from audit.load_audit "
        "where rows_in <> rows_kept + rows_deleted + rows_set_aside"
    ) == []
    assert warehouse.one("select min(rows_in) from audit.load_audit where is_present") > 0


# The usual suite tests the same on the casebook and on any company; this is a large company.
@pytest.mark.slow
def test_an_earlier_day_gives_other_numbers_from_the_same_code(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    raw = warehouse.path.parent / "demo" / "raw"
    earlier = Warehouse(published(tmp_path, raw=raw, as_of="2025-12-31"))
    ours, theirs = warehouse.cells(), earlier.cells()
    assert ours.keys() == theirs.keys()
    for table in ("marts.pipeline_bridge", "marts.double_counting", "marts.reconciled_pipeline"):
        assert differences({table: ours[table]}, {table: theirs[table]})
    assert 0 < len(theirs["core.fct_opportunities"]) < len(ours["core.fct_opportunities"])
    # A quarter's end, which is in the later run's history too.
    told = history_differences(warehouse, earlier)
    assert not told, told
