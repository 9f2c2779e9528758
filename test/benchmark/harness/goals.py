# ordo: goals: what a goal is made of, and whether it is reached.
# SPDX-License-Identifier: BSL-1.0
"""A goal is one clause or several. Each allows the median of ordo so much, in the unit of the workload: a number, or a
multiple of another median of the same run. The value and the limit of a goal are those of the clause that is nearest to
being missed.
"""
import dataclasses
from collections.abc import Callable

OURS = ('ordo', 'ordo_embedded', 'ordo_ready', 'ordo_task')
NOT_PEERS = (*OURS, 'floor')  # the floor is no library that anybody could use instead


class Medians:
    """The medians of a run, by workload and peer."""

    def __init__(self, by_workload):
        self._by_workload = by_workload

    def of(self, workload, peer):
        return self._by_workload.get(workload, {}).get(peer)

    def best_peer(self, workload):
        """(name, median) of the fastest or smallest, or None."""
        peers = self._by_workload.get(workload, {})
        others = [(median, peer) for peer, median in peers.items() if peer not in NOT_PEERS]
        if not others:
            return None
        median, peer = min(others)
        return peer, median


@dataclasses.dataclass(frozen=True)
class Clause:
    text: str
    limit: Callable[[Medians, str], float | None]  # of the medians and the workload; None if something is missing
    needs: tuple[tuple[str | None, str], ...] = ()  # what the limit is computed from: (another workload, peer)
    subject: str = 'ordo'


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
    return Clause(text or f'≤ {limit:,} {unit}', lambda medians, workload: limit, subject=subject)


def times(factor, peer, text=None, of=None, subject='ordo'):
    """At most `factor` times what `peer` takes for the same workload, or for the workload `of`."""

    def limit(medians, workload):
        median = medians.of(of or workload, peer)
        return None if median is None else factor * median

    return Clause(text or f'≤ {factor:g} × {of or peer}', limit, ((of, peer),), subject)


def best_peer(subject='ordo'):
    def limit(medians, workload):
        best = medians.best_peer(workload)
        return None if best is None else best[1]

    return Clause('faster than every peer', limit, subject=subject)


def judge(workload, clauses, medians):
    verdicts, unjudged = [], []
    for clause in clauses:
        value, limit = medians.of(workload, clause.subject), clause.limit(medians, workload)
        if value is None or limit is None:
            unjudged.append(clause.text)
        else:
            verdicts.append(Verdict(clause.text, value, limit))
    return Judgement('; '.join(clause.text for clause in clauses), tuple(verdicts), tuple(unjudged))


EMBEDDED = 1.1  # how many times as long a loop on a host's context may take


def judge_embedded(workloads, medians):
    """A loop on the host's context, against one that has its own: each workload is a clause."""
    text = f"a loop on a host's context ≤ {EMBEDDED} × one of its own"
    verdicts = [Verdict(f'{workload}: ≤ {EMBEDDED} × ordo', medians.of(workload, 'ordo_embedded'), EMBEDDED * owned)
                for workload in workloads
                if (owned := medians.of(workload, 'ordo')) and medians.of(workload, 'ordo_embedded')]
    return Judgement(text, tuple(verdicts), ())
