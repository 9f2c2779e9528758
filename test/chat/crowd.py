# ordo: two hundred clients in one room of chat_server.
# SPDX-License-Identifier: BSL-1.0
import asyncio

import chat_test
from chat_test import PATIENCE, Service, TestCase, eventually

CLIENTS = 200
EACH = 2


class Crowd(TestCase):
    async def test_everybody_hears_everything_in_the_order_of_the_ids(self):
        with Service() as service:
            baseline = service.descriptors()
            clients = [service.join(name=f"n{number:03}", max_queue=None) for number in range(CLIENTS)]
            for start in range(0, CLIENTS, 50):
                await asyncio.gather(*(client.__aenter__() for client in clients[start:start + 50]))

            async def talk(client, number):
                for turn in range(EACH):
                    await client.say(f"{number}/{turn}", tag=turn)

            await asyncio.gather(*(talk(client, number) for number, client in enumerate(clients)))
            total = CLIENTS * EACH
            for number, client in enumerate(clients):
                await client.frame("message", total - 1, 4 * PATIENCE)
                await client.frame("ack", EACH - 1, PATIENCE)
                messages = client.frames("message")
                self.assertEqual([m["id"] for m in messages], list(range(1, total + 1)))
                self.assertEqual(messages, clients[0].frames("message"))
                own = {m["text"]: m["id"] for m in messages if m["name"] == f"n{number:03}"}
                self.assertEqual([(a["tag"], a["id"]) for a in client.frames("ack")],
                                 [(turn, own[f"{number}/{turn}"]) for turn in range(EACH)])
                self.assertEqual(client.frames("presence")[-1]["names"], [f"n{n:03}" for n in range(CLIENTS)])
            self.assertEqual(service.history("lobby", limit=200), clients[0].frames("message")[-200:])

            await asyncio.gather(*(client.leave() for client in clients))
            await eventually(lambda: service.descriptors() <= baseline, "the descriptors from before")
            self.assertEqual(service.stop(), 0)
            self.assertNotIn("warning", service.log())


if __name__ == "__main__":
    chat_test.main(modules=["websockets"])
