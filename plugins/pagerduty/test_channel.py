import unittest

from channel import deliver, matches
from fanfare_plugin import Disposition, Failure, Message, Response
from fanfare_plugin.testing import Host, delivery

KEY = "R" * 32
ACCEPTED = '{"status": "success", "message": "Event processed", "dedup_key": "theirs"}'


def send(what, answer=None, **settings):
    """Delivers, and returns the request's body and the receipt."""
    answers = [answer or Response(202, body=ACCEPTED)]
    with Host(settings={"routing_key": KEY, **settings}, answers=answers) as host:
        receipt = deliver(what)
    return host.requests[0], receipt


class Alerts(unittest.TestCase):
    def test_an_event_becomes_an_alert(self):
        what = delivery(
            "disk.full", {"host": "db-1", "free": 0}, message="Platte voll – jetzt", severity="FATAL", subject="db-1"
        )
        request, receipt = send(what)
        self.assertEqual((request.method, request.url), ("POST", "https://events.pagerduty.com/v2/enqueue"))
        self.assertEqual(request.header("content-type"), "application/json")
        self.assertEqual(
            request.json(),
            {
                "routing_key": KEY,
                "event_action": "trigger",
                "dedup_key": what.id,
                "payload": {
                    "summary": "Platte voll – jetzt",
                    "source": "/test",
                    "severity": "critical",
                    "timestamp": "2026-11-20T10:30:00Z",
                    "class": "disk.full",
                    "custom_details": {"host": "db-1", "free": 0},
                },
                "links": [],
                "client": "Fanfare",
            },
        )
        self.assertEqual(receipt, {"dedup_key": "theirs", "status": "success"})

    def test_templates_are_filled_from_the_event(self):
        what = delivery("disk.full", {"host": {"name": "db-1"}, "free": 0, "up": True}, subject="db", runbook="r7")
        request, _ = send(
            what,
            dedup_key="{source}/{data.host.name}",
            summary="{data.free} bytes left, up is {data.up}, on {data.host.name}",
            source="{data.host.name}",
            component="{subject}",
            group="{data.nothing}",
            links=[{"href": "https://wiki/{runbook}", "text": "Runbook"}, {"href": "https://x/{no}"}],
            client_url="https://fanfare.example",
        )
        alert = request.json()
        self.assertEqual(alert["dedup_key"], "/test/db-1")
        self.assertEqual(alert["payload"]["summary"], "0 bytes left, up is true, on db-1")
        self.assertEqual(alert["payload"]["source"], "db-1")
        self.assertEqual(alert["payload"]["component"], "db")
        self.assertNotIn("group", alert["payload"])
        self.assertEqual(alert["links"], [{"href": "https://wiki/r7", "text": "Runbook"}])
        self.assertEqual(alert["client_url"], "https://fanfare.example")

    def test_a_template_s_subject_or_text_is_the_summary(self):
        for message, expected in [
            (Message(subject="Platte voll", text="Auf db-1"), "Platte voll"),
            (Message(text="Platte voll\nauf db-1\n"), "Platte voll auf db-1"),
            (Message(subject="ü" * 2000), "ü" * 1024),
            (Message(html="<p>Platte voll</p>"), "disk full"),
        ]:
            settings = {"routing_key": KEY, "template": "alert"}
            with Host(settings=settings, answers=[Response(202, body=ACCEPTED)], templates={"alert": message}) as host:
                deliver(delivery("disk.full", message="disk full"))
            self.assertEqual(host.requests[0].json()["payload"]["summary"], expected)
        with Host(settings={"routing_key": KEY, "template": "none"}) as host, self.assertRaises(Failure) as raised:
            deliver(delivery("disk.full"))
        self.assertEqual((raised.exception.disposition, raised.exception.code), (Disposition.REJECT, "template"))
        self.assertEqual(host.requests, [])

    def test_missing_attributes_have_defaults(self):
        what = delivery("disk.full")
        alert = send(what, dedup_key="{subject}", source="{subject}")[0].json()
        self.assertEqual(alert["dedup_key"], what.id)
        self.assertEqual(alert["payload"]["source"], "/test")
        self.assertEqual(alert["payload"]["summary"], "disk.full from /test")
        self.assertNotIn("custom_details", alert["payload"])

    def test_text_is_truncated_to_pagerduty_s_limits(self):
        alert = send(delivery("x", message="ü" * 2000, subject="s" * 300), dedup_key="{subject}")[0].json()
        self.assertEqual(alert["payload"]["summary"], "ü" * 1024)
        self.assertEqual(len(alert["dedup_key"]), 64)

    def test_data_that_is_not_an_object_is_wrapped(self):
        for what, details in [
            (delivery("x", [1, 2]), {"data": [1, 2]}),
            (delivery("x", "plain", data_content_type="text/plain"), {"data": "plain"}),
            (delivery("x", b"\xff\x00"), {"data_base64": "/wA="}),
        ]:
            self.assertEqual(send(what)[0].json()["payload"]["custom_details"], details)

    def test_severities(self):
        for own, expected in [("warn", "warning"), ("Debug", "info"), ("odd", "error"), (None, "error"), ("p1", "info")]:
            what = delivery("x", **({"severity": own} if own else {}))
            alert = send(what, severities={"p1": "info"})[0].json()
            self.assertEqual(alert["payload"]["severity"], expected, own)


