"""SQL for DuckDB about raw columns: names, texts, and what their types can hold.

What belongs here: pure functions from SQL text to SQL text. What does not: what a text means, which
the warehouse decides (macros/landing/values.sql), and anything that touches a connection or a file.
"""

from collections.abc import Iterable

from pipegen.contract.tables import Kind

_FLOATS = ("FLOAT", "DOUBLE")
_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
_NUMBERS = (*_FLOATS, *_INTEGERS, *(f"U{name}" for name in _INTEGERS), "DECIMAL")


def literal(text: str) -> str:
    """Quote text as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """Quote a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def family(sql_type: str) -> str:
    """Classify a DuckDB type as text, number, boolean, date, timestamp, nothing or other."""
    base = sql_type.split("(")[0].upper()
    if base in ("VARCHAR", "UUID", "ENUM"):
        return "text"
    if base in _NUMBERS:
        return "number"
    if base.startswith("TIMESTAMP"):
        return "timestamp"
    if base.strip('"') == "NULL":
        return "nothing"
    return base.lower() if base in ("BOOLEAN", "DATE") else "other"


def fits(sql_type: str, kind: Kind) -> bool:
    """Whether a typed raw column can have the values that the contract requires."""
    accepted = {
        "id": {"text", "number"},
        "salesforce_id": {"text", "number"},
        "code": {"text"},
        "email": {"text"},
        "text": {"text", "number", "boolean", "date", "timestamp"},
        "number": {"text", "number"},
        "boolean": {"text", "number", "boolean"},
        "date": {"text", "date", "timestamp"},
        "timestamp": {"text", "date", "timestamp"},
    }
    return family(sql_type) in accepted[kind] | {"nothing"}


def as_written(name: str, sql_type: str) -> str:
    """The text of a raw column of any type, as it would be in a CSV."""
    column = identifier(name)
    base = sql_type.split("(")[0].upper()
    if base == "VARCHAR":
        return column
    if base in _FLOATS:
        # An id column becomes float if some row has no id; 123.0 is still the id 123.
        return (
            f"CASE WHEN {column} = trunc({column}) AND abs({column}) < 1e15 "
            f"THEN {column}::BIGINT::VARCHAR ELSE {column}::VARCHAR END"
        )
    if base == "TIMESTAMP WITH TIME ZONE":
        return f"({column} AT TIME ZONE 'UTC')::VARCHAR"
    return f"{column}::VARCHAR"


def from_epoch(text: str) -> str:
    """The text of an instant that is written as seconds since 1970; any other text stays."""
    seconds = f"try_cast({text} AS DECIMAL(28, 6))"
    return f"coalesce(make_timestamp(({seconds} * 1000000)::BIGINT)::VARCHAR, {text})"


def literals(words: Iterable[str]) -> str:
    """Quote texts as SQL strings with commas between, as `IN` takes them."""
    return ", ".join(literal(word) for word in words)
