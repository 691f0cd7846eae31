"""Converts between this package's types and those that componentize-py makes of the contract."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from componentize_py_types import Err, Ok, Result
from wit_world.imports import config, emit, events, http, http_types, log, metrics, published, recipient, state, templates

from . import _host
from ._emit import NewEvent
from ._event import Delivery, Event
from ._failure import Disposition, Failure
from ._http import Request, Response
from ._recipient import Recipient
from ._templates import Message


def _text(text: str) -> str:
    """Half a surrogate pair, which JSON may contain, has no UTF-8."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _optional(text: str | None) -> str | None:
    return None if text is None else _text(text)


def _pairs(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(_text(name), _text(value)) for name, value in pairs]


def _payload(data: str | bytes) -> events.Payload:
    return events.Payload_Text(_text(data)) if isinstance(data, str) else events.Payload_Binary(bytes(data))


def _request(request: Request) -> http_types.Request:
    return http_types.Request(
        _text(request.method), _text(request.url), _pairs(request.headers), _payload(request.body)
    )


def _response(response: http_types.Response) -> Response:
    return Response(response.status, response.headers, response.body.value)


def _new_event(event: NewEvent) -> emit.NewEvent:
    return emit.NewEvent(
        type=_text(event.type),
        subject=_optional(event.subject),
        data_content_type=_optional(event.data_content_type),
        data_schema=_optional(event.data_schema),
        extensions=_pairs(list(event.extensions.items())),
        data=None if event.data is None else _payload(event.data),
    )


def _event(event: events.Event) -> Event:
    return Event(
        id=event.id,
        source=event.source,
        type=event.type,
        time=event.time,
        subject=event.subject,
        data_content_type=event.data_content_type,
        data_schema=event.data_schema,
        extensions=dict(event.extensions),
        data=None if event.data is None else event.data.value,
    )


def _returned(event: Event) -> events.Event:
    return events.Event(
        id=_text(event.id),
        source=_text(event.source),
        type=_text(event.type),
        subject=_optional(event.subject),
        time=_text(event.time),
        data_content_type=_optional(event.data_content_type),
        data_schema=_optional(event.data_schema),
        extensions=_pairs(list(event.extensions.items())),
        data=None if event.data is None else _payload(event.data),
    )


def _delivery(delivery: events.Delivery) -> Delivery:
    return Delivery(delivery.id, delivery.channel, delivery.attempt, delivery.replayed, _event(delivery.event))


def _failure(failure: Failure) -> events.Failure:
    disposition: events.Disposition
    match failure.disposition:
        case Disposition.RETRY:
            disposition = events.Disposition_Retry()
        case Disposition.RETRY_AFTER:
            disposition = events.Disposition_RetryAfter(int(failure.wait.total_seconds() * 1000))
        case Disposition.REJECT:
            disposition = events.Disposition_Reject()
        case Disposition.SUSPEND:
            disposition = events.Disposition_Suspend()
    return events.Failure(disposition, _text(failure.code), _text(failure.message))


def _result(result: str | Failure) -> Result[str, events.Failure]:
    return Err(_failure(result)) if isinstance(result, Failure) else Ok(_text(result))


def _call(function: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except Failure as failure:
        raise Err(_failure(failure)) from None


def exported(channel: type) -> type:
    """The class that the component exports: the same methods, with the contract's types."""
    inner = channel()

    class Exported:
        def deliver(self, delivery: events.Delivery) -> str:
            return _call(inner.deliver, _delivery(delivery))

        def process(self, event: events.Event) -> events.Event | None:
            passed = _call(inner.process, _event(event))
            return None if passed is None else _returned(passed)

        def compose(self, delivery: events.Delivery) -> http_types.Request:
            return _request(_call(inner.compose, _delivery(delivery)))

        def interpret(self, delivery: events.Delivery, response: http_types.Response) -> str:
            return _call(inner.interpret, _delivery(delivery), _response(response))

    return Exported


def exported_of_batch(channel: type) -> type:
    """The same for a channel that takes batches."""
    inner = channel()

    class Exported:
        def deliver(self, batch: list[events.Delivery]) -> list[Result[str, events.Failure]]:
            return [_result(result) for result in inner.deliver(list(map(_delivery, batch)))]

        def compose(self, batch: list[events.Delivery]) -> http_types.Request:
            return _request(_call(inner.compose, list(map(_delivery, batch))))

        def interpret(
            self, batch: list[events.Delivery], response: http_types.Response
        ) -> list[Result[str, events.Failure]]:
            judged = inner.interpret(list(map(_delivery, batch)), _response(response))
            return [_result(result) for result in judged]

    return Exported


_FAILURES: dict[type, tuple[Callable[[str, str], Failure], str]] = {
    http.HttpError_Denied: (Failure.reject, "denied"),
    http.HttpError_Invalid: (Failure.reject, "invalid_request"),
    http.HttpError_Connection: (Failure.retry, "connection"),
    http.HttpError_Timeout: (Failure.retry, "timeout"),
    http.HttpError_TooLarge: (Failure.reject, "response_too_large"),
    state.StateError_TooLarge: (Failure.reject, "state_too_large"),
    state.StateError_NotANumber: (Failure.reject, "state_not_a_number"),
    state.StateError_Unavailable: (Failure.retry, "state_unavailable"),
    emit.EmitError_Denied: (Failure.reject, "denied"),
    emit.EmitError_Invalid: (Failure.reject, "invalid_event"),
    emit.EmitError_TooMany: (Failure.reject, "too_many_events"),
}


def _raise(error: Err[Any]) -> NoReturn:
    make, code = _FAILURES[type(error.value)]
    raise make(code, error.value.value) from None


class _Daemon:
    def published(self) -> str:
        return published.json()

    def recipient(self) -> Recipient | None:
        who = recipient.current()
        if who is None:
            return None
        return Recipient(who.subject, who.email, who.phone, list(who.push), who.locale, dict(who.attributes))

    def render(self, name: str) -> Message:
        try:
            message = templates.render(_text(name))
        except Err as error:
            raise Failure.reject("template", error.value) from None
        return Message(message.subject, message.text, message.html)

    def settings(self) -> list[tuple[str, str]]:
        return config.all()

    def log(self, level: str, message: str, fields: list[tuple[str, str]]) -> None:
        log.log(log.Level[level.upper()], _text(message), _pairs(fields))

    def send(self, request: Request) -> Response:
        try:
            return _response(http.send(_request(request)))
        except Err as error:
            _raise(error)

    def state_get(self, key: str) -> bytes | None:
        try:
            return state.get(_text(key))
        except Err as error:
            _raise(error)

    def state_set(self, key: str, value: bytes, ttl: int) -> None:
        try:
            state.set(_text(key), value, ttl)
        except Err as error:
            _raise(error)

    def state_delete(self, key: str) -> None:
        try:
            state.delete(_text(key))
        except Err as error:
            _raise(error)

    def state_increment(self, key: str, by: int) -> int:
        try:
            return state.increment(_text(key), by)
        except Err as error:
            _raise(error)

    def measure(self, kind: str, name: str, value: float, labels: list[tuple[str, str]]) -> None:
        getattr(metrics, kind)(_text(name), value, _pairs(labels))

    def emit(self, event: NewEvent) -> str:
        try:
            return emit.emit(_new_event(event))
        except Err as error:
            _raise(error)


_host.current = _Daemon()
