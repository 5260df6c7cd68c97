"""The conversation between clinicians: published times, the offer and its outcome, delegates, writing, calendar files."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q

from openum.accounts.models import User
from openum.cases.models import Case, ServiceLine
from openum.directory.models import Policy
from openum.review.rules.offers import DelegateKind
from openum.vocabulary.identifiers import new_uuid7

_OPEN = ["offered", "booked", "written"]


class PhysicianCalendar(models.Model):
    """How a physician keeps their times: the zone they write them in, and the line on which they call."""

    physician = models.OneToOneField(User, models.PROTECT, related_name="calendar")
    time_zone = models.TextField(help_text="IANA name, for example America/Chicago")
    minutes = models.PositiveSmallIntegerField(default=10, help_text="length of a conversation unless said otherwise")

    class Phi:
        """No member data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {"id", "physician", "time_zone", "minutes"}


class PeerToPeerSlot(models.Model):
    """A time at which a physician of the plan can talk. Withdrawn, it stays on record and can be published anew."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    physician = models.ForeignKey(User, models.PROTECT, related_name="slots")
    starts_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField(default=10)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """A physician is in one conversation at a time."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["physician", "starts_at"], condition=Q(withdrawn_at__isnull=True), name="slot_once"
            )
        ]

    class Phi:
        """No member data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {"id", "public_id", "physician", "starts_at", "minutes", "withdrawn_at"}

    @property
    def ends_at(self) -> datetime:
        """The first instant after it."""
        return self.starts_at + timedelta(minutes=self.minutes)


class PeerToPeer(models.Model):
    """An offered conversation between the ordering clinician and a physician of the plan, to its outcome."""

    OFFERED = "offered"
    BOOKED = "booked"
    WRITTEN = "written"
    HELD = "held"
    NOT_REACHED = "not_reached"
    DECLINED = "declined"
    CLOSED = "closed"

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="peer_to_peers")
    line = models.ForeignKey(ServiceLine, models.PROTECT, related_name="peer_to_peers")
    state = models.TextField(
        choices=[(word, word) for word in (OFFERED, BOOKED, WRITTEN, HELD, NOT_REACHED, DECLINED, CLOSED)],
        default=OFFERED,
    )
    offered_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    offered_at = models.DateTimeField()
    offered_how = models.TextField(help_text="before the decision, with the notice, or asked for by the practice")
    terms = models.ForeignKey(
        Policy, models.PROTECT, null=True, blank=True, related_name="+", help_text="the policy its terms come from"
    )
    open_until = models.DateTimeField(null=True, blank=True)
    slot = models.OneToOneField(PeerToPeerSlot, models.PROTECT, null=True, blank=True, related_name="conversation")
    booked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    booked_at = models.DateTimeField(null=True, blank=True)
    attendee = models.TextField(blank=True)
    call_back = models.TextField(blank=True)
    sequence = models.PositiveIntegerField(default=0, help_text="of its calendar files (RFC 5545 3.8.7.4)")
    plan_failed_at = models.DateTimeField(
        null=True, blank=True, help_text="when the plan last missed or called off the conversation"
    )
    held_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    held_from = models.DateTimeField(null=True, blank=True)
    held_to = models.DateTimeField(null=True, blank=True)
    outcome = models.TextField(
        blank=True, help_text="approved, agreed alternative, upheld, new information, not reached, declined"
    )
    note = models.TextField(blank=True)
    conclusion = models.TextField(
        blank=True, help_text="why approved, what was agreed, or what the practice will send: what follows rests on it"
    )

    class Meta:
        """One open conversation per line; booking and holding name their people."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["line"], condition=Q(state__in=_OPEN), name="one_open_conversation_per_line"
            ),
            models.CheckConstraint(
                condition=~Q(state="booked") | (Q(slot__isnull=False) & Q(booked_at__isnull=False)),
                name="booked_conversation_has_slot",
            ),
            models.CheckConstraint(
                condition=~Q(state="held") | (Q(held_by__isnull=False) & Q(held_from__isnull=False)),
                name="held_conversation_names_physician",
            ),
        ]

    class Phi:
        """Names and notes."""

        phi: ClassVar[set[str]] = {"attendee", "call_back", "note", "conclusion"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "case", "line", "state", "offered_by", "offered_at", "offered_how", "terms", "open_until",
            "slot", "booked_by", "booked_at", "sequence", "plan_failed_at", "held_by", "held_from", "held_to", "outcome",
        }  # fmt: skip

    @property
    def is_open(self) -> bool:
        """Whether it can still take place."""
        return self.state in _OPEN


class PeerToPeerDelegate(models.Model):
    """A colleague or staff member whom the ordering doctor named to book, to speak, or both. Ended, never deleted."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    conversation = models.ForeignKey(PeerToPeer, models.PROTECT, related_name="delegates")
    kind = models.TextField(choices=[(word.value, word.value) for word in DelegateKind])
    name = models.TextField()
    user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    may_book = models.BooleanField(default=False)
    may_speak = models.BooleanField(default=False)
    named_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    named_at = models.DateTimeField()
    on_word_of = models.TextField(blank=True, help_text="the ordering doctor, where staff wrote it down")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """A delegate may do something; who books has a login."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(may_book=True) | Q(may_speak=True), name="delegate_may_do_something"),
            models.CheckConstraint(condition=Q(may_book=False) | Q(user__isnull=False), name="booker_has_login"),
        ]

    class Phi:
        """Names."""

        phi: ClassVar[set[str]] = {"name", "on_word_of"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "conversation", "kind", "user", "may_book", "may_speak", "named_by", "named_at", "ended_at",
        }  # fmt: skip


class PeerToPeerStatement(models.Model):
    """What the ordering doctor, or a delegate who may speak, wrote instead of a call. Never edited; the next one adds."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    conversation = models.ForeignKey(PeerToPeer, models.PROTECT, related_name="statements")
    author = models.TextField()
    text = models.TextField()
    sent_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()

    class Phi:
        """Clinical text and its author."""

        phi: ClassVar[set[str]] = {"author", "text"}
        safe: ClassVar[set[str]] = {"id", "public_id", "conversation", "sent_by", "sent_at"}


class CalendarMessage(models.Model):
    """One calendar file to one person: what it said when it was made, so that it can be made again. No member data."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    conversation = models.ForeignKey(PeerToPeer, models.PROTECT, related_name="calendar_messages")
    recipient = models.ForeignKey(User, models.PROTECT, related_name="+")
    organizer = models.ForeignKey(User, models.PROTECT, related_name="+", help_text="the physician of the time")
    method = models.TextField(choices=[(word, word) for word in (REQUEST, CANCEL)])
    sequence = models.PositiveIntegerField()
    starts_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField()
    reminders = models.JSONField(default=list, help_text="minutes before the start")
    made_at = models.DateTimeField()

    class Meta:
        """A person hears of a change once."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["conversation", "recipient", "sequence"], name="calendar_message_once_per_change"
            )
        ]

    class Phi:
        """No member data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {
            "id", "public_id", "conversation", "recipient", "organizer", "method", "sequence", "starts_at", "minutes",
            "reminders", "made_at",
        }  # fmt: skip
