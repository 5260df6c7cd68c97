"""Reads of the outbox."""

from uuid import UUID

from django.db.models import QuerySet

from openum.outbox.models import Message, MessageState


def messages_about(*, ref_kind: str, ref_id: UUID) -> QuerySet[Message]:
    """Return the messages about one thing, oldest first."""
    return Message.objects.filter(ref_kind=ref_kind, ref_id=ref_id).order_by("id")


def failed_messages(plan_ids: list[UUID]) -> QuerySet[Message]:
    """Return the messages of these plans that could not be sent and wait for a person."""
    return Message.objects.filter(plan_id__in=plan_ids, state=MessageState.FAILED).order_by("next_at")
