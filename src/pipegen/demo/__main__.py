"""`python -m pipegen.demo` writes the demo company into a folder.

What belongs here: the command's options. What does not: generating the company (`generate`).
"""

from __future__ import annotations

import argparse
from pathlib import Path

from pipegen import demo


def main() -> None:
    """Read the options and generate the company."""
    parser = argparse.ArgumentParser(prog="demo", description="Generate a demo company.")
    parser.add_argument("--out", type=Path, required=True, help="folder to write into")
    parser.add_argument("--accounts", type=int, default=demo.ACCOUNTS)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--history-days", type=int, default=730)
    parser.add_argument("--format", choices=("csv", "parquet"), default="csv")
    parser.add_argument("--touches", type=float, default=14.0, help="raw touches per opportunity")
    parser.add_argument("--changes", type=float, default=0.0, help="stage-log rows per opportunity")
    options = parser.parse_args()
    try:
        demo.generate(
            options.out,
            accounts=options.accounts,
            seed=options.seed,
            history_days=options.history_days,
            file_format=options.format,
            touches_per_opportunity=options.touches,
            changes_per_opportunity=options.changes,
        )
    except (ValueError, OSError) as error:
        parser.exit(2, f"demo: {error}\n")


if __name__ == "__main__":
    main()
