# ordo: costs: what compilers, the shared library, debug mode, hooks and the like cost.
# SPDX-License-Identifier: BSL-1.0
"""Each variant is a build of the same program, or the same program with an option, measured in turn on the workloads
that it can touch. The table shows how many times as long each takes as the plain one: clang, static, nothing switched
on.
"""
import dataclasses
import time

from . import programs
from .figures import shown
from .measure import Measured, measure
from .programs import HERE, ROOT
from .report import describe_machine, put_into_readme
from .starting import Starter
from .workloads import BY_ID

WORKLOADS = ('W1', 'W2', 'W3', 'W4', 'W5a', 'W5b', 'W5c', 'W6a', 'W6c', 'W6d', 'W7a', 'W9', 'W11', 'W12', 'W13a',
             'W13b')
SECONDS = 0.1
BUILDS = {  # folder under build/benchmark: settings beside those of the preset
    'clang': (),
    'clang-shared': ('-DBUILD_SHARED_LIBS=ON',),
    'gcc': ('-DCMAKE_CXX_COMPILER=g++',),
    'gcc-shared': ('-DCMAKE_CXX_COMPILER=g++', '-DBUILD_SHARED_LIBS=ON'),
}


@dataclasses.dataclass(frozen=True)
class Variant:
    name: str
    words: str
    build: str = 'clang'
    peer: str = 'ordo'
    options: tuple[str, ...] = ()


VARIANTS = (
    Variant('plain', 'clang-19, static, nothing switched on'),
    Variant('shared', 'clang-19, shared library', build='clang-shared'),
    Variant('gcc', 'g++, static', build='gcc'),
    Variant('gcc shared', 'g++, shared library', build='gcc-shared'),
    Variant('debug', 'debug mode on', options=('debug=1',)),
    Variant('task hooks', 'the hooks for tasks are set', options=('hooks=tasks',)),
    Variant('all hooks', 'those for callbacks too, so each callback is timed', options=('hooks=all',)),
    Variant('context', 'a context variable is set', options=('context=1',)),
    Variant('strict', 'the reactor is polled after every iteration', options=('strict=1',)),
    Variant('embedded', "a loop on a host's context", peer='ordo_embedded'),
)


def build():
    """{build: program}; those whose compiler is missing are left out."""
    built = {}
    for name, settings in BUILDS.items():
        folder = ROOT / 'build/benchmark' / name
        try:
            with programs.one_at_a_time():
                programs.configure(folder, '-DORDO_BUILD_BENCHMARKS=ON', '-DORDO_BUILD_TESTS=OFF',
                                   '-DORDO_BUILD_SAMPLES=OFF', '-DORDO_INSTALL=OFF', *settings)
                programs.build(folder, 'ordo_benchmark')
        except programs.BuildError as error:
            print(f'{name}: left out: {str(error).splitlines()[-1]}', flush=True)
            continue
        built[name] = folder / 'test/benchmark/ordo_benchmark'
    return built


def starter_of(built):
    starters = {}
    for variant in VARIANTS:
        if variant.build in built:
            found = programs.Programs()
            programs.add(found, [built[variant.build]], [variant.peer])
            starters[variant.name] = variant, Starter(found, SECONDS, variant.options)

    def start(workload, size, name):
        variant, starter = starters[name]
        return starter(workload, size, variant.peer)

    return start, list(starters)


def markdown(medians, names, rounds):
    machine = describe_machine({})
    words = [f'- {variant.name}: {variant.words}' for variant in VARIANTS if variant.name in names]
    lines = [f'| | {names[0]}, ns | ' + ' | '.join(names[1:]) + ' |', '|---|' + '---:|' * len(names)]
    for workload, row in medians.items():
        if plain := row.get(names[0]):
            cells = [f'{shown(row[name] / plain)} ×' if name in row else '' for name in names[1:]]
            lines.append(f'| {workload} | {shown(plain)} | ' + ' | '.join(cells) + ' |')
    return (f'{machine["date"][:10]}, {machine["cpu"]}, {machine["compiler"]}; medians of {rounds} rounds, '
            f'as multiples of the first column.\n\n' + '\n'.join(words) + '\n\n' + '\n'.join(lines) + '\n')


def table(medians, names):
    lines = [f'{"":6}{"ns":>9}' + ''.join(f'{name:>12}' for name in names[1:])]
    for workload, row in medians.items():
        plain = row.get(names[0])
        if plain:
            ratios = ''.join(f'{shown(row[name] / plain) + " ×" if name in row else "–":>12}' for name in names[1:])
            lines.append(f'{workload:6}{shown(plain):>9}{ratios}')
    return '\n'.join(lines)


def run(options):
    start_time = time.monotonic()
    start, names = starter_of(build())
    chosen = [BY_ID[name] for name in options.only or WORKLOADS if BY_ID[name].program == 'peer']
    measured = Measured()
    measure([(workload, workload.size, names) for workload in chosen], options.rounds, start, measured)
    for variant in VARIANTS:
        print(f'{variant.name:12}{variant.words}')
    print('\nTimes the median of plain, which is the first column:\n')
    print(table(measured.medians(), names))
    if options.readme:
        put_into_readme(HERE / 'README.md', markdown(measured.medians(), names, options.rounds))
    for pair, text in measured.failures.items():
        print(f'FAILED: {" ".join(pair)}: {text}')
    print(f'\n{options.rounds} rounds in {time.monotonic() - start_time:.0f} s')
    return 1 if measured.failures else 0
