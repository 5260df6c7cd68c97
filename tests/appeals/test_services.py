"""Appeals on a real database: from filing to the last level, each decision by somebody new."""

import hashlib
import io
import zipfile
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from openum.accounts.queries import rules_engine
from openum.accounts.rules import PermissionRefused
from openum.appeals.gathering import contents_of
from openum.appeals.models import Appeal, AppealDecision, DeclaredInterest, Effectuation, Packet
from openum.appeals.packet import DocumentChanged, parts_of
from openum.appeals.rules.deciding import CauseMissing, NothingNew
from openum.appeals.rules.filing import DismissalNotFounded, FilerNotNamed, Ground, NothingToAppeal, SpeedMustBeGranted
from openum.appeals.rules.law import Body, Filer
from openum.appeals.rules.reviewers import ReviewerNotIndependent
from openum.appeals.rules.rotation import NoOrganizationFree
from openum.appeals.rules.states import AppealState, Outcome
from openum.appeals.services import (
    archive_of,
    ask_for_speed,
    ask_outside_review,
    ask_panel,
    assign_reviewer,
    build_packet,
    carry_out,
    check_external_review,
    decide_appeal,
    dismiss_appeal,
    enter_review_organization,
    excuse_late_filing,
    grant_speed,
    parts_again,
    receive_form,
    record_outside_decision,
    refuse_speed,
    reverse_early,
    send_elsewhere,
    send_file,
    vacate_dismissal,
    vote_on_panel,
    withdraw_appeal,
)
from openum.appeals.services.deciding import NotYourAppeal
from openum.appeals.services.outside import NotExhausted
from openum.appeals.services.standing import FormNotValid
from openum.audit import events_of
from openum.cases.services import NewDocument, attach
from openum.clocks.models import Clock
from openum.clocks.services import sweep
from openum.criteria.services import record_finding
from openum.determination.models import Authorization, Determination, OverturnLesson
from openum.determination.queries import determinations_of, open_leaves
from openum.determination.rules import GuardOpen, ReversalNeedsReopening
from openum.determination.services import approve_line
from openum.jobs import run_due
from openum.notices.models import Notice
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import Channel, FindingValue, LineStatus, Role
from tests.appeals import story

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def desk(world):
    return story.coordinator(world)


@pytest.fixture
def line(world, at):
    return story.denied(world, at)


@pytest.fixture
def reviewer(world):
    return story.surgeon(world)


def letters(line, kind, audience="member"):
    return list(Notice.objects.filter(case=line.case, kind=kind, audience=audience).order_by("pk"))


def clock(appeal, rule):
    return Clock.objects.get(request=appeal.request, rule=rule)


def work(at):
    run_due(at + timedelta(seconds=1), 200)


# -- filing ----------------------------------------------------------------------------------------------------------


def test_one_call_makes_an_appeal_with_receipt_letter_and_clock(world, line, at):
    filed = at + 15 * DAY
    appeal = story.file(world, line, filed)
    line.refresh_from_db()
    assert line.status == LineStatus.DENIED
    assert appeal.state == AppealState.OPEN
    appeal.refresh_from_db()
    assert appeal.acknowledged_at == filed
    decide = clock(appeal, "insured.appeal.preservice")
    assert decide.due_at.astimezone().date() - filed.astimezone().date() >= timedelta(days=30)
    assert clock(appeal, "plan.acknowledge.appeal").state == "met"
    (letter,) = letters(line, "appeal-acknowledgement")
    assert appeal.number in letter.html
    assert "We will answer by December 31, 2026." in letter.html


def test_the_first_receipt_by_anybody_counts(world, line, at):
    appeal = story.file(world, line, at + 3 * DAY, received_at=at + 2 * DAY, proof="forwarded by member services")
    assert appeal.filed_at == at + 2 * DAY
    assert clock(appeal, "insured.appeal.preservice").started_at == at + 2 * DAY


def test_nothing_can_be_appealed_twice_or_before_a_no(world, line, at):
    story.file(world, line, at + DAY)
    with pytest.raises(NothingToAppeal, match="runs already"):
        story.file(world, line, at + 2 * DAY)
    with pytest.raises(Invalid, match="future"):
        story.file(world, line, at + DAY, received_at=at + 2 * DAY)
    from openum.cases.queries import current_lines
    from tests.world import knee_request, send

    undecided = current_lines(send(world, knee_request(world, at=at), at=at).case)[0]
    with pytest.raises(NothingToAppeal, match="no decision says no"):
        story.file(world, undecided, at + DAY)


