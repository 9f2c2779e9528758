# ordo: tests of the benchmark's figures, goals, table, files and arguments:  python3 -m unittest discover -s tests
# SPDX-License-Identifier: BSL-1.0
import contextlib
import io
import json
import pathlib
import re
import sys
import tempfile
import unittest
import unittest.mock

HERE = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(HERE))

from harness.__main__ import plan_for
from harness import arguments, instructions, measure, plot, programs, report, results, table
from harness.figures import rounded, shown, summarize
from harness.goals import Run, at_most, best_peer, judge, judge_embedded, times
from harness.workloads import BY_ID, WORKLOADS, sum_of_places

def measured_of(values):
    """Of {workload: {peer: [value]}}."""
    measured = measure.Measured()
    for workload, peers in values.items():
        for peer, samples in peers.items():
            for value in samples:
                measured.add(workload, peer, measure.Sample(value, 1, 10 * 2**20))
    measured.rounds = 3
    return measured


def summed_up(values, judged=None):
    workloads = [workload for workload in WORKLOADS if workload.id in values]
    return results.sum_up(measured_of(values), workloads, programs.PEERS, judged or values)


class Figures(unittest.TestCase):
    def test_a_summary_is_the_median_the_least_and_the_most(self):
        summary = summarize([3.0, 1.0, 10.0], 'ns')
        self.assertEqual((summary.median, summary.min, summary.max, summary.unit), (3.0, 1.0, 10.0, 'ns'))

    def test_figures_are_shown_with_the_digits_that_count(self):
        self.assertEqual([shown(x) for x in (4.614, 46.14, 461.4, 4614.4, 0, None)],
                         ['4.61', '46.1', '461', '4,614', '0.00', '–'])
        self.assertEqual([rounded(x) for x in (4.61449, 46144.9, 0, None)], [4.614, 46140.0, 0, None])


class Goals(unittest.TestCase):
    measured = Run({'W1': {'ordo': [8.0], 'floor': [5.0], 'asio': [46.0], 'libuv': [20.0]}, 'W3': {'ordo': [40.0]}})

    def test_the_clause_that_is_nearest_to_being_missed_counts(self):
        judgement = judge('W1', (times(2, 'floor'), times(1 / 4, 'asio', 'four times')), self.measured)
        self.assertEqual(judgement.text, '≤ 2 × floor; four times')
        nearest = judgement.nearest
        self.assertEqual((nearest.value, nearest.limit, nearest.reached), (8.0, 10.0, True))

    def test_a_goal_is_missed_if_one_clause_is(self):
        judgement = judge('W1', (at_most(100), times(1.5, 'floor')), self.measured)
        self.assertEqual((judgement.nearest.limit, judgement.nearest.reached), (7.5, False))

    def test_the_best_peer_is_neither_ours_nor_the_floor(self):
        self.assertEqual(self.measured.best_peer('W1'), ('libuv', 20.0))
        self.assertIsNone(self.measured.best_peer('W3'))
        self.assertEqual(judge('W1', (best_peer(),), self.measured).nearest.limit, 20.0)

    def test_a_goal_may_be_a_multiple_of_another_workload(self):
        self.assertEqual(judge('W1', (times(0.5, 'ordo', of='W3'),), self.measured).nearest.limit, 20.0)

    def test_what_was_not_measured_is_not_judged(self):
        judgement = judge('W1', (times(2, 'tokio'), times(2, 'floor')), self.measured)
        self.assertEqual((judgement.open, len(judgement.verdicts)), (('≤ 2 × tokio',), 1))
        self.assertIsNone(judge('W3', (times(2, 'floor'),), self.measured).nearest)

    def test_a_round_is_judged_by_itself(self):
        """The machine is half as fast in the second and third round, and when the floor of the last two is measured."""
        run = Run({'W1': {'ordo': [8.0, 16.0, 16.0, 8.0, 8.0], 'floor': [5.0, 10.0, 10.0, 10.0, 10.0]}})
        nearest = judge('W1', (times(1.5, 'floor'),), run).nearest
        self.assertEqual((nearest.value, nearest.limit, nearest.reached), (8.0, 7.5, False))

    def test_every_peer_is_compared_round_by_round(self):
        run = Run({'W3': {'ordo': [10.0, 20.0, 20.0], 'asio': [30.0, 60.0, 60.0], 'libuv': [11.0, 11.0, 22.0]}})
        nearest = judge('W3', (best_peer(),), run).nearest
        self.assertEqual((nearest.value, round(nearest.limit, 6), nearest.reached), (20.0, 22.0, True))

    def test_embedded_is_judged_by_the_worst_workload(self):
        run = Run({'W1': {'ordo': [10.0], 'ordo_embedded': [10.5]}, 'W2': {'ordo': [10.0], 'ordo_embedded': [12.0]},
                   'W3': {'ordo': [1.0]}})
        nearest = judge_embedded(['W1', 'W2', 'W3'], run).nearest
        self.assertEqual((nearest.value, nearest.reached), (12.0, False))
        self.assertTrue(nearest.text.startswith('W2'))


