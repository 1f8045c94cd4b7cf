"""`python -m orchestration` is `pipegen`, where its script is not installed."""

from orchestration.cli import pipegen

pipegen()
