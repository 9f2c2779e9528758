# ordo: goals: what a goal is made of, and whether it is reached.
# SPDX-License-Identifier: BSL-1.0
"""A goal is one clause or several. Each allows ordo so much, in the unit of the workload: a number, or a multiple of what
another one takes in the same round. Whether a clause is reached is said by the median over the rounds of what was taken
by what was allowed: whatever keeps the machine busy for a while is in both. The value of a verdict is ordo's median, and
its limit is as far from that as the median of the rounds says; the verdict of a goal is that of the clause that is
nearest to being missed.
"""
import dataclasses
from statistics import median

OURS = ('ordo', 'ordo_embedded', 'ordo_ready', 'ordo_task')
NOT_PEERS = (*OURS, 'floor')  # the floor is no library that anybody could use instead


class Run:
    """What was measured: {workload: {peer: [a value for each round]}}."""

    def __init__(self, by_workload):
        self._by_workload = by_workload

    def values(self, workload, peer):
        return self._by_workload.get(workload, {}).get(peer, ())

    def median(self, workload, peer):
        """Or None."""
        values = self.values(workload, peer)
        return median(values) if values else None

    def peers(self, workload):
        return [peer for peer in self._by_workload.get(workload, {}) if peer not in NOT_PEERS]

    def best_peer(self, workload):
        """(name, median) of the fastest or smallest, or None."""
        medians = [(self.median(workload, peer), peer) for peer in self.peers(workload)]
        if not medians:
            return None
        least, peer = min(medians)
        return peer, least


@dataclasses.dataclass(frozen=True)
class Clause:
    text: str
    subject: str = 'ordo'
    limit: float | None = None  # in the unit of the workload; or
    factor: float = 1           # so many times what
    peer: str | None = None     # this one takes, or each peer
    of: str | None = None       # for that workload, or for the same


@dataclasses.dataclass(frozen=True)
class Verdict:
    text: str
    value: float
    limit: float

    @property
    def reached(self):
        return self.value <= self.limit


@dataclasses.dataclass(frozen=True)
class Judgement:
    """What became of a goal. `nearest` is None where nothing of it could be judged; `open` are the texts of clauses for
    which something was not measured."""

    text: str
    verdicts: tuple[Verdict, ...]
    open: tuple[str, ...]

    @property
    def nearest(self):
        return max(self.verdicts, key=lambda verdict: verdict.value / verdict.limit, default=None)


def at_most(limit, unit='ns', text=None, subject='ordo'):
    return Clause(text or f'≤ {limit:,} {unit}', subject, limit)


def times(factor, peer, text=None, of=None, subject='ordo'):
    """At most `factor` times what `peer` takes for the same workload, or for the workload `of`."""
    return Clause(text or f'≤ {factor:g} × {of or peer}', subject, factor=factor, peer=peer, of=of)


def best_peer():
    return Clause('faster than every peer')


def judge_against(values, allowed, text):
    value = median(values)
    return Verdict(text, value, value / median(ours / limit for ours, limit in zip(values, allowed)))


def judge_clause(clause, workload, run):
    """Its verdict, or None if something was not measured."""
    values = run.values(workload, clause.subject)
    if not values:
        return None
    if clause.limit is not None:
        return Verdict(clause.text, median(values), clause.limit)
    compared = clause.of or workload
    verdicts = [judge_against(values, [clause.factor * value for value in run.values(compared, peer)], clause.text)
                for peer in ([clause.peer] if clause.peer else run.peers(compared)) if run.values(compared, peer)]
    return min(verdicts, key=lambda verdict: verdict.limit, default=None)


def judge(workload, clauses, run):
    verdicts = [(clause.text, judge_clause(clause, workload, run)) for clause in clauses]
    return Judgement('; '.join(clause.text for clause in clauses),
                     tuple(verdict for _, verdict in verdicts if verdict),
                     tuple(text for text, verdict in verdicts if not verdict))


EMBEDDED = 1.1  # how many times as long a loop on a host's context may take


def judge_embedded(workloads, run):
    """A loop on the host's context, against one that has its own: each workload is a clause."""
    text = f"a loop on a host's context ≤ {EMBEDDED} × one of its own"
    verdicts = [judge_clause(Clause(f'{workload}: ≤ {EMBEDDED} × ordo', 'ordo_embedded', factor=EMBEDDED, peer='ordo'),
                             workload, run) for workload in workloads]
    return Judgement(text, tuple(filter(None, verdicts)), ())
