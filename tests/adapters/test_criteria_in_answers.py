"""A real request with its facts: approved at once with every criterion in the answer, or asked for what is missing."""

from datetime import date

import pytest

from openum.cases.models import Case
from openum.submission.models import Submission
from openum.submission.readers import read_again
from openum.submission.services import admit_waiting
from samples.bundles import LumbarRequest, lumbar_mri_bundle
from tests.adapters.conftest import actions, claim_response
from tests.adapters.kit import AT


def _story(world, **changes):
    facts = {
        "member_number": "C-1", "given": "Rose", "family": "Alder", "born": date(1960, 5, 4),
        "orderer": world.surgeon_npi, "imaging": world.facility_npi, "asked_at": AT,
        "pain_since": date(2026, 9, 7), "therapy": (date(2026, 9, 20), date(2026, 11, 10)),
        "medicine_days": (date(2026, 9, 9), date(2026, 11, 1)), "examined_on": date(2026, 11, 12),
    }  # fmt: skip
    return LumbarRequest(**(facts | changes))


def _notes(bundle):
    return [
        note["text"] for note in claim_response(bundle).get("processNote", []) if note["text"].startswith("Criterion")
    ]


@pytest.mark.parametrize(("base", "guide"), [("2.0", "2.0.1"), ("2.2", "2.2.1")])
def test_a_complete_request_is_approved_with_every_criterion_met(door, base, guide):
    bundle = door.submit(lumbar_mri_bundle(_story(door.world), version=guide), base=base, token="plan-token")
    assert actions(bundle) == {1: "A1"}
    notes = _notes(bundle)
    assert len(notes) >= 5
    assert all(note.endswith((" Met.", " Not needed.")) for note in notes)
    assert len(claim_response(bundle)["item"][0]["noteNumber"]) == len(notes)


def test_an_incomplete_request_is_asked_for_what_would_satisfy_the_open_criterion(door):
    story = _story(door.world, leave_out=frozenset({"therapy", "medicine", "form"}))
    bundle = door.submit(lumbar_mri_bundle(story), token="plan-token")
    assert actions(bundle) == {1: "A4"}
    open_notes = [note for note in _notes(bundle) if "Not known." in note]
    assert open_notes
    assert all("To satisfy it:" in note for note in open_notes)
    assert [entry["resource"]["resourceType"] for entry in bundle["entry"]].count("Task") == 1


def test_a_kept_message_is_read_again_for_the_member_a_person_chose(door):
    bundle = lumbar_mri_bundle(_story(door.world, member_number="C-0"))
    assert claim_response(door.submit(bundle, token="plan-token"))["outcome"] == "error"
    kept = Submission.objects.get()
    request = read_again(kept)
    assert (request.received_at, request.member.member_id) == (kept.received_at, "C-0")
    admitted = admit_waiting(
        submission=kept, request=request, member=door.world.commercial_member, by=door.world.intake, at=AT
    )
    assert admitted.case == Case.objects.get()


def test_a_code_outside_its_dates_is_pended_and_the_requester_is_told(door):
    data = lumbar_mri_bundle(_story(door.world))
    claim = data["entry"][0]["resource"]
    claim["item"][0]["productOrService"]["coding"][0]["code"] = "99999"
    bundle = door.submit(data, token="plan-token")
    assert actions(bundle) == {1: "A4"}
    assert any("not valid on the date of service" in note["text"] for note in claim_response(bundle)["processNote"])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"orderer": "9100000014"}, "51"),
        ({"orderer": "9100000015"}, "43"),
        ({"born": date(1999, 1, 1)}, "65"),
        ({"member_number": "NOBODY"}, "67"),
    ],
)
def test_what_the_plan_cannot_act_on_has_its_code_and_waits_at_intake(door, changes, code):
    response = claim_response(door.submit(lumbar_mri_bundle(_story(door.world, **changes)), token="plan-token"))
    assert response["error"][0]["code"]["coding"][0]["code"] == code
    assert Submission.objects.get().state == Submission.WAITING


def test_coverage_that_has_ended_has_its_code_and_waits_at_intake(door):
    door.world.commercial_member.coverages.update(valid_to=date(2025, 1, 1))
    response = claim_response(door.submit(lumbar_mri_bundle(_story(door.world)), token="plan-token"))
    assert response["error"][0]["code"]["coding"][0]["code"] == "75"
    assert Submission.objects.get().state == Submission.WAITING
