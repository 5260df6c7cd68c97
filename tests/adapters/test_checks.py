"""Faults of form are told as warnings and hinder nothing: at once, on request, or after the answer."""

import json
from datetime import timedelta

import pytest

from openum.adapters.fhir.checks import MOST_TOLD, PAS
from openum.audit.models import EventRow
from openum.cases.models import Request
from openum.jobs.models import Job
from openum.jobs.worker import run_due
from samples.bundles import lumbar_mri_bundle
from tests.adapters.conftest import claim_response
from tests.adapters.kit import message, resource
from tests.adapters.test_attachments import Sender, attached, document, records
from tests.adapters.test_criteria_in_answers import _story

pytestmark = pytest.mark.django_db


def _with_faults():
    data = message("home-care")
    resource(data, "Claim")["priorty"] = "x"  # R4 does not know it
    resource(data, "Patient").pop("identifier", None)  # the profile of the beneficiary asks for one
    return data


def _notes(bundle):
    return [one["text"] for one in claim_response(bundle).get("processNote", []) if one["text"].startswith("Warning.")]


def test_a_sandbox_is_told_every_fault_at_once(door):
    told = _notes(door.submit(_with_faults()))
    assert any(
        "Bundle.entry[0].resource.priorty: Claim has no element “priorty”. Did you mean “priority”?" in one
        for one in told
    )
    assert any("Bundle.entry[4].resource.identifier" in one for one in told)
    assert not Job.objects.filter(kind="fhir.check_profiles").exists()


def test_an_update_that_claims_the_profile_of_new_requests_is_told_of_its_own(door):
    data = message("home-care-update")
    resource(data, "Claim")["meta"] = {"profile": [f"{PAS}profile-claim"]}
    notes = _notes(door.submit(data, base="2.2"))
    (told,) = [one for one in notes if "Bundle.entry[0].resource.related:" in one]
    assert told.endswith("Claim profile-claim-update in meta.profile of an update.")


def _lumbar_with_faults(world):
    data = lumbar_mri_bundle(_story(world))
    resource(data, "Claim")["priorty"] = "x"
    resource(data, "Claim")["careTeam"][0]["extension"] = [{"url": "http://clinic.example/unknown", "valueCode": "a"}]
    return data


SCOPE = {
    "path": "Bundle.entry[0].resource.careTeam[0].extension",
    "text": "“extension” of the kind “careTeamClaimScope” is missing; the profile asks for it. "
    "Send “extension” of the kind “careTeamClaimScope”.",
}


def test_elsewhere_r4_is_checked_at_once_and_the_profiles_after_the_answer(door):
    told = _notes(door.submit(_lumbar_with_faults(door.world), token="plan-token"))
    assert any("priorty" in one for one in told)
    assert not any("careTeamClaimScope" in one for one in told)
    waiting = Job.objects.get(kind="fhir.check_profiles")
    assert set(waiting.payload) == {"request", "version"}
    while run_due(door.at + timedelta(minutes=1)):
        pass
    faults = Request.objects.get().faults
    assert SCOPE in faults
    assert len({(one["path"], one["text"]) for one in faults}) == len(faults)
    noted = EventRow.objects.get(type="FaultsNoted")
    assert json.loads(noted.data)["faults"] == len(faults)


def test_a_client_that_asks_for_strictness_is_told_at_once(door):
    told = _notes(
        door.submit(_lumbar_with_faults(door.world), token="plan-token", Prefer="respond-async, handling=strict")
    )
    assert any(SCOPE["text"] in one for one in told)
    assert not Job.objects.filter(kind="fhir.check_profiles").exists()


def test_many_faults_are_cut(door):
    data = message("home-care")
    resource(data, "Claim").update({f"x{number}": 1 for number in range(MOST_TOLD * 2)})
    told = _notes(door.submit(data))
    assert len(told) == MOST_TOLD + 1
    assert told[-1].endswith("Mend these first.")


def test_faults_of_attachments_are_told_beside_their_receipt(client, world, demo_clock):
    told = Sender(client).told(records("T-1", attached(document(stetus="current"))))
    warning = next(one for one in told if one["severity"] == "warning" and "stetus" in one["details"]["text"])
    assert warning["diagnostics"] == "Did you mean “status”?"
    assert warning["expression"][0].endswith(".part[0].resource.stetus")
