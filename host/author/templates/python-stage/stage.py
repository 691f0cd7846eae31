"""Trims a text of each event's data, and rejects an event without it."""

from dataclasses import dataclass

from fanfare_plugin import Event, Failure, settings, stage


@dataclass
class Settings:
    member: str


@stage
def process(event: Event) -> Event | None:
    member = settings(Settings).member
    data = event.json()
    if not isinstance(data.get(member), str):
        # The publisher gets this message.
        raise Failure.reject("missing", f"the data has no `{member}`")
    if data[member] != data[member].strip():
        data[member] = data[member].strip()
        event.set_json(data)
    # `None` would drop the event.
    return event
