# ordo: clients of chat_server that vanish, stall or are too many.
# SPDX-License-Identifier: BSL-1.0
import asyncio
import json
import os
import resource
import socket
import struct
import time

import chat_test
from chat_test import PATIENCE, Service, TestCase, eventually, frame, read_all, websockets


def reset(connection):
    """Close with RST instead of FIN, as a client that crashed or lost its network."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


class Connections(TestCase):
    def start(self, *arguments):
        service = Service(*arguments)
        self.addCleanup(service.close)
        return service

    async def check_alive(self, service):
        async with service.join("alive", "ann") as ann:
            await ann.say("x")
            await ann.frame("ack")

    async def test_disconnects_in_mid_frame_leave_nothing_behind(self):
        service = self.start()
        baseline = service.descriptors()
        whole = frame(json.dumps({"type": "message", "text": "y" * 200}))
        cuts = [b"", whole[:1], whole[:3], whole[:20], whole[:-1], whole, whole + whole[:9], frame(b"", 8, length=2),
                frame("abc", final=False), frame(b"", 9, length=50)]
        for end in socket.socket.close, reset:
            for data in cuts:
                for _ in range(5):
                    client = service.raw_join("cuts", "bob")
                    client.sendall(data)
                    end(client)
        await eventually(lambda: service.descriptors() <= baseline, "the descriptors from before")
        async with service.join("cuts", "ann") as ann:
            self.assertEqual((await ann.frame("presence"))["names"], ["ann"])
        for message in service.history("cuts", limit=200):
            self.assertEqual(message["text"], "y" * 200)

    async def test_disconnects_during_a_request_leave_nothing_behind(self):
        service = self.start()
        baseline = service.descriptors()
        request = b"GET /history?room=lobby HTTP/1.1\r\nHost: x\r\n\r\n"
        for end in socket.socket.close, reset:
            for cut in 0, 1, 10, len(request) - 1, len(request):
                for _ in range(5):
                    client = service.connect()
                    client.sendall(request[:cut])
                    end(client)
        await eventually(lambda: service.descriptors() <= baseline, "the descriptors from before")
        await self.check_alive(service)

    async def test_the_others_learn_of_a_client_that_vanished(self):
        service = self.start()
        async with service.join(name="ann") as ann:
            reset(service.raw_join(name="bob"))
            self.assertEqual((await ann.frame("presence", 1))["names"], ["ann", "bob"])
            self.assertEqual((await ann.frame("presence", 2))["names"], ["ann"])

    async def test_a_message_of_a_client_that_hangs_up_at_once_reaches_the_others(self):
        service = self.start()
        async with service.join(name="ann") as ann:
            for number in range(20):
                client = service.raw_join(name="bob")
                client.sendall(frame(json.dumps({"type": "message", "text": f"m{number}"})))
                client.shutdown(socket.SHUT_WR)
                self.assertEqual((await ann.frame("message", number))["text"], f"m{number}")
                client.close()

    async def test_a_client_that_does_not_read_is_closed_and_the_others_go_on(self):
        service = self.start()
        baseline = service.descriptors()
        slow = service.raw_join(name="slow", receive_buffer=4096)
        self.addCleanup(slow.close)
        async with service.join(name="ann", max_queue=None) as ann, service.join(name="bob", max_queue=None) as bob:
            await bob.present(["ann", "bob", "slow"])
            sent = 0
            while bob.frames("presence")[-1]["names"] != ["ann", "bob"]:
                self.assertLess(sent, 2000, "the slow client was never closed")
                await ann.say("z" * 16_000)
                await bob.frame("message", sent)
                sent += 1
            await ann.frame("message", sent - 1)
            self.assertEqual([m["id"] for m in bob.frames("message")], list(range(1, sent + 1)))
            self.assertIn("slow@lobby: too slow for its room", service.log())
            await eventually(lambda: service.descriptors() == baseline + 2, "the slow client's descriptor back")
            # Below the bound, it may also hang up one way while the service is stuck in the midst of writing to it.
            slow = service.raw_join(name="slow", receive_buffer=4096)
            self.addCleanup(slow.close)
            for number in range(sent, 2 * sent - 30):
                await ann.say("z" * 16_000)
                await bob.frame("message", number)
            slow.shutdown(socket.SHUT_WR)
            await eventually(lambda: service.descriptors() == baseline + 2, "the descriptor at once, without a ping", 10)
            self.assertEqual(service.log().count("too slow"), 1)

    async def test_a_client_that_answers_no_ping_is_closed(self):
        service = self.start("--heartbeat", "0.3")
        async with service.join(name="ann") as ann:
            mute = service.raw_join(name="mute")
            self.assertEqual((await ann.frame("presence", 1))["names"], ["ann", "mute"])
            self.assertEqual((await ann.frame("presence", 2))["names"], ["ann"])
            self.assertIn(b"\x89\x00", read_all(mute))  # there was a ping
            mute.close()
            await asyncio.sleep(0.7)  # the client that answers stays
            await ann.say("here")
            await ann.frame("ack")
        self.assertIn("mute@lobby: no answer to a ping", service.log())

    async def test_the_handshake_of_a_websocket_is_bounded_in_time(self):
        service = self.start("--timeout", "0.5")
        with service.connect() as client:
            client.sendall(b"GET /ws?room=x&name=y HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n")
            begin = time.monotonic()
            self.assertEqual(read_all(client), b"")
            self.assertLess(time.monotonic() - begin, PATIENCE / 2)

    async def test_over_the_limit_of_connections_is_503_until_somebody_leaves(self):
        service = self.start("--max-connections", "3")
        async with service.join(name="ann") as ann, service.join(name="bob"):
            async with service.join(name="eve"):
                for _ in range(5):
                    status, headers, _ = service.request("/healthz")
                    self.assertEqual((status, headers["Connection"]), (503, "close"))
                with self.assertRaises(websockets.InvalidStatusCode) as caught:
                    async with service.join(name="dan"):
                        pass
                self.assertEqual(caught.exception.status_code, 503)
                await ann.say("unaffected")
                await ann.frame("ack")
            await ann.present(["ann", "bob"])
            await eventually(lambda: service.request("/healthz")[0] == 200, "a free connection")

    async def test_many_over_the_limit_are_just_closed(self):
        service = self.start("--max-connections", "1")
        async with service.join(name="ann") as ann:
            baseline = service.descriptors()
            crowd = [service.connect() for _ in range(100)]
            await eventually(lambda: service.descriptors() <= baseline + 32, "the bound of refusals")
            for client in crowd:
                client.close()
            await eventually(lambda: service.descriptors() <= baseline, "the descriptors from before")
            await ann.say("unaffected")
            await ann.frame("ack")

    async def test_running_out_of_descriptors_delays_clients_and_loses_none(self):
        with open(os.environ["CHAT_SERVER"], "rb") as program:
            if b"__ubsan_handle_dynamic_type_cache_miss" in program.read():
                self.skipTest("UBSan needs descriptors itself: without a pipe it takes every vptr for a wrong one")
        service = self.start("--timeout", "3")
        async with service.join(name="ann") as ann:
            limits = resource.prlimit(service.pid, resource.RLIMIT_NOFILE)
            resource.prlimit(service.pid, resource.RLIMIT_NOFILE, (service.descriptors() + 3, limits[1]))
            crowd = [service.connect() for _ in range(10)]
            await eventually(lambda: "cannot accept" in service.log(), "a log line")
            before = cpu_time(service.pid)
            await asyncio.sleep(0.5)
            self.assertLess(cpu_time(service.pid) - before, 0.3, "it should back off, not spin")
            await ann.say("unaffected")
            await ann.frame("ack")
            resource.prlimit(service.pid, resource.RLIMIT_NOFILE, limits)
            crowd[-1].sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            self.assertTrue(read_all(crowd[-1]).startswith(b"HTTP/1.1 200"))
            for client in crowd:
                client.close()


def cpu_time(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


if __name__ == "__main__":
    chat_test.main(modules=["websockets"])
