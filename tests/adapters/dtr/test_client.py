"""The reference client: any form is shown, filled from records, kept as typed, completed, and fills the criteria."""

import html
import json
import re

import orjson
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from openum.adapters.fhir.crd import remote
from openum.criteria.models import Finding
from openum.forms.models import Filling
from tests.adapters.dtr.conftest import answers
from tests.adapters.dtr.test_package import pain
from tests.conformance import tables
from tests.world import knee_request, send

EXAMPLES = tables.SHARED / "examples" / "dtr"
needs_examples = pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the published examples are not beside this checkout")
PERSON = {
    "resourceType": "Patient", "id": "p1", "birthDate": "1960-05-04", "gender": "female",
    "name": [{"use": "official", "family": "Osgood", "given": ["Mina", "May"]}],
}  # fmt: skip


def bundle(*resources):
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources]}


def upload(content, name="form.json"):
    raw = content if isinstance(content, bytes) else orjson.dumps(content)
    return SimpleUploadedFile(name, raw, content_type="application/json")


class Office:
    """Somebody of the practice, with a browser that runs no scripts."""

    def __init__(self, client, world):
        client.force_login(world.provider)
        self.http, self.world = client, world

    def start(self, *, status=302, **data):
        body = {"plan": str(self.world.plan.public_id), "subject": "Mrs O.", **data}
        answer = self.http.post("/forms/", body)
        assert answer.status_code == status, answer.content.decode()[-3000:]
        return Filling.objects.latest("pk") if status == 302 else answer

    def page(self, filling):
        answer = self.http.get(f"/forms/{filling.public_id}/")
        assert answer.status_code == 200
        return answer.content.decode()

    def send(self, filling, do="save", **fields):
        shown = re.findall(r'name="shown" value="([^"]+)"', self.page(filling))
        data = {"shown": [one.replace("&#x27;", "'") for one in shown], "do": do}
        kept = self.fields(filling)
        data |= kept | {name.replace("__", "."): value for name, value in fields.items()}
        return self.http.post(f"/forms/{filling.public_id}/", data)

    def fields(self, filling):
        """Return what stands in the fields, as a browser would send it again."""
        page = self.page(filling)
        found = dict(
            re.findall(r'<input class="form-control" type="[^"]+" name="(q\.[^"]+)"[^>]* value="([^"]+)"', page)
        )
        for name, value in re.findall(r'type="radio" name="(q\.[^"]+)" id="[^"]+" value="([^"]*)" checked', page):
            found[name] = value
        found |= dict(re.findall(r'<textarea[^>]* name="(q\.[^"]+)"[^>]*>([^<]*)</textarea>', page))
        for name, options in re.findall(
            r'<select class="form-select" name="(q\.[^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL
        ):
            chosen = re.search(r'value="([^"]*)" selected', options)
            found[name] = chosen[1] if chosen else ""
        return found

    def response(self, filling):
        return orjson.loads(self.http.get(f"/forms/{filling.public_id}/response/").content)


@pytest.fixture
def office(client, world, demo_clock):
    return Office(client, world)


@needs_examples
def test_the_static_dinner_form_is_filled_from_records_asked_by_condition_and_completed(office):
    content = (EXAMPLES / "2.0.1/content/dinner-static/questionnaire-dinner-order-static.json").read_bytes()
    form = office.start(package=upload(content))
    page = office.page(form)
    for words in ("Patient Information", "Last Name:", "What would you like for dinner?", "Hamburger"):
        assert words in page
    hidden = re.findall(r'<div class="field" id="i\d+" hidden>', page)
    assert len(hidden) == 2
    encounter = {"resourceType": "Encounter", "id": "e1", "location": [{"location": {"display": "Room 2"}}]}
    records = upload(bundle(PERSON, encounter), "records.json")
    assert office.http.post(f"/forms/{form.public_id}/records/", {"file": records}).status_code == 302
    page = office.page(form)
    assert 'value="Osgood"' in page
    assert "filled in from records.json" in page
    office.send(form, **{"q.3.1": "|Hamburger", "q.PBD.2": "Minnie"})
    assert len(re.findall(r'<div class="field" id="i\d+" hidden>', office.page(form))) == 1
    office.send(form, **{"q.3.2.a": ["|Ketchup", "|Tomato"]})
    office.send(form, do="complete", **{"q.3.2.a": ["|Ketchup", "|Tomato"]})
    form.refresh_from_db()
    assert form.completed_at is not None
    assert form.records == []
    made = answers(office.response(form))
    assert made["PBD.1"] == ("Osgood", "auto-client")
    assert made["PBD.2"] == ("Minnie", "override")
    assert made["3.1"] == ({"code": "Hamburger"}, "manual")
    assert office.response(form)["status"] == "completed"
    assert "3.2.b" not in json.dumps(office.response(form))


