"""The sections of the policy page, and the PDF made of them."""

import io
from datetime import UTC, date, datetime

import pdfua
import pytest
from django.utils.translation import override
from pypdf import PdfReader

from openum.criteria.approval import parse_approval_rules
from openum.criteria.faces import shelf
from openum.criteria.faces.policy import Edition, Shown, facts, numbers_told, sections
from openum.criteria.faces.print import policy_pdf
from openum.criteria.faces.shelf import Title, Volume, Wish
from tests.criteria.documents import POLICIES
from tests.criteria.faces.documents import guideline

RULE = parse_approval_rules((POLICIES / "approval_rules/AA-014.yaml").read_text("utf-8"), file="x")[0]
EDITIONS = (Edition("v1", date(2030, 1, 1), date(2031, 1, 1)), Edition("v0", date(2029, 1, 1), None))


def shown(*changes, rules=(RULE,)):
    """The page of the guideline."""
    return Shown(
        guideline(*changes), "ab" * 32, date(2030, 3, 1), EDITIONS, rules, "https://example.org/policies/ROUND/v1/"
    )


def blocks(key, **facts):
    """The blocks of one section."""
    return next(section for section in sections(shown(**facts)) if section.key == key).blocks


def cells(block):
    """A table's cells as texts."""
    return [[cell["text"] for cell in row] for row in block["rows"]]


def test_the_page_has_its_sections_in_order():
    keys = ["scope", "authority", "criteria", "flow", "text", "machine", "tests", "sources", "codes", "versions"]
    assert [section.key for section in sections(shown())] == keys


def test_scope_authority_and_the_exclusion_rule_are_shown():
    scope = dict(blocks("scope")[0]["rows"])
    assert scope["Services"] == "HCPCS E9998, HCPCS E9999"
    assert scope["Plans of this kind"] == "Medicare Advantage and Employer plans"
    assert scope["Age"] == "from 18 years"
    rests, words, barred = blocks("authority")
    assert cells(rests) == [["NCD 1.1 B", "Medicare national coverage determination", "everywhere", "yes"]]
    assert words["text"].startswith("Medicare Advantage: where one of these Medicare rules settles the matter")
    assert cells(barred) == [["LCD L00000", "Medicare local coverage determination", "WA", "no, not yet"]]


def test_every_criterion_tells_question_what_satisfies_evidence_and_form():
    root = blocks("criteria")[0]["nodes"][0]
    care = root["children"][1]["children"][0]
    assert care["head"] == "2a. Was there care?"
    assert dict(care["rows"]) == {
        "In plain words": "Is it so, 2a?",
        "What satisfies it": "A note about 2a.",
        "Papers that can show it": "clinical note",
        "In the electronic record": "Condition.code",
        "Asked in the form": "Weeks of care (number, weeks)",
    }
    assert root["children"][2]["rule"] == "At least 2 of these"


def test_numbers_are_told_by_the_criterion_they_decide():
    told = dict(numbers_told(guideline()))
    assert told["2a. Was there care?"] == ["Enough Care: at least 6", "Enough Care: less than 6"]
    assert "4a. Is there a reason against it?" not in told


def test_sources_codes_and_test_patients_are_shown():
    assert cells(blocks("sources")[0]) == [["A source", "part 1", "no, not yet"]]
    assert blocks("sources")[0]["rows"][0][0]["href"] == "https://example.org/source"
    assert cells(blocks("codes")[0]) == [["Falls", "2029-10", "ICD10: R29.6 W19.XXXA", "A public list"]]
    words, table = blocks("tests")
    assert words["text"].startswith("Invented test patients: 1.")
    assert cells(table)[0] == ["1. Did it begin six weeks ago?", "1", "0", "0"]


def test_only_an_address_of_the_web_becomes_a_link():
    changed = next(
        each for each in sections(shown(("https://example.org/source", "javascript:alert(1)"))) if each.key == "sources"
    )
    assert "href" not in changed.blocks[0]["rows"][0][0]


