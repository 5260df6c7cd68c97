"""Translations: the committed .po files are compiled where they are newer than their .mo files."""

import os
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

import openum


def compile_catalogues() -> int:
    """Compile what is out of date and return how many files that were. Safe to run in several processes at once."""
    compiled = 0
    for source in sorted(Path(openum.__file__).parent.glob("**/locale/*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        half = target.with_suffix(f".{os.getpid()}")
        with source.open("rb") as stream, half.open("wb") as out:
            write_mo(out, read_po(stream, locale=source.parent.parent.name))
        half.replace(target)
        compiled += 1
    return compiled
