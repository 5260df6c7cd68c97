"""The faults of messages that are answered all the same: CRD, DTR and Subscription tell them without disturbing."""

import json

import pytest

from openum.adapters.fhir.checks import MOST_TOLD
from openum.adapters.fhir.incoming import faults_of_message
from tests.adapters.crd import kit
from tests.adapters.crd.conftest import crd
from tests.adapters.dtr.conftest import dtr

__all__ = ["crd", "dtr"]
HOOK = "/crd/2.0/cds-services/order-sign"


def paths(address, data, *, is_thorough=False):
    return [one.path for one in faults_of_message(address, data, is_thorough=is_thorough)]


def told(answer):
    return answer.get("extension", {}).get("openum.request-faults", {}).get("issue", [])


@pytest.mark.requirement("CDS Hooks 2.0, extensions")
@pytest.mark.parametrize("base", ["2.0", "2.2"])
def test_the_faults_of_a_call_travel_in_an_extension_and_never_as_a_card(crd, base):
    right, wrong = kit.call(kit.order()), kit.call(kit.order(priorty="x"))
    fine, answer = crd.ask(right, base=base), crd.ask(wrong, base=base)
    (issue,) = told(answer)
    assert issue["severity"] == "warning"
    assert issue["expression"] == ["context.draftOrders.entry[0].resource.priorty"]
    assert [card["summary"] for card in answer["cards"]] == [card["summary"] for card in fine["cards"]]
    assert told(fine) == []


def test_what_the_guide_asks_beyond_r4_is_told_to_a_sandbox_and_on_request(crd, client):
    body = kit.call(kit.order())
    assert told(crd.ask(body)) == []
    sandbox = {issue["expression"][0] for issue in told(crd.ask(body, token="sandbox-token"))}
    assert "context.draftOrders.entry[0].resource.authoredOn" in sandbox
    headers = {"Authorization": "Bearer plan-token", "Prefer": "handling=strict"}
    strict = client.post(HOOK, json.dumps(body), content_type="application/json", headers=headers).json()
    assert {issue["expression"][0] for issue in told(strict)} == sandbox


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"hookInstance": "one"}, "hookInstance"),
        ({"context": {"userId": "d1", "patientId": "p1", "draftOrders": kit.bundle(kit.order())}}, "context.userId"),
        ({"fhirAuthorization": {"access_token": "x"}}, "fhirServer"),
        ({"prefetch": {"patient": {"resourceType": "Patient", "birthDate": "soon"}}}, "prefetch.patient.birthDate"),
        ({"prefetch": {"people": [{"resourceType": "Patient"}, {"resourceType": "Human"}]}}, "prefetch.people[1]"),
    ],
)
def test_each_part_of_a_call_is_named_by_its_place(change, path):
    body = kit.call(kit.order(), prefetch={}) | change
    assert paths(HOOK, body) == [path]


def test_a_dispatch_names_no_user():
    body = kit.call(hook="order-dispatch", prefetch={}, context={"userId": None})
    assert paths("/crd/2.0/cds-services/order-dispatch", body) == []


def test_references_to_the_clients_own_server_are_no_faults():
    assert paths(HOOK, kit.call(kit.order(encounter={"reference": "Encounter/e"}))) == []


@pytest.mark.parametrize("address", ["/crd/9/cds-services/x", "/fhir/9/Claim/$submit", "/elsewhere"])
def test_an_address_of_no_guide_is_not_judged(address):
    assert paths(address, {"resourceType": "Patient", "birthDate": "soon"}, is_thorough=True) == []


def test_more_faults_than_help_are_counted():
    faults = faults_of_message(HOOK, kit.call(*[kit.order(priorty="x")] * 40), is_thorough=False)
    assert len(faults) == MOST_TOLD + 1
    assert faults[-1].text == "15 more rules are broken."


@pytest.mark.parametrize("base", ["2.0", "2.2"])
def test_the_next_question_counts_the_faults_of_the_answers_so_far(dtr, base):
    form = "http://testserver/policies/LBP-MRI/fhir/Questionnaire/adaptive"
    answers = {"resourceType": "QuestionnaireResponse", "status": "in-progress", "questionnaire": form}
    fine = dtr.post("Questionnaire/$next-question", answers, base=base)
    assert "X-Request-Faults" not in fine.headers
    faulty = dtr.post("Questionnaire/$next-question", answers | {"autor": "x"}, base=base)
    assert (faulty.status_code, faulty.headers["X-Request-Faults"]) == (200, "1")


def test_a_report_of_errors_is_told_its_own(dtr):
    outcome = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "no-such-code"}]}
    parameter = [{"name": "questionnaire", "valueCanonical": "x"}, {"name": "operationOutcome", "resource": outcome}]
    answer = dtr.post("Questionnaire/$log-questionnaire-errors", {"resourceType": "Parameters", "parameter": parameter})
    severities = [issue["severity"] for issue in answer.json()["issue"]]
    assert severities == ["information", "warning"]


def test_a_report_of_errors_is_held_to_its_profile_where_it_follows_the_profile():
    outcome = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "invalid"}]}
    address = "/fhir/2.0/Questionnaire/$log-questionnaire-errors"
    named = [{"name": "operationOutcome", "resource": outcome}]
    assert paths(address, {"resourceType": "Parameters", "parameter": named}, is_thorough=True) == ["Parameters"]
    by_operation = [{"name": "Questionnaire", "valueCanonical": "x"}, {"name": "OperationOutcome", "resource": outcome}]
    assert paths(address, {"resourceType": "Parameters", "parameter": by_operation}, is_thorough=True) == []


def test_answers_so_far_sent_bare_are_held_to_the_profile_of_adaptive_answers():
    answers = {"resourceType": "QuestionnaireResponse", "status": "in-progress", "questionnaire": "#x"}
    address = "Questionnaire/$next-question"
    assert paths(f"/fhir/2.0/{address}", answers, is_thorough=True) == []
    assert "QuestionnaireResponse.contained" in paths(f"/fhir/2.2/{address}", answers, is_thorough=True)


@pytest.mark.parametrize("base", ["2.0", "2.2"])
def test_an_expansion_counts_the_faults_of_what_asked_for_it(dtr, base):
    sets = dtr.get("ValueSet?_count=1", base=base).json()
    url = sets["entry"][0]["resource"]["url"]
    asked = {"resourceType": "Parameters", "parameter": [{"name": "url", "valueUri": url}]}
    assert "X-Request-Faults" not in dtr.post("ValueSet/$expand", asked, base=base).headers
    answer = dtr.post("ValueSet/$expand", asked | {"parametr": []}, base=base)
    assert (answer.status_code, answer.headers["X-Request-Faults"]) == (200, "1")
