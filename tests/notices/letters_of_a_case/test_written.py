"""Letters written with what caused them: decisions, extensions, withdrawals, missed days."""

from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from openum.cases.models import ServiceLine
from openum.cases.rules import OPEN_STATUSES
from openum.cases.services import withdraw_line
from openum.clocks.models import Clock
from openum.clocks.services import sweep, take_extension
from openum.determination.queries import open_leaves
from openum.determination.rules import GuardAnswer
from openum.determination.services import approve_line, close_administratively, partially_approve_line
from openum.jobs import run_due
from openum.notices import services
from openum.review.queries import documents_to_open
from openum.review.services import open_evidence, refer_to_physician
from openum.vocabulary.terms import Channel, LineStatus, ReasonClass
from tests.notices.letters_of_a_case.case import WHY, deny, letters, line_of, of_law
from tests.world import knee_request, send

pytestmark = pytest.mark.django_db


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


def test_a_no_where_the_state_pays_names_its_hearing_and_goes_to_the_clinician_who_treats_as_well(world, line, at):
    """42 CFR 431.206, 431.210, 431.221(d); NCQA UM 7."""
    of_law(line, "medicaid_ffs")
    deny(world, line, at)
    member = letters(line, audience="member")[0].html
    for words in ("state fair hearing", "within 90 days", "until the hearing is decided", "February 14, 2027"):
        assert words in member, words
    named = [each.document["recipient"][0] for each in letters(line, audience="provider")]
    assert named == ["Test Practice", "Sam Surgeon"]


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


def test_a_dismissal_says_that_care_was_not_judged(world, line, at):
    send(world, knee_request(world, of=line.case.member, at=at), at=at)
    close_administratively(
        line=line, reason_class=ReasonClass.DUPLICATE, explanation="The same surgery was asked for on Monday.",
        by=world.intake, at=at,
    )  # fmt: skip
    letter = letters(line, audience="member")[0]
    assert letter.kind == "dismissal"
    assert "The same surgery was asked for on Monday." in letter.html
    assert "We did not judge if you need this care." in letter.html


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
