"""Says the sentences of a guideline in the reader's language."""

from django import template
from django.utils.translation import get_language

from openum.criteria.tree import Text

register = template.Library()


@register.filter
def say(text: Text | None) -> str:
    """Return a sentence in the language of the page."""
    return text.in_language(get_language() or "en") if text else ""
