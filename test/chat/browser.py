# ordo: the page of chat_server in headless Chromium: two tabs that talk, on a desk and on a phone.
# SPDX-License-Identifier: BSL-1.0
#
# The browser is driven through its own debugging protocol. Screenshots go to the folder CHAT_SCREENSHOTS, if that is set.
import asyncio
import base64
import itertools
import json
import os
import shutil
import subprocess
import tempfile
import urllib.request

import chat_test
from chat_test import PATIENCE, Service, TestCase, die_with_parent, eventually, websockets

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps",
         "--disable-extensions", "--no-proxy-server", "--mute-audio", "--remote-debugging-port=0",
         "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]


class Browser:
    async def __aenter__(self):
        self.profile = tempfile.mkdtemp(prefix="chat-browser-")
        self.output = open(os.path.join(self.profile, "output"), "wb")
        self.process = subprocess.Popen(["chromium", *FLAGS, f"--user-data-dir={self.profile}", "about:blank"],
                                        stdout=self.output, stderr=self.output, preexec_fn=die_with_parent)
        try:
            await eventually(lambda: len(self.active_port()) == 2, "the browser started", 2 * PATIENCE)
            self.port = int(self.active_port()[0])
        except BaseException:
            await self.__aexit__()
            raise
        return self

    def active_port(self):
        """The two lines that the browser writes once it listens."""
        try:
            with open(os.path.join(self.profile, "DevToolsActivePort")) as file:
                return file.read().splitlines()
        except FileNotFoundError:
            return []

    async def __aexit__(self, *unused):
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.output.close()
        shutil.rmtree(self.profile, ignore_errors=True)

    async def open(self, url, ready="!document.getElementById('door').hidden"):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/json/new?about:blank", method="PUT")
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=PATIENCE) as answer:
            where = json.load(answer)["webSocketDebuggerUrl"]
        tab = Tab(await websockets.connect(where, max_size=None, ping_interval=None))
        for domain in "Page", "Runtime", "Log", "Network":
            await tab.call(f"{domain}.enable")
        await tab.call("Page.navigate", url=url)
        await tab.until("document.readyState === 'complete' && " + ready)
        return tab


class Tab:
    def __init__(self, socket):
        self.socket = socket
        self.numbers = itertools.count(1)
        self.answers = {}
        self.complaints = []  # errors and warnings in the console
        self.requests = []
        self.reader = asyncio.create_task(self.read())

    async def read(self):
        async for text in self.socket:
            event = json.loads(text)
            if "id" in event:
                self.answers.pop(event["id"]).set_result(event)
            elif event["method"] == "Runtime.exceptionThrown":
                self.complaints.append(event["params"]["exceptionDetails"])
            elif event["method"] == "Log.entryAdded":
                self.complaints.append(event["params"]["entry"]["text"])
            elif event["method"] == "Network.requestWillBeSent":
                self.requests.append(event["params"]["request"]["url"])

    async def call(self, method, **parameters):
        number = next(self.numbers)
        self.answers[number] = asyncio.get_running_loop().create_future()
        answer = self.answers[number]
        await self.socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        result = await asyncio.wait_for(answer, PATIENCE)
        assert "error" not in result, (method, result)
        return result["result"]

    async def run(self, script):
        result = await self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    async def until(self, condition, patience=PATIENCE):
        deadline = asyncio.get_running_loop().time() + patience
        while not await self.run(f"!!({condition})"):
            assert asyncio.get_running_loop().time() < deadline, (condition, await self.run("document.body.innerText"))
            await asyncio.sleep(0.05)

    async def size(self, width, height, phone=False):
        await self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                        deviceScaleFactor=2 if phone else 1, mobile=phone)
        await self.call("Emulation.setTouchEmulationEnabled", enabled=phone)

    async def type(self, text, where):
        await self.run(f"document.getElementById({json.dumps(where)}).focus()")
        await self.call("Input.insertText", text=text)

    async def press_enter(self):
        for kind in "keyDown", "keyUp":
            await self.call("Input.dispatchKeyEvent", type=kind, key="Enter", code="Enter", windowsVirtualKeyCode=13, text="\r")

    async def enter(self, name, room):
        await self.run("document.getElementById('door-name').value = document.getElementById('door-room').value = ''")
        await self.type(name, "door-name")
        await self.type(room, "door-room")
        await self.press_enter()
        await self.until("document.getElementById('state').dataset.state === 'open'")

    async def say(self, text):
        await self.type(text, "text")
        await self.press_enter()

    async def texts(self):
        return await self.run("[...document.querySelectorAll('#messages .text')].map(e => e.textContent)")

    async def screenshot(self, name):
        folder = os.environ.get("CHAT_SCREENSHOTS")
        if folder:
            os.makedirs(folder, exist_ok=True)
            image = await self.call("Page.captureScreenshot", format="png")
            with open(os.path.join(folder, name + ".png"), "wb") as file:
                file.write(base64.b64decode(image["data"]))


