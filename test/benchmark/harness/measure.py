# ordo: measures: every workload on every peer, in turn, round by round.
# SPDX-License-Identifier: BSL-1.0
"""Machines are noisy, and drift. So a round measures each workload on all peers one straight after the other, in an
order that moves on by one each round, and what one peer suffers the others suffer, too. A sample is the median of the
repeats within one process.
"""
import dataclasses
import statistics


class NoSuchWorkload(Exception):
    """This peer cannot do this workload."""


class Failure(Exception):
    """A program crashed, or printed what it should not."""


@dataclasses.dataclass(frozen=True)
class Sample:
    value: float
    check: int | None
    peak_bytes: int = 0


def parse(finished):
    """The sample that a peer's program printed."""
    if finished.code == 3:
        raise NoSuchWorkload()
    if finished.code != 0:
        raise Failure(finished.described())
    lines = finished.output.strip().splitlines() or ['']
    try:
        value, check = lines[-1].split()  # above it may stand what a library logs
        return Sample(float(value), int(check), finished.peak_bytes)
    except ValueError:
        raise Failure(f'printed {lines[-1]!r} in place of a value and a check') from None


@dataclasses.dataclass
class Measured:
    """What a run has found out so far."""

    samples: dict = dataclasses.field(default_factory=dict)   # {workload id: {peer: [Sample]}}
    failures: dict = dataclasses.field(default_factory=dict)  # {(workload id, peer): text}
    absent: set = dataclasses.field(default_factory=set)      # (workload id, peer) that there is not
    rounds: int = 0                                           # complete ones

    def add(self, workload, peer, sample):
        self.samples.setdefault(workload, {}).setdefault(peer, []).append(sample)

    def drop(self, workload, peer):
        self.samples.get(workload, {}).pop(peer, None)

    def values(self, workload, peer):
        return [sample.value for sample in self.samples[workload][peer]]

    def medians(self):
        return {workload: {peer: statistics.median(self.values(workload, peer)) for peer in peers}
                for workload, peers in self.samples.items()}

    def peaks(self):
        """{peer: (bytes, workload)}: the most memory that it ever used."""
        peaks = {}
        for workload, peers in self.samples.items():
            for peer, samples in peers.items():
                peaks[peer] = max(peaks.get(peer, (0, '')), (max(sample.peak_bytes for sample in samples), workload))
        return peaks


def check(workload, size, peer, sample, measured):
    """Has the peer done the same as the others?"""
    if sample.check is None:
        return
    if workload.check:
        expected, whose = workload.check(size), 'that is right'
    else:
        others = measured.samples.get(workload.id, {})
        checks = [(samples[0].check, f'{other} has') for other, samples in others.items()]
        expected, whose = next(iter(checks), (sample.check, ''))
    if sample.check != expected:
        raise Failure(f'did something else: its check is {sample.check}, and {whose} {expected}')


def measure(plan, rounds, start, measured, progress=lambda *_: None):
    """Adds to `measured` what `start(workload, size, peer)` samples, for [(workload, size, peers)]."""
    for number in range(rounds):
        for workload, size, peers in plan:
            first = number % len(peers)
            for peer in peers[first:] + peers[:first]:
                pair = workload.id, peer
                if pair in measured.absent or pair in measured.failures:
                    continue
                progress(number, workload, peer)
                try:
                    sample = start(workload, size, peer)
                    check(workload, size, peer, sample, measured)
                    measured.add(workload.id, peer, sample)
                except NoSuchWorkload:
                    measured.absent.add(pair)
                except (Failure, OSError) as error:
                    measured.failures[pair] = str(error)
                    measured.drop(*pair)
        measured.rounds = number + 1
