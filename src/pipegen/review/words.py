"""How numbers, days and names are written for people.

What belongs here: formats. What does not: which number is shown where.
"""

import datetime as dt
from decimal import Decimal

# A dash, and a minus sign as wide as a plus sign.
ABSENT = "\u2013"
MINUS = "\u2212"

# Names in the warehouse that would read badly with only their underscores removed.
NAMES = {
    "sdr": "SDR",
    "ae": "AE",
    "cs": "CS",
    "smb": "SMB",
    "mid_market": "Mid-market",
    "self_serve": "Self-serve",
    "mql": "MQL",
    "mqls": "MQLs",
    "map": "MAP",
    "crm": "CRM",
    "map_crm_gap": "Gap of MAP and CRM",
    "u_shaped": "U-shaped",
    "w_shaped": "W-shaped",
    "re_dated": "Re-dated",
    "net_new": "Net-new",
    "new_business": "New business",
    "no_marketing_touch": "No marketing touch",
    "not_late_stage": "Not late stage",
    "never_synced_to_map": "Never synced to the MAP",
    "never_synced_to_crm": "Never synced to the CRM",
    "all": "All",
}


# Why a deal is left out of the reconciled pipeline, or of a view, as people say it.
REASONS = {
    "duplicate": "Entered twice",
    "stage": "Stage too early",
    "amount": "No valid amount",
    "close_date": "No valid close date",
    "source": "Source unknown",
    "decision_maker": "No decision maker",
    "no_marketing_touch": "No marketing touch",
    "renewal": "Renewals",
    "new_business": "New business",
    "outside_quarter": "In another quarter",
    "not_late_stage": "Not in a late stage",
}


def name(word: object) -> str:
    """A name from the warehouse as people write it. A name that a person typed is unchanged."""
    if word is None:
        return ABSENT
    text = str(word)
    if text in NAMES:
        return NAMES[text]
    # Only names in the warehouse's own style: one that a person typed may have underscores.
    if text and text == text.lower() and text.replace("_", "").isalpha() and text.isascii():
        return text.replace("_", " ").capitalize()
    return text


def reason(word: object) -> str:
    """Why a deal is left out, as people say it: the first criterion that it fails, say."""
    return REASONS.get(str(word)) or name(word)


def step(word: object) -> str:
    """A step from one total to another: `Less: no valid amount`, `Plus: renewals`, `Won`."""
    text = str(word)
    for sign, prefix in (("less ", "Less: "), ("plus ", "Plus: ")):
        if text.startswith(sign):
            return prefix + _lower_first(reason(text.removeprefix(sign)))
    return name(word)


def _lower_first(text: str) -> str:
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def short(amount: Decimal | float | int | None) -> str:
    """An amount with three digits and a unit: 8.30M, 664k, 950."""
    if amount is None:
        return ABSENT
    value = float(amount)
    sign, size = (MINUS if value < 0 else ""), abs(value)
    for unit, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")):
        if size >= unit * 0.9995:
            scaled = size / unit
            digits = 2 if scaled < 9.995 else 1 if scaled < 99.95 else 0
            return f"{sign}{scaled:.{digits}f}{letter}"
    return f"{sign}{size:.0f}"


def money(amount: Decimal | None) -> str:
    """An amount to the cent: 8,301,116.33."""
    return ABSENT if amount is None else _signed(f"{amount:,.2f}")


def count(number: int | None) -> str:
    """A whole number: 1,043."""
    return ABSENT if number is None else _signed(f"{number:,}")


def number(value: float | None) -> str:
    """A number with at most two decimals: 3.2, 1.57."""
    return ABSENT if value is None else _signed(f"{value:,.2f}".rstrip("0").rstrip("."))


def share(value: float | Decimal | None) -> str:
    """A share as a percentage: 64.1%."""
    return ABSENT if value is None else _signed(f"{float(value) * 100:,.1f}%")


def days(value: float | int | None) -> str:
    """A number of days: 41.8."""
    return ABSENT if value is None else _signed(f"{float(value):,.1f}".removesuffix(".0"))


def day(date: dt.date | None) -> str:
    """A date, unambiguous about day and month: 28 Jun 2026."""
    return ABSENT if date is None else f"{date.day} {date:%b %Y}"


def moment(instant: dt.datetime | None) -> str:
    """An instant in UTC, to the minute."""
    return ABSENT if instant is None else f"{day(instant.date())}, {instant:%H:%M} UTC"


def plural(number_: int, one: str, many: str | None = None) -> str:
    """`1 deal`, `2,000 deals`."""
    return f"{number_:,} {one if number_ == 1 else many or one + 's'}"


def some(number_: int) -> str:
    """How many of something that was named before: `none`, `3`, `2,000`."""
    return f"{number_:,}" if number_ else "none"


def told_apart(names: list[str], ids: list[str]) -> list[str]:
    """Names as labels: one that several have stands with its id, so that none is taken for another.
    """
    return [
        f"{name_} ({id_})" if names.count(name_) > 1 else name_
        for name_, id_ in zip(names, ids, strict=True)
    ]


def listed(words: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(words) < 2:
        return "".join(words)
    return ", ".join(words[:-1]) + " and " + words[-1]


def _signed(text: str) -> str:
    return MINUS + text[1:] if text.startswith("-") else text
