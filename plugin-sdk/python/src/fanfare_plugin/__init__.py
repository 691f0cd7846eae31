"""Write a Fanfare channel in Python: one function, one decorator.

    from fanfare_plugin import Delivery, channel, request, settings

    @channel
    def deliver(delivery: Delivery) -> dict:
        response = request("POST", settings()["url"], json={"text": delivery.event.message})
        response.raise_for_status()
        return {"status": response.status}

Each attempt runs in a fresh sandbox: nothing kept in a variable outlives it, and what a channel wants to remember goes
through `state`. An attempt may come again (after a crash of the daemon, for one) under the same `Delivery.id`, so hand that
to the receiver as its idempotency key.

A raised `Failure` says what the host should do. Any other exception is tried again by the channel's policy, with its type
and message for a reason and its traceback in the daemon's log.

Import everything at the top of a module: the plugin is a snapshot taken after its imports, with no files beside it.
"""

from . import log, metrics, state
from ._channel import batch_channel, batch_http_channel, channel, http_channel, stage
from ._emit import NewEvent, emit
from ._event import Delivery, Event, published_json
from ._failure import Disposition, Failure
from ._http import Request, Response, request, send
from ._recipient import Recipient, recipient
from ._settings import setting, settings
from ._templates import Message, render

__all__ = [
    "Delivery",
    "Disposition",
    "Event",
    "Failure",
    "Message",
    "NewEvent",
    "Recipient",
    "Request",
    "Response",
    "batch_channel",
    "batch_http_channel",
    "channel",
    "emit",
    "http_channel",
    "log",
    "metrics",
    "published_json",
    "recipient",
    "render",
    "request",
    "send",
    "setting",
    "settings",
    "stage",
    "state",
]
