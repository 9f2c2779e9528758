# ordo: programs: which peers there are, how their programs are built, and how they are started.
# SPDX-License-Identifier: BSL-1.0
import contextlib
import dataclasses
import fcntl
import os
import pathlib
import re
import shutil
import subprocess
import sys

from . import process
from .goals import OURS
from .report import first_line, matched

HERE = pathlib.Path(__file__).resolve().parents[1]
ROOT = HERE.parents[1]
RELEASE = ROOT / 'build/release'
TOKIO = ROOT / 'build/benchmark/tokio'

# In the order in which they are shown: what each is.
PEERS = {
    'ordo': 'ordo, on a context of its own',
    'ordo_embedded': 'ordo, on a context of the host',
    'ordo_ready': 'ordo, a server that has no buffer for an idle connection (W9, W10c)',
    'ordo_task': 'ordo/task.hpp alone (W14)',
    'floor': 'the least that does the same, written by hand',
    'asio': 'Boost.Asio, callbacks',
    'asio_awaitable': 'Boost.Asio, asio::awaitable',
    'fiber': 'Boost.Fiber',
    'libuv': 'libuv',
    'tokio': 'Tokio, current-thread runtime',
    'asyncio': "CPython's asyncio",
    'uvloop': 'CPython with uvloop',
}
ALWAYS = (*OURS, 'floor')  # whatever peers are asked for
IN_OUR_PROGRAM = ('ordo', 'ordo_embedded', 'ordo_ready', 'floor', 'asio', 'asio_awaitable', 'fiber', 'libuv')
PACKAGES = {'fiber': 'libboost-fiber1.81-dev', 'libuv': 'libuv1-dev', 'uvloop': 'python3-uvloop',
            'tokio': 'librust-tokio-dev and cargo'}


class BuildError(Exception):
    pass


@dataclasses.dataclass
class Programs:
    """How to start each peer. A peer without a command has no program, and `left_out` says why."""

    commands: dict = dataclasses.field(default_factory=dict)   # {peer: what stands before PEER WORKLOAD SIZE}
    servers: dict = dataclasses.field(default_factory=dict)    # {peer: what stands before PEER PORT}
    load: pathlib.Path | None = None                           # the load generator
    workloads: dict = dataclasses.field(default_factory=dict)  # {peer: ids of those it can do}
    left_out: dict = dataclasses.field(default_factory=dict)   # {peer: why}
    versions: dict = dataclasses.field(default_factory=dict)   # {name: version}


def step(command, what):
    """Runs a step of the build, and shows what it says only if it fails."""
    finished = process.run(command, time_limit=3600)
    if finished.code != 0:
        raise BuildError(f'{finished.output}{finished.errors}\n{what} failed: {finished.described()}')


def configure(folder, *settings, preset='release'):
    # A preset is looked for in the current folder.
    step(['env', '-C', ROOT, 'cmake', '--preset', preset, '-B', folder, *settings], f'configuring {folder}')


def configured(folder):
    """With the benchmark; when something changes the build itself configures again."""
    cache = folder / 'CMakeCache.txt'
    return (folder / 'build.ninja').exists() and matched(cache, r'^(ORDO_BUILD_BENCHMARKS):BOOL=ON$')


def build(folder, *targets):
    step(['cmake', '--build', folder, '--target', *targets], f'building {", ".join(targets)} in {folder}')


@contextlib.contextmanager
def one_at_a_time():
    """Two runs of this program do not build in one folder."""
    (ROOT / 'build').mkdir(exist_ok=True)
    with open(ROOT / 'build/benchmark.lock', 'w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def build_release(*targets):
    with one_at_a_time():
        if not configured(RELEASE):
            configure(RELEASE, '-DORDO_BUILD_BENCHMARKS=ON')
        build(RELEASE, *targets)
    return RELEASE / 'test/benchmark/ordo_benchmark'


def python():
    """Debian's interpreter, which sees Debian's uvloop; else ours."""
    return shutil.which('/usr/bin/python3') or sys.executable


def listed(command):
    """{peer: ids} that a program can do, as it says itself."""
    finished = process.run([*command, '--list'])
    if finished.code != 0:
        return {}
    workloads = {}
    for line in finished.output.splitlines():
        peer, workload = line.split()
        workloads.setdefault(peer, set()).add(workload)
    return workloads


def add(programs, command, peers):
    workloads = listed(command)
    for peer in peers:
        if peer in workloads:
            programs.commands[peer] = command
            programs.workloads[peer] = workloads[peer]
        else:
            package = f', without {PACKAGES[peer]}' if peer in PACKAGES else ''
            programs.left_out[peer] = f'{pathlib.Path(command[-1]).name} does not have it{package}'


def add_tokio(programs, may_build):
    if may_build:
        try:
            finished = process.run([HERE / 'tokio/build', TOKIO], time_limit=3600)
        except OSError as error:
            programs.left_out['tokio'] = str(error)
            return
        if finished.code != 0:
            programs.left_out['tokio'] = f'{PACKAGES["tokio"]}: the build {finished.described()}'
            return
    elif not (TOKIO / 'tokio_peer').exists():
        programs.left_out['tokio'] = 'not built yet, which --quick leaves out; test/benchmark/run without it builds it'
        return
    add(programs, [TOKIO / 'tokio_peer'], ['tokio'])
    programs.servers['tokio'] = [TOKIO / 'tokio_echo']


def add_python(programs, peers):
    interpreter = [python(), '-B']
    for peer in peers:
        module = peer if peer == 'asyncio' else 'uvloop'
        if process.run([*interpreter, '-c', f'import {module}']).code != 0:
            programs.left_out[peer] = f'{interpreter[0]} has no {module}; {PACKAGES.get(peer, "python3")} brings it'
            continue
        add(programs, [*interpreter, HERE / 'python/peer.py'], [peer])
        programs.servers[peer] = [*interpreter, HERE / 'python/echo.py']


def versions_of(programs):
    """Of the peers that are there, by the names of their projects."""
    found = {}
    if 'libuv' in programs.commands:
        found['libuv'] = matched('/usr/include/uv/version.h', r'#define UV_VERSION_MAJOR (\d+)') + '.' + matched(
            '/usr/include/uv/version.h', r'#define UV_VERSION_MINOR (\d+)')
    if 'tokio' in programs.commands:
        crates = sorted(pathlib.Path('/usr/share/cargo/registry').glob('tokio-1.*'))
        found['Tokio'] = crates[-1].name.removeprefix('tokio-') if crates else ''
        found['rustc'] = (re.findall(r'\d+\.\d+\.\d+', first_line('rustc', '--version')) or [''])[0]
    if 'asyncio' in programs.commands:
        found['CPython'] = first_line(python(), '-c', 'import platform; print(platform.python_version())')
    if 'uvloop' in programs.commands:
        found['uvloop'] = first_line(python(), '-c', 'import uvloop; print(uvloop.__version__)')
    return found


def find(peers, may_build_tokio):
    """Builds what the peers need and says how each is started. Raises BuildError if our own programs do not build."""
    programs = Programs()
    program = build_release('ordo_benchmark', 'ordo_echo', 'ordo_echo_load')
    add(programs, [program], [peer for peer in IN_OUR_PROGRAM if peer in peers])
    programs.load = program.parent / 'echo/ordo_echo_load'
    programs.servers = {peer: [program.parent / 'echo/ordo_echo'] for peer in programs.commands}
    if 'tokio' in peers:
        add_tokio(programs, may_build_tokio)
    add_python(programs, [peer for peer in ('asyncio', 'uvloop') if peer in peers])
    programs.versions = versions_of(programs)
    return programs
