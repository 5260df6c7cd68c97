"""Clinical records that came as data, in words: for the review pages and the case file."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from openum.cases.kinds import kind_words
from openum.cases.models import Attachment, ServiceLine
from openum.criteria.queries import standing_match
from openum.review.resources import facts_of


def labels_of(line: ServiceLine) -> dict[str, str]:
    """Return the words of the guideline's typed questions by their link."""
    guideline = standing_match(line).guideline
    language = get_language() or "en"
    return {link: answer.label.in_language(language) for link, answer in guideline.answers.items()} if guideline else {}


def records_of(
    resources: Sequence[Attachment], numbers: Mapping[str, int], labels: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return the clinical records that say something, those linked to a criterion first."""
    shown = [
        {
            "attachment": item,
            "kind": kind_words(str(item.resource.get("resourceType", ""))),
            "facts": facts_of(item.resource, labels),
            "number": numbers.get(item.source_key),
        }
        for item in resources
        if item.resource
    ]
    return sorted(
        (item for item in shown if item["facts"]), key=lambda item: (item["number"] is None, item["number"] or 0)
    )


def listed(resources: Sequence[Attachment], labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the records for the case file: one entry for what is alike but for its day, with all the days."""
    entries: dict[tuple[str, tuple[tuple[str, str], ...]], list[str]] = {}
    for record in records_of(resources, {}, labels):
        facts = tuple((label, value) for label, value in record["facts"] if label != _WHEN)
        days = [value for label, value in record["facts"] if label == _WHEN]
        entries.setdefault((record["kind"], facts), []).extend(days)
    return [
        {"kind": kind, "facts": facts, "days": ", ".join(sorted(dict.fromkeys(days))), "label": _("When")}
        for (kind, facts), days in entries.items()
    ]


_WHEN = "When"
