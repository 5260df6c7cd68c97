"""A sample from the universe to its end, and a guest who sees its files and nothing else."""

import gzip
import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from openum.accounts.models import OpenedFile, User
from openum.accounts.permitting import OutOfReach
from openum.accounts.rules import PermissionRefused
from openum.accounts.services import register_person
from openum.audit.models import EventRow
from openum.cases.models import Attachment, Case
from openum.db import clock
from openum.determination.models import Determination
from openum.notices.models import Notice
from openum.sampling import queries, services
from openum.sampling.models import FileVerdict, SampledFile
from openum.sampling.queries import Wanted
from openum.sampling.rules import Element, Universe, Verdict, digest, draw
from openum.sampling.services import GuestNotPossible, SampleIsClosed, SampleNotPossible, VerdictNotPossible
from openum.vocabulary.terms import Role
from tests.appeals import story
from tests.world import knee_request, note, send

pytestmark = pytest.mark.django_db


def person(world, name, role):
    return register_person(
        email=f"{name}@example.test", name=name.title(), password=None, roles=[(role, world.plan, None)]
    )


@pytest.fixture
def auditor(world):
    return person(world, "aude", Role.AUDITOR)


@pytest.fixture
def denied(world, at):
    """A line that a physician denied two days ago."""
    return story.denied(world, at - timedelta(days=2))


def wanted(at, **more):
    days = {"first_day": at.date() - timedelta(days=9), "last_day": at.date()}
    return Wanted(**{"universe": Universe.DECISIONS, **days, **more})


def drawn(world, auditor, at, **more):
    given = {"wanted": wanted(at), "size": 30, "purpose": "Market conduct.", "seed": "s", **more}
    return services.draw_sample(plan=world.plan, by=auditor, at=at, **given)


def admitted(sample, at, *, email="gus@agency.test", days=30):
    guest, password = services.admit_guest(
        sample=sample,
        email=email,
        name="Gus Guest",
        last_day=at.date() + timedelta(days=days),
        by=sample.drawn_by,
        at=at,
    )
    return guest, password


@pytest.fixture
def browser_of(demo_clock):
    def signed_in(user):
        browser = Client()
        browser.force_login(user)
        return browser

    return signed_in


def test_the_universe_is_kept_with_its_digest_and_drawn_again_from_it(world, auditor, denied, at):
    sample = drawn(world, auditor, at)
    content = gzip.decompress(bytes(sample.content))
    heads, *rows = content.decode().splitlines()
    assert digest(content) == sample.content_digest
    assert heads.split(",")[:3] == ["key", "case", "line"]
    decision = Determination.objects.get(line=denied)
    cells = dict(
        zip(heads.split(","), next(row for row in rows if str(decision.public_id) in row).split(","), strict=True)
    )
    assert (cells["case"], cells["outcome"], cells["late"]) == (denied.case.number, "denied", "no")
    assert cells["decided_by"] == "physician"
    keys = [row.split(",")[0] for row in rows]
    assert [str(one.key) for one in queries.files_of(sample)] == draw("s", keys, 30)
    event = EventRow.objects.get(type="SampleDrawn")
    assert sample.content_digest in event.data
    assert denied.case.number not in event.data


def test_what_is_no_universe_is_refused_with_its_reason(world, auditor, denied, at):
    today = at.date()
    for given, words in (
        ({"purpose": " "}, "who examines"),
        ({"wanted": wanted(at, first_day=today, last_day=today - timedelta(days=1))}, "before the first"),
        ({"wanted": wanted(at, last_day=today + timedelta(days=2))}, "has come"),
        ({"wanted": wanted(at, first_day=today - timedelta(days=9), last_day=today - timedelta(days=8))}, "Nothing"),
        ({"wanted": wanted(at, lines_of_business=("medicaid_managed_care",))}, "Nothing"),
        ({"size": 0}, "between 1 and"),
        ({"wanted": wanted(at, with_sealed=True)}, "Name the law"),
    ):
        with pytest.raises(SampleNotPossible, match=words):
            drawn(world, auditor, at, **given)
    with pytest.raises(PermissionRefused):
        drawn(world, world.nurse, at)


def test_specially_protected_files_are_left_out_and_counted_unless_a_law_opens_them(world, auditor, denied, at):
    Case.objects.filter(pk=denied.case_id).update(sealed_as="substance_use")
    with pytest.raises(SampleNotPossible, match="Nothing"):
        drawn(world, auditor, at, wanted=wanted(at, adverse_only=True))
    opened = drawn(
        world, auditor, at, wanted=wanted(at, adverse_only=True, with_sealed=True), sealed_basis="42 CFR 2.53"
    )
    assert (opened.sealed_basis, opened.sealed_left_out, opened.files.count()) == ("42 CFR 2.53", 0, 1)


