"""Requests through the host's pooled client, to the hosts the operator granted. Redirects are not followed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from . import _host
from ._failure import Failure
from ._json import dumps, loads

_NO_JSON: Any = object()


class Request:
    """A request. With `json`, that value's JSON is the body, and `content-type` says so."""

    __slots__ = ("body", "headers", "method", "url")

    def __init__(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
        body: str | bytes = "",
        json: Any = _NO_JSON,
    ) -> None:
        self.method = method
        self.url = url
        self.headers = list(headers.items() if isinstance(headers, Mapping) else headers)
        self.body = body
        if json is not _NO_JSON:
            self.body = dumps(json)
            if not any(name.lower() == "content-type" for name, _ in self.headers):
                self.headers.append(("content-type", "application/json"))

    def header(self, name: str) -> str | None:
        """The first header of this name, ignoring case."""
        return _header(self.headers, name)

    def json(self) -> Any:
        """The body, read as JSON; for tests."""
        return loads(self.body)


@dataclass(slots=True)
class Response:
    """A response. Its body is `str` for text, JSON among it, and `bytes` for anything else."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: str | bytes = ""

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status <= 299

    def header(self, name: str) -> str | None:
        """The first header of this name, ignoring case."""
        return _header(self.headers, name)

    def json(self) -> Any:
        """The body, read as JSON. A rejecting `Failure` (`invalid_json`) if it is not JSON."""
        try:
            return loads(self.body)
        except ValueError as error:
            raise Failure.reject("invalid_json", f"the receiver's response is not JSON: {error}") from error

    def raise_for_status(self) -> None:
        """Raises `Failure.from_status` for any status but 2xx."""
        if not self.ok:
            raise Failure.from_status(self)


def _header(headers: list[tuple[str, str]], name: str) -> str | None:
    name = name.lower()
    return next((value for have, value in headers if have.lower() == name), None)


def send(request: Request) -> Response:
    """Sends one request and waits for the whole response, whatever its status.

    Without one it raises a `Failure` with the code `denied`, `invalid_request` or `response_too_large`, which reject, or
    `connection` or `timeout`, which try again.
    """
    return _host.current.send(request)


def request(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
    body: str | bytes = "",
    json: Any = _NO_JSON,
) -> Response:
    """`send` of a `Request`."""
    return send(Request(method, url, headers=headers, body=body, json=json))