class Page(TestCase):
    async def asyncSetUp(self):
        await super().asyncSetUp()
        self.service = Service()
        self.addCleanup(self.service.close)
        self.browser = await Browser().__aenter__()
        self.addAsyncCleanup(self.browser.__aexit__)
        self.url = f"http://127.0.0.1:{self.service.port}/"

    async def hears(self, tab, texts):
        await tab.until(f"document.querySelectorAll('#messages .text').length >= {len(texts)}")
        self.assertEqual(await tab.texts(), texts)

    async def test_two_tabs_exchange_messages_and_nothing_is_taken_for_markup(self):
        desk, phone = await self.browser.open(self.url), await self.browser.open(self.url)
        await desk.size(1280, 800)
        await phone.size(390, 844, phone=True)
        await desk.screenshot("desk-door")
        await phone.screenshot("phone-door")
        await desk.enter("Ann", "lobby")
        await desk.until("!document.getElementById('empty').hidden")
        await phone.enter("Bob <b>", "lobby")
        evil = "<img src=x onerror=\"document.title='broken'\"><script>document.title='broken'</script>"
        said = [(desk, "Good morning, is anybody here?"), (phone, "Morning, Ann! I'm on the train. 🚆"),
                (phone, "Reception is " + "so " * 40 + "slow"), (desk, evil), (desk, "https://example.org/" + "x" * 150),
                (phone, "Two\nlines"), (desk, "Mañana, 明日, غداً")]
        for number, (tab, text) in enumerate(said):
            await tab.say(text)
            for each in desk, phone:
                await self.hears(each, [text for _, text in said[:number + 1]])
        for tab in desk, phone:
            await tab.until("document.querySelectorAll('#pending li').length === 0")
            self.assertEqual(await tab.run("[...document.querySelectorAll('#names li')].length"), 2)
            self.assertEqual(await tab.run("document.querySelectorAll('#messages img, #messages script, #names b').length"), 0)
            self.assertNotIn("broken", await tab.run("document.title"))
            # Nothing is wider than the window, and the last message is in sight.
            self.assertTrue(await tab.run("document.documentElement.scrollWidth <= innerWidth"))
            self.assertTrue(await tab.run("document.getElementById('scroller').scrollWidth <= "
                                          "document.getElementById('scroller').clientWidth"))
            self.assertTrue(await tab.run("document.querySelector('#messages li:last-child').getBoundingClientRect().bottom "
                                          "<= document.querySelector('footer').getBoundingClientRect().top + 1"))
        self.assertIn("Ann (you)", await desk.run("document.getElementById('names').innerText"))
        self.assertEqual(await phone.run("document.getElementById('people-button').innerText"), "2 here")
        await desk.screenshot("desk-chat")
        await phone.screenshot("phone-chat")
        await phone.run("document.getElementById('people-button').click()")
        self.assertIn("Bob <b> (you)", await phone.run("document.getElementById('names').innerText"))
        await phone.screenshot("phone-people")
        await desk.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])
        await desk.screenshot("desk-dark")
        for tab in desk, phone:
            self.assertEqual(tab.complaints, [])
            self.assertEqual([url for url in tab.requests if not url.startswith((self.url, "data:", "ws://127.0.0.1:"))], [])

    async def test_the_page_comes_back_by_itself_after_a_restart_and_catches_up(self):
        port, folder = self.service.port, self.service.folder
        async with self.service.join("lobby", "bob") as bob:
            for number in range(60):
                await bob.say(f"m{number}")
            await bob.frame("ack", 59)
        tab = await self.browser.open(self.url)
        await tab.size(1000, 700)
        await tab.enter("Ann", "lobby")
        await self.hears(tab, [f"m{number}" for number in range(10, 60)])  # one page of history
        await tab.run("document.getElementById('earlier').click()")
        await self.hears(tab, [f"m{number}" for number in range(60)])
        self.assertTrue(await tab.run("document.getElementById('earlier').hidden"))

        self.assertEqual(await asyncio.get_running_loop().run_in_executor(None, self.service.stop), 0)
        await tab.until("document.getElementById('state').dataset.state === 'closed'")
        await tab.say("while away")
        await tab.until("document.querySelector('#pending .failed')")
        await tab.screenshot("desk-offline")

        again = Service(folder=folder, port=port)
        self.addCleanup(again.close)
        async with again.join("lobby", "bob") as bob:
            for number in range(60, 130):
                await bob.say(f"m{number}")
            await bob.frame("ack", 69)
        await tab.run("document.getElementById('state').click()")
        await tab.until("document.getElementById('state').dataset.state === 'open'")
        await self.hears(tab, [f"m{number}" for number in range(130)])
        await tab.run("document.querySelector('#pending button').click()")
        await self.hears(tab, [f"m{number}" for number in range(130)] + ["while away"])
        await tab.until("document.querySelectorAll('#pending li').length === 0")


if __name__ == "__main__":
    chat_test.main(programs=["chromium"], modules=["websockets"])
