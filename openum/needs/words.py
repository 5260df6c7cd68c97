"""The words of an answer, for people."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from openum.needs.rules import Authorization, Covered

OUTCOMES: dict[str, str | Promise] = {
    Authorization.NEEDED: _("Authorization needed"),
    Authorization.NONE: _("No authorization needed"),
    Authorization.CONDITIONAL: _("It depends"),
    Authorization.BY_PERFORMER: _("Whoever does it asks for authorization"),
    Authorization.SATISFIED: _("Authorized already"),
}


def outcome_words(*, covered: str, authorization: str) -> str | Promise:
    """Return the answer in a few words."""
    if covered == Covered.NOT_COVERED:
        return _("Not covered")
    return OUTCOMES.get(authorization, _("It depends"))
