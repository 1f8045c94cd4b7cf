"""A company's own rules, checked before anything is built on them: by file, line and column."""

import datetime as dt

import pytest

from pipegen.company.seeds import (
    OPTIONAL_SEEDS,
    SEEDS,
    check_seed,
    check_seeds,
    demos_seeds,
    seed_files,
    told_missing,
    with_kept_rows,
)
from pipegen.company.settings import company_vars
from pipegen.errors import PipegenError
from pipegen.project import PROJECT
from pipegen.settings import Settings
from pipegen.transform import run_vars, seeds_within_project
from tests.support.cases import BRIGHTWATER, MAVEN

DEFAULTS = PROJECT / "seeds"


@pytest.fixture
def seeds(tmp_path):
    """The smallest set that passes: a header each, and a row where one is needed."""
    folder = tmp_path / "seeds"
    folder.mkdir()
    for seed in SEEDS:
        (folder / f"{seed.name}.csv").write_text(",".join(seed.columns) + "\n")
    add(folder, "stages", "New,new,1,open,false")
    add(folder, "qualification_rules", "2020-01-01,1,365,true,true,true,false")
    return folder


def add(folder, seed, *rows):
    with (folder / f"{seed}.csv").open("a") as stream:
        stream.writelines(f"{row}\n" for row in rows)


def problems(folder):
    with pytest.raises(PipegenError) as caught:
        check_seeds(folder)
    for problem in caught.value.problems:
        assert "\n" not in problem
    return list(caught.value.problems)


def test_the_smallest_set_passes(seeds):
    check_seeds(seeds)


def test_a_source_is_any_name_that_somebody_answers_for(seeds):
    add(seeds, "source_rules", "1,lead_source,Community,community")
    (seeds / "settings.yml").write_text("coverage_excluded_sources: [community]\n")
    setting, rule = sorted(problems(seeds))
    assert rule.startswith("source_rules.csv line ")
    assert setting.startswith("settings.yml: coverage_excluded_sources 'community' is neither")
    add(seeds, "source_owners", "community,Cara,")
    check_seeds(seeds)


def test_the_default_set_passes():
    check_seeds(DEFAULTS)


@pytest.mark.parametrize("company", [BRIGHTWATER, MAVEN], ids=lambda one: one.name)
def test_the_sets_of_other_companies_pass(company):
    check_seeds(company / "seeds")


def test_the_contracts_seeds_and_columns_are_known():
    assert len(SEEDS) == 19
    assert ",".join(SEEDS[5].columns) == (
        "effective_from,min_stage_order,max_horizon_days,requires_amount,requires_close_date,"
        "requires_source,requires_decision_maker"
    )


def test_a_folder_that_is_not_there_is_named(tmp_path):
    assert problems(tmp_path / "none") == [
        f"the folder of seeds {tmp_path / 'none'} does not exist"
    ]


def test_a_file_in_place_of_the_folder_is_named(tmp_path):
    (tmp_path / "seeds.csv").touch()
    [problem] = problems(tmp_path / "seeds.csv")
    assert problem.endswith("seeds.csv is a file, not a folder")


def test_misspelt_seeds_are_named_at_once_with_what_they_may_be(seeds):
    """A set need not have every seed, so that a misspelt one would be taken for one left out."""
    (seeds / "quotas.csv").rename(seeds / "Quotas.csv")
    (seeds / "segments.csv").rename(seeds / "segment.csv")
    segments, quotas = problems(seeds)
    assert segments == f"segments.csv is missing from the seeds in {seeds}; is it segment.csv?"
    assert quotas == f"quotas.csv is missing from the seeds in {seeds}; is it Quotas.csv?"


def test_a_file_of_another_name_beside_the_seeds_is_no_mistake(seeds):
    (seeds / "quotas.csv").rename(seeds / "quotas_of_last_year.csv")
    check_seeds(seeds)


