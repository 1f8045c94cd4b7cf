"""A company's own settings: `settings.yml` beside its seeds, values for the dbt vars.

What belongs here: reading that file and saying what is wrong with it. What does not: the defaults
and their reasons, which are `vars` in `dbt_project.yml`.
"""

import datetime as dt
import difflib
import re
import zoneinfo
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from pipegen.contract.tables import TABLES
from pipegen.errors import PipegenError
from pipegen.project import PROJECT

FILE_NAME = "settings.yml"

# How fiscal quarters are made. No dbt var: but one value can be built, and the setting is
# there for a company to say that its own is another.
FISCAL_CALENDAR = "fiscal_calendar"
FISCAL_CALENDARS_NOT_BUILT = ("weeks", "4-4-5", "4-5-4", "5-4-4", "13_periods")

_CHOICES = {
    "duplicate_match": ("account_and_amount", "off"),
    "recycle_match": ("account", "account_and_name", "off"),
    "company_stage": ("early", "growth", "scale"),
    "fiscal_year_named_by": ("end", "start"),
}

_TABLE_LABELS = tuple(table.label for table in TABLES)

# Set by each run, so a company can't set them.
RUN_VARS = ("as_of", "definitions_version", "code_version")

# For who installs the project as a dbt package, without any of this.
PACKAGE_VARS = ("seed_names", "unit_tests_enabled", "run_log_enabled")

# When and how runs start, and where a loader keeps what they read. No number depends on these
# settings, so changing one does not change the version of the definitions.
OPERATION_VARS = (
    "nightly_at", "review_at", "first_week", "raw_still_seconds", "stale_hours",
    "retry_waits_seconds", "raw_databases", "raw_schemas", "raw_tables",
)  # fmt: skip


def company_vars() -> dict[str, Any]:
    """The dbt vars that a company may set, with their defaults from the project file."""
    project = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    left_out = {*RUN_VARS, *PACKAGE_VARS}
    return {name: value for name, value in project["vars"].items() if name not in left_out}


class _Wrong(Exception):
    """A problem with a value, worded as the rest of a sentence."""


