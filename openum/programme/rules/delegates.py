"""Checks a delegate's file of public metrics by the arithmetic of our own. Pure: text in, faults out."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from openum.programme.rules.measuring import percent
from openum.programme.rules.public_metrics import COLUMNS

MOST_ROWS = 200
_TIMES = {"8": "days", "9": "hours"}
_PAIRS = {"standard": ("2", "3"), "expedited": ("6", "7")}
"""The elements that add up to the requests of a class."""


@dataclass(frozen=True)
class Fault:
    """Something wrong in a file: the row as a spreadsheet counts it (0: the file as a whole), and what to do."""

    row: int
    words: str


def faults_of(content: bytes, elements: Sequence[Mapping[str, str]]) -> list[Fault]:
    """Return what is wrong with a delegate's file; nothing when it can be added to the plan's own figures."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return [Fault(0, "The file is not UTF-8 text. Save it as “CSV UTF-8”.")]
    try:
        rows = list(csv.reader(io.StringIO(text), strict=True))
    except csv.Error:
        return [Fault(0, "The file cannot be read as a table. Save it as comma-separated values (CSV).")]
    if not rows or tuple(head.strip() for head in rows[0]) != COLUMNS:
        return [Fault(1, f"The first row must be: {', '.join(COLUMNS)}.")]
    if len(rows) > MOST_ROWS:
        return [Fault(0, f"The file has more than {MOST_ROWS} rows. Send the figures, not the requests behind them.")]
    found: list[Fault] = []
    counts: dict[tuple[str, str], tuple[int, int]] = {}
    for number, cells in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(COLUMNS):
            found.append(Fault(number, f"The row has {len(cells)} cells; there must be {len(COLUMNS)}."))
            continue
        row = dict(zip(COLUMNS, (cell.strip() for cell in cells), strict=True))
        key = (row["number"], row["reading"])
        if key in counts:
            found.append(Fault(number, f"Element {row['number']} stands twice. Keep one row for each reading."))
        elif row["number"] in _TIMES:
            counts[key] = (0, 0)
            found += time_faults(number, row)
        else:
            known = {element["number"]: element["class"] for element in elements}
            faults = share_faults(number, row, known)
            found += faults
            counts[key] = (0, 0) if faults else (int(row["numerator"]), int(row["denominator"]))
    return found + missing(counts, elements) + sums(counts)


def share_faults(number: int, row: Mapping[str, str], known: Mapping[str, str]) -> list[Fault]:
    """Check one share: a known element, whole numbers, a part not above its whole, and the share they make."""
    if row["number"] not in known:
        return [Fault(number, f"There is no element {row['number'] or '(empty)'}. Use the numbers 2 to 9.")]
    if row["class"] != known[row["number"]]:
        return [Fault(number, f"Element {row['number']} belongs to the class “{known[row['number']]}”.")]
    if not (
        row["numerator"].isascii()
        and row["numerator"].isdigit()
        and row["denominator"].isascii()
        and row["denominator"].isdigit()
    ):
        return [Fault(number, "Numerator and denominator must be whole numbers, without separators.")]
    above, below = int(row["numerator"]), int(row["denominator"])
    if above > below:
        return [Fault(number, f"The numerator {above} is larger than the denominator {below}.")]
    expected = percent(above, below) or ""
    if row["percent"] != expected:
        return [
            Fault(
                number, f"{above} of {below} is {expected or 'no share; leave the cell empty'}, not “{row['percent']}”."
            )
        ]
    return []


def time_faults(number: int, row: Mapping[str, str]) -> list[Fault]:
    """Check a time: its unit, and mean and median as numbers of two decimals, both or neither."""
    if row["unit"] != _TIMES[row["number"]]:
        return [Fault(number, f"Element {row['number']} is told in {_TIMES[row['number']]}.")]
    given = [row["mean"], row["median"]]
    if not any(given):
        return [] if row["denominator"] == "0" else [Fault(number, "Mean and median are missing.")]
    for value in given:
        try:
            amount = Decimal(value)
        except InvalidOperation:
            return [Fault(number, "Mean and median must be numbers with two decimals, such as 3.50.")]
        if not amount.is_finite() or amount < 0 or amount.as_tuple().exponent != -2:
            return [Fault(number, "Mean and median must be numbers of two decimals and not below zero, such as 3.50.")]
    return []


def missing(counts: Mapping[tuple[str, str], object], elements: Sequence[Mapping[str, str]]) -> list[Fault]:
    """Name the elements that have no row."""
    wanted = [*(element["number"] for element in elements), *_TIMES]
    there = {number for number, _ in counts}
    return [Fault(0, f"Element {number} is missing.") for number in dict.fromkeys(wanted) if number not in there]


def sums(counts: Mapping[tuple[str, str], tuple[int, int]]) -> list[Fault]:
    """Check that approved and denied make up the requests of their class."""
    by_number = {number: counts_ for (number, reading), counts_ in counts.items() if not reading}
    found = []
    for name, (approved, denied) in _PAIRS.items():
        if approved in by_number and denied in by_number:
            (yes, of), (no, also_of) = by_number[approved], by_number[denied]
            if of != also_of or yes + no != of:
                found.append(
                    Fault(
                        0,
                        f"Approved and denied {name} requests must add up to the same denominator: {yes} + {no} is not {of}.",
                    )
                )
    return found
