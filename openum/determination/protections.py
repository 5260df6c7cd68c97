"""Whom and what the law protects from a no: children in Medicaid, births, emergencies, court orders, what was approved.

The law stands in rows (`policies/deciders/protections.yaml`): where it holds, from when, its numbers and its words.
A row that is not in force protects nobody. No database, no clock, no web.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from openum.determination.rules import Guard, GuardAnswer
from openum.vocabulary.errors import Conflict, Invalid, NotAllowed
from openum.vocabulary.terms import NetworkStatus, ReasonClass, ServiceClass

PROTECTIONS = "protections"
"""Kind of the policy rows that protect from a no."""


class Protected(NotAllowed):
    """The law forbids this no; the sentence says which law and what may be done."""

    code: ClassVar[str] = "protected"


class DeemedApproved(Conflict):
    """The plan did not answer in its time, and the law treats the request as approved."""

    code: ClassVar[str] = "deemed-approved"


class CourtOrderStands(Conflict):
    """A court has spoken on the care; compliance reads the order first."""

    code: ClassVar[str] = "court-order-stands"


class ApprovedBefore(Conflict):
    """It was approved; only a reason that the law names, with its proof, takes that back."""

    code: ClassVar[str] = "approved-before"


class ProofMissing(Invalid):
    """A legal reason against an approval comes with a document of the case and a sentence."""

    code: ClassVar[str] = "proof-missing"


class Law(StrEnum):
    """What a row protects."""

    EARLY_TREATMENT = "early_treatment"
    BOTH_BENEFITS = "both_benefits"
    PRUDENT_LAYPERSON = "prudent_layperson"
    MATERNITY_STAY = "maternity_stay"
    SUBSTANCE_USE_STAY = "substance_use_stay"
    COURT_ORDER = "court_order"
    APPROVED_BEFORE = "approved_before"
    COURSE_OF_TREATMENT = "course_of_treatment"
    AFTER_STABILIZATION = "after_stabilization"
    ASSOCIATION_CRITERIA = "association_criteria"
    INFORMATION_SOUGHT = "information_sought"


@dataclass(frozen=True, kw_only=True)
class ProtectionRow:
    """One protection as published. An empty set means any; the days are half-open."""

    key: str
    law: Law
    lines_of_business: frozenset[str]
    states: frozenset[str]
    citation: str
    source_verified: bool
    effective_from: date
    effective_to: date | None = None
    numbers: Mapping[str, int]
    grounds: tuple[str, ...] = ()
    question: Mapping[str, str]
    bodies: tuple[str, ...] = ()

    def holds(self, *, line_of_business: str, state: str, on: date) -> bool:
        """Say whether the row is in force for a product on a day."""
        return (
            (not self.lines_of_business or line_of_business in self.lines_of_business)
            and (not self.states or state in self.states)
            and self.effective_from <= on
            and (self.effective_to is None or on < self.effective_to)
        )


@dataclass(frozen=True, kw_only=True)
class Birth:
    """A stay around a birth: when its protected time starts, and how the child was born.

    `starts_at` is the birth, or the admission where the child was born outside a hospital (45 CFR 146.130(a)(2)).
    """

    starts_at: datetime
    is_caesarean: bool


@dataclass(frozen=True, kw_only=True)
class LegalReason:
    """Why an approval may be taken back: a ground that the law names, the document that proves it, and a sentence."""

    ground: str
    document: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What of a line, its member and its case the protections ask.

    Attributes:
        age: completed years on the day of the decision; None when the birth date is not known.
        approved_units: what was approved of this service for these dates; None where nothing was.
        stay_from: first day of an inpatient stay; None for anything else.
        course_since: first day of coverage of a member who goes on with a course of treatment; None for anything else.
        rests_on: whose criteria the decision rests on: owner, sources and authorities of our guideline; without one, what
            the clinician cites.
    """

    age: int | None
    is_integrated: bool
    has_court_order: bool
    is_emergency: bool
    birth: Birth | None
    service_class: str
    network_status: str
    stay_from: date | None
    asked_units: Decimal | None
    approved_units: Decimal | None = None
    course_since: date | None = None
    is_after_stabilization: bool = False
    rests_on: str = ""


