"""The words of an answer, for people."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, gettext_noop
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


_SATISFIED = gettext_noop("Authorization %(number)s covers this service.")
OURS = (
    gettext_noop("No published requirement speaks of this service. Ask the plan."),
    gettext_noop("The order names no code that the plan can look up. Add a procedure, supply or drug code."),
    gettext_noop("It depends on which of the codes is billed. Order the exact service."),
)
"""What the rules say of themselves, where no list speaks."""


def spoken(answer: Assertion) -> dict[str, Any]:
    """Return what was said, in the language of the page; a sentence that a list has in English only stays so."""
    said = answer.statement
    spanish = said.get("spanish", {}) if (get_language() or "en").startswith("es") else {}

    def say(sentence: str) -> str:
        return spanish.get(sentence) or (gettext(sentence) if sentence in OURS else sentence)

    is_satisfied = answer.authorization == Authorization.SATISFIED
    reason = gettext(_SATISFIED) % {"number": answer.satisfied_pa_id} if is_satisfied else say(answer.reason)
    made = {**said, "reason": reason}
    for name in ("instructions", "how_to_ask"):
        made[name] = say(said.get(name, ""))
    for name in ("alternatives", "companions"):
        made[name] = [say(one) for one in said.get(name, [])]
    made["references"] = [{**one, "label": say(one["label"])} for one in said.get("references", [])]
    if said.get("guideline"):
        made["guideline"] = {**said["guideline"], "title": say(said["guideline"]["title"])}
    return made
