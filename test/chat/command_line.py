# ordo: the command line of chat_server, and what it says when it cannot start.
# SPDX-License-Identifier: BSL-1.0
import os
import signal
import subprocess
import tempfile
import unittest

import chat_test
from chat_test import Service


class CommandLine(unittest.TestCase):
    def run_it(self, *arguments):
        with tempfile.TemporaryDirectory() as folder:
            return subprocess.run([os.environ["CHAT_SERVER"], *arguments], capture_output=True, text=True, cwd=folder,
                                  timeout=chat_test.PATIENCE, preexec_fn=chat_test.die_with_parent)

    def check(self, arguments, code, line):
        done = self.run_it(*arguments)
        self.assertEqual((done.returncode, done.stdout), (code, ""))
        self.assertRegex(done.stderr, r"\Achat_server: " + line + r"\n\Z")

    def test_help_lists_every_option(self):
        done = self.run_it("--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for option in "--bind", "--port", "--database", "--max-connections", "--log-level", "--help":
            self.assertIn(option, done.stdout)

    def test_a_port_in_use_is_one_clear_line_and_exit_code_1(self):
        with Service() as service:
            self.check(["--port", str(service.port)], 1, f"cannot listen on 127.0.0.1:{service.port}: Address already in use")

    def test_an_address_of_another_machine_is_one_clear_line(self):
        self.check(["--bind", "192.0.2.1", "--port", "0"], 1, "cannot listen on 192.0.2.1:0: .*")

    def test_a_database_that_cannot_be_opened_is_one_clear_line(self):
        self.check(["--port", "0", "--database", "/nowhere/chat.db"], 1, "/nowhere/chat.db: unable to open database file")
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"this is not a database" * 100)
            file.flush()
            self.check(["--port", "0", "--database", file.name], 1, f"{file.name}: file is not a database")

    def test_wrong_arguments_are_one_clear_line(self):
        for arguments, line in [
                (["--port", "x"], "--port: 'x' is not a number from 0 to 65535"),
                (["--port", "65536"], "--port: '65536' is not a number from 0 to 65535"),
                (["--port=-1"], "--port: '-1' is not a number from 0 to 65535"),
                (["--port"], ".*"), (["--bind", "home"], "--bind: 'home' is not an IPv4 or IPv6 address"),
                (["--max-connections", "0"], "--max-connections: '0' is not a number from 1 to 1000000"),
                (["--log-level", "loud"], "--log-level: 'loud' is not one of .*"),
                (["--heartbeat", "nan"], "--heartbeat: 'nan' is not a number of seconds .*"),
                (["--color", "red"], "--color: unknown option; --help lists all"),
                (["--color"], "--color: unknown option; --help lists all"),
                (["extra"], "extra: options start with --; --help lists all")]:
            with self.subTest(arguments):
                self.check(arguments, 2, line)

    def test_options_are_accepted_in_both_forms(self):
        with Service("--max-connections=5", "--log-level", "trace", "--timeout=0.5") as service:
            self.assertEqual(service.request("/healthz")[0], 200)
            self.assertEqual(service.stop(), 0)

    def test_it_listens_on_ipv6_too(self):
        try:
            service = Service(bind="::1")
        except AssertionError as error:
            self.skipTest(str(error))
        with service:
            self.assertEqual(service.stop(signal.SIGINT), 0)

    def test_a_log_that_nobody_reads_does_no_harm(self):
        service = Service("--log-level", "trace")
        self.addCleanup(service.close)
        service.process.stdout.close()
        self.assertEqual(service.request("/healthz")[0], 200)
        self.assertEqual(service.stop(), 0)


if __name__ == "__main__":
    chat_test.main()
