"""What must leave the building."""

from django.db import models
from django.db.models import Q

from openum.vocabulary.identifiers import new_uuid7


class MessageState(models.TextChoices):
    """Where a message stands."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


class Message(models.Model):
    """One message to the outside: what it is about, not its content; the content is built when it is sent."""

    public_id = models.UUIDField(default=new_uuid7, unique=True)
    kind = models.TextField()  # names the sender, for example "letter.mail"
    ref_kind = models.TextField()  # what ref_id names, for example "notice"
    ref_id = models.UUIDField()
    plan_id = models.UUIDField()  # public id of the plan whose message it is
    dedupe_key = models.TextField(unique=True)  # also given to the other side as idempotency key
    state = models.TextField(choices=MessageState.choices, default=MessageState.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField()
    last_error = models.TextField(blank=True, default="")  # class and code of the error, never its text
    sent_at = models.DateTimeField(null=True)
    proof = models.JSONField(default=dict)  # how the other side took it over; ids and instants only

    class Phi:
        phi: set[str] = set()
        safe = {
            "id", "public_id", "kind", "ref_kind", "ref_id", "plan_id", "dedupe_key", "state", "attempts", "next_at",
            "last_error", "sent_at", "proof",
        }  # fmt: skip

    class Meta:
        indexes = [
            models.Index(fields=["ref_kind", "ref_id"], name="outbox_by_reference"),
            models.Index(fields=["next_at"], name="outbox_open", condition=~Q(state="sent")),
        ]
        constraints = [
            models.CheckConstraint(
                name="sent_message_has_instant_and_proof", condition=~Q(state="sent") | Q(sent_at__isnull=False)
            )
        ]
