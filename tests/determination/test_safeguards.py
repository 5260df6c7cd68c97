"""Protections on a real database: flags, statements, what was approved before, the machine ledger, parity, the rates."""

import csv
import io
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from openum.accounts.models import Membership
from openum.accounts.queries import scope_of, user_may
from openum.accounts.rules import ADVERSE_PERMISSIONS, MACHINE_PERMISSIONS, Permission, PermissionRefused
from openum.accounts.services import register_person
from openum.cases.models import AttachmentPage, ServiceLine
from openum.cases.queries import current_lines
from openum.cases.services import NewDocument, amend_line, attach, withdraw_line
from openum.criteria.models import EvidenceLink
from openum.criteria.services import confirm_link, record_finding, unlink_evidence
from openum.db import clock
from openum.determination.models import CaseFlag, Determination, MachineEntry, MachineReply, ParityComparison
from openum.determination.protecting import rows_for
from openum.determination.protections import (
    ApprovedBefore,
    CourtOrderStands,
    Law,
    LegalReason,
    ProofMissing,
    Protected,
)
from openum.determination.queries import open_leaves
from openum.determination.rules import ConflictOfInterest, GuardOpen
from openum.determination.safeguards import COLUMNS, months_of
from openum.determination.services import (
    approve_line,
    clear_flag,
    compare_parity,
    deny_line,
    flag_case,
    partially_approve_line,
    reopen_line,
)
from openum.determination.services.flags import FlagStands
from openum.directory.models import Coverage, Product
from openum.review.queries import documents_to_open
from openum.review.services import open_evidence, refer_to_physician
from openum.submission.incoming import IncomingDiagnosis, IncomingLine
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import Channel, FindingValue, LineOfBusiness, RequestKind, Role
from tests.world import CPT, ICD10, knee_request, member, note, send

pytestmark = pytest.mark.django_db
WHY = "The record shows seven weeks of therapy. The guideline asks for twelve weeks or a reason why not."
SAID = "The record of this person was read for exactly this question."


@pytest.fixture
def line(world, at):
    """A knee replacement with a note."""
    request = knee_request(world, at=at, evidence=(note("Visit", "Knee pain for a year. Walks one block."),))
    return current_lines(send(world, request, at=at).case)[0]


@pytest.fixture
def compliance(world):
    """The director, who clears court orders and watches the safeguards."""
    return register_person(
        email="director@example.test", name="Dara Director", password=None, roles=[(Role.DIRECTOR, world.plan, None)]
    )


def deny(world, line, at, **facts):
    for document in documents_to_open(line.case):
        open_evidence(attachment=document, by=world.physician, at=at)
    given = {"rationale": WHY, "node_answers": dict.fromkeys(open_leaves(line), "Not shown in the record."), **facts}
    return deny_line(line=line, by=world.physician, at=at, **given)


def browser_of(user):
    client = Client()
    client.force_login(user)
    return client


# --- court orders, emergencies, births


def test_a_court_order_holds_a_no_back_until_compliance_clears_it(world, line, at, compliance):
    flag = flag_case(
        case=line.case, kind=CaseFlag.COURT_ORDER, words="Order of the family court.", by=world.nurse, at=at
    )
    with pytest.raises(CourtOrderStands):
        deny(world, line, at)
    with pytest.raises(PermissionRefused, match="takes compliance"):
        clear_flag(case=line.case, kind=CaseFlag.COURT_ORDER, because="Read.", by=world.physician, at=at)
    with pytest.raises(Invalid, match="Say why"):
        clear_flag(case=line.case, kind=CaseFlag.COURT_ORDER, because=" ", by=compliance, at=at)
    clear_flag(case=line.case, kind=CaseFlag.COURT_ORDER, because="It speaks of another care.", by=compliance, at=at)
    flag.refresh_from_db()
    assert (flag.cleared_by, flag.cleared_because) == (compliance, "It speaks of another care.")
    assert deny(world, line, at).is_adverse


