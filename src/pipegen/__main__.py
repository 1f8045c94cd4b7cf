"""`python -m pipegen` is the command `pipegen`, for where its script is not installed."""

from pipegen.cli.commands import pipegen

pipegen()
