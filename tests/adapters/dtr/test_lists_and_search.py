"""ValueSet/$expand, read and search, reported faults, and what the capability statement says of them."""

from urllib.parse import quote

import pytest
from django.test import Client

from openum.audit.models import EventRow
from openum.forms.models import FormFault
from tests.adapters.dtr.conftest import parameters

SITE = "http://testserver/policies"
ANSWERS = f"{SITE}/LBP-MRI/fhir/ValueSet/answers-lbp.planned-step"
FORM = f"{SITE}/LBP-MRI/fhir/Questionnaire"


def expand(dtr, *named):
    answer = dtr.post("ValueSet/$expand", parameters(*named))
    assert answer.status_code == 200, answer.content
    return answer.json()["expansion"]


def test_a_value_set_is_expanded_whole_filtered_and_by_the_page(dtr):
    whole = expand(dtr, ("url", ANSWERS))
    codes = [one["code"] for one in whole["contains"]]
    assert whole["total"] == len(codes) > 2
    page = expand(dtr, ("url", ANSWERS), ("offset", "1"), ("count", "1"))
    assert [one["code"] for one in page["contains"]] == codes[1:2]
    assert (page["total"], page["offset"]) == (len(codes), 1)
    word = whole["contains"][0]["display"].split()[0]
    found = expand(dtr, ("url", ANSWERS), ("filter", word.upper()))
    assert codes[0] in [one["code"] for one in found["contains"]]
    assert expand(dtr, ("url", ANSWERS), ("filter", "no such words"))["total"] == 0


def test_it_is_asked_by_get_by_version_and_by_id(dtr):
    named = dtr.get(f"ValueSet?url={ANSWERS}").json()["entry"][0]["resource"]
    by_get = dtr.get(f"ValueSet/$expand?url={ANSWERS}|{named['version']}").json()
    by_id = dtr.get(f"ValueSet/{named['id']}/$expand").json()
    assert by_get["expansion"]["contains"] == by_id["expansion"]["contains"] == named["expansion"]["contains"]
    assert dtr.get(f"ValueSet/$expand?url={ANSWERS}&valueSetVersion=none").status_code == 404


def test_a_sent_value_set_is_expanded_and_a_rule_is_not(dtr):
    sent = {"resourceType": "ValueSet", "compose": {"include": [{"system": "urn:s", "concept": [{"code": "a"}]}]}}
    assert expand(dtr, ("valueSet", sent))["contains"] == [{"system": "urn:s", "code": "a"}]
    rule = {"resourceType": "ValueSet", "compose": {"include": [{"system": "http://snomed.info/sct"}]}}
    answer = dtr.post("ValueSet/$expand", parameters(("valueSet", rule)))
    assert (answer.status_code, answer.json()["issue"][0]["code"]) == (422, "too-costly")


@pytest.mark.parametrize("kind", ["Questionnaire", "Library", "ValueSet"])
def test_what_is_found_is_read_under_its_id(dtr, kind):
    found = dtr.get(f"{kind}?_count=3").json()
    assert found["type"] == "searchset"
    assert found["total"] > 3
    assert [one["relation"] for one in found["link"]] == ["self", "next"]
    for entry in found["entry"]:
        again = dtr.get(f"{kind}/{entry['resource']['id']}")
        assert again.json() == entry["resource"]
        assert entry["fullUrl"].endswith(f"/fhir/2.0/{kind}/{entry['resource']['id']}")


CHOOSES = "http://testserver/policies/BRAIN-MRI/fhir/Questionnaire"


def chosen_links(dtr):
    """Return the questions of a form by whether they choose from a value set."""
    form = dtr.get(f"Questionnaire?url={CHOOSES}").json()["entry"][0]["resource"]
    waiting, found = list(form["item"]), {True: [], False: []}
    while waiting:
        item = waiting.pop(0)
        waiting += item.get("item", [])
        found["answerValueSet" in item].append(item)
    return found


@pytest.mark.requirement("DTR 2.0.1 ValueSet/$expand, context")
@pytest.mark.parametrize("base", ["2.0", "2.2"])
def test_a_question_of_a_form_is_a_context(dtr, base):
    item = chosen_links(dtr)[True][0]
    named = [("context", f"{CHOOSES}#{item['linkId']}"), ("contextDirection", "incoming")]
    by_context = dtr.post("ValueSet/$expand", parameters(*named), base=base).json()
    assert by_context["url"] == item["answerValueSet"].partition("|")[0]
    assert by_context["expansion"]["contains"]
    by_get = dtr.get(f"ValueSet/$expand?context={quote(named[0][1])}&count=1", base=base).json()
    assert len(by_get["expansion"]["contains"]) == 1