def test_a_court_order_known_of_the_member_is_cleared_for_the_case(world, line, at, compliance):
    line.case.member.has_court_order = True
    line.case.member.save()
    with pytest.raises(CourtOrderStands):
        deny(world, line, at)
    clear_flag(case=line.case, kind=CaseFlag.COURT_ORDER, because="It has ended.", by=compliance, at=at)
    with pytest.raises(FlagStands):
        clear_flag(case=line.case, kind=CaseFlag.COURT_ORDER, because="Again.", by=compliance, at=at)
    assert deny(world, line, at).is_adverse


def test_a_flag_needs_words_stands_once_and_a_birth_has_its_time(world, line, at):
    case = line.case
    with pytest.raises(Invalid, match="Say what is known"):
        flag_case(case=case, kind=CaseFlag.EMERGENCY, words=" ", by=world.nurse, at=at)
    for starts_at in (None, at + timedelta(minutes=1)):
        with pytest.raises(Invalid, match="cannot lie ahead"):
            flag_case(case=case, kind=CaseFlag.BIRTH, words="A girl.", starts_at=starts_at, by=world.nurse, at=at)
    flag_case(case=case, kind=CaseFlag.EMERGENCY, words="Chest pain.", by=world.nurse, at=at)
    with pytest.raises(FlagStands):
        flag_case(case=case, kind=CaseFlag.EMERGENCY, words="Again.", by=world.nurse, at=at)
    with pytest.raises(PermissionRefused):
        flag_case(case=case, kind=CaseFlag.COURT_ORDER, words="An order.", by=world.provider, at=at)
    with pytest.raises(IntegrityError), transaction.atomic():
        CaseFlag.objects.create(case=case, kind=CaseFlag.BIRTH, words="x", set_by=world.nurse, set_at=at)


def test_an_emergency_asks_for_the_symptoms_and_keeps_the_answer(world, line, at):
    flag_case(case=line.case, kind=CaseFlag.EMERGENCY, words="Chest pain for an hour.", by=world.nurse, at=at)
    with pytest.raises(Protected, match="no authorization and no network"):
        deny(world, line, at, reason_class="out_of_network")
    with pytest.raises(GuardOpen, match="prudent layperson"):
        deny(world, line, at)
    decision = deny(world, line, at, statements={"prudent_layperson": SAID})
    assert decision.statements == {"prudent_layperson": SAID}


def test_a_new_members_course_goes_on_for_ninety_days_and_no_longer(world, at):
    """42 CFR 422.112(b)(8); a child in an integrated plan is a child in Medicaid."""
    line = current_lines(send(world, knee_request(world, of=world.member, at=at), at=at).case)[0]
    refer_to_physician(line=line, summary="Therapy goes on.", by=world.nurse, at=at)
    Coverage.objects.filter(pk=line.case.coverage_id).update(valid_from=at.date() - timedelta(days=89))
    line.case.coverage.refresh_from_db()
    words = "Twelve sessions were begun under the earlier plan."
    flag_case(case=line.case, kind=CaseFlag.COURSE_OF_TREATMENT, words=words, by=world.nurse, at=at)
    given = {"conversation": "not_applicable", "conversation_reason": "Held before.", "cited_authority": "NCD 1"}
    with pytest.raises(Protected, match="at least 90 days"):
        deny(world, line, at, **given)
    assert deny(world, line, at + timedelta(days=1), **given).is_adverse
    product, on = line.case.product, at.date()
    assert Law.EARLY_TREATMENT not in rows_for(line, on=on)
    product.is_integrated_dsnp = True
    product.save()
    line = ServiceLine.objects.get(pk=line.pk)
    assert {Law.EARLY_TREATMENT, Law.BOTH_BENEFITS, Law.COURSE_OF_TREATMENT} <= set(rows_for(line, on=on))


