"""What a model suggested about whom to offer help, and what a person did with it: the ledger of these models."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from openum.accounts.models import Plan, User
from openum.attention.rules.scores import Answered
from openum.directory.models import Member
from openum.vocabulary.identifiers import new_uuid7


def answer_choices() -> list[tuple[str, str]]:
    """What may become of a suggestion, as a callable so that a new word is not a migration."""
    return [(word.value, word.value) for word in Answered]


class ModelRun(models.Model):
    """Scores of one model that were taken in: which version, its card, and the digest of what was given. Never edited."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="model_runs", db_index=False)
    model = models.TextField()
    version = models.TextField(help_text="first characters of the digest of what the model computes with")
    card = models.JSONField(help_text="what the model is for, how well it did on later data, and in which groups")
    digest = models.TextField(help_text="SHA-256 of the scores as they came, hexadecimal")
    unknown = models.PositiveIntegerField(help_text="people of the file whom the plan does not know")
    taken_in_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    taken_in_at = models.DateTimeField()

    class Meta:
        """The same file once a plan and model."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "model", "digest"], name="model_run_once"),
        ]

    class Phi:
        """Figures about groups, without members."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {
            "id", "public_id", "plan", "model", "version", "card", "digest", "unknown", "taken_in_by", "taken_in_at",
        }  # fmt: skip


class Suggestion(models.Model):
    """That a person may want help, by one model, and what became of it. It is for offering help and nothing else."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    run = models.ForeignKey(ModelRun, models.PROTECT, related_name="suggestions", db_index=False)
    member = models.ForeignKey(Member, models.PROTECT, related_name="help_suggestions")
    as_of = models.DateField()
    probability = models.DecimalField(max_digits=5, decimal_places=4)
    drivers = models.JSONField(default=list, help_text="why, in words")
    state = models.TextField(choices=answer_choices, default=Answered.OPEN)
    words = models.TextField(blank=True, help_text="what was offered, or why it was set aside")
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """A person once a run; an answer is whole."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "member"], name="help_suggestion_once"),
            models.CheckConstraint(
                condition=Q(state="open", answered_by__isnull=True, answered_at__isnull=True)
                | (~Q(state="open") & Q(answered_by__isnull=False, answered_at__isnull=False) & ~Q(words="")),
                name="help_answer_is_whole",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["run", "-probability"], condition=Q(state="open"), name="open_help_suggestion"),
        ]

    class Phi:
        """How ill somebody may become."""

        phi: ClassVar[set[str]] = {"as_of", "probability", "drivers", "state", "words"}
        safe: ClassVar[set[str]] = {"id", "public_id", "run", "member", "answered_by", "answered_at"}
