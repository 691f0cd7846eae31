import unittest

from channel import deliver
from fanfare_plugin import Disposition, Failure, Response
from fanfare_plugin.testing import Host, delivery

SETTINGS = {"url": "https://example.com/hook"}


class Deliveries(unittest.TestCase):
    def test_the_message_is_posted(self):
        with Host(SETTINGS, answers=[Response(200)]) as host:
            receipt = deliver(delivery("user.signup", message="New user registered"))
        request = host.requests[0]
        self.assertEqual((request.method, request.url), ("POST", SETTINGS["url"]))
        self.assertEqual(request.json(), {"text": "New user registered"})
        self.assertEqual(receipt, {"status": 200})

    def test_a_delivery_is_retried_if_the_receiver_is_down(self):
        with Host(SETTINGS, answers=[Response(503)]), self.assertRaises(Failure) as raised:
            deliver(delivery("user.signup"))
        self.assertEqual((raised.exception.disposition, raised.exception.code), (Disposition.RETRY, "http_503"))
