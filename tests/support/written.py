"""Texts as loaders and people write them, by kind of value, with what each is.

What belongs here: the texts, and the value that is meant, as every engine writes it when it is cast
to text; None for what is no value. What does not: asking an engine.
"""

from pipegen.contract.spellings import BOOLEANS, NULL_WORDS

# All of nine o'clock UTC.
INSTANTS = (
    "2026-03-10T09:00:00Z",
    "2026-03-10T09:00:00.000+0000",
    "2026-03-10 09:00:00",
    "2026-03-10 09:00",
    "2026-03-10 09:00:00.000 UTC",
    "2026-03-10T11:00:00+02:00",
    "2026-03-10T04:00:00-05",
    "2026-03-10T14:30:00.000000+0530",
    "2026-03-10T09:00:00.000000000Z",
    " 2026-03-10T09:00:00Z\t",
    # Snowflake, BigQuery, Postgres, Airbyte, and a spreadsheet.
    "2026-03-10 09:00:00.000 +0000",
    "2026-03-10 01:00:00.000 -0800",
    "2026-03-10 09:00:00.000 Z",
    "2026-03-10 09:00:00.000000 UTC",
    "2026-03-10 09:00:00 UTC",
    "2026-03-10 09:00:00+00",
    "2026-03-10 14:30:00+05:30",
    "2026-03-10 14:30:00 +05:30",
    "2026-03-10T09:00:00.000000+00:00",
    "2026-03-10 9:00",
    "2026-03-10 9:00:00",
)

NO_INSTANTS = (
    *("soon", "2026-13-45", "2026-02-30T00:00:00Z", "10/03/2026", "2026/03/10", "20260310"),
    *("2026-3-1", "26-03-10", "infinity", "epoch", "2026-03-10 09:00:00 PM", "1773133200"),
    *("2026-03-10 09:00:00 America/New_York", "2026-03-10T09:00:00+99:00", "2026-03-10T"),
    *("2026-03-10 (BC)", "2026-03-10T25:00:00Z", "2026-03-10T09:00:00+0", "now", "today"),
)

# All of the tenth of March, as written.
DATES = (
    *("2026-03-10", "2026-03-10T23:30:00-05:00", "2026-03-10 00:00:00", "2026-03-10T09:00Z"),
    *("2026-03-10T00:30:00.000+0000",),
)

TRUE = ("true", "TRUE", "t", "T", "1", "1.0", "yes", "Yes", "y", "Y")
FALSE = ("false", "FALSE", "f", "F", "0", "0.0", "no", "No", "n", "N")
NO_BOOLEANS = ("maybe", "2", "-1", "truth", "01")

NUMBERS = {
    "10": "10",
    "-0.1": "-0.1",
    "1.1000E9": "1100000000",
    "1e-3": "0.001",
    "+5.": "5",
    ".5": "0.5",
    "0.1234567890": "0.1234567890",
    "1234567890123456789.05": "1234567890123456789.05",
}
NO_NUMBERS = (
    *("inf", "-Infinity", "nan", "1,000", "$5", "1_000", "0x1F", "1 000", "1e99", "ten", "5%"),
)

NO_IDS = ("000000000000000", "000000000000000AAA", "", " ")
# Ids that are given a checksum: no capital; one in each of the places of a part; all five.
SHORT_IDS = {
    "006000000000000": "006000000000000AAA",
    "00600A000B00C00": "00600A000B00C00ARE",
    "0015g00000AbcDe": "0015g00000AbcDeAAJ",
    "001ABCDEFGHIJKL": "001ABCDEFGHIJKLY55",
    "001abcdefghijkl": "001abcdefghijklAAA",
}
ODD_IDS = ("001A", "00000000000000-", "0010000000000012", "001é00000000001")
# What pandas makes of a column of ids with gaps, and what only looks like it.
FLOATED_IDS = {"63.0": "63", "63.00": "63", "63.5": "63.5", "a.0": "a.0"}

WORDS_FOR_NULL = (
    *("NULL", "null", "(null)", "[NULL]", "<null>", "\\N", "None", "nan", "NaN", "<NA>", "NaT"),
    *("nil", "undefined", "#N/A", "N/A", "n/a", " NULL "),
)
NO_WORDS_FOR_NULL = ("na", "nulls", "0", "null@mail.example", "none-1")


def _all(texts: tuple[str, ...], value: str | None) -> dict[str, str | None]:
    return dict.fromkeys(texts, value)


_NO_IDS = (
    _all((*NO_IDS, *WORDS_FOR_NULL, *NULL_WORDS), None)
    | {text: text for text in NO_WORDS_FOR_NULL}
    | FLOATED_IDS
)

# By kind, every text above and every word of the contract, with its value as text.
WRITTEN: dict[str, dict[str, str | None]] = {
    "timestamp": _all(INSTANTS, "2026-03-10 09:00:00")
    | _all(NO_INSTANTS, None)
    | {"2026-03-10T09:00:00.123456Z": "2026-03-10 09:00:00.123456"},
    "date": _all(DATES, "2026-03-10") | _all(NO_INSTANTS, None),
    "boolean": _all((*TRUE, *BOOLEANS["true"]), "true")
    | _all((*FALSE, *BOOLEANS["false"]), "false")
    | _all(NO_BOOLEANS, None),
    "number": dict(NUMBERS) | _all(NO_NUMBERS, None),
    "id": _NO_IDS | {short: short for short in SHORT_IDS} | {text: text for text in ODD_IDS},
    "salesforce_id": _NO_IDS
    | SHORT_IDS
    | {long: long for long in SHORT_IDS.values()}
    | {text: text for text in ODD_IDS},
    "email": _all((*WORDS_FOR_NULL, *NULL_WORDS), None)
    | {text: text for text in NO_WORDS_FOR_NULL},
    "code": _all((*WORDS_FOR_NULL, *NULL_WORDS), None) | {" usd": "USD", "eur": "EUR"},
    "text": {"NULL": "NULL", "None": "None", "N/A": "N/A", " a b\n": "a b", "\ufeff \xa0": None},
}
