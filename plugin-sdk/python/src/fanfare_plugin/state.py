"""The channel's own key-value state.

Reads see what was committed and this attempt's own writes; writes are kept only if the attempt delivers, in the same commit.
What the host refuses is raised as a `Failure`: `state_too_large` and `state_not_a_number` reject, `state_unavailable` tries
again.
"""

from __future__ import annotations

from typing import Any

from . import _host
from ._json import dumps, loads


def get(key: str) -> bytes | None:
    """A value, or `None` if there is none."""
    return _host.current.state_get(key)


def set(key: str, value: str | bytes, *, ttl: int | None = None) -> None:
    """Keeps a value until it is deleted, or for `ttl` seconds (at least 1)."""
    if isinstance(value, str):
        value = value.encode()
    _host.current.state_set(key, value, 0 if ttl is None else max(ttl, 1))


def delete(key: str) -> None:
    """Deletes a value."""
    _host.current.state_delete(key)


def increment(key: str, by: int = 1) -> int:
    """Adds to a whole number (absent counts as 0) and returns the sum as this attempt sees it. Concurrent ones all count."""
    return _host.current.state_increment(key, by)


def get_json(key: str, default: Any = None) -> Any:
    """A value that was kept by `set_json`."""
    value = get(key)
    return default if value is None else loads(value)


def set_json(key: str, value: Any, *, ttl: int | None = None) -> None:
    """Keeps a value as JSON."""
    set(key, dumps(value), ttl=ttl)
