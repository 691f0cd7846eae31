import unittest

import channel
from fanfare_plugin import Disposition, Response
from fanfare_plugin.testing import Host, delivery

SETTINGS = {"url": "https://example.com/hook"}
BATCH = [delivery("user.signup", message="New user"), delivery("user.left")]


class Batches(unittest.TestCase):
    def test_all_of_a_batch_are_in_one_text(self):
        with Host(SETTINGS):
            request = channel.compose(BATCH)
        self.assertEqual(request.url, SETTINGS["url"])
        self.assertEqual(request.json(), {"text": "2 events:\n- New user\n- user.left"})

    def test_a_receiver_that_is_down_is_tried_again_for_each(self):
        results = channel.BatchExchange().interpret(BATCH, Response(503))
        self.assertEqual([result.disposition for result in results], [Disposition.RETRY] * 2)
