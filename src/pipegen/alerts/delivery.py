"""Delivery of messages: destinations from the environment, what each has received, sending.

What belongs here: addresses, the state in the home, time limits. What does not: what a message says
(`messages`). An address is a secret: it is in no file, log or process argument.

A destination that can't be reached, or does not answer in time, counts as not notified. The next
run finds out again what is new to it, so nothing is queued and nothing is sent twice.
"""

import concurrent.futures
import contextlib
import dataclasses
import datetime as dt
import hashlib
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pipegen.alerts import messages as alerts
from pipegen.alerts.messages import PUBLISHED, TROUBLE, Message, Notified, Situation
from pipegen.errors import PipegenError
from pipegen.files import atomic_write
from pipegen.project import PROJECT
from pipegen.publishing.digest import active_users, read_digest
from pipegen.publishing.publish import published_as_of
from pipegen.reporting import Reporter
from pipegen.settings import Settings
from pipegen.typed import typed
from pipegen.warehouses import Database, exists

PREFIX = "PIPEGEN_ALERTS_"
TEAMS = ("sales", "marketing", "data")

# A message is a few kilobytes: a server that has not accepted it by then never will. On a busy
# machine, loading the library alone takes many seconds.
SECONDS = 30.0
# How many are sent at once, and the time after which none is started: hundreds of owners must not
# delay the nightly run.
AT_ONCE = 8
SECONDS_IN_ALL = 120.0


@dataclasses.dataclass(frozen=True)
class Destination:
    """An address for an audience. It is identified by a digest, because the address is a secret."""

    audience: str
    url: str = dataclasses.field(repr=False)

    @property
    def digest(self) -> str:
        """The destination's key in the state file."""
        return hashlib.sha256(f"{self.audience} {self.url}".encode()).hexdigest()[:16]


def destinations(
    environment: Mapping[str, str], owners: Mapping[str, str | None]
) -> list[Destination]:
    """Where messages go. `owners` has, by id of a user who is to be told of findings, the e-mail
    address if any.

    `PIPEGEN_ALERTS_OPS`, `…_REVOPS`, `…_SALES`, `…_MARKETING`, `…_DATA` and `…_OWNER_<id>` have
    addresses separated by blanks. In `…_OWNERS`, `{owner_id}` and `{owner_email}` are replaced for
    each owner.
    """
    found = []
    for audience, name in (
        ("ops", "OPS"),
        ("revops", "REVOPS"),
        *((f"team:{team}", team.upper()) for team in TEAMS),
    ):
        found += [Destination(audience, url) for url in environment.get(PREFIX + name, "").split()]
    for owner, email in owners.items():
        own = environment.get(f"{PREFIX}OWNER_{owner}", "").split()
        for url in own or environment.get(PREFIX + "OWNERS", "").split():
            # Skip owners without an address in the CRM, or with a masked one.
            if "{owner_email}" in url and not email:
                continue
            filled = url.replace("{owner_id}", _quoted(owner))
            filled = filled.replace("{owner_email}", _quoted(email or ""))
            found.append(Destination(f"owner:{owner}", filled))
    return found


def without_addresses(environment: Mapping[str, str], vars_: Mapping[str, Any]) -> str:
    """Why owners who should get e-mail can't; empty if they can."""
    is_meant = "{owner_email}" in environment.get(PREFIX + "OWNERS", "")
    if not (is_meant and vars_["mask_personal_data"]):
        return ""
    return (
        "no owner gets e-mail, because mask_personal_data leaves no addresses; use {owner_id} in "
        f"{PREFIX}OWNERS, or {PREFIX}OWNER_<id>"
    )


def send_trouble(
    settings: Settings, reporter: Reporter | None, kind: str, causes: tuple[str, ...]
) -> None:
    """Alert about a run that did not publish, or about stale data. Raises nothing."""
    _send_news(settings, reporter, Situation(TROUBLE[kind], causes), "")


def send_published(
    settings: Settings, as_of: dt.date, vars_: Mapping[str, Any], reporter: Reporter
) -> None:
    """Notify about what a run published as of a day. Problems are reported and fail no run."""
    if not _has_destinations(os.environ):
        return
    with _harmless(reporter):
        digest = read_digest(settings.warehouse, as_of)
        if words := without_addresses(os.environ, vars_):
            _say(reporter, words)
        is_back = alerts.look_back(as_of, State(settings.home).latest_as_of)
        situation = Situation(PUBLISHED, (), digest, is_back)
        _send_news(settings, reporter, situation, vars_["crm_url_template"])


