"""Does an authorization fit a claim line? One answer, in the order in which a claims examiner would look. Pure.

It says whether the services were authorized. Whether the claim is paid also hangs on eligibility, benefits and billing rules.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Fit(StrEnum):
    """How an authorization fits; the first that holds is the answer, the best authorization wins."""

    MATCHES = "matches"
    CODE_RANGE = "code_range"
    PERMITTED_CHANGE = "permitted_change"
    NOT_WANTED = "not_wanted"
    TOO_FEW_UNITS = "too_few_units"
    OTHER_PROVIDER = "other_provider"
    NOT_YET = "not_yet"
    EXPIRED = "expired"
    VOID = "void"
    OTHER_SERVICE = "other_service"
    NONE = "none"


FITS = frozenset({Fit.MATCHES, Fit.CODE_RANGE, Fit.PERMITTED_CHANGE, Fit.NOT_WANTED})
"""An authorization covers the line, or none is wanted."""


@dataclass(frozen=True, kw_only=True)
class ClaimLine:
    """What a claim says of one service: short code system and code, day, units, and the numbers of who did it and where."""

    system: str
    code: str
    service_date: date
    units: Decimal = Decimal(1)
    npis: frozenset[str] = frozenset()
    is_emergency: bool = False


@dataclass(frozen=True, kw_only=True)
class Change:
    """Codes that may be billed beside or instead of the authorized one, told within so many days (`policies/added_codes`)."""

    codes: frozenset[str]
    """`SYSTEM|code`; a star at the end means: begins with."""
    days: int

    def allows(self, line: ClaimLine) -> bool:
        """Say whether the line's code is one of them."""
        code = f"{line.system}|{line.code}"
        return any(code.startswith(each[:-1]) if each.endswith("*") else code == each for each in self.codes)


@dataclass(frozen=True, kw_only=True)
class Held:
    """One part of an authorization in force, or void.

    Attributes:
        code_end: last code of a range, or empty.
        ends: first day no longer valid; None where a circumstance ends it.
        left: units left; None where no number was set.
        npi: who has to do it, or where; or empty.
    """

    number: str
    system: str
    code: str
    code_end: str = ""
    starts: date
    ends: date | None = None
    left: Decimal | None = None
    unit: str = ""
    npi: str = ""
    is_void: bool = False
    changes: tuple[Change, ...] = field(default=())


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What is said of a claim line.

    Attributes:
        number: of the authorization the answer rests on; empty where none.
        left: its units left, where a number was set.
        tell_within: days after the service within which a permitted change has to be told.
    """

    fit: Fit
    number: str = ""
    left: Decimal | None = None
    ends: date | None = None
    tell_within: int | None = None

    @property
    def is_authorized(self) -> bool:
        """Whether the line is covered by an authorization, or wants none."""
        return self.fit in FITS


_ORDER = {fit: position for position, fit in enumerate(Fit)}


def match(line: ClaimLine, held: Iterable[Held], *, number: str = "") -> Answer:
    """Return the best answer over the authorizations of the member.

    Args:
        line: what the claim says.
        held: parts of the member's authorizations.
        number: the authorization that the claim names; then no other is looked at.
    """
    if line.is_emergency:
        return Answer(fit=Fit.NOT_WANTED)
    rows = [row for row in held if not number or row.number == number]
    answers = [_one(line, row) for row in rows]
    if not answers:
        return Answer(fit=Fit.NONE)
    best = min(answers, key=lambda answer: (_ORDER[answer.fit], answer.number))
    return best if best.fit is not Fit.OTHER_SERVICE or number else Answer(fit=Fit.NONE)


def _one(line: ClaimLine, row: Held) -> Answer:
    kind, within = _service(line, row)
    if kind is None:
        fit = Fit.OTHER_SERVICE
    elif row.is_void:
        fit = Fit.VOID
    elif line.service_date < row.starts:
        fit = Fit.NOT_YET
    elif row.ends is not None and line.service_date >= row.ends:
        fit = Fit.EXPIRED
    elif row.npi and line.npis and row.npi not in line.npis:
        fit = Fit.OTHER_PROVIDER
    elif row.left is not None and kind is not Fit.PERMITTED_CHANGE and line.units > row.left:
        fit = Fit.TOO_FEW_UNITS
    else:
        fit = kind
    return Answer(fit=fit, number=row.number, left=row.left, ends=row.ends, tell_within=within)


def _service(line: ClaimLine, row: Held) -> tuple[Fit | None, int | None]:
    if line.system == row.system and line.code == row.code:
        return Fit.MATCHES, None
    if line.system == row.system and row.code_end and row.code <= line.code <= row.code_end:
        return Fit.CODE_RANGE, None
    allowed = [change.days for change in row.changes if change.allows(line)]
    return (Fit.PERMITTED_CHANGE, max(allowed)) if allowed else (None, None)


def match_all(lines: Sequence[ClaimLine], held: Sequence[Held]) -> list[Answer]:
    """Return an answer for each line of a claim, in order, counting down the units that earlier lines took."""
    parts, answers = list(held), []
    for line in lines:
        answer = match(line, parts)
        answers.append(answer)
        if answer.fit in {Fit.MATCHES, Fit.CODE_RANGE} and answer.left is not None:
            parts = [_taken(row, line, answer) for row in parts]
    return answers


def _taken(row: Held, line: ClaimLine, answer: Answer) -> Held:
    if row.number != answer.number or row.left is None or _service(line, row)[0] is not answer.fit:
        return row
    return replace(row, left=row.left - line.units)
