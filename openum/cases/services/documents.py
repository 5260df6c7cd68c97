"""Documents, clinical resources and notes of a case."""

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pypdfium2
from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.cases.events import DocumentReceived, NoteWritten
from openum.cases.models import Attachment, AttachmentPage, Case, Note, Request, ServiceLine
from openum.cases.pictures import PDFIUM
from openum.db import plain
from openum.db.text import clean
from openum.db.transactions import atomic
from openum.vocabulary.canonical import json_bytes
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import Channel


@dataclass(frozen=True, kw_only=True)
class NewDocument:
    """A document or resource to attach: bytes for a document, a resource for FHIR."""

    title: str
    content_type: str
    content: bytes = b""
    resource: dict[str, Any] | None = None
    document_kind: str = ""
    source_key: str = ""
    page_texts: tuple[str, ...] = ()
    page_origins: tuple[str, ...] = ()
    """Where each of the page texts came from; empty: somebody typed them."""


RECOGNIZED = "ocr"
"""How the origin of a page begins whose text was recognized from a picture, for example `ocr tesseract 5`."""


def text_layer(document: NewDocument) -> list[tuple[int, str, str]]:
    """Return (page number, text, origin) for what can be read without OCR; a broken file has no text layer."""
    if document.page_texts:
        origins = document.page_origins or ("typed",) * len(document.page_texts)
        return [
            (number, clean(text), origin)
            for number, (text, origin) in enumerate(zip(document.page_texts, origins, strict=True), start=1)
        ]
    if document.content_type == "application/pdf":
        try:
            with PDFIUM:
                pages = pypdfium2.PdfDocument(io.BytesIO(document.content))
                return [
                    (number, clean(page.get_textpage().get_text_range()), "pdf-text")
                    for number, page in enumerate(pages, start=1)
                ]
        except pypdfium2.PdfiumError:
            return []
    if document.content_type.startswith("text/"):
        return [(1, clean(document.content.decode("utf-8", errors="replace")), "text")]
    return []


@atomic
def attach(
    *,
    case: Case,
    request: Request | None,
    documents: Sequence[NewDocument],
    channel: Channel,
    by: User,
    at: datetime,
    is_new_case: bool = False,
) -> list[Attachment]:
    """Attach documents to a case, each once by its content, and make their text layers.

    Args:
        is_new_case: nothing can be attached yet, so nothing needs to be compared.

    Raises:
        Invalid: an empty file.
    """
    rows: list[Attachment] = []
    texts: dict[tuple[str, str], list[tuple[int, str, str]]] = {}
    for document in documents:
        content = json_bytes(document.resource) if document.resource is not None else document.content
        if not content:
            raise Invalid("The file is empty. Choose it again, or send another copy.")
        digest = hashlib.sha256(content).hexdigest()
        if (digest, document.source_key) in texts:
            continue
        is_resource = document.resource is not None
        row = plain.new(
            Attachment, case=case, request=request, kind=Attachment.FHIR if is_resource else Attachment.DOCUMENT,
            title=clean(document.title), document_kind=document.document_kind, content_type=document.content_type,
            digest=digest, size=len(content), content=None if is_resource else document.content,
            resource=document.resource, source_key=document.source_key, channel=channel, received_at=at,
            received_from=by,
        )  # fmt: skip
        rows.append(row)
        texts[digest, document.source_key] = [] if is_resource else text_layer(document)
    if not rows:
        return []
    known = {} if is_new_case else _known_attachments(case, rows)
    new = [row for row in rows if (row.digest, row.source_key) not in known]
    plain.insert(new)
    pages = [
        AttachmentPage(attachment=row, number=number, text=text, origin=origin)
        for row in new
        for number, text, origin in texts[row.digest, row.source_key]
    ]
    plain.insert(pages)
    if new:
        audit.record(
            DocumentReceived(
                case_id=case.public_id,
                attachment_ids=tuple(row.public_id for row in new),
                has_recognized_text=any(page.origin.startswith(RECOGNIZED) for page in pages),
            ),
            by=by,
            at=at,
        )
    return [known.get((row.digest, row.source_key), row) for row in rows]


def _known_attachments(case: Case, rows: Sequence[Attachment]) -> dict[tuple[str, str], Attachment]:
    same = Attachment.objects.filter(case=case, digest__in=[row.digest for row in rows])
    return {(row.digest, row.source_key): row for row in same}


@transaction.atomic
def write_note(
    *,
    case: Case,
    text: str,
    by: User,
    at: datetime,
    line: ServiceLine | None = None,
    purpose: str = "general",
    is_part_of_record: bool = True,
) -> Note:
    """Add a note to a case.

    Raises:
        Invalid: an empty note.
    """
    if not text.strip():
        raise Invalid("The note is empty. Write it, or leave it.")
    note = Note.objects.create(
        case=case, line=line, text=clean(text.strip()), purpose=purpose, is_part_of_record=is_part_of_record,
        written_by=by, written_at=at,
    )  # fmt: skip
    audit.record(
        NoteWritten(
            case_id=case.public_id, line_ids=(line.public_id,) if line else (), note_id=note.public_id, cause=purpose
        ),
        by=by,
        at=at,
    )
    return note