class Plan(unittest.TestCase):
    def test_what_a_goal_is_compared_with_is_measured_too(self):
        starter = unittest.mock.Mock(**{'can.return_value': True})
        _, plan = plan_for(arguments.parse(['--only', 'W12', '--peers', 'asio']), starter)
        self.assertEqual([workload.id for workload, _, _ in plan], ['W3', 'W12'])
        self.assertEqual(plan[0][2], ['ordo'])


class Workloads(unittest.TestCase):
    def test_each_has_words_a_goal_and_sizes(self):
        for workload in WORKLOADS:
            self.assertTrue(workload.words.endswith('.') and workload.goal, workload.id)
            self.assertLessEqual(workload.quick, workload.size, workload.id)

    def test_there_is_each_that_was_asked_for(self):
        asked = 'W1 W2 W3 W4 W5a W5b W5c W6a W6b W6c W6d W7a W7b W8a W8b W9 W9b W10a W10b W10c W11 W12 W13a W13b W14'
        self.assertLessEqual(set(asked.split()), set(BY_ID))

    def test_the_sum_of_places_begins_again_with_each_batch(self):
        self.assertEqual(sum_of_places(2003), 2 * sum(range(1000)) + 0 + 1 + 2)


class Output(unittest.TestCase):
    values = {'W1': {'ordo': [8.0, 9.0, 8.5], 'ordo_embedded': [8.6] * 3, 'floor': [5.0] * 3, 'asio': [46.0] * 3},
              'W3': {'ordo': [30.0], 'floor': [10.0]}}

    def test_the_table_has_median_range_ratios_and_goal(self):
        lines = table.text_table(summed_up(self.values)).splitlines()
        ordo = next(line for line in lines if line.startswith('  ordo '))
        self.assertRegex(ordo, r'  ordo +8\.50 +8\.00 to 9\.00 +1\.70 +0\.18  reached: 8\.50 of at most 10\.0 '
                               r'\(≤ 2 × floor\)')
        self.assertIn(f'W3  {BY_ID["W3"].title}, ns; goal: ≤ 1.5 × floor; faster than every peer', lines)
        self.assertIn('MISSED: 30.0 of at most 15.0 (≤ 1.5 × floor); not judged: faster than every peer',
                      '\n'.join(lines))

    def test_the_last_lines_sum_up(self):
        lines = table.closing_lines(summed_up(self.values))
        self.assertIn('most memory that a program of ordo used: 10 MiB resident (ordo, W3)', lines)
        self.assertEqual(lines[-1], '2 of 3 goals reached; missed: W3')

    def test_the_goal_of_a_workload_that_is_there_to_compare_with_is_not_judged(self):
        self.assertEqual(list(summed_up(self.values, judged=['W3']).judgements), ['W3'])

    def test_the_json_has_workloads_goals_and_machine(self):
        document = report.as_json(summed_up(self.values), {'cpu': 'x'})
        self.assertEqual(document['workloads']['W1']['ordo'], {'median': 8.5, 'min': 8.0, 'max': 9.0, 'unit': 'ns'})
        goal = document['goals']['W1']
        self.assertEqual((goal['value'], goal['limit'], goal['reached']), (8.5, 10.0, True))
        self.assertTrue(goal['text'].startswith('≤ 2 × floor; '))
        self.assertEqual(document['goals']['embedded']['reached'], True)
        self.assertEqual((document['machine'], document['rounds']), ({'cpu': 'x'}, 3))

    def test_a_file_is_written_whole(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, 'new/benchmark.json')
            report.write_json(path, {'a': 1})
            self.assertEqual(json.loads(path.read_text()), {'a': 1})
            self.assertEqual([entry.name for entry in path.parent.iterdir()], ['benchmark.json'])

    def test_the_readme_keeps_what_is_around_the_table(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, 'README.md')
            path.write_text(f'before\n{report.BEGIN}\nold\n{report.END}\nbehind\n')
            report.put_into_readme(path, 'new\n')
            self.assertEqual(path.read_text(), f'before\n{report.BEGIN}\nnew\n{report.END}\nbehind\n')

    def test_the_readme_table_has_a_row_for_each_workload(self):
        lines = table.markdown_table(summed_up(self.values), programs.PEERS).splitlines()
        self.assertEqual(lines[0], '| | workload | `ordo` | `ordo_embedded` | `floor` | `asio` | goal | |')
        self.assertTrue(lines[2].startswith(f'| W1 | {BY_ID["W1"].title} | **8.50** | 8.60 | 5.00 | *46.0* | ≤ 2'))
        self.assertEqual(len(lines), 4)


