import unittest

from fanfare_plugin import Failure
from fanfare_plugin.testing import Host, delivery

from stage import process


def run(paths, data, **more):
    settings = {"paths": paths, **more}
    with Host(settings=settings):
        return process(delivery("user.signup", data).event).json()


class Redact(unittest.TestCase):
    def test_the_value_at_a_path_is_removed(self):
        for paths, data, want in [
            (["data.email"], {"email": "a", "n": 1}, {"n": 1}),
            (["data.user.email", "data.none"], {"user": {"email": "a"}}, {"user": {}}),
            (["data.*.ssn"], {"a": {"ssn": 1, "n": 2}, "b": 3}, {"a": {"n": 2}, "b": 3}),
            (["data.users.*.email"], {"users": [{"email": "a"}, {"n": 1}]}, {"users": [{}, {"n": 1}]}),
            (["data.list.*"], {"list": [1, 2, 3]}, {"list": []}),
            (["data.list.1"], {"list": [1, 2, 3]}, {"list": [1, 3]}),
            (["data.a.b"], {"a": "text"}, {"a": "text"}),
            (["data.a"], [1], [1]),
        ]:
            self.assertEqual(run(paths, data), want)

    def test_the_rest_stays_byte_for_byte(self):
        text = (
            '{ "e":1e400, "big": 12345678901234567890123,"f":1.10,"s":"\\u00e9é\\/" '
            ', "l":[1.0, 2.50 ,3],"o":{"x":-0.0,"y":1}}'
        )
        for paths, mode, want in [
            (["data.none"], "remove", text),
            (["data.e"], "remove", text.replace('"e":1e400, ', "")),
            (["data.o"], "remove", text.replace(',"o":{"x":-0.0,"y":1}', "")),
            (["data.o.x", "data.l.1"], "remove", text.replace('"x":-0.0,', "").replace(", 2.50", "")),
            (["data.l.0", "data.l.1"], "remove", text.replace("1.0, 2.50 ,", "")),
            (["data.l.*"], "remove", text.replace("1.0, 2.50 ,3", "")),
            (["data.o", "data.o.x"], "mask", text.replace('{"x":-0.0,"y":1}', '"***"')),
            (["data.big"], "mask", text.replace("12345678901234567890123", '"***"')),
        ]:
            with Host(settings={"paths": paths, "mode": mode}):
                self.assertEqual(process(delivery("x", text).event).data, want, paths)

    def test_every_member_with_a_repeated_name_is_redacted(self):
        with Host(settings={"paths": ["data.a"]}):
            self.assertEqual(process(delivery("x", '{"a":1,"b":2,"\\u0061":3}').event).data, '{"b":2}')

    def test_values_can_be_masked_or_hashed_instead(self):
        self.assertEqual(run(["data.email"], {"email": {"a": 1}}, mode="mask"), {"email": "***"})
        once, again, other = (
            run(["data.email"], {"email": email}, mode="hash", key="k")["email"] for email in ("a", "a", "b")
        )
        self.assertEqual((len(once), once, once == other), (64, again, False))
        self.assertNotEqual(once, run(["data.email"], {"email": "a"}, mode="hash", key="other")["email"])

    def test_an_event_that_cannot_be_redacted_is_rejected(self):
        for paths, more, data, code in [
            (["email"], {}, {}, "invalid_settings"),
            (["data"], {}, {}, "invalid_settings"),
            (["data..a"], {}, {}, "invalid_settings"),
            (["data.a"], {"mode": "hash"}, {}, "invalid_settings"),
            (["data.a"], {"mode": "shred"}, {}, "invalid_settings"),
            (["data.a"], {}, "{", "invalid_data"),
        ]:
            with self.assertRaises(Failure) as raised:
                run(paths, data, **more)
            self.assertEqual(raised.exception.code, code, paths)
        with Host(settings={"paths": ["data.a"]}), self.assertRaises(Failure) as raised:
            process(delivery("x", "text", data_content_type="text/plain").event)
        self.assertEqual(raised.exception.code, "not_json")

    def test_an_event_without_data_passes(self):
        with Host(settings={"paths": ["data.a"]}):
            self.assertIsNone(process(delivery("x").event).data)


if __name__ == "__main__":
    unittest.main()
