"""Decisions on a real database: lawful, explained, never edited."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from openum.accounts.queries import rules_engine
from openum.accounts.rules import PermissionRefused
from openum.appeals.services import declare_interest
from openum.audit import events_of
from openum.cases.models import ServiceLine
from openum.cases.queries import current_lines
from openum.cases.rules import IllegalTransition
from openum.cases.services import NewDocument, attach
from openum.criteria.services import record_finding
from openum.determination.models import Authorization, Determination
from openum.determination.queries import (
    authorization_of,
    current_determination,
    current_segments,
    determinations_of,
    licence_to_approve,
    open_leaves,
    remaining_units,
)
from openum.determination.reasons import NotAdministrative
from openum.determination.rules import (
    ConflictOfInterest,
    CriteriaNotMet,
    GuardOpen,
    LessIsAdverse,
    ReversalNeedsReopening,
    ReviewerNotQualified,
)
from openum.determination.services import (
    approve_line,
    close_administratively,
    deny_line,
    partially_approve_line,
    record_usage,
    reopen_line,
    reverse_usage,
)
from openum.determination.services.usage import NotEnoughUnits
from openum.review.queries import documents_to_open
from openum.review.services import (
    add_slot,
    book_conversation,
    offer_conversation,
    open_evidence,
    receive_information,
    record_conversation,
    refer_to_physician,
)
from openum.review.services.peer_to_peer import WITH_NOTICE
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import Channel, FindingValue, LineStatus, ReasonClass, Role
from tests.world import knee_request, note, send

pytestmark = pytest.mark.django_db
WHY = "The record shows seven weeks of therapy. The guideline asks for twelve weeks or a reason why not."


@pytest.fixture
def line(world, at):
    """A knee replacement with a note, referred to a physician."""
    request = knee_request(world, at=at, evidence=(note("Visit", "Knee pain for a year. Walks one block."),))
    line = current_lines(send(world, request, at=at).case)[0]
    refer_to_physician(line=line, summary="Seven weeks of therapy.", by=world.nurse, at=at + timedelta(hours=1))
    return line


def answers(line):
    return dict.fromkeys(open_leaves(line), "Not shown in the record that was sent.")


def open_all(line, by, at):
    for document in documents_to_open(line.case):
        open_evidence(attachment=document, by=by, at=at)


def deny(world, line, at, **facts):
    open_all(line, world.physician, at)
    return deny_line(line=line, by=world.physician, at=at, rationale=WHY, node_answers=answers(line), **facts)


def test_a_fit_physician_denies_with_everything_kept(world, line, at):
    later = at + timedelta(hours=2)
    decision = deny(world, line, later)
    line.refresh_from_db()
    assert line.status == LineStatus.DENIED
    assert decision.is_adverse
    assert decision.licence == "physician EX"
    assert decision.specialty == "internal medicine"
    assert decision.evidence_guard == "done"
    assert decision.conversation_guard == "not_applicable"
    assert len(decision.evidence_opened) == 1
    assert decision.evidence_map.digest == line.evidence_maps.order_by("-version")[0].digest
    assert decision.internal_criteria == "KNEE-ARTH v2026.2"
    assert decision.coverage_snapshot["product"] == "ppo"
    assert "LineDecided" in [event.type for event in events_of(line.case.public_id)]


@pytest.mark.parametrize("who", ["nurse", "intake", "provider", "member_user"])
def test_nobody_but_a_clinician_denies_and_nothing_happens(world, line, at, who):
    before = len(events_of(line.case.public_id))
    with pytest.raises(ReviewerNotQualified):
        deny_line(line=line, by=getattr(world, who), at=at, rationale=WHY, node_answers=answers(line))
    assert Determination.objects.count() == 0
    assert len(events_of(line.case.public_id)) == before


def test_software_cannot_deny_by_service_nor_by_row(world, line, at):
    with pytest.raises(ReviewerNotQualified):
        deny_line(line=line, by=rules_engine(), at=at, rationale=WHY, node_answers=answers(line))
    with pytest.raises(IntegrityError, match="no_machine_refuses|machine_names_its_rule"), transaction.atomic():
        Determination.objects.create(
            line=line, outcome="denied", is_adverse=True, reason_class="other", reason="other", rationale=WHY,
            cited_authority="x", decided_by=rules_engine(), decided_by_machine=True, decided_at=at, licence="x",
            evidence_guard="done", evidence_guard_reason="x", conversation_guard="done", conversation_guard_reason="x",
        )  # fmt: skip


def test_unopened_evidence_and_unanswered_criteria_hold_a_denial_back(world, line, at):
    with pytest.raises(GuardOpen, match="Open 1 more of 1 documents"):
        deny_line(line=line, by=world.physician, at=at, rationale=WHY, node_answers=answers(line))
    open_all(line, world.physician, at)
    with pytest.raises(GuardOpen, match="why it is not met"):
        deny_line(line=line, by=world.physician, at=at, rationale=WHY)
    assert Determination.objects.count() == 0


def test_in_medicare_advantage_the_conversation_comes_first(world, at):
    line = current_lines(send(world, knee_request(world, of=world.member, at=at), at=at).case)[0]
    with pytest.raises(GuardOpen, match="Offer the conversation first"):
        deny_line(
            line=line, by=world.physician, at=at, rationale=WHY, node_answers=answers(line), cited_authority="NCD 1"
        )
    assert Determination.objects.count() == 0


def test_a_nurse_approves_only_what_is_met_and_as_asked(world, at):
    line = current_lines(send(world, knee_request(world, at=at), at=at).case)[0]
    with pytest.raises(CriteriaNotMet):
        approve_line(line=line, by=world.nurse, at=at)
    for leaf in open_leaves(line):
        record_finding(
            line=line, leaf=leaf, value=FindingValue.MET, note="Read in the visit note.", by=world.nurse, at=at
        )
    decision = approve_line(line=line, by=world.nurse, at=at)
    assert (decision.outcome, decision.reason_class) == (LineStatus.APPROVED, ReasonClass.CRITERIA_MET)
    assert authorization_of(line).number == "A-26-0000001"
    with pytest.raises(PermissionRefused):
        approve_line(line=line, by=world.provider, at=at)


def test_an_approval_runs_ninety_days_and_at_least_to_the_end_of_the_service(world, line, at):
    approve_line(line=line, by=world.physician, at=at, rationale="The film settles it.")
    segment = current_segments(authorization_of(line))[0]
    assert (segment.valid_from, segment.valid_to) == (date(2026, 11, 16), date(2027, 2, 15))
    assert segment.units == 1


def test_a_conversation_overturns_a_commercial_denial_and_the_denial_stays(world, line, at):
    denied = deny(world, line, at + timedelta(hours=2))
    hour = at + timedelta(hours=3)
    with pytest.raises(ReversalNeedsReopening, match="No conversation is on record"):
        approve_line(line=line, by=world.orthopaedist, at=hour, rationale="x", because="peer_to_peer")
    talk = offer_conversation(line=line, how=WITH_NOTICE, open_until=None, by=world.physician, at=hour)
    slot = add_slot(physician=world.orthopaedist, starts_at=hour + timedelta(hours=1), by=world.orthopaedist, at=hour)
    book_conversation(
        conversation=talk, slot=slot, attendee="Sam Surgeon", call_back="555-0102", by=world.provider, at=hour
    )
    start = hour + timedelta(hours=1)
    record_conversation(
        conversation=talk, held_from=start, held_to=start + timedelta(minutes=8), outcome="new information",
        note="Two injections; therapy stopped for effusion.", by=world.orthopaedist, at=start + timedelta(minutes=9),
    )  # fmt: skip
    overturned = approve_line(
        line=line, by=world.orthopaedist, at=start + timedelta(minutes=10), because="peer_to_peer",
        rationale="Therapy was not feasible.",
    )  # fmt: skip
    assert [item.outcome for item in determinations_of(line)] == ["denied", "approved"]
    assert overturned.supersedes == denied
    assert overturned.supersedes_because == "peer_to_peer"
    assert current_determination(line) == overturned
    denied.refresh_from_db()
    assert denied.rationale == WHY


def test_a_reopening_is_documented_and_then_decided_anew(world, line, at):
    deny(world, line, at + timedelta(hours=2))
    with pytest.raises(Invalid, match="ground of the reopening"):
        reopen_line(line=line, reason="mood", explanation="x", by=world.physician, at=at)
    reopen_line(
        line=line, reason="new and material evidence", explanation="A new film came.", by=world.physician,
        at=at + timedelta(hours=3),
    )  # fmt: skip
    line.refresh_from_db()
    assert line.status == LineStatus.REOPENED
    decision = approve_line(line=line, by=world.physician, at=at + timedelta(hours=4), rationale="Film shows grade 4.")
    assert decision.supersedes.outcome == "denied"


def test_less_than_asked_is_adverse_and_needs_the_same_guards(world, at):
    request = knee_request(world, at=at)
    request = replace(request, lines=(replace(request.lines[0], units=Decimal(12)),))
    line = current_lines(send(world, request, at=at).case)[0]
    with pytest.raises(LessIsAdverse):
        partially_approve_line(line=line, units=Decimal(12), by=world.physician, at=at, rationale=WHY)
    with pytest.raises(ReviewerNotQualified):
        partially_approve_line(line=line, units=Decimal(8), by=world.nurse, at=at, rationale=WHY)
    decision = partially_approve_line(
        line=line, units=Decimal(8), by=world.physician, at=at, rationale=WHY, node_answers=answers(line)
    )
    assert decision.is_adverse
    segment = current_segments(authorization_of(line))[0]
    assert segment.units == 8


def test_usage_is_a_ledger_with_reversals(world, line, at):
    approve_line(line=line, by=world.physician, at=at, rationale="The film settles it.")
    segment = current_segments(authorization_of(line))[0]
    entry = record_usage(
        segment=segment, kind="claim", units=Decimal(1), service_date=date(2026, 12, 17), reference="CL-1",
        by=world.engine, at=at,
    )  # fmt: skip
    assert remaining_units(segment) == 0
    with pytest.raises(NotEnoughUnits, match="Only 0 units"):
        record_usage(
            segment=segment, kind="claim", units=Decimal(1), service_date=date(2026, 12, 18), reference="CL-2",
            by=world.engine, at=at,
        )  # fmt: skip
    reverse_usage(entry=entry, reference="CL-1R", by=world.engine, at=at)
    assert remaining_units(segment) == 1
    with pytest.raises(Invalid):
        reverse_usage(entry=entry, reference="CL-1R2", by=world.engine, at=at)


def test_an_administrative_closing_has_its_own_permission_reason_and_outcome(world, at, client, demo_clock):
    line = current_lines(send(world, knee_request(world, at=at), at=at).case)[0]
    with pytest.raises(NotAdministrative):
        close_administratively(
            line=line, reason_class=ReasonClass.INFORMATION_NOT_RECEIVED, explanation="x", by=world.intake, at=at
        )
    page = f"/decisions/{line.public_id}/close/"
    client.force_login(world.nurse)
    assert client.get(page).status_code == 403
    client.force_login(world.intake)
    assert page in client.get(f"/cases/{line.case.public_id}/").content.decode()
    assert client.post(page, {"reason_class": "experimental", "explanation": "Unproven."}).status_code == 422
    refused = client.post(page, {"reason_class": "not_a_member", "explanation": "Not in our files."})
    assert "active coverage" in refused.content.decode()
    given = {"reason_class": "duplicate", "explanation": "Same as an earlier request."}
    assert "No other request" in client.post(page, given).content.decode()
    first, second = (current_lines(send(world, knee_request(world, at=at), at=at).case)[0] for _ in range(2))
    assert "Several requests" in client.post(page, given).content.decode()
    shown = client.get(page).content.decode()
    assert all(f'value="{twin.public_id}"' in shown for twin in (first, second))
    assert client.post(page, given | {"repeats": str(first.public_id)}).status_code == 302
    line.refresh_from_db()
    assert line.status == LineStatus.DISMISSED
    determination = Determination.objects.get(line=line)
    assert not determination.is_adverse
    assert determination.statements == {"repeats": f"{first.case.number} (1)"}
    assert f"{first.case.number} (1)" in client.get(f"/cases/{line.case.public_id}/").content.decode()
    assert "is decided or closed" in client.get(page).content.decode()


def test_a_decided_line_cannot_be_decided_again(world, line, at):
    deny(world, line, at)
    with pytest.raises(IllegalTransition, match="This line is denied"):
        deny(world, line, at + timedelta(hours=1))


def test_a_line_of_its_own_is_approved_without_waiting_for_its_sibling(world, at):
    request = knee_request(world, at=at)
    second = replace(request.lines[0], sequence=2, code="97110", modifiers=())
    case = send(world, replace(request, lines=(request.lines[0], second)), at=at).case
    line = current_lines(case)[1]
    approve_line(line=line, by=world.nurse, at=at, cited_authority="Plan page 12, therapy benefit")
    assert [item.status for item in current_lines(case)][1] == LineStatus.APPROVED
    assert Authorization.objects.count() == 1
    case.refresh_from_db()
    assert case.is_open


def test_an_approval_is_given_under_a_licence_of_the_day_and_without_an_interest(world, line, at):
    rows = world.orthopaedist.licences
    rows.update(valid_to=at.date())
    given = {"line": line, "by": world.orthopaedist, "at": at, "rationale": "The swelling explains the weeks."}
    with pytest.raises(ReviewerNotQualified, match="no licence that is valid today"):
        approve_line(**given)
    rows.create(kind="physician", state="QQ", number="QQ-9", valid_from=date(2020, 1, 1))
    world.orthopaedist.memberships.create(role=Role.PROVIDER_STAFF, organization=world.practice)
    with pytest.raises(ConflictOfInterest, match="Works for the practice"):
        approve_line(**given)
    world.orthopaedist.memberships.filter(organization=world.practice).delete()
    declare_interest(npi=world.surgeon_npi, reason="Shares an office.", by=world.nurse, at=at)
    with pytest.raises(ConflictOfInterest, match="Shares an office"):
        licence_to_approve(line, by=world.nurse, on=at.date(), is_judged=False)
    line.case.member.user = world.orthopaedist
    line.case.member.save()
    with pytest.raises(ConflictOfInterest, match="Is the member"):
        approve_line(**given)
    line.case.member.user = None
    line.case.member.save()
    assert approve_line(**given).licence == "physician QQ QQ-9"


def test_clinical_data_that_arrive_unasked_are_evaluated(world, at):
    case = send(world, knee_request(world, at=at), at=at).case
    line = current_lines(case)[0]
    assert "5" in open_leaves(line)
    resource = {
        "resourceType": "Observation", "id": "bmi", "status": "final", "effectiveDateTime": "2026-11-10",
        "code": {"coding": [{"system": "http://loinc.org", "code": "39156-5"}]},
        "valueQuantity": {"value": 27, "unit": "kg/m2", "system": "http://unitsofmeasure.org", "code": "kg/m2"},
    }  # fmt: skip
    machine = line.findings.filter(leaf="5", is_machine=True, superseded_at=None).get()
    attach(
        case=case, request=None, by=world.provider, at=at + timedelta(days=1), channel=Channel.PORTAL,
        documents=[NewDocument(title="BMI", content_type="application/fhir+json", resource=resource, source_key="Observation/bmi")],
    )  # fmt: skip
    assert line.findings.filter(leaf="5", is_machine=True, superseded_at=None).get() != machine


def test_what_was_asked_for_returns_the_line_and_a_complete_record_needs_no_person(world, at):
    case = send(world, knee_request(world, at=at), at=at).case
    line = current_lines(case)[0]
    assert line.status == LineStatus.PENDED_WITH_PROVIDER
    question = case.information_requests.get()
    assert question.asked_by == rules_engine()
    receive_information(
        question=question, documents=[], answered=list(question.items.all()), channel=Channel.PORTAL,
        by=world.provider, at=at + timedelta(days=1),
    )  # fmt: skip
    line = ServiceLine.objects.get(pk=line.pk)
    assert line.status == LineStatus.PENDED_WITH_PAYER
