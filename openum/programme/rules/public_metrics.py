"""The public prior authorization metrics of a year (CMS-0057-F): counted exactly, both readings of a doubt kept. Pure."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from openum.programme.rules.asked import LEFT_OUT, Asked, Result, of_class
from openum.programme.rules.measuring import mean, median, percent, rounded
from openum.vocabulary.terms import Urgency

SECONDS = {Urgency.STANDARD: ("days", 86_400), Urgency.EXPEDITED: ("hours", 3_600)}
"""The unit in which the time of a class is told, and its seconds."""


def figures(asked: Sequence[Asked], elements: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """Return every figure of a report as plain values that are stored as they are.

    Args:
        elements: number, class and name of the elements to fill, in order.
    """
    classes = {urgency: of_class(asked, {urgency}) for urgency in SECONDS}
    everything = of_class(asked, set(SECONDS))
    counts = {urgency: tally(decided) for urgency, decided in classes.items()}
    extended = sum(each.was_extended and each.result == Result.APPROVED for each in everything)
    standard = counts[Urgency.STANDARD]
    values: dict[str, tuple[int, int]] = {
        "2": (standard["approved"], standard["requests"]),
        "3": (standard["denied"], standard["requests"]),
        "4": (standard["approved_after_appeal"], standard["appeals_decided"]),
        "5": (extended, len(everything)),
        "6": (counts[Urgency.EXPEDITED]["approved"], counts[Urgency.EXPEDITED]["requests"]),
        "7": (counts[Urgency.EXPEDITED]["denied"], counts[Urgency.EXPEDITED]["requests"]),
    }
    rows = []
    for element in elements:
        above, below = values[element["number"]]
        rows.append(element_row(element, "", above, below))
        if element["number"] == "4":
            rows[-1]["reading"] = "of appeals decided"
            rows.append(element_row(element, "of all standard requests", above, standard["requests"]))
    return {
        "elements": rows,
        "times": [time_row(urgency, classes[urgency]) for urgency in SECONDS],
        "classes": {urgency.value: counts[urgency] for urgency in SECONDS},
        "received": {
            urgency.value: sum(each.asked_urgency == urgency for each in asked) for urgency in SECONDS
        } | {"all": len(asked)},
        "undecided": sum(each.result == Result.UNDECIDED for each in asked),
        "left_out": {result.value: sum(each.result == result for each in asked) for result in LEFT_OUT},
        "speed_changed": sum(each.urgency != each.asked_urgency for each in everything),
        "without_letter": sum(any(line.told_at is None for line in each.counted) for each in everything),
        "changed_without_appeal": sum(any(line.changed for line in each.counted) for each in everything),
    }  # fmt: skip


def tally(decided: Sequence[Asked]) -> dict[str, int]:
    """Count the rows of the template for one class; approved and denied add up to the requests."""
    approved = [each for each in decided if each.result == Result.APPROVED]
    denied = [each for each in decided if each.result != Result.APPROVED]
    return {
        "requests": len(decided),
        "approved": len(approved),
        "approved_after_extension": sum(each.was_extended for each in approved),
        "approved_after_appeal": sum(each.won_on_appeal for each in denied),
        "denied": len(denied),
        "denied_in_part": sum(each.result == Result.PARTLY for each in denied),
        "denied_after_extension": sum(each.was_extended for each in denied),
        "denied_after_appeal": sum(
            any(line.appeals for line in each.refused) and not each.won_on_appeal for each in denied
        ),
        "appeals_decided": sum(line.appeals for each in denied for line in each.refused),
    }


def element_row(element: Mapping[str, str], reading: str, above: int, below: int) -> dict[str, Any]:
    """Return one element with its share."""
    return {
        "number": element["number"], "class": element["class"], "name": element["name"], "reading": reading,
        "numerator": above, "denominator": below, "percent": percent(above, below),
    }  # fmt: skip


def time_row(urgency: Urgency, decided: Sequence[Asked]) -> dict[str, Any]:
    """Return mean and median of a class: calendar days of the standard one (element 8), hours of the expedited one (9)."""
    unit, seconds = SECONDS[urgency]
    took = [Fraction(each.took, seconds) for each in decided]
    middle, average = median(took), mean(took)
    return {
        "number": "8" if urgency == Urgency.STANDARD else "9", "class": urgency.value, "unit": unit, "requests": len(took),
        "mean": None if average is None else rounded(average), "median": None if middle is None else rounded(middle),
    }  # fmt: skip


COLUMNS = ("number", "class", "name", "reading", "numerator", "denominator", "percent", "unit", "mean", "median")
"""The columns of the file that is posted, and of a delegate's file."""


def file_rows(kept: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Return the figures as rows of a file, its heads first."""
    times = [row | {"name": "Time from request to decision", "denominator": row["requests"]} for row in kept["times"]]
    told = [
        tuple("" if row.get(name) is None else str(row[name]) for name in COLUMNS)
        for row in [*kept["elements"], *times]
    ]
    return [COLUMNS, *told]
