"""Letters from stored rows: written with their cause, refused when incomplete, sent with proof."""

import csv
import hashlib
import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from openum.audit import events_of
from openum.cases.models import ServiceLine
from openum.cases.queries import current_lines
from openum.cases.rules import OPEN_STATUSES
from openum.cases.services import ItemAsked, withdraw_line
from openum.clocks.models import Clock, ClockFact
from openum.clocks.services import sweep, take_extension
from openum.determination.models import Determination
from openum.determination.queries import open_leaves
from openum.determination.rules import GuardAnswer
from openum.determination.services import approve_line, close_administratively, deny_line, partially_approve_line
from openum.directory.models import Policy
from openum.jobs import run_due
from openum.notices import services
from openum.notices.elements import LetterIncomplete
from openum.notices.models import Notice, NoticeSending, Translation
from openum.notices.queries import TextsNotPublished, notices_visible_to
from openum.review.queries import documents_to_open
from openum.review.services import ask_for_information, open_evidence, refer_to_physician
from openum.vocabulary.terms import Channel, LineStatus, ReasonClass
from tests.world import knee_request, note, send

pytestmark = pytest.mark.django_db
WHY = "We saw seven weeks of therapy. The rule asks for twelve weeks, or a note that says why not."


def line_of(world, at, *, of=None):
    """A knee replacement with a note, referred to a physician."""
    request = knee_request(world, of=of, at=at, evidence=(note("Visit", "Knee pain for a year."),))
    return current_lines(send(world, request, at=at).case)[0]


@pytest.fixture
def line(world, at):
    row = line_of(world, at)
    refer_to_physician(line=row, summary="Seven weeks of therapy.", by=world.nurse, at=at + timedelta(hours=1))
    return row


def deny(world, line, at, **facts):
    for document in documents_to_open(line.case):
        open_evidence(attachment=document, by=world.physician, at=at)
    answers = dict.fromkeys(open_leaves(line), "Not in the papers that were sent.")
    return deny_line(line=line, by=world.physician, at=at, rationale=WHY, node_answers=answers, **facts)


def letters(line, **filters):
    """The letters of a case, without those about the papers that triage asked for by itself."""
    return list(Notice.objects.filter(case=line.case, **filters).exclude(kind="information-request").order_by("pk"))


def letters_about(question):
    return list(Notice.objects.filter(information_request=question).order_by("pk"))


def test_a_denial_writes_its_letters_in_the_same_breath(world, line, at):
    later = at + timedelta(hours=2)
    decision = deny(world, line, later)
    assert [(each.kind, each.audience, each.language, each.state) for each in letters(line)] == [
        ("denial", "member", "en", "sent"),
        ("denial", "provider", "en", "sent"),
        ("denial", "provider", "en", "sent"),
    ]
    member = letters(line)[0]
    assert member.number == f"{line.case.number}-L1"
    assert member.determination == decision
    assert member.sent_at == later
    assert float(member.reading_grade) <= 6
    for text in (
        WHY,
        "Knee replacement",
        "right side",
        "27447-RT",
        "KNEE-ARTH",
        "v2026.2",
        "180 days",
        "You have 180 days",
        "You can appeal",
    ):
        assert text in member.html, text


def test_the_letter_names_the_decider_and_the_published_window_for_a_talk(world, line, at):
    deny(world, line, at)
    provider = letters(line, audience="provider")[0].html
    assert "Physician, internal medicine, physician EX" in provider
    clock = Clock.objects.get(case=line.case, purpose="peer_to_peer_window")
    assert clock.due_at.astimezone(ZoneInfo("America/New_York")).date() == date(2026, 11, 30)
    assert "A talk is possible until November 30, 2026." in provider


def test_a_no_goes_to_the_clinician_who_treats_as_well(world, line, at):
    deny(world, line, at)
    named = [each.document["recipient"][0] for each in letters(line, audience="provider")]
    assert named == ["Test Practice", "Sam Surgeon"]


