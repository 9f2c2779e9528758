# ordo: tests of the gdb script, on a process that is stopped and on its core file.
# SPDX-License-Identifier: BSL-1.0
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

SKIPPED = 77
TARGET, SCRIPT = sys.argv.pop(1), sys.argv.pop(1)
BREAK_TASK_5 = ('python gdb.execute("set var ((ordo::detail::task_base*) %d)->awaited_ = (ordo::detail::awaited*) 16" % '
                'next(int(task.address) for task in all_tasks() if int(task["number_"]) == 5))')
PATIENCE = 120  # seconds; reading the debug information takes some


def gdb(*commands, core=None):
    """What gdb prints for these commands."""
    arguments = ['gdb', '-nx', '-batch', '-ex', f'source {SCRIPT}']
    if not core:
        commands = ('handle SIGTRAP stop nopass', 'run') + commands
    for command in commands:
        arguments += ['-ex', command]
    environment = {**os.environ, 'DEBUGINFOD_URLS': ''}
    ended = subprocess.run(arguments + [TARGET] + ([core] if core else []), capture_output=True, text=True, timeout=PATIENCE,
                           env=environment)
    return ended.stdout + ended.stderr


class Script(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        folder = tempfile.mkdtemp(prefix='ordo-gdb-')
        cls.addClassCleanup(shutil.rmtree, folder)
        cls.core = os.path.join(folder, 'core')
        cls.output = gdb('echo <tasks>\\n', 'ordo tasks', 'echo <bt>\\n', 'ordo bt sleeper', 'echo <number>\\n', 'ordo bt 4',
                         'echo <none>\\n', 'ordo bt nobody', 'echo <loop>\\n', 'ordo loop', 'echo <frame>\\n', 'frame function stop_here', 'echo <printers>\\n',
                         'print sleeper', 'print done', 'print pending', 'print later', 'print never', 'echo <end>\\n',
                         f'generate-core-file {cls.core}', BREAK_TASK_5, 'echo <broken>\\n', 'ordo tasks', 'echo <end>\\n')

    def part(self, name):
        found = re.search(f'^<{name}>\n(.*?)(?=^<)', self.output, re.S | re.M)
        self.assertTrue(found, self.output)
        return found.group(1)

    def check_tasks(self, text):
        lines = text.splitlines()
        self.assertEqual([re.sub(r' at \S+ \(.*', '', line) for line in lines], [
            "1 'Task-1' runs",
            "2 'sleeper' waits for sleep",
            "3 'holder' waits for sleep",
            "4 'Task-4' waits for lock::acquire, held by 'holder'",
            "5 'getter' waits for queue::get",
            "6 'asio' waits for async_wait",
            "7 'parent' waits for task 'sleeper'",
            "8 'all' waits for gather",
            "9 'caf\ufffd' waits for sleep",
            "10 'future' is ready",
            "11 'event' is ready",
            "12 'cancelled' is ready, is being cancelled",
            "13 'gather' waits for gather",
        ])

    def test_lists_every_task_with_what_it_waits_for(self):
        self.check_tasks(self.part('tasks'))

    def test_shows_the_coroutines_of_a_task_by_name(self):
        lines = self.part('bt').splitlines()
        self.assertEqual(lines[0], "2 'sleeper' waits for sleep")
        self.assertRegex(lines[1], r'^#0  .*target\.cpp:\d+ \(.*inner\(\)\)$')
        self.assertRegex(lines[2], r'^#1  .*target\.cpp:\d+ \(.*outer\(\)\)$')
        self.assertRegex(lines[3], r'^created at .*target\.cpp:\d+ \(.*run\(\)\)$')

    def test_shows_a_task_by_number(self):
        self.assertTrue(self.part('number').startswith("4 'Task-4' waits for lock::acquire"))

    def test_says_that_there_is_no_such_task(self):
        self.assertIn("ordo bt: no task is 'nobody'; ordo tasks lists all", self.output)

    def test_sums_a_loop_up(self):
        self.assertRegex(self.part('loop'), r'^loop 0x[0-9a-f]+: \d+ iterations, \d+ callbacks; 13 tasks, 5 ready, 4 scheduled, '
                                            r'1 outstanding\n$')

    def test_prints_futures_tasks_and_handles(self):
        text = self.part('printers')
        self.assertIn(": task 'sleeper', pending\n", text)
        self.assertIn(': a future, finished\n', text)
        pending, later, never = text.splitlines()[2:]
        self.assertRegex(pending, r': a callback, pending, of .*target\.cpp:\d+')
        self.assertRegex(later, r': a callback, pending, of .*target\.cpp:\d+')
        self.assertRegex(never, r': a callback, cancelled, of .*target\.cpp:\d+')

    def test_lists_the_others_if_one_cannot_be_read(self):
        lines = self.part('broken').splitlines()
        self.assertEqual(len(lines), 13)
        self.assertRegex(lines[4], '^5 cannot be read: ')
        self.assertIn("6 'asio' waits for async_wait", lines[5])

    def test_reads_a_core_file(self):
        text = gdb('echo <tasks>\\n', 'ordo tasks', 'echo <end>\\n', core=self.core)
        found = re.search('<tasks>\n(.*)<end>', text, re.S)
        self.assertTrue(found, text)
        self.check_tasks(found.group(1))


def may_trace():
    """Containers often forbid it."""
    return 'exited normally' in subprocess.run(['gdb', '-nx', '-batch', '-ex', 'run', '/bin/true'], capture_output=True,
                                               text=True, timeout=PATIENCE).stdout


if __name__ == '__main__':
    if not shutil.which('gdb'):
        print('skipped: gdb not installed')
        sys.exit(SKIPPED)
    if not may_trace():
        print('skipped: this machine does not let gdb trace a process')
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
