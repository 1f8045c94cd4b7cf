"""Messages on their way: destinations from the environment, what each was told, sending.

What belongs here: addresses, the state under the home, time limits. What does not: what a message
says (`alerts`). An address is a secret: it is in no file, no log and no argument of a process.

A destination that can't be reached, or does not answer in time, was not told: what is news to it is
worked out again at the next run, so nothing is queued and nothing is sent twice.
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
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pipegen.alerts import messages as alerts
from pipegen.alerts.messages import PUBLISHED, TROUBLE, Message, Situation, Told
from pipegen.errors import PipegenError
from pipegen.files import atomic_write
from pipegen.project import PROJECT
from pipegen.publishing.digest import owner_addresses, read_digest
from pipegen.publishing.publish import published_as_of
from pipegen.reporting import Reporter
from pipegen.settings import Settings
from pipegen.typed import typed
from pipegen.warehouses import Database, exists

PREFIX = "PIPEGEN_ALERTS_"
TEAMS = ("sales", "marketing", "data")

# A message is a few kilobytes: whoever has not taken it by then will not. Loading the library alone
# takes many seconds where a machine has more to do than it can.
SECONDS = 30.0
# So many at once, and none begun later than this: hundreds of owners must not hold up the night.
AT_ONCE = 8
SECONDS_IN_ALL = 120.0


@dataclasses.dataclass(frozen=True)
class Destination:
    """An address for an audience; it shows itself by a digest, for the address is a secret."""

    audience: str
    url: str = dataclasses.field(repr=False)

    @property
    def digest(self) -> str:
        """The name under which the state knows it."""
        return hashlib.sha256(f"{self.audience} {self.url}".encode()).hexdigest()[:16]


def destinations(
    environment: Mapping[str, str], owners: Mapping[str, str | None]
) -> list[Destination]:
    """Where messages go. `owners`: e-mail address, if any, by id of the owner of any finding.

    `PIPEGEN_ALERTS_OPS`, `…_REVOPS`, `…_SALES`, `…_MARKETING`, `…_DATA` and `…_OWNER_<id>` hold
    addresses apart by blanks; in `…_OWNERS` `{owner_id}` and `{owner_email}` stand for each
    owner's.
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
            # An owner whom the CRM has no address of, or whose address is masked.
            if "{owner_email}" in url and not email:
                continue
            filled = url.replace("{owner_id}", _quoted(owner))
            filled = filled.replace("{owner_email}", _quoted(email or ""))
            found.append(Destination(f"owner:{owner}", filled))
    return found


def without_addresses(environment: Mapping[str, str], vars_: Mapping[str, Any]) -> str:
    """Why owners are told nothing by e-mail though they are meant to be; empty where they are."""
    is_meant = "{owner_email}" in environment.get(PREFIX + "OWNERS", "")
    if not (is_meant and vars_["mask_personal_data"]):
        return ""
    return (
        "no owner gets e-mail, because mask_personal_data leaves no addresses; use {owner_id} in "
        f"{PREFIX}OWNERS, or {PREFIX}OWNER_<id>"
    )


def tell_trouble(
    settings: Settings, reporter: Reporter | None, kind: str, causes: tuple[str, ...]
) -> None:
    """Tell of a run that did not publish, or of data gone stale. Raises nothing."""
    _tell(settings, reporter, Situation(TROUBLE[kind], causes), "")


def tell_published(
    settings: Settings, as_of: dt.date, vars_: Mapping[str, Any], reporter: Reporter
) -> None:
    """Tell of what a run published as of a day, by the company's settings. Fails no run."""
    if not _is_anyone_to_tell(os.environ):
        return
    with _harmless(reporter):
        digest = read_digest(settings.warehouse, as_of, vars_["behind_threshold"])
        if words := without_addresses(os.environ, vars_):
            _say(reporter, words)
        is_back = alerts.look_back(as_of, State(settings.home).latest_as_of)
        situation = Situation(PUBLISHED, (), digest, is_back)
        _tell(settings, reporter, situation, vars_["crm_url_template"])


def tell_packet(settings: Settings, reporter: Reporter, audience: str = "joint") -> None:
    """Send the ten lines and the picture of an audience's latest review packet to
    `PIPEGEN_ALERTS_REVIEW`.

    Once per packet and destination; whatever goes wrong is said and fails nothing.
    """
    urls = os.environ.get(PREFIX + "REVIEW", "").split()
    if not urls:
        return
    # What draws the packet takes a second to load, which Dagster need not spend.
    from pipegen.review.packet import chat_message

    with _harmless(reporter):
        text, picture = chat_message(settings.home / "review", audience)
        title, _, body = text.strip().partition("\n")
        packet = picture.resolve().parent.name
        state = State(settings.home)
        for one in (Destination(f"review:{audience}", url) for url in urls):
            told = state.told(one)
            if told.reasons == (packet,):
                continue
            problem = send(one, Message(title, body.strip(), str(picture.resolve())))
            if problem:
                _say(reporter, f"review summary: {problem}; the next review tries again")
                continue
            state.keep(one, dataclasses.replace(told, reasons=(packet,)))
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
            told = Told() if again else State(settings.home).told(one)
            yield _shown(one, alerts.news(one.audience, trouble, told)[0])
        if not exists(settings.warehouse):
            return
        yield "The last run did not publish. What follows is of the last publication."
    digest = _published_digest(settings, vars_)
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
        counts = Counter(one.owner_id for one in digest.findings if one.owner_id)
        found += [Destination(f"owner:{owner}", "") for owner, _ in counts.most_common(1)]
    if words := without_addresses(os.environ, vars_):
        yield words[0].upper() + words[1:] + "."
    for one in found:
        told = Told() if again else state.told(one)
        if trouble:
            told = dataclasses.replace(told, status=PUBLISHED, reasons=())
        message, _ = alerts.news(one.audience, situation, told, vars_["crm_url_template"])
        yield _shown(one, message)


