"""Letters in more languages: whole catalogues, marked gaps, right to left, fonts, taglines of a state."""

import re
from dataclasses import replace

import pytest

from openum.notices import languages, pack
from openum.notices.compose import compose
from openum.notices.content import LetterKind
from openum.notices.elements import Audience, slots
from openum.notices.isolates import CLOSE, OPEN, isolated
from openum.notices.languages import Catalogue, CatalogueFaulty, is_right_to_left
from openum.notices.render import as_mapping, can_draw, render_html, render_pdf
from openum.notices.services.issuing import inputs_of
from openum.notices.stored import letter_of
from openum.notices.templates import PLACEHOLDER
from openum.notices.wording import Contacts, SentenceMissing, Taglines
from openum.vocabulary.terms import LineOfBusiness
from tests.notices import examples

LANGUAGES = ("fr", "id", "nl", "vi", "zh")
MEMBER = [each for each in examples.templates() if each.language == "en" and each.audience is Audience.MEMBER]


def catalogue(language):
    return languages.parse(examples.body(pack.LANGUAGE, language))


def pseudo(language="ar"):
    """Every text of the member letters, with its words between marks of the script and its placeholders kept."""
    texts = {}
    for template in MEMBER:
        bare = languages.translated(template, languages.without("xx"))
        texts |= {english: f"ب {english} ت" for english in bare.untranslated}
    return replace(languages.without(language), texts=texts, version="1")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_member_letter_is_whole_in_every_language(language):
    known = catalogue(language)
    assert known.status == "unreviewed"
    for template in MEMBER:
        assert languages.translated(template, known).untranslated == (), template.key
    contacts = Contacts.parse(examples.body(pack.CONTACTS, "contacts")).with_languages([known])
    for path in (
        "copies.right",
        "help_offices.erisa_group",
        "units.visit",
        "reduction.ends",
        "appeal.next.external.what",
    ):
        assert contacts.missing(path, language) == (), path
    rights = examples.rights_text(LineOfBusiness.MEDICAID_MANAGED_CARE, "en").translated(known)
    assert rights.untranslated == ()
    assert rights.member["right"] != examples.rights_text(LineOfBusiness.MEDICAID_MANAGED_CARE, "en").member["right"]


def test_a_text_without_translation_stays_english_and_is_listed():
    template = examples.template("denial-member")
    poor = replace(catalogue("fr"), texts={"We said no to your request": "Nous avons dit non"})
    made = languages.translated(template, poor)
    assert made.title == "Nous avons dit non"
    assert "Our answer is no" in made.untranslated
    assert "We said no to your request" not in made.untranslated
    contacts = Contacts.parse(examples.body(pack.CONTACTS, "contacts")).with_languages([poor])
    assert contacts.missing("hours", "fr") == ("We are here 8 a.m. to 8 p.m., every day.",)
    assert contacts.say("hours", "fr") == "We are here 8 a.m. to 8 p.m., every day."
    older = Contacts(raw={key: value for key, value in contacts.raw.items() if key != "texas"})
    with pytest.raises(SentenceMissing, match="texas.external"):
        older.say("texas.external", "en")


@pytest.mark.parametrize("text", ["", "Bonjour {number}"])
def test_a_translation_keeps_the_placeholders_of_its_text(text):
    body = (
        "language: fr\nname: F\nversion: '1'\neffective_from: 2026-01-01\ntranslation: {status: unreviewed}\nsource: s\n"
        f"texts: {{'Dear {{recipient.name}}:': '{text}'}}\n"
    )
    with pytest.raises(CatalogueFaulty, match="empty or has other placeholders"):
        languages.parse(body)


def test_a_catalogue_without_its_header_is_refused():
    with pytest.raises(CatalogueFaulty, match="cannot be read"):
        languages.parse("language: fr\n")


def test_a_right_to_left_letter_turns_round_in_both_forms():
    template = languages.translated(examples.template("denial-member"), pseudo())
    assert template.untranslated == ()
    letter = examples.letter(LetterKind.DENIAL, language="en")
    mapping = as_mapping(compose(letter, template))
    html = render_html(mapping)
    assert html.startswith('<article class="letter letter-us-letter" lang="ar" dir="rtl">')
    assert can_draw(mapping)
    _pdf, left_out, _replaced = render_pdf(mapping)
    assert left_out == ("hi", "gu")
    css = (examples.ROOT.parent / "openum/notices/static/notices/letter.css").read_text()
    sides = re.findall(r"(?:margin|padding|border)-(?:left|right)|text-align: (?:left|right)", css)
    assert sides == []


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("ب 27447-RT ت", ["27447-RT"]),
        ("هاتف 1-800-555-0142 (TTY 711).", ["1-800-555-0142 (TTY 711)"]),
        ("ب (رقم C-26-0000317-L2) ت", ["C-26-0000317-L2"]),
        ("ب (42 CFR 422.568(d)) ت", ["(42 CFR 422.568(d))"]),
        ("حتى 2026-12-04, ت", ["2026-12-04"]),
        ("لا شيء", []),
        ("Call us now.", ["Call us now."]),
    ],
)
def test_codes_dates_and_numbers_are_set_apart_in_right_to_left_text(text, parts):
    assert re.findall(f"{OPEN}([^{CLOSE}]*){CLOSE}", isolated(text)) == parts
    assert isolated(text).replace(OPEN, "").replace(CLOSE, "") == text


