"""Our answers against the element tables of PAS 2.0.1 and 2.2.1, and the must-support lists of its test kit."""

import json

import pytest

from openum.adapters.fhir.pas.response import INQUIRY, SUBMIT, response_bundle
from openum.adapters.fhir.pas.versions import V2_0, V2_2
from tests.conformance import answers, tables

pytestmark = pytest.mark.skipif(not tables.DERIVED.is_dir(), reason="the guide's tables are not beside this checkout")

PROFILES = {"Task": "profile-task", "CommunicationRequest": "profile-communicationrequest"}
NOT_OURS = {
    # the message we echo carries no such element; an answer repeats what it was sent
    "extension:nursingHomeLevelOfCare", "extension:nursingHomeResidentialStatus", "extension:epsdtIndicator",
    "extension:revenueUnitRateLimit", "identifier.extension:jurisdiction", "identifier.extension:subDepartment",
    # sent only where the request came by another road than FHIR
    "request.extension:DataAbsentReason",
    # LOINC section modifiers and questionnaires: we ask for documents by kind
    "payload.extension:contentModifier", "input:AttachmentsNeeded.extension:contentModifier", "input:QuestionnaireContext",
    "input:QuestionnaireContext.extension:paLineNumber", "input:QuestionnaireContext.type",
    "input:QuestionnaireContext.value[x]",
}  # fmt: skip


@pytest.mark.parametrize("version", [V2_0, V2_2], ids=lambda one: one.guide)
@pytest.mark.parametrize("profile", [SUBMIT, INQUIRY])
@pytest.mark.parametrize("kind", list(answers.ALL))
def test_every_answer_keeps_the_tables(kind, profile, version):
    bundle = response_bundle(answers.ALL[kind](), version=version, profile=profile)
    frame = "profile-pas-response-bundle" if profile == SUBMIT else "profile-pas-inquiry-response-bundle"
    assert tables.problems(bundle, frame, version.guide) == []
    assert bundle["entry"][0]["resource"]["resourceType"] == "ClaimResponse"
    for entry in bundle["entry"]:
        resource = entry["resource"]
        name = profile if resource["resourceType"] == "ClaimResponse" else PROFILES.get(resource["resourceType"])
        if name:
            assert tables.problems(resource, name, version.guide) == []


@pytest.mark.parametrize("version", [V2_0, V2_2], ids=lambda one: one.guide)
def test_together_the_answers_show_every_must_support_element(version):
    lists = json.loads((tables.DERIVED / "inferno-pas-must-support.json").read_text())["pas"][version.guide]
    bundles = [response_bundle(view(), version=version) for view in answers.ALL.values()]
    held = [entry["resource"] for bundle in bundles for entry in bundle["entry"]]
    wanted = {
        "claimresponse": ("ClaimResponse", SUBMIT),
        "communication_request": ("CommunicationRequest", "profile-communicationrequest"),
        "task": ("Task", "profile-task"),
    }
    missing = []
    for group, (kind, profile) in wanted.items():
        for path in lists["submit_response"][group]:
            short = path.removeprefix(f"{kind}.")
            if any(short.endswith(one) for one in NOT_OURS):
                continue
            if not any(
                tables.is_present(one, path, profile, version.guide) for one in held if one["resourceType"] == kind
            ):
                missing.append(path)
    assert missing == []
