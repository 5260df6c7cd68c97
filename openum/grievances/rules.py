"""Complaints: what they are about, which are fast, who may answer, what an answer holds. Pure."""

from enum import StrEnum
from typing import ClassVar

from openum.vocabulary.errors import Conflict, Invalid, NotAllowed


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


class NotFast(Conflict):
    """Only the answer to a fast complaint may be given by telephone before its letter."""

    code: ClassVar[str] = "not-fast"


class DeciderInvolved(NotAllowed):
    """Whoever took part in the decision does not answer the provider's dispute of it."""

    code: ClassVar[str] = "decider-involved"


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


def check_may_answer(*, answerer: str, involved: frozenset[str], is_machine: bool) -> None:
    """Refuse software, and whoever did what the complaint is about (42 CFR 438.406(b)(2)).

    Raises:
        NotYourOwnMatter: the answerer took part, or is no person.
    """
    if is_machine:
        raise NotYourOwnMatter("A person answers a complaint.")
    if answerer in involved:
        raise NotYourOwnMatter("You took part in what this complaint is about. Hand it to a colleague.")
