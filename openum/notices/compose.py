"""Put a checked letter into a template: typed facts in, blocks out. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from babel.dates import format_date, format_time

from openum.notices.content import Letter
from openum.notices.document import (
    Block,
    Bullets,
    Callout,
    Document,
    Facts,
    Heading,
    Lines,
    PageSize,
    Paragraph,
    Quote,
    Table,
    Tag,
    Taglines,
)
from openum.notices.elements import COLUMN_OF, check
from openum.notices.templates import PLACEHOLDER, Template, TemplateFaulty

COUNTED: Final = frozenset(
    {"reason.specific", "not_approved", "rationale", "earlier.what_changed", "extension.circumstances",
     "extension.open_points", "lateness.awaited", "item.seen", "item.missing", "item.to_satisfy", "item.what", "item.why", "software.text"}
)  # fmt: skip
"""Free text of people and of our wording files: counted word by word in the reading grade."""

COUNTED_PARTS: Final = ("rights.", "disclosure.", "continuation.", "assistance.")
STAND_IN: Final = "it"


def date_words(day: date, language: str) -> str:
    """Write a day for a reader: December 4, 2026 · 4 de diciembre de 2026."""
    return format_date(day, format="long", locale=language)


def moment_words(local: datetime, language: str) -> str:
    """Write a day with its hour for a reader: December 4, 2026, 7:40 AM.

    Args:
        local: in the reader's zone.
    """
    return f"{date_words(local.date(), language)}, {format_time(local, format='short', locale=language)}"


def as_words(value: object, language: str) -> str:
    """Write one fact for a reader."""
    if isinstance(value, date):
        return date_words(value, language)
    if isinstance(value, tuple):
        return ", ".join(str(each) for each in value)
    return "" if value is None else str(value)


def compose(
    letter: Letter,
    template: Template,
    *,
    page_size: PageSize = "us-letter",
    text_points: int = 12,
    is_checked: bool = True,
) -> Document:
    """Compose a document from a complete letter.

    Args:
        is_checked: False for a letter that was sent and is made again: it could not know what a later law wants.

    Raises:
        LetterIncomplete: a mandatory element is missing; nothing is composed.
        TemplateFaulty: the template belongs to another kind of letter.
    """
    if template.kind is not letter.kind or template.audience is not letter.audience:
        raise TemplateFaulty(f"{template.policy_key} is not a template for a {letter.audience} {letter.kind} letter.")
    if is_checked:
        check(letter)
    filler = _Filler(letter, template)
    plan, recipient = letter.plan, letter.recipient
    return Document(
        title=filler.fill(template.title),
        language=template.language,
        sender=(plan.name, *plan.address_lines, plan.phone),
        recipient=(recipient.name, *recipient.address_lines),
        dated=as_words(letter.dated, template.language),
        reference=tuple((label, filler.fill(text)) for label, text in template.reference),
        blocks=tuple(filler.blocks(template.body, None)),
        number=letter.number,
        version=f"{template.policy_key} {template.version}",
        page_words=template.page_words,
        banner=template.unfit_for_production(COLUMN_OF[letter.line_of_business]),
        page_size=page_size,
        text_points=text_points,
        link_words=template.link_words,
    )


def with_link(document: Document, link: str) -> Document:
    """Add the address that the printed code leads to; it carries no member data."""
    return replace(document, link=link)


class _Filler:
    """Fills placeholders from one letter."""

    def __init__(self, letter: Letter, template: Template) -> None:
        self.letter = letter
        self.language = template.language

    def value(self, path: str, item: object | None) -> Any:
        """Follow a dotted path; an optional part that is not there gives None."""
        at: Any = self.letter
        names = path.split(".")
        if names[0] == "item":
            at, names = item, names[1:]
        for name in names:
            if at is None:
                return None
            at = getattr(at, name)
        return at

    def fill(self, text: str, item: object | None = None) -> str:
        """Fill the placeholders of one text."""
        return PLACEHOLDER.sub(lambda found: as_words(self.value(found[1], item), self.language), text)

    def grade(self, text: str, item: object | None = None) -> str:
        """Fill for the reading grade: our own words as they are, names, codes, numbers and dates as one short word."""

        def stand_in(found: Any) -> str:
            path = found[1]
            if path in COUNTED or path.startswith(COUNTED_PARTS):
                value = self.value(path, item)
                return STAND_IN if isinstance(value, date) else as_words(value, self.language)
            return STAND_IN

        return PLACEHOLDER.sub(stand_in, text)

    def blocks(self, body: tuple[Mapping[str, Any], ...], item: object | None) -> list[Block]:
        """Turn template blocks into document blocks."""
        out: list[Block] = []
        for block in body:
            when = block.get("when")
            if when and not self.value(when, item):
                continue
            unless = block.get("unless")
            if unless and self.value(unless, item):
                continue
            if "each" in block:
                for each in self.value(block["each"], item):
                    out += self.blocks(tuple(block["blocks"]), each)
            else:
                out.append(self.block(block, item))
        return out

    def block(self, block: Mapping[str, Any], item: object | None) -> Block:
        """Turn one template block into a document block."""
        if "heading" in block:
            return Heading(text=self.fill(block["heading"], item))
        if "text" in block:
            return Paragraph(text=self.fill(block["text"], item), graded=self.grade(block["text"], item))
        if "callout" in block:
            text = block["callout"]
            return Callout(
                title=self.fill(block["title"], item), text=self.fill(text, item), graded=self.grade(text, item)
            )
        if "list" in block:
            texts = block["list"]
            return Bullets(
                items=tuple(self.fill(text, item) for text in texts),
                graded=tuple(self.grade(text, item) for text in texts),
            )
        if "facts" in block:
            rows = [(label, text) for label, text in block["facts"] if self.fill(text, item).strip()]
            return Facts(
                rows=tuple((label, self.fill(text, item)) for label, text in rows),
                graded=tuple(self.grade(text, item) for _, text in rows),
            )
        if "quote" in block:
            return Quote(text=self.fill(block["quote"], item), source=self.fill(block["source"], item))
        if "lines" in block:
            return Lines(lines=tuple(self.value(block["lines"], item) or ()))
        if "table" in block:
            columns = block["columns"]
            return Table(
                caption=self.fill(block["caption"], item),
                heads=tuple(column["head"] for column in columns),
                rows=tuple(
                    tuple(self.fill(column["cell"], each) for column in columns)
                    for each in self.value(block["table"], item)
                ),
            )
        tags = self.value("assistance.taglines", None) or ()
        return Taglines(
            tags=tuple(Tag(language=t.language, text=t.text, is_right_to_left=t.is_right_to_left) for t in tags)
        )
