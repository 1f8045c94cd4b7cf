"""A loader's tables on Spark, in schemas of any name, are landed as those of a file are."""

import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
import yaml

from pipegen.contract.tables import SYSTEMS
from tests.night.engines.test_parity import RUN_SECONDS, _differences, _sorted
from tests.support import raw_company
from tests.support.cases import BRIGHTWATER
from tests.support.raw_company import RawCompany
from tests.support.running import PROJECT, environment, pipegen

pytestmark = pytest.mark.spark

SCHEMAS = {"salesforce": "crm_raw", "marketo": "map_raw"}
PEOPLE = {"salesforce.user": "people"}

LOADER = """
import sys
from pathlib import Path
from pipegen.warehouses.spark import session
spark = session()
for path in sorted(Path(sys.argv[1]).glob("*.parquet")):
    schema, table = path.stem.split(".")
    spark.sql(f"create schema if not exists {schema}")
    spark.sql(f"create table {schema}.`{table}` using parquet as select * from parquet.`{path}`")
"""


def test_tables_on_spark_are_landed_where_they_lie(
    casebook: dict[str, object], tmp_path: Path
) -> None:
    loaded = tmp_path / "loaded.duckdb"
    raw_company.fivetran(RawCompany.read(BRIGHTWATER / "raw"), loaded, SCHEMAS)
    with duckdb.connect(str(loaded)) as connection:
        for schema, table in connection.execute(
            "SELECT schema_name, table_name FROM duckdb_tables()"
        ).fetchall():
            name = "people" if table == "user" else table
            connection.execute(
                f"COPY {schema}.\"{table}\" TO '{tmp_path / f'{schema}.{name}.parquet'}'"
            )
    on_spark, in_file = tmp_path / "spark", tmp_path / "file"
    on_spark.mkdir()
    _python(on_spark, "-c", LOADER, str(tmp_path))
    places = {"raw_schemas": SCHEMAS}
    files = {"raw_databases": dict.fromkeys(SCHEMAS, str(loaded))}
    _land(on_spark, casebook, places | {"raw_tables": PEOPLE}, target="spark")
    _land(in_file, casebook, places | files)
    _python(on_spark, "-m", __name__, str(in_file / "build" / "build.duckdb"))


def _land(
    home: Path, casebook: dict[str, object], own: dict[str, object], **settings: object
) -> None:
    seeds = home / "seeds"
    shutil.copytree(str(casebook["seeds"]), seeds)
    with (seeds / "settings.yml").open("a", encoding="utf-8") as handle:
        handle.write(yaml.safe_dump(own))
    settings = {**casebook, "raw": "warehouse", "seeds": seeds, **settings}
    done = pipegen("land", home=home, seconds=RUN_SECONDS, **settings)
    assert done.returncode == 0, done.stdout + done.stderr


def _python(home: Path, *arguments: str) -> None:
    """A process of its own: a session lives as long as its process, in one home."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT, env=environment(home),
        capture_output=True, text=True, check=False, timeout=RUN_SECONDS,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def compare(build: Path) -> None:
    """Compare every cell of the landed tables with those that were landed from a file."""
    from pipegen.warehouses import server_of

    server = server_of("spark")
    connection = server.connect("")
    [audit] = [
        schema
        for (schema,) in connection.run("show schemas").fetchall()
        if schema.endswith("landed_audit")
    ]
    compared = 0
    with duckdb.connect(str(build), read_only=True) as expected:
        for system in SYSTEMS:
            tables = expected.execute(
                "SELECT table_name FROM duckdb_tables() WHERE schema_name = ?", [f"landed_{system}"]
            ).fetchall()
            for (table,) in tables:
                columns = [
                    column
                    for column, *_ in expected.execute(
                        f"DESCRIBE landed_{system}.\"{table}\""
                    ).fetchall()
                    # The location is another, and JSON is written in its own way.
                    if column not in ("raw_location", "raw_row", "unread_values")
                ]
                listed = ", ".join(columns)
                landed = f"landed_{system}"
                ours = expected.execute(f'SELECT {listed} FROM {landed}."{table}"').fetchall()
                schema = audit.replace("landed_audit", landed)
                theirs = connection.run(f"select {listed} from {schema}.`{table}`").fetchall()
                for difference in _differences(columns, _sorted(ours), _sorted(theirs)):
                    raise AssertionError(f"{system}.{table}: {difference}")
                compared += len(ours)
    assert compared > 600


if __name__ == "__main__":
    compare(Path(sys.argv[1]))