class Instructions(unittest.TestCase):
    def test_more_than_five_per_cent_more_fails_and_says_how_to_record(self):
        (line, failed), = instructions.compare({'W1': 100}, {'W1': 106})
        self.assertTrue(failed)
        self.assertIn('W1: 106.0 instructions per operation, 100.0 on record (+6.0%): more than 5% over', line)
        self.assertIn('test/benchmark/run --instructions=record', line)

    def test_a_little_more_passes(self):
        (_, failed), = instructions.compare({'W1': 100}, {'W1': 104})
        self.assertFalse(failed)

    def test_a_gain_passes_and_asks_for_a_record(self):
        (line, failed), = instructions.compare({'W1': 100}, {'W1': 80})
        self.assertFalse(failed)
        self.assertIn('time to record the gain', line)

    def test_what_is_not_on_record_fails(self):
        self.assertTrue(instructions.compare({}, {'W1': 80})[0][1])

    def test_each_workload_from_w1_to_w6_is_counted_and_on_record(self):
        counted = {workload.id for workload in WORKLOADS if re.fullmatch('W[1-6][a-d]?', workload.id)}
        self.assertEqual(set(instructions.SIZES), counted)
        on_record = json.loads(instructions.RECORD.read_text())
        self.assertEqual(set(on_record['instructions_per_operation']), counted)


class Arguments(unittest.TestCase):
    def refused(self, *words):
        errors = io.StringIO()
        with contextlib.redirect_stderr(errors), self.assertRaises(SystemExit) as end:
            arguments.parse(words)
        self.assertEqual(end.exception.code, 2)
        self.assertEqual(errors.getvalue().count('\n'), 1, 'one line')
        return errors.getvalue()

    def test_five_rounds_of_everything_by_default(self):
        options = arguments.parse([])
        self.assertEqual((options.rounds, options.only, options.peers), (5, None, list(programs.PEERS)))
        self.assertEqual(options.json, programs.ROOT / 'build/benchmark.json')
        self.assertEqual(arguments.parse(['--quick']).rounds, 1)

    def test_a_family_of_workloads_may_be_named(self):
        self.assertEqual(arguments.parse(['--only', 'W13,W6c,W9']).only, ['W13a', 'W13b', 'W6c', 'W9'])

    def test_ordo_and_the_floor_are_among_the_peers(self):
        self.assertEqual(arguments.parse(['--peers', 'libuv,asio']).peers,
                         ['ordo', 'ordo_embedded', 'ordo_ready', 'ordo_task', 'floor', 'asio', 'libuv'])

    def test_what_is_wrong_is_said_in_one_line(self):
        self.assertIn("there is no workload 'W99' among W1, ", self.refused('--only', 'W99'))
        self.assertIn("there is no peer 'node' among ordo, ", self.refused('--peers', 'node'))
        self.assertIn("'0' is not a number of at least 1", self.refused('--rounds', '0'))
        self.assertIn('--quik', self.refused('--quik'))
        self.assertIn('--costs does not go with --quick', self.refused('--costs', '--quick'))
        self.assertIn('--scaling does not go with --readme', self.refused('--scaling', '--readme'))
        self.assertIn('without --quick and --only', self.refused('--readme', '--only', 'W1'))
        self.assertIn("invalid choice: 'x'", self.refused('--instructions=x'))


class Plot(unittest.TestCase):
    def test_each_peer_has_a_curve_and_a_line_of_the_legend(self):
        panel = plot.Panel("a loop's turn", 'tasks', 'ns', {'ordo': [(1, 2.5), (10, 3)], 'asio': [(1, 9)]})
        text = plot.script([panel])
        self.assertIn("set title 'a loop''s turn'", text)
        self.assertIn('$panel0_ordo << end\n1 2.5\n10 3\nend', text)
        self.assertEqual(text.count("title 'asio'"), 2)

    def test_each_peer_has_a_style(self):
        self.assertEqual(set(plot.STYLES), set(programs.PEERS) - {'ordo_task', 'ordo_ready'})


if __name__ == '__main__':
    unittest.main()