def read_settings(folder: Path, known: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """All settings: the defaults, overridden by what the company sets.

    `known` has every setting with its default, by default the project's. A value must have the
    default's type. In a mapping (`custom_columns`), a company may set only some names; the others
    keep their defaults. An absent file sets nothing. Raises one `PipegenError` that lists every
    problem by file and setting.
    """
    known = company_vars() if known is None else known
    path = folder / FILE_NAME
    if not path.exists():
        if (other := path.with_suffix(".yaml")).exists():
            raise PipegenError(f"{other} is not read; rename it to {FILE_NAME}")
        return dict(known)
    settings = dict(known)
    problems = []
    for name, value in _load(path).items():
        try:
            if name == FISCAL_CALENDAR:
                _is_fiscal_calendar(value)
                continue
            settings[name] = _checked(name, value, known)
        except _Wrong as problem:
            problems.append(f"{FILE_NAME}: {name} {problem}")
    if problems:
        raise PipegenError(problems)
    return settings


class _Loader(yaml.SafeLoader):
    """Ordinary YAML, except that a name given twice is an error instead of the last one winning."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            name = self.construct_object(key, deep=True)
            if name in seen:
                problem = f"{name} is set twice"
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=key.start_mark)
            seen.add(name)
        return super().construct_mapping(node, deep)


def _load(path: Path) -> dict[str, Any]:
    try:
        loaded = yaml.load(path.read_text(encoding="utf-8-sig"), _Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = f" line {mark.line + 1}" if mark else ""
        raise PipegenError(f"{FILE_NAME}{line}: {error.problem}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise PipegenError(f"{FILE_NAME} is not text in UTF-8: {error}") from error
    except OSError as error:
        raise PipegenError(f"{path} cannot be read: {error.strerror or error}") from error
    if loaded is None:
        return {}
    if not isinstance(loaded, dict):
        raise PipegenError(f"{FILE_NAME} must hold lines of the form `setting: value`")
    return {str(name): value for name, value in loaded.items()}


def _checked(name: str, value: Any, known: Mapping[str, Any]) -> Any:
    """The value to pass to dbt. Raises `_Wrong`."""
    if name == "as_of":
        raise _Wrong("is set per run, not per company; use PIPEGEN_AS_OF")
    if name not in known:
        raise _Wrong(f"is not a setting{_nearest(name, known)}")
    if name in _CHOICES and value is False:
        # YAML reads an unquoted `off` as false.
        value = "off"
    # Any raw table may have another name.
    default = dict.fromkeys(_TABLE_LABELS, "") if name == "raw_tables" else known[name]
    value = _of_type(value, default)
    if check := _check_for(name):
        check(value)
    return value


def _nearest(name: str, names: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(name, list(names), n=1)
    return f"; did you mean {near[0]}?" if near else f"; settings are {', '.join(sorted(names))}"


def _of_type(value: Any, default: Any) -> Any:
    """The value, if it has the default's type; a mapping is completed from the default."""
    if isinstance(default, dict):
        return _mapping(value, default)
    words = {bool: "true or false", int: "a whole number", str: "text", list: "a list"}
    if isinstance(default, float):
        accepted: tuple[type, ...] = (int, float)
        wanted = "a number"
    else:
        accepted = (type(default),)
        wanted = words[type(default)]
    is_boolean = isinstance(value, bool) and bool not in accepted
    if is_boolean or not isinstance(value, accepted):
        raise _Wrong(f"must be {wanted}, not {value!r}")
    return value


def _mapping(value: Any, default: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _Wrong(f"must be lines of the form `name: value`, not {value!r}")
    for name, inner in value.items():
        if name not in default:
            raise _Wrong(f"has no {name}{_nearest(str(name), default)}")
        if isinstance(default[name], list):
            if not isinstance(inner, list):
                raise _Wrong(f"must list the fields of {name}, not {inner!r}")
        elif not isinstance(inner, str) or not inner.strip():
            raise _Wrong(f"must have a name for {name}, not {inner!r}")
    return {**{name: inner for name, inner in default.items() if inner}, **value}


def _check_for(name: str) -> Callable[[Any], None] | None:
    """The check of a setting's value, beyond its type."""
    if name in _CHOICES:
        return _one_of(*_CHOICES[name])
    if name in _CHECKS:
        return _CHECKS[name]
    return _is_count if name.endswith("_days") else None


def _one_of(*words: str) -> Callable[[Any], None]:
    def check(value: str) -> None:
        if value not in words:
            raise _Wrong(f"{value!r} is not one of {', '.join(words)}")

    return check


def _is_count(value: int) -> None:
    if value < 0:
        raise _Wrong(f"{value} is negative")


def _is_positive(value: int) -> None:
    if value <= 0:
        raise _Wrong(f"{value} is not above 0")


def _is_horizon(value: int) -> None:
    # The warehouse's calendar ends three years after as-of.
    if not 1 <= value <= 12:
        raise _Wrong(f"{value} is not a number of quarters from 1 to 12")


def _is_rate(value: float) -> None:
    if not 0 <= value <= 1:
        raise _Wrong(f"{value} is not between 0 and 1")


def _is_month(value: int) -> None:
    if not 1 <= value <= 12:
        raise _Wrong(f"{value} is not a month (1 to 12)")


def _is_fiscal_calendar(value: Any) -> None:
    if value == "months":
        return
    if str(value) in FISCAL_CALENDARS_NOT_BUILT:
        raise _Wrong(
            f"{value} is not built yet: fiscal quarters are three calendar months here. Write "
            "months to see numbers whose quarters begin and end some days off"
        )
    choices = ("months", *FISCAL_CALENDARS_NOT_BUILT)
    raise _Wrong(f"{value!r} is not one of {', '.join(choices)}")


def _is_zone(value: str) -> None:
    if value not in zoneinfo.available_timezones():
        raise _Wrong(f"{value!r} is not an IANA time zone, such as UTC or Europe/Berlin")


def _is_currency(value: str) -> None:
    if not re.fullmatch("[A-Z]{3}", value):
        raise _Wrong(f"{value!r} is not a currency code of three capital letters")


def _is_date(value: str) -> None:
    try:
        dt.date.fromisoformat(value)
    except ValueError:
        raise _Wrong(f"{value!r} is not a date such as 2000-01-01") from None


def _are_numbers(value: list[Any]) -> None:
    for one in value:
        if isinstance(one, bool) or not isinstance(one, int | float):
            raise _Wrong(f"{one!r} is not a number")


def _are_counts(value: list[Any]) -> None:
    for one in value:
        if isinstance(one, bool) or not isinstance(one, int) or one < 0:
            raise _Wrong(f"{one!r} is not a whole number of at least 0")


def _is_time_of_day(value: str) -> None:
    if not re.fullmatch("([01][0-9]|2[0-3]):[0-5][0-9]", value):
        raise _Wrong(f"{value!r} is not a time of day, such as 03:00")


def _is_monday(value: str) -> None:
    try:
        is_monday = dt.date.fromisoformat(value).isoweekday() == 1
    except ValueError:
        is_monday = False
    if not is_monday:
        raise _Wrong(f"{value!r} is not a Monday, written as YYYY-MM-DD")


def _are_lookbacks(value: list[Any]) -> None:
    # Each review looks back one interval of its cadence, so those days must be there.
    needed = {7, 14, 28}
    if any(isinstance(one, bool) or not isinstance(one, int) or one < 1 for one in value):
        raise _Wrong(f"{value!r} must hold whole numbers of days above 0")
    if missing := sorted(needed - set(value)):
        raise _Wrong(f"must have {', '.join(map(str, missing))}, which the reviews look back on")


def _are_sources(value: list[Any]) -> None:
    for one in value:
        if not isinstance(one, str) or not re.fullmatch("[a-z][a-z0-9_]*", one):
            raise _Wrong(f"{one!r} is not the name of a source")


def _are_rules(value: list[Any]) -> None:
    for one in value:
        # These become part of a query.
        if not isinstance(one, str) or not re.fullmatch("[a-z0-9_]+", one):
            raise _Wrong(f"{one!r} is not the name of a rule")


def _are_fields(value: Mapping[str, list[Any]]) -> None:
    for kind, fields in value.items():
        for one in fields:
            # These become part of a query.
            if not isinstance(one, str) or not re.fullmatch(r"[A-Za-z][\w .-]*", one, re.ASCII):
                raise _Wrong(f"{one!r} is not the name of a field of {kind}")


def _is_template(value: str) -> None:
    if value and not re.fullmatch(r"https?://[^\s\"'<>{}]*\{record_id\}[^\s\"'<>{}]*", value):
        raise _Wrong(f"{value!r} is not an address (https://…) with {{record_id}} in it")


_CHECKS: Mapping[str, Callable[[Any], None]] = {
    "business_timezone": _is_zone,
    "nightly_at": _is_time_of_day,
    "review_at": _is_time_of_day,
    "first_week": _is_monday,
    "raw_still_seconds": _is_count,
    "stale_hours": _is_positive,
    "retry_waits_seconds": _are_counts,
    "fiscal_year_start_month": _is_month,
    "corporate_currency": _is_currency,
    "earliest_created_date": _is_date,
    "placeholder_amounts": _are_numbers,
    "coverage_excluded_sources": _are_sources,
    "review_lookback_days": _are_lookbacks,
    # With a half-life of zero, a weight would divide by zero.
    "attribution_half_life_days": _is_positive,
    "default_win_rate": _is_rate,
    "behind_threshold": _is_rate,
    "max_source_share": _is_rate,
    "hygiene_weeks": _is_positive,
    "full_quarters": _is_positive,
    "quarters_ahead": _is_horizon,
    "history_periods": _is_positive,
    # Every open deal has been pushed 0 times or more.
    "pushed_count": _is_positive,
    "blocking_rules": _are_rules,
    "lifecycle_fields": _are_fields,
    "crm_url_template": _is_template,
}
