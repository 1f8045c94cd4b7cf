"""A demo company: a growing B2B software firm whose CRM lies in every way that CRMs do.

`generate` writes its raw tables in the layout of the contract and, apart from them, what each
deal really is. The same seed number gives the same bytes. Modules: `plan` and `course` decide what
happens and so what is true, `story` tells it change by change, `crm` and `people` spell it as raw
tables, `truth` reads the answers off the plan.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np

from pipegen.demo import company, crm, files, people, plan, scenarios, story, truth

AS_OF = dt.date(2026, 5, 20)
"""The last day that the company's data knows of; in the middle of a fiscal quarter."""

ACCOUNTS = 1_860
"""Accounts by default: about 3,000 opportunities."""

_CHUNK_ACCOUNTS = 8_000
# Ids leave room for so many chunks.
_MOST_ACCOUNTS = 2_000_000

__all__ = ["ACCOUNTS", "AS_OF", "generate"]


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
    """Writes the company into `out`: `raw/<system>/<table>…` and `truth/*.csv`.

    `accounts`: customers and prospects, from which about 1.6 times as many opportunities follow.
    `history_days`: days of data, `AS_OF` the last. `file_format`: `csv` or `parquet`. Above 8,000
    accounts tables come as folders of parts, chunk by chunk, so that memory does not grow with
    size. `touches_per_opportunity`: raw rows of campaign members, tasks, meetings and marketing
    activity. `changes_per_opportunity`: rows of stage log wanted on average; there are about four
    anyway.

    Raises `ValueError` for sizes out of range or an unknown format, `OSError` where `out` can't be
    written. Tables of an earlier run in `out` are replaced, whatever their form.
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
    answers = files.Ledger(out / "truth" / "opportunities.csv", truth.COLUMNS)
    spoilt = files.Ledger(
        out / "truth" / "spoilt_records.csv", ("record_type", "record_id", "rule", "detail")
    )
    try:
        own = np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, 1))))
        company.write(folder, firm, roles, own, frame)
        for part, first in enumerate(range(0, accounts, _CHUNK_ACCOUNTS)):
            count = min(_CHUNK_ACCOUNTS, accounts - first)
            sequence = np.random.SeedSequence((seed, 2, part))
            rng = np.random.Generator(np.random.PCG64(sequence))
            _write_chunk(
                folder, answers, spoilt, rng, part, first, count, firm, frame,
                touches_per_opportunity, changes_per_opportunity,
            )  # fmt: skip
    finally:
        folder.close()
        answers.close()
        spoilt.close()


def _write_chunk(
    folder: files.RawWriter, answers: files.Ledger, spoilt: files.Ledger, rng: np.random.Generator,
    part: int, first: int, count: int, firm: company.Company, frame: scenarios.Calendar,
    touches: float, changes: float,
) -> None:  # fmt: skip
    accounts = plan.plan_accounts(rng, first, count, frame)
    deals = plan.plan_deals(rng, accounts, frame)
    states = story.tell(rng, deals, frame, changes)
    settled = truth.settle(deals, states, frame)
    tricks = crm.play_tricks(rng, deals, states, settled, frame)
    flaws: crm.Spoilt = []
    names = crm.write_accounts(folder, part, rng, accounts, firm, frame, flaws)
    crm.write_deals(folder, part, rng, accounts, deals, states, settled, tricks, names["name"],
                    firm, frame, flaws)  # fmt: skip
    people.write_people(folder, part, rng, accounts, names, deals, firm, frame, touches, flaws)
    answers.add(truth.rows(deals, settled, tricks))
    spoilt.add(flaws)