@pytest.fixture
def stages_alone(tmp_path):
    """A set of nothing but stages."""
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "stages.csv").write_text(f"{','.join(SEEDS[0].columns)}\nNew,new,1,open,false\n")
    return folder


def copied_rows(folder, tmp_path):
    """What dbt gets of a set: the rows of each seed."""
    settings = Settings.of({"PIPEGEN_HOME": str(tmp_path / "home"), "PIPEGEN_SEEDS": str(folder)})
    with seeds_within_project(settings) as copy:
        files = (PROJECT / copy).parent.rglob("*.csv")
        return {file.stem: file.read_text().splitlines() for file in files}


def test_stages_are_enough_for_a_set(stages_alone, tmp_path):
    """Any company may start from common titles and types, but from nobody else's plan or people."""
    check_seeds(stages_alone)
    rows = copied_rows(stages_alone, tmp_path)
    defaults = {name: path.read_text().splitlines() for name, path in seed_files(DEFAULTS).items()}
    assert rows.keys() >= {seed.name for seed in SEEDS + OPTIONAL_SEEDS}
    for name in ("opportunity_types", "team_roles", "segments", "decision_roles", "source_rules",
                 "lifecycle_statuses", "touch_types", "benchmarks"):  # fmt: skip
        assert rows[name] == defaults[name]
    for name in ("stage_entry_criteria", "source_owners", "source_shares", "creation_targets",
                 "quotas", "mql_targets", "capacity_plan", "exclusions", "review_actions",
                 "rep_targets", "lead_source_channels"):  # fmt: skip
        assert rows[name] == defaults[name][:1], f"{name} is the demo company's own"
    # The demo company changed its rule in 2025, and nobody else did.
    assert rows["qualification_rules"][1:] == ["2000-01-01,1,365,true,true,true,false"]
    assert rows["stages"] == (stages_alone / "stages.csv").read_text().splitlines()


def test_a_seed_that_is_there_is_taken_before_the_default(stages_alone, tmp_path):
    (stages_alone / "segments.csv").write_text("segment,min_employees,max_employees\nours,0,\n")
    assert copied_rows(stages_alone, tmp_path)["segments"][1:] == ["ours,0,"]


def test_without_stages_nothing_is_built(stages_alone):
    (stages_alone / "stages.csv").unlink()
    [problem] = problems(stages_alone)
    assert problem.startswith(f"stages.csv is missing from the seeds in {stages_alone}: ")
    assert "pipegen init" in problem


def test_a_default_that_cannot_hold_is_named_as_a_default(stages_alone):
    stages = stages_alone / "stages.csv"
    stages.write_text(stages.read_text().replace("new,1", "new,0"))
    [problem] = problems(stages_alone)
    assert problem.startswith("the project's default qualification_rules.csv line 2: min_stage_")


def test_the_run_says_in_one_line_what_holds_in_place_of_missing_seeds(seeds):
    """A header without rows is a seed too: the company has said that it has none."""
    assert told_missing(seeds) == (
        f"not in the seeds {seeds}: the project's defaults hold for proposal_rules, "
        "attribution_weights; empty are rep_targets, lead_source_channels"
    )
    for name in ("segments", "quotas"):
        (seeds / f"{name}.csv").unlink()
    assert told_missing(seeds) == (
        f"not in the seeds {seeds}: the project's defaults hold for segments, proposal_rules, "
        "attribution_weights; empty are quotas, rep_targets, lead_source_channels"
    )
    assert told_missing(DEFAULTS) == ""


def test_a_default_that_is_taken_is_one_of_the_rules_that_numbers_go_by(stages_alone, tmp_path):
    """Otherwise a number that changes with the project's default would have no cause."""
    own = Settings.of({"PIPEGEN_HOME": str(tmp_path), "PIPEGEN_SEEDS": str(stages_alone)})

    def version():
        return run_vars(own, company_vars(), dt.date(2026, 1, 1))["definitions_version"]

    without = version()
    same = seed_files(DEFAULTS)["segments"].read_bytes()
    (stages_alone / "segments.csv").write_bytes(same)
    assert version() == without
    (stages_alone / "segments.csv").write_bytes(same.replace(b"199", b"198"))
    assert version() != without


