import unittest
from importlib.resources import files
from pathlib import Path

ORIGINAL = Path(__file__).parents[3] / "wit" / "0.1.0"


@unittest.skipUnless(ORIGINAL.is_dir(), "outside of the repository")
class Contract(unittest.TestCase):
    def test_the_copy_of_the_contract_matches_the_repository(self):
        original = {file.name: file.read_text() for file in ORIGINAL.iterdir()}
        copy = {file.name: file.read_text() for file in (files("fanfare_plugin") / "wit" / "0.1.0").iterdir()}
        self.assertTrue(original)
        self.assertEqual(copy, original, "copy wit/0.1.0 to plugin-sdk/python/src/fanfare_plugin/wit/0.1.0")
