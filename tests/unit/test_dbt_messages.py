"""Of dbt's messages, those that a run reads arrive whole, and the rest are not built at all. A
failure means that a run shows no progress, misses a warning, or spends seconds on what nobody
reads."""

import io
from typing import Any

import pytest
from dbt.events.types import LogTestResult, MainReportVersion, NodeStart
from dbt_common.events import base_types
from dbt_common.events.base_types import EventLevel
from dbt_common.events.event_manager import EventManager
from dbt_common.events.logger import LineFormat, LoggerConfig
from dbt_common.events.types import Note

from pipegen import dbt_messages

READ = {"LogTestResult"}


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the messages that are built, in order."""
    names: list[str] = []
    parse = base_types.ParseDict

    def noted(fields: Any, message: Any) -> Any:
        names.append(type(message).__name__)
        return parse(fields, message)

    monkeypatch.setattr(base_types, "ParseDict", noted)
    return names


@pytest.fixture
def heard() -> list[Any]:
    return []


@pytest.fixture
def manager(heard: list[Any]) -> EventManager:
    found = EventManager()
    found.add_callback(heard.append)
    return found


def test_what_is_read_arrives_with_all_it_says(
    manager: EventManager, heard: list[Any]
) -> None:
    node = {"node_name": "a_claim", "unique_id": "test.pipegen.a_claim"}
    with dbt_messages.only(READ):
        result = LogTestResult(
            name="a_claim", status="pass", index=3, num_models=7, node_info=node
        )
        manager.fire_event(result, level=EventLevel.INFO)
    [message] = heard
    assert (message.info.name, message.info.level) == ("LogTestResult", "info")
    assert (message.data.index, message.data.num_models) == (3, 7)
    assert message.data.node_info.node_name == "a_claim"


def test_what_nobody_reads_is_never_built(
    manager: EventManager, heard: list[Any], built: list[str]
) -> None:
    with dbt_messages.only(READ):
        manager.fire_event(NodeStart(node_info={"node_name": "a_model"}))
        manager.fire_event(MainReportVersion(version="1", log_version=3))
        manager.fire_event(Note(msg="by the way"), level=EventLevel.INFO)
    assert not heard
    assert not built


def test_warnings_and_errors_are_read_whatever_their_names(
    manager: EventManager, heard: list[Any]
) -> None:
    with dbt_messages.only(READ):
        manager.fire_event(Note(msg="mind the gap"), level=EventLevel.WARN)
        manager.fire_event(Note(msg="it broke"), level=EventLevel.ERROR)
    assert [message.data.msg for message in heard] == ["mind the gap", "it broke"]


def test_where_dbt_keeps_a_log_every_message_is_in_it(
    manager: EventManager, heard: list[Any]
) -> None:
    log = LoggerConfig(name="log", line_format=LineFormat.Json, output_stream=io.StringIO())
    manager.add_logger(log)
    with dbt_messages.only(READ):
        manager.fire_event(NodeStart(node_info={"node_name": "a_model"}))
    assert [message.info.name for message in heard] == ["NodeStart"]


def test_a_message_that_was_never_fired_can_be_asked_and_changed() -> None:
    with dbt_messages.only(READ):
        note = Note(msg="first")
        note.msg = "second"
        assert note.msg == "second"
        assert note.to_dict() == {"msg": "second"}


def test_one_within_another_reads_what_both_read(
    manager: EventManager, heard: list[Any]
) -> None:
    with dbt_messages.only(READ), dbt_messages.only(READ):
        result = LogTestResult(name="a_claim", index=3, num_models=7)
        manager.fire_event(result, level=EventLevel.INFO)
        manager.fire_event(Note(msg="by the way"), level=EventLevel.INFO)
    assert [message.data.index for message in heard] == [3]


def test_afterwards_dbt_is_as_it_was(manager: EventManager, heard: list[Any]) -> None:
    with pytest.raises(ZeroDivisionError), dbt_messages.only(READ):
        raise ZeroDivisionError
    manager.fire_event(Note(msg="by the way"), level=EventLevel.INFO)
    assert [message.data.msg for message in heard] == ["by the way"]
