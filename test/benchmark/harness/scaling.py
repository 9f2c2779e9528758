# ordo: scaling: how workloads grow with the number of tasks, timers, threads and connections; draws pictures of it.
# SPDX-License-Identifier: BSL-1.0
import dataclasses
import resource
import time
from collections.abc import Callable

from . import plot, programs
from .measure import Failure, Measured, check
from .programs import HERE, PEERS, ROOT
from .report import write_json
from .starting import Starter
from .workloads import BY_ID

PICTURES = HERE / 'pictures'
SECONDS = 0.05
TOO_SLOW = 4  # s: a peer that took longer than that for a point is not asked for the larger ones
SHOWN = ('ordo', 'floor', 'asio', 'asio_awaitable', 'libuv', 'tokio', 'asyncio')
OPERATIONS = 100_000  # at least, where the number of tasks is not that of operations
JOBS = 10_000

MILLION = tuple(10**power for power in range(7))
CONNECTIONS = (1, 10, 100, 1_000, 10_000)
DESCRIPTORS = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
BOTH_ENDS = tuple(min(x, (DESCRIPTORS - 100) // 2) for x in CONNECTIONS)  # in one process
THREADS = (1, 2, 4, 8)


@dataclasses.dataclass(frozen=True)
class Scale:
    """A curve for each peer: `size` and `options` of a point are computed from its x."""

    workload: str
    title: str
    x_label: str
    y_label: str
    xs: tuple[int, ...]
    size: Callable[[int], int]
    options: Callable[[int], tuple[str, ...]] = lambda x: ()
    peers: tuple[str, ...] = tuple(PEERS)  # those that know the option


def alive(workload, title, x_label, y_label, peers, key='tasks', xs=MILLION, each=10):
    """So many are alive, and do as many operations as they otherwise would, but at least so many `each`."""
    return Scale(workload, title, x_label, y_label, xs, lambda x: max(x * each, OPERATIONS), lambda x: (f'{key}={x}',),
                 peers)


def itself(x):
    return x


OURS = ('ordo', 'ordo_embedded', 'floor')
COROUTINES = (*OURS, 'asio_awaitable', 'fiber')
EVERYBODY = (*COROUTINES, 'asio', 'libuv', 'tokio', 'asyncio', 'uvloop')

PICTURE_OF = {
    'W1_W2': (
        alive('W1', 'W1: callbacks that schedule themselves', 'callbacks alive', 'ns per callback', (*OURS, 'asio')),
        alive('W2', 'W2: callbacks scheduled, then run', 'callbacks at once', 'ns per callback', EVERYBODY, 'batch',
              each=1)),
    'W3_W4': (
        alive('W3', 'W3: create tasks, run and await them', 'tasks at once', 'ns per task', EVERYBODY, 'batch', each=1),
        alive('W4', 'W4: await trivial coroutines', 'tasks that do', 'ns per await', COROUTINES)),
    'W5': (
        alive('W5a', 'W5a: pairs of tasks in turn, through futures', 'tasks', 'ns per turn', COROUTINES,
              xs=(2, *MILLION[1:])),
        alive('W5c', 'W5b, W5c: tasks yield', 'tasks', 'ns per turn', EVERYBODY)),
    'W6': (
        Scale('W6a', 'W6a: arm timers, cancel them all', 'timers', 'ns per timer', MILLION, itself),
        Scale('W6b', 'W6b: timers fire', 'timers', 'ns per timer, CPU', MILLION[1:], itself)),
    'W7_W8': (
        Scale('W7a', 'W7a: threads flood the loop', 'threads', 'ns per callback', THREADS, lambda x: OPERATIONS,
              lambda x: (f'threads={x}',)),
        Scale('W8b', 'W8: jobs in an executor', 'jobs in flight', 'ns per job', MILLION[:5], lambda x: JOBS,
              lambda x: (f'in_flight={x}',))),
    'W9': (
        Scale('W9', 'W9: echo, the server alone', 'connections', 'ns per request, CPU', BOTH_ENDS, itself),
        Scale('W9.loopback', 'W9: echo over loopback', 'connections', 'ns per request, CPU', CONNECTIONS, itself)),
}


def measure_point(scale, x, peer, found, measured):
    """Adds a sample to `measured`, under a name of its own for each x; says how long it took, in s."""
    workload, began = BY_ID[scale.workload], time.monotonic()
    # A few timers are nothing beside what the first run in a process costs.
    workload = dataclasses.replace(workload, once=workload.once and x >= OPERATIONS)
    sample = Starter(found, SECONDS, scale.options(x))(workload, scale.size(x), peer)
    # With options another number may be right, but it is the same for all peers.
    point = dataclasses.replace(workload, id=x, check=None if scale.options(x) else workload.check)
    check(point, scale.size(x), peer, sample, measured)
    measured.add(x, peer, sample)
    return time.monotonic() - began


def panel_of(scale, peers, rounds, found, failures):
    peers = [peer for peer in peers if peer in scale.peers and Starter(found, SECONDS).can(BY_ID[scale.workload], peer)]
    measured, ended = Measured(), set()
    for _ in range(rounds):
        for x in scale.xs:
            for peer in peers:
                if (x, peer) in ended:
                    continue
                try:
                    seconds = measure_point(scale, x, peer, found, measured)
                except (Failure, OSError) as error:
                    failures.append(f'{scale.workload} {peer} at {x}: {error}')
                    print(f'FAILED: {failures[-1]}', flush=True)
                    seconds = TOO_SLOW
                if seconds >= TOO_SLOW:
                    ended |= {(larger, peer) for larger in scale.xs if larger >= x + 1}
    medians = measured.medians()
    points = {peer: [(x, medians[x][peer]) for x in scale.xs if peer in medians.get(x, ())] for peer in peers}
    return plot.Panel(scale.title, scale.x_label, scale.y_label, {peer: line for peer, line in points.items() if line})


def run(options):
    if not plot.available():
        raise RuntimeError('gnuplot is missing; cmake/setup --benchmark installs it')
    start = time.monotonic()
    peers = [peer for peer in options.peers if peer in SHOWN] if options.peers == list(PEERS) else options.peers
    found = programs.find(peers, may_build_tokio=True)
    for peer, why in found.left_out.items():
        print(f'{peer}: left out: {why}', flush=True)
    failures, document = [], {}
    for name, scales in PICTURE_OF.items():
        chosen = [scale for scale in scales if not options.only or scale.workload in options.only]
        present = [peer for peer in peers if peer in found.commands]
        panels = [panel_of(scale, present, options.rounds, found, failures) for scale in chosen]
        panels = [panel for panel in panels if panel.points]
        if not panels:
            continue
        plot.draw(PICTURES / f'{name}.svg', panels)
        document[name] = {panel.title: panel.points for panel in panels}
        print(f'{name}: drawn after {time.monotonic() - start:.0f} s', flush=True)
    write_json(ROOT / 'build/benchmark_scaling.json', document)
    print(f'pictures are in {PICTURES}' + (f'; {len(failures)} points are missing' if failures else ''))
    return 1 if failures else 0
