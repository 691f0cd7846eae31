"""New events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from . import _host
from ._json import dumps, loads


@dataclass(slots=True)
class NewEvent:
    """An event as `emit` passes it to the host, which sets its id, source and time."""

    type: str
    data: str | bytes | None = None
    subject: str | None = None
    extensions: dict[str, str] = field(default_factory=dict)
    data_content_type: str | None = None
    """`None` means `application/json`."""
    data_schema: str | None = None

    def json(self) -> Any:
        """The data, read as JSON; for tests."""
        return None if self.data is None else loads(self.data)


def emit(
    type: str,
    data: Any = None,
    *,
    subject: str | None = None,
    extensions: Mapping[str, str] | None = None,
    data_content_type: str | None = None,
    data_schema: str | None = None,
) -> str:
    """Publishes an event, if the attempt delivers, in the same commit. Returns the id that it will have.

    The data is taken as it stands when it is `bytes` or `str`, which has to be JSON unless `data_content_type` says
    otherwise; any other value becomes its JSON, and `None` is no data. What the host refuses is raised as a rejecting
    `Failure`: `denied` where the operator has not granted the type, `invalid_event`, `too_many_events` past the host's
    bounds (16 events in an attempt, 256 KiB in an event, 16 events in a chain in which each causes the next).
    """
    if not (data is None or isinstance(data, str | bytes)):
        data = dumps(data)
        data_content_type = data_content_type or "application/json"
    event = NewEvent(type, data, subject, dict(extensions or {}), data_content_type, data_schema)
    return _host.current.emit(event)
