"""Whom the delivered event is for."""

from __future__ import annotations

from dataclasses import dataclass, field

from . import _host


@dataclass(slots=True, repr=False)
class Recipient:
    """The recipient on record under the event's subject. Addresses are personal data, so no `repr` shows them."""

    subject: str
    email: str | None = None
    phone: str | None = None
    push: list[str] = field(default_factory=list)
    """Device tokens."""
    locale: str | None = None
    attributes: dict[str, str] = field(default_factory=dict)
    """Other attributes; nested keys are joined by dots."""

    def __repr__(self) -> str:
        return f"Recipient(subject={self.subject!r}, …)"


def recipient() -> Recipient | None:
    """The recipient of the delivered event; `None` if it has no subject.

    One without a record has the operator's defaults, and no addresses.
    """
    return _host.current.recipient()
