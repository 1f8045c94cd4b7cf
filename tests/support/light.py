"""Builds in this process, for claims about numbers: landed, built, tested, published as by a run.

What belongs here: what `pipegen run` does to a company's rows, without what it does around them: no
process, no Dagster, no expectations, no review, no log. What does not: claims about any of those.
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from pipegen import transform
from pipegen.company.settings import company_vars
from pipegen.packages import install_packages
from pipegen.parsed import Parsed
from pipegen.publishing import publish
from pipegen.publishing.findings_page import write_findings
from pipegen.runs import quality
from pipegen.runs.land import land_run
from pipegen.runs.plan import plan_run
from pipegen.runs.steps import review_packet
from pipegen.settings import Settings
from tests.support import quick_dbt
from tests.support.running import Warehouse, environment

quick_dbt.install()


class Silent:
    """A reporter that says nothing."""

    def step(self, words: str) -> None:
        """Nothing."""

    def table(self, words: str) -> None:
        """Nothing."""

    def node(self, done: int, total: int, name: str) -> None:
        """Nothing."""


# dbt's tests that stop a run. Those that only warn become findings.
STRICT_TESTS = "resource_type:test,config.severity:ERROR"


def built(
    home: Path,
    *,
    select: Iterable[str] = (),
    is_tested: bool = True,
    is_reviewed: bool = False,
    **settings: object,
) -> Warehouse:
    """A company's warehouse as a run on `home` publishes it; every model and test must succeed.

    Carries what the last publication on `home` knew, as a run does. `select` names models, in dbt's
    words, where a claim needs few: those alone are then published. Without `is_tested`, tests that
    stop a run are left out, because another build of the same rows has them. With `is_reviewed`,
    the pages that a run leaves are written too.
    """
    left_out = [] if is_tested else [STRICT_TESTS]
    with pytest.MonkeyPatch.context() as patch:
        use(patch, environment(home, **settings))
        install_packages()
        plan = plan_run(Settings.of(os.environ), Silent())
        land_run(plan, Silent())
        manifest = transform.parse(plan.settings, plan.vars).manifest
        if select:
            done = transform.transform(
                plan.settings, plan.vars, Silent().node,
                manifest=manifest, select=select, exclude=left_out,
            )  # fmt: skip
        else:
            done = quality.build_all_but_findings(plan, Silent(), manifest, left_out)
            if not done.failures:
                done = done.joined(quality.build_findings(plan, Silent(), manifest, left_out))
        assert not done.failures, "\n".join(f"{f.kind} {f.name}: {f.reason}" for f in done.failures)
        assert done.built_count
        publish(plan.settings.build, plan.settings.warehouse)
        if is_reviewed:
            template = plan.vars["crm_url_template"]
            write_findings(plan.settings.warehouse, home / "findings", template)
            told = review_packet(plan.settings, plan.settings.warehouse)
            assert "no review packet" not in told, told
    return Warehouse(home / "warehouse.duckdb")


def dbt(
    home: Path,
    *arguments: str,
    vars_: Mapping[str, Any] | None = None,
    target: str = "duckdb",
) -> Any:
    """dbt's result of a command on a home, without parsing the project for it.

    `vars_` are settings that are not the default ones. The project is the default company's.
    """
    from dbt.cli.main import dbtRunner

    manifest = parsed_project(home, target).manifest
    with pytest.MonkeyPatch.context() as patch:
        use(patch, environment(home, target=target))
        settings, given = Settings.of(os.environ), {**company_vars(), "as_of": "", **(vars_ or {})}
        try:
            return dbtRunner(manifest=manifest).invoke(
                [*arguments, *transform.dbt_arguments(settings, given)]
            )
        finally:
            transform._close_build_file()


def parsed_project(home: Path, target: str = "duckdb") -> Parsed:
    """The project as dbt understands it for the default company; parsed if it has changed."""
    with pytest.MonkeyPatch.context() as patch:
        use(patch, environment(home, target=target))
        install_packages()
        return transform.read_project(Settings.of(os.environ), {**company_vars(), "as_of": ""})


def use(patch: pytest.MonkeyPatch, wanted: dict[str, str]) -> None:
    """Have this process's environment be `wanted`, as far as runs read it.

    What a build sets besides is undone as well.
    """
    for name in (*os.environ, "PIPEGEN_BUILD", "PIPEGEN_SEED_PATH", "PIPEGEN_RULES_PATH"):
        if name.startswith("PIPEGEN_") and name not in wanted:
            # Set first, so that what the build leaves behind is undone.
            patch.setenv(name, "")
            patch.delenv(name)
    for name, value in wanted.items():
        patch.setenv(name, value)
