"""Services of the wrong case or person go to the right one with their receipt, and come back; decided ones stay."""

from datetime import timedelta

import pytest

from openum.audit import events_of
from openum.cases.models import Attachment, Case, InformationRequest
from openum.cases.queries import attachments_visible_to
from openum.clocks.models import Clock
from openum.intake.models import Refiling
from openum.intake.refiling.rules import CannotRefile, check_lines, check_people, sequences_after
from openum.intake.refiling.services import Whither, move_back, refile
from openum.submission.incoming import IncomingEvidence
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import LineStatus as S
from tests.provider.office import browser_of
from tests.world import knee_request, send


def test_what_was_decided_is_not_moved_and_each_refusal_says_what_to_do():
    for chosen, statuses, error, words in (
        ([], {1: S.RECEIVED}, Invalid, "at least one"),
        ([2], {1: S.RECEIVED}, Invalid, "Reload"),
        ([1, 2], {1: S.RECEIVED, 2: S.DENIED}, CannotRefile, "Service 2 is denied"),
        ([1], {1: S.REOPENED}, CannotRefile, "enter the request anew"),
        ([1], {1: S.WITHDRAWN}, CannotRefile, "withdrawn"),
    ):
        with pytest.raises(error, match=words):
            check_lines(chosen, statuses)
    check_lines([1, 3], {1: S.RECEIVED, 3: S.PENDED_WITH_PHYSICIAN, 4: S.APPROVED})
    with pytest.raises(CannotRefile, match="another person's data"):
        check_people(is_other_member=True, came_as_data=True)
    check_people(is_other_member=False, came_as_data=True)
    assert (sequences_after([1, 4], 2), sequences_after([], 1)) == ([5, 6], [1])


@pytest.mark.django_db
def test_a_request_goes_to_the_right_person_and_back(world, demo_clock, at):
    paper = IncomingEvidence(kind="document", title="Visit", content_type="text/plain", data=b"Knee, grade 4.")
    wrong = send(world, knee_request(world, at=at, evidence=(paper,)), at=at).case
    right = send(world, knee_request(world, of=world.member, at=at), at=at).case
    later = at + timedelta(hours=2)
    request, desk = wrong.requests.get(), browser_of(world.intake)
    assert InformationRequest.objects.filter(request=request, closed_at=None).exists()
    address = f"/intake/requests/{request.public_id}/move/"
    assert address in desk.get(f"/cases/{wrong.public_id}/").content.decode()
    told = {"lines": ["1"], "number": right.number, "reason": "The card on the fax is the other person's."}
    assert desk.get(address).status_code == 200
    assert "another person" in desk.post(address, {**told, "do": "look"}).content.decode()
    assert desk.post(address, {**told, "number": "", "do": "move"}).status_code == 422
    assert desk.post(address, {**told, "number": wrong.number, "do": "move"}).status_code == 409
    assert desk.post(address, {**told, "do": "move"}).status_code == 302
    row = Refiling.objects.get()
    copy, line = row.copy, row.copy.lines.get()
    assert (row.is_whole, row.is_other_member, row.opened_case) == (True, True, False)
    assert (copy.case, copy.received_at, copy.urgency) == (right, request.received_at, request.urgency)
    assert (line.code, line.sequence, line.requested_units) == ("27447", 2, wrong.lines.get().requested_units)
    assert line.status in {S.PENDED_WITH_PAYER, S.PENDED_WITH_PROVIDER}
    assert line.diagnoses.count() == wrong.lines.get().diagnoses.count() > 0
    assert copy.parties.get(role="member").name == world.member.full_name
    assert wrong.lines.get().status == S.VOIDED_IN_ERROR
    wrong.refresh_from_db()
    assert not wrong.is_open
    assert not InformationRequest.objects.filter(request=request, closed_at=None).exists()
    assert set(Clock.objects.filter(request=request).values_list("state", flat=True)) == {"void"}
    assert Clock.objects.filter(request=copy, state="running").exists()
    shown = attachments_visible_to(world.nurse).filter(kind=Attachment.DOCUMENT)
    assert [each.case for each in shown] == [right]
    for case, event in ((wrong, "RequestRefiledAway"), (right, "RequestRefiledHere")):
        assert event in [each.type for each in events_of(case.public_id)]
        assert "1 service" in desk.get(f"/cases/{case.public_id}/").content.decode()
    assert right.number in desk.get("/intake/moved/").content.decode()
    assert desk.post(f"/intake/requests/moved/{row.public_id}/back/", {"reason": "It was right."}).status_code == 302
    row.refresh_from_db()
    assert row.undone_with.target == wrong
    assert wrong.lines.order_by("pk").first().status == S.VOIDED_IN_ERROR
    assert wrong.lines.order_by("pk").last().status in {S.PENDED_WITH_PAYER, S.PENDED_WITH_PROVIDER}
    assert [each.case for each in shown.all()] == [wrong]
    with pytest.raises(CannotRefile, match="already"):
        move_back(refiling=row, reason="Once more.", by=world.intake, at=later)


@pytest.mark.django_db
def test_a_case_is_opened_for_a_member_who_has_none_and_one_persons_services_are_parted(world, at):
    wrong = send(world, knee_request(world, at=at), at=at).case
    request = wrong.requests.get()
    to = Whither(member=world.member)
    with pytest.raises(Invalid, match="how it is known"):
        refile(request=request, to=to, sequences=[1], reason="no", by=world.intake, at=at)
    row = refile(request=request, to=to, sequences=[1], reason="Another person.", by=world.intake, at=at)
    opened = Case.objects.get(pk=row.target_id)
    assert (opened.member, opened.opened_at, row.opened_case) == (world.member, request.received_at, True)
    assert "CaseSubmitted" in [each.type for each in events_of(opened.public_id)]
    same = send(world, knee_request(world, of=world.member, at=at), at=at).case
    again = refile(
        request=same.requests.get(),
        to=Whither(case=opened),
        sequences=[1],
        reason="Same order.",
        by=world.intake,
        at=at,
    )
    assert (again.is_other_member, again.copy.echo["sequences"]) == (False, {"1": 2})
    assert opened.lines.count() == 2
