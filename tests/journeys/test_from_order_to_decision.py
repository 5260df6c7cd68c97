"""A lumbar MRI from its first step, over HTTP, in one pass: order-sign, form, request, approved; no human touch.

The client is another project's library (fhirclient): it carries the calls, and its strict models read every resource we
answer with. Only the filling of the form from the chart is the record system's, by the package's own CQL.
"""

import pytest
from django.core.management import call_command
from fhirclient import server as lines
from fhirclient.models import bundle as bundles
from fhirclient.models.capabilitystatement import CapabilityStatement
from fhirclient.models.fhirabstractbase import FHIRValidationError
from fhirclient.models.parameters import Parameters
from fhirclient.models.questionnaire import Questionnaire
from fhirclient.models.questionnaireresponse import QuestionnaireResponse

from openum.audit.models import EventRow
from openum.cases.models import Case, InformationRequest, ServiceLine
from openum.clocks.models import Clock
from openum.criteria.queries import current_map
from openum.determination.models import Authorization, AuthorizationSegment, Determination
from openum.notices.models import Notice
from openum.vocabulary.terms import FindingValue, LineStatus
from samples.ehr.chart import ORDER
from samples.ehr.claim import request_bundle
from samples.ehr.form import fill, package_of
from samples.ehr.stories import STORIES
from samples.ehr.talk import action_of, claim_response
from tests.journeys import lumen as worlds
from tests.journeys.lumen import TOKEN, audit_is_intact

BASE = "http://record-system.example/fhir"
GUIDES = ["2.0", "2.2"]


class Line(lines.FHIRServer):
    """The library's server, with the client's token."""

    def __init__(self, url):
        super().__init__(None, base_uri=url)
        self.session.headers["Authorization"] = f"Bearer {TOKEN}"

    def sent(self, path, content, kind="application/fhir+json"):
        headers = {"Content-Type": kind, "Accept": kind}
        answer = self.session.post(f"{self.base_uri}{path}", json=content, headers=headers, timeout=60)
        assert answer.status_code == 200, answer.text[:1000]
        return answer.json()


@pytest.fixture
def served(transactional_db, live_server):
    """The world of the journeys behind a live server."""
    call_command("flush", interactive=False, verbosity=0)
    return worlds.build(), live_server.url


def information_of(answer):
    """The coverage information of the only order."""
    (action,) = answer["systemActions"]
    (found,) = [one for one in action["resource"]["extension"] if one["url"].endswith("ext-coverage-information")]
    return {
        part["url"]: next((value for key, value in part.items() if key.startswith("value")), None)
        for part in found["extension"]
    }


def hook(chart):
    """What the record system says when the order is being signed."""
    return {
        "hook": "order-sign",
        "hookInstance": "5f2a0f9e-7f6c-4a43-8d0b-0a3f6e1b2c4d",
        "context": {
            "userId": "Practitioner/practitioner-1",
            "patientId": "patient-1",
            "draftOrders": {"resourceType": "Bundle", "type": "collection",
                            "entry": [{"resource": {**chart.get(ORDER), "status": "draft"}}]},
        },
        "prefetch": {
            "patient": chart.one("Patient"),
            "coverage": {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": chart.one("Coverage")}]},
        },
    }  # fmt: skip


def strictly(model, content):
    """Read a resource with the library's strict model; what FHIR does not know is an error."""
    return model(content, strict=True)


@pytest.mark.parametrize("version", GUIDES)
def test_a_lumbar_mri_is_approved_in_one_pass_from_order_to_decision(served, version):
    lumen, url = served
    at = lumen.at("2026-11-23 09:13:20")
    tell(lumen, url, version, at)
    assert audit_is_intact()
    again = information_of(
        Line(f"{url}/crd/{version}/").sent("cds-services/order-sign", hook(STORIES["D1"].chart(at)), "application/json")
    )
    assert (again["pa-needed"], again["satisfied-pa-id"]) == ("satisfied", Authorization.objects.get().number)


def tell(lumen, url, version, at):
    chart, story = STORIES["D1"].chart(at), STORIES["D1"]
    known = set(Case.objects.values_list("pk", flat=True))
    fhir, crd = Line(f"{url}/fhir/{version}/"), Line(f"{url}/crd/{version}/")
    statement = CapabilityStatement.read_from("metadata", fhir)
    assert "Claim" in {resource.type for resource in statement.rest[0].resource}

    information = information_of(crd.sent("cds-services/order-sign", hook(chart), "application/json"))
    package = package_of(fhir.sent("Questionnaire/$questionnaire-package", {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "coverage", "resource": chart.one("Coverage")},
            {"name": "order", "resource": chart.get(ORDER)},
            {"name": "questionnaire", "valueCanonical": information["questionnaire"]},
            {"name": "context", "valueString": information["coverage-assertion-id"]},
        ],
    }))  # fmt: skip
    filled = fill(package, chart, by_hand=story.by_hand, at=at)
    request = request_bundle(
        chart, base=BASE, version=version, identifier=f"ONE-PASS-{version}", at=at, response=filled.response
    )
    answer = fhir.sent("Claim/$submit", request)

    check_order(information)
    check_form(package, filled)
    check_answer(answer, at)
    case = Case.objects.exclude(pk__in=known).get()
    lumen.work()
    check_case(case, at)


