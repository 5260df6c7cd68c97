"""What a client may read and find: its organization's requests, as they stand, and nobody else's."""

from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from openum.accounts.services import register_client
from openum.adapters.fhir.bundle import Bundle
from openum.adapters.fhir.capability import capability_statement
from openum.adapters.fhir.pas.alone import standing_alone
from openum.adapters.fhir.pas.versions import VERSIONS
from openum.adapters.fhir.reads import KINDS
from openum.adapters.fhir.rest import accepts_json
from openum.adapters.fhir.validation import EDITIONS, check
from openum.audit.models import EventRow
from openum.cases.models import Case, InformationItem, InformationRequest, Request
from openum.cases.services import settle_items
from openum.forms.services import store_form
from openum.forms.uploads import read_upload
from tests.adapters.conftest import actions, claim_response
from tests.adapters.kit import message, resource
from tests.conformance import tables
from tests.world import knee_request, send

BASES = sorted(VERSIONS)


class Reader:
    """Reads as a client."""

    def __init__(self, http):
        self.http = http

    def __call__(self, path, *, base="2.2", token="sandbox-token", **headers):
        return self.http.get(f"/fhir/{base}/{path}", headers={"Authorization": f"Bearer {token}"} | headers)

    def found(self, path, **options):
        response = self(path, **options)
        assert response.status_code == 200, response.content
        return orjson.loads(response.content)

    def ids(self, path, **options):
        bundle = self.found(path, **options)
        return [one["resource"]["id"] for one in bundle.get("entry", []) if one["search"]["mode"] == "match"]


@pytest.fixture
def reader(client, world, demo_clock):
    return Reader(client)


def _ask(door, base="2.2"):
    door.arm("ask_for_documents")
    door.submit(message("home-care"), base=base)
    return Request.objects.latest("pk")


@pytest.mark.parametrize("base", BASES)
def test_a_claim_response_is_read_as_it_stands(reader, door, base):
    door.arm("approve")
    sent = door.submit(message("home-care"), base=base)
    request = Request.objects.get()
    read = reader.found(f"ClaimResponse/{request.public_id}", base=base)
    told = claim_response(sent)
    assert (read["id"], read["item"], read["outcome"]) == (told["id"], told["item"], told["outcome"])
    (event,) = EventRow.objects.filter(type="CasesRead", data__contains="FHIR ClaimResponse read")
    assert str(request.case.public_id) in event.data


@pytest.mark.parametrize("base", BASES)
def test_what_we_ask_for_is_read_as_task_and_communication_requests(reader, door, base):
    request = _ask(door, base)
    response = reader.found(f"ClaimResponse/{request.public_id}", base=base)
    asked = [one["reference"].partition(f"/fhir/{base}/")[2] for one in response["communicationRequest"]]
    assert {path.partition("/")[0] for path in asked} == {"CommunicationRequest"}
    for path in asked:
        found = reader.found(path, base=base)
        assert (found["resourceType"], found["status"]) == ("CommunicationRequest", "active")
    question = InformationRequest.objects.order_by("pk")[0]
    task = reader.found(f"Task/{question.public_id}", base=base)
    assert task["status"] == "requested"
    where = next(one for one in task["input"] if one["type"]["coding"][0]["code"] == "payer-url")
    assert where["valueUrl"].endswith(f"/fhir/{base}/$submit-attachment")
    if tables.DERIVED.is_dir():
        assert tables.problems(task, "profile-task", VERSIONS[base].guide) == []


def test_a_task_says_how_far_it_is(reader, door, world, at):
    _ask(door)
    question = InformationRequest.objects.order_by("pk")[0]
    (item,) = question.items.all()
    second = InformationItem.objects.create(information_request=question, line=item.line, text="Another one")
    path = f"Task/{question.public_id}"
    later = at + timedelta(minutes=1)
    settle_items(question=question, answers={item.pk: None}, by=world.engine, at=later)
    assert reader.found(path)["status"] == "in-progress"
    assert reader.found(f"CommunicationRequest/{item.public_id}")["status"] == "completed"
    assert str(question.public_id) in reader.ids("Task?status=in-progress")
    settle_items(question=question, answers={second.pk: None}, by=world.engine, at=later)
    assert reader.found(path)["status"] == "completed"
    assert reader.ids("Task?status=completed") == [str(question.public_id)]
    assert str(question.public_id) not in reader.ids("Task?status=requested")


