# ordo: what chat_server answers to clients that send what they should not.
# SPDX-License-Identifier: BSL-1.0
import json
from urllib.parse import quote

import chat_test
from chat_test import Service, TestCase, close_code, frame, websockets


class BadInput(TestCase):
    def setUp(self):
        self.service = Service()
        self.addCleanup(self.service.close)
        self.addCleanup(self.check_alive)

    def check_alive(self):
        self.assertTrue(self.service.running())
        self.assertEqual(self.service.request("/healthz")[0], 200)

    async def test_a_message_over_16_kib_closes_with_1009(self):
        async with self.service.join() as ann:
            await ann.send("x" * (16 * 1024 + 1))
            self.assertEqual(await ann.closed(), 1009)

    async def test_fragments_over_16_kib_together_close_with_1009(self):
        async with self.service.join() as ann:
            await ann.send(["x" * 9000, "x" * 9000])
            self.assertEqual(await ann.closed(), 1009)

    async def test_a_client_that_goes_on_sending_still_learns_why_it_was_closed(self):
        for bad, code in (frame("x" * 1_000_000), 1009), (frame(b"\xff") + frame("y" * 10_000) * 20, 1007):
            for _ in range(20):
                with self.service.raw_join() as client:
                    client.sendall(bad)
                    self.assertEqual(close_code(client), code)

    async def test_a_message_of_exactly_16_kib_is_accepted(self):
        text = json.dumps({"type": "message", "text": ""})
        text = text[:-2] + "x" * (16 * 1024 - len(text)) + text[-2:]
        async with self.service.join() as ann:
            await ann.send(text)
            self.assertEqual((await ann.frame("ack"))["id"], 1)

    async def test_invalid_utf8_closes_with_1007(self):
        for bad in b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\xaf", b'{"type":"message","text":"\xfe"}':
            with self.subTest(bad), self.service.raw_join() as client:
                client.sendall(frame(bad))
                self.assertEqual(close_code(client), 1007)

    async def test_a_binary_message_closes_with_1003(self):
        async with self.service.join() as ann:
            await ann.send(b"{}")
            self.assertEqual(await ann.closed(), 1003)

    async def test_frames_against_the_protocol_close_with_1002(self):
        unmasked = b"\x81\x02{}"
        reserved = b"\xf1\x80" + bytes(4)
        orphan = frame("x", opcode=0)
        for bad in unmasked, reserved, orphan:
            with self.subTest(bad), self.service.raw_join() as client:
                client.sendall(bad)
                self.assertEqual(close_code(client), 1002)

    async def test_a_frame_that_is_not_understood_is_answered_with_an_error_and_the_chat_goes_on(self):
        bad = ["", "x", "{", '{"type":"message","text":"a"', "[]", "null", '"text"', "7", "{}", '{"type":7}',
               '{"type":"shout","text":"a"}', '{"type":"message"}', '{"type":"message","text":7}',
               '{"type":"message","text":null}', '{"type":"message","text":""}', "[" * 5000,
               '{"type":"message","text":"\\ud800"}', '{"type":"message","text":"a"} b']
        async with self.service.join() as ann:
            for number, text in enumerate(bad):
                await ann.send(text)
                error = await ann.frame("error", number)
                self.assertNotIn("tag", error)
                self.assertTrue(error["reason"])
            await ann.say("still here", tag=1)
            self.assertEqual(await ann.frame("ack"), {"type": "ack", "tag": 1, "id": 1})

    async def test_an_error_returns_the_tag(self):
        async with self.service.join() as ann:
            await ann.send('{"type":"shout","tag":"t9"}')
            error = await ann.frame("error")
            self.assertEqual((error["tag"], error["reason"]), ("t9", "unknown type; the only one is message"))

    async def test_bad_rooms_and_names_are_answered_with_400(self):
        rooms = ["", "a b", "a/b", "../x", "ä", "<b>", "x" * 65]
        names = ["", " ann", "ann ", "a\nb", "a\u0000b", "x" * 33, "\u202ednA", "\u0085"]
        for room, name in [(room, "ann") for room in rooms] + [("lobby", name) for name in names]:
            with self.subTest((room, name)):
                with self.assertRaises(websockets.InvalidStatusCode) as caught:
                    async with self.service.join(room, name):
                        pass
                self.assertEqual(caught.exception.status_code, 400)
        for query in "", "?room=x", "?name=x", "?room=x&name=%ff", "?room=x&name=%ed%a0%80", "?room=x&name=%":
            with self.subTest(query):
                self.assertEqual(self.upgrade("/ws" + query), 400)

    def upgrade(self, target, *fields, key=True):
        head = [f"GET {target} HTTP/1.1", "Host: localhost", "Upgrade: websocket", "Connection: Upgrade, close",
                *(["Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="] if key else []), *fields]
        if not any("Version" in field for field in fields):
            head.append("Sec-WebSocket-Version: 13")
        answer = self.service.exchange(("\r\n".join(head) + "\r\n\r\n").encode())
        return int(answer.split()[1])

    async def test_a_websocket_handshake_that_is_wrong_is_refused(self):
        where = "/ws?room=" + quote("lobby") + "&name=ann"
        self.assertEqual(self.upgrade(where, key=False), 400)
        self.assertEqual(self.upgrade(where, "Sec-WebSocket-Version: 7"), 426)
        self.assertEqual(self.upgrade("/elsewhere"), 404)
        self.assertEqual(self.service.request(where)[0], 426)


if __name__ == "__main__":
    chat_test.main(modules=["websockets"])
