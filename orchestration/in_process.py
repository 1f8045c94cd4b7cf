"""Dagster in this process: the job `nightly_refresh`, for a run that has begun.

What belongs here: handing the run to Dagster, and raising the run's errors unchanged. What does
not: the parts of the job (`definitions`), and the run's steps (`runs.steps`).
"""

import contextlib
import logging
import warnings
from collections.abc import Iterator
from typing import Any

import dagster as dg
from dagster import EventRecordsResult

from pipegen import transform
from pipegen.errors import PipegenError
from pipegen.orchestration.assets import LayerTranslator, refresh_assets, refresh_checks
from pipegen.orchestration.definitions import NIGHTLY, nightly_job
from pipegen.orchestration.graph import nodes
from pipegen.runs.run import Run


def execute(run: Run, select: str = "") -> None:
    """Run the job, or the part that `select` names in dbt's syntax, for a run that has begun.

    The steps store their results in `run`; an error from a step is raised here. Dagster keeps no
    record, but the run's own log does.
    """
    project = transform.parse(run.settings, run.plan.vars)
    run.manifest, manifest = project.manifest, project.json
    waits = run.plan.vars["retry_waits_seconds"]
    # No record is kept in which anyone could read whether a check passed, and hundreds of them take
    # Dagster seconds: with each table that is reported, it goes through all tables and checks.
    assets = refresh_assets(
        manifest, stale_hours=run.plan.vars["stale_hours"], waits=waits, has_test_checks=False
    )
    resources = {"run": dg.ResourceDefinition.hardcoded_resource(run)}
    with quiet():
        definitions = dg.Definitions(
            assets=assets,
            asset_checks=refresh_checks(manifest, waits=waits),
            jobs=[nightly_job(assets)],
            resources=resources,
        )
        job = definitions.resolve_job_def(NIGHTLY)
        with dg.DagsterInstance.ephemeral() as instance:
            forget_events(instance)
            result = job.execute_in_process(
                instance=instance,
                raise_on_error=False,
                run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
                asset_selection=selected(run, manifest, select) if select else None,
            )
    if run.error is not None:
        raise run.error
    if not result.success and not (run.built and run.built.failures):
        failed = [event for event in result.all_events if event.is_failure]
        raise RuntimeError(f"the job failed outside its steps: {failed[:1]}")


def selected(run: Run, manifest: dict[str, Any], select: str) -> list[dg.AssetKey]:
    """The assets that a selection in dbt's syntax names. Raises `PipegenError` if it has none."""
    translator = LayerTranslator()
    known = nodes(manifest)
    names = transform.listed(run.settings, run.plan.vars, run.manifest, select)
    found = sorted(translator.get_asset_key(known[name]) for name in names if name in known)
    if not found:
        raise PipegenError(f"'{select}' selects no model and no seed: name one as dbt would.")
    return found


def forget_events(instance: dg.DagsterInstance) -> None:
    """Make an instance that ends with this process neither store events nor look them up.

    Storing some two thousand events that nobody will read would cost a tenth of a small run, and
    looking up, for every check, whether its table was built before would cost another tenth.
    """
    storage = instance.event_log_storage
    nothing = EventRecordsResult(records=[], cursor="", has_more=False)
    storage.get_asset_records = lambda asset_keys=None: []  # type: ignore[method-assign]
    storage.fetch_observations = lambda *args, **options: nothing  # type: ignore[method-assign]
    storage.store_event = lambda event: None  # type: ignore[method-assign]
    storage.store_event_batch = lambda events: None  # type: ignore[method-assign]
    storage.store_asset_check_event = lambda event, event_id: None  # type: ignore[attr-defined]


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep Dagster's own log messages off the terminal."""
    logger = logging.getLogger("dagster")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