def test_the_proof_of_sending_stops_the_clock_and_signing_does_not(world, line, at):
    deny(world, line, at + timedelta(hours=2))
    sent = [event for event in events_of(line.case.public_id) if event.type == "NoticeSent"]
    assert len(sent) == 3
    assert ClockFact.objects.filter(request=line.request, kind="notice_sent", details__recipient="enrollee").exists()
    assert not Clock.objects.filter(case=line.case, purpose="decide", stopped_at__isnull=True).exists()


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


def test_an_approval_is_written_by_a_job(world, line, at):
    approve_line(line=line, by=world.physician, at=at, rationale="Meets the intent of the rule.")
    assert letters(line) == []
    run_due(at + timedelta(seconds=1), 100)
    assert [(each.kind, each.audience) for each in letters(line)] == [("approval", "member"), ("approval", "provider")]
    number = line.authorizations.get().number
    assert all(number in each.html for each in letters(line))
    run_due(at + timedelta(seconds=2), 100)
    services.prepare_approvals(case_id=line.case.public_id, decided_at=at, at=at + timedelta(hours=1))
    assert len(letters(line)) == 2


def test_a_reversal_says_what_changed(world, line, at):
    deny(world, line, at)
    approve_line(
        line=line, by=world.physician, at=at + timedelta(days=1), rationale="Therapy had to stop.", because="correction"
    )
    run_due(at + timedelta(days=1, seconds=1), 100)
    changed = letters(line, kind="overturn", audience="member")[0]
    assert "Therapy had to stop." in changed.html
    assert "November 16, 2026" in changed.html
    assert letters(line, kind="denial", audience="member")[0].state == "sent"


def test_less_than_asked_states_both_parts(world, at):
    row = line_of(world, at)
    ServiceLine.objects.filter(pk=row.pk).update(requested_units=Decimal(12), unit="VS")
    refer_to_physician(line=row, summary="Twelve visits.", by=world.nurse, at=at)
    row.refresh_from_db()
    for document in documents_to_open(row.case):
        open_evidence(attachment=document, by=world.physician, at=at)
    answers = dict.fromkeys(open_leaves(row), "Not in the papers that were sent.")
    partially_approve_line(line=row, units=Decimal(8), by=world.physician, at=at, rationale=WHY, node_answers=answers)
    letter = letters(row, audience="member")[0]
    assert letter.kind == "partial-approval"
    assert "The request was for 12 visits. We approved 8 visits. We did not approve the rest." in letter.html
    assert row.authorizations.get().number in letter.html
    assert "You can appeal" in letter.html


def test_a_question_lists_items_and_carries_the_extension(world, at):
    row = line_of(world, at, of=world.erisa_member)
    item = ItemAsked(
        line=row,
        text="The report of a standing X-ray of this knee from the last twelve months, with its grade.",
        leaf="2",
    )
    question = ask_for_information(case=row.case, request=row.request, items=[item], by=world.nurse, at=at)
    run_due(at + timedelta(seconds=1), 100)
    found = letters_about(question)
    assert [(each.kind, each.audience) for each in found] == [
        ("information-request", "member"),
        ("information-request", "provider"),
    ]
    provider = found[1]
    assert provider.information_request == question
    assert "standing X-ray" in provider.html
    assert "Does a recent standing X-ray show severe wear of your knee?" in provider.html
    assert "We need more time" in provider.html
    assert "December 31, 2026" in provider.html  # 45 days to answer
    assert "extension" not in {each.kind for each in found}


def test_45_days_to_answer_are_whole_days_across_the_end_of_daylight_saving(world):
    asked = datetime(2026, 10, 28, 4, 22, tzinfo=UTC)  # 00:22 in New York; 45 times 24 hours later it is 23:22
    row = line_of(world, asked, of=world.erisa_member)
    item = ItemAsked(line=row, text="X-ray report", leaf="2")
    question = ask_for_information(case=row.case, request=row.request, items=[item], by=world.nurse, at=asked)
    run_due(asked + timedelta(seconds=1), 100)
    assert "You have until December 12, 2026 to answer." in letters_about(question)[0].html


