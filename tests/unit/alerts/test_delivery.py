"""Messages are really received, by a mail server and a webhook; and servers may misbehave."""

import email
import email.policy
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from pipegen.alerts import delivery
from pipegen.alerts.delivery import Destination, State, destinations, send
from pipegen.alerts.messages import BLOCKED, PUBLISHED, Message, Situation
from pipegen.publishing.digest import Digest
from pipegen.settings import Settings
from tests.support.hooks import Hook, free_port
from tests.unit.alerts.test_messages import DAY, FINDING

NASTY = '<b>&"x" *bold* <!channel> [a](http://b)'


@pytest.fixture
def hook() -> Iterator[Hook]:
    one = Hook()
    yield one
    one.close()


@pytest.fixture
def dead_url() -> str:
    """An address at which nobody listens."""
    return f"json://127.0.0.1:{free_port()}/hook"


class Silent:
    """A reporter that keeps its messages in a list."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def step(self, words: str) -> None:
        self.words.append(words)


def _settings(home: Path) -> Settings:
    return Settings.of({"PIPEGEN_HOME": str(home)})


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Sends a situation's alerts to these destinations; returns what the terminal shows."""
    monkeypatch.setattr(delivery, "_owners", lambda *args: {"U1": "ann@example.com"})

    def tell(situation: Situation, **urls: str) -> list[str]:
        for name in ("OPS", "REVOPS", "SALES", "OWNERS"):
            monkeypatch.delenv(f"PIPEGEN_ALERTS_{name}", raising=False)
        for name, url in urls.items():
            monkeypatch.setenv(f"PIPEGEN_ALERTS_{name.upper()}", url)
        reporter = Silent()
        delivery._send_news(_settings(tmp_path), reporter, situation, "https://crm.example/{record_id}")
        return reporter.words

    return tell


def _published(*findings: Any) -> Situation:
    return Situation(PUBLISHED, (), Digest(DAY, findings, {}, {}))


def test_a_webhook_receives_what_was_written(hook: Hook) -> None:
    assert send(Destination("ops", hook.url), Message("a title", f"a body\n{NASTY}")) == ""
    [letter] = hook.received
    assert letter["title"] == "a title"
    assert letter["message"].splitlines()[-1] == NASTY


@pytest.mark.parametrize(
    ("layout", "kind", "shown"),
    [("", "text/plain", NASTY), ("&format=html", "text/html", "&lt;b&gt;&amp;")],
    ids=["as it comes", "html"],
)
def test_a_mail_server_receives_text_that_is_escaped_for_its_layout(
    layout: str, kind: str, shown: str
) -> None:
    letters: list[bytes] = []

    class Inbox:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
            letters.append(envelope.content)
            return "250 taken"

    port = free_port()
    server = Controller(Inbox(), hostname="127.0.0.1", port=port)
    server.start()
    try:
        url = f"mailto://127.0.0.1:{port}?from=pipegen@example.com&to=revops@example.com{layout}"
        assert send(Destination("revops", url), Message("a title", f"a body\n{NASTY}")) == ""
    finally:
        server.stop()
    [letter] = letters
    read = email.message_from_bytes(letter, policy=email.policy.default)
    assert read["subject"] == "a title"
    assert "revops@example.com" in read["to"]
    assert kind in {part.get_content_type() for part in read.walk()}
    for part in read.walk():
        if part.get_content_type() == kind:
            assert shown in part.get_content()
        if part.get_content_type() == "text/html":
            assert "<b>&" not in part.get_content()


