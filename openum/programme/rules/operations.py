"""How the work goes: volumes, outcomes and times by line of business and speed. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from fractions import Fraction
from typing import Any

from openum.clocks.rules.reading import Split
from openum.programme.rules.asked import Asked, Result
from openum.programme.rules.measuring import mean, median, percent, percentile, rounded

HOUR = 3_600


def is_automatic(each: Asked) -> bool:
    """Whether a request was approved without a person: every decided service of it by a rule."""
    return each.result is Result.APPROVED and all(line.by_machine for line in each.counted)


def was_pended(each: Asked) -> bool:
    """Whether more was asked for before an answer."""
    return any(line.was_asked for line in each.lines)


BEHIND: Mapping[str, Callable[[Asked], bool]] = {
    "received": lambda _: True,
    "decided": lambda each: each.is_decided,
    "approved": lambda each: each.result is Result.APPROVED,
    "partly": lambda each: each.result is Result.PARTLY,
    "denied": lambda each: each.result in {Result.DENIED, Result.PARTLY},
    "automatic": is_automatic,
    "pended": was_pended,
    "overturned": lambda each: any(line.overturned for line in each.refused),
}
"""Which requests stand behind a figure."""


def operations(asked: Iterable[Asked]) -> list[dict[str, Any]]:
    """Return one row for each line of business and speed; of refusals nobody is ranked."""
    groups: dict[tuple[str, str], list[Asked]] = defaultdict(list)
    for each in asked:
        groups[each.line_of_business, each.urgency.value].append(each)
    return [row(law, urgency, groups[law, urgency]) for law, urgency in sorted(groups)]


def row(line_of_business: str, urgency: str, asked: Sequence[Asked]) -> dict[str, Any]:
    """Count one group. Rates are of what was decided; appeals of the appeals that were decided."""
    decided = [each for each in asked if each.is_decided]
    hours = [Fraction(each.took, HOUR) for each in decided]
    counts = {result.value: sum(each.result == result for each in asked) for result in Result}
    appealed = [line for each in decided for line in each.refused if line.appeals]
    overturned = sum(line.overturned for line in appealed)
    told = {"mean": mean(hours), "median": median(hours), "p90": percentile(hours, 90)}
    return {
        "line_of_business": line_of_business,
        "urgency": urgency,
        "received": len(asked),
        "decided": len(decided),
        "counts": counts,
        "approval": percent(counts[Result.APPROVED], len(decided)),
        "partial": percent(counts[Result.PARTLY], len(decided)),
        "denial": percent(counts[Result.DENIED] + counts[Result.PARTLY], len(decided)),
        "automatic": percent(sum(map(is_automatic, asked)), len(decided)),
        "pended": percent(sum(map(was_pended, asked)), len(asked)),
        "appealed": len(appealed),
        "overturned": percent(overturned, len(appealed)),
        "hours": {name: None if value is None else rounded(value) for name, value in told.items()},
        "split": _shared([each.split for each in decided if each.split is not None]),
    }


def _shared(splits: Sequence[Split]) -> dict[str, str | None]:
    """Return the mean hours that plan, provider and letter took; rounding aside they add up to the mean time."""
    means = {
        "payer": mean([_hours(split.payer) for split in splits]),
        "provider": mean([_hours(split.provider) for split in splits]),
        "transit": mean([_hours(split.transit) for split in splits]),
    }
    return {name: None if value is None else rounded(value) for name, value in means.items()}


def _hours(span: timedelta) -> Fraction:
    return Fraction(span.days * 86_400 + span.seconds, HOUR) + Fraction(span.microseconds, HOUR * 1_000_000)
