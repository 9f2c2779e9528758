# ordo: /history of chat_server: pages, limits, and what it does not accept.
# SPDX-License-Identifier: BSL-1.0

import chat_test
from chat_test import Service, TestCase


class History(TestCase):
    def setUp(self):
        self.service = Service()
        self.addCleanup(self.service.close)

    async def fill(self, count, room="lobby"):
        async with self.service.join(room) as ann:
            for number in range(count):
                await ann.say(f"m{number + 1}")
            await ann.frame("ack", count - 1)
            await ann.frame("message", count - 1)
            return ann.frames("message")

    def ids(self, **parameters):
        return [message["id"] for message in self.service.history("lobby", **parameters)]

    async def test_an_empty_room_has_an_empty_history(self):
        self.assertEqual(self.service.history("nowhere"), [])

    async def test_history_has_the_fields_of_the_frames_oldest_first(self):
        sent = await self.fill(5)
        self.assertEqual(self.service.history("lobby"), sent)

    async def test_history_is_read_in_pages_backwards(self):
        await self.fill(120)
        self.assertEqual(self.ids(), list(range(71, 121)))
        self.assertEqual(self.ids(limit=10), list(range(111, 121)))
        self.assertEqual(self.ids(limit=10, before=111), list(range(101, 111)))
        self.assertEqual(self.ids(before=4), [1, 2, 3])
        self.assertEqual(self.ids(before=1), [])
        self.assertEqual(self.ids(before=10**15, limit=1), [120])

    async def test_a_limit_over_the_greatest_gives_the_greatest(self):
        await self.fill(210)
        self.assertEqual(self.ids(limit=1000), list(range(11, 211)))

    async def test_histories_of_rooms_are_apart(self):
        await self.fill(3, "one")
        await self.fill(2, "two")
        self.assertEqual([m["room"] for m in self.service.history("one")], ["one"] * 3)
        self.assertEqual([m["id"] for m in self.service.history("two")], [1, 2])

    async def test_history_is_json(self):
        status, headers, body = self.service.request("/history?room=lobby")
        self.assertEqual((status, headers["Content-Type"], body), (200, "application/json", b'{"messages":[]}'))

    async def test_bad_parameters_are_answered_with_400(self):
        for query in ("", "?limit=5", "?room=", "?room=a%20b", "?room=a/b", "?room=%ff", "?room=" + "a" * 65,
                      "?room=x&limit=0", "?room=x&limit=-1", "?room=x&limit=ten", "?room=x&limit=5x",
                      "?room=x&before=0", "?room=x&before=-3", "?room=x&before=1.5", "?room=x&before=99999999999999999999",
                      "?room=%", "?room=%4", "?room=%zz"):
            with self.subTest(query):
                self.assertEqual(self.service.request("/history" + query)[0], 400)

    async def test_the_longest_room_is_accepted(self):
        self.assertEqual(self.service.history("a" * 64), [])


if __name__ == "__main__":
    chat_test.main(modules=["websockets"])
