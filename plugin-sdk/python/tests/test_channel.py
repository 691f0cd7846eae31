import json
import sys
import unittest

from fanfare_plugin import (
    Delivery,
    Event,
    Failure,
    NewEvent,
    Request,
    Response,
    batch_channel,
    batch_http_channel,
    channel,
    emit,
    http_channel,
    log,
    request,
    settings,
    stage,
)
from fanfare_plugin.testing import Host, delivery

HERE = sys.modules[__name__]


class Channels(unittest.TestCase):
    def test_the_function_is_unchanged_and_its_module_has_the_export(self):
        @channel
        def deliver(delivery: Delivery) -> dict:
            return {"id": delivery.id}

        self.assertEqual(deliver(delivery("x")), {"id": delivery("x").id})
        self.assertEqual(json.loads(HERE.Handler().deliver(delivery("x"))), {"id": delivery("x").id})

    def test_a_missing_or_invalid_receipt_is_empty(self):
        channel(lambda delivery: delivery.event.type and None)
        self.assertEqual(HERE.Handler().deliver(delivery("x")), "")
        for ill in ({"a": object()}, {"a": float("nan")}):
            channel(lambda delivery, ill=ill: ill)
            with Host() as host:
                self.assertEqual(HERE.Handler().deliver(delivery("x")), "")
            self.assertEqual(host.lines[0][0], "warn")

    def test_an_exception_becomes_a_failure(self):
        @channel
        def deliver(delivery: Delivery) -> dict:
            match delivery.event.type:
                case "failure":
                    raise Failure.reject("no", "never")
                case "exit":
                    sys.exit(3)
                case _:
                    return {}["x"]

        for event_type, code, message, lines in [
            ("failure", "no", "never", 0),
            ("exit", "exception", "SystemExit: 3", 1),
            ("bug", "exception", "KeyError: 'x'", 1),
        ]:
            with Host() as host, self.assertRaises(Failure) as raised:
                HERE.Handler().deliver(delivery(event_type))
            self.assertEqual((raised.exception.code, raised.exception.message), (code, message))
            self.assertEqual(bool(host.lines), bool(lines))
        self.assertEqual(host.lines[0], ("error", "Traceback (most recent call last):", []))
        self.assertIn("in deliver", host.lines[1][1])
        self.assertEqual(host.lines[-1][1], "KeyError: 'x'")

    def test_a_stage_returns_the_event_another_one_or_none(self):
        @stage
        def process(event: Event) -> Event | None:
            match event.json():
                case "drop":
                    return None
                case "reject":
                    raise Failure.reject("no", "never")
                case "setting":
                    return settings()["file"]
                case "bug":
                    return {}["x"]
                case data:
                    event.set_json({"was": data})
                    event.extensions["checked"] = "yes"
                    return event

        passed = HERE.Stage().process(delivery("x", [1]).event)
        self.assertEqual((passed.json(), passed.extensions["checked"]), ({"was": [1]}, "yes"))
        self.assertIsNone(HERE.Stage().process(delivery("x", '"drop"').event))
        for word, code, says in [
            ("reject", "no", "never"),
            ("bug", "exception", "KeyError"),
            ("setting", "invalid_settings", "stages.<name>.settings.file"),
        ]:
            with Host(), self.assertRaises(Failure) as raised:
                HERE.Stage().process(delivery("x", json.dumps(word)).event)
            self.assertEqual(raised.exception.code, code)
            self.assertIn(says, raised.exception.message)
        text = delivery("x", "y", data_content_type="text/plain").event
        text.set_json({"a": 1})
        self.assertIsNone(text.data_content_type)
        with self.assertRaises(Failure):
            text.set_json(object())

    def test_an_http_channel_composes_and_interprets_the_status(self):
        @http_channel
        def compose(delivery: Delivery) -> Request:
            return Request("POST", settings()["url"], json=delivery.event.json())

        with Host(settings={"url": "http://x/"}):
            self.assertEqual(HERE.Exchange().compose(delivery("x", [1])).body, "[1]")
            self.assertEqual(compose(delivery("x", [1])).url, "http://x/")
        self.assertEqual(HERE.Exchange().interpret(delivery("x"), Response(204)), '{"status": 204}')
        with self.assertRaises(Failure) as raised:
            HERE.Exchange().interpret(delivery("x"), Response(500))
        self.assertEqual(raised.exception.code, "http_500")

        @compose.interpret
        def interpret(delivery: Delivery, response: Response) -> dict:
            return {"answered": response.status}

        self.assertEqual(HERE.Exchange().interpret(delivery("x"), Response(500)), '{"answered": 500}')

    def test_each_delivery_of_a_batch_has_its_own_result(self):
        busy = Failure.retry("busy", "later")

        @batch_channel
        def deliver(batch: list[Delivery]) -> list[dict | Failure | None]:
            by_type = {"a": {"n": 1}, "b": None, "c": busy, "ill": {"n": object()}}
            return [by_type[delivery.event.type] for delivery in batch]

        batch = [delivery(event_type) for event_type in ("a", "b", "c", "ill")]
        self.assertEqual(deliver(batch[1:2]), [None])
        with Host() as host:
            self.assertEqual(HERE.BatchHandler().deliver(batch), ['{"n": 1}', "", busy, ""])
        self.assertEqual([line[0] for line in host.lines], ["warn"])
        self.assertEqual(HERE.BatchHandler().deliver([]), [])

    def test_an_exception_fails_every_delivery_of_a_batch(self):
        @batch_channel
        def deliver(batch: list[Delivery]) -> list[dict]:
            match batch[0].event.type:
                case "failure":
                    raise Failure.reject("no", "never")
                case "setting":
                    return settings()["url"]
                case "none":
                    return None
                case _:
                    return {}["x"]

        for event_type, code, says, logged in [
            ("failure", "no", "never", False),
            ("setting", "invalid_settings", "`channels.test.settings.url` is missing", False),
            ("none", "exception", "must return a list with one entry for each delivery, not None", True),
            ("bug", "exception", "KeyError: 'x'", True),
        ]:
            with Host() as host:
                results = HERE.BatchHandler().deliver([delivery(event_type), delivery(event_type)])
            self.assertEqual([result.code for result in results], [code, code])
            self.assertIn(says, results[1].message)
            self.assertEqual(bool(host.lines), logged)
        self.assertIn("in deliver", host.lines[1][1])

    def test_an_http_channel_sends_one_request_for_a_batch(self):
        @batch_http_channel
        def compose(batch: list[Delivery]) -> Request:
            return Request("POST", settings()["url"], json=[delivery.event.type for delivery in batch])

        batch = [delivery("a"), delivery("b")]
        with Host(settings={"url": "http://x/"}):
            self.assertEqual(HERE.BatchExchange().compose(batch).body, '["a", "b"]')
            self.assertEqual(compose(batch).url, "http://x/")
        with Host(), self.assertRaises(Failure) as raised:
            HERE.BatchExchange().compose(batch)
        self.assertIn("channels.test.settings.url", raised.exception.message)
        self.assertEqual(HERE.BatchExchange().interpret(batch, Response(204)), ['{"status": 204}'] * 2)
        self.assertEqual([r.code for r in HERE.BatchExchange().interpret(batch, Response(503))], ["http_503"] * 2)

        @compose.interpret
        def interpret(batch: list[Delivery], response: Response) -> list[dict | Failure | None]:
            return [None, Failure.reject("no", "never")]

        first, second = HERE.BatchExchange().interpret(batch, Response(503))
        self.assertEqual((first, second.code), ("", "no"))

    def test_an_error_in_the_settings_names_the_channel(self):
        channel(lambda delivery: settings()["url"])
        with Host(), self.assertRaises(Failure) as raised:
            HERE.Handler().deliver(delivery("x"))
        self.assertEqual(
            raised.exception.message, "`channels.test.settings.url` is missing: set it in the daemon's config"
        )


