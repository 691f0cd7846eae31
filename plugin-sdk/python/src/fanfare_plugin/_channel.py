"""The decorators that make a plugin of a function."""

from __future__ import annotations

import linecache
import sys
import traceback
from collections.abc import Callable
from types import ModuleType
from typing import Any, TypeVar

from . import _host, _settings, log
from ._event import Delivery, Event
from ._failure import Failure
from ._http import Request, Response
from ._json import dumps

R = TypeVar("R")

Receipt = dict[str, Any] | None
"""What the channel wants remembered of a delivery: anything that JSON can hold, or nothing."""

Deliver = Callable[[Delivery], Receipt]
Compose = Callable[[Delivery], Request]
Interpret = Callable[[Delivery, Response], Receipt]
Process = Callable[[Event], Event | None]


def channel(deliver: Deliver) -> Deliver:
    """Makes a function the channel of this plugin. It delivers by itself, and answers what to remember of it.

    The function stays what it was; what the world `channel` exports, `Handler`, appears in its module.
    """

    class Handler:
        def deliver(self, delivery: Delivery) -> str:
            return _receipt(_run(deliver, delivery))

    _export("Handler", Handler, deliver)
    return deliver


def stage(process: Process) -> Process:
    """Makes a function the stage of this plugin, which events pass before they go to channels.

        @stage
        def process(event: Event) -> Event | None:
            if not event.subject:
                raise Failure.reject("no_subject", "an order needs a subject")
            return event

    It returns the event, changed or not, or `None` to drop it; `id` and `source` have to stay what they are. What the world
    `stage-plugin` exports, `Stage`, appears in the function's module.
    """

    class Stage:
        def process(self, event: Event) -> Event | None:
            return _inside("stages.<name>", process, event)

    _export("Stage", Stage, process)
    return process


class http_channel:  # noqa: N801  Used as a decorator, as `property` is.
    """Makes a function that composes a request the channel of this plugin, and leaves the sending to the host.

        @http_channel
        def compose(delivery: Delivery) -> Request:
            return Request("POST", settings()["url"], json=delivery.event.json())

    The host pools connections, signs and checks the grants. Any 2xx counts as a delivery and the rest goes by
    `Failure.from_status`, unless the plugin judges the response itself:

        @compose.interpret
        def interpret(delivery: Delivery, response: Response) -> dict:
            response.raise_for_status()
            return {"id": response.json()["id"]}

    What the world `http-channel` exports, `Exchange`, appears in the function's module.
    """

    def __init__(self, compose: Compose) -> None:
        self._compose = compose
        self._interpret: Interpret = _by_status
        channel = self

        class Exchange:
            def compose(self, delivery: Delivery) -> Request:
                return _run(channel._compose, delivery)

            def interpret(self, delivery: Delivery, response: Response) -> str:
                return _receipt(_run(channel._interpret, delivery, response))

        _export("Exchange", Exchange, compose)

    def __call__(self, delivery: Delivery) -> Request:
        return self._compose(delivery)

    def interpret(self, function: Interpret) -> Interpret:
        self._interpret = function
        return function


def _by_status(_: Delivery, response: Response) -> Receipt:
    response.raise_for_status()
    return {"status": response.status}


def _run(function: Callable[..., R], delivery: Delivery, *rest: Any) -> R:
    return _inside(f"channels.{delivery.channel}", function, delivery, *rest)


def _inside(table: str, function: Callable[..., R], *arguments: Any) -> R:
    """Calls the author's function. Whatever it raises leaves as a `Failure`."""
    _settings.table = table
    try:
        return function(*arguments)
    except Failure:
        raise
    # `sys.exit()` among them: there is no process to end, only an attempt.
    except BaseException as error:
        for line in _traceback(error):
            log.error(line)
        raise Failure.retry("exception", "".join(traceback.format_exception_only(error)).strip()) from error


def _traceback(error: BaseException) -> list[str]:
    """From the author's function on: this package's own frame tells nobody anything."""
    inner = error.__traceback__ and error.__traceback__.tb_next
    return "".join(traceback.format_exception(type(error), error, inner)).splitlines()


def _receipt(receipt: Receipt) -> str:
    """An ill receipt must not undo a delivery that has happened: it is only dropped."""
    if receipt is None:
        return ""
    try:
        return dumps(receipt)
    except (TypeError, ValueError) as error:
        log.warn(f"the receipt was dropped: {error}")
        return ""


def _export(name: str, exported: type, function: Callable[..., Any]) -> None:
    """Puts the class where componentize-py looks for it: into the app module."""
    app = sys.modules[function.__module__]
    if _host.IN_SANDBOX:
        from . import _wasm

        exported = _wasm.exported(exported)
        _remember_source(app)
    setattr(app, name, exported)


def _remember_source(module: ModuleType) -> None:
    """Lets a traceback show the module's lines, whose file is gone by then."""
    if path := module.__file__:
        with open(path, encoding="utf-8") as file:
            lines = file.readlines()
        # Without a time of change, linecache does not look whether the file is still there.
        linecache.cache[path] = (sum(map(len, lines)), None, lines, path)
