"""Calls of members: the check of identity, plain words, and what is taken on the spot by the ordinary services."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from openum.accounts.models import User
from openum.accounts.services import register_person
from openum.appeals.models import Appeal
from openum.audit.models import EventRow
from openum.callers import services
from openum.callers.models import Call, CallAct
from openum.callers.rules import CALL_MINUTES, MOST_FAILURES, Caller, Fact, TooFewFacts, TooManyChecks, check
from openum.db import clock
from openum.grievances.models import Grievance
from openum.submission.incoming import IncomingDiagnosis
from openum.submission.models import Draft
from openum.vocabulary.errors import Conflict, Invalid
from openum.vocabulary.terms import Role
from tests.appeals import story
from tests.world import ICD10, knee_request, send

TRUE = {Fact.MEMBER_NUMBER: "C-1", Fact.NAME: "rose álder", Fact.BIRTH_DATE: "1960-05-04"}


@pytest.mark.parametrize(
    ("said", "holds"),
    [
        (TRUE, True),
        ({Fact.MEMBER_NUMBER: "c 1", Fact.STREET: "2 Harbor Rd."}, True),
        ({Fact.MEMBER_NUMBER: "C-1"}, False),
        (TRUE | {Fact.BIRTH_DATE: "1960-05-05"}, False),
        (TRUE | {Fact.PHONE: "555-0100"}, False),
        ({Fact.MEMBER_NUMBER: "C-1", Fact.PHONE: ""}, False),
    ],
)
def test_two_facts_agree_and_none_is_wrong(said, holds):
    on_file = {
        Fact.MEMBER_NUMBER: "C-1", Fact.NAME: "Rose Alder", Fact.BIRTH_DATE: "1960-05-04", Fact.PHONE: "",
        Fact.STREET: "2 Harbor Rd",
    }  # fmt: skip
    assert check(said, on_file).is_verified is holds


@pytest.fixture
def voice(world, at) -> User:
    clock.set_demo_clock(at)
    return register_person(
        email="voice@test.invalid", name="Vera Voice", password=None,
        roles=[(Role.SERVICE_REPRESENTATIVE, world.plan, None)],
    )  # fmt: skip


@pytest.fixture
def web(voice) -> Client:
    client = Client()
    client.force_login(voice)
    return client


def ring(world, voice, at, facts=None, **more) -> Call:
    return services.begin_call(plan=world.plan, said=services.Said(facts=facts or TRUE, **more), by=voice, at=at)


def form_of(world, **changes) -> dict[str, str]:
    facts = {
        "plan": str(world.plan.public_id), "caller": "member", "member_number": "C-1", "name": "Rose Alder",
        "birth_date": "1960-05-04",
    }  # fmt: skip
    return facts | changes


@pytest.mark.django_db
def test_a_check_that_fails_tells_nothing_and_is_kept(world, voice, web):
    answer = web.post(reverse("callers:calls"), form_of(world, name="Rosa Elder"))
    assert answer.status_code == 422
    told = answer.content.decode()
    assert "does not agree" in told
    assert "Alder" not in told
    call = Call.objects.get()
    assert (call.is_verified, call.member) == (False, None)
    assert set(call.facts_agreed) == {"member_number", "birth_date"}
    assert EventRow.objects.filter(type="CallerChecked").count() == 1
    assert web.get(reverse("callers:call", args=[call.public_id])).status_code == 404


@pytest.mark.django_db
def test_guessing_is_slow_whoever_takes_the_call(world, voice, at):
    for _ in range(MOST_FAILURES):
        ring(world, voice, at, TRUE | {Fact.NAME: "Somebody Else"})
    with pytest.raises(TooManyChecks):
        ring(world, voice, at)
    assert ring(world, voice, at + timedelta(minutes=61)).is_verified


@pytest.mark.django_db
def test_one_fact_is_no_check_and_who_acts_for_the_member_is_named(world, voice, at):
    with pytest.raises(TooFewFacts):
        ring(world, voice, at, {Fact.MEMBER_NUMBER: "C-1"})
    with pytest.raises(Invalid):
        ring(world, voice, at, caller=Caller.REPRESENTATIVE)


@pytest.mark.django_db
def test_the_page_says_where_things_stand_in_plain_words_and_nothing_clinical(world, voice, web, at):
    case = send(world, knee_request(world, at=at), at=at).case
    drinks = (IncomingDiagnosis(sequence=1, system=ICD10, code="F10.20"),)
    sealed = send(world, knee_request(world, at=at, diagnoses=drinks), at=at).case
    page = web.post(reverse("callers:calls"), form_of(world)).url
    told = web.get(page).content.decode()
    assert case.number in told
    assert sealed.number in told
    assert "Specially protected" in told
    assert told.count("Knee replacement") <= 1
    assert "M17" not in told
    assert "F10" not in told


@pytest.mark.django_db
def test_somebody_who_acts_for_the_member_hears_nothing_of_what_is_protected(world, voice, web, at):
    drinks = (IncomingDiagnosis(sequence=1, system=ICD10, code="F10.20"),)
    sealed = send(world, knee_request(world, at=at, diagnoses=drinks), at=at).case
    call = ring(world, voice, at, caller=Caller.REPRESENTATIVE, name="Ada Alder", relationship="daughter")
    assert sealed.number not in web.get(reverse("callers:call", args=[call.public_id])).content.decode()


@pytest.mark.django_db
def test_an_appeal_by_word_of_mouth_counts_from_the_call(world, voice, web, at):
    line = story.denied(world, at - timedelta(days=2))
    call = ring(world, voice, at, caller=Caller.REPRESENTATIVE, name="Ada Alder", relationship="daughter")
    page = reverse("callers:call", args=[call.public_id])
    assert web.post(page, {"do": "appeal", "line": str(line.public_id), "issue": ""}).status_code == 422
    assert web.post(page, {"do": "appeal", "line": str(world.plan.public_id), "issue": "No."}).status_code == 422
    facts = {"do": "appeal", "line": str(line.public_id), "issue": "Therapy made it worse."}
    assert web.post(page, facts).status_code == 302
    appeal = Appeal.objects.get()
    assert (appeal.request.received_at, appeal.request.channel) == (at, "phone")
    assert CallAct.objects.get().reference == line.case.number
    assert web.post(page, facts).status_code in {409, 422}
    assert Appeal.objects.count() == 1


@pytest.mark.django_db
def test_a_complaint_a_note_a_language_and_a_request_are_taken_on_the_spot(world, voice, web, at):
    page = web.post(reverse("callers:calls"), form_of(world)).url
    assert web.post(page, {"do": "complaint", "about": "service", "issue": "Nobody called back."}).status_code == 302
    assert Grievance.objects.get().request.channel == "phone"
    assert web.post(page, {"do": "note", "words": ""}).status_code == 422
    assert web.post(page, {"do": "note", "words": "Will send the card."}).status_code == 302
    assert web.post(page, {"do": "language", "language": "es"}).status_code == 302
    world.commercial_member.refresh_from_db()
    assert world.commercial_member.language == "es"
    form = web.post(page, {"do": "request"}).url
    draft = Draft.objects.get()
    assert draft.fields["member_number"] == "C-1"
    assert draft.fields["proof"] == f"call {Call.objects.get().reference}"
    assert web.get(form).status_code == 200
    assert {act.kind for act in CallAct.objects.all()} == {"complaint", "note", "language", "request"}


@pytest.mark.django_db
def test_a_letter_goes_once_more_and_no_letter_of_somebody_else(world, voice, web, at):
    story.by_mail(world.commercial_member)
    line = story.denied(world, at - timedelta(days=2))
    story.work(at - timedelta(days=1))
    call = ring(world, voice, at)
    letter = services.queries.letters_in(call)[0]
    web.post(reverse("callers:call", args=[call.public_id]), {"do": "letter", "letter": str(letter.public_id)})
    assert CallAct.objects.get(kind="letter").reference == letter.number
    letter.case_id = send(world, knee_request(world, of=world.member, at=at), at=at).case.pk
    letter.pk = None
    with pytest.raises(Invalid):
        services.resend_letter(call=call, notice=letter, by=voice, at=at)
    assert line.case.notices.exists()


@pytest.mark.django_db
def test_after_the_call_nothing_is_shown_and_nothing_taken(world, voice, web, at):
    call = ring(world, voice, at)
    page = reverse("callers:call", args=[call.public_id])
    assert web.post(page, {"do": "end"}).url == reverse("callers:calls")
    assert web.get(page).status_code == 404
    with pytest.raises(Conflict):
        services.note_in_call(call=call, words="One more thing.", by=voice, at=at)
    old = ring(world, voice, at)
    with pytest.raises(Conflict):
        services.note_in_call(call=old, words="Late.", by=voice, at=at + timedelta(minutes=CALL_MINUTES))


@pytest.mark.django_db
def test_a_call_is_the_one_s_who_took_it(world, voice, at):
    call = ring(world, voice, at)
    other = register_person(
        email="other@test.invalid", name="Other", password=None,
        roles=[(Role.SERVICE_REPRESENTATIVE, world.plan, None)],
    )  # fmt: skip
    client = Client()
    client.force_login(other)
    assert client.get(reverse("callers:call", args=[call.public_id])).status_code == 404
    with pytest.raises(Conflict):
        services.note_in_call(call=call, words="Mine?", by=other, at=at)
