"""The print fonts, loaded once per process, and which characters they can show. No system font is ever used.

Source Sans 3 is always there. Chinese, Japanese, Korean and Arabic come with the extra `cjk`; without it their text stands
in the HTML form of a letter only.
"""

import importlib.util
import mmap
import struct
from functools import cache
from pathlib import Path
from typing import Final

import fontpkg_source_sans_3
import typst

FAMILY: Final = fontpkg_source_sans_3.FAMILY
DIRECTORY: Final = Path(fontpkg_source_sans_3.ROOT) / "files"
FURTHER: Final = (("fontpkg_noto_sans_arabic", "files"), ("manimgx_fonts_cjk", "."))
"""Packages of the extra `cjk`, and where their files lie."""
REPLACEMENT: Final = "?"
WITHOUT_GLYPH: Final = "\n\t\u2066\u2069"
"""Characters that order text and are never drawn."""


@cache
def directories() -> tuple[Path, ...]:
    """List where font files lie; further scripts where their packages are installed."""
    found = [DIRECTORY]
    for package, folder in FURTHER:
        spec = importlib.util.find_spec(package)
        if spec is not None and spec.origin is not None:
            found.append(Path(spec.origin).parent / folder)
    return tuple(found)


@cache
def fonts() -> typst.Fonts:
    """Load the font files once."""
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(each) for each in directories()]
    )


@cache
def families() -> tuple[str, ...]:
    """List the typefaces in the order in which a character is looked for: Latin, then simplified Chinese, then the rest."""
    known = sorted(fonts().families(), key=lambda name: (name != FAMILY, not name.endswith("SC"), name))
    return tuple(known)


@cache
def covered() -> frozenset[int]:
    """Read the character maps (OpenType `cmap`, format 12 or 4) of the upright fonts."""
    points: set[int] = set()
    for directory in directories():
        upright = [
            path
            for path in sorted(directory.iterdir())
            if path.suffix in {".ttf", ".otf", ".ttc"} and "Italic" not in path.name
        ]
        points |= _of_file(upright[0])
    return frozenset(points)


def _of_file(path: Path) -> set[int]:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        face = struct.unpack(">I", data[12:16])[0] if data[:4] == b"ttcf" else 0
        tables = struct.unpack(">H", data[face + 4 : face + 6])[0]
        start = next(
            struct.unpack(">I", data[at + 8 : at + 12])[0]
            for at in range(face + 12, face + 12 + 16 * tables, 16)
            if data[at : at + 4] == b"cmap"
        )
        count = struct.unpack(">H", data[start + 2 : start + 4])[0]
        points: set[int] = set()
        for index in range(count):
            offset = start + struct.unpack(">I", data[start + 4 + 8 * index + 4 : start + 12 + 8 * index])[0]
            points |= _points(data, offset)
    return points


def _points(data: mmap.mmap, at: int) -> set[int]:
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
    """Say whether the fonts have a glyph for every character."""
    known = covered()
    return all(ord(character) in known or character in WITHOUT_GLYPH for character in text)


def shown(text: str) -> tuple[str, int]:
    """Replace what the fonts cannot show and count the replacements; PDF/UA refuses a missing glyph."""
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
