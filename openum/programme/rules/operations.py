"""How the work goes: volumes, outcomes and times by line of business and speed. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from openum.programme.rules.asked import Asked, Result
from openum.programme.rules.measuring import mean, median, percent, percentile, rounded

HOUR = 3_600


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
    automatic = sum(
        each.result == Result.APPROVED and all(line.by_machine for line in each.counted) for each in decided
    )
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
        "automatic": percent(automatic, len(decided)),
        "pended": percent(sum(any(line.was_asked for line in each.lines) for each in asked), len(asked)),
        "appealed": len(appealed),
        "overturned": percent(overturned, len(appealed)),
        "hours": {name: None if value is None else rounded(value) for name, value in told.items()},
    }
