"""Reads of notes that stand at places, and of who must not be named in those for the letter."""

import re
from typing import Any

from openum.cases.holdings import holds
from openum.cases.models import Party, ServiceLine
from openum.criteria.maps import MapView
from openum.design.moments import day, local_day, short_moment
from openum.directory.models import Member
from openum.review.models import AnchoredNote
from openum.vocabulary.terms import PartyRole

_OF_PROVIDERS = {
    PartyRole.REQUESTER, PartyRole.ORDERING, PartyRole.TREATING, PartyRole.SERVICING, PartyRole.FACILITY,
}  # fmt: skip


def notes_at(line: ServiceLine) -> list[AnchoredNote]:
    """Return the notes that stand at places of a line, oldest first, without those taken away."""
    if not holds(line.case, AnchoredNote):
        return []
    return list(
        AnchoredNote.objects.filter(line=line, removed_at__isnull=True)
        .select_related("note__written_by", "attachment")
        .defer("attachment__content")
        .order_by("note__written_at", "pk")
    )


def source_of(row: AnchoredNote, *, zone: str) -> str:
    """Return where a note comes from, as a letter says it: the document with its day and page, or the criterion."""
    if row.attachment is not None:
        page = f", page {row.page}" if row.page else ""
        return f"{row.attachment.title}, received {day(local_day(row.attachment.received_at, zone))}{page}"
    return f"criterion {row.leaf}"


def note_rows(rows: list[AnchoredNote], picture: MapView, *, zone: str) -> list[dict[str, Any]]:
    """Return notes as pages show them."""
    questions = {leaf.key: leaf.question.en for leaf in picture.leaves}
    return [
        {
            "row": row,
            "key": str(row.public_id),
            "words": row.note.text,
            "source": source_of(row, zone=zone),
            "criterion": f"{row.leaf} {questions.get(row.leaf, '')}".strip(),
            "by": row.note.written_by.name,
            "at": short_moment(row.note.written_at, zone),
        }
        for row in rows
    ]


def own_numbers(line: ServiceLine) -> set[str]:
    """Return the numbers that a note about a line may name: of its case, and of its authorizations."""
    return {line.case.number, *(number for number in (line.previous_authorization_number,) if number)}


def people_beside(line: ServiceLine, text: str) -> list[tuple[str, str]]:
    """Return the names that a letter must not hold, as far as a text may name them.

    They are people of the request who are neither member nor provider, and other members of the plan.
    """
    parties = Party.objects.filter(request__case=line.case).exclude(role__in=_OF_PROVIDERS)
    named = [name.rsplit(" ", 1) for name in parties.values_list("name", flat=True) if " " in name]
    words = {word for word in re.findall(r"[^\W\d_][\w'’-]*", text) if word[:1].isupper()}
    members = Member.objects.filter(plan=line.case.plan, family_name__in=words).exclude(pk=line.case.member_id)
    others = [(given, family) for given, family in (*named, *members.values_list("given_name", "family_name")[:200])]
    return [name for name in others if name != _name(line)]


def _name(line: ServiceLine) -> tuple[str, str]:
    return (line.case.member.given_name, line.case.member.family_name)
