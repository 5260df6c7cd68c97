"""Claim/$submit from the wire to the rows and back."""

from datetime import timedelta

import orjson
import pytest

from openum.accounts.services import register_client
from openum.adapters.fhir import codes
from openum.adapters.fhir.bundle import Bundle, references_in
from openum.audit.models import EventRow
from openum.cases.models import Case, Request, ServiceLine
from openum.submission.models import Submission
from tests.adapters.conftest import actions, claim_response
from tests.adapters.kit import message, resource

CLINIC = "https://clinic.example/fhir/"


def _extensions(element, url):
    return [one for one in element.get("extension", []) if one["url"] == url]


def _value(extension):
    return next(value for name, value in extension.items() if name.startswith("value"))


def test_a_request_is_pended_with_its_numbers_traces_and_people(door):
    bundle = door.submit(message("home-care"))
    assert actions(bundle) == {1: "A4", 2: "A4"}
    response = claim_response(bundle)
    assert response["outcome"] == "queued"
    assert response["identifier"] == [{"system": "https://clinic.example/request", "value": "HC-1"}]
    assert response["patient"] == {"reference": f"{CLINIC}Patient/pat"}
    assert response["insurer"] == {"reference": f"{CLINIC}Organization/payer"}
    assert response["requestor"] == {"reference": f"{CLINIC}Organization/clinic"}
    assert response["request"] == {"reference": f"{CLINIC}Claim/first"}
    first = response["item"][0]
    line = ServiceLine.objects.get(sequence=1)
    assert [_value(one) for one in _extensions(first, codes.ITEM_TRACE)] == [
        {"system": "https://clinic.example/item-trace", "value": "T-11"},
        {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{line.public_id}"},
    ]
    assert [_value(one) for one in _extensions(first, codes.ADMINISTRATIVE_NUMBER)] == [line.administrative_number]
    assert [_value(one) for one in _extensions(first, codes.REQUESTED_DATE)] == [
        {"start": "2026-12-01", "end": "2026-12-31"}
    ]
    urls = [entry["fullUrl"] for entry in bundle["entry"]]
    assert urls[0].startswith("urn:uuid:")
    assert set(urls[1:]) == {
        f"{CLINIC}{local}"
        for local in (
            "Patient/pat",
            "Organization/payer",
            "Organization/clinic",
            "PractitionerRole/role",
            "Practitioner/doctor",
        )
    }
    sent = message("home-care")
    assert next(entry["resource"] for entry in bundle["entry"] if entry["fullUrl"].endswith("Patient/pat")) == resource(
        sent, "Patient"
    )


def test_every_reference_of_the_answer_resolves_inside_it(door):
    door.arm("modify")
    data = orjson.loads(orjson.dumps(door.submit(message("referral-urn"), base="2.2")))
    bundle = Bundle(data)
    claim = claim_response(data)["request"]["reference"]
    for entry in bundle.entries:
        for reference in references_in(entry.resource):
            assert reference["reference"] == claim or bundle.resolve(reference, within=entry), reference


def test_an_armed_approval_carries_number_period_issue_date_detail_and_provider(door):
    door.arm("approve")
    bundle = door.submit(message("home-care"), base="2.2")
    assert actions(bundle) == {1: "A1", 2: "A1"}
    response = claim_response(bundle)
    item = response["item"][0]
    assert response["outcome"] == "complete"
    line = ServiceLine.objects.get(sequence=1)
    authorization = line.authorizations.get()
    segment = authorization.segments.get()
    number = authorization.number
    review = item["adjudication"][0]["extension"][0]["extension"]
    assert review[0] == {"url": "number", "valueString": number}
    assert [_value(one) for one in _extensions(item, codes.PRE_AUTH_ISSUED)] == ["2026-11-16"]
    last_day = segment.valid_to - timedelta(days=1)
    assert [_value(one) for one in _extensions(item, codes.PRE_AUTH_PERIOD)] == [
        {"start": segment.valid_from.isoformat(), "end": last_day.isoformat()}
    ]
    (detail,) = _extensions(item, codes.AUTHORIZED_DETAIL)
    assert {one["url"]: _value(one) for one in detail["extension"]}["quantity"] == {"value": 8, "unit": "visit"}
    (provider,) = _extensions(item, codes.AUTHORIZED_PROVIDER)
    assert provider["extension"][0]["valueReference"] == {"reference": f"{CLINIC}Practitioner/doctor"}
    (reviewer,) = _extensions(response, codes.REVIEWER)
    assert reviewer["extension"][0] == {"url": "wasHumanReviewedFlag", "valueBoolean": True}


def test_an_armed_denial_carries_reason_and_note_and_names_a_person(door):
    door.arm("deny")
    bundle = door.submit(message("home-care"), base="2.2")
    assert actions(bundle) == {1: "A3", 2: "A3"}
    response = claim_response(bundle)
    item = response["item"][0]
    review = item["adjudication"][0]["extension"][0]["extension"]
    assert [one["url"] for one in review] == [codes.REVIEW_ACTION_CODE, "reasonCode"]
    notes = {note["number"]: note["text"] for note in response["processNote"]}
    assert "test answer" in notes[item["noteNumber"][0]]
    assert not _extensions(item, codes.PRE_AUTH_PERIOD)
    assert _extensions(response, codes.REVIEWER)[0]["extension"][0]["valueBoolean"] is True


def test_an_armed_modification_certifies_less(door):
    door.arm("modify")
    bundle = door.submit(message("home-care"))
    assert actions(bundle) == {1: "A2", 2: "A2"}
    (detail,) = _extensions(claim_response(bundle)["item"][0], codes.AUTHORIZED_DETAIL)
    assert {one["url"]: _value(one) for one in detail["extension"]}["quantity"] == {"value": 4, "unit": "visit"}


@pytest.mark.parametrize("base", ["2.0", "2.2"])
def test_a_question_travels_as_task_and_communication_request(door, base):
    door.arm("ask_for_documents")
    bundle = door.submit(message("home-care"), base=base)
    assert set(actions(bundle).values()) == {"A4"}
    kinds = [entry["resource"]["resourceType"] for entry in bundle["entry"]]
    assert kinds.count("Task") >= 1
    asked = {one["reference"] for one in claim_response(bundle)["communicationRequest"]}
    assert asked == {
        entry["fullUrl"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == "CommunicationRequest"
    }


def test_an_armed_error_is_an_error_claim_response_and_opens_no_case(door):
    door.arm("error")
    response = claim_response(door.submit(message("home-care"), base="2.2"))
    assert response["outcome"] == "error"
    assert response["error"][0]["code"]["coding"][0] == {"system": codes.X12_REJECT_REASON, "code": "42"}
    assert "item" not in response
    assert Case.objects.count() == 0


def test_a_referral_with_an_order_is_approved_by_the_sandbox_rule(door):
    assert actions(door.submit(message("referral-urn"))) == {1: "A1"}


def test_the_same_content_again_gets_the_same_bytes_and_no_second_case(door):
    data = message("home-care")
    first = door.post(data)
    reordered = orjson.dumps(dict(reversed(data.items())), option=orjson.OPT_INDENT_2)
    assert door.post(reordered).content == first.content
    assert (Case.objects.count(), Submission.objects.count()) == (1, 1)
    assert EventRow.objects.filter(type="CasesRead").count() == 1


def test_the_same_identifier_with_another_body_is_another_request(door):
    data = message("home-care")
    door.submit(data)
    resource(data, "Claim")["item"].pop()
    door.submit(data)
    assert Case.objects.count() == 2


def test_an_answer_is_built_from_the_rows(door):
    data = message("home-care")
    door.submit(data)
    ServiceLine.objects.filter(sequence=2).update(administrative_number="CHANGED")
    (bundle,) = door.inquire(message("inquiry"))
    item = claim_response(bundle)["item"][1]
    assert [_value(one) for one in _extensions(item, codes.ADMINISTRATIVE_NUMBER)] == ["CHANGED"]


@pytest.mark.parametrize("base", ["2.0", "2.2"])
def test_an_update_goes_to_the_same_case_and_answers_all_lines(door, base):
    door.submit(message("home-care"), base=base)
    bundle = door.submit(message("home-care-update"), base=base)
    assert actions(bundle) == {1: "A4", 2: "C", 3: "A4"}
    assert (Case.objects.count(), Request.objects.count()) == (1, 2)


def test_a_differential_update_leaves_the_other_lines_alone(door):
    door.submit(message("home-care"))
    assert actions(door.submit(message("home-care-differential"))) == {1: "A4", 2: "C", 3: "A4"}


def test_a_whole_cancellation_cancels_every_line(door):
    door.submit(message("home-care"))
    assert actions(door.submit(message("home-care-cancel"))) == {1: "C", 2: "C"}


def test_a_whole_cancellation_takes_back_what_was_partly_approved(door):
    door.submit(message("home-care"))
    ServiceLine.objects.update(status="partially_approved")
    assert actions(door.submit(message("home-care-cancel"))) == {1: "C", 2: "C"}


def test_a_cancellation_of_nothing_on_file_is_an_error(door):
    error = claim_response(door.submit(message("home-care-cancel")))["error"][0]
    assert error["code"]["coding"][0]["code"] == "33"
    assert Case.objects.count() == 0


def test_an_update_whose_prior_is_not_on_file_is_a_new_request_without_its_cancelled_lines(door):
    assert actions(door.submit(message("home-care-update"))) == {1: "A4", 2: "C", 3: "A4"}
    assert Request.objects.get().relates_to is None


def test_another_clients_request_cannot_be_changed(door):
    register_client(name="stranger", plan=door.world.sandbox, token="stranger-token", enrols_unknown=True)
    door.submit(message("home-care"))
    error = claim_response(door.submit(message("home-care-cancel"), token="stranger-token"))["error"][0]
    assert error["code"]["coding"][0]["code"] == "33"
    assert set(ServiceLine.objects.values_list("status", flat=True)) == {"pended_with_payer"}


def test_a_denied_request_cannot_be_updated(door):
    door.arm("deny")
    door.submit(message("home-care"))
    error = claim_response(door.submit(message("home-care-update")))["error"][0]
    assert _value(_extensions(error, codes.ERROR_FOLLOW_UP)[0])["coding"][0]["code"] == "N"
    assert _value(_extensions(error, codes.ERROR_PATH)[0]) == "Bundle.entry[0].resource.related[0].claim"


def test_warnings_travel_as_process_notes_of_a_decided_request(door):
    data = message("home-care")
    data["type"] = "batch"
    notes = [note["text"] for note in claim_response(door.submit(data))["processNote"]]
    assert "Warning. Bundle.type: The Bundle should be of type collection." in notes


def test_a_member_whom_the_plan_does_not_know_gets_a_code_and_the_message_waits(door):
    response = claim_response(door.submit(message("home-care"), token="plan-token", base="2.2"))
    error = response["error"][0]
    assert error["code"]["coding"][0]["code"] == "67"
    assert _value(_extensions(error, codes.ERROR_PATH)[0]) == "Bundle.entry[4].resource"
    parts = {one["url"]: _value(one) for one in _extensions(error, codes.ERROR_ELEMENT)[0]["extension"]}
    assert parts == {"processNote": 1, "error": "2010C-NM109"}
    assert _value(_extensions(error, codes.ERROR_FOLLOW_UP)[0])["coding"][0]["code"] == "C"
    kept = Submission.objects.get()
    assert (kept.state, kept.case) == (Submission.WAITING, None)
    assert Case.objects.count() == 0


def test_missing_business_data_is_an_error_answer_in_the_older_form_too(door):
    data = message("home-care")
    resource(data, "Claim")["item"] = []
    error = claim_response(door.submit(data))["error"][0]
    assert error["code"]["coding"][0]["code"] == "15"
    assert _value(_extensions(error, codes.ERROR_PATH)[0]) == "Bundle.entry[0].resource.item"
    assert isinstance(_value(_extensions(error, codes.ERROR_ELEMENT)[0]), str)


TEXTS = {
    "markup": "<img src=x onerror=alert(1)>",
    "nul": "nul\x00inside",
    "control": "bell\x07 esc\x1b[31m",
    "bidi": "\u202eright to left",
    "emoji": "👩🏽‍⚕️",
    "megabyte": "x" * 1_000_000,
}


@pytest.mark.parametrize("place", ["free text", "family name", "organization name"])
def test_any_text_anywhere_is_kept_and_answered(door, place):
    for number, text in enumerate(TEXTS.values()):
        data = message("referral-urn")
        resource(data, "Claim")["identifier"][0]["value"] = f"RF-{number}"
        resource(data, "Patient")["identifier"][0]["value"] = f"M-{number}"
        if place == "free text":
            resource(data, "Claim")["supportingInfo"][1]["valueString"] = text
        elif place == "family name":
            resource(data, "Patient")["name"][0]["family"] = text
        else:
            resource(data, "Organization")["name"] = text
        assert set(actions(door.submit(data))) == {1}
        latest = Submission.objects.latest("pk")
        assert bytes(latest.raw) == orjson.dumps(data)
        if place == "free text":
            assert latest.requests.get().free_text == text.replace("\x00", "\ufffd")


def test_a_megabyte_in_an_identifier_is_a_problem_not_a_crash(door):
    data = message("home-care")
    resource(data, "Claim")["identifier"][0]["value"] = "9" * 1_000_000
    assert claim_response(door.submit(data))["error"][0]["code"]["coding"][0]["code"] == "33"