def check_order(information):
    """Covered, authorization needed, the form named with its version."""
    assert (information["covered"], information["pa-needed"]) == ("covered", "auth-needed")
    assert "LBP-MRI" in information["questionnaire"]
    assert information["questionnaire"].endswith("|v2026.2")


def check_form(package, filled):
    """The library reads form, draft and response; each answer tells where it comes from."""
    held = {}
    for entry in strictly(bundles.Bundle, package).entry:
        held.setdefault(entry.resource.resource_type, []).append(entry.resource)
    assert isinstance(held["Questionnaire"][0], Questionnaire)
    assert {"Library", "ValueSet", "QuestionnaireResponse"} <= set(held)
    response = strictly(QuestionnaireResponse, filled.response)
    assert response.status == "completed"
    assert filled.by_record
    origins = [
        part["valueCode"]
        for answer in answers_of(filled.response)
        for extension in answer["extension"]
        for part in extension["extension"]
        if part["url"] == "source"
    ]
    assert len(origins) == len(filled.by_record) + len(filled.by_hand)
    assert origins.count("manual") == len(filled.by_hand)


def answers_of(item):
    for one in item.get("item", []):
        yield from one.get("answer", [])
        yield from answers_of(one)


def check_answer(answer, at):
    """Approved, numbered, valid for 91 days; read strictly, and every reference leads into the Bundle."""
    strictly(bundles.Bundle, answer)
    response = claim_response(answer)
    assert (action_of(response), response["outcome"]) == ("A1", "complete")
    day = at.date()
    assert response["preAuthRef"].startswith("A-26-")
    assert response["preAuthPeriod"]["start"] == day.isoformat()


def check_case(case, at):
    """As the scenario states: approved by rule AA-014 v3, one unit, evidence met, clocks stopped, letters, no person."""
    line = ServiceLine.objects.get(case=case)
    decision = Determination.objects.get(line=line)
    assert (line.status, decision.decided_by_machine, decision.approval_rule.key) == (
        LineStatus.APPROVED,
        True,
        "AA-014",
    )
    segment = AuthorizationSegment.objects.get(authorization=Authorization.objects.get(line=line))
    assert (segment.units, (segment.valid_to - segment.valid_from).days) == (1, 91)
    picture = current_map(line)
    assert picture.value is FindingValue.MET
    needed = [leaf for leaf in picture.leaves if not leaf.is_not_applicable]
    assert all(leaf.links for leaf in needed)
    assert all(clock.state == "met" for clock in Clock.objects.filter(case=case))
    assert {letter.audience for letter in Notice.objects.filter(case=case)} == {"provider", "member"}
    assert {event.actor_kind for event in EventRow.objects.filter(case_id=case.public_id)} == {"client", "machine"}
    assert not InformationRequest.objects.filter(case=case).exists()


def test_the_library_is_strict():
    """The check above can fail: an element that FHIR does not know is refused."""
    with pytest.raises(FHIRValidationError):
        strictly(Parameters, {"resourceType": "Parameters", "parameter": [{"name": "x", "nonsense": 1}]})
