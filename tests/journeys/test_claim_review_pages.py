"""D5 through the doors that people use: the file of leads, records, findings, the practice's answers, the physician's end."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from openum.audit.verification import verify
from openum.cases.models import Attachment, InformationRequest, ServiceLine
from openum.cases.rules import OPEN_STATUSES
from openum.clocks.models import Clock
from openum.db import clock
from openum.determination.models import AuthorizationSegment, Determination
from openum.determination.services import approve_line
from openum.jobs import run_due
from openum.notices.models import Notice
from openum.retrospective.models import ClaimFinding, ClaimLine, Lead
from openum.submission.incoming import IncomingLine
from openum.vocabulary.terms import ClockPurpose
from tests.retrospective.story import file, row
from tests.world import CPT, knee_request, send

pytestmark = pytest.mark.django_db
EAST = ZoneInfo("America/New_York")
VISIT, TWIN, THERAPY, STAY = CLAIMS = ("C-77103", "C-77188", "C-77260", "C-77301")
DUE = datetime(2026, 12, 27, 23, 59, 59, tzinfo=EAST)
FINE = dict.fromkeys(("appropriate", "effective", "timely", "setting"), "yes")


def on(month, day, hour=10):
    """Let it be that hour; the jobs of the time before have run."""
    at = datetime(2026, month, day, hour, tzinfo=EAST).astimezone(UTC)
    clock.set_demo_clock(at)
    run_due(at, 200)
    return at


def desk(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def line_of(claim):
    return ClaimLine.objects.select_related("line__case", "line__request").get(claim_id=claim)


def page_of(who, claim):
    return who.get(reverse("retrospective:claim", args=[line_of(claim).public_id])).text


def step(who, claim, name, *, status=302, **typed):
    answer = who.post(reverse("retrospective:act", args=[line_of(claim).public_id, name]), typed)
    assert answer.status_code == status, (answer.status_code, answer.text.partition("<h1>")[2][:900])
    return answer.text


def record_of(claim):
    return str(
        Attachment.objects.filter(case=line_of(claim).line.case, kind=Attachment.DOCUMENT).latest("pk").public_id
    )


def find(who, claim, issue, words, **typed):
    step(who, claim, "finding", issue=issue, words=words, document=record_of(claim), page="1", **FINE, **typed)
    step(who, claim, "send")
    return ClaimFinding.objects.filter(claim_line=line_of(claim)).latest("version")


def due(claim):
    return Clock.objects.get(request=line_of(claim).line.request, purpose=ClockPurpose.DECIDE, binds=True).due_at


def approved_before(world):
    """Twelve visits of therapy, approved in September."""
    visits = IncomingLine(
        sequence=1, code_system=CPT, code="97110", units=Decimal(12), unit="VS", first_day=date(2026, 9, 1),
        last_day=date(2026, 10, 31), provider_keys=("p2",),
    )  # fmt: skip
    at = on(9, 1)
    line = send(world, knee_request(world, of=world.erisa_member, at=at, lines=(visits,)), at=at).case.lines.get()
    approve_line(
        line=line, rationale="As asked.", cited_authority="plan page 12", by=world.physician, at=at + timedelta(days=1)
    )


def leads_of(npi):
    return file(
        row(VISIT, "upcoding", provider=npi, amount="110.00"),
        row(TWIN, "duplicate", provider=npi, evidence=f"claim {VISIT}"),
        row(
            THERAPY, "no_authorization", provider=npi, day="2026-10-20", procedure="97110", quantity="8",
            evidence="units 14 of 12", amount="260.00",
        ),
        row(
            STAY, "drg_validation", provider=npi, day="2026-10-16", procedure="", drg="871", place="21", diagnosis="A41.9",
            amount="6100.00",
        ),
    )  # fmt: skip


def late_request(office, world):
    """Ask in the portal for the two visits that no authorization covers, page by page."""
    member = world.erisa_member
    typed = {
        "member_number": member.member_number, "family_name": member.family_name, "birth_date": member.birth_date.isoformat(),
        "plan": str(world.plan.public_id), "line_count": "1", "line1-code_system": CPT, "line1-code": "97110",
        "line1-units": "2", "line1-unit": "VS", "line1-first_day": "2026-10-19", "line1-last_day": "2026-10-20",
        "diagnosis1": "M54.50", "ordering_npi": world.surgeon_npi, "place": "11", "urgency": "standard",
    }  # fmt: skip
    begun = office.post("/requests/new/").headers["Location"].removesuffix("patient/")
    for page in ("patient", "service", "reason", "people", "urgency", "check"):
        answer = office.post(f"{begun}{page}/", typed)
        assert answer.status_code == 302, (page, answer.text.partition("<h1")[2][:900])
    line = ServiceLine.objects.select_related("case", "request").latest("pk")
    assert line.code == "97110"
    return line


def test_records_that_come_after_their_time_are_taken_and_give_the_plan_no_more_time(world):
    nurse, office = desk(world.nurse), desk(world.provider)
    on(11, 6)
    content = SimpleUploadedFile("leads.csv", file(row(VISIT, "upcoding", provider=world.practice.npi)))
    nurse.post("/claim-review/", {"plan": world.plan.key, "file": content})
    path = reverse("retrospective:lead", args=[Lead.objects.get().public_id])
    assert nurse.post(path, {"step": "take", "received_at": "2026-11-05T09:00"}).status_code == 302
    on(11, 9)
    asked = {"textx1": "The record of this service.", "kindx1": "other", "message": ""}
    assert nurse.post(reverse("review:ask", args=[line_of(VISIT).line.public_id]), asked).status_code == 302
    question = InformationRequest.objects.get()
    assert question.respond_by == datetime(2026, 12, 24, 23, 59, 59, tzinfo=EAST)
    # 30 days from 11-05, 15 more by the notice of 11-09, and the 45 days that the practice had
    most = datetime(2027, 2, 3, 23, 59, 59, tzinfo=EAST)
    on(12, 29)
    answer = office.post(
        reverse("review:respond", args=[question.public_id]),
        {
            "item": [str(item.public_id) for item in question.items.all()], "document_kind": "other",
            "file": SimpleUploadedFile("record.txt", b"Supports 99213.", "text/plain"),
        },
    )  # fmt: skip
    assert answer.status_code == 302
    assert due(VISIT) == most
    assert "record.txt" in page_of(nurse, VISIT)
    found = find(nurse, VISIT, "coding", "The visit note supports 99213.", documented_code="99213", amount="110")
    assert found.sent_at is not None


def test_four_claims_from_the_file_to_their_ends(world):
    approved_before(world)
    nurse, office, physician, intake = (
        desk(user) for user in (world.nurse, world.provider, world.physician, world.intake)
    )

    # 1) the file of leads is loaded on the page; each lead becomes a case
    on(11, 6)
    content = SimpleUploadedFile("leads.csv", leads_of(world.practice.npi))
    assert "4 new leads" in nurse.post("/claim-review/", {"plan": world.plan.key, "file": content}).text
    for lead in Lead.objects.order_by("claim_id"):
        path = reverse("retrospective:lead", args=[lead.public_id])
        assert lead.evidence in nurse.get(path).text
        assert nurse.post(path, {"step": "take", "received_at": "2026-11-05T09:00"}).status_code == 302

    # 2) 11-09 records are asked for, and one payment is held
    on(11, 9)
    step(nurse, TWIN, "hold", because=f"Looks like {VISIT}.")
    for claim in CLAIMS:
        asked = {"textx1": "The record of this service.", "kindx1": "other", "message": ""}
        assert nurse.post(reverse("review:ask", args=[line_of(claim).line.public_id]), asked).status_code == 302

    # 3) 11-16 the practice sends them in its portal; the time was tolled for a week and extended
    on(11, 16)
    for claim in CLAIMS:
        question = InformationRequest.objects.get(case=line_of(claim).line.case)
        paper = SimpleUploadedFile("record.txt", b"Supports 99213. 38 timed minutes. Lactate 1.4.", "text/plain")
        items = [str(item.public_id) for item in question.items.all()]
        answer = office.post(
            reverse("review:respond", args=[question.public_id]),
            {"item": items, "file": paper, "document_kind": "other"},
        )
        assert answer.status_code == 302, answer.text[:2000]
        assert due(claim) == DUE

    # must not happen: a judgement about the need for what holds an approval
    judged = {**FINE, "issue": "necessity", "words": "The therapy was not needed for this person.", "page": "1"}
    refused = step(nurse, THERAPY, "finding", status=409, document=record_of(THERAPY), **judged)
    assert "approved" in refused.partition("<h1>")[2]
    assert not ClaimFinding.objects.exists()

    # 4) 11-19 findings go out
    on(11, 19)
    visit = find(nurse, VISIT, "coding", "The visit note supports 99213.", documented_code="99213", amount="110")
    find(nurse, TWIN, "duplicate", f"The same visit stands on claim {VISIT}.", amount="180")
    therapy = find(
        nurse, THERAPY, "units", "38 timed minutes are 3 units; visits 13 and 14 have no authorization.",
        documented_units="3", amount="162.50", offers_late_request="on",
    )  # fmt: skip
    stay = find(
        nurse,
        STAY,
        "grouping",
        "No organ failed; neither A41.9 nor J96.01 stands.",
        documented_code="194",
        amount="6100",
    )

    # 7) visits 13 and 14: the finding leads the practice to a late request, which waits beside the claim
    assert 'href="/requests/new/"' in office.get(reverse("retrospective:reply", args=[therapy.public_id])).text
    late = late_request(office, world)
    assert (late.request.timing, late.requested_units) == ("retrospective", Decimal(2))
    own = Clock.objects.get(request=late.request, purpose=ClockPurpose.DECIDE, binds=True)
    assert own.due_at == datetime(2026, 12, 19, 23, 59, 59, tzinfo=EAST)

    # 5) the practice agrees with one and rebuts another, with a paper
    on(11, 25)
    says = {"answer": "agrees", "words": "We agree to 99213.", "said_by": "Office manager"}
    assert office.post(reverse("retrospective:reply", args=[visit.public_id]), says).status_code == 302
    gas = SimpleUploadedFile("gas.txt", b"Arterial PaO2 58 on room air.", "text/plain")
    says = {"answer": "against", "words": "Arterial PaO2 was 58 on room air.", "said_by": "Coder", "file": gas}
    assert office.post(reverse("retrospective:reply", args=[stay.public_id]), says).status_code == 302

    # 6) nothing is decided over an open rebuttal; the physician accepts it, and the finding is revised
    on(11, 30)
    signed = {
        "cited_authority": "plan payment policy, coding section 4", "evidence_reason": "Read on paper.",
        "conversation_reason": "A question of billing, answered in writing.",
    }  # fmt: skip
    told = {"code": "193", "rationale": "Respiratory failure stands; sepsis is not shown by the record.", **signed}
    assert "Answer the rebuttal" in step(physician, STAY, "adjust", status=409, **told)
    step(physician, STAY, "settle", is_accepted="yes", answer="PaO2 58 shows respiratory failure: J96.01 stands.")
    assert "The plan accepted your answer" in office.get(reverse("retrospective:reply", args=[stay.public_id])).text
    find(physician, STAY, "grouping", "J96.01 stands; A41.9 does not. DRG 193.", documented_code="193", amount="4100")

    kept = office.get(reverse("retrospective:reply", args=[stay.public_id])).text
    assert "The plan accepted your answer" in kept
    assert "The plan revised this finding." in kept
    assert office.post(reverse("retrospective:reply", args=[stay.public_id]), {**says, "file": ""}).status_code == 409

    # the ends, on 12-03 and so in time
    end = on(12, 3)
    step(
        physician,
        VISIT,
        "adjust",
        code="99213",
        rationale="The practice agrees that the note supports 99213.",
        **signed,
    )
    step(intake, TWIN, "duplicate", explanation=f"The same service is on claim {VISIT}.")
    step(physician, THERAPY, "adjust", units="3", rationale="38 timed minutes are documented: 3 units.", **signed)
    step(physician, STAY, "adjust", **told)
    run_due(end + timedelta(minutes=5), 200)
    ends = {claim: str(line_of(claim).line.status) for claim in CLAIMS}
    assert ends[TWIN] == "dismissed"
    assert {"adjusted" in page_of(nurse, claim) for claim in (VISIT, THERAPY, STAY)} == {True}
    parts = AuthorizationSegment.objects.filter(superseded_at=None, authorization__line__claim_line__isnull=False)
    assert {(part.code, part.units) for part in parts} >= {("97110", Decimal(3))}
    assert {part.code for part in parts} == {"99213", "97110", "193"}
    for claim in CLAIMS:
        case = line_of(claim).line.case
        kinds = set(Notice.objects.filter(case=case).values_list("kind", flat=True))
        assert {"information-request", "claim-finding"} <= kinds
        assert not any(
            "Not shown to be medically necessary" in letter.html for letter in Notice.objects.filter(case=case)
        )
        assert Determination.objects.filter(line__case=case).latest("pk").decided_at < DUE
    late.refresh_from_db()
    assert late.status in OPEN_STATUSES, "visits 13 and 14 wait for their late request"
    assert not Determination.objects.filter(line=late).exists()
    listed = nurse.get("/claim-review/findings.csv").text
    assert "rebuttal accepted" in listed
    assert verify() == []
