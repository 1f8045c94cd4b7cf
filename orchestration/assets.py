"""The assets of a refresh: landed raw tables, seeds and models with their tests, publications.

What belongs here: what Dagster knows about them, and which step produces them. What does not: the
steps themselves (`runs.steps`), and names of models, which come from dbt's manifest.
"""

import contextlib
import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets
from dagster_dbt.asset_utils import get_asset_check_key_for_test

from pipegen.errors import BusyError, PipegenError, one_line
from pipegen.expectations import validate
from pipegen.orchestration import graph
from pipegen.publishing.publish import BUILT_SCHEMAS
from pipegen.runs import part, steps
from pipegen.runs.land import LANDING
from pipegen.runs.run import Run
from pipegen.transform import Built, NodeResult
from pipegen.warehouses import Database, Schemas, plain_schema, row_counts

WAREHOUSE = dg.AssetKey(["publishing", "warehouse"])
ALERTS = dg.AssetKey(["orchestration", "alerts"])
PACKET = dg.AssetKey(["review", "packet"])

# dbt's statuses of a test that ran, and whether it passed.
TESTED = {"pass": True, "warn": False, "fail": False, "error": False, "runtime error": False}


class LayerTranslator(DagsterDbtTranslator):
    """dbt's nodes as assets: a group per layer, and a freshness policy on the marts."""

    def __init__(
        self, freshness: dg.FreshnessPolicy | None = None, *, has_test_checks: bool = True
    ) -> None:
        super().__init__(DagsterDbtTranslatorSettings(enable_asset_checks=has_test_checks))
        self.freshness = freshness

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        return graph.layer(dbt_resource_props)

    def get_asset_spec(
        self, manifest: Mapping[str, Any], unique_id: str, project: Any
    ) -> dg.AssetSpec:
        spec = super().get_asset_spec(manifest, unique_id, project)
        if spec.group_name == "marts":
            return spec.replace_attributes(freshness_policy=self.freshness)
        return spec


def refresh_assets(
    manifest: Mapping[str, Any],
    *,
    stale_hours: int,
    waits: Sequence[int],
    has_test_checks: bool = True,
) -> list[dg.AssetsDefinition]:
    """All assets of a refresh.

    `stale_hours` is the age in hours at which a raw table or mart is stale. `waits` has the seconds
    to wait before each retry of a step that found a database in use. The steps get their run from
    the resource `run`. Without `has_test_checks`, dbt's tests run all the same, but are no checks
    that Dagster knows of.
    """
    if has_test_checks:
        manifest = graph.with_attached_tests(manifest)
    freshness = dg.FreshnessPolicy.time_window(fail_window=dt.timedelta(hours=stale_hours))
    translator = LayerTranslator(freshness, has_test_checks=has_test_checks)
    return [
        _landing(manifest, translator, waits),
        _building(manifest, translator, waits),
        _publishing(manifest, translator, waits),
        _reviewing(),
        _alerting(),
    ]


def refresh_checks(
    manifest: Mapping[str, Any], *, waits: Sequence[int]
) -> list[dg.AssetChecksDefinition]:
    """The expectations on landed and built tables: one blocking check per suite."""
    known = {graph.relation(node): node for node in graph.nodes(manifest).values()}
    known |= {graph.relation(node): node for node in manifest["sources"].values()}
    translator = LayerTranslator()

    def keys(suites: Mapping[str, str]) -> dict[str, dg.AssetKey]:
        return {
            suite: translator.get_asset_key(known[table]) for suite, table in suites.items()
        }

    return [
        _expecting("expect_landed", keys(validate.LANDED), steps.step_check_landed, waits),
        # These suites run during the build, because findings depend on their results.
        _expecting("expect_built", keys(validate.BUILT), lambda run: run.found, waits),
    ]


