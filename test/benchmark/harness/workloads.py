# ordo: the workloads: what every peer does, how much of it, and which goal ordo has. The one place that defines them.
# SPDX-License-Identifier: BSL-1.0
"""A workload is defined in words that hold for every peer: each does the same work, observably, with the same sizes,
and prints a number that depends on that work. What the words do not name (free lists, locks, batches) is the peer's own
business.

Times are wall time of the process, of one operation, unless the words say otherwise. Goals are limits on what ordo takes:
a number, or a multiple of what another one takes in the same round.
"""
import dataclasses
from collections.abc import Callable

from .goals import Clause, at_most, best_peer, times

BATCH = 1000  # callbacks, tasks or children at once, where a workload works in batches


def count(size):
    return size


def sum_of_places(size):
    """Each of a batch adds its place in the batch: 0, 1, 2 … 999, 0, 1 …"""
    full, rest = divmod(size, BATCH)
    return full * (BATCH * (BATCH - 1) // 2) + rest * (rest - 1) // 2


def sum_up_to(size):
    return size * (size - 1) // 2


@dataclasses.dataclass(frozen=True)
class Workload:
    id: str
    title: str
    words: str
    size: int
    quick: int                             # the size with --quick
    goal: tuple[Clause, ...]
    unit: str = 'ns'
    check: Callable[[int], int] | None = None  # what each peer must print for a size; None: only the same as the others
    once: bool = False                     # one repeat in a fresh process: a second would find memory in free lists
    cores: int = 1                         # on which the process may run
    program: str = 'peer'                  # or loopback, idle, compile: what programs.py starts for it


WORKLOADS = (
    Workload(
        'W1', 'a callback that schedules itself',
        'A callback counts itself and schedules itself again, SIZE times in all; each runs in an iteration of its '
        'own. Check: how many ran.',
        50_000, 20_000, (times(2, 'floor'), times(1 / 4, 'asio', '≥ 4 × faster than asio::post')),
        check=count),
    Workload(
        'W2', 'callbacks scheduled in batches of 1,000, then run',
        'A callback schedules 1,000 others and itself; each of them adds its place in the batch to a sum. SIZE of '
        'them in all. Check: the sum.',
        100_000, 20_000, (times(1.5, 'floor'), times(1 / 5, 'asio', '≥ 5 × faster than asio::post')),
        check=sum_of_places),
    Workload(
        'W3', 'create a trivial task, run it, await it',
        'A task creates 1,000 tasks, each of which returns its place in the batch, and awaits them in that order, '
        'until SIZE have run. Check: the sum of the results.',
        50_000, 10_000, (times(1.5, 'floor'), best_peer()), check=sum_of_places),
    Workload(
        'W4', 'await a trivial coroutine inside one task',
        'A task awaits SIZE times a coroutine that returns 1. Check: the sum.',
        200_000, 20_000,
        (times(1.2, 'floor'), times(1 / 2, 'asio_awaitable', '≥ 2 × faster than asio::awaitable')), check=count),
    Workload(
        'W5a', 'two tasks in turn, through futures',
        'Two tasks: each completes the future that the other one waits for, makes a new one and waits for that. SIZE '
        'turns in all. Check: the turns.',
        50_000, 10_000, (times(2, 'floor'),), check=count),
    Workload(
        'W5b', 'one task yields to the loop',
        'A task yields SIZE times: the loop comes back to it in its next iteration. Check: how often it came back.',
        50_000, 10_000, (times(2, 'floor'),), check=count),
    Workload(
        'W5c', '1,000 tasks yield in turn',
        '1,000 tasks yield, each SIZE / 1,000 times. Check: how often the loop came back to them.',
        100_000, 10_000, (times(2, 'floor'), best_peer()), check=count),
    Workload(
        'W6a', 'arm timers an hour away, cancel them all',
        'Arm SIZE timers an hour and a random number of microseconds up to another hour away, then cancel them in '
        'shuffled order and let the loop run once. Time per timer, of both. Check: those cancelled, if none fired.',
        1_000_000, 20_000, (times(1.2, 'floor'),), check=count, once=True),
    Workload(
        'W6b', 'timers fire in random order',
        'Arm SIZE timers with deadlines spread at random over 50 ms, 300 ms from now, and let them fire. CPU time of '
        'the process per timer, of both. Check: those that fired.',
        100_000, 3_000, (times(1.2, 'floor'),), check=count, once=True),
    Workload(
        'W6c', 'a time-out that is not needed',
        'In a loop of SIZE rounds: arm a timer of 30 s, do what is ready at once, cancel the timer. Check: the rounds.',
        50_000, 5_000, (times(1.5, 'floor'),), check=count),
    Workload(
        'W6d', 'with_timeout around a body that yields once',
        'A task runs SIZE times a body that yields to the loop once, with a time-out of 30 s. Check: the bodies that '
        'came to their end.',
        10_000, 2_000,
        (at_most(150), times(1 / 40, 'asio_awaitable', '≥ 40 × faster than || of asio::awaitable')), check=count),
    Workload(
        'W7a', 'another thread floods the loop',
        'A thread on another core calls call_soon_threadsafe SIZE times as fast as it can; each callback compares '
        'its number with how many ran before it. From the first call to the last callback. Check: those that came in '
        'order.',
        200_000, 10_000, (at_most(70), best_peer()), check=count, cores=2),
    Workload(
        'W7b', 'two threads in turn',
        'Two loops on two threads of one core; a callback of each schedules one on the other. SIZE round trips. '
        'Check: the round trips.',
        3_000, 1_000, (times(1.1, 'asio'),), check=count),
    Workload(
        'W8a', 'run_in_executor, one job at a time',
        'A task has a thread on the same core run a job that returns 1, awaits its result, SIZE times. Check: the sum '
        'of the results.',
        3_000, 1_000, (times(1.1, 'asio'),), check=count),
    Workload(
        'W8b', 'run_in_executor, 64 jobs in flight',
        'As W8a, with 64 jobs under way at any time, SIZE in all. Check: the sum of the results.',
        10_000, 2_000, (times(1.5, 'asio'), times(1 / 3, 'asio_awaitable', '≤ a third of asio_awaitable')),
        check=count),
    Workload(
        'W9', 'TCP echo of 64 bytes, 100 connections: the server alone',
        'SIZE connections in one thread, 64 bytes waiting on each. CPU time of the thread until the server has sent '
        'all answers, per request; writing the requests and reading the answers is not counted. Check: the '
        'connections, if all answers were right.',
        100, 100, (times(1.03, 'asio'),), check=count),
    Workload(
        'W9b', 'the same, 1,000 connections',
        'As W9.',
        1_000, 300, (times(1.03, 'asio'),), check=count),
    Workload(
        'W9.loopback', 'TCP echo of 64 bytes over loopback, 100 connections',
        'A server on one core; on another one a program with SIZE connections, each of which sends 64 bytes, waits '
        'for them to come back, and so on. CPU time of the server per request. Check: the connections, if all '
        'answers were right.',
        100, 100, (times(1.03, 'asio'),), check=count, cores=2, program='loopback'),
    Workload(
        'W9b.loopback', 'the same, 1,000 connections',
        'As W9.loopback.',
        1_000, 300, (times(1.03, 'asio'),), check=count, cores=2, program='loopback'),
    Workload(
        'W10a', 'heap of a task that sleeps',
        'SIZE tasks, each suspended in a sleep of an hour. Growth of the heap per task. Check: the tasks.',
        20_000, 5_000, (at_most(320, 'bytes'),), unit='bytes', check=count, once=True),
    Workload(
        'W10b', 'heap of a pending timer',
        'SIZE timers of an hour. Growth of the heap per timer. Check: the timers.',
        50_000, 5_000, (at_most(96, 'bytes'),), unit='bytes', check=count, once=True),
    Workload(
        'W10c', 'resident memory of an idle connection',
        'SIZE connections to an echo server, which is warm, and on which nothing happens. Growth of its resident '
        'memory per connection. Check: the connections.',
        500, 300,
        (at_most(1024, text='≤ 1,024 bytes, by a server without a buffer while it waits', subject='ordo_ready'),),
        unit='bytes', check=count, once=True, cores=2, program='idle'),
    Workload(
        'W11', 'cancel tasks that sleep, and await them',
        'SIZE tasks suspended in a sleep; cancel them all, then await each. Time per task, of both; making them is '
        'not counted. Check: those that ended cancelled.',
        100_000, 3_000, (times(2, 'floor'),), check=count, once=True),
    Workload(
        'W12', 'gather 1,000 trivial coroutines',
        'A task awaits a gather of 1,000 coroutines, each of which returns its place, until SIZE have run. Time per '
        'coroutine. Check: the sum of the results.',
        20_000, 10_000, (times(1.2, 'ordo', of='W3'), best_peer()), check=sum_of_places),
    Workload(
        'W13a', 'a lock handed over between two tasks',
        'Two tasks take a lock and give it back in turn, yielding once while they hold it, so that each finds it '
        'taken; SIZE times in all. Check: how often it was taken.',
        20_000, 5_000, (times(4, 'ordo', of='W5c'),), check=count),
    Workload(
        'W13b', 'a queue of capacity 1',
        'One task puts the numbers from 0 to SIZE - 1, another one gets them. Time per item. Check: the sum of the '
        'items.',
        20_000, 5_000, (times(6, 'ordo', of='W5c'),), check=sum_up_to),
    Workload(
        'W14', 'compile a file that includes ordo/ordo.hpp',
        'CPU time, of the user, of clang++-19 -std=c++20 -c for a file that includes one header and has an empty '
        'main(): ordo/ordo.hpp (ordo), boost/asio.hpp (asio) or ordo/task.hpp alone (ordo_task).',
        1, 1, (times(1.25, 'asio'), times(0.5, 'asio', 'ordo/task.hpp alone ≤ 0.5 ×', subject='ordo_task')),
        unit='ms', program='compile'),
)

BY_ID = {workload.id: workload for workload in WORKLOADS}