def test_a_claim_is_read_as_it_was_sent_with_whole_addresses(reader, door):
    door.submit(message("home-care"))
    request = Request.objects.get()
    claim = reader.found(f"Claim/{request.public_id}", base="2.0")
    sent = resource(message("home-care"), "Claim")
    assert claim["id"] == str(request.public_id)
    assert claim["item"] == sent["item"]
    assert claim["patient"] == {"reference": "https://clinic.example/fhir/Patient/pat"}


def test_others_do_not_exist(reader, door, world):
    register_client(name="another", plan=world.sandbox, token="other-token", enrols_unknown=True)
    request = _ask(door)
    question = InformationRequest.objects.order_by("pk")[0]
    paths = [f"ClaimResponse/{request.public_id}", f"Claim/{request.public_id}", f"Task/{question.public_id}",
             f"CommunicationRequest/{question.items.get().public_id}"]  # fmt: skip
    for path in paths:
        assert reader(path).status_code == 200
        for token, status in (("other-token", 404), ("plan-token", 404), ("wrong", 401)):
            assert reader(path, token=token).status_code == status
    for kind in KINDS:
        assert reader.ids(kind, token="other-token") == []
        assert reader.ids(kind, token="plan-token") == []
        assert reader.ids(kind) or kind == "Communication"  # a sandbox plan sends no letters


def test_what_the_portal_of_the_same_organization_sent_is_seen_by_its_system(reader, world, at):
    accepted = send(world, knee_request(world, at=at), at=at)
    assert reader.ids("ClaimResponse", token="plan-token") == [str(accepted.request.public_id)]
    assert reader.ids("Claim", token="plan-token") == []


@pytest.mark.parametrize("path", ["ClaimResponse/1", "Claim/%F0%9F%92%A9", "Task/0198c0de-0000-7000-8000-000000000000"])
def test_what_is_not_there_is_not_found(reader, path):
    response = reader(path)
    assert response.status_code == 404
    assert orjson.loads(response.content)["issue"][0]["code"] == "not-found"


def test_answers_are_found_by_what_names_them(reader, door, at):
    door.submit(message("home-care"))
    other = message("referral-urn")
    door.submit(other)
    first, second = [str(one.public_id) for one in Request.objects.order_by("pk")]
    patient = Request.objects.order_by("pk")[0].echo["patient"]
    day = at.date().isoformat()

    def ids(query):
        return set(reader.ids(f"ClaimResponse?{query}"))

    assert ids("") == {first, second}
    assert ids(f"_id={first}") == {first}
    assert ids(f"_id={first},{second}") == {first, second}
    assert ids("identifier=HC-1") == {first}
    assert ids("identifier=https://clinic.example/request|HC-1") == {first}
    assert ids("identifier=https://another.example/|HC-1") == set()
    assert ids(f"patient={patient}") >= {first}
    assert ids("patient=pat") >= {first}
    assert ids("patient=Patient/nobody") == set()
    number = Request.objects.order_by("pk")[0].case.member.member_number
    assert ids(f"patient.identifier={number}") >= {first}
    assert ids("patient.identifier=none") == set()
    assert ids("status=active&use=preauthorization") == {first, second}
    assert ids("status=cancelled") == set()
    assert ids(f"created={day}") == {first, second}
    assert ids(f"created=ge{day}&created=lt{day}") == set()
    assert ids(f"created=gt{day}") == set()
    assert ids(f"_lastUpdated=le{day}T23:59:59-05:00") == {first, second}
    assert ids("request=https://clinic.example/fhir/Claim/first") == {first}
    assert len(reader.ids("ClaimResponse?_count=1")) == 1
    assert reader.found("ClaimResponse?_count=0")["total"] == 2


def test_questions_are_found_by_what_names_them(reader, door, at):
    _ask(door)
    question = InformationRequest.objects.order_by("pk")[0]
    item = question.items.get()
    every = set(reader.ids("Task"))
    assert set(reader.ids(f"Task?identifier=urn:ietf:rfc:3986|urn:uuid:{question.public_id}")) == {
        str(question.public_id)
    }
    assert set(reader.ids("Task?code=attachment-request-code&status=requested&patient=pat")) == every
    assert reader.ids("Task?code=other") == []
    assert reader.ids("Task?status=rejected") == []
    assert set(reader.ids(f"Task?authored-on={at.date().isoformat()}")) == every
    assert reader.ids(f"CommunicationRequest?identifier=urn:uuid:{item.public_id}") == [str(item.public_id)]
    assert str(item.public_id) in reader.ids("CommunicationRequest?status=active&patient=pat")
    assert reader.ids("CommunicationRequest?status=completed") == []
    assert reader.ids("CommunicationRequest?status=unknown") == []