def test_a_universe_that_is_too_large_is_never_cut_short_in_silence(world, auditor, at, monkeypatch):
    lines = [story.denied(world, at - timedelta(days=days)) for days in (4, 3, 2)]
    monkeypatch.setattr(queries, "MOST_ROWS", 2)
    with pytest.raises(SampleNotPossible, match="More than"):
        drawn(world, auditor, at, wanted=wanted(at, adverse_only=True))
    Case.objects.filter(pk=lines[0].case_id).update(sealed_as="substance_use")
    sample = drawn(world, auditor, at, wanted=wanted(at, adverse_only=True))
    assert (sample.rows, sample.sealed_left_out) == (2, 1)


def test_a_guest_reads_the_file_with_its_letters_and_papers_and_nothing_else(world, auditor, denied, at, browser_of):
    other = send(world, knee_request(world, at=at, evidence=(note("Visit", "Knee pain."),)), at=at).case
    sample = drawn(world, auditor, at)
    guest, password = admitted(sample, at)
    assert guest.check_password(password)
    browser = browser_of(guest)
    page = browser.get(reverse("sampling:file", args=[sample.public_id, 1]))
    text = page.content.decode()
    assert denied.case.number in text
    assert 'id="timeline"' in text
    assert 'id="decisions"' in text
    assert reverse("appeals:take_in", args=[denied.public_id]) not in text
    letter = Notice.objects.filter(case=denied.case, audience="member").first()
    paper = Attachment.objects.filter(case=denied.case, kind=Attachment.DOCUMENT).first()
    strange = Attachment.objects.filter(case=other, kind=Attachment.DOCUMENT).first()
    assert browser.get(reverse("notices:letter", args=[letter.public_id])).status_code == 200
    assert browser.get(reverse("cases:document", args=[paper.public_id])).status_code == 200
    assert browser.get(reverse("cases:document", args=[strange.public_id])).status_code == 404
    assert browser.get(reverse("cases:case", args=[denied.case.public_id])).status_code == 403
    assert browser.get(reverse("cases:find")).status_code == 403
    assert browser.get(reverse("sampling:universe", args=[sample.public_id])).status_code == 403
    assert browser.get("/", follow=True).redirect_chain[-1][0] == reverse("sampling:samples")
    assert EventRow.objects.filter(type="CasesRead", data__contains="file of a sample").exists()


def test_after_the_last_day_and_when_shut_out_nothing_is_open(world, auditor, denied, at, browser_of):
    sample = drawn(world, auditor, at)
    guest, _password = admitted(sample, at, days=1)
    file_page = reverse("sampling:file", args=[sample.public_id, 1])
    letter = reverse("notices:letter", args=[Notice.objects.filter(case=denied.case).first().public_id])
    later = at + timedelta(days=3)
    browser = browser_of(guest)
    clock.set_demo_clock(later)
    assert browser.get(file_page).status_code == 404
    assert browser.get(letter).status_code == 404
    clock.set_demo_clock(at)
    with pytest.raises(SampleIsClosed, match="not open to you"):
        services.judge_file(
            file=sample.files.get(position=1), element=Element.TIME, verdict=Verdict.PASS, note="", by=guest, at=later
        )
    assert browser.get(file_page).status_code == 200
    services.shut_out(sample=sample, guest=guest, by=auditor, at=at)
    assert browser.get(file_page).status_code == 404
    with pytest.raises(GuestNotPossible):
        services.shut_out(sample=sample, guest=guest, by=auditor, at=at)


def test_only_accounts_of_guests_are_admitted(world, auditor, denied, at):
    sample = drawn(world, auditor, at)
    with pytest.raises(GuestNotPossible, match="no guest"):
        admitted(sample, at, email=world.nurse.email)
    with pytest.raises(GuestNotPossible, match="last day"):
        admitted(sample, at, days=services.MOST_GUEST_DAYS + 1)
    guest, _password = admitted(sample, at)
    again, password = admitted(sample, at, email=guest.email.upper(), days=60)
    assert (again, password) == (guest, "")
    assert {row.until for row in OpenedFile.objects.filter(user=guest)} == {queries.guests_of(sample)[0].until}
    assert User.objects.filter(email=guest.email).count() == 1