def test_who_acts_for_the_member_is_named(world, line, at):
    with pytest.raises(FilerNotNamed):
        story.file(world, line, at + DAY, filer=Filer.REPRESENTATIVE)
    assert not Appeal.objects.exists()


def test_the_time_waits_for_the_paper_of_a_representative(world, line, at, desk):
    appeal = story.file(world, line, at + DAY, filer=Filer.REPRESENTATIVE, name="Arun", relationship="husband")
    assert appeal.state == AppealState.WAITING_FOR_FORM
    assert not Clock.objects.filter(request=appeal.request).exists()
    assert "Please send it by January 1, 2027" in letters(line, "appeal-acknowledgement")[0].html
    with pytest.raises(DismissalNotFounded, match="may still come"):
        dismiss_appeal(appeal=appeal, ground=Ground.NO_STANDING, explanation="No form.", by=desk, at=at + 2 * DAY)
    paper = NewDocument(title="Form", content_type="text/plain", content=b"I name my husband.")
    with pytest.raises(FormNotValid, match="12 months"):
        receive_form(
            appeal=appeal, signed_on=date(2025, 11, 1), document=paper, channel=Channel.MAIL, by=desk, at=at + 3 * DAY
        )
    receive_form(
        appeal=appeal, signed_on=date(2026, 11, 18), document=paper, channel=Channel.MAIL, by=desk, at=at + 3 * DAY
    )
    appeal.refresh_from_db()
    assert appeal.state == AppealState.OPEN
    assert appeal.filed_at == at + DAY
    assert clock(appeal, "insured.appeal.preservice").started_at == at + 3 * DAY


def test_a_missing_form_ends_in_a_dismissal_with_its_own_rights_and_can_be_taken_back(world, line, at, desk):
    appeal = story.file(world, line, at + DAY, filer=Filer.REPRESENTATIVE, name="Arun")
    late = at + 60 * DAY
    dismiss_appeal(appeal=appeal, ground=Ground.NO_STANDING, explanation="The form did not come.", by=desk, at=late)
    (letter,) = letters(line, "appeal-dismissed")
    assert "The form did not come." in letter.html
    assert "A person who had no part in it will answer." in letter.html
    line.refresh_from_db()
    assert line.status == LineStatus.DENIED
    vacate_dismissal(appeal=appeal, reason="The mail was lost.", by=desk, at=late + DAY)
    appeal.refresh_from_db()
    assert appeal.state == AppealState.WAITING_FOR_FORM


def test_a_late_appeal_asks_for_the_reason_and_is_not_turned_away(world, line, at, desk):
    filed = at + 200 * DAY
    appeal = story.file(world, line, filed)
    assert (appeal.state, appeal.is_late) == (AppealState.LATE_FILING, True)
    assert "Please tell us why the appeal comes later" in letters(line, "appeal-acknowledgement")[0].html
    excuse_late_filing(appeal=appeal, reason="She was in hospital.", by=desk, at=filed + DAY)
    appeal.refresh_from_db()
    assert appeal.state == AppealState.OPEN
    assert clock(appeal, "insured.appeal.preservice").started_at == filed


def test_the_last_day_of_the_letter_holds(world, line, at):
    appeal = story.file(world, line, at + 185 * DAY)
    assert appeal.is_late is False
    assert appeal.last_day_to_file == date(2027, 5, 20)


def test_a_misdirected_appeal_goes_on_with_its_receipt(world, line, at, desk):
    appeal = story.file(world, line, at + DAY)
    send_elsewhere(appeal=appeal, to="Another plan", proof="tracking 1Z", by=desk, at=at + 2 * DAY)
    appeal.refresh_from_db()
    assert appeal.state == AppealState.SENT_ELSEWHERE
    assert appeal.filed_at.isoformat(timespec="seconds") in appeal.ended_note


