"""A company's own raw tables are never read by the demo company's rules without a word."""

import pytest

from pipegen import demo
from pipegen.cli.doctor import examine
from pipegen.company.settings import company_vars
from pipegen.errors import PipegenError
from pipegen.orchestration import serve
from pipegen.project import PROJECT
from pipegen.runs.plan import borrowed, plan_run, refuse_unnamed_seeds
from pipegen.settings import Settings
from tests.support.light import Silent
from tests.support.running import write_company
from tests.support.seeds import default_seeds

DEMOS = ["exclusions", "quotas", "review_actions", "source_owners"]


@pytest.fixture
def given(tmp_path):
    """A home, and raw tables of somebody's own."""
    raw = write_company(tmp_path / "crm", rows={})
    return {"PIPEGEN_HOME": str(tmp_path / "home"), "PIPEGEN_RAW": str(raw)}


def test_own_raw_tables_without_named_seeds_are_refused_with_what_to_do(given):
    with pytest.raises(PipegenError) as caught:
        plan_run(Settings.of(given), Silent())
    [problem] = caught.value.problems
    raw = given["PIPEGEN_RAW"]
    assert problem.startswith(f"the raw tables are yours ({raw}), but no seeds are named")
    assert f"pipegen init my-seeds --from {raw}`" in problem
    [found] = [one for one in examine(Settings.of(given), company_vars()) if problem in one.words]
    assert found.mark == "no"


def test_dagsters_processes_know_that_no_seeds_are_named(given):
    child = Settings.of(serve.environment(Settings.of(given)))
    with pytest.raises(PipegenError, match="no seeds are named"):
        refuse_unnamed_seeds(child)


def test_the_demo_company_needs_no_seeds_named_wherever_it_is(tmp_path):
    refuse_unnamed_seeds(Settings.of({}))
    demo.generate(tmp_path, accounts=1)
    own = Settings.of({"PIPEGEN_RAW": str(tmp_path / "raw")})
    refuse_unnamed_seeds(own)
    assert borrowed(own) == ""


@pytest.mark.parametrize("is_copied", [False, True], ids=["the demo's set", "a copy of it"])
def test_the_demos_rows_under_own_raw_tables_are_told(given, tmp_path, is_copied):
    seeds = default_seeds(tmp_path / "seeds") if is_copied else PROJECT / "seeds"
    settings = Settings.of(given | {"PIPEGEN_SEEDS": str(seeds)})
    words = borrowed(settings)
    assert words.startswith("these seeds have the demo company's rows, not yours: ")
    assert all(name in words for name in DEMOS)

    class Heard(Silent):
        def __init__(self):
            self.steps = []

        def step(self, words):
            self.steps.append(words)

    heard = Heard()
    plan_run(settings, heard)
    assert words in heard.steps
    notes = [one.words for one in examine(settings, company_vars()) if one.mark == "note"]
    assert words in notes


def test_own_rows_are_not_told(given, tmp_path):
    seeds = default_seeds(tmp_path / "seeds")
    for file in seeds.iterdir():
        if file.stem != "stages":
            file.unlink()
    assert borrowed(Settings.of(given | {"PIPEGEN_SEEDS": str(seeds)})) == ""
