"""What is told is kept: found again by its id within the organization, cited by a request, removed in time."""

from datetime import timedelta

import pytest

from openum.accounts.models import Organization
from openum.accounts.services import register_client
from openum.adapters.fhir.codes import REQUESTED_SERVICE
from openum.adapters.fhir.crd.information import assertions_of
from openum.audit.models import EventRow
from openum.cases.models import Case, ServiceLine
from openum.determination.services import approve_line
from openum.needs.models import Assertion, Citation
from openum.needs.queries import assertion_for
from openum.needs.rules.keeping import KEPT_DAYS
from openum.needs.services import remove_old_assertions
from tests.adapters.crd import kit
from tests.adapters.kit import message, resource
from tests.world import knee_request, send

_ID = "coverage-assertion-id"


def told(answer):
    """Return the order as it came back, and the parts of its one coverage information."""
    (action,) = answer["systemActions"]
    (parts,) = kit.information(action["resource"])
    return action["resource"], parts


def test_each_statement_is_kept_as_it_was_sent(crd, world):
    order, parts = told(crd.ask(kit.call(kit.order()), base="2.2"))
    row = Assertion.objects.get()
    assert row.statement in order["extension"]
    assert (row.assertion_id, row.questionnaires, row.valid_to.isoformat()) == (
        parts[_ID][0], parts["questionnaire"], "2027-01-16",
    )  # fmt: skip
    assert parts["expiry-date"] == ["2027-01-15"]
    assert (row.order_reference, row.patient_reference, row.coverage_reference) == (
        "ServiceRequest/o1", "Patient/p1", "Coverage/c1",
    )  # fmt: skip
    assert (row.covered, row.authorization, row.services) == ("covered", "auth-needed", [["CPT", "72148"]])
    assert row.rests_on == [["services", "2026.3", "back-imaging"]]
    assert (row.member, row.organization, row.client, row.way) == (
        world.member, world.practice, world.client, "order-sign",
    )  # fmt: skip
    event = EventRow.objects.get(type="NeedsAsked")
    assert str(row.public_id) in event.data
    assert "72148" not in event.data


def test_a_satisfied_statement_keeps_the_number_of_its_authorization(crd, world, at):
    send(world, knee_request(world, of=world.member, at=at), at=at)
    line = ServiceLine.objects.get()
    approve_line(line=line, by=world.orthopaedist, at=at, rationale="It is so.", cited_authority="plan page 1")
    _order, parts = told(crd.ask(kit.call(kit.order("27447"))))
    assert [Assertion.objects.get().satisfied_pa_id] == parts["satisfied-pa-id"]


def test_the_same_answer_is_one_row_and_another_answer_another(crd, demo_clock, at):
    crd.ask(kit.call(kit.order()))
    demo_clock.set_demo_clock(at + timedelta(days=3))
    crd.ask(kit.call(kit.order()))
    row = Assertion.objects.get()
    assert row.told_at < at + timedelta(days=1)
    assert row.last_told_at >= at + timedelta(days=3)
    crd.ask(kit.call(kit.order("95806")))
    assert Assertion.objects.count() == 2


def test_orders_patients_and_coverages_are_never_told_by_the_same_name(crd):
    other = kit.order()
    other["subject"] = {"reference": "Patient/p2"}
    elsewhere = {
        "patient": {**kit.patient(), "id": "p2"},
        "coverage": {**kit.coverage(), "id": "c1", "beneficiary": {"reference": "Patient/p2"}},
    }
    crd.ask(kit.call(kit.order(name="a"), kit.order(name="b")))
    crd.ask(
        kit.call(kit.order(name="a"), prefetch={"patient": kit.patient(), "coverage": {**kit.coverage(), "id": "c2"}})
    )
    crd.ask(kit.call({**other, "id": "a"}, prefetch=elsewhere, context={"patientId": "p2"}))
    assert len(set(Assertion.objects.values_list("assertion_id", flat=True))) == 4


@pytest.mark.parametrize(
    "body",
    [
        kit.call(kit.order(), extension={"davinci-crd.configuration": {"coverage-info": False}}),
        kit.call(hook="encounter-start", context={"encounterId": "e1"}, prefetch={
            "patient": kit.patient(), "coverage": kit.coverage(),
            "encounter": {"resourceType": "Encounter", "id": "e1", "class": {"code": "AMB"}}}),
    ],
)  # fmt: skip
def test_what_is_not_told_is_not_kept(crd, body):
    crd.ask(body)
    assert not Assertion.objects.exists()
    assert EventRow.objects.filter(type="NeedsAsked").count() == 1


def test_an_answer_is_found_by_its_name_within_the_organization_only(crd, world):
    name = told(crd.ask(kit.call(kit.order())))[1][_ID][0]
    sister = register_client(name="billing", plan=world.plan, token="sister", organization=world.practice)
    elsewhere = Organization.objects.create(tenant=world.practice.tenant, kind=Organization.PROVIDER, name="Elsewhere")
    stranger = register_client(name="stranger", plan=world.plan, token="stranger", organization=elsewhere)
    unbound = register_client(name="unbound", plan=world.plan, token="unbound")
    found = assertion_for(client=sister, assertion_id=name)
    assert (found.order_reference, found.member.member_number) == ("ServiceRequest/o1", "M-1")
    assert assertion_for(client=stranger, assertion_id=name) is None
    assert assertion_for(client=unbound, assertion_id=name) is None
    assert assertion_for(client=world.sandbox_client, assertion_id=name) is None
    assert assertion_for(client=sister, assertion_id="") is None


def claim_citing(order):
    """Return a PAS message whose first item asks for an order as CRD gave it back."""
    data = message("home-care")
    url = "https://clinic.example/fhir/ServiceRequest/o1"
    data["entry"].append({"fullUrl": url, "resource": order})
    item = resource(data, "Claim")["item"][0]
    item.setdefault("extension", []).append({"url": REQUESTED_SERVICE, "valueReference": {"reference": url}})
    return data


def test_a_request_that_cites_an_answer_is_tied_to_it_and_shows_it(crd, door, client, world):
    order, parts = told(crd.ask(kit.call(kit.order()), token="sandbox-token"))
    door.submit(claim_citing(order))
    case = Case.objects.get()
    cited = Citation.objects.get(case=case)
    assert cited.assertion.assertion_id == parts[_ID][0]
    assert EventRow.objects.filter(type="AssertionCited", case_id=case.public_id).count() == 1
    client.force_login(world.physician)
    page = client.get(f"/cases/{case.public_id}/").content.decode()
    assert parts[_ID][0] in page
    assert "Authorization needed" in page


def test_a_request_of_somebody_else_is_not_tied(crd, door):
    order, _parts = told(crd.ask(kit.call(kit.order())))
    assert list(assertions_of(order))
    door.submit(claim_citing(order))
    assert Case.objects.count() == 1
    assert not Citation.objects.exists()


def test_old_answers_go_unless_a_request_cites_them(crd, door, world, at):
    order, _parts = told(crd.ask(kit.call(kit.order("95810")), token="sandbox-token"))
    door.submit(claim_citing(order))
    crd.ask(kit.call(kit.order("95806", name="o2")), token="sandbox-token")
    assert remove_old_assertions(by=world.engine, at=at + timedelta(days=KEPT_DAYS - 1)) == 0
    assert remove_old_assertions(by=world.engine, at=at + timedelta(days=KEPT_DAYS)) == 1
    assert Assertion.objects.get().order_reference == "ServiceRequest/o1"
    assert EventRow.objects.filter(type="AssertionsRemoved").count() == 1
