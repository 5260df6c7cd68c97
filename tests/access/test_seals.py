"""What the law protects specially: masked in lists, shut everywhere else, opened for a reason, reported and judged."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from openum.accounts.models import BrokenSeal, User
from openum.accounts.rules import PermissionRefused
from openum.accounts.services import judge_seal, register_person
from openum.audit import events_of
from openum.cases.models import Case
from openum.cases.queries import cases_visible_to
from openum.cases.services import break_seal, seal_unsorted
from openum.cases.services.sealing import NotSealed, ReasonMissing
from openum.db import clock
from openum.submission.incoming import IncomingDiagnosis
from openum.vocabulary.errors import Conflict, Invalid, NotAllowed
from openum.vocabulary.terms import Role
from tests.world import ICD10, knee_request, member, note, send

pytestmark = pytest.mark.django_db
WHY = "The member's lawyer asks for the file; request 12."


@pytest.fixture
def sealed(world, at) -> Case:
    clock.set_demo_clock(at)
    return _case(world, at, "F10.20")


def _case(world, at, diagnosis: str, of=None) -> Case:
    request = knee_request(
        world, at=at, of=of, evidence=(note("Visit", "Drinks daily."),),
        diagnoses=(IncomingDiagnosis(sequence=1, system=ICD10, code=diagnosis),),
    )  # fmt: skip
    return send(world, request, at=at).case


def someone(world, role: Role, name: str = "someone") -> User:
    return register_person(
        email=f"{name}.{role}@test.invalid",
        name=f"{name} {role}".title(),
        password=None,
        roles=[(role, world.plan, None)],
    )


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize(
    ("diagnosis", "group"),
    [("F10.20", "substance-use"), ("F32.1", "mental-health"), ("Z30.9", "reproductive-health"), ("M17.11", "")],
)
def test_a_case_is_sealed_by_the_published_list(world, at, diagnosis, group):
    assert Case.objects.get(pk=_case(world, at, diagnosis).pk).sealed_as == group


def test_a_minor_s_case_is_sealed(world, at):
    child = member(world.commercial, "C-77", "Alder", "Tim", born=date(2015, 1, 1))
    assert Case.objects.get(pk=_case(world, at, "M17.11", of=child).pk).sealed_as == "minor"


@pytest.mark.parametrize("role", [Role.INTAKE, Role.CASE_MANAGER, Role.DIRECTOR, Role.AUDITOR])
def test_whose_work_does_not_need_it_sees_a_masked_row_and_nothing_else(world, sealed, role):
    web = browser(someone(world, role))
    listed = web.get(reverse("cases:find")).content.decode()
    assert sealed.number in listed
    assert "Alder" not in listed
    assert "Knee replacement" not in listed
    assert "Specially protected" in listed
    for name, row in (
        ("cases:document", sealed.attachments.filter(kind="document").get()),
        ("determination:case-machines", sealed),
        *([("determination:flags", sealed)] if role in {Role.INTAKE, Role.DIRECTOR} else []),
    ):
        assert web.get(reverse(name, args=[row.public_id])).status_code == 404, name
    for notice in sealed.notices.all():
        assert web.get(reverse("notices:letter", args=[notice.public_id])).status_code in {403, 404}


@pytest.mark.parametrize("role", [Role.NURSE, Role.MEDICAL_DIRECTOR, Role.APPEALS, Role.PHARMACIST])
def test_whose_work_needs_it_sees_it(world, sealed, role):
    assert "Alder" in browser(someone(world, role)).get(reverse("cases:find")).content.decode()


def test_a_name_does_not_find_a_sealed_case_and_its_number_does(world, sealed):
    web = browser(someone(world, Role.DIRECTOR))
    assert sealed.number not in web.post(reverse("cases:find"), {"q": "Alder"}).content.decode()
    found = web.post(reverse("cases:find"), {"q": sealed.number}, follow=True)
    assert "Why must you see it?" in found.content.decode()
    assert "Alder" not in found.content.decode()


def test_exports_hold_no_row_of_a_sealed_case(world, sealed):
    web = browser(someone(world, Role.AUDITOR))
    assert sealed.number not in b"".join(web.get(reverse("determination:machines-file"))).decode()


def test_the_seal_breaks_for_a_reason_for_one_person_and_for_an_hour(world, sealed, at):
    director, other = someone(world, Role.DIRECTOR), someone(world, Role.DIRECTOR, "other")
    web, page = browser(director), reverse("cases:case", args=[sealed.public_id])
    asked = web.get(page)
    assert asked.status_code == 302
    refused = web.post(asked.url, {"reason": "why not"})
    assert refused.status_code == 422
    assert "why not" in refused.content.decode()
    assert web.post(asked.url, {"reason": WHY}).url == page
    assert "Alder" in web.get(page).content.decode()
    assert "Alder" in web.get(reverse("cases:find")).content.decode()
    assert browser(other).get(page).status_code == 302
    clock.set_demo_clock(at + timedelta(minutes=55))
    assert web.get(page).status_code == 200
    clock.set_demo_clock(at + timedelta(minutes=62))
    assert web.get(page).status_code == 302
    assert [row.type for row in events_of(sealed.public_id)].count("SealBroken") == 1


def test_who_may_not_break_a_seal_is_refused(world, sealed, at):
    with pytest.raises(PermissionRefused):
        break_seal(case=sealed, reason=WHY, by=someone(world, Role.PRIVACY_OFFICER), at=at)
    with pytest.raises(ReasonMissing):
        break_seal(case=sealed, reason=" ", by=someone(world, Role.DIRECTOR), at=at)
    with pytest.raises(NotSealed):
        break_seal(case=_case(world, at, "M17.11"), reason=WHY, by=someone(world, Role.AUDITOR), at=at)


def test_the_privacy_officer_reads_and_judges_every_broken_seal(world, sealed, at):
    director, officer = someone(world, Role.DIRECTOR), someone(world, Role.PRIVACY_OFFICER)
    seal = break_seal(case=Case.objects.get(pk=sealed.pk), reason=WHY, by=director, at=at)
    web, page = browser(officer), reverse("accounts:seals")
    told = web.get(page).content.decode()
    assert sealed.number in told
    assert "request 12" in told
    assert "Alder" not in told
    assert web.post(page, {"seal": "nothing", "judgement": "Right."}).status_code == 404
    assert web.post(page, {"seal": str(seal.public_id), "judgement": ""}).status_code == 422
    assert (
        web.post(page, {"seal": str(seal.public_id), "judgement": "Right: the request is on file."}).status_code == 302
    )
    assert BrokenSeal.objects.get().judged_by == officer
    with pytest.raises(Conflict):
        judge_seal(seal=seal, judgement="Again.", by=officer, at=at)


def test_nobody_judges_the_own_seal(world, sealed, at):
    director = someone(world, Role.DIRECTOR)
    seal = break_seal(case=Case.objects.get(pk=sealed.pk), reason=WHY, by=director, at=at)
    with pytest.raises(NotAllowed):
        judge_seal(seal=seal, judgement="Right.", by=director, at=at)
    with pytest.raises(Invalid):
        judge_seal(seal=seal, judgement="", by=someone(world, Role.PRIVACY_OFFICER), at=at)


def test_cases_from_before_are_shut_until_they_are_sorted(world, sealed, at):
    plain, director = _case(world, at, "M17.11"), someone(world, Role.DIRECTOR)
    Case.objects.update(sealed_as=None)
    assert not cases_visible_to(director).exists()
    assert seal_unsorted(at=at, most=10) == 2
    assert list(cases_visible_to(director)) == [plain]
    assert seal_unsorted(at=at, most=10) == 0
