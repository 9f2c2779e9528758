# ordo: tests of how the benchmark starts programs, with some that only say what they measured.
# SPDX-License-Identifier: BSL-1.0
import dataclasses
import pathlib
import signal
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(HERE))

from harness import measure, process, programs, servers
from harness.starting import Starter
from harness.workloads import BY_ID

FAKE = '''
import sys
if sys.argv[1] == '--list':
    print('ordo W1\\nfloor W1\\nasio W1\\nlibuv W1')
else:
    peer, workload, size = sys.argv[1:4]
    if peer == 'asio':
        sys.exit(3)
    if peer == 'libuv':
        sys.exit('out of memory')
    print({'ordo': 8, 'floor': 5}[peer], int(size) + (peer == 'floor' and size == '13'))
'''


def fake_programs(folder):
    path = pathlib.Path(folder, 'fake.py')
    path.write_text(FAKE)
    found = programs.Programs()
    programs.add(found, [sys.executable, path], ['ordo', 'floor', 'asio', 'libuv', 'fiber'])
    return found


class Processes(unittest.TestCase):
    def test_what_a_program_prints_and_takes_is_known(self):
        finished = process.run([sys.executable, '-c', 'print(sum(range(3_000_000)))'], process.cores_for(1))
        self.assertEqual((finished.code, finished.output), (0, '4499998500000\n'))
        self.assertGreater(finished.cpu_ns, 0)
        self.assertGreater(finished.peak_bytes, 2**20)

    def test_how_a_program_failed_is_said_in_a_line(self):
        finished = process.run([sys.executable, '-c', 'import sys; sys.exit("one\\nno space left")'])
        self.assertEqual(finished.described(), 'ended with 1: no space left')
        finished = process.run([sys.executable, '-c', 'import os; os.abort()'])
        self.assertEqual(finished.described(), 'was ended by SIGABRT')

    def test_a_program_that_never_ends_is_ended_with_its_children(self):
        finished = process.run(['sh', '-c', 'sleep 60; true'], time_limit=0.2)
        self.assertEqual(finished.code, -signal.SIGKILL)


class Measuring(unittest.TestCase):
    def measure(self, size, rounds=2):
        with tempfile.TemporaryDirectory() as folder:
            found, measured = fake_programs(folder), measure.Measured()
            measure.measure([(BY_ID['W1'], size, list(found.commands))], rounds, Starter(found, 0), measured)
            return found, measured

    def test_each_peer_is_measured_in_each_round(self):
        _, measured = self.measure(size=10)
        self.assertEqual(measured.values('W1', 'ordo'), [8.0, 8.0])
        self.assertEqual(measured.medians(), {'W1': {'ordo': 8.0, 'floor': 5.0}})
        self.assertEqual(measured.rounds, 2)

    def test_a_peer_that_ends_with_3_does_not_have_the_workload(self):
        self.assertEqual(self.measure(size=10)[1].absent, {('W1', 'asio')})

    def test_a_crash_is_reported_with_what_the_program_said(self):
        self.assertEqual(self.measure(size=10)[1].failures, {('W1', 'libuv'): 'ended with 1: out of memory'})

    def test_a_wrong_check_is_reported_and_not_measured(self):
        measured = self.measure(size=13)[1]
        self.assertIn('its check is 14, and that is right 13', measured.failures['W1', 'floor'])
        self.assertNotIn('floor', measured.medians()['W1'])

    def test_a_peer_that_the_program_does_not_list_is_left_out(self):
        found, _ = self.measure(size=10)
        self.assertEqual(found.left_out, {'fiber': 'fake.py does not have it, without libboost-fiber1.81-dev'})

    def test_the_order_of_the_peers_moves_on_with_each_round(self):
        order = []

        def start(workload, size, peer):
            order.append(peer)
            return measure.Sample(1.0, size)

        measure.measure([(BY_ID['W1'], 7, ['a', 'b', 'c'])], 3, start, measure.Measured())
        self.assertEqual(order, list('abcbcacab'))

    def test_where_nothing_says_what_is_right_the_peers_must_agree(self):
        checks = {'ordo': 5, 'asio': 5, 'libuv': 6}
        measured = measure.Measured()
        measure.measure([(dataclasses.replace(BY_ID['W8a'], check=None), 7, list(checks))], 1,
                        lambda workload, size, peer: measure.Sample(1.0, checks[peer]), measured)
        self.assertEqual(list(measured.failures), [('W8a', 'libuv')])

    def test_what_is_not_a_value_and_a_check_is_reported(self):
        with self.assertRaisesRegex(measure.Failure, "printed '8.1' in place of"):
            measure.parse(process.Finished(0, '8.1\n', '', 0, 0))


class Servers(unittest.TestCase):
    server = "import sys, time; print('ready', flush=True); time.sleep(60)"
    generator = """#!/bin/sh
if [ "$3" = idle ]; then echo "512.5 $2"; else echo "8.5 120000 20 90 $2"; fi
"""

    def load(self, server, take, *arguments):
        with tempfile.TemporaryDirectory() as folder:
            generator = pathlib.Path(folder, 'generator')
            generator.write_text(self.generator)
            generator.chmod(0o700)
            return take(generator, [sys.executable, '-c', server], *arguments)

    def test_the_time_of_a_server_is_in_nanoseconds(self):
        sample = self.load(self.server, servers.busy_sample, 100, 0.1)
        self.assertEqual((sample.value, sample.check), (8500.0, 100))

    def test_the_memory_of_a_server_is_in_bytes(self):
        sample = self.load(self.server, servers.idle_sample, 1000)
        self.assertEqual((sample.value, sample.check), (512.5, 1000))

    def test_a_server_that_ends_with_3_is_not_there(self):
        with self.assertRaises(measure.NoSuchWorkload):
            self.load('import sys; sys.exit(3)', servers.busy_sample, 100, 0.1)

    def test_a_server_that_crashes_is_a_failure(self):
        with self.assertRaisesRegex(measure.Failure, 'its server ended with -6'):
            self.load('import os; os.abort()', servers.busy_sample, 100, 0.1)

    def test_a_server_is_ended_behind_the_load(self):
        with servers.running([sys.executable, '-c', self.server]) as (server, _):
            pass
        self.assertFalse(pathlib.Path('/proc', str(server)).exists())


if __name__ == '__main__':
    unittest.main()
