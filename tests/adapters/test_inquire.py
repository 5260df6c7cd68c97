"""Claim/$inquire: the present state, for those who asked, and one way of saying that there is nothing."""

from datetime import date

import orjson
import pytest

from openum.accounts.services import register_client
from openum.adapters.fhir import codes
from openum.adapters.fhir.pas.inquire import Criterion
from openum.adapters.fhir.pas.view import AuthorizationView, LineView, ServiceView
from openum.audit.models import EventRow
from openum.cases.models import Party, ServiceLine
from openum.vocabulary.terms import LineStatus
from tests import world as worlds
from tests.adapters.conftest import actions, claim_response
from tests.adapters.kit import inquiry_of_the_practice, message, resource


def _extension(name, **value):
    return {"url": codes.PAS + name, **value}


def _asking(*extensions, code=None, **change):
    data = message("inquiry")
    item = resource(data, "Claim")["item"][0]
    item["extension"] += extensions
    item.update(change)
    if code:
        item["productOrService"] = {"coding": [{"system": codes.SYSTEMS_OF_CODES["HCPCS"], "code": code}]}
    return data


def test_the_present_state_is_told_not_the_first_answer(door):
    door.submit(message("home-care"))
    ServiceLine.objects.update(status="cancelled")
    (bundle,) = door.inquire(message("inquiry"))
    assert actions(bundle) == {1: "C", 2: "C"}
    response = claim_response(bundle)
    assert response["meta"]["profile"] == [codes.PAS + "profile-claiminquiryresponse"]
    assert response["request"] == {"reference": "https://clinic.example/fhir/Claim/first"}


def test_the_newer_form_is_parameters_with_one_bundle_for_each_case(door):
    door.submit(message("home-care"), base="2.2")
    second = message("home-care")
    resource(second, "Claim")["identifier"][0]["value"] = "HC-9"
    door.submit(second, base="2.2")
    answer = orjson.loads(door.post(message("inquiry"), "inquire", base="2.2").content)
    assert answer["resourceType"] == "Parameters"
    assert [one["name"] for one in answer["parameter"]] == ["return", "return"]
    identifiers = [claim_response(one["resource"])["identifier"][0]["value"] for one in answer["parameter"]]
    assert sorted(identifiers) == ["HC-1", "HC-9"]


def test_the_older_form_is_one_bundle_with_a_response_for_each_case(door):
    door.submit(message("home-care"))
    second = message("home-care")
    resource(second, "Claim")["identifier"][0]["value"] = "HC-9"
    door.submit(second)
    (bundle,) = door.inquire(message("inquiry"))
    kinds = [entry["resource"]["resourceType"] for entry in bundle["entry"]]
    assert kinds[:2] == ["ClaimResponse", "ClaimResponse"]
    assert kinds.count("Patient") == 1


def test_nothing_found_is_an_error_response_or_parameters_without_return(door):
    (bundle,) = door.inquire(message("inquiry"))
    error = claim_response(bundle)["error"][0]
    assert error["code"]["coding"][0]["code"] == "67"
    assert orjson.loads(door.post(message("inquiry"), "inquire", base="2.2").content) == {"resourceType": "Parameters"}


def _administrative():
    return ServiceLine.objects.get(sequence=1).administrative_number


@pytest.mark.parametrize(
    ("ask", "is_found"),
    [
        (_asking, True),
        (lambda: _asking(code="G9999"), False),
        (lambda: _asking(code="G0001", change_end="T1019"), False),
        (lambda: _asking(_extension("extension-productOrServiceCodeEnd", valueCodeableConcept={"coding": [{"code": "T2000"}]}), code="T1000"), True),
        (lambda: _asking(productOrService={"coding": [{"system": codes.DATA_ABSENT_SYSTEM, "code": "not-applicable"}]}), True),
        (lambda: _asking(_extension("extension-administrationReferenceNumber", valueString=_administrative()), code="X"), True),
        (lambda: _asking(_extension("extension-authorizationNumber", valueString="NOBODY")), False),
        (lambda: _asking(_extension("extension-reviewActionCode", valueCodeableConcept={"coding": [{"code": "A4"}]})), True),
        (lambda: _asking(_extension("extension-reviewActionCode", valueCodeableConcept={"coding": [{"code": "A1"}]})), False),
        (lambda: _asking(_extension("extension-itemCertificationIssueDate", valueDate="2026-11-16")), False),
        (lambda: _asking(servicedDate="2026-12-31"), True),
        (lambda: _asking(servicedDate="2027-01-01"), False),
        (lambda: _asking(servicedPeriod={"start": "2026-01-01"}), True),
        (lambda: _asking(servicedPeriod={"end": "2026-11-30"}), False),
    ],
)  # fmt: skip
def test_criteria_of_an_item(door, ask, is_found):
    door.submit(message("home-care"))
    (bundle,) = door.inquire(ask())
    assert ("error" not in claim_response(bundle)) is is_found


