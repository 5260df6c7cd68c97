"""Says the sentences of a guideline in the reader's language."""

from django import template
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from openum.criteria.tree import Text

register = template.Library()


@register.filter
def say(text: Text | None) -> str:
    """Return a sentence in the language of the page."""
    return text.in_language(get_language() or "en") if text else ""


@register.filter
def place(title: str) -> str:
    """Return what a linked place is called; a diagnosis of the request itself has no document."""
    if title.startswith("Condition/request-diagnosis-"):
        return _("Diagnosis %(n)s of the request") % {"n": title.rsplit("-", 1)[1]}
    return title
