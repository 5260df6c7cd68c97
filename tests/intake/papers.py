"""Papers for the tests: typed forms of tools/faxes about people of the small world, and files that bring bad luck."""

import io
import zlib

import pypdfium2
from PIL import Image

from openum.intake.models import Paper
from openum.intake.papers import services
from tests.world import npi
from tools.faxes.forms import form_pages, form_pdf, form_values

VALUES = {
    **form_values(3), "member_number": "C-1", "family_name": "Alder", "given_name": "Rose", "birth_date": "1960-05-04",
    "ordering_npi": npi(900000201), "facility_npi": npi(900000202), "line1-code": "S5125", "diagnosis1": "M17.11",
    "urgency": "standard",
}  # fmt: skip


def pdf(values=None, *, layout="lines", pages=1) -> bytes:
    """A typed form as a PDF that carries its text, the same page as often as wished."""
    one = form_pdf(values or VALUES, layout=layout)
    if pages == 1:
        return one
    document = pypdfium2.PdfDocument.new()
    for _ in range(pages):
        document.import_pages(pypdfium2.PdfDocument(one))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def picture(values=None, *, layout="lines", turn=0) -> bytes:
    """A form as a scanned picture."""
    (page,) = form_pages(values or VALUES, layout=layout)
    out = io.BytesIO()
    page.convert("L").rotate(-turn, expand=True).save(out, "PNG")
    return out.getvalue()


def locked_pdf() -> bytes:
    """A PDF that asks for a password."""
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf())))
    writer.encrypt("secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def unfolding_picture() -> bytes:
    """A PNG of some kilobytes that claims 30,000 by 30,000 points."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    side = (30_000).to_bytes(4, "big")
    rows = zlib.compress(bytes(30_001) * 100, 9)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", side + side + b"\x08\x00\x00\x00\x00")
        + chunk(b"IDAT", rows)
        + chunk(b"IEND", b"")
    )


def blank(width=850, height=1100) -> bytes:
    """A white page."""
    out = io.BytesIO()
    Image.new("L", (width, height), 255).save(out, "PNG")
    return out.getvalue()


def read_all(paper: Paper, at) -> None:
    """Do what the worker does for every page of a paper."""
    for page in paper.pages.select_related("paper", "source"):
        services.read_page(page, at=at)
