"""No mart shows anybody's name or address, and nothing published does where the company says so."""

import re
import shutil
from collections.abc import Iterable
from pathlib import Path

import duckdb
import pytest

from pipegen.alerts.messages import PUBLISHED, Notified, Situation, news
from pipegen.publishing.digest import active_users, read_digest
from pipegen.settings import Settings
from tests.support.light import built
from tests.support.running import Warehouse, differences, once

# Columns of the raw tables that hold people.
PEOPLE = {
    "salesforce/user": ("name", "first_name", "last_name", "email"),
    "salesforce/contact": ("name", "first_name", "last_name", "email"),
    "salesforce/lead": ("name", "first_name", "last_name", "email"),
    "marketo/lead": ("first_name", "last_name", "email"),
}

PROMISED = {"marts.source_scorecard": ["owner"]}

# What differs in a second run, masked or not, and what quotes typed text.
CHANGES = PROMISED | {
    "marts.hygiene_findings": ["detail"],
    "marts.map_feedback": ["is_changed"],
}


def _people(raw: Path) -> set[str]:
    """Names and addresses in raw tables, trimmed and in lower case."""
    found: set[str] = set()
    for table, columns in PEOPLE.items():
        for file in raw.glob(f"{table}.*"):
            rows = duckdb.connect().from_query(f"from '{file}'")
            for column in set(columns) & set(rows.columns):
                for (text,) in rows.project(f"trim(lower({column}::varchar))").fetchall():
                    found |= {text} if text else set()
    assert len(found) > 5, f"{raw} knows nobody"
    return found


def _people_in(texts: Iterable[str], people: set[str]) -> set[str]:
    """Those named in texts, as whole words."""
    names = [re.escape(one) for one in people if "@" not in one]
    named = re.compile(rf"(?<!\w)(?:{'|'.join(names)})(?!\w)")
    found: set[str] = set()
    for text in texts:
        lower = text.lower()
        found |= {lower.strip()} & people | set(named.findall(lower))
        if "@" in lower:
            # A hyphen or dot may be part of the address or around it.
            found |= {one for one in people if "@" in one and one in lower}
    return found


def _shown(
    warehouse: Warehouse, schemas: list[str], people: set[str], left_out: dict[str, list[str]]
) -> list[str]:
    """Where a published table shows somebody, a line per column."""
    lines = []
    with duckdb.connect(str(warehouse.path), read_only=True) as connection:
        columns = connection.execute(
            "select schema_name || '.' || table_name, column_name from duckdb_columns() "
            "where list_contains(?, schema_name) and data_type like 'VARCHAR%' "
            "and database_name = current_database()",
            [schemas],
        ).fetchall()
        for table, column in columns:
            if column in left_out.get(table, ()):
                continue
            texts = connection.execute(
                f"select distinct {column}::varchar from {table} where {column} is not null"
            )
            if found := _people_in((text for (text,) in texts.fetchall()), people):
                lines.append(f"{table}.{column} shows {', '.join(sorted(found)[:3])}")
    return lines


def _alerts(warehouse: Warehouse) -> dict[str, str]:
    """Every message that a first run sends, by audience."""
    database = Settings.of({}, home=str(warehouse.path.parent)).warehouse
    day = warehouse.one("select max(as_of_date) from marts.double_counting")
    situation = Situation(PUBLISHED, (), read_digest(database, day))
    told = {}
    for audience in (
        "ops", "revops", "team:sales", "team:marketing", "team:data",
        *(f"owner:{user}" for user in active_users(database)),
    ):  # fmt: skip
        message, _ = news(audience, situation, Notified(), "https://crm.example/{record_id}")
        if message:
            told[audience] = f"{message.title}\n{message.body}"
    return told


@pytest.fixture(scope="session")
def masked_warehouse(
    shared_folder: Path, casebook: dict[str, object], casebook_built: Warehouse
) -> Warehouse:
    """The worked company once more, on the home of the first run, with names masked from now on."""

    def publish(home: Path) -> Path:
        shutil.copytree(casebook_built.path.parent, home)
        seeds = home.parent / "seeds"
        shutil.copytree(str(casebook["seeds"]), seeds)
        with (seeds / "settings.yml").open("a") as settings:
            settings.write("\nmask_personal_data: true\n")
        masked = built(home, is_tested=False, is_reviewed=True, **casebook | {"seeds": seeds})
        return masked.path

    return Warehouse(once(shared_folder / "masked", publish))


