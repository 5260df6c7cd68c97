"""When a caller is who they say. Pure."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final

from openum.vocabulary.errors import Invalid, NotAllowed


class Fact(StrEnum):
    """What a caller can say that stands on file."""

    MEMBER_NUMBER = "member_number"
    NAME = "name"
    BIRTH_DATE = "birth_date"
    PHONE = "phone"
    STREET = "street"


class Caller(StrEnum):
    """In whose person somebody calls."""

    MEMBER = "member"
    REPRESENTATIVE = "representative"
    PROVIDER = "provider"


class Act(StrEnum):
    """What was done in a call."""

    NOTE = "note"
    REQUEST = "request"
    APPEAL = "appeal"
    COMPLAINT = "complaint"
    LETTER = "letter"
    LANGUAGE = "language"


LEAST_FACTS: Final = 2
"""Facts that must agree with what is on file."""

MOST_FAILURES: Final = 5
"""Failed checks for one member number within FAILURE_MINUTES, whoever takes the calls."""
FAILURE_MINUTES: Final = 60

CALL_MINUTES: Final = 60
"""A call ends by itself after this time; then the caller is checked anew."""


class TooFewFacts(Invalid):
    """A check takes two facts besides what finds the member."""

    code: ClassVar[str] = "too-few-facts"


class TooManyChecks(NotAllowed):
    """Too many failed checks for one member number."""

    code: ClassVar[str] = "too-many-checks"


@dataclass(frozen=True)
class Checked:
    """What a check found: which facts were asked and which agreed, never what was said."""

    asked: frozenset[Fact]
    agreed: frozenset[Fact]

    @property
    def is_verified(self) -> bool:
        """Say whether enough agreed and nothing was wrong."""
        return len(self.agreed) >= LEAST_FACTS and self.asked == self.agreed


def plain(text: str) -> str:
    """Return letters and digits only, without accents and case, as people say them on the phone."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in folded if letter.isalnum())


def check(said: Mapping[Fact, str], on_file: Mapping[Fact, str]) -> Checked:
    """Compare what a caller said with what is on file. A fact that is not on file agrees with nothing."""
    asked = frozenset(fact for fact, words in said.items() if plain(words))
    agreed = frozenset(fact for fact in asked if plain(on_file.get(fact, "")) == plain(said[fact]))
    return Checked(asked, agreed)


def check_enough_asked(said: Mapping[Fact, str]) -> None:
    """Refuse a check with too few facts.

    Raises:
        TooFewFacts: fewer than two.
    """
    if sum(bool(plain(words)) for words in said.values()) < LEAST_FACTS:
        raise TooFewFacts(
            "Ask for two facts or more, one of them the member number or the name with the date of birth."
        )


def check_may_check(*, failures: int) -> None:
    """Refuse further checks after too many that failed.

    Raises:
        TooManyChecks: the number rests for a while.
    """
    if failures >= MOST_FAILURES:
        raise TooManyChecks(
            f"Too many checks failed for this member number. Wait {FAILURE_MINUTES} minutes, or ask the caller to write."
        )
