"""Opens PDFs and pictures that came from outside: counts, draws and reads their pages, within bounds.

Nothing in a file is run: pdfium is built without scripts, and forms are not loaded. It is not safe in several threads at
once, so whatever uses it holds `PDFIUM`.
"""

import io
from threading import Lock
from typing import ClassVar, Final

import pypdfium2
from PIL import Image, UnidentifiedImageError

from openum.vocabulary.errors import Invalid

PDF: Final = "application/pdf"
PDFIUM: Final = Lock()
MOST_PAGES: Final = 500
MOST_POINTS: Final = 40_000_000
"""Of a picture or of a drawn page: a sheet of 8.5 by 11 inches at 600 dots per inch has 33.7 million."""
READING_DPI: Final = 200
MOST_ROWS: Final = 4000
"""Of text on one page; a page of small print has some hundreds."""

Box = tuple[float, float, float, float]


class PaperNotUsable(Invalid):
    """A file that is damaged, locked or too large to be shown; the sentence says what to ask the sender for."""

    code: ClassVar[str] = "paper-not-usable"


def count_pages(content: bytes, content_type: str) -> int:
    """Return how many pages a PDF or picture has, opening it as showing it would.

    Raises:
        PaperNotUsable: it cannot be opened, or is too large.
    """
    if content_type != PDF:
        _picture(content)
        return 1
    with PDFIUM:
        document = _document(content)
        try:
            pages = len(document)
        finally:
            document.close()
    if not pages:
        raise PaperNotUsable("This PDF has no pages. Ask the sender to send it again.")
    if pages > MOST_PAGES:
        raise PaperNotUsable(f"This PDF has {pages} pages; at most {MOST_PAGES} can be taken in. Ask for it in parts.")
    return pages


def picture_of(content: bytes, content_type: str, *, number: int, dpi: int = READING_DPI) -> Image.Image:
    """Draw a page, at most `MOST_POINTS` large.

    Raises:
        PaperNotUsable: the page cannot be drawn.
    """
    if content_type != PDF:
        return _picture(content).convert("RGB")
    with PDFIUM:
        document = _document(content)
        try:
            page = document[number - 1]
            scale = dpi / 72
            points = page.get_width() * page.get_height() * scale * scale
            if points > MOST_POINTS:
                scale *= (MOST_POINTS / points) ** 0.5
            drawn: Image.Image = page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
        except (pypdfium2.PdfiumError, MemoryError) as fault:
            raise PaperNotUsable("This page is damaged and cannot be shown. Ask the sender for it again.") from fault
        finally:
            document.close()
    return drawn


def typed_rows(content: bytes, *, number: int) -> tuple[list[tuple[str, Box]], float]:
    """Return the rows of text that a PDF page carries itself, their places as fractions, and the page's height by width."""
    with PDFIUM:
        document = _document(content)
        try:
            page = document[number - 1]
            if page.get_rotation():
                return [], 1.0  # its places are those of the page lying down
            west, south, east, north = page.get_cropbox()
            width, height = east - west, north - south
            text = page.get_textpage()
            rows = []
            for index in range(min(text.count_rects(), MOST_ROWS)):
                left, bottom, right, top = text.get_rect(index)
                said = text.get_text_bounded(left, bottom, right, top).strip()
                if said:
                    place = (
                        (left - west) / width,
                        (north - top) / height,
                        (right - west) / width,
                        (north - bottom) / height,
                    )
                    rows.append((said, place))
        except pypdfium2.PdfiumError:
            return [], 1.0
        finally:
            document.close()
    return rows, height / width


def _document(content: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(io.BytesIO(content))
    except pypdfium2.PdfiumError as fault:
        if "password" in str(fault).lower():
            raise PaperNotUsable(
                "This PDF is locked with a password. Ask the sender for one without it; the receipt is kept."
            ) from fault
        raise PaperNotUsable("This PDF is damaged. Ask the sender to send it again; the receipt is kept.") from fault


def _picture(content: bytes) -> Image.Image:
    try:
        picture = Image.open(io.BytesIO(content), formats=("PNG", "JPEG"))
        if picture.width * picture.height > MOST_POINTS:
            raise PaperNotUsable(_UNFOLDS)
        picture.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as fault:
        raise PaperNotUsable(_UNFOLDS) from fault
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as fault:
        raise PaperNotUsable(
            "This picture is damaged. Ask the sender to send it again; the receipt is kept."
        ) from fault
    return picture


_UNFOLDS = "This picture unfolds to more than 40 million points and is not opened. Ask for a scan at 200 dots per inch."
