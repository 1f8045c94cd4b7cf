"""One company, however people and loaders write it, gives the same landed tables.

What is landed decides every number, so what holds here holds for each cell of core and marts. A
failure is a company whose numbers depend on its loader.
"""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipegen import landing
from pipegen.contract.tables import Column
from tests.support import landed_sql, raw_company
from tests.support.cases import BRIGHTWATER
from tests.support.raw_company import RawCompany, instants, instead_of_nothing, words
from tests.unit.landing.conftest import Landed

Ways = dict[str, Callable[[RawCompany, Path], None]]
_IDS = ("id", "salesforce_id", "code", "email")


def long_id(text: str, column: Column) -> str:
    """An id of the form of Salesforce's for an id of the company, of 18 characters."""
    if column.kind != "salesforce_id" or not text.strip() or not text.strip().isalnum():
        return text
    short = text.strip().ljust(15, "x")
    capitals = [
        sum(2**n for n, letter in enumerate(short[part : part + 5]) if "A" <= letter <= "Z")
        for part in (0, 5, 10)
    ]
    return short + "".join("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[place] for place in capitals)


def short_id(text: str, column: Column) -> str:
    """Every id of 18 characters without its checksum."""
    return text[:15] if len(text) == 18 else text


def with_offset(hours: int, text: str) -> Callable[[dt.datetime], str]:
    return lambda at: f"{at + dt.timedelta(hours=hours):%Y-%m-%d %H:%M:%S}{text}"


def cells(change: Any, kinds: tuple[str, ...]) -> Callable[[RawCompany, Path], None]:
    return lambda company, root: company.with_cells(change, kinds).write(root)


def files(**options: Any) -> Callable[[RawCompany, Path], None]:
    return lambda company, root: company.write(root, **options)


TIMES = ("timestamp",)
WAYS: Ways = {
    "headers in capitals": files(header=str.upper),
    "headers as in the API": files(header=raw_company.api_name),
    "headers with blanks": files(header=lambda name: name.replace("_", " ")),
    "every cell in quotes": files(quoting=1),
    "lines that end as on Windows": files(lineterminator="\r\n"),
    "a byte order mark": files(encode=lambda text: text.encode("utf-8-sig")),
    "columns in another order": files(columns=lambda names: names[::-1]),
    "rows in another order": files(order=lambda rows: rows[::-1]),
    "three parts": files(parts=3),
    "compressed": files(suffix="csv.gz"),
    "compressed parts": files(suffix="csv.gz", parts=2),
    "Parquet": files(suffix="parquet"),
    "parts of Parquet": files(suffix="parquet", parts=2),
    "NULL in empty ids": cells(instead_of_nothing("NULL"), _IDS),
    "\\N in empty ids": cells(instead_of_nothing("\\N"), _IDS),
    "None in empty ids": cells(instead_of_nothing("None"), _IDS),
    "nan in empty ids": cells(instead_of_nothing("nan"), _IDS),
    "#N/A in empty ids": cells(instead_of_nothing("#N/A"), _IDS),
    "N/A in empty ids": cells(instead_of_nothing("N/A"), _IDS),
    "ids of 15 characters": cells(short_id, ("salesforce_id",)),
    "instants as Snowflake writes them": cells(instants(with_offset(0, ".000 +0000")), TIMES),
    "instants as BigQuery writes them": cells(instants(with_offset(0, " UTC")), TIMES),
    "instants as Postgres writes them": cells(instants(with_offset(0, "+00")), TIMES),
    "instants in another zone": cells(instants(with_offset(-5, "-05:00")), TIMES),
    "instants in a zone without a colon": cells(instants(with_offset(9, " +0900")), TIMES),
    "instants as Airbyte writes them": cells(instants(lambda at: f"{at:%FT%T}.000000Z"), TIMES),
    "instants without a zone": cells(instants(with_offset(0, "")), TIMES),
    "booleans as Y and N": cells(words("Y", "N"), ("boolean",)),
    "booleans as 1.0 and 0.0": cells(words("1.0", "0.0"), ("boolean",)),
    "booleans as TRUE and FALSE": cells(words("TRUE", "FALSE"), ("boolean",)),
}


# Together they have columns of every kind, repeated keys, and values that can't be read.
TABLES = (
    "salesforce.account", "salesforce.contact", "salesforce.user", "salesforce.opportunity",
    "marketo.lead",
)  # fmt: skip


@pytest.fixture(scope="module")
def whole() -> RawCompany:
    """The hand-worked company, with ids of Salesforce's form."""
    return RawCompany.read(BRIGHTWATER / "raw").with_cells(long_id)


@pytest.fixture(scope="module")
def company(whole: RawCompany) -> RawCompany:
    return whole.only(TABLES)


def landed(source: landing.RawSource) -> dict[str, list[tuple[Any, ...]]]:
    """All landed tables, and what became of every row."""
    with duckdb.connect() as connection:
        landed_sql.land(connection, source)
        found = Landed(connection)
        found.assert_balanced()
        everything = found.everything()
    # As written, an instant that can't be read may be in any form.
    del everything["unparsed"]
    return everything


def written_plainly(company: RawCompany, root: Path) -> dict[str, Any]:
    company.write(root)
    return landed(landing.open_source(str(root), root / "none.duckdb"))


@pytest.fixture(scope="module")
def expected(company: RawCompany, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return written_plainly(company, tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="module")
def expected_whole(whole: RawCompany, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return written_plainly(whole, tmp_path_factory.mktemp("whole"))


@pytest.mark.parametrize("way", WAYS)
def test_a_company_is_the_same_however_it_is_written(way, company, expected, tmp_path):
    WAYS[way](company, tmp_path)
    found = landed(landing.open_source(str(tmp_path), tmp_path / "none.duckdb"))
    assert found == expected


LOADERS = {
    "Fivetran": raw_company.fivetran,
    "Airbyte": raw_company.airbyte,
    "dlt": raw_company.dlt,
    "Stitch": raw_company.stitch,
}


@pytest.mark.parametrize("loader", LOADERS)
def test_a_company_is_the_same_whoever_loaded_it(loader, whole, expected_whole, tmp_path):
    path = tmp_path / "warehouse.duckdb"
    schemas = {"salesforce": "crm_raw", "marketo": "map_raw"}
    LOADERS[loader](whole, path, schemas)
    source = landing.open_source("warehouse", path, landing.Places(schemas=schemas))
    assert landed(source) == expected_whole
    assert source.ignored() == []
    assert landing.loaders(source) == [loader]


def test_there_are_thirty_ways() -> None:
    assert len(WAYS) >= 30
