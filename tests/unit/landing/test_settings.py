"""A company's own settings: the right ones reach dbt, the wrong ones are named."""


import pytest
import yaml

from pipegen.company.settings import read_settings
from pipegen.errors import PipegenError
from pipegen.project import PROJECT
from tests.support.cases import BRIGHTWATER, MAVEN

DBT_PROJECT = PROJECT / "dbt_project.yml"


@pytest.fixture
def known():
    return yaml.safe_load(DBT_PROJECT.read_text())["vars"]


@pytest.fixture
def read(tmp_path, known):
    """Settings read from a text."""

    def read_text(text):
        (tmp_path / "settings.yml").write_text(text)
        return read_settings(tmp_path, known)

    return read_text


@pytest.fixture
def problem(read):
    """The one problem of a text."""

    def problem_of(text):
        with pytest.raises(PipegenError) as caught:
            read(text)
        [found] = caught.value.problems
        assert "\n" not in found
        return found

    return problem_of


def test_without_a_file_the_defaults_hold(tmp_path, known):
    assert read_settings(tmp_path, known) == known


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "\ufeff"])
def test_an_empty_file_sets_nothing(read, known, text):
    assert read(text) == known


def test_what_is_set_stands_and_the_rest_keeps_its_default(read, known):
    settings = read("business_timezone: Europe/Berlin\nmax_source_share: 1\nstale_days: 0\n")
    changed = {"business_timezone": "Europe/Berlin", "max_source_share": 1, "stale_days": 0}
    assert settings == known | changed


def test_lifecycle_fields_may_be_named_for_one_kind_of_record(read, known):
    settings = read("lifecycle_fields:\n  salesforce.contact: []\n")
    assert settings["lifecycle_fields"] == known["lifecycle_fields"] | {"salesforce.contact": []}


def test_custom_columns_may_be_named_in_part(read, known):
    settings = read("custom_columns:\n  cloned_from: parent__c\n")
    assert settings["custom_columns"] == known["custom_columns"] | {"cloned_from": "parent__c"}


@pytest.mark.parametrize("yes", ["true", "yes", "on"])
def test_personal_data_is_masked_where_the_company_says_so(read, known, yes):
    assert known["mask_personal_data"] is False
    assert read(f"mask_personal_data: {yes}\n")["mask_personal_data"] is True


@pytest.mark.parametrize("off", ["off", '"off"', "'off'", "OFF"])
@pytest.mark.parametrize("name", ["duplicate_match", "recycle_match"])
def test_off_means_off_with_and_without_quotes(read, name, off):
    assert read(f"{name}: {off}\n")[name] == "off"


