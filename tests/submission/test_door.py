"""The one door: kept first, looked up before any case, answered once."""

import itertools
from dataclasses import replace
from datetime import date, timedelta

import pytest

from openum.audit import events_of
from openum.cases.models import Case, ServiceLine
from openum.cases.queries import current_lines
from openum.submission.arming import Armed, SandboxAnswer
from openum.submission.incoming import Identifier, IncomingLine, IncomingMember, IncomingProvider
from openum.submission.models import Submission
from openum.submission.queries import submissions_without_case
from openum.submission.rules import AlreadyAdmitted, OnlySandboxPlans
from openum.submission.services import Door, accept, admit_waiting, arm, close_waiting, store_answer
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import CertificationType, LineStatus, PartyRole
from tests.world import CPT, knee_request, member, send

pytestmark = pytest.mark.django_db


def test_a_request_becomes_a_case_with_its_receipt_and_its_raw_bytes(world, at):
    request = knee_request(world, at=at - timedelta(hours=3))
    accepted = send(world, request, at=at)
    case = Case.objects.get()
    row = case.requests.get()
    assert accepted.case == case
    assert case.number == "C-26-0000001"
    assert (row.received_at, row.entered_at) == (at - timedelta(hours=3), at)
    assert bytes(row.submission.raw) == request.raw
    assert case.organization == world.practice
    assert [line.wording for line in current_lines(case)] == ["Knee replacement"]
    assert [event.type for event in events_of(case.public_id)][:3] == [
        "SubmissionReceived", "CaseSubmitted", "ClockStarted",
    ]  # fmt: skip


def test_the_same_content_again_returns_the_first_answer_and_one_case(world, at):
    request = knee_request(world, at=at)
    first = send(world, request, at=at)
    store_answer(submission=first.submission, body=b"answer", status=200, by=world.provider, at=at)
    again = send(world, request, at=at + timedelta(minutes=5))
    assert again.replayed == b"answer"
    assert again.submission == first.submission
    assert Case.objects.count() == 1


def test_the_same_identifier_with_another_body_is_a_new_request_with_a_hint(world, at):
    request = knee_request(world, at=at)
    send(world, request, at=at)
    other = replace(request, canonical_digest="another", raw=b"another")
    second = send(world, other, at=at + timedelta(minutes=1))
    assert Case.objects.count() == 2
    assert second.request.duplicate_hints.count() == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"member_id": "nobody"}, "member-not-found"),
        ({"birth_date": date(1999, 1, 1)}, "member-mismatch"),
        ({"family": "Different"}, "member-mismatch"),
        ({"member_id": "", "subscriber_id": ""}, "patient-missing"),
    ],
)
def test_a_person_who_does_not_fit_is_kept_on_the_intake_list(world, at, changes, code):
    request = knee_request(world, at=at)
    accepted = send(world, replace(request, member=replace(request.member, **changes)), at=at)
    assert accepted.case is None
    assert [item.code for item in accepted.problems] == [code]
    kept = submissions_without_case(world.intake).get()
    assert kept.state == Submission.WAITING
    assert kept.provisional_due_at is not None
    assert Case.objects.count() == 0


def test_inactive_coverage_and_an_unknown_provider_are_named(world, at):
    request = knee_request(world, at=at)
    world.commercial_member.coverages.update(valid_to=date(2026, 1, 1))
    unknown = IncomingProvider(role=PartyRole.REQUESTER, npi="9999999995", path="Claim.provider")
    accepted = send(world, replace(request, providers=(unknown,)), at=at)
    assert [item.code for item in accepted.problems] == ["coverage-inactive", "provider-not-found"]


def test_a_person_matches_a_waiting_message_and_the_receipt_stands(world, at):
    request = knee_request(world, at=at)
    stranger = replace(request, member=IncomingMember(member_id="unknown", family="Alder"))
    waiting = send(world, stranger, at=at).submission
    later = at + timedelta(days=1)
    admitted = admit_waiting(
        submission=waiting, request=stranger, member=world.commercial_member, by=world.intake, at=later
    )
    assert admitted.case.member == world.commercial_member
    assert admitted.request.received_at == at
    waiting.refresh_from_db()
    assert (waiting.state, waiting.settled_by, waiting.case) == (Submission.ADMITTED, world.intake, admitted.case)
    with pytest.raises(AlreadyAdmitted):
        close_waiting(submission=waiting, reason="a test", by=world.intake, at=later)


def test_closing_a_waiting_message_takes_a_reason(world, at):
    request = knee_request(world, at=at)
    waiting = send(world, replace(request, member=IncomingMember(member_id="unknown")), at=at).submission
    with pytest.raises(Invalid):
        close_waiting(submission=waiting, reason=" ", by=world.intake, at=at)
    close_waiting(submission=waiting, reason="sent by mistake", by=world.intake, at=at)
    assert list(submissions_without_case(world.intake)) == []


