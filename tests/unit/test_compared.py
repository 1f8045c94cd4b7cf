"""Whatever of the raw tables does not meet the seeds and settings is told, with count and cost."""

import dataclasses

import pytest

from pipegen import landing
from pipegen.cli.doctor import examine
from pipegen.company import compared
from pipegen.company.compared import likely_column
from pipegen.company.seeds import rows_in_force
from pipegen.company.settings import company_vars
from pipegen.company.survey import RawSurvey, ReferenceUse, StageUse, TableSeen
from pipegen.contract.tables import TABLES
from pipegen.project import PROJECT
from pipegen.runs.plan import plan_run
from pipegen.runs.surveyed import survey_of, told_of_data
from pipegen.settings import Settings
from tests.support.light import Silent
from tests.support.running import write_company

SETTINGS = company_vars()


@pytest.fixture(scope="module")
def demos():
    """The rows of the demo company's seeds."""
    return rows_in_force(PROJECT / "seeds")


def seen(**fields):
    """A survey in which nothing is amiss, but for what is given."""
    return RawSurvey(**fields)


def told(survey, seeds, settings=SETTINGS):
    return compared.compared(survey, seeds, settings)


def test_nothing_is_told_where_everything_meets(demos):
    survey = seen(
        tables=tuple(TableSeen(t.system, t.name, True) for t in TABLES),
        stages=(StageUse(" discovery ", 3, 4),),
        counts={"types": {"new logo": 2}, "lead sources": {"WEB": 1}, "currencies": {"USD": 5},
                "salesforce touches": {"task:Whatever": 9, "campaign:Other": 1}},
        accounts=3,
        sizes={1: 1, 200: 1, 90_000: 1},
    )  # fmt: skip
    assert told(survey, demos) == []


def test_a_stage_without_a_row_is_told_with_its_deals(demos):
    survey = seen(stages=(StageUse("3 - Solution Fit", 109, 98), StageUse("Discovery", 5, 5),
                          StageUse("Odd", 0, 1)))  # fmt: skip
    [line] = told(survey, demos)
    assert line.startswith("stages.csv lacks '3 - Solution Fit': 109 deals, 'Odd': 1 deal. ")


VALUES = [
    ("types", {"Pilot": 2}, "opportunity_types.csv lacks 'Pilot': 2 deals: their motion is told"),
    ("roles", {"Night Shift": 1, "Nobody's": 0}, "team_roles.csv lacks 'Night Shift': 1 user: "),
    ("lead sources", {"Web ": 3, "Psst": 2}, "source_rules.csv has no rule lead_source for 'Psst'"),
    ("source field", {"Web": 3}, "source_rules.csv has no rule source_field for 'Web': 3 deals"),
    ("campaign types", {"Web": 3}, "source_rules.csv has no rule campaign_type for 'Web': 3 camp"),
    ("salesforce statuses", {"Known": 3}, "lifecycle_statuses.csv lacks, of salesforce, 'Known'"),
    ("marketo statuses", {"Zzz": 3}, "lifecycle_statuses.csv lacks, of marketo, 'Zzz': 3 people"),
    ("marketo touches", {"open_email": 4}, "touch_types.csv lacks, of marketo, 'open_email': 4 ac"),
    ("currencies", {"GBP": 2, "EUR": 1}, "no exchange rate for 'GBP': 2 deals: they count with no"),
]


@pytest.mark.parametrize(("kind", "counts", "words"), VALUES, ids=lambda one: str(one)[:20])
def test_a_value_without_a_row_is_told_with_its_count(demos, kind, counts, words):
    [line] = told(seen(counts={kind: counts}, rated=frozenset({"EUR"})), demos)
    assert line.startswith(words)
    assert "Nobody's" not in line and "Web '" not in line and "EUR" not in line


def test_a_touch_type_that_no_wildcard_takes_is_told(demos):
    without = {**demos, "touch_types": [row for row in demos["touch_types"]
                                        if row.raw_type != "task:*"]}  # fmt: skip
    survey = seen(counts={"salesforce touches": {"task:Fax": 9, "campaign:Odd": 1}})
    [line] = told(survey, without)
    assert line.startswith("touch_types.csv lacks, of salesforce, 'task:Fax': 9 activities")


def test_many_values_are_counted_after_the_first_and_any_text_stays_in_one_line(demos):
    names = {f"T{n}": 10 - n for n in range(7)} | {"a\nb" + "x" * 80: 20}
    [line] = told(seen(counts={"types": names}), demos)
    assert "\n" not in line
    assert "'a b" in line and "x…': 20 deals, 'T0': 10 deals" in line
    assert "3 more: 15 deals" in line
    assert "'T4'" not in line


