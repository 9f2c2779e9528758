# ordo: figures: what is computed from samples, and how a figure is shown.
# SPDX-License-Identifier: BSL-1.0
import dataclasses
import statistics


@dataclasses.dataclass(frozen=True)
class Summary:
    """One sample per round, each itself the median of the repeats within one process."""

    median: float
    min: float
    max: float
    unit: str


def summarize(samples, unit):
    return Summary(statistics.median(samples), min(samples), max(samples), unit)


def rounded(value):
    """With four digits that count: more would only look precise."""
    return value if value in (0, None) else float(f'{value:.4g}')


def shown(value):
    """For people: 4.61, 46.1, 461, 4,610."""
    if value is None:
        return '–'
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f'{value:,.{digits}f}'
