"""Every mandatory element is a field: remove it and the letter cannot be made; every template prints it."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from openum.notices import pack
from openum.notices.compose import compose
from openum.notices.content import Letter, LetterKind, ResponseTimeTooShort
from openum.notices.elements import COLUMN_OF, Audience, Column, LetterIncomplete, check, slots
from openum.notices.facts import Extension
from openum.notices.render import as_mapping, render_html
from openum.notices.templates import TemplateFaulty, expand, parse, uncovered
from openum.notices.wording import Contacts
from openum.vocabulary.terms import LineOfBusiness, ReasonClass
from tests.notices import examples

LAWS = (
    LineOfBusiness.MEDICARE_ADVANTAGE,
    LineOfBusiness.INTEGRATED_DUAL,
    LineOfBusiness.MEDICAID_MANAGED_CARE,
    LineOfBusiness.ERISA_GROUP,
    LineOfBusiness.COMMERCIAL_STATE,
)
READERS = examples.readers()


def without(part, path):
    """Return a copy of a letter with the element at a path emptied."""
    head, _, rest = path.partition(".")
    name, _, index = head.partition("[")
    value = getattr(part, name)
    if index:
        items = list(value)
        items[int(index[:-1])] = without(items[int(index[:-1])], rest)
        return replace(part, **{name: tuple(items)})
    if rest:
        return replace(part, **{name: without(value, rest)})
    return replace(part, **{name: "" if isinstance(value, str) else () if isinstance(value, tuple) else None})


def complete_letters() -> Iterator[Letter]:
    for lob in LAWS:
        for kind, audience in READERS:
            yield examples.letter(kind, audience, lob=lob)


@pytest.mark.parametrize("lob", LAWS)
@pytest.mark.parametrize(("kind", "audience"), READERS)
def test_a_letter_without_any_one_element_is_refused_and_the_element_named(kind, audience, lob):
    letter = examples.letter(kind, audience, lob=examples.law_for(kind, audience, lob))
    check(letter)
    found = slots(letter)
    assert len(found) >= 17
    for slot in found:
        with pytest.raises(LetterIncomplete, match=re.escape(slot.element.name)) as refusal:
            check(without(letter, slot.path))
        assert slot.path in [each.path for each in refusal.value.missing]
        assert slot.law in refusal.value.sentence
        assert refusal.value.code == "letter-incomplete"


PART_D = [
    (each.kind, each.audience)
    for each in examples.templates()
    if Column.PART_D in each.columns and each.language == "en"
]  # fmt: skip


@pytest.mark.parametrize(("kind", "audience"), PART_D)
def test_the_letters_of_part_d_are_whole_under_its_own_law(kind, audience):
    """42 CFR 423.568(e)-(g), 423.572(c), 423.580, 423.590."""
    lob = LineOfBusiness.MEDICARE_PART_D
    for language in ("en", "es"):
        letter = examples.letter(kind, audience, lob=lob, language=language)
        template = examples.fitting(kind, audience, lob, language)
        required = {re.sub(r"\[\d+\]", "", slot.path): slot.element.name for slot in slots(letter)}
        assert uncovered(template, required) == ()
        assert "{" not in compose(letter, template).title
    with pytest.raises(LetterIncomplete):
        check(without(letter, "number"))


def test_part_d_has_its_own_form_times_and_way_to_the_reviewer():
    """42 CFR 423.568(g), 423.582(b), 423.590, 423.600; form CMS-10146."""
    lob = LineOfBusiness.MEDICARE_PART_D
    template = examples.fitting(LetterKind.DENIAL, Audience.MEMBER, lob, "en")
    assert "CMS-10146" in template.unfit_for_production(Column.PART_D)
    html = render_html(as_mapping(compose(examples.letter(LetterKind.DENIAL, lob=lob), template)))
    for words in ("within 7 days", "You must ask for that", "You can ask for an exception", "February 5, 2027"):
        assert words in html, words
    kinds = {kind for kind, _ in PART_D}
    assert {LetterKind.DENIAL, LetterKind.INSERT, LetterKind.INFORMATION_REQUEST, LetterKind.EXPEDITE_REFUSED} <= kinds
    assert not kinds & {LetterKind.EXTENSION, LetterKind.LATE, LetterKind.COVERAGE_ENDS, LetterKind.OBSERVATION}


def test_blanks_are_not_content():
    letter = examples.letter(LetterKind.DENIAL)
    with pytest.raises(LetterIncomplete, match="the specific reason, tied to the member's facts"):
        check(replace(letter, reason=replace(letter.reason, specific=" \n\t ")))


@pytest.mark.parametrize("template", examples.templates(), ids=lambda each: each.policy_key)
def test_a_template_prints_every_mandatory_element_of_its_laws(template):
    for lob in LAWS:
        if COLUMN_OF[lob] not in template.columns:
            continue
        letter = examples.letter(template.kind, template.audience, lob=lob, language=template.language)
        required = {re.sub(r"\[\d+\]", "", slot.path): slot.element.name for slot in slots(letter)}
        assert uncovered(template, required) == ()


@pytest.mark.parametrize("lob", LAWS)
@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(("kind", "audience"), READERS)
def test_the_words_of_every_element_stand_in_the_letter(kind, audience, lob, language):
    lob = examples.law_for(kind, audience, lob)
    letter = examples.letter(kind, audience, lob=lob, language=language)
    text = render_html(as_mapping(compose(letter, examples.fitting(kind, audience, lob, language))))
    for slot in slots(letter):
        value = letter
        for step in re.findall(r"[a-z_]+|\d+", slot.path):
            value = value[int(step)] if step.isdigit() else getattr(value, step)
        if isinstance(value, str):
            assert value.replace("'", "&#x27;").replace('"', "&quot;") in text, slot.path
        elif isinstance(value, date):
            assert str(value.year) in text
            assert str(value.day) in text


def test_continuation_is_a_medicaid_element_and_the_suit_an_erisa_one():
    def paths(lob):
        return {slot.path for slot in slots(examples.letter(LetterKind.DENIAL, lob=lob))}

    assert "continuation.how" in paths(LineOfBusiness.MEDICAID_MANAGED_CARE)
    assert "continuation.how" in paths(LineOfBusiness.MEDICAID_FFS)
    assert "continuation" not in paths(LineOfBusiness.CHIP_FFS), "42 CFR 457.1260 leaves 438.420 out"
    assert "continuation.how" not in paths(LineOfBusiness.ERISA_GROUP)
    assert "rights.court" in paths(LineOfBusiness.ERISA_GROUP)
    assert "rights.court" not in paths(LineOfBusiness.COMMERCIAL_STATE)


def test_the_provider_gets_the_reviewer_and_the_member_the_taglines():
    def names(audience):
        return {slot.path.split(".")[0] for slot in slots(examples.letter(LetterKind.DENIAL, audience))}

    assert "reviewer" in names(Audience.PROVIDER)
    assert "assistance" not in names(Audience.PROVIDER)
    assert "assistance" in names(Audience.MEMBER)


def test_a_rule_needs_no_criterion_and_a_clinical_reason_does():
    letter = examples.letter(LetterKind.DENIAL, gaps=())
    with pytest.raises(LetterIncomplete, match="the criterion that was not met"):
        check(letter)
    check(replace(letter, reason_class=ReasonClass.EXCLUSION))
    check(replace(letter, cites_authority_only=True))


@pytest.mark.parametrize(
    "reason", [ReasonClass.BENEFIT_LIMIT, ReasonClass.OUT_OF_NETWORK, ReasonClass.INFORMATION_NOT_RECEIVED]
)
def test_limits_networks_and_missing_facts_are_clinical(reason):
    with pytest.raises(LetterIncomplete, match="the criterion that was not met"):
        check(examples.letter(LetterKind.DENIAL, gaps=(), reason_class=reason))


def test_an_erisa_extension_gives_45_days_and_a_medicare_one_names_no_days():
    short = Extension(circumstances="Papers are missing.", decide_by=date(2026, 12, 24), respond_by=date(2027, 1, 15))
    with pytest.raises(ResponseTimeTooShort, match="45 days"):
        examples.letter(LetterKind.INFORMATION_REQUEST, lob=LineOfBusiness.ERISA_GROUP, extension=short)
    examples.letter(LetterKind.INFORMATION_REQUEST, lob=LineOfBusiness.MEDICARE_ADVANTAGE, extension=short)


def test_the_last_day_to_appeal_follows_the_law():
    def deadline(lob):
        return examples.letter(LetterKind.DENIAL, lob=lob).rights.deadline

    assert deadline(LineOfBusiness.MEDICARE_ADVANTAGE) == date(2027, 2, 5)  # 65 days after December 2
    assert deadline(LineOfBusiness.MEDICAID_MANAGED_CARE) == date(2027, 1, 31)  # 60 days
    assert deadline(LineOfBusiness.MEDICAID_FFS) == date(2027, 3, 2)  # 90 days, 42 CFR 431.221(d)
    assert deadline(LineOfBusiness.ERISA_GROUP) == date(2027, 6, 5)  # 180 days and 5 for the mail


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("lob", list(LineOfBusiness))
def test_every_line_of_business_has_appeal_rights_and_an_office_that_helps(lob, language):
    assert examples.rights_text(lob, language).lines_of_business
    contacts = Contacts.parse(examples.body(pack.CONTACTS, "contacts"))
    assert contacts.help_offices(lob, language)
    for kind in (LetterKind.DENIAL, LetterKind.APPEAL_UPHELD):
        check(examples.letter(kind, lob=lob, language=language))


def test_only_reviewed_or_original_texts_that_we_hold_may_leave_production():
    unfit = {each.policy_key for each in examples.templates() if each.unfit_for_production(Column.MEDICARE)}
    assert "denial-member-form.en" in unfit
    assert "partial-approval-member.en" in unfit
    assert "insert-member.en" not in unfit
    assert {each.policy_key for each in examples.templates() if each.language == "es"} <= unfit
    assert examples.template("partial-approval-member").unfit_for_production(Column.ERISA) == ""


SOURCE = """
key: x
language: en
version: "1"
kind: withdrawal
audience: member
columns: [ERISA]
effective_from: 2026-01-01
translation: {status: original}
source: s
source_verified: false
title: T
page: p
reference: []
body: [%s]
"""


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ("{text: '{member.birth_date}'}", "names fields that the letter does not have: member.birth_date"),
        ("{txt: x}", "needs exactly one of"),
        ("{when: secret, text: x}", "names fields that the letter does not have: secret"),
        ("{text: '{withdrawal.__class__}'}", "withdrawal.__class__"),
    ],
)
def test_a_faulty_template_is_refused_when_it_is_read(block, words):
    with pytest.raises(TemplateFaulty, match=words):
        parse(SOURCE % block)


def test_a_missing_block_file_is_named():
    with pytest.raises(TemplateFaulty, match="rights.en"):
        expand(SOURCE % "{include: rights}", {})


def test_a_letter_needs_a_template_of_its_own_kind():
    with pytest.raises(TemplateFaulty, match="not a template for a member denial letter"):
        compose(examples.letter(LetterKind.DENIAL), examples.template("approval-member"))
