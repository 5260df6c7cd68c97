"""Queues with owner, skills and hours; the people who work in them, and when they are away."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from openum.accounts.models import Plan, User
from openum.vocabulary.identifiers import new_uuid7
from openum.work.rules.facts import Stage


def stage_choices() -> list[tuple[str, str]]:
    """The stages, as a callable so that a new word is not a migration."""
    return [(stage.value, stage.value) for stage in Stage]


class Queue(models.Model):
    """Where lines of one stage wait for the people who can work them."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="queues")
    key = models.SlugField()
    name = models.TextField()
    stage = models.TextField(choices=stage_choices)
    owner = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="owned_queues")
    skills = models.JSONField(default=list, help_text="fields of medicine of which a person needs one; empty: any")
    licence_kind = models.TextField(blank=True, help_text="licence that a person needs in the product's state")
    hours = models.JSONField(default=dict, help_text="opening and closing by weekday; empty: always worked")
    backup = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="backs")
    gives_out = models.BooleanField(default=True, help_text="lines are given to people without being asked for")
    is_open = models.BooleanField(default=True)

    class Meta:
        """A key once per plan; no queue is its own backup."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "key"], name="queue_key_once"),
            models.CheckConstraint(
                condition=Q(backup__isnull=True) | ~Q(backup=F("id")), name="queue_is_not_its_own_backup"
            ),
        ]

    class Phi:
        """No member data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {
            "id", "public_id", "plan", "key", "name", "stage", "owner", "skills", "licence_kind", "hours", "backup",
            "gives_out", "is_open",
        }  # fmt: skip


class QueueMember(models.Model):
    """A person works in a queue."""

    queue = models.ForeignKey(Queue, models.CASCADE, related_name="members")
    user = models.ForeignKey(User, models.CASCADE, related_name="queue_memberships")

    class Meta:
        """Once per queue."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["queue", "user"], name="queue_member_once")]

    class Phi:
        """No member data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {"id", "queue", "user"}


class Worker(models.Model):
    """What a person can carry on a usual day, and the languages they work in. Fields and licences stand in accounts."""

    user = models.OneToOneField(User, models.CASCADE, related_name="worker")
    points_a_day = models.PositiveIntegerField(help_text="complexity points of a whole working day")
    languages = models.JSONField(default=list)

    class Phi:
        """No member data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {"id", "user", "points_a_day", "languages"}


class Absence(models.Model):
    """Days on which a person works less or not at all. The reason is a kind, never a diagnosis."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="absences")
    kind = models.TextField(choices=[(word, word) for word in ("away", "training", "meetings", "part_time")])
    first_day = models.DateField()
    back_on = models.DateField(help_text="first day back")
    percent_left = models.PositiveSmallIntegerField(default=0, help_text="share of the usual points, 0 to 90")
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Runs forward; leaves less than a whole day."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(back_on__gt=F("first_day")), name="absence_in_order"),
            models.CheckConstraint(condition=Q(percent_left__lte=90), name="absence_leaves_less_than_a_day"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["user", "back_on"], condition=Q(cancelled_at__isnull=True), name="absence_by_person")
        ]

    class Phi:
        """Staff data, not member data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {
            "id", "public_id", "user", "kind", "first_day", "back_on", "percent_left", "recorded_by", "recorded_at",
            "cancelled_at",
        }  # fmt: skip


class PastWeek(models.Model):
    """Lines that came to a queue in a week before its own placements were counted here: taken in from the system before.

    Only forecasts read it. It holds numbers, no lines.
    """

    queue = models.ForeignKey(Queue, models.PROTECT, related_name="past_weeks", db_index=False)
    monday = models.DateField(help_text="first day of the week")
    field = models.TextField(blank=True, help_text="field of medicine; empty: not told")
    lines = models.PositiveIntegerField()
    points = models.PositiveIntegerField(help_text="complexity points of all of them")
    source = models.TextField(help_text="where the numbers come from")
    taken_in_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    taken_in_at = models.DateTimeField()

    class Meta:
        """A week and field once a queue; never without a source."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["queue", "monday", "field"], name="past_week_once"),
            models.CheckConstraint(condition=~Q(source=""), name="past_week_has_source"),
        ]

    class Phi:
        """Counts of weeks; no member data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {
            "id", "queue", "monday", "field", "lines", "points", "source", "taken_in_by", "taken_in_at",
        }  # fmt: skip
