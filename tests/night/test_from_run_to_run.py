"""Findings from run to run: a deal that is put right closes its finding by itself."""

from pathlib import Path

from tests.support.light import built
from tests.support.running import Warehouse, write_company

FIRST, SECOND = "2026-05-19", "2026-05-20"


def _company(root: Path, amount: str) -> Path:
    deal = {
        "id": "O1", "account_id": "A1", "stage_name": "Proposal", "created_date": "2026-05-01",
        "lead_source": "Cold Call", "close_date": "2026-08-31", "owner_id": "U1",
        "amount": amount, "currency_iso_code": "USD",
    }  # fmt: skip
    other = deal | {"id": "O2", "amount": "", "created_date": "2026-05-01"}
    return write_company(
        root,
        {
            "account": [{"id": "A1"}],
            "user": [{"id": "U1", "name": "Ann", "is_active": "false"}],
            "opportunity": [deal, other],
        },
    )


def _findings(home: Path) -> dict[tuple[str, str], tuple[str, str, bool]]:
    rows = Warehouse(home / "warehouse.duckdb").rows(
        "select rule, record_id, first_seen::varchar, last_seen::varchar, is_open "
        "from marts.hygiene_findings where rule in ('missing_amount', 'open_deal_without_owner')"
    )
    return {(rule, record): tuple(rest) for rule, record, *rest in rows}


def test_a_deal_put_right_closes_its_finding_and_a_look_back_leaves_it_so(tmp_path: Path) -> None:
    home, raw = tmp_path / "home", tmp_path / "raw"
    built(home, raw=_company(raw, ""), as_of=FIRST)
    first = _findings(home)
    assert first[("missing_amount", "O1")] == (FIRST, FIRST, True)
    # A test of dbt's that only warns is a finding like any other.
    assert first[("open_deal_without_owner", "O2")] == (FIRST, FIRST, True)

    built(home, is_tested=False, raw=_company(raw, "5000"), as_of=SECOND)
    second = _findings(home)
    assert second[("missing_amount", "O1")] == (FIRST, FIRST, False)
    assert second[("missing_amount", "O2")] == (FIRST, SECOND, True)

    # As of the first day again, with the CRM as it is now: what is open today stays open.
    built(home, is_tested=False, raw=raw, as_of=FIRST)
    log = Warehouse(home / "warehouse.duckdb").rows(
        "select record_id, last_seen::varchar, is_open from audit.finding_log "
        "where rule = 'missing_amount' order by 1"
    )
    assert log == [("O1", FIRST, False), ("O2", SECOND, True)]
    assert all(last <= FIRST for _, last, _ in _findings(home).values())
