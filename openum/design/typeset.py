"""Tagged PDF/UA files by Typst: the one compiler that letters and policy pages share.

A PDF is a function of its source file and its data alone: same data, same bytes. No system font is ever used.
"""

import json
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import typst

from openum.design import fonts

_lock = threading.Lock()


@cache
def _compiler(source: Path) -> typst.Compiler:
    return typst.Compiler(input=str(source), root=str(source.parent), font_paths=fonts.fonts())


def pdf_of(source: Path, data: Mapping[str, Any]) -> tuple[bytes, int]:
    """Return the PDF of a Typst source, which reads its data as JSON, and how many characters were replaced.

    Characters without a glyph are replaced: PDF/UA refuses a missing one.

    Raises:
        typst.TypstError: the document breaks a rule of PDF/UA-1; a fault of ours, never of the data.
    """
    shown, replaced = showable(data)
    with _lock:
        pdf = _compiler(source).compile(
            format="pdf", sys_inputs={"data": json.dumps(shown)}, pdf_standards=["ua-1"], timestamp=0
        )
    assert isinstance(pdf, bytes)
    return pdf, replaced


def showable(value: Any) -> tuple[Any, int]:
    """Return JSON-like data whose every text the font can show, and how many characters were replaced."""
    if isinstance(value, str):
        return fonts.shown(value)
    if isinstance(value, list | tuple):
        pairs = [showable(each) for each in value]
        return [each for each, _ in pairs], sum(count for _, count in pairs)
    if isinstance(value, Mapping):
        done = {key: showable(each) for key, each in value.items()}
        return {key: each for key, (each, _) in done.items()}, sum(count for _, count in done.values())
    return value, 0
