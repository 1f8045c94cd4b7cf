"""Broken rows of a CSV: set aside by file and line, whatever is around them kept."""

import gzip

import pytest

HEADER = b"id,name,industry\n"


def outcome(company, content, name="salesforce/account.csv"):
    """Landed accounts, and the lines and texts of broken rows."""
    company.write(name, content)
    landed = company.land()
    rows = landed.values("salesforce.account", "id, name, industry")
    broken = landed.query(
        "SELECT line, row_json FROM landed_audit.set_aside_rows "
        "WHERE reason = 'malformed_row' ORDER BY line"
    )
    locations = landed.query("SELECT DISTINCT location FROM landed_audit.set_aside_rows")
    assert locations == ([(name,)] if broken else [])
    return rows, broken


GOOD = ("z", "last", "row")


@pytest.mark.parametrize(
    ("content", "broken"),
    [
        (b"a,x\n", [(2, "a,x")]),
        (b"a,x,y,w\n", [(2, "a,x,y,w")]),
        (b"a,x,y,w,\n", [(2, "a,x,y,w,")]),
        (b"  \n", [(2, "  ")]),
        (b'a,"x" y,y\n', [(2, 'a,"x" y,y')]),
        (b"a\xe9,x,y\n", [(2, "a\\xe9,x,y")]),
        (b"a,\x00,y\n", [(2, "a,\\x00,y")]),
        (b'a,"x,y\n', [(2, 'a,"x,y')]),
        (b"\n\na\n", [(4, "a")]),
        # A quote that is never closed costs its own line only.
        (b'a,"x,y\nb,"x",y\n', [(2, 'a,"x,y')]),
        (b'a,"x\n"b,"x\nc"\n', [(2, 'a,"x'), (3, '"b,"x'), (4, 'c"')]),
    ],
)
def test_a_broken_row_is_set_aside_with_its_line_and_the_others_are_kept(company, content, broken):
    rows, found = outcome(company, HEADER + content + b"z,last,row\n")
    assert GOOD in rows
    assert found == broken


def test_rows_beside_a_broken_one_are_read_as_they_are_without_it(company):
    whole = (
        'a,"x, ""y""\nz", "w" \n\nb,5" pipe,y,\r\n  c  ,"",ü\n"d","x\r\ny","\u3042"\ne,\'x\',\\\n'
    ).encode()
    alone, none = outcome(company, HEADER + whole.replace(b",\r\n", b",\n"))
    beside, broken = outcome(company, HEADER + whole + b"broken\n")
    assert none == []
    assert broken == [(10, "broken")]
    assert beside == alone
    assert len(alone) == 5


def test_rows_after_a_stray_quote_are_read_in_their_order(company):
    content = HEADER + b'a,"x,y\nb,x,y\nc,"p\nq",y\nd,"x\n'
    rows, broken = outcome(company, content)
    assert rows == [("b", "x", "y"), ("c", "p\nq", "y")]
    assert broken == [(2, 'a,"x,y'), (6, 'd,"x')]


def test_line_ends_may_be_mixed(company):
    rows, broken = outcome(company, HEADER + b"a,x,y\r\nb,x,y\nc,x,y\rd,x,y\r\n")
    assert [row[0] for row in rows] == ["a", "b", "c", "d"]
    assert broken == []


def test_text_outside_utf8_in_a_column_nobody_reads_does_no_harm(company):
    content = b"id,mood,name\na,\xe9,x\nb,y\n"
    company.write("salesforce/account.csv", content)
    landed = company.land()
    assert landed.values("salesforce.account", "id, name") == [("a", "x")]
    lines = landed.query("SELECT line FROM landed_audit.set_aside_rows ORDER BY ALL")
    assert lines == [(3,)]
    assert landed.query("FROM raw_files.misencoded_rows") == []


def test_a_row_with_text_outside_utf8_keeps_its_place_and_is_counted(company):
    content = HEADER + b'a,Soci\xe9t\xe9,y\nb,x,y\nc,"M\xfcller, Sohn",\xc3\xa9\n'
    company.write("salesforce/account.csv", content)
    landed = company.land()
    assert landed.values("salesforce.account", "id, name, industry") == [
        ("a", "Soci\ufffdt\ufffd", "y"),
        ("b", "x", "y"),
        ("c", "M\ufffdller, Sohn", "\u00e9"),
    ]
    assert landed.fates("salesforce.account") == []
    counted = landed.query(
        "SELECT table_name, location, first_line, row_count FROM raw_files.misencoded_rows"
    )
    assert counted == [("account", "salesforce/account.csv", 2, 2)]


