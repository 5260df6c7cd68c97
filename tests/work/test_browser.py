"""Pages of work in Chromium, with queues, rules, people and a task: no accessibility fault in either theme and width."""

import os
from datetime import timedelta

import pytest

from openum.db import clock
from openum.work.models import Placement
from openum.work.services import give_lines, hand_over, make_task, record_absence, record_on_call, tag_cases, watch
from tests import world as worlds
from tests.pages.test_browser import chromium, faults_of, page_of, pytestmark  # noqa: F401
from tests.threads import in_own_thread
from tests.work.conftest import make_desk
from tests.world import knee_request, send

PICTURES = os.environ.get("OPENUM_PICTURES", "")


def _make(at):
    """A case that is placed, held, tagged, watched and has a task; a person who is away."""
    desk = make_desk(worlds.fresh(), at)
    case = send(desk.world, knee_request(desk.world, at=at), at=at).case
    line_ids = [case.lines.get().public_id]
    give_lines(line_ids=line_ids, to=desk.ortho_nurse, by=desk.director, at=at)
    tag_cases(line_ids=line_ids, word="hip", by=desk.director, at=at)
    watch(case=case, by=desk.director, at=at)
    task = make_task(
        plan=desk.world.plan, case=case, title="Call", owner=desk.director, due_at=at + timedelta(minutes=30), by=desk.director,
        at=at,
    )  # fmt: skip
    day = at.date()
    record_absence(
        user=desk.ortho_nurse, kind="training", first_day=day, back_on=day + timedelta(days=2), percent_left=50,
        by=desk.director, at=at,
    )  # fmt: skip
    record_on_call(
        queue=desk.ortho,
        user=desk.spanish_nurse,
        starts_at=at,
        ends_at=at + timedelta(hours=14),
        by=desk.director,
        at=at,
    )
    other = send(desk.world, knee_request(desk.world, of=desk.world.erisa_member, at=at), at=at).case.lines.get()
    give_lines(line_ids=[other.public_id], to=desk.ortho_nurse, by=desk.director, at=at)
    hand_over(
        placement=Placement.objects.get(line=other, left_at__isnull=True), taker=desk.world.nurse,
        words="The film is asked for; call the office.", due_at=at + timedelta(hours=20), by=desk.ortho_nurse, at=at,
    )  # fmt: skip
    clock.set_demo_clock(at + timedelta(hours=1))
    return desk, case, task


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
def test_pages_of_work_have_no_fault(chromium, live_server, transactional_db, at, scheme, width):  # noqa: F811
    desk, case, task = in_own_thread(_make, at)
    problems: list[str] = []
    found: dict[str, list[str]] = {}
    for user, addresses in (
        (desk.director, ["/desk/", "/desk/queues/", f"/desk/queues/{desk.ortho.public_id}/", "/desk/rules/", "/desk/days/",
                         f"/desk/tasks/{task.public_id}/", f"/cases/{case.public_id}/", "/desk/on-call/", "/desk/hand-over/"]),
        (desk.ortho_nurse, ["/review/?view=team", "/review/?holder=me", "/desk/hand-over/"]),
        (desk.world.nurse, ["/desk/hand-over/", "/review/"]),
    ):  # fmt: skip
        page = page_of(chromium, live_server, user, scheme=scheme, width=width, problems=problems)
        for address in addresses:
            page.goto(live_server.url + address)
            faults = faults_of(page) + problems
            if PICTURES:
                name = f"{user.name}{address.split('?')[0].replace('/', '-')}{scheme}-{width}"
                page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)
            problems.clear()
            if faults:
                found[address] = faults
        page.context.close()
    assert found == {}
