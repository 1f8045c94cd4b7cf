"""What engines spell differently gives the same on each: expressions of macros, and their results.

What belongs here: claims, and asking an engine. What does not: an engine.
"""

from decimal import Decimal
from pathlib import Path
from typing import Any

from pipegen.warehouses import server_of
from tests.support.light import dbt
from tests.support.written import WRITTEN

AT = "cast('{}' as timestamp)"
DAY = "cast('{}' as date)"
AMOUNT = "cast({} as decimal(28, 2))"
PROBABILITY = "cast({} as decimal(9, 6))"
RATE = "cast({} as decimal(38, 10))"
A = """dbt.array_construct(["'a'"])"""
BC = """dbt.array_construct(["'b'", "'c'"])"""

# An expression of macros, its type, and what it gives: the type as which it is cast to text.
CLAIMS: dict[str, tuple[str, str]] = {
    # The business day of an instant: Los Angeles is seven hours behind in summer, eight in winter.
    "an evening there is the day before": (
        f"{{{{ business_date(\"{AT.format('2026-05-20 06:59:59')}\") }}}}", "2026-05-19",
    ),
    "midnight there begins the day": (
        f"{{{{ business_date(\"{AT.format('2026-05-20 07:00:00')}\") }}}}", "2026-05-20",
    ),
    "in winter midnight is an hour later": (
        f"{{{{ business_date(\"{AT.format('2026-01-20 07:59:59')}\") }}}}", "2026-01-19",
    ),
    "a summer's day begins at seven": (
        f"cast({{{{ day_start(\"{DAY.format('2026-05-20')}\") }}}} "
        f"= {AT.format('2026-05-20 07:00:00')} as integer)", "1",
    ),
    "a winter's day begins at eight": (
        f"cast({{{{ day_start(\"{DAY.format('2026-01-20')}\") }}}} "
        f"= {AT.format('2026-01-20 08:00:00')} as integer)", "1",
    ),
    "days are counted over the end of February": (
        f"{{{{ days_between(\"{DAY.format('2024-02-28')}\", \"{DAY.format('2024-03-01')}\") }}}}",
        "2",
    ),
    "days backwards are negative": (
        f"{{{{ days_between(\"{DAY.format('2024-03-01')}\", \"{DAY.format('2024-02-28')}\") }}}}",
        "-2",
    ),
    "seconds keep their fraction": (
        f"cast({{{{ seconds_between(\"{AT.format('2026-05-20 10:00:00')}\", "
        f"\"{AT.format('2026-05-21 10:00:01.25')}\") }}}} as decimal(18, 3))", "86401.250",
    ),
    "days are added to an instant": (
        f"cast({{{{ plus_days(\"{AT.format('2026-05-30 10:00:00')}\", 3) }}}} "
        f"= {AT.format('2026-06-02 10:00:00')} as integer)", "1",
    ),
    "days are added to a day": (
        f"{{{{ date_plus_days(\"{DAY.format('2026-05-30')}\", '-1 * 30') }}}}", "2026-04-30",
    ),
    "a month later is the last day of a shorter month": (
        f"{{{{ date_plus_months(\"{DAY.format('2026-01-31')}\", 1) }}}}", "2026-02-28",
    ),
    "a year earlier is the same day": (
        f"{{{{ date_plus_months(\"{DAY.format('2026-11-01')}\", -12) }}}}", "2025-11-01",
    ),
    "a week begins on Monday": (
        f"{{{{ week_start(\"{DAY.format('2026-05-24')}\") }}}}", "2026-05-18",
    ),
    "a fiscal quarter begins in its first month": (
        f"{{{{ fiscal_quarter_start(\"{DAY.format('2026-01-31')}\") }}}}", "2025-11-01",
    ),
    "a fiscal year bears the number of the year it ends in": (
        f"{{{{ fiscal_quarter(\"{DAY.format('2026-02-01')}\") }}}}", "FY2027-Q1",
    ),
    # Half a cent goes away from zero, and no quotient is cut off before.
    "half a cent is rounded up": (
        f"{{{{ converted('{AMOUNT.format('0.01')}', '{RATE.format('2')}') }}}}", "0.01",
    ),
    "half a cent less is rounded down": (
        f"{{{{ converted('{AMOUNT.format('-0.01')}', '{RATE.format('2')}') }}}}", "-0.01",
    ),
    "less than half a cent is nothing": (
        f"{{{{ converted('{AMOUNT.format('0.01')}', '{RATE.format('2.0000000001')}') }}}}", "0.00",
    ),
    "a great amount at a great rate keeps its cents": (
        f"{{{{ converted('{AMOUNT.format('9999999999999.99')}', "
        f"'{RATE.format('0.8512345678')}') }}}}", "11747643221121.54",
    ),
    # The largest amount that a CRM's field takes has 16 digits before the point.
    "the largest amount at a small rate keeps its cents": (
        f"{{{{ converted('{AMOUNT.format('9999999999999999.99')}', "
        f"'{RATE.format('0.0000617')}') }}}}", "162074554294975688654.78",
    ),
    "the largest amount below zero keeps its cents": (
        f"{{{{ converted('{AMOUNT.format('-9999999999999999.99')}', "
        f"'{RATE.format('0.8512345678')}') }}}}", "-11747643221121547.12",
    ),
    "thirty billion is weighted": (
        f"{{{{ weighted('{AMOUNT.format('30000000000')}', '{PROBABILITY.format('0.4')}') }}}}",
        "12000000000.00",
    ),
    "the largest amount is weighted": (
        f"{{{{ weighted('{AMOUNT.format('9999999999999999')}', '{PROBABILITY.format('0.4')}') }}}}",
        "3999999999999999.60",
    ),
    "a weighted amount is rounded once": (
        f"{{{{ weighted('{AMOUNT.format('99999999999999999999.99')}', "
        f"'{PROBABILITY.format('0.499999')}') }}}}", "49999900000000000000.00",
    ),
    "the largest amount enters as it is": (
        f"{{{{ money('{RATE.format('-9999999999999999.99')}') }}}}", "-9999999999999999.99",
    ),
    "a telephone number is no amount": (
        f"case when {{{{ money('{RATE.format('10000000000000000')}') }}}} is null "
        "then 1 else 0 end", "1",
    ),
    "what a float makes of a half is a half": (
        "cast({{ rounded('cast(16.0259375 as ' ~ type_double() ~ ')', 6) }} as decimal(18, 6))",
        "16.025938",
    ),
    "below zero too": (
        "cast({{ rounded('cast(-0.125 as ' ~ type_double() ~ ')', 2) }} as decimal(18, 2))",
        "-0.13",
    ),
    "doubles keep fifteen digits": (
        "cast(cast(123456789.123456 as {{ type_double() }}) as decimal(18, 6))",
        "123456789.123456",
    ),
    "a part of a text that matches is no match": (
        "case when {{ matches(\"'abc'\", 'b') }} then 1 else 0 end", "0",
    ),
    "either of two is a match": (
        "case when {{ matches(\"'b'\", 'a|b') }} then 1 else 0 end", "1",
    ),
    "a number is read as a language writes it": (
        "cast({{ logged_number(\"' -1.5E7'\") }} as decimal(18, 2))", "-15000000.00",
    ),
    "a date has a time behind it": (
        "{{ logged_date(\"'2024-02-29T00:00:00Z'\") }}", "2024-02-29",
    ),
    "February has 28 days": (
        "case when {{ logged_date(\"'2026-02-29'\") }} is null then 1 else 0 end", "1",
    ),
    "the least of those that are known": (
        "{{ least_known('2', 'cast(null as integer)', '1') }}", "1",
    ),
    "the greatest of those that are known": (
        "{{ greatest_known('1', 'cast(null as integer)', '2') }}", "2",
    ),
    "of none that is known there is no least": (
        "case when {{ least_known('cast(null as integer)', 'cast(null as integer)') }} is null "
        "then 1 else 0 end", "1",
    ),
    "lists that share a member overlap": (
        f"case when {{{{ lists_overlap(list_with({A}, \"'b'\"), {BC}) }}}} then 1 else 0 end", "1",
    ),
    "lists that share none don't": (
        f"case when {{{{ lists_overlap({A}, {BC}) }}}} then 1 else 0 end", "0",
    ),
    "a list has one more member": (
        f"case when {{{{ lists_overlap(list_with({A}, \"'b'\"), {A}) }}}} then 1 else 0 end", "1",
    ),
    "nulls stand in a row of JSON, and text is escaped": (
        "(select {{ json_row(['a', 'b', 'c', 'd']) }} from (select cast(null as "
        "{{ dbt.type_string() }}) as a, 'x\"y' as b, cast(1.50 as decimal(9, 2)) as c, "
        "cast('2026-05-20 10:00:00' as timestamp) as d) as one)",
        '{"a":null,"b":"x\\"y","c":"1.50","d":"2026-05-20 10:00:00"}',
    ),
    "a list of words becomes rows": (
        "(select count(distinct value) from (select 'a,b,c' as list) as lists "
        "{{ split_to_rows('list') }})", "3",
    ),
    "an id of 15 characters gets its checksum": (
        "{{ salesforce_id(\"' 0015g00000AbcDe'\") }}", "0015g00000AbcDeAAJ",
    ),
    "five capitals are the last character of the checksum": (
        "{{ salesforce_id(\"'001ABCDEFGHIJKL'\") }}", "001ABCDEFGHIJKLY55",
    ),
    "an id of 18 characters stays": (
        "{{ salesforce_id(\"'0015g00000AbcDeAAJ'\") }}", "0015g00000AbcDeAAJ",
    ),
    "an id with another character stays": (
        "{{ salesforce_id(\"'0015g00000AbcD-'\") }}", "0015g00000AbcD-",
    ),
    "every match of a pattern is replaced": (
        "{{ pattern_replaced(\"'[12; 34]'\", '[^0-9]+', ',') }}", ",12,34,",
    ),
    "a mask is the same for the same name": (
        "case when {{ masked(\"'Ann'\") }} = {{ masked(\"' ann '\") }} then 1 else 0 end", "1",
    ),
}  # fmt: skip

