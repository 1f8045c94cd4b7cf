"""A company's raw tables as rows of text, and the ways in which people and loaders write them.

What belongs here: reading a company, rewriting it, writing it as files or as a loader does. What
does not: what must come of it.
"""

import csv
import datetime as dt
import gzip
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipegen.contract.tables import BOOKKEEPING, SYSTEMS, TABLES, Column, Table
from tests.support.csv_texts import csv_text

Row = dict[str, str]
Cell = Callable[[str, Column], str]

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_BY_LABEL = {table.label: table for table in TABLES}
_BOOKKEEPING = {column.name: column for column in BOOKKEEPING}


class RawCompany:
    """Rows by table (`salesforce.account`), each cell as it is written in the company's CSV."""

    def __init__(self, tables: dict[str, list[Row]]) -> None:
        self.tables = tables

    @classmethod
    def read(cls, root: Path) -> "RawCompany":
        """The company in a folder of CSV files."""
        tables = {}
        for path in sorted(root.glob("*/*.csv")):
            with path.open(newline="", encoding="utf-8") as handle:
                rows = [dict(row) for row in csv.DictReader(handle)]
            if rows:
                tables[f"{path.parent.name}.{path.stem}"] = rows
        return cls(tables)

    def with_cells(self, change: Cell, kinds: Iterable[str] = ()) -> "RawCompany":
        """The company with a function applied to every cell, or to those of some kinds."""
        wanted = set(kinds)

        def changed(label: str, name: str, text: str) -> str:
            column = column_of(label, name)
            if column is None or (wanted and column.kind not in wanted):
                return text
            return change(text, column)

        return RawCompany(
            {
                label: [{n: changed(label, n, text) for n, text in row.items()} for row in rows]
                for label, rows in self.tables.items()
            }
        )

    def only(self, labels: Iterable[str]) -> "RawCompany":
        """The company with these tables alone."""
        return RawCompany({label: self.tables[label] for label in labels})

    def write(
        self,
        root: Path,
        *,
        header: Callable[[str], str] = str,
        order: Callable[[list[Row]], list[Row]] = list,
        columns: Callable[[list[str]], list[str]] = list,
        parts: int = 1,
        suffix: str = "csv",
        encode: Callable[[str], bytes] = str.encode,
        **dialect: object,
    ) -> None:
        """Write the company as files, one a table or a folder of parts."""
        for label, all_rows in self.tables.items():
            system, name = label.split(".")
            names = columns(list(all_rows[0]))
            rows = order(all_rows)
            for number in range(parts):
                written = [{header(n): row[n] for n in names} for row in rows[number::parts]]
                stem = f"{name}/{number}" if parts > 1 else name
                path = root / system / f"{stem}.{suffix}"
                path.parent.mkdir(parents=True, exist_ok=True)
                if suffix == "parquet":
                    cells = {header(n): [row[header(n)] for row in written] for n in names}
                    schema = pa.schema([(n, pa.string()) for n in cells])
                    pq.write_table(pa.table(cells, schema), path)
                    continue
                content = encode(csv_text(written, map(header, names), **dialect))
                path.write_bytes(gzip.compress(content) if suffix.endswith("gz") else content)


def column_of(label: str, name: str) -> Column | None:
    """The contract's column of a raw column; None if it is not read."""
    table = _BY_LABEL.get(label)
    if table is None:
        return None
    found = [column for column in table.columns if column.name == name]
    return found[0] if found else _BOOKKEEPING.get(name)


def instants(write: Callable[[dt.datetime], str]) -> Cell:
    """A change of how instants are written; whatever is no plain instant stays."""

    def change(text: str, column: Column) -> str:
        return write(dt.datetime.fromisoformat(text[:-1])) if _INSTANT.fullmatch(text) else text

    return change


def words(true: str, false: str) -> Cell:
    """A change of how booleans are written."""
    return lambda text, column: {"true": true, "false": false}.get(text, text)


def instead_of_nothing(word: str) -> Cell:
    """A word in place of each empty cell."""
    return lambda text, column: text or word


# --- loaders -------------------------------------------------------------------------------------


def api_name(name: str) -> str:
    """`stage_name` as Salesforce's API has it; custom fields keep their underscores."""
    if name.endswith("_c"):
        return "_".join(word.title() for word in name[:-2].split("_")) + "__c"
    return "".join(word.title() for word in name.split("_"))


def camel_name(name: str) -> str:
    """`lead_id` as Marketo's API has it."""
    first, *others = name.split("_")
    return first + "".join(word.title() for word in others)


