"""D7: two drugs of the pharmacy benefit. An exception that a pharmacist gives, and fewer pens than asked, appealed and upheld."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from openum.accounts.services import register_person
from openum.appeals.models import Appeal
from openum.audit.verification import verify
from openum.cases.models import ServiceLine
from openum.clocks.models import Clock
from openum.determination.models import AuthorizationSegment, Determination
from openum.directory.models import Code, CodeList
from openum.notices.models import Notice
from openum.review.models import Review
from openum.vocabulary.terms import Benefit, LineStatus, ReasonClass, Role
from samples.people import PASSWORD
from tests import world as worlds
from tests.appeals import story
from tests.journeys.booking import TALK, browser, clock_of, decision, done, local, on, open_all, refer, step, work
from tests.provider.office import sent

pytestmark = pytest.mark.django_db
NDC = "http://hl7.org/fhir/sid/ndc"
VEDOLIZUMAB, SEMAGLUTIDE = "99999-0001-01", "99999-0002-01"
LIMIT = (
    "The plan pays for 4 pens in 28 days. You asked for 8. The record names no reason for more than the label allows."
)
STILL = "The label gives one pen a week. Nothing in the record shows why more would help, so the limit of 4 pens stays."


@pytest.fixture
def drugs(world, demo_clock):
    """The list of drugs, and two members."""
    held = CodeList.objects.create(
        system=NDC, name="demo drugs", source="test", is_complete=False, loaded_at=worlds.LONG_AGO
    )
    for code, wording in ((VEDOLIZUMAB, "Vedolizumab pen"), (SEMAGLUTIDE, "Semaglutide pen")):
        Code.objects.create(code_list=held, code=code, wording=wording, wording_es=wording, specialty="pharmacy")
    lukas = worlds.member(world.commercial, "LHC-2000721", "Brandt", "Lukas", date(1982, 1, 25))
    nadia = worlds.member(world.commercial, "LHC-2000803", "Petrov", "Nadia", date(1987, 6, 30))
    lukas.user = register_person(
        email="lukas@test.invalid", name="Lukas Brandt", password=PASSWORD, roles=[(Role.MEMBER, world.plan, None)]
    )
    lukas.save()
    nadia.user = world.member_user
    world.member.user = None
    world.member.save()
    nadia.save()
    return lukas, nadia


def asked(world, member, at, **fields) -> ServiceLine:
    """An urgent request of the office; its doctor states that it cannot wait."""
    done = sent(
        world, at, member_number=member.member_number, birth_date=member.birth_date.isoformat(),
        family_name=member.family_name, urgency="expedited", attested="on", attested_by="Sam Surgeon",
        **{"line1-code_system": NDC, "line1-unit": "", **fields},
    )  # fmt: skip
    work(at)
    return ServiceLine.objects.select_related("case", "case__plan", "request").get(case=done.case)


def segment(line):
    return AuthorizationSegment.objects.get(authorization__line=line, superseded_at=None)


def told(line, audience="member"):
    return set(Notice.objects.filter(case=line.case, audience=audience).values_list("kind", flat=True))


def test_an_exception_and_a_limit_with_its_appeal(world, drugs):
    lukas, nadia = drugs
    kowalski = register_person(
        email="kowalski@test.invalid", name="D. Kowalski", password=PASSWORD, roles=[(Role.PHARMACIST, world.plan, None)],
        specialties=("pharmacy",), licences=(("pharmacist", "EX", "P1", date(2015, 1, 1)),),
    )  # fmt: skip
    pharmacist, physician, member = browser(kowalski), browser(world.physician), browser(world.member_user)

    # 7a: stable on the drug for longer than three months; the pharmacist gives the exception within five hours
    at = on("2026-11-17 13:10")
    steady = asked(
        world, lukas, at, diagnosis1="K50.80",
        **{"line1-code": VEDOLIZUMAB, "line1-units": "26", "line1-first_day": "2026-11-17", "line1-last_day": "2027-11-16"},
    )  # fmt: skip
    assert steady.benefit == Benefit.PHARMACY
    assert steady.parity_benefit_class == "prescription_drugs"
    urgent = clock_of(steady.request, "insured.decide.urgent")
    assert urgent.due_at == local("2026-11-20 13:10")
    at = on("2026-11-17 18:05")
    decision(
        pharmacist, steady, "approve", rationale="Stable on this drug since February 2025; adalimumab is contraindicated.",
        cited_authority="Plan formulary, step therapy, exception 3",
    )  # fmt: skip
    work(at)
    urgent.refresh_from_db()
    steady.refresh_from_db()
    made = Determination.objects.get(line=steady)
    assert (steady.status, made.decided_by, made.is_adverse) == (LineStatus.APPROVED, kowalski, False)
    assert (urgent.state, (urgent.stopped_at - urgent.started_at).seconds // 60) == ("met", 4 * 60 + 55)
    assert (segment(steady).valid_from, segment(steady).valid_to) == (date(2026, 11, 17), date(2027, 11, 17))
    assert "approval" in told(steady)
    assert "approval" in told(steady, "provider")
    for letter in Notice.objects.filter(case=steady.case):  # data that are missing are not "not tried"
        assert "not tried" not in letter.html

    # 7b: 8 pens in 28 days are asked for. A pharmacist reviews and cannot say no; a physician signs 4
    at = on("2026-11-18 09:00")
    pens = asked(
        world, nadia, at, diagnosis1="E66.812",
        **{"line1-code": SEMAGLUTIDE, "line1-units": "8", "line1-first_day": "2026-11-18", "line1-last_day": "2026-12-15"},
    )  # fmt: skip
    urgent = clock_of(pens.request, "insured.decide.urgent")
    assert urgent.due_at == local("2026-11-21 09:00")
    no = {
        "units": "4", "rationale": LIMIT, "reason_class": ReasonClass.BENEFIT_LIMIT, "cited_authority": "Formulary, page 12",
        **TALK,
    }  # fmt: skip
    decision(pharmacist, pens, "deny", status=403, **no)
    refer(pharmacist, pens, "The limit is 4 pens in 28 days; the label gives one a week. I would give 4.")
    at = on("2026-11-18 15:00")
    open_all(physician, pens)
    decision(physician, pens, "deny", **no)
    work(at)
    urgent.refresh_from_db()
    pens.refresh_from_db()
    assert (pens.status, segment(pens).units) == (LineStatus.PARTIALLY_APPROVED, Decimal(4))
    assert (urgent.state, (urgent.stopped_at - urgent.started_at).seconds // 3600) == ("met", 6)
    assert set(Review.objects.filter(line=pens).values_list("reviewer__name", flat=True)) == {"D. Kowalski"}
    (letter,) = story.letters(pens, "partial-approval")
    assert LIMIT in letter.html
    assert "Formulary, page 12" in letter.html, letter.html[:6000]

    # the appeal: one tap; neither the physician who signed nor the pharmacist who reviewed decides it
    on("2026-12-01 10:00")
    assert member.get(f"/appeal/{steady.public_id}/").status_code == 404  # another member's, and nothing to appeal
    page = done(member.get(f"/my/{pens.case.public_id}/"), 200)
    assert f"/appeal/{pens.public_id}/" in page
    done(member.post(f"/appeal/{pens.public_id}/", {"filer": "member", "issue": "Four pens do not last me."}))
    work(local("2026-12-01 10:00"))
    appeal = Appeal.objects.get(line=pens)
    due = clock_of(appeal.request, "insured.appeal.preservice")
    assert due.due_at == local("2026-12-31 23:59:59")
    coordinator = browser(story.coordinator(world))
    for involved in (world.physician, kowalski):
        step(coordinator, appeal, "assign", reviewer=str(involved.public_id), status=403)
    second = story.person(world, "endocrinologist", Role.PEER_REVIEWER, ("pharmacy", "endocrinology"))
    step(coordinator, appeal, "assign", reviewer=str(second.public_id))
    at = on("2026-12-08 11:00")
    reader = browser(second)
    for paper in pens.case.attachments.filter(kind="document"):
        reader.post(reverse("appeals:open_document", args=[appeal.public_id, paper.public_id]))
    verdict = {"outcome": "upheld", "rationale": STILL, "attests": "on", "cited_authority": "Formulary, page 12"}
    done(reader.post(reverse("appeals:decide", args=[appeal.public_id]), verdict))
    work(at)
    due.refresh_from_db()
    pens.refresh_from_db()
    assert (due.state, (due.stopped_at - appeal.filed_at).days) == ("met", 7)
    assert (pens.status, segment(pens).units) == (LineStatus.PARTIALLY_APPROVED, Decimal(4))  # what was given stays
    upheld = story.letters(pens, "appeal-upheld")[0]
    assert "by doctors who do not work for us" in upheld.html
    assert told(pens) >= {"partial-approval", "appeal-acknowledgement", "appeal-upheld"}
    assert not Clock.objects.filter(case__member__in=drugs, state="breached").exists()
    assert verify() == []