def test_the_demos_own_rows_in_another_set_are_found(seeds):
    assert demos_seeds(seeds) == []
    demos = seed_files(DEFAULTS)
    # One quota that is the demo's too is a coincidence.
    [header, first, second, *_] = demos["quotas"].read_text().splitlines()
    (seeds / "quotas.csv").write_text(f"{header}\n{first}\nFY2026-Q2,mid,expansion,7\n")
    assert demos_seeds(seeds) == []
    (seeds / "quotas.csv").write_text(f"{header}\n{first}\n{second}\nFY2026-Q2,mid,expansion,7\n")
    (seeds / "source_owners.csv").write_bytes(demos["source_owners"].read_bytes())
    # Rules that any company may share with the demo.
    (seeds / "segments.csv").write_bytes(demos["segments"].read_bytes())
    assert demos_seeds(seeds) == ["source_owners", "quotas"]


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("role", "is missing role_name, team, has unknown role;"),
        ("role_name,team,mood", "the header has unknown mood;"),
        ("role_name,Team", "is missing team, has unknown Team;"),
        ("role_name,team,team", "the header repeats team;"),
        ("role_name;team", "is missing role_name, team, has unknown role_name;team;"),
    ],
)
def test_a_header_that_differs_is_named_with_what_it_must_be(seeds, header, words):
    (seeds / "team_roles.csv").write_text(f"{header}\n")
    [problem] = problems(seeds)
    assert problem.startswith("team_roles.csv line 1: the header")
    assert words in problem
    assert problem.endswith("it must name role_name, team")


def test_the_order_of_columns_is_free_and_a_byte_order_mark_no_harm(seeds):
    text = "\ufeffteam,role_name\r\nsdr,Rep\r\n"
    (seeds / "team_roles.csv").write_bytes(text.encode())
    check_seeds(seeds)


