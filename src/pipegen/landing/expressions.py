"""SQL expressions that turn raw text into typed values.

What belongs here: pure functions from SQL text to SQL text, one per kind of value. What does not:
anything that touches a connection or a file.

A value that does not parse becomes null; nothing is guessed. DuckDB's own casts are more lenient (a
timestamp cast drops `+02:00` and `PM`, `1_000` is a number, `infinity` is a date), so each value's
format is checked before it is cast.
"""

from collections.abc import Iterable

from pipegen.contract.spellings import BOOLEANS, NULL_WORDS, ZERO_IDS
from pipegen.contract.tables import Kind

# Everything that Python's str.strip() treats as whitespace, and the byte order mark.
_SPACES = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"
    "\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
)

_DAY = r"\d{4}-\d\d-\d\d"
# Spreadsheets write the hour without a leading zero.
_TIME = r"[T ]([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d([.]\d{1,9})?)?"
_UTC = r"( ?Z| UTC)?"
_OFFSET = r" ?[+-](0\d|1[0-5])(:?[0-5]\d)?"

# The characters of a Salesforce id's checksum. Each stands for five characters of the id, whose
# capitals are the bits of its place here, the first one the lowest.
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CHECKSUM = f"{_LETTERS}012345"
_CAPITALS = "1" * 26 + "0" * 36
# The 32 sets of capitals among five characters, in the order of that list.
_PLACES = "|".join(f"{number:05b}"[::-1] for number in range(32))
_SALESFORCE_ID_LENGTH = 15

# Kinds of text in which a word for null is no value.
NULLABLE_KINDS: tuple[Kind, ...] = ("id", "salesforce_id", "code", "email")

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
        return f"timezone('UTC', {column})::VARCHAR"
    return f"{column}::VARCHAR"


def from_epoch(text: str) -> str:
    """The text of an instant that is written as seconds since 1970; any other text stays."""
    seconds = f"try_cast({text} AS DECIMAL(28, 6))"
    return f"coalesce(make_timestamp(({seconds} * 1000000)::BIGINT)::VARCHAR, {text})"


def cleaned(column: str) -> str:
    """Text without surrounding whitespace; null if nothing is left.

    Trimming a list of characters costs ten times as much as everything else about a row. So values
    that begin and end with a visible ASCII character, as almost all do, skip it.
    """
    plain = f"{column} BETWEEN '!' AND '~' AND right({column}, 1) BETWEEN '!' AND '~'"
    return (
        f"CASE WHEN {plain} THEN {column} ELSE nullif(trim({column}, {literal(_SPACES)}), '') END"
    )


def typed(text: str, kind: Kind, business_timezone: str) -> str:
    """The value of a cleaned text; null if it does not parse."""
    if kind == "text":
        return text
    if kind == "code":
        return f"CASE WHEN NOT {_is_null_word(text)} THEN upper({text}) END"
    if kind == "email":
        return f"CASE WHEN NOT {_is_null_word(text)} THEN {text} END"
    if kind in ("id", "salesforce_id"):
        return _id(text, has_checksum=kind == "salesforce_id")
    if kind == "number":
        return f"CASE WHEN NOT contains({text}, '_') THEN try_cast({text} AS DECIMAL(38,10)) END"
    if kind == "boolean":
        return _boolean(text)
    if kind == "date":
        shape = f"{_DAY}({_TIME}({_UTC}|{_OFFSET}))?"
        return (
            f"CASE WHEN regexp_full_match({text}, '{shape}') "
            f"THEN try_cast(left({text}, 10) AS DATE) END"
        )
    return _timestamp(text, business_timezone)


def is_null_word(clean: str, value: str) -> str:
    """Whether a text was read as null because it is a word for it, given the text and its value."""
    return (
        f"CASE WHEN {value} IS NULL THEN {clean} IS NOT NULL AND NOT {_is_zero_id(clean)} "
        "ELSE false END"
    )


