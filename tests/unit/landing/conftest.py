"""Small companies to land, and the result.

What belongs here: writing raw tables and asking landed ones. What does not: expectations.
"""

from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipegen import landing
from pipegen.runs.land import read_reports
from tests.support import landed_sql
from tests.support.csv_texts import Rows, csv_text


class Landed:
    """The build database after landing."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.reports = {f"{r.system}.{r.table_name}": r for r in read_reports(connection, {})}

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql).fetchall()

    def values(self, table: str, columns: str) -> list[tuple[Any, ...]]:
        """Rows that are kept of a landed table such as `salesforce.task`, ordered by all columns
        asked for; `*` are the contract's."""
        if columns == "*":
            columns = f"* EXCLUDE ({', '.join(landed_sql.OF_LANDING)})"
        return self.query(
            f"SELECT {columns} FROM landed_{table} WHERE set_aside_reason IS NULL ORDER BY ALL"
        )

    def one(self, table: str, column: str) -> Any:
        """The only value of a column of a landed table."""
        [(value,)] = self.values(table, column)
        return value

    def fates(self, table: str) -> list[tuple[str | None, str]]:
        """Key and reason of every row of a table that was set aside."""
        name = table.split(".")[1]
        return self.query(
            f"SELECT record_key, reason FROM landed_audit.set_aside_rows "
            f"WHERE table_name = '{name}' ORDER BY ALL"
        )

    def unparsed(self) -> list[tuple[Any, ...]]:
        return self.query(
            "SELECT table_name, record_key, column_name, raw_value "
            "FROM landed_audit.unread_values WHERE is_kept AND NOT is_null_word ORDER BY ALL"
        )

    def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """All that must not depend on how files are written, split or ordered."""
        tables = {
            f"{system}.{name}": self.values(f"{system}.{name}", "*")
            for system, name in self.query("SELECT system, table_name FROM landed_audit.tables")
        }
        tables["counts"] = self.query(
            "SELECT system, table_name, rows_read, rows_kept, rows_deleted, rows_set_aside "
            "FROM landed_audit.tables ORDER BY ALL"
        )
        tables["fates"] = self.query(
            "SELECT table_name, record_key, reason FROM landed_audit.set_aside_rows ORDER BY ALL"
        )
        tables["unparsed"] = self.unparsed()
        return tables

    def assert_balanced(self) -> None:
        for label, r in self.reports.items():
            assert r.rows_read == r.rows_kept + r.rows_deleted + r.rows_set_aside, label


class Company:
    """A folder of raw tables that has at least the required ones."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("salesforce/account.csv", "id\n")
        self.write("salesforce/user.csv", "id\n")
        self.write("salesforce/opportunity.csv", "id,account_id,stage_name,created_date\n")

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def rows(self, table: str, rows: Rows, **dialect: Any) -> Path:
        """Write a table such as `salesforce.task` from dicts."""
        system, name = table.split(".")
        return self.write(f"{system}/{name}.csv", csv_text(rows, **dialect))

    def opportunities(self, rows: Rows) -> Path:
        """Write opportunities; what is required of one is filled in."""
        filled = [
            {"id": "006", "account_id": "001", "stage_name": "New", "created_date": "2026-01-01"}
            | dict(row)
            for row in rows
        ]
        return self.rows("salesforce.opportunity", filled)

    def source(self) -> landing.RawSource:
        return landing.open_source(str(self.root), self.root / "none.duckdb")

    def land(self, **options: Any) -> Landed:
        connection = duckdb.connect()
        # What is landed must not depend on the session's time zone.
        connection.execute("SET TimeZone = 'Asia/Tokyo'")
        landed_sql.land(connection, self.source(), **options)
        landed = Landed(connection)
        landed.assert_balanced()
        return landed

    def problems(self, **options: Any) -> tuple[str, ...]:
        """The problems for which the company cannot be landed."""
        with pytest.raises(landing.PipegenError) as caught:
            self.land(**options)
        for problem in caught.value.problems:
            assert "\n" not in problem
        return caught.value.problems


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return Company(tmp_path / "raw")


@pytest.fixture
def company_at() -> type[Company]:
    """Companies in folders that the test chooses."""
    return Company

