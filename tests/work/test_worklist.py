"""Team and personal worklists, saved views, and what is done to many requests at once."""

import html
import re
from datetime import timedelta

import pytest

from openum.accounts.models import Organization
from openum.accounts.permitting import OutOfReach
from openum.accounts.services import register_person
from openum.cases.models import ServiceLine
from openum.db import clock
from openum.review.worklist import FEW, WITH_NURSE, due_order
from openum.vocabulary.errors import NotAllowed
from openum.vocabulary.terms import Role, Urgency
from openum.work.models import Assignment, BulkChange, Placement, SavedView, Tag
from openum.work.services import close_queue, set_capacity
from openum.work.services.bulk import (
    NotFitForLine,
    NothingChosen,
    TooLateToUndo,
    give_lines,
    route_lines,
    tag_cases,
    undo_change,
)
from tests.work.conftest import nurse
from tests.work.test_pages import browser_of, text
from tests.world import knee_request, send


@pytest.fixture
def cases(desk, at):
    """Two knee requests that wait, the second expedited."""
    clock.set_demo_clock(at)
    slow = send(desk.world, knee_request(desk.world, at=at), at=at).case
    fast = send(
        desk.world, knee_request(desk.world, of=desk.world.erisa_member, at=at, urgency=Urgency.EXPEDITED), at=at
    ).case
    for case, days in ((slow, 15), (fast, 3)):
        case.lines.update(status="pended_with_payer")
        case.clocks.filter(binds=True, due_at__isnull=True).update(state="running", due_at=at + timedelta(days=days))
    return slow, fast


def keys(*cases):
    """The public ids of the only line of each case."""
    return [case.lines.get().public_id for case in cases]


@pytest.mark.parametrize("few", [0, FEW], ids=["found by walking the clocks", "few and sorted"])
def test_pages_of_any_size_cut_one_order_the_dated_first(cases, desk, at, monkeypatch, few):
    monkeypatch.setattr("openum.review.worklist.FEW", few)
    later = [send(desk.world, knee_request(desk.world, at=at), at=at).case for _ in range(5)]
    for place, case in enumerate(later):
        case.lines.update(status="pended_with_payer", status_since=at + timedelta(hours=place))
        days = {0: 1, 1: 9}.get(place)  # the others have no deadline
        due, state = (at + timedelta(days=days), "running") if days else (None, "tolled")
        case.clocks.filter(binds=True).update(state=state, due_at=due)
    slow, fast = cases
    expected = [later[0].pk, fast.pk, later[1].pk, slow.pk, *(case.pk for case in later[2:])]
    lines = ServiceLine.objects.filter(case__in=expected)
    for count in (1, 2, 3, 7, 9):
        found = [
            line.case_id
            for start in range(0, 12, count)
            for line in due_order(lines, statuses=WITH_NURSE, start=start, count=count)
        ]
        assert found == expected, count
    assert due_order(lines.none(), statuses=WITH_NURSE, start=0, count=5) == []


def test_a_right_counts_only_at_the_plan_for_which_it_is_held(cases, desk, at):
    world = desk.world
    guest = register_person(
        email="guest@test.invalid", name="Guest", password="a long test pass phrase",
        roles=[(Role.AUDITOR, world.plan, None), (Role.DIRECTOR, world.sandbox, None)],
    )  # fmt: skip
    with pytest.raises(NothingChosen, match="None of the chosen"):
        give_lines(line_ids=keys(*cases), to=desk.ortho_nurse, by=guest, at=at)
    with pytest.raises(OutOfReach):
        route_lines(line_ids=keys(*cases), queue=desk.general, because="by hand", by=guest, at=at)
    with pytest.raises(OutOfReach):
        close_queue(queue=desk.general, by=guest, at=at)
    with pytest.raises(NotAllowed, match="none of your plans"):
        set_capacity(user=desk.ortho_nurse, points_a_day=10, languages=(), by=guest, at=at)
    client = browser_of(guest)
    assert client.get(f"/desk/queues/{desk.general.public_id}/").status_code == 404
    rules = f"/desk/rules/?plan={world.plan.key}"
    assert "Write other rules" not in text(client.get(rules))
    assert "Write other rules" in text(browser_of(desk.director).get(rules))