@pytest.mark.parametrize(
    "url",
    ["slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general",
     "workflows://example.com/3e4f5a6b7c8d/0123456789abcdefghij"],
    ids=["slack", "teams"],
)  # fmt: skip
def test_chats_are_sent_text_that_is_escaped_for_them(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no Slack here: what its plug-in would send is checked instead."""
    import requests

    sent: list[str] = []

    def post(*_: object, **more: Any) -> requests.Response:
        sent.append(str(more.get("data") or more.get("json")))
        answer = requests.Response()
        answer.status_code, answer._content = 200, b"ok"
        return answer

    monkeypatch.setattr(requests.Session, "request", post)
    letter = json.dumps({"url": url, "title": "a title", "body": f"a body\n{NASTY}"})
    assert delivery._post([letter]) == 0
    [payload] = sent
    if url.startswith("slack"):
        assert "<!channel>" not in payload and "&lt;!channel&gt;" in payload
    else:
        assert "[a](http://b)" not in payload


def test_nothing_is_sent_twice(hook: Hook, told: Any) -> None:
    assert told(_published(FINDING), revops=hook.url) == ["alert to revops sent"]
    assert told(_published(FINDING), revops=hook.url) == []
    assert len(hook.received) == 1
    assert "https://crm.example/O1" in hook.received[0]["message"]


def test_one_message_per_run_and_audience(hook: Hook, told: Any) -> None:
    told(_published(FINDING), revops=hook.url, sales=hook.url, owners=hook.url, ops=hook.url)
    assert len(hook.received) == 3
    told(Situation(BLOCKED, ("a", "b")), revops=hook.url, ops=hook.url)
    assert len(hook.received) == 5


def test_an_unreachable_destination_fails_nothing_and_is_notified_once_it_is_back(
    hook: Hook, told: Any
) -> None:
    port = free_port()
    url = f"json://127.0.0.1:{port}/hook"
    words = told(_published(FINDING), revops=url, sales=hook.url)
    assert sorted(words) == [
        "alert to revops: not delivered; the next run tries again",
        "alert to team:sales sent",
    ]
    back = Hook(port=port)
    try:
        assert told(_published(FINDING), revops=url, sales=hook.url) == ["alert to revops sent"]
        assert told(_published(FINDING), revops=url, sales=hook.url) == []
        assert len(back.received) == len(hook.received) == 1
    finally:
        back.close()


def test_a_destination_that_refuses_is_tried_again(told: Any) -> None:
    refusing = Hook(status=500)
    try:
        for _ in range(2):
            [words] = told(_published(FINDING), revops=refusing.url)
            assert "tries again" in words
        assert len(refusing.received) == 2
    finally:
        refusing.close()


def test_a_destination_that_hangs_is_given_up(told: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    hanging, well = Hook(seconds=60), Hook()
    monkeypatch.setattr(delivery, "SECONDS", 15.0)
    try:
        started = time.monotonic()
        words = told(_published(FINDING), revops=hanging.url, sales=well.url)
        assert time.monotonic() - started < 50
        # The library may give up before we do.
        given_up, sent = sorted(words)
        assert given_up in {
            f"alert to revops: {reason}; the next run tries again"
            for reason in ("no answer within 15 seconds", "not delivered")
        }
        assert sent == "alert to team:sales sent"
        assert len(well.received) == 1
    finally:
        hanging.close()
        well.close()


def test_an_address_is_shown_to_nobody(told: Any, dead_url: str, tmp_path: Path) -> None:
    secret = dead_url.replace("/hook", "/s3cret")
    words = told(_published(FINDING), revops=f"{secret} nonsense-s3cret")
    assert len(words) == 2 and any("not understood" in word for word in words)
    assert "s3cret" not in " ".join(words)
    told(_published(FINDING), revops=secret)
    kept = [p.read_text() for p in tmp_path.rglob("*") if p.is_file()]
    assert not any("s3cret" in text for text in kept)
    assert "s3cret" not in repr(Destination("ops", secret))


def test_owners_have_their_own_destinations() -> None:
    owners = {"U1": "ann@example.com", "U2": None, "U/3": "x&to=all@example.com"}
    found = destinations(
        {
            "PIPEGEN_ALERTS_OWNERS": "mailto://h?to={owner_email} json://h/{owner_id}",
            "PIPEGEN_ALERTS_OWNER_U2": "json://two",
            "PIPEGEN_ALERTS_OPS": " json://a  json://b ",
        },
        owners,
    )
    assert [(one.audience, one.url) for one in found] == [
        ("ops", "json://a"),
        ("ops", "json://b"),
        ("owner:U1", "mailto://h?to=ann%40example.com"),
        ("owner:U1", "json://h/U1"),
        ("owner:U2", "json://two"),
        ("owner:U/3", "mailto://h?to=x%26to%3Dall%40example.com"),
        ("owner:U/3", "json://h/U%2F3"),
    ]


def test_masked_owners_are_notified_by_id_and_the_run_says_why_not_by_e_mail() -> None:
    urls = {"PIPEGEN_ALERTS_OWNERS": "mailto://h?to={owner_email} json://h/{owner_id}"}
    assert [one.url for one in destinations(urls, {"U1": None})] == ["json://h/U1"]
    words = delivery.without_addresses(urls, {"mask_personal_data": True})
    assert "mask_personal_data leaves no address" in words
    assert "{owner_id}" in words
    assert not delivery.without_addresses(urls, {"mask_personal_data": False})
    by_id = {"PIPEGEN_ALERTS_OWNERS": "json://h/{owner_id}"}
    assert not delivery.without_addresses(by_id, {"mask_personal_data": True})


def test_after_a_damaged_state_alerts_are_sent_again_and_nothing_fails(
    hook: Hook, told: Any, tmp_path: Path
) -> None:
    told(_published(FINDING), revops=hook.url)
    (tmp_path / "alerts" / "state.json").write_text("{")
    assert told(_published(FINDING), revops=hook.url) == ["alert to revops sent"]
    assert State(tmp_path).latest_as_of == DAY.isoformat()


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        ("run_failed", "pipegen: the run failed"),
        ("run_refused", "pipegen: nothing was published"),
        ("run_died", "pipegen: a run died"),
        ("stale", "pipegen: data is stale"),
    ],
)
def test_trouble_is_reported_once(
    hook: Hook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, title: str
) -> None:
    monkeypatch.setenv("PIPEGEN_ALERTS_OPS", hook.url)
    for _ in range(2):
        delivery.send_trouble(_settings(tmp_path), None, kind, ("no space is left: free some",))
    [letter] = hook.received
    assert letter["title"] == title
    assert "no space is left: free some" in letter["message"]


def _packet(folder: Path, day: str, text: str) -> None:
    """The files that a review packet leaves for a message."""
    (folder / day).mkdir(parents=True)
    (folder / day / "summary.txt").write_text(text, encoding="utf-8")
    (folder / day / "summary.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    (folder / "latest").unlink(missing_ok=True)
    (folder / "latest").symlink_to(day)


def test_a_packets_lines_and_picture_are_sent_once(
    hook: Hook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reporter = Silent()

    def tell(audience: str = "joint") -> None:
        delivery.send_packet(_settings(tmp_path), reporter, audience)

    tell()
    assert reporter.words == [], "nobody is to be told"
    monkeypatch.setenv("PIPEGEN_ALERTS_REVIEW", hook.url)
    _packet(tmp_path / "review", "2026-05-17", "The review\nline two\nline ten\n")
    tell(), tell()
    [letter] = hook.received
    assert (letter["title"], letter["message"]) == ("The review", "line two\nline ten")
    [picture] = letter["attachments"]
    assert picture["mimetype"] == "image/png"
    _packet(tmp_path / "review", "2026-05-24", "The next\nline two\n")
    _packet(tmp_path / "review" / "sales", "2026-05-24", "Sales alone\nline two\n")
    tell(), tell("sales"), tell("sales")
    assert [one["title"] for one in hook.received] == ["The review", "The next", "Sales alone"]
    assert reporter.words == ["review summary sent"] * 3


def test_a_packet_that_could_not_be_sent_is_sent_by_the_next_review(
    hook: Hook, dead_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reporter = Silent()
    _packet(tmp_path / "review", "2026-05-17", "The review\nline two\n")
    monkeypatch.setenv("PIPEGEN_ALERTS_REVIEW", f"{dead_url} {hook.url}")
    delivery.send_packet(_settings(tmp_path), reporter)
    assert sorted(words.split(":")[0] for words in reporter.words) == [
        "review summary", "review summary sent"
    ]  # fmt: skip
    delivery.send_packet(_settings(tmp_path), reporter)
    assert len(hook.received) == 1
    assert not any(dead_url in words for words in reporter.words)