def test_two_days_after_a_birth_are_not_reviewed(world, line, at):
    flag_case(case=line.case, kind=CaseFlag.BIRTH, words="A boy.", starts_at=at, by=world.nurse, at=at)
    with pytest.raises(Protected, match="first 48 hours"):
        deny(world, line, at + timedelta(hours=47))
    with pytest.raises(Protected, match="at least 2 days"):
        deny(world, line, at + timedelta(hours=49))


# --- children, two benefits, interests


def test_a_child_in_medicaid_is_judged_by_what_the_care_would_ease(world, at):
    medicaid = Product.objects.create(
        plan=world.plan, key="medicaid", name="Harbor Medicaid", line_of_business=LineOfBusiness.MEDICAID_MANAGED_CARE
    )
    child = member(medicaid, "K-1", "Kidd", "Kai")
    child.birth_date = date(at.year - 12, 1, 1)
    child.save()
    line = current_lines(send(world, knee_request(world, of=child, at=at), at=at).case)[0]
    cited = {"cited_authority": "SSA 1905(r)(5)"}
    with pytest.raises(Protected, match="under 21 no limit"):
        deny(world, line, at, reason_class="benefit_limit", **cited)
    with pytest.raises(GuardOpen, match="neither correct nor ease"):
        deny(world, line, at, **cited)
    decision = deny(world, line, at, statements={"early_treatment": SAID}, **cited)
    assert decision.statements == {"early_treatment": SAID}


def test_an_integrated_plan_judges_both_benefits_before_a_no(world, at):
    Product.objects.filter(pk=world.medicare.pk).update(is_integrated_dsnp=True)
    line = current_lines(send(world, knee_request(world, of=world.member, at=at), at=at).case)[0]
    talk = {"conversation": "not_applicable", "conversation_reason": "The practice has closed."}
    with pytest.raises(GuardOpen, match="neither the Medicare nor the Medicaid benefit"):
        deny(world, line, at, **talk)
    assert deny(world, line, at, statements={"both_benefits": SAID}, **talk).statements["both_benefits"] == SAID


def test_who_takes_part_in_the_request_says_no_no(world, line, at):
    world.physician.npi = world.surgeon_npi
    world.physician.save()
    with pytest.raises(ConflictOfInterest, match="Takes part in this request"):
        deny(world, line, at)
    world.physician.npi = ""
    world.physician.save()
    Membership.objects.create(user=world.physician, role=Role.PROVIDER_STAFF, organization=world.practice)
    with pytest.raises(ConflictOfInterest, match="Works for the practice"):
        deny(world, line, at)


# --- what was approved before


def in_part(world, line, at):
    for document in documents_to_open(line.case):
        open_evidence(attachment=document, by=world.physician, at=at)
    return partially_approve_line(
        line=line, units=Decimal("0.5"), by=world.physician, at=at, rationale=WHY,
        node_answers=dict.fromkeys(open_leaves(line), "Not shown in the record."),
    )  # fmt: skip


def test_the_approved_part_of_a_reopened_line_is_not_taken_back(world, line, at):
    in_part(world, line, at)
    reopen_line(line=line, reason="clerical error", explanation="A wrong date.", by=world.physician, at=at)
    line.refresh_from_db()
    with pytest.raises(ApprovedBefore, match="with proof"):
        deny(world, line, at)
    paper = str(documents_to_open(line.case)[0].public_id)
    fraud = LegalReason(
        ground="fraud_or_similar_fault", document=paper, words="The signature is not the surgeon's own."
    )
    with pytest.raises(ProofMissing, match="not part of this case"):
        deny(world, line, at, legal_reason=replace(fraud, document=str(line.public_id)))
    decision = deny(world, line, at, legal_reason=fraud)
    assert paper in decision.statements["approved_before"]
    assert "not the surgeon's own" in decision.statements["approved_before"]


