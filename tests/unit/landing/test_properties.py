"""What must hold for any raw rows, tried on many generated ones. A failure names a small
example."""

import random
from collections import Counter
from datetime import datetime
from unittest import mock

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipegen.landing import brought
from pipegen.landing.salvage import Survey
from pipegen.runs.land import read_reports
from tests.support import landed_sql

few = settings(
    max_examples=12,
    deadline=None,
    # The folder is rewritten for every example.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

INSTANTS = ("", "2026-01-01T00:00:00Z", "2026-01-01 02:00:00+02:00", "2026-02-01", "soon")

# So few values that keys repeat, rows are equal and ties happen all the time.
deals = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["a", "a ", "b", "c", "", "000000000000000"]),
        "account_id": st.just("001"),
        "name": st.sampled_from(["x", " x", "y, z", 'say "y"', "two\nlines", ""]),
        "stage_name": st.sampled_from(["New", "Won"]),
        "amount": st.sampled_from(["1", "1.0", "", "ten"]),
        "created_date": st.just("2026-01-01T00:00:00Z"),
        "is_deleted": st.sampled_from(["false", "true", ""]),
        "system_modstamp": st.sampled_from(INSTANTS),
        "_fivetran_synced": st.sampled_from(INSTANTS),
    }
)
tables = st.lists(deals, max_size=14)


def api_cased(name: str) -> str:
    """`stage_name` as Salesforce writes it."""
    return "".join(word.title() for word in name.split("_"))


def write_deals(company, rows, *, parts=1, kind="csv", header=str, reverse=False, dialect=None):
    """Write opportunities in some form, in place of those that were there."""
    for old in [*company.root.glob("salesforce/opportunity*/*")]:
        old.unlink()
    for old in company.root.glob("salesforce/opportunity.*"):
        old.unlink()
    names = list(rows[0] if rows else dict.fromkeys(["id", "account_id", "stage_name"]))
    names += [] if rows else ["created_date"]
    for number in range(parts):
        # The order of columns alternates from part to part.
        order = names[::-1] if reverse and number % 2 else names
        chosen = [{header(name): row[name] for name in order} for row in rows[number::parts]]
        path = f"salesforce/opportunity/{number}.{kind}"
        if kind == "csv":
            from tests.support.csv_texts import csv_text

            text = csv_text(chosen, [header(name) for name in order], **(dialect or {}))
            company.write(path, text)
        else:
            columns = {header(name): [row[header(name)] for row in chosen] for name in order}
            schema = pa.schema([(name, pa.string()) for name in columns])
            pq.write_table(pa.table(columns, schema), company.write(path, ""))


def expected_fates(rows):
    """Key and reason of each row, and the rows that stand, by definitions 1."""

    def key(row):
        text = row["id"].strip()
        return None if text in ("", "000000000000000") else text

    def instant(text):
        values = {INSTANTS[1]: 1, INSTANTS[2]: 1, INSTANTS[3]: 2}
        return datetime(2026, values[text], 1) if text in values else datetime.min

    def written(row):
        return tuple(row[name].strip() for name in sorted(row) if name != "_fivetran_synced")

    fates, standing = Counter(), []
    fates.update((None, "null_key") for row in rows if key(row) is None)
    for one in {key(row) for row in rows} - {None}:
        best = {}
        for row in (row for row in rows if key(row) == one):
            rank = (instant(row["system_modstamp"]), instant(row["_fivetran_synced"]))
            if written(row) in best:
                fates[one, "repeated"] += 1
            best[written(row)] = max(best.get(written(row), (rank, row)), (rank, row), key=_first)
        ranked = sorted(best.values(), key=_first, reverse=True)
        if len(ranked) > 1 and ranked[0][0] == ranked[1][0]:
            fates[one, "ambiguous_key"] += len(ranked)
        else:
            standing.append(ranked[0][1])
            fates[one, "superseded"] += len(ranked) - 1
    return +fates, standing


def _first(pair):
    return pair[0]


