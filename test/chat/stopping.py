# ordo: the graceful stop of chat_server, and what does not want to stop.
# SPDX-License-Identifier: BSL-1.0
import asyncio
import signal
import time

import chat_test
from chat_test import PATIENCE, Service, TestCase, read_all


class Stopping(TestCase):
    def start(self, *arguments):
        service = Service(*arguments)
        self.addCleanup(service.close)
        return service

    async def exit_code(self, service):
        return await asyncio.get_running_loop().run_in_executor(None, service.process.wait, PATIENCE)

    async def test_both_signals_close_everybody_with_1001_and_end_with_0(self):
        for signum in signal.SIGINT, signal.SIGTERM:
            with self.subTest(signum):
                service = self.start()
                async with service.join(name="ann") as ann, service.join("other", "bob") as bob:
                    await ann.say("x")
                    await ann.frame("ack")
                    begin = time.monotonic()
                    service.process.send_signal(signum)
                    self.assertEqual(await ann.closed(), 1001)
                    self.assertEqual(await bob.closed(), 1001)
                    self.assertEqual(await self.exit_code(service), 0)
                    self.assertLess(time.monotonic() - begin, 4)
                self.assertNotIn("stuck", service.log())
                self.assertIn("stopped", service.log())

    def test_without_clients_it_stops_at_once(self):
        service = self.start()
        begin = time.monotonic()
        self.assertEqual(service.stop(), 0)
        self.assertLess(time.monotonic() - begin, 4)

    def test_connections_that_wait_for_a_request_do_not_delay_the_stop(self):
        service = self.start()
        fresh, kept = service.connect(), service.connect()
        kept.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        self.assertIn(b"200 OK", kept.recv(65536))
        begin = time.monotonic()
        self.assertEqual(service.stop(), 0)
        self.assertLess(time.monotonic() - begin, 4)
        for connection in fresh, kept:
            self.assertEqual(read_all(connection), b"")
            connection.close()

    async def test_messages_under_way_are_acknowledged_or_not_saved_at_all_or_unconfirmed_but_never_lost(self):
        service = self.start()
        async with service.join(name="ann") as ann:
            for number in range(300):
                await ann.say(f"m{number}", tag=number)
            service.process.send_signal(signal.SIGTERM)
            self.assertEqual(await ann.closed(), 1001)
            self.assertEqual(await self.exit_code(service), 0)
        acknowledged = [a["tag"] for a in ann.frames("ack")]
        self.assertEqual(acknowledged, list(range(len(acknowledged))))
        again = Service(folder=service.folder)
        self.addCleanup(again.close)
        saved, before = [], 10**12
        while page := again.history("lobby", limit=200, before=before):
            saved = [m["text"] for m in page] + saved
            before = page[0]["id"]
        self.assertEqual(saved, [f"m{n}" for n in acknowledged])

    async def test_a_client_that_does_not_answer_the_close_is_cancelled_after_5_s_and_named(self):
        service = self.start()
        stuck = service.raw_join(name="rock")
        async with service.join(name="ann") as ann:
            await ann.present(["ann", "rock"])
            begin = time.monotonic()
            service.process.send_signal(signal.SIGTERM)
            self.assertEqual(await ann.closed(), 1001)
            self.assertEqual(await self.exit_code(service), 0)
            self.assertGreater(time.monotonic() - begin, 4.5)
            self.assertLess(time.monotonic() - begin, 15)
        self.assertRegex(service.log(), r"rock@lobby: stuck at the stop, cancelled")
        self.assertNotIn("ann@lobby: stuck", service.log())
        stuck.close()

    async def test_a_second_signal_does_not_wait_for_anybody(self):
        service = self.start()
        stuck = service.raw_join(name="rock")
        begin = time.monotonic()
        service.process.send_signal(signal.SIGINT)
        while b"\x88" not in stuck.recv(65536):
            pass  # until its close frame came
        service.process.send_signal(signal.SIGINT)
        self.assertEqual(await self.exit_code(service), 0)
        self.assertLess(time.monotonic() - begin, 4)
        stuck.close()

    async def test_new_clients_are_refused_while_it_stops(self):
        service = self.start()
        stuck = service.raw_join(name="rock")
        service.process.send_signal(signal.SIGTERM)
        while b"\x88" not in stuck.recv(65536):
            pass
        with self.assertRaises(ConnectionRefusedError):
            service.connect()
        stuck.close()
        self.assertEqual(await self.exit_code(service), 0)


if __name__ == "__main__":
    chat_test.main(modules=["websockets"])