def test_what_was_approved_before_the_service_is_not_denied_after_it(world, line, at):
    approve_line(line=line, by=world.physician, at=at, rationale="Approved on the whole record.")
    later = at + timedelta(days=60)
    first = line.service_from or at.date()
    request = replace(
        knee_request(world, at=later), kind=RequestKind.RETROSPECTIVE,
        lines=(IncomingLine(sequence=1, code_system=CPT, code="27447", modifiers=("RT",), units=Decimal(1), unit="UN",
                            first_day=first),),
    )  # fmt: skip
    after = current_lines(send(world, request, at=later).case)[0]
    with pytest.raises(ApprovedBefore):
        deny(world, after, later)
    other = replace(request, lines=(replace(request.lines[0], first_day=first - timedelta(days=400)),), raw=b"{}",
                    canonical_digest="another")  # fmt: skip
    assert deny(world, current_lines(send(world, other, at=later).case)[0], later).is_adverse


# --- software


@pytest.mark.parametrize("permission", Permission)
def test_no_machine_holds_an_adverse_verb_whatever_role_it_is_given(permission):
    assert not (permission in MACHINE_PERMISSIONS and permission in ADVERSE_PERMISSIONS)
    assert "deny" not in permission
    assert "close" not in permission or permission in ADVERSE_PERMISSIONS


@pytest.mark.parametrize("role", Role)
def test_a_machine_with_a_persons_role_stays_a_machine(world, role):
    for machine in (world.engine, world.client.user):
        Membership.objects.create(user=machine, role=role, plan=world.plan)
        fresh = type(machine).objects.get(pk=machine.pk)
        assert scope_of(fresh).permissions <= MACHINE_PERMISSIONS
        assert not any(user_may(fresh, permission) for permission in ADVERSE_PERMISSIONS)


def test_the_ledger_keeps_what_the_rule_said_and_what_people_did(world, line, at):
    entry = MachineEntry.objects.get(line=line, output__has_key="finding")
    assert (entry.kind, entry.name, entry.output) == ("rule", "KNEE-ARTH v2026.2", {"finding": "unknown"})
    assert len(entry.input["digest"]) == 64
    assert entry.version
    leaf = open_leaves(line)[0]
    record_finding(line=line, leaf=leaf, value=FindingValue.NOT_MET, note="Not in the record.", by=world.nurse, at=at)
    facts = {"line": line, "leaf": leaf, "linked_by": world.engine, "linked_at": at, "is_machine": True}
    kept, closed = (EvidenceLink.objects.create(resource_key=f"Condition/{each}", **facts) for each in "ab")
    confirm_link(link=kept, by=world.nurse, at=at)
    unlink_evidence(link=closed, by=world.nurse, at=at)
    deny(world, line, at)
    replies = list(MachineReply.objects.filter(entry=entry).order_by("pk"))
    assert [(reply.did, reply.by, reply.is_followed) for reply in replies] == [
        (f"{leaf}: not_met", world.nurse, False),
        (f"{leaf}: confirmed the place that was proposed", world.nurse, True),
        (f"{leaf}: closed the place that was proposed", world.nurse, False),
        ("denied", world.physician, True),
    ]  # fmt: skip
    asked = MachineEntry.objects.get(case=line.case, output__has_key="asked")
    assert asked.output["asked"]
    assert all(item["criterion"] for item in asked.output["asked"])


def test_recognized_text_is_a_suggestion_of_a_machine_too(world, line, at, monkeypatch):
    from openum.cases.services import documents

    monkeypatch.setattr(documents, "text_layer", lambda _document: [(1, "Seven weeks", "ocr tesseract 5.3")])
    attach(case=line.case, request=None, documents=[NewDocument(title="Scan", content=b"II*", content_type="image/tiff")],
           channel=Channel.FAX, by=world.nurse, at=at)  # fmt: skip
    entry = MachineEntry.objects.get(case=line.case, kind="ocr")
    assert (entry.name, entry.output) == ("ocr tesseract 5.3", {"pages": [{"page": 1, "characters": 11}]})
    assert AttachmentPage.objects.filter(origin="ocr tesseract 5.3").count() == 1


# --- parity and the rates


