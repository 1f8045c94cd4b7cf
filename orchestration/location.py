"""The code location that Dagster loads; `pyproject.toml` names this module.

What belongs here: one variable. What does not: the definitions themselves (`definitions`).
"""

from pipegen.orchestration.definitions import of_environment

definitions = of_environment()