def destinations_of_runs(environment: Mapping[str, str]) -> list[Destination]:
    """The destinations that hear of runs; of an audience without one, a destination of no address.
    """
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
    """What each destination was told, kept under the home."""

    def __init__(self, home: Path) -> None:
        self.path = home / "alerts" / "state.json"
        try:
            self._state = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            # Lost or damaged: better told again than never.
            self._state = {"as_of": "", "destinations": {}}

    @property
    def latest_as_of(self) -> str:
        """The latest as-of day that was told of, ISO; empty for none."""
        return str(self._state.get("as_of", ""))

    @property
    def audiences(self) -> set[str]:
        """Every audience that was ever told anything."""
        return {one["audience"] for one in self._state["destinations"].values()}

    def told(self, destination: Destination) -> Told:
        """What a destination was told; nothing where it is new."""
        kept = self._state["destinations"].get(destination.digest)
        return Told.of_json(kept["told"]) if kept else Told()

    def keep(self, destination: Destination, told: Told) -> None:
        """Keep what a destination knows now, at once: a killed run must not tell it again."""
        self._state["destinations"][destination.digest] = {
            "audience": destination.audience,
            "told": told.as_json(),
        }
        self._write()

    def keep_day(self, day: str) -> None:
        """Keep the as-of day of a run, if none was later."""
        if day > self.latest_as_of:
            self._state["as_of"] = day
            self._write()

    def _write(self) -> None:
        atomic_write(self.path, json.dumps(self._state))


def send(destination: Destination, message: Message, seconds: float = SECONDS) -> str:
    """Send a message in a process of its own; empty, or why it did not arrive.

    The process is ended when the time is up: a server that takes a connection and says nothing
    would hold a library up for as long as it likes.
    """
    letter = json.dumps({"url": destination.url, **dataclasses.asdict(message)})
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pipegen.alerts.delivery"],
            input=letter,
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


def _tell(
    settings: Settings, reporter: Reporter | None, situation: Situation, url_template: str
) -> None:
    """Send everyone what is news to them; whatever goes wrong is said and fails nothing."""
    if not _is_anyone_to_tell(os.environ):
        return
    with _harmless(reporter):
        state = State(settings.home)
        letters = []
        for one in destinations(os.environ, _owners(settings.warehouse, situation, state)):
            message, after = alerts.news(
                one.audience, situation, state.told(one), url_template
            )
            if message is None:
                state.keep(one, after)
            else:
                letters.append((one, message, after))
        for one, after, problem in _sent(letters):
            if problem:
                _say(reporter, f"alert to {one.audience}: {problem}; the next run tries again")
            else:
                state.keep(one, after)
                _say(reporter, f"alert to {one.audience} sent")
        if situation.digest:
            state.keep_day(situation.digest.as_of.isoformat())


def _sent(
    letters: list[tuple[Destination, Message, Told]],
) -> Iterator[tuple[Destination, Told, str]]:
    ends = time.monotonic() + SECONDS_IN_ALL

    def one(letter: tuple[Destination, Message, Told]) -> str:
        left = ends - time.monotonic()
        if left <= 0:
            return "no time was left"
        return send(letter[0], letter[1], min(SECONDS, left))

    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        waiting = {pool.submit(one, letter): letter for letter in letters}
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
        # The words of an error may hold an address.
        _say(reporter, f"alerts could not be sent ({type(error).__name__})")


def _is_anyone_to_tell(environment: Mapping[str, str]) -> bool:
    return any(name.startswith(PREFIX) and value.strip() for name, value in environment.items())


def _owners(warehouse: Database, situation: Situation, state: State) -> dict[str, str | None]:
    """Owners with findings now or before, each with the e-mail address that the CRM has."""
    if situation.digest is None:
        return {}
    ids = {finding.owner_id for finding in situation.digest.findings if finding.owner_id}
    ids |= {a.partition(":")[2] for a in state.audiences if a.startswith("owner:")}
    known = owner_addresses(warehouse)
    return {owner: known.get(owner) for owner in sorted(ids)}


def _published_digest(settings: Settings, vars_: Mapping[str, Any]) -> Any:
    if not exists(settings.warehouse):
        raise PipegenError(
            f"nothing is published in {settings.home}: run `{typed('pipegen run')}` first."
        )
    day = published_as_of(settings.warehouse)
    if day is None:
        raise PipegenError(
            f"{settings.warehouse} holds no publication: run `{typed('pipegen run')}` first."
        )
    return read_digest(settings.warehouse, day, vars_["behind_threshold"])


def _quoted(text: str) -> str:
    """For an address: what is not plain is percent-encoded, so that it can't end a part of it."""
    return re.sub(r"[^A-Za-z0-9._-]", lambda m: "".join(f"%{b:02X}" for b in m[0].encode()), text)


def _post(letters: Iterable[str]) -> int:
    """Send the letter on standard input: 0 delivered, 1 not, 2 the address is not understood."""
    import apprise

    letter = json.loads("".join(letters))
    post = apprise.Apprise()
    if not post.add(letter["url"]):
        return 2
    is_sent = post.notify(
        title=letter["title"],
        body=letter["body"],
        body_format=apprise.NotifyFormat.TEXT,
        attach=letter.get("picture") or None,
    )
    return 0 if is_sent else 1


if __name__ == "__main__":
    sys.exit(_post(sys.stdin))
