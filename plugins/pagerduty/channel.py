"""Sends each event to PagerDuty's Events API v2, to trigger, acknowledge or resolve an alert."""

import json
import re
from base64 import b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Literal

from fanfare_plugin import Delivery, Event, Failure, Response, channel, render, request, settings

Severity = Literal["critical", "error", "warning", "info"]

# Common names of severities.
SEVERITIES: dict[str, Severity] = {
    "emergency": "critical",
    "alert": "critical",
    "fatal": "critical",
    "critical": "critical",
    "error": "error",
    "err": "error",
    "warning": "warning",
    "warn": "warning",
    "notice": "info",
    "info": "info",
    "debug": "info",
    "trace": "info",
}

ACTIONS = ("trigger", "acknowledge", "resolve")

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")

# PagerDuty's limits, in characters.
SUMMARY = 1024
DEDUP_KEY = 255


@dataclass
class Link:
    href: str
    text: str | None = None


@dataclass
class Settings:
    routing_key: str
    url: str = "https://events.pagerduty.com/v2/enqueue"
    dedup_key: str = ""
    summary: str = "{message}"
    template: str = ""
    source: str = "{source}"
    component: str = ""
    group: str = ""
    severity: Severity = "error"
    severities: dict[str, Severity] = field(default_factory=dict)
    action_attribute: str | None = None
    acknowledge: list[str] = field(default_factory=list)
    resolve: list[str] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    client: str = "Fanfare"
    client_url: str = ""


@channel
def deliver(delivery: Delivery) -> dict[str, Any]:
    config = settings(Settings)
    alert = compose(delivery, config)
    response = request("POST", config.url, json=alert)
    if not response.ok:
        raise Failure.from_status(response, complaint(response))
    answer = read(response)
    return {
        "dedup_key": answer.get("dedup_key") or alert["dedup_key"],
        "status": answer.get("status") or "success",
    }


def compose(delivery: Delivery, config: Settings) -> dict[str, Any]:
    """The body of the request."""
    event = delivery.event
    details = custom_details(event)
    action = event_action(event, config)
    dedup_key = fill(config.dedup_key, event, details)
    if not dedup_key and action != "trigger":
        raise Failure.reject("no_dedup_key", f"nothing says which alert to {action}: see the setting dedup_key")
    alert: dict[str, Any] = {
        "routing_key": config.routing_key,
        "event_action": action,
        # The same on every attempt, so that an event sent twice is one alert.
        "dedup_key": shorten(dedup_key or delivery.id),
    }
    if action != "trigger":
        return alert
    payload = {
        "summary": summary(event, details, config)[:SUMMARY],
        "source": fill(config.source, event, details) or event.source,
        "severity": severity(event, config),
        "timestamp": event.time,
        "class": event.type,
        "component": fill(config.component, event, details),
        "group": fill(config.group, event, details),
        "custom_details": details,
    }
    alert["payload"] = {name: value for name, value in payload.items() if value}
    links = [(fill(link.href, event, details), fill(link.text or "", event, details)) for link in config.links]
    alert["links"] = [{"href": href, "text": text or href} for href, text in links if href]
    alert["client"] = config.client
    if config.client_url:
        alert["client_url"] = config.client_url
    return alert


def summary(event: Event, details: dict[str, Any], config: Settings) -> str:
    """One line for the person on call."""
    message = render(config.template) if config.template else None
    if message and (said := message.subject or " ".join(message.text.split())):
        return said
    return fill(config.summary, event, details) or f"{event.type} from {event.source}"


def custom_details(event: Event) -> dict[str, Any]:
    """The data. PagerDuty requires an object, so anything else is wrapped in one."""
    if event.data is None:
        return {}
    if isinstance(event.data, bytes):
        return {"data_base64": b64encode(event.data).decode()}
    if not event.is_json:
        return {"data": event.data}
    data = event.json()
    return data if isinstance(data, dict) else {"data": data}


def event_action(event: Event, config: Settings) -> str:
    if config.action_attribute and (action := event.extensions.get(config.action_attribute)):
        if action not in ACTIONS:
            raise Failure.reject(
                "invalid_action",
                f"the event's {config.action_attribute} is `{action}`; it must be one of {', '.join(ACTIONS)}",
            )
        return action
    if any(matches(event.type, pattern) for pattern in config.resolve):
        return "resolve"
    if any(matches(event.type, pattern) for pattern in config.acknowledge):
        return "acknowledge"
    return "trigger"


def matches(text: str, pattern: str) -> bool:
    """One `*` matches any text. (`fnmatch` takes a millisecond to compile a pattern, on every attempt.)"""
    head, star, tail = pattern.partition("*")
    if not star:
        return text == pattern
    return len(text) >= len(head) + len(tail) and text.startswith(head) and text.endswith(tail)


def severity(event: Event, config: Settings) -> Severity:
    own = (event.severity or "").lower()
    return config.severities.get(own) or SEVERITIES.get(own) or config.severity


def fill(template: str, event: Event, details: dict[str, Any]) -> str | None:
    """Replaces each `{name}` with the event's value. `None` if the event has no value for one of them."""
    values = {name: look_up(name, event, details) for name in PLACEHOLDER.findall(template)}
    if None in values.values():
        return None
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in values.items()}
    return PLACEHOLDER.sub(lambda match: texts[match[1]], template)


def look_up(name: str, event: Event, details: dict[str, Any]) -> Any:
    """An attribute of the event or, with the prefix `data.`, a member of its data."""
    if name in ("id", "source", "type", "subject", "time"):
        return getattr(event, name)
    first, *path = name.split(".")
    if first != "data":
        return event.extensions.get(name)
    value: Any = details
    for member in path:
        value = value.get(member) if isinstance(value, dict) else None
    return value


def shorten(key: str) -> str:
    return key if len(key) <= DEDUP_KEY else sha256(key.encode("utf-8", "replace")).hexdigest()


def complaint(response: Response) -> str | None:
    """PagerDuty's error, in one line."""
    answer = read(response)
    errors = answer.get("errors")
    said = [answer.get("message"), *(errors if isinstance(errors, list) else [])]
    said = [str(part) for part in said if part]
    return f"PagerDuty answered {response.status}: {'; '.join(said)}" if said else None


def read(response: Response) -> dict[str, Any]:
    """The JSON of the response. Empty if it is not JSON, such as a proxy's error page."""
    try:
        answer = response.json()
    except Failure:
        return {}
    return answer if isinstance(answer, dict) else {}
