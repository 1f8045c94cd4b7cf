"""The text of alerts: at most one message per run and audience, if something has changed.

What belongs here: audiences, what is new to each, and the message. What does not: sending it
(`delivery`), and reading the warehouse (`publishing.digest`). Messages contain ids of records and
links, never names of people, or addresses. What someone typed into the CRM, such as the name of a
deal, is only in a message to whoever is to put it right.
"""

import dataclasses
import datetime as dt
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from pipegen.publishing.digest import TEAM_OF_OWNERS, Digest, Finding
from pipegen.publishing.record_link import record_link

# A person does not read more than this in a message.
TOP = 10

# Findings with severity `info` are only on the page; they are no reason to send a message.
NOTIFIED_SEVERITIES = ("block", "warn")

# Somebody may have typed an address where none belongs.
_ADDRESS = re.compile(r"[^\s<>()]+@[^\s<>()]+")

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
    `team:<team>` (findings that the team acts on), `owner:<id>` (what a user can put right: of the
    user's own deals, and of those whose owner has left and had this manager).
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
            or (
                kind == "owner"
                and finding.owner_team == TEAM_OF_OWNERS
                and finding.recipient_id == name
            )
        )
    ]


def orphaned(findings: Iterable[Finding]) -> list[Finding]:
    """What an owner could put right, but has left, as the manager has: for RevOps to pass on."""
    return [
        finding
        for finding in own("revops", findings)
        if finding.owner_team == TEAM_OF_OWNERS
        and finding.has_left
        and finding.recipient_id is None
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
    is_owner = audience.startswith("owner:")
    if not situation.is_look_back:
        findings = own(audience, digest.findings)
        keys = frozenset(digest_key(finding) for finding in findings)
        new = [finding for finding in findings if digest_key(finding) not in notified.findings]
        if new:
            titles.append(f"{len(new):,} new finding{'s' if len(new) > 1 else ''}")
            if is_owner:
                parts.append(_to_do(new, len(findings), url_template))
            else:
                parts.append(_findings(new, len(findings), url_template))
            if audience == "revops" and (passed := orphaned(new)):
                parts.append(_passed_on(passed, url_template))
        elif notified.findings and not keys:
            # What an owner was told of may be somebody else's now, and open.
            titles.append("nothing is left to do" if is_owner else "all findings are closed")
            closed = "" if is_owner else "All findings are closed: "
            parts.append(f"{closed}nothing is left to do.".capitalize())
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


def _counted(new: list[Finding], open_count: int) -> list[str]:
    """How many there are, and of each rule how many and what to do."""
    lines = [f"{len(new):,} new, {open_count:,} open in all."]
    titles = {finding.rule: finding for finding in new}
    for rule, count in Counter(finding.rule for finding in new).most_common():
        lines.append(f"- {titles[rule].title}: {count:,}. {titles[rule].remedy}")
    return lines


def _to_do(new: list[Finding], open_count: int, url_template: str) -> str:
    lines = [*_counted(new, open_count), ""]
    lines.append(f"The {TOP} with the largest amounts:" if len(new) > TOP else "They are:")
    return "\n".join([*lines, *_deals(new, url_template)])


def _passed_on(new: list[Finding], url_template: str) -> str:
    one = len(new) == 1
    words = (
        f"{len(new):,} of the new ones {'is' if one else 'are'} for you to pass on: the owner has "
        "left, and there is no manager to tell."
    )
    if len(new) > TOP:
        words += f" The {TOP} with the largest amounts:"
    return "\n".join([words, *_deals(new, url_template)])


def _deals(findings: list[Finding], url_template: str) -> list[str]:
    """A line for each of the first findings, the largest amounts first, with what to look for."""
    ranked = sorted(
        findings,
        key=lambda one: (one.amount is None, -(one.amount or 0), one.record_id, one.rule),
    )
    lines = []
    for one in ranked[:TOP]:
        record = f"{one.record_type} {_one_line(one.record_id)}"
        name = _typed(one.deal_name or "")
        money = "no amount"
        if one.deal_amount is not None:
            money = f"{one.deal_amount:,.2f} {one.currency or ''}".strip()
        left = ", owner has left" if one.has_left else ""
        # Several deals may have one name.
        place = record_link(url_template, one.record_id) or (f"({record})" if name else "")
        words = f"- {name or record} ({money}{left}): {one.title}: {_typed(one.detail)} {place}"
        lines.append(words.rstrip())
    return lines


def _findings(new: list[Finding], open_count: int, url_template: str) -> str:
    lines = [*_counted(new, open_count), ""]
    lines.append(f"The first {TOP}:" if len(new) > TOP else "They are:")
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


def _typed(text: str) -> str:
    """What somebody typed, on one line and without addresses."""
    return _ADDRESS.sub("(an address)", _one_line(text))


def _one_line(text: str) -> str:
    return " ".join(text.split())[:300]


def look_back(as_of: dt.date, known: str) -> bool:
    """Whether a day is before the latest one with notifications (`known`: ISO, empty for none)."""
    return bool(known) and as_of.isoformat() < known
