"""A link shows where a request stands to who has no account: nothing of the person, for a time, until it is stopped."""

from datetime import timedelta

import pytest
from django.test import Client

from openum.audit.models import EventRow
from openum.db import clock
from openum.determination import services
from openum.determination.linking import DAYS, MOST_OPEN, TooManyLinks, link_named, token_of
from openum.determination.models import StatusLink
from openum.vocabulary.errors import Conflict, Invalid, Missing, NotAllowed
from openum.vocabulary.identifiers import new_uuid7
from openum.vocabulary.terms import LineStatus
from tests.world import knee_request, note, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(world, at):
    """A request of the member who has an account, made by the practice."""
    clock.set_demo_clock(at)
    evidence = (note("Visit note", "KL grade 4 on standing film."),)
    return send(world, knee_request(world, of=world.member, at=at, evidence=evidence), at=at).case


def make(case, by, at, **given):
    return services.make_status_link(case=case, **{"made_for": "my sister Ines", "days": 30} | given, by=by, at=at)


def page_of(link) -> tuple[int, str]:
    answer = Client().get(f"/status/{token_of(link.public_id)}/")
    return answer.status_code, answer.content.decode()


def test_a_token_is_signed_and_says_nothing():
    public_id = new_uuid7()
    token = token_of(public_id)
    assert link_named(token) == public_id
    other_end = token[:-1] + ("A" if token[-1] != "A" else "B")
    for broken in (other_end, "", "x", "é" * 43, token[:20], token + token, "A" * 43):
        assert link_named(broken) is None


def test_the_page_behind_a_link_tells_the_stage_and_nobody(world, case, at):
    link = make(case, world.member_user, at)
    status, text = page_of(link)
    assert status == 200
    assert "The plan waits for papers" in text
    line = case.lines.get()
    for told in (
        case.number,
        case.member.family_name,
        case.member.member_number,
        line.code,
        line.wording,
        "my sister Ines",
    ):
        assert told not in text, told
    assert str(case.public_id) not in token_of(link.public_id)


@pytest.mark.parametrize("status", [LineStatus.APPROVED, LineStatus.DENIED])
def test_a_link_says_that_there_is_an_answer_and_not_which(world, case, at, status):
    link = make(case, world.member_user, at)
    case.lines.update(status=status)
    _, text = page_of(link)
    assert "There is an answer." in text
    assert not {"approved", "denied", "said yes", "said no"} & set(text.lower().split())


def test_a_link_ends_with_its_day_and_when_it_is_stopped(world, case, at):
    link = make(case, world.member_user, at, days=7)
    clock.set_demo_clock(at + timedelta(days=7))
    assert page_of(link)[0] == 410
    clock.set_demo_clock(at)
    services.end_status_link(link=link, by=world.member_user, at=at)
    status, text = page_of(link)
    assert (status, "Ask who sent it" in text) == (410, True)
    with pytest.raises(Conflict):
        services.end_status_link(link=link, by=world.member_user, at=at)
    assert Client().get("/status/nobody/").status_code == 404


def test_visits_are_kept_once_an_hour_without_a_person(world, case, at):
    link = make(case, world.member_user, at)
    for minutes in (0, 10, 59, 61):
        clock.set_demo_clock(at + timedelta(minutes=minutes))
        page_of(link)
    rows = EventRow.objects.filter(type="StatusLinkOpened", case_id=case.public_id)
    assert [(row.actor_id, row.actor_kind) for row in rows] == [(link.public_id, "status_link")] * 2


def test_the_address_is_kept_from_other_sites_and_from_stores(world, case, at):
    answer = Client().get(f"/status/{token_of(make(case, world.member_user, at).public_id)}/")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "noindex" in answer.headers["X-Robots-Tag"]


def test_an_office_makes_links_but_does_not_see_or_stop_the_members(world, case, at):
    own = make(case, world.member_user, at)
    make(case, world.provider, at, made_for="Mina's daughter")
    client = Client()
    client.force_login(world.provider)
    text = client.get(f"/share/{case.public_id}/").content.decode()
    assert "Mina&#x27;s daughter" in text
    assert "my sister Ines" not in text
    assert token_of(own.public_id) not in text
    with pytest.raises(NotAllowed):
        services.end_status_link(link=own, by=world.provider, at=at)


def test_a_member_shares_and_stops_on_the_page(world, case, at):
    client = Client()
    client.force_login(world.member_user)
    address = f"/share/{case.public_id}/"
    assert client.post(address, {"made_for": "my sister Ines", "days": "30"}).status_code == 302
    link = StatusLink.objects.get()
    text = client.get(address).content.decode()
    assert f"/status/{token_of(link.public_id)}/" in text
    assert client.post(address, {"do": "stop", "link": str(link.public_id)}).status_code == 302
    assert token_of(link.public_id) not in client.get(address).content.decode()
    assert client.post(address, {"do": "stop", "link": "nothing"}).status_code == 404
    assert client.post(address, {"made_for": "", "days": "30"}).status_code == 422


def test_refusals(world, case, at):
    with pytest.raises(Invalid):
        make(case, world.member_user, at, made_for=" ")
    with pytest.raises(Invalid):
        make(case, world.member_user, at, days=max(DAYS) + 1)
    for _ in range(MOST_OPEN):
        make(case, world.member_user, at)
    with pytest.raises(TooManyLinks):
        make(case, world.member_user, at)


def test_a_specially_protected_request_is_shared_by_the_member_alone(world, case, at):
    case.sealed_as = "mental health"
    case.save(update_fields=["sealed_as"])
    with pytest.raises(NotAllowed):
        make(case, world.provider, at)
    assert make(case, world.member_user, at).is_members_own


def test_another_office_and_staff_have_no_part_in_it(world, case, at):
    with pytest.raises((Missing, NotAllowed)):
        make(case, world.nurse, at)