BY_TYPE = {"dedup_key": "{subject}", "resolve": ["*.resolved"], "acknowledge": ["seen", "*.seen"]}


class Actions(unittest.TestCase):
    def test_the_action_follows_from_the_type(self):
        for event_type, action in [("a.resolved", "resolve"), ("seen", "acknowledge"), ("resolved", "trigger")]:
            alert = send(delivery(event_type, subject="db-1"), **BY_TYPE)[0].json()
            self.assertEqual((alert["event_action"], alert["dedup_key"]), (action, "db-1"))
            self.assertEqual("payload" in alert, action == "trigger")

    def test_a_pattern_has_one_star(self):
        for text, pattern, expected in [
            ("a.b", "a.b", True),
            ("a.b", "a.*", True),
            ("a.b", "*", True),
            ("a.b.c", "a*c", True),
            ("a.b", "*.a", False),
            ("aba", "ab*ba", False),
        ]:
            self.assertEqual(matches(text, pattern), expected, pattern)

    def test_an_attribute_takes_precedence_over_the_type(self):
        settings = {**BY_TYPE, "action_attribute": "action"}
        for attributes, action in [({"action": "acknowledge"}, "acknowledge"), ({}, "resolve")]:
            alert = send(delivery("a.resolved", subject="s", **attributes), **settings)[0].json()
            self.assertEqual(alert["event_action"], action)
        with self.assertRaises(Failure) as raised:
            send(delivery("a", subject="s", action="explode"), **settings)
        self.assertEqual((raised.exception.disposition, raised.exception.code), (Disposition.REJECT, "invalid_action"))

    def test_resolving_needs_a_dedup_key(self):
        with self.assertRaises(Failure) as raised:
            send(delivery("a.resolved"), **BY_TYPE)
        self.assertEqual((raised.exception.disposition, raised.exception.code), (Disposition.REJECT, "no_dedup_key"))


class Answers(unittest.TestCase):
    def failure(self, answer):
        with self.assertRaises(Failure) as raised:
            send(delivery("x"), answer)
        return raised.exception

    def test_an_invalid_event_is_rejected_with_pagerduty_s_errors(self):
        body = '{"status": "invalid event", "message": "Event object is invalid", "errors": ["too long", "too late"]}'
        failure = self.failure(Response(400, body=body))
        self.assertEqual((failure.disposition, failure.code), (Disposition.REJECT, "http_400"))
        self.assertEqual(failure.message, "PagerDuty answered 400: Event object is invalid; too long; too late")

    def test_too_many_events_are_retried_later(self):
        failure = self.failure(Response(429, [("Retry-After", "30")], "slow down"))
        self.assertEqual((failure.disposition, failure.wait.total_seconds()), (Disposition.RETRY_AFTER, 30))
        self.assertEqual(self.failure(Response(429)).disposition, Disposition.RETRY)

    def test_server_errors_are_retried_and_redirects_are_not_followed(self):
        self.assertEqual(self.failure(Response(503)).disposition, Disposition.RETRY)
        self.assertEqual(self.failure(Response(301)).disposition, Disposition.REJECT)

    def test_a_success_without_json_is_a_success(self):
        what = delivery("x")
        _, receipt = send(what, Response(202, body="ok"))
        self.assertEqual(receipt, {"dedup_key": what.id, "status": "success"})

    def test_a_missing_routing_key_names_the_setting(self):
        with Host() as host, self.assertRaises(Failure) as raised:
            deliver(delivery("x"))
        self.assertEqual((raised.exception.disposition, raised.exception.code), (Disposition.REJECT, "invalid_settings"))
        self.assertIn(".settings.routing_key` is missing", raised.exception.message)
        self.assertEqual(host.requests, [])


if __name__ == "__main__":
    unittest.main()