@dataclass(frozen=True, kw_only=True)
class No:
    """What somebody is about to say: why, how much is given all the same, and the ground against an approval.

    `units` is zero for a denial of all.
    """

    reason_class: ReasonClass
    units: Decimal
    at: datetime
    on: date
    legal_reason: LegalReason | None = None


Rows = Mapping[Law, ProtectionRow]


def rows_in_force(
    rows: Sequence[ProtectionRow], *, line_of_business: str, state: str, on: date
) -> dict[Law, ProtectionRow]:
    """Return the row of each law that holds; a state's own row before a program's, that before the one for all."""
    found: dict[Law, ProtectionRow] = {}
    for row in sorted(rows, key=lambda row: (bool(row.states), bool(row.lines_of_business), row.key)):
        if row.holds(line_of_business=line_of_business, state=state, on=on):
            found[row.law] = row
    return found


def check_may_refuse(subject: Subject, no: No, rows: Rows) -> None:
    """Refuse a no that the law forbids, whoever says it and however well it is explained.

    Raises:
        CourtOrderStands: compliance has not cleared the court's order.
        Protected: a child's limit, an emergency, a birth, a stay that is not reviewed, an end of an approval as reason,
            criteria that the law does not let count.
        ApprovedBefore: it was approved, and no legal reason is given.
        ProofMissing: a legal reason without document or sentence.
    """
    if Law.COURT_ORDER in rows and subject.has_court_order:
        raise CourtOrderStands(
            "A court order stands on this member or case. Compliance reads it and clears the flag before a no "
            f"({rows[Law.COURT_ORDER].citation})."
        )
    _check_child(subject, no, rows.get(Law.EARLY_TREATMENT))
    _check_emergency(subject, no, rows.get(Law.PRUDENT_LAYPERSON))
    _check_birth(subject, no, rows.get(Law.MATERNITY_STAY))
    _check_substance_use(subject, no, rows.get(Law.SUBSTANCE_USE_STAY))
    _check_course(subject, no, rows.get(Law.COURSE_OF_TREATMENT))
    _check_criteria(subject, no, rows.get(Law.ASSOCIATION_CRITERIA))
    _check_approved(subject, no, rows.get(Law.APPROVED_BEFORE))


def is_child(subject: Subject, row: ProtectionRow) -> bool:
    """Say whether the member counts as a child; an unknown birth date protects."""
    return subject.age is None or subject.age < row.numbers["age"]


_LIMITS = frozenset({ReasonClass.BENEFIT_LIMIT, ReasonClass.EXCLUSION})


def _check_child(subject: Subject, no: No, row: ProtectionRow | None) -> None:
    if row is not None and is_child(subject, row) and no.reason_class in _LIMITS:
        raise Protected(
            f"For a Medicaid member under {row.numbers['age']} no limit and no exclusion ends a request. Judge whether "
            f"the care corrects or eases a condition ({row.citation})."
        )


def _check_emergency(subject: Subject, no: No, row: ProtectionRow | None) -> None:
    if row is not None and subject.is_emergency and no.reason_class != ReasonClass.NOT_MEDICALLY_NECESSARY:
        raise Protected(
            "Emergency care needs no authorization and no network, and knows no limit. Only a clinician's view of the "
            f"symptoms as a prudent layperson had them may count ({row.citation})."
        )


def protected_until(birth: Birth, row: ProtectionRow) -> datetime:
    """Return the end of the time after a birth that is not reviewed."""
    hours = row.numbers["caesarean_hours" if birth.is_caesarean else "vaginal_hours"]
    return birth.starts_at + timedelta(hours=hours)


def _check_birth(subject: Subject, no: No, row: ProtectionRow | None) -> None:
    if row is None or subject.birth is None:
        return
    until = protected_until(subject.birth, row)
    hours = int((until - subject.birth.starts_at).total_seconds()) // 3600
    if no.at < until:
        raise Protected(
            f"The first {hours} hours after this birth are not reviewed. Decide on later days when they have passed "
            f"({row.citation})."
        )
    least = Decimal(hours) / 24
    if no.units < least:
        raise Protected(
            f"The first {hours} hours after a birth are paid whatever comes after: approve at least {least:f} days "
            f"({row.citation})."
        )