@needs_examples
def test_required_questions_stand_in_the_way_of_completing(office):
    content = (EXAMPLES / "2.0.1/content/dinner-static/questionnaire-dinner-order-static.json").read_bytes()
    form = office.start(package=upload(content))
    answer = office.send(form, do="complete")
    assert answer.status_code == 422
    assert answer.content.decode().count("This question needs an answer.") >= 4
    form.refresh_from_db()
    assert form.completed_at is None


@needs_examples
@pytest.mark.parametrize("file", sorted(str(one.relative_to(EXAMPLES)) for one in EXAMPLES.rglob("*.json")))
def test_every_example_that_holds_a_form_is_shown(office, file):
    content = (EXAMPLES / file).read_bytes()
    forms = [one for one in _questionnaires(orjson.loads(content)) if one.get("item")]
    if not forms:
        answer = office.start(package=upload(content), status=422)
        assert "holds no" in answer.content.decode()
        return
    page = office.page(office.start(package=upload(content)))
    for item in forms[0]["item"]:
        for one in (item, *item.get("item", [])):
            shown = any("questionnaire-hidden" in extension["url"] for extension in one.get("extension", []))
            assert shown or html.escape(one.get("text", "").strip()) in page


def _questionnaires(node):
    """Yield the forms of a file that stand by themselves."""
    if isinstance(node, dict):
        if node.get("resourceType") == "Questionnaire":
            yield node
        for key in ("entry", "parameter", "resource"):
            yield from _questionnaires(node.get(key))
    elif isinstance(node, list):
        for one in node:
            yield from _questionnaires(one)


ALL_KINDS = {
    "resourceType": "Questionnaire", "url": "https://example.org/q/all", "version": "1", "status": "active", "title": "All",
    "contained": [{
        "resourceType": "ValueSet", "id": "sides", "status": "active",
        "compose": {"include": [{"system": "urn:s", "concept": [{"code": "L", "display": "Left"}, {"code": "R"}]}]},
    }],
    "item": [
        {"linkId": "b", "type": "boolean", "text": "B"}, {"linkId": "de", "type": "decimal", "text": "De"},
        {"linkId": "in", "type": "integer", "text": "In", "extension": [
            {"url": "http://hl7.org/fhir/StructureDefinition/maxValue", "valueInteger": 10}]},
        {"linkId": "da", "type": "date", "text": "Da"}, {"linkId": "dt", "type": "dateTime", "text": "Dt"},
        {"linkId": "ti", "type": "time", "text": "Ti"}, {"linkId": "st", "type": "string", "text": "St", "repeats": True},
        {"linkId": "te", "type": "text", "text": "Te", "maxLength": 5}, {"linkId": "ur", "type": "url", "text": "Ur"},
        {"linkId": "ch", "type": "choice", "text": "Ch", "answerValueSet": "#sides"},
        {"linkId": "oc", "type": "open-choice", "text": "Oc", "answerOption": [{"valueString": "one"}, {"valueInteger": 2}]},
        {"linkId": "qu", "type": "quantity", "text": "Qu", "extension": [
            {"url": "http://hl7.org/fhir/StructureDefinition/questionnaire-unitOption",
             "valueCoding": {"system": "http://unitsofmeasure.org", "code": "kg", "display": "kilograms"}},
            {"url": "http://hl7.org/fhir/StructureDefinition/questionnaire-unitOption",
             "valueCoding": {"system": "http://unitsofmeasure.org", "code": "[lb_av]", "display": "pounds"}}]},
        {"linkId": "re", "type": "reference", "text": "Re", "extension": [
            {"url": "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-candidateExpression",
             "valueExpression": {"language": "text/cql", "expression": "[Condition]"}}]},
        {"linkId": "at", "type": "attachment", "text": "At"},
        {"linkId": "hi", "type": "string", "text": "Hidden words", "extension": [
            {"url": "http://hl7.org/fhir/StructureDefinition/questionnaire-hidden", "valueBoolean": True}],
         "initial": [{"valueString": "kept"}]},
        {"linkId": "ro", "type": "decimal", "text": "Twice", "readOnly": True, "extension": [
            {"url": "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression",
             "valueExpression": {"language": "text/fhirpath",
                                 "expression": "%resource.item.where(linkId='in').answer.value * 2"}}]},
        {"linkId": "ex", "type": "display", "text": "Big number", "extension": [
            {"url": "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-enableWhenExpression",
             "valueExpression": {"language": "text/fhirpath",
                                 "expression": "%resource.item.where(linkId='in').answer.value > 5"}}]},
        {"linkId": "gr", "type": "group", "text": "Drugs", "repeats": True, "extension": [
            {"url": "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-itemPopulationContext",
             "valueExpression": {"name": "drug", "language": "text/cql", "expression": "[MedicationRequest]"}}],
         "item": [
            {"linkId": "gr.1", "type": "string", "text": "Drug", "extension": [
                {"url": "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-initialExpression",
                 "valueExpression": {"language": "text/fhirpath", "expression": "%drug.medication.text"}}]},
            {"linkId": "gr.2", "type": "string", "text": "Dose", "enableWhen": [
                {"question": "gr.1", "operator": "exists", "answerBoolean": True}]}]},
    ],
}  # fmt: skip