def test_accounts_in_no_segment_are_told(demos):
    [line] = told(seen(accounts=9, sizes={0: 4, 5: 5}), demos)
    assert line.startswith("segments.csv has no segment for 4 accounts with a number of employees")
    [line] = told(seen(accounts=9, accounts_without_employees=6, sizes={5: 3}), demos)
    assert line.startswith("6 of 9 accounts have no number of employees")


def test_targets_of_segments_and_channels_that_do_not_exist_are_told(demos):
    def moved(name, column, value):
        rows = [row.model_copy(update={column: value}) for row in demos[name][:2]]
        return {**demos, name: rows + list(demos[name][2:])}

    for name in ("quotas", "creation_targets", "capacity_plan"):
        [line] = told(seen(), moved(name, "segment", "midmarket"))
        assert line.startswith(f"{name}.csv is for segment 'midmarket': 2 rows, which segments.csv")
        assert line.endswith("is it mid_market?")
    [line] = told(seen(), moved("mql_targets", "channel", "webinars"))
    assert line.startswith("mql_targets.csv is for channel 'webinars': 2 rows, which touch_types")
    assert told(seen(), moved("quotas", "segment", "Unknown ")) == []


def opportunity(missing=(), unread=(), **more):
    return TableSeen("salesforce", "opportunity", True, "salesforce/opportunity.csv",
                     missing=tuple(missing), unread=tuple(unread), **more)  # fmt: skip


def test_a_configured_column_that_no_file_has_is_told_with_the_nearest_header(demos):
    table = opportunity(["Lead_Origin__c", "loss_reason_c"], ["LeadOrigins", "Colour"])
    own = {**SETTINGS["custom_columns"], "pipeline_source": "Lead_Origin__c"}
    [line] = told(seen(tables=(table, MARKETO)), demos, SETTINGS | {"custom_columns": own})
    assert line == (
        "settings.yml: custom_columns: pipeline_source names Lead_Origin__c, which "
        "salesforce/opportunity.csv does not have; is it LeadOrigins?"
    )
    # The company has no such field, and has not said that it has.
    assert told(seen(tables=(table, MARKETO)), demos) == []


def test_a_passed_on_column_that_no_file_has_is_told(demos):
    table = opportunity([], ["Region__c", "Tier__c"])
    settings = SETTINGS | {"pass_through_columns": {"opportunity": ["region_c", "Tiers__c"]}}
    [line] = told(seen(tables=(table, MARKETO)), demos, settings)
    assert line == (
        "settings.yml: pass_through_columns: opportunity names Tiers__c, which "
        "salesforce/opportunity.csv does not have; is it Tier__c?"
    )


MARKETO = TableSeen("marketo", "lead", True)


def test_an_absent_table_or_column_is_told_with_what_it_costs(demos):
    """The demo's rule asks for a decision maker, an amount and a close date."""
    table = TableSeen("salesforce", "opportunity_contact_role", False)
    [line] = told(seen(tables=(MARKETO, opportunity(), table)), demos)
    assert line == (
        "no contact roles (salesforce.opportunity_contact_role): decision makers are unknown, and "
        "the rule that requires one (requires_decision_maker) admits no deal"
    )
    lenient = [row.model_copy(update={"requires_decision_maker": False, "requires_amount": False})
               for row in demos["qualification_rules"]]  # fmt: skip
    without = {**demos, "qualification_rules": lenient}
    [line] = told(seen(tables=(MARKETO, opportunity(), table)), without)
    assert line.endswith(": decision makers are unknown")
    [line] = told(seen(tables=(MARKETO, opportunity(["amount", "next_step"]))), demos)
    assert line == (
        "no column amount in salesforce.opportunity: no deal has an amount, and the rule that "
        "requires one (requires_amount) admits no deal"
    )
    [line] = told(seen(tables=(opportunity(),)), demos)
    assert line.startswith("no Marketo tables: ")


def test_what_another_absence_says_already_is_not_told(demos):
    tables = [TableSeen("salesforce", name, False)
              for name in ("lead", "lead_history", "user_role")]  # fmt: skip
    lines = told(seen(tables=(MARKETO, opportunity(), *tables)), demos)
    assert [line.partition(" (")[0] for line in lines] == ["no leads", "no roles of users"]
    user = TableSeen("salesforce", "user", True, missing=("user_role_id",))
    [line] = told(seen(tables=(MARKETO, opportunity(), user, tables[2])), demos)
    assert line.startswith("no column user_role_id in salesforce.user: ")


