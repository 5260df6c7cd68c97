"""What FHIR allows in a narrative (R4, Narrative.div, txt-1 and txt-2)."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final

ELEMENTS: Final = frozenset(
    """a abbr acronym address article aside b bdi bdo big blockquote br caption cite code col colgroup dd del details
    dfn div dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main map area nav ol p pre q
    rp rt ruby s samp section small span strong sub summary sup table tbody td tfoot th thead time tr tt u ul var
    wbr""".split()  # noqa: SIM905 - read as words
)
ATTRIBUTES: Final = frozenset(
    """abbr accesskey align alt axis bgcolor border cellhalign cellpadding cellspacing cellvalign char charoff cite class
    clear color colspan compact coords datetime dir face frame headers height href hreflang hspace id ismap lang
    longdesc name noshade nowrap rel rev rowspan rules scope shape size span src start style summary tabindex target
    title type usemap valign value vspace width xml:base xml:lang xml:space xmlns""".split()  # noqa: SIM905 - read as words
)
_ACTIVE = re.compile(r"\s*(?:javascript|vbscript|data:text)", re.IGNORECASE)


class _Reader(HTMLParser):
    """Collects what the checks ask about."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.allowed = True
        self.content = False
        self.first: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Check one element and its attributes."""
        if self.first is None:
            self.first = tag
        self.allowed &= tag in ELEMENTS
        self.content |= tag == "img"
        for name, value in attrs:
            self.allowed &= name in ATTRIBUTES or name.startswith("xmlns:")
            if name in ("href", "src") and value and _ACTIVE.match(value):
                self.allowed = False

    def handle_data(self, data: str) -> None:
        """Note text."""
        self.content |= bool(data.strip())

    def handle_decl(self, decl: str) -> None:
        """A document type declaration has no place here."""
        self.allowed = False

    def handle_pi(self, data: str) -> None:
        """Nor has a processing instruction."""
        self.allowed = False


def _read(div: str) -> _Reader:
    reader = _Reader()
    reader.feed(div)
    reader.close()
    return reader


def is_allowed(div: str) -> bool:
    """Say whether a narrative is one div of allowed elements and attributes without active content."""
    reader = _read(div)
    return reader.allowed and reader.first == "div"


def has_content(div: str) -> bool:
    """Say whether a narrative has text or an image."""
    return _read(div).content
