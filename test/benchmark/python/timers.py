# ordo: timers: W6 on asyncio and uvloop.
# SPDX-License-Identifier: BSL-1.0
import asyncio
import time

from common import Random, new_loop, now_ns, run, workload

HOUR = 3600.0       # seconds
MICROSECOND = 1e-6  # seconds


@workload('W6a')
def arm_and_cancel(size):
    random = Random()
    delays = [HOUR + random.below(3_600_000_000) * MICROSECOND for _ in range(size)]
    order = list(range(size))
    random.shuffle(order)
    fired = 0

    def fire():
        nonlocal fired
        fired += 1

    async def main():
        loop = asyncio.get_running_loop()
        start = now_ns()
        timers = [loop.call_later(delay, fire) for delay in delays]
        for place in order:
            timers[place].cancel()
        await asyncio.sleep(0)  # in which the loop gets rid of them
        elapsed = now_ns() - start
        return elapsed / size, sum(timer.cancelled() for timer in timers) if fired == 0 else -1

    return run(main())


@workload('W6b')
def fire_in_random_order(size):
    random = Random()
    loop = new_loop()
    start = time.process_time_ns()
    first = loop.time() + 0.3
    fired = 0

    def fire():
        nonlocal fired
        fired += 1
        if fired == size:
            loop.stop()

    for _ in range(size):
        loop.call_at(first + random.below(50_000) * MICROSECOND, fire)
    loop.run_forever()
    elapsed = time.process_time_ns() - start
    loop.close()
    return elapsed / size, fired


async def ready():
    return 1


def nothing():
    pass


@workload('W6c')
def time_out_not_needed(size):
    async def main():
        loop = asyncio.get_running_loop()
        rounds = 0
        start = now_ns()
        for _ in range(size):
            timer = loop.call_later(30, nothing)
            rounds += await ready()
            timer.cancel()
            if rounds % 1000 == 0:
                await asyncio.sleep(0)  # as programs do: only then does the loop forget cancelled timers
        await asyncio.sleep(0)
        return (now_ns() - start) / size, rounds

    return run(main())


@workload('W6d')
def time_out_around_body(size):
    async def main():
        ended = 0
        start = now_ns()
        for _ in range(size):
            async with asyncio.timeout(30):
                await asyncio.sleep(0)
                ended += 1
        return (now_ns() - start) / size, ended

    return run(main())
