"""Checklists by case type, mentions, tasks: the rules and the services behind the pages."""

from datetime import timedelta
from pathlib import Path

import pytest

from openum.cases.services import write_note
from openum.vocabulary.errors import Conflict, Invalid, Missing
from openum.work.models import ChecklistTick, Mention, Task, Worker
from openum.work.queries.around import checklists_of
from openum.work.rules.checklists import ChecklistInvalid, read_template
from openum.work.rules.mentions import named_in
from openum.work.services import make_task, move_task, publish_checklist, tick_step, untick_step
from openum.work.services.around import TaskInvalid
from tests.work.test_pages import browser_of, text
from tests.world import knee_request, send

CHECKLISTS = Path(__file__).resolve().parents[2] / "policies" / "checklists"
TEMPLATE = (CHECKLISTS / "surgery.yaml").read_text(encoding="utf-8")


@pytest.fixture
def case(desk, demo_clock, at):
    """A knee request; the shipped checklists are published."""
    for file in sorted(CHECKLISTS.glob("*.yaml")):
        publish_checklist(path=file, by=desk.world.engine, at=at)
    return send(desk.world, knee_request(desk.world, at=at), at=at).case


@pytest.mark.parametrize(
    ("text_", "said"),
    [
        ("steps: [", "not YAML"),
        ("- x", "YAML mapping"),
        ("key: a", "lacks version, name, source, effective_from, steps"),
        (TEMPLATE.replace("2026-01-01", "soon"), "must be a day"),
        (TEMPLATE.replace("specialty:", "colour:"), "colour is no fact"),
        (TEMPLATE.replace("key: site", "key: side"), "Two steps have the same key"),
        (TEMPLATE.replace("key: site, ", ""), "Step 2 needs a key"),
    ],
)
def test_a_template_with_a_fault_is_refused(text_, said):
    with pytest.raises(ChecklistInvalid, match=said):
        read_template(text_)


def test_a_case_gets_the_checklist_of_its_type_and_each_answer_is_kept(case, desk, at):
    nurse = desk.world.nurse
    (found,) = checklists_of(case, at=at)
    assert (found.template.key, found.left) == ("planned-surgery", 4)
    step = {"case": case, "template": "planned-surgery", "by": nurse, "at": at}
    tick_step(**step, step="side", state="done")
    with pytest.raises(Conflict, match="answered this step already"):
        tick_step(**step, step="side", state="done")
    with pytest.raises(Invalid, match="Say why"):
        tick_step(**step, step="site", state="not_applicable")
    with pytest.raises(Missing):
        tick_step(**step, step="moon", state="done")
    with pytest.raises(Missing):
        tick_step(**{**step, "template": "members-own"}, step="language", state="done")
    tick_step(**step, step="site", state="not_applicable", reason="day surgery at home")
    assert checklists_of(case, at=at)[0].left == 2
    untick_step(**step, step="side")
    untick_step(**step, step="side")
    assert checklists_of(case, at=at)[0].left == 3
    assert ChecklistTick.objects.count() == 2


def test_steps_are_answered_on_the_case(case, desk):
    client = browser_of(desk.world.nurse)
    address = f"/cases/{case.public_id}/steps/"
    step = {"template": "planned-surgery", "step": "before"}
    client.post(address, {**step, "do": "done"})
    page = text(client.get(f"/cases/{case.public_id}/"))
    assert "3 steps left" in page
    assert "done, Nurse" in page
    assert "answered this step already" in text(client.post(address, {**step, "do": "done"}, follow=True))
    client.post(address, {**step, "do": "back"})
    assert "4 steps left" in text(client.get(f"/cases/{case.public_id}/"))


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ("@j.abara please", ["j.abara"]), ("(@ann, @BOB.)", ["ann", "bob"]), ("mail a@b.example", []), ("@@x @", []),
        ("@ann @ann", ["ann"]),
    ],
)  # fmt: skip
def test_a_text_names_colleagues_by_the_beginning_of_their_address(said, named):
    assert named_in(said) == named


def test_a_note_names_nobody_who_may_not_see_the_case_nor_its_writer(case, desk, at):
    write_note(case=case, text="@provider @member @nurse @ortho", by=desk.world.nurse, at=at)
    assert [mention.user for mention in Mention.objects.all()] == [desk.ortho_nurse]


def test_a_task_is_somebodys_of_the_plan_and_its_times_fit(case, desk, at):
    task = {
        "plan": case.plan,
        "case": case,
        "title": "Call",
        "due_at": at + timedelta(hours=1),
        "by": desk.world.nurse,
        "at": at,
    }
    for change, said in (
        ({}, "Say whose"), ({"owner": desk.world.provider}, "does not work for"), ({"owner": desk.world.nurse, "title": " "}, "Say what"),
        ({"owner": desk.world.nurse, "due_at": at}, "due in the future"),
        ({"owner": desk.world.nurse, "remind_at": at + timedelta(hours=2)}, "reminder comes before"),
    ):  # fmt: skip
        with pytest.raises(TaskInvalid, match=said):
            make_task(**{**task, **change})
    with pytest.raises(Missing):
        make_task(**{**task, "by": desk.world.member_user, "owner": desk.world.nurse})
    made = make_task(**task, owner=desk.world.nurse, remind_at=at + timedelta(minutes=50))
    sooner = at + timedelta(minutes=30)
    move_task(task=made, owner=None, queue=desk.ortho, due_at=sooner, by=desk.director, at=at)
    assert Task.objects.get().remind_at == sooner


def test_capacity_is_set_on_the_page_of_days(desk, demo_clock):
    client = browser_of(desk.director)
    given = {"person": str(desk.world.nurse.public_id), "points_a_day": "90", "languages": "es, vi"}
    assert client.post("/desk/days/capacity/", given).status_code == 302
    worker = Worker.objects.get(user=desk.world.nurse)
    assert (worker.points_a_day, worker.languages) == (90, ["en", "es", "vi"])
    assert client.post("/desk/days/capacity/", {**given, "points_a_day": "-1"}).status_code == 422
    assert browser_of(desk.world.nurse).post("/desk/days/capacity/", given).status_code == 403
