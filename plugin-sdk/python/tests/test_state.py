import unittest

from fanfare_plugin import Failure, metrics, state
from fanfare_plugin.testing import Host


class State(unittest.TestCase):
    def test_values_are_kept_and_numbers_add_up(self):
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

    def test_numbers_are_measured(self):
        with Host() as host:
            metrics.counter("sent", kind="x")
            metrics.gauge("open", 3)
            metrics.histogram("size", 1.5)
        expected = [("counter", "sent", 1.0, [("kind", "x")]), ("gauge", "open", 3.0, []), ("histogram", "size", 1.5, [])]
        self.assertEqual(host.samples, expected)