def test_an_appeal_can_be_taken_back(world, line, at):
    appeal = story.file(world, line, at + DAY)
    withdraw_appeal(appeal=appeal, who="the member", why="better now", by=world.intake, at=at + 2 * DAY)
    assert clock(appeal, "insured.appeal.preservice").state == "void"


# -- speed -----------------------------------------------------------------------------------------------------------


def test_a_clinician_makes_it_fast_and_nobody_may_refuse(world, line, at, desk):
    appeal = story.file(world, line, at + DAY, wants_speed=True, clinician_supports=True)
    assert appeal.speed == "granted"
    assert clock(appeal, "insured.appeal.urgent").due_at == at + 4 * DAY
    with pytest.raises(SpeedMustBeGranted):
        refuse_speed(appeal=appeal, reason="No harm.", by=desk, at=at + DAY)


def test_a_members_wish_for_speed_is_refused_with_a_letter_and_counts_from_the_receipt(world, line, at, desk):
    appeal = story.file(world, line, at + DAY, wants_speed=True)
    assert appeal.speed == "to_decide"
    refuse_speed(appeal=appeal, reason="The knee is stable.", by=desk, at=at + 1.5 * DAY)
    appeal.refresh_from_db()
    assert appeal.speed == "refused"
    decide = clock(appeal, "insured.appeal.urgent")
    assert (decide.governing_rule, decide.started_at) == ("insured.appeal.preservice", at + DAY)
    assert "fast complaint" in letters(line, "appeal-speed-refused")[0].html
    ask_for_speed(appeal=appeal, clinician="Dr. Surgeon", reason="Swelling.", by=world.intake, at=at + 2 * DAY)
    appeal.refresh_from_db()
    assert appeal.speed == "granted"


def test_a_wish_can_be_granted(world, line, at, desk):
    appeal = story.file(world, line, at + DAY, wants_speed=True)
    grant_speed(appeal=appeal, by=desk, at=at + DAY)
    appeal.refresh_from_db()
    assert appeal.speed == "granted"


# -- who decides -----------------------------------------------------------------------------------------------------


def test_the_first_decider_is_refused_at_the_desk_and_at_the_decision(world, line, at, desk, reviewer):
    appeal = story.file(world, line, at + DAY)
    with pytest.raises(ReviewerNotIndependent, match="Took part in the decision"):
        assign_reviewer(appeal=appeal, reviewer=world.physician, by=desk, at=at + DAY)
    assign_reviewer(appeal=appeal, reviewer=reviewer, by=desk, at=at + DAY)
    with pytest.raises(NotYourAppeal):
        decide_appeal(appeal=appeal, verdict=story.no(line), by=world.physician, at=at + 2 * DAY)
    assert not AppealDecision.objects.exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("subordinate", "Reports to somebody who took part"),
        ("field", "Not of the field that judges this service"),
        ("licence", "No valid physician licence"),
        ("interest", "Declared a conflict of interest"),
        ("practice", "Works for the practice that asks"),
    ],
)
def test_each_condition_refuses_by_itself(world, line, at, desk, change, words):
    facts = {}
    if change == "subordinate":
        facts["manager"] = world.physician
    if change == "licence":
        facts["licence"] = None
    someone = story.surgeon(world, **facts)
    if change == "field":
        someone = story.person(world, "eye doctor", Role.ORTHOPAEDIST, ("ophthalmology",))
    if change == "interest":
        DeclaredInterest.objects.create(user=someone, npi=world.surgeon_npi, reason="shares an office", declared_at=at)
    if change == "practice":
        someone.memberships.create(role=Role.PROVIDER_STAFF, organization=world.practice)
    appeal = story.file(world, line, at + DAY)
    with pytest.raises(ReviewerNotIndependent, match=words):
        assign_reviewer(appeal=appeal, reviewer=someone, by=desk, at=at + DAY)


def test_fitness_is_asked_again_at_the_decision(world, line, at, desk, reviewer):
    appeal = story.assigned(world, line, at + DAY, reviewer, desk)
    with pytest.raises(ReviewerNotIndependent, match="Attest first"):
        decide_appeal(appeal=appeal, verdict=story.no(line, attests=False), by=reviewer, at=at + 2 * DAY)
    reviewer.licences.update(status="expired")
    with pytest.raises(ReviewerNotIndependent, match="No valid physician licence"):
        decide_appeal(appeal=appeal, verdict=story.no(line), by=reviewer, at=at + 2 * DAY)


