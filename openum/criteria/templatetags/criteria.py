"""Says the sentences of a guideline in the reader's language."""

from collections.abc import Sequence

from django import template
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from openum.cases.kinds import kind_words
from openum.criteria.maps import LinkFact
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
    return kind_words(title)


@register.filter
def alike(links: Sequence[LinkFact]) -> list[tuple[LinkFact, int]]:
    """Return each place once, and how many there are that read the same."""
    counts: dict[tuple[object, ...], list[LinkFact]] = {}
    for link in links:
        counts.setdefault((link.title, link.page, link.quote, link.linked_by, link.is_confirmed), []).append(link)
    return [(group[0], len(group)) for group in counts.values()]
