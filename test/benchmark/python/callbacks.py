# ordo: callbacks: W1 and W2 on asyncio and uvloop.
# SPDX-License-Identifier: BSL-1.0
from common import new_loop, now_ns, option, workload


def run_callback(loop, callback):
    """Nanoseconds until the loop was stopped, which the callback sees to."""
    loop.call_soon(callback)
    start = now_ns()
    loop.run_forever()
    elapsed = now_ns() - start
    loop.close()
    return elapsed


@workload('W1')
def chain(size):
    loop = new_loop()
    ran = 0

    def step():
        nonlocal ran
        ran += 1
        if ran < size:
            loop.call_soon(step)
        else:
            loop.stop()

    return run_callback(loop, step) / size, ran


@workload('W2')
def batches(size):
    loop = new_loop()
    batch = option('batch', 1000)
    total = 0
    scheduled = 0

    def add(place):
        nonlocal total
        total += place

    def schedule_batch():
        nonlocal scheduled
        count = min(batch, size - scheduled)
        for place in range(count):
            loop.call_soon(add, place)
        scheduled += count
        loop.call_soon(schedule_batch if scheduled < size else loop.stop)

    return run_callback(loop, schedule_batch) / size, total
