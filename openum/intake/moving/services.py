"""Move a paper, or pages of it, to the case where they belong; and undo it. What was received is never changed."""

import io
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import ClassVar

import pypdfium2
from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.cases.models import Attachment, AttachmentPage, Case, InformationItem
from openum.cases.pictures import PDFIUM
from openum.cases.services import NewDocument, attach
from openum.criteria.services import close_links_of
from openum.db.text import clean
from openum.intake.events import PaperMovedAway, PaperMovedHere
from openum.intake.models import PaperMove
from openum.vocabulary.errors import Conflict, Invalid, Missing
from openum.vocabulary.terms import Channel
from openum.work.services import tell_holders

_PDF = "application/pdf"
_TO_READ = timedelta(hours=24)
_LEAST_WORDS = 5


class CannotMove(Conflict):
    """The paper was moved meanwhile, or lies where it belongs."""

    code: ClassVar[str] = "cannot-move"


@permitted(Permission.MATCH_INTAKE, on="document.case")
@transaction.atomic
def move_paper(
    *, document: Attachment, to: Case, reason: str, by: User, at: datetime, pages: Sequence[int] = ()
) -> PaperMove:
    """Move a paper, or some pages of a PDF, to another case with the receipt they had.

    The wrong case shows them no longer, links of criteria to them are closed on both ways, and who works on either case
    gets a task. What the paper had answered stands open in the words of that task: a person asks again.

    Args:
        to: a case of a plan the person does intake for.
        pages: numbers from 1; none: the whole paper.

    Raises:
        CannotMove: the same case, or it was moved meanwhile.
        Missing: the other case is not one of the person's.
        Invalid: no reason, pages it has not, or pages of something that is no PDF.
    """
    document = Attachment.objects.select_for_update(of=("self",)).select_related("case__member").get(pk=document.pk)
    source = document.case
    if to.plan_id not in scope_of(by).plans_with(Permission.MATCH_INTAKE):
        raise Missing("There is no such case.")
    if document.moved_to_id is not None:
        raise CannotMove("This paper was moved meanwhile. Reload the page.")
    if to.pk == source.pk:
        raise CannotMove("The paper lies at this case already. Give the number of the case where it belongs.")
    if document.kind != Attachment.DOCUMENT:
        raise Invalid(
            "Records that came as data are not moved. Ask the sender to send them again for the right person."
        )
    if len(reason.strip()) < _LEAST_WORDS:
        raise Invalid("Say how it is known where the paper belongs.")
    chosen = _chosen(document, pages)
    there = _same(document, to, chosen)
    was_there = there is not None and there.moved_to_id is None
    copy = there if there is not None and was_there else _put(document, to, chosen, by=by, at=at)
    rest = _put(document, source, _others(document, chosen), by=by, at=at) if chosen else None
    Attachment.objects.filter(pk=document.pk).update(moved_to=to)
    closed = close_links_of(document, by=by, at=at)
    move = PaperMove.objects.create(
        document=document, source=source, target=to, copy=copy, rest=rest, was_there=was_there, pages=list(chosen),
        is_other_member=source.member_id != to.member_id, links_closed=closed, reason=clean(reason.strip())[:2000],
        moved_by=by, moved_at=at,
    )  # fmt: skip
    _tell(move, away=source, here=to, cause="moved", by=by, at=at)
    return move


@permitted(Permission.MATCH_INTAKE, on="move.source")
@transaction.atomic
def undo_move(*, move: PaperMove, reason: str, by: User, at: datetime) -> PaperMove:
    """Put a paper back where it was; links made at the other case are closed.

    Raises:
        CannotMove: undone already, or moved on since.
        Invalid: no reason.
    """
    move = PaperMove.objects.select_for_update(of=("self",)).select_related("document", "copy", "rest").get(pk=move.pk)
    if move.undone_at is not None or move.copy.moved_to_id is not None:
        raise CannotMove("This was undone already, or the paper was moved on since. Reload the page.")
    if len(reason.strip()) < _LEAST_WORDS:
        raise Invalid("Say why it is put back.")
    Attachment.objects.filter(pk=move.document_id).update(moved_to=None)
    if not move.was_there:
        Attachment.objects.filter(pk=move.copy_id).update(moved_to=move.source_id)
        close_links_of(move.copy, by=by, at=at)
    if move.rest is not None:
        Attachment.objects.filter(pk=move.rest.pk).update(moved_to=move.source_id)
        close_links_of(move.rest, by=by, at=at)
    move.undone_by, move.undone_at, move.undone_because = by, at, clean(reason.strip())[:2000]
    move.save(update_fields=["undone_by", "undone_at", "undone_because"])
    _tell(move, away=move.target, here=move.source, cause="undone", by=by, at=at)
    return move


