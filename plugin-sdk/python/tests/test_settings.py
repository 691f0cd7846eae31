import unittest
from dataclasses import dataclass, field
from typing import Any, Literal

from fanfare_plugin import Failure, setting, settings
from fanfare_plugin.testing import Host


@dataclass
class Limits:
    size: int
    pairs: list[list[bool]] = field(default_factory=list)


@dataclass
class Config:
    url: str
    port: int = 80
    ratio: float | None = None
    strict: bool = False
    mode: Literal["structured", "binary"] = "structured"
    headers: dict[str, str] = field(default_factory=dict)
    hosts: list[str] = field(default_factory=list)
    limits: Limits | None = None
    rest: Any = None


class Trees(unittest.TestCase):
    def test_flat_keys_become_the_tree_they_came_from(self):
        hosts = [f"h{n}" for n in range(12)]
        with Host(settings={"headers": {"x-env": "dev"}, "hosts": hosts, "pages": {"1": "a"}}):
            tree = settings()
            self.assertEqual(setting("headers.x-env"), "dev")
        self.assertEqual(tree, {"headers": {"x-env": "dev"}, "hosts": hosts, "pages": {"1": "a"}})

    def test_a_missing_key_is_a_failure_unless_a_default_is_given(self):
        with Host(settings={"headers": {"a": "1"}}):
            tree = settings()
        self.assertEqual(tree.get("url", "none"), "none")
        with self.assertRaises(Failure) as raised:
            tree["headers"]["b"]
        self.assertEqual(raised.exception.code, "invalid_settings")
        self.assertIn(".settings.headers.b` is missing", raised.exception.message)


class Dataclasses(unittest.TestCase):
    def test_text_is_converted_to_the_types_of_the_fields(self):
        with Host(
            settings={
                "url": "http://x/",
                "port": 8080,
                "ratio": 0.5,
                "strict": True,
                "mode": "binary",
                "headers": {"0": "1"},
                "hosts": ["a", "b"],
                "limits": {"size": 7, "pairs": [[True, False]]},
                "rest": {"a": ["b"]},
                "unknown": 1,
            }
        ):
            config = settings(Config)
        expected = Config(
            "http://x/", 8080, 0.5, True, "binary", {"0": "1"}, ["a", "b"], Limits(7, [[True, False]]), {"a": ["b"]}
        )
        self.assertEqual(config, expected)

    def test_an_error_names_the_full_key_and_the_problem(self):
        for given, expected in [
            ({"url": None}, "url` is missing: set it in the daemon's config"),
            ({"port": "x"}, "port` is `x`; it must be a whole number"),
            ({"ratio": "x"}, "ratio` is `x`; it must be a number"),
            ({"strict": "yes"}, "strict` is `yes`; it must be true or false"),
            ({"mode": "odd"}, "mode` is `odd`; it must be one of structured, binary"),
            ({"headers": "x"}, "headers` is `x`; it must be a table or a list"),
            ({"hosts": {"a": "x"}}, "hosts` is a table; it must be a list"),
            ({"limits": {"siz": 1}}, "limits.size` is missing"),
            ({"limits": {"size": 1, "pairs": [["a"]]}}, "limits.pairs.0.0` is `a`; it must be true or false"),
            ({"url": {"x": 1}}, "url` is a table or a list; it must be a single value"),
        ]:
            given = {name: value for name, value in {"url": "u", **given}.items() if value is not None}
            with Host(settings=given), self.assertRaises(Failure) as raised:
                settings(Config)
            self.assertTrue(raised.exception.message.startswith(f"`channels.<name>.settings.{expected}"), raised.exception)
