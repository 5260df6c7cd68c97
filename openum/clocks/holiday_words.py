"""The federal holidays in the reader's language (5 U.S.C. 6103)."""

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

_OBSERVED = " (observed)"
_HOLIDAYS: dict[str, Promise] = {
    "New Year's Day": _("New Year's Day"),
    "Martin Luther King Jr. Day": _("Martin Luther King Jr. Day"),
    "Washington's Birthday": _("Washington's Birthday"),
    "Memorial Day": _("Memorial Day"),
    "Juneteenth National Independence Day": _("Juneteenth National Independence Day"),
    "Independence Day": _("Independence Day"),
    "Labor Day": _("Labor Day"),
    "Columbus Day": _("Columbus Day"),
    "Veterans Day": _("Veterans Day"),
    "Thanksgiving Day": _("Thanksgiving Day"),
    "Christmas Day": _("Christmas Day"),
}


def holiday_words(name: str) -> str:
    """Return what a holiday of the calendar is called; a day on which another is observed says so."""
    day = name.removesuffix(_OBSERVED)
    words = str(_HOLIDAYS.get(day, day))
    return gettext("%(holiday)s (observed)") % {"holiday": words} if name.endswith(_OBSERVED) else words
