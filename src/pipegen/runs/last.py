"""How the last run of a home ended.

What belongs here: the status and causes of a run that did not publish. What does not: who is
notified (`alerts`), and the log itself (`run_log`).
"""

from pathlib import Path

from pipegen.alerts.incidents import reported
from pipegen.alerts.messages import TROUBLE, Situation
from pipegen.runs import run_log
from pipegen.runs.home import is_locked


def last_trouble(home: Path) -> Situation | None:
    """The status and causes of the home's last run if it did not publish, else None.

    A run that is still in progress has no trouble.
    """
    runs = [run for run in run_log.read(home) if run.kind not in ("part", run_log.FORGET)]
    if not runs or runs[-1].status == "published":
        return None
    last = runs[-1]
    if last.status == "running":
        if is_locked(home):
            return None
        causes: tuple[str, ...] = (f"{last.kind} {last.run_id}: {run_log.crash_cause(last)}",)
        return Situation(TROUBLE["run_died"], causes)
    alerted = [one for one in reported(home) if last.run_id in one.subject]
    causes = alerted[-1].causes if alerted else (last.cause or "no reason is known",)
    return Situation(TROUBLE[f"run_{last.status}"], causes)
