#!/usr/bin/env python3
# ordo: peer: runs a workload of the benchmark on CPython's asyncio, or on uvloop.
# SPDX-License-Identifier: BSL-1.0
"""Prints `VALUE CHECK`: the median over its repeats, in the unit of the workload, and a number made by the work.

    peer.py (asyncio|uvloop) WORKLOAD SIZE [--seconds S | --repeats N] [key=value ...]
    peer.py --list

Without --repeats it runs the workload once to warm up, then until S seconds (default 0.1) have passed. An unknown peer
or workload, and one that is not installed, ends it with 3.
"""
import argparse
import os
import statistics
import sys
import time

sys.dont_write_bytecode = True

import common
import callbacks, memory, tasks, threads, timers  # noqa: E401, F401: they fill the list of workloads

PEERS = ('asyncio', 'uvloop')


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('peer', nargs='?')
    parser.add_argument('workload', nargs='?')
    parser.add_argument('size', nargs='?', type=int)
    parser.add_argument('options', nargs='*', default=[])
    parser.add_argument('--seconds', type=float, default=0.1)
    parser.add_argument('--repeats', type=int)
    parser.add_argument('--list', action='store_true')
    arguments = parser.parse_intermixed_args()
    if not arguments.list and not (arguments.size or 0) > 0:
        parser.error('a peer, a workload and a size of at least 1 are needed')
    return arguments


def measure(workload, size, seconds, repeats):
    """The outcome of each repeat."""
    if repeats:
        return [workload(size) for _ in range(repeats)]
    workload(size)
    outcomes = []
    end = time.monotonic() + seconds
    while not outcomes or time.monotonic() < end:
        outcomes.append(workload(size))
    return outcomes


def main():
    arguments = parse_arguments()
    if arguments.list:
        print('\n'.join(f'{peer} {workload}' for peer in PEERS for workload in common.WORKLOADS))
        return 0
    workload = common.WORKLOADS.get(arguments.workload)
    if arguments.peer not in PEERS or workload is None:
        print(f'peer.py: no such workload: {arguments.peer} {arguments.workload}', file=sys.stderr)
        return 3
    try:
        common.use(arguments.peer)
    except ImportError as error:
        print(f'peer.py: {error}', file=sys.stderr)
        return 3
    common.options.update(item.split('=', 1) for item in arguments.options)
    repeats = 1 if arguments.workload in common.ONCE else arguments.repeats
    outcomes = measure(workload, arguments.size, arguments.seconds, repeats)
    checks = {check for _, check in outcomes}
    if len(checks) != 1:
        print(f'peer.py: the checks of the repeats differ: {checks}', file=sys.stderr)
        return 1
    print(f'{statistics.median(value for value, _ in outcomes):.3f} {checks.pop()}', flush=True)
    return 0


if __name__ == '__main__':
    status = main()
    sys.stdout.flush()
    os._exit(status)  # a million objects of a workload need not be taken apart one by one