def _check_substance_use(subject: Subject, no: No, row: ProtectionRow | None) -> None:
    if (
        row is None
        or subject.stay_from is None
        or subject.service_class != ServiceClass.SUBSTANCE_USE
        or subject.network_status != NetworkStatus.IN_NETWORK
    ):
        return
    days = row.numbers["days"]
    if no.on < subject.stay_from + timedelta(days=days):
        raise Protected(
            f"The first {days} days of substance use treatment in a hospital of the network are not reviewed "
            f"({row.citation})."
        )


def _check_course(subject: Subject, no: No, row: ProtectionRow | None) -> None:
    if row is None or subject.course_since is None:
        return
    days = row.numbers["days"]
    if no.on < subject.course_since + timedelta(days=days):
        raise Protected(
            f"A new member's course of treatment goes on for at least {days} days, whoever gives it ({row.citation})."
        )


_NECESSITY = frozenset(
    {
        ReasonClass.NOT_MEDICALLY_NECESSARY,
        ReasonClass.INFORMATION_NOT_RECEIVED,
        ReasonClass.EXPERIMENTAL,
        ReasonClass.LEVEL_OR_SITE_OF_CARE,
        ReasonClass.OTHER,
    }
)
_LEAST_WORDS = 20
_BY_CRITERIA = _NECESSITY - {ReasonClass.INFORMATION_NOT_RECEIVED}
_BEHAVIORAL = frozenset({ServiceClass.MENTAL_HEALTH, ServiceClass.SUBSTANCE_USE})


def _check_criteria(subject: Subject, no: No, row: ProtectionRow | None) -> None:
    if row is None or subject.service_class not in _BEHAVIORAL or no.reason_class not in _BY_CRITERIA:
        return
    words = re.findall(r"\w+", subject.rests_on.casefold())
    said = f" {' '.join(words)} "
    if not any(f" {' '.join(re.findall(r'[a-z0-9]+', body.casefold()))} " in said for body in row.bodies):
        raise Protected(
            "Here care for mental health and substance use is judged only by the criteria of the non-profit association of "
            f"the field, not by a plan's own: judge by them and cite them, or approve ({row.citation})."
        )


def takes_back(subject: Subject, *, units: Decimal) -> bool:
    """Say whether giving so many units takes away what was approved before."""
    if subject.approved_units is None:
        return False
    kept = subject.approved_units if subject.asked_units is None else min(subject.approved_units, subject.asked_units)
    return units < kept


def _check_approved(subject: Subject, no: No, row: ProtectionRow | None) -> None:
    if row is None or no.reason_class not in _NECESSITY or not takes_back(subject, units=no.units):
        return
    reason = no.legal_reason
    if reason is None or reason.ground not in row.grounds:
        raise ApprovedBefore(
            "This service was approved for these dates. It cannot be found unnecessary now, except for "
            f"{' or '.join(ground.replace('_', ' ') for ground in row.grounds)}, with proof ({row.citation})."
        )
    if not reason.document or len(reason.words.strip()) < _LEAST_WORDS:
        raise ProofMissing("Name the document of the case that proves it, and say in a sentence what it shows.")


def statements_asked(subject: Subject, rows: Rows) -> list[ProtectionRow]:
    """Return the protections that ask the clinician for a statement about this person before a no."""
    asked: list[ProtectionRow] = []
    child = rows.get(Law.EARLY_TREATMENT)
    if child is not None and is_child(subject, child):
        asked.append(child)
    if subject.is_integrated and Law.BOTH_BENEFITS in rows:
        asked.append(rows[Law.BOTH_BENEFITS])
    if subject.is_emergency and Law.PRUDENT_LAYPERSON in rows:
        asked.append(rows[Law.PRUDENT_LAYPERSON])
    if subject.is_after_stabilization and Law.AFTER_STABILIZATION in rows:
        asked.append(rows[Law.AFTER_STABILIZATION])
    return asked


def statement_guard(row: ProtectionRow, statement: str, *, language: str = "en") -> Guard:
    """Was the question that the law asks about this person answered in a sentence?"""
    question = row.question.get(language) or row.question["en"]
    words = f"{question} ({row.citation})"
    said = statement.strip()
    if len(said) >= _LEAST_WORDS:
        return Guard(row.law, words, GuardAnswer.DONE, said)
    return Guard(row.law, words, None, f"Answer in a sentence about this person: {question}")
