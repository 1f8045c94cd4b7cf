"""Who is told what of a run, in words: one message per run and audience, when something changed.

What belongs here: audiences, what is news to each, and the message. What does not: sending it
(`delivery`), and reading the warehouse (`publishing.digest`). Messages hold ids of records and
links, never names, addresses or values that somebody typed into the CRM.
"""

import dataclasses
import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from pipegen.publishing.digest import Digest, Finding
from pipegen.publishing.record_link import record_link

# As many as a person reads in a message.
TOP = 10

# An information is on the page; it is no reason to write to anybody.
TOLD_SEVERITIES = ("block", "warn")

PUBLISHED, BLOCKED, FAILED, DIED, STALE = "published", "blocked", "failed", "died", "stale"

# What an incident is to those who are told of it.
TROUBLE = {"run_refused": BLOCKED, "run_failed": FAILED, "run_died": DIED, "stale": STALE}

# Of each trouble the title and what it means for the numbers.
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
    """How a run ended: its status, why if it was not published, and what it published if it was.

    `is_look_back`: the run is as of an earlier day than one before it, so that its findings are no
    news.
    """

    status: str
    reasons: tuple[str, ...] = ()
    digest: Digest | None = None
    is_look_back: bool = False


@dataclasses.dataclass(frozen=True)
class Told:
    """What a destination knows: the run's last status and why, findings, sources, restatements."""

    status: str = PUBLISHED
    reasons: tuple[str, ...] = ()
    findings: frozenset[str] = frozenset()
    behind: frozenset[str] = frozenset()
    restated: frozenset[str] = frozenset()

    def as_json(self) -> dict[str, Any]:
        """As a state file keeps it."""
        return {
            "status": self.status,
            "reasons": list(self.reasons),
            "findings": sorted(self.findings),
            "behind": sorted(self.behind),
            "restated": sorted(self.restated),
        }

    @classmethod
    def of_json(cls, state: Mapping[str, Any]) -> "Told":
        """Read back what `as_json` gave."""
        return cls(
            str(state["status"]),
            tuple(state["reasons"]),
            frozenset(state["findings"]),
            frozenset(state["behind"]),
            frozenset(state["restated"]),
        )


@dataclasses.dataclass(frozen=True)
class Message:
    """A title and a body in plain text, which delivery escapes for the medium; a picture's path."""

    title: str
    body: str
    picture: str = ""


def news(
    audience: str, situation: Situation, told: Told, url_template: str = ""
) -> tuple[Message | None, Told]:
    """The message that an audience gets, if any, and what it knows once it has it.

    Audiences: `ops` (runs that fail or are refused), `revops` (that, and everything wrong),
    `team:<team>` (findings that the team acts on), `owner:<id>` (findings of the owner's records).
    """
    parts: list[str] = []
    title = ""
    hears_of_runs = audience in ("ops", "revops")
    if hears_of_runs and situation.status != PUBLISHED:
        if (situation.status, situation.reasons) == (told.status, told.reasons):
            return None, told
        title, part = _trouble(situation)
        after = dataclasses.replace(told, status=situation.status, reasons=situation.reasons)
        return Message(title, part), after
    digest = situation.digest
    if digest is None:
        return None, told
    after = told
    is_well_again = hears_of_runs and told.status != PUBLISHED
    if hears_of_runs:
        after = dataclasses.replace(after, status=PUBLISHED, reasons=())
    if is_well_again:
        parts.append("The run works again: the warehouse is published.")
        title = "the run works again"
    if audience != "ops":
        told_words, after, told_title = _changes(audience, situation, digest, after, url_template)
        parts += told_words
        title = told_title or title
    if not parts:
        return None, after
    return Message(f"pipegen as of {digest.as_of}: {title}", "\n\n".join(parts)), after


def own(audience: str, findings: Iterable[Finding]) -> list[Finding]:
    """The findings that an audience is told of."""
    kind, _, name = audience.partition(":")
    return [
        finding
        for finding in findings
        if finding.severity in TOLD_SEVERITIES
        and (
            kind == "revops"
            or (kind == "team" and finding.owner_team == name)
            or (kind == "owner" and finding.owner_id == name)
        )
    ]


def digest_key(finding: Finding) -> str:
    """A finding as a state file knows it: short, and no record's id."""
    return hashlib.sha256(finding.key.encode()).hexdigest()[:16]


def _trouble(situation: Situation) -> tuple[str, str]:
    title, words = _WORDS[situation.status]
    reasons = [f"- {_one_line(reason)}" for reason in situation.reasons[:TOP]]
    if len(situation.reasons) > TOP:
        reasons.append(f"… and {len(situation.reasons) - TOP} more")
    return f"pipegen: {title}", "\n".join([words, "", *reasons])


def _changes(
    audience: str, situation: Situation, digest: Digest, told: Told, url_template: str
) -> tuple[list[str], Told, str]:
    parts: list[str] = []
    titles: list[str] = []
    after = told
    if not situation.is_look_back:
        findings = own(audience, digest.findings)
        keys = frozenset(digest_key(finding) for finding in findings)
        new = [finding for finding in findings if digest_key(finding) not in told.findings]
        if new:
            titles.append(f"{len(new):,} new finding{'s' if len(new) > 1 else ''}")
            parts.append(_findings(new, len(findings), url_template))
        elif told.findings and not keys:
            titles.append("all findings are closed")
            parts.append("All findings are closed: nothing is left to do.")
        after = dataclasses.replace(after, findings=keys)
    if audience == "revops":
        if not situation.is_look_back:
            newly = {s: share for s, share in digest.behind.items() if s not in told.behind}
            if newly:
                titles.append("a source is behind")
                parts.append(
                    "\n".join(
                        f"{source} is {share:.0%} behind its target to date."
                        for source, share in newly.items()
                    )
                )
            elif told.behind and not digest.behind:
                titles.append("every source is on pace again")
                parts.append("Every source is on pace again.")
            after = dataclasses.replace(after, behind=frozenset(digest.behind))
        restated = [words for key, words in digest.restated.items() if key not in told.restated]
        if restated:
            titles.append("a number was restated")
            more = [f"… and {len(restated) - TOP} more"] if len(restated) > TOP else []
            parts.append("\n".join(["Restated:", *(f"- {w}" for w in restated[:TOP]), *more]))
        after = dataclasses.replace(after, restated=told.restated | frozenset(digest.restated))
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
    """The most severe first; of one severity a finding of each rule in turn, so that the first ten
    are not ten of one kind."""
    seen: Counter[str] = Counter()
    ranked = []
    for place, finding in enumerate(findings):
        grade = TOLD_SEVERITIES.index(finding.severity)
        ranked.append((grade, seen[finding.rule], place, finding))
        seen[finding.rule] += 1
    return [finding for *_, finding in sorted(ranked, key=lambda one: one[:3])]


def _one_line(text: str) -> str:
    return " ".join(text.split())[:300]


def look_back(as_of: dt.date, known: str) -> bool:
    """Whether a day is before the latest day that was told of (ISO, empty for none)."""
    return bool(known) and as_of.isoformat() < known