def send_packet(settings: Settings, reporter: Reporter, audience: str = "joint") -> None:
    """Send the ten lines and the picture of an audience's latest review packet to
    `PIPEGEN_ALERTS_REVIEW`.

    Sent once per packet and destination. Problems are reported and fail nothing.
    """
    urls = os.environ.get(PREFIX + "REVIEW", "").split()
    if not urls:
        return
    # Imported here: the chart library takes a second to load, which Dagster does not need.
    from pipegen.review.packet import chat_message

    with _harmless(reporter):
        text, picture = chat_message(settings.home / "review", audience)
        title, _, body = text.strip().partition("\n")
        packet = picture.resolve().parent.name
        state = State(settings.home)
        for one in (Destination(f"review:{audience}", url) for url in urls):
            notified = state.notified(one)
            if notified.reasons == (packet,):
                continue
            problem = send(one, Message(title, body.strip(), str(picture.resolve())))
            if problem:
                _say(reporter, f"review summary: {problem}; the next review tries again")
                continue
            state.keep(one, dataclasses.replace(notified, reasons=(packet,)))
            _say(reporter, "review summary sent")


def preview(
    settings: Settings,
    vars_: Mapping[str, Any],
    trouble: Situation | None,
    holder: str,
    *,
    again: bool,
) -> Iterator[str]:
    """What would be sent now, a text per audience; nothing is sent.

    `trouble` is what there is to say of a last run that did not publish, `holder` who is at work
    in the home, if anyone. With `again`, also what was sent before. Raises `PipegenError` where
    nothing is published and no run has failed.
    """
    if holder:
        yield f"A run is at work in {settings.home} ({holder}): what follows is from before it."
    if trouble:
        for one in destinations_of_runs(os.environ):
            notified = Notified() if again else State(settings.home).notified(one)
            yield _shown(one, alerts.news(one.audience, trouble, notified)[0])
        if not exists(settings.warehouse):
            return
        yield "The last run did not publish. What follows is of the last publication."
    digest = _published_digest(settings)
    state = State(settings.home)
    situation = Situation(
        PUBLISHED, (), digest, alerts.look_back(digest.as_of, state.latest_as_of)
    )
    owners = _owners(settings.warehouse, situation, state)
    found = destinations(os.environ, owners)
    for audience in ("ops", "revops", *(f"team:{team}" for team in TEAMS)):
        if not any(one.audience == audience for one in found):
            found.append(Destination(audience, ""))
    if owners and not any(one.audience.startswith("owner:") for one in found):
        # One owner as an example: the one with the most to do.
        counts = {owner: len(alerts.own(f"owner:{owner}", digest.findings)) for owner in owners}
        found.append(Destination(f"owner:{max(owners, key=lambda one: counts[one])}", ""))
    if words := without_addresses(os.environ, vars_):
        yield words[0].upper() + words[1:] + "."
    for one in found:
        notified = Notified() if again else state.notified(one)
        if trouble:
            notified = dataclasses.replace(notified, status=PUBLISHED, reasons=())
        message, _ = alerts.news(one.audience, situation, notified, vars_["crm_url_template"])
        yield _shown(one, message)


def destinations_of_runs(environment: Mapping[str, str]) -> list[Destination]:
    """The destinations for run alerts. An audience without one gets one with an empty address."""
    found = destinations(environment, {})
    return [
        one
        for audience in ("ops", "revops")
        for one in [one for one in found if one.audience == audience]
        or [Destination(audience, "")]
    ]


def _shown(destination: Destination, message: Message | None) -> str:
    where = "" if destination.url else " (no destination is set)"
    text = f"{message.title}\n\n{message.body}" if message else "nothing new"
    return f"To {destination.audience}{where}:\n{text}"


class State:
    """What each destination has been notified about, kept in the home."""

    def __init__(self, home: Path) -> None:
        self.path = home / "alerts" / "state.json"
        try:
            self._state = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            # Lost or damaged: better to notify again than never.
            self._state = {"as_of": "", "destinations": {}}

    @property
    def latest_as_of(self) -> str:
        """The latest as-of day that was notified about (ISO); empty for none."""
        return str(self._state.get("as_of", ""))

    @property
    def audiences(self) -> set[str]:
        """Every audience that has ever been notified."""
        return {one["audience"] for one in self._state["destinations"].values()}

    def notified(self, destination: Destination) -> Notified:
        """What a destination has been notified about; nothing if it is new."""
        kept = self._state["destinations"].get(destination.digest)
        return Notified.of_json(kept["told"]) if kept else Notified()

    def keep(self, destination: Destination, notified: Notified) -> None:
        """Save a destination's state immediately: a killed run must not cause a second message."""
        self._state["destinations"][destination.digest] = {
            "audience": destination.audience,
            "told": notified.as_json(),
        }
        self._write()

    def keep_day(self, day: str) -> None:
        """Save the as-of day of a run, unless a later one is known."""
        if day > self.latest_as_of:
            self._state["as_of"] = day
            self._write()

    def _write(self) -> None:
        atomic_write(self.path, json.dumps(self._state))