def test_a_line_is_classed_for_parity_by_its_first_diagnosis_and_place(world, at):
    request = knee_request(world, at=at, diagnoses=(IncomingDiagnosis(sequence=1, system=ICD10, code="F32.1"),))
    request = replace(request, lines=(replace(request.lines[0], diagnosis_sequences=(1,), place="21"),))
    line = current_lines(send(world, request, at=at).case)[0]
    assert (line.service_class, line.parity_benefit_class) == ("mental_health", "inpatient_in_network")


def test_a_comparison_is_kept_as_it_was_made(world, line, at, compliance):
    deny(world, line, at + timedelta(hours=5))
    day = at.date()
    with pytest.raises(Invalid):
        compare_parity(plan=world.plan, first_day=day, after_day=day, by=compliance, at=at)
    with pytest.raises(PermissionRefused):
        compare_parity(plan=world.plan, first_day=day, after_day=day + timedelta(days=1), by=world.nurse, at=at)
    kept = compare_parity(plan=world.plan, first_day=day, after_day=day + timedelta(days=1), by=compliance, at=at)
    mental, medical = kept.figures
    assert (mental["lines"], mental["refused"], medical["lines"]) == (0, None, 1)
    assert (medical["refused"], medical["reviewed"], medical["median_hours"]) == (1.0, 1.0, 5.0)
    assert medical["benefit_class"] == "outpatient_in_network"


def test_the_requesters_own_acts_are_counted_by_month(world, line, at):
    amend_line(line=line, changes={"requested_units": Decimal(3)}, reason="Two knees.", requested_by="Sam Surgeon",
               channel=Channel.PHONE, by=world.provider, at=at)  # fmt: skip
    other = current_lines(send(world, knee_request(world, at=at), at=at).case)[0]
    withdraw_line(
        line=other, reason="Not now.", requested_by="Sam Surgeon", channel=Channel.PHONE, by=world.provider, at=at
    )
    month = months_of([world.plan], at=at)[0]
    assert (month.lines, month.withdrawn, month.amended, month.exchanged) == (2, 1, 1, 0)
    assert month.shares[0] == (1, "50.0%")
    assert months_of([], at=at) == []


# --- pages


def test_flags_are_set_and_cleared_on_their_page_and_shown_on_the_case(world, line, at, compliance):
    clock.set_demo_clock(at + timedelta(hours=1))
    page = f"/cases/{line.case.public_id}/flags/"
    nurse = browser_of(world.nurse)
    fields = {"do": "flag", "kind": "birth", "words": "A girl, by section.", "starts_at": "", "is_caesarean": "on"}
    refused = nurse.post(page, fields)
    assert refused.status_code == 422
    assert "cannot lie ahead" in refused.content.decode()
    local = at.astimezone().strftime("%Y-%m-%dT") + "08:00"
    assert nurse.post(page, {**fields, "starts_at": local}).status_code == 302
    assert nurse.post(page, {**fields, "kind": "court_order"}).status_code == 302
    shown = nurse.get(f"/cases/{line.case.public_id}/").content.decode()
    assert "No review before" in shown
    assert "Court order" in shown
    assert "Set or clear a flag" in shown
    assert "Only compliance clears" in nurse.get(page).content.decode()
    assert nurse.post(page, {"do": "clear", "kind": "court_order", "because": "x"}).status_code == 403
    assert (
        browser_of(compliance).post(page, {"do": "clear", "kind": "court_order", "because": "Read."}).status_code == 302
    )
    assert browser_of(world.provider).get(page).status_code == 403


