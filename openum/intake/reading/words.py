"""What text recognition gives: pieces of text with their place on the page. Pure."""

from dataclasses import dataclass

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, as fractions of the page as it was read (upright)."""


@dataclass(frozen=True, slots=True)
class Word:
    """A piece of text in one row, with the confidence of its reader from 0 to 1."""

    text: str
    confidence: float
    box: Box

    @property
    def height(self) -> float:
        """Height of the piece, as a fraction of the page."""
        return self.box[3] - self.box[1]

    @property
    def middle(self) -> float:
        """Vertical middle, as a fraction of the page."""
        return (self.box[1] + self.box[3]) / 2


@dataclass(frozen=True, slots=True)
class FieldRead:
    """A value found for a field of the request."""

    key: str
    value: str
    confidence: float
    box: Box
