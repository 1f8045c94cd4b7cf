"""Companies where nearly everything is missing: every table is built, and nothing is divided by
zero."""

import csv
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.light import built
from tests.support.running import write_company
from tests.support.seeds import default_seeds

AS_OF = "2026-05-20"

PLANS = ("quotas", "creation_targets", "source_shares", "mql_targets", "capacity_plan")

Rows = list[dict[str, object]]


@dataclass
class Odd:
    """A company: its CRM's rows, its MAP's, its plans (only those given) and settings."""

    crm: dict[str, Rows] = field(default_factory=dict)
    map: dict[str, Rows] = field(default_factory=dict)
    plans: dict[str, Rows] = field(default_factory=dict)
    settings: str = ""


def _nothing_but_a_deal() -> Odd:
    """One open deal: no account, no history, no MAP, no person, no plan of any kind."""
    deal = {
        "id": "006A", "account_id": None, "stage_name": "Proposal", "amount": "1000",
        "created_date": "2026-04-02T09:00:00Z", "close_date": "2026-07-01",
    }  # fmt: skip
    return Odd(crm={"opportunity": [deal]})


def _plans_of_nothing() -> Odd:
    """One deal, won at once for nothing; quotas, targets, heads and a win rate of zero."""
    deal = {
        "id": "006A", "account_id": "001A", "stage_name": "Closed Won", "amount": "0",
        "created_date": "2026-02-02T09:00:00Z", "last_modified_date": "2026-02-02T09:00:00Z",
        "close_date": "2026-02-02", "lead_source": "Web",
    }  # fmt: skip
    quarter = {"fiscal_quarter": "FY2026-Q2"}
    return Odd(
        crm={"account": [{"id": "001A"}], "opportunity": [deal]},
        plans={
            "quotas": [quarter | {"segment": "smb", "motion": "new_business", "quota": 0}],
            "creation_targets": [quarter | {"segment": "smb", "target_amount": 0}],
            "source_shares": [quarter | {"pipeline_source": "sdr", "share": 1}],
            "mql_targets": [quarter | {"channel": "web", "target_mqls": 0}],
            "capacity_plan": [
                quarter
                | {"segment": "smb", "team": "sdr", "ramped_heads": 0, "productivity_per_head": 0}
            ],
        },
        settings="default_win_rate: 0\n",
    )


def _people_without_a_deal() -> Odd:
    """Leads of CRM and MAP, and plans whose targets are to be derived; no deal at all."""
    quarter = {"fiscal_quarter": "FY2026-Q2"}
    return Odd(
        crm={
            "lead": [
                {"id": "00QA", "email": "a@x.example", "created_date": "2026-04-02T09:00:00Z"},
                {"id": "00QB", "email": None, "created_date": None},
            ]
        },
        map={
            "lead": [
                {"id": "1", "email": "a@x.example", "created_at": "2026-04-01T09:00:00Z"},
                {"id": "2", "email": "b@x.example", "created_at": "2026-04-01T09:00:00Z"},
            ]
        },
        plans={
            "quotas": [quarter | {"segment": "smb", "motion": "expansion", "quota": 1000}],
            "creation_targets": [quarter | {"segment": "smb", "target_amount": None}],
            "source_shares": [quarter | {"pipeline_source": "sdr", "share": 1}],
        },
    )


def _written(odd: Odd, folder: Path) -> dict[str, object]:
    """The company's files, as settings of a run."""
    raw = write_company(folder / "raw", odd.crm)
    for table, rows in odd.map.items():
        (raw / "marketo").mkdir(exist_ok=True)
        _write(raw / "marketo" / f"{table}.csv", list(rows[0]), rows)
    seeds = default_seeds(folder / "seeds")
    for plan in PLANS:
        with (seeds / f"{plan}.csv").open(newline="", encoding="utf-8") as handle:
            header = next(csv.reader(handle))
        _write(seeds / f"{plan}.csv", header, odd.plans.get(plan, []))
    (seeds / "settings.yml").write_text(odd.settings)
    return {"raw": raw, "seeds": seeds, "as_of": AS_OF}


def _write(path: Path, header: list[str], rows: Rows) -> None:
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


# What each company's marts say: a claim is a query and its answer.
SAYS = {
    _nothing_but_a_deal: {
        "select count(*) from marts.reconciled_pipeline": 0,
        "select string_agg(distinct status) from marts.pipeline_coverage": "no_quota",
        "select count(*) from marts.mql_pacing": 0,
        "select count(*) from marts.pipeline_views": 1,
        "select count(*) from marts.source_scorecard where quarter_target is not null": 0,
    },
    _plans_of_nothing: {
        "select count(*) from core.fct_opportunities where stage_group = 'won'": 1,
        "select string_agg(distinct status) from marts.pipeline_coverage "
        "where segment = 'smb' and motion = 'new_business' and quota = 0": "met",
        "select max(win_rate) from marts.pipeline_coverage": 0.0,
        "select count(required_coverage) from marts.pipeline_coverage": 0,
        "select count(pace) from marts.source_scorecard": 0,
    },
    _people_without_a_deal: {
        "select count(*) from core.fct_opportunities": 0,
        "select sum(inquiry_count) > 0 from marts.lead_funnel": True,
        "select count(*) from marts.source_concentration": 0,
        "select max(quarter_target) > 0 from marts.source_scorecard": True,
    },
}


@pytest.mark.parametrize("company", SAYS, ids=lambda one: one.__name__.strip("_"))
def test_nothing_is_divided_by_zero_where_nearly_all_is_missing(
    company: Callable[[], Odd], tmp_path: Path
) -> None:
    warehouse = built(tmp_path / "home", **_written(company(), tmp_path))
    floats = warehouse.rows(
        "select schema_name || '.' || table_name, column_name from duckdb_columns() "
        "where schema_name in ('core', 'marts', 'audit') and data_type in ('DOUBLE', 'FLOAT')"
    )
    assert len(floats) > 30
    broken = [
        (table, column)
        for table, column in floats
        if warehouse.one(
            f"select count(*) from {table} where isnan({column}) or isinf({column})"
        )
    ]  # fmt: skip
    assert not broken
    found = {query: warehouse.one(query) for query in SAYS[company]}
    assert found == SAYS[company]