_revisions = itertools.count(1)


def _update(request, lines, **changes):
    return replace(
        request,
        canonical_digest=f"update {next(_revisions)}",
        lines=tuple(lines),
        related=request.identifiers,
        relationship="prior",
        certification=CertificationType.REVISED,
        **changes,
    )


def test_an_update_links_to_the_prior_case_and_redecides_only_what_changed(world, at):
    request = knee_request(world, at=at)
    case = send(world, request, at=at).case
    kept, added = request.lines[0], IncomingLine(sequence=2, code_system=CPT, code="97110", change="added")
    second = send(world, _update(request, [kept, added]), at=at + timedelta(hours=1))
    assert second.case == case
    assert [(line.sequence, line.code) for line in current_lines(case)] == [(1, "27447"), (2, "97110")]
    assert ServiceLine.objects.filter(case=case).count() == 2
    changed = replace(kept, units=kept.units + 1, change="changed")
    send(world, _update(request, [changed, added]), at=at + timedelta(hours=2))
    lines = current_lines(case)
    assert [(line.sequence, line.requested_units) for line in lines] == [(1, 2), (2, None)]
    assert lines[0].replaces.status == LineStatus.CANCELLED


def test_a_line_and_a_whole_request_are_cancelled_by_the_requester(world, at):
    request = knee_request(world, at=at)
    case = send(world, request, at=at).case
    added = IncomingLine(sequence=2, code_system=CPT, code="97110", change="added")
    send(world, _update(request, [request.lines[0], added]), at=at)
    send(world, _update(request, [request.lines[0], replace(added, change="cancelled")]), at=at)
    assert [line.status for line in current_lines(case)][1] == LineStatus.CANCELLED
    send(world, _update(request, [], is_whole_cancellation=True), at=at)
    assert {line.status for line in current_lines(case)} == {LineStatus.CANCELLED}
    case.refresh_from_db()
    assert not case.is_open


def test_answers_are_armed_for_sandbox_plans_only(world, at):
    with pytest.raises(OnlySandboxPlans):
        arm(client=world.client, armed=Armed(answer=SandboxAnswer.DENY), by=world.physician, at=at)


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("approve", LineStatus.APPROVED),
        ("deny", LineStatus.DENIED),
        ("modify", LineStatus.PARTIALLY_APPROVED),
        ("modify_code", LineStatus.APPROVED),
        ("pend", LineStatus.PENDED_WITH_PAYER),
        ("ask_for_documents", LineStatus.PENDED_WITH_PROVIDER),
    ],
)
def test_an_armed_answer_is_that_physicians_own_determination(world, at, answer, status):
    arm(client=world.sandbox_client, armed=Armed(answer=SandboxAnswer(answer)), by=world.physician, at=at)
    request = replace(
        knee_request(world, at=at),
        member=IncomingMember(member_id="T-77", family="Anybody", birth_date=date(1990, 1, 1)),
    )
    door = Door(base="/fhir/2.0", operation="Claim/$submit")
    client = world.sandbox_client
    accepted = accept(
        request=request, by=client.user, plan=world.sandbox, client=client, door=door, at=at + timedelta(seconds=1)
    )
    line = current_lines(accepted.case)[0]
    assert line.status == status
    for determination in line.determinations.all():
        assert determination.decided_by == world.physician
        assert determination.is_sandbox
    again = accept(
        request=request, by=client.user, plan=world.sandbox, client=client, door=door, at=at + timedelta(seconds=2)
    )
    assert again.submission == accepted.submission


def test_the_same_bytes_armed_again_get_the_new_answer(world, at):
    request = replace(knee_request(world, at=at), member=IncomingMember(member_id="T-1", family="A"))
    door, client = Door(base="/fhir/2.0", operation="Claim/$submit"), world.sandbox_client
    outcomes = []
    for number, answer in enumerate(("approve", "deny")):
        arm(client=client, armed=Armed(answer=SandboxAnswer(answer)), by=world.physician, at=at)
        accepted = accept(
            request=request, by=client.user, plan=world.sandbox, client=client, door=door,
            at=at + timedelta(seconds=number),
        )  # fmt: skip
        outcomes.append(current_lines(accepted.case)[0].status)
    assert outcomes == [LineStatus.APPROVED, LineStatus.DENIED]


def test_only_sandbox_clients_enrol_people(world, at):
    request = replace(
        knee_request(world, at=at), member=IncomingMember(member_id="X-1", family="New"),
        identifiers=(Identifier(system="urn:test", value="new"),),
    )  # fmt: skip
    refused = accept(
        request=request, by=world.client.user, plan=world.plan, client=world.client,
        door=Door(base="/fhir/2.0", operation="Claim/$submit"), at=at,
    )  # fmt: skip
    assert [item.code for item in refused.problems] == ["member-not-found"]
    assert not member(world.commercial, "C-9", "Other", "One").plan.is_sandbox
