"""Handing work over at the end of a shift, and who is on call when nobody else is there."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from openum.accounts.models import User
from openum.vocabulary.identifiers import new_uuid7
from openum.work.models.placements import Placement
from openum.work.models.queues import Queue


class HandOver(models.Model):
    """One line that its holder offers to a colleague with a sentence. Until it is accepted the holder has it."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    GIVEN_BACK = "given_back"
    TAKEN_BACK = "taken_back"

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    placement = models.ForeignKey(Placement, models.PROTECT, related_name="hand_overs")
    giver = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    taker = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    words = models.TextField(help_text="what is open, and what comes next")
    due_at = models.DateTimeField(help_text="by when the next step")
    offered_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    offered_at = models.DateTimeField()
    state = models.TextField(
        choices=[(word, word) for word in (OFFERED, ACCEPTED, GIVEN_BACK, TAKEN_BACK)], default=OFFERED
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(blank=True, help_text="why it is given back")

    class Meta:
        """One offer at a time, to somebody else; an answer has its time, a refusal its words."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["placement"], condition=Q(state="offered"), name="hand_over_open_once"),
            models.CheckConstraint(condition=~Q(giver=F("taker")), name="hand_over_takes_two"),
            models.CheckConstraint(
                condition=Q(state="offered", answered_at__isnull=True)
                | (~Q(state="offered") & Q(answered_at__isnull=False)),
                name="hand_over_answer_has_time",
            ),
            models.CheckConstraint(condition=~Q(state="given_back") | ~Q(answer=""), name="hand_over_refusal_says_why"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["taker"], condition=Q(state="offered"), name="hand_over_to_me"),
        ]

    class Phi:
        """The words tell a case."""

        phi: ClassVar[set[str]] = {"words", "answer"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "placement", "giver", "taker", "due_at", "offered_by", "offered_at", "state", "answered_at",
        }  # fmt: skip


class OnCall(models.Model):
    """Somebody covers a queue for a time in which its own people are not there."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    queue = models.ForeignKey(Queue, models.PROTECT, related_name="on_call", db_index=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="on_call", db_index=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    recorded_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Runs forward; found by queue and time."""

        verbose_name_plural = "on call"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="on_call_in_order"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["queue", "ends_at"], condition=Q(cancelled_at__isnull=True), name="on_call_by_queue"),
            models.Index(fields=["user", "ends_at"], condition=Q(cancelled_at__isnull=True), name="on_call_by_person"),
        ]

    class Phi:
        """Staff data, not member data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {
            "id", "public_id", "queue", "user", "starts_at", "ends_at", "recorded_by", "recorded_at", "cancelled_at",
        }  # fmt: skip
