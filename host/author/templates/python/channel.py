"""Posts each event as {"text": …} to a URL."""

from dataclasses import dataclass

from fanfare_plugin import Delivery, channel, request, settings


@dataclass
class Settings:
    url: str


@channel
def deliver(delivery: Delivery) -> dict:
    event = delivery.event
    response = request(
        "POST",
        settings(Settings).url,
        # The same on every attempt: the receiver can tell one that is repeated.
        headers={"idempotency-key": delivery.id},
        json={"text": event.message or event.type},
    )
    # 503 is tried again, 400 is a dead letter: each status becomes the failure that fits.
    response.raise_for_status()
    return {"status": response.status}
