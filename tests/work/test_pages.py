"""Pages of work: queues, rules with their simulation, days, tasks, and what stands on a case."""

import html
import re

import pytest
from django.test import Client

from openum.db import clock
from openum.work.models import Absence, ChecklistTick, Placement, Queue, Task, Watch
from tests.work.conftest import RULES
from tests.world import knee_request, send

NEW = RULES.replace('version: "1"', 'version: "2"').replace("queue: ortho-rn", "queue: general-rn")


@pytest.fixture
def case(desk, at):
    """A knee request that waits."""
    clock.set_demo_clock(at)
    return send(desk.world, knee_request(desk.world, at=at), at=at).case


def browser_of(user) -> Client:
    """A signed-in browser."""
    client = Client()
    client.force_login(user)
    return client


def text(answer) -> str:
    """The words of a page."""
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


def test_the_board_shows_count_age_and_what_is_due_next(case, desk):
    page = text(browser_of(desk.world.nurse).get("/desk/queues/"))
    assert "Ortho RN" in page
    assert re.search(r"Ortho RN .* 1 1 under 1 min", page)


def test_a_queue_is_kept_and_closed_on_its_page(case, desk):
    client = browser_of(desk.director)
    given = {
        "name": "Sleep RN", "key": "sleep-rn", "stage": "nurse", "owner": str(desk.director.public_id),
        "people": [str(desk.ortho_nurse.public_id)], "skills": "Sleep medicine", "hours": "mon-fri 08:00-17:00",
        "gives_out": "on",
    }  # fmt: skip
    assert client.post("/desk/queues/new/", given).status_code == 302
    queue = Queue.objects.get(key="sleep-rn")
    assert (queue.skills, queue.hours["fri"]) == (["sleep medicine"], ["08:00", "17:00"])
    address = f"/desk/queues/{queue.public_id}/"
    assert "mon-fri 08:00-17:00" in client.get(address).content.decode()
    answer = client.post(address, {**given, "hours": "someday 8-9"})
    assert (answer.status_code, "is not understood" in text(answer)) == (422, True)
    answer = client.post(address, {**given, "hours": "mon 17:00-08:00"})
    assert (answer.status_code, "closes before it opens" in text(answer)) == (422, True)
    assert client.post(address, {"do": "close"}).status_code == 302
    assert not Queue.objects.get(key="sleep-rn").is_open
    answer = client.post(f"/desk/queues/{desk.ortho.public_id}/", {"do": "close"})
    assert "The rules in force still send requests here" in text(answer)
    assert browser_of(desk.world.nurse).get("/desk/queues/new/").status_code == 403


def test_rules_are_published_only_after_this_very_text_was_simulated(case, desk):
    client = browser_of(desk.director)
    assert "bones and joints" in text(client.get("/desk/rules/"))
    answer = client.post("/desk/rules/", {"text": NEW, "do": "publish"})
    assert (answer.status_code, "Simulate this very text first" in text(answer)) == (422, True)
    answer = client.post("/desk/rules/", {"text": NEW, "do": "simulate"})
    page = text(answer)
    assert "0 stay, 1 would move" in page
    assert case.number in page
    token = re.search(r'name="token" value="([^"]+)"', answer.content.decode()).group(1)
    answer = client.post("/desk/rules/", {"text": NEW.replace("the rest", "else"), "do": "publish", "token": token})
    assert answer.status_code == 422
    assert client.post("/desk/rules/", {"text": NEW, "do": "publish", "token": token}).status_code == 302
    assert "version 2" in text(client.get("/desk/rules/"))
    assert client.post("/desk/rules/route-anew/", {"plan": desk.world.plan.key}).status_code == 302


def test_a_fault_in_the_rules_is_said_and_the_text_stays(case, desk):
    answer = browser_of(desk.director).post(
        "/desk/rules/", {"text": NEW.replace("general-rn", "moon"), "do": "simulate"}
    )
    assert answer.status_code == 422
    assert "names the queue moon, which is not open" in text(answer)
    assert "queue: moon" in text(answer)


def test_who_may_not_keep_the_work_sees_the_rules_and_cannot_try_others(case, desk):
    client = browser_of(desk.world.nurse)
    assert "Write other rules" not in text(client.get("/desk/rules/"))
    assert "would move" not in text(client.post("/desk/rules/", {"text": NEW, "do": "simulate"}))
    assert client.post("/desk/rules/route-anew/").status_code == 403


