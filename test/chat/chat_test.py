# ordo: what the tests of chat_server share: the service as a process, and clients for it.
# SPDX-License-Identifier: BSL-1.0
#
# The program to test is named by the environment variable CHAT_SERVER. Everything stays on the loopback interface, on
# ports that the system chooses; whatever a test starts dies with it, even if the test is killed.
import asyncio
import base64
import ctypes
import http.client
import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest

try:
    import websockets
except ImportError:
    websockets = None

PATIENCE = 30  # seconds for what takes milliseconds; sanitizers and a busy machine are slow
SKIPPED = 77   # what CTest knows as "not run"


def main(programs=(), modules=()):
    """Run the tests of the calling file, or say in one line which client program they miss."""
    missing = [p for p in programs if not shutil.which(p)] + [f"python3-{m}" for m in modules if globals()[m] is None]
    if missing:
        print(f"skipped: {', '.join(missing)} not installed")
        sys.exit(SKIPPED)
    if "CHAT_SERVER" not in os.environ:
        sys.exit("CHAT_SERVER must name the program to test")
    unittest.main(verbosity=2)


def die_with_parent():
    PR_SET_PDEATHSIG = 1
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class TestCase(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        asyncio.get_running_loop().set_debug(False)  # unittest turns it on; a crowd of clients is too slow with it


class Service:
    """chat_server in a process of its own, with a database in a folder of its own."""

    def __init__(self, *arguments, folder=None, bind="127.0.0.1", port=0):
        self.owns_folder = folder is None
        self.folder = folder or tempfile.mkdtemp(prefix="chat-test-")
        self.database = os.path.join(self.folder, "chat.db")
        self.log_path = os.path.join(self.folder, "log")
        self.log_file = open(self.log_path, "ab")
        command = [os.environ["CHAT_SERVER"], "--bind", bind, "--port", str(port), "--database", self.database, *arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log_file,
                                        preexec_fn=die_with_parent)
        line = self.process.stdout.readline().decode()
        match = re.search(r"http://(\S+):(\d+)/", line)
        if not match:
            self.process.wait(PATIENCE)
            log = self.log()
            self.close()
            raise AssertionError(f"the service did not start: {line!r} {log!r}")
        self.port = int(match.group(2))
        self.pid = self.process.pid

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def close(self):
        """End it, if it still runs, and see that it did not break."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.log_file.close()
        log = self.log()
        if self.owns_folder:
            shutil.rmtree(self.folder, ignore_errors=True)
        if self.process.returncode not in (0, -signal.SIGKILL) or "Sanitizer" in log or "runtime error" in log:
            raise AssertionError(f"the service broke: exit code {self.process.returncode}, {log}")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self, signum=signal.SIGTERM):
        """Ask it to stop; its exit code."""
        self.process.send_signal(signum)
        return self.process.wait(PATIENCE)

    def running(self):
        return self.process.poll() is None

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    # -- HTTP

    def request(self, path, method="GET", body=None, headers={}):
        """(status, headers, body) of one request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def history(self, room, **parameters):
        query = "&".join([f"room={room}"] + [f"{k}={v}" for k, v in parameters.items()])
        status, _, body = self.request(f"/history?{query}")
        assert status == 200, (status, body)
        return json.loads(body)["messages"]

    def connect(self):
        """A plain connection, for what no well-behaved client would send."""
        result = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        result.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return result

    def exchange(self, data):
        """Send bytes; all bytes that come back until the service closes."""
        with self.connect() as connection:
            connection.sendall(data)
            return read_all(connection)

    # -- WebSocket

    def url(self, room="lobby", name="ann"):
        from urllib.parse import quote
        return f"ws://127.0.0.1:{self.port}/ws?room={quote(room)}&name={quote(name)}"

    def join(self, room="lobby", name="ann", **options):
        """`async with service.join(...) as client`."""
        return Client(self.url(room, name), **options)

    def raw_join(self, room="lobby", name="ann", receive_buffer=None):
        """A plain socket on which the WebSocket handshake is done, to send broken frames or to read nothing."""
        result = socket.socket()
        result.settimeout(PATIENCE)
        if receive_buffer:
            result.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        result.connect(("127.0.0.1", self.port))
        key = base64.b64encode(os.urandom(16)).decode()
        result.sendall((f"GET /ws?room={room}&name={name} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                        f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n").encode())
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = result.recv(1)
            assert byte, head
            head += byte
        assert head.startswith(b"HTTP/1.1 101 "), head
        return result


class Client:
    """A client of the chat that sorts what it receives by type, in the order of arrival."""

    def __init__(self, url, **options):
        self.opening = websockets.connect(url, open_timeout=PATIENCE, **{"ping_interval": None, **options})
        self.inbox = []
        self.arrived = asyncio.Event()

    async def __aenter__(self):
        self.socket = await self.opening
        self.reader = asyncio.create_task(self.read())
        return self

    async def __aexit__(self, *unused):
        await self.leave()

    async def leave(self):
        await self.socket.close()
        await self.reader

    async def read(self):
        try:
            async for text in self.socket:
                self.inbox.append(json.loads(text))
                self.arrived.set()
        except websockets.ConnectionClosed:
            pass
        self.arrived.set()

    async def say(self, text, **fields):
        await self.socket.send(json.dumps({"type": "message", "text": text, **fields}))

    async def send(self, data):
        await self.socket.send(data)

    def frames(self, kind):
        return [frame for frame in self.inbox if frame["type"] == kind]

    async def frame(self, kind, number=0, patience=PATIENCE):
        """The frame number `number` of a type, waiting for it."""
        await self.wait(lambda: len(self.frames(kind)) > number, f"{kind} number {number}", patience)
        return self.frames(kind)[number]

    async def wait(self, condition, what, patience=PATIENCE):
        deadline = time.monotonic() + patience
        while not condition():
            self.arrived.clear()
            left = deadline - time.monotonic()
            if left <= 0 or self.reader.done():
                raise AssertionError(f"no {what} in {str(self.inbox)[-2000:]}, closed: {self.socket.close_code}")
            try:
                await asyncio.wait_for(self.arrived.wait(), left)
            except asyncio.TimeoutError:
                pass

    async def present(self, names):
        """Wait until exactly these are in the room."""
        await self.wait(lambda: self.frames("presence") and self.frames("presence")[-1]["names"] == names, f"presence of {names}")

    async def closed(self, patience=PATIENCE):
        """The close code, waiting for it."""
        await asyncio.wait_for(asyncio.shield(self.reader), patience)
        return self.socket.close_code


def read_all(connection):
    result = b""
    try:
        while data := connection.recv(65536):
            result += data
    except ConnectionResetError:
        pass
    return result


def frame(payload, opcode=1, final=True, length=None):
    """A WebSocket frame as a client sends it; `length` pretends another size."""
    if isinstance(payload, str):
        payload = payload.encode()
    length = len(payload) if length is None else length
    head = bytes([(0x80 if final else 0) | opcode])
    if length < 126:
        head += bytes([0x80 | length])
    elif length < 65536:
        head += bytes([0x80 | 126]) + struct.pack(">H", length)
    else:
        head += bytes([0x80 | 127]) + struct.pack(">Q", length)
    return head + bytes(4) + payload  # a mask of zeros


def close_code(connection):
    """The code of the close frame that ends what the service sends on a plain socket."""
    data = b""
    while chunk := connection.recv(65536):
        data += chunk
    while data:
        opcode, size, start = data[0] & 15, data[1], 2
        if size == 126:
            size, start = struct.unpack(">H", data[2:4])[0], 4
        elif size == 127:
            size, start = struct.unpack(">Q", data[2:10])[0], 10
        if opcode == 8:
            return struct.unpack(">H", data[start:start + 2])[0]
        data = data[start + size:]
    return None


async def eventually(condition, what, patience=PATIENCE):
    """Wait for something that only shows from outside, such as a number of descriptors."""
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, f"not reached: {what}"
        await asyncio.sleep(0.02)
