# ordo: threads: W7 and W8 on asyncio and uvloop.
# SPDX-License-Identifier: BSL-1.0
import asyncio
import concurrent.futures
import threading

from common import new_loop, now_ns, option, pin, run, shares, workload


@workload('W7a')
def flood(size):
    loop = new_loop()
    counts = shares(size, option('threads', 1))
    barrier = threading.Barrier(len(counts) + 1)
    next_number = [0] * len(counts)
    ran = in_order = 0

    def receive(sender, number):
        nonlocal ran, in_order
        in_order += number == next_number[sender]
        next_number[sender] = number + 1
        ran += 1
        if ran == size:
            loop.stop()

    def send(sender):
        pin(1 + sender)
        barrier.wait()
        for number in range(counts[sender]):
            loop.call_soon_threadsafe(receive, sender, number)

    pin(0)
    threads = [threading.Thread(target=send, args=[sender]) for sender in range(len(counts))]
    for thread in threads:
        thread.start()
    barrier.wait()
    start = now_ns()
    loop.run_forever()
    elapsed = now_ns() - start
    for thread in threads:
        thread.join()
    loop.close()
    return elapsed / size, in_order


@workload('W7b')
def two_threads_in_turn(size):
    here, there = new_loop(), new_loop()
    running = threading.Event()
    round_trips = 0

    def pong():
        here.call_soon_threadsafe(ping)

    def ping():
        nonlocal round_trips
        round_trips += 1
        if round_trips < size:
            there.call_soon_threadsafe(pong)
        else:
            here.stop()

    def run_there():
        pin(0)
        there.call_soon(running.set)
        there.run_forever()

    pin(0)
    thread = threading.Thread(target=run_there)
    thread.start()
    running.wait()
    start = now_ns()
    there.call_soon_threadsafe(pong)
    here.run_forever()
    elapsed = now_ns() - start
    there.call_soon_threadsafe(there.stop)
    thread.join()
    here.close()
    there.close()
    return elapsed / size, round_trips


def job():
    return 1


def run_jobs(size, in_flight):
    async def main():
        loop = asyncio.get_running_loop()
        total = 0

        async def ask(executor, count):
            nonlocal total
            for _ in range(count):
                result = await loop.run_in_executor(executor, job)
                total += result  # `total += await ...` would take the total from before the wait

        pin(0)
        with concurrent.futures.ThreadPoolExecutor(1) as executor:
            await loop.run_in_executor(executor, job)  # starts the thread
            start = now_ns()
            await asyncio.gather(*(ask(executor, count) for count in shares(size, in_flight)))
            elapsed = now_ns() - start
        return elapsed / size, total

    return run(main())


@workload('W8a')
def one_job_at_a_time(size):
    return run_jobs(size, 1)


@workload('W8b')
def jobs_in_flight(size):
    return run_jobs(size, option('in_flight', 64))