def test_what_is_said_of_absent_tables_and_columns_is_about_the_contract():
    contract = {table.label: {column.name for column in table.columns} for table in TABLES}
    assert compared.TABLES.keys() <= contract.keys()
    for label, columns in compared.COLUMNS.items():
        assert columns.keys() <= contract[label]
    for label, column in compared.CRITERIA.values():
        assert column in contract[label]


LABELS = [
    ("Amount (USD)", "amount"),
    ("Close Date", "close_date"),
    ("Lead Source", "lead_source"),
    ("Stage", "stage_name"),
    ("Opportunity Name", "name"),
    ("Opportunity ID", "id"),
    ("Probability (%)", "probability"),
    ("Account ID", "account_id"),
    ("Account", "account_id"),
    ("Opportunity Owner", "owner_id"),
    ("Created Date", "created_date"),
    ("Fiscal Period", None),
    ("Amount Discounted", None),
]


@pytest.mark.parametrize(("header", "column"), LABELS)
def test_the_likely_column_of_a_label(header, column):
    [table] = [one for one in TABLES if one.label == "salesforce.opportunity"]
    assert likely_column(header, opportunity(column.name for column in table.columns)) == column


def test_a_label_is_told_only_where_the_column_is_missing(demos):
    labelled = opportunity(["amount"], ["Amount (USD)", "Close Date"])
    lines = told(seen(tables=(MARKETO, labelled)), demos)
    assert lines[0] == (
        "salesforce/opportunity.csv is not read in full: 'Amount (USD)' is likely amount; rename "
        "the headers"
    )


IGNORED = [
    ("salesforce/opportunities.csv", "salesforce.opportunity"),
    ("salesforce/sf_opportunity.parquet", "salesforce.opportunity"),
    ("salesforce/Oportunity.csv", "salesforce.opportunity"),
    ("marketo/opportunity.csv", None),
    ("salesforce/notes.txt", None),
    ("salesforce.opportunities", "salesforce.opportunity"),
]


@pytest.mark.parametrize(("file", "table"), IGNORED)
def test_a_file_that_is_not_read_is_told_with_the_likely_table(demos, file, table):
    absent = dataclasses.replace(opportunity(), is_there=False)
    [line] = told(seen(tables=(MARKETO, absent), ignored=(file,)), demos)
    assert line == (f"{file} is not read; is it {table}?" if table else f"not read: {file}")


def test_references_that_lead_nowhere_are_told_the_greatest_share_first(demos):
    roles = ReferenceUse("salesforce.opportunity_contact_role.contact_id",
                         ("salesforce.contact",), 10, 9)  # fmt: skip
    tasks = ReferenceUse("salesforce.task.who_id",
                         ("salesforce.contact", "salesforce.lead"), 2_000, 1_000)  # fmt: skip
    whole = ReferenceUse("salesforce.contact.account_id", ("salesforce.account",), 7, 0)
    [line] = told(seen(references=(whole, tasks, roles)), demos)
    assert line == (
        "references that lead nowhere: 9 of 10 in salesforce.opportunity_contact_role.contact_id "
        "lead to no row of salesforce.contact; 1,000 of 2,000 in salesforce.task.who_id lead to no "
        "row of salesforce.contact or salesforce.lead"
    )
    many = [dataclasses.replace(roles, label=f"salesforce.t{n}.id") for n in range(6)]
    [line] = told(seen(references=tuple(many)), demos)
    assert line.endswith(", and 1 more column")
    [line] = told(seen(references=(*many, tasks)), demos)
    assert line.endswith(", and 2 more columns") and "who_id" not in line


DEALS = [
    {"id": f"{n}", "account_id": "a", "stage_name": stage, "type": "Pilot", "Amount (USD)": "5",
     "created_date": "2026-01-01", "lead_source": "Web"}
    for n, stage in enumerate(["3 - Solution Fit", "3 - Solution Fit", "Discovery"])
]  # fmt: skip


