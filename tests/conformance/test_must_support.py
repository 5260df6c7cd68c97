"""Together our answers show every must-support element of the test kit, where the request or the case has the fact.

Real conversations through the doors: approved, in part, in another form, denied, asked for records and for a form, in
error, cancelled; submitted and inquired; and one that came by the portal.
"""

import copy
import json

import pytest

from openum.adapters.fhir import codes
from openum.adapters.fhir.bundle import Bundle
from openum.cases.models import Case
from openum.determination.services import approve_alternative
from openum.vocabulary.terms import Channel
from tests.adapters.conftest import claim_response
from tests.adapters.kit import inquiry_of_the_practice, message, resource
from tests.conformance import tables
from tests.world import knee_request, send

pytestmark = pytest.mark.skipif(not tables.DERIVED.is_dir(), reason="the guide's tables are not beside this checkout")

GUIDE = {"2.0": "2.0.1", "2.2": "2.2.1"}
X12 = codes.X12
US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-"
ADDRESS = {
    "line": ["1 Quay St"], "city": "Harbor", "district": "Bay", "state": "MA", "postalCode": "02110", "country": "US",
    "period": {"start": "2020-01-01"},
}  # fmt: skip
PHONE = [{"system": "phone", "use": "work", "value": "555-0100"}]


def _concept(system, code):
    return {"coding": [{"system": system, "code": code}]}


def _organization(resource):
    resource["active"] = True
    resource["identifier"] = [
        *[one for one in resource.get("identifier", []) if one.get("system") == codes.NPI],
        {"system": "urn:oid:2.16.840.1.113883.4.4", "value": "12-3456789"},
        {"system": "https://clinic.example/USEIN", "value": "12-3456789", "type": _concept("http://terminology.hl7.org/CodeSystem/v2-0203", "TAX")},
        {"system": "https://clinic.example/payor-id", "value": "PI-1", "type": _concept("http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBIdentifierType", "payerid")},
    ]  # fmt: skip
    resource |= {"type": [_concept(X12 + "98", "PR")], "telecom": PHONE, "address": [ADDRESS]}
    resource["contact"] = [{"name": {"text": "Desk"}, "telecom": PHONE}]
    resource.setdefault("name", "Clinic")


def rich(name="home-care"):
    """Return a recorded message with everything that the guides let a requester say."""
    data = message(name)
    claim = resource(data, "Claim")
    claim["identifier"][0]["extension"] = [
        {"url": codes.PAS + "extension-identifierJurisdiction", "valueCodeableConcept": _concept("https://www.usps.com/", "MA")},
        {"url": codes.PAS + "extension-identifierSubDepartment", "valueString": "Home care"},
    ]  # fmt: skip
    claim.setdefault("extension", []).append(
        {"url": codes.TRANSMISSION_IDENTIFIERS, "extension": [
            {"url": "applicationSenderCode", "valueString": "CLINIC"}, {"url": "applicationReceiverCode", "valueString": "PLAN"},
        ]}
    )  # fmt: skip
    category = lambda code: {"coding": [{"system": codes.PAS_TEMP, "code": code}]}
    claim["supportingInfo"] = [
        {"sequence": 81, "category": category("admissionDates"), "timingPeriod": {"start": "2026-12-01", "end": "2026-12-03"}},
        {"sequence": 82, "category": category("dischargeDates"), "timingDate": "2026-12-04"},
    ]  # fmt: skip
    claim.setdefault(
        "diagnosis",
        [{"sequence": 1, "diagnosisCodeableConcept": _concept("http://hl7.org/fhir/sid/icd-10-cm", "M17.11")}],
    )
    order = {
        "resourceType": "ServiceRequest", "id": "order", "status": "active", "intent": "order",
        "subject": claim["patient"], "code": claim["item"][0]["productOrService"],
    }  # fmt: skip
    data["entry"].append({"fullUrl": "https://clinic.example/fhir/ServiceRequest/order", "resource": order})
    for item in claim["item"]:
        item["extension"] = [
            *item.get("extension", []),
            {"url": codes.EPSDT, "valueBoolean": False},
            {"url": codes.NURSING_HOME_STATUS, "valueCodeableConcept": _concept(X12 + "1345", "2")},
            {"url": codes.NURSING_HOME_LEVEL, "valueCodeableConcept": _concept(X12 + "1337", "1")},
            {"url": codes.REVENUE_RATE_LIMIT, "valueDecimal": 50},
            {"url": codes.CODE_END, "valueCodeableConcept": _concept(codes.SYSTEMS_OF_CODES["HCPCS"], "T1020")},
            {"url": codes.AUTHORIZATION_NUMBER, "valueString": "OLD-1"},
            {"url": codes.REQUESTED_SERVICE, "valueReference": {"reference": "ServiceRequest/order"}},
        ]  # fmt: skip
        item["extension"] = list(
            {one["url"] if one["url"] != codes.ITEM_TRACE else str(one): one for one in item["extension"]}.values()
        )
        item["category"] = _concept(X12 + "1365", "42")
        item["modifier"] = [_concept(codes.SYSTEMS_OF_CODES["HCPCS"], "TD")]
        item["unitPrice"] = {"value": 50, "currency": "USD"}
        item["revenue"] = _concept("https://www.nubc.org/CodeSystem/RevenueCodes", "0551")
        item["locationCodeableConcept"] = _concept(codes.PLACE_OF_SERVICE, "12")
    patient = resource(data, "Patient")
    patient["name"] = [patient["name"][0] | {"prefix": ["Ms."], "suffix": ["Jr."], "given": ["Lin"]}]
    patient |= {"telecom": PHONE, "address": [ADDRESS], "multipleBirthInteger": 1, "gender": "female"}
    patient["communication"] = [{"language": _concept("urn:ietf:bcp:47", "en")}]
    patient["extension"] = [
        {"url": US_CORE + "race", "extension": [{"url": "text", "valueString": "Unknown"}]},
        {"url": US_CORE + "ethnicity", "extension": [{"url": "text", "valueString": "Unknown"}]},
        {"url": US_CORE + "birthsex", "valueCode": "F"},
    ]
    for entry in data["entry"]:
        one = entry["resource"]
        if one["resourceType"] == "Organization":
            _organization(one)
        elif one["resourceType"] == "Practitioner":
            one |= {"telecom": PHONE, "address": [ADDRESS]}
        elif one["resourceType"] == "PractitionerRole":
            one |= {
                "code": [_concept("http://terminology.hl7.org/CodeSystem/practitioner-role", "doctor")],
                "specialty": [_concept("http://nucc.org/provider-taxonomy", "207X00000X")],
                "location": [{"display": "Main site"}], "endpoint": [{"display": "Direct"}], "telecom": PHONE,
            }  # fmt: skip
    return data


