"""The words of an answer, for people."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from openum.needs.models import Assertion
from openum.needs.rules import Authorization, Covered

Words = str | Promise


@dataclass(frozen=True)
class Look:
    """How an answer shows: its words, and shape and tone of its chip."""

    words: Words
    shape: str
    tone: str


_NOT_COVERED = Look(_("Not covered"), "square", "attention")
_DEPENDS = Look(_("It depends"), "half", "attention")
_LOOKS: dict[str, Look] = {
    Authorization.NEEDED: Look(_("Authorization needed"), "target", "pended"),
    Authorization.NONE: Look(_("No authorization needed"), "circle", "ok"),
    Authorization.BY_PERFORMER: Look(_("Whoever does it asks for authorization"), "arrow", "info"),
    Authorization.SATISFIED: Look(_("Authorized already"), "check", "ok"),
}


def look_of(answer: Assertion) -> Look:
    """Return how an answer shows."""
    if answer.covered == Covered.NOT_COVERED:
        return _NOT_COVERED
    return _LOOKS.get(answer.authorization, _DEPENDS)
