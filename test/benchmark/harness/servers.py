# ordo: servers: an echo server of a peer, and the load on it, each on a core of its own.
# SPDX-License-Identifier: BSL-1.0
import contextlib
import os
import select
import socket
import subprocess
import time

from . import process
from .measure import Failure, NoSuchWorkload, Sample

READY_LIMIT = 10  # s until a server listens; the slowest takes 0.3


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


def wait_until_ready(server):
    """Until it prints a line, or its end."""
    end = time.monotonic() + READY_LIMIT
    while not select.select([server.stdout], [], [], max(0, end - time.monotonic()))[0]:
        if time.monotonic() >= end:
            raise Failure('its server did not say that it is ready')
    if server.stdout.readline() != b'ready\n':
        if server.wait() == 3:
            raise NoSuchWorkload()
        raise Failure(f'its server ended with {server.returncode}')


@contextlib.contextmanager
def running(command):
    """(process id, port) of a server that listens."""
    port = free_port()
    core = process.cores_for(1)
    server = subprocess.Popen([*map(str, command), str(port)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, start_new_session=True,
                              preexec_fn=lambda: os.sched_setaffinity(0, core))
    try:
        wait_until_ready(server)
        yield server.pid, port
    finally:
        process.kill(server)
        server.wait()
        server.stdout.close()


def load(generator, command, connections, what):
    """What the generator prints, `what` being for how many seconds it sends, or `idle`."""
    with running(command) as (server, port):
        finished = process.run([generator, port, connections, what, server], process.cores_for(2)[:1])
    if finished.code != 0:
        raise Failure(f'the load on its server {finished.described()}')
    return finished.output.split()


def busy_sample(generator, command, connections, seconds):
    """CPU time of the server, in ns per request; the generator prints µs, requests per second and two latencies."""
    microseconds, *_, check = load(generator, command, connections, seconds)
    return Sample(float(microseconds) * 1e3, int(check))


def idle_sample(generator, command, connections):
    """Resident memory in bytes per connection."""
    size, check = load(generator, command, connections, 'idle')
    return Sample(float(size), int(check))