def test_no_machine_and_no_nurse_and_no_coordinator_decides(world, line, at, desk):
    appeal = story.file(world, line, at + DAY)
    for someone in (rules_engine(), world.nurse, desk, world.intake, world.provider):
        with pytest.raises((ReviewerNotIndependent, PermissionRefused)):
            assign_reviewer(appeal=appeal, reviewer=someone, by=desk, at=at + DAY)
        with pytest.raises(NotYourAppeal):
            decide_appeal(appeal=appeal, verdict=story.yes(), by=someone, at=at + DAY)
    with pytest.raises(PermissionRefused):
        assign_reviewer(appeal=appeal, reviewer=world.orthopaedist, by=world.nurse, at=at + DAY)


def test_the_table_itself_refuses_a_machine(world, line, at, desk):
    appeal = story.file(world, line, at + DAY)
    with pytest.raises(IntegrityError, match="no_machine_decides_an_appeal|CHECK"), transaction.atomic():
        AppealDecision.objects.create(
            appeal=appeal, outcome="upheld", counted_as="outside", rationale="x", decided_by=rules_engine(),
            decided_by_machine=True, decided_at=at,
        )  # fmt: skip


def test_an_approval_because_of_an_appeal_goes_through_the_appeal(world, line, at):
    with pytest.raises(ReversalNeedsReopening, match="Open it on the docket"):
        approve_line(line=line, by=world.physician, at=at + DAY, rationale="Changed my mind.", because="appeal")


# -- the decision ----------------------------------------------------------------------------------------------------


def test_upholding_needs_evidence_and_an_answer_to_each_open_criterion(world, line, at, desk, reviewer):
    appeal = story.file(world, line, at + DAY)
    assign_reviewer(appeal=appeal, reviewer=reviewer, by=desk, at=at + DAY)
    with pytest.raises(GuardOpen, match="Open 1 more"):
        decide_appeal(appeal=appeal, verdict=story.no(line), by=reviewer, at=at + 2 * DAY)
    story.open_all(line, reviewer, at + 2 * DAY)
    with pytest.raises(GuardOpen, match="Say for"):
        decide_appeal(appeal=appeal, verdict=story.no(line, node_answers={}), by=reviewer, at=at + 2 * DAY)


def test_upholding_keeps_both_findings_and_names_the_next_level(world, line, at, desk, reviewer):
    appeal = story.assigned(world, line, at + DAY, reviewer, desk)
    decision = decide_appeal(appeal=appeal, verdict=story.no(line), by=reviewer, at=at + 22 * DAY)
    work(at + 22 * DAY)
    line.refresh_from_db()
    appeal.refresh_from_db()
    assert (line.status, appeal.outcome, appeal.state) == (LineStatus.DENIED, "upheld", AppealState.CLOSED)
    assert Determination.objects.filter(line=line).count() == 1
    assert decision.evidence_map is not None
    assert decision.conflict_statement
    assert decision.licence == "physician EX"
    (letter,) = letters(line, "appeal-upheld")
    assert story.STILL in letter.html
    assert "doctors who do not work for us" in letter.html
    assert "April" in letter.html
    decide = clock(appeal, "insured.appeal.preservice")
    assert decide.state == "met"


def test_overturning_approves_teaches_and_is_carried_out_the_same_day(world, line, at, desk, reviewer):
    appeal = story.assigned(world, line, at + DAY, reviewer, desk)
    with pytest.raises(CauseMissing):
        decide_appeal(appeal=appeal, verdict=story.yes(cause_words=""), by=reviewer, at=at + 2 * DAY)
    decide_appeal(appeal=appeal, verdict=story.yes(), by=reviewer, at=at + 2 * DAY)
    work(at + 2 * DAY)
    line.refresh_from_db()
    appeal.refresh_from_db()
    assert line.status == LineStatus.APPROVED
    first, second = determinations_of(line)
    assert (first.outcome, second.outcome, second.supersedes_because) == ("denied", "approved", "appeal")
    number = Authorization.objects.get(line=line).number
    done = Effectuation.objects.get(appeal=appeal)
    assert (done.proof, done.done_at) == (number, at + 2 * DAY)
    assert clock(appeal, "plan.effectuate").state == "met"
    assert appeal.state == AppealState.CLOSED
    assert number in letters(line, "appeal-overturned")[0].html
    assert not letters(line, "overturn")
    lesson = OverturnLesson.objects.get()
    assert (lesson.kind, lesson.key, lesson.overturned) == ("node", "3b", first)
    assert {"AppealFiled", "ReviewerAssigned", "AppealDecided", "OverturnLearned", "ReversalCarriedOut"} <= {
        row.type for row in events_of(line.case.public_id)
    }


