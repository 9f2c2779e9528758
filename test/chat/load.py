# ordo: the HTTP side of chat_server under wrk: no request may fail.
# SPDX-License-Identifier: BSL-1.0
import re
import subprocess
import unittest

import chat_test
from chat_test import Service


class Load(unittest.TestCase):
    def wrk(self, service, path, *arguments):
        done = subprocess.run(["wrk", "--threads", "1", "--connections", "50", "--duration", "3s", "--timeout", "10s", *arguments,
                               f"http://127.0.0.1:{service.port}{path}"], capture_output=True, text=True, check=True)
        print(done.stdout)
        self.assertNotRegex(done.stdout, "Socket errors|Non-2xx")
        self.assertGreater(int(re.search(r"(\d+) requests in", done.stdout).group(1)), 100)

    def test_no_request_fails(self):
        with Service("--log-level", "warning") as service:
            for path in "/healthz", "/", "/history?room=lobby":
                self.wrk(service, path)
            self.wrk(service, "/healthz", "--header", "Connection: close")
            self.assertEqual(service.log(), "")
            self.assertEqual(service.stop(), 0)


if __name__ == "__main__":
    chat_test.main(programs=["wrk"])
