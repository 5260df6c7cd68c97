from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest

from openum.jobs import run_due
from openum.outbox import registry, services
from openum.outbox.models import Message, MessageState
from openum.outbox.queries import failed_messages, messages_about
from openum.vocabulary.errors import Conflict
from openum.vocabulary.identifiers import new_uuid7
from tests.conftest import NOON

pytestmark = pytest.mark.django_db


@dataclass
class Plan:
    public_id: UUID


PLAN = Plan(new_uuid7())
NOTICE = new_uuid7()


@pytest.fixture
def mailed(monkeypatch):
    """Letters handed to the mail house; `fail` makes it refuse."""
    monkeypatch.setattr(registry, "SENDERS", {})
    monkeypatch.setattr(services, "SENDERS", registry.SENDERS)
    house = {"letters": [], "after": [], "fail": False}

    def send(message, *, at):
        if house["fail"]:
            raise TimeoutError("The mail house says: Mrs. Example's address is wrong.")
        house["letters"].append(message.dedupe_key)
        return {"batch": "7"}

    def after(message, *, at):
        house["after"].append((message.proof, at))

    registry.register_sender("letter.mail", send, after=after)
    return house


def queue(key="notice:1"):
    return services.queue(kind="letter.mail", ref_kind="notice", ref_id=NOTICE, plan=PLAN, run_at=NOON, dedupe_key=key)


def test_a_message_is_sent_by_a_job_and_its_proof_is_kept(mailed):
    message = queue()
    assert mailed["letters"] == []
    assert run_due(NOON) == 1
    message.refresh_from_db()
    assert (message.state, message.sent_at, message.proof, message.attempts) == (
        MessageState.SENT, NOON, {"batch": "7"}, 1,
    )  # fmt: skip
    assert mailed["after"] == [({"batch": "7"}, NOON)]


def test_the_same_key_queues_one_message(mailed):
    assert queue().pk == queue().pk
    run_due(NOON)
    assert mailed["letters"] == ["notice:1"]


def test_sending_again_by_a_repeated_job_does_nothing(mailed):
    message = queue()
    services.send(public_id=message.public_id, at=NOON)
    services.send(public_id=message.public_id, at=NOON)
    assert mailed["letters"] == ["notice:1"]


def test_a_refusal_is_noted_without_its_words_and_tried_again(mailed):
    message = queue()
    mailed["fail"] = True
    run_due(NOON)
    message.refresh_from_db()
    assert (message.state, message.last_error, message.next_at) == (
        MessageState.WAITING, "TimeoutError", NOON + timedelta(seconds=5),
    )  # fmt: skip
    mailed["fail"] = False
    run_due(NOON + timedelta(seconds=5))
    assert messages_about(ref_kind="notice", ref_id=NOTICE).get().state == MessageState.SENT


def test_after_eight_refusals_a_person_decides(mailed):
    message = queue()
    mailed["fail"] = True
    at = NOON
    for _ in range(8):
        run_due(at)
        at += timedelta(hours=2)
    assert list(failed_messages([PLAN.public_id])) == [message]
    mailed["fail"] = False
    services.send_again(public_id=message.public_id, at=at)
    run_due(at)
    assert mailed["letters"] == ["notice:1"]
    with pytest.raises(Conflict, match="Only a message that has failed"):
        services.send_again(public_id=message.public_id, at=at)


def test_a_kind_nobody_sends_cannot_be_queued(mailed):
    with pytest.raises(LookupError, match=r"Nobody is registered to send messages of kind pigeon\."):
        services.queue(kind="pigeon", ref_kind="notice", ref_id=NOTICE, plan=PLAN, run_at=NOON, dedupe_key="x")
    assert Message.objects.count() == 0
