"""What the charts of a task show: series of numbers, and a sentence about each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ..center.task_course import Sample
from ..languages import format_decimal, format_number
from ..languages import gettext as _
from ..model.failure_group import FailureGroup
from ..model.outcome import OutcomeKind
from ..model.task import Counts
from ..states.model_words import describe_counts

_MAX_ERRORS = 8
_SMOOTHED = 20  # a rate is that over a twentieth of the time, or a batch makes it jump


class TimeSeries(NamedTuple):
    """Numbers over the time of a task.

    Attributes:
        seconds: The seconds of work, ascending.
        values: The numbers by their names, one for each second.
        summary: What they show, in a sentence.
    """

    seconds: list[float]
    values: dict[str, list[float]]
    summary: str


class ErrorCount(NamedTuple):
    """How many records failed for the same reason.

    Attributes:
        text: The reason, as one of the records states it.
        number: How many records there are.
    """

    text: str
    number: int


def build_outcome_series(samples: Sequence[Sample]) -> TimeSeries:
    """Return the number of records by outcome over time; without those of none."""
    points = [Sample(0.0, Counts()), *samples] if samples else []
    values: dict[str, list[float]] = {}
    for kind in OutcomeKind:
        numbers = [float(getattr(sample.counts, kind.value)) for sample in points]
        if any(numbers):
            values[kind.value] = numbers
    seconds = [sample.second for sample in points]
    if not points:
        return TimeSeries([], {}, _("No records were counted over time."))
    last = points[-1]
    summary = _("{total} records after {seconds} seconds: {summary}.").format(
        total=format_number(last.counts.total),
        seconds=format_decimal(last.second, 1),
        summary=describe_counts(last.counts),
    )
    return TimeSeries(seconds, values, summary)


def build_rate_series(samples: Sequence[Sample]) -> TimeSeries:
    """Return the number of records a second over time."""
    points = [Sample(0.0, Counts()), *samples] if samples else []
    if len(points) < 2 or not points[-1].second:
        return TimeSeries([], {}, _("No rate was measured."))
    span = points[-1].second / _SMOOTHED
    seconds, rates = [], []
    first = 0
    for point in points[1:]:
        while points[first + 1].second < point.second - span:
            first += 1
        before = points[first]
        elapsed = point.second - before.second
        if elapsed > 0:
            seconds.append(point.second)
            records = point.counts.total - before.counts.total
            rates.append(round(max(0.0, records / elapsed), 1))
    average = points[-1].counts.total / points[-1].second
    highest = max(rates, default=0.0)
    summary = _("{average} records a second on average, {highest} at most.").format(
        average=format_decimal(average, 0), highest=format_decimal(highest, 0)
    )
    return TimeSeries(seconds, {"rate": rates}, summary)


def count_errors(groups: Iterable[FailureGroup]) -> list[ErrorCount]:
    """Count failed records by code and field, the most frequent first."""
    numbers: Counter[tuple[str, str]] = Counter()
    texts: dict[tuple[str, str], str] = {}
    for group in groups:
        key = (group.code, group.field)
        numbers[key] += group.number
        texts.setdefault(key, group.message)
    return [
        ErrorCount(texts[key], number)
        for key, number in numbers.most_common(_MAX_ERRORS)
    ]