def test_no_mart_of_the_worked_company_shows_anybody(
    casebook: dict[str, object], casebook_warehouse: Warehouse
) -> None:
    people = _people(Path(str(casebook["raw"])))
    assert _shown(casebook_warehouse, ["core"], people, {}), "core has the names; none is found"
    found = _shown(casebook_warehouse, ["marts"], people, PROMISED)
    assert not found, "\n" + "\n".join(found)


def test_no_mart_of_the_demo_shows_anybody(demo_warehouse: Warehouse) -> None:
    people = _people(demo_warehouse.path.parent / "demo" / "raw")
    assert len(people) > 10_000
    found = _shown(demo_warehouse, ["marts"], people, PROMISED)
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize("company", ["casebook", "demo"])
def test_no_alert_shows_anybody(company: str, request: pytest.FixtureRequest) -> None:
    warehouse: Warehouse = request.getfixturevalue(f"{company}_warehouse")
    if company == "demo":
        people = _people(warehouse.path.parent / "demo" / "raw")
    else:
        people = _people(Path(str(request.getfixturevalue("casebook")["raw"])))
    told = _alerts(warehouse)
    assert {"revops", "team:sales"} <= told.keys()
    owners = [text for audience, text in told.items() if audience.startswith("owner:")]
    names = warehouse.rows("select opportunity_name from core.dim_opportunities")
    assert any(name in text for text in owners for (name,) in names if name), "no deal is named"
    found = {
        audience: who for audience, text in told.items() if (who := _people_in([text], people))
    }
    assert not found


def test_no_alert_names_a_deal_where_names_are_masked(
    casebook_warehouse: Warehouse, masked_warehouse: Warehouse
) -> None:
    names = {
        name
        for (name,) in casebook_warehouse.rows(
            "select distinct opportunity_name from core.dim_opportunities "
            "where opportunity_name is not null"
        )
    }
    assert len(names) > 5
    told = _alerts(masked_warehouse)
    assert any(audience.startswith("owner:") for audience in told)
    assert not [name for name in names if any(name in text for text in told.values())]


def test_nothing_published_shows_anybody_where_names_are_masked(
    casebook: dict[str, object], masked_warehouse: Warehouse
) -> None:
    """Nor what the run before wrote down, when names were not masked."""
    people = _people(Path(str(casebook["raw"])))
    found = _shown(masked_warehouse, ["core", "marts", "audit"], people, {})
    assert not found, "\n" + "\n".join(found)
    # Whole rows and addresses are not even there as a mask.
    assert masked_warehouse.one("select count(*) from audit.quarantined_rows") > 0
    assert masked_warehouse.one("select count(row_json) from audit.quarantined_rows") == 0
    assert masked_warehouse.one("select count(email) from core.dim_users") == 0
    home = masked_warehouse.path.parent
    for page in (home / "findings" / "index.html", home / "review" / "latest" / "index.html"):
        assert not _people_in([page.read_text("utf-8")], people), f"{page} shows somebody"
    assert "masked-" in (home / "findings" / "index.html").read_text("utf-8")


def test_a_mask_changes_no_number(
    casebook_built: Warehouse, masked_warehouse: Warehouse
) -> None:
    """Leads are still matched to contacts by address, and actions to who agreed to them."""
    before, after = (
        {
            table: rows
            for table, rows in warehouse.cells(CHANGES).items()
            # The ledger has the lines of both runs.
            if table.startswith("marts.") and table != "marts.reported_numbers"
        }
        for warehouse in (casebook_built, masked_warehouse)
    )
    assert not (told := differences(before, after)), told
    masks = masked_warehouse.rows("select user_name from core.dim_users")
    names = casebook_built.rows("select user_name from core.dim_users")
    assert len(set(masks)) == len(set(names)) > 3