@pytest.mark.parametrize(
    ("query", "status", "path"),
    [
        ("created=yesterday", 400, "http.created"),
        ("created=sa2026-01-01", 400, "http.created"),
        ("created=9999-12-31", 400, "http.created"),
        ("identifier:missing=true", 400, "http.identifier:missing"),
        ("_format=application/fhir%2Bxml", 406, "http._format"),
    ],
)
def test_a_search_that_cannot_be_understood_names_the_place(reader, query, status, path):
    response = reader(f"ClaimResponse?{query}")
    issue = orjson.loads(response.content)["issue"][0]
    assert (response.status_code, issue["expression"]) == (status, [path])
    assert issue["diagnostics"]


def test_an_update_is_read_with_all_items(reader, door):
    door.submit(message("home-care"))
    change = message("home-care")
    claim = resource(change, "Claim")
    claim["identifier"][0]["value"] = "HC-2"
    claim["related"] = [
        {"relationship": {"coding": [{"code": "prior"}]},
         "claim": {"identifier": {"system": "https://clinic.example/request", "value": "HC-1"}}}
    ]  # fmt: skip
    claim["item"][0]["quantity"]["value"] = 3
    door.submit(change)
    latest = Request.objects.latest("pk")
    bundle = {"entry": [{"resource": reader.found(f"ClaimResponse/{latest.public_id}")}]}
    assert set(actions(bundle)) == {1, 2}


@pytest.mark.parametrize("base", BASES)
def test_the_capability_statement_declares_what_is_served(reader, base):
    statement = capability_statement(VERSIONS[base], base_url="https://plan.example")
    served = {one["type"]: one for one in statement["rest"][0]["resource"]}
    assert {*KINDS, "Subscription"} <= set(served)
    for kind in (*KINDS, "Subscription"):
        declared = served[kind]
        for parameter in declared["searchParam"]:
            value = "2026-01-01" if parameter["type"] == "date" else "1"
            response = reader(f"{kind}?{parameter['name']}={value}", base=base, Prefer="handling=strict")
            assert response.status_code == 200, (kind, parameter)
        for operation in declared.get("operation", []):
            path = f"{kind}/${operation['name']}" if kind == "Claim" else f"{kind}/1/${operation['name']}"
            assert reader(path, base=base).status_code in {405, 404}
    codes = {one["code"] for one in served["Subscription"]["interaction"]}
    assert codes == {"read", "search-type", "create", "update", "delete"}


def _outside(node, found):
    if isinstance(node, dict):
        if isinstance(node.get("reference"), str):
            found.append(node["reference"])
        for value in node.values():
            _outside(value, found)
    elif isinstance(node, list):
        for value in node:
            _outside(value, found)
    return found


@pytest.mark.parametrize("base", ["2.0", "2.2"])
def test_what_is_read_by_itself_refers_only_to_what_can_be_read(door, client, base):
    door.arm("ask_for_documents")
    door.submit(message("referral-urn"), base=base)
    headers = {"Authorization": "Bearer sandbox-token"}
    kinds = ("ClaimResponse", "Claim", "Task", "CommunicationRequest")
    for kind in kinds:
        (entry,) = orjson.loads(client.get(f"/fhir/{base}/{kind}", headers=headers).content)["entry"]
        resource = entry["resource"]
        contained = {f"#{one['id']}" for one in resource.get("contained", [])}
        references = _outside(resource, [])
        assert references or kind == "Task"
        for reference in references:
            if reference.startswith("#"):
                assert reference in contained
            else:
                assert reference.startswith(f"http://testserver/fhir/{base}/"), (kind, reference)
                assert client.get(reference, headers=headers).status_code == 200, reference
        assert not any("urn:uuid" in one for one in references)