def test_no_bare_code_of_a_place_reaches_a_reader(world, line, at):
    ServiceLine.objects.filter(pk=line.pk).update(place="24")
    line.refresh_from_db()
    approve_line(line=line, by=world.physician, at=at, rationale="Meets the intent of the rule.")
    run_due(at + timedelta(seconds=1), 100)
    letter = letters(line, audience="member")[0]
    assert ["Place", "surgery center"] in [
        row for block in letter.document["blocks"] if block["block"] == "facts" for row in block["rows"]
    ]
    assert letter.inputs["assistance"]["taglines"][:3] == ["en", "es", "zh"]


def test_medicare_takes_no_extension_for_a_question(world, at):
    row = line_of(world, at, of=world.member)
    item = ItemAsked(line=row, text="X-ray report", leaf="2")
    question = ask_for_information(case=row.case, request=row.request, items=[item], by=world.nurse, at=at)
    run_due(at + timedelta(seconds=1), 100)
    assert len(letters_about(question)) == 2
    assert all("We need more time" not in each.html for each in letters_about(question))


def test_a_medicare_member_gets_form_and_insert_apart(world, at):
    row = line_of(world, at, of=world.member)
    refer_to_physician(line=row, summary="Seven weeks.", by=world.nurse, at=at)
    deny(
        world,
        row,
        at,
        conversation=GuardAnswer.NOT_APPLICABLE,
        conversation_reason="No provider can be reached; three calls logged.",
    )
    member = letters(row, audience="member")
    assert [each.kind for each in member] == ["denial", "insert"]
    assert "CMS-10003" in member[0].not_for_production
    assert member[0].gate == ""
    assert member[1].not_for_production == ""
    provider = letters(row, audience="provider")[0].html
    assert "an appeal or a reopening can change the decision" in provider
    assert "The reviewer can change the decision." not in provider


def test_what_is_not_for_production_is_held_outside_demo_plans(world, at, settings):
    row = line_of(world, at, of=world.member)
    refer_to_physician(line=row, summary="Seven weeks.", by=world.nurse, at=at)
    settings.OPENUM_DEMO = False
    deny(
        world,
        row,
        at,
        conversation=GuardAnswer.NOT_APPLICABLE,
        conversation_reason="No provider can be reached; three calls logged.",
    )
    form, insert = letters(row, audience="member")
    assert form.state == "held"
    assert "CMS-10003" in form.held_because
    assert insert.state == "sent"


def test_a_spanish_letter_waits_for_a_person_and_the_english_one_goes(world, line, at):
    member = line.case.member
    member.language = "es"
    member.save()
    decision = deny(world, line, at)
    spanish = letters(line, language="es")[0]
    assert spanish.state == "held"
    assert spanish.untranslated == [WHY, "Not in the papers that were sent."]
    assert letters(line, language="en", audience="member")[0].state == "sent"
    pairs = [
        (WHY, "Vimos siete semanas de terapia."),
        ("Not in the papers that were sent.", "No estaba en los papeles."),
    ]
    services.store_translations(case=line.case, pairs=pairs, language="es", by=world.nurse, at=at + timedelta(hours=1))
    spanish.refresh_from_db()
    assert spanish.state == "sent"
    assert spanish.determination == decision
    assert "Vimos siete semanas de terapia." in spanish.html
    assert "reemplazo de rodilla, lado derecho" in spanish.html
    assert "¿Se probaron al menos doce semanas" in spanish.html
    assert WHY not in spanish.html
    assert spanish.reading_formula == "Crawford"
    assert Translation.objects.filter(reviewed_at__isnull=True).count() == 2


def test_confidential_communication_uses_the_other_address_or_waits(world, line, at):
    member = line.case.member
    member.is_confidential, member.notice_format, member.alternative_address = True, "print", "7 Other Lane\nBayline"
    member.save()
    deny(world, line, at)
    letter = letters(line, audience="member")[0]
    assert letter.document["recipient"] == [member.full_name, "7 Other Lane", "Bayline"]
    assert "2 Harbor Rd" not in letter.html


def test_confidential_communication_without_an_address_is_held(world, line, at):
    member = line.case.member
    member.is_confidential, member.notice_format = True, "print"
    member.save()
    deny(world, line, at)
    letter = letters(line, audience="member")[0]
    assert (letter.state, "household" in letter.held_because) == ("held", True)


