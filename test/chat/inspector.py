# ordo: the inspector of chat_server in headless Chromium, on a desk and on a phone, while a crowd talks.
# SPDX-License-Identifier: BSL-1.0
import asyncio
import http.client
import http.server
import json
import re
import threading
import urllib.parse

import browser
import chat_test
from chat_test import PATIENCE, Service, TestCase

SHOWN = "document.getElementById('status').textContent === 'live'"
NAMES = "[...document.querySelectorAll('#tasks summary b')].map(e => e.textContent)"


PLACE = {"file": "/somewhere/deep/app.cpp", "line": 12, "function": "coro<> f(T) [T = (lambda at /somewhere/deep/app.cpp:30:5)]"}
EVIL = "<img src=x onerror=\"document.title='broken'\"> & 'quotes' \ufffd"


def task(name, **more):
    return {"name": name, "state": "waiting", "cancelling": 0, "age": 1.5, "waits_for": "sleep", "created_at": PLACE,
            "stack": [PLACE], "awaits": [], "awaited_by": [], **more}


def callback(**more):
    return {"kind": "timer", "name": "a callback", **PLACE, **more}


def drawn_state():
    """A moment in which there is something of everything."""
    lag = [0] * 24
    lag[3], lag[15] = 1000, 1
    tasks = [task("plain", waits_for="a future created at /somewhere/deep/app.cpp:7 (coro<> g())", awaits=[1]),
             task(EVIL, remaining=3.0, holder=EVIL, awaited_by=[0])]
    return {"age": 20.0, "filter": "", "graph": {"tasks": tasks}, "numbers": [7, 8], "tasks": 10_000, "matching": 10_000,
            "metrics": {"callbacks": 1001, "busy": 1.0, "tasks": 10_000, "outstanding": 0, "executor_queue": 0,
                        "longest_callback": .05, "ready_lag": lag, "timer_lag": lag[::-1]},
            "ready": {"length": 900, "matching": 900, "callbacks": [callback(position=1), callback(position=2, name=EVIL)]},
            "scheduled": {"length": 1, "matching": 1, "callbacks": [callback(position=1, remaining=2.0)]},
            "samples": [[19.9, .1, .05, 100, 2]], "slow": [callback(end=19.0, took=.05), callback(end=2.0, took=.002, name=EVIL)]}


class Stage(http.server.ThreadingHTTPServer):
    """Serves the page, and what a test wants it to draw."""

    def __init__(self, page):
        super().__init__(("127.0.0.1", 0), StageHandler)
        self.page, self.state = page, drawn_state()
        self.filters = []
        self.may_answer, self.asked = threading.Event(), threading.Event()
        self.may_answer.set()
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        self.may_answer.set()
        self.shutdown()
        self.server_close()