ROWS = [
    ("stages", "Old,old,1,opn,false", "stage_group 'opn' is not one of open, won, lost"),
    ("stages", "Old,old,one,open,false", "stage_order 'one' is not a whole number of 0 or more"),
    ("stages", "Old,old,1,open,maybe", "is_late_stage 'maybe' is neither true nor false"),
    ("stages", ",old,1,open,true", "stage_name is empty"),
    ("stages", "Old,old,,open,true", "stage_order is empty"),
    ("stages", "Old,old,1,open", "4 cells, but the header names 5 columns"),
    ("stages", "Old,old,1,open,true,", "6 cells, but the header names 5 columns"),
    ("stages", "", "the line is blank; remove it"),
    ("stages", " new ,other,2,open,false", "stage_name ' new ' is on line 2 already"),
    ("stages", "B,new,2,open,false", "stage_order 2 of canonical_stage 'new' is 1 on line 2"),
    ("stages", "B,NEW,1,won,false", "stage_group 'won' of canonical_stage 'NEW' is 'open' on"),
    ("stages", "B,new,1,open,true", "is_late_stage true of canonical_stage 'new' is false on"),
    ("opportunity_types", "A,renewals", "motion 'renewals' is not one of new_business"),
    ("team_roles", "A,SDR", "team 'SDR' is not one of sdr, ae, marketing, partner, cs, other"),
    ("segments", "all,1,2", "segment 'all' is a word the marts use for themselves"),
    ("segments", "a,10,9", "min_employees 10 is above max_employees 9"),
    ("segments", "a,-1,9", "min_employees '-1' is not a whole number"),
    ("segments", "a,1,2.5", "max_employees '2.5' is not a whole number"),
    ("segments", "a,1, ", "max_employees ' ' is not a whole number"),
    (
        "qualification_rules",
        "2020-01-01,1,9,true,true,true,true",
        "effective_from 2020-01-01 is on",
    ),
    ("qualification_rules", "2021-1-1,2,9,true,true,true,true", "'2021-1-1' is no date"),
    ("qualification_rules", "2021-02-30,2,9,true,true,true,true", "'2021-02-30' is no date"),
    ("qualification_rules", "2021-01-01,2,9,1,true,true,true", "requires_amount '1' is neither"),
    ("stage_entry_criteria", "new,money", "criterion 'money' is not one of stage, amount,"),
    ("stage_entry_criteria", "old,amount", "canonical_stage 'old' is in no row of stages.csv"),
    ("source_rules", "1,lead_source,Web,unknown", "pipeline_source 'unknown' is no name of"),
    ("source_rules", "1,leadsource,Web,sdr", "rule 'leadsource' is not one of source_field,"),
    ("source_rules", "1,creator_team,bdr,sdr", "value 'bdr' is no team; teams are sdr, ae,"),
    ("source_rules", "1,lead_source,Web,comunity", "pipeline_source 'comunity' is neither one of"),
    ("source_owners", "sdr,Ann,ann", "owner_email 'ann' is no e-mail address"),
    ("source_shares", "FY2026-Q1,sdr,0.9", "the shares of FY2026-Q1 sum to 0.9, not to 1"),
    ("source_shares", "FY2026-Q1,sdr,1.1", "share 1.1 is not between 0 and 1"),
    ("source_shares", "FY2026-Q5,sdr,1", "fiscal_quarter 'FY2026-Q5' is no fiscal quarter"),
    ("creation_targets", "2026-Q1,smb,5", "fiscal_quarter '2026-Q1' is no fiscal quarter"),
    ("creation_targets", "FY2026-Q1,smb,-5", "target_amount -5 is negative"),
    ("quotas", 'FY2026-Q1,smb,expansion,"1,000"', "quota '1,000' is not a decimal number"),
    ("quotas", "FY2026-Q1,smb,expansion,", "quota is empty"),
    ("quotas", "FY2026-Q1,smb,expansion,1e6", "quota '1e6' is not a decimal number"),
    ("quotas", "FY2026-Q1,smb,expansion,nan", "quota 'nan' is not a decimal number"),
    ("mql_targets", "FY2026-Q1,web,many", "target_mqls 'many' is not a whole number"),
    ("capacity_plan", "FY2026-Q1,smb,sdr,1,x", "productivity_per_head 'x' is not a decimal"),
    ("lifecycle_statuses", "sap,MQL,mql", "system 'sap' is not one of salesforce, marketo,"),
    ("lifecycle_statuses", "marketo,MQL,lead", "lifecycle_stage 'lead' is not one of inquiry,"),
    ("touch_types", "salesforce,webinar,a,b,,true", "raw_type 'webinar' is neither event nor"),
    ("touch_types", "marketo,click_email,a,b,Sales,true", "team 'Sales' is not one of sdr,"),
    ("exclusions", "deal,1,x,y,,", "record_type 'deal' is not one of opportunity, account"),
    ("exclusions", "account,1,,y,,", "reason is empty"),
    ("exclusions", "account,1,x,y,2026-02-01,2026-01-01", "effective_from 2026-02-01 is after"),
    ("benchmarks", "win_rate,all,high,2025,x", "value 'high' is not a decimal number"),
    ("review_actions", "1,2026-01-01,sdr,a,b,,maybe,,,", "status 'maybe' is not one of open,"),
    ("review_actions", "1,2026-01-02,sdr,a,b,,done,2026-01-01,,", "closed_on 2026-01-01 is before"),
    ("review_actions", "1,2026-01-02,sdr,a,b,,open,2026-01-03,,", "but status is open"),
    ("review_actions", "1,2026-01-02,sdr,a,b,,done,,,", "status is done but closed_on is empty"),
]


@pytest.mark.parametrize(("seed", "row", "words"), ROWS)
def test_a_row_that_is_wrong_is_named_by_file_line_and_column(seeds, seed, row, words):
    line = len((seeds / f"{seed}.csv").read_text().splitlines()) + 1
    add(seeds, seed, row)
    [problem] = problems(seeds)
    assert problem.startswith(f"{seed}.csv line {line}: ")
    assert words in problem


