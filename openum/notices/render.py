"""Two forms of one letter: accessible HTML without inline styles, and a tagged PDF/UA by Typst.

The PDF is a function of the composed document alone: same blocks, same bytes. Pure apart from the font files.
"""

import hashlib
import io
import json
from collections.abc import Callable, Mapping
from functools import cache
from html import escape
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import segno

from openum.db.text import clean
from openum.design import fonts, typeset
from openum.notices.document import Document, Rendered
from openum.notices.isolates import CLOSE, OPEN, isolate
from openum.notices.languages import is_right_to_left

SOURCE: Final = Path(__file__).with_name("letter.typ")
BANNER_WORDS: Final = {
    "en": "Not for production.", "es": "No apto para uso real.", "zh": "不可用于正式用途。", "vi": "Không dùng chính thức.",
    "fr": "Pas pour un usage réel.", "nl": "Niet voor echt gebruik.", "id": "Bukan untuk penggunaan nyata.",
}  # fmt: skip


def render(document: Mapping[str, Any]) -> Rendered:
    """Render both forms of a composed document (its JSON)."""
    pdf, left_out, replaced = render_pdf(document)
    return Rendered(
        html=render_html(document), pdf=pdf, html_only_languages=left_out, replaced_characters=replaced,
        pages=pages_of(pdf),
    )  # fmt: skip


def as_mapping(document: Document) -> dict[str, Any]:
    """Give a document as cleaned JSON values: no NUL, no control or direction-changing characters."""
    cleaned: dict[str, Any] = _cleaned(json.loads(json.dumps(document.as_json())))
    return cleaned


FORBIDDEN: Final = dict.fromkeys(
    [*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF, 0x200B]
)
KEPT: Final = {key: value for key, value in FORBIDDEN.items() if key not in {0x09, 0x0A}}


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value).translate(KEPT)
    if isinstance(value, list):
        return [_cleaned(each) for each in value]
    if isinstance(value, dict):
        return {key: _cleaned(each) for key, each in value.items()}
    return value


# -- PDF -------------------------------------------------------------------------------------------------------------


def render_pdf(document: Mapping[str, Any]) -> tuple[bytes, tuple[str, ...], int]:
    """Return the tagged PDF, the tagline languages that only the HTML shows, and how many characters were replaced.

    Raises:
        typst.TypstError: the document breaks a rule of PDF/UA-1; a fault of ours, never of the data.
    """
    data, left_out = _without_unshowable_taglines(dict(isolate(document)))
    data["banner_words"] = BANNER_WORDS.get(document["language"], BANNER_WORDS["en"])
    data["is_right_to_left"] = is_right_to_left(document["language"])
    data["families"] = list(fonts.families())
    data["qr"] = qr_svg(document["link"]) if document["link"] else ""
    pdf, replaced = typeset.pdf_of(SOURCE, data)
    return pdf, left_out, replaced


@cache
def drawn_with() -> str:
    """Name what draws a PDF, so that other bytes years later can be explained: program, layout, typefaces."""
    layout = hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:12]
    return f"typst {metadata.version('typst')}; layout {layout}; {', '.join(fonts.families())}"


def can_draw(document: Mapping[str, Any]) -> bool:
    """Say whether the fonts here can show the letter's own words in its language; names from outside may lack a glyph."""
    return fonts.can_show(document["title"] + document["page_words"])


