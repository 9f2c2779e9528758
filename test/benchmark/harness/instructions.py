# ordo: instruction counts of W1 to W6, which no noise can touch, compared with those on record.
# SPDX-License-Identifier: BSL-1.0
"""Each workload of ordo runs under callgrind with one repeat and with two. What the second repeat adds, divided by its
operations, is the count of one operation in the steady state; start-up and the first filling of free lists are in both.
Slices of the loop end by number only (untimed=1): by the clock they would end sooner under callgrind, and not always at
the same place.
"""
import contextlib
import json
import os
import pathlib
import re
import shutil
import tempfile

from . import process
from .figures import rounded
from .report import boost_version, first_line, write_json
from .workloads import BY_ID

RECORD = pathlib.Path(__file__).resolve().parents[1] / 'instructions.json'
TOLERANCE = 0.05
SKIPPED = 77
AGAIN = 'test/benchmark/run --instructions=record'

# Sizes at which callgrind, which is 50 times as slow as the machine, needs a second or two.
SIZES = {'W1': 20_000, 'W2': 20_000, 'W3': 10_000, 'W4': 20_000, 'W5a': 10_000, 'W5b': 20_000, 'W5c': 20_000,
         'W6a': 20_000, 'W6b': 20_000, 'W6c': 10_000, 'W6d': 5_000}


def total(program, workload, repeats):
    finished = process.run(['valgrind', '--tool=callgrind', '--callgrind-out-file=/dev/null', program, 'ordo', workload,
                            SIZES[workload], '--repeats', repeats, 'untimed=1'], time_limit=300)
    found = re.search(r'Collected : (\d+)', finished.errors)
    if finished.code != 0 or not found:
        raise RuntimeError(f'{workload} under valgrind {finished.described()}')
    checked = BY_ID[workload].check(SIZES[workload])
    if finished.output.split()[1:] != [str(checked)]:
        raise RuntimeError(f'{workload} under valgrind printed {finished.output.strip()!r}, but its check is {checked}')
    return int(found.group(1))


@contextlib.contextmanager
def without_debug_information(program):
    """A copy: Debian's valgrind cannot read what clang 19 writes, and gives up."""
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder, program.name)
        finished = process.run(['strip', '--strip-debug', '-o', copy, program])
        if finished.code != 0:
            raise RuntimeError(f'strip {finished.described()}')
        yield copy


def count(program):
    """{workload: instructions per operation}"""
    with without_debug_information(program) as stripped:
        return {workload: rounded(per_operation(stripped, workload)) for workload in SIZES}


def per_operation(program, workload):
    return (total(program, workload, 2) - total(program, workload, 1)) / SIZES[workload]


def tools():
    """What the counts depend on besides our code."""
    return {'compiler': first_line('clang++-19', '--version'), 'boost': boost_version()}


def compare(recorded, counted):
    """[(line, is it a failure)] for each workload."""
    lines = []
    for workload, now in counted.items():
        before = recorded.get(workload)
        if before is None:
            lines.append((f'{workload}: {now:,.1f} instructions, not on record; {AGAIN} records it', True))
            continue
        change = now / before - 1
        line = f'{workload}: {now:,.1f} instructions per operation, {before:,.1f} on record ({change:+.1%})'
        if change > TOLERANCE:
            lines.append((f'{line}: more than {TOLERANCE:.0%} over the record; if that is worth it, {AGAIN}', True))
        elif change < -TOLERANCE:
            lines.append((f'{line}: time to record the gain, {AGAIN}', False))
        else:
            lines.append((line, False))
    return lines


def record(program):
    counted = count(program)
    write_json(RECORD, {**tools(), 'instructions_per_operation': counted})
    for workload, instructions in counted.items():
        print(f'{workload}: {instructions:,.1f} instructions per operation')
    print(f'written to {os.path.relpath(RECORD)}')
    return 0


def check(program):
    on_record = json.loads(RECORD.read_text())
    different = [f'{name} {on_record.get(name)}, here {version}' for name, version in tools().items()
                 if version != on_record.get(name)]
    if different:
        print(f'instructions: skipped: recorded with {"; ".join(different)}; {AGAIN} records anew')
        return SKIPPED
    lines = compare(on_record['instructions_per_operation'], count(program))
    print('\n'.join(line for line, _ in lines))
    return 1 if any(failed for _, failed in lines) else 0


def available():
    """Says why not, if not."""
    if shutil.which('valgrind'):
        return True
    print('instructions: skipped: valgrind is missing; cmake/setup --benchmark installs it')
    return False
