"""A composed letter: plain blocks that the HTML and the PDF renderer both know. Pure; JSON in and out."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

PageSize = Literal["us-letter", "a4"]


@dataclass(frozen=True, kw_only=True)
class Heading:
    """A section title."""

    text: str
    block: str = "heading"


@dataclass(frozen=True, kw_only=True)
class Paragraph:
    """Running text. `graded` is the same text for the reading grade: names, numbers and dates count as one short word."""

    text: str
    graded: str = ""
    block: str = "paragraph"


@dataclass(frozen=True, kw_only=True)
class Callout:
    """The answer in one box, marked by a word and a border, never by color alone."""

    title: str
    text: str
    graded: str = ""
    block: str = "callout"


@dataclass(frozen=True, kw_only=True)
class Bullets:
    """A list."""

    items: tuple[str, ...]
    graded: tuple[str, ...] = ()
    block: str = "bullets"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Label and value pairs."""

    rows: tuple[tuple[str, str], ...]
    graded: tuple[str, ...] = ()
    block: str = "facts"


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table with a caption and a header row."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    block: str = "table"


@dataclass(frozen=True, kw_only=True)
class Quote:
    """Words of a guideline or rule, quoted and never graded."""

    text: str
    source: str
    block: str = "quote"


@dataclass(frozen=True, kw_only=True)
class Lines:
    """An address, line by line."""

    lines: tuple[str, ...]
    block: str = "lines"


@dataclass(frozen=True, kw_only=True)
class Tag:
    """One tagline with its language and direction."""

    language: str
    text: str
    is_right_to_left: bool


@dataclass(frozen=True, kw_only=True)
class Taglines:
    """The language assistance block."""

    tags: tuple[Tag, ...]
    block: str = "taglines"


Block = Heading | Paragraph | Callout | Bullets | Facts | Table | Quote | Lines | Taglines


@dataclass(frozen=True, kw_only=True)
class Document:
    """A letter ready to render."""

    title: str
    language: str
    sender: tuple[str, ...]
    recipient: tuple[str, ...]
    dated: str
    reference: tuple[tuple[str, str], ...]
    blocks: tuple[Block, ...]
    number: str
    version: str
    page_words: str = "Page {page} of {pages}"
    banner: str = ""
    page_size: PageSize = "us-letter"
    text_points: int = 12
    link: str = ""
    link_words: str = ""

    def as_json(self) -> dict[str, Any]:
        """Give the document as plain JSON values."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """The two forms of one letter and what the rendering had to leave to the HTML."""

    html: str
    pdf: bytes
    html_only_languages: tuple[str, ...] = ()
    replaced_characters: int = 0
    pages: int = 0
    text: str = field(default="", repr=False)