def test_the_doctor_and_the_first_lines_of_a_run_say_it(tmp_path):
    """From files to words: counted, compared with the seeds that hold, told in both places."""
    raw = write_company(tmp_path / "crm", {
        "opportunity": DEALS,
        "account": [{"id": "a", "number_of_employees": "0"}],
        "user_role": [{"id": "r", "name": "Night Shift"}],
        "user": [{"id": "u", "user_role_id": "r"}],
        "contact": [{"id": "c", "account_id": "a"}, {"id": "d", "account_id": "gone"}],
    })  # fmt: skip
    (raw / "salesforce" / "oportunity_history.csv").write_text("id\n")
    settings = Settings.of(
        {"PIPEGEN_HOME": str(tmp_path / "home"), "PIPEGEN_RAW": str(raw),
         "PIPEGEN_SEEDS": str(PROJECT / "seeds")}
    )  # fmt: skip
    expected = [
        "salesforce/opportunity.csv is not read in full: 'Amount (USD)' is likely amount",
        "no column amount in salesforce.opportunity: no deal has an amount, and the rule",
        "no contact roles (salesforce.opportunity_contact_role): decision makers are unknown, and",
        "stages.csv lacks '3 - Solution Fit': 2 deals",
        "opportunity_types.csv lacks 'Pilot': 3 deals",
        "team_roles.csv lacks 'Night Shift': 1 user",
        "segments.csv has no segment for 1 account",
        "references that lead nowhere: 1 of 2 in salesforce.contact.account_id lead to no row of "
        "salesforce.account",
        "salesforce/oportunity_history.csv is not read; is it salesforce.opportunity_history?",
    ]

    class Heard(Silent):
        def __init__(self):
            self.steps = []

        def step(self, words):
            self.steps.append(words)

    heard = Heard()
    plan_run(settings, heard)
    notes = [one.words for one in examine(settings, SETTINGS) if one.mark == "note"]
    for words in expected:
        assert sum(line.startswith(words) for line in heard.steps) == 1, f"{words}: {heard.steps}"
        assert sum(line.startswith(words) for line in notes) == 1, f"{words}: {notes}"


def test_ids_of_both_lengths_meet_and_what_is_deleted_is_there_but_refers_to_nothing(tmp_path):
    raw = write_company(tmp_path / "crm", {
        "opportunity": DEALS,
        "account": [{"id": "001A000000aBcDe"},
                    {"id": "001A000000aBcDX", "is_deleted": "true"}],
        "contact": [
            {"id": "c", "account_id": "001A000000aBcDeIAM"},
            {"id": "d", "account_id": "001A000000aBcDX"},
            {"id": "e", "account_id": "001A000000abcde", "is_deleted": "false"},
            {"id": "f", "account_id": "nowhere", "is_deleted": "true"},
            {"id": "g", "account_id": "null"},
        ],
    })  # fmt: skip
    source = landing.open_source(str(raw), raw)
    found = survey_of(source, SETTINGS, is_deep=False)
    assert ReferenceUse("salesforce.contact.account_id", ("salesforce.account",), 3, 1) in (
        found.references
    )


def test_a_table_that_cannot_be_counted_is_told(demos):
    lines = told(seen(uncounted=("salesforce.task: no file",)), demos)
    assert lines == ["not compared with the seeds: salesforce.task: no file"]


def test_a_broken_line_hides_no_other(tmp_path):
    """The run sets it aside; the others are compared all the same."""
    raw = write_company(tmp_path / "crm", {"opportunity": DEALS})
    with (raw / "salesforce" / "opportunity.csv").open("a") as file:
        file.write('x,"a"b,c\n')
    source = landing.open_source(str(raw), raw)
    settings = Settings.of({"PIPEGEN_RAW": str(raw), "PIPEGEN_SEEDS": str(PROJECT / "seeds")})
    lines = told_of_data(settings, source, SETTINGS, is_deep=True)
    assert any(one.startswith("stages.csv lacks '3 - Solution Fit': 2 deals") for one in lines)
    assert not any(one.startswith("not compared with the seeds: ") for one in lines)


def test_logs_and_activities_are_looked_into_only_when_asked(tmp_path):
    raw = write_company(tmp_path / "crm", {
        "opportunity": DEALS[2:],
        "opportunity_history": [{"id": "h", "opportunity_id": "2", "stage_name": "Old"}],
        "event": [{"id": "e"}],
    })  # fmt: skip
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    (seeds / "stages.csv").write_bytes((PROJECT / "seeds/rules/stages.csv").read_bytes())
    (seeds / "touch_types.csv").write_text(
        "system,raw_type,touch_kind,channel,team,is_marketing\n"
    )
    settings = Settings.of({"PIPEGEN_RAW": str(raw), "PIPEGEN_SEEDS": str(seeds)})
    source = landing.open_source(str(raw), raw)

    def lines(is_deep):
        return "\n".join(told_of_data(settings, source, SETTINGS, is_deep=is_deep))

    logged = "stages.csv lacks 'Old': 1 deal", "touch_types.csv lacks, of salesforce, 'event'"
    for words in logged:
        assert words in lines(True)
        assert words not in lines(False)
