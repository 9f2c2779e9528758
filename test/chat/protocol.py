# ordo: the frames of chat_server: what each of them says, and when it comes.
# SPDX-License-Identifier: BSL-1.0
import json
import time

import chat_test
from chat_test import Service, TestCase


class Protocol(TestCase):
    def setUp(self):
        self.service = Service()
        self.addCleanup(self.service.close)

    async def test_a_message_is_acknowledged_to_its_sender_with_its_tag_and_id(self):
        async with self.service.join() as ann:
            await ann.say("hello", tag="t1")
            self.assertEqual(await ann.frame("ack"), {"type": "ack", "tag": "t1", "id": 1})

    async def test_a_message_reaches_everybody_in_the_room_the_sender_included(self):
        async with self.service.join(name="ann") as ann, self.service.join(name="bob") as bob:
            before = time.time() * 1000
            await ann.say("hello")
            for client in ann, bob:
                message = await client.frame("message")
                self.assertEqual(set(message), {"type", "id", "room", "name", "text", "time"})
                self.assertEqual((message["id"], message["room"], message["name"], message["text"]),
                                 (1, "lobby", "ann", "hello"))
                self.assertIsInstance(message["time"], int)
                self.assertLess(abs(message["time"] - before), 60_000)

    async def test_an_acknowledgement_goes_to_the_sender_alone(self):
        async with self.service.join(name="ann") as ann, self.service.join(name="bob") as bob:
            await ann.say("one")
            await bob.frame("message")
            await bob.say("two", tag=2)
            self.assertEqual(await bob.frame("ack"), {"type": "ack", "tag": 2, "id": 2})
            await ann.frame("message", 1)
            self.assertEqual(len(ann.frames("ack")), 1)
            self.assertEqual(len(bob.frames("ack")), 1)

    async def test_the_tag_is_any_json_value_and_optional(self):
        async with self.service.join() as ann:
            tags = ["text", 7, -1.5, True, None, [1, {"deep": "er"}], {"a": [None]}, "ünïcödé \u0000"]
            for number, tag in enumerate(tags):
                await ann.say("x", tag=tag)
                self.assertEqual(await ann.frame("ack", number), {"type": "ack", "tag": tag, "id": number + 1})
            await ann.say("x")
            self.assertNotIn("tag", await ann.frame("ack", len(tags)))

    async def test_ids_grow_by_one_in_each_room_and_rooms_do_not_hear_each_other(self):
        async with self.service.join("one", "ann") as ann, self.service.join("two", "bob") as bob:
            for number in range(3):
                await ann.say(f"a{number}")
                await ann.frame("ack", number)
            await bob.say("b0")
            self.assertEqual((await bob.frame("message"))["id"], 1)
            self.assertEqual([m["id"] for m in ann.frames("message")], [1, 2, 3])
            self.assertEqual([m["text"] for m in bob.frames("message")], ["b0"])

    async def test_any_text_arrives_as_it_was_sent(self):
        texts = ["<b>&amp;</b>", "línea\nbreak\ttab", "日本語 🎉", "a\u0000b", "\\\"'", " spaces ", "x" * 16_000]
        async with self.service.join() as ann:
            for number, text in enumerate(texts):
                await ann.say(text)
                self.assertEqual((await ann.frame("message", number))["text"], text)
        self.assertEqual([m["text"] for m in self.service.history("lobby")], texts)

    async def test_names_may_be_in_any_script_and_hold_spaces(self):
        for name in "Ann B.", "Ænna", "張三", "a+b", "x" * 32, "ü" * 32, "<i>":
            async with self.service.join(name=name) as client:
                self.assertEqual(await client.frame("presence"), {"type": "presence", "names": [name]})

    async def test_presence_comes_on_every_change(self):
        async with self.service.join(name="ann") as ann:
            self.assertEqual((await ann.frame("presence", 0))["names"], ["ann"])
            async with self.service.join(name="bob") as bob:
                self.assertEqual((await bob.frame("presence", 0))["names"], ["ann", "bob"])
                self.assertEqual((await ann.frame("presence", 1))["names"], ["ann", "bob"])
            self.assertEqual((await ann.frame("presence", 2))["names"], ["ann"])

    async def test_two_clients_of_one_name_count_as_one_present(self):
        async with self.service.join(name="ann") as ann:
            await ann.frame("presence")
            first = self.service.join(name="bob")
            async with first:
                async with self.service.join(name="bob") as second:
                    self.assertEqual((await second.frame("presence"))["names"], ["ann", "bob"])
                await first.say("still here")
                await ann.frame("message")
                self.assertEqual([p["names"] for p in ann.frames("presence")], [["ann"], ["ann", "bob"]])
            self.assertEqual((await ann.frame("presence", 2))["names"], ["ann"])

    async def test_presence_is_of_the_own_room_only(self):
        async with self.service.join("one", "ann") as ann, self.service.join("two", "bob") as bob:
            self.assertEqual((await bob.frame("presence"))["names"], ["bob"])
            await ann.say("x")
            await ann.frame("ack")
            self.assertEqual(len(ann.frames("presence")), 1)

    async def test_messages_sent_in_a_row_are_all_acknowledged_in_order(self):
        async with self.service.join() as ann:
            for number in range(200):
                await ann.say(f"m{number}", tag=number)
            await ann.frame("ack", 199)
            await ann.frame("message", 199)
            self.assertEqual([(a["tag"], a["id"]) for a in ann.frames("ack")], [(n, n + 1) for n in range(200)])
            self.assertEqual([m["text"] for m in ann.frames("message")], [f"m{n}" for n in range(200)])

    async def test_a_message_in_fragments_is_one_message(self):
        async with self.service.join() as ann:
            text = json.dumps({"type": "message", "text": "in pieces"})
            await ann.send([text[:5], text[5:9], text[9:]])
            self.assertEqual((await ann.frame("message"))["text"], "in pieces")

    async def test_a_ping_is_answered(self):
        async with self.service.join() as ann:
            await (await ann.socket.ping())

    async def test_the_closing_handshake_of_a_client_is_answered(self):
        async with self.service.join() as ann:
            await ann.socket.close(code=1000)
            self.assertEqual(ann.socket.close_code, 1000)
            self.assertEqual(ann.socket.close_rcvd.code, 1000)


if __name__ == "__main__":
    chat_test.main(modules=["websockets"])
