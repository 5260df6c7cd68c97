"""Make a stored letter again from its inputs and the policy rows it was made of, and compare it byte for byte."""

import hashlib
from dataclasses import dataclass, replace
from typing import Any

import orjson

from openum.notices import languages
from openum.notices.compose import compose, with_link
from openum.notices.content import LetterKind
from openum.notices.facts import Tagline
from openum.notices.models import Notice
from openum.notices.render import as_mapping, drawn_with, render_html, render_pdf
from openum.notices.stored import letter_of
from openum.notices.templates import parse
from openum.notices.wording import Taglines


@dataclass(frozen=True, kw_only=True)
class Part:
    """One form of the letter: its stored and its new SHA-256; a PDF that was never drawn has no stored one."""

    name: str
    stored: str
    again: str

    @property
    def is_same(self) -> bool:
        """Say whether both are the same bytes."""
        return self.stored in {"", self.again}


@dataclass(frozen=True, kw_only=True)
class Reproduction:
    """A letter made again, beside what is stored.

    Attributes:
        drawn_with: what drew the stored PDF, where it differs from what draws here; empty where it is the same.
    """

    number: str
    parts: tuple[Part, ...]
    drawn_with: str
    pdf: bytes

    @property
    def is_same(self) -> bool:
        """Say whether every form came out the same."""
        return all(part.is_same for part in self.parts)


def reproduce(notice: Notice) -> Reproduction:
    """Make a letter again from its stored inputs; nothing is written.

    Raises:
        InputsUnreadable: the stored inputs do not fit the letter's type as it is now.
    """
    template = parse(notice.template.body)
    if notice.catalogue is not None:
        template = languages.translated(template, languages.parse(notice.catalogue.body))
    elif notice.language != template.language:
        template = languages.translated(template, languages.without(notice.language))
    letter = letter_of(LetterKind(notice.kind), notice.inputs, _taglines(notice))
    document = compose(
        letter, template, page_size=notice.document["page_size"], text_points=notice.document["text_points"],
        is_checked=False,
    )  # fmt: skip
    if notice.document["link"]:
        document = with_link(document, notice.document["link"])
    mapping = as_mapping(document)
    pdf, _, _ = render_pdf(mapping)
    return Reproduction(
        number=notice.number,
        parts=(
            Part(name="blocks", stored=_digest(notice.document), again=_digest(mapping)),
            Part(name="html", stored=_sha(notice.html.encode()), again=_sha(render_html(mapping).encode())),
            Part(name="pdf", stored=notice.pdf_digest, again=_sha(pdf)),
        ),
        drawn_with=notice.drawn_with if notice.drawn_with != drawn_with() else "",
        pdf=pdf,
    )


def _taglines(notice: Notice) -> tuple[Tagline, ...]:
    named = (notice.inputs.get("assistance") or {}).get("taglines", [])
    if not named or notice.taglines is None:
        return ()
    plan = notice.inputs["plan"]
    return tuple(
        replace(each, text=each.text.replace("{phone}", plan["phone"]).replace("{tty}", plan["tty"]))
        for each in Taglines.parse(notice.taglines.body).named(named)
    )


def _digest(blocks: dict[str, Any]) -> str:
    return _sha(orjson.dumps(blocks, option=orjson.OPT_SORT_KEYS))


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


__all__ = ["Part", "Reproduction", "reproduce"]
