"""Which coverages, codes, circumstances, days and performers an answer is about; every hook in full."""

from datetime import date

import orjson
import pytest

from openum.directory.models import Coverage
from tests.adapters.crd import kit
from tests.world import LONG_AGO, npi

BILLING = "http://hl7.org/fhir/us/davinci-crd/StructureDefinition/ext-billing-options"
ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"


def parts_of(answer, index=0):
    """Return the coverage informations of an answer's order."""
    return kit.information(answer["systemActions"][index]["resource"])


def needed(answer):
    (parts,) = parts_of(answer)
    return parts.get("pa-needed", [None])[0]


class TestCoverages:
    def test_each_coverage_with_the_plan_gets_its_own_answer(self, crd, world):
        second = kit.coverage("C-1", id="c2")
        Coverage.objects.create(
            member=world.member, product=world.commercial, subscriber_number="C-9", rank=2,
            valid_from=date(2024, 1, 1), recorded_from=LONG_AGO,
        )  # fmt: skip
        prefetch = {"patient": kit.patient(), "coverage": kit.bundle(kit.coverage(), {**second, "subscriberId": "C-9"})}
        answer = crd.ask(kit.call(kit.order(), prefetch=prefetch), base="2.2")
        found = parts_of(answer)
        assert [one["coverage"][0]["reference"] for one in found] == ["Coverage/c1", "Coverage/c2"]
        assert len({one["coverage-assertion-id"][0] for one in found}) == 2

    def test_the_coverage_of_another_plan_beside_ours_is_left_alone(self, crd, world):
        world.plan.npi = npi(900000100)
        world.plan.save()
        payor = {
            "resourceType": "Organization",
            "id": "x",
            "identifier": [{"system": kit.NPI, "value": npi(900000101)}],
        }
        other = kit.coverage("M-1", id="c0", contained=[payor], payor=[{"reference": "#x"}])
        prefetch = {"patient": kit.patient(), "coverage": kit.bundle(other, kit.coverage())}
        for base in ("2.0", "2.2"):
            (parts,) = parts_of(crd.ask(kit.call(kit.order(), prefetch=prefetch), base=base))
            assert parts["coverage"] == [{"reference": "Coverage/c1"}]

    def test_the_coverages_that_an_order_names_count(self, crd):
        prefetch = {"patient": kit.patient(), "coverage": kit.bundle(kit.coverage("X-1", id="c9"), kit.coverage())}
        named = kit.order(insurance=[{"reference": "https://ehr.test/fhir/Coverage/c9"}])
        (parts,) = parts_of(crd.ask(kit.call(named, prefetch=prefetch), base="2.2"))
        assert parts["covered"] == ["indeterminate"]

    def test_an_inactive_coverage_does_not_lead(self, crd):
        old = kit.coverage("X-1", id="c0")
        prefetch = {"patient": kit.patient(), "coverage": kit.bundle({**old, "status": "cancelled"}, kit.coverage())}
        (parts,) = parts_of(crd.ask(kit.call(kit.order(), prefetch=prefetch)))
        assert parts["coverage"] == [{"reference": "Coverage/c1"}]

    def test_a_statement_about_the_same_coverage_is_replaced_however_it_is_written(self, crd):
        first = crd.ask(kit.call(kit.order("95810")))["systemActions"][0]["resource"]
        parts = first["extension"][0]["extension"]
        parts[0]["valueReference"]["reference"] = "https://ehr.test/fhir/Coverage/c1"
        theirs = {"url": kit.URL, "extension": [{"url": "coverage", "valueReference": {"reference": "Coverage/z"}}]}
        moved = {**first, "extension": [*first["extension"], theirs], "code": kit.order()["code"]}
        again = orjson.loads(crd.post(kit.call(moved)).content)["systemActions"][0]["resource"]
        assert theirs in again["extension"]
        assert len(again["extension"]) == 2


def with_options(*codes, own="8601000000"):
    options = [
        {"url": BILLING, "valueCodeableConcept": {"coding": [{"system": kit.CPT, "code": code}]}} for code in codes
    ]
    concept = {"extension": options, "coding": [{"system": "http://snomed.info/sct", "code": own}]}
    return {**kit.order(), "code": concept}