VARS = {
    "as_of": "2026-05-20", "business_timezone": "America/Los_Angeles",
    "fiscal_year_start_month": 2, "mask_personal_data": True,
}  # fmt: skip


EXPECTED = {claim: answer for claim, (_, answer) in CLAIMS.items()}


def answers(target: str, home: Path) -> dict[str, str]:
    """What each claim's expression gives on an engine, as text."""
    sql = "\nunion all\n".join(
        f"select '{number}' as claim, cast({expression} as {{{{ dbt.type_string() }}}}) as answer"
        for number, (expression, _) in enumerate(CLAIMS.values())
    )
    found = _shown(sql, VARS, target, home)
    return {claim: str(found[str(number)]) for number, claim in enumerate(CLAIMS)}


# The values of texts, kind by kind. A sign before each keeps dbt's tables from taking `NULL` for
# none.
_VALUES = """
{%- for kind, texts in var('written').items() %}
    {%- set outer = loop %}
    select
        claim,
        '=' || cast({{ value_of('clean', kind) }} as {{ dbt.type_string() }}) as answer
    from (
        select claim, {{ cleaned('raw') }} as clean
        from (
            {%- for text in texts %}
            select '{{ kind }} {{ loop.index0 }}' as claim, {{ text_literal(text) }} as raw
            {{ 'union all' if not loop.last }}
            {%- endfor %}
        ) as texts
    ) as cleaned_texts
    {{ 'union all' if not outer.last }}
{%- endfor %}
"""


