"""Rows as the text of a CSV file."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Rows = Sequence[Mapping[str, Any]]


def csv_text(rows: Rows, columns: Iterable[str] = (), **dialect: Any) -> str:
    """Rows as CSV; None is an empty cell."""
    names = list(columns) or list(dict.fromkeys(name for row in rows for name in row))
    stream = io.StringIO()
    writer = csv.DictWriter(stream, names, **{"lineterminator": "\n", **dialect})
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()
