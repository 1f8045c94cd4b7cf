"""dbt's messages: those that are read are built, and no others.

What belongs here: keeping dbt from work on what it would say to nobody. What does not: what a run
makes of the messages that it reads (`transform`).
"""

import contextlib
from collections.abc import Collection, Iterator
from typing import Any


@contextlib.contextmanager
def only(read: Collection[str]) -> Iterator[None]:
    """While this lasts, only messages with the names in `read`, warnings and errors are built.

    Of every node dbt has some twenty messages. It builds each twice, as protobuf, before it asks
    who reads them, which takes a tenth of what it costs to build a small company. Where dbt keeps
    a log, every message is read, and nothing changes.
    """
    from dbt_common.events.base_types import BaseEvent, EventLevel
    from dbt_common.events.event_manager import EventManager

    quiet = {EventLevel.DEBUG, EventLevel.TEST, EventLevel.INFO}
    build, read_of, fire = BaseEvent.__init__, BaseEvent.__getattr__, EventManager.fire_event

    def begin(self: Any, *args: Any, **fields: Any) -> None:
        self.__dict__["_given"] = args, fields

    def get(self: Any, name: str) -> Any:
        if name != "pb_msg":
            return getattr(self.pb_msg, name)
        args, fields = self.__dict__.pop("_given")
        build(self, *args, **fields)
        # One of these within another, or whoever else puts the building off, has it still to do.
        return self.__dict__["pb_msg"] if "pb_msg" in self.__dict__ else read_of(self, name)

    def put(self: Any, name: str, value: Any) -> None:
        if name == "pb_msg":
            self.__dict__[name] = value
        else:
            setattr(self.pb_msg, name, value)

    def fire_read(
        self: EventManager, e: BaseEvent, level: EventLevel | None = None, *args: Any, **kwargs: Any
    ) -> None:
        is_quiet = (level or e.level_tag()) in quiet and type(e).__name__ not in read
        if self.loggers or not is_quiet:
            fire(self, e, level, *args, **kwargs)

    with contextlib.ExitStack() as restored:
        for owner, name, ours in (
            (BaseEvent, "__init__", begin),
            (BaseEvent, "__getattr__", get),
            (BaseEvent, "__setattr__", put),
            (EventManager, "fire_event", fire_read),
        ):
            restored.callback(setattr, owner, name, getattr(owner, name))
            setattr(owner, name, ours)
        yield