@pytest.mark.parametrize(
    ("codes", "authorization", "billed", "info"),
    [
        (["72148", "72149"], "auth-needed", ["72148", "72149"], None),
        (["95806", "95810"], "conditional", None, ["detail-code"]),
        (["00001", "95806"], "no-auth", ["95806"], None),
        (["00001"], "conditional", None, ["OTH"]),
    ],
)
def test_the_codes_that_may_be_billed_decide_together(crd, codes, authorization, billed, info):
    (parts,) = parts_of(crd.ask(kit.call(with_options(*codes)), base="2.2"))
    assert parts["pa-needed"] == [authorization]
    assert [one["code"] for one in parts.get("billingCode", [])] == (billed or [])
    assert parts.get("info-needed") == info


def encounter(kind="IMP", reason="", **facts):
    made = {"resourceType": "Encounter", "id": "e1", "status": "in-progress", "class": {"code": kind}, **facts}
    if reason:
        made["reasonCode"] = [{"coding": [{"system": ICD10, "code": reason}]}]
    return made


def at_encounter(held, *orders, hook="encounter-start", **prefetch):
    prefetch = {"patient": kit.patient(), "coverage": kit.coverage(), "encounter": held, **prefetch}
    return kit.call(*orders, hook=hook, prefetch=prefetch, context={"encounterId": "e1"})


@pytest.mark.parametrize("hook", ["encounter-start", "encounter-discharge"])
@pytest.mark.parametrize(
    ("held", "authorization"),
    [
        (encounter("EMER"), "no-auth"),
        (encounter("IMP", hospitalization={"admitSource": {"coding": [{"code": "emd"}]}}), "no-auth"),
        (encounter("IMP", "O80"), "no-auth"),
        (encounter("IMP", "Z37.0"), "no-auth"),
        (encounter("IMP", "I50.9"), None),
        (encounter("AMB", "O80"), None),
    ],
)
def test_stays_that_the_law_keeps_free_of_review_are_known_by_the_encounter(crd, hook, held, authorization):
    answer = crd.ask(at_encounter(held, hook=hook), base="2.2")
    if authorization is None:
        assert answer == {"cards": []}
    else:
        assert needed(answer) == authorization


def test_a_diagnosis_by_reference_counts_where_it_is_at_hand(crd):
    condition = {"resourceType": "Condition", "id": "k1", "code": {"coding": [{"system": ICD10, "code": "O82"}]}}
    held = encounter("IMP", diagnosis=[{"condition": {"reference": "Condition/k1"}}])
    assert needed(crd.ask(at_encounter(held, conditions=kit.bundle(condition)))) == "no-auth"
    assert crd.ask(at_encounter(held)) == {"cards": []}


@pytest.mark.parametrize(("state", "authorization"), [("NY", "no-auth"), ("EX", "auth-needed")])
def test_new_york_substance_use_stays_in_the_network_are_not_reviewed(crd, world, state, authorization):
    world.commercial.state = state
    world.commercial.save()
    bed = {"coding": [{"system": "https://www.nubc.org/CodeSystem/RevenueCodes", "code": "0120"}]}
    order = {
        **kit.order(), "code": bed, "reasonCode": [{"coding": [{"system": ICD10, "code": "F10.20"}]}],
        "performer": [{"identifier": {"system": kit.NPI, "value": world.facility_npi}}],
    }  # fmt: skip
    prefetch = {"patient": kit.patient(family="Alder"), "coverage": kit.coverage("C-1")}
    assert needed(crd.ask(kit.call(order, prefetch=prefetch))) == authorization


