"""Raw tables on disk: columns as CSV or Parquet, in one file or a folder of parts.

What belongs here: ids, encodings, file names. What does not: what the columns mean.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

_DIGITS = np.frombuffer(b"0123456789abcdefghijklmnopqrstuvwxyz", dtype=np.uint8)
_BODY = 10


def ids(prefix: str, numbers: np.ndarray) -> pa.Array:
    """18-character ids as Salesforce writes them; a negative number is null.

    The last three characters encode which letters are upper case: none, so `AAA`.
    """
    count = len(numbers)
    text = np.empty((count, 18), dtype=np.uint8)
    text[:, :5] = np.frombuffer((prefix + "5g").encode(), dtype=np.uint8)
    rest = np.maximum(numbers, 0)
    for place in range(_BODY):
        rest, digit = np.divmod(rest, 36)
        text[:, 14 - place] = _DIGITS[digit]
    text[:, 15:] = ord("A")
    offsets = np.arange(0, 18 * (count + 1), 18, dtype=np.int32)
    found = pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(text.tobytes()))
    absent = numbers < 0
    if not absent.any():
        return found
    return pc.if_else(pa.array(~absent), found, pa.scalar(None, pa.string()))


def id_text(prefix: str, number: int) -> str:
    """One id as text; empty for a negative number."""
    return ids(prefix, np.array([number]))[0].as_py() or ""


def words(choices: Sequence[str | None], codes: np.ndarray) -> pa.Array:
    """The word for each code; null for a negative code."""
    return pa.array(list(choices), pa.string()).take(pa.array(codes, mask=codes < 0))


def instants(seconds: np.ndarray, absent: np.ndarray | None = None) -> pa.Array:
    """UTC timestamps from seconds since 1970."""
    return pa.array(seconds * 1_000_000, pa.timestamp("us", tz="UTC"), mask=absent)


def days(numbers: np.ndarray, absent: np.ndarray | None = None) -> pa.Array:
    """Dates from day numbers since 1970-01-01."""
    return pa.array(numbers.astype(np.int32), mask=absent).cast(pa.date32())


def money(cents: np.ndarray, absent: np.ndarray | None = None) -> pa.Array:
    """Amounts from whole cents, as the floats that a loader delivers."""
    return pa.array(cents / 100.0, pa.float64(), mask=absent)


def flags(values: np.ndarray) -> pa.Array:
    """Booleans."""
    return pa.array(values, pa.bool_())


def whole(values: np.ndarray, absent: np.ndarray | None = None) -> pa.Array:
    """Integers."""
    return pa.array(values, pa.int64(), mask=absent)


def constant(value: str | None, count: int) -> pa.Array:
    """A column with one text, or null, `count` times."""
    return pa.repeat(pa.scalar(value, pa.string()), count)


def texts(values: Iterable[str | None]) -> pa.Array:
    """A column of texts."""
    return pa.array(list(values), pa.string())


def patched(column: pa.Array, where: np.ndarray, values: Sequence[str | None]) -> pa.Array:
    """A text column with the texts at some positions replaced."""
    if not len(where):
        return column
    mask = np.zeros(len(column), dtype=bool)
    mask[where] = True
    return pc.replace_with_mask(column, pa.array(mask), pa.array(values, pa.string()))


def as_text(column: pa.Array) -> pa.Array:
    """Instants, dates or numbers as text, written as in a CSV export."""
    if pa.types.is_timestamp(column.type):
        return pc.strftime(column.cast(pa.timestamp("s", tz="UTC")), format="%Y-%m-%dT%H:%M:%SZ")
    return column.cast(pa.string())


class RawWriter:
    """Writes tables into a folder, in the contract's layout.

    `file_format` is `csv` or `parquet`. With `in_parts`, a table that is written in chunks becomes
    a folder of numbered parts. Raises `ValueError` for another format.
    """

    def __init__(self, root: Path, file_format: str, in_parts: bool) -> None:
        if file_format not in ("csv", "parquet"):
            raise ValueError(f"file_format must be csv or parquet, not {file_format!r}")
        self.root, self.file_format, self.in_parts = root, file_format, in_parts
        self._cleared: set[tuple[str, str]] = set()
        self._duckdb = duckdb.connect(":memory:")
        # Rows must keep their order, or the same seed would not give the same bytes.
        self._duckdb.execute("SET preserve_insertion_order = true")
        self._duckdb.execute("SET TimeZone = 'UTC'")
        self._duckdb.execute("SET enable_progress_bar = false")

    def write(
        self, system: str, table: str, columns: dict[str, pa.Array], part: int | None
    ) -> None:
        """Write one table, or its part number `part` (None for a table that never has parts)."""
        path = self.root / system / f"{table}.{self.file_format}"
        if self.in_parts and part is not None:
            path = self.root / system / table / f"part-{part:05d}.{self.file_format}"
        self._clear(system, table)
        path.parent.mkdir(parents=True, exist_ok=True)
        data = pa.table(columns)
        if self.file_format == "parquet":
            pq.write_table(data, path, compression="zstd")
            return
        selected = ", ".join(
            f'strftime("{field.name}", \'%Y-%m-%dT%H:%M:%SZ\') AS "{field.name}"'
            if pa.types.is_timestamp(field.type)
            else f'"{field.name}"'
            for field in data.schema
        )
        self._duckdb.register("rows", data)
        target = str(path).replace("'", "''")
        self._duckdb.execute(
            f"COPY (SELECT {selected} FROM rows) TO '{target}' (FORMAT csv, HEADER)"
        )
        self._duckdb.unregister("rows")

    def _clear(self, system: str, table: str) -> None:
        """Remove an earlier run's files of a table, which would otherwise be read as well."""
        if (system, table) in self._cleared:
            return
        self._cleared.add((system, table))
        folder = self.root / system / table
        for path in (*folder.glob("part-*"), folder.with_suffix(".csv"),
                     folder.with_suffix(".parquet")):  # fmt: skip
            path.unlink(missing_ok=True)
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()

    def close(self) -> None:
        """Close the writer."""
        self._duckdb.close()


class Ledger:
    """A CSV file that is written chunk by chunk: for the truth, which is not a raw table."""

    def __init__(self, path: Path, header: Sequence[str]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file, lineterminator="\n")
        self._writer.writerow(header)

    def add(self, rows: Iterable[Sequence[object]]) -> None:
        """Append rows."""
        self._writer.writerows(rows)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
