"""What an office asks the state of, row by row: a number of ours, or a member's number with the date of birth. Pure."""

import csv
import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

_NUMBER: Final = re.compile(r"[AC]-\d{2}-\d+(-\d+)?")
MOST_ROWS: Final = 500
_DATES: Final = ("%Y-%m-%d", "%m/%d/%Y", "%m-%d-%Y")
_HEADS: Final = frozenset({"reference", "number", "member number", "member_number", "case", "authorization"})


class Fault(StrEnum):
    """Why a row names nothing."""

    NO_BIRTH_DATE = "no_birth_date"
    BIRTH_DATE = "birth_date"
    TOO_MANY = "too_many"
    COLUMNS = "columns"


@dataclass(frozen=True, kw_only=True)
class AskedRow:
    """One row as it was sent.

    Attributes:
        place: of the row in what was sent, from 1.
        text: the row as it stood, shortened.
        reference: one of our numbers, in capitals; empty where a member is named.
        member_number, birth_date: of a member.
    """

    place: int
    text: str
    reference: str = ""
    member_number: str = ""
    birth_date: date | None = None
    fault: Fault | None = None


def read_rows(text: str) -> list[AskedRow]:
    """Return every row that holds anything, good or bad; a row of headings is left out, and rows past the limit told."""
    rows: list[AskedRow] = []
    for place, line in enumerate(text.replace("\x00", "").splitlines(), start=1):
        values = _cells(line)
        while values and not values[-1]:
            values.pop()
        if not values or (place == 1 and values[0].casefold() in _HEADS):
            continue
        if len(rows) >= MOST_ROWS:
            return [*rows, AskedRow(place=place, text="", fault=Fault.TOO_MANY)]
        rows.append(_row(place, values))
    return rows


def _cells(line: str) -> list[str]:
    delimiter = next((mark for mark in "\t;," if mark in line), ",")
    return [cell.strip() for cells in csv.reader([line], delimiter=delimiter) for cell in cells]


def _row(place: int, values: list[str]) -> AskedRow:
    text = ", ".join(values)[:80]
    if len(values) > 2:
        return AskedRow(place=place, text=text, fault=Fault.COLUMNS)
    if len(values) == 1:
        reference = values[0].upper()
        if _NUMBER.fullmatch(reference):
            return AskedRow(place=place, text=text, reference=reference)
        return AskedRow(place=place, text=text, fault=Fault.NO_BIRTH_DATE)
    born = _day(values[1])
    fault = None if born else Fault.BIRTH_DATE
    return AskedRow(place=place, text=text, member_number=values[0], birth_date=born, fault=fault)


def _day(text: str) -> date | None:
    for form in _DATES:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None
