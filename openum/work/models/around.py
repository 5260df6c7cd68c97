"""What surrounds the work on a case: tasks, ticked steps, mentions, watching, tags, saved views."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from openum.accounts.models import Plan, User
from openum.cases.models import Case, Note
from openum.vocabulary.identifiers import new_uuid7
from openum.work.models.placements import BulkChange
from openum.work.models.queues import Queue


class Task(models.Model):
    """Something to do by a time, for a person or a team, mostly about a case."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="tasks")
    case = models.ForeignKey(Case, models.PROTECT, null=True, blank=True, related_name="tasks")
    title = models.TextField()
    detail = models.TextField(blank=True)
    owner = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="tasks", db_index=False)
    queue = models.ForeignKey(Queue, models.PROTECT, null=True, blank=True, related_name="tasks", db_index=False)
    due_at = models.DateTimeField()
    remind_at = models.DateTimeField(null=True, blank=True, help_text="from here on it stands among the reminders")
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    ended_with = models.TextField(
        blank=True, choices=[(word, word) for word in ("done", "dropped")], help_text="empty while it is open"
    )
    outcome = models.TextField(blank=True, help_text="what came of it")

    class Meta:
        """A task is somebody's; an end is whole; open ones are found by owner and by team in order of their due time."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(owner__isnull=False) | Q(queue__isnull=False), name="task_is_somebodys"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True, ended_with="")
                | (Q(ended_at__isnull=False, ended_by__isnull=False) & ~Q(ended_with="")),
                name="task_end_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(remind_at__isnull=True) | Q(remind_at__lte=F("due_at")), name="reminder_before_due"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["owner", "due_at"], condition=Q(ended_at__isnull=True), name="task_open_by_owner"),
            models.Index(fields=["queue", "due_at"], condition=Q(ended_at__isnull=True), name="task_open_by_queue"),
        ]

    class Phi:
        """Words about a person's care."""

        phi: ClassVar[set[str]] = {"title", "detail", "outcome"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "plan", "case", "owner", "queue", "due_at", "remind_at", "made_by", "made_at", "ended_at",
            "ended_by", "ended_with",
        }  # fmt: skip


class ChecklistTick(models.Model):
    """A step of a checklist on a case was done, or does not apply. Which steps there are says the published template."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="ticks", db_index=False)
    template = models.TextField()
    version = models.TextField()
    step = models.TextField()
    state = models.TextField(choices=[(word, word) for word in ("done", "not_applicable")])
    reason = models.TextField(blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """One standing tick per step; what does not apply says why."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case", "template", "step"], condition=Q(taken_back_at__isnull=True), name="one_tick_a_step"
            ),
            models.CheckConstraint(
                condition=~Q(state="not_applicable") | ~Q(reason=""), name="not_applicable_has_reason"
            ),
        ]

    class Phi:
        """Templates tell the kind of service; reasons tell more."""

        phi: ClassVar[set[str]] = {"template", "step", "reason"}
        safe: ClassVar[set[str]] = {"id", "case", "version", "state", "by", "at", "taken_back_at"}


class Mention(models.Model):
    """A note names a colleague, who finds it among what waits for them."""

    note = models.ForeignKey(Note, models.PROTECT, related_name="mentions", db_index=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="mentions", db_index=False)
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Once a note; unseen ones are found by person."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["note", "user"], name="mention_once")]
        indexes: ClassVar = [
            models.Index(fields=["user", "-at"], condition=Q(seen_at__isnull=True), name="mention_unseen")
        ]

    class Phi:
        """No words of the note."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {"id", "note", "user", "at", "seen_at"}


class Watch(models.Model):
    """A person wants to know what happens on a case."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="watches", db_index=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="watches", db_index=False)
    since = models.DateTimeField()
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Once at a time."""

        verbose_name_plural = "watches"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "case"], condition=Q(ended_at__isnull=True), name="watch_once")
        ]

    class Phi:
        """No member data beyond the link."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {"id", "case", "user", "since", "seen_at", "ended_at"}


class Tag(models.Model):
    """A short word of the team on a case. It has no part in any decision, clock or letter."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="tags", db_index=False)
    word = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)
    change = models.ForeignKey(BulkChange, models.PROTECT, null=True, blank=True, related_name="tags")

    class Meta:
        """A word once a case; found by word."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "word"], condition=Q(removed_at__isnull=True), name="tag_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["word", "case"], condition=Q(removed_at__isnull=True), name="tag_by_word")
        ]

    class Phi:
        """A word may tell what somebody needs."""

        phi: ClassVar[set[str]] = {"word"}
        safe: ClassVar[set[str]] = {"id", "case", "by", "at", "removed_at", "change"}


class SavedView(models.Model):
    """A worklist somebody put together: their own, or one that a queue's people share."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="saved_views")
    queue = models.ForeignKey(Queue, models.CASCADE, null=True, blank=True, related_name="shared_views")
    name = models.TextField()
    choices = models.JSONField(default=dict, help_text="the filters: view, queue, holder, urgency, tag")
    saved_at = models.DateTimeField()

    class Meta:
        """A name once a person."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["owner", "name"], name="saved_view_once")]

    class Phi:
        """A tag among the filters may tell a kind of service; no person."""

        phi: ClassVar[set[str]] = {"choices"}
        safe: ClassVar[set[str]] = {"id", "public_id", "owner", "queue", "name", "saved_at"}