def test_mail_is_handed_over_once_with_a_manifest(world, line, at, settings, tmp_path):
    settings.OPENUM_DATA = tmp_path
    member = line.case.member
    member.notice_format = "large_print"
    member.save()
    deny(world, line, at)
    letter = letters(line, audience="member")[0]
    assert letter.state == "rendered"
    assert letter.document["text_points"] == 18


@pytest.mark.django_db(transaction=True)
def test_the_mail_house_gets_a_pdf_and_a_manifest(world, at, settings, tmp_path):
    settings.OPENUM_DATA = tmp_path
    row = line_of(world, at)
    refer_to_physician(line=row, summary="Seven weeks of therapy.", by=world.nurse, at=at)
    member = row.case.member
    member.notice_format = "print"
    member.save()
    deny(world, row, at)
    run_due(at + timedelta(minutes=1), 100)
    letter = letters(row, audience="member")[0]
    assert letter.state == "sent"
    sending = NoticeSending.objects.get(notice=letter)
    assert sending.channel == "mail"
    assert sending.handed_over_at == at + timedelta(minutes=1)
    folder = tmp_path / "outgoing" / "mail"
    (slip,) = csv.DictReader(io.StringIO((folder / f"{letter.public_id}.csv").read_text()))
    assert slip["sha256"] == letter.pdf_digest == sending.proof["sha256"]
    assert slip["pages"] == str(letter.pages)
    assert (slip["name"], slip["address"]) == (member.full_name, "2 Harbor Rd")
    assert sending.address == [member.full_name, "2 Harbor Rd"]
    assert (folder / f"{letter.public_id}.pdf").read_bytes() == bytes(letter.pdf)
    assert letter.html_only_languages == ["hi", "gu"]
    run_due(at + timedelta(hours=2), 100)
    (manifest,) = folder.glob("manifest-harbor-*.csv")
    assert letter.number in [row["letter"] for row in csv.DictReader(io.StringIO(manifest.read_text()))]
    digest = hashlib.sha256(manifest.read_bytes()).hexdigest()
    assert manifest.with_suffix(".csv.sha256").read_text() == f"{digest}  {manifest.name}\n"


def test_a_member_with_a_login_gets_the_address_of_the_letter(world, line, at, settings):
    settings.OPENUM_BASE_URL = "https://plan.example"
    line.case.member.user = world.member_user
    world.member.user = None
    world.member.save()
    line.case.member.save()
    deny(world, line, at)
    member, provider = letters(line)[:2]
    address = f"https://plan.example/letters/{member.public_id}/"
    assert f'<a href="{address}">' in member.html
    assert member.document["link"] == address
    assert provider.document["link"] == ""


def test_a_sandbox_plan_sends_no_letters(world, at):
    row = line_of(world, at)
    world.plan.is_sandbox = True
    world.plan.save()
    row.case.plan.refresh_from_db()
    item = ItemAsked(line=row, text="X-ray report", leaf="2")
    ask_for_information(case=row.case, request=row.request, items=[item], by=world.nurse, at=at)
    run_due(at + timedelta(seconds=1), 100)
    assert Notice.objects.count() == 0


def test_a_dismissal_says_that_care_was_not_judged(world, line, at):
    close_administratively(
        line=line, reason_class=ReasonClass.DUPLICATE, explanation="The same surgery was asked for on Monday.",
        by=world.intake, at=at,
    )  # fmt: skip
    letter = letters(line, audience="member")[0]
    assert letter.kind == "dismissal"
    assert "The same surgery was asked for on Monday." in letter.html
    assert "We did not judge if you need this care." in letter.html


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


def test_the_letter_follows_the_row(world, line, at):
    ServiceLine.objects.filter(pk=line.pk).update(code="97110", modifiers=["LT"], wording="")
    line.refresh_from_db()
    deny(world, line, at, cited_authority="Plan page 4")
    letter = letters(line, audience="member")[0]
    assert "Exercise therapy, left side" in letter.html
    assert "27447" not in letter.html
    assert "Plan page 4" in letter.html