def values(target: str, home: Path) -> dict[tuple[str, str], str | None]:
    """What an engine takes each text of `WRITTEN` for, by kind and text: the value as text."""
    texts = {kind: list(expected) for kind, expected in WRITTEN.items()}
    found = _shown(_VALUES, VARS | {"written": texts}, target, home)
    return {
        (kind, text): _plain(kind, _unsigned(found[f"{kind} {number}"]))
        for kind, listed in texts.items()
        for number, text in enumerate(listed)
    }


def _unsigned(answer: str | None) -> str | None:
    return None if answer is None else answer.removeprefix("=")


def _plain(kind: str, value: str | None) -> str | None:
    if value is None:
        return None
    # 10 and 10.0000000000 are one number, which engines write with more or fewer zeros.
    return f"{Decimal(value):.10f}" if kind == "number" else value


# What every engine must answer.
VALUES = {
    (kind, text): _plain(kind, value)
    for kind, texts in WRITTEN.items()
    for text, value in texts.items()
}


def _shown(sql: str, vars_: dict[str, Any], target: str, home: Path) -> dict[str, Any]:
    """The rows of a query of claims and answers, in the project's macros, on an engine."""
    (home / "build").mkdir(parents=True, exist_ok=True)
    if target == "spark":
        # As in a run: the JVM's own output, and its metastore, stay in the home.
        server_of(target).connect("")
    outcome = dbt(
        home, "show", "--inline", sql, "--limit", "-1", "--quiet", vars_=vars_, target=target
    )
    assert outcome.success, outcome.exception or [r.message for r in outcome.result]
    rows: Any = outcome.result.results[0].agate_table.rows
    return {str(row[0]): row[1] for row in rows}