def test_a_lookalike_denial_must_say_what_is_different(world, line, at, desk, reviewer):
    appeal = story.assigned(world, line, at + DAY, reviewer, desk)
    key = open_leaves(line)[0]
    decide_appeal(appeal=appeal, verdict=story.yes(cause_key=key), by=reviewer, at=at + 2 * DAY)
    from openum.cases.queries import current_lines
    from openum.review.services import refer_to_physician
    from tests.world import knee_request, note, send

    later = at + 5 * DAY
    request = knee_request(world, at=later, evidence=(note("Visit", "Another knee."),))
    other = current_lines(send(world, request, at=later).case)[0]
    refer_to_physician(line=other, summary="Again.", by=world.nurse, at=later)
    with pytest.raises(GuardOpen, match="1 denial like this one was overturned"):
        story.deny(world, other, later)
    made = story.deny(world, other, later, different="Here the therapist writes that therapy went on and helped.")
    assert made.different_from_overturned.startswith("Here the therapist")


def test_an_early_reversal_rests_on_something_new_and_is_counted_apart(world, line, at, desk):
    appeal = story.file(world, line, at + DAY)
    with pytest.raises(NothingNew, match="Nothing has arrived"):
        reverse_early(appeal=appeal, verdict=story.yes(), by=world.physician, at=at + 2 * DAY)
    paper = NewDocument(title="Therapist", content_type="text/plain", content=b"Stopped for swelling.")
    attach(
        case=line.case, request=appeal.request, documents=[paper], channel=Channel.FAX, by=world.intake, at=at + 2 * DAY
    )
    with pytest.raises(NothingNew, match="still open"):
        reverse_early(appeal=appeal, verdict=story.yes(), by=world.physician, at=at + 2 * DAY)
    for leaf in open_leaves(line):
        record_finding(
            line=line, leaf=leaf, value=FindingValue.MET, note="In the new note.", by=world.physician, at=at + 2 * DAY
        )
    decision = reverse_early(appeal=appeal, verdict=story.yes(), by=world.physician, at=at + 2 * DAY)
    assert decision.counted_as == "early_reversal"


def test_a_panel_advises_and_must_be_complete(world, line, at, desk, reviewer):
    appeal = story.assigned(world, line, at + DAY, reviewer, desk)
    people = [story.surgeon(world) for _ in range(3)]
    with pytest.raises(Invalid, match="odd number"):
        ask_panel(appeal=appeal, physicians=people[:2], by=desk, at=at + DAY)
    with pytest.raises(ReviewerNotIndependent):
        ask_panel(appeal=appeal, physicians=[*people[:2], world.physician], by=desk, at=at + DAY)
    ask_panel(appeal=appeal, physicians=people, by=desk, at=at + DAY)
    with pytest.raises(Exception, match="0 of 3"):
        decide_appeal(appeal=appeal, verdict=story.no(line), by=reviewer, at=at + 2 * DAY)
    for physician in people:
        vote_on_panel(appeal=appeal, for_member=False, rationale="Therapy first.", by=physician, at=at + 2 * DAY)
    decide_appeal(appeal=appeal, verdict=story.no(line), by=reviewer, at=at + 2 * DAY)


# -- outside ---------------------------------------------------------------------------------------------------------


