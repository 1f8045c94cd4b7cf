"""The code location that Dagster loads: `pyproject.toml` names it."""

from pipegen.orchestration.definitions import of_environment

definitions = of_environment()
