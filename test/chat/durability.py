# ordo: what chat_server has acknowledged survives; what it cannot save it says.
# SPDX-License-Identifier: BSL-1.0
import asyncio
import os
import resource
import shutil
import sqlite3
import tempfile

import chat_test
from chat_test import Service, TestCase


class Durability(TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="chat-test-")
        self.addCleanup(shutil.rmtree, self.folder)

    def start(self, *arguments):
        service = Service(*arguments, folder=self.folder)
        self.addCleanup(service.close)
        return service

    async def test_after_kill_9_and_a_restart_every_acknowledged_message_is_there(self):
        acknowledged = {}  # text -> id
        last = 0
        for round in range(3):
            service = self.start()
            clients = [service.join(name=f"n{number}") for number in range(8)]
            await asyncio.gather(*(client.__aenter__() for client in clients))

            async def flood(client, number):
                turn = 0
                while client.reader and not client.reader.done():
                    try:
                        await client.say(f"{round}/{number}/{turn}", tag=f"{round}/{number}/{turn}")
                    except chat_test.websockets.ConnectionClosed:
                        return
                    turn += 1
                    await asyncio.sleep(0)

            floods = [asyncio.create_task(flood(client, number)) for number, client in enumerate(clients)]
            await clients[0].frame("ack", 30)
            service.kill()  # in the middle of it
            await asyncio.gather(*floods)
            for client in clients:
                await client.leave()
                acknowledged.update((a["tag"], a["id"]) for a in client.frames("ack"))

            service = self.start()
            saved, before = {}, 10**12
            while page := service.history("lobby", limit=200, before=before):
                saved.update((m["id"], m["text"]) for m in page)
                before = page[0]["id"]
            self.assertEqual(sorted(saved), list(range(1, len(saved) + 1)), "ids grow by one")
            for text, id in acknowledged.items():
                self.assertEqual(saved.get(id), text)
            self.assertGreater(len(saved), last)
            last = len(saved)
            async with service.join(name="ann") as ann:
                await ann.say(f"{round}/after", tag=f"{round}/after")
                self.assertEqual((await ann.frame("ack"))["id"], last + 1)
                acknowledged[f"{round}/after"] = last + 1
            self.assertEqual(service.stop(), 0)
        self.assertGreater(len(acknowledged), 90)

    async def test_a_locked_database_is_an_error_to_the_sender_and_the_service_goes_on(self):
        service = self.start()
        async with service.join(name="ann") as ann, service.join(name="bob") as bob:
            await ann.say("before", tag=1)
            await ann.frame("ack")
            other = sqlite3.connect(service.database, isolation_level=None)
            self.addCleanup(other.close)
            other.execute("BEGIN EXCLUSIVE")
            await asyncio.gather(ann.say("lost", tag=2), bob.say("lost too", tag=3))
            error = await ann.frame("error")
            self.assertEqual(error, {"type": "error", "tag": 2, "reason": "not saved: database is locked"})
            self.assertEqual((await bob.frame("error"))["tag"], 3)
            self.assertIn("not saved: database is locked", service.log())
            self.assertEqual(service.request("/healthz")[0], 200)
            self.assertEqual([m["text"] for m in service.history("lobby")], ["before"])
            other.execute("ROLLBACK")
            await ann.say("after", tag=4)
            self.assertEqual(await ann.frame("ack", 1), {"type": "ack", "tag": 4, "id": 2})
            await bob.frame("message", 1)
            self.assertEqual([m["text"] for m in bob.frames("message")], ["before", "after"])
        self.assertEqual(service.stop(), 0)

    async def test_a_full_disk_is_an_error_to_the_sender_and_the_service_goes_on(self):
        service = self.start()
        async with service.join(name="ann") as ann, service.join(name="bob") as bob:
            await ann.say("before")
            await ann.frame("ack")
            limits = resource.prlimit(service.pid, resource.RLIMIT_FSIZE)
            size = max(os.path.getsize(os.path.join(self.folder, name)) for name in os.listdir(self.folder))
            resource.prlimit(service.pid, resource.RLIMIT_FSIZE, (size, limits[1]))
            for number in range(3):
                await ann.say("y" * 15_000, tag=number)
                error = await ann.frame("error", number)
                self.assertEqual(error["tag"], number)
                self.assertRegex(error["reason"], "^not saved: disk I/O error|full$")
            self.assertIn("not saved", service.log())
            self.assertEqual([m["text"] for m in service.history("lobby")], ["before"])
            resource.prlimit(service.pid, resource.RLIMIT_FSIZE, limits)
            await ann.say("after")
            self.assertEqual((await ann.frame("ack", 1))["id"], 2)
            await bob.frame("message", 1)
            self.assertEqual([m["text"] for m in bob.frames("message")], ["before", "after"])
        self.assertEqual(service.stop(), 0)

    async def test_a_database_whose_table_is_gone_is_an_error_to_the_sender_and_to_history(self):
        service = self.start()
        async with service.join() as ann:
            other = sqlite3.connect(service.database)
            other.execute("DROP TABLE messages")
            other.close()
            await ann.say("x", tag=1)
            self.assertEqual(await ann.frame("error"),
                             {"type": "error", "tag": 1, "reason": "not saved: no such table: messages"})
            self.assertEqual(service.request("/history?room=lobby")[0], 503)
            self.assertIn("history not read: no such table: messages", service.log())

    async def test_the_history_of_an_earlier_run_is_there(self):
        with_history = self.start()
        async with with_history.join() as ann:
            await ann.say("first run")
            await ann.frame("ack")
        self.assertEqual(with_history.stop(), 0)
        self.assertEqual(sorted(os.listdir(self.folder)), ["chat.db", "log"], "the database was closed in order")
        again = self.start()
        self.assertEqual([(m["id"], m["text"]) for m in again.history("lobby")], [(1, "first run")])


if __name__ == "__main__":
    chat_test.main(modules=["websockets"])
