"""The adviser, its proposals and the ledger on a real database, through their pages."""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import pytest
import yaml
from django.test import Client
from django.urls import reverse

from openum.accounts.permitting import OutOfReach
from openum.accounts.rules import PermissionRefused
from openum.accounts.services import register_person
from openum.audit.models import EventRow
from openum.db import clock
from openum.needs.reading import read_requirements
from openum.programme.askings import askings, lines_asked, progress_of
from openum.programme.models import RequirementProposal
from openum.programme.rules.asked import Result
from openum.programme.rules.worth import Standing, Terms
from openum.programme.services import answer_proposal, propose_removal
from openum.programme.services.proposals import ProposalAnswered, ProposalWaits, RemovalNotSupported, WordsMissing
from openum.programme.worth import worth
from openum.vocabulary.terms import Role
from tests.appeals.story import denied
from tests.world import knee_request, send

pytestmark = pytest.mark.django_db
EASY = Terms(least_decided=1, approved_percent=0, stood_percent=100, least_minutes=0)
KNEE = {"system": "CPT", "code": "27447", "line_of_business": "medicare_advantage"}


@pytest.fixture
def director(world):
    return register_person(
        email="dora@example.test", name="Dora Director", password=None, roles=[(Role.DIRECTOR, world.plan, None)]
    )


@pytest.fixture
def easy(monkeypatch):
    """Terms under which one decided request suffices, and a profile that everybody meets."""
    held = worth()
    profile = replace(held.profiles[0], approved_percent=0, least=1)
    eased = replace(held, terms=EASY, profiles=(profile,))
    for place in ("services.proposals", "views.worth", "views.own"):
        monkeypatch.setattr(f"openum.programme.{place}.worth", lambda: eased)


@pytest.fixture
def after(world, at):
    """A refused and an open request of one practice, some minutes old."""
    denied(world, at, of=world.member)
    send(world, knee_request(world, of=world.member, at=at), at=at)
    return at + timedelta(days=20)


def test_requests_carry_outcome_provider_and_the_work_of_people(world, after):
    refused, waiting = askings(lines_asked(world.plan, days=30, at=after), until=after, with_acts=True)
    assert refused.service == ("CPT", "27447")
    assert (refused.result, waiting.result) == (Result.DENIED, Result.UNDECIDED)
    assert refused.npi == waiting.npi == world.surgeon_npi
    assert (refused.stood, refused.by_machine, refused.appeal_open) == (True, False, False)
    assert refused.acts["LineDecided"] == Fraction(1)
    assert "LineDecided" not in (waiting.acts or {})
    assert askings(lines_asked(world.plan, days=30, at=after + timedelta(days=40)), until=after) == []
    (row,) = progress_of(world.plan, worth().profiles[0], at=after)
    assert (row.approved, row.refused, row.waiting, row.standing) == (0, 1, 1, Standing.BELOW)
    assert progress_of(world.plan, worth().profiles[0], at=after, npis={"9000009999"}) == []


def test_a_removal_is_proposed_once_and_answered_once(world, director, easy, after):
    given = KNEE | {"plan": world.plan, "by": director, "at": after}
    for words, code, error in (("", "27447", WordsMissing), ("It brings nothing.", "99999", RemovalNotSupported)):
        with pytest.raises(error):
            propose_removal(**given | {"words": words, "code": code})
    with pytest.raises(PermissionRefused):
        propose_removal(**given | {"words": "It brings nothing.", "by": world.provider})
    proposal = propose_removal(**given, words="It brings nothing.")
    assert (proposal.figures["asked"], proposal.figures["decided"], proposal.figures["stood"]) == (2, 1, 1)
    with pytest.raises(ProposalWaits):
        propose_removal(**given, words="Again.")
    answered = {"proposal": proposal, "by": director, "at": after}
    with pytest.raises(WordsMissing):
        answer_proposal(**answered, accepted=True, words=" ")
    answer_proposal(**answered, accepted=False, words="One request is too few.")
    with pytest.raises(ProposalAnswered):
        answer_proposal(**answered, accepted=True, words="Yes.")
    elsewhere = register_person(
        email="otto@example.test", name="Otto", password=None, roles=[(Role.DIRECTOR, world.sandbox, None)]
    )
    with pytest.raises(OutOfReach):
        propose_removal(**given | {"words": "Mine.", "by": elsewhere})
    told = EventRow.objects.filter(type__startswith="Requirement").order_by("pk").values_list("type", flat=True)
    assert list(told) == ["RequirementRemovalProposed", "RequirementProposalAnswered"]


def test_without_enough_requests_nothing_can_be_proposed(world, director, after):
    with pytest.raises(RemovalNotSupported):
        propose_removal(**KNEE, plan=world.plan, words="It brings nothing.", by=director, at=after)


def test_the_pages_from_the_figures_to_the_answer(world, director, easy, after):
    browser = Client()
    browser.force_login(director)
    clock.set_demo_clock(after)
    page = browser.get(reverse("programme:adviser"))
    assert b"CPT 27447" in page.content
    bad = browser.post(reverse("programme:adviser"), {"plan": world.plan.key, "service": "CPT|1|x", "words": "w"})
    assert bad.status_code == 422
    asked = {"plan": world.plan.key, "service": "CPT|27447|medicare_advantage", "words": "It brings nothing."}
    assert browser.post(reverse("programme:adviser"), asked).status_code == 302
    proposal = RequirementProposal.objects.get()
    address = reverse("programme:answer", args=[proposal.public_id])
    assert browser.post(address, {"do": "accept"}).status_code == 422
    form = {"do": "accept", f"p{proposal.pk}-words": "Agreed."}
    assert browser.post(address, form).status_code == 302
    assert browser.post(address, form).status_code == 409
    assert b"Agreed." in browser.get(reverse("programme:adviser")).content
    assert browser.get(reverse("programme:adviser"), {"plan": "nobody"}).status_code == 404
    assert browser.get(reverse("programme:adviser-file")).content.count(b"27447") == 1
    behind = {"system": "CPT", "code": "27447", "npi": world.surgeon_npi}
    assert browser.get(reverse("programme:behind"), behind).content.count(b"/cases/") >= 2
    assert EventRow.objects.filter(type="CasesRead").exists()
    assert world.surgeon_npi.encode() in browser.get(reverse("programme:exemptions")).content
    assert world.surgeon_npi.encode() in browser.get(reverse("programme:exemptions-file")).content
    draft = browser.get(reverse("programme:exemptions-draft")).content
    (exemption,) = read_requirements(draft.decode()).exemptions
    assert exemption.npi == world.surgeon_npi
    assert yaml.safe_load(draft)["source_verified"] is False
    office = Client()
    office.force_login(world.provider)
    assert b"0 of 1 approved" in office.get(reverse("programme:own-progress")).content