PAIRS = [
    ("segments", "a,0,99", "b,99,200", "'b' overlaps 'a' on line 2: 99 employees are in both"),
    ("segments", "a,100,", "b,,100", "'b' overlaps 'a' on line 2: 100 employees are in both"),
    ("segments", "a,1000,", "b,5000,", "5000 employees are in both"),
    ("segments", "a,0,1", "A ,2,3", "segment 'A ' is on line 2 already"),
    ("opportunity_types", "New,renewal", " new,expansion", "type ' new' is on line 2 already"),
    ("team_roles", "Rep,sdr", "REP,ae", "role_name 'REP' is on line 2 already"),
    ("decision_roles", "CEO", "ceo", "role 'ceo' is on line 2 already"),
    ("stage_entry_criteria", "new,amount", "New,amount", "canonical_stage 'New', criterion"),
    ("source_rules", "1,lead_source,a,sdr", "1,lead_source,b,sdr", "priority 1 is on line 2"),
    ("source_rules", "1,lead_source,a,sdr", "2,lead_source,A,ae", "value 'A' is on line 2"),
    ("source_owners", "sdr,a,", "sdr,b,", "pipeline_source 'sdr' is on line 2 already"),
    ("source_shares", "FY2026-Q1,sdr,0.5", "FY2026-Q1,sdr,0.5", "'sdr' is on line 2 already"),
    ("creation_targets", "FY2026-Q1,a,1", "FY2026-Q1,a,", "segment 'a' is on line 2 already"),
    ("quotas", "FY2026-Q1,a,renewal,1", "FY2026-Q1,A,renewal,1", "is on line 2 already"),
    ("mql_targets", "FY2026-Q1,web,1", "FY2026-Q1,web,2", "channel 'web' is on line 2 already"),
    ("capacity_plan", "FY2026-Q1,a,sdr,1,1", "FY2026-Q1,a,sdr,1,1", "is on line 2 already"),
    ("lifecycle_statuses", "marketo,A,mql", "marketo,a,sal", "raw_status 'a' is on line 2"),
    ("touch_types", "marketo,x,a,b,,true", "marketo,X,a,b,,true", "raw_type 'X' is on line 2"),
    ("benchmarks", "m,all,1,2025,", "m,all,2,2025,", "period '2025' is on line 2 already"),
    ("review_actions", "A,2026-01-01,,,b,,open,,,", "A,2026-01-01,,,b,,open,,,", "action_id 'A'"),
    ("exclusions", "account,1,x,y,,", "account,1,z,y,2026-01-01,", "overlap those on line 2"),
    (
        "exclusions",
        "account,1,x,y,2026-01-01,2026-02-01",
        "account,1,x,y,2026-02-01,2026-03-01",
        "the dates of account 1 overlap those on line 2",
    ),
]


@pytest.mark.parametrize(("seed", "first", "second", "words"), PAIRS)
def test_two_rows_that_cannot_both_be_are_named(seeds, seed, first, second, words):
    add(seeds, seed, first, second)
    [found, *others] = problems(seeds)
    # A repeated range overlaps as well.
    assert len(others) <= 1
    assert found.startswith(f"{seed}.csv line 3: ")
    assert words in found


