"""How a delivery can fail, and what the host should do about it."""

from __future__ import annotations

import _strptime  # noqa: F401  `strptime` imports it late, when there are no files.
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from ._http import Response

# The host does not wait longer either.
_LONGEST_WAIT = timedelta(hours=24)

# The three forms of a date in HTTP: today's, RFC 850's and asctime's.
_DATES = ("%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y")


class Disposition(StrEnum):
    """What the host should do about a failure."""

    RETRY = "retry"
    RETRY_AFTER = "retry-after"
    REJECT = "reject"
    SUSPEND = "suspend"


class Failure(Exception):
    """A delivery that failed. `code` is short and stable, for programs; `message` is for people."""

    def __init__(
        self, disposition: Disposition, code: str, message: str, wait: timedelta = timedelta(0)
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.disposition = disposition
        self.code = code
        self.message = message
        self.wait = wait

    @classmethod
    def retry(cls, code: str, message: str) -> Self:
        """Retry, by the channel's policy."""
        return cls(Disposition.RETRY, code, message)

    @classmethod
    def retry_after(cls, wait: timedelta | float, code: str, message: str) -> Self:
        """Retry, but not before this long, in seconds or as a `timedelta` (at most 24 hours)."""
        if not isinstance(wait, timedelta):
            wait = timedelta(seconds=min(wait, _LONGEST_WAIT.total_seconds()))
        return cls(Disposition.RETRY_AFTER, code, message, min(max(wait, timedelta(0)), _LONGEST_WAIT))

    @classmethod
    def reject(cls, code: str, message: str) -> Self:
        """Do not retry: the delivery becomes a dead letter."""
        return cls(Disposition.REJECT, code, message)

    @classmethod
    def suspend(cls, code: str, message: str) -> Self:
        """The receiver is gone: suspend the whole channel until an operator resumes it."""
        return cls(Disposition.SUSPEND, code, message)

    @classmethod
    def from_status(cls, response: Response, message: str | None = None) -> Self:
        """The failure for a response that is not a success. The code is `http_<status>`.

        404, 408, 409, 425, 429 and 5xx are tried again, not before what `Retry-After` says (seconds or a date, at most 24
        hours); 410 suspends the channel; anything else is rejected. The message quotes the receiver, unless one is given.
        """
        status = response.status
        code = f"http_{status}"
        message = message or _quote(response)
        if status in (404, 408, 409, 425, 429) or 500 <= status <= 599:
            wait = _wanted_wait(response)
            return cls.retry(code, message) if wait is None else cls.retry_after(wait, code, message)
        if status == 410:
            return cls.suspend(code, message)
        return cls.reject(code, message)


def _quote(response: Response) -> str:
    message = f"the receiver answered {response.status}"
    said = response.body.strip()[:200] if isinstance(response.body, str) else ""
    if said:
        message += ": " + "".join(c if c.isprintable() else " " for c in said)
    return message


def _wanted_wait(response: Response) -> timedelta | float | None:
    value = response.header("retry-after")
    if value is None:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        # `float`, because it takes any number of digits.
        return float(value)
    until = _date(value)
    if until is None:
        return None
    # Compared with the response's own clock if it has one, so that ours may be wrong.
    sent = response.header("date")
    return until - ((sent and _date(sent)) or datetime.now(UTC))


def _date(text: str) -> datetime | None:
    text = text.strip()
    for form in _DATES:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None