class StageHandler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        path, _, query = self.path.partition("?")
        body = self.server.page
        if path == "/state.json":
            wanted = dict(urllib.parse.parse_qsl(query)).get("filter", "")
            self.server.filters.append(wanted)
            self.server.asked.set()
            self.server.may_answer.wait(PATIENCE)
            body = json.dumps({**self.server.state, "filter": wanted})
        self.send_response(200)
        self.send_header("Content-Type", "application/json" if path == "/state.json" else "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *unused):
        pass


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
            text = ""
            async with asyncio.timeout(PATIENCE):
                while '"waits_for":"queue::get"' not in text:  # until the answer to her is written
                    status, text = await self.ask("/state.json")
                    self.assertEqual(status, 200)
        state = json.loads(text)
        self.assertGreater(state["metrics"]["callbacks"], 0)
        self.assertEqual(sum(state["metrics"]["ready_lag"]), state["metrics"]["callbacks"])
        self.assertEqual(state["tasks"], len(state["graph"]["tasks"]))
        self.assertEqual(len(state["numbers"]), len(state["graph"]["tasks"]))
        stacks = [at["function"] for task in state["graph"]["tasks"] for at in task["stack"]]
        self.assertTrue(any("chat::" in function for function in stacks), stacks)

    async def test_other_sites_other_methods_and_other_paths_are_refused(self):
        self.assertEqual((await self.ask("/state.json", host="evil.example"))[0], 403)
        self.assertEqual((await self.ask("/state.json", host=f"localhost:{self.port}"))[0], 200)
        self.assertEqual((await self.ask("/", method="DELETE"))[0], 405)
        self.assertEqual(await self.ask("/", method="HEAD"), (200, ""))
        self.assertEqual((await self.ask("/etc/passwd"))[0], 404)

    async def test_the_service_stops_while_it_is_watched(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.request("GET", "/state.json")
        connection.getresponse().read()  # and it stays open
        self.assertEqual(await asyncio.to_thread(self.service.stop), 0)
        connection.close()

    async def stage(self):
        stage = Stage((await self.ask("/"))[1])
        self.addCleanup(stage.close)
        return stage, f"http://127.0.0.1:{stage.server_address[1]}/"

    async def test_everything_is_drawn_and_nothing_taken_for_markup(self):
        stage, url = await self.stage()
        async with browser.Browser() as chromium:
            tab = await chromium.open(url, SHOWN)
            counts = {"#tasks details": 2, "#ready tr": 2, "#scheduled tr": 1, "#slow tr": 2, "#timeline .bar": 1,
                      "#timeline .slow": 1, "#histogram .bar": 2, "#histogram .timers": 2, "main img, main script": 0}
            for selector, count in counts.items():
                self.assertEqual(await tab.run(f"document.querySelectorAll({json.dumps(selector)}).length"), count, selector)
            text = await tab.run("document.body.textContent")
            self.assertEqual(await tab.run("document.title"), "ordo inspector")
            self.assertEqual((await tab.run(NAMES))[1], EVIL)
            self.assertNotIn("/somewhere", await tab.run("document.querySelector('main').textContent"))
            self.assertIn("waits for a future created at app.cpp:7 (coro<> g())", text)
            self.assertEqual(await tab.run("document.getElementById('task_count').textContent"),
                             "2 of 10000, filter to find the others")
            self.assertTrue(await tab.run("(box => { box.placeholder && (box.value = box.placeholder);"
                                          "const fits = box.scrollWidth <= box.clientWidth; box.value = ''; return fits; })"
                                          "(document.getElementById('filter'))"))
            self.assertEqual(tab.complaints, [])

    async def test_a_filter_is_answered_by_the_service(self):
        stage, url = await self.stage()
        async with browser.Browser() as chromium:
            tab = await chromium.open(url, SHOWN)
            await tab.run("document.querySelector('#tasks summary').click()")
            stage.state.update({"graph": {"tasks": [task("new"), task("plain")]}, "numbers": [9_999, 7], "matching": 2})
            await tab.type("n & w", "filter")
            await tab.until("document.getElementById('task_count').textContent === '2 shown, 2 of 10000 match'")
            self.assertIn("n & w", stage.filters)
            opened = "[...document.querySelectorAll('#tasks details')].map(e => e.open)"
            self.assertEqual(await tab.run(opened), [False, True])  # the same task, in another place

    async def test_an_answer_that_comes_in_a_pause_is_not_shown(self):
        stage, url = await self.stage()
        async with browser.Browser() as chromium:
            tab = await chromium.open(url, SHOWN)
            stage.may_answer.clear()
            stage.asked.clear()
            self.assertTrue(await asyncio.to_thread(stage.asked.wait, PATIENCE))
            await tab.run("document.getElementById('pause').click()")
            stage.state["graph"]["tasks"] = [task("too late")]
            stage.may_answer.set()
            await asyncio.sleep(1)
            self.assertEqual(await tab.run("document.getElementById('status').textContent"), "paused")
            self.assertNotIn("too late", await tab.run(NAMES))
            await tab.run("document.getElementById('pause').click()")
            await tab.until(f"{NAMES}.includes('too late')")

    async def test_a_fault_of_the_page_is_not_taken_for_a_lost_service(self):
        stage, url = await self.stage()
        async with browser.Browser() as chromium:
            tab = await chromium.open(url, SHOWN)
            del stage.state["metrics"]
            async with asyncio.timeout(PATIENCE):
                while not tab.complaints:
                    await asyncio.sleep(0.05)
            self.assertEqual(await tab.run("document.getElementById('status').textContent"), "live")

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