@pytest.mark.parametrize(
    ("named", "status", "code"),
    [
        ([("context", "urn:no-form#1")], 404, "not-found"),
        ([("context", f"{CHOOSES}#no-such-question")], 404, "not-found"),
        ([("context", "an-assertion-id")], 422, "not-supported"),
        ([("context", "http://hl7.org/fhir/StructureDefinition/Patient#gender")], 422, "not-supported"),
        ([("context", "x#y"), ("contextDirection", "sideways")], 400, "value"),
        ([("contextDirection", "incoming")], 400, "required"),
        ([], 400, "required"),
    ],
)
def test_a_context_that_leads_nowhere_is_told_why(dtr, named, status, code):
    answer = dtr.post("ValueSet/$expand", parameters(*named))
    issue = answer.json()["issue"][0]
    assert (answer.status_code, issue["code"]) == (status, code)
    assert issue["diagnostics"]


def test_a_question_without_a_value_set_has_nothing_to_expand(dtr):
    item = chosen_links(dtr)[False][0]
    answer = dtr.post("ValueSet/$expand", parameters(("context", f"{CHOOSES}#{item['linkId']}")))
    assert (answer.status_code, answer.json()["issue"][0]["code"]) == (422, "not-supported")


def test_pages_of_a_search_hold_everything_once(dtr):
    ids, path = [], "ValueSet?_count=50"
    while path:
        page = dtr.get(path).json()
        ids += [one["resource"]["id"] for one in page["entry"]]
        path = next((one["url"].partition("/fhir/2.0/")[2] for one in page["link"] if one["relation"] == "next"), "")
    assert len(ids) == len(set(ids)) == page["total"]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        (f"url={FORM}", 2), (f"url={FORM}|v2026.2", 1), (f"url={FORM}|v1", 0), ("name=lbp_mri", 4), ("name=mri", 0),
        ("status=retired", 0), ("title=mri of the lower&status=active", 4), ("_id=none", 0),
    ],
)  # fmt: skip
def test_forms_are_found_by_address_name_title_and_status(dtr, query, count):
    assert dtr.get(f"Questionnaire?{query}").json()["total"] == count


def test_an_unknown_parameter_is_told_or_refused(dtr):
    found = dtr.get("Questionnaire?colour=red").json()
    assert found["entry"][-1]["search"]["mode"] == "outcome"
    assert dtr.get("Questionnaire?colour=red", Prefer="handling=strict").status_code == 400
    assert dtr.get("Questionnaire/none").status_code == 404


def test_a_reported_fault_is_kept_and_staff_read_it(dtr, world):
    outcome = {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "error", "code": "not-found", "diagnostics": "no definition Fill_x"}],
    }
    body = parameters(("questionnaire", FORM), ("operationOutcome", outcome))
    assert dtr.post("Questionnaire/$log-questionnaire-errors", body).status_code == 200
    old = {"resourceType": "Parameters", "parameter": [
        {"name": "Questionnaire", "valueCanonical": "urn:theirs"}, {"name": "OperationOutcome", "resource": outcome},
    ]}  # fmt: skip
    assert dtr.post("Questionnaire/$log-questionnaire-errors", old, base="2.2").status_code == 200
    assert [(one.is_ours, one.severity) for one in FormFault.objects.order_by("pk")] == [
        (True, "error"),
        (False, "error"),
    ]
    staff = Client()
    staff.force_login(world.nurse)
    page = staff.get("/held-forms/").content.decode()
    assert "no definition Fill_x" in page
    assert "not a form of ours" in page
    assert EventRow.objects.filter(type="FormFaultsRead").count() == 1
    staff.force_login(world.provider)
    assert staff.get("/held-forms/").status_code == 403


@pytest.mark.parametrize("base", ["2.0", "2.2"])
def test_the_capability_statement_names_what_is_served(dtr, base):
    statement = dtr.get("metadata", base=base, token="").json()
    served = {one["type"]: one for one in statement["rest"][0]["resource"]}
    assert {one["name"] for one in served["Questionnaire"]["operation"]} == {
        "questionnaire-package", "next-question", "log-questionnaire-errors",
    }  # fmt: skip
    assert [one["name"] for one in served["ValueSet"]["operation"]] == ["expand"]
    for kind in ("Questionnaire", "Library", "ValueSet"):
        for parameter in served[kind]["searchParam"]:
            assert dtr.get(f"{kind}?{parameter['name']}=x", base=base, Prefer="handling=strict").status_code == 200
    assert any("davinci-dtr" in one for one in statement["implementationGuide"])
