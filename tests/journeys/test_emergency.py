"""D4: a heart attack outside the network. The hour after stabilization, the appeal about the training, the claim, by pages."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from openum.accounts.services import register_client
from openum.appeals.models import Appeal
from openum.appeals.rules.law import Filer
from openum.appeals.rules.states import AppealState
from openum.audit.verification import verify
from openum.cases.models import InformationRequest
from openum.determination.models import Authorization, AuthorizationSegment, Determination
from openum.determination.queries import open_leaves
from openum.directory.models import Code, CodeList, Facility, Practitioner
from openum.notices.models import Notice
from openum.retrospective.models import ClaimLine, Lead
from openum.vocabulary.terms import LineStatus, Role
from tests import world as worlds
from tests.appeals import story
from tests.journeys.booking import (
    TALK,
    browser,
    by_telephone,
    clock_of,
    decision,
    done,
    local,
    on,
    open_all,
    refer,
    step,
    work,
)
from tests.retrospective.story import file, row
from tests.world import CPT

pytestmark = pytest.mark.django_db
STENT, TRAINING = "92928", "93798"
LESS = "Eighteen sessions are given now. The record does not yet show how he does with the exercise."
FINE = dict.fromkeys(("appropriate", "effective", "timely", "setting"), "yes")


@pytest.fixture
def heart(world, demo_clock):
    """A hospital and its cardiologist that are in no network, and the member."""
    services = CodeList.objects.get(system=CPT)
    for code, wording in ((STENT, "Coronary stent"), (TRAINING, "Cardiac rehabilitation, one session")):
        Code.objects.create(code_list=services, code=code, wording=wording, wording_es=wording, specialty="cardiology")
    hospital = Facility.objects.create(plan=world.plan, npi="9000001088", name="St. Brannoc Heart")
    doctor = Practitioner.objects.create(
        plan=world.plan, npi=worlds.npi(900000301), family_name="Amari", given_name="Lea", specialty="cardiology"
    )
    doctor.licences.create(state="EX", kind="physician", number="C1", valid_from=date(2015, 1, 1))
    member = worlds.member(world.medicare, "LHM-1001204", "Dang", "Victor", date(1955, 8, 19))
    return member, {
        "ordering_npi": doctor.npi, "ordering_name": "Lea Amari", "facility_npi": hospital.npi,
        "facility_name": hospital.name, "diagnosis1": "I21.02", "caller_name": "St. Brannoc Heart",
    }  # fmt: skip


def segment(line):
    return AuthorizationSegment.objects.get(authorization__line=line, superseded_at=None)


def test_an_emergency_its_training_and_its_claim(world, heart):
    member, people = heart
    desk, nurse, physician = browser(world.intake), browser(world.nurse), browser(world.physician)

    # 11-22 11:00 care after stabilization is asked for; the hour runs, and no prior authorization is asked for
    on("2026-11-22 11:03")
    stent = by_telephone(
        desk, world, member, "2026-11-22 11:00", **people, **{"line1-code_system": CPT, "line1-code": STENT},
        **{"line1-units": "1", "line1-first_day": "2026-11-23", "place": "21"},
        urgency="expedited", attested="on", attested_by="Lea Amari",
    )  # fmt: skip
    flags = reverse("determination:flags", args=[stent.case.public_id])
    for kind, words in (
        ("emergency", "Came by ambulance with chest pain."),
        ("after_stabilization", "Stable at 9:40."),
    ):
        done(nurse.post(flags, {"do": "flag", "kind": kind, "words": words}))
    hour = clock_of(stent.request, "ma.decide.poststabilization")
    assert (hour.started_at, hour.due_at) == (local("2026-11-22 11:00"), local("2026-11-22 12:00"))
    refer(nurse, stent, "A second lesion after the first stent; the team wants to go on.")
    at = on("2026-11-22 11:22")
    decision(
        physician, stent, "approve", from_decision="1", rationale="The second lesion needs its stent in this stay.",
        cited_authority="42 CFR 422.113(c)",
    )  # fmt: skip
    work(at)
    assert segment(stent).authorization.number
    assert Notice.objects.filter(case=stent.case, kind="information-request").count() == 0
    hour.refresh_from_db()
    assert (hour.state, (hour.stopped_at - hour.started_at).seconds // 60) == ("met", 22)

    # 11-25 the training is asked for; the plan gives half of it
    on("2026-11-25 16:05")
    training = by_telephone(
        desk, world, member, "2026-11-25 16:00", **people, **{"line1-code_system": CPT, "line1-code": TRAINING},
        **{"line1-units": "36", "line1-unit": "VS", "line1-first_day": "2026-12-01", "line1-last_day": "2027-03-31"},
        place="22",
    )  # fmt: skip
    refer(nurse, training, "36 sessions after the heart attack.")
    on("2026-11-27 10:00")
    open_all(physician, training)
    decision(
        physician, training, "deny", units="18", rationale=LESS, reason_class="not_medically_necessary",
        cited_authority="42 CFR 410.49(f)", **TALK,
        **{f"answer-{leaf}": "Not shown yet." for leaf in open_leaves(training)},
    )  # fmt: skip
    on("2026-11-27 10:05")
    training.refresh_from_db()
    assert (training.status, segment(training).units) == (LineStatus.PARTIALLY_APPROVED, 18)
    (less,) = story.letters(training, "partial-approval")
    assert LESS in less.html

    # the appeal: the hospital's cardiologist says that it cannot wait; 72 hours, and nobody may refuse the speed
    coordinator, first = browser(story.coordinator(world)), world.physician
    other = story.person(world, "cardiologist", Role.PEER_REVIEWER, ("cardiology",))
    on("2026-11-27 15:00")
    called = {
        "channel": "phone", "received_at": "2026-11-27T14:40", "proof": "Call 84", "filer": Filer.OUTSIDE_PROVIDER,
        "name": "Dr. Lea Amari", "issue": "He walks 400 metres with no pain.", "wants_speed": "on",
        "clinician_supports": "on",
    }  # fmt: skip
    done(coordinator.post(reverse("appeals:take_in", args=[training.public_id]), called))
    appeal = Appeal.objects.get(line=training)
    assert (appeal.state, appeal.speed, appeal.form) == (AppealState.OPEN, "granted", "")
    fast = clock_of(appeal.request, "ma.appeal.expedited")
    assert fast.due_at == local("2026-11-30 14:40")
    step(coordinator, appeal, "refuse_speed", reason="It can wait.", status=403)
    step(coordinator, appeal, "assign", reviewer=str(first.public_id), status=403)
    step(coordinator, appeal, "assign", reviewer=str(other.public_id))
    on("2026-11-28 09:00")
    reader = browser(other)
    for paper in training.case.attachments.filter(kind="document"):
        reader.post(reverse("appeals:open_document", args=[appeal.public_id, paper.public_id]))
    verdict = {
        "outcome": "overturned", "attests": "on", "cause_kind": "step",
        "rationale": "The exercise test was done; 36 sessions in 36 weeks are what the rule gives.",
        "cause_words": "The exercise test was in the hospital and nobody asked for it.",
    }  # fmt: skip
    done(reader.post(reverse("appeals:decide", args=[appeal.public_id]), verdict))
    on("2026-11-28 09:01")
    training.refresh_from_db()
    appeal.refresh_from_db()
    fast.refresh_from_db()
    assert (training.status, segment(training).units) == (LineStatus.APPROVED, 36)
    assert (appeal.outcome, fast.state) == ("overturned", "met")
    assert clock_of(appeal.request, "ma.effectuate.expedited").state == "met"
    earlier, now = Determination.objects.filter(line=training).order_by("decided_at")
    assert (earlier.outcome, now.supersedes) == (LineStatus.PARTIALLY_APPROVED, earlier)
    assert {letter.kind for letter in Notice.objects.filter(case=training.case, audience="member")} >= {
        "partial-approval", "appeal-acknowledgement", "appeal-overturned",
    }  # fmt: skip

    # 12-08 the claim has no number: an emergency wants none, and the examiner is told so
    on("2026-12-08 09:00")
    system = {"Authorization": "Bearer payer-token"}
    claim = {
        "member_number": member.member_number,
        "lines": [
            {"system": "CPT", "code": STENT, "service_date": "2026-11-21", "emergency": True},
            {"system": "CPT", "code": STENT, "service_date": "2026-11-23"},
        ],
    }  # fmt: skip
    register_client(name="claims system", plan=world.plan, token="payer-token", organization=None)
    told = desk.post(reverse("payer:claim-match"), claim, content_type="application/json", headers=system).json()
    assert [answer["fit"] for answer in told["answers"]] == ["not_wanted", "matches"]

    # 12-10 the review afterwards: appropriate, effective, timely. Never a no for want of an authorization or a network
    on("2026-12-10 09:00")
    leads = row(
        "C-88001", "no_authorization", person_id=member.member_number, payer="ma", day="2026-11-21", procedure=STENT,
        place="23", diagnosis="I21.02", amount="9200.00", evidence="no authorization on the claim",
    )  # fmt: skip
    upload = SimpleUploadedFile("leads.csv", file(leads))
    assert "1 new lead" in done(nurse.post("/claim-review/", {"plan": world.plan.key, "file": upload}), 200)
    path = reverse("retrospective:lead", args=[Lead.objects.get().public_id])
    done(nurse.post(path, {"step": "take", "received_at": "2026-12-08T09:00"}))
    line = ClaimLine.objects.get()
    act = reverse("retrospective:act", args=[line.public_id, "finding"])
    record = {"words": "There is no authorization for this stay.", "page": "1", **FINE}
    assert line.line.request.received_at == local("2026-12-08 09:00")
    assert "42 CFR 422.113(b)" in done(nurse.post(act, {"issue": "no_authorization", **record}), 403)
    open_all(physician, line.line)
    no = {"rationale": "The hospital is in no network of this plan.", "reason_class": "out_of_network", **TALK}
    refused = decision(
        physician, line.line, "deny", status=409, cited_authority="plan page 4", **no,
        **{"statement-prudent_layperson": "Chest pain with collapse would alarm anybody."},
    )  # fmt: skip
    assert "Write the finding" in refused  # and no such finding can be written
    done(
        physician.post(
            reverse("determination:approve", args=[line.line.public_id]),
            {
                "from_decision": "1",
                "rationale": "Appropriate, effective after the change, timely.",
                "cited_authority": "42 CFR 422.113(b)",
            },
        )
    )
    on("2026-12-10 09:05")
    line.line.refresh_from_db()
    assert line.line.status == LineStatus.APPROVED
    # what must not happen: a request for prior authorization, a denial for the network
    assert not InformationRequest.objects.filter(case__member=member).exclude(case=training.case).exists()
    assert not Determination.objects.filter(line__case__member=member, reason_class="out_of_network").exists()
    assert Authorization.objects.filter(line__case__member=member).count() == 3
    assert verify() == []
