"""The pre-brief of a conversation: what is open, with the evidence, the same for both sides.

It shows what the practice may see and nothing else: no working notes, no sensitive documents, no machine's proposal that
nobody confirmed. The plan's physician reads the same words as the ordering doctor.
"""

from dataclasses import dataclass

from openum.cases.models import Attachment, Note, ServiceLine
from openum.criteria.maps import LeafView, LinkFact
from openum.criteria.queries import current_map


@dataclass(frozen=True, slots=True)
class Evidence:
    """One place in the record that bears on a criterion."""

    title: str
    page: int | None
    quote: str


@dataclass(frozen=True, slots=True)
class BriefPoint:
    """One criterion that stands in the way: what was found, what would close it, and where it was looked for."""

    key: str
    question: str
    value: str
    to_close: str
    missing: tuple[str, ...]
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Brief:
    """What both sides read before they talk."""

    has_guideline: bool
    points: tuple[BriefPoint, ...]
    in_the_way: tuple[str, ...]


def brief_of(line: ServiceLine, language: str) -> Brief:
    """Return the pre-brief of a line as it stands now."""
    view = current_map(line)
    shown = {
        str(public_id)
        for public_id in Attachment.objects.filter(
            case=line.case, moved_to__isnull=True, is_sensitive=False
        ).values_list("public_id", flat=True)
    }
    notes = Note.objects.filter(line=line, purpose="intent-to-deny").order_by("written_at", "pk")
    return Brief(
        has_guideline=view.has_guideline,
        points=tuple(_point(leaf, language, shown) for leaf in view.in_the_way),
        in_the_way=tuple(notes.values_list("text", flat=True)),
    )


def _point(leaf: LeafView, language: str, shown: set[str]) -> BriefPoint:
    return BriefPoint(
        key=leaf.key,
        question=leaf.question.in_language(language),
        value=leaf.as_asked.value,
        to_close=leaf.to_satisfy.in_language(language),
        missing=tuple(str(item.get("note") or item["element"]) for item in leaf.missing),
        evidence=tuple(
            Evidence(link.title, link.page, link.quote) for link in leaf.links if _may_be_shown(link, shown)
        ),
    )


def _may_be_shown(link: LinkFact, shown: set[str]) -> bool:
    return bool(link.attachment_id) and link.attachment_id in shown and (link.is_confirmed or not link.is_machine)
