"""Complaints: what they are about, which are fast, who may answer, what an answer holds. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from openum.vocabulary.errors import Conflict, Invalid, NotAllowed
from openum.vocabulary.terms import LineOfBusiness


class About(StrEnum):
    """What a complaint is about; also the rows of the trend."""

    CARE = "care"
    ACCESS = "access"
    SERVICE = "service"
    EXTENSION = "extension"
    SPEED = "speed"
    PRIVACY = "privacy"
    BILLING = "billing"
    OTHER = "other"


FAST = frozenset({About.EXTENSION, About.SPEED})
"""Answered within 24 hours: an extension was taken, or speed was refused (42 CFR 422.564(f), 423.564(f))."""


class GrievanceState(StrEnum):
    """Where a complaint stands."""

    OPEN = "open"
    ANSWERED = "answered"
    MOVED = "moved"


class DisputeState(StrEnum):
    """Where a provider's dispute stands."""

    OPEN = "open"
    ANSWERED = "answered"


class AnswerMissing(Invalid):
    """An answer says what was found and what is done."""

    code: ClassVar[str] = "answer-missing"


class AlreadyAnswered(Conflict):
    """The complaint or dispute was answered already."""

    code: ClassVar[str] = "already-answered"


class NotYourOwnMatter(NotAllowed):
    """Nobody answers a complaint about the own work."""

    code: ClassVar[str] = "not-your-own-matter"


class NeedsClinician(NotAllowed):
    """The law wants a clinician to judge this complaint."""

    code: ClassVar[str] = "needs-clinician"


class NotFast(Conflict):
    """Only the answer to a fast complaint may be given by telephone before its letter."""

    code: ClassVar[str] = "not-fast"


class DeciderInvolved(NotAllowed):
    """Whoever took part in the decision does not answer the provider's dispute of it."""

    code: ClassVar[str] = "decider-involved"


_CLINICAL = frozenset({About.SPEED, About.CARE})
_CLINICIANS_LAW = {
    LineOfBusiness.MEDICAID_MANAGED_CARE: "42 CFR 438.406(b)(2)(ii)",
    LineOfBusiness.INTEGRATED_DUAL: "42 CFR 422.629(k)",
}


def clinicians_law(about: About, law: LineOfBusiness) -> str:
    """Return the law by which a clinician answers a complaint, empty where none does: speed refused, or the care itself."""
    return _CLINICIANS_LAW.get(law, "") if about in _CLINICAL else ""


def is_fast(about: About) -> bool:
    """Say whether the law wants an answer within 24 hours."""
    return about in FAST


def check_answer(*, state: str, found: str, done: str) -> None:
    """Refuse an answer without substance, or a second one.

    Raises:
        AlreadyAnswered: it is not open.
        AnswerMissing: what was found or what is done is missing.
    """
    if state != GrievanceState.OPEN:
        raise AlreadyAnswered("This was answered or moved already. Reload the page.")
    if not found.strip() or not done.strip():
        raise AnswerMissing("Write what you found and what you do about it. The letter says both.")


def check_may_answer_dispute(*, answerer: str, involved: frozenset[str], is_machine: bool) -> None:
    """Refuse software, and whoever took part in the decision that is disputed (plan policy, disputes).

    Raises:
        DeciderInvolved: the answerer took part, or is no person.
    """
    if is_machine:
        raise DeciderInvolved("A person answers a dispute.")
    if answerer in involved:
        raise DeciderInvolved("You took part in the decision that is disputed. Hand it to a colleague.")


@dataclass(frozen=True, kw_only=True)
class Answerer:
    """What the rules need to know of somebody who answers a complaint: who, under whom, licensed on the day or not."""

    key: str
    is_machine: bool
    superiors: frozenset[str] = frozenset()
    is_licensed: bool = False


def check_may_answer(answerer: Answerer, *, involved: frozenset[str], clinicians_law: str = "") -> None:
    """Refuse software, whoever did what the complaint is about, and who reports to them (42 CFR 438.406(b)(2)).

    Args:
        clinicians_law: by which a clinician answers; empty where anybody of the desk may.

    Raises:
        NotYourOwnMatter: the answerer took part, reports to somebody who did, or is no person.
        NeedsClinician: no licence that is valid on the day.
    """
    if answerer.is_machine:
        raise NotYourOwnMatter("A person answers a complaint.")
    if answerer.key in involved:
        raise NotYourOwnMatter("You took part in what this complaint is about. Hand it to a colleague.")
    if answerer.superiors & involved:
        raise NotYourOwnMatter(
            "You report to somebody who took part in what this complaint is about. Hand it to a colleague."
        )
    if clinicians_law and not answerer.is_licensed:
        raise NeedsClinician(
            f"A clinician with a valid licence answers this complaint ({clinicians_law}). Hand it to one of the desk."
        )
