"""When an approval may end before its day, or become less: on which ground, and how long after the member was told. Pure.

What was approved is never denied afterwards: a change looks forward only (42 CFR 422.138(c), 438.404(c)(1), 431.211).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import ClassVar, Final

from openum.vocabulary.errors import Conflict, Invalid
from openum.vocabulary.terms import LineOfBusiness as L


class EndingGround(StrEnum):
    """Why an approval ends early."""

    NOT_NEEDED_NOW = "not_needed_now"
    GOOD_CAUSE = "good_cause"
    FRAUD = "fraud"
    MEMBER_WISH = "member_wish"


@dataclass(frozen=True, kw_only=True)
class AdvanceRow:
    """How many days before the change the member must have the letter, for one ground."""

    lines: frozenset[L]
    ground: EndingGround
    days: int
    law: str


_MEDICAID: Final = frozenset({L.MEDICAID_MANAGED_CARE, L.MEDICAID_FFS, L.CHIP_FFS})
_MEDICARE: Final = frozenset({L.MEDICARE_ADVANTAGE})
_INTEGRATED: Final = frozenset({L.INTEGRATED_DUAL})
_DRUGS: Final = frozenset({L.MEDICARE_PART_D})
_COMMERCIAL: Final = frozenset({L.ERISA_GROUP, L.QHP_FFE, L.COMMERCIAL_STATE})

ADVANCE: Final = (
    AdvanceRow(lines=_MEDICAID, ground=EndingGround.NOT_NEEDED_NOW, days=10, law="42 CFR 438.404(c)(1), 431.211"),
    AdvanceRow(lines=_MEDICAID, ground=EndingGround.GOOD_CAUSE, days=10, law="42 CFR 438.404(c)(1), 431.211"),
    AdvanceRow(lines=_MEDICAID, ground=EndingGround.FRAUD, days=5, law="42 CFR 431.214"),
    AdvanceRow(lines=_MEDICAID, ground=EndingGround.MEMBER_WISH, days=0, law="42 CFR 431.213(b)"),
    AdvanceRow(lines=_MEDICARE, ground=EndingGround.GOOD_CAUSE, days=2, law="42 CFR 422.138(c), 422.616, 422.624(b)"),
    AdvanceRow(lines=_MEDICARE, ground=EndingGround.FRAUD, days=2, law="42 CFR 422.138(c), 422.616"),
    AdvanceRow(lines=_MEDICARE, ground=EndingGround.MEMBER_WISH, days=0, law="plan policy"),
    AdvanceRow(lines=_INTEGRATED, ground=EndingGround.GOOD_CAUSE, days=10, law="42 CFR 422.631(d)(2)(i)(A), 422.138(c)"),
    AdvanceRow(lines=_INTEGRATED, ground=EndingGround.FRAUD, days=5, law="42 CFR 422.631(d)(2)(i)(A), 431.214"),
    AdvanceRow(lines=_INTEGRATED, ground=EndingGround.MEMBER_WISH, days=0, law="42 CFR 422.631(d)(2)(i)(A), 431.213(b)"),
    AdvanceRow(lines=_DRUGS, ground=EndingGround.GOOD_CAUSE, days=30, law="42 CFR 423.578(c)(4), 423.120(b)(5), 423.1980"),
    AdvanceRow(lines=_DRUGS, ground=EndingGround.FRAUD, days=2, law="42 CFR 423.1980; days by plan policy"),
    AdvanceRow(lines=_DRUGS, ground=EndingGround.MEMBER_WISH, days=0, law="plan policy"),
    AdvanceRow(
        lines=_COMMERCIAL, ground=EndingGround.NOT_NEEDED_NOW, days=30,
        law="29 CFR 2560.503-1(f)(2)(ii)(A): time to appeal and have the answer, 30 days by (i)(2)(ii)",
    ),
    AdvanceRow(
        lines=_COMMERCIAL, ground=EndingGround.GOOD_CAUSE, days=30,
        law="29 CFR 2560.503-1(f)(2)(ii)(A): time to appeal and have the answer, 30 days by (i)(2)(ii)",
    ),
    AdvanceRow(lines=_COMMERCIAL, ground=EndingGround.FRAUD, days=30, law="45 CFR 147.128 (rescission)"),
    AdvanceRow(lines=_COMMERCIAL, ground=EndingGround.MEMBER_WISH, days=0, law="plan policy"),
)  # fmt: skip


class NoGroundToEnd(Conflict):
    """The law of the product does not let an approval end early on this ground."""

    code: ClassVar[str] = "no-ground-to-end"


class NoticeTooShort(Invalid):
    """The change would come before the member has had the notice that the law gives."""

    code: ClassVar[str] = "notice-too-short"


class NotAnEarlierEnd(Invalid):
    """The day does not end the approval earlier."""

    code: ClassVar[str] = "not-an-earlier-end"


def earliest_last_day(line_of_business: L, ground: EndingGround, *, told_on: date) -> tuple[date, str]:
    """Return the first day that may be the last one of the care as it is, and the law.

    Raises:
        NoGroundToEnd: the law has no such ground.
    """
    for row in ADVANCE:
        if line_of_business in row.lines and row.ground is ground:
            return told_on + timedelta(days=row.days), row.law
    law = "42 CFR 423.578(c)(4)" if line_of_business in _DRUGS else "42 CFR 422.138(c)"
    raise NoGroundToEnd(
        "An approval under this product may not end early because care is judged to be no longer needed "
        f"({law}). It ends for good cause, for fraud, or because the member wishes it."
    )


def check_may_end(
    line_of_business: L, ground: EndingGround, *, last_day: date, ends_now: date | None, told_on: date
) -> str:
    """Refuse an end that comes too soon, or later than the approval ends by itself; return the law.

    Args:
        ends_now: the last day of the approval as it stands; None where no date ends it.

    Raises:
        NoGroundToEnd, NoticeTooShort, NotAnEarlierEnd: see each.
    """
    earliest, law = earliest_last_day(line_of_business, ground, told_on=told_on)
    if last_day < earliest:
        raise NoticeTooShort(f"The member must be told before: choose {earliest.isoformat()} or a later day ({law}).")
    if ends_now is not None and last_day >= ends_now:
        raise NotAnEarlierEnd("The approval ends on this day or before it by itself. Choose an earlier day.")
    return law


def grounds_of(line_of_business: L, *, told_on: date) -> tuple[tuple[EndingGround, date, str], ...]:
    """Return the grounds that the law of a product has: each with the first possible last day, and the law."""
    return tuple(
        (row.ground, told_on + timedelta(days=row.days), row.law) for row in ADVANCE if line_of_business in row.lines
    )
