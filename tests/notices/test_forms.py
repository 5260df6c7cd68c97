"""Both forms of a letter: tagged PDF that any reader can read, HTML without inline style, the same words in both."""

import io
import re
from dataclasses import replace
from html.parser import HTMLParser

import pdfplumber
import pdfua
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from openum.design.fonts import can_show, shown
from openum.notices.compose import compose, with_link
from openum.notices.content import LetterKind
from openum.notices.elements import Audience
from openum.notices.facts import MemberFacts, Reason
from openum.notices.render import as_mapping, render, render_html, render_pdf
from openum.vocabulary.terms import LineOfBusiness
from tests.notices import examples

LOB = LineOfBusiness.COMMERCIAL_STATE


def document(kind=LetterKind.DENIAL, audience=Audience.MEMBER, language="en", *, lob=LOB, letter=None, **look):
    lob = examples.law_for(kind, audience, lob)
    made = letter or examples.letter(kind, audience, lob=lob, language=language)
    return compose(made, examples.fitting(kind, audience, lob, language), **look)


def words(text):
    return re.sub(r"\s+", " ", text)


def faults(pdf, tmp_path):
    """Check the rules of PDF/UA that a free checker knows."""
    file = tmp_path / "letter.pdf"
    file.write_bytes(pdf)
    return list(pdfua.validate(str(file)).findings)


def pdf_text(pdf):
    return words(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages))


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(("kind", "audience"), examples.readers())
def test_every_letter_is_a_tagged_pdf_with_title_and_language(kind, audience, language, tmp_path):
    made = document(kind, audience, language)
    pdf = render(as_mapping(made)).pdf
    assert faults(pdf, tmp_path) == []
    reader = PdfReader(io.BytesIO(pdf))
    root = reader.trailer["/Root"]
    assert root["/Lang"] == language
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata.title == made.title
    total = len(reader.pages)
    assert (
        f"{'Page' if language == 'en' else 'Página'} {total} {'of' if language == 'en' else 'de'} {total}"
        in pdf_text(pdf)
    )


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_text_comes_out_right_in_two_readers(language):
    rendered = render(as_mapping(document(language=language)))
    with pdfplumber.open(io.BytesIO(rendered.pdf)) as opened:
        plumbed = words(" ".join(page.extract_text() for page in opened.pages))
    for text in (pdf_text(rendered.pdf), plumbed):
        assert examples.WORDS[language]["reason"].split(". ")[0] in text
        assert examples.WORDS[language]["quoted"][:40] in text
        assert "quý vị được trợ giúp ngôn ngữ" in text
        assert "вам доступна бесплатная языковая помощь" in text
        assert "bezpłatna pomoc językowa" in text
        assert "C-26-0000317-L2" in text


def test_taglines_without_a_glyph_stand_in_the_html_only_and_are_listed():
    rendered = render(as_mapping(document()))
    assert rendered.html_only_languages == ("hi", "gu")
    assert "आपके लिए मुफ़्त" in rendered.html
    assert '<p lang="ar" dir="rtl">' in rendered.html
    assert "您可以免费获得语言协助" in pdf_text(rendered.pdf).replace(" ", "")