def test_the_rule_by_which_a_machine_may_approve_is_shown_or_its_absence():
    assert cells(blocks("machine")[1])[0][:2] == ["AA-014 v3", "CPT 72148"]
    assert "a person looks at every request" in blocks("machine", rules=())[1]["text"]


def test_a_version_names_itself_and_the_one_before():
    assert facts(shown())[0] == ("Guideline", "ROUND v1")
    earlier = shown().earlier
    assert earlier is not None
    assert earlier.version == "v0"


@pytest.mark.parametrize(("language", "words"), [("en", "What satisfies it"), ("es", "Qué lo cumple")])
def test_the_pdf_is_tagged_says_the_same_and_is_the_same_every_time(language, words, tmp_path):
    with override(language):
        pdf = policy_pdf(shown())
        assert pdf == policy_pdf(shown())
    reader = PdfReader(io.BytesIO(pdf))
    text = " ".join(" ".join(page.extract_text().split()) for page in reader.pages)
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert reader.trailer["/Root"]["/Lang"] == language
    assert words in text
    assert "ROUND v1" in text
    assert "R29.6 W19.XXXA" in text
    assert "https://example.org/policies/ROUND/v1/" in text
    assert pdfua is not None


def test_the_prose_of_clinicians_is_marked_as_english_on_a_spanish_page():
    with override("es"):
        note, prose = blocks("text")
        assert "inglés" in note["text"]
        assert "<strong>Strong</strong>" in prose["html"]
        assert [part["kind"] for part in prose["parts"]] == ["paragraph", "heading", "item"]


# ---- The shelf


def titles():
    """A shelf with two guidelines."""
    at = datetime(2030, 1, 1, tzinfo=UTC)
    first = Volume(guideline(), "d1", at, is_verified=False)
    other = Volume(guideline(("id: ROUND", "id: SQUARE"), ("cosa redonda", "cosa ovalada"), ("round thing", "óval thing"), ("HCPCS|E9998, HCPCS|E9999", "CPT|72148"), ("medicare_advantage, erisa_group", "medicaid_managed_care")), "d2", at, is_verified=False)  # fmt: skip
    return (Title(first, (first,)), Title(other, (other,)))


@pytest.mark.parametrize(
    ("wish", "found"),
    [
        (Wish("round"), ["ROUND"]),
        (Wish("REDONDA"), ["ROUND"]),
        (Wish("oval"), ["SQUARE"]),
        (Wish("72148"), ["SQUARE"]),
        (Wish("E999"), ["ROUND"]),
        (Wish("r29.6"), ["ROUND", "SQUARE"]),
        (Wish("thing care"), ["ROUND", "SQUARE"]),
        (Wish("rolls"), ["ROUND", "SQUARE"]),
        (Wish("thing nowhere"), []),
        (Wish(line_of_business="medicaid_managed_care"), ["SQUARE"]),
        (Wish(authority="NCD"), ["ROUND", "SQUARE"]),
        (Wish("round", authority="state"), []),
    ],
)
def test_guidelines_are_found_by_word_code_service_plan_and_authority(wish, found):
    assert [hit.title.current.guideline.id for hit in shelf.find(titles(), wish)] == found


def test_a_hit_says_why():
    assert shelf.find(titles(), Wish("72148"))[0].why == "decides about CPT 72148"
    assert shelf.find(titles(), Wish("R29.6"))[0].why == "R29.6 is in the code list “Falls”".replace(
        "R29.6 is", "ICD10 R29.6 is"
    )


def test_what_was_published_last_stands_first_with_the_version_before_it():
    new = Volume(guideline(("version: v1", "version: v2")), "d3", datetime(2030, 2, 1, tzinfo=UTC), is_verified=False)
    old = titles()[0].current
    assert shelf.lately([Title(old, (new, old)), titles()[1]])[0] == (new, old)
