"""The text of alerts: at most one message per run and audience, if something has changed.

What belongs here: audiences, what is new to each, and the message. What does not: sending it
(`delivery`), and reading the warehouse (`publishing.digest`). Messages contain ids of records and
links, never names, addresses or values that someone typed into the CRM.
"""

import dataclasses
import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from pipegen.publishing.digest import Digest, Finding
from pipegen.publishing.record_link import record_link

# A person does not read more than this in a message.
TOP = 10

# Findings with severity `info` are only on the page; they are no reason to send a message.
NOTIFIED_SEVERITIES = ("block", "warn")

PUBLISHED, BLOCKED, FAILED, DIED, STALE = "published", "blocked", "failed", "died", "stale"

# The status that each kind of incident is reported as.
TROUBLE = {"run_refused": BLOCKED, "run_failed": FAILED, "run_died": DIED, "stale": STALE}

# For each such status, the title and what it means for the numbers.
_WORDS = {
    BLOCKED: (
        "nothing was published",
        "Nothing was published, for the reasons below; the last published numbers stay.",
    ),
    FAILED: ("the run failed", "The run failed; the last published numbers stay."),
    DIED: (
        "a run died",
        "A run was killed before it could publish; the last published numbers stay.",
    ),
    STALE: ("data is stale", "This is older than promised:"),
}


@dataclasses.dataclass(frozen=True)
class Situation:
    """How a run ended: its status, why it was not published, or what it published.

    `is_look_back`: the run is as of an earlier day than a previous one, so its findings are not
    new.
    """

    status: str
    reasons: tuple[str, ...] = ()
    digest: Digest | None = None
    is_look_back: bool = False


@dataclasses.dataclass(frozen=True)
class Notified:
    """What a destination has been notified about: the last run's status and its reasons, findings,
    sources behind, restatements."""

    status: str = PUBLISHED
    reasons: tuple[str, ...] = ()
    findings: frozenset[str] = frozenset()
    behind: frozenset[str] = frozenset()
    restated: frozenset[str] = frozenset()

    def as_json(self) -> dict[str, Any]:
        """The form in which the state file keeps it."""
        return {
            "status": self.status,
            "reasons": list(self.reasons),
            "findings": sorted(self.findings),
            "behind": sorted(self.behind),
            "restated": sorted(self.restated),
        }

    @classmethod
    def of_json(cls, state: Mapping[str, Any]) -> "Notified":
        """The inverse of `as_json`."""
        return cls(
            str(state["status"]),
            tuple(state["reasons"]),
            frozenset(state["findings"]),
            frozenset(state["behind"]),
            frozenset(state["restated"]),
        )


@dataclasses.dataclass(frozen=True)
class Message:
    """A title and a body in plain text, escaped by delivery for the medium; a picture's path."""

    title: str
    body: str
    picture: str = ""


def news(
    audience: str, situation: Situation, notified: Notified, url_template: str = ""
) -> tuple[Message | None, Notified]:
    """The message for an audience, if any, and what it has been notified about after that.

    Audiences: `ops` (runs that fail or are refused), `revops` (the same, and all findings),
    `team:<team>` (findings that the team acts on), `owner:<id>` (findings on the owner's records).
    """
    parts: list[str] = []
    title = ""
    gets_run_alerts = audience in ("ops", "revops")
    if gets_run_alerts and situation.status != PUBLISHED:
        if (situation.status, situation.reasons) == (notified.status, notified.reasons):
            return None, notified
        title, part = _trouble(situation)
        after = dataclasses.replace(notified, status=situation.status, reasons=situation.reasons)
        return Message(title, part), after
    digest = situation.digest
    if digest is None:
        return None, notified
    after = notified
    is_well_again = gets_run_alerts and notified.status != PUBLISHED
    if gets_run_alerts:
        after = dataclasses.replace(after, status=PUBLISHED, reasons=())
    if is_well_again:
        parts.append("The run works again: the warehouse is published.")
        title = "the run works again"
    if audience != "ops":
        new_parts, after, new_title = _changes(audience, situation, digest, after, url_template)
        parts += new_parts
        title = new_title or title
    if not parts:
        return None, after
    return Message(f"pipegen as of {digest.as_of}: {title}", "\n\n".join(parts)), after


