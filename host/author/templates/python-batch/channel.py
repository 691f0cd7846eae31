"""Posts a digest of many events as {"text": …} to a URL."""

from dataclasses import dataclass

from fanfare_plugin import Delivery, Request, batch_http_channel, settings


@dataclass
class Settings:
    url: str


# The host sends it. Any 2xx delivers all of them; otherwise each is retried or becomes a dead letter separately.
@batch_http_channel
def compose(batch: list[Delivery]) -> Request:
    lines = [f"- {delivery.event.message or delivery.event.type}" for delivery in batch]
    title = "1 event" if len(batch) == 1 else f"{len(batch)} events"
    return Request("POST", settings(Settings).url, json={"text": "\n".join([f"{title}:", *lines])})
