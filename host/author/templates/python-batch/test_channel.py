import unittest

import channel
from fanfare_plugin import Disposition, Response
from fanfare_plugin.testing import Host, delivery

SETTINGS = {"url": "https://example.com/hook"}
BATCH = [delivery("user.signup", message="New user"), delivery("user.left")]


class Batches(unittest.TestCase):
    def test_a_batch_becomes_one_text(self):
        with Host(SETTINGS):
            request = channel.compose(BATCH)
        self.assertEqual(request.url, SETTINGS["url"])
        self.assertEqual(request.json(), {"text": "2 events:\n- New user\n- user.left"})

    def test_each_delivery_is_retried_if_the_receiver_is_down(self):
        results = channel.BatchExchange().interpret(BATCH, Response(503))
        self.assertEqual([result.disposition for result in results], [Disposition.RETRY] * 2)
