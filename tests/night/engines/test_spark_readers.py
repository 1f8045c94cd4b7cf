"""Readers in processes of their own, on a shared metastore, while another process publishes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.running import PROJECT, environment
from tests.support.servers import spark_metastore

pytestmark = pytest.mark.spark

TABLES = ("core.deals", "marts.views", "audit.rows")
ROWS = 50
PUBLICATIONS = 10

PUBLISHER = f"""
from pipegen.warehouses import server_of
server = server_of("spark")
for run in range({PUBLICATIONS + 1}):
    prefix = server.build_schema() + "_"
    server.begin(prefix)
    connection = server.connect(prefix)
    for table in {TABLES}:
        connection.run(
            f"create table {{prefix}}{{table}} using parquet as "
            f"select {{run}} as run, id as number from range({ROWS})"
        )
    server.publish(prefix, "", None, {{}})
    print(run, flush=True)
    if not run:
        input()
"""

READER = f"""
import json, sys
from pathlib import Path
from pipegen.warehouses import server_of
connection = server_of("spark").connect("")
seen, errors, reads = set(), [], 0
def ask(sql):
    global reads
    try:
        seen.update(connection.run(sql).fetchall())
    except Exception as error:
        errors.append(str(error)[:300])
    reads += 1
print("reads", flush=True)
while not Path(sys.argv[1]).exists():
    for table in {TABLES}:
        ask(f"select count(*), min(run), max(run) from {{table}}")
    ask(
        "select count(*), min(least(a.run, b.run, c.run)), max(greatest(a.run, b.run, c.run)) "
        "from core.deals as a inner join marts.views as b on a.number = b.number "
        "inner join audit.rows as c on a.number = c.number"
    )
print(json.dumps([reads, sorted(seen), errors]))
"""


def test_a_reader_never_sees_an_error_an_empty_table_or_two_runs_at_once(tmp_path: Path) -> None:
    stop = tmp_path / "stop"
    with spark_metastore(tmp_path / "metastore") as metastore:

        def started(name: str, code: str, *arguments: str) -> subprocess.Popen[str]:
            with (tmp_path / f"{name}.log").open("w") as log:
                return subprocess.Popen(
                    [sys.executable, "-c", code, *arguments], cwd=PROJECT, text=True,
                    env=environment(tmp_path / name) | metastore,
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                )  # fmt: skip

        publisher = started("publisher", PUBLISHER)
        reader = None
        try:
            assert publisher.stdout.readline() == "0\n", (tmp_path / "publisher.log").read_text()
            reader = started("reader", READER, str(stop))
            assert reader.stdout.readline() == "reads\n", (tmp_path / "reader.log").read_text()
            told, _ = publisher.communicate("\n")
            assert told.split() == [str(run) for run in range(1, PUBLICATIONS + 1)]
            stop.touch()
            reads, seen, errors = json.loads(reader.communicate()[0])
        finally:
            for process in (publisher, reader):
                if process and process.poll() is None:
                    process.kill()
                    process.wait()
    assert errors == []
    assert reads > 5 * PUBLICATIONS
    # Each table is whole, and three tables in one query are of one run.
    assert {(count, least == most) for count, least, most in seen} == {(ROWS, True)}
    assert {least for _, least, _ in seen} >= {0, PUBLICATIONS}
