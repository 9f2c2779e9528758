# ordo: smoke: every workload of every peer in our own program, as small as can be, to see that all do the same.
# SPDX-License-Identifier: BSL-1.0
import pathlib

from . import programs
from .measure import Measured, measure
from .starting import Starter
from .workloads import WORKLOADS

SIZE = 10
ROUNDS = 1


def run(program):
    """`program` may be one of another build, for instance with a sanitizer; the release is built if it is empty."""
    program = pathlib.Path(program) if program else programs.build_release('ordo_benchmark')
    found = programs.Programs()
    programs.add(found, [program.resolve()], programs.IN_OUR_PROGRAM)
    if 'ordo' not in found.commands:
        raise RuntimeError(f'{program} does not list what it can do')
    for peer, why in found.left_out.items():
        print(f'{peer}: left out: {why}')
    starter = Starter(found, seconds=0)
    plan = [(workload, SIZE, [peer for peer in found.commands if starter.can(workload, peer)])
            for workload in WORKLOADS if workload.program == 'peer']
    measured = Measured()
    measure([entry for entry in plan if entry[2]], ROUNDS, starter, measured)
    for pair, text in measured.failures.items():
        print(f'FAILED: {" ".join(pair)}: {text}')
    without = [workload.id for workload, _, peers in plan if 'ordo' not in peers]
    if without:
        print(f'FAILED: ordo does not have {", ".join(without)}')
    done = sum(len(peers) for peers in measured.samples.values())
    print(f'{done} pairs of workload and peer agree, {len(measured.failures)} do not')
    return 1 if measured.failures or without else 0
