"""The way between this package's types and the generated ones, over the bindings that componentize-py makes for editors."""

import importlib
import subprocess
import sys
import tempfile
import unittest
from importlib.resources import files
from importlib.util import find_spec
from unittest import mock

from fanfare_plugin import Failure, Response, _host, emit, state
from fanfare_plugin._http import Request, send


@unittest.skipUnless(find_spec("componentize_py"), "componentize-py is not installed")
class Bindings(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        script = "from componentize_py import script; script()"
        wit = str(files("fanfare_plugin") / "wit" / "0.1.0")
        subprocess.run(
            [sys.executable, "-c", script, "-q", "-d", wit, "-w", "fanfare:channel/channel", "bindings", folder], check=True
        )
        cls.enterClassContext(mock.patch.object(sys, "path", [folder, *sys.path]))
        cls.enterClassContext(mock.patch.object(_host, "current", _host.current))
        cls.wasm = importlib.import_module("fanfare_plugin._wasm")
        cls.wit = importlib.import_module("wit_world.imports")
        types = importlib.import_module("componentize_py_types")
        cls.Err, cls.Ok = types.Err, types.Ok

    def delivery(self, data):
        events = self.wit.events
        event = events.Event("e", "/s", "t", None, "2026-11-20T10:30:00Z", None, None, [("severity", "info")], data)
        return events.Delivery("dlv_1", "chat", 2, True, event)

    def test_a_delivery_goes_in_and_a_receipt_comes_out(self):
        seen = []

        class Handler:
            def deliver(self, delivery):
                seen.append(delivery)
                return "{}"

        exported = self.wasm.exported(Handler)()
        self.assertEqual(exported.deliver(self.delivery(self.wit.events.Payload_Text("[1]"))), "{}")
        exported.deliver(self.delivery(self.wit.events.Payload_Binary(b"\xff")))
        exported.deliver(self.delivery(None))
        self.assertEqual([delivery.event.data for delivery in seen], ["[1]", b"\xff", None])
        self.assertEqual((seen[0].attempt, seen[0].replayed, seen[0].event.severity), (2, True, "info"))

    def test_each_failure_has_its_disposition(self):
        events = self.wit.events
        for failure, disposition in [
            (Failure.retry("c", "m"), events.Disposition_Retry()),
            (Failure.retry_after(1.5, "c", "m"), events.Disposition_RetryAfter(1500)),
            (Failure.retry_after(1e300, "c", "m"), events.Disposition_RetryAfter(86_400_000)),
            (Failure.retry_after(-1, "c", "m"), events.Disposition_RetryAfter(0)),
            (Failure.reject("c", "m"), events.Disposition_Reject()),
            (Failure.suspend("c", "m"), events.Disposition_Suspend()),
        ]:

            class Handler:
                def deliver(self, delivery, failure=failure):
                    raise failure

            with self.assertRaises(self.Err) as raised:
                self.wasm.exported(Handler)().deliver(self.delivery(None))
            self.assertEqual(raised.exception.value, events.Failure(disposition, "c", "m"))

    def test_an_exchange_composes_and_interprets(self):
        class Exchange:
            def compose(self, delivery):
                return Request("POST", "http://x/", json="\ud800ä")

            def interpret(self, delivery, response):
                return response.body

        exported = self.wasm.exported(Exchange)()
        types, events = self.wit.http_types, self.wit.events
        body = events.Payload_Text('"\\ud800\\u00e4"')
        expected = types.Request("POST", "http://x/", [("content-type", "application/json")], body)
        self.assertEqual(exported.compose(self.delivery(None)), expected)
        response = types.Response(200, [], events.Payload_Text("{}"))
        self.assertEqual(exported.interpret(self.delivery(None), response), "{}")

    def test_a_batch_goes_in_and_its_results_come_out(self):
        busy = Failure.retry("busy", "later")

        class BatchHandler:
            def deliver(self, batch):
                return [batch[0].event.data, busy]

        class BatchExchange:
            def compose(self, batch):
                if len(batch) == 1:
                    raise busy
                return Request("POST", "http://x/", json=len(batch))

            def interpret(self, batch, response):
                return [busy, response.body]

        events, types = self.wit.events, self.wit.http_types
        batch = [self.delivery(events.Payload_Text("{}")), self.delivery(None)]
        taken, failed = self.Ok("{}"), self.Err(events.Failure(events.Disposition_Retry(), "busy", "later"))
        self.assertEqual(self.wasm.exported_of_batch(BatchHandler)().deliver(batch), [taken, failed])
        exchange = self.wasm.exported_of_batch(BatchExchange)()
        self.assertEqual(exchange.compose(batch).body, events.Payload_Text("2"))
        with self.assertRaises(self.Err) as raised:
            exchange.compose(batch[:1])
        self.assertEqual(raised.exception, failed)
        response = types.Response(200, [], events.Payload_Text("{}"))
        self.assertEqual(exchange.interpret(batch, response), [failed, taken])

    def test_text_that_is_not_utf_8_is_replaced(self):
        with mock.patch.object(self.wit.log, "log") as log:
            self.wasm._Daemon().log("info", "\ud800 ä", [("\ud800", "\ud800")])
        log.assert_called_once_with(self.wit.log.Level.INFO, "? ä", [("?", "?")])

    def test_each_host_error_becomes_a_failure(self):
        _host.current = self.wasm._Daemon()
        http, stored, emitted = self.wit.http, self.wit.state, self.wit.emit
        call = {
            "HttpError": lambda: send(Request("GET", "http://x/")),
            "StateError": lambda: state.get("k"),
            "EmitError": lambda: emit("a"),
        }
        for error, code, disposition in [
            (http.HttpError_Denied("m"), "denied", "reject"),
            (http.HttpError_Invalid("m"), "invalid_request", "reject"),
            (http.HttpError_Connection("m"), "connection", "retry"),
            (http.HttpError_Timeout("m"), "timeout", "retry"),
            (http.HttpError_TooLarge("m"), "response_too_large", "reject"),
            (stored.StateError_TooLarge("m"), "state_too_large", "reject"),
            (stored.StateError_NotANumber("m"), "state_not_a_number", "reject"),
            (stored.StateError_Unavailable("m"), "state_unavailable", "retry"),
            (emitted.EmitError_Denied("m"), "denied", "reject"),
            (emitted.EmitError_Invalid("m"), "invalid_event", "reject"),
            (emitted.EmitError_TooMany("m"), "too_many_events", "reject"),
        ]:
            with (
                mock.patch.object(http, "send", side_effect=self.Err(error)),
                mock.patch.object(stored, "get", side_effect=self.Err(error)),
                mock.patch.object(emitted, "emit", side_effect=self.Err(error)),
                self.assertRaises(Failure) as raised,
            ):
                call[type(error).__name__.partition("_")[0]]()
            self.assertEqual((raised.exception.code, raised.exception.disposition), (code, disposition))

    def test_an_event_is_emitted_with_the_types_of_the_contract(self):
        _host.current = self.wasm._Daemon()
        events, emitted = self.wit.events, self.wit.emit
        with mock.patch.object(emitted, "emit", return_value="e-9") as host:
            self.assertEqual(emit("a", {"n": 1}, subject="\ud800", extensions={"x": "ä"}, data_schema="/s"), "e-9")
            emit("b", b"\xff", data_content_type="image/png")
            emit("c")
        json = events.Payload_Text('{"n": 1}')
        self.assertEqual(
            [call.args[0] for call in host.call_args_list],
            [
                emitted.NewEvent("a", "?", "application/json", "/s", [("x", "ä")], json),
                emitted.NewEvent("b", None, "image/png", None, [], events.Payload_Binary(b"\xff")),
                emitted.NewEvent("c", None, None, None, [], None),
            ],
        )

    def test_a_response_is_converted(self):
        _host.current = self.wasm._Daemon()
        types, events = self.wit.http_types, self.wit.events
        answer = types.Response(201, [("a", "b")], events.Payload_Binary(b"\xff"))
        with mock.patch.object(self.wit.http, "send", return_value=answer):
            self.assertEqual(send(Request("GET", "http://x/")), Response(201, [("a", "b")], b"\xff"))
