"""Whom the delivered event is for."""

from __future__ import annotations

from dataclasses import dataclass, field

from . import _host


@dataclass(slots=True, repr=False)
class Recipient:
    """Who is on record under the event's subject. Addresses are personal data, so they are in no `repr`."""

    subject: str
    email: str | None = None
    phone: str | None = None
    push: list[str] = field(default_factory=list)
    """Tokens of devices."""
    locale: str | None = None
    attributes: dict[str, str] = field(default_factory=dict)
    """What else is on record; a nested key is joined by dots."""

    def __repr__(self) -> str:
        return f"Recipient(subject={self.subject!r}, …)"


def recipient() -> Recipient | None:
    """The recipient of the delivered event; `None` where it has no subject.

    One who is not on record has the operator's defaults, and no addresses.
    """
    return _host.current.recipient()