@few
@given(tables)
def test_the_fates_of_rows_are_those_of_the_definitions(company, rows):
    write_deals(company, rows)
    landed = company.land()
    fates, standing = expected_fates(rows)
    assert Counter(landed.fates("salesforce.opportunity")) == fates
    kept = Counter(
        (row["id"].strip(), row["name"].strip() or None, row["is_deleted"] == "true")
        for row in standing
    )
    assert Counter(landed.values("salesforce.opportunity", "id, name, is_deleted")) == kept
    tens = [row["id"].strip() for row in standing if row["amount"] == "ten"]
    assert sorted(k for _, k, name, _ in landed.unparsed() if name == "amount") == sorted(tens)


@few
@given(
    tables,
    st.randoms(use_true_random=False),
    st.integers(1, 4),
    st.sampled_from(
        [
            {"kind": "parquet"},
            {"header": api_cased},
            {"header": str.upper, "reverse": True},
            {"reverse": True, "dialect": {"quoting": 1, "lineterminator": "\r\n"}},
            {"kind": "parquet", "header": api_cased, "reverse": True},
        ]
    ),
)
def test_order_split_spelling_and_format_change_nothing(company, rows, chance, parts, form):
    write_deals(company, rows)
    expected = company.land().everything()
    shuffled = list(rows)
    chance.shuffle(shuffled)
    write_deals(company, shuffled, parts=parts, **form)
    assert company.land().everything() == expected


def test_which_of_two_copies_is_kept_does_not_depend_on_how_a_file_writes_nothing(company):
    """An empty cell is null in a CSV and an empty text in Parquet."""
    deal = dict.fromkeys(("name", "amount", "system_modstamp"), "") | {
        "id": "c", "account_id": "001", "stage_name": "New", "created_date": INSTANTS[1],
    }  # fmt: skip
    rows = [deal | {"_fivetran_synced": synced} for synced in ("soon", "")]
    for kind in ("csv", "parquet"):
        write_deals(company, rows, kind=kind)
        landed = company.land()
        assert landed.fates("salesforce.opportunity") == [("c", "repeated")], kind
        assert landed.unparsed() == [], kind


pieces = st.sampled_from(
    [
        *(b"a", b",", b'"', b"\n", b" ", "é".encode(), b"x,y", b"\r\n", b"\xff", b"\0", b'""'),
        *(b'"a","b"\n', b'"a\nb",c\n', b"a,b\n", b"1,2\n"),
    ]
)


@few
@given(st.lists(st.lists(pieces, max_size=12).map(b"".join), min_size=1, max_size=5))
def test_reading_line_by_line_and_by_duckdb_find_the_same_rows(company, files):
    for old in company.root.glob("salesforce/user_role/*"):
        old.unlink()
    for number, content in enumerate(files):
        company.write(f"salesforce/user_role/{number}.csv", b"id,name\n" + content)
    by_duckdb = company.land().everything()
    with mock.patch.object(brought, "survey", lambda path: Survey(has_nul=True, has_quote=True)):
        line_by_line = company.land().everything()
    assert by_duckdb == line_by_line


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_many_rows_give_what_few_do_whatever_the_number_of_threads(company, threads):
    """Beyond what DuckDB takes in one piece (122,880 rows), with fates all over."""
    chance = random.Random(1)
    lines = ["id,name,system_modstamp"]
    for number in range(150_000):
        lines.append(f"k{number},x,2026-01-01T00:00:00Z")
        if number % 1000 == 0:
            lines += [f"k{number},x,2026-01-01T00:00:00Z", f"k{number},y,2026-02-01T00:00:00Z"]
        if number % 1500 == 0:
            lines += [",x,", "broken"]
    body = lines[1:]
    chance.shuffle(body)
    company.write("salesforce/account.csv", "\n".join([lines[0], *body]))
    with duckdb.connect(config={"threads": threads}) as connection:
        landed_sql.land(connection, company.source())
        reports = {r.table_name: r for r in read_reports(connection, {})}
        reasons = connection.execute(
            "SELECT reason, count(*) FROM landed_audit.set_aside_rows GROUP BY 1 ORDER BY 1"
        ).fetchall()
        names = connection.execute(
            "SELECT name, count(*) FROM landed_salesforce.account "
            "WHERE set_aside_reason IS NULL GROUP BY 1 ORDER BY 1"
        ).fetchall()
    assert reports["account"].rows_read == 150_000 + 300 + 200
    assert reasons == [
        ("malformed_row", 100),
        ("null_key", 100),
        ("repeated", 150),
        ("superseded", 150),
    ]
    assert names == [("x", 149_850), ("y", 150)]
