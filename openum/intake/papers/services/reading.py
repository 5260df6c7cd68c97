"""Reads a page in the worker: the text that a PDF carries itself, else text recognition where it is installed."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from PIL import Image

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.queries import rules_engine
from openum.accounts.rules import Permission
from openum.cases.pictures import PDF, PaperNotUsable, picture_of, typed_rows
from openum.db.text import clean
from openum.intake.events import PageRead
from openum.intake.models import FieldReading, Paper, PaperPage
from openum.intake.papers.services.receiving import READ_PAGE
from openum.intake.reading import engine
from openum.intake.reading.fields import read_fields
from openum.intake.reading.words import Word
from openum.jobs.services import enqueue
from openum.submission.drafts import kind_of_file

PDF_TEXT = "pdf-text"
_ENOUGH_ROWS = 6
"""Rows of its own from which on a PDF page needs no recognition; a scan with a printed header line has fewer."""


def read_page(page: PaperPage, *, at: datetime) -> None:
    """Read one page and keep what was found. Reading it again replaces what no person has settled.

    The reading itself runs without a transaction: it takes seconds.
    """
    raw = bytes(page.source.raw or b"")
    content_type = kind_of_file(raw)
    if content_type == PDF:
        rows, shape = typed_rows(raw, number=page.source_number)
        if len(rows) >= _ENOUGH_ROWS:
            words = [Word(clean(text), 1.0, place) for text, place in rows]
            _keep(page, engine.Recognised(tuple(words), shape=shape), PDF_TEXT, hashlib.sha256(raw).hexdigest(), at=at)
            return
    if not engine.is_available():
        _could_not(page, "not-installed", at=at)
        return
    try:
        picture = picture_of(raw, content_type, number=page.source_number)
    except PaperNotUsable:
        _could_not(page, "failed", at=at)
        return
    _keep(page, engine.recognise(picture), engine.version(), _digest(picture), at=at)


def _digest(picture: Image.Image) -> str:
    return hashlib.sha256(repr(picture.size).encode() + picture.tobytes()).hexdigest()


@transaction.atomic
def _keep(page: PaperPage, read: engine.Recognised, reader: str, digest: str, *, at: datetime) -> None:
    page = PaperPage.objects.select_for_update(of=("self",)).select_related("paper").get(pk=page.pk)
    was_turned = page.read_at is None and page.turn != 0
    page.words = [[clean(word.text), word.confidence, *word.box] for word in read.words]
    page.read_turn, page.skew, page.read_shape = read.turn, read.skew, read.shape
    page.reader, page.input_digest = reader, digest
    page.not_read_because, page.read_at = "", at
    if not was_turned:
        page.turn = read.turn
    page.save()
    fields = read_fields(read.words)
    _keep_fields(page, [(one.key, clean(one.value), one.confidence, list(one.box)) for one in fields])
    audit.record(
        PageRead(paper_id=page.paper.public_id, page_id=page.public_id, fields=len(fields)), by=rules_engine(), at=at
    )


def _keep_fields(page: PaperPage, found: Sequence[tuple[str, str, float, list[float]]]) -> None:
    settled = set(page.readings.exclude(settled="").values_list("key", flat=True))
    page.readings.filter(settled="").delete()
    FieldReading.objects.bulk_create(
        FieldReading(page=page, key=key, value=value, confidence=confidence, box=box)
        for key, value, confidence, box in found
        if key not in settled
    )


@transaction.atomic
def _could_not(page: PaperPage, why: str, *, at: datetime) -> None:
    PaperPage.objects.filter(pk=page.pk).update(not_read_because=why, read_at=at)
    audit.record(
        PageRead(paper_id=page.paper.public_id, page_id=page.public_id, fields=0, cause=why), by=rules_engine(), at=at
    )


@permitted(Permission.MATCH_INTAKE, on="paper")
@transaction.atomic
def ask_to_read(*, paper: Paper, page: PaperPage, by: User, at: datetime) -> None:
    """Have a page read that was left for later, or could not be read before."""
    row = paper.pages.select_for_update().get(pk=page.pk)
    row.read_at, row.not_read_because = None, ""
    row.save(update_fields=["read_at", "not_read_because"])
    enqueue(
        READ_PAGE, {"page": str(row.public_id)}, run_at=at, dedupe_key=f"{READ_PAGE}:{row.public_id}:{at.isoformat()}"
    )
