"""The tests' own servers, started on loopback and stopped again.

What belongs here: finding what a server needs, starting it, its environment. What does not: what is
tried on it.
"""

import contextlib
import getpass
import itertools
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

_numbers = itertools.count()


def postgres_binaries() -> Path | None:
    """The folder of initdb and pg_ctl: Debian keeps them off the path."""
    found = shutil.which("initdb")
    # What is on the path may be a wrapper without a server.
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    candidates += [Path(found).resolve().parent] if found else []
    return next((one for one in candidates if (one / "postgres").exists()), None)


@contextlib.contextmanager
def postgres(folder: Path) -> Iterator[dict[str, str]]:
    """A server in a folder of its own; gives libpq's variables. Skips where there is none."""
    binaries = postgres_binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt install postgresql): untried on it")
    folder.mkdir(parents=True)
    # Postgres refuses to run as root, and Debian's user for it can't enter pytest's folders.
    is_root = os.geteuid() == 0
    data = Path(f"/tmp/pipegen-postgres-{os.getpid()}") if is_root else folder / "data"
    wrap = ["runuser", "-u", "postgres", "--"] if is_root else []
    port = free_port()
    control = [*wrap, str(binaries / "pg_ctl"), "--pgdata", str(data), "--wait"]
    options = (
        f"-p {port} -k {data} -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off "
        "-c synchronous_commit=off -c shared_buffers=256MB -c work_mem=32MB"
    )
    user = "postgres" if is_root else getpass.getuser()
    try:
        _run(
            [*wrap, str(binaries / "initdb"), "--pgdata", str(data), "--auth", "trust",
             "--username", user, "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"]
        )  # fmt: skip
        _run([*control, "--log", str(data / "log"), "--options", options, "start"])
        environment = {
            "PGHOST": "127.0.0.1", "PGPORT": str(port), "PGUSER": user, "PGDATABASE": "postgres",
            "PGPASSWORD": "",
        }  # fmt: skip
        try:
            yield environment
        finally:
            _run([*control, "--mode", "immediate", "stop"])
    finally:
        shutil.rmtree(data, ignore_errors=True)


@contextlib.contextmanager
def spark_cluster(folder: Path) -> Iterator[dict[str, str]]:
    """A master and two workers of a core each; gives the variables of a run on them."""
    import pyspark

    home = Path(pyspark.__file__).parent
    folder.mkdir(parents=True)
    port, page = free_port(), free_port()
    master = f"spark://127.0.0.1:{port}"
    environment = os.environ | {
        "SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_NO_DAEMONIZE": "1",
        "SPARK_DAEMON_MEMORY": "256m",
    }  # fmt: skip
    started: list[subprocess.Popen[bytes]] = []

    def start(name: str, *arguments: str) -> None:
        with (folder / f"{name}.log").open("wb") as log:
            started.append(
                subprocess.Popen(
                    [str(home / "bin" / "spark-class"), *arguments],
                    env=environment, cwd=folder, stdout=log, stderr=log, start_new_session=True,
                )
            )  # fmt: skip

    try:
        start(
            "master", "org.apache.spark.deploy.master.Master", "--host", "127.0.0.1",
            "--port", str(port), "--webui-port", str(page),
        )  # fmt: skip
        _wait_for(port)
        for number in (1, 2):
            start(
                f"worker{number}", "org.apache.spark.deploy.worker.Worker", "--host", "127.0.0.1",
                "--cores", "1", "--memory", "2g", "--webui-port", str(free_port()),
                "--work-dir", str(folder / f"work{number}"), master,
            )  # fmt: skip
        yield {"PIPEGEN_SPARK_MASTER": master}
    finally:
        for process in reversed(started):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextlib.contextmanager
def spark_metastore(folder: Path) -> Iterator[dict[str, str]]:
    """A Hive metastore that several processes share; gives the variables of a run that uses it."""
    import pyspark

    jars = Path(pyspark.__file__).parent / "jars"
    folder.mkdir(parents=True)
    port = free_port()
    settings = {
        "javax.jdo.option.ConnectionURL": f"jdbc:derby:;databaseName={folder}/db;create=true",
        "datanucleus.schema.autoCreateAll": "true",
        # Its default logger and connection pool are not among the jars that come with Spark.
        "hive.async.log.enabled": "false",
        "datanucleus.connectionPoolingType": "none",
        "hive.metastore.schema.verification": "false",
        "hive.metastore.warehouse.dir": str(folder / "warehouse"),
    }
    options = (
        word for name, value in settings.items() for word in ("--hiveconf", f"{name}={value}")
    )
    with (folder / "metastore.log").open("wb") as log:
        process = subprocess.Popen(
            ["java", "-Xmx512m", f"-Djava.io.tmpdir={folder}", "-cp", f"{jars}/*",
             "org.apache.hadoop.hive.metastore.HiveMetaStore", "-p", str(port), *options],
            cwd=folder, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        _wait_for(port)
        yield {
            "PIPEGEN_SPARK_METASTORE": f"thrift://127.0.0.1:{port}",
            "PIPEGEN_SPARK_WAREHOUSE": str(folder / "warehouse"),
        }
    finally:
        process.kill()
        process.wait()


def executors() -> list[int]:
    """The process ids of the executors of standalone clusters on this machine."""
    import psutil

    found = []
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if any("CoarseGrainedExecutorBackend" in word for word in words) and any(
            "--worker-url" in word for word in words
        ):
            found.append(process.pid)
    return found


def _wait_for(port: int, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.2)
    raise AssertionError(f"nobody listens on port {port} after {seconds} s")


def new_database(server: dict[str, str]) -> dict[str, str]:
    """An empty database on a server, as libpq's variables."""
    name = f"pipegen_{next(_numbers)}"
    execute(server, f"create database {name}")
    return server | {"PGDATABASE": name}


def execute(environment: dict[str, str], sql: str) -> list[tuple[object, ...]]:
    """Run SQL in a database as its owner, each statement for itself."""
    import psycopg2

    connection = psycopg2.connect(
        host=environment["PGHOST"], port=environment["PGPORT"],
        user=environment["PGUSER"], dbname=environment["PGDATABASE"],
    )  # fmt: skip
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def free_port() -> int:
    """A port on loopback that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _run(command: list[str]) -> None:
    done = subprocess.run(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False,
        cwd="/tmp",
    )  # fmt: skip
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
