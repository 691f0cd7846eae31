import unittest
from datetime import UTC, datetime, timedelta

from fanfare_plugin import Disposition, Failure, Response

RETRY, RETRY_AFTER, REJECT, SUSPEND = Disposition


class FromStatus(unittest.TestCase):
    def test_the_status_decides_whether_to_retry(self):
        for status in (404, 408, 409, 425, 429, 500, 502, 503, 599):
            self.assertEqual(Failure.from_status(Response(status)).disposition, RETRY, status)
        for status in (100, 301, 304, 400, 401, 403, 405, 413, 422, 451, 600):
            failure = Failure.from_status(Response(status, [("retry-after", "5")]))
            self.assertEqual(failure.disposition, REJECT, status)
        gone = Failure.from_status(Response(410, [("retry-after", "5")]))
        self.assertEqual((gone.disposition, gone.code), (SUSPEND, "http_410"))

    def test_retry_after_is_read_as_seconds_or_as_a_date_and_is_capped_at_a_day(self):
        for value, seconds in [
            ("120", 120),
            ("0", 0),
            (" 7 ", 7),
            ("86401", 86400),
            ("9" * 5000, 86400),
            ("Sun, 06 Nov 1994 08:50:37 GMT", 60),
            ("Sunday, 06-Nov-94 08:50:37 GMT", 60),
            ("Sun Nov  6 08:50:37 1994", 60),
            ("Sun, 06 Nov 1994 08:00:00 GMT", 0),
            ("Mon, 06 Nov 2034 08:00:00 GMT", 86400),
            ("-1", None),
            ("1.5", None),
            ("²", None),
            ("soon", None),
            ("", None),
        ]:
            headers = [("Retry-After", value), ("Date", "Sun, 06 Nov 1994 08:49:37 GMT")]
            failure = Failure.from_status(Response(503, headers))
            expected = (RETRY, 0) if seconds is None else (RETRY_AFTER, seconds)
            self.assertEqual((failure.disposition, failure.wait.total_seconds()), expected, value)

    def test_without_a_date_header_a_date_is_measured_from_now(self):
        until = datetime.now(UTC) + timedelta(minutes=10)
        failure = Failure.from_status(Response(429, [("retry-after", f"{until:%a, %d %b %Y %H:%M:%S} GMT")]))
        self.assertTrue(590 <= failure.wait.total_seconds() <= 600, failure.wait)

    def test_the_receiver_s_response_is_quoted_and_truncated(self):
        failure = Failure.from_status(Response(500, body="no\ndisk " + "x" * 1000))
        self.assertEqual(failure.message, "the receiver answered 500: no disk " + "x" * 192)
        self.assertEqual(Failure.from_status(Response(500, body=b"\xff")).message, "the receiver answered 500")