def test_a_missed_day_is_told_once_and_holds_up_nothing(world, at):
    row = line_of(world, at, of=world.member)
    late = at + timedelta(days=8)
    for _ in range(2):
        sweep(by=world.engine, at=late)
        run_due(late + timedelta(seconds=1), 100)
    found = letters(row, kind="late")
    assert [(each.audience, each.state) for each in found] == [("member", "sent"), ("provider", "sent")]
    assert "We had to decide by November 23, 2026." in found[0].html
    assert "You may appeal now, as if we had said no." in found[0].html
    row.refresh_from_db()
    assert row.status in OPEN_STATUSES


def test_an_extension_without_a_question_has_its_own_letter(world, at):
    row = line_of(world, at, of=world.member)
    ServiceLine.objects.filter(pk=row.pk).update(network_status="out_of_network")
    take_extension(request=row.request, reason="enrollee_asked", by=world.nurse, at=at + timedelta(days=1))
    run_due(at + timedelta(days=1, seconds=1), 100)
    found = letters(row, kind="extension")
    assert [each.audience for each in found] == ["member", "provider"]
    assert "December 7, 2026" in found[0].html
    assert "file a fast complaint (grievance)" in found[0].html
    assert "file a fast complaint (grievance)" not in found[1].html


def test_a_withdrawal_is_confirmed(world, line, at):
    withdraw_line(
        line=line, requested_by="Test Practice", reason="The patient moved.", channel=Channel.PORTAL,
        by=world.provider, at=at,
    )  # fmt: skip
    run_due(at + timedelta(seconds=1), 100)
    found = letters(line, kind="withdrawal")
    assert [each.audience for each in found] == ["member", "provider"]
    assert "Test Practice took the request back on November 16, 2026 (on the portal)." in found[0].html


def test_who_may_open_which_letter(world, line, at):
    member = line.case.member
    member.user = world.member_user
    world.member.user = None
    world.member.save()
    member.save()
    deny(world, line, at)
    ours = {each.audience for each in notices_visible_to(world.nurse)}
    practices = {each.audience for each in notices_visible_to(world.provider)}
    own = {each.audience for each in notices_visible_to(world.member_user)}
    assert (ours, practices, own) == ({"member", "provider"}, {"provider"}, {"member"})
    assert Channel.PORTAL == "portal"


def of_law(line, line_of_business, state=""):
    """Move a line's product under another law."""
    product = line.case.product
    product.line_of_business, product.state = line_of_business, state
    product.save()
    return line


def test_a_denial_under_part_d_writes_its_form_and_the_plain_words_beside_it(world, line, at):
    deny(world, of_law(line, "medicare_part_d"), at, cited_authority="plan page 12")
    kinds = [(each.kind, each.audience) for each in letters(line)]
    assert kinds[:2] == [("denial", "member"), ("insert", "member")]
    form, plain = letters(line, audience="member")
    assert "CMS-10146" in form.not_for_production
    assert "You can ask for an exception" in form.html
    assert "We answer within 7 days." in form.html
    assert "How we use software" not in form.html + plain.html


@pytest.mark.parametrize(
    ("line_of_business", "state", "words"),
    [
        ("commercial_state", "CA", "Software does not deny, delay or change care"),
        ("commercial_state", "TX", "No automated system makes an adverse determination"),
        ("qhp_ffe", "NE", "Artificial intelligence is never the only ground"),
        ("commercial_state", "NY", ""),
        ("erisa_group", "TX", ""),
    ],
)
def test_the_members_letter_tells_of_software_where_the_row_of_the_state_asks(
    world, line, at, line_of_business, state, words
):
    """Cal. HSC 1367.01(k); Tex. Ins. Code 4201.156; Neb. LB 77."""
    shown = services.preview(
        line=of_law(line, line_of_business, state), outcome=LineStatus.DENIED, rationale=WHY, by=world.physician, at=at,
        reason_class=ReasonClass.NOT_MEDICALLY_NECESSARY, reason="not-medically-necessary",
        node_answers=dict.fromkeys(open_leaves(line), "Not in the papers that were sent."),
    )  # fmt: skip
    assert shown.missing == ()
    member, *others = sorted(shown.letters, key=lambda each: each.audience)
    assert member.audience == "member"
    assert ("How we use software" in member.html) is bool(words)
    assert words in member.html
    assert all("How we use software" not in each.html for each in others)