def test_the_people_of_a_delegate_are_told_that_the_pages_of_a_plan_are_not_theirs(desk):
    delegate = Organization.objects.create(
        tenant=desk.world.plan.tenant, kind=Organization.DELEGATE, name="Review Partners"
    )  # fmt: skip
    theirs = register_person(
        email="dele@test.invalid", name="Dele", password="a long test pass phrase",
        roles=[(Role.NURSE, None, delegate)],
    )  # fmt: skip
    for page in ("/desk/rules/", "/desk/days/"):
        answer = browser_of(theirs).get(page)
        assert answer.status_code == 404
        assert "the people of a plan" in text(answer)


def test_lines_are_given_and_the_change_is_taken_back_within_ten_seconds(cases, desk, at):
    first = give_lines(line_ids=keys(cases[0]), to=desk.ortho_nurse, by=desk.director, at=at)
    undo_change(change=first.change, by=desk.director, at=at + timedelta(seconds=10))
    assert Placement.objects.get(line__case=cases[0]).holder is None
    give_lines(line_ids=keys(cases[0]), to=desk.ortho_nurse, by=desk.director, at=at + timedelta(minutes=1))
    other = nurse(desk.world, "quinn", "orthopaedics")
    desk.ortho.members.create(user=other)
    later = at + timedelta(minutes=2)
    second = give_lines(line_ids=keys(*cases), to=other, by=desk.director, at=later)
    assert second.count == 2
    undo_change(change=second.change, by=desk.director, at=later + timedelta(seconds=3))
    assert Placement.objects.get(line__case=cases[0]).holder == desk.ortho_nurse
    assert Placement.objects.get(line__case=cases[1]).holder is None
    standing = Assignment.objects.get(placement__line__case=cases[0], ended_at__isnull=True)
    assert (standing.user, standing.how) == (desk.ortho_nurse, "undone")
    with pytest.raises(TooLateToUndo):
        undo_change(change=second.change, by=desk.director, at=later + timedelta(seconds=4))


def test_after_ten_seconds_or_by_somebody_else_nothing_is_taken_back(cases, desk, at):
    done = give_lines(line_ids=keys(cases[0]), to=desk.ortho_nurse, by=desk.director, at=at)
    with pytest.raises(TooLateToUndo, match="The time to take it back is over"):
        undo_change(change=done.change, by=desk.director, at=at + timedelta(seconds=10, microseconds=1))
    with pytest.raises(Exception, match="Only the person who did it"):
        undo_change(change=done.change, by=desk.world.nurse, at=at)
    assert Placement.objects.get(line__case=cases[0]).holder == desk.ortho_nurse


def test_nobody_is_given_what_their_licence_or_role_does_not_carry(cases, desk, at):
    stranger = nurse(desk.world, "remote", "orthopaedics", state="TX")
    desk.ortho.members.create(user=stranger)
    with pytest.raises(NotFitForLine, match="lacks what the queue Ortho RN asks for"):
        give_lines(line_ids=keys(cases[0]), to=stranger, by=desk.director, at=at)
    with pytest.raises(NotFitForLine, match="does not review this plan's requests at that stage"):
        give_lines(line_ids=keys(cases[0]), to=desk.director, by=desk.director, at=at)
    with pytest.raises(NothingChosen, match="Choose at least one"):
        give_lines(line_ids=[], to=desk.ortho_nurse, by=desk.director, at=at)
    assert not BulkChange.objects.exists()