def _is_null_word(text: str) -> str:
    longest = max(map(len, NULL_WORDS))
    return f"(length({text}) <= {longest} AND lower({text}) IN ({literals(NULL_WORDS)}))"


def _is_zero_id(text: str) -> str:
    return f"{text} IN ({literals(ZERO_IDS)})"


def _id(text: str, *, has_checksum: bool) -> str:
    # Nearly all ids are left as they are by the first branch, which costs next to nothing: one of
    # 18 characters, or a number. Numbers begin with what is before the colon in ASCII.
    if has_checksum:
        plain = f"length({text}) > {_SALESFORCE_ID_LENGTH}"
    else:
        plain = f"{text} BETWEEN '0' AND ':' AND length({text}) < 15 AND NOT contains({text}, '.')"
    checked = (
        f"WHEN length({text}) = {_SALESFORCE_ID_LENGTH} AND "
        f"regexp_full_match({text}, '[A-Za-z0-9]{{{_SALESFORCE_ID_LENGTH}}}') "
        f"THEN {text} || {_checksum(text)} "
        if has_checksum
        else ""
    )
    return (
        f"CASE WHEN {plain} AND NOT {_is_zero_id(text)} THEN {text} "
        f"WHEN {_is_null_word(text)} OR {_is_zero_id(text)} THEN NULL {checked}"
        # A column of numbers with gaps becomes one of floats in pandas: 63.0 is still the id 63.
        f"WHEN contains({text}, '.') AND regexp_full_match({text}, '\\d+[.]0+') "
        f"THEN split_part({text}, '.', 1) ELSE {text} END"
    )


def _checksum(text: str) -> str:
    """The three characters that Salesforce adds to an id of 15, so that case does not matter."""
    # Planning an expression of fifteen comparisons for each id takes longer than a small landing.
    capitals = f"translate({text}, '{_LETTERS}{_LETTERS.lower()}0123456789', '{_CAPITALS}')"
    return " || ".join(
        f"substr('{_CHECKSUM}', "
        f"1 + (strpos('{_PLACES}', substr({capitals}, {first}, 5)) - 1) // 6, 1)"
        for first in (1, 6, 11)
    )


def _boolean(text: str) -> str:
    whens = (
        f"WHEN lower({text}) IN ({literals(words)}) THEN {value}"
        for value, words in BOOLEANS.items()
    )
    return f"CASE {' '.join(whens)} END"


def literals(words: Iterable[str]) -> str:
    """Quote texts as SQL strings with commas between, as `IN` takes them."""
    return ", ".join(literal(word) for word in words)


def _timestamp(text: str, business_timezone: str) -> str:
    return (
        f"CASE WHEN regexp_full_match({text}, '{_DAY}{_TIME}{_UTC}') "
        f"THEN try_cast({text} AS TIMESTAMP) "
        f"WHEN regexp_full_match({text}, '{_DAY}') "
        f"THEN {_start_of_day(f'try_cast({text} AS TIMESTAMP)', business_timezone)} "
        f"WHEN regexp_full_match({text}, '{_DAY}{_TIME}{_OFFSET}') "
        # DuckDB reads no offset behind a blank.
        f"THEN timezone('UTC', "
        f"try_cast(replace(replace({text}, ' +', '+'), ' -', '-') AS TIMESTAMPTZ)) END"
    )


def _start_of_day(midnight: str, business_timezone: str) -> str:
    """The UTC instant at which the business day of a local midnight begins.

    If clocks go back at midnight, the day has two midnights, and DuckDB takes the second. So we
    also check the instant an hour earlier.
    """
    if business_timezone == "UTC":
        return midnight
    zone = literal(business_timezone)
    instant = f"timezone({zone}, {midnight})"
    earlier = f"{instant} - INTERVAL 1 HOUR"
    return (
        f"timezone('UTC', CASE WHEN timezone({zone}, {earlier})::DATE = ({midnight})::DATE "
        f"THEN {earlier} ELSE {instant} END)"
    )
