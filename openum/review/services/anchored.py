"""Writing notes at places, and taking them away. What a letter takes of them is a decider's step, never by itself."""

from datetime import datetime
from typing import ClassVar

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.cases.models import Attachment, ServiceLine
from openum.cases.services import write_note
from openum.criteria.services import find_place
from openum.db.text import clean
from openum.review.events import NoteAnchored, NoteTakenAway
from openum.review.models import AnchoredNote
from openum.review.queries.notes import own_numbers, people_beside
from openum.review.rules.flowing import check_may_flow
from openum.vocabulary.errors import Conflict, Invalid

ANCHORED = "anchored"
"""Purpose of the note that a place has."""


class NoteGone(Conflict):
    """The note was taken away meanwhile."""

    code: ClassVar[str] = "note-gone"


@permitted(Permission.REVIEW_LINES, on="line.case")
@transaction.atomic
def anchor_note(
    *,
    line: ServiceLine,
    text: str,
    is_for_letter: bool,
    by: User,
    at: datetime,
    leaf: str = "",
    attachment: Attachment | None = None,
    page: int | None = None,
    quote: str = "",
) -> AnchoredNote:
    """Write a note at words or a page of a document, at a criterion, or both.

    Raises:
        NotForTheLetter: it is meant for the letter and names somebody else, another case or a colleague.
        Invalid: no text, or no place.
        CriterionUnknown, EvidencePointsNowhere, QuoteNotOnPage: there is no such place.
    """
    if not leaf and attachment is None:
        raise Invalid("Choose the criterion or the page that the note stands at.")
    if is_for_letter:
        check_may_flow(text, own_numbers=own_numbers(line), others=people_beside(line, text))
    find_place(line, leaf=leaf, attachment=attachment, page=page, quote=quote)
    note = write_note(case=line.case, line=line, text=text, purpose=ANCHORED, by=by, at=at)
    row = AnchoredNote.objects.create(
        note=note, line=line, leaf=leaf, attachment=attachment, page=page if attachment else None, quote=clean(quote),
        is_for_letter=is_for_letter,
    )  # fmt: skip
    event = NoteAnchored(
        case_id=line.case.public_id, line_ids=(line.public_id,), note_id=note.public_id, is_for_letter=is_for_letter
    )
    audit.record(event, by=by, at=at)
    return row


@permitted(Permission.REVIEW_LINES, on="anchored.line.case")
@transaction.atomic
def take_note_away(*, anchored: AnchoredNote, because: str, by: User, at: datetime) -> AnchoredNote:
    """Take a note from its place and from what a letter may take; the note itself stays in the file.

    Raises:
        Invalid: no reason.
        NoteGone: it was taken away meanwhile.
    """
    if not because.strip():
        raise Invalid("Say why the note goes. It stays in the file; only its place and the letter lose it.")
    row = AnchoredNote.objects.select_for_update(of=("self",)).select_related("line__case", "note").get(pk=anchored.pk)
    if row.removed_at is not None:
        raise NoteGone("A colleague took this note away. Reload the page.")
    row.removed_by, row.removed_at, row.removed_because = by, at, clean(because.strip())[:500]
    row.save(update_fields=["removed_by", "removed_at", "removed_because"])
    event = NoteTakenAway(case_id=row.line.case.public_id, line_ids=(row.line.public_id,), note_id=row.note.public_id)
    audit.record(event, by=by, at=at)
    return row
