#!/usr/bin/env python3
# ordo: checks that cpython_tests.md says of each of CPython's tests where its behaviour is shown.
# SPDX-License-Identifier: BSL-1.0
"""Compares cpython_tests.md with the list of CPython's tests, cpython_inventory.txt, and with what it points to.

    check_cpython_tests.py [--root FOLDER]    FOLDER is that of the project

Prints one line per fault, and exits with 1 if there is any:

- a test of the inventory that is not there, one that is there twice, and one that the inventory does not know;
- a scenario of golden/ or a test case that does not exist, an empty name, a test mapped to itself or to nothing;
- a portable test among those without a counterpart, unless its file is one of LATER.
"""

import argparse
import collections
import pathlib
import re
import sys

LATER = ('test_streams',)  # features that do not exist yet; all else that is portable has a counterpart
CASE = re.compile(r'\b(?:BOOST_(?:AUTO|DATA|FIXTURE)_TEST_CASE|ORDO_TEST_CASE)\(\s*(\w+)')
FAULT = re.compile(r'^#\s*(?:ifdef|(?:el)?if\s+defined)\s+(\w+)', re.MULTILINE)  # of test/compile_fail
TEST = re.compile(r'- (?:(\w+)\.(test\w*))?: *(.*)')
GROUP = re.compile(r'- (test_\w+) (\w+): *(.*)')


class Faults:
    def __init__(self):
        self.lines = []

    def add(self, where, text):
        self.lines.append(f'{where}: {text}')


def read_inventory(path, faults):
    """{(file, class, test): 'A' or 'S'}."""
    tests = {}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line or line.startswith('#'):
            continue
        match = re.fullmatch(r'(test_\w+) (\w+)\.(test\w*) ([AS])', line)
        if not match:
            faults.add(f'{path.name}:{number}', f'not a test: {line}')
        elif match.groups()[:3] in tests:
            faults.add(f'{path.name}:{number}', f'named twice: {line}')
        else:
            tests[match.groups()[:3]] = match[4]
    return tests


class Map:
    """What cpython_tests.md says."""

    def __init__(self, path, faults):
        self.faults = faults
        self.path = path
        self.mapped = {}    # test -> [(where, target)]
        self.without = {}   # test -> where
        self.sections = []
        self.read()

    def read(self):
        file, without = None, False
        for number, line in enumerate(self.path.read_text().splitlines(), 1):
            where = f'{self.path.name}:{number}'
            if line.startswith('## '):
                title = line[3:].strip()
                file = title.removesuffix('.py') if title.endswith('.py') else None
                without = title == 'Without a counterpart'
                self.sections += [file] if file else []
            elif line.startswith('- ') and file:
                self.read_test(where, file, line)
            elif line.startswith('- ') and without:
                self.read_group(where, line)
            elif line.startswith('- '):
                self.faults.add(where, f'stands in no section: {line}')
        if self.sections != sorted(set(self.sections)):
            self.faults.add(self.path.name, 'the sections are not sorted by file')

    def read_test(self, where, file, line):
        match = TEST.fullmatch(line)
        if not match or not match[1]:
            self.faults.add(where, f'not "- Class.test: targets": {line}')
            return
        test = (file, match[1], match[2])
        if test in self.mapped:
            self.faults.add(where, f'{match[1]}.{match[2]} stands here twice')
        targets = re.sub(r' \(.*\)$', '', match[3])  # the note
        self.mapped.setdefault(test, []).extend((where, target.strip()) for target in targets.split(';'))

    def read_group(self, where, line):
        match = GROUP.fullmatch(line)
        names = [name.strip() for name in match[3].split(',')] if match else []
        if not match or not all(re.fullmatch(r'test\w*', name) for name in names):
            self.faults.add(where, f'not "- file Class: test, ...": {line}')
            return
        for name in names:
            test = (match[1], match[2], name)
            if test in self.without:
                self.faults.add(where, f'{match[2]}.{name} stands here twice')
            self.without[test] = where


class Targets:
    """What exists: scenarios, and the cases of test files."""

    def __init__(self, root):
        self.root = root
        self.cases = {}

    def fault(self, test, target):
        """Why a target is wrong, or None."""
        if not target:
            return 'an empty name'
        if match := re.fullmatch(r'scenario (\w+)', target):
            golden = self.root / 'test' / 'conformance' / 'golden'
            missing = [end for end in ('scenario', 'trace') if not (golden / f'{match[1]}.{end}').exists()]
            return f'no {missing[0]} {match[1]}' if missing else None
        if match := re.fullmatch(r'([\w/]+\.cpp): (\w+)', target):
            return self.case_fault(match[1], match[2])
        if target.removesuffix('()') in ('.'.join(test), '.'.join(test[1:]), test[2]):
            return 'it is mapped to itself'
        return f'neither "scenario NAME" nor "FILE.cpp: CASE": {target}'

    def case_fault(self, file, case):
        if file not in self.cases:
            path = self.root / 'test' / file
            if not path.exists():
                return f'no file test/{file}'
            text = path.read_text()
            names = CASE.findall(text)
            if file.startswith('compile_fail/'):
                names += FAULT.findall(text)
            self.cases[file] = collections.Counter(names)
        return None if self.cases[file][case] else f'no case {case} in test/{file}'


def check(root):
    faults = Faults()
    folder = root / 'test' / 'conformance'
    inventory = read_inventory(folder / 'cpython_inventory.txt', faults)
    said = Map(folder / 'cpython_tests.md', faults)
    targets = Targets(root)
    for test, pointers in said.mapped.items():
        for where, target in pointers:
            if problem := targets.fault(test, target):
                faults.add(where, f'{test[1]}.{test[2]}: {problem}')
    for test, where in said.without.items():
        name = f'{test[1]}.{test[2]}'
        if test in said.mapped:
            faults.add(where, f'{name} has a counterpart as well')
        if inventory.get(test) == 'A' and test[0] not in LATER:
            faults.add(where, f'{name} is portable, and needs a counterpart')
    for test in {**said.mapped, **said.without}.keys() - inventory.keys():
        faults.add(said.path.name, f'the inventory has no {" ".join(test[:2])}.{test[2]}')
    for test in inventory.keys() - {**said.mapped, **said.without}.keys():
        faults.add(said.path.name, f'says nothing of {" ".join(test[:2])}.{test[2]}')
    return faults.lines, inventory, said


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--root', type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[2])
    lines, inventory, said = check(parser.parse_args().root)
    for line in sorted(lines, key=lambda line: re.sub(r'\d+', lambda digits: digits[0].zfill(6), line)):
        print(line)
    if lines:
        print(f'{len(lines)} faults')
        return 1
    portable = sum(code == 'A' for code in inventory.values())
    shown = sum(inventory[test] == 'A' for test in said.mapped)
    print(f'{portable} portable tests, {shown} with a counterpart; {len(inventory) - portable} of another shape, '
          f'{len(said.mapped) - shown} with a counterpart')
    return 0


if __name__ == '__main__':
    sys.exit(main())
