import unittest

from fanfare_plugin import Failure
from fanfare_plugin.testing import Host, delivery
from stage import process


def run(data):
    with Host({"member": "name"}):
        return process(delivery("user.signup", data).event)


class Stage(unittest.TestCase):
    def test_the_text_is_trimmed_and_the_rest_is_unchanged(self):
        self.assertEqual(run({"name": " Ada ", "n": 1}).json(), {"name": "Ada", "n": 1})

    def test_an_event_without_the_text_is_rejected(self):
        with self.assertRaises(Failure) as raised:
            run({})
        self.assertEqual(raised.exception.code, "missing")
