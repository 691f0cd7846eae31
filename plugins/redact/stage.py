"""Takes personal data out of an event's data, by path."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from fanfare_plugin import Event, Failure, settings, stage

MASK = "***"


@dataclass
class Config:
    paths: list[str]
    """Such as `data.email` or `data.*.ssn`: `*` is each member of an object or a list."""
    mode: Literal["remove", "mask", "hash"] = "remove"
    key: str = ""
    """Of the hashes: without one, whoever has a hash can try what it is of."""


@stage
def process(event: Event) -> Event | None:
    config = settings(Config)
    paths = [_path(path) for path in config.paths]
    if config.mode == "hash" and not config.key:
        raise Failure.reject("invalid_settings", "`stages.<name>.settings.key` is missing: mode `hash` needs a secret")
    if event.data is None:
        return event
    if not event.is_json:
        raise Failure.reject("not_json", "the data is not JSON, so nothing can be found in it")
    data = event.json()
    change = _CHANGES[config.mode](config.key)
    if any([_redact(data, path, change) for path in paths]):
        event.set_json(data)
    return event


Change = Callable[[Any], Any] | None
"""What a value becomes; none removes its member."""


def _remove(_: str) -> Change:
    return None


def _mask(_: str) -> Change:
    return lambda _value: MASK


def _hash(key: str) -> Change:
    def hashed(value: Any) -> str:
        text = value if isinstance(value, str) else repr(value)
        return hmac.new(key.encode(), text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()

    return hashed


_CHANGES: dict[str, Callable[[str], Change]] = {"remove": _remove, "mask": _mask, "hash": _hash}


def _path(path: str) -> list[str]:
    root, *names = path.split(".")
    if root != "data" or not names or not all(names):
        what = f"`stages.<name>.settings.paths` has `{path}`, which is not a path below the data such as `data.email`"
        raise Failure.reject("invalid_settings", what)
    return names


def _redact(node: Any, path: list[str], change: Change) -> bool:
    """Changes what the path leads to; whether there was anything."""
    name, *rest = path
    found = False
    for key in _members(node, name):
        if rest:
            found = _redact(node[key], rest, change) or found
        elif change is None:
            del node[key]
            found = True
        else:
            node[key] = change(node[key])
            found = True
    return found


def _members(node: Any, name: str) -> list[Any]:
    """The last one first, so that those of a list can be removed."""
    if isinstance(node, dict):
        return list(node) if name == "*" else [name] if name in node else []
    if isinstance(node, list):
        every = range(len(node) - 1, -1, -1)
        return list(every) if name == "*" else [int(name)] if name.isdecimal() and int(name) < len(node) else []
    return []
