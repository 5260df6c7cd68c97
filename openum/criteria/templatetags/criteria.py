"""Says the sentences of a guideline in the reader's language."""

from collections.abc import Mapping, Sequence

from django import template
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from openum.cases.kinds import kind_words
from openum.criteria.faces.words import rule_of
from openum.criteria.maps import LinkFact
from openum.criteria.tree import Group, Text

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


_STATUSES = {
    "draft": gettext_lazy("draft"),
    "reviewed": gettext_lazy("before the committee"),
    "approved": gettext_lazy("approved by the committee"),
    "published": gettext_lazy("published"),
    "retired": gettext_lazy("retired"),
}


@register.filter
def draft_status(status: str) -> str:
    """Return where a draft stands, in words."""
    return str(_STATUSES.get(status, status))


@register.filter
def rule_words(group: Group) -> str:
    """Return how the parts of a group are joined."""
    return rule_of(group)


@register.filter
def field(posted: Mapping[str, str], name: str) -> str:
    """Return a posted field whose name has points."""
    return posted.get(name, "")


@register.filter
def words(text: str) -> list[str]:
    """Return the words of a text."""
    return text.split()