class Hosts(unittest.TestCase):
    def test_a_request_is_sent_through_the_host(self):
        answers = [Response(200, [("X-A", "1")], '{"a": 1}'), Failure.retry("timeout", "too slow")]
        with Host(answers=answers) as host:
            response = request("PUT", "http://x/", json={"ä": 1}, headers={"Content-Type": "application/x+json"})
            self.assertEqual((response.ok, response.json(), response.header("x-a")), (True, {"a": 1}, "1"))
            with self.assertRaises(Failure) as raised:
                request("GET", "http://x/")
            self.assertEqual(raised.exception.code, "timeout")
        self.assertEqual(host.requests[0].headers, [("Content-Type", "application/x+json")])
        self.assertEqual(host.requests[0].json(), {"ä": 1})

    def test_an_event_is_emitted_unchanged_and_an_error_becomes_a_failure(self):
        with Host() as host:
            first = emit("a", {"n": 1}, subject="s", extensions={"level": "1"}, data_schema="/x")
            second = emit("b", "[1]")
            emit("c", b"\xff", data_content_type="image/png")
            emit("d", [], data_content_type="application/ld+json")
            emit("e")
        self.assertEqual((first, second), (f"{delivery('x').id}.1", f"{delivery('x').id}.2"))
        self.assertEqual(host.emitted[0].json(), {"n": 1})
        self.assertEqual(
            host.emitted,
            [
                NewEvent("a", '{"n": 1}', "s", {"level": "1"}, "application/json", "/x"),
                NewEvent("b", "[1]"),
                NewEvent("c", b"\xff", data_content_type="image/png"),
                NewEvent("d", "[]", data_content_type="application/ld+json"),
                NewEvent("e"),
            ],
        )
        with Host(emit_failure=Failure.reject("denied", "no")) as host, self.assertRaises(Failure) as raised:
            emit("a")
        self.assertEqual((raised.exception.code, host.emitted), ("denied", []))

    def test_a_line_has_a_message_and_fields(self):
        with Host() as host:
            log.info("sent", user=7, message="hi")
        self.assertEqual(host.lines, [("info", "sent", [("user", "7"), ("message", "hi")])])

    def test_the_error_without_a_host_says_what_to_do(self):
        with self.assertRaisesRegex(RuntimeError, "testing.Host"):
            settings()
