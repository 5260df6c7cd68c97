"""Misdirected requests go on with their first receipt, and it is kept who has them and what the sender was told."""

import hashlib
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from openum.accounts.models import Plan
from openum.accounts.permitting import OutOfReach
from openum.accounts.services import register_person
from openum.audit.models import EventRow
from openum.directory.models import Product
from openum.intake.forwarding.services import (
    AlreadyTold,
    Outside,
    acknowledge_inside,
    forward_inside,
    forward_outside,
    note_acknowledgement,
    note_sender_told,
)
from openum.intake.models import Forwarding, Paper
from openum.intake.papers.services import split_paper
from openum.submission.incoming import IncomingMember
from openum.submission.models import Submission
from openum.submission.rules import AlreadyAdmitted
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import Channel, LineOfBusiness, Role
from tests.world import knee_request, member, send

FAR = Outside(name="Far Plan, appeals", channel=Channel.FAX, address="555-0180")


@pytest.fixture
def inland(world):
    """Another plan of the installation, with one product."""
    plan = Plan.objects.create(tenant=world.plan.tenant, key="inland", name="Inland Plan", phone="555-0170")
    product = Product.objects.create(
        plan=plan, key="i", name="Inland MA", line_of_business=LineOfBusiness.MEDICARE_ADVANTAGE, languages=["en"]
    )
    member(product, "I-9", "Nobody", "Nell")
    return plan


@pytest.fixture
def colleague(inland):
    """Intake of the other plan."""
    return register_person(
        email="inland@test.invalid", name="Inland Intake", password=None, roles=[(Role.INTAKE, inland, None)]
    )


@pytest.fixture
def stray(world, at):
    """A message about somebody whom the first plan does not know."""
    who = IncomingMember(member_id="I-9", family="Nobody", given="Nell")
    send(world, knee_request(world, at=at - timedelta(hours=5), member=who), at=at)
    return Submission.objects.get(state=Submission.WAITING)


def test_inside_the_first_receipt_and_a_clock_of_the_right_plan_go_with_it(world, stray, inland, colleague, at):
    row = forward_inside(submission=stray, to=inland, reason="Their member.", by=world.intake, at=at)
    stray.refresh_from_db()
    assert (stray.state, stray.settled_note) == (Submission.SETTLED, "sent on to Inland Plan")
    there = row.became
    assert (there.plan, there.received_at, there.state) == (inland, at - timedelta(hours=5), Submission.WAITING)
    assert there.raw_digest == stray.raw_digest == hashlib.sha256(bytes(there.raw)).hexdigest()
    assert there.provisional_due_at > there.received_at
    assert there.provisional_rule.startswith("ma.")
    assert there.problems[0]["text"] == "Sent on by Harbor Plan: Their member."
    with pytest.raises(OutOfReach):
        acknowledge_inside(forwarding=row, by=world.intake, at=at)
    acknowledge_inside(forwarding=row, by=colleague, at=at)
    with pytest.raises(AlreadyTold):
        acknowledge_inside(forwarding=row, by=colleague, at=at)
    note_sender_told(forwarding=row, channel=Channel.PHONE, whom="Test Practice, front desk", by=world.intake, at=at)
    with pytest.raises(AlreadyTold):
        note_sender_told(forwarding=row, channel=Channel.PHONE, whom="again", by=world.intake, at=at)
    told = set(EventRow.objects.values_list("type", flat=True))
    assert told >= {"RequestForwarded", "ForwardingAcknowledged", "SenderTold"}


def test_a_paper_goes_on_as_its_pages_stand(world, put, inland, at):
    from tests.intake.papers import pdf

    paper = put(pdf(pages=2), received_at=at - timedelta(days=1))
    first, second = paper.pages.order_by("position")
    other = split_paper(paper=paper, page=second, by=world.intake, at=at)
    row = forward_inside(submission=other.submission, to=inland, reason="Theirs.", by=world.intake, at=at)
    there = Paper.objects.get(submission=row.became)
    assert there.plan == inland
    assert there.pages.get().source == row.became
    assert bytes(row.became.raw).startswith(b"%PDF")
    assert row.became.received_at == at - timedelta(days=1)
    assert paper.pages.get() == first


