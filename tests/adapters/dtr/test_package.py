"""$questionnaire-package: which forms are handed out, what is filled in, and what is said beside them."""

import json
from datetime import timedelta

import pytest

from openum.accounts.models import Organization
from openum.accounts.services import register_client
from openum.audit.models import EventRow
from openum.submission.incoming import IncomingEvidence
from tests.adapters.crd.conftest import crd
from tests.adapters.crd.kit import call, information
from tests.adapters.dtr.conftest import answers, coverage, of_kind, order, package_input, parameters, patient, split
from tests.world import knee_request, note, npi, send

__all__ = ["crd"]
FORM = "http://testserver/policies/LBP-MRI/fhir/Questionnaire"


def response(bundles):
    return of_kind(bundles[0], "QuestionnaireResponse")[0]


def pain(onset="2026-08-01", subject="Patient/p1"):
    return {
        "resourceType": "Condition", "id": "pain", "subject": {"reference": subject},
        "clinicalStatus": {"coding": [{"code": "active"}]}, "verificationStatus": {"coding": [{"code": "confirmed"}]},
        "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "M54.16"}]},
        "onsetDateTime": onset,
    }  # fmt: skip


@pytest.mark.requirement("DTR 2.0.1 $questionnaire-package")
@pytest.mark.parametrize("path", ["Questionnaire/$questionnaire-package", "$questionnaire-package"])
def test_an_order_brings_the_form_of_its_guideline(dtr, path):
    made = dtr.post(path, package_input(order("72148"))).json()
    assert made["resourceType"] == "Bundle"
    assert made["entry"][0]["resource"]["url"] == FORM


def test_what_the_client_sends_fills_the_form_and_says_so(dtr):
    body = package_input(order("72148"), referenced=pain())
    for base, word in (("2.0", "auto"), ("2.2", "auto-server")):
        bundles, issues = dtr.bundles(body, base=base)
        assert issues == []
        assert answers(response(bundles))["lbp.pain-onset"] == ("2026-08-01", word)


def test_resources_about_somebody_else_fill_nothing(dtr):
    bundles, _ = dtr.bundles(package_input(order("72148"), referenced=pain(subject="Patient/other")))
    assert answers(response(bundles)) == {}


def test_earlier_requests_of_the_same_office_fill_the_form_and_those_of_others_do_not(dtr, world, at):
    world.member.refresh_from_db()
    evidence = note("Visit", "text")
    resource = pain(subject="Patient/x")
    resource["subject"] = {"identifier": {"value": "M-1"}}
    fact = IncomingEvidence(
        kind="fhir", title="Pain", content_type="application/fhir+json", resource=resource, source_key="Condition/pain"
    )
    accepted = send(world, knee_request(world, of=world.member, at=at, evidence=(evidence, fact)), at=at)
    bundles, _ = dtr.bundles(package_input(order("72148")))
    assert answers(response(bundles))["lbp.pain-onset"] == ("2026-08-01", "auto")
    read = EventRow.objects.filter(type="CasesRead").order_by("-pk").first()
    assert str(accepted.case.public_id) in read.data
    other = Organization.objects.create(
        tenant=world.plan.tenant, kind=Organization.PROVIDER, name="Elsewhere", npi=npi(900000888)
    )
    register_client(name="elsewhere", plan=world.plan, token="elsewhere-token", organization=other)
    bundles, _ = dtr.bundles(package_input(order("72148")), token="elsewhere-token")
    assert answers(response(bundles)) == {}


def test_several_orders_bring_each_form_once(dtr):
    body = package_input(order("72148"), order("72148", name="o2"), order("27447", name="o3"))
    bundles, issues = dtr.bundles(body)
    assert len(bundles) == 1 + (not any("order)[2]" in one["expression"][0] for one in issues))
    contexts = [
        one["valueReference"].get("reference") for one in response(bundles)["extension"] if "valueReference" in one
    ]
    assert contexts == ["Coverage/c1", "ServiceRequest/o1", "ServiceRequest/o2"]


def test_an_order_without_a_form_is_told_why(dtr):
    made = dtr.package(package_input(order("T1019")))
    bundles, issues = split(made)
    assert (bundles, made["resourceType"]) == ([], "Parameters")
    assert [one["severity"] for one in issues] == ["information"]
    assert "No form belongs to this order." in issues[0]["details"]["text"]


def test_an_unknown_form_beside_a_known_one_is_a_warning(dtr):
    made = dtr.package(package_input(order("72148"), questionnaire="https://example.org/Questionnaire/none"))
    bundles, issues = split(made)
    assert len(bundles) == 1
    assert [(one["severity"], one["code"]) for one in issues] == [("warning", "not-found")]


