"""What refuses a signature, and what the preview says of it before."""

import pytest

from openum.audit import events_of
from openum.determination.models import Determination
from openum.determination.queries import open_leaves
from openum.determination.reasons import KEPT_WORDS
from openum.determination.services import deny_line
from openum.directory.models import Policy
from openum.notices import services
from openum.notices.elements import LetterIncomplete
from openum.notices.queries import TextsNotPublished
from openum.notices.reading_grade import LetterHardToRead
from openum.review.queries import documents_to_open
from openum.review.services import open_evidence
from openum.vocabulary.terms import LineStatus, ReasonClass
from tests.notices.letters_of_a_case.case import WHY, deny, letters

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("field", "named"),
    [
        ("name", "the name of the plan"),
        ("phone", "a telephone number for help"),
        ("address", "where to send the appeal"),
    ],
)
def test_an_incomplete_letter_refuses_the_signature(world, line, at, field, named):
    setattr(world.plan, field, "")
    world.plan.save()
    with pytest.raises(LetterIncomplete, match=named):
        deny(world, line, at)
    line.refresh_from_db()
    assert line.status == LineStatus.PENDED_WITH_PHYSICIAN
    assert Determination.objects.count() == 0
    assert letters(line) == []
    assert "LineDecided" not in [event.type for event in events_of(line.case.public_id)]


def test_the_label_of_a_reason_alone_is_no_specific_reason(world, line, at):
    for document in documents_to_open(line.case):
        open_evidence(attachment=document, by=world.physician, at=at)
    answers = dict.fromkeys(open_leaves(line), "Not in the papers that were sent.")
    label = "Not shown to be medically necessary."
    with pytest.raises(LetterIncomplete, match="the specific reason, tied to the member's facts"):
        deny_line(line=line, by=world.physician, at=at, rationale=label, node_answers=answers)


def test_a_short_form_that_nobody_explains_is_pointed_out_and_blocks_nothing(world, line, at):
    for document in documents_to_open(line.case):
        open_evidence(attachment=document, by=world.physician, at=at)
    answers = dict.fromkeys(open_leaves(line), "Not in the papers that were sent.")
    why = "Your BMI and the KL grade (grade of wear) are in the papers. Twelve weeks of PT are not."
    deny_line(line=line, by=world.physician, at=at, rationale=why, node_answers=answers)
    member, provider = letters(line)[:2]
    assert "Say what these short forms mean: BMI, KL, PT." in member.gate
    assert provider.gate == ""


def test_without_published_texts_nobody_signs(world, line, at):
    Policy.objects.filter(kind="appeal-rights", key__startswith="appeal-rights.insured").update(effective_to=at.date())
    with pytest.raises(TextsNotPublished, match="No appeal rights are published"):
        deny(world, line, at)
    assert Determination.objects.count() == 0


def test_the_preview_shows_everything_and_writes_nothing(world, line, at):
    line.case.member.language = "es"
    line.case.member.save()
    shown = services.preview(
        line=line, outcome=LineStatus.DENIED, reason_class=ReasonClass.NOT_MEDICALLY_NECESSARY,
        reason="not-medically-necessary", rationale=WHY, by=world.physician, at=at,
    )  # fmt: skip
    assert letters(line) == []
    assert [(each.audience, each.language) for each in shown.letters] == [
        ("member", "es"), ("member", "en"), ("provider", "en"), ("provider", "en"),
    ]  # fmt: skip
    assert shown.missing == ()
    assert shown.letters[0].untranslated == (WHY,)
    assert shown.clinical_text == WHY
    assert shown.rationale_grade.value < 8
    assert WHY in shown.letters[1].html


def test_the_preview_names_what_would_refuse_the_signature(world, line, at):
    shown = services.preview(
        line=line, outcome=LineStatus.DENIED, reason_class=ReasonClass.NOT_MEDICALLY_NECESSARY,
        reason="not-medically-necessary", rationale="", by=world.physician, at=at,
    )  # fmt: skip
    assert any(each.startswith("the specific reason, tied to the member's facts (") for each in shown.missing)
    assert all(each.html == "" for each in shown.letters if each.audience == "member")


HARD = (
    "Documentation demonstrates insufficient conservative rehabilitation preceding arthroplasty, and radiographic "
    "characterization of osteoarthritic deterioration remains inconclusive notwithstanding repeated evaluation. "
) * 6


def test_hard_words_are_rewritten_or_kept_with_a_reason(world, line, at):
    for document in documents_to_open(line.case):
        open_evidence(attachment=document, by=world.physician, at=at)
    answers = dict.fromkeys(open_leaves(line), "Not in the papers that were sent.")
    given = {"line": line, "by": world.physician, "rationale": HARD, "node_answers": answers}
    with pytest.raises(LetterHardToRead, match="Write shorter sentences with shorter words, or keep them and say why."):
        deny_line(at=at, **given)
    assert Determination.objects.count() == 0
    because = "The surgeon asked for the exact terms."
    row = deny_line(at=at, statements={KEPT_WORDS: because}, **given)
    assert row.statements == {KEPT_WORDS: because}
    member, provider = letters(line)[:2]
    assert (member.audience, member.gate_kept, provider.gate_kept) == ("member", because, "")
    assert member.reading_grade > 6
