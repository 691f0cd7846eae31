import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from fanfare_plugin.__main__ import world_of


class Worlds(unittest.TestCase):
    def setUp(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        self.folder = Path(folder)
        self.enterContext(mock.patch("sys.path", [folder, *sys.path]))

    def module(self, name, *decorators):
        lines = [f"from fanfare_plugin import {', '.join(decorators)}"] if decorators else []
        lines += [f"{decorator}(lambda given: given)" for decorator in decorators]
        (self.folder / f"{name}.py").write_text("\n".join(lines))
        return name

    def test_the_decorator_names_the_world(self):
        for decorator, world in [
            ("channel", "channel"),
            ("http_channel", "http-channel"),
            ("batch_channel", "batch-channel"),
            ("batch_http_channel", "batch-http-channel"),
            ("stage", "stage-plugin"),
        ]:
            self.assertEqual(world_of(self.module(f"app_{decorator}", decorator)), f"fanfare:channel/{world}")

    def test_a_module_without_a_function_or_with_two_is_rejected(self):
        with self.assertRaisesRegex(SystemExit, "app_none has no function with @channel, "):
            world_of(self.module("app_none"))
        with self.assertRaisesRegex(SystemExit, "app_two is channel and stage-plugin at once"):
            world_of(self.module("app_two", "channel", "stage"))
