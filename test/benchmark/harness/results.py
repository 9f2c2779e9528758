# ordo: results: a run, summed up and judged; what the table and the JSON file show.
# SPDX-License-Identifier: BSL-1.0
import dataclasses

from .figures import Summary, summarize
from .goals import Judgement, Run, judge, judge_embedded


@dataclasses.dataclass(frozen=True)
class Results:
    summaries: dict[str, dict[str, Summary]]  # {workload id: {peer: …}}, both in the order in which they are shown
    judgements: dict[str, Judgement]          # {workload id, or `embedded`: …}
    run: Run
    peaks: dict[str, tuple[int, str]]         # {peer: (bytes, workload)}
    failures: dict[str, str]                  # {'W1 asio': what happened}
    rounds: int                               # complete ones

    def reached(self):
        """How many of how many goals that could be judged."""
        nearest = [judgement.nearest for judgement in self.judgements.values() if judgement.nearest]
        return sum(verdict.reached for verdict in nearest), len(nearest)


def sum_up(measured, workloads, peers, judged):
    """`judged` are the ids of those workloads whose goals were asked for; the others are there to compare with."""
    summaries = {}
    for workload in workloads:
        found = measured.samples.get(workload.id, {})
        row = {peer: summarize(measured.values(workload.id, peer), workload.unit) for peer in peers if found.get(peer)}
        if row:
            summaries[workload.id] = row
    run = Run({workload: {peer: measured.values(workload, peer) for peer in row}
               for workload, row in summaries.items()})
    judgements = {workload.id: judge(workload.id, workload.goal, run)
                  for workload in workloads if workload.id in judged and workload.id in summaries}
    embedded = judge_embedded([workload for workload in summaries if workload in judged], run)
    if embedded.verdicts:
        judgements['embedded'] = embedded
    failures = {' '.join(pair): text for pair, text in measured.failures.items()}
    return Results(summaries, judgements, run, measured.peaks(), failures, measured.rounds)
