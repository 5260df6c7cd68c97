"""Text recognition of a page picture with RapidOCR (extra `ocr`). Worker processes only: it holds about 1 GB.

The models are in the package; nothing is fetched. The direction classifier stays off, because it turned rows of digits
upside down; whole pages are tried the other way up instead when next to nothing was read.
"""

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from typing import Any, Final

from PIL import Image

from openum.intake.reading.words import Word

_SETTINGS: Final = {
    "Global.use_cls": False, "Global.max_side_len": 1600, "Det.box_thresh": 0.4, "Global.log_level": "critical",
}  # fmt: skip
_DESKEW_DEGREES: Final = 4.0
_DESKEW_STEP: Final = 0.25
_DESKEW_WIDTH: Final = 600
_SENSIBLE: Final = 0.72
"""Mean confidence below which a page is tried the other ways up."""


def is_available() -> bool:
    """Say whether recognition is installed here."""
    return all(importlib.util.find_spec(name) is not None for name in ("rapidocr", "onnxruntime"))


@cache
def version() -> str:
    """Name what reads, with its version and its models' generation, as it stands in the ledger."""
    return f"ocr rapidocr {metadata.version('rapidocr')} onnxruntime {metadata.version('onnxruntime')}"


@cache
def _engine() -> Any:
    from rapidocr import RapidOCR

    return RapidOCR(params=_SETTINGS)


@dataclass(frozen=True)
class Recognised:
    """What was read on a page.

    Attributes:
        turn: degrees clockwise by which the picture has to be turned to stand upright, a multiple of 90.
        skew: degrees counterclockwise by which it then has to be turned so that its rows lie level.
        shape: height by width of the picture turned upright.
        words: places are fractions of the picture turned upright and level.
    """

    words: tuple[Word, ...]
    turn: int = 0
    skew: float = 0.0
    shape: float = 1.0


def recognise(picture: Image.Image) -> Recognised:
    """Read a page picture, whichever way up it lies."""
    best = Recognised(())
    best_sense = -1.0
    for turn in (0, 180, 90, 270):
        read = _read(upright(picture, turn=turn), turn)
        sense = _sense(read.words)
        if sense > best_sense:
            best, best_sense = read, sense
        if best_sense >= _SENSIBLE or not (read.words or turn):
            break  # it makes sense; or nothing at all is on it, which is so from all sides
    return best


def upright(picture: Image.Image, *, turn: int, skew: float = 0.0) -> Image.Image:
    """Turn a picture clockwise by a multiple of 90 degrees, then level its rows."""
    whole = picture.rotate(-turn, expand=True) if turn else picture
    return whole.rotate(skew, fillcolor="white", resample=Image.Resampling.BICUBIC) if skew else whole


def _sense(words: Sequence[Word]) -> float:
    """Return the mean confidence by length, lowered where rows stand on their side."""
    letters = sum(len(word.text) for word in words)
    if not letters:
        return 0.0
    wide = sum(len(word.text) for word in words if word.box[2] - word.box[0] > word.height * 0.6)
    return sum(word.confidence * len(word.text) for word in words) / letters * wide / letters


def _read(picture: Image.Image, turn: int) -> Recognised:
    import numpy as np

    skew = skew_of(picture.convert("L"))
    level = upright(picture.convert("RGB"), turn=0, skew=skew)
    read = _engine()(np.asarray(level))
    width, height = level.size
    if read.boxes is None:
        return Recognised((), turn, skew, height / width)
    words = []
    for box, text, confidence in zip(read.boxes, read.txts, read.scores, strict=True):
        across, down = [float(point[0]) / width for point in box], [float(point[1]) / height for point in box]
        place = (max(0.0, min(across)), max(0.0, min(down)), min(1.0, max(across)), min(1.0, max(down)))
        if text.strip():
            words.append(Word(text.strip(), round(float(confidence), 4), place))
    return Recognised(tuple(words), turn, skew, height / width)


def skew_of(grey: Image.Image) -> float:
    """Return by how many degrees, counterclockwise, a page has to be turned so that its rows lie level.

    Dark points are counted row by row; the counts differ most between rows when the rows are level.
    """
    import numpy as np

    small = grey.resize((_DESKEW_WIDTH, max(1, round(grey.height * _DESKEW_WIDTH / grey.width))))
    dark = Image.fromarray(((np.asarray(small) < 140) * 255).astype("uint8"))
    steps = int(_DESKEW_DEGREES / _DESKEW_STEP)
    angles = [number * _DESKEW_STEP for number in range(-steps, steps + 1)]
    best = max(angles, key=lambda angle: _contrast(dark, angle))
    return best if _contrast(dark, best) > _contrast(dark, 0.0) * 1.02 else 0.0


def _contrast(dark: Image.Image, angle: float) -> float:
    import numpy as np

    rows: np.ndarray[Any, Any] = np.asarray(dark.rotate(angle), dtype="float32").sum(axis=1)
    return float(((rows[1:] - rows[:-1]) ** 2).sum())