def test_routing_by_hand_keeps_its_reason_and_can_be_taken_back(cases, desk, at):
    (line_id, _) = keys(*cases)
    give_lines(line_ids=[line_id], to=desk.ortho_nurse, by=desk.director, at=at - timedelta(hours=1))
    with pytest.raises(NothingChosen, match="Say why"):
        route_lines(line_ids=[line_id], queue=desk.general, because=" ", by=desk.director, at=at)
    with pytest.raises(NothingChosen, match="another plan or stage|of another plan or stage"):
        route_lines(line_ids=[line_id], queue=desk.physicians, because="x", by=desk.director, at=at)
    done = route_lines(line_ids=keys(*cases), queue=desk.general, because="ortho is full", by=desk.director, at=at)
    now = Placement.objects.get(line__public_id=line_id, left_at__isnull=True)
    assert (now.queue, now.rule, now.because, now.holder) == (desk.general, "", "ortho is full", None)
    undo_change(change=done.change, by=desk.director, at=at)
    now = Placement.objects.get(line__public_id=line_id, left_at__isnull=True)
    assert (now.queue, now.rule, now.holder) == (desk.ortho, "ortho", desk.ortho_nurse)


def test_tags_are_put_on_once_and_taken_back(cases, desk, at):
    done = tag_cases(line_ids=keys(*cases), word=" Board  Week ", by=desk.world.nurse, at=at)
    assert set(Tag.objects.values_list("word", flat=True)) == {"board week"}
    with pytest.raises(NothingChosen, match="All of them have this tag"):
        tag_cases(line_ids=keys(*cases), word="board week", by=desk.world.nurse, at=at)
    undo_change(change=done.change, by=desk.world.nurse, at=at)
    assert not Tag.objects.filter(removed_at__isnull=True).exists()
    with pytest.raises(NothingChosen, match="at most 40"):
        tag_cases(line_ids=keys(*cases), word="x" * 41, by=desk.world.nurse, at=at)


def numbers(answer):
    """The cases of a list, in order."""
    return re.findall(r'<th scope="row"><a href="/review/[^"]+">([^<]+)</a>', html.unescape(answer.content.decode()))


def test_the_worklist_is_filtered_shared_and_changed_by_hand(cases, desk, at):
    slow, fast = cases
    client = browser_of(desk.ortho_nurse)
    assert numbers(client.get("/review/")) == [fast.number, slow.number]
    assert numbers(client.get("/review/?view=team")) == [fast.number, slow.number]
    assert numbers(browser_of(desk.world.nurse).get("/review/?view=team")) == []
    assert numbers(client.get("/review/?urgency=expedited")) == [fast.number]
    given = {"do": "give", "person": "me", "line": [str(keys(slow)[0])], "here": "view=due"}
    answer = client.post("/review/many/", given)
    undo = re.search(r"done=([0-9a-f-]+)", answer.headers["Location"]).group(1)
    page = client.get(answer.headers["Location"])
    assert "1 was changed." in text(page)
    assert "Take it back (10 s)" in text(page)
    assert numbers(client.get("/review/?view=mine")) == [slow.number]
    assert numbers(client.get("/review/?holder=nobody")) == [fast.number]
    assert "Ortho RN · bones and joints" in text(client.get("/review/?holder=me"))
    client.post(f"/review/many/{undo}/undo/", {"here": "view=due"})
    assert numbers(client.get("/review/?view=mine")) == []
    client.post("/review/many/", {"do": "tag", "word": "hip", "line": [str(keys(fast)[0])]})
    assert numbers(client.get("/review/?tag=hip")) == [fast.number]
    client.post("/review/views/", {"name": "Hips", "here": "view=due&tag=hip", "share": str(desk.ortho.public_id)})
    assert SavedView.objects.get().choices == {"view": "due", "tag": "hip"}
    assert "Hips" in text(client.get("/review/"))
    assert "Hips" not in text(browser_of(desk.world.nurse).get("/review/"))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"do": "give", "person": "nobody"}, "Choose who gets the requests."),
        ({"do": "route", "to_queue": "x"}, "Choose the queue they go to."),
        ({"do": "tag", "word": "hip", "line": "not a key"}, "Choose at least one request."),
        ({"do": "approve"}, ""),
    ],
)
def test_what_cannot_be_done_to_many_is_said(cases, desk, given, said):
    client = browser_of(desk.ortho_nurse)
    answer = client.post("/review/many/", given, follow=True)
    assert answer.status_code == 200
    assert said in text(answer)
    assert not BulkChange.objects.exists()
