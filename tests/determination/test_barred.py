"""No door approves by itself for a provider on an exclusion or preclusion list: 42 CFR 422.222, 1001.1901."""

from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.test import Client

from openum.appeals.services import decide_appeal
from openum.audit import Recorded
from openum.cases.models import ServiceLine
from openum.cases.queries import current_lines
from openum.criteria.events import CriteriaEvaluated
from openum.determination.barred import LISTED, ProviderBarred
from openum.determination.models import Determination
from openum.determination.rules import GuardAnswer
from openum.determination.services import approve_alternative, approve_line, automatic, partially_approve_line
from openum.directory.models import Exclusion, Policy
from openum.intake.queries import latest_check
from openum.review.services import refer_to_physician
from openum.vocabulary.terms import Channel, FindingValue, LineStatus
from tests.adapters.crd import kit
from tests.adapters.crd.conftest import Desk
from tests.appeals import story
from tests.pages.test_provider_and_member import begin, fill
from tests.world import knee_request, note, send

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
WHY = "The care was an emergency, for which the law lets this provider be paid."


def bar(world, number, *, name="preclusion", since=date(2025, 1, 1), until=None):
    return Exclusion.objects.create(
        plan=world.plan, npi=number, list_name=name, source="test", valid_from=since, valid_to=until
    )


@pytest.fixture
def crd(client, world, demo_clock):
    return Desk(client)


@pytest.fixture
def line(world, at):
    request = knee_request(world, of=world.member, at=at, evidence=(note("Visit", "Knee pain."),))
    made = current_lines(send(world, request, at=at).case)[0]
    refer_to_physician(line=made, summary="Twelve weeks of therapy.", by=world.nurse, at=at + HOUR)
    made.refresh_from_db()
    return made


@pytest.mark.parametrize("name", ["oig", "preclusion", "a state list"])
def test_a_person_approves_only_as_a_physician_who_says_why(world, line, at, name):
    bar(world, world.facility_npi, name=name)
    cited = {"line": line, "at": at + 2 * HOUR, "cited_authority": "42 CFR 422.101"}
    with pytest.raises(ProviderBarred, match="who gives the care instead"):
        approve_line(by=world.physician, rationale="Fits.", **cited)
    approve_line(by=world.physician, rationale=WHY, **cited)
    assert Determination.objects.get(line=line).rationale == WHY


def test_another_service_for_a_barred_provider_wants_the_same_sentence(world, line, at):
    bar(world, world.surgeon_npi)
    facts = {
        "line": line, "code_system": line.code_system, "code": "27446", "accepted_by": "Sam Surgeon",
        "channel": Channel.PHONE, "by": world.physician, "at": at + 2 * HOUR,
    }  # fmt: skip
    with pytest.raises(ProviderBarred):
        approve_alternative(rationale="It fits.", **facts)
    approve_alternative(rationale=WHY, **facts)


@pytest.mark.parametrize(("since", "until"), [(date(2026, 12, 18), None), (date(2025, 1, 1), date(2026, 12, 17))])
def test_the_day_of_the_service_counts(world, line, at, since, until):
    bar(world, world.surgeon_npi, since=since, until=until)
    approve_line(line=line, by=world.physician, at=at + 2 * HOUR, rationale="Fits.", cited_authority="42 CFR 422.101")
    line.refresh_from_db()
    assert line.status == LineStatus.APPROVED


def test_the_decision_page_names_the_list(client, world, line, demo_clock):
    bar(world, world.surgeon_npi)
    client.force_login(world.physician)
    body = client.get(f"/decisions/{line.public_id}/").content.decode()
    assert "A provider of this request may not be paid" in body
    assert "preclusion" in body
    refused = client.post(
        f"/decisions/{line.public_id}/approve/",
        {"from_decision": "1", "rationale": "Fits.", "cited_authority": "NCD 1"},
    )
    assert refused.status_code == 409
    assert "stands on a list" in refused.content.decode()


@pytest.mark.parametrize("is_listed", [False, True])
def test_software_looks_again_when_the_list_changed_since_triage(world, at, monkeypatch, is_listed):
    """The providers were in order at the door; what arrives days later is judged by the list of that day."""
    line = current_lines(send(world, knee_request(world, at=at), at=at).case)[0]
    rule = Policy.objects.filter(kind="guideline").first()
    monkeypatch.setattr(automatic, "approval_rule_for", lambda _line: SimpleNamespace(policy=rule))
    if is_listed:
        bar(world, world.facility_npi, name="oig")
    event = CriteriaEvaluated(
        case_id=line.case.public_id, line_ids=(line.public_id,), policy_id=None, map_id=uuid4(), value=FindingValue.MET
    )
    automatic.follow_criteria(event, Recorded(event_id=uuid4(), by=world.engine, at=at + 24 * HOUR))
    line.refresh_from_db()
    assert (line.status == LineStatus.APPROVED) is not is_listed
    assert Determination.objects.filter(line=line).exists() is not is_listed


