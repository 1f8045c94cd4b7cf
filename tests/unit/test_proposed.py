"""A set of seeds is proposed from what raw tables hold, and every line of it can be checked."""

import csv
import datetime as dt
import io

import duckdb
import pytest

from pipegen import landing
from pipegen.company.proposed import fiscal_year, group_of, ordered, proposed_set
from pipegen.company.seeds import check_seeds
from pipegen.company.settings import company_vars, read_settings
from pipegen.company.survey import FiscalUse, RawSurvey, StageUse, TableSeen
from pipegen.errors import PipegenError
from pipegen.landing.counted import counted
from pipegen.runs.init import init
from pipegen.settings import Settings
from tests.support.cases import BRIGHTWATER, HARBOUR_LANE, MAVEN
from tests.support.running import write_company

TODAY = dt.date(2026, 5, 20)


def use(name, probability=None, place=None, **more):
    return StageUse(name, 5, 9, probability=probability, place=place, **more)


def survey_of(raw, is_deep=True):
    defaults = company_vars()
    return counted(
        landing.open_source(str(raw), raw),
        custom_columns=defaults["custom_columns"],
        lifecycle_fields=defaults["lifecycle_fields"],
        is_deep=is_deep,
    )


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


GROUPS = [
    # The CRM's own flags decide before any name.
    (use("Closed Won", won_share=0.0, closed_share=1.0), "lost"),
    (use("Signed", won_share=1.0, closed_share=1.0), "won"),
    (use("Lost in space", won_share=0.0, closed_share=0.0), "open"),
    (use("Closed/Won"), "won"),
    (use("6 - LOST"), "lost"),
    (use("Closed - No Decision"), "lost"),
    (use("Disqualified"), "lost"),
    (use("Gewonnen"), "won"),
    (use("Not won"), "lost"),
    (use("Booked", probability=100), "won"),
    (use("Booked", forecast_category="Closed"), "won"),
    (use("Parked", probability=0, place=1.0), "lost"),
    # An early stage may well have a probability of 0, or be left out of the forecast.
    (use("Prospecting", probability=0, place=0.0), "open"),
    (use("Intro call", probability=5, forecast_category="Omitted"), "open"),
    (use("Wonderful fit"), "open"),
]


@pytest.mark.parametrize(("stage", "group"), GROUPS, ids=lambda one: getattr(one, "name", one))
def test_the_group_of_a_stage_is_told_by_flags_then_name_then_probability(stage, group):
    assert group_of(stage)[0] == group


def test_open_stages_are_ordered_by_probability():
    uses = [use("C", 90.2), use("Won", 100), use("A", 10.4), use("Lost", 0), use("B", 50)]
    stages = ordered(uses)
    found = [(one.use.name, one.order, one.group, one.is_late) for one in stages]
    assert found == [
        ("A", 1, "open", False),
        ("B", 2, "open", False),
        ("C", 3, "open", True),
        ("Won", 4, "won", False),
        ("Lost", 5, "lost", False),
    ]


def test_stages_of_one_probability_are_ordered_by_their_usual_names():
    names = ["Negotiation", "Prospecting", "Proposal", "Discovery"]
    stages = ordered([use(name, 40.0, place=1 - n / 4) for n, name in enumerate(names)])
    assert [one.use.name for one in stages] == [
        "Prospecting", "Discovery", "Proposal", "Negotiation"
    ]  # fmt: skip


def test_without_probability_and_usual_names_stages_are_ordered_by_when_deals_came():
    stages = ordered([use("Zulu", place=0.1), use("Alfa", place=0.9), use("Mike", place=0.5)])
    assert [(one.use.name, one.is_late) for one in stages] == [
        ("Zulu", False), ("Mike", False), ("Alfa", True)
    ]  # fmt: skip


def test_the_canonical_name_is_the_name_without_its_number():
    stages = ordered([use("3 - Solution Fit", 30), use("04. Proposal/Quote", 40), use("提案", 50)])
    assert [one.canonical for one in stages] == ["solution_fit", "proposal_quote", "提案"]


def test_names_that_differ_in_punctuation_alone_stay_apart():
    """One canonical name with two orders would stop the run."""
    stages = ordered([use("1 - Demo", 10), use("2 - Demo", 20)])
    assert len({one.canonical for one in stages}) == 2