def own(audience: str, findings: Iterable[Finding]) -> list[Finding]:
    """The findings that an audience is notified about."""
    kind, _, name = audience.partition(":")
    return [
        finding
        for finding in findings
        if finding.severity in NOTIFIED_SEVERITIES
        and (
            kind == "revops"
            or (kind == "team" and finding.owner_team == name)
            or (kind == "owner" and finding.owner_id == name)
        )
    ]


def digest_key(finding: Finding) -> str:
    """A finding's key in the state file: short, and without the record's id."""
    return hashlib.sha256(finding.key.encode()).hexdigest()[:16]


def _trouble(situation: Situation) -> tuple[str, str]:
    title, words = _WORDS[situation.status]
    reasons = [f"- {_one_line(reason)}" for reason in situation.reasons[:TOP]]
    if len(situation.reasons) > TOP:
        reasons.append(f"… and {len(situation.reasons) - TOP} more")
    return f"pipegen: {title}", "\n".join([words, "", *reasons])


def _changes(
    audience: str, situation: Situation, digest: Digest, notified: Notified, url_template: str
) -> tuple[list[str], Notified, str]:
    parts: list[str] = []
    titles: list[str] = []
    after = notified
    if not situation.is_look_back:
        findings = own(audience, digest.findings)
        keys = frozenset(digest_key(finding) for finding in findings)
        new = [finding for finding in findings if digest_key(finding) not in notified.findings]
        if new:
            titles.append(f"{len(new):,} new finding{'s' if len(new) > 1 else ''}")
            parts.append(_findings(new, len(findings), url_template))
        elif notified.findings and not keys:
            titles.append("all findings are closed")
            parts.append("All findings are closed: nothing is left to do.")
        after = dataclasses.replace(after, findings=keys)
    if audience == "revops":
        if not situation.is_look_back:
            newly = {s: share for s, share in digest.behind.items() if s not in notified.behind}
            if newly:
                titles.append("a source is behind")
                parts.append(
                    "\n".join(
                        f"{source} is {share:.0%} behind its target to date."
                        for source, share in newly.items()
                    )
                )
            elif notified.behind and not digest.behind:
                titles.append("every source is on pace again")
                parts.append("Every source is on pace again.")
            after = dataclasses.replace(after, behind=frozenset(digest.behind))
        restated = [words for key, words in digest.restated.items() if key not in notified.restated]
        if restated:
            titles.append("a number was restated")
            more = [f"… and {len(restated) - TOP} more"] if len(restated) > TOP else []
            parts.append("\n".join(["Restated:", *(f"- {w}" for w in restated[:TOP]), *more]))
        after = dataclasses.replace(after, restated=notified.restated | frozenset(digest.restated))
    return parts, after, ", ".join(titles)


def _findings(new: list[Finding], open_count: int, url_template: str) -> str:
    lines = [f"{len(new):,} new, {open_count:,} open in all."]
    titles = {finding.rule: finding for finding in new}
    for rule, count in Counter(finding.rule for finding in new).most_common():
        lines.append(f"- {titles[rule].title}: {count:,}. {titles[rule].remedy}")
    lines += ["", f"The first {TOP}:" if len(new) > TOP else "They are:"]
    for finding in _spread(new)[:TOP]:
        link = record_link(url_template, finding.record_id)
        place = f"{finding.record_type} {_one_line(finding.record_id)}"
        lines.append(f"- {finding.title}: {place}" + (f" {link}" if link else ""))
    return "\n".join(lines)


def _spread(findings: list[Finding]) -> list[Finding]:
    """The most severe first, and within a severity one finding of each rule in turn, so that the
    first ten are not all of one rule."""
    seen: Counter[str] = Counter()
    ranked = []
    for place, finding in enumerate(findings):
        grade = NOTIFIED_SEVERITIES.index(finding.severity)
        ranked.append((grade, seen[finding.rule], place, finding))
        seen[finding.rule] += 1
    return [finding for *_, finding in sorted(ranked, key=lambda one: one[:3])]


def _one_line(text: str) -> str:
    return " ".join(text.split())[:300]


def look_back(as_of: dt.date, known: str) -> bool:
    """Whether a day is before the latest one with notifications (`known`: ISO, empty for none)."""
    return bool(known) and as_of.isoformat() < known
