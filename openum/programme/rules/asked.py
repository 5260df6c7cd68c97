"""One request as the figures see it: what was asked, what became of it, and how long that took. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from openum.clocks.rules.reading import Split
from openum.vocabulary.terms import LineStatus, ReasonClass, Urgency


class Result(StrEnum):
    """What became of a request."""

    APPROVED = "approved"
    PARTLY = "partly"
    DENIED = "denied"
    UNDECIDED = "undecided"
    WITHDRAWN = "withdrawn"
    DISMISSED = "dismissed"
    DUPLICATE = "duplicate"
    NOT_REQUIRED = "not_required"
    DRUG = "drug"


DECIDED = frozenset({Result.APPROVED, Result.PARTLY, Result.DENIED})
LEFT_OUT = (Result.WITHDRAWN, Result.DISMISSED, Result.DUPLICATE, Result.NOT_REQUIRED, Result.DRUG)

_ENDED: dict[str, Result] = {
    LineStatus.WITHDRAWN: Result.WITHDRAWN,
    LineStatus.CANCELLED: Result.WITHDRAWN,
    LineStatus.EXPIRED: Result.WITHDRAWN,
    LineStatus.DISMISSED: Result.DISMISSED,
    LineStatus.VOIDED_IN_ERROR: Result.DISMISSED,
    LineStatus.TRANSFERRED: Result.DISMISSED,
    LineStatus.NOT_REQUIRED: Result.NOT_REQUIRED,
}
_OUTCOMES: dict[str, Result] = {
    LineStatus.APPROVED: Result.APPROVED,
    LineStatus.PARTIALLY_APPROVED: Result.PARTLY,
    LineStatus.DENIED: Result.DENIED,
}


@dataclass(frozen=True, kw_only=True)
class AskedLine:
    """One service of a request with its first decision.

    Attributes:
        outcome, reason_class, decided_at: of the first decision; empty and None when there is none.
        told_at: when its first letter left; None when none did.
        appeals: appeals against it that were decided.
        overturned: the last of them gave the member everything.
        changed: the decision was changed later without an appeal.
    """

    status: str
    outcome: str = ""
    reason_class: str = ""
    decided_at: datetime | None = None
    told_at: datetime | None = None
    is_drug: bool = False
    by_machine: bool = False
    was_asked: bool = False
    appeals: int = 0
    overturned: bool = False
    changed: bool = False

    @property
    def result(self) -> Result:
        """What became of the service."""
        if self.is_drug:
            return Result.DRUG
        if self.reason_class == ReasonClass.DUPLICATE:
            return Result.DUPLICATE
        if self.outcome in _OUTCOMES:
            return _OUTCOMES[self.outcome]
        return _ENDED.get(self.status, Result.UNDECIDED)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request.

    Attributes:
        urgency: the class in which it was decided; `asked_urgency` the one it came in.
        extended_at: when more time was taken; None when it was not.
        pk: its key in the table; 0 for one made by hand.
        split: who had the ball from receipt to the answer; None where nobody asked.
    """

    line_of_business: str
    urgency: Urgency
    asked_urgency: Urgency
    received_at: datetime
    extended_at: datetime | None
    lines: tuple[AskedLine, ...]
    pk: int = 0
    split: Split | None = None

    @property
    def result(self) -> Result:
        """What became of it: approved when every decided service was; undecided while one waits."""
        results = [line.result for line in self.lines]
        if Result.UNDECIDED in results or not results:
            return Result.UNDECIDED
        decided = {result for result in results if result in DECIDED}
        if not decided:
            return next(result for result in LEFT_OUT if result in results)
        return next(iter(decided)) if len(decided) == 1 else Result.PARTLY

    @property
    def is_decided(self) -> bool:
        """Whether it was approved or refused."""
        return self.result in DECIDED

    @property
    def counted(self) -> tuple[AskedLine, ...]:
        """Its services that were decided."""
        return tuple(line for line in self.lines if line.result in DECIDED)

    @property
    def took(self) -> Fraction:
        """Seconds from receipt to the last of its answers; nothing is taken off.

        Raises:
            ValueError: it is not decided.
        """
        ends = [line.told_at or line.decided_at for line in self.counted]
        if not self.is_decided or not ends or None in ends:
            raise ValueError("Only a decided request took a time.")
        passed = max(end for end in ends if end) - self.received_at
        return Fraction(passed.days * 86_400 + passed.seconds) + Fraction(passed.microseconds, 1_000_000)

    @property
    def was_extended(self) -> bool:
        """Whether more time was taken before the decision."""
        return self.extended_at is not None

    @property
    def refused(self) -> tuple[AskedLine, ...]:
        """Its services that were refused in whole or part."""
        return tuple(line for line in self.counted if line.result != Result.APPROVED)

    @property
    def won_on_appeal(self) -> bool:
        """Whether everything that was refused was approved on appeal."""
        return bool(self.refused) and all(line.overturned for line in self.refused)


def of_class(asked: Iterable[Asked], urgencies: Collection[Urgency]) -> list[Asked]:
    """Return the decided requests of some classes."""
    return [each for each in asked if each.urgency in urgencies and each.is_decided]