@pytest.mark.parametrize(
    ("seed", "rows"),
    [
        ("stages", ["Neu,new,1,open,false", "Won,won,2,won,FALSE", "Lost,lost,2,lost,True"]),
        ("segments", ["a,0,99", "b,100,999", "c,1000,"]),
        ("segments", ["a,,99", "b,200,999"]),
        ("source_shares", ["FY2026-Q1,sdr,0.3334", "FY2026-Q1,ae,0.666", "FY2026-Q2,ae,1"]),
        ("creation_targets", ["FY2026-Q1,smb,", "FY2026-Q2,smb,0", "FY2026-Q1,big,1.50"]),
        ("quotas", ["FY2026-Q1,smb,expansion,0", "FY2026-Q1,unknown,expansion,1"]),
        ("exclusions", ["account,1,x,y,,2026-01-31", "account,1,x,y,2026-02-01,"]),
        ("exclusions", ["account,1,x,y,,", "opportunity,1,x,,,"]),
        ("touch_types", ["salesforce,campaign:*,a,b,,true", "salesforce,event,a,b,ae,false"]),
        ("source_rules", ["1,creator_team, SDR ,sdr", "2,lead_source,SDR,sdr"]),
        ("stage_entry_criteria", ["NEW,amount", "new,close_date"]),
        ("review_actions", ["A,2026-01-01,sdr,a,b,2026-02-01,done,2026-01-05,ok,pace"]),
    ],
)
def test_rows_that_are_right_pass(seeds, seed, rows):
    add(seeds, seed, *rows)
    check_seeds(seeds)


@pytest.mark.parametrize("seed", ["stages", "qualification_rules"])
def test_a_seed_that_nothing_works_without_needs_a_row(seeds, seed):
    path = seeds / f"{seed}.csv"
    path.write_text(path.read_text().splitlines()[0] + "\n")
    assert problems(seeds) == [
        f"{seed}.csv line 1: there is no row below the header, but at least one is needed"
    ]


def test_some_stage_must_be_open(seeds):
    (seeds / "stages.csv").write_text(
        "stage_name,canonical_stage,stage_order,stage_group,is_late_stage\nWon,won,1,won,false\n"
    )
    assert problems(seeds) == ["stages.csv line 1: no stage has stage_group open"]


def test_some_open_stage_must_be_high_enough_for_every_rule(seeds):
    """Otherwise no deal qualifies, and a closed one without history was never open."""
    add(seeds, "stages", "Won,won,9,won,false")
    add(seeds, "qualification_rules", "2021-01-01,2,365,true,true,true,false")
    assert problems(seeds) == [
        "qualification_rules.csv line 3: min_stage_order 2 is above every open stage of "
        "stages.csv, of which the highest has stage_order 1"
    ]


def test_problems_of_all_seeds_and_lines_are_reported_at_once(seeds):
    add(seeds, "stages", "A,a,1,opn,x", "B,b,2,open,y")
    add(seeds, "quotas", "FY,smb,x,1")
    assert [problem.split(":")[0] for problem in problems(seeds)] == [
        *("stages.csv line 3", "stages.csv line 3", "stages.csv line 4"),
        *("quotas.csv line 2", "quotas.csv line 2"),
    ]


def test_lines_are_counted_as_an_editor_counts_them(seeds):
    add(seeds, "exclusions", 'account,1,"two\nlines",y,,', "account,2,,y,,")
    assert problems(seeds) == ["exclusions.csv line 4: reason is empty"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "quotas.csv is empty"),
        (b"fiscal_quarter,segm\xe9nt", "quotas.csv is not in UTF-8"),
        (b'fiscal_quarter,"segment', "quotas.csv line 1: "),
    ],
)
def test_a_file_that_is_no_csv_is_named(seeds, content, words):
    (seeds / "quotas.csv").write_bytes(content)
    [problem] = problems(seeds)
    assert problem.startswith(words)


def test_rules_of_proposals_may_be_missing_but_not_wrong(seeds):
    check_seeds(seeds)
    rules = seeds / "proposal_rules.csv"
    header = "rule,metric,threshold,min_count,most,owner_source,sentence\n"
    rules.write_text(header + "source_behind,pace,0.2,0,5,,{subject} is behind\n")
    check_seeds(seeds)
    rules.write_text(header + "nobody_knows,pace,0.2,0,5,,{subject}\n")
    [problem] = problems(seeds)
    assert problem.startswith("proposal_rules.csv line 2: rule 'nobody_knows' is not one of ")


