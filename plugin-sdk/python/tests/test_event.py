import json
import unittest

from fanfare_plugin import Failure
from fanfare_plugin.testing import delivery


def event(content_type, data):
    return delivery("x", data, data_content_type=content_type, message="hi", tags="a, b,,c").event


class Events(unittest.TestCase):
    def test_extensions_are_read_by_name(self):
        self.assertEqual((event(None, None).message, event(None, None).severity), ("hi", None))
        self.assertEqual(event(None, None).tags, ["a", "b", "c"])

    def test_data_is_parsed_as_json_or_the_failure_gives_the_reason(self):
        self.assertEqual(event(None, "7").json(), 7)
        self.assertEqual(event(None, b'"\xc3\xa4"').json(), "ä")
        for data, code in [
            (None, "no_data"),
            ("", "invalid_data"),
            ("x", "invalid_data"),
            ("NaN", "invalid_data"),
            (b"\xff", "invalid_data"),
        ]:
            with self.assertRaises(Failure) as raised:
                event(None, data).json()
            self.assertEqual(raised.exception.code, code, data)

    def test_the_json_format_keeps_json_unchanged_and_encodes_binary(self):
        exact = '{"z":1.10, "a":12345678901234567890123}'
        for content_type, data, expected in [
            (None, exact, f'"data": {exact}}}'),
            ("application/vnd.x+json; charset=utf-8", "[1]", '"data": [1]}'),
            ("text/plain", 'a"b', '"data": "a\\"b"}'),
            ("application/json", b"\xff\x00", '"data_base64": "/wA="}'),
            (None, None, '"tags": "a, b,,c"}'),
        ]:
            text = event(content_type, data).to_json()
            self.assertTrue(text.endswith(expected), text)
            self.assertEqual(json.loads(text)["specversion"], "1.0")
        with self.assertRaises(Failure):
            event(None, "{").to_json()
