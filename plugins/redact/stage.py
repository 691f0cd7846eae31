"""Removes personal data from an event's data, by path."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from fanfare_plugin import Event, Failure, settings, stage

from spans import REMOVED, Value, scan, write

MASK = "***"


@dataclass
class Config:
    paths: list[str]
    """Such as `data.email` or `data.*.ssn`. `*` matches every member of an object or a list."""
    mode: Literal["remove", "mask", "hash"] = "remove"
    key: str = ""
    """The key of the hashes. Without one, anybody with a hash could guess its value."""


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
    text = event.data if isinstance(event.data, str) else event.data.decode("utf-8", "surrogateescape")
    try:
        data = scan(text)
    except ValueError as error:
        raise Failure.reject("invalid_data", f"the event's data is not JSON: {error}") from error
    change = _CHANGES[config.mode](config.key)
    found = [value for path in paths for value in _find(data, path)]
    if found:
        event.data = write(text, data, {value.start: change(text[value.start : value.end]) for value in found})
    return event


Change = Callable[[str], str | None]
"""Maps a value to its replacement, both as JSON."""


def _remove(_: str) -> Change:
    return lambda _value: REMOVED


def _mask(_: str) -> Change:
    return lambda _value: json.dumps(MASK)


def _hash(key: str) -> Change:
    def hashed(value: str) -> str:
        text = json.loads(value) if value.startswith('"') else value
        return json.dumps(hmac.new(key.encode(), text.encode("utf-8", "replace"), hashlib.sha256).hexdigest())

    return hashed


_CHANGES: dict[str, Callable[[str], Change]] = {"remove": _remove, "mask": _mask, "hash": _hash}


def _path(path: str) -> list[str]:
    root, *names = path.split(".")
    if root != "data" or not names or not all(names):
        what = f"`stages.<name>.settings.paths` has `{path}`, which is not a path below the data such as `data.email`"
        raise Failure.reject("invalid_settings", what)
    return names


def _find(value: Value, path: list[str]) -> list[Value]:
    """The values at the path. If a name is repeated, all of its members, because a reader may use any of them."""
    name, *rest = path
    below = value.named(name)
    return [found for one in below for found in _find(one, rest)] if rest else below
