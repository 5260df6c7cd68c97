"""What a plan asked a provider for, in the language of the reader."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from openum.cases.models import InformationItem
from openum.criteria.queries import standing_match
from openum.intake.checklist.queries import lists_for

_STATES = {"received": _("received"), "waived": _("no longer needed")}


@dataclass(frozen=True, slots=True)
class AskedFor:
    """One item: its row, its words, and what became of it (empty while it is awaited)."""

    item: InformationItem
    words: str
    state: str


def asked_for(items: Iterable[InformationItem]) -> list[AskedFor]:
    """Return items in words. A text that the guideline or a list of papers itself has is said in the
    reader's language.
    """
    language = get_language() or "en"
    return [AskedFor(item, _words(item, language), str(_STATES.get(item.state, ""))) for item in items]


def _words(item: InformationItem, language: str) -> str:
    if language.startswith("en"):
        return item.text
    if item.document_kind and not item.leaf:
        case = item.line.case
        for each in lists_for(case.plan, received_at=item.line.request.received_at):
            for paper in each.papers.papers:
                if paper.kind == item.document_kind and paper.in_language("en") == item.text.strip():
                    return paper.in_language(language)
    if item.leaf:
        guideline = standing_match(item.line).guideline
        leaf = guideline.leaf(item.leaf) if guideline else None
        if leaf is not None and leaf.to_satisfy.en.strip() == item.text.strip():
            return leaf.to_satisfy.in_language(language)
    return item.text
