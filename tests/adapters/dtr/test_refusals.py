"""What each operation refuses, with code, path and cure; and that nothing else happens."""

import orjson
import pytest

from openum.forms.models import FormFault
from openum.submission.models import Submission
from tests.adapters.dtr.conftest import coverage, order, package_input, parameters

PACKAGE, NEXT = "Questionnaire/$questionnaire-package", "Questionnaire/$next-question"
LOG, EXPAND = "Questionnaire/$log-questionnaire-errors", "ValueSet/$expand"
FORM = "http://testserver/policies/LBP-MRI/fhir/Questionnaire"
OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "not-found"}]}


def response(**facts):
    return {"resourceType": "QuestionnaireResponse", "status": "in-progress"} | facts


TABLE = [
    (PACKAGE, {"resourceType": "Bundle"}, 400, "structure", "Parameters"),
    (PACKAGE, [], 400, "structure", "Parameters"),
    (PACKAGE, parameters(("order", order("72148"))), 400, "required", "Parameters.parameter(coverage)"),
    (PACKAGE, parameters(("coverage", coverage())), 400, "required", "Parameters.parameter"),
    (PACKAGE, parameters(("coverage", order("72148"))), 400, "invalid", "Parameters.parameter[0].resource"),
    (PACKAGE, parameters(("coverage", coverage()), ("order", coverage())), 400, "invalid",
     "Parameters.parameter[1].resource"),
    (PACKAGE, parameters(("coverage", coverage()), ("questionnaire", "")), 400, "invalid",
     "Parameters.parameter[1].value"),
    (PACKAGE, package_input(order("72148"), changedsince="yesterday"), 400, "value",
     "Parameters.parameter(changedsince).value"),
    (PACKAGE, package_input(questionnaire="urn:none"), 422, "not-found", "Parameters.parameter(questionnaire)[0]"),
    (PACKAGE, package_input(context="none"), 422, "not-found", "Parameters.parameter(context)"),
    (PACKAGE, package_input(*[order("72148", name=f"o{n}") for n in range(51)]), 400, "too-long",
     "Parameters.parameter"),
    (NEXT, {"resourceType": "Questionnaire"}, 400, "structure", "QuestionnaireResponse"),
    (NEXT, parameters(("other", response())), 400, "structure", "QuestionnaireResponse"),
    (NEXT, response(), 400, "structure", "QuestionnaireResponse.questionnaire"),
    (NEXT, response(questionnaire="#x"), 400, "structure", "QuestionnaireResponse.contained"),
    (NEXT, response(questionnaire="urn:none"), 404, "not-found", "QuestionnaireResponse.contained.derivedFrom"),
    (NEXT, response(questionnaire=FORM), 400, "not-supported", "QuestionnaireResponse.questionnaire"),
    (LOG, parameters(("operationOutcome", OUTCOME)), 400, "required", "Parameters.parameter(questionnaire)"),
    (LOG, parameters(("questionnaire", FORM)), 400, "required", "Parameters.parameter(operationOutcome)"),
    (LOG, parameters(("questionnaire", FORM), ("operationOutcome", {"resourceType": "OperationOutcome"})), 400,
     "required", "Parameters.parameter(operationOutcome)"),
    (LOG, OUTCOME, 400, "structure", "Parameters"),
    (EXPAND, parameters(("filter", "x")), 400, "required", "Parameters.parameter(url)"),
    (EXPAND, parameters(("url", "urn:none")), 404, "not-found", "Parameters.parameter(url)"),
    (EXPAND, parameters(("url", "urn:none"), ("count", "-1")), 400, "value", "Parameters.parameter(count)"),
    ("ValueSet/none/$expand", parameters(("filter", "x")), 404, "not-found", "ValueSet"),
]  # fmt: skip


@pytest.mark.parametrize("base", ["2.0", "2.2"])
@pytest.mark.parametrize(("path", "body", "status", "code", "place"), TABLE)
def test_a_refusal_says_where_and_how_to_mend_it(dtr, path, body, status, code, place, base):
    answer = dtr.post(path, body, base=base)
    issue = answer.json()["issue"][0]
    assert (answer.status_code, issue["code"], issue["expression"]) == (status, code, [place])
    assert issue["severity"] == "error" or status == 422
    assert issue["diagnostics"]
    assert not Submission.objects.exists()
    assert not FormFault.objects.exists()


@pytest.mark.parametrize("path", [PACKAGE, NEXT, LOG, EXPAND])
@pytest.mark.parametrize(
    ("body", "options", "status"),
    [
        (package_input(order("72148")), {"token": ""}, 401),
        (package_input(order("72148")), {"token": "wrong"}, 401),
        (package_input(order("72148")), {"base": "3.0"}, 404),
        (package_input(order("72148")), {"content_type": "text/plain"}, 415),
        (b"{", {}, 400),
        (b"[" * 5000, {}, 400),
        (b'"' + b"x" * 60_000_000 + b'"', {}, 413),
    ],
    ids=["no token", "wrong token", "version", "content type", "no JSON", "deep", "large"],
)
def test_the_door_is_the_same_for_every_operation(dtr, path, body, options, status):
    answer = dtr.post(path, body, **options)
    assert answer.status_code == status
    assert answer.json()["resourceType"] == "OperationOutcome"
    if status == 401:
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("path", [PACKAGE, NEXT, LOG])
def test_another_method_is_told_which_one_is_taken(dtr, path):
    answer = dtr.get(path)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


@pytest.mark.parametrize("path", ["Questionnaire", "Library/x", "ValueSet/$expand?url=urn:x"])
def test_reading_needs_a_token_too(dtr, path):
    assert dtr.get(path, token="").status_code == 401


def test_junk_in_any_place_is_never_our_fault(dtr):
    for junk in (None, 3, "x", [], {}, [{}], {"resourceType": 3}, {"resourceType": "Coverage", "beneficiary": 3}):
        for name in ("coverage", "order", "referenced", "questionnaire", "context", "changedsince"):
            body = orjson.loads(orjson.dumps(package_input(order("72148"))))
            body["parameter"].append({"name": name, "resource": junk, "valueString": junk})
            assert dtr.post(PACKAGE, body).status_code < 500
        for element in ("contained", "questionnaire", "item", "status", "subject"):
            body = response(questionnaire=f"{FORM}/adaptive") | {element: junk}
            assert dtr.post(NEXT, body).status_code < 500
            assert dtr.post(NEXT, parameters(("questionnaire-response", body))).status_code < 500