def test_external_review_by_rotation_with_packet_and_order(world, line, at, desk, reviewer, settings, tmp_path):
    settings.OPENUM_DATA = tmp_path
    appeal = story.assigned(world, line, at + DAY, reviewer, desk)
    words = story.asked(at + 40 * DAY, channel=Channel.PORTAL)
    with pytest.raises(NotExhausted):
        ask_outside_review(appeal=appeal, asked=story.asked(at + 2 * DAY), by=world.intake, at=at + 2 * DAY)
    decide_appeal(appeal=appeal, verdict=story.no(line), by=reviewer, at=at + 20 * DAY)
    work(at + 20 * DAY)
    outside = ask_outside_review(appeal=appeal, asked=words, by=world.intake, at=at + 40 * DAY)
    assert (outside.level, outside.body, outside.state) == (2, Body.EXTERNAL, AppealState.PRELIMINARY)
    with pytest.raises(NoOrganizationFree, match="at least 3"):
        check_external_review(appeal=outside, result="complete", note="", by=desk, at=at + 42 * DAY)
    alder, birch, _cedar = story.organizations(world, desk, at)
    alder.interests = {world.surgeon_npi: "Its owner works with this surgeon."}
    alder.save()
    check_external_review(appeal=outside, result="complete", note="", by=desk, at=at + 42 * DAY)
    outside.refresh_from_db()
    review = outside.outside
    assert review.organization == birch
    assert review.rotation[0]["why"].startswith("Passed over: Its owner")
    assert "Birch Review" in letters(line, "external-review-checked")[0].html
    packet = send_file(appeal=outside, by=desk, at=at + 43 * DAY)
    assert clock(outside, "external_review.packet").state == "running"
    work(at + 43 * DAY)
    outside.refresh_from_db()
    assert outside.state == AppealState.OUTSIDE
    assert clock(outside, "external_review.packet").state == "met"
    review.refresh_from_db()
    sent = (tmp_path / "outgoing" / f"{packet.public_id}.zip").read_bytes()
    assert review.forward_proof["sha256"] == hashlib.sha256(sent).hexdigest()
    assert clock(outside, "external_review.decision").due_at > at + 80 * DAY
    record_outside_decision(
        appeal=outside, outcome=Outcome.OVERTURNED, rationale="The newer labelling allows it.", reference="B-77",
        cause_kind="node", cause_key="5", cause_words="The criterion is older than the labelling.", by=desk,
        at=at + 70 * DAY,
    )  # fmt: skip
    work(at + 70 * DAY)
    line.refresh_from_db()
    outside.refresh_from_db()
    assert (line.status, outside.state) == (LineStatus.APPROVED, AppealState.CLOSED)
    decision = determinations_of(line)[-1]
    assert (decision.supersedes_because, decision.cited_authority) == ("external_review", "Birch Review, B-77")
    assert clock(outside, "external_review.effectuate").state == "met"
    assert OverturnLesson.objects.get().because == "external_review"


def test_an_ineligible_or_incomplete_request_for_external_review_is_told_so(world, line, at, desk, reviewer):
    appeal = story.assigned(world, line, at + DAY, reviewer, desk)
    decide_appeal(appeal=appeal, verdict=story.no(line), by=reviewer, at=at + 2 * DAY)
    outside = ask_outside_review(appeal=appeal, asked=story.asked(at + 3 * DAY), by=world.intake, at=at + 3 * DAY)
    with pytest.raises(Invalid, match="Write what is missing"):
        check_external_review(appeal=outside, result="incomplete", note="", by=desk, at=at + 4 * DAY)
    check_external_review(appeal=outside, result="incomplete", note="The consent form.", by=desk, at=at + 4 * DAY)
    check_external_review(appeal=outside, result="not_eligible", note="Not covered then.", by=desk, at=at + 5 * DAY)
    outside.refresh_from_db()
    assert outside.state == AppealState.DISMISSED
    assert len(letters(line, "external-review-checked")) == 2


def test_medicare_sends_what_it_upholds_on_by_itself(world, at, desk, reviewer, settings, tmp_path):
    settings.OPENUM_DATA = tmp_path
    line = story.denied(world, at, of=world.member)
    enter_review_organization(plan=world.plan, body=Body.REVIEW_ENTITY, name="Maple Entity", by=desk, at=at)
    appeal = story.assigned(world, line, at + DAY, reviewer, desk)
    decide_appeal(appeal=appeal, verdict=story.no(line), by=reviewer, at=at + 10 * DAY)
    work(at + 10 * DAY)
    second = Appeal.objects.get(follows=appeal)
    assert (second.level, second.body, second.state) == (2, Body.REVIEW_ENTITY, AppealState.OUTSIDE)
    assert clock(appeal, "ma.forward.standard_affirmed").state == "met"
    assert clock(appeal, "ma.forward.standard_affirmed").due_at == clock(appeal, "ma.appeal.standard").due_at
    assert "Medicare" in letters(line, "appeal-sent-on")[0].html
    assert "In most cases you do not have to ask" in letters(line, "appeal-upheld")[0].html


