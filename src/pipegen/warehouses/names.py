"""Names of warehouses and schemas, and their errors, common to all engines.

What belongs here: names and errors that the engines and their callers share. What does not: opening
a warehouse (`access`).
"""

import dataclasses
from pathlib import Path

import duckdb

# The schemas that are published, and those that a run builds but does not publish.
PUBLISHED = ("core", "marts", "audit")
UNPUBLISHED = (
    "raw_salesforce", "raw_marketo", "raw_files", "landed_salesforce", "landed_marketo",
    "landed_audit", "carried", "seeds", "staging", "intermediate",
)  # fmt: skip
SCHEMAS = (*PUBLISHED, *UNPUBLISHED)


def plain_schema(schema: str) -> str:
    """A schema's name without its prefix: `marts` for `pipegen_build_marts`.

    The name of a schema that is not ours is returned unchanged.
    """
    found = [name for name in SCHEMAS if schema == name or schema.endswith(f"_{name}")]
    return max(found, key=len, default=schema)


@dataclasses.dataclass(frozen=True)
class Schemas:
    """The schemas with one prefix on a server: with prefix `review_`, `marts` is `review_marts`."""

    target: str
    prefix: str

    def __str__(self) -> str:
        return f"{self.target}, schemas {self.schemas}"

    @property
    def schemas(self) -> str:
        """The names of the schemas that are published, or will be, as a phrase."""
        return f"{self.prefix}core, {self.prefix}marts and {self.prefix}audit"


Database = Path | Schemas


class ServerError(Exception):
    """An error from a server, in one line."""

    def __init__(self, error: BaseException) -> None:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        super().__init__(lines[0] if lines else type(error).__name__)


# What a query may raise, on any engine.
ERRORS = (duckdb.Error, ServerError)

# What a query may raise if a table or column is missing. A server's errors all have one class.
MISSING = (duckdb.CatalogException, ServerError)
