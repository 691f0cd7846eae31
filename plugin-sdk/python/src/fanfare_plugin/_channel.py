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
"""What the channel records about a delivery: anything that JSON can express, or nothing."""

Deliver = Callable[[Delivery], Receipt]
Compose = Callable[[Delivery], Request]
Interpret = Callable[[Delivery, Response], Receipt]
DeliverBatch = Callable[[list[Delivery]], list[Receipt | Failure]]
ComposeBatch = Callable[[list[Delivery]], Request]
InterpretBatch = Callable[[list[Delivery], Response], list[Receipt | Failure]]
Process = Callable[[Event], Event | None]


def channel(deliver: Deliver) -> Deliver:
    """Makes a function the channel of this plugin. It makes the delivery itself, and returns what to record about it.

    The function is unchanged; `Handler`, which the world `channel` exports, is added to its module.
    """

    class Handler:
        def deliver(self, delivery: Delivery) -> str:
            return _receipt(_run(deliver, delivery, delivery))

    _export("Handler", Handler, deliver)
    return deliver


def batch_channel(deliver: DeliverBatch) -> DeliverBatch:
    """Makes a function a channel that delivers many events in one call: what its operator's `batch` policy has gathered.

        @batch_channel
        def deliver(batch: list[Delivery]) -> list[dict | Failure | None]:
            return [store(delivery) for delivery in batch]

    It returns one entry for each delivery, in their order: what to remember of it, or its `Failure`. A `Failure` that is
    raised is everybody's. Another number of entries is a fault of the whole call, after which each delivery is attempted
    alone. What the world `batch-channel` exports, `BatchHandler`, appears in the function's module.
    """

    class BatchHandler:
        def deliver(self, batch: list[Delivery]) -> list[str | Failure]:
            return _results(deliver, batch)

    _export("BatchHandler", BatchHandler, deliver)
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
    """Makes a function that composes a request the channel of this plugin. The host sends the request.

        @http_channel
        def compose(delivery: Delivery) -> Request:
            return Request("POST", settings()["url"], json=delivery.event.json())

    The host pools connections, signs and checks the grants. Any 2xx counts as a delivery and the rest goes by
    `Failure.from_status`, unless the plugin judges the response itself:

        @compose.interpret
        def interpret(delivery: Delivery, response: Response) -> dict:
            response.raise_for_status()
            return {"id": response.json()["id"]}

    `Exchange`, which the world `http-channel` exports, is added to the function's module.
    """

    def __init__(self, compose: Compose) -> None:
        self._compose = compose
        self._interpret: Interpret = _by_status
        channel = self

        class Exchange:
            def compose(self, delivery: Delivery) -> Request:
                return _run(channel._compose, delivery, delivery)

            def interpret(self, delivery: Delivery, response: Response) -> str:
                return _receipt(_run(channel._interpret, delivery, delivery, response))

        _export("Exchange", Exchange, compose)

    def __call__(self, delivery: Delivery) -> Request:
        return self._compose(delivery)

    def interpret(self, function: Interpret) -> Interpret:
        self._interpret = function
        return function


class batch_http_channel:  # noqa: N801  Used as a decorator, as `property` is.
    """Makes a function that composes one request for many events the channel of this plugin. The host sends it.

        @batch_http_channel
        def compose(batch: list[Delivery]) -> Request:
            return Request("POST", settings()["url"], json=[delivery.event.json() for delivery in batch])

    A `Failure` that it raises for several says nothing of any one of them: each is attempted alone. Any 2xx counts as a
    delivery of all and the rest goes by `Failure.from_status`, unless the plugin judges the response itself, with one
    entry for each delivery, in their order: what to remember of it, or its `Failure`.

        @compose.interpret
        def interpret(batch: list[Delivery], response: Response) -> list[dict | Failure | None]:
            response.raise_for_status()
            return [None if taken else Failure.retry("busy", "not now") for taken in response.json()]

    `BatchExchange`, which the world `batch-http-channel` exports, is added to the function's module.
    """

    def __init__(self, compose: ComposeBatch) -> None:
        self._compose = compose
        self._interpret: InterpretBatch = _by_status_of_all
        channel = self

        class BatchExchange:
            def compose(self, batch: list[Delivery]) -> Request:
                return _run(channel._compose, batch[0], batch)

            def interpret(self, batch: list[Delivery], response: Response) -> list[str | Failure]:
                return _results(channel._interpret, batch, response)

        _export("BatchExchange", BatchExchange, compose)

    def __call__(self, batch: list[Delivery]) -> Request:
        return self._compose(batch)

    def interpret(self, function: InterpretBatch) -> InterpretBatch:
        self._interpret = function
        return function


def _by_status_of_all(batch: list[Delivery], response: Response) -> list[Receipt | Failure]:
    return [_by_status(delivery, response) for delivery in batch]


def _by_status(_: Delivery, response: Response) -> Receipt:
    response.raise_for_status()
    return {"status": response.status}


def _run(function: Callable[..., R], delivery: Delivery, *arguments: Any) -> R:
    return _inside(f"channels.{delivery.channel}", function, *arguments)


def _results(function: Callable[..., Any], batch: list[Delivery], *rest: Any) -> list[str | Failure]:
    """One result for each delivery. What the function raises applies to all."""
    if not batch:
        return []
    try:
        results = _run(function, batch[0], batch, *rest)
    except Failure as failure:
        return [failure] * len(batch)
    if not isinstance(results, list | tuple):
        message = f"the function must return a list with one entry for each delivery, not {results!r}"
        log.error(message)
        return [Failure.retry("exception", message)] * len(batch)
    return [result if isinstance(result, Failure) else _receipt(result) for result in results]


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
    """From the author's function on: this package's own frame would not help."""
    inner = error.__traceback__ and error.__traceback__.tb_next
    return "".join(traceback.format_exception(type(error), error, inner)).splitlines()


def _receipt(receipt: Receipt) -> str:
    """An invalid receipt must not undo a delivery that has happened: it is only dropped."""
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

        exported = _wasm.exported_of_batch(exported) if name.startswith("Batch") else _wasm.exported(exported)
        _remember_source(app)
    setattr(app, name, exported)


def _remember_source(module: ModuleType) -> None:
    """Lets a traceback show the module's lines, although its file does not exist at run time."""
    if path := module.__file__:
        with open(path, encoding="utf-8") as file:
            lines = file.readlines()
        # Without a modification time, linecache does not check whether the file exists.
        linecache.cache[path] = (sum(map(len, lines)), None, lines, path)