def fiscal_uses(start, named_by="end", years=(2024, 2025), shift=0):
    """100 deals a month; `shift` of them in the first month of a quarter are in the one before."""
    found = []
    for year in years:
        for month in range(1, 13):
            place = (month - start) % 12
            first = year if month >= start else year - 1
            name = first + 1 if named_by == "end" and start > 1 else first
            quarter = place // 3 + 1
            if shift and place % 3 == 0:
                before = quarter - 1 or 4
                found.append(FiscalUse(name - (before == 4), before, year, month, shift))
            moved = shift if place % 3 == 0 else 0
            found.append(FiscalUse(name, quarter, year, month, 100 - moved))
    return found


@pytest.mark.parametrize("start", [1, 2, 7, 10])
@pytest.mark.parametrize("named_by", ["end", "start"])
def test_the_fiscal_year_is_the_one_in_which_the_crm_puts_deals(start, named_by):
    found = fiscal_year(fiscal_uses(start, named_by))
    assert (found.start_month, found.is_months) == (start, True)
    assert found.named_by == (named_by if start > 1 else "end")


def test_quarters_that_begin_within_a_month_are_not_made_of_months():
    assert fiscal_year(fiscal_uses(2, shift=10)).is_months is False


def test_too_few_deals_or_none_prove_nothing_about_the_fiscal_year():
    few = [FiscalUse(2024, 1, 2024, 1, 3), FiscalUse(2024, 1, 2024, 4, 1)]
    assert (fiscal_year(few).start_month, fiscal_year(few).is_months) == (None, True)
    assert fiscal_year([]).start_month is None


def test_a_set_whose_year_is_made_of_weeks_is_refused_by_name(tmp_path):
    seen = RawSurvey(stages=(use("New"),), fiscal=tuple(fiscal_uses(2, shift=10)))
    files = proposed_set(seen, "crm", TODAY)
    (tmp_path / "settings.yml").write_text(files["settings.yml"])
    with pytest.raises(PipegenError, match=r"settings.yml: fiscal_calendar weeks is not built yet"):
        read_settings(tmp_path)


@pytest.mark.parametrize("calendar", ["4-4-5", "4-5-4", "13_periods", "weeks"])
def test_a_fiscal_calendar_that_is_not_built_is_refused_and_months_are_not(tmp_path, calendar):
    settings = tmp_path / "settings.yml"
    settings.write_text(f"fiscal_calendar: {calendar}\n")
    with pytest.raises(PipegenError, match="is not built yet: fiscal quarters are three calendar"):
        read_settings(tmp_path)
    settings.write_text("fiscal_calendar: months\n")
    assert "fiscal_calendar" not in read_settings(tmp_path)
    settings.write_text("fiscal_calendar: lunar\n")
    with pytest.raises(PipegenError, match="'lunar' is not one of months, weeks, 4-4-5"):
        read_settings(tmp_path)


@pytest.mark.parametrize("company", [BRIGHTWATER, HARBOUR_LANE, MAVEN], ids=lambda one: one.name)
def test_a_proposed_set_can_be_run_and_agrees_with_the_one_written_by_hand(company, tmp_path):
    """The groups of all stages, and the order of those that a person put in one."""
    folder = tmp_path / "seeds"
    init(folder, Settings.of({"PIPEGEN_RAW": str(company / "raw")}), TODAY)
    check_seeds(folder)
    read_settings(folder)
    ours = {row["stage_name"]: row for row in rows((folder / "stages.csv").read_text())}
    theirs = {row["stage_name"]: row for row in rows((company / "seeds/stages.csv").read_text())}
    both = ours.keys() & theirs.keys()
    assert len(both) >= 4
    assert {n: ours[n]["stage_group"] for n in both} == {n: theirs[n]["stage_group"] for n in both}
    order = sorted(both, key=lambda name: int(ours[name]["stage_order"]))
    by_hand = [int(theirs[name]["stage_order"]) for name in order]
    assert by_hand == sorted(by_hand), order
    motions = {row["type"]: row["motion"] for row in rows(
        (folder / "opportunity_types.csv").read_text()
    )} if (folder / "opportunity_types.csv").exists() else {}  # fmt: skip
    for row in rows((company / "seeds/opportunity_types.csv").read_text()):
        assert motions.get(row["type"], row["motion"]) == row["motion"]