def test_a_part_is_approved_only_with_a_sentence_about_the_provider(client, world, line, at, demo_clock):
    """The reason speaks of what is not given; who is on the list has a sentence of its own."""
    bar(world, world.facility_npi, name="oig")
    facts = {
        "line": line, "units": Decimal("0.5"), "rationale": "Half of it is enough for what the record shows.",
        "by": world.physician, "at": at + 2 * HOUR, "cited_authority": "42 CFR 422.101",
        "conversation": GuardAnswer.NOT_APPLICABLE, "conversation_reason": "Tried by phone before.",
        "node_answers": story.answers(line),
    }  # fmt: skip
    story.open_all(line, world.physician, at + 2 * HOUR)
    with pytest.raises(ProviderBarred, match="who gives the care instead"):
        partially_approve_line(**facts)
    client.force_login(world.physician)
    typed = {
        "rationale": facts["rationale"], "units": "0.5", "reason_class": "not_medically_necessary",
        "cited_authority": "42 CFR 422.101",
    }  # fmt: skip
    refused = client.post(f"/decisions/{line.public_id}/deny/", typed)
    assert (refused.status_code, "statement-listed_provider" in refused.text) == (409, True)
    made = partially_approve_line(**facts, statements={LISTED: WHY})
    assert made.statements == {LISTED: WHY}


def test_a_no_asks_nothing_about_the_list(world, at):
    bar(world, world.facility_npi, name="oig")
    assert story.denied(world, at).status == LineStatus.DENIED


def test_a_reversal_asks_about_the_list(world, at, monkeypatch):
    """On appeal and by the order of somebody outside: what is given must not go to who may not be paid."""
    line = story.denied(world, at)
    desk, reviewer = story.coordinator(world), story.surgeon(world)
    appeal = story.assigned(world, line, at + 24 * HOUR, reviewer, desk)
    bar(world, world.surgeon_npi)
    facts = {"appeal": appeal, "by": reviewer, "at": at + 26 * HOUR}
    with pytest.raises(ProviderBarred):
        decide_appeal(verdict=story.yes(), **facts)
    page = Client()
    page.force_login(reviewer)
    body = page.get(f"/appeals/{appeal.public_id}/decide/").text
    assert "may not be paid" in body
    assert 'name="listed"' in body
    decision = decide_appeal(verdict=story.yes(listed=WHY), **facts)
    assert decision.determination.statements == {LISTED: WHY}


@pytest.mark.parametrize("is_listed", [False, True])
def test_no_authorization_satisfies_for_a_listed_performer(crd, world, at, is_listed):
    """The door of the record system: what was approved before the listing is not told as satisfied for that provider."""
    send(world, knee_request(world, of=world.member, at=at), at=at)
    line = ServiceLine.objects.get()
    approve_line(line=line, by=world.orthopaedist, at=at, rationale="It is so.", cited_authority="plan page 1")
    if is_listed:
        bar(world, world.surgeon_npi, name="oig")
    order = kit.order("27447", requester={"reference": "Practitioner/d1"})
    prefetch = {
        "patient": kit.patient(), "coverage": kit.bundle(kit.coverage()),
        "practitioner": kit.bundle(kit.practitioner(world.surgeon_npi)),
    }  # fmt: skip
    (action,) = crd.ask(kit.call(order, prefetch=prefetch), base="2.2")["systemActions"]
    (parts,) = kit.information(action["resource"])
    assert parts["pa-needed"] == (["auth-needed"] if is_listed else ["satisfied"])
    assert ("satisfied-pa-id" in parts) is not is_listed


@pytest.mark.parametrize("is_listed", [False, True])
def test_the_portal_approves_nothing_by_itself_for_a_listed_provider(world, demo_clock, monkeypatch, is_listed):
    """The same request, the same rule: only the list differs."""
    rule = Policy.objects.filter(kind="guideline").first()
    monkeypatch.setattr(automatic, "sandbox_rule_for", lambda _line, on: rule if on else None)
    if is_listed:
        bar(world, world.surgeon_npi, name="oig")
    page = Client()
    page.force_login(world.provider)
    base = begin(page)
    fill(page, base, world)
    page.post(base + "urgency/", {"urgency": "standard"})
    assert page.post(base + "check/").status_code == 302
    line = ServiceLine.objects.get()
    assert (line.status == LineStatus.APPROVED) is not is_listed
    assert Determination.objects.filter(line=line).exists() is not is_listed


def test_who_is_listed_at_the_door_goes_to_a_person_with_the_reason(world, at):
    bar(world, world.surgeon_npi, name="oig")
    line = current_lines(send(world, knee_request(world, at=at), at=at).case)[0]
    assert not latest_check(line).are_providers_in_order
    assert any("oig" in reason for reason in latest_check(line).reasons)
    assert line.status in {LineStatus.PENDED_WITH_PAYER, LineStatus.PENDED_WITH_PROVIDER}
