"""Command line: compare an implementation with the oracle.

    python3 -m conformance.differential --command './ordo_scenario {}' \\
        [--golden | --seeds 0:500 | FILE...]

The command gets the path of a scenario file for `{}` (or as last argument)
and prints the trace.  With --golden the stored traces are the oracle, else
this interpreter's asyncio is.  With --shrink the first failing scenario is
reduced before it is shown.
"""

import argparse
import pathlib
import shlex
import subprocess
import sys
import tempfile

from .check import GOLDEN, golden_trace_path
from .compare import Tolerance, first_difference
from .generate import acceptable_scenario, automatic_size
from .generator import choose_features
from .runner import prepare_asyncio, run_scenario
from .scenario import parse_scenario
from .shrink import shrink

TIME_LIMIT = 20


class Implementation:
    """The program under test."""

    def __init__(self, command):
        self._words = shlex.split(command)
        if not any('{}' in word for word in self._words):
            self._words.append('{}')

    def trace(self, text):
        with tempfile.NamedTemporaryFile('w', suffix='.scenario') as file:
            file.write(text)
            file.flush()
            words = [word.replace('{}', file.name) for word in self._words]
            try:
                result = subprocess.run(words, capture_output=True, text=True, timeout=TIME_LIMIT)
            except subprocess.TimeoutExpired:
                return 'timed out\n'
        if result.returncode:
            return f'{result.stdout}exit status {result.returncode}\n{result.stderr}'
        return result.stdout


def cases(options):
    """(name, scenario text, function giving the expected trace)"""
    version = tuple(map(int, options.version.split('.')))
    if options.golden:
        for path in sorted(GOLDEN.glob('*.scenario')):
            yield path.stem, path.read_text(), golden_trace_path(path.stem, version).read_text
    for path in options.files:
        text = path.read_text()
        yield path.stem, text, lambda text=text: run_scenario(text).trace
    if options.seeds:
        first, end = map(int, options.seeds.split(':'))
        for seed in range(first, end):
            text = acceptable_scenario(seed, options.size or automatic_size(seed),
                                       choose_features(seed, options.features), True)
            if text is not None:
                yield f'seed_{seed}', text, lambda text=text: run_scenario(text).trace


def differs(text, implementation, tolerance):
    run = run_scenario(text)
    return not run.deadlocked and first_difference(
        run.trace, implementation.trace(text), tolerance) is not None


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('files', nargs='*', type=pathlib.Path)
    parser.add_argument('--command', required=True)
    parser.add_argument('--golden', action='store_true')
    parser.add_argument('--version', default='3.11', help='version of the golden traces')
    parser.add_argument('--seeds', help='FIRST:END')
    parser.add_argument('--size', type=int)
    parser.add_argument('--features', default='mixed')
    parser.add_argument('--skip', default='', help='features the implementation lacks, a,b,c')
    parser.add_argument('--ignore-iterations', action='store_true')
    parser.add_argument('--ignore-times', action='store_true')
    parser.add_argument('--ignore-cancel-messages', action='store_true')
    parser.add_argument('--ignore-error-texts', action='store_true')
    parser.add_argument('--shrink', action='store_true', help='reduce the first failure')
    options = parser.parse_args()

    prepare_asyncio()
    implementation = Implementation(options.command)
    tolerance = Tolerance(options.ignore_iterations, options.ignore_times,
                          options.ignore_cancel_messages, options.ignore_error_texts)
    skipped_features = set(filter(None, options.skip.split(',')))
    passed = failed = skipped = 0
    for name, text, expected_trace in cases(options):
        if skipped_features & set(parse_scenario(text).features):
            skipped += 1
            continue
        difference = first_difference(expected_trace(), implementation.trace(text), tolerance)
        if difference is None:
            passed += 1
            continue
        failed += 1
        print(f'FAILED {name}\n{difference}\n')
        if options.shrink and not options.golden and failed == 1:
            print(shrink(text, lambda candidate: differs(candidate, implementation, tolerance)))
    print(f'{passed} passed, {failed} failed, {skipped} skipped')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
