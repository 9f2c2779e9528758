# ordo: the inspector of chat_server in headless Chromium, on a desk and on a phone, while a crowd talks.
# SPDX-License-Identifier: BSL-1.0
import asyncio
import http.client
import json
import re

import browser
import chat_test
from chat_test import PATIENCE, Service, TestCase

SHOWN = "document.getElementById('status').textContent === 'live'"
NAMES = "[...document.querySelectorAll('#tasks summary b')].map(e => e.textContent)"


class Inspector(TestCase):
    async def asyncSetUp(self):
        await super().asyncSetUp()
        self.service = Service("--inspect")
        self.addCleanup(self.service.close)
        line = self.service.process.stdout.readline().decode()
        self.port = int(re.fullmatch(r"chat_server: inspect it at http://127\.0\.0\.1:(\d+)/\n", line).group(1))
        self.url = f"http://127.0.0.1:{self.port}/"

    def request(self, path, method="GET", host=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, headers={"Host": host} if host else {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    async def ask(self, *arguments, **named):
        return await asyncio.to_thread(self.request, *arguments, **named)

    async def test_the_state_is_json_with_what_each_task_waits_for(self):
        async with self.service.join("lobby", "ann") as ann:
            await ann.say("hello")
            status, text = await self.ask("/state.json")
        self.assertEqual(status, 200)
        state = json.loads(text)
        self.assertGreater(state["metrics"]["callbacks"], 0)
        self.assertEqual(sum(state["metrics"]["ready_lag"]), state["metrics"]["callbacks"])
        self.assertEqual(state["tasks"], len(state["graph"]["tasks"]))
        waits = {task["waits_for"] for task in state["graph"]["tasks"] if task["state"] == "waiting"}
        self.assertIn("queue::get", waits)
        stacks = [at["function"] for task in state["graph"]["tasks"] for at in task["stack"]]
        self.assertTrue(any("chat::" in function for function in stacks), stacks)

    async def test_other_sites_other_methods_and_other_paths_are_refused(self):
        self.assertEqual((await self.ask("/state.json", host="evil.example"))[0], 403)
        self.assertEqual((await self.ask("/state.json", host=f"localhost:{self.port}"))[0], 200)
        self.assertEqual((await self.ask("/", method="DELETE"))[0], 405)
        self.assertEqual((await self.ask("/etc/passwd"))[0], 404)

    async def test_the_service_stops_while_it_is_watched(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.request("GET", "/state.json")
        connection.getresponse().read()  # and it stays open
        self.assertEqual(await asyncio.to_thread(self.service.stop), 0)
        connection.close()

    async def test_the_page_shows_tasks_queues_and_pictures_and_filters(self):
        async with browser.Browser() as chromium:
            desk = await chromium.open(self.url, SHOWN)
            await desk.size(1280, 900)
            phone = await chromium.open(self.url, SHOWN)
            await phone.size(390, 844, phone=True)
            async with self.service.join("lobby", "ann") as ann, self.service.join("lobby", "bob"):
                for number in range(200):
                    await ann.say(f"message {number}")
                await ann.frame("ack", 199)
                for tab in desk, phone:
                    await tab.until(f"{NAMES}.length >= 4")
                    await tab.until("document.querySelectorAll('#timeline .bar').length > 5")
                    await tab.until("document.querySelectorAll('#histogram .bar').length > 0")
                    await tab.until("document.querySelectorAll('#scheduled tr').length > 0")
                    self.assertTrue(await tab.run("document.documentElement.scrollWidth <= innerWidth"))
                await desk.screenshot("inspector-desk")
                await phone.screenshot("inspector-phone")
                await desk.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])
                await desk.run("document.querySelector('#tasks summary').click()")
                await desk.until("document.querySelector('#tasks details[open] li')")
                await asyncio.sleep(1)  # the page looks again, and the task stays open
                self.assertTrue(await desk.run("!!document.querySelector('#tasks details[open] li')"))
                await desk.screenshot("inspector-dark")

                all_tasks = len(await desk.run(NAMES))
                await desk.type("queue::get", "filter")
                await desk.until(f"{NAMES}.length > 0 && {NAMES}.length < {all_tasks}")
                texts = await desk.run("[...document.querySelectorAll('#tasks summary')].map(e => e.textContent)")
                self.assertTrue(any("queue::get" in text for text in texts), texts)
                await desk.type("no such thing", "filter")
                await desk.until("document.getElementById('tasks').textContent === 'none matches'")

                await phone.run("document.getElementById('pause').click()")
                before = await phone.run("document.getElementById('figures').textContent")
                await ann.say("and on")
                await asyncio.sleep(1.5)
                self.assertEqual(await phone.run("document.getElementById('figures').textContent"), before)
            for tab in desk, phone:
                self.assertEqual(tab.complaints, [])
                self.assertEqual([url for url in tab.requests if not url.startswith((self.url, "data:"))], [])

            await asyncio.to_thread(self.service.stop)
            await desk.until("document.getElementById('status').className === 'lost'")


if __name__ == "__main__":
    chat_test.main(programs=["chromium"], modules=["websockets"])
