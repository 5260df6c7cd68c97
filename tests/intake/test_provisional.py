"""Newborns and unknown people are taken in provisionally, worked, and tied to the right member with both trails."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from openum.audit.models import EventRow
from openum.cases.models import Case
from openum.clocks.models import Clock
from openum.directory.models import Member, Product
from openum.directory.services import AlreadyOnFile
from openum.intake.models import EligibilityCheck, MemberTie, Paper
from openum.intake.papers.services import choose_member
from openum.intake.provisional.services import CannotTie, take_newborn, take_unknown, tie, untie
from openum.submission.incoming import IncomingMember
from openum.submission.models import Submission
from openum.submission.services import admit_waiting
from openum.vocabulary.errors import Invalid
from tests.world import knee_request, member, send

BORN = date(2026, 11, 14)


def newborn(world, at, **said):
    given = {"mother_number": "C-1", "given": "", "birth_date": BORN, "birth_order": 1, "sex": "female"} | said
    return take_newborn(plan=world.plan, by=world.intake, at=at, **given)


def unknown(world, at, **said):
    given = {"product": world.commercial, "family": "Aldr", "given": "Rose", "birth_date": date(1960, 5, 4)} | said
    return take_unknown(plan=world.plan, by=world.intake, at=at, **given)


def admitted(world, at, who):
    """A message about somebody not on file, admitted for a provisional person."""
    request = knee_request(world, at=at, member=IncomingMember(member_id="C-9", family="Aldr", given="Rose"))
    waiting = send(world, request, at=at).submission
    assert waiting.state == Submission.WAITING
    return admit_waiting(submission=waiting, request=request, member=who, by=world.intake, at=at).case


def test_a_newborn_is_covered_as_the_mother_from_the_day_of_birth(world, at):
    child = newborn(world, at)
    assert (child.is_provisional, child.mother, child.family_name) == (True, world.commercial_member, "Alder")
    assert child.member_number == "C-1-N261114-1"
    case = admitted(world, at, child)
    assert (case.member, case.product) == (child, world.commercial)
    assert EligibilityCheck.objects.filter(line__case=case).last().is_covered
    assert Clock.objects.filter(case=case, due_at__isnull=False).exists()
    with pytest.raises(AlreadyOnFile):
        newborn(world, at)
    assert newborn(world, at, birth_order=2).member_number == "C-1-N261114-2"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"mother_number": "nobody"}, "mother's member number"),
        ({"birth_date": None}, "day of birth"),
        ({"birth_date": date(2027, 1, 1)}, "cannot lie ahead"),
        ({"birth_date": date(1950, 1, 1)}, "no coverage on the day of birth"),
        ({"birth_order": 0}, "from 1 to 9"),
    ],
)
def test_a_newborn_that_cannot_be_taken_in_says_why(world, at, said, told):
    with pytest.raises(Invalid, match=told):
        newborn(world, at, **said)


def test_an_unknown_person_is_worked_without_coverage_and_never_approved_by_itself(world, at):
    case = admitted(world, at, unknown(world, at))
    check = EligibilityCheck.objects.filter(line__case=case).last()
    assert not check.is_covered
    assert not case.lines.filter(status="approved").exists()
    assert Clock.objects.filter(case=case, due_at__isnull=False).exists()
    with pytest.raises(Invalid, match="family name"):
        unknown(world, at, family=" ")
    with pytest.raises(Invalid, match="product of the plan"):
        unknown(world, at, product=Product.objects.get(plan=world.sandbox))


def test_a_tie_keeps_numbers_receipts_and_both_trails_and_can_be_undone(world, at):
    who = unknown(world, at)
    case = admitted(world, at, who)
    before = (case.number, case.opened_at, case.coverage)
    with pytest.raises(Invalid, match="how|by what you know"):
        tie(provisional=who, member=world.commercial_member, reason=" ", by=world.intake, at=at)
    row = tie(provisional=who, member=world.commercial_member, reason="Called the office.", by=world.intake, at=at)
    case.refresh_from_db()
    who.refresh_from_db()
    assert (case.member, case.number, case.opened_at) == (world.commercial_member, *before[:2])
    assert case.coverage.member == world.commercial_member
    assert who.linked_to == world.commercial_member
    assert EligibilityCheck.objects.filter(line__case=case).last().is_covered
    with pytest.raises(CannotTie, match="tied meanwhile"):
        tie(provisional=who, member=world.commercial_member, reason="again", by=world.intake, at=at)
    untie(row=row, by=world.intake, at=at + timedelta(minutes=1))
    case = Case.objects.get(pk=case.pk)
    assert (case.member, case.coverage) == (who, before[2])
    with pytest.raises(CannotTie, match="undone already"):
        untie(row=row, by=world.intake, at=at)
    told = list(EventRow.objects.filter(case_id=case.public_id).values_list("type", flat=True))
    assert told.count("MemberTied") == told.count("MemberUntied") == 1


def test_who_cannot_be_the_same_person_is_refused(world, at):
    who = unknown(world, at)
    admitted(world, at, who)
    child = newborn(world, at)
    for provisional, other, told in (
        (world.member, world.commercial_member, "not provisional"),
        (who, child, "on file"),
        (child, world.commercial_member, "not the mother"),
        (who, world.member, "another product"),
    ):
        with pytest.raises(CannotTie, match=told):
            tie(provisional=provisional, member=other, reason="x", by=world.intake, at=at)
    assert not MemberTie.objects.exists()


def test_who_was_tied_is_admitted_as_the_member(world, put, at):
    who = unknown(world, at)
    tie(provisional=who, member=world.commercial_member, reason="x", by=world.intake, at=at)
    who.refresh_from_db()
    assert admitted(world, at, who).member == world.commercial_member
    assert choose_member(paper=put(), member=who, by=world.intake, at=at).member == world.commercial_member


@pytest.mark.usefixtures("demo_clock")
def test_the_desk_takes_people_in_and_ties_them(client, world, put, at):
    client.force_login(world.intake)
    paper = put()
    take = reverse("intake:take_provisional", args=[paper.submission.public_id])
    assert "day of birth like" in client.post(take, {"as": "newborn", "born": "soon"}, follow=True).content.decode()
    assert "Choose the product" in client.post(take, {"as": "unknown"}, follow=True).content.decode()
    said = {"as": "newborn", "mother": "C-1", "born": "2026-11-14", "order": "1"}
    assert "On file provisionally" in client.post(take, said, follow=True).content.decode()
    child = Paper.objects.get().member
    assert child.mother == world.commercial_member
    assert child.member_number in client.get(reverse("intake:provisional")).content.decode()
    grown = member(world.commercial, "C-77", "Alder", "Iris", BORN)
    one = reverse("intake:provisional_person", args=[child.public_id])
    assert "C-77" in client.get(one).content.decode()
    assert "C-77" in client.post(one, {"find": "1", "number": "C-77"}).content.decode()
    answer = client.post(one, {"member": str(grown.public_id), "reason": "Birth certificate"}, follow=True)
    assert "Birth certificate" in answer.content.decode()
    made = MemberTie.objects.get()
    answer = client.post(one, {"do": "undo", "tie": str(made.public_id)}, follow=True)
    assert "again" in answer.content.decode()
    assert client.post(one, {"member": "x", "reason": "y"}).status_code == 404


@pytest.mark.usefixtures("demo_clock")
def test_a_message_is_admitted_for_an_unknown_person(client, world, at):
    request = knee_request(world, at=at, member=IncomingMember(member_id="C-9", family="Aldr"))
    waiting = send(world, request, at=at).submission
    client.force_login(world.intake)
    take = reverse("intake:take_provisional", args=[waiting.public_id])
    said = {"as": "unknown", "family": "Aldr", "product": str(world.commercial.public_id)}
    answer = client.post(take, said, follow=True)
    assert "cannot be read as a request" in answer.content.decode()
    assert Member.objects.filter(is_provisional=True).count() == 0