NESTED = {
    "resourceType": "Bundle", "type": "collection", "entry": [
        {"fullUrl": "urn:uuid:1", "resource": {
            "resourceType": "Task", "id": "t", "contained": [{"resourceType": "Patient", "id": "p"}],
            "for": {"reference": "#p"}, "owner": {"reference": "urn:uuid:2"}, "focus": {"reference": "urn:uuid:9"},
            "requester": {"reference": "urn:uuid:3"}, "encounter": {"reference": "https://ehr.example/Encounter/1"},
        }},
        {"fullUrl": "urn:uuid:2", "resource": {
            "resourceType": "PractitionerRole", "id": "p", "meta": {"versionId": "1", "profile": ["urn:x"]},
            "contained": [{"resourceType": "Location", "id": "p"}], "location": [{"reference": "#p"}],
            "organization": {"reference": "urn:uuid:3"}, "practitioner": {"reference": "urn:uuid:2"},
        }},
        {"fullUrl": "urn:uuid:3", "resource": {"resourceType": "Organization", "meta": {"lastUpdated": "2026"}}},
    ],
}  # fmt: skip


def test_what_contains_is_flat_and_its_names_are_its_own():
    bundle = Bundle(NESTED)
    found = standing_alone(bundle, bundle.entries[0], readable={"urn:uuid:9": "https://plan.example/Claim/9"})
    assert found["for"] == {"reference": "#p"}
    assert found["focus"] == {"reference": "https://plan.example/Claim/9"}
    assert found["encounter"] == {"reference": "https://ehr.example/Encounter/1"}
    by_name = {f"#{one['id']}": one for one in found["contained"]}
    assert len(by_name) == len(found["contained"]) == 4
    role = by_name[found["owner"]["reference"]]
    assert role["meta"] == {"profile": ["urn:x"]}
    assert by_name[role["location"][0]["reference"]]["resourceType"] == "Location"
    organization = by_name[role["organization"]["reference"]]
    assert role["organization"] == found["requester"]
    assert "meta" not in organization
    assert not any("contained" in one for one in found["contained"])
    assert NESTED["entry"][1]["resource"]["contained"]


@pytest.mark.parametrize("base", ["2.0", "2.2"])
def test_an_estimate_is_answered_as_one_and_found_by_its_use(door, client, base):
    data = message("home-care")
    resource(data, "Claim")["use"] = "predetermination"
    bundle = door.submit(data, base=base)
    assert claim_response(bundle)["use"] == "predetermination"
    assert "meta" not in bundle
    assert [claim_response(one)["use"] for one in door.inquire(message("inquiry"), base=base)] == ["predetermination"]
    headers = {"Authorization": "Bearer sandbox-token"}
    for use, count in (
        ("predetermination", 1),
        ("preauthorization", 0),
        ("preauthorization,predetermination", 1),
        ("x", 0),
    ):
        answer = orjson.loads(client.get(f"/fhir/{base}/ClaimResponse?use={use}", headers=headers).content)
        assert answer["total"] == count


def test_head_is_answered_wherever_something_is_read(door, client):
    door.arm("ask_for_documents")
    door.submit(message("home-care"))
    headers = {"Authorization": "Bearer sandbox-token"}
    for kind in ("ClaimResponse", "Claim", "Task", "CommunicationRequest", "Questionnaire"):
        address = f"/fhir/2.0/{kind}"
        found = orjson.loads(client.get(address, headers=headers).content).get("entry", [])
        for one in [address, *[entry["fullUrl"] for entry in found[:1]]]:
            assert client.head(one, headers=headers).status_code == client.get(one, headers=headers).status_code == 200
    for one in ("metadata", ".well-known/smart-configuration", "Subscription", "Subscription/$status"):
        assert client.head(f"/fhir/2.0/{one}", headers=headers).status_code == 200, one
    refused = client.delete("/fhir/2.0/Claim", headers=headers)
    assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    ("accept", "is_taken"),
    [
        ("", True),
        ("*/*", True),
        ("application/fhir+json", True),
        ("application/fhir+xml, application/fhir+json;q=0.5", True),
        ("text/html, */*;q=0.1", True),
        ("application/json; fhirVersion=4.0", True),
        ("application/fhir+xml", False),
        ("application/fhir+xml, application/json;q=0", False),
        ("application/xml;q=0.9, text/turtle", False),
    ],
)
def test_what_takes_no_json_is_refused(accept, is_taken):
    assert accepts_json(accept) is is_taken


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("GET", "metadata"), ("GET", "ClaimResponse"), ("GET", "Claim/x"), ("POST", "Claim/$submit"),
        ("POST", "Claim/$inquire"), ("GET", "Questionnaire"), ("GET", "Subscription"), ("POST", "$submit-attachment"),
        ("GET", ".well-known/smart-configuration"), ("GET", "nothing"),
    ],
)  # fmt: skip
def test_every_fhir_address_refuses_a_call_for_xml_alone(client, method, address):
    answer = client.generic(method, f"/fhir/2.2/{address}", headers={"Accept": "application/fhir+xml"})
    assert answer.status_code == 406
    issue = orjson.loads(answer.content)["issue"][0]
    assert (issue["code"], issue["expression"]) == ("not-supported", ["http.Accept"])


