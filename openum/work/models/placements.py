"""Where a line waits, by which rule, and who has it. Rows are closed and followed by others, never rewritten."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from openum.accounts.models import User
from openum.cases.models import ServiceLine
from openum.directory.models import Policy
from openum.vocabulary.identifiers import new_uuid7
from openum.work.models.queues import Queue, stage_choices


class BulkChange(models.Model):
    """What a person did to many lines at once: give, route or tag. It can be taken back for some seconds."""

    GIVE = "give"
    ROUTE = "route"
    TAG = "tag"

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    kind = models.TextField(choices=[(word, word) for word in (GIVE, ROUTE, TAG)])
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)

    class Phi:
        """No member data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {"id", "public_id", "kind", "by", "at", "undone_at"}


class Placement(models.Model):
    """One stay of a line in a queue: which rule sent it there and why, what it weighs, and who holds it now.

    `policy` is the published document whose rule it was; empty when a person routed it. `holder` repeats the open
    assignment, so that lists need no second join.
    """

    BY_HAND = "routed by hand"
    NEW_RULES = "new rules were published"
    TAKEN_BACK = "taken back"
    MOVED = (BY_HAND, NEW_RULES, TAKEN_BACK)
    """Ends of a stay after which the same work waits in another queue."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    line = models.ForeignKey(ServiceLine, models.PROTECT, related_name="placements", db_index=False)
    queue = models.ForeignKey(Queue, models.PROTECT, related_name="placements", db_index=False)
    stage = models.TextField(choices=stage_choices)
    policy = models.ForeignKey(Policy, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    rule = models.TextField(blank=True, help_text="key of the rule; empty: a person")
    version = models.TextField(blank=True)
    because = models.TextField()
    facts = models.JSONField(default=dict, help_text="what the rule saw")
    points = models.PositiveSmallIntegerField()
    points_because = models.JSONField(default=list, help_text="words, one for each weight")
    placed_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    placed_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)
    left_because = models.TextField(blank=True)
    holder = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="held", db_index=False)
    change = models.ForeignKey(
        BulkChange, models.PROTECT, null=True, blank=True, related_name="placements", db_index=False
    )

    class Meta:
        """One queue at a time; open ones are found by partial indexes."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["line"], condition=Q(left_at__isnull=True), name="one_queue_at_a_time"),
            models.CheckConstraint(
                condition=Q(left_at__isnull=True, left_because="") | (Q(left_at__isnull=False) & ~Q(left_because="")),
                name="placement_end_has_reason",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["line", "placed_at"], name="placement_by_line"),
            models.Index(fields=["queue", "holder"], condition=Q(left_at__isnull=True), name="placement_open_in_queue"),
            models.Index(fields=["queue", "placed_at"], condition=Q(left_at__isnull=True), name="placement_oldest"),
            models.Index(
                fields=["holder"], condition=Q(left_at__isnull=True, holder__isnull=False), name="placement_held"
            ),
            models.Index(fields=["change"], condition=Q(change__isnull=False), name="placement_by_change"),
        ]

    class Phi:
        """What a rule saw of the request is health data."""

        phi: ClassVar[set[str]] = {"facts", "because", "points_because"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "line", "queue", "stage", "policy", "rule", "version", "points", "placed_by",
            "placed_at", "left_at", "left_because", "holder", "change",
        }  # fmt: skip


class Assignment(models.Model):
    """One person had one line for a time: how it came to them and why, and how that ended."""

    BY_SKILL = "by_skill"
    BY_PERSON = "by_person"
    TAKEN = "taken"
    ABSENCE = "absence"
    DEADLINE = "deadline"
    UNDONE = "undone"
    HANDED_OVER = "handed_over"
    ON_CALL = "on_call"

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    placement = models.ForeignKey(Placement, models.PROTECT, related_name="assignments", db_index=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="assignments", db_index=False)
    how = models.TextField(
        choices=[(word, word) for word in (BY_SKILL, BY_PERSON, TAKEN, ABSENCE, DEADLINE, UNDONE, HANDED_OVER, ON_CALL)]
    )  # fmt: skip
    because = models.TextField()
    given_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    given_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_because = models.TextField(blank=True)
    change = models.ForeignKey(
        BulkChange, models.PROTECT, null=True, blank=True, related_name="assignments", db_index=False
    )

    class Meta:
        """One holder at a time; an end has its reason."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["placement"], condition=Q(ended_at__isnull=True), name="one_holder_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_because="")
                | (Q(ended_at__isnull=False) & ~Q(ended_because="")),
                name="assignment_end_has_reason",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["placement", "given_at"], name="assignment_by_placement"),
            models.Index(fields=["change"], condition=Q(change__isnull=False), name="assignment_by_change"),
        ]

    class Phi:
        """The reason may name the member's language."""

        phi: ClassVar[set[str]] = {"because"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "placement", "user", "how", "given_by", "given_at", "ended_at", "ended_because", "change",
        }  # fmt: skip