class Checker(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.faults, self.seen = [], [], []

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        self.faults += [f"{tag} {name}" for name, _ in attrs if name == "style" or name.startswith("on")]
        if tag not in {"br", "img"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if self.open.pop() != tag:
            self.faults.append(f"closed {tag}")


@pytest.mark.parametrize("kind", [kind for kind, audience in examples.readers() if audience is Audience.MEMBER])
def test_the_html_is_well_formed_without_inline_style_or_script(kind):
    made = document(kind)
    html = render_html(as_mapping(made))
    checker = Checker()
    checker.feed(html)
    assert checker.faults == []
    assert checker.open == []
    assert "script" not in checker.seen
    assert checker.seen.count("h1") == 1
    assert html.startswith('<article class="letter letter-us-letter" lang="en">')
    if "table" in checker.seen:
        assert {"caption", "th"} <= set(checker.seen)
        assert 'scope="col"' in html


@pytest.mark.parametrize(
    "hostile",
    ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "#panic() $x$ *b* @ref", "{member.number}", "a\x00b\x07c",
     "abc\u202edcb", "😀 李明 עברית", "x" * 5000],
)  # fmt: skip
def test_text_from_outside_is_shown_and_never_run(hostile, tmp_path):
    letter = examples.letter(LetterKind.DENIAL)
    letter = replace(
        letter,
        member=MemberFacts(name=hostile[:200], number="M-1"),
        reason=Reason(label=letter.reason.label, specific=hostile),
    )
    rendered = render(as_mapping(document(letter=letter)))
    assert "<script" not in rendered.html
    assert "<img" not in rendered.html
    assert "\x00" not in rendered.html
    assert "\x07" not in rendered.html
    assert "\u202e" not in rendered.html
    assert faults(rendered.pdf, tmp_path) == []
    if hostile == "{member.number}":
        assert "{member.number}" in rendered.html
    if hostile.startswith("😀"):
        assert "李明" in rendered.html
        assert rendered.replaced_characters > 0


@settings(max_examples=40, deadline=None)
@given(st.text(min_size=1, max_size=80).filter(lambda text: text.strip()))
def test_any_text_in_any_place_can_be_drawn(text):
    letter = examples.letter(LetterKind.DENIAL)
    letter = replace(
        letter,
        member=MemberFacts(name=text, number=text),
        reason=Reason(label=text, specific=text),
        recipient=replace(letter.recipient, name=text, address_lines=(text,)),
        services=tuple(replace(each, words=text, provider=text) for each in letter.services),
        gaps=tuple(replace(each, quoted=text, seen=text, guideline=text) for each in letter.gaps),
        number=text,
    )
    rendered = render(as_mapping(document(letter=letter)))
    assert rendered.pages >= 2
    assert rendered.html.endswith("</article>")


@pytest.mark.parametrize(("size", "width"), [("us-letter", 612), ("a4", 595)])
@pytest.mark.parametrize("points", [12, 14, 16, 18])
def test_paper_and_type_size_can_be_chosen(size, width, points):
    pdf, _, _ = render_pdf(as_mapping(document(page_size=size, text_points=points)))
    with pdfplumber.open(io.BytesIO(pdf)) as opened:
        assert round(opened.pages[0].width) == width
        sizes = {round(char["size"]) for page in opened.pages for char in page.chars}
    assert min(sizes) >= 12
    assert points in sizes


def test_the_pdf_is_black_on_white_only():
    pdf, _, _ = render_pdf(as_mapping(document()))
    with pdfplumber.open(io.BytesIO(pdf)) as opened:
        colors = {str(char["non_stroking_color"]) for page in opened.pages for char in page.chars}
    assert colors <= {"(0,)", "(0.0,)", "(0, 0, 0)", "None"}


def test_the_same_blocks_give_the_same_bytes():
    mapping = as_mapping(document())
    assert render_pdf(mapping)[0] == render_pdf(mapping)[0]


def test_a_printed_code_has_its_address_as_text_and_an_alternative(tmp_path):
    made = with_link(document(), "https://plan.example/letters/0192")
    rendered = render(as_mapping(made))
    assert "https://plan.example/letters/0192" in pdf_text(rendered.pdf)
    assert faults(rendered.pdf, tmp_path) == []


def test_a_letter_not_for_production_says_so_in_both_forms():
    made = document(lob=LineOfBusiness.MEDICARE_ADVANTAGE)
    rendered = render(as_mapping(made))
    assert "Not for production." in rendered.html
    assert "Not for production." in pdf_text(rendered.pdf)
    assert "CMS-10003-NDMCP" in pdf_text(rendered.pdf)


def test_the_fonts_know_vietnamese_chinese_and_arabic():
    assert can_show("Nếu quý vị nói tiếng Việt – ñ á €")
    assert can_show("中文 한국어 العربية")
    assert not can_show("हिन्दी")
    assert shown("a😀b") == ("a?b", 1)