WEIGHTS = "model,first_touch,lead_creation,opportunity_creation,close,rest\n"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("guessed,100,0,0,0,0", "model 'guessed' is not one of "),
        ("u_shaped,50,40,0,0,0", "the weights of u_shaped sum to 90, not to 100"),
        ("u_shaped,150,-50,0,0,0", "first_touch 150 is not between 0 and 100"),
        ("u_shaped,50,50,0,0,", "rest is empty"),
    ],
)
def test_attribution_weights_may_be_missing_but_not_wrong(seeds, row, words):
    weights = seeds / "attribution_weights.csv"
    weights.write_text(WEIGHTS + "u_shaped,40,40,0,0,20\n")
    check_seeds(seeds)
    weights.write_text(WEIGHTS + row + "\n")
    assert any(problem.startswith(f"attribution_weights.csv line 2: {words}")
               for problem in problems(seeds))  # fmt: skip


def test_an_attribution_model_that_the_company_leaves_out_keeps_the_projects_weights():
    default = (DEFAULTS.parent / "rulebook" / "attribution_weights.csv").read_bytes()
    own = (WEIGHTS + "u_shaped,40,40,0,0,20\n").encode()
    lines = with_kept_rows("attribution_weights", own, default).decode().splitlines()
    assert lines[1] == "u_shaped,40,40,0,0,20"
    assert len(lines) == len(default.decode().splitlines())
    assert sum(line.startswith("u_shaped,") for line in lines) == 1
    assert with_kept_rows("proposal_rules", b"as,it,is\n", default) == b"as,it,is\n"


@pytest.mark.parametrize("name", ["proposal_rules", "attribution_weights"])
def test_the_projects_own_optional_seeds_are_right(name):
    check_seed(name, DEFAULTS.parent / "rulebook" / f"{name}.csv")


@pytest.mark.parametrize("name", ["rep_targets", "lead_source_channels"])
def test_the_demos_optional_seeds_are_nobody_elses(seeds, tmp_path, name):
    """They lie among the default seeds, and a set without them must not get the demo's rows."""
    given = {"PIPEGEN_HOME": str(tmp_path / "home"), "PIPEGEN_SEEDS": str(seeds)}
    assert len((seed_files(DEFAULTS)[name]).read_text().splitlines()) > 5
    with seeds_within_project(Settings.of(given)) as folder:
        [copy] = (PROJECT / folder).rglob(f"{name}.csv")
        assert len(copy.read_text().splitlines()) == 1
    own = seed_files(DEFAULTS)[name].read_text().splitlines()[:2]
    (seeds / f"{name}.csv").write_text("\n".join(own) + "\n")
    with seeds_within_project(Settings.of(given)) as folder:
        [copy] = (PROJECT / folder).rglob(f"{name}.csv")
        assert copy.read_text().splitlines() == own


def test_a_company_may_keep_its_seeds_in_folders(seeds):
    (seeds / "plan").mkdir()
    (seeds / "quotas.csv").rename(seeds / "plan" / "quotas.csv")
    # Not a seed: hidden folders belong to tools.
    (seeds / ".versions").mkdir()
    (seeds / ".versions" / "stages.csv").write_text("old\n")
    check_seeds(seeds)
    assert seed_files(seeds)["quotas"] == seeds / "plan" / "quotas.csv"
    assert seed_files(seeds)["stages"] == seeds / "stages.csv"


def test_two_files_of_one_name_are_refused(seeds):
    (seeds / "plan").mkdir()
    (seeds / "plan" / "quotas.csv").write_text((seeds / "quotas.csv").read_text())
    [problem] = problems(seeds)
    assert problem.startswith("quotas.csv is there twice: ")


def test_every_default_seed_has_its_meaning_beside_it():
    files = [*seed_files(DEFAULTS).values(), *seed_files(PROJECT / "rulebook").values()]
    assert len(files) > 20
    missing = [file.name for file in files if not file.with_suffix(".yml").is_file()]
    assert not missing, f"write {missing} a YAML file of the same name beside it"
