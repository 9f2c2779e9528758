# ordo: memory: W10a and W10b on asyncio and uvloop.
# SPDX-License-Identifier: BSL-1.0
import asyncio
import gc

from common import Random, resident_bytes, run, workload

# What the interpreter takes, it takes from the system in arenas of its own, of which malloc knows nothing, and uvloop
# takes its timers from malloc: so resident memory is what both have in common.


@workload('W10a', once=True)
def sleeping_tasks(size):
    async def main():
        gc.collect()
        before = resident_bytes()
        tasks = [asyncio.create_task(asyncio.sleep(3600)) for _ in range(size)]
        await asyncio.sleep(0.01)
        return (resident_bytes() - before) / size, sum(not task.done() for task in tasks)

    return run(main())


@workload('W10b', once=True)
def pending_timers(size):
    async def main():
        loop = asyncio.get_running_loop()
        random = Random()
        fired = 0

        def fire():
            nonlocal fired
            fired += 1

        gc.collect()
        before = resident_bytes()
        for _ in range(size):
            loop.call_later(3600 + random.below(3_600_000_000) * 1e-6, fire)
        await asyncio.sleep(0.01)
        return (resident_bytes() - before) / size, size - fired

    return run(main())
