"""Two people decide the same line at the same moment: one decision stands, the other person is told what happened."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections
from django.test import Client

from openum.accounts.models import User
from openum.audit.verification import verify
from openum.cases.models import ServiceLine
from openum.db import clock
from openum.determination.models import Authorization, Determination
from openum.notices.models import Notice
from openum.review.models import Review
from openum.review.services import refer_to_physician
from openum.vocabulary.terms import LineStatus
from tests import world as worlds
from tests.world import knee_request, send

pytestmark = pytest.mark.django_db(transaction=True)
NO = {
    "rationale": "The record shows no care without surgery of twelve weeks, and no reason why it cannot be done.",
    "reason_class": "not_medically_necessary",
    **{f"answer-{leaf}": "Nothing in the record shows it." for leaf in ("1", "2", "3a", "3b", "4", "5")},
}
LESS = NO | {"units": "0.5"}
YES = {"from_decision": "1", "rationale": "I judge the picture of the whole person to outweigh the missing record."}


@pytest.fixture
def world(transactional_db, at):
    """The small world at a fixed instant, seen by every thread."""
    world = worlds.fresh()
    clock.set_demo_clock(at)
    return world


def referred_line(world, at):
    """A knee replacement that waits for a physician."""
    line = send(world, knee_request(world, at=at), at=at).case.lines.get()
    refer_to_physician(line=line, summary="Nothing shows care before.", by=world.nurse, at=at, specialty="orthopaedics")
    return line


def press(line, user: User, action: str, fields: dict, start: Barrier):
    """Press a button as soon as the other person does."""
    try:
        client = Client()
        client.force_login(user)
        start.wait(30)
        answer = client.post(f"/decisions/{line.public_id}/{action}/", fields)
        return answer.status_code, answer.content.decode()
    finally:
        connections.close_all()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("deny", NO), ("approve", YES)),
        (("deny", NO), ("deny", NO)),
        (("approve", YES), ("approve", YES)),
        (("deny", LESS), ("deny", LESS)),
    ],
    ids=["a no and a yes", "two times no", "two times yes", "two times less"],
)
def test_one_decision_stands_and_the_other_person_gets_a_clear_conflict(world, at, first, second):
    line = referred_line(world, at)
    start = Barrier(2)
    with ThreadPoolExecutor(2) as pool:
        pressed = [
            pool.submit(press, line, user, action, fields, start)
            for user, (action, fields) in ((world.physician, first), (world.orthopaedist, second))
        ]
        answers = [each.result(60) for each in pressed]
    assert sorted(status for status, _ in answers) == [302, 409], [text[:300] for _, text in answers]
    told = next(text for status, text in answers if status == 409)
    assert "decided" in told or "decision" in told
    decision = Determination.objects.get(line=line)
    line = ServiceLine.objects.get(pk=line.pk)
    assert line.status == decision.outcome
    assert Authorization.objects.filter(line=line).count() == (decision.outcome != LineStatus.DENIED)
    assert not Review.objects.filter(line=line, ended_at__isnull=True).exists()
    assert verify() == []


def test_a_no_given_while_the_practice_takes_the_request_back_leaves_one_end(world, at):
    line = referred_line(world, at)
    start = Barrier(2)
    with ThreadPoolExecutor(2) as pool:
        deny = pool.submit(press, line, world.physician, "deny", NO, start)
        back = pool.submit(take_back, line, world.provider, start)
        answers = [deny.result(60)[0], back.result(60)]
    line = ServiceLine.objects.get(pk=line.pk)
    assert line.status in {LineStatus.DENIED, LineStatus.WITHDRAWN}
    assert Determination.objects.filter(line=line).count() == (line.status == LineStatus.DENIED)
    assert Notice.objects.filter(case=line.case, kind="denial").exists() == (line.status == LineStatus.DENIED)
    assert sorted(answers) == [302, 409]
    assert verify() == []


def take_back(line, user: User, start: Barrier):
    """Withdraw the line on the page of the request."""
    try:
        client = Client()
        client.force_login(user)
        start.wait(30)
        fields = {"do": "withdraw", "line": str(line.public_id), "reason": "The member wants to wait."}
        return client.post(f"/requests/{line.case.public_id}/", fields).status_code
    finally:
        connections.close_all()
