"""The whole job as `pipegen run` starts it: one run, from its lock to its last line in the log.

What belongs here: beginning and ending the run around Dagster. What does not: Dagster itself, which
is imported only after every check that needs no data (`in_process`).
"""

from pipegen.reporting import Reporter
from pipegen.runs.run import Outcome, Run
from pipegen.settings import Settings


def run_nightly(settings: Settings, reporter: Reporter, select: str = "") -> Outcome:
    """Run the job `nightly_refresh` in this process: all of it, published if nothing failed.

    `select`, in dbt's words, builds a part instead, for development; nothing is published then.
    Raises `PipegenError` where a step could not be done at all; the published warehouse is as it
    was then, as it is after a test that failed.
    """
    run = Run(settings, reporter, kind="part" if select else "refresh")
    try:
        run.begin()
        # Importing Dagster takes seconds: what is wrong with settings and files is said before.
        from pipegen.orchestration.in_process import execute

        execute(run, select)
        if run.built is None:
            raise RuntimeError("the job ended without a build")
        return Outcome(run.plan.as_of, run.built, run.is_published)
    except SystemExit as error:
        # Some library's idea; a run that did not publish must not look like one that did.
        run.error = run.error or error
        raise RuntimeError("a library ended the run") from error
    except BaseException as error:
        run.error = run.error or error
        raise
    finally:
        run.end()