def _chosen(document: Attachment, pages: Sequence[int]) -> list[int]:
    """Return the pages to move in order; none when all of them are meant."""
    chosen = sorted(set(pages))
    if not chosen:
        return []
    if document.content_type != _PDF:
        raise Invalid("Only pages of a PDF are moved by themselves. Move the whole paper.")
    count = _page_count(bytes(document.content or b""))
    if chosen[0] < 1 or chosen[-1] > count:
        raise Invalid(f"The paper has {count} pages. Name pages from 1 to {count}.")
    return [] if len(chosen) == count else chosen


def _others(document: Attachment, chosen: Sequence[int]) -> list[int]:
    return [number for number in range(1, _page_count(bytes(document.content or b"")) + 1) if number not in chosen]


def _page_count(content: bytes) -> int:
    with PDFIUM:
        try:
            opened = pypdfium2.PdfDocument(content)
            count = len(opened)
            opened.close()
        except pypdfium2.PdfiumError:
            raise Invalid("The file cannot be opened as a PDF. Move the whole paper.") from None
    return count


def _pages_of(content: bytes, numbers: Sequence[int]) -> bytes:
    made = io.BytesIO()
    with PDFIUM:
        opened, new = pypdfium2.PdfDocument(content), pypdfium2.PdfDocument.new()
        new.import_pages(opened, pages=[number - 1 for number in numbers])
        new.save(made)
        new.close()
        opened.close()
    return made.getvalue()


def _same(document: Attachment, case: Case, chosen: Sequence[int]) -> Attachment | None:
    if chosen:
        return None
    return Attachment.objects.filter(case=case, digest=document.digest, source_key=document.source_key).first()


def _put(document: Attachment, case: Case, numbers: Sequence[int], *, by: User, at: datetime) -> Attachment:
    """Put a paper, or pages of it, on a case with the texts that were read of it and the receipt it had."""
    content = bytes(document.content or b"")
    texts = {row.number: (row.text, row.origin) for row in AttachmentPage.objects.filter(attachment=document)}
    wanted = numbers or sorted(texts)
    read = [texts.get(number, ("", "none")) for number in wanted] if texts else []
    new = NewDocument(
        title=document.title, content_type=document.content_type,
        content=_pages_of(content, numbers) if numbers else content, document_kind=document.document_kind,
        source_key=document.source_key, page_texts=tuple(text for text, _origin in read),
        page_origins=tuple(origin for _text, origin in read),
    )  # fmt: skip
    put = attach(case=case, request=None, documents=[new], channel=Channel(document.channel), by=by, at=at)[0]
    Attachment.objects.filter(pk=put.pk).update(
        moved_to=None, received_at=document.received_at, is_sensitive=document.is_sensitive
    )
    put.refresh_from_db()
    return put


def _tell(move: PaperMove, *, away: Case, here: Case, cause: str, by: User, at: datetime) -> None:
    """Write both trails, and give a task to who works on either case."""
    audit.record(PaperMovedAway(case_id=away.public_id, move_id=move.public_id, cause=cause), by=by, at=at)
    audit.record(PaperMovedHere(case_id=here.public_id, move_id=move.public_id, cause=cause), by=by, at=at)
    answered = InformationItem.objects.filter(
        attachment=move.document if away.pk == move.source_id else move.copy, state=InformationItem.RECEIVED
    ).count()
    detail = (
        f"Links closed: {move.links_closed}. Things it had answered: {answered}. Ask again for what is missing now."
    )
    tell_holders(
        case=away, title="A paper was moved away: read what the criteria rest on", detail=detail, due_at=at + _TO_READ,
        by=by, at=at,
    )  # fmt: skip
    tell_holders(case=here, title="A paper was moved here: read it", detail="", due_at=at + _TO_READ, by=by, at=at)
