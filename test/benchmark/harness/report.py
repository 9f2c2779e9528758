# ordo: report: the JSON file of a run, the machine it ran on, and the table in the README.
# SPDX-License-Identifier: BSL-1.0
import datetime
import json
import os
import pathlib
import platform
import re
import subprocess

from .figures import rounded
from .table import markdown_table

BEGIN, END = '<!-- benchmark: begin -->', '<!-- benchmark: end -->'


def first_line(*command):
    """Of what the command prints; empty if there is no such command."""
    try:
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return ''
    return (output.splitlines() or [''])[0].strip()


def matched(path, pattern):
    try:
        found = re.search(pattern, pathlib.Path(path).read_text(errors='replace'), re.MULTILINE)
    except OSError:
        return ''
    return found.group(1).strip() if found else ''


def boost_version():
    return matched('/usr/include/boost/version.hpp', r'#define BOOST_LIB_VERSION "([^"]*)"').replace('_', '.')


def describe_machine(versions):
    """`versions` are those of the peers, by name."""
    return {
        'cpu': matched('/proc/cpuinfo', r'^model name\s*:\s*(.*)$') or platform.machine(),
        'cores': len(os.sched_getaffinity(0)),
        'kernel': platform.release(),
        'compiler': first_line('clang++-19', '--version'),
        'boost': boost_version(),
        'peers': versions,
        'date': datetime.datetime.now(datetime.timezone.utc).strftime('%Y-%m-%d %H:%M UTC'),
    }


def summary_as_json(summary):
    return {'median': rounded(summary.median), 'min': rounded(summary.min), 'max': rounded(summary.max),
            'unit': summary.unit}


def verdict_as_json(text, verdict):
    if verdict is None:
        return {'text': text, 'value': None, 'limit': None, 'reached': None}
    return {'text': text, 'value': rounded(verdict.value), 'limit': rounded(verdict.limit), 'reached': verdict.reached}


def as_json(results, machine):
    return {
        'workloads': {workload: {peer: summary_as_json(summary) for peer, summary in row.items()}
                      for workload, row in results.summaries.items()},
        'goals': {name: {**verdict_as_json(judgement.text, judgement.nearest),
                         'clauses': [verdict_as_json(verdict.text, verdict) for verdict in judgement.verdicts]
                         + [verdict_as_json(text, None) for text in judgement.open]}
                  for name, judgement in results.judgements.items()},
        'machine': machine,
        'rounds': results.rounds,
        'peak_memory': {peer: {'bytes': size, 'workload': workload}
                        for peer, (size, workload) in results.peaks.items()},
        'failures': results.failures,
    }


def write_whole(path, text):
    """A reader, and whoever comes after an interruption, finds the old text or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + '.partial')
    partial.write_text(text)
    partial.replace(path)


def write_json(path, document):
    write_whole(path, json.dumps(document, indent=2, ensure_ascii=False) + '\n')


def readme_section(results, machine, peers):
    others = ', '.join(f'{name} {version}' for name, version in machine['peers'].items() if version)
    return (f'{machine["date"][:10]}, {machine["cpu"]}, {machine["cores"]} cores, kernel {machine["kernel"]}, '
            f'{machine["compiler"]}, Boost {machine["boost"]}, {others}; medians of {results.rounds} rounds, ns per '
            f'operation unless it says otherwise. Bold: ordo; italic: its best peer.\n\n'
            f'{markdown_table(results, peers)}\n')


def put_into_readme(path, section):
    """Replaces what stands between the two marks."""
    text = path.read_text()
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise ValueError(f'{path} does not have the lines {BEGIN} and {END}')
    before, rest = text.split(BEGIN)
    write_whole(path, f'{before}{BEGIN}\n{section}{END}{rest.split(END)[1]}')