def _without_unshowable_taglines(data: dict[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    left_out: list[str] = []
    blocks = []
    for block in data["blocks"]:
        if block["block"] == "taglines":
            shown = [tag for tag in block["tags"] if fonts.can_show(tag["text"])]
            left_out += [tag["language"] for tag in block["tags"] if tag not in shown]
            blocks.append({**block, "tags": shown})
        else:
            blocks.append(block)
    data["blocks"] = blocks
    return data, tuple(left_out)


def qr_svg(address: str) -> str:
    """Draw the address as a code, error level Q."""
    out = io.BytesIO()
    segno.make(address, error="q", micro=False).save(out, kind="svg", border=4)
    return out.getvalue().decode()


def pages_of(pdf: bytes) -> int:
    """Count the pages of a PDF that Typst wrote."""
    from pypdf import PdfReader

    return len(PdfReader(io.BytesIO(pdf)).pages)


# -- HTML ------------------------------------------------------------------------------------------------------------


def render_html(document: Mapping[str, Any]) -> str:
    """Return the letter as one `article`; the page around it brings the style sheet. No inline style, no script."""
    d = isolate(document)
    rows = "".join(f"<div><dt>{_t(label)}</dt><dd>{_t(value)}</dd></div>" for label, value in d["reference"])
    banner = ""
    if d["banner"]:
        words, side = BANNER_WORDS.get(d["language"]), ' dir="ltr"' if is_right_to_left(d["language"]) else ""
        title = _t(words) if words else f'<span lang="en">{_t(BANNER_WORDS["en"])}</span>'
        banner = f'<p class="letter-banner"{side}><strong>{title}</strong> <span lang="en">{_t(d["banner"])}</span></p>'
    body = "".join(_HTML[block["block"]](block) for block in d["blocks"])
    link = ""
    if d["link"]:
        link = f'<p class="letter-link">{_t(d["link_words"])} <a href="{escape(d["link"], quote=True)}">{_t(d["link"])}</a></p>'
    large = " letter-large" if d["text_points"] >= 16 else ""
    return (
        f'<article class="letter letter-{d["page_size"]}{large}" lang="{escape(d["language"], quote=True)}"'
        f"{RIGHT_TO_LEFT if is_right_to_left(d['language']) else ''}>{banner}"
        f'<header><p class="letter-sender"><strong>{_t(d["sender"][0])}</strong><br>{_lines(d["sender"][1:])}</p>'
        f'<p class="letter-date">{_t(d["dated"])}</p><p class="letter-recipient">{_lines(d["recipient"])}</p></header>'
        f'<h1>{_t(d["title"])}</h1><dl class="letter-facts">{rows}</dl>{body}{link}'
        f'<footer class="letter-footer">{_t(d["number"])} · {_t(d["version"])}</footer></article>'
    )


def _t(text: object) -> str:
    return escape(str(text)).replace("\n", "<br>").replace(OPEN, '<bdi dir="ltr">').replace(CLOSE, "</bdi>")


def _lines(lines: list[str]) -> str:
    return "<br>".join(_t(line) for line in lines)


def _facts(block: Mapping[str, Any]) -> str:
    rows = "".join(f"<div><dt>{_t(label)}</dt><dd>{_t(value)}</dd></div>" for label, value in block["rows"])
    return f'<dl class="letter-facts">{rows}</dl>'


def _table(block: Mapping[str, Any]) -> str:
    heads = "".join(f'<th scope="col">{_t(head)}</th>' for head in block["heads"])
    rows = "".join("<tr>" + "".join(f"<td>{_t(cell)}</td>" for cell in row) + "</tr>" for row in block["rows"])
    name = escape(block["caption"], quote=True)
    return (
        f'<div class="letter-table" role="region" tabindex="0" aria-label="{name}">'
        f"<table><caption>{_t(block['caption'])}</caption>"
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _taglines(block: Mapping[str, Any]) -> str:
    return (
        '<div class="letter-taglines">'
        + "".join(
            f'<p lang="{escape(tag["language"], quote=True)}"{RIGHT_TO_LEFT if tag["is_right_to_left"] else ""}>'
            f"{_t(tag['text'])}</p>"
            for tag in block["tags"]
        )
        + "</div>"
    )


RIGHT_TO_LEFT: Final = ' dir="rtl"'
_HTML: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "heading": lambda b: f"<h2>{_t(b['text'])}</h2>",
    "paragraph": lambda b: f"<p>{_t(b['text'])}</p>",
    "callout": lambda b: (
        f'<div class="letter-callout"><p class="letter-callout-title"><strong>{_t(b["title"])}</strong></p>'
        f"<p>{_t(b['text'])}</p></div>"
    ),
    "bullets": lambda b: "<ul>" + "".join(f"<li>{_t(item)}</li>" for item in b["items"]) + "</ul>",
    "facts": _facts,
    "table": _table,
    "quote": lambda b: (
        f"<blockquote><p>{_t(b['text'])}</p><footer><cite>{_t(b['source'])}</cite></footer></blockquote>"
    ),
    "lines": lambda b: f"<address>{_lines(b['lines'])}</address>",
    "taglines": _taglines,
}