def test_the_format_in_the_address_is_asked_before_the_header(client):
    answer = client.get("/fhir/2.2/metadata?_format=json", headers={"Accept": "application/fhir+xml"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("method", "address"),
    [("GET", "metadata"), ("GET", "Subscription/$status"), ("GET", "Questionnaire/x"), ("POST", "Claim/$submit")],
)
def test_every_fhir_address_refuses_another_format_in_the_address(client, method, address):
    answer = client.generic(method, f"/fhir/2.2/{address}?_format=xml", headers={"Accept": "application/fhir+json"})
    assert answer.status_code == 406
    assert orjson.loads(answer.content)["issue"][0]["expression"] == ["http._format"]


def test_a_call_without_a_token_is_told_where_one_comes_from(door, client):
    answer = client.get("/fhir/2.2/ClaimResponse")
    assert answer.status_code == 401
    issue = answer.json()["issue"][0]
    assert (issue["code"], issue["expression"]) == ("login", ["http.Authorization"])
    assert ".well-known/smart-configuration" in issue["diagnostics"]


CDEX_TASK = "http://hl7.org/fhir/us/davinci-cdex/StructureDefinition/cdex-task-attachment-request"


@pytest.mark.requirement("CDex 2.1.0 cdex-task-attachment-request")
@pytest.mark.parametrize("base", ["2.0", "2.2"])
def test_a_question_is_read_as_a_task_of_cdex(door, client, base):
    door.arm("ask_for_documents")
    door.submit(message("home-care"), base=base)
    question, case = InformationRequest.objects.earliest("pk"), Case.objects.get()
    headers = {"Authorization": "Bearer sandbox-token"}
    address = f"/fhir/{base}/Task/{question.public_id}"
    own = client.get(address, headers=headers).json()
    task = client.get(address, {"_profile": CDEX_TASK}, headers=headers).json()
    assert check(task, profiles=(CDEX_TASK,), edition=EDITIONS[base]).errors == ()
    assert own["meta"]["profile"] != [CDEX_TASK]
    tracking, administrative = task["identifier"]
    assert (tracking["value"], administrative["value"]) == (f"urn:uuid:{question.public_id}", case.number)
    assert [one["id"] for one in task["contained"]] == ["patient", "practitionerrole"]
    assert task["contained"][0]["identifier"][0]["value"] == case.member.member_number
    assert len(task["input"]) == len(own["input"])


@pytest.mark.parametrize("base", ["2.0", "2.2"])
@pytest.mark.parametrize("has_form", [True, False])
def test_a_form_is_asked_for_in_the_words_of_cdex(door, client, at, base, has_form):
    if has_form:
        file = Path("policies/sandbox/forms/any-order.json")
        upload = read_upload([orjson.loads(file.read_bytes())])
        world = door.world
        store_form(upload=upload, plan=world.sandbox, source="test", effective_from=at.date(), by=world.engine, at=at)
    door.arm("ask_for_form")
    door.submit(message("home-care"), base=base)
    question = InformationRequest.objects.earliest("pk")
    headers = {"Authorization": "Bearer sandbox-token"}
    task = client.get(f"/fhir/{base}/Task/{question.public_id}", {"_profile": CDEX_TASK}, headers=headers).json()
    assert check(task, profiles=(CDEX_TASK,), edition=EDITIONS[base]).errors == ()
    asked = [one for one in task["input"] if one["type"]["coding"][0]["code"] != "payer-url"]
    kinds = {one["type"]["coding"][0]["code"] for one in asked}
    if has_form:
        assert kinds == {"questionnaire-context"}
        assert {one["valueCanonical"].partition("|")[0] for one in asked} == {upload.questionnaire["url"]}
    else:
        assert kinds == {"attachments-needed"}
        assert {one["valueCodeableConcept"]["coding"][0]["code"] for one in asked} == {"102089-0"}
