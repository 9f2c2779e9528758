# ordo: arguments of the command line, and what is wrong with them, in one line.
# SPDX-License-Identifier: BSL-1.0
"""Measure ordo, a floor written by hand, and its peers: the workloads that harness/workloads.py defines.

    test/benchmark/run                    all of them, five rounds: a table and build/benchmark.json
    test/benchmark/run --quick            once, with small sizes, in less than a minute
    test/benchmark/run --only W1,W6c --peers asio,libuv --rounds 9
    test/benchmark/run --instructions     instruction counts of ordo against those on record
    test/benchmark/run --scaling          over a range of sizes; draws test/benchmark/pictures
    test/benchmark/run --costs            compilers, shared library, debug mode, hooks and so on: what each costs
"""
import argparse
import pathlib
import re

from .programs import ALWAYS, PEERS, ROOT
from .workloads import WORKLOADS

ROUNDS = 5
SCALING_ROUNDS = 3
MODES = ('scaling', 'instructions', 'costs', 'smoke', 'words')


class Parser(argparse.ArgumentParser):
    def error(self, message):
        self.exit(2, f'run: {message}; --help says what there is\n')


def workloads_named(text):
    """W13 means W13a and W13b; W9 is only itself, because there is one of that name."""
    chosen = []
    for name in text.split(','):
        exact = [workload.id for workload in WORKLOADS if workload.id == name]
        family = [workload.id for workload in WORKLOADS if re.match(r'W\d+', workload.id).group() == name]
        if not exact and not family:
            raise argparse.ArgumentTypeError(f'there is no workload {name!r} among '
                                             + ', '.join(workload.id for workload in WORKLOADS))
        chosen += exact or family
    return chosen


def peers_named(text):
    for name in text.split(','):
        if name not in PEERS:
            raise argparse.ArgumentTypeError(f'there is no peer {name!r} among {", ".join(PEERS)}')
    return [peer for peer in PEERS if peer in text.split(',') or peer in ALWAYS]


def positive(text):
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f'{text!r} is not a number of at least 1')
    return int(text)


def parse(arguments):
    parser = Parser('test/benchmark/run', description=__doc__, allow_abbrev=False,
                    formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--quick', action='store_true', help='one round, small sizes')
    parser.add_argument('--only', type=workloads_named, metavar='W1,W6c',
                        help='these workloads; those that their goals are multiples of are measured, too, on ordo')
    parser.add_argument('--peers', type=peers_named, metavar='asio,libuv', default=list(PEERS),
                        help='these, beside ordo and the floor: '
                        + ', '.join(peer for peer in PEERS if peer not in ALWAYS))
    parser.add_argument('--rounds', type=positive, metavar='N',
                        help=f'default {ROUNDS}, with --quick 1, with --scaling {SCALING_ROUNDS}')
    parser.add_argument('--json', type=pathlib.Path, metavar='PATH', default=ROOT / 'build/benchmark.json',
                        help='where to write the results; default build/benchmark.json')
    parser.add_argument('--readme', action='store_true', help='also put the table into README.md, or, with --costs, '
                        'into test/benchmark/README.md')
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument('--scaling', action='store_true', help='draw how the workloads grow')
    mode.add_argument('--instructions', nargs='?', const='check', choices=('check', 'record'),
                      help='count them, and compare with the record, or make that')
    mode.add_argument('--costs', action='store_true', help='compare compilers, kinds of library and options')
    mode.add_argument('--smoke', nargs='?', const='', metavar='PROGRAM',
                      help='run all that ordo_benchmark has once, as small as can be, and compare the checks')
    mode.add_argument('--words', action='store_true', help='print what the workloads are')
    options = parser.parse_args(arguments)
    for name in MODES:
        if getattr(options, name) in (None, False):
            continue
        if options.quick:
            parser.error(f'--{name} does not go with --quick')
        if options.readme and not options.costs:
            parser.error(f'--{name} does not go with --readme')
    if options.readme and (options.only or options.quick):
        parser.error('--readme is for a whole run, without --quick and --only')
    options.rounds = options.rounds or (1 if options.quick else SCALING_ROUNDS if options.scaling else ROUNDS)
    return options