def test_a_file_of_nothing_but_broken_rows_is_an_empty_table(company):
    rows, broken = outcome(company, HEADER + b"a\nb\n")
    assert rows == []
    assert len(broken) == 2


def test_a_gzipped_file_is_salvaged_as_well(company):
    (company.root / "salesforce" / "account.csv").unlink()
    content = gzip.compress(HEADER + b"a,x\nz,last,row\n")
    rows, broken = outcome(company, content, "salesforce/account.csv.gz")
    assert (rows, broken) == ([GOOD], [(2, "a,x")])


@pytest.mark.parametrize("end", [b"", b"\n", b"\nz,last,row\n"])
@pytest.mark.parametrize("parts", [1, 3, 40])
def test_a_quote_that_is_never_closed_is_noticed_in_each_of_many_parts(company, parts, end):
    # DuckDB silently loses what follows it, once there are more files than threads.
    (company.root / "salesforce" / "account.csv").unlink()
    for number in range(parts):
        start = b"id,name,industry\ng%d,x,y\n" % number
        company.write(f"salesforce/account/{number}.csv", start + b'b%d,"x,y' % number + end)
    landed = company.land()
    whole = 2 if b"z" in end else 1
    assert landed.reports["salesforce.account"].rows_read == parts * (whole + 1)
    assert landed.fates("salesforce.account").count((None, "malformed_row")) == parts


def test_a_quote_that_is_never_closed_is_noticed_in_a_gzipped_file(company):
    (company.root / "salesforce" / "account.csv").unlink()
    for name in ("1.csv.gz", "2.csv.gz", "3.csv.gz", "4.csv.gz"):
        content = gzip.compress(HEADER + name.encode() + b',x,y\nb,"x,y\n')
        company.write(f"salesforce/account/{name}", content)
    landed = company.land()
    assert landed.fates("salesforce.account") == [(None, "malformed_row")] * 4
    assert landed.reports["salesforce.account"].rows_kept == 4


def test_broken_rows_count_as_read_and_the_fates_of_the_others_do_not_change(company):
    company.write("salesforce/account/1.csv", b"id,name\na,x\na,x\nbroken\n,y\n")
    company.write("salesforce/account/2.csv", b"name,id\nx,a\ny,\xff\n")
    (company.root / "salesforce" / "account.csv").unlink()
    landed = company.land()
    assert landed.reports["salesforce.account"].rows_read == 6
    assert landed.values("salesforce.account", "id, name") == [("a", "x")]
    assert landed.fates("salesforce.account") == [
        *[("a", "repeated")] * 2,
        *[(None, "malformed_row")] * 2,
        (None, "null_key"),
    ]


def test_a_row_longer_than_any_row_is_broken(company):
    rows, broken = outcome(company, HEADER + b"a," + b"x" * 3_000_000 + b",y\nz,last,row\n")
    assert rows == [GOOD]
    assert [line for line, _ in broken] == [2]


def test_one_stray_quote_in_a_long_file_costs_one_row(company):
    lines = b"".join(b"k%d,x,y\n" % number for number in range(300_000))
    rows, broken = outcome(company, HEADER + b'a,"x,y\n' + lines)
    assert len(rows) == 300_000
    assert broken == [(2, 'a,"x,y')]


def test_a_header_over_several_lines_counts_as_lines(company):
    company.write("salesforce/account.csv", b'id,"mood\nof\nday"\na\nb,x\n')
    landed = company.land()
    assert landed.query("SELECT line FROM landed_audit.set_aside_rows") == [(4,)]


def test_salvaging_can_be_read_from_progress(company):
    company.write("salesforce/account.csv", HEADER + b"a\n")
    lines: list[str] = []
    company.land(progress=lines.append)
    assert lines[0] == "salesforce.account: salesforce/account.csv, 1 broken rows set aside"
