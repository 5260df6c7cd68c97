"""Small papers of the demo world: one-page PDFs and pictures of them, made from lines of text. Pure."""

import struct
import zlib

import pypdfium2

_LEAVES_OUT = str.maketrans({"(": "\\(", ")": "\\)", "\\": "\\\\"})


def pdf(title: str, lines: list[str]) -> bytes:
    """Return a one-page PDF with a heading and up to 46 lines of text; the same text gives the same bytes."""
    shown = [f"BT /F2 15 Tf 60 740 Td ({_plain(title)}) Tj ET"]
    shown += [f"BT /F1 11 Tf 60 {710 - 15 * row} Td ({_plain(line)}) Tj ET" for row, line in enumerate(lines[:46])]
    stream = "\n".join(shown).encode("latin-1")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R /F2 6 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
    ]
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def _plain(text: str) -> str:
    return text.translate(_LEAVES_OUT).encode("latin-1", "replace").decode("latin-1")


def picture(document: bytes, *, scale: float = 1.5) -> bytes:
    """Return the first page of a PDF as a PNG, as a phone camera would send a paper."""
    page = pypdfium2.PdfDocument(document)[0]
    bitmap = page.render(scale=scale, grayscale=True)
    rows = bytes(bitmap.buffer)
    height, width, stride = bitmap.height, bitmap.width, bitmap.stride
    raw = b"".join(b"\x00" + rows[row * stride : row * stride + width] for row in range(height))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(raw, 9)) + chunk(b"IEND", b"")
