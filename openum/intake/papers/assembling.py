"""Draws the pages of a paper as they are shown, and makes the document that goes into the case."""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pypdfium2
from PIL import Image, ImageDraw

from openum.cases.pictures import PDF, PDFIUM, READING_DPI, picture_of
from openum.intake.models import FieldReading, PaperPage
from openum.intake.reading.engine import upright
from openum.intake.reading.turning import turned
from openum.intake.reading.words import Box, Word
from openum.submission.drafts import kind_of_file
from openum.submission.models import Submission

_CROP_MARGIN = 0.012
WIDE = 1000
"""Width of a page in the units of a cut."""
_JPEG_QUALITY = 80


@dataclass(frozen=True)
class Cut:
    """Where to look on the picture of a page: an SVG view box over the page's width and height, and the cut's own size."""

    view: str
    page_width: int
    page_height: int
    width: int
    height: int


def bytes_of(pages: Iterable[PaperPage]) -> dict[int, bytes]:
    """Return the bytes as received of every source of some pages, each once, by its key."""
    keys = {page.source_id for page in pages}
    return {row.pk: bytes(row.raw or b"") for row in Submission.objects.filter(pk__in=keys).only("pk", "raw")}


def shown(page: PaperPage, raw: bytes, *, dpi: int = READING_DPI) -> Image.Image:
    """Draw a page as it is shown: turned, levelled, its hidden areas black."""
    drawn = upright(
        picture_of(raw, kind_of_file(raw), number=page.source_number, dpi=dpi), turn=page.turn, skew=page.skew
    )
    pen = ImageDraw.Draw(drawn)
    for left, top, right, bottom in hidden_areas(page):
        pen.rectangle(
            (left * drawn.width, top * drawn.height, right * drawn.width, bottom * drawn.height), fill="black"
        )
    return drawn


def hidden_areas(page: PaperPage) -> list[Box]:
    """Return the blacked out areas as the page lies now."""
    return [turned((left, top, right, bottom), by=page.turn - at) for at, left, top, right, bottom in page.hidden]


def words_of(page: PaperPage) -> list[Word]:
    """Return what can be read on a page as it lies now, without what is blacked out."""
    areas = hidden_areas(page)
    words = [
        Word(text, confidence, turned((left, top, right, bottom), by=page.turn - page.read_turn))
        for text, confidence, left, top, right, bottom in page.words
    ]
    return [word for word in words if not any(_touch(word.box, area) for area in areas)]


def place_of(reading: FieldReading) -> Box:
    """Return where a value stands on its page as it lies now."""
    left, top, right, bottom = reading.box
    return turned((left, top, right, bottom), by=reading.page.turn - reading.page.read_turn)


def is_hidden(reading: FieldReading) -> bool:
    """Say whether somebody blacked out where a value stands."""
    return any(_touch(place_of(reading), area) for area in hidden_areas(reading.page))


def cut_of(reading: FieldReading) -> Cut:
    """Return the part of a page to show beside a value, with a little around it."""
    page = reading.page
    is_turned = (page.turn - page.read_turn) % 180 != 0
    height = WIDE / page.read_shape if is_turned else WIDE * page.read_shape
    left, top, right, bottom = place_of(reading)
    margin = _CROP_MARGIN * WIDE
    box = (
        left * WIDE - margin,
        top * height - margin / 2,
        (right - left) * WIDE + 2 * margin,
        (bottom - top) * height + margin,
    )
    return Cut(" ".join(f"{each:.1f}" for each in box), WIDE, round(height), round(box[2]), round(box[3]))


def jpeg(drawn: Image.Image) -> bytes:
    """Return a picture for the browser."""
    out = io.BytesIO()
    drawn.save(out, "JPEG", quality=_JPEG_QUALITY)
    return out.getvalue()


def text_of(page: PaperPage) -> str:
    """Return the text of a page, a row a line."""
    return "\n".join(word.text for word in words_of(page))


def document_of(pages: Sequence[PaperPage], *, original: Submission) -> tuple[bytes, str]:
    """Return the document for the case: the file as received where nothing was changed, else a PDF of its pages.

    A page with a blacked out area goes in as a picture, so that nothing lies under the black.
    """
    sources = bytes_of(pages)
    raw = sources.get(original.pk, b"")
    content_type = kind_of_file(raw) if raw else ""
    is_whole = (
        [page.source_id for page in pages] == [original.pk] * len(pages)
        and [page.source_number for page in pages] == list(range(1, len(pages) + 1))
        and not any(page.hidden or page.turn for page in pages)
        and PaperPage.objects.filter(source=original).count() == len(pages)
    )
    return (raw, content_type) if is_whole else (_pdf_of(pages, sources), PDF)


def _pdf_of(pages: Sequence[PaperPage], sources: Mapping[int, bytes]) -> bytes:
    pictures = {
        page.pk: _as_pdf(shown(page, sources[page.source_id]))
        for page in pages
        if page.hidden or kind_of_file(sources[page.source_id]) != PDF
    }
    made = io.BytesIO()
    with PDFIUM:
        opened: dict[int, Any] = {}
        document = pypdfium2.PdfDocument.new()
        for page in pages:
            if page.pk in pictures:
                document.import_pages(pypdfium2.PdfDocument(pictures[page.pk]))
                continue
            if page.source_id not in opened:
                opened[page.source_id] = pypdfium2.PdfDocument(sources[page.source_id])
            document.import_pages(opened[page.source_id], pages=[page.source_number - 1])
            if page.turn:
                last = document[len(document) - 1]
                last.set_rotation((last.get_rotation() + page.turn) % 360)
        document.save(made)
        document.close()
        for source in opened.values():
            source.close()
    return made.getvalue()


def _as_pdf(drawn: Image.Image) -> bytes:
    out = io.BytesIO()
    drawn.save(out, "PDF", resolution=READING_DPI)
    return out.getvalue()


def _touch(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