def drug(name, words):
    return {"resourceType": "MedicationRequest", "id": name, "medicationCodeableConcept": {"text": words}}


def test_every_kind_of_question_takes_its_answer(office):
    form = office.start(package=upload(ALL_KINDS))
    page = office.page(form)
    assert "Hidden words" not in page
    fields = {
        "q.b": "yes", "q.de": "1.5", "q.in": "7", "q.da": "2026-01-02", "q.dt": "2026-01-02T03:04", "q.ti": "03:04",
        "q.st": ["x", "y", ""], "q.te": "abc", "q.ur": "https://example.org", "q.ch": "urn:s|L", "other.q.oc": "three",
        "q.qu": "70", "unit.q.qu": "[lb_av]", "q.re": "Condition/1",
        "q.at": SimpleUploadedFile("note.txt", b"hello", content_type="text/plain"),
    }  # fmt: skip
    office.send(form, **fields)
    made = {link: value for link, (value, *_) in answers(office.response(form)).items()}
    assert made == {
        "b": True, "de": 1.5, "in": 7, "da": "2026-01-02", "dt": "2026-01-02T03:04Z", "ti": "03:04", "st": "y",
        "te": "abc", "ur": "https://example.org", "ch": {"system": "urn:s", "code": "L", "display": "Left"},
        "oc": "three", "qu": {"value": 70, "unit": "pounds", "system": "http://unitsofmeasure.org", "code": "[lb_av]"},
        "re": {"reference": "Condition/1"},
        "at": {"contentType": "text/plain", "data": "aGVsbG8=", "title": "note.txt"}, "hi": "kept", "ro": 14,
    }  # fmt: skip
    page = office.page(form)
    assert "<b>14</b>" in page.replace("\n", "")
    assert re.search(r'<p class="form-text" id="i\d+">Big number', page)


@pytest.mark.parametrize(
    ("field", "words"), [("q.de", "much"), ("q.in", "11"), ("q.in", "1.5"), ("q.da", "soon"), ("q.te", "abcdef")]
)
def test_words_that_cannot_be_an_answer_are_kept_and_told(office, field, words):
    form = office.start(package=upload(ALL_KINDS))
    answer = office.send(form, **{field: words})
    assert answer.status_code == 422
    page = office.page(form)
    assert words in page
    assert 'class="error"' in page
    assert answers(office.response(form)).keys() == {"hi"}
    assert office.send(form, do="complete").status_code == 422


def test_repeated_groups_come_from_records_and_by_hand(office):
    form = office.start(package=upload(ALL_KINDS))
    records = upload(bundle(PERSON, drug("m1", "aspirin"), drug("m2", "ibuprofen"), pain()), "r.json")
    office.http.post(f"/forms/{form.public_id}/records/", {"file": records})
    page = office.page(form)
    assert 'value="aspirin"' in page
    assert 'value="ibuprofen"' in page
    assert 'value="Condition/pain"' in page
    office.send(form, do="add gr@1")
    office.send(form, **{"q.gr.1@2": "naproxen"})
    office.send(form, do="remove gr@0")
    items = [one for one in office.response(form)["item"] if one["linkId"] == "gr"]
    assert [one["item"][0]["answer"][0]["valueString"] for one in items] == ["ibuprofen", "naproxen"]


def test_what_is_typed_is_saved_at_once_and_new_questions_come_with_the_answer(office):
    form = office.start(package=upload(ALL_KINDS))
    url = f"/forms/{form.public_id}/save/"
    answer = office.http.post(url, {"shown": ["q.in"], "q.in": "9"}, headers={"HX-Request": "true"})
    body = answer.content.decode()
    assert "Saved" in body
    assert 'hx-swap-oob="true">Big number' in body
    assert "<b>18</b>" in body.replace("\n", "")