def test_a_version_that_is_not_there_is_not_replaced_by_another(dtr):
    path, body = "Questionnaire/$questionnaire-package", package_input(questionnaire=f"{FORM}|1.0")
    assert dtr.post(path, body).status_code == 422


def test_only_what_changed_since_then_is_sent(dtr, at):
    before, after = (at - timedelta(days=1)).isoformat(), (at + timedelta(days=1)).isoformat()
    bundles, _ = dtr.bundles(package_input(order("72148"), changedsince=before))
    assert len(bundles) == 1
    bundles, issues = dtr.bundles(package_input(order("72148"), changedsince=after))
    assert bundles == []
    assert "changed since" in issues[0]["details"]["text"]


@pytest.mark.requirement("DTR 2.2.0 context")
def test_the_id_of_an_answer_of_crd_brings_its_form(dtr, crd):
    answer = crd.ask(call(order("72148")))
    told = information(answer["systemActions"][0]["resource"])[0]
    context = told["coverage-assertion-id"][0]
    bundles, issues = dtr.bundles(package_input(context=context))
    assert issues == []
    assert bundles[0]["entry"][0]["resource"]["url"] == FORM
    assert {"reference": "ServiceRequest/o1"} in [one.get("valueReference") for one in response(bundles)["extension"]]


def test_a_context_of_another_organization_or_person_reveals_nothing(dtr, crd, world):
    answer = crd.ask(call(order("72148")))
    context = information(answer["systemActions"][0]["resource"])[0]["coverage-assertion-id"][0]
    other = Organization.objects.create(
        tenant=world.plan.tenant, kind=Organization.PROVIDER, name="Elsewhere", npi=npi(900000888)
    )
    register_client(name="elsewhere", plan=world.plan, token="elsewhere-token", organization=other)
    path = "Questionnaire/$questionnaire-package"
    mine = dtr.post(path, package_input(context="no-such-context"))
    theirs = dtr.post(path, package_input(context=context), token="elsewhere-token")
    wrong_person = dtr.post(path, package_input(context=context, number="C-1"))
    assert mine.status_code == theirs.status_code == wrong_person.status_code == 422
    assert mine.content == theirs.content == wrong_person.content


def test_a_request_that_waits_for_documents_is_a_context(dtr, world, at):
    accepted = send(world, knee_request(world, at=at), at=at)
    accepted.case.member.refresh_from_db()
    body = package_input(number="C-1", context=accepted.case.number)
    body["parameter"] = [one for one in body["parameter"] if one["name"] != "referenced"]
    bundles, _issues = dtr.bundles(body)
    assert bundles[0]["entry"][0]["resource"]["url"].endswith("/KNEE-ARTH/fhir/Questionnaire")


def test_a_person_we_do_not_know_gets_the_form_and_no_word_about_anybody(dtr):
    body = package_input(questionnaire=FORM, number="NOBODY")
    known = dtr.bundles(package_input(questionnaire=FORM))[0]
    unknown = dtr.bundles(body)[0]
    assert answers(response(unknown)) == answers(response(known)) == {}
    by_order = dtr.package(package_input(order("72148"), questionnaire=FORM, number="NOBODY"))
    assert split(by_order)[1][0]["severity"] == "warning"


def test_the_sandbox_serves_anybody(dtr):
    bundles, _ = dtr.bundles(package_input(order("72148"), number="ANY"), token="sandbox-token")
    assert bundles[0]["entry"][0]["resource"]["url"] == FORM


def test_what_was_handed_out_is_recorded(dtr, world):
    dtr.package(package_input(order("72148")))
    row = EventRow.objects.filter(type="FormsHandedOut").latest("pk")
    data = json.loads(row.data)
    assert (data["member_id"], data["forms"]) == (str(world.member.public_id), [f"{FORM}|v2026.2"])


def test_a_form_without_an_order_names_the_gap(dtr):
    bundles, _ = dtr.bundles(package_input(questionnaire=FORM))
    contexts = [one["valueReference"] for one in response(bundles)["extension"] if "valueReference" in one]
    assert contexts[0] == {"reference": "Coverage/c1"}
    assert "not named" in contexts[1]["display"]


def test_a_second_coverage_is_taken_in_2_0_and_refused_in_2_2(dtr):
    body = parameters(("coverage", coverage()), ("coverage", coverage("C-1")), ("order", order("72148")),
                      ("referenced", patient()))  # fmt: skip
    assert dtr.post("Questionnaire/$questionnaire-package", body).status_code == 200
    response = dtr.post("Questionnaire/$questionnaire-package", body, base="2.2")
    assert response.status_code == 400
    assert response.json()["issue"][0]["code"] == "multiple-matches"