def api_table_name(table: Table) -> str:
    """A table as Salesforce's API names it, or in the plural of Marketo's."""
    if table.system == "salesforce":
        return api_name(table.name)
    plural = table.name.replace("activity_", "activities_")
    return plural if plural != table.name else f"{table.name}s"


def airbyte(company: RawCompany, path: Path, schemas: dict[str, str]) -> None:
    """Airbyte: the API's names, numbers as floats, activities by their GUID, its own columns."""

    def named(table: Table, column: str) -> str:
        if table.system == "salesforce":
            return api_name(column)
        is_activity = table.name.startswith("activity_")
        return "marketoGUID" if is_activity and column == "id" else camel_name(column)

    added = {
        "_airbyte_raw_id": "uuid()::VARCHAR",
        "_airbyte_extracted_at": "{synced}::TIMESTAMPTZ",
        "_airbyte_meta": "'{{}}'",
    }
    _load(company, path, schemas, api_table_name, named, added)


def dlt(company: RawCompany, path: Path, schemas: dict[str, str]) -> None:
    """dlt: its own spelling of the API's names, `sf_user`, and loads by seconds since 1970."""

    def named(table: Table, column: str) -> str:
        return f"{column[:-2]}__c" if column.endswith("_c") else column

    def table_name(table: Table) -> str:
        return "sf_user" if table.label == "salesforce.user" else table.name

    added = {"_dlt_load_id": "epoch({synced}::TIMESTAMP)::VARCHAR", "_dlt_id": "uuid()::VARCHAR"}
    _load(company, path, schemas, table_name, named, added)


def stitch(company: RawCompany, path: Path, schemas: dict[str, str]) -> None:
    """Stitch: names in lower case without underscores, and a sequence of its own."""

    def named(table: Table, column: str) -> str:
        return api_name(column).lower() if table.system == "salesforce" else camel_name(column)

    added = {
        "_sdc_batched_at": "{synced}::TIMESTAMP",
        "_sdc_sequence": "epoch_ms({synced}::TIMESTAMP)",
        "_sdc_table_version": "1",
    }
    _load(company, path, schemas, api_table_name, named, added)


def fivetran(company: RawCompany, path: Path, schemas: dict[str, str]) -> None:
    """Fivetran: the contract's own names."""
    _load(
        company, path, schemas,
        lambda table: table.name,
        lambda table, column: column,
        {"_fivetran_synced": "{synced}::TIMESTAMPTZ"},
    )  # fmt: skip


def _load(
    company: RawCompany,
    path: Path,
    schemas: dict[str, str],
    table_name: Callable[[Table], str],
    column_name: Callable[[Table, str], str],
    added: dict[str, str],
) -> None:
    """Write a DuckDB file as a loader would, each column typed where all of its values allow it.

    `added` has the loader's own columns; `{synced}` is when the row was synced.
    """
    with duckdb.connect(str(path)) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for system in SYSTEMS:
            connection.execute(f'CREATE SCHEMA "{schemas[system]}"')
        for label, rows in company.tables.items():
            table = _BY_LABEL[label]
            names = list(rows[0])
            cells = pa.table({name: [row[name] or None for row in rows] for name in names},
                             pa.schema([(name, pa.string()) for name in names]))  # fmt: skip
            connection.register("raw_rows", cells)
            synced = "nullif(trim(_fivetran_synced), '')" if "_fivetran_synced" in names else "NULL"
            selected = [
                f'{_typed(connection, label, name)} AS "{column_name(table, name)}"'
                for name in names
                if name != "_fivetran_synced"
            ]
            selected += [f'{sql.format(synced=synced)} AS "{n}"' for n, sql in added.items()]
            connection.execute(
                f'CREATE TABLE "{schemas[table.system]}"."{table_name(table)}" AS '
                f"SELECT {', '.join(selected)} FROM raw_rows"
            )
            connection.unregister("raw_rows")


def _typed(connection: duckdb.DuckDBPyConnection, label: str, name: str) -> str:
    column = column_of(label, name)
    kinds = {"number": "DOUBLE", "boolean": "BOOLEAN", "date": "DATE", "timestamp": "TIMESTAMPTZ"}
    sql_type = kinds.get(column.kind) if column else None
    if not sql_type:
        return f'"{name}"'
    # A bare date in a column of instants is a business day, which a loader's instant is not.
    query = (
        f'SELECT count(*) FROM raw_rows WHERE "{name}" IS NOT NULL AND '
        f"""(try_cast("{name}" AS {sql_type}) IS NULL OR "{name}" <> trim("{name}")"""
        + (f""" OR length("{name}") = 10)""" if column and column.kind == "timestamp" else ")")
    )
    [(unfit,)] = connection.execute(query).fetchall()
    return f'"{name}"' if unfit else f'"{name}"::{sql_type}'
