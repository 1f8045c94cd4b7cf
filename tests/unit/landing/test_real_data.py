"""Exports from other tools, and the worked company. What is in tests/cases is the first rows of
each; where ../shared lies beside the project, the whole files are read too."""

import csv
import shutil

import pytest

from tests.support.cases import BRIGHTWATER, EXPORTS, MAVEN, SHARED

PACKAGES = ["dbt_salesforce", "dbt_salesforce_87e0537_campaign", "dbt_marketo_source"]

FIVETRAN = [f for f in (EXPORTS / "fivetran", SHARED / "data" / "fivetran") if f.is_dir()]
DATA_EXPORTS = [
    folder
    for folder in (EXPORTS / "data_export", SHARED / "data" / "salesforce_devorg_export")
    if folder.is_dir()
]


def test_the_worked_companys_deals_are_accounted_for_as_its_readme_says(company_at):
    company = company_at.__new__(company_at)
    company.root = BRIGHTWATER / "raw"
    landed = company.land()
    deals = landed.reports["salesforce.opportunity"]
    assert (deals.rows_read, deals.rows_kept, deals.rows_deleted) == (125, 116, 2)
    assert landed.fates("salesforce.opportunity") == [
        ("006V67", "superseded"),
        ("006V68", "repeated"),
        ("006V68", "superseded"),
        *[("006V71", "ambiguous_key")] * 2,
        ("006V72", "superseded"),
        (None, "null_key"),
    ]
    deleted = landed.values("salesforce.opportunity", "is_deleted, id")[-2:]
    assert deleted == [(True, "006V46"), (True, "006V72")]
    assert landed.unparsed() == [
        ("opportunity", "006V66", "close_date", "soon"),
        ("opportunity_history", "008V67bad", "created_date", "2026-13-45"),
    ]
    kept = "SELECT name, amount FROM landed_salesforce.opportunity WHERE id = '006V67' "
    kept += "AND set_aside_reason IS NULL"
    assert len(landed.query(kept)) == 1


def test_maven_lands_completely_except_for_missing_dates(company_at):
    company = company_at.__new__(company_at)
    company.root = MAVEN / "raw"
    landed = company.land()
    assert landed.reports["salesforce.opportunity"].rows_kept == 8800
    undated = "SELECT count(*) FROM landed_salesforce.opportunity WHERE created_date IS NULL"
    homeless = "SELECT count(*) FROM landed_salesforce.opportunity WHERE account_id IS NULL"
    assert landed.query(undated) == [(500,)]
    assert landed.query(homeless) == [(1425,)]
    assert landed.unparsed() == []
    assert all(r.rows_set_aside == 0 for r in landed.reports.values())


@pytest.mark.parametrize("package", PACKAGES)
@pytest.mark.parametrize("folder", FIVETRAN, ids=["excerpt", "whole"][: len(FIVETRAN)])
def test_every_seed_of_fivetrans_packages_lands_with_every_row_accounted_for(
    company, package, folder
):
    rows = {}
    for seed in sorted((folder / package).glob("*_data.csv")):
        system, name = seed.name.removesuffix("_data.csv").split("_", 1)
        system = {"sf": "salesforce", "marketo": "marketo"}[system]
        target = company.root / system / f"{name}.csv"
        target.parent.mkdir(exist_ok=True)
        shutil.copy(seed, target)
        rows[f"{system}.{name}"] = _records(seed)
    landed = company.land()
    present = {label: r.rows_read for label, r in landed.reports.items() if label in rows}
    assert present == {label: rows[label] for label in present}
    assert len(present) >= 2
    # Nothing real fails to parse.
    assert landed.unparsed() == []


def _records(path):
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return sum(1 for row in csv.reader(stream) if row) - 1


@pytest.mark.parametrize("folder", FIVETRAN, ids=["excerpt", "whole"][: len(FIVETRAN)])
def test_fivetrans_ids_and_sentinels_are_read_as_they_are(company, folder):
    source = folder / "dbt_marketo_source"
    (company.root / "marketo").mkdir()
    shutil.copy(
        source / "marketo_activity_merge_leads_data.csv",
        company.root / "marketo" / "activity_merge_leads.csv",
    )
    merges = company.land().values("marketo.activity_merge_leads", "merge_ids")
    assert ("[1286861]",) in merges
    assert all(text is None or text.strip("[0123456789]") == "" for (text,) in merges)


@pytest.mark.parametrize("folder", DATA_EXPORTS, ids=["invented", "real"][: len(DATA_EXPORTS)])
def test_a_data_export_lands_with_every_row_accounted_for(company, folder):
    for file in folder.glob("*.csv"):
        (company.root / "salesforce" / f"{file.stem.lower()}.csv").unlink(missing_ok=True)
        shutil.copy(file, company.root / "salesforce" / file.name)
    (company.root / "salesforce" / "user.csv").unlink()
    company.write("salesforce/User.csv", "Id,Name\n")
    landed = company.land()
    for file in folder.glob("*.csv"):
        [report] = [
            r
            for r in landed.reports.values()
            if r.system == "salesforce" and r.table_name.replace("_", "") == file.stem.lower()
        ]
        assert report.rows_kept == report.rows_read == _records(file) > 0
    assert landed.unparsed() == []
    zeros = "SELECT count(*) FROM landed_salesforce.account WHERE parent_id LIKE '0000%'"
    assert landed.query(zeros) == [(0,)]