def test_outside_needs_a_name_a_way_and_an_address_and_its_answer_is_noted(world, stray, at):
    with pytest.raises(Invalid, match="to whom it goes"):
        forward_outside(
            submission=stray,
            to=Outside(name="Far", channel=Channel.FAX, address=" "),
            reason="x",
            by=world.intake,
            at=at,
        )
    row = forward_outside(submission=stray, to=FAR, reason="An appeal of theirs.", by=world.intake, at=at)
    with pytest.raises(Invalid, match="who there has it"):
        note_acknowledgement(forwarding=row, said=" ", by=world.intake, at=at)
    with pytest.raises(Invalid, match="who was told"):
        note_sender_told(forwarding=row, channel=Channel.FAX, whom="", by=world.intake, at=at)
    known = note_acknowledgement(forwarding=row, said="Ref 77", by=world.intake, at=at)
    assert (known.acknowledgement, known.acknowledged_by) == ("Ref 77", world.intake)
    with pytest.raises(AlreadyAdmitted):
        forward_outside(submission=stray, to=FAR, reason="again", by=world.intake, at=at)


def test_what_cannot_go_on_says_why(world, stray, inland, at):
    with pytest.raises(Invalid, match="Say why"):
        forward_inside(submission=stray, to=inland, reason=" ", by=world.intake, at=at)
    with pytest.raises(Invalid, match="another plan"):
        forward_inside(submission=stray, to=world.sandbox, reason="x", by=world.intake, at=at)
    with pytest.raises(Invalid, match="another plan"):
        forward_inside(submission=stray, to=world.plan, reason="x", by=world.intake, at=at)
    Submission.objects.filter(pk=stray.pk).update(raw=None)
    with pytest.raises(Invalid, match="bytes were not kept"):
        forward_inside(submission=stray, to=inland, reason="x", by=world.intake, at=at)
    with pytest.raises(IntegrityError), transaction.atomic():
        Forwarding.objects.create(
            submission=stray, plan=world.plan, to_plan=inland, reason="x", forwarded_by=world.intake, forwarded_at=at
        )


def test_an_inside_one_is_not_acknowledged_from_outside(world, stray, inland, at):
    row = forward_inside(submission=stray, to=inland, reason="x", by=world.intake, at=at)
    with pytest.raises(Invalid, match="Its own intake"):
        note_acknowledgement(forwarding=row, said="me", by=world.intake, at=at)


@pytest.mark.usefixtures("demo_clock")
def test_the_pages_of_both_sides(client, world, stray, inland, colleague):
    client.force_login(world.intake)
    page = reverse("intake:submission", args=[stray.public_id])
    assert "Inland Plan" in client.get(page).content.decode()
    forward = reverse("intake:forward", args=[stray.public_id])
    assert "Choose where" in client.post(forward, {"to": "x", "reason": "y"}, follow=True).content.decode()
    wrong = {"to": "outside", "reason": "y", "name": "a", "address": "b", "channel": "pigeon"}
    assert "by which way" in client.post(forward, wrong, follow=True).content.decode()
    answer = client.post(forward, {"to": str(inland.public_id), "reason": "Theirs."}, follow=True)
    assert "You do not need to send it again" in answer.content.decode()
    one = reverse("intake:forwarding", args=[Forwarding.objects.get().public_id])
    assert "Say what happened" in client.post(one, {"do": "x"}, follow=True).content.decode()
    told = client.post(one, {"do": "told", "channel": "fax", "said": "555-0102"}, follow=True).content.decode()
    assert "555-0102" in told
    package = client.get(reverse("intake:package", args=[Forwarding.objects.get().public_id]))
    assert package["Content-Disposition"].startswith("attachment")
    assert hashlib.sha256(package.content).hexdigest() == stray.raw_digest
    client.force_login(colleague)
    assert "Sent on by Harbor Plan" in client.get(reverse("intake:submissions")).content.decode()
    assert "We have it" in client.get(one).content.decode()
    assert "We have it" not in client.post(one, {"do": "have"}, follow=True).content.decode()
    assert "Inland Plan" in client.get(reverse("intake:forwarded")).content.decode()
    there = reverse("intake:submission", args=[Forwarding.objects.get().became.public_id])
    assert client.get(there).status_code == 200
