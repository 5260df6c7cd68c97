"""Published together: the right guideline is chosen for a request, and each one is shown in all its faces."""

import json
import re
from datetime import UTC, date, datetime

import pytest

from openum.accounts.models import Plan, Tenant
from openum.accounts.services import ensure_rules_engine
from openum.cases.models import Case, Request, ServiceLine
from openum.criteria import queries
from openum.criteria.faces.policy import in_two_languages
from openum.criteria.services import publish
from openum.directory.models import Member, Product
from openum.vocabulary.terms import LineOfBusiness
from tests.guidelines.test_documents import PACK, guideline

NOON = datetime(2026, 11, 17, 12, 0, tzinfo=UTC)
SYSTEMS = {
    "CPT": "http://www.ama-assn.org/go/cpt",
    "HCPCS": "https://bluebutton.cms.gov/resources/codesystem/hcpcs",
    "REVENUE": "https://www.nubc.org/CodeSystem/RevenueCodes",
}


@pytest.fixture
def plan(db):
    publish(by=ensure_rules_engine(), at=NOON)
    return Plan.objects.create(tenant=Tenant.objects.create(name="T"), key="p", name="P")


def chosen(plan, service, line_of_business=LineOfBusiness.MEDICARE_ADVANTAGE, *, born=date(1950, 1, 1), state="OH"):
    """Return the guideline chosen for a line that is not stored."""
    system, code = service.split("|")
    sold = Product(plan=plan, key="x", line_of_business=line_of_business, state=state, time_zone="America/New_York")
    case = Case(plan=plan, product=sold, member=Member(birth_date=born))
    line = ServiceLine(case=case, request=Request(received_at=NOON), code_system=SYSTEMS[system], code=code)
    matched = queries.guideline_for(line)
    return matched.policy and matched.policy.key


def headings_of(prose):
    """Return the second-level headings of a text up to its next main heading."""
    return set(re.findall(r"^## (.+)$", prose.split("\n# ", 1)[0], re.MULTILINE))


def test_the_guideline_of_a_service_is_chosen_and_only_where_it_holds(plan):
    assert chosen(plan, "HCPCS|K0823") == "PWR-CHAIR"
    assert chosen(plan, "HCPCS|K0861") is None
    assert chosen(plan, "HCPCS|K0823", LineOfBusiness.MEDICAID_MANAGED_CARE) is None
    assert chosen(plan, "CPT|43644") == chosen(plan, "CPT|43775", LineOfBusiness.ERISA_GROUP) == "BARIATRIC"
    assert chosen(plan, "CPT|43644", born=date(2012, 1, 1)) is None
    assert chosen(plan, "HCPCS|G0299") == chosen(plan, "REVENUE|0421") == "HOME-HEALTH"
    assert chosen(plan, "HCPCS|G0299", LineOfBusiness.MEDICAID_MANAGED_CARE) is None
    assert chosen(plan, "REVENUE|0191") == "SNF-ADMIT"
    assert chosen(plan, "REVENUE|0128") == "IRF-ADMIT"
    assert chosen(plan, "REVENUE|0120") == chosen(plan, "REVENUE|0200") == "INPT-ADMIT"
    assert chosen(plan, "REVENUE|0124") is None
    assert chosen(plan, "CPT|93798") == chosen(plan, "HCPCS|G0422") == "CARD-REHAB"


def test_no_service_belongs_to_two_guidelines_at_once():
    owners = {}
    for name in PACK:
        for service in guideline(name).scope.services:
            owners.setdefault(service, set()).add(guideline(name).id)
    assert {service: ids for service, ids in owners.items() if len(ids) > 1} == {}


def test_every_guideline_is_shown_as_page_drawing_document_and_fhir(plan, client):
    for name in sorted(PACK):
        document = guideline(name)
        path = f"/policies/{document.id}/{document.version}/"
        for language in ("en", "es"):
            page = client.get(path, headers={"accept-language": language})
            assert page.status_code == 200, path
            body = page.content.decode()
            assert document.title.in_language(language) in body, (path, language)
            told = in_two_languages(document.prose)[1] if language == "es" else document.prose
            assert headings_of(told) <= set(re.findall(r"<h[1-6][^>]*>([^<]+)<", body)), (path, language)
            for leaf in document.leaves:
                assert leaf.question.in_language(language) in body.replace("&#x27;", "'"), (path, leaf.key)
        drawing = client.get(path + "flow.svg")
        assert (drawing.status_code, drawing["Content-Type"].split(";")[0]) == (200, "image/svg+xml"), path
        bundle = json.loads(client.get(path + "fhir/").content)
        kinds = {entry["resource"]["resourceType"] for entry in bundle["entry"]}
        assert {"Questionnaire", "Library", "PlanDefinition"} <= kinds, path


def test_the_words_of_a_document_are_told_apart_by_their_main_headings():
    both = "# Knee\n\nFor adults.\n\n## More\n\n# Rodilla\n\nPara adultos."
    assert in_two_languages(both) == ("# Knee\n\nFor adults.\n\n## More", "# Rodilla\n\nPara adultos.")
    assert in_two_languages("# Knee\n\nFor adults.") == ("# Knee\n\nFor adults.", "")