def _numbered(number):
    data = rich()
    resource(data, "Claim")["identifier"][0]["value"] = f"MS-{number}"
    return data


def _converse(door, base):
    """Hold the conversations; return the submitted and the inquired answers."""
    submitted, inquired = [], []
    for number, answer in enumerate(
        ("approve", "modify", "deny", "ask_for_documents", "ask_for_form", "error", "pend")
    ):
        door.arm(answer)
        submitted.append(door.submit(_numbered(number), base=base))
    line = Case.objects.latest("pk").lines.order_by("sequence")[0]
    approve_alternative(
        line=line, code_system=codes.SYSTEMS_OF_CODES["HCPCS"], code="S5130", code_end="S5131", modifiers=("TD",), accepted_by="The clinic",
        channel=Channel.PHONE, rationale="Agreed with the clinic.", cited_authority="plan, page 1",
        by=door.world.physician, at=door.at,
    )  # fmt: skip
    inquired += door.inquire(_numbered(9), base=base)
    again = copy.deepcopy(_numbered(7))
    claim = resource(again, "Claim")
    before = {name: claim["identifier"][0][name] for name in ("system",)} | {"value": "MS-6"}
    claim["related"] = [{"relationship": {"coding": [{"code": "prior"}]}, "claim": {"identifier": before}}]
    submitted.append(door.submit(again, base=base))
    nobody = rich()
    resource(nobody, "Patient")["identifier"] = [{"system": "https://clinic.example/", "value": "NOBODY"}]
    for entry in nobody["entry"]:
        if entry["resource"]["resourceType"] == "Coverage":
            entry["resource"].pop("subscriberId", None)
    inquired += door.inquire(nobody, base=base)
    send(door.world, knee_request(door.world, at=door.at), at=door.at)
    inquired += door.inquire(inquiry_of_the_practice(door.world), token="plan-token", base=base)
    return submitted, inquired


def _held(bundles):
    """Return the resources of the answers by the test kit's groups."""
    held = {}
    for data in bundles:
        held.setdefault("pas_response_bundle", []).append(data)
        bundle = Bundle(data)
        response = next(bundle.of_kind("ClaimResponse"))
        for name in ("insurer", "requestor"):
            found = bundle.resolve(response.resource.get(name), within=response)
            if found is not None and found.kind == "Organization":
                held.setdefault(name, []).append(found.resource)
        for entry in bundle.entries:
            group = {
                "ClaimResponse": "claimresponse", "CommunicationRequest": "communication_request", "Task": "task",
                "Patient": "beneficiary", "Practitioner": "practitioner", "PractitionerRole": "practitioner_role",
            }.get(entry.kind)  # fmt: skip
            held.setdefault(group, []).append(entry.resource)
    held["claiminquiryresponse"] = held.get("claimresponse", [])
    held["pas_inquiry_response_bundle"] = held["pas_response_bundle"]
    return held


PROFILES = {
    "claimresponse": "profile-claimresponse", "claiminquiryresponse": "profile-claiminquiryresponse",
    "communication_request": "profile-communicationrequest", "task": "profile-task", "beneficiary": "profile-beneficiary",
    "practitioner": "profile-practitioner", "practitioner_role": "profile-practitionerrole", "insurer": "profile-insurer",
    "requestor": "profile-requestor", "pas_response_bundle": "profile-pas-response-bundle",
    "pas_inquiry_response_bundle": "profile-pas-inquiry-response-bundle",
}  # fmt: skip


def _missing(wanted, bundles, guide):
    held = _held(bundles)
    return {
        path
        for group, paths in wanted.items()
        for path in paths
        if not any(tables.is_present(one, path, PROFILES[group], guide) for one in held.get(group, []))
    }


@pytest.mark.parametrize("base", ["2.0", "2.2"])
def test_what_is_submitted_and_inquired_shows_every_must_support_element(door, base):
    lists = json.loads((tables.DERIVED / "inferno-pas-must-support.json").read_text())["pas"][GUIDE[base]]
    submitted, inquired = _converse(door, base)
    for bundle in submitted:
        assert tables.problems(claim_response(bundle), "profile-claimresponse", GUIDE[base]) == []
    missing = _missing(lists["submit_response"], submitted + inquired, GUIDE[base])
    missing |= _missing(lists["inquire_response"], inquired + submitted, GUIDE[base])
    assert missing == set()
