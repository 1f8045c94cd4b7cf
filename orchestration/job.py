"""The whole job as `pipegen run` starts it: one run, from taking the lock to its last log entry.

What belongs here: beginning and ending the run around Dagster. What does not: Dagster itself
(`in_process`), which is imported only after all checks that need no data.
"""

from pipegen.reporting import Reporter
from pipegen.runs.run import Outcome, Run
from pipegen.settings import Settings


def run_nightly(settings: Settings, reporter: Reporter, select: str = "") -> Outcome:
    """Run the job `nightly_refresh` in this process, and publish if nothing failed.

    With `select`, in dbt's syntax, only a part is built, for development, and nothing is published.
    Raises `PipegenError` if a step could not be carried out. Then, and if a test fails, the
    published warehouse stays as it was.
    """
    run = Run(settings, reporter, kind="part" if select else "refresh")
    try:
        run.begin()
        # Importing Dagster takes seconds, so problems with settings and files are reported first.
        from pipegen.orchestration.in_process import execute

        execute(run, select)
        if run.built is None:
            raise RuntimeError("the job ended without a build")
        return Outcome(run.plan.as_of, run.built, run.is_published)
    except SystemExit as error:
        # A library called `sys.exit`; a run that did not publish must not look like one that did.
        run.error = run.error or error
        raise RuntimeError("a library ended the run") from error
    except BaseException as error:
        run.error = run.error or error
        raise
    finally:
        run.end()
