"""The ladder of outreach: steps relative to the time there is, tasks when due, ended by a try or by the information."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings

from openum.cases.models import InformationItem, InformationRequest
from openum.cases.services import ItemAsked, settle_items
from openum.determination.ladder import LadderInvalid, Step, dues, next_due, steps_of
from openum.determination.models import OutreachStep
from openum.determination.outreach import Try
from openum.determination.services import climb, log_outreach, publish_ladder
from openum.review.services import ask_for_information
from openum.vocabulary.terms import Channel
from openum.work.models import Task
from tests.provider.office import browser_of
from tests.world import knee_request, note, send

NOON, HOUR = datetime(2026, 11, 30, 12, tzinfo=UTC), timedelta(hours=1)
STEPS = (
    Step(key="a", way=Channel.PHONE, share=0.25), Step(key="b", way=Channel.FAX, share=0.5),
    Step(key="c", way=Channel.PHONE, share=0.75),
)  # fmt: skip
PATH = settings.OPENUM_POLICIES / "outreach" / "harbor.yaml"


@pytest.mark.parametrize(
    ("tries", "done", "following"),
    [
        ([], "", "a"),
        ([(1, "phone", "no answer")], "a", "b"),
        ([(1, "phone", "wrong number")], "", "a"),
        ([(-1, "phone", "reached")], "", "a"),
        ([(1, "fax", "sent")], "b", "a"),
        ([(1, "phone", "no answer"), (2, "phone", "left message")], "ac", "b"),
        ([(1, "phone", "no answer"), (2, "fax", "sent"), (3, "phone", "reached")], "abc", None),
    ],
)
def test_a_try_does_the_first_step_of_its_way(tries, done, following):
    made = [Try(at=NOON + hours * HOUR, way=way, outcome=outcome) for hours, way, outcome in tries]
    rows = dues(STEPS, asked_at=NOON, ends_at=NOON + 8 * HOUR, tries=made)
    assert [row.due_at for row in rows] == [NOON + 2 * HOUR, NOON + 4 * HOUR, NOON + 6 * HOUR]
    assert "".join(row.step.key for row in rows if row.done_by) == done
    row = next_due(rows)
    assert (row.step.key if row else None) == following


def test_the_shipped_ladder_reads_and_a_faulty_one_is_refused():
    body = PATH.read_text("utf-8")
    assert [step.way for step in steps_of(body)] == ["phone", "fax", "phone", "mail"]
    for fault, words in (
        (body.replace("0.25", "1.25"), "between 0 and 1"), (body.replace("way: fax", "way: bird"), "phone, fax"),
        (body.replace("second-call", "first-call"), "same key"), ("steps: []", "list"),
    ):  # fmt: skip
        with pytest.raises(LadderInvalid, match=words):
            steps_of(fault)


@pytest.mark.django_db
def test_a_step_that_is_due_makes_a_task_which_a_try_or_the_answer_ends(world, demo_clock, at):
    publish_ladder(path=PATH, plan=world.plan, by=world.engine, at=at)
    case = send(world, knee_request(world, at=at, evidence=(note("Visit", "Knee pain."),)), at=at).case
    line = case.lines.get()
    if not InformationRequest.objects.filter(case=case).exists():
        ask_for_information(
            case=case, request=line.request, items=[ItemAsked(line=line, text="The film")], by=world.nurse, at=at
        )
    question = InformationRequest.objects.get(case=case)
    assert climb(by=world.engine, at=at) == 0
    far = at + timedelta(days=400)
    assert (climb(by=world.engine, at=far), climb(by=world.engine, at=far)) == (1, 0)
    assert OutreachStep.objects.get().step == "first-call"
    demo_clock.set_demo_clock(far)
    page = browser_of(world.nurse).get(f"/lines/{line.public_id}/attempts/")
    page = page if page.status_code == 200 else browser_of(world.nurse).get(f"/cases/{case.public_id}/")
    assert "Steps after the question" in page.content.decode()
    tried = log_outreach(
        line=line, channel=Channel.PHONE, outcome="no answer", address="555 0100", note="The film.", by=world.nurse,
        at=far + HOUR,
    )  # fmt: skip
    assert tried.information_request == question
    assert climb(by=world.engine, at=far + 2 * HOUR) == 1
    assert [row.ended_at is not None for row in OutreachStep.objects.order_by("pk")] == [True, False]
    items = dict.fromkeys(question.items.filter(state=InformationItem.REQUESTED).values_list("pk", flat=True))
    settle_items(question=question, answers=items, by=world.provider, at=far + 3 * HOUR)
    assert climb(by=world.engine, at=far + 4 * HOUR) == 0
    assert not OutreachStep.objects.filter(ended_at=None).exists()
    assert not Task.objects.filter(outreach_steps__isnull=False, ended_at=None).exists()
