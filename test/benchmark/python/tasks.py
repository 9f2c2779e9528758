# ordo: tasks: W3, W4, W5, W11, W12 and W13 on asyncio and uvloop.
# SPDX-License-Identifier: BSL-1.0
import asyncio

from common import now_ns, option, run, shares, workload


async def trivial(result):
    return result


@workload('W3')
def create_and_await(size):
    batch = option('batch', 1000)

    async def main():
        loop = asyncio.get_running_loop()
        total = 0
        start = now_ns()
        for first in range(0, size, batch):
            tasks = [loop.create_task(trivial(place)) for place in range(min(batch, size - first))]
            for task in tasks:
                total += await task
        return (now_ns() - start) / size, total

    return run(main())


@workload('W4')
def await_coroutine(size):
    async def main():
        total = 0
        start = now_ns()
        for _ in range(size):
            total += await trivial(1)
        return (now_ns() - start) / size, total

    return run(main())


@workload('W5a')
def ping_pong(size):
    async def main():
        loop = asyncio.get_running_loop()
        inbox = [loop.create_future(), loop.create_future()]
        turns = 0

        async def play(me, count):
            nonlocal turns
            for _ in range(count):
                await inbox[me]
                inbox[me] = loop.create_future()
                turns += 1
                inbox[1 - me].set_result(None)

        players = [loop.create_task(play(me, count)) for me, count in enumerate(shares(size, 2))]
        start = now_ns()
        inbox[0].set_result(None)
        for player in players:
            await player
        return (now_ns() - start) / size, turns

    return run(main())


def yield_in_turn(size, tasks):
    async def main():
        came_back = 0

        async def turn(count):
            nonlocal came_back
            for _ in range(count):
                await asyncio.sleep(0)
                came_back += 1

        start = now_ns()
        await asyncio.gather(*map(turn, shares(size, tasks)))
        return (now_ns() - start) / size, came_back

    return run(main())


@workload('W5b')
def one_yields(size):
    return yield_in_turn(size, 1)


@workload('W5c')
def many_yield(size):
    return yield_in_turn(size, min(option('tasks', 1000), size))


@workload('W11')
def cancel_all(size):
    async def main():
        loop = asyncio.get_running_loop()
        tasks = [loop.create_task(asyncio.sleep(3600)) for _ in range(size)]
        await asyncio.sleep(0)
        cancelled = 0
        start = now_ns()
        for task in tasks:
            task.cancel()
        for task in tasks:
            try:
                await task
            except asyncio.CancelledError:
                cancelled += 1
        return (now_ns() - start) / size, cancelled

    return run(main())


@workload('W12')
def gather_children(size):
    batch = option('batch', 1000)

    async def main():
        total = 0
        start = now_ns()
        for first in range(0, size, batch):
            total += sum(await asyncio.gather(*map(trivial, range(min(batch, size - first)))))
        return (now_ns() - start) / size, total

    return run(main())


@workload('W13a')
def hand_over_lock(size):
    async def main():
        lock = asyncio.Lock()
        taken = 0

        async def take(count):
            nonlocal taken
            for _ in range(count):
                async with lock:
                    taken += 1
                    await asyncio.sleep(0)  # so that the other one finds it taken

        start = now_ns()
        await asyncio.gather(*map(take, shares(size, 2)))
        return (now_ns() - start) / size, taken

    return run(main())


@workload('W13b')
def pass_through_queue(size):
    async def main():
        queue = asyncio.Queue(1)

        async def produce():
            for item in range(size):
                await queue.put(item)

        start = now_ns()
        producer = asyncio.create_task(produce())
        total = 0
        for _ in range(size):
            total += await queue.get()
        await producer
        return (now_ns() - start) / size, total

    return run(main())