def test_each_line_has_its_count_and_a_reason_and_is_to_be_checked():
    seen = RawSurvey(
        tables=(TableSeen("salesforce", "opportunity", True, missing=("loss_reason_c",),
                          unread=("Closed_Lost_Reason__c",)),),
        deals=12,
        stages=(use("3 - Solution Fit", 30), use("Won", 100)),
        counts={
            "types": {"Renewal": 3, "Pilot": 1},
            "lead sources": {"Web": 7, "Xyz": 2},
            "roles": {"Sales Dev Rep": 4, "Janitor": 1},
            "contact roles": {"Economic Buyer": 2, "Influencer": 5},
            "salesforce statuses": {"Working - Contacted": 2},
            "currencies": {"EUR": 9, "USD": 3},
        },
        corporate_currency="EUR",
        fiscal=tuple(fiscal_uses(2)),
        accounts=8,
        accounts_without_employees=3,
    )  # fmt: skip
    files = proposed_set(seen, "crm", TODAY)
    check = files["CHECK.md"].splitlines()
    for line in (
        "| [ ] | 3 - Solution Fit | 5 deals now, 9 ever | open, order 1 |",
        "| [ ] | Renewal | 3 deals | renewal |",
        "| [ ] | Pilot | 1 deal | no row |",
        "| [ ] | lead_source Web | 7 deals | marketing |",
        "| [ ] | lead_source Xyz | 2 deals | no row |",
        "| [ ] | Janitor | 1 user | other |",
        "| [ ] | Economic Buyer | 2 contact roles | a decision maker |",
        "| [ ] | salesforce Working - Contacted | 2 people | sal |",
        "| [ ] | corporate_currency | EUR 9, USD 3 | EUR |",
        "| [ ] | fiscal_year_start_month |  | 2 |",
    ):
        assert any(found.startswith(line) for found in check), line
    assert any("3 of 8 accounts have no number of employees" in line for line in check)
    assert any("No deal is in a stage that is lost" in line for line in check)
    assert "#   loss_reason: Closed_Lost_Reason__c" in files["settings.yml"].splitlines()
    assert "corporate_currency: EUR" in files["settings.yml"].splitlines()
    assert files["opportunity_types.csv"] == "type,motion\nRenewal,renewal\n"
    assert files["quotas.csv"] == "fiscal_quarter,segment,motion,quota\n"
    # Of what nobody has, the default holds.
    assert "touch_types.csv" not in files and "segments.csv" not in files


def test_what_the_crm_says_is_text_on_the_page():
    seen = RawSurvey(stages=(use("A | <b>*_x_*</b> `y`"), use("Won")))
    [line] = [row for row in proposed_set(seen, "crm", TODAY)["CHECK.md"].splitlines()
              if "A " in row and row.startswith("| [ ]")]  # fmt: skip
    assert line.startswith(r"| [ ] | A \| \<b\>\*\_x\_\*\</b\> \`y\` |")


def test_without_raw_tables_the_set_has_the_stages_that_the_crm_comes_with(tmp_path):
    init(tmp_path / "mine", None, TODAY)
    check_seeds(tmp_path / "mine")
    read_settings(tmp_path / "mine")
    stages = rows((tmp_path / "mine" / "stages.csv").read_text())
    assert [row["stage_name"] for row in stages][:2] == ["Prospecting", "Qualification"]
    assert [row["stage_group"] for row in stages][-2:] == ["won", "lost"]


def test_names_that_seeds_take_for_one_are_one_row(tmp_path):
    """A blank that is no space would make two rows of one name, and the set could not be used."""
    uses = (use("Demo", 10), use("Demo\u00a0", 10), use("Won", 100))
    counts = {kind: {"Web": 3, "Web\u00a0": 2, "Renewal": 2} for kind in ("types", "lead sources",
              "roles", "contact roles", "salesforce statuses")}  # fmt: skip
    files = proposed_set(RawSurvey(stages=uses, counts=counts), "crm", TODAY)
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    check_seeds(tmp_path)
    assert [row["stage_name"] for row in rows(files["stages.csv"])] == ["Demo", "Won"]
    assert "| [ ] | lead_source Web | 5 deals |" in files["CHECK.md"]


