"""Whom an event is for, and texts that the operator wrote."""

import unittest

from fanfare_plugin import Failure, Message, Recipient, recipient, render
from fanfare_plugin.testing import Host


class People(unittest.TestCase):
    def test_the_recipient_has_what_the_host_returns(self):
        ada = Recipient("usr_1", email="ada@example.com", attributes={"name": "Ada"})
        with Host(recipient=ada):
            self.assertEqual(recipient(), ada)
        with Host():
            self.assertIsNone(recipient())
        self.assertNotIn("ada@example.com", repr(ada))

    def test_the_host_renders_a_template_and_an_error_rejects_the_delivery(self):
        hello = Message("Hi", "Hello")
        with Host(settings={"template": "a"}, templates={"a": hello, "b": "`data.plan` is missing"}):
            self.assertEqual(render("a"), hello)
            self.assertEqual(render(), hello)
            with self.assertRaises(Failure) as wrong:
                render("b")
            self.assertEqual((wrong.exception.disposition, wrong.exception.code), ("reject", "template"))
            self.assertEqual(wrong.exception.message, "`data.plan` is missing")
            with self.assertRaisesRegex(Failure, "there is no template `c`"):
                render("c")
        with Host():
            self.assertIsNone(render())


if __name__ == "__main__":
    unittest.main()