class TestDispatch:
    def body(self, prefetch=None, **context):
        body = kit.call(
            hook="order-dispatch",
            prefetch={
                "patient": kit.patient(),
                "coverage": kit.coverage(),
                "order": kit.order("97110"),
                **(prefetch or {}),
            },
        )
        body["context"] |= {"dispatchedOrders": ["ServiceRequest/o1"], **context}
        return body

    def test_the_owner_of_a_task_performs_where_nobody_else_is_named(self, crd, world):
        task = {
            "resourceType": "Task",
            "focus": {"reference": "ServiceRequest/o1"},
            "owner": {"reference": "Practitioner/d1"},
        }
        body = self.body({"user": kit.practitioner(world.surgeon_npi)}, fulfillmentTasks=[task])
        assert needed(crd.ask(body, base="2.2")) == "no-auth"
        body = self.body({"user": kit.practitioner(npi(900000777))}, task=task)
        assert needed(crd.ask(body)) == "auth-needed"

    def test_the_day_of_a_task_is_the_day_that_counts(self, crd, world):
        Coverage.objects.filter(member=world.member).update(valid_to=date(2027, 1, 1))
        task = {"focus": {"reference": "ServiceRequest/o1"}, "executionPeriod": {"start": "2027-02-01"}}
        (parts,) = parts_of(crd.ask(self.body(fulfillmentTasks=[task]), base="2.2"))
        assert parts["reason"][0]["coding"][0]["code"] == "no-active-coverage"
        task["focus"]["reference"] = "ServiceRequest/other"
        (parts,) = parts_of(crd.ask(self.body(fulfillmentTasks=[task]), base="2.2"))
        assert parts["covered"] == ["covered"]

    def test_an_order_that_nobody_gives_us_is_told_with_the_reason(self, crd):
        body = self.body({"order": None})
        answer = crd.ask({**body, "fhirServer": "https://unknown.test/fhir"})
        assert answer["systemActions"] == []
        (card,) = answer["cards"]
        assert "not registered" in card["detail"]


class TestAppointments:
    def appointment(self, **facts):
        return {
            "resourceType": "Appointment", "id": "a1", "status": "proposed", "start": "2026-12-01T10:00:00Z",
            "participant": [{"actor": {"reference": "Patient/p1"}}], **facts,
        }  # fmt: skip

    def test_an_appointment_without_an_order_is_judged_by_its_own_service(self, crd, world):
        kinds = [{"coding": [{"system": kit.CPT, "code": "97110"}]}]
        with_whom = [{"actor": {"identifier": {"system": kit.NPI, "value": world.surgeon_npi}}}]
        assert needed(crd.ask(kit.call(self.appointment(serviceType=kinds), hook="appointment-book"))) == "conditional"
        booked = self.appointment(serviceType=kinds, participant=with_whom)
        assert needed(crd.ask(kit.call(booked, hook="appointment-book"))) == "no-auth"

    def test_several_appointments_each_get_their_answer(self, crd):
        kinds = [{"coding": [{"system": kit.CPT, "code": "72148"}]}]
        body = kit.call(
            self.appointment(serviceType=kinds), {**self.appointment(), "id": "a2"}, hook="appointment-book"
        )
        answer = crd.ask(body)
        assert [one["resource"]["id"] for one in answer["systemActions"]] == ["a1", "a2"]


@pytest.mark.parametrize(
    ("base", "wanted", "status"),
    [
        ("2.2", "2.1", 200),
        ("2.2", "2.2", 200),
        ("2.2", "2.0", 422),
        ("2.2", 2.2, 422),
        ("2.0", "2.2", 200),
        ("2.2", None, 200),
    ],
)
def test_a_version_that_is_not_answered_here_is_refused_with_those_that_are(crd, base, wanted, status):
    response = crd.post(kit.call(kit.order(), extension={"davinci-crd.requestedVersion": wanted}), base=base)
    assert response.status_code == status
    if status == 422:
        (issue,) = orjson.loads(response.content)["issue"]
        assert issue["expression"] == ["extension.davinci-crd.requestedVersion"]
        assert "2.1, 2.2" in issue["diagnostics"]


def test_sub_extensions_carry_the_types_their_codes_ask_for(crd):
    details = {}
    for code in ("93798", "97110"):
        order = kit.order(code, performer=[{"identifier": {"system": kit.NPI, "value": npi(900000777)}}])
        for parts in parts_of(crd.ask(kit.call(order), base="2.2")):
            for one in parts.get("detail", []):
                names = {part["url"]: part for part in one}
                details[names["code"]["valueCodeableConcept"]["coding"][0]["code"]] = names
    assert details["allowed-quantity"]["value"]["valueQuantity"] == {"value": 36, "unit": "sessions"}
    assert details["out-network-copay"]["value"]["valueQuantity"]["code"] == "%"
    assert details["policy-link"]["value"]["valueUrl"].startswith("http")
    sleep = {**kit.order(), "code": {"coding": [{"system": "HCPCS", "code": "E0601"}]}}
    (parts,) = parts_of(crd.ask(kit.call(sleep)))
    (period,) = [part["valuePeriod"] for one in parts["detail"] for part in one if "valuePeriod" in part]
    assert period == {"start": "2026-11-16", "end": "2027-02-15"}
