"""The daemon as the plugin sees it: the real one in the sandbox, and a test's own elsewhere."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ._emit import NewEvent
    from ._http import Request, Response
    from ._recipient import Recipient
    from ._templates import Message

Pairs = list[tuple[str, str]]


class Host(Protocol):
    """What the contract's imports provide. Their failures are raised as the corresponding `Failure`."""

    def settings(self) -> Pairs: ...
    def log(self, level: str, message: str, fields: Pairs) -> None: ...
    def send(self, request: Request) -> Response: ...
    def state_get(self, key: str) -> bytes | None: ...
    def state_set(self, key: str, value: bytes, ttl: int) -> None: ...
    def state_delete(self, key: str) -> None: ...
    def state_increment(self, key: str, by: int) -> int: ...
    def measure(self, kind: str, name: str, value: float, labels: Pairs) -> None: ...
    def emit(self, event: NewEvent) -> str: ...
    def published(self) -> str: ...
    def recipient(self) -> Recipient | None: ...
    def render(self, name: str) -> Message: ...


class _NoHost:
    def __getattr__(self, name: str) -> object:
        raise RuntimeError("there is no host here: in a test, use `with fanfare_plugin.testing.Host():`")


current: Host = _NoHost()  # type: ignore[assignment]

IN_SANDBOX = sys.platform == "wasi"