def test_a_physician_answers_the_law_and_names_the_ground_on_the_decision_page(world, line, at):
    clock.set_demo_clock(at + timedelta(hours=3))
    flag_case(case=line.case, kind=CaseFlag.EMERGENCY, words="Chest pain.", by=world.nurse, at=at)
    in_part_fields = {"rationale": WHY, "reason_class": "not_medically_necessary", "evidence": "", "conversation": ""}
    answers = {f"answer-{leaf}": "Not shown in the record." for leaf in open_leaves(line)}
    physician = browser_of(world.physician)
    for document in documents_to_open(line.case):
        open_evidence(attachment=document, by=world.physician, at=at)
    address = f"/decisions/{line.public_id}/deny/"
    assert physician.post(address, {**in_part_fields, **answers, "units": "0.5"}).status_code == 409
    said = {"statement-prudent_layperson": SAID}
    assert physician.post(address, {**in_part_fields, **answers, **said, "units": "0.5"}).status_code == 302
    reopen_line(line=line, reason="clerical error", explanation="A wrong date.", by=world.physician, at=at)
    shown = physician.get(f"/decisions/{line.public_id}/").content.decode()
    assert "Only a ground of law with its proof" in shown
    assert 'name="statement-prudent_layperson"' in shown
    refused = physician.post(address, {**in_part_fields, **answers, **said})
    assert refused.status_code == 409
    assert "with proof" in refused.content.decode()
    proof = {"ground": "fraud_or_similar_fault", "proof": str(documents_to_open(line.case)[0].public_id),
             "proof_words": "The signature is not the surgeon's own."}  # fmt: skip
    assert physician.post(address, {**in_part_fields, **answers, **said, **proof}).status_code == 302
    assert "approved_before" in Determination.objects.get(line=line, outcome="denied").statements


def test_the_machine_ledger_is_read_and_exported_within_the_readers_plans(world, line, at, compliance):
    clock.set_demo_clock(at + timedelta(hours=1))
    deny(world, line, at)
    director = browser_of(compliance)
    shown = director.get("/machines/").content.decode()
    assert line.case.number in shown
    assert "KNEE-ARTH v2026.2" in shown
    assert "Tex. Ins. Code 4201.156" in shown
    for address in ("/machines.csv", f"/cases/{line.case.public_id}/machines.csv"):
        rows = list(csv.reader(io.StringIO(director.get(address).content.decode())))
        assert rows[0] == list(COLUMNS)
        assert ["denied", "yes"] in [row[9:11] for row in rows]
    assert "KNEE-ARTH v2026.2" in director.get(f"/cases/{line.case.public_id}/").content.decode()
    assert browser_of(world.nurse).get("/machines/").status_code == 403
    elsewhere = register_person(
        email="other@example.test", name="Olga Other", password=None, roles=[(Role.DIRECTOR, world.sandbox, None)]
    )
    assert line.case.number not in browser_of(elsewhere).get("/machines.csv").content.decode()
    assert browser_of(elsewhere).get(f"/cases/{line.case.public_id}/machines.csv").status_code == 404


def test_the_safeguards_page_compares_and_keeps(world, line, at, compliance):
    clock.set_demo_clock(at + timedelta(hours=1))
    director = browser_of(compliance)
    assert "No comparison was made yet" in director.get("/safeguards/").content.decode()
    fields = {"plan": world.plan.pk, "first_day": "2026-11-30", "last_day": "2026-11-01"}
    assert director.post("/safeguards/", fields).status_code == 422
    assert (
        director.post("/safeguards/", {**fields, "first_day": "2026-11-01", "last_day": "2026-11-30"}).status_code
        == 302
    )
    assert ParityComparison.objects.get().figures[1]["lines"] == ServiceLine.objects.filter(case=line.case).count()
    assert "Mental health and substance use" in director.get("/safeguards/").content.decode()
    assert director.post("/safeguards/", {**fields, "plan": world.sandbox.pk}).status_code == 422


@pytest.mark.parametrize(("language", "words"), [("en", "It never says no."), ("es", "Nunca dicen que no.")])
def test_anybody_reads_how_software_takes_part(world, at, language, words):
    clock.set_demo_clock(at)
    page = Client(headers={"Accept-Language": language}).get("/automation/").content.decode()
    assert words in page
    assert "Cal. HSC 1367.01(k)" in page
    assert "45 CFR 92.210" in page
