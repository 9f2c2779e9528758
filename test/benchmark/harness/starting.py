# ordo: starting: how one sample of a workload is taken from a peer.
# SPDX-License-Identifier: BSL-1.0
import pathlib
import tempfile

from . import process, servers
from .measure import Failure, NoSuchWorkload, Sample, parse
from .programs import ROOT

HEADERS = {'ordo': 'ordo/ordo.hpp', 'ordo_task': 'ordo/task.hpp', 'asio': 'boost/asio.hpp'}
SLOW = ('asyncio', 'uvloop')  # one repeat takes them long enough to count, and they have nothing to warm up
LOAD = 2  # how many times as long as another workload is repeated a server is under load, until that has become even
COMPILER = ('clang++-19', '-std=c++20', '-I', ROOT / 'include')


class Starter:
    """Callable with a workload, its size and a peer; returns the sample or raises what measure() expects."""

    def __init__(self, programs, seconds, options=()):
        self._programs = programs
        self._seconds = seconds        # how long a workload is repeated within a process
        self._options = options        # k=v, for peers

    def __call__(self, workload, size, peer):
        return getattr(self, f'_{workload.program}')(workload, size, peer)

    def can(self, workload, peer):
        if workload.program == 'compile':
            return peer in HEADERS
        if workload.program == 'peer':
            return workload.id in self._programs.workloads.get(peer, ())
        return peer in self._programs.servers and self._programs.load is not None

    def _peer(self, workload, size, peer):
        if peer not in self._programs.commands:
            raise NoSuchWorkload()
        once = workload.once or peer in SLOW
        repeats = ('--repeats', 1) if once else ('--seconds', self._seconds)
        command = [*self._programs.commands[peer], peer, workload.id, size, *repeats, *self._options]
        return parse(process.run(command, process.cores_for(workload.cores)))

    def _loopback(self, workload, size, peer):
        server = [*self._programs.servers[peer], peer]
        return servers.busy_sample(self._programs.load, server, size, LOAD * self._seconds)

    def _idle(self, workload, size, peer):
        server = [*self._programs.servers[peer], peer]
        return servers.idle_sample(self._programs.load, server, size)

    def _compile(self, workload, size, peer):
        with tempfile.TemporaryDirectory() as folder:
            source = pathlib.Path(folder, 'source.cpp')
            source.write_text(f'#include <{HEADERS[peer]}>\nint main() {{}}\n')
            finished = process.run([*COMPILER, '-c', source, '-o', source.with_suffix('.o')], process.cores_for(1))
        if finished.code != 0:
            raise Failure(finished.described())
        return Sample(finished.cpu_ns / 1e6, None)  # the memory is the compiler's
