"""A demo company: a growing B2B software company whose CRM has every flaw that CRMs have.

`generate` writes its raw tables in the layout of the contract and, separately, the truth about each
deal. The same seed number produces the same bytes.

What belongs here: generating one company. The modules: `plan` and `course` decide what happens, and
so what is true; `story` turns that into changes over time, `reasons` into why deals ended as they
did, and `lifecycle` into what was recorded of people; `company`, `crm`, `people` and `touches`
write the raw tables; `truth` and `journeys` derive the answers from the plan. What does not:
reading the raw tables (`landing`).
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np

from pipegen.demo import (
    clock,
    company,
    crm,
    files,
    journeys,
    people,
    plan,
    reasons,
    scenarios,
    story,
    truth,
)
from pipegen.demo.touches import write_touches

AS_OF = dt.date(2026, 5, 20)
"""The last day in the company's data, in the middle of a fiscal quarter."""

ACCOUNTS = 1_860
"""The default number of accounts, which makes about 3,000 opportunities."""

_CHUNK_ACCOUNTS = 8_000
# The ids have space for no more than this.
_MOST_ACCOUNTS = 2_000_000

__all__ = ["ACCOUNTS", "AS_OF", "generate", "is_demo"]


def generate(
    out: Path,
    *,
    accounts: int = ACCOUNTS,
    seed: int = 7,
    history_days: int = 730,
    file_format: str = "csv",
    touches_per_opportunity: float = 14.0,
    changes_per_opportunity: float = 0.0,
) -> None:
    """Write the company into `out`: `raw/<system>/<table>…` and `truth/*.csv`.

    - `accounts`: customers and prospects. There are about 1.6 opportunities per account.
    - `history_days`: days of data; `AS_OF` is the last.
    - `file_format`: `csv` or `parquet`. Above 8,000 accounts, each table is a folder of parts,
      written chunk by chunk, so that memory does not grow with the size.
    - `touches_per_opportunity`: raw rows of campaign members, tasks, meetings and marketing
      activity.
    - `changes_per_opportunity`: the wanted average of stage-log rows; it is never below about four.

    Raises `ValueError` for a size out of range or an unknown format, and `OSError` if `out` can't
    be written. Tables from an earlier run in `out` are replaced, in either format.
    """
    if not 1 <= accounts <= _MOST_ACCOUNTS:
        raise ValueError(f"accounts must be between 1 and {_MOST_ACCOUNTS}, not {accounts}")
    if not 30 <= history_days <= 3_650:
        raise ValueError(f"history_days must be between 30 and 3650, not {history_days}")
    if seed < 0 or touches_per_opportunity < 0 or changes_per_opportunity < 0:
        raise ValueError("seed, touches and changes per opportunity must not be negative")
    out = Path(out)
    frame = scenarios.Calendar.of(AS_OF, history_days)
    firm, roles = company.found(accounts, frame)
    folder = files.RawWriter(out / "raw", file_format, in_parts=accounts > _CHUNK_ACCOUNTS)
    answers = {
        name: files.Ledger(out / "truth" / f"{name}.csv", columns)
        for name, columns in (
            ("opportunities", truth.COLUMNS),
            ("campaigns", company.CAMPAIGN_COLUMNS),
            ("people", journeys.COLUMNS),
            ("map_crm_gaps", journeys.GAP_COLUMNS),
            ("spoilt_records", ("record_type", "record_id", "rule", "detail")),
        )
    }
    try:
        own = np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, 1))))
        answers["campaigns"].add(company.write(folder, firm, roles, own, frame))
        for part, first in enumerate(range(0, accounts, _CHUNK_ACCOUNTS)):
            count = min(_CHUNK_ACCOUNTS, accounts - first)
            sequence = np.random.SeedSequence((seed, 2, part))
            rng = np.random.Generator(np.random.PCG64(sequence))
            _write_chunk(
                folder, answers, rng, seed, part, first, count, firm, frame,
                touches_per_opportunity, changes_per_opportunity,
            )  # fmt: skip
    finally:
        folder.close()
        for answer in answers.values():
            answer.close()


def is_demo(raw: Path) -> bool:
    """Whether a folder of raw tables is a demo company's: its truth is beside it."""
    return (raw.parent / "truth" / "opportunities.csv").is_file()


def _write_chunk(
    folder: files.RawWriter, answers: dict[str, files.Ledger], rng: np.random.Generator, seed: int,
    part: int, first: int, count: int, firm: company.Company, frame: scenarios.Calendar,
    touches: float, changes: float,
) -> None:  # fmt: skip
    accounts = plan.plan_accounts(rng, first, count, frame)
    deals = plan.plan_deals(rng, accounts, frame)
    plan.win_copies(clock.stream(seed, part, "copies that are won"), deals, frame)
    states = story.timeline(rng, deals, frame, changes)
    settled = truth.settle(deals, states, frame)
    said = reasons.plan_reasons(clock.stream(seed, part, "reasons"), deals, settled, frame)
    tricks = crm.play_tricks(rng, deals, states, settled, frame)
    flaws: crm.Spoilt = []
    names, owners = crm.write_accounts(folder, part, rng, accounts, firm, frame, flaws)
    crm.write_deals(folder, part, rng, accounts, deals, states, settled, tricks, said,
                    names["name"], firm, frame, flaws)  # fmt: skip
    who = people.write_people(
        folder, seed, part, rng, accounts, names, deals, firm, frame, flaws
    )
    told = write_touches(
        folder, seed, part, rng, who, accounts, deals, firm, frame, touches, flaws
    )
    answers["opportunities"].add(truth.rows(deals, settled, tricks, said))
    ends = truth.endings(deals, settled)
    rows, gaps = journeys.tell(who, told, accounts, owners, deals, settled, ends, firm, frame)
    answers["people"].add(rows)
    answers["map_crm_gaps"].add(gaps)
    answers["spoilt_records"].add(flaws)
