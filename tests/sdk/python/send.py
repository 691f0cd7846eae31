"""Sends events made by the CloudEvents SDK for Python in every mode it knows, and compares what the daemon has recorded."""

import base64
import json
import sys
import urllib.error
import urllib.parse
import urllib.request
from datetime import datetime, timezone

from cloudevents.core.bindings.http import to_binary, to_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

URL = sys.argv[1]
SOURCE = "/sdk/python"
TIME = datetime(2026, 11, 20, 10, 30, 0, 123000, tzinfo=timezone.utc)


def call(method, path, headers=None, body=None):
    request = urllib.request.Request(URL + path, data=body, headers=headers or {}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def event(name, data, content_type):
    attributes = {
        "specversion": "1.0",
        "id": name,
        "source": SOURCE,
        "type": "sdk.python",
        "subject": "Größe 12 € 😀 \"quoted\" 100%",
        "time": TIME,
        "dataschema": "https://example.com/schema/1",
        "datacontenttype": content_type,
        "unicode": "Ünïcödé",
    }
    return CloudEvent(attributes=attributes, data=data)


def shown(name):
    path = f"/v1/events/{urllib.parse.quote(name, safe='')}?source={urllib.parse.quote(SOURCE, safe='')}"
    status, answer = call("GET", path)
    assert status == 200, answer
    return answer["event"]


def check(name, data):
    recorded = shown(name)
    want = {"subject": "Größe 12 € 😀 \"quoted\" 100%", "unicode": "Ünïcödé", "dataschema": "https://example.com/schema/1"}
    for attribute, value in want.items():
        assert recorded[attribute] == value, (name, attribute, recorded[attribute])
    assert datetime.fromisoformat(recorded["time"].replace("Z", "+00:00")) == TIME, recorded["time"]
    have = base64.b64decode(recorded["data_base64"]) if "data_base64" in recorded else recorded["data"]
    assert have == data, (name, have)


PAYLOADS = {
    "json": ({"größe": "12 €", "n": [1, 2.5, None, True]}, "application/json"),
    "text": ("Grüße 😀\nzweite Zeile", "text/plain"),
    "binary": (bytes([0, 159, 146, 150, 255]), "application/octet-stream"),
}

for mode, convert in {"structured": to_structured, "binary": to_binary}.items():
    for kind, (data, content_type) in PAYLOADS.items():
        name = f"{mode}-{kind}"
        message = convert(event(name, data, content_type), JSONFormat())
        for duplicate in (False, True):
            status, result = call("POST", "/v1/events", message.headers, message.body)
            assert status == 200, (name, status, result)
            assert result["overall_status"] == "success", result
            assert result["duplicate"] is duplicate, result
        check(name, data)
    other = convert(event(f"{mode}-json", {"other": True}, "application/json"), JSONFormat())
    status, problem = call("POST", "/v1/events", other.headers, other.body)
    assert (status, problem["type"]) == (422, "urn:fanfare:problem:identity-conflict"), problem

# The SDK has no batches of its own: a list of what it makes is one.
batch = [json.loads(to_structured(event(f"batch-{n}", {"n": n}, "application/json"), JSONFormat()).body) for n in range(3)]
headers = {"content-type": "application/cloudevents-batch+json"}
status, results = call("POST", "/v1/events", headers, json.dumps(batch).encode())
assert status == 200 and [result["event_id"] for result in results] == ["batch-0", "batch-1", "batch-2"], results
check("batch-1", {"n": 1})
print("python: structured, binary, batch")
