"""What warehouses, schemas and their errors are called, whatever the engine.

What belongs here: names and errors that the engines and their callers share. What does not: opening
anything (`access`).
"""

import dataclasses
from pathlib import Path

import duckdb

# What is built and published, and what a run keeps beside it.
PUBLISHED = ("core", "marts", "audit")
BESIDE = (
    "landed_salesforce", "landed_marketo", "landed_audit", "carried", "seeds", "staging",
    "intermediate",
)  # fmt: skip
SCHEMAS = (*PUBLISHED, *BESIDE)


def plain_schema(schema: str) -> str:
    """`marts` of `pipegen_build_marts`; a schema of another name as it is."""
    found = [name for name in SCHEMAS if schema == name or schema.endswith(f"_{name}")]
    return max(found, key=len, default=schema)


@dataclasses.dataclass(frozen=True)
class Schemas:
    """Schemas of one prefix on the server of a target: `marts` with `review_` is `review_marts`."""

    target: str
    prefix: str

    def __str__(self) -> str:
        return f"{self.target}, schemas {self.schemas}"

    @property
    def schemas(self) -> str:
        """The names of what is published, or will be."""
        return f"{self.prefix}core, {self.prefix}marts and {self.prefix}audit"


Database = Path | Schemas


class ServerError(Exception):
    """What a server refused, in one line."""

    def __init__(self, error: BaseException) -> None:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        super().__init__(lines[0] if lines else type(error).__name__)


# What a query may raise, wherever it is asked.
ERRORS = (duckdb.Error, ServerError)

# … where a table or column is not there. Servers' errors are not told apart.
LACKING = (duckdb.CatalogException, ServerError)
