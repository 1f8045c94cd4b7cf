"""Time and chance: instants and days as integer seconds and days since 1970, and random draws.

What belongs here: arithmetic that knows nothing about deals. It uses only operations that IEEE 754
rounds exactly (no `exp`, `log` or `pow`), so that the same seed gives the same bytes on every
platform. What does not: what is drawn (`course`, `story`, `people`).
"""

from __future__ import annotations

import datetime as dt

import numpy as np

DAY = 86_400
# Later than any instant, but small enough that arithmetic on it does not overflow.
NEVER = np.int64(1) << np.int64(60)

_MONDAY = 4  # 1970-01-05
_OPENS, _WORKDAY = 8 * 3600, 10 * 3600

# Quantiles of log-normal distributions around 1000 (sigma 0.45 for durations, 0.8 for amounts).
DURATION_SPREAD = np.array(
    [353, 432, 481, 520, 553, 582, 609, 635, 659, 682, 705, 727, 749, 771, 792, 813, 834, 856, 877,
     899, 921, 943, 965, 988, 1012, 1036, 1061, 1086, 1113, 1140, 1169, 1198, 1230, 1263, 1298,
     1335, 1375, 1418, 1465, 1517, 1575, 1641, 1718, 1810, 1924, 2078, 2312, 2829]
)  # fmt: skip
AMOUNT_SPREAD = np.array(
    [157, 225, 273, 312, 348, 382, 414, 446, 477, 507, 537, 568, 598, 629, 661, 692, 725, 758, 792,
     827, 863, 901, 939, 979, 1021, 1065, 1110, 1158, 1209, 1262, 1319, 1380, 1444, 1514, 1589,
     1671, 1761, 1861, 1972, 2099, 2243, 2413, 2617, 2870, 3201, 3669, 4438, 6352]
)  # fmt: skip


def stream(seed: int, part: int, feature: str) -> np.random.Generator:
    """A feature's own random numbers for a chunk: a new feature moves no draws of another."""
    code = int.from_bytes(feature.encode(), "big")
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, 2, part, code))))


def day_number(day: dt.date) -> int:
    """Days from 1970-01-01 to `day`."""
    return (day - dt.date(1970, 1, 1)).days


def spread(rng: np.random.Generator, centre: np.ndarray, table: np.ndarray) -> np.ndarray:
    """Random integers around `centre`, spread relatively as in a table of quantiles."""
    return centre * table[rng.integers(0, len(table), len(centre))] // 1000


def pick(rng: np.random.Generator, weights: list[int] | np.ndarray, size: int) -> np.ndarray:
    """Random indices, drawn with integer weights."""
    edges = np.cumsum(np.asarray(weights, dtype=np.int64))
    return np.searchsorted(edges, rng.integers(0, edges[-1], size), side="right")


def pick_ragged(rng: np.random.Generator, choices: list[tuple], which: np.ndarray) -> np.ndarray:
    """For each `which[i]`, a random index into the tuple `choices[which[i]]`; 0 if it is empty."""
    lengths = np.array([max(len(c), 1) for c in choices])[which]
    return rng.integers(0, 1 << 30, len(which)) % lengths


def to_business(t: np.ndarray) -> np.ndarray:
    """Working seconds (Monday to Friday, 8 to 18 h UTC) up to instant `t`; monotonic."""
    days, second = np.divmod(t, DAY)
    week, weekday = np.divmod(days - _MONDAY, 7)
    inside = np.where(weekday > 4, 0, np.clip(second - _OPENS, 0, _WORKDAY - 1))
    return (week * 5 + np.minimum(weekday, 5)) * _WORKDAY + inside


def from_business(b: np.ndarray) -> np.ndarray:
    """The instant at which `b` working seconds have passed; the inverse of `to_business`."""
    workdays, second = np.divmod(b, _WORKDAY)
    week, weekday = np.divmod(workdays, 5)
    return (_MONDAY + week * 7 + weekday) * DAY + _OPENS + second


def between(
    rng: np.random.Generator, start: np.ndarray, end: np.ndarray, low: float, high: float
) -> np.ndarray:
    """A random instant in working hours, `low` to `high` (0 to 1) of the way to `end`."""
    first, last = to_business(start), to_business(end)
    part = low + (high - low) * rng.random(len(first))
    return from_business(first + ((last - first) * part).astype(np.int64))


def month_end(day: np.ndarray) -> np.ndarray:
    """The last day of the month of each day number."""
    months = day.astype("datetime64[D]").astype("datetime64[M]")
    return (months + 1).astype("datetime64[D]").astype(np.int64) - 1


def quarter_end(day: np.ndarray) -> np.ndarray:
    """The last day of the calendar quarter of each day number."""
    months = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    following = (months // 3 + 1) * 3
    return following.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) - 1


def quarter(instant: np.ndarray) -> np.ndarray:
    """Quarters since 1970 of instants in UTC. NEVER has a quarter that no other instant has."""
    days = np.minimum(instant // DAY, 1 << 20)
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) // 3
