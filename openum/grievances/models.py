"""Complaints of members, and disputes of providers. Two tables, because they are two rights."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from openum.accounts.models import Organization, User
from openum.appeals.models import Appeal
from openum.cases.models import Request, ServiceLine
from openum.grievances.rules import About, DisputeState, GrievanceState
from openum.vocabulary.identifiers import new_uuid7


def about_choices() -> list[tuple[str, str]]:
    """What a complaint is about, as a callable so that a new word is not a migration."""
    return [(item.value, item.value) for item in About]


def state_choices() -> list[tuple[str, str]]:
    """The states of a complaint."""
    return [(item.value, item.value) for item in GrievanceState]


def dispute_state_choices() -> list[tuple[str, str]]:
    """The states of a dispute."""
    return [(item.value, item.value) for item in DisputeState]


class Grievance(models.Model):
    """One complaint, from its first receipt to its answer. It wraps a request of its own."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    number = models.TextField(unique=True, help_text="case number and complaint count, for example C-26-0000001-G1")
    request = models.OneToOneField(Request, models.PROTECT, related_name="grievance")
    about = models.TextField(choices=about_choices)
    is_fast = models.BooleanField()
    filer_name = models.TextField(blank=True, help_text="who complained for the member; empty: the member")
    issue = models.TextField()
    filed_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    state = models.TextField(choices=state_choices, default=GrievanceState.OPEN)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    extended_at = models.DateTimeField(null=True, blank=True)
    extended_because = models.TextField(blank=True, help_text="why more time was taken, as the letter says it")
    found = models.TextField(blank=True)
    done = models.TextField(blank=True)
    words_kept = models.TextField(blank=True, default="", help_text="why words stay that are hard to read")
    is_substantiated = models.BooleanField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    moved_to = models.OneToOneField(Appeal, models.PROTECT, null=True, blank=True, related_name="came_as_complaint")

    class Meta:
        """What was answered says what was found, by whom and when."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(state="answered")
                | (Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(found="") & ~Q(done="")),
                name="answered_grievance_is_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state="moved") | Q(moved_to__isnull=False), name="moved_grievance_names_its_appeal"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["filed_at"], condition=Q(state="open"), name="open_grievance_by_receipt")
        ]

    class Phi:
        """The member's story."""

        phi: ClassVar[set[str]] = {"issue", "filer_name", "extended_because", "found", "done", "filed_at"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "number", "request", "about", "is_fast", "recorded_by", "state", "acknowledged_at",
            "extended_at", "is_substantiated", "words_kept", "answered_at", "answered_by", "moved_to",
        }  # fmt: skip


class ProviderDispute(models.Model):
    """A provider's own dispute about a decision or a payment. It is never a member's appeal and uses none of its rights."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    number = models.TextField(unique=True, help_text="case number and dispute count, for example C-26-0000001-D1")
    request = models.OneToOneField(Request, models.PROTECT, related_name="dispute")
    line = models.ForeignKey(ServiceLine, models.PROTECT, related_name="disputes")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="disputes")
    issue = models.TextField()
    filed_at = models.DateTimeField()
    filed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    state = models.TextField(choices=dispute_state_choices, default=DisputeState.OPEN)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    is_for_provider = models.BooleanField(null=True, blank=True)
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)

    class Meta:
        """One open dispute of a practice on a line; an answer is whole."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["line", "organization"], condition=Q(state="open"), name="one_open_dispute_per_line"
            ),
            models.CheckConstraint(
                condition=Q(state="open") | (Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer="")),
                name="answered_dispute_is_whole",
            ),
        ]

    class Phi:
        """Words about a person's care."""

        phi: ClassVar[set[str]] = {"issue", "answer"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "number", "request", "line", "organization", "filed_at", "filed_by", "state",
            "acknowledged_at",
            "is_for_provider", "answered_at", "answered_by",
        }  # fmt: skip
