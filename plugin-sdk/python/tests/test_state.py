import unittest

from fanfare_plugin import Failure, metrics, state
from fanfare_plugin.testing import Host


class State(unittest.TestCase):
    def test_state_is_kept_and_an_error_becomes_a_failure(self):
        with Host(state={"n": b"40"}) as host:
            state.set("a", "ä", ttl=60)
            state.set_json("j", {"x": 1})
            state.set("gone", b"")
            state.delete("gone")
            self.assertEqual(state.increment("n", 2), 42)
            self.assertEqual((state.get("a"), state.get("gone")), ("ä".encode(), None))
            self.assertEqual((state.get_json("j"), state.get_json("none", 7)), ({"x": 1}, 7))
            with self.assertRaises(Failure) as raised:
                state.increment("a")
            self.assertEqual(raised.exception.code, "state_not_a_number")
        self.assertEqual(host.state["n"], b"42")

    def test_metrics_reach_the_host(self):
        with Host() as host:
            metrics.counter("sent", kind="x")
            metrics.gauge("open", 3)
            metrics.histogram("size", 1.5)
        expected = [("counter", "sent", 1.0, [("kind", "x")]), ("gauge", "open", 3.0, []), ("histogram", "size", 1.5, [])]
        self.assertEqual(host.samples, expected)