def test_an_approved_line_is_found_by_its_number_and_its_dates(door):
    door.arm("approve")
    door.submit(message("home-care"))
    number = ServiceLine.objects.get(sequence=2).authorizations.get().number
    (bundle,) = door.inquire(_asking(_extension("extension-authorizationNumber", valueString=number), code="X"))
    assert actions(bundle) == {1: "A1", 2: "A1"}
    (bundle,) = door.inquire(
        _asking(
            _extension("extension-itemCertificationIssueDate", valueDate="2026-11-16"),
            _extension("extension-itemCertificationEffectiveDate", valuePeriod={"start": "2026-11-01"}),
        )
    )
    assert "error" not in claim_response(bundle)


def test_another_clients_case_is_not_found_and_looks_like_no_case(door):
    door.submit(message("home-care"))
    register_client(name="stranger", plan=door.world.sandbox, token="stranger-token", enrols_unknown=True)
    mine = door.post(message("inquiry"), "inquire", token="stranger-token", base="2.2")
    assert orjson.loads(mine.content) == {"resourceType": "Parameters"}
    door.submit(message("home-care"), token="stranger-token")
    (bundle,) = door.inquire(message("inquiry"), token="stranger-token")
    assert len([one for one in bundle["entry"] if one["resource"]["resourceType"] == "ClaimResponse"]) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda data: resource(data, "Patient").update(birthDate="1970-01-01"),
        lambda data: resource(data, "Patient")["name"][0].update(family="Another"),
        lambda data: resource(data, "Organization")["identifier"][0].update(value="9100000048"),
    ],
)
def test_another_person_or_another_provider_finds_nothing(door, change):
    door.submit(message("home-care"))
    data = message("inquiry")
    change(data)
    assert door.inquire(data, base="2.2") == []


def test_what_was_shown_is_in_the_record_of_reads(door):
    door.submit(message("home-care"))
    before = EventRow.objects.filter(type="CasesRead").count()
    door.inquire(message("inquiry"))
    assert EventRow.objects.filter(type="CasesRead").count() == before + 1


def test_an_inquiry_is_no_request_and_is_not_kept(door):
    door.submit(message("home-care"))
    before = ServiceLine.objects.count()
    door.inquire(message("inquiry"))
    assert ServiceLine.objects.count() == before


def test_a_request_that_came_by_the_portal_is_answered_from_its_rows(door):
    world = door.world
    worlds.send(world, worlds.knee_request(world, at=door.at), at=door.at)
    (bundle,) = door.inquire(inquiry_of_the_practice(world), token="plan-token", base="2.2")
    response = claim_response(bundle)
    assert actions(bundle) == {1: "A4"}
    assert response["request"] == {"extension": [{"url": codes.DATA_ABSENT_REASON, "valueCode": "not-applicable"}]}
    npis = {
        one["value"]
        for entry in bundle["entry"]
        for one in entry["resource"].get("identifier", [])
        if one["system"] == codes.NPI
    }
    assert {world.surgeon_npi, world.facility_npi, world.practice.npi} <= npis


def test_a_name_nobody_told_us_is_said_to_be_unknown(door):
    world = door.world
    worlds.send(world, worlds.knee_request(world, at=door.at), at=door.at)
    Party.objects.update(name="")
    (bundle,) = door.inquire(inquiry_of_the_practice(world), token="plan-token", base="2.2")
    written = [one["resource"] for one in bundle["entry"] if one["fullUrl"].startswith("urn:uuid:")]
    surgeon = next(one for one in written if one["resourceType"] == "Practitioner")
    assert surgeon["name"] == [{"_family": {"extension": [{"url": codes.DATA_ABSENT_REASON, "valueCode": "unknown"}]}}]
    assert [one["_name"] for one in written if one["resourceType"] == "Organization" and "name" not in one]


@pytest.mark.parametrize(("day", "is_found"), [(30, True), (29, False), (31, False)])
def test_a_certification_is_found_by_its_last_day(day, is_found):
    period = ServiceView(valid_from=date(2026, 12, 1), valid_to=date(2026, 12, 31))
    certified = AuthorizationView(number="A-1", issued_on=date(2026, 12, 1), service=period)
    line = LineView(sequence=1, trace="", status=LineStatus.APPROVED, asked=period, authorization=certified)
    wanted = date(2026, 12, day)
    assert Criterion(expires=(wanted, wanted)).fits(line) is is_found
