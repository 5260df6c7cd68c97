"""Queue and send messages. A message is queued in the transaction of its cause and sent after that has committed."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.db import transaction

from openum.jobs import enqueue
from openum.jobs.rules import MOST_ATTEMPTS, retry_after
from openum.outbox.models import Message, MessageState
from openum.outbox.registry import SENDERS, register_sender
from openum.vocabulary.errors import Conflict, Missing, OpenUMError

__all__ = ["queue", "register_sender", "send", "send_again"]


class _Plan(Protocol):
    @property
    def public_id(self) -> UUID:
        """Public id of the plan."""


@transaction.atomic
def queue(*, kind: str, ref_kind: str, ref_id: UUID, plan: _Plan, run_at: datetime, dedupe_key: str) -> Message:
    """Put a message in the outbox; the same `dedupe_key` again returns the message that is there.

    Raises:
        LookupError: nobody is registered to send this kind.
    """
    if kind not in SENDERS:
        raise LookupError(f"Nobody is registered to send messages of kind {kind}.")
    message, is_new = Message.objects.get_or_create(
        dedupe_key=dedupe_key,
        defaults={
            "kind": kind, "ref_kind": ref_kind, "ref_id": ref_id, "plan_id": plan.public_id, "next_at": run_at,
        },
    )  # fmt: skip
    if is_new:
        payload = {"message": str(message.public_id)}
        enqueue("outbox.send", payload, run_at=run_at, dedupe_key=f"outbox:{message.public_id}")
    return message


def send(*, public_id: UUID, at: datetime) -> None:
    """Hand a message over and keep the proof. A message that is gone already is left alone.

    Runs outside a transaction, because senders talk to other systems.

    Raises:
        Whatever the sender raises, after the attempt was written down; the job then tries again later.
    """
    message = Message.objects.get(public_id=public_id)
    if message.state == MessageState.SENT:
        return
    sender = SENDERS[message.kind]
    try:
        proof = sender.send(message, at=at)
        with transaction.atomic():
            locked = Message.objects.select_for_update().get(pk=message.pk)
            if locked.state == MessageState.SENT:
                return
            locked.state, locked.proof, locked.sent_at = MessageState.SENT, proof, at
            locked.attempts += 1
            locked.save(update_fields=["state", "proof", "sent_at", "attempts"])
            if sender.after is not None:
                sender.after(locked, at=at)
    except Exception as error:
        _note_failure(message, error, at=at)
        raise


@transaction.atomic
def _note_failure(message: Message, error: Exception, *, at: datetime) -> None:
    locked = Message.objects.select_for_update().get(pk=message.pk)
    locked.attempts += 1
    locked.last_error = type(error).__qualname__ + (f" {error.code}" if isinstance(error, OpenUMError) else "")
    locked.next_at = at + retry_after(locked.attempts)
    locked.state = MessageState.FAILED if locked.attempts >= MOST_ATTEMPTS else MessageState.WAITING
    locked.save(update_fields=["attempts", "last_error", "next_at", "state"])


@transaction.atomic
def send_again(*, public_id: UUID, at: datetime) -> Message:
    """Let a person put a failed message back in the queue.

    Raises:
        Missing: there is no such message.
        Conflict: it has not failed.
    """
    message = Message.objects.select_for_update().filter(public_id=public_id).first()
    if message is None:
        raise Missing("There is no such message in the outbox.")
    if message.state != MessageState.FAILED:
        raise Conflict("Only a message that has failed can be sent again; this one is waiting or gone.")
    message.state, message.next_at = MessageState.WAITING, at
    message.save(update_fields=["state", "next_at"])
    key = f"outbox:{message.public_id}:{message.attempts}"
    enqueue("outbox.send", {"message": str(message.public_id)}, run_at=at, dedupe_key=key)
    return message
