"""A receipt time changes only with a reason and a second person, and every clock follows it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from openum.accounts.services import register_person
from openum.cases.models import Request
from openum.clocks.models import Clock
from openum.intake.correcting.services import AlreadySettled, propose_receipt, settle_receipt
from openum.intake.models import ReceiptProposal
from openum.vocabulary.errors import Invalid, OpenUMError
from openum.vocabulary.terms import Role
from tests.world import knee_request, send


@pytest.fixture
def request_row(world, at):
    """A request of now."""
    return send(world, knee_request(world, at=at), at=at).request


@pytest.fixture
def colleague(world):
    """A second person of intake."""
    return register_person(
        email="second@test.invalid", name="Second Person", password=None, roles=[(Role.INTAKE, world.plan, None)]
    )


def proposed(world, row, at, **said):
    given = {"received_at": at - timedelta(hours=30), "reason": "date stamp of the delegate"} | said
    return propose_receipt(request=row, by=world.intake, at=at, **given)


def test_nothing_changes_until_a_second_person_confirms(world, request_row, colleague, at):
    due = dict(Clock.objects.filter(case=request_row.case, due_at__isnull=False).values_list("pk", "due_at"))
    proposal = proposed(world, request_row, at)
    request_row.refresh_from_db()
    assert request_row.received_at == at
    settle_receipt(proposal=proposal, is_confirmed=True, by=colleague, at=at)
    request_row.refresh_from_db()
    assert request_row.received_at == at - timedelta(hours=30)
    assert (request_row.receipt_corrected_by, request_row.receipt_corrected_second) == (world.intake, colleague)
    assert request_row.receipt_corrected_from == at
    now_due = dict(Clock.objects.filter(pk__in=due).values_list("pk", "due_at"))
    assert any(now_due[key] < before for key, before in due.items())


def test_nobody_confirms_ones_own(world, request_row, at):
    proposal = proposed(world, request_row, at)
    with pytest.raises(OpenUMError, match="two people"):
        settle_receipt(proposal=proposal, is_confirmed=True, by=world.intake, at=at)
    with pytest.raises(IntegrityError), transaction.atomic():
        ReceiptProposal.objects.filter(pk=proposal.pk).update(is_confirmed=True, settled_by=world.intake, settled_at=at)


def test_a_refused_proposal_leaves_the_receipt_and_makes_room_for_another(world, request_row, colleague, at):
    proposal = proposed(world, request_row, at)
    with pytest.raises(AlreadySettled, match="waits for a second person"):
        proposed(world, request_row, at, reason="another")
    settle_receipt(proposal=proposal, is_confirmed=False, by=colleague, at=at)
    with pytest.raises(AlreadySettled, match="answered meanwhile"):
        settle_receipt(proposal=proposal, is_confirmed=True, by=colleague, at=at)
    assert Request.objects.get(pk=request_row.pk).received_at == at
    assert proposed(world, request_row, at, reason="another").pk != proposal.pk


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"reason": " "}, "Say why"),
        ({"received_at": "later"}, "in the future"),
        ({"received_at": "same"}, "stands already"),
    ],
)
def test_a_proposal_needs_a_reason_and_another_time_that_has_been(world, request_row, at, said, told):
    instants = {"later": at + timedelta(minutes=1), "same": at}
    with pytest.raises(Invalid, match=told):
        proposed(world, request_row, at, **{key: instants.get(value, value) for key, value in said.items()})


@pytest.mark.usefixtures("demo_clock")
def test_two_people_correct_it_on_the_case_page(client, world, request_row, colleague):
    case = reverse("cases:case", args=[request_row.case.public_id])
    client.force_login(world.intake)
    assert "The receipt time is wrong" in client.get(case).content.decode()
    form = reverse("intake:propose_receipt", args=[request_row.public_id])
    answer = client.post(form, {"day": "", "time": "", "reason": "x"}, follow=True)
    assert "Say on which day and at what time" in answer.content.decode()
    answer = client.post(form, {"day": "2026-11-15", "time": "09:00", "reason": "date stamp"}, follow=True)
    assert "Another person has to confirm it." in answer.content.decode()
    settle = reverse("intake:settle_receipt", args=[ReceiptProposal.objects.get().public_id])
    assert "two people" in client.post(settle, {"do": "confirm"}, follow=True).content.decode()
    client.force_login(colleague)
    assert "date stamp" in client.get(case).content.decode()
    answer = client.post(settle, {"do": "confirm"}, follow=True)
    assert "First kept as" in answer.content.decode()
    assert "Nov 15, 2026, 9:00 AM ET" in answer.content.decode()


@pytest.mark.usefixtures("demo_clock")
def test_people_without_intake_do_not_see_it(client, world, request_row):
    client.force_login(world.nurse)
    page = client.get(reverse("cases:case", args=[request_row.case.public_id])).content.decode()
    assert "The receipt time is wrong" not in page
