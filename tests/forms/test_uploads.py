"""Forms from elsewhere: what is checked, how they are stored, and that a requirement list can name one."""

import copy
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from openum.cli.main import main
from openum.directory.models import Policy
from openum.directory.services import PolicyVersionChanged
from openum.forms.services import store_form
from openum.forms.uploads import QUESTIONNAIRE, FormInvalid, read_upload
from openum.needs.services import publish_requirements
from tests.adapters.crd.conftest import crd
from tests.adapters.crd.kit import call, information
from tests.adapters.dtr.conftest import dtr, order, package_input

__all__ = ["crd", "dtr"]
FORM = {
    "resourceType": "Questionnaire", "url": "https://payer.example/q/lift", "version": "1", "status": "active",
    "title": "Lift chair", "item": [
        {"linkId": "a", "type": "boolean", "text": "Can the person stand up?"},
        {"linkId": "b", "type": "string", "text": "Why?", "enableWhen": [
            {"question": "a", "operator": "=", "answerBoolean": False}]},
    ],
}  # fmt: skip


def changed(**facts):
    return {**copy.deepcopy(FORM), **facts}


def item(**facts):
    return changed(item=[{"linkId": "a", "type": "string", "text": "A", **facts}])


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"resourceType": "Patient"}, "no Questionnaire with an address"),
        (changed(url="urn:a|b"), "a bar, a hash or a space"),
        (changed(status="none"), "status is missing"),
        (changed(status="retired"), "is retired"),
        (changed(item=[]), "asks nothing"),
        (item(type="colour"), "none of FHIR R4"),
        (item(type="group"), "group is empty"),
        (changed(item=[{"type": "string"}]), "has no linkId"),
        (changed(item=FORM["item"] + FORM["item"]), "Two items have this linkId"),
        (item(type="display", required=True), "or is required"),
        (item(enableWhen=[{"question": "z", "operator": "=", "answerBoolean": True}]), "no question “z”"),
        (item(enableWhen=[{"question": "a", "operator": "~", "answerBoolean": True}]), "operator is unknown"),
        (item(enableWhen=[{"question": "a", "operator": "="}]), "no answer to compare"),
        (item(enableWhen=[{"question": "a", "operator": "exists", "answerBoolean": True}] * 2), "not joined"),
        (item(type="choice", answerValueSet="urn:v", answerOption=[{"valueString": "x"}]), "both a list"),
        (item(extension=[{"url": "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression",
                          "valueExpression": {"language": "text/fhirpath", "expression": "1 +"}}]), "does not compile"),
        (changed(item=[], extension=[{
            "url": "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-questionnaireAdaptive",
            "valueBoolean": True}]), "no questions to ask"),
    ],
)  # fmt: skip
def test_a_faulty_form_is_refused_with_place_and_cure(form, told):
    with pytest.raises(FormInvalid) as refusal:
        read_upload([form])
    assert told in str(refusal.value)
    assert all(fault.path and fault.cure for fault in refusal.value.faults)


def test_what_one_can_live_with_is_a_warning():
    upload = read_upload([item(type="choice", answerValueSet="urn:elsewhere")])
    assert [fault.severity for fault in upload.warnings] == ["warning"]


def test_a_form_without_a_version_is_named_by_its_content():
    one = read_upload([changed(version=None)]).questionnaire["version"]
    assert one == read_upload([changed(version=None)]).questionnaire["version"]
    assert one != read_upload([changed(version=None, title="Other")]).questionnaire["version"]


def test_a_stored_version_never_changes(world, at):
    def store(form):
        return store_form(
            upload=read_upload([form]), plan=world.plan, source="t", effective_from=at.date(), by=world.engine, at=at
        )

    assert store(FORM) == store(FORM)
    with pytest.raises(PolicyVersionChanged):
        store(changed(title="Other"))


def test_a_requirement_list_names_a_loaded_form_and_crd_and_dtr_hand_it_out(crd, dtr, world, at, tmp_path):
    store_form(
        upload=read_upload([FORM]), plan=world.plan, source="t", effective_from=at.date(), by=world.engine, at=at
    )
    file = tmp_path / "list.yaml"
    file.write_text(
        "key: lifts\nversion: 1\neffective_from: 2026-01-01\nsource: test\nsource_verified: false\nrows:\n"
        "  - key: lift\n    services: [HCPCS|T1019]\n    authorization: auth-needed\n    reason: A form is needed.\n"
        "    documents: {kind: clinical, questionnaires: ['https://payer.example/q/lift|1']}\n"
    )
    publish_requirements(path=file, by=world.engine, at=at, plan=world.plan)
    lift = order("T1019")
    lift["code"]["coding"][0]["system"] = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
    told = information(crd.ask(call(lift))["systemActions"][0]["resource"])[0]
    assert told["questionnaire"] == ["https://payer.example/q/lift|1"]
    bundles, issues = dtr.bundles(package_input(lift))
    assert (bundles[0]["entry"][0]["resource"]["title"], issues) == ("Lift chair", [])
    by_context, _ = dtr.bundles(package_input(context=told["coverage-assertion-id"][0]))
    assert by_context[0]["entry"][0]["resource"]["title"] == "Lift chair"
    assert dtr.get("Questionnaire?url=https://payer.example/q/lift", token="sandbox-token").json()["total"] == 0


def test_the_command_checks_stores_and_lists(world, tmp_path, capsys, monkeypatch):
    for name in ("prepare", "start_django"):
        monkeypatch.setattr(f"openum.cli.environment.{name}", lambda *_: None)
    file = tmp_path / "form.json"
    file.write_text(json.dumps(FORM))
    assert main(["questionnaire", "load", str(file), "--check"]) == 0
    assert not Policy.objects.filter(kind=QUESTIONNAIRE).exists()
    assert main(["questionnaire", "load", str(file), "--plan", world.plan.key]) == 0
    assert main(["questionnaire", "list"]) == 0
    assert "https://payer.example/q/lift|1\tharbor" in capsys.readouterr().out
    file.write_text(json.dumps(changed(status="none")))
    assert main(["questionnaire", "load", str(file)]) == 1
    assert "status" in capsys.readouterr().err
    file.write_text("{")
    assert main(["questionnaire", "load", str(file)]) == 1
    assert main(["questionnaire", "load", str(tmp_path / "none.json")]) == 1
    file.write_text(json.dumps(FORM))
    assert main(["questionnaire", "load", str(file), "--plan", "none"]) == 1


def test_the_page_stores_a_form_and_tells_faults(world, demo_clock):
    staff = Client()
    staff.force_login(world.physician)

    def send(content):
        file = SimpleUploadedFile("form.json", content, content_type="application/json")
        return staff.post("/held-forms/", {
            "file": file, "plan": str(world.plan.public_id), "effective_from": "2026-11-16", "source": "Us",
        })  # fmt: skip

    assert send(b"{").status_code == 422
    refused = send(json.dumps(changed(status="none")).encode())
    assert refused.status_code == 422
    assert "status is missing" in refused.content.decode()
    stored = send(json.dumps(FORM).encode())
    assert stored.status_code == 200
    assert "https://payer.example/q/lift" in stored.content.decode()
    staff.force_login(world.nurse)
    send(json.dumps(changed(version="2")).encode())
    assert Policy.objects.filter(kind=QUESTIONNAIRE).count() == 1
