"""Notes of places that who decides takes into the reason: composed with their source, and kept with the decision."""

from collections.abc import Sequence
from datetime import datetime

from openum import audit
from openum.accounts.models import User
from openum.cases.models import ServiceLine
from openum.determination.events import NotesCarried
from openum.determination.models import CarriedNote, Determination
from openum.review.models import AnchoredNote
from openum.review.queries.notes import notes_at, own_numbers, people_beside, source_of
from openum.review.rules.flowing import check_may_flow
from openum.review.services.anchored import NoteGone


def compose_rationale(line: ServiceLine, rationale: str, keys: Sequence[str]) -> tuple[str, list[AnchoredNote]]:
    """Return a reason with the notes that were accepted into it, each with its source, and those notes.

    Raises:
        NoteGone: a note was taken away, or is not for the letter.
        NotForTheLetter: its words may not reach the member.
    """
    if not keys:
        return rationale, []
    offered = {str(row.public_id): row for row in notes_at(line) if row.is_for_letter}
    chosen = list(dict.fromkeys(keys))
    if set(chosen) - set(offered):
        raise NoteGone("A note you chose for the letter was taken away. Reload the page and choose again.")
    notes = [offered[key] for key in chosen]
    for row in notes:
        check_may_flow(row.note.text, own_numbers=own_numbers(line), others=people_beside(line, row.note.text))
    return "\n\n".join([rationale.strip(), *(f"{row.note.text} ({_source(line, row)})" for row in notes)]), notes


def keep_carried(determination: Determination, notes: Sequence[AnchoredNote], *, by: User, at: datetime) -> None:
    """Keep which notes a decision took, as they stand now."""
    if not notes:
        return
    line = determination.line
    CarriedNote.objects.bulk_create(
        CarriedNote(determination=determination, anchored=row, words=row.note.text, source=_source(line, row))
        for row in notes
    )
    event = NotesCarried(
        case_id=line.case.public_id, line_ids=(line.public_id,), determination_id=determination.public_id,
        note_ids=tuple(row.note.public_id for row in notes),
    )  # fmt: skip
    audit.record(event, by=by, at=at)


def _source(line: ServiceLine, row: AnchoredNote) -> str:
    return source_of(row, zone=line.case.plan.time_zone)