def test_values_that_nobody_would_check_one_by_one_are_counted():
    counts = {"lead sources": {f"Web {n}": 200 - n for n in range(150)}}
    files = proposed_set(RawSurvey(stages=(use("New"),), counts=counts), "crm", TODAY)
    assert files["source_rules.csv"].count(",lead_source,") == 100
    assert "- lead sources: 50 more values, each used less often" in files["CHECK.md"]


def test_a_set_is_proposed_from_tables_that_a_loader_put_into_the_warehouse(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        connection.execute("create schema salesforce")
        for table in ("account", "opportunity", "user"):
            connection.execute(
                f'create table salesforce."{table}" as '
                f"from read_csv('{BRIGHTWATER / 'raw' / 'salesforce' / table}.csv')"
            )
    settings = Settings.of({"PIPEGEN_RAW": "warehouse", "PIPEGEN_HOME": str(home)})
    init(tmp_path / "mine", settings, TODAY)
    check_seeds(tmp_path / "mine")
    names = {row["stage_name"] for row in rows((tmp_path / "mine" / "stages.csv").read_text())}
    assert {"Closed Won", "Proposal"} <= names


def test_without_any_status_none_is_mapped():
    """The default's would be findings, a row each: statuses that no record ever had."""
    files = proposed_set(RawSurvey(stages=(use("New"),)), "crm", TODAY)
    assert files["lifecycle_statuses.csv"] == "system,raw_status,lifecycle_stage\n"
    counts = {"salesforce statuses": {"Zzz": 1}}
    files = proposed_set(RawSurvey(stages=(use("New"),), counts=counts), "crm", TODAY)
    assert "lifecycle_statuses.csv" not in files


def test_a_folder_with_anything_in_it_is_left_as_it_is(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(PipegenError, match="nothing in it is overwritten: name a new folder"):
        init(tmp_path, None, TODAY)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_raw_tables_without_deals_give_no_set(tmp_path):
    raw = write_company(tmp_path / "crm", rows={})
    with pytest.raises(PipegenError, match="has no deals to propose stages from"):
        init(tmp_path / "mine", Settings.of({"PIPEGEN_RAW": str(raw)}), TODAY)
    assert not (tmp_path / "mine").exists()


def test_a_survey_counts_records_once_and_deleted_ones_not_at_all(tmp_path):
    deals = [
        {"id": "1", "stage_name": " Demo ", "type": "New", "probability": "30", "amount": "5"},
        {"id": "1", "stage_name": "demo", "type": "new", "probability": "30", "amount": "5"},
        {"id": "2", "stage_name": "Demo", "type": "New", "probability": "50", "amount": ""},
        {"id": "3", "stage_name": "Demo", "type": "New", "probability": "1000", "amount": "1"},
        {"id": "4", "stage_name": "Gone", "type": "Old", "probability": "1", "amount": "1",
         "is_deleted": "TRUE"},
        {"id": "5", "stage_name": "Won", "type": "NULL", "probability": "100", "amount": "1"},
    ]  # fmt: skip
    history = [
        {"id": "h1", "opportunity_id": "5", "created_date": "2026-01-01", "stage_name": "Demo"},
        {"id": "h2", "opportunity_id": "5", "created_date": "2026-02-01", "stage_name": "Won"},
    ]
    raw = write_company(tmp_path, {"opportunity": deals, "opportunity_history": history})
    found = survey_of(raw)
    stages = {stage.name: stage for stage in found.stages}
    assert found.deals == 4
    assert stages.keys() == {"Demo", "Won"}
    assert (stages["Demo"].deals, stages["Demo"].deals_ever) == (3, 4)
    assert stages["Demo"].without_amount == 1
    # 30, 30 and 50: a probability of 1000 is none.
    assert stages["Demo"].probability == pytest.approx(110 / 3)
    assert (stages["Demo"].place, stages["Won"].place) == (0.0, 1.0)
    assert dict(found.of("types")) == {"New": 3}
    # Without logs, the history is left to the run.
    assert survey_of(raw, is_deep=False).stages[0].deals_ever == 3