def test_people_keep_their_own_days_and_who_keeps_the_work_everybodys(case, desk):
    nurse, client = desk.world.nurse, browser_of(desk.world.nurse)
    days = {"kind": "away", "first_day": "2026-11-18", "back_on": "2026-11-20", "percent_left": "0"}
    assert client.post("/desk/days/", {**days, "person": str(desk.ortho_nurse.public_id)}).status_code == 422
    assert client.post("/desk/days/", {**days, "person": str(nurse.public_id)}).status_code == 302
    answer = client.post("/desk/days/", {**days, "person": str(nurse.public_id)})
    assert (answer.status_code, "overlap an absence" in text(answer)) == (422, True)
    assert "away" in text(client.get("/desk/days/"))
    half = {**days, "kind": "training", "first_day": "2026-11-20", "back_on": "2026-11-21", "percent_left": "50"}
    assert client.post("/desk/days/", {**half, "person": str(nurse.public_id)}).status_code == 302
    assert "30 training" in text(client.get("/desk/days/"))
    assert client.get("/desk/days/?week=2").status_code == 200
    absence = Absence.objects.get(kind="away")
    assert browser_of(desk.ortho_nurse).post(f"/desk/days/{absence.public_id}/cancel/").status_code == 404
    assert browser_of(desk.director).post(f"/desk/days/{absence.public_id}/cancel/").status_code == 302
    assert Absence.objects.get(kind="away").cancelled_at is not None


def test_a_task_is_written_moved_and_ended(case, desk):
    client = browser_of(desk.world.nurse)
    given = {
        "title": "Call the practice", "owner": f"p:{desk.world.nurse.public_id}", "due_at": "2026-11-16T15:00",
        "remind_at": "2026-11-16T11:00",
    }  # fmt: skip
    address = f"/cases/{case.public_id}/tasks/new/"
    assert client.get(address).status_code == 200
    answer = client.post(address, {**given, "due_at": "2026-11-15T15:00", "remind_at": ""})
    assert (answer.status_code, "due in the future" in text(answer)) == (422, True)
    assert client.post(address, given).status_code == 302
    task = Task.objects.get()
    page = text(client.get("/desk/"))
    assert re.search(r"Reminders 1 .*Call the practice", page)
    one = f"/desk/tasks/{task.public_id}/"
    moved = {"do": "move", "owner": f"q:{desk.ortho.public_id}", "due_at": "2026-11-17T15:00"}
    assert client.post(one, moved).status_code == 302
    assert "Call the practice" in text(browser_of(desk.ortho_nurse).get("/desk/"))
    answer = client.post(one, {"do": "end", "ended_with": "dropped", "outcome": ""})
    assert (answer.status_code, "Say why the task is dropped" in text(answer)) == (422, True)
    assert client.post(one, {"do": "end", "ended_with": "done", "outcome": "They will send it."}).status_code == 302
    assert "They will send it." in text(client.get(one))
    answer = client.post(one, {"do": "end", "ended_with": "done", "outcome": ""})
    assert (answer.status_code, "has ended already" in text(answer)) == (422, True)
    assert browser_of(desk.world.provider).get(one).status_code == 403


def test_a_case_shows_where_it_is_and_why_and_can_be_watched(case, desk):
    client = browser_of(desk.world.nurse)
    page = text(client.get(f"/cases/{case.public_id}/"))
    assert "In this queue because: bones and joints (rule ortho, version 1)" in page
    assert "Weight: 15 points, long records" in page
    assert client.post(f"/cases/{case.public_id}/watch/").status_code == 302
    assert case.number in text(client.get("/desk/"))
    assert client.post("/desk/seen/").status_code == 302
    client.post(f"/cases/{case.public_id}/watch/", {"do": "stop"})
    assert Watch.objects.get().ended_at is not None


def test_a_note_puts_itself_before_the_colleague_it_names(case, desk):
    sent = {"text": "Please look, @ortho and @nobody.", "is_part_of_record": ""}
    browser_of(desk.world.nurse).post(f"/cases/{case.public_id}/notes/", sent)
    client = browser_of(desk.ortho_nurse)
    assert "Please look" in text(client.get("/desk/"))
    client.post("/desk/seen/", {"do": "mentions"})
    assert "Please look" not in text(client.get("/desk/"))


def test_the_next_request_is_handed_out_or_nothing_waits(case, desk):
    client = browser_of(desk.ortho_nurse)
    line = case.lines.get()
    assert client.post("/desk/next/").headers["Location"] == "/review/"  # it waits for the provider
    type(line).objects.filter(pk=line.pk).update(status="pended_with_payer")
    answer = client.post("/desk/next/")
    assert answer.headers["Location"] == f"/review/{line.public_id}/"
    assert Placement.objects.get().holder == desk.ortho_nurse
    assert "Nothing waits in your queues" in text(client.post("/desk/next/", follow=True))


def test_other_peoples_work_does_not_exist(case, desk):
    member = browser_of(desk.world.member_user)
    assert member.get("/desk/").status_code == 403
    assert member.post(f"/cases/{case.public_id}/watch/").status_code == 403
    assert not ChecklistTick.objects.exists()
