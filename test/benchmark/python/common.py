# ordo: common: what the workloads of asyncio and uvloop share: the list of them, their loop, options, clocks, cores.
# SPDX-License-Identifier: BSL-1.0
import asyncio
import os
import time

now_ns = time.perf_counter_ns
WORKLOADS = {}       # id -> function(size), which returns (value, check)
ONCE = set()         # ids of those that measure memory, of which only the first run in a process tells the truth
options = {}         # k=v of the command line
loop_factory = asyncio.new_event_loop
CORES = sorted(os.sched_getaffinity(0))


def workload(name, once=False):
    def register(function):
        WORKLOADS[name] = function
        if once:
            ONCE.add(name)
        return function
    return register


def option(key, otherwise):
    return int(options.get(key, otherwise))


def use(peer):
    """Make new_loop() and run() use the loop of this peer. Raises ImportError if it is not installed."""
    global loop_factory
    if peer == 'uvloop':
        import uvloop
        loop_factory = uvloop.new_event_loop


def new_loop():
    return loop_factory()


def run(coroutine):
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        return runner.run(coroutine)


def shares(size, parts):
    """size in so many parts that differ by one at most."""
    return [size // parts + (part < size % parts) for part in range(parts)]


def pin(place):
    """Keep the calling thread on one of the cores that the process was given."""
    os.sched_setaffinity(0, {CORES[place % len(CORES)]})


def resident_bytes():
    with open('/proc/self/statm') as statm:
        return int(statm.read().split()[1]) * os.sysconf('SC_PAGE_SIZE')


class Random:
    """The xorshift generator of all peers, so that they arm the same timers and cancel them in the same order."""

    def __init__(self):
        self.state = 88172645463325252

    def below(self, limit):
        state = self.state
        state ^= (state << 13) & 0xFFFF_FFFF_FFFF_FFFF
        state ^= state >> 7
        state ^= (state << 17) & 0xFFFF_FFFF_FFFF_FFFF
        self.state = state
        return state % limit

    def shuffle(self, items):
        for last in range(len(items) - 1, 0, -1):
            other = self.below(last + 1)
            items[last], items[other] = items[other], items[last]
