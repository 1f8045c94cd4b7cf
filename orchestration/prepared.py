"""The manifest from which Dagster loads its assets.

What belongs here: which settings it is made with. What does not: what is in it, and where it is
kept (`pipegen.parsed`).
"""

import os
import shutil
from typing import Any

from pipegen import transform
from pipegen.company.settings import company_vars
from pipegen.packages import install_packages
from pipegen.settings import Settings


def prepared_manifest(settings: Settings) -> dict[str, Any]:
    """The manifest of the project as it is now.

    Dagster reads only names and dependencies from it, so it is made with the default rules and
    settings; every run has its own. Raises `PipegenError` if the project can't be read.
    """
    install_packages()
    # dbt writes its log beside what it parses, should it have to: apart from the home's own.
    scratch = settings.dagster / f"parse-{os.getpid()}"
    named = ("PIPEGEN_HOME", "PIPEGEN_BUILD", "PIPEGEN_SEED_PATH", "PIPEGEN_RULES_PATH")
    given = {name: os.environ.get(name) for name in named}
    try:
        default = Settings.of({"PIPEGEN_HOME": str(scratch)})
        return transform.read_project(default, {**company_vars(), "as_of": ""}).json
    finally:
        for name, value in given.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        shutil.rmtree(scratch, ignore_errors=True)