def test_records_are_read_from_a_registered_server_only(office, settings, monkeypatch):
    settings.OPENUM_CLIENT_FHIR_SERVERS = ["https://ehr.example.org/fhir"]
    asked = []

    def get(url, token, until):
        asked.append((url, token))
        return orjson.dumps(PERSON if "/Patient/" in url else bundle(drug("m1", "aspirin")))

    monkeypatch.setattr(remote, "get", get)
    form = office.start(package=upload(ALL_KINDS))
    url = f"/forms/{form.public_id}/records/"
    body = {"server": "https://ehr.example.org/fhir", "patient": "p1", "token": "secret"}
    assert office.http.post(url, body).status_code == 302
    assert asked[0] == ("https://ehr.example.org/fhir/Patient/p1", "secret")
    form.refresh_from_db()
    assert form.source == "https://ehr.example.org/fhir"
    assert "secret" not in json.dumps([form.records, form.context, form.answers])
    for wrong in ({"server": "https://elsewhere.example/fhir", "patient": "p1"}, {"patient": "p1"},
                  {"server": "https://ehr.example.org/fhir", "patient": "../p"}):  # fmt: skip
        assert office.http.post(url, wrong).status_code == 422


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"resourceType": "Bundle"}'])
def test_a_file_without_records_is_refused(office, content):
    form = office.start(package=upload(ALL_KINDS))
    answer = office.http.post(f"/forms/{form.public_id}/records/", {"file": upload(content)})
    assert answer.status_code == 422


def test_a_guideline_form_fills_the_criteria_of_the_request_it_is_attached_to(office, world, at):
    accepted = send(world, knee_request(world, at=at), at=at)
    shelf_form = "http://testserver/policies/KNEE-ARTH/fhir/Questionnaire"
    page = office.http.get("/forms/").content.decode()
    canonical = re.search(rf'value="({re.escape(shelf_form)}\|[^"]+)"', page)[1]
    form = office.start(form=canonical)
    fields = dict.fromkeys(re.findall(r'type="radio" name="(q\.[^"]+)"[^>]*value="yes"', office.page(form)), "yes")
    before = {row.leaf: row.value for row in Finding.objects.filter(line__case=accepted.case)}
    office.send(form, **fields)
    office.send(form, do="complete")
    answer = office.http.post(f"/forms/{form.public_id}/", {"case": str(accepted.case.public_id)})
    assert answer.status_code == 302, answer.content.decode()[-2000:]
    rows = Finding.objects.filter(line__case=accepted.case).order_by("pk")
    after = {row.leaf: row.value for row in rows}
    assert before != after
    assert "met" in {after[leaf] for leaf in after if before.get(leaf) != after[leaf]}


def test_a_form_filled_from_somebody_else_is_not_attached(office, world, at):
    accepted = send(world, knee_request(world, at=at), at=at)
    form = office.start(package=upload(ALL_KINDS))
    stranger = PERSON | {"birthDate": "1999-01-01"}
    office.http.post(f"/forms/{form.public_id}/records/", {"file": upload(bundle(stranger))})
    office.send(form, do="complete")
    answer = office.http.post(f"/forms/{form.public_id}/", {"case": str(accepted.case.public_id)})
    assert answer.status_code == 422
    assert "another date of birth" in answer.content.decode()


def test_an_adaptive_form_asks_until_nothing_can_change_the_outcome(office):
    page = office.http.get("/forms/").content.decode()
    canonical = re.search(r'value="(http://testserver/policies/LBP-MRI/fhir/Questionnaire/adaptive\|[^"]+)"', page)[1]
    form = office.start(form=canonical)
    for _round in range(20):
        page = office.page(form)
        if 'value="next"' not in page:
            break
        office.send(form, do="next")
    assert "Nothing more is asked" in page
    office.send(form, do="complete")
    response = office.response(form)
    assert response["status"] == "completed"
    assert response["contained"][0]["derivedFrom"] == [canonical]


def test_another_office_sees_nothing_of_a_form(office, client, world):
    form = office.start(package=upload(ALL_KINDS))
    client.force_login(world.nurse)
    for path in ("", "response/"):
        assert client.get(f"/forms/{form.public_id}/{path}").status_code in {403, 404}


def test_a_completed_form_does_not_change(office):
    form = office.start(package=upload(ALL_KINDS))
    office.send(form, do="complete")
    assert office.http.post(f"/forms/{form.public_id}/save/", {"shown": ["q.b"], "q.b": "yes"}).status_code == 409
    assert office.http.post(f"/forms/{form.public_id}/throw-away/").status_code == 409


def test_a_form_can_be_thrown_away(office):
    form = office.start(package=upload(ALL_KINDS))
    assert office.http.post(f"/forms/{form.public_id}/throw-away/").status_code == 302
    assert not Filling.objects.exists()