def lines_of_pdf(mapping):
    """Every line of a PDF as the eye reads it, from left to right."""
    import io

    import pdfplumber

    pdf, _, replaced = render_pdf(mapping)
    assert replaced == 0
    lines = []
    with pdfplumber.open(io.BytesIO(pdf)) as opened:
        for page in opened.pages:
            rows: dict[int, list] = {}
            for char in page.chars:
                rows.setdefault(round(char["top"]), []).append(char)
            lines += ["".join(c["text"] for c in sorted(row, key=lambda c: c["x0"])) for row in rows.values()]
    return lines


def test_the_box_about_an_unfinished_form_is_english_and_reads_from_the_left():
    letter = examples.letter(LetterKind.DENIAL, language="en")
    mapping = as_mapping(compose(letter, languages.translated(examples.template("denial-member"), pseudo())))
    html = render_html(mapping)
    assert '<p class="letter-banner" dir="ltr"><strong><span lang="en">' in html
    first = lines_of_pdf(mapping)[0]
    assert first.startswith("Not for production. ")
    assert mapping["banner"].startswith(first.removeprefix("Not for production. ").strip()[:30])


def test_a_code_a_number_and_a_telephone_read_from_left_to_right_in_both_forms():
    letter = examples.letter(LetterKind.DENIAL, language="en")
    mapping = as_mapping(compose(letter, languages.translated(examples.template("denial-member"), pseudo())))
    assert OPEN not in str(mapping)
    html = render_html(mapping)
    assert '<bdi dir="ltr">27447-RT</bdi>' in html
    assert html.count("<bdi") == html.count("</bdi>")
    drawn = "\n".join(lines_of_pdf(mapping))
    for text in ("27447-RT", "C-26-0000317-L2", "1-800-555-0142 (TTY 711)"):
        assert text in drawn
    english = as_mapping(compose(letter, examples.template("denial-member")))
    assert "0142-555-800-1" not in "\n".join(lines_of_pdf(english))  # the Arabic tagline
    assert render_html(english).count("<bdi") == 1


def test_the_heading_stands_at_the_right_edge_in_a_right_to_left_pdf():
    import io

    import pdfplumber

    def first_heading(language, template):
        letter = examples.letter(LetterKind.WITHDRAWAL, language="en")
        pdf, _, _ = render_pdf(as_mapping(compose(letter, template)))
        with pdfplumber.open(io.BytesIO(pdf)) as opened:
            page = opened.pages[0]
            big = [char for char in page.chars if char["size"] > 18]
            return min(char["x0"] for char in big), max(char["x1"] for char in big), page.width

    english = examples.template("withdrawal-member")
    left, _right, _width = first_heading("en", english)
    _left, right, width = first_heading("ar", languages.translated(english, pseudo()))
    assert left < 80
    assert right > width - 80


def test_chinese_is_drawn_with_a_font_that_has_it_and_keeps_its_text():
    template = languages.translated(examples.template("denial-member"), catalogue("zh"))
    mapping = as_mapping(compose(examples.letter(LetterKind.DENIAL), template, text_points=18, page_size="a4"))
    pdf, _, replaced = render_pdf(mapping)
    assert replaced == 0
    import io

    from pypdf import PdfReader

    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).replace(" ", "")
    assert "我们拒绝了您的申请" in text
    assert PdfReader(io.BytesIO(pdf)).trailer["/Root"]["/Lang"] == "zh"


def test_a_language_without_a_font_here_cannot_be_drawn():
    template = languages.translated(
        examples.template("denial-member"),
        replace(languages.without("hi"), texts={"We said no to your request": "हमने मना किया"}),
    )
    assert not can_draw(as_mapping(compose(examples.letter(LetterKind.DENIAL), template)))


def test_a_state_has_its_own_fifteen_languages():
    known = Taglines.parse(examples.body(pack.TAGLINES, "taglines"))
    assert {state: len(known.of(state)) for state in ("CA", "TX", "NY")} == {"CA": 16, "TX": 16, "NY": 16}
    assert [each.language for each in known.of("NY")[:4]] == ["en", "es", "zh", "ru"]
    assert known.of("EX") == known.of("")
    assert [each.language for each in known.of("CA") if each.is_right_to_left] == ["fa", "ar"]
    assert all("{phone}" in each.text and "{tty}" in each.text for each in known.rows.values())
    assert is_right_to_left("yi")


@pytest.mark.parametrize(("kind", "audience"), examples.readers())
def test_a_letter_comes_back_whole_from_its_stored_inputs(kind, audience):
    lob = examples.law_for(kind, audience, LineOfBusiness.ERISA_GROUP)
    letter = examples.letter(kind, audience, lob=lob)
    words = letter.assistance.taglines if letter.assistance else ()
    again = letter_of(kind, inputs_of(letter), words)
    assert again == letter
    assert [slot.path for slot in slots(again)] == [slot.path for slot in slots(letter)]


def test_placeholders_are_the_same_in_every_catalogue():
    english = set(catalogue("zh").texts)
    for language in LANGUAGES:
        known = catalogue(language)
        assert set(known.texts) == english
        assert all(
            sorted(PLACEHOLDER.findall(text)) == sorted(PLACEHOLDER.findall(source))
            for source, text in known.texts.items()
        )


def test_an_empty_catalogue_says_nothing_but_numbers():
    empty: Catalogue = languages.without("ko")
    assert empty.of("{plan.phone}") == "{plan.phone}"
    assert empty.of("Questions?") is None
