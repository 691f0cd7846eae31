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
        # The same on every attempt, so that the receiver can detect repeats.
        headers={"idempotency-key": delivery.id},
        json={"text": event.message or event.type},
    )
    # A 503 is retried and a 400 becomes a dead letter: the status decides the failure.
    response.raise_for_status()
    return {"status": response.status}
