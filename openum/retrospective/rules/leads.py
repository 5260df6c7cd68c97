"""Reading the file of leads that `openum claims leads` writes. All or nothing: a fault names its row and its cure."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import ClassVar

from openum.vocabulary.errors import Invalid
from openum.vocabulary.money import cents_of

NEEDED = (
    "rule", "version", "person_id", "payer", "data_source", "claim_id", "claim_line_number", "provider", "day", "procedure",
    "amount", "evidence",
)  # fmt: skip
MOST_BYTES = 20_000_000
MOST_ROWS = 100_000
_MOST_FAULTS = 20


class LeadState(StrEnum):
    """Where a lead stands."""

    OPEN = "open"
    DISMISSED = "dismissed"
    IN_REVIEW = "in_review"


class LeadsUnreadable(Invalid):
    """The file is no file of leads, or a row of it cannot be read."""

    code: ClassVar[str] = "leads-unreadable"


@dataclass(frozen=True, kw_only=True)
class LeadRow:
    """One lead as the file tells it; money in cents, empty texts where the claim is silent."""

    rule: str
    version: int
    person_id: str
    payer: str
    data_source: str
    claim_id: str
    claim_line: int
    provider: str
    day: date
    procedure: str
    drg: str
    modifiers: tuple[str, ...]
    place: str
    diagnosis: str
    units: Decimal | None
    charge_cents: int
    amount_cents: int
    evidence: str


def read_leads(content: bytes) -> list[LeadRow]:
    """Return the leads of a file.

    Raises:
        LeadsUnreadable: too large, not UTF-8, a column is missing, or the first faults by row, each with what is wrong.
    """
    if len(content) > MOST_BYTES:
        raise LeadsUnreadable(f"The file is larger than {MOST_BYTES // 1_000_000} MB. Load it in parts.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise LeadsUnreadable("The file is not UTF-8 text. Load the file that `openum claims leads` wrote.") from None
    reader = csv.DictReader(io.StringIO(text, newline=""))
    missing = [name for name in NEEDED if name not in (reader.fieldnames or ())]
    if missing:
        raise LeadsUnreadable(f"The file has no column {', '.join(missing)}. The first row must name the columns.")
    rows, faults = [], []
    for number, row in enumerate(reader, start=2):
        if number > MOST_ROWS + 1:
            raise LeadsUnreadable(f"The file has more than {MOST_ROWS:,} rows. Load it in parts.")
        try:
            rows.append(_row(row))
        except _CannotRead as fault:
            faults.append(f"Row {number}: {fault}")
            if len(faults) == _MOST_FAULTS:
                break
    if faults:
        raise LeadsUnreadable(" ".join(faults) + " Nothing was loaded.")
    return rows


class _CannotRead(Exception):
    """One cell cannot be read."""


def _row(row: Mapping[str, str | None]) -> LeadRow:
    def text(name: str) -> str:
        return (row.get(name) or "").strip()

    for name in ("rule", "person_id", "claim_id"):
        if not text(name):
            raise _CannotRead(f"{name} is empty.")
    units = _decimal(text("quantity"), "quantity") if text("quantity") else None
    return LeadRow(
        rule=text("rule"), version=_whole(text("version"), "version"), person_id=text("person_id"), payer=text("payer"),
        data_source=text("data_source"), claim_id=text("claim_id"),
        claim_line=_whole(text("claim_line_number"), "claim_line_number"), provider=text("provider"),
        day=_day(text("day")), procedure=text("procedure"), drg=text("drg"),
        modifiers=tuple(code for code in text("modifiers").split("|") if code), place=text("place"),
        diagnosis=text("diagnosis"), units=units,
        charge_cents=cents_of(_decimal(text("charge"), "charge")) if text("charge") else 0,
        amount_cents=cents_of(_decimal(text("amount"), "amount")), evidence=text("evidence"),
    )  # fmt: skip


def _whole(text: str, name: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise _CannotRead(f"{name} is no whole number.")
    return int(text)


def _decimal(text: str, name: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise _CannotRead(f"{name} is no number.") from None
    if not number.is_finite() or abs(number) >= Decimal("1e9"):
        raise _CannotRead(f"{name} is no usable number.")
    return number


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _CannotRead("day is no date; write it as year-month-day.") from None
