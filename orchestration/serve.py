"""Dagster's own commands for a home: its UI and daemon, and any other.

What belongs here: preparing what Dagster needs to start, and starting it. What does not: what it
shows (`definitions`).
"""

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from pipegen.orchestration.prepared import prepared_manifest
from pipegen.packages import install_packages
from pipegen.project import PROJECT
from pipegen.runs.home import make_home
from pipegen.settings import Settings

MODULE = "pipegen.orchestration.location"

# Written only if there is none: a company may have its own file, with its own storage.
INSTANCE = """\
telemetry:
  enabled: false

# No dialog that asks for an e-mail address on the first visit.
nux:
  enabled: false

# Two runs would only wait for each other.
concurrency:
  runs:
    max_concurrent_runs: 1

# A run whose worker was killed is retried once; a step that failed is not.
run_retries:
  enabled: true
  max_retries: 1
  retry_on_asset_or_op_failure: false

run_monitoring:
  enabled: true
  start_timeout_seconds: 300
  # No run takes six hours: one that does hangs, and would delay the next night's.
  max_runtime_seconds: 21600

freshness:
  enabled: true

# The first start reads the whole project.
code_servers:
  local_startup_timeout: 300

retention:
  sensor:
    purge_after_days: {skipped: 2, failure: 30, success: 30}
"""


def prepare(settings: Settings) -> dict[str, str]:
    """Create `DAGSTER_HOME` and all that loading needs; returns the environment for Dagster.

    Raises `PipegenError` if the home can't be written or the project can't be read.
    """
    make_home(settings.home)
    settings.dagster.mkdir(parents=True, exist_ok=True)
    instance = settings.dagster / "dagster.yaml"
    if not instance.exists():
        instance.write_text(INSTANCE, encoding="utf-8")
    install_packages()
    prepared_manifest(settings)
    return environment(settings)


def environment(settings: Settings) -> dict[str, str]:
    """The environment for Dagster's processes: this process's, with all settings made explicit."""
    given = {
        "PIPEGEN_HOME": str(settings.home),
        "PIPEGEN_SEEDS": str(settings.seeds) if settings.names_seeds else "",
        "PIPEGEN_RAW": "" if settings.is_demo else settings.raw,
        "PIPEGEN_AS_OF": settings.as_of_text,
        "PIPEGEN_TARGET": settings.target,
        "DAGSTER_HOME": str(settings.dagster),
        "DAGSTER_DISABLE_TELEMETRY": "1",
    }
    return {**os.environ, **given}


def serve(settings: Settings, port: int, say: Callable[[str], None]) -> None:
    """Become `dagster dev`: its UI on a port of this machine, and its daemon.

    Raises `PipegenError` if it can't be prepared; otherwise does not return.
    """
    say("Preparing the project for Dagster")
    started = prepare(settings)
    say(f"Dagster's UI opens on http://127.0.0.1:{port}")
    os.chdir(PROJECT)
    _become(["dev", "-m", MODULE, "-h", "127.0.0.1", "-p", str(port)], started)


def become_dagster(settings: Settings, arguments: Sequence[str]) -> None:
    """Become any command of `dagster`, on the home's instance and this project's definitions.

    Dagster alone asks for `DAGSTER_HOME`, a folder that is there, and knows a schedule by the
    module and folder that it was loaded from. Raises `PipegenError` if it can't be prepared;
    otherwise does not return.
    """
    origin = {"DAGSTER_MODULE_NAME": MODULE, "DAGSTER_WORKING_DIRECTORY": str(PROJECT)}
    _become(arguments, prepare(settings) | origin)


def _become(arguments: Sequence[str], environment: dict[str, str]) -> None:
    dagster = str(Path(sys.executable).with_name("dagster"))
    os.execve(dagster, [dagster, *arguments], environment)
