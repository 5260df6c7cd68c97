"""The loaded world: earlier cases are whole, people see what is theirs, and each client does what it may."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import orjson
import pytest
from django.test import Client
from django.urls import reverse

from openum.accounts.models import Plan, User
from openum.audit.models import EventRow
from openum.audit.verification import verify
from openum.cases.models import Case, Request, ServiceLine
from openum.cases.queries import cases_listed_to, cases_visible_to
from openum.cases.timeline import timeline_of
from openum.clocks.models import Clock
from openum.clocks.queries import clocks_of, replay
from openum.criteria.models import EvidenceMap
from openum.determination.models import Authorization, Determination
from openum.directory.models import Member, Practitioner
from openum.jobs.models import Job
from openum.notices.models import Notice
from openum.review.models import PeerToPeer
from openum.submission.models import Submission
from openum.vocabulary.identifiers import npi_is_valid
from samples import demo, named
from samples.bundles import LumbarRequest, lumbar_mri_bundle
from samples.numbers import npi
from tests.samples.conftest import AT, SMALL

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]


def post(token, bundle, version="2.0"):
    return Client().post(
        f"/fhir/{version}/Claim/$submit", orjson.dumps(bundle), content_type="application/fhir+json",
        headers={"authorization": f"Bearer {token}"},
    )  # fmt: skip


def response_of(answer):
    return next(
        entry["resource"] for entry in answer.json()["entry"] if entry["resource"]["resourceType"] == "ClaimResponse"
    )


def action(answer):
    text = orjson.dumps(response_of(answer)).decode()
    return next(code for code in ("A1", "A2", "A3", "A4") if f'"{code}"' in text)


def earlier_cases():
    return list(Case.objects.filter(plan__key="lumen-harbor", is_open=False).order_by("pk"))


def test_every_provider_number_is_invented_and_passes_its_check_digit():
    numbers = list(Practitioner.objects.filter(plan__key="lumen-harbor").values_list("npi", flat=True))
    assert len(numbers) == len(set(numbers)) > 50
    assert all(number.startswith("9") and npi_is_valid(number) for number in numbers)


def test_the_plan_has_its_four_products_and_every_member_a_coverage():
    products = Plan.objects.get(key="lumen-harbor").products
    assert sorted(products.values_list("line_of_business", flat=True)) == [
        "commercial_state", "erisa_group", "medicaid_managed_care", "medicare_advantage",
    ]  # fmt: skip
    assert products.get(line_of_business="medicare_advantage").contract == "H9999-001"
    assert not Member.objects.filter(plan__key="lumen-harbor", coverages__isnull=True).exists()


def test_any_earlier_case_opens_with_findings_clocks_letters_and_timeline():
    auditor = User.objects.get(email="henrik.voss@lumen-harbor.example")
    picked = Random(4).sample(earlier_cases(), 20)
    for case in picked:
        line = case.lines.order_by("pk").first()
        assert EvidenceMap.objects.filter(line=line).exists(), case.number
        clocks = clocks_of(case)
        assert clocks, case.number
        assert [clock.pk for clock, reading in replay(case, AT) if reading.steps], case.number
        assert timeline_of(case), case.number
        if line.determinations.exists():
            assert Notice.objects.filter(case=case, audience="member", state="sent").exists(), case.number
            assert Notice.objects.filter(case=case, audience="provider", state="sent").exists(), case.number
    browser = Client()
    browser.force_login(auditor)
    for case in picked:
        assert browser.get(f"/cases/{case.public_id}/").status_code == 200, case.number


def test_the_audit_trail_is_whole():
    assert EventRow.objects.count() > 1000
    assert verify() == []


def test_no_step_of_the_past_lies_after_the_present():
    assert Request.objects.filter(received_at__gt=AT).count() == 0
    assert Determination.objects.filter(decided_at__gt=AT).count() == 0
    assert EventRow.objects.filter(at__gt=AT + timedelta(seconds=5)).count() == 0


def test_every_job_of_the_past_was_done():
    """What recurs is put in place by the worker, not by the load."""
    waiting = Job.objects.exclude(state="done").values_list("kind", "state", "last_error", "run_at")
    assert sorted(row for row in waiting if row[3] <= AT) == []
    assert {kind for kind, *_ in waiting} <= {"clocks.escalate"}
    to_hand_over = Notice.objects.filter(handing__handed_at__isnull=True, handing__isnull=False)
    assert not Notice.objects.exclude(state="sent").exclude(pk__in=to_hand_over).exists()


def test_software_only_approved_and_every_no_is_a_persons_with_a_licence_and_its_guards():
    adverse = Determination.objects.filter(is_adverse=True, line__case__plan__key="lumen-harbor")
    assert adverse.exists()
    for decision in adverse.select_related("decided_by"):
        assert decision.decided_by.kind == "person"
        assert "physician" in decision.licence
        assert decision.evidence_guard in {"done", "none_exists"}
        assert decision.conversation_guard
        assert decision.guideline_id or decision.cited_authority
    machine = Determination.objects.filter(decided_by_machine=True)
    assert set(machine.values_list("outcome", flat=True)) == {"approved"}
    assert all(machine.values_list("approval_rule", flat=True))


def test_today_has_open_work_of_every_kind():
    lines = ServiceLine.objects.filter(case__plan__key="lumen-harbor")
    for status in ("pended_with_payer", "pended_with_provider", "pended_with_physician", "approved", "denied"):
        assert lines.filter(status=status).count() >= 3, status
    assert PeerToPeer.objects.filter(state="booked", slot__starts_at__gt=AT).count() == 2
    messages = Submission.objects.filter(plan__key="lumen-harbor")
    waiting = messages.filter(state="waiting")
    assert {problem["code"] for one in waiting for problem in one.problems} == {
        "member-not-found", "member-mismatch", "coverage-inactive", "provider-not-found",
    }  # fmt: skip
    assert messages.filter(state="refused").count() == 1
    lapsed = Clock.objects.filter(case__plan__key="lumen-harbor", lapsed_at__isnull=False)
    assert lapsed.filter(stopped_at__isnull=True).exists()


def test_the_two_members_of_the_tour_have_no_request_that_the_tour_makes():
    assert not Case.objects.filter(member__member_number=named.MENSAH_OSEI.number).exists()
    rosa = Case.objects.get(member__member_number=named.ROSA_ALVAREZ.number)
    assert rosa.lines.get().code == "73721"
    assert not rosa.is_open


def test_each_persona_signs_in_with_the_password_of_the_list(world):
    assert set(world.logins) == {
        "provider_staff", "intake", "nurse", "medical_director", "orthopaedist", "appeals", "case_manager",
        "pharmacist", "director", "auditor", "integrator", "member", "privacy_officer", "claims_examiner", "service_representative",
        "guest_auditor",
    }  # fmt: skip
    for login in world.logins.values():
        browser = Client()
        answer = browser.post("/sign-in/", {"username": login["email"], "password": login["password"]})
        assert answer.status_code == 302, login["persona"]
        assert browser.get("/", follow=True).status_code == 200, login["persona"]


def test_each_persona_sees_the_cases_that_are_theirs_and_nothing_else(world):
    lumen = Case.objects.filter(plan__key="lumen-harbor").count()
    sealed = Case.objects.filter(plan__key="lumen-harbor").exclude(sealed_as="").count()
    for persona in ("nurse", "medical_director", "orthopaedist"):
        assert cases_visible_to(world.user(persona)).filter(plan__key="lumen-harbor").count() == lumen, persona
    for persona in ("intake", "director", "auditor"):
        seen = cases_visible_to(world.user(persona)).filter(plan__key="lumen-harbor")
        assert seen.count() == lumen - sealed, persona
        assert cases_listed_to(world.user(persona)).filter(plan__key="lumen-harbor").count() == lumen, persona
    office = cases_visible_to(world.user("provider_staff"))
    assert set(office.values_list("organization__name", flat=True)) == {"Bayline Ortho"}
    assert 0 < office.count() < lumen
    own = cases_visible_to(world.user("member"))
    assert set(own.values_list("member__member_number", flat=True)) == {named.ROSA_ALVAREZ.number}
    assert cases_visible_to(world.user("integrator")).count() == 0
    stranger = Case.objects.exclude(organization__name="Bayline Ortho").exclude(
        member__member_number=named.ROSA_ALVAREZ.number
    ).first()  # fmt: skip
    for persona in ("provider_staff", "member", "integrator"):
        browser = Client()
        browser.force_login(world.user(persona))
        assert browser.get(f"/cases/{stranger.public_id}/").status_code in {403, 404}, persona


@pytest.mark.parametrize(
    ("persona", "pages"),
    [
        ("intake", ["intake:submissions", "submission:capture", "cases:find"]),
        ("nurse", ["review:worklist", "cases:find"]),
        ("medical_director", ["determination:worklist", "review:conversations", "sandbox:home"]),
        ("orthopaedist", ["determination:worklist", "review:conversations"]),
        ("provider_staff", ["determination:board"]),
        ("member", ["determination:my_requests"]),
        ("director", ["cases:find"]),
        ("auditor", ["cases:find"]),
    ],
)
def test_the_places_of_each_persona_show_the_world(world, persona, pages):
    browser = Client()
    browser.force_login(world.user(persona))
    for page in pages:
        assert browser.get(reverse(page)).status_code == 200, page


@pytest.mark.parametrize(("version", "guide"), [("2.0", "2.0.1"), ("2.2", "2.2.1")])
def test_the_lumbar_request_of_the_tour_is_approved_in_one_pass(world, version, guide):
    answer = post(world.lumen_token(), lumbar_mri_bundle(version=guide), version)
    assert answer.status_code == 200
    assert action(answer) == "A1"
    case = Case.objects.get(member__member_number=named.MENSAH_OSEI.number)
    decision = Determination.objects.get(line__case=case)
    assert (decision.outcome, decision.decided_by_machine, decision.approval_rule.key) == ("approved", True, "AA-014")
    segment = Authorization.objects.get(case=case).segments.get()
    assert (segment.units, segment.valid_from) == (1, date(2026, 11, 23))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_same_story_of_another_member_in_another_order_is_approved_as_well(world, seed):
    member = (
        Member.objects.filter(
            coverages__product__key="kestrel-tools", coverages__valid_to__isnull=True, birth_date__lt=date(1990, 1, 1)
        )
        .exclude(cases__isnull=False)
        .order_by("pk")[seed]
    )
    story = LumbarRequest(
        member_number=member.member_number, given=member.given_name, family=member.family_name, born=member.birth_date,
        sex=member.sex, identifier=f"T-{seed}", diagnosis=("M54.17", "M51.16", "M54.16")[seed - 1], shuffle=seed,
        pain_since=date(2026, 8, 3), therapy=(date(2026, 8, 20), date(2026, 10, 15)), planned_step="surgical-referral",
        examined_on=date(2026, 11, 2 + seed),
    )  # fmt: skip
    assert action(post(world.lumen_token(), lumbar_mri_bundle(story))) == "A1"


@pytest.mark.parametrize("missing", ["examination", "mri-answer", "step-answer"])
def test_a_fact_that_is_missing_keeps_the_request_from_being_approved(world, missing):
    left_out = {missing, "form"} if missing == "examination" else {missing}
    answer = post(world.lumen_token(), lumbar_mri_bundle(LumbarRequest(leave_out=frozenset(left_out))))
    assert action(answer) == "A4"


def test_the_plan_s_own_client_never_enrols_anybody(world):
    before = Member.objects.count()
    answer = post(world.lumen_token(), lumbar_mri_bundle(LumbarRequest(member_number="LHM-9999999", family="Nobody")))
    assert answer.status_code == 200
    assert response_of(answer)["outcome"] == "error"
    assert Member.objects.count() == before
    assert not Case.objects.filter(member__family_name="Nobody").exists()


def test_the_sandbox_client_enrols_an_unknown_person_at_first_sight(world):
    story = LumbarRequest(member_number="ANY-1", family="Anybody", orderer=npi(900000999), identifier="SB-1")
    answer = post(world.token, lumbar_mri_bundle(story))
    assert answer.status_code == 200
    member = Member.objects.get(plan__key="lumen-sandbox", member_number="ANY-1")
    assert Case.objects.get(member=member).is_sandbox


def test_loading_again_changes_nothing_but_the_tokens(world, tmp_path):
    counts = [model.objects.count() for model in (User, Member, Case, EventRow, Notice)]
    again = demo.load(tmp_path, at=AT, progress=print, size=SMALL)
    assert [model.objects.count() for model in (User, Member, Case, EventRow, Notice)] == counts
    assert {each["persona"] for each in again["logins"]} == set(world.logins)
    assert again["token"] != world.token
    assert post(world.token, lumbar_mri_bundle()).status_code == 401
    assert post(again["token"], lumbar_mri_bundle(replace(LumbarRequest(), identifier="SB-2"))).status_code == 200
