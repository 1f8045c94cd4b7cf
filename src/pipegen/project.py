"""Where the dbt project is: its models, macros, seeds, rules and profiles.

What belongs here: that one path. What does not: what a run writes, which is in its home.
"""

from pathlib import Path

# A clone: this package is installed from it in editable mode, and what it reads is beside `src/`.
PROJECT = Path(__file__).resolve().parents[2]