def test_a_missed_time_in_medicare_sends_the_file_on_and_decides_nothing(world, at, desk, settings, tmp_path):
    settings.OPENUM_DATA = tmp_path
    line = story.denied(world, at, of=world.member)
    enter_review_organization(plan=world.plan, body=Body.REVIEW_ENTITY, name="Maple Entity", by=desk, at=at)
    appeal = story.file(world, line, at + DAY)
    late = at + 33 * DAY
    sweep(by=world.engine, at=late)
    work(late)
    second = Appeal.objects.get(follows=appeal)
    assert second.outside.because == "late"
    assert not AppealDecision.objects.exists()
    line.refresh_from_db()
    appeal.refresh_from_db()
    assert (line.status, appeal.state) == (LineStatus.DENIED, AppealState.OPEN)


def test_a_medicare_reversal_is_due_within_the_time_of_the_reconsideration(world, at, desk, reviewer):
    line = story.denied(world, at, of=world.member)
    appeal = story.assigned(world, line, at + DAY, reviewer, desk)
    decide_appeal(appeal=appeal, verdict=story.yes(), by=reviewer, at=at + 5 * DAY)
    owed = clock(appeal, "ma.effectuate.standard")
    assert owed.due_at == clock(appeal, "ma.appeal.standard").due_at
    assert owed.state == "met"


def test_in_medicare_the_first_decider_may_not_reverse_early(world, at, desk):
    line = story.denied(world, at, of=world.member)
    appeal = story.file(world, line, at + DAY)
    paper = NewDocument(title="New", content_type="text/plain", content=b"New.")
    attach(case=line.case, request=None, documents=[paper], channel=Channel.FAX, by=world.intake, at=at + 2 * DAY)
    with pytest.raises(ReviewerNotIndependent, match="Took part"):
        reverse_early(appeal=appeal, verdict=story.yes(), by=world.physician, at=at + 2 * DAY)


# -- the packet ------------------------------------------------------------------------------------------------------


def test_the_packet_can_be_made_again_byte_for_byte(world, line, at, desk, reviewer):
    appeal = story.assigned(world, line, at + DAY, reviewer, desk)
    packet = build_packet(appeal=appeal, by=desk, at=at + DAY)
    first = archive_of(packet)
    again = archive_of(Packet.objects.get(pk=packet.pk))
    assert first == again
    with zipfile.ZipFile(io.BytesIO(first)) as file:
        names = set(file.namelist())
        assert {"packet.pdf", "bundle.json", "manifest.json"} <= names
        assert any(name.startswith("criteria/") for name in names)
        assert any(name.startswith("letters/") for name in names)
        assert any(name.startswith("record/") for name in names)
        for part in packet.manifest["parts"]:
            assert hashlib.sha256(file.read(part["path"])).hexdigest() == part["sha256"]
    assert b"/StructTreeRoot" in parts_again(packet)[0].content
    contents = contents_of(packet.inputs)
    digest = next(item["digest"] for item in packet.inputs["files"] if item["section"] == "Medical record")
    contents[digest] = b"changed"
    with pytest.raises(DocumentChanged):
        parts_of(packet.inputs, contents)


def test_a_proof_is_needed_and_given_once(world, line, at, desk, reviewer):
    appeal = story.assigned(world, line, at + DAY, reviewer, desk)
    decide_appeal(appeal=appeal, verdict=story.yes(), by=reviewer, at=at + 2 * DAY)
    with pytest.raises(Invalid, match="Give the proof"):
        carry_out(appeal=appeal, proof_kind="authorization", proof="", by=desk, at=at + 2 * DAY)
    with pytest.raises(Exception, match="carried out already"):
        carry_out(appeal=appeal, proof_kind="payment", proof="P-1", by=desk, at=at + 2 * DAY)
