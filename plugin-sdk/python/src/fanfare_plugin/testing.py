"""A host for unit tests, in memory.

    with Host(settings={"url": "http://localhost/"}, answers=[Response(202)]) as host:
        receipt = deliver(delivery("user.signup", {"user": 7}))
    assert host.requests[0].json() == {"user": 7}
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self

from . import _host, _settings
from ._emit import NewEvent
from ._event import Delivery, Event
from ._failure import Failure
from ._http import Request, Response
from ._recipient import Recipient
from ._templates import Message

Pairs = list[tuple[str, str]]

_DELIVERY = "dlv_0193456789ab7cde8f0123456789abcd_1"


class Host:
    """Takes the daemon's place within a `with`, and records what the channel did."""

    def __init__(
        self,
        settings: Mapping[str, Any] | None = None,
        answers: Iterable[Response | Failure] = (),
        state: Mapping[str, bytes] | None = None,
        emit_failure: Failure | None = None,
        published: str = "",
        recipient: Recipient | None = None,
        templates: Mapping[str, Message | str] | None = None,
    ) -> None:
        """`settings` is as in the daemon's config; `answers` are for the requests in their order, a `Failure` is raised.

        With `emit_failure`, no event of the channel's own is taken. `published` is what `published_json()` returns,
        `recipient` whom the event is for, and `templates` what each template comes to, or what is wrong with it in words.
        """
        self.flat_settings = list(_flat("", settings or {}))
        self.answers = list(answers)
        self.state = dict(state or {})
        self.emit_failure = emit_failure
        self.published_json = published
        self.current_recipient = recipient
        self.templates = dict(templates or {})
        self.requests: list[Request] = []
        """What was sent."""
        self.lines: list[tuple[str, str, Pairs]] = []
        """What was logged: level, message, fields."""
        self.samples: list[tuple[str, str, float, Pairs]] = []
        """What was measured: kind, name, value, labels."""
        self.emitted: list[NewEvent] = []
        """What was emitted. The ids are the delivery's with `.1`, `.2`, …"""

    def __enter__(self) -> Self:
        self._before, _host.current = _host.current, self
        _settings.table = "channels.<name>"
        return self

    def __exit__(self, *_: object) -> None:
        _host.current = self._before

    def settings(self) -> Pairs:
        return list(self.flat_settings)

    def log(self, level: str, message: str, fields: Pairs) -> None:
        self.lines.append((level, message, fields))

    def send(self, request: Request) -> Response:
        self.requests.append(request)
        if not self.answers:
            raise Failure.retry("connection", "the test host has no response left")
        answer = self.answers.pop(0)
        if isinstance(answer, Failure):
            raise answer
        return answer

    def state_get(self, key: str) -> bytes | None:
        return self.state.get(key)

    def state_set(self, key: str, value: bytes, ttl: int) -> None:
        self.state[key] = value

    def state_delete(self, key: str) -> None:
        self.state.pop(key, None)

    def state_increment(self, key: str, by: int) -> int:
        try:
            total = int(self.state.get(key, b"0")) + by
        except ValueError:
            raise Failure.reject("state_not_a_number", f"`{key}` is not an integer") from None
        self.state[key] = str(total).encode()
        return total

    def measure(self, kind: str, name: str, value: float, labels: Pairs) -> None:
        self.samples.append((kind, name, value, labels))

    def published(self) -> str:
        return self.published_json

    def recipient(self) -> Recipient | None:
        return self.current_recipient

    def render(self, name: str) -> Message:
        rendered = self.templates.get(name, f"there is no template `{name}`")
        if isinstance(rendered, str):
            raise Failure.reject("template", rendered)
        return rendered

    def emit(self, event: NewEvent) -> str:
        if self.emit_failure:
            raise self.emit_failure
        self.emitted.append(event)
        return f"{_DELIVERY}.{len(self.emitted)}"


def _flat(key: str, value: Any) -> Iterator[tuple[str, str]]:
    match value:
        case Mapping():
            members: Iterable[tuple[Any, Any]] = value.items()
        case list() | tuple():
            members = enumerate(value)
        case bool():
            yield key, "true" if value else "false"
            return
        case _:
            yield key, str(value)
            return
    for name, member in members:
        yield from _flat(f"{key}.{name}" if key else str(name), member)


def delivery(event_type: str, data: Any = None, **attributes: Any) -> Delivery:
    """A first attempt to deliver an event to a channel called `test`.

    Text and bytes are the data as they are, anything else as JSON. `attributes` are the event's: those of `Event` by their
    names, the others as extensions.
    """
    if not (data is None or isinstance(data, str | bytes)):
        data = json.dumps(data)
    event = Event("e-1", "/test", event_type, "2026-11-20T10:30:00Z", data=data)
    for name, value in attributes.items():
        if name in Event.__slots__:
            setattr(event, name, value)
        else:
            event.extensions[name] = value
    return Delivery(_DELIVERY, "test", 1, False, event)