def test_a_file_fails_with_a_reason_and_a_closed_sample_stays_as_it_is(world, auditor, denied, at):
    sample = drawn(world, auditor, at)
    guest, _password = admitted(sample, at)
    file = SampledFile.objects.get(sample=sample, position=1)

    def judge(verdict, note=""):
        return services.judge_file(file=file, element=Element.NOTICE, verdict=verdict, note=note, by=guest, at=at)

    with pytest.raises(VerdictNotPossible):
        judge(Verdict.FAIL, " ")
    judge(Verdict.FAIL, "The letter left a day late.")
    judge(Verdict.PASS)
    assert FileVerdict.objects.get().verdict == "pass"
    judged = EventRow.objects.filter(type="SampledFileJudged").order_by("pk")
    assert [json.loads(row.data)["verdict"] for row in judged] == ["fail", "pass"]
    services.close_sample(sample=sample, by=auditor, at=at)
    assert not OpenedFile.objects.filter(opened_for=sample.public_id).exists()
    for closed in (
        lambda: judge(Verdict.FAIL, "x"),
        lambda: admitted(sample, at),
        lambda: services.close_sample(sample=sample, by=auditor, at=at),
    ):
        with pytest.raises(SampleIsClosed):
            closed()


def test_the_auditor_looks_draws_admits_and_closes_on_the_pages(world, auditor, denied, at, browser_of):
    browser = browser_of(auditor)
    form = {
        "universe": "decisions", "first_day": (at.date() - timedelta(days=9)).isoformat(), "last_day": at.date().isoformat(),
        "size": "30", "purpose": "Yearly look.", "adverse_only": "on",
    }  # fmt: skip
    looked = browser.post(reverse("sampling:new"), {**form, "look": "yes"}).content.decode()
    assert "1 rows" in looked or "One row" in looked
    assert denied.case.number in looked
    read = EventRow.objects.filter(type="CasesRead", data__contains="universe looked at")
    assert str(denied.case.public_id) in read.get().data
    assert browser.post(reverse("sampling:new"), {**form, "size": "900"}).status_code == 422
    page = browser.post(reverse("sampling:new"), form, follow=True)
    sample = page.context["sample"]
    assert str(sample.content_digest) in page.content.decode()
    guest = {"name": "Gus Guest", "email": "gus@agency.test", "last_day": (at.date() + timedelta(days=5)).isoformat()}
    shown = browser.post(reverse("sampling:admit", args=[sample.public_id]), guest)
    assert shown.context["password"] in shown.content.decode()
    assert (
        shown.context["password"]
        not in browser.get(reverse("sampling:sample", args=[sample.public_id])).content.decode()
    )
    refused = browser.post(reverse("sampling:admit", args=[sample.public_id]), {**guest, "email": world.nurse.email})
    assert refused.status_code == 422
    file_page = reverse("sampling:file", args=[sample.public_id, 1])
    assert browser.post(file_page, {"element": "time", "verdict": "fail", "note": ""}).status_code == 422
    unchosen = browser.post(file_page, {"element": "time", "verdict": "", "note": "Seen."})
    assert (unchosen.status_code, "Seen." in unchosen.content.decode()) == (422, True)
    assert browser.post(file_page, {"element": "nothing", "verdict": "pass"}).status_code == 422
    assert browser.post(file_page, {"element": "time", "verdict": "pass", "note": ""}).status_code == 302
    table = browser.get(reverse("sampling:results", args=[sample.public_id])).content.decode()
    assert "time,pass" in table
    universe = browser.get(reverse("sampling:universe", args=[sample.public_id])).content
    assert digest(universe) == sample.content_digest
    assert browser.post(reverse("sampling:close", args=[sample.public_id])).status_code == 302
    assert browser.post(reverse("sampling:close", args=[sample.public_id])).status_code == 409


def test_appeals_and_complaints_are_universes_too(world, auditor, at):
    for universe in (Universe.APPEALS, Universe.COMPLAINTS):
        found = queries.universe_of(world.plan, wanted(at, universe=universe))
        assert (found.rows, found.heads[0]) == ([], "key")


def test_another_plans_sample_is_not_there(world, auditor, denied, at):
    sample = drawn(world, auditor, at)
    stranger = register_person(
        email="far@example.test", name="Far", password=None, roles=[(Role.AUDITOR, world.sandbox, None)]
    )
    with pytest.raises(OutOfReach):
        services.close_sample(sample=sample, by=stranger, at=at)
    assert not queries.samples_visible_to(stranger, at=at).exists()
