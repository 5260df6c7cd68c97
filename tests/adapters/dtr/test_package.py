"""$questionnaire-package: which forms are handed out, what is filled in, and what is said beside them."""

import json
from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from openum.accounts.models import Organization
from openum.accounts.services import register_client
from openum.audit.models import EventRow
from openum.cases.models import InformationItem
from openum.directory.models import Member
from openum.directory.queries import find_members
from openum.forms.services import store_form
from openum.forms.uploads import read_upload
from openum.submission.arming import Armed, SandboxAnswer
from openum.submission.incoming import IncomingEvidence
from openum.submission.services import arm
from tests.adapters.crd.conftest import crd
from tests.adapters.crd.kit import call, information
from tests.adapters.dtr.conftest import answers, coverage, of_kind, order, package_input, parameters, patient, split
from tests.adapters.kit import message, resource
from tests.world import knee_request, note, npi, send

__all__ = ["crd"]
FORM = "http://testserver/policies/LBP-MRI/fhir/Questionnaire"
STATUS = "http://terminology.hl7.org/CodeSystem/condition-"


def response(bundles):
    return of_kind(bundles[0], "QuestionnaireResponse")[0]


def pain(onset="2026-08-01", subject="Patient/p1"):
    return {
        "resourceType": "Condition", "id": "pain", "subject": {"reference": subject},
        "clinicalStatus": {"coding": [{"system": f"{STATUS}clinical", "code": "active"}]},
        "verificationStatus": {"coding": [{"system": f"{STATUS}ver-status", "code": "confirmed"}]},
        "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "M54.16"}]},
        "onsetDateTime": onset,
    }  # fmt: skip


@pytest.mark.requirement("DTR 2.0.1 $questionnaire-package")
@pytest.mark.parametrize(
    "path", ["Questionnaire/$questionnaire-package", "$questionnaire-package", "Questionnaire/$questionnaire-package/"]
)
def test_an_order_brings_the_form_of_its_guideline(dtr, path):
    made = dtr.post(path, package_input(order("72148"))).json()
    assert [one["name"] for one in made["parameter"]] == ["PackageBundle"]
    assert made["parameter"][0]["resource"]["entry"][0]["resource"]["url"] == FORM


@pytest.mark.requirement("DTR 2.0.1 $questionnaire-package")
@pytest.mark.parametrize("token", ["plan-token", "sandbox-token"])
@pytest.mark.parametrize("base", ["2.0", "2.2"])
def test_an_order_and_a_coverage_are_enough(dtr, base, token):
    """No Patient comes along: the member's age is on file, and a person nobody knows yet has none."""
    bundles, issues = dtr.bundles(
        parameters(("coverage", coverage()), ("order", order("72148"))), base=base, token=token
    )
    assert [one["entry"][0]["resource"]["url"] for one in bundles] == [FORM]
    assert not [one for one in issues if one["code"] in {"informational", "not-found"}]


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


@pytest.fixture
def stand_ins(world, at):
    """The sandbox's own forms, as the demo publishes them."""
    for file in sorted(Path("policies/sandbox/forms").glob("*.json")):
        upload = read_upload([json.loads(file.read_text("utf-8"))])
        store_form(upload=upload, plan=world.sandbox, source="test", effective_from=at.date(), by=world.engine, at=at)


STAND_INS = "https://openum.example/sandbox/Questionnaire/any-order"
ADAPTIVE_NOTE = [{"text": "An adaptive form, please."}]


@pytest.mark.parametrize(
    ("asked", "form"),
    [
        ({"orders": [order("T1019")]}, STAND_INS),
        ({"orders": [order("T1019", note=ADAPTIVE_NOTE)]}, f"{STAND_INS}-adaptive"),
        ({"orders": [order("72148", note=ADAPTIVE_NOTE)]}, f"{FORM}/adaptive"),
        ({"questionnaire": "https://kit.example/Questionnaire/dinner-Adaptive"}, f"{STAND_INS}-adaptive"),
    ],
)
def test_a_sandbox_that_takes_anybody_has_a_form_for_any_order(dtr, stand_ins, asked, form):
    others = {name: value for name, value in asked.items() if name != "orders"}
    body = package_input(*asked.get("orders", ()), number="ANY", **others)
    bundles, issues = dtr.bundles(body, token="sandbox-token")
    assert [one["entry"][0]["resource"]["url"] for one in bundles] == [form]
    assert not [one for one in issues if one["code"] in {"informational", "not-found"}]
    is_adaptive = bool(response(bundles).get("contained"))
    assert is_adaptive is ("adaptive" in form)


