"""What is delivered."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any

from . import _host
from ._failure import Failure
from ._json import dumps, loads


@dataclass(slots=True)
class Event:
    """A CloudEvents 1.0 event. Its data is `str` for text, JSON among it, and `bytes` for anything else."""

    id: str
    source: str
    type: str
    time: str
    """RFC 3339."""
    subject: str | None = None
    data_content_type: str | None = None
    """`None` means `application/json`."""
    data_schema: str | None = None
    extensions: dict[str, str] = field(default_factory=dict)
    """The extension attributes in the publisher's order."""
    data: str | bytes | None = None

    def json(self) -> Any:
        """The data, read as JSON. A rejecting `Failure` without data (`no_data`) or when it is not JSON (`invalid_data`)."""
        if self.data is None:
            raise Failure.reject("no_data", "the event has no data")
        try:
            return loads(self.data)
        except ValueError as error:
            raise Failure.reject("invalid_data", f"the event's data is not JSON: {error}") from error

    def set_json(self, data: Any) -> None:
        """Replaces the event's data, as JSON: for a stage. A content type that is not JSON is removed."""
        try:
            text = dumps(data)
        except (TypeError, ValueError) as error:
            raise Failure.reject("invalid_data", f"the data cannot be written as JSON: {error}") from error
        if not self.is_json:
            self.data_content_type = None
        self.data = text

    @property
    def message(self) -> str | None:
        """The extension `message`: one line for people."""
        return self.extensions.get("message")

    @property
    def severity(self) -> str | None:
        """The extension `severity`, as its publisher wrote it."""
        return self.extensions.get("severity")

    @property
    def tags(self) -> list[str]:
        """The extension `tags`, split."""
        return [tag for tag in map(str.strip, self.extensions.get("tags", "").split(",")) if tag]

    @property
    def is_json(self) -> bool:
        """Whether the data is JSON, going by its content type."""
        if self.data_content_type is None:
            return True
        media_type = self.data_content_type.partition(";")[0].strip().lower()
        _, slash, subtype = media_type.partition("/")
        return bool(slash) and (subtype == "json" or subtype.endswith("+json"))

    def to_json(self) -> str:
        """The event in the JSON event format of CloudEvents. JSON data is copied byte for byte.

        Extension attributes are strings; for what was published itself see `published_json`.
        """
        attributes = {
            "specversion": "1.0",
            "id": self.id,
            "source": self.source,
            "type": self.type,
            "time": self.time,
            "subject": self.subject,
            "datacontenttype": self.data_content_type,
            "dataschema": self.data_schema,
            **self.extensions,
        }
        members = dumps({name: value for name, value in attributes.items() if value is not None})
        match self.data:
            case None:
                return members
            case bytes():
                data = '"data_base64": ' + dumps(b64encode(self.data).decode())
            case _ if self.is_json:
                self.json()
                data = '"data": ' + self.data
            case _:
                data = '"data": ' + dumps(self.data)
        return f"{members[:-1]}, {data}}}"


@dataclass(slots=True)
class Delivery:
    """One attempt to deliver one event to one channel."""

    id: str
    """The same on every attempt: pass it to the receiver as the idempotency key."""
    channel: str
    """The name of the channel this is for."""
    attempt: int
    """1 for the first."""
    replayed: bool
    """Whether an operator sends it again: a replay or a redrive."""
    event: Event


def published_json() -> str:
    """The event that is delivered, in the JSON event format of CloudEvents.

    Unlike `Event.to_json`, it has numbers and booleans among the extension attributes as the publisher wrote them.
    """
    return _host.current.published()
