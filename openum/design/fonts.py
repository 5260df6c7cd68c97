"""The print font, loaded once per process, and which characters it can show. No system font is ever used."""

import struct
from functools import cache
from pathlib import Path
from typing import Final

import fontpkg_source_sans_3
import typst

FAMILY: Final = fontpkg_source_sans_3.FAMILY
DIRECTORY: Final = Path(fontpkg_source_sans_3.ROOT) / "files"
REPLACEMENT: Final = "?"
WITHOUT_GLYPH: Final = "\n\t"


@cache
def fonts() -> typst.Fonts:
    """Load the font files once."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(DIRECTORY)])


@cache
def covered() -> frozenset[int]:
    """Read the character map (OpenType `cmap`, format 12 or 4) of the upright font."""
    data = next(path for path in sorted(DIRECTORY.iterdir()) if "Italic" not in path.name).read_bytes()
    tables = struct.unpack(">H", data[4:6])[0]
    start = next(
        struct.unpack(">I", data[at + 8 : at + 12])[0]
        for at in range(12, 12 + 16 * tables, 16)
        if data[at : at + 4] == b"cmap"
    )
    count = struct.unpack(">H", data[start + 2 : start + 4])[0]
    points: set[int] = set()
    for index in range(count):
        offset = start + struct.unpack(">I", data[start + 4 + 8 * index + 4 : start + 12 + 8 * index])[0]
        points |= _points(data, offset)
    return frozenset(points)


def _points(data: bytes, at: int) -> set[int]:
    kind = struct.unpack(">H", data[at : at + 2])[0]
    points: set[int] = set()
    if kind == 12:
        groups = struct.unpack(">I", data[at + 12 : at + 16])[0]
        for index in range(groups):
            first, last, _ = struct.unpack(">III", data[at + 16 + 12 * index : at + 28 + 12 * index])
            points.update(range(first, last + 1))
    elif kind == 4:
        double = struct.unpack(">H", data[at + 6 : at + 8])[0]
        ends = struct.unpack(f">{double // 2}H", data[at + 14 : at + 14 + double])
        starts = struct.unpack(f">{double // 2}H", data[at + 16 + double : at + 16 + 2 * double])
        for first, last in zip(starts, ends, strict=True):
            points.update(range(first, last + 1))
        points.discard(0xFFFF)
    return points


def can_show(text: str) -> bool:
    """Say whether the font has a glyph for every character."""
    known = covered()
    return all(ord(character) in known or character in WITHOUT_GLYPH for character in text)


def shown(text: str) -> tuple[str, int]:
    """Replace what the font cannot show and count the replacements; PDF/UA refuses a missing glyph."""
    known = covered()
    replaced = 0
    out: list[str] = []
    for character in text:
        if ord(character) in known or character in WITHOUT_GLYPH:
            out.append(character)
        else:
            out.append(REPLACEMENT)
            replaced += 1
    return "".join(out), replaced
