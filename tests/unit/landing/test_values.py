"""How raw text becomes values. A failure here is a number or an instant that nobody wrote."""

import datetime as dt
import functools
from decimal import Decimal

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import landed_sql, written

UTC = "UTC"


@pytest.fixture(scope="module")
def value_of():
    """The value that landing gives a text, in a session of another time zone."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'Asia/Tokyo'")

        @functools.cache
        def query(kind, zone):
            macros = landed_sql.Macros(connection, {"business_timezone": zone})
            relation = f"SELECT {macros.call('cleaned', 'raw')} AS clean FROM (SELECT $1 AS raw)"
            return f"SELECT {macros.call('value_of', 'clean', kind)} FROM ({relation})"

        def parse(text, kind, zone=UTC):
            return connection.execute(query(kind, zone), [text]).fetchone()[0]

        yield parse


@pytest.mark.parametrize("text", written.INSTANTS)
def test_an_instant_is_utc_however_it_is_written(value_of, text):
    assert value_of(text, "timestamp") == dt.datetime(2026, 3, 10, 9)


def test_fractions_of_seconds_are_kept(value_of):
    expected = dt.datetime(2026, 3, 10, 9, 0, 0, 123456)
    assert value_of("2026-03-10T09:00:00.123456Z", "timestamp") == expected


@pytest.mark.parametrize("text", written.NO_INSTANTS)
@pytest.mark.parametrize("kind", ["timestamp", "date"])
def test_what_is_no_instant_in_iso_8601_is_null_not_guessed(value_of, text, kind):
    assert value_of(text, kind) is None


@pytest.mark.parametrize(
    ("zone", "day", "begins"),
    [
        (UTC, "2026-03-10", "2026-03-10T00:00:00"),
        ("America/New_York", "2026-01-10", "2026-01-10T05:00:00"),
        ("America/New_York", "2026-07-10", "2026-07-10T04:00:00"),
        ("Asia/Tokyo", "2026-03-10", "2026-03-09T15:00:00"),
        # Clocks went forward at midnight: the day began at one o'clock.
        ("America/Sao_Paulo", "2017-10-15", "2017-10-15T03:00:00"),
        # Clocks went back to midnight: the day began at the first of two.
        ("America/Havana", "2024-11-03", "2024-11-03T04:00:00"),
    ],
)
def test_a_bare_date_is_the_start_of_its_business_day(value_of, zone, day, begins):
    assert value_of(day, "timestamp", zone) == dt.datetime.fromisoformat(begins)


def test_a_midnight_that_is_written_is_utc_and_no_business_day(value_of):
    written = value_of("2026-01-10 00:00:00", "timestamp", "America/New_York")
    assert written == dt.datetime(2026, 1, 10)


@pytest.mark.parametrize("text", written.DATES)
def test_a_date_is_as_written_and_never_shifted(value_of, text):
    assert value_of(text, "date", "America/New_York") == dt.date(2026, 3, 10)


@pytest.mark.parametrize("text", written.TRUE)
def test_true_has_many_spellings(value_of, text):
    assert value_of(text, "boolean") is True


@pytest.mark.parametrize("text", written.FALSE)
def test_false_has_many_spellings(value_of, text):
    assert value_of(text, "boolean") is False


@pytest.mark.parametrize("text", written.NO_BOOLEANS)
def test_other_words_are_no_boolean(value_of, text):
    assert value_of(text, "boolean") is None


@pytest.mark.parametrize(("text", "value"), written.NUMBERS.items())
def test_numbers_are_exact(value_of, text, value):
    assert value_of(text, "number") == Decimal(value)


@pytest.mark.parametrize("text", written.NO_NUMBERS)
def test_what_is_no_plain_number_is_null_not_guessed(value_of, text):
    assert value_of(text, "number") is None


@pytest.mark.parametrize("text", written.NO_IDS)
def test_an_id_of_zeros_refers_to_nothing(value_of, text):
    assert value_of(text, "id") is None


@pytest.mark.parametrize("text", written.WORDS_FOR_NULL)
@pytest.mark.parametrize("kind", ["id", "salesforce_id", "code", "email"])
def test_a_word_for_null_names_nothing(value_of, text, kind):
    assert value_of(text, kind) is None


@pytest.mark.parametrize("text", ["NULL", "None", "N/A"])
def test_a_word_for_null_may_be_what_somebody_chose(value_of, text):
    assert value_of(text, "text") == text


@pytest.mark.parametrize("text", written.NO_WORDS_FOR_NULL)
@pytest.mark.parametrize("kind", ["id", "salesforce_id", "email"])
def test_what_only_looks_like_a_word_for_null_is_a_value(value_of, text, kind):
    assert value_of(text, kind) == text


@pytest.mark.parametrize(("short", "long"), written.SHORT_IDS.items())
def test_a_salesforce_id_of_15_characters_is_the_one_of_18(value_of, short, long):
    assert value_of(short, "salesforce_id") == long
    assert value_of(long, "salesforce_id") == long
    assert value_of(short, "id") == short


@pytest.mark.parametrize("text", written.ODD_IDS)
def test_an_id_of_another_shape_stays_as_it_is(value_of, text):
    assert value_of(text, "salesforce_id") == text


@pytest.mark.parametrize("kind", ["id", "salesforce_id"])
@pytest.mark.parametrize(("text", "value"), written.FLOATED_IDS.items())
def test_an_id_that_became_a_float_is_the_whole_number(value_of, text, value, kind):
    assert value_of(text, kind) == value


def test_words_for_null_are_told_from_values_that_do_not_parse(company):
    company.opportunities(
        [
            {"id": "a", "campaign_id": "NULL", "owner_id": "005", "currency_iso_code": "n/a"},
            {"id": "b", "campaign_id": "", "owner_id": "005", "currency_iso_code": "usd"},
            {"id": "c", "campaign_id": "null", "owner_id": "000000000000000", "type": "None"},
        ]
    )
    landed = company.land()
    assert landed.query(
        "SELECT table_name, record_key, column_name, raw_value FROM landed_audit.unread_values "
        "WHERE is_null_word ORDER BY ALL"
    ) == [
        ("opportunity", "a", "campaign_id", "NULL"),
        ("opportunity", "a", "currency_iso_code", "n/a"),
        ("opportunity", "c", "campaign_id", "null"),
    ]
    assert landed.unparsed() == []


def test_zeros_that_are_no_id_stay(value_of):
    assert value_of("000000000000000", "text") == "000000000000000"
    assert value_of("0", "id") == "0"


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"))))
def test_text_is_trimmed_as_python_trims(texts):
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE x AS SELECT unnest(?::VARCHAR[]) AS raw", [texts])
        cleaned = landed_sql.Macros(connection, {}).call("cleaned", "raw")
        found = connection.execute(f"SELECT {cleaned} FROM x ORDER BY rowid").fetchall()
    # Python does not count the byte order mark as a blank; in a cell it is one.
    blanks = "\ufeff" + _blanks()
    assert found == [(text.strip(blanks) or None,) for text in texts]


def _blanks() -> str:
    return "".join(c for c in map(chr, range(0x3001)) if c.isspace())


def test_parquet_types_give_the_values_that_text_gives(company):
    columns = {
        "id": pa.array([7, 8], pa.int64()),
        "opportunity_id": pa.array([123.0, None], pa.float64()),
        "created_date": pa.array([dt.datetime(2026, 1, 2, 3), None], pa.timestamp("us", "UTC")),
        "stage_name": pa.array(["New", " "], pa.large_string()),
        "amount": pa.array([0.1, float("nan")], pa.float64()),
        "close_date": pa.array([dt.date(2026, 5, 1), None], pa.date32()),
        "probability": pa.array([Decimal("10.5"), None], pa.decimal128(10, 2)),
        "forecast_category": pa.array([b"Pipeline", None], pa.binary()),
        "is_deleted": pa.array([False, True]),
        "currency_iso_code": pa.nulls(2),
        "_fivetran_synced": pa.array([dt.datetime(2026, 1, 2, 3), None], pa.timestamp("ns")),
    }
    path = company.root / "salesforce" / "opportunity_history.parquet"
    pq.write_table(pa.table(columns), path)
    landed = company.land(business_timezone="America/New_York")
    first, second = landed.values("salesforce.opportunity_history", "*")
    assert first == (
        *("7", "123", dt.datetime(2026, 1, 2, 3), "New", Decimal("0.1"), dt.date(2026, 5, 1)),
        *(Decimal("10.5"), "Pipeline", None, None, False, dt.datetime(2026, 1, 2, 3)),
    )
    assert second[:5] == ("8", None, None, None, None)
    assert second[10] is True
    assert landed.unparsed() == [("opportunity_history", "8", "amount", "nan")]


def test_a_parquet_date_is_the_start_of_its_business_day_where_an_instant_is_needed(company):
    table = pa.table({"id": ["a"], "created_date": [dt.date(2026, 1, 10)]})
    pq.write_table(table, company.root / "salesforce" / "lead.parquet")
    landed = company.land(business_timezone="America/New_York")
    assert landed.one("salesforce.lead", "created_date") == dt.datetime(2026, 1, 10, 5)