def test_a_task_that_asks_for_a_form_is_a_context_that_gets_it(dtr, stand_ins, world, at, client):
    arm(client=world.sandbox_client, armed=Armed(answer=SandboxAnswer.ASK_FOR_FORM), by=world.physician, at=at)
    headers = {"Authorization": "Bearer sandbox-token"}
    sent = orjson.dumps(message("home-care"))
    client.post("/fhir/2.2/Claim/$submit", sent, content_type="application/fhir+json", headers=headers)
    member = Member.objects.get(plan=world.sandbox)
    item = InformationItem.objects.first()
    for asked in (item.information_request.public_id, item.public_id):
        body = package_input(number=member.member_number, context=f"urn:uuid:{asked}")
        body["parameter"] = [one for one in body["parameter"] if one["name"] != "referenced"]
        bundles, _issues = dtr.bundles(body, token="sandbox-token")
        assert [one["entry"][0]["resource"]["url"] for one in bundles] == [STAND_INS]


def test_a_context_says_who_of_a_family_under_one_number_is_meant(dtr, stand_ins, world, at, client):
    arm(client=world.sandbox_client, armed=Armed(answer=SandboxAnswer.ASK_FOR_FORM), by=world.physician, at=at)
    headers = {"Authorization": "Bearer sandbox-token"}
    for given in ("Otto", "Ida"):
        data = message("home-care")
        resource(data, "Patient")["name"] = [{"family": "Newcomer", "given": [given]}]
        resource(data, "Patient")["birthDate"] = f"19{len(given)}1-02-03"
        sent = orjson.dumps(data)
        client.post("/fhir/2.2/Claim/$submit", sent, content_type="application/fhir+json", headers=headers)
    number = Member.objects.filter(plan=world.sandbox).earliest("pk").member_number
    assert len(find_members(plan=world.sandbox, number=number)) == 2
    question = InformationItem.objects.first().information_request
    body = package_input(number=number, context=f"urn:uuid:{question.public_id}")
    body["parameter"] = [one for one in body["parameter"] if one["name"] != "referenced"]
    bundles, _issues = dtr.bundles(body, token="sandbox-token")
    assert [one["entry"][0]["resource"]["url"] for one in bundles] == [STAND_INS]


def test_no_other_plan_has_stand_ins(dtr, stand_ins):
    _, issues = dtr.bundles(package_input(order("T1019", note=ADAPTIVE_NOTE)))
    assert issues[0]["details"]["text"].startswith("No form belongs to this order.")
    named = package_input(questionnaire="https://kit.example/Questionnaire/dinner-adaptive")
    assert dtr.post("Questionnaire/$questionnaire-package", named).status_code == 422


@pytest.mark.parametrize("base", ["2.0", "2.2"])
def test_what_is_wrong_with_the_message_is_told_beside_the_packages(dtr, base):
    body = package_input(order("72148", priorty="x"))
    bundles, issues = dtr.bundles(body, base=base)
    assert len(bundles) == 1
    (issue,) = issues
    assert (issue["severity"], issue["expression"]) == (
        "warning", ["Parameters.parameter[1].resource.priorty"],
    )  # fmt: skip
    assert issue["details"]["text"] == "ServiceRequest has no element “priorty”."
    assert "Did you mean “priority”?" in issue["diagnostics"]


def test_the_profiles_of_the_guide_are_checked_for_a_sandbox_and_on_request(dtr, client):
    body = package_input(order("72148"))
    body["parameter"].append({"name": "changedSince", "valueDate": "2020-01-01"})
    assert dtr.bundles(body)[1] == []
    paths = [issue["expression"] for issue in dtr.bundles(body, token="sandbox-token")[1]]
    assert paths
    strict = client.post(
        "/fhir/2.0/Questionnaire/$questionnaire-package", body, content_type="application/fhir+json",
        headers={"Authorization": "Bearer plan-token", "Prefer": "handling=strict"},
    )  # fmt: skip
    assert [issue["expression"] for issue in split(strict.json())[1]] == paths


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
