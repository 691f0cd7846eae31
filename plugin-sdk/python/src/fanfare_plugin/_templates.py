"""Texts that the operator wrote, filled in by the host."""

from __future__ import annotations

from dataclasses import dataclass

from . import _host
from ._settings import setting


@dataclass(slots=True)
class Message:
    """A template that is filled in. A part is empty if the template does not have it."""

    subject: str = ""
    text: str = ""
    html: str = ""


def render(name: str | None = None) -> Message | None:
    """Fills in a template (`[templates.NAME]`) from the delivered event and its recipient, in the recipient's language.

    Without a name: the template that the setting `template` names, or `None` where the operator has set none. What is
    missing or wrong is raised as a rejecting `Failure` with the code `template`.
    """
    name = setting("template") if name is None else name
    return None if name is None else _host.current.render(name)
