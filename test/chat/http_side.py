# ordo: the HTTP side of chat_server, with curl and with raw bytes.
# SPDX-License-Identifier: BSL-1.0
import re
import subprocess
import time
import unittest

import chat_test
from chat_test import Service, read_all


class HttpSide(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.service = Service("--timeout", "1")
        cls.addClassCleanup(cls.service.close)

    def curl(self, path, *arguments, body=None):
        """(status, output) of one curl."""
        if body is not None:
            arguments += ("--data-binary", "@-")
        done = subprocess.run(["curl", "--silent", "--show-error", "--noproxy", "*", "--max-time", str(chat_test.PATIENCE),
                               "--write-out", "\n%{http_code}", *arguments, f"http://127.0.0.1:{self.service.port}{path}"],
                              capture_output=True, check=True, input=body)
        output, _, status = done.stdout.decode().rpartition("\n")
        return int(status), output

    def status(self, data):
        answer = self.service.exchange(data)
        return int(answer.split()[1]) if answer else None

    def test_the_pages(self):
        status, page = self.curl("/")
        self.assertEqual(status, 200)
        self.assertTrue(page.startswith("<!doctype html>") and page.rstrip().endswith("</html>"))
        self.assertNotIn("innerHTML", page)
        self.assertEqual(self.curl("/healthz"), (200, "ok\n"))
        self.assertEqual(self.curl("/history?room=lobby"), (200, '{"messages":[]}'))

    def test_head_has_the_fields_of_get_and_no_body(self):
        status, fields = self.curl("/", "--head")
        self.assertEqual(status, 200)
        self.assertIn("Content-Type: text/html; charset=utf-8", fields)
        length = int(fields.split("Content-Length: ")[1].split()[0])
        self.assertEqual(length, len(self.curl("/")[1].encode()))

    def test_an_unknown_path_is_404(self):
        for path in "/nothing", "/healthz/", "/history/x", "/%00", "/wsx":
            self.assertEqual(self.curl(path)[0], 404, path)

    def test_a_wrong_method_is_405_and_says_which_are_right(self):
        for path in "/", "/healthz", "/history?room=x", "/ws?room=x&name=y":
            for method in "POST", "PUT", "DELETE", "PATCH", "OPTIONS":
                self.assertEqual(self.curl(path, "--request", method)[0], 405, (method, path))
        self.assertIn("Allow: GET, HEAD", self.curl("/", "--request", "POST", "--include")[1])

    def test_a_body_is_not_read_and_does_no_harm(self):
        self.assertEqual(self.curl("/", body=b"x" * 1000)[0], 405)
        self.assertEqual(self.curl("/", "--header", "Expect:", body=b"x" * 1_000_000)[0], 405)
        self.assertEqual(self.curl("/", "--header", "Transfer-Encoding: chunked", body=b"x")[0], 405)
        self.assertEqual(self.curl("/healthz", "--request", "GET", body=b"x" * 1000)[0], 200)

    def test_headers_over_8_kib_are_431(self):
        self.assertEqual(self.curl("/healthz", "--header", "X: " + "x" * 9000)[0], 431)
        self.assertEqual(self.curl("/healthz", *[a for n in range(100) for a in ("--header", f"X{n}: {'x' * 90}")])[0], 431)
        self.assertEqual(self.curl("/healthz?" + "x" * 9000)[0], 431)
        self.assertEqual(self.curl("/healthz", "--header", "X: " + "x" * 7500)[0], 200)

    def test_headers_far_over_8_kib_are_431_although_nobody_reads_them(self):
        self.assertEqual(self.status(b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 1_000_000), 431)

    def test_the_limit_of_headers_is_exact(self):
        def request(size):
            head, tail = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX: ", b"\r\n\r\n"
            return head + b"x" * (size - len(head) - len(tail)) + tail
        self.assertEqual(self.status(request(8192)), 200)
        for size in 8193, 8194, 8195, 8200:
            self.assertEqual(self.status(request(size)), 431)

    def test_malformed_requests_are_400(self):
        for bad in (b"nonsense\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET  HTTP/1.1\r\n\r\n",
                    b"GET / HTTP/1.1\r\nno colon\r\n\r\n", b"GET / HTTP/1.1\r\nA b: c\r\n\r\n", b"\x16\x03\x01\x02\x00\r\n\r\n",
                    b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n",
                    b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
                    b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
                    b"GET healthz HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n",
                    bytes(range(256)) + b"\r\n\r\n"):
            with self.subTest(bad):
                self.assertEqual(self.status(bad), 400)

    def test_requests_on_one_connection_are_answered_in_turn(self):
        request = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        last = b"GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        answer = self.service.exchange(request * 3 + last)
        self.assertEqual(re.findall(rb"HTTP/1.1 (\d+)", answer), [b"200", b"200", b"200", b"404"])

    def test_http_1_0_is_answered_and_closed(self):
        self.assertTrue(self.service.exchange(b"GET /healthz HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.0 200 OK"))

    def test_a_client_that_sends_no_request_is_closed(self):
        for start in b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\n":
            with self.subTest(start), self.service.connect() as connection:
                connection.sendall(start)
                begin = time.monotonic()
                self.assertEqual(read_all(connection), b"")
                self.assertGreater(time.monotonic() - begin, 0.9)

    def test_dripping_bytes_do_not_prolong_the_time_for_a_request(self):
        with self.service.connect() as connection:
            begin = time.monotonic()
            with self.assertRaises(OSError):
                for byte in b"GET / HTTP/1.1\r\nX: " + b"x" * 1000:
                    connection.send(bytes([byte]))
                    time.sleep(0.05)
            self.assertLess(time.monotonic() - begin, 10)

    def test_a_connection_without_a_further_request_is_closed(self):
        with self.service.connect() as connection:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertTrue(read_all(connection).startswith(b"HTTP/1.1 200 OK"))


if __name__ == "__main__":
    chat_test.main(programs=["curl"])