def _expecting(
    name: str,
    keys: Mapping[str, dg.AssetKey],
    look: Callable[[Run], validate.Report | None],
    waits: Sequence[int],
) -> dg.AssetChecksDefinition:
    specs = {
        suite: dg.AssetCheckSpec(f"expectations_{suite}", asset=key, blocking=True)
        for suite, key in keys.items()
    }

    @dg.multi_asset_check(
        name=name, specs=list(specs.values()), can_subset=True, required_resource_keys={"run"}
    )
    def expect(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        run: Run = context.resources.run
        with retrying(context, run, waits):
            report = look(run)
        refused = {one.name for one in run.built.failures} if run.built else set()
        for suite in report.suites if report else ():
            rules = {failure.rule for failure in suite.failures}
            is_refused = bool(rules & refused)
            yield dg.AssetCheckResult(
                asset_key=keys[suite.name],
                check_name=specs[suite.name].name,
                passed=not suite.failures,
                severity=(
                    dg.AssetCheckSeverity.ERROR if is_refused else dg.AssetCheckSeverity.WARN
                ),
                metadata={
                    "expectations": suite.expectation_count,
                    "failures": len(suite.failures),
                    "rules": ", ".join(sorted(rules)),
                },
            )

    return expect


def _landing(
    manifest: Mapping[str, Any], translator: LayerTranslator, waits: Sequence[int]
) -> dg.AssetsDefinition:
    depths = graph.depths(manifest)
    # Dagster wants a table after those that it reads.
    found = graph.landed(manifest)
    landed = {key: found[key] for key in sorted(found, key=depths.__getitem__)}
    keys = {unique_id: translator.get_asset_key(node) for unique_id, node in landed.items()}
    specs = [
        dg.AssetSpec(
            keys[unique_id],
            deps=[
                keys[parent] for parent in _parents(node) if parent in keys
            ],
            group_name=graph.layer(node),
            description=node["description"] or node["source_description"],
            metadata=translator.get_metadata(node),
            freshness_policy=translator.freshness,
            skippable=True,
        )
        for unique_id, node in landed.items()
    ]

    @dg.multi_asset(name="land", specs=specs, can_subset=True, required_resource_keys={"run"})
    def land(context: dg.AssetExecutionContext) -> Iterator[Any]:
        run: Run = context.resources.run
        with retrying(context, run, waits):
            if run.kind == "part":
                part.land_for_development(run, again=True)
            else:
                steps.step_land(run)
        counts = row_counts(run.settings.build)
        reports = {f"{report.system}.{report.table_name}": report for report in run.reports}
        for unique_id, node in landed.items():
            if keys[unique_id] not in context.selected_asset_keys:
                continue
            metadata: dict[str, Any] = _rows(counts.get(graph.relation(node)))
            if report := reports.get(node["config"]["meta"].get("raw_table", "")):
                metadata |= {
                    "location": report.location or "absent",
                    "rows_read": report.rows_read,
                    "rows_set_aside": report.rows_set_aside,
                    "seconds": report.seconds,
                }
            yield dg.MaterializeResult(asset_key=keys[unique_id], metadata=metadata)

    return land


def _building(
    manifest: Mapping[str, Any], translator: LayerTranslator, waits: Sequence[int]
) -> dg.AssetsDefinition:
    @dbt_assets(
        name="build",
        manifest=manifest,
        dagster_dbt_translator=translator,
        exclude=LANDING,
        required_resource_keys={"run"},
    )
    def build(context: dg.AssetExecutionContext) -> Iterator[Any]:
        run: Run = context.resources.run
        with retrying(context, run, waits):
            if run.kind == "part":
                selected = _selected(manifest, translator, context.selected_asset_keys)
                built = part.step_part(run, _with_ancestors(manifest, selected))
            else:
                built = steps.step_build(run)
        yield from events(manifest, translator, run, built, context)
        if built.failures:
            raise dg.Failure(description=failed_words(built), allow_retries=False)

    return build


def _publishing(
    manifest: Mapping[str, Any], translator: LayerTranslator, waits: Sequence[int]
) -> dg.AssetsDefinition:
    published = [
        translator.get_asset_key(node)
        for node in graph.nodes(manifest).values()
        if plain_schema(node["schema"]) in BUILT_SCHEMAS
    ]

    @dg.asset(
        key=WAREHOUSE,
        deps=published,
        group_name=WAREHOUSE.path[0],
        description="The file that BI reads: core, marts and audit of the last run that passed.",
        freshness_policy=translator.freshness,
        required_resource_keys={"run"},
    )
    def publish(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        run: Run = context.resources.run
        if run.kind == "part":
            raise dg.Failure(
                description="a part is never published: leave the warehouse out of the selection, "
                "or launch the whole job",
                allow_retries=False,
            )
        with retrying(context, run, waits):
            steps.step_publish(run)
        record = run.record
        seconds = (dt.datetime.now(dt.UTC) - record.started_at).total_seconds()
        # As numbers, so that the UI plots them over runs.
        return dg.MaterializeResult(
            metadata={
                "as_of": str(run.plan.as_of),
                "path": _place(run.settings.warehouse),
                "seconds": seconds,
                "rows_in": record.rows_in or 0,
                "rows_out": record.rows_out or 0,
                "models": record.built_count or 0,
                "tests": record.passed_count or 0,
            }
        )

    return publish


def _reviewing() -> dg.AssetsDefinition:
    @dg.asset(
        key=PACKET,
        deps=[WAREHOUSE],
        group_name=PACKET.path[0],
        description="The page for the meeting of marketing and sales, from what is published.",
        required_resource_keys={"run"},
    )
    def packet(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        run: Run = context.resources.run
        return dg.MaterializeResult(metadata={"packet": steps.step_review(run)})

    return packet


def _alerting() -> dg.AssetsDefinition:
    @dg.asset(
        key=ALERTS,
        deps=[WAREHOUSE],
        group_name=ALERTS.path[0],
        description=(
            "What has changed, sent to each audience once. A run that publishes nothing reports "
            "the reason when it ends."
        ),
        required_resource_keys={"run"},
    )
    def alerts(context: dg.AssetExecutionContext) -> None:
        steps.step_notify(context.resources.run)

    return alerts


@contextlib.contextmanager
def retrying(context: Any, run: Run, waits: Sequence[int]) -> Iterator[None]:
    """Retry a step if a database was in use, with increasing waits; otherwise fail it.

    A broken rule or a missing file will not change within a minute, so it is not retried.
    """
    try:
        yield
    except BusyError as error:
        tried = context.op_execution_context.retry_number
        if tried >= len(waits):
            raise dg.Failure(description=str(error), allow_retries=False) from error
        run.reporter.step(f"{one_line(error)} Trying again in {waits[tried]} s.")
        raise dg.RetryRequested(max_retries=len(waits), seconds_to_wait=waits[tried]) from error
    except PipegenError as error:
        raise dg.Failure(description=str(error), allow_retries=False) from error


def events(
    manifest: Mapping[str, Any],
    translator: LayerTranslator,
    run: Run,
    built: Built,
    context: dg.AssetExecutionContext,
) -> Iterator[Any]:
    """dbt's results as Dagster's events: assets produced, and checks passed or failed."""
    for result in built.results:
        node = manifest["nodes"][result.unique_id]
        if node["resource_type"] == "test":
            if not translator.settings.enable_asset_checks:
                continue
            if (is_passed := TESTED.get(result.status)) is None:
                continue
            check = get_asset_check_key_for_test(manifest, translator, result.unique_id, None)
            if check is not None and check in context.selected_asset_check_keys:
                yield dg.AssetCheckResult(
                    asset_key=check.asset_key,
                    check_name=check.name,
                    passed=is_passed,
                    severity=_severity(result),
                    metadata=_test_metadata(result),
                )
        elif result.status == "success":
            key = translator.get_asset_key(node)
            # The ancestors of a part are built too, but they were not asked for.
            if key in context.selected_asset_keys:
                yield dg.Output(
                    None,
                    output_name=key.to_python_identifier(),
                    metadata=_rows(run.counts.get(result.relation)) | {"seconds": result.seconds},
                )


def failed_words(built: Built) -> str:
    """The failures of a build, one per line."""
    lines = [f"{f.kind} {f.name}: {f.reason}" for f in built.failures[:20]]
    return f"{len(built.failures)} models and tests failed\n" + "\n".join(lines)


def _place(database: Database) -> dg.MetadataValue:
    if isinstance(database, Schemas):
        return dg.MetadataValue.text(str(database))
    return dg.MetadataValue.path(str(database))


def _rows(count: int | None) -> dict[str, Any]:
    return {} if count is None else {"dagster/row_count": count}


def _severity(result: NodeResult) -> dg.AssetCheckSeverity:
    is_warning = result.status == "warn"
    return dg.AssetCheckSeverity.WARN if is_warning else dg.AssetCheckSeverity.ERROR


def _test_metadata(result: NodeResult) -> dict[str, Any]:
    metadata: dict[str, Any] = {"seconds": result.seconds}
    if result.status != "pass":
        metadata |= {"failing_rows": result.failing_rows or 0, "message": result.message}
    return metadata


def _parents(node: Mapping[str, Any]) -> list[str]:
    """What a node reads, by id; nothing of a source."""
    return list(node.get("depends_on", {}).get("nodes", []))


def _selected(
    manifest: Mapping[str, Any], translator: LayerTranslator, keys: Iterable[dg.AssetKey]
) -> set[str]:
    wanted = set(keys)
    return {
        unique_id
        for unique_id, node in graph.nodes(manifest).items()
        if translator.get_asset_key(node) in wanted
    }


def _with_ancestors(manifest: Mapping[str, Any], selected: set[str]) -> list[part.NodeOfPart]:
    known = graph.nodes(manifest)
    return [
        part.NodeOfPart(known[key]["name"], graph.relation(known[key]), key in selected)
        for key in sorted(selected | graph.ancestors(manifest, selected))
    ]