def send(destination: Destination, message: Message, seconds: float = SECONDS) -> str:
    """Send a message in a process of its own; returns why it was not delivered, or an empty text.

    The process is killed when the time is up: a server that accepts the connection but does not
    answer could block a library call indefinitely.
    """
    envelope = json.dumps({"url": destination.url, **dataclasses.asdict(message)})
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pipegen.alerts.delivery"],
            input=envelope,
            cwd=PROJECT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"no answer within {seconds:.0f} seconds"
    except OSError as error:
        return str(error.strerror)
    return {0: "", 2: "the address is not understood"}.get(done.returncode, "not delivered")


def _send_news(
    settings: Settings, reporter: Reporter | None, situation: Situation, url_template: str
) -> None:
    """Send every destination what is new to it. Problems are reported and fail nothing."""
    if not _has_destinations(os.environ):
        return
    with _harmless(reporter):
        state = State(settings.home)
        outgoing = []
        for one in destinations(os.environ, _owners(settings.warehouse, situation, state)):
            message, after = alerts.news(
                one.audience, situation, state.notified(one), url_template
            )
            if message is None:
                state.keep(one, after)
            else:
                outgoing.append((one, message, after))
        for one, after, problem in _sent(outgoing):
            if problem:
                _say(reporter, f"alert to {one.audience}: {problem}; the next run tries again")
            else:
                state.keep(one, after)
                _say(reporter, f"alert to {one.audience} sent")
        if situation.digest:
            state.keep_day(situation.digest.as_of.isoformat())


def _sent(
    outgoing: list[tuple[Destination, Message, Notified]],
) -> Iterator[tuple[Destination, Notified, str]]:
    ends = time.monotonic() + SECONDS_IN_ALL

    def one(envelope: tuple[Destination, Message, Notified]) -> str:
        left = ends - time.monotonic()
        if left <= 0:
            return "no time was left"
        return send(envelope[0], envelope[1], min(SECONDS, left))

    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        waiting = {pool.submit(one, envelope): envelope for envelope in outgoing}
        for done in concurrent.futures.as_completed(waiting):
            destination, _, after = waiting[done]
            yield destination, after, done.result()


def _say(reporter: Reporter | None, words: str) -> None:
    if reporter:
        reporter.step(words)


@contextlib.contextmanager
def _harmless(reporter: Reporter | None) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        # The error's message may contain an address.
        _say(reporter, f"alerts could not be sent ({type(error).__name__})")


def _has_destinations(environment: Mapping[str, str]) -> bool:
    return any(name.startswith(PREFIX) and value.strip() for name, value in environment.items())


def _owners(warehouse: Database, situation: Situation, state: State) -> dict[str, str | None]:
    """Users who are to be told of findings, now or earlier, each with the e-mail address from the
    CRM. Nobody who has left is told anything."""
    if situation.digest is None:
        return {}
    there = active_users(warehouse)
    ids = {
        finding.recipient_id
        for finding in situation.digest.findings
        if finding.recipient_id and alerts.own(f"owner:{finding.recipient_id}", [finding])
    }
    ids |= {a.partition(":")[2] for a in state.audiences if a.startswith("owner:")}
    return {owner: there[owner] for owner in sorted(ids & there.keys())}


def _published_digest(settings: Settings) -> Any:
    if not exists(settings.warehouse):
        raise PipegenError(
            f"nothing is published in {settings.home}: run `{typed('pipegen run')}` first."
        )
    day = published_as_of(settings.warehouse)
    if day is None:
        raise PipegenError(
            f"{settings.warehouse} holds no publication: run `{typed('pipegen run')}` first."
        )
    return read_digest(settings.warehouse, day)


def _quoted(text: str) -> str:
    """Percent-encode a text for use in an address, so that it can't end a part of the address."""
    return re.sub(r"[^A-Za-z0-9._-]", lambda m: "".join(f"%{b:02X}" for b in m[0].encode()), text)


def _post(lines: Iterable[str]) -> int:
    """Send the message on standard input. Returns 0 if delivered, 1 if not, 2 for a bad address."""
    import apprise

    envelope = json.loads("".join(lines))
    post = apprise.Apprise()
    if not post.add(envelope["url"]):
        return 2
    is_sent = post.notify(
        title=envelope["title"],
        body=envelope["body"],
        body_format=apprise.NotifyFormat.TEXT,
        attach=envelope.get("picture") or None,
    )
    return 0 if is_sent else 1


if __name__ == "__main__":
    sys.exit(_post(sys.stdin))