@pytest.mark.parametrize("company", [BRIGHTWATER, MAVEN], ids=lambda one: one.name)
def test_the_settings_of_other_companies_are_read(known, company):
    assert read_settings(company / "seeds", known).keys() == known.keys()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("stale_dayz: 3", "stale_dayz is not a setting; did you mean stale_days?"),
        ("mood: 3", "mood is not a setting; settings are as_of, attribution_half_life_days,"),
        ("as_of: 2026-01-01", "as_of is set per run, not per company; use PIPEGEN_AS_OF"),
        ("stale_days: many", "stale_days must be a whole number, not 'many'"),
        ("stale_days: 1.5", "stale_days must be a whole number, not 1.5"),
        ("stale_days: true", "stale_days must be a whole number, not True"),
        ("stale_days:", "stale_days must be a whole number, not None"),
        ("stale_days: -1", "stale_days -1 is negative"),
        ("attribution_half_life_days: 0", "attribution_half_life_days 0 is not above 0"),
        ("default_win_rate: 21", "default_win_rate 21 is not between 0 and 1"),
        ("pushed_count: 0", "pushed_count 0 is not above 0"),
        ("full_quarters: 0", "full_quarters 0 is not above 0"),
        ("history_periods: 0", "history_periods 0 is not above 0"),
        ("quarters_ahead: 13", "quarters_ahead 13 is not a number of quarters from 1 to 12"),
        ("behind_threshold: -0.1", "behind_threshold -0.1 is not between 0 and 1"),
        ("max_source_share: .nan", "max_source_share nan is not between 0 and 1"),
        ('default_win_rate: "0.2"', "default_win_rate must be a number, not '0.2'"),
        ("business_timezone: Berlin", "business_timezone 'Berlin' is not an IANA time zone"),
        ("business_timezone: 1", "business_timezone must be text, not 1"),
        ("fiscal_year_start_month: 13", "fiscal_year_start_month 13 is not a month (1 to 12)"),
        ("fiscal_year_start_month: 0", "fiscal_year_start_month 0 is not a month (1 to 12)"),
        ("corporate_currency: euro", "corporate_currency 'euro' is not a currency code"),
        ("duplicate_match: account", "duplicate_match 'account' is not one of account_and_amount"),
        ("duplicate_match: true", "duplicate_match must be text, not True"),
        (
            "recycle_match: name",
            "recycle_match 'name' is not one of account, account_and_name, off",
        ),
        ("placeholder_amounts: 1", "placeholder_amounts must be a list, not 1"),
        ("placeholder_amounts: [one]", "placeholder_amounts 'one' is not a number"),
        ("coverage_excluded_sources: [Self Serve]", "'Self Serve' is not the name of a source"),
        ("fiscal_year_named_by: first", "fiscal_year_named_by 'first' is not one of end, start"),
        ("custom_columns: x", "custom_columns must be lines of the form `name: value`, not 'x'"),
        ("custom_columns: {clone: x}", "custom_columns has no clone; did you mean cloned_from?"),
        ("custom_columns: {cloned_from: }", "must have a name for cloned_from, not None"),
        ("raw_tables: {salesforce.opps: x}", "has no salesforce.opps; did you mean salesforce."),
        ("raw_schemas: {oracle: x}", "raw_schemas has no oracle"),
        ("lifecycle_fields: {marketo.leads: [x]}", "has no marketo.leads; did you mean marketo.l"),
        ("lifecycle_fields: {marketo.lead: x}", "must list the fields of marketo.lead, not 'x'"),
        ("lifecycle_fields: {marketo.lead: [\"x'\"]}", "not the name of a field of marketo.lead"),
        ("mask_personal_data: 1", "mask_personal_data must be true or false, not 1"),
        ('mask_personal_data: "true"', "mask_personal_data must be true or false, not 'true'"),
        ("mask_personal_data:", "mask_personal_data must be true or false, not None"),
    ],
)
def test_a_setting_that_is_wrong_is_named(problem, text, words):
    found = problem(text)
    assert found.startswith("settings.yml: ")
    assert words in found


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("stale_days: 1\nstale_days: 2\n", "settings.yml line 2: stale_days is set twice"),
        ("stale_days: 1\n  x: [\n", "settings.yml line 2: "),
        ("a: b: c\n", "settings.yml line 1: "),
        ("\tstale_days: 1\n", "settings.yml line 1: "),
        ("- stale_days\n", "settings.yml must hold lines of the form `setting: value`"),
        ("stale_days\n", "settings.yml must hold lines of the form `setting: value`"),
        ("x: !!python/object:os.system {}\n", "settings.yml line 1: "),
    ],
)
def test_a_file_that_is_no_yaml_of_settings_is_named_with_its_line(problem, text, start):
    assert problem(text).startswith(start)


def test_a_file_that_is_no_text_is_named(tmp_path, known):
    (tmp_path / "settings.yml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PipegenError, match=r"settings\.yml is not text in UTF-8"):
        read_settings(tmp_path, known)


def test_a_file_of_the_other_ending_is_not_passed_over(tmp_path, known):
    (tmp_path / "settings.yaml").write_text("stale_days: 1\n")
    with pytest.raises(PipegenError, match=r"rename it to settings\.yml"):
        read_settings(tmp_path, known)


def test_all_problems_are_reported_at_once(read):
    with pytest.raises(PipegenError) as caught:
        read("stale_days: x\nmood: y\n")
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("company_stage: huge", "company_stage 'huge' is not one of early, growth, scale"),
        ("review_lookback_days: [7, 28]", "review_lookback_days must have 14, which the reviews"),
        ("review_lookback_days: [7, 14, 28, 0]", "must hold whole numbers of days above 0"),
        ("review_lookback_days: [7, 14, 28, true]", "must hold whole numbers of days above 0"),
        ("review_actions_source: 7", "review_actions_source must be text, not 7"),
    ],
)
def test_a_review_that_could_not_be_held_is_named(problem, text, words):
    assert words in problem(text)


def test_the_cadences_look_back_on_days_that_the_marts_know(known):
    from pipegen.review import cadence

    days = {one.lookback_days for stage in cadence.STAGES for one in cadence.meetings(stage)}
    assert days <= set(known["review_lookback_days"])
