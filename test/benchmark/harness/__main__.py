# ordo: the benchmark's command line: sets up, builds, measures, prints, writes.
# SPDX-License-Identifier: BSL-1.0
import os
import subprocess
import sys
import time

from . import costs, instructions, programs, scaling, smoke
from .arguments import parse
from .measure import Measured, measure
from .programs import PEERS, ROOT
from .report import as_json, describe_machine, put_into_readme, readme_section, write_json
from .results import sum_up
from .starting import Starter
from .table import closing_lines, text_table
from .workloads import BY_ID, WORKLOADS

SECONDS, QUICK_SECONDS = 0.08, 0.02  # how long a workload is repeated within a process
INTERRUPTED = 130


def set_up():
    """What is missing leaves out a peer; a compiler that is missing is found when our own programs are built."""
    if subprocess.run([ROOT / 'cmake/setup', '--benchmark']).returncode != 0:
        print('run: setting up failed; going on with what is there', flush=True)


def plan_for(options, starter):
    """[(workload, size, peers)], with what the goals of the chosen ones need besides."""
    chosen = options.only or [workload.id for workload in WORKLOADS]
    needed = {(clause.of, clause.peer) for name in chosen for clause in BY_ID[name].goal if clause.of}
    plan = []
    for workload in WORKLOADS:
        peers = [peer for peer in PEERS if starter.can(workload, peer)
                 and (workload.id in chosen and (peer in options.peers or workload.program == 'compile')
                      or (workload.id, peer) in needed)]
        if peers:
            plan.append((workload, workload.quick if options.quick else workload.size, peers))
    return chosen, plan


class Progress:
    """One line that is written over, for whoever watches; in a file, a line for each round that is done."""

    def __init__(self, rounds):
        self._rounds = rounds
        self._watched = sys.stderr.isatty()
        self._start = time.monotonic()
        self._round = 0

    def __call__(self, number, workload, peer):
        if self._watched:
            self._show(f'\r\033[Kround {number + 1} of {self._rounds}: {workload.id} {peer}')
        elif number > self._round:
            self._show(f'{number} of {self._rounds} rounds after {time.monotonic() - self._start:.0f} s\n')
        self._round = number

    def done(self):
        if self._watched:
            self._show('\r\033[K')

    @staticmethod
    def _show(text):
        print(text, end='', file=sys.stderr, flush=True)


def run_benchmark(options):
    start = time.monotonic()
    found = programs.find(options.peers, may_build_tokio=not options.quick)
    for peer, why in found.left_out.items():
        print(f'{peer}: left out: {why}', flush=True)
    starter = Starter(found, QUICK_SECONDS if options.quick else SECONDS)
    chosen, plan = plan_for(options, starter)

    measured, progress, interrupted = Measured(), Progress(options.rounds), False
    try:
        measure(plan, options.rounds, starter, measured, progress)
    except KeyboardInterrupt:
        interrupted = True
    progress.done()

    results = sum_up(measured, [workload for workload, _, _ in plan], PEERS, chosen)
    machine = describe_machine(found.versions)
    if results.summaries:
        print(f'{machine["cpu"]}, {machine["cores"]} cores, kernel {machine["kernel"]}, {machine["compiler"]}, '
              f'Boost {machine["boost"]}, {machine["date"]}\n')
        print(text_table(results) + '\n')
    print('\n'.join(closing_lines(results)))
    if interrupted:
        print(f'interrupted after {measured.rounds} of {options.rounds} rounds; {options.json} is not written')
        return INTERRUPTED
    write_json(options.json, as_json(results, machine))
    if options.readme:
        put_into_readme(ROOT / 'README.md', readme_section(results, machine, PEERS))
    print(f'{options.rounds} rounds in {time.monotonic() - start:.0f} s; written to {os.path.relpath(options.json)}')
    return 1 if results.failures else 0


def run_instructions(options):
    if not instructions.available():
        return instructions.SKIPPED
    program = programs.build_release('ordo_benchmark')
    return instructions.record(program) if options.instructions == 'record' else instructions.check(program)


def print_words():
    for workload in WORKLOADS:
        goal = '; '.join(clause.text for clause in workload.goal)
        print(f'{workload.id}: {workload.title}\n    {workload.words}\n'
              f'    SIZE {workload.size:,} ({workload.quick:,} with --quick), {workload.unit}. Goal: {goal}\n')
    return 0


def main():
    options = parse(sys.argv[1:])
    os.environ.pop('PYTHONPATH', None)  # with which we were found, and which the peers in Python do not need
    if options.words:
        return print_words()
    if not options.instructions and options.smoke is None:  # these two are tests, which install nothing
        set_up()
    try:
        if options.instructions:
            return run_instructions(options)
        if options.smoke is not None:
            return smoke.run(options.smoke)
        if options.scaling:
            return scaling.run(options)
        if options.costs:
            return costs.run(options)
        return run_benchmark(options)
    except (programs.BuildError, RuntimeError) as error:
        print(f'run: {error}')
        return 1
    except KeyboardInterrupt:
        print('\nrun: interrupted')
        return INTERRUPTED


if __name__ == '__main__':
    sys.exit(main())
