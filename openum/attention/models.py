"""What a model suggested about whom to offer help, and what a person did with it: the ledger of these models."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from openum.accounts.models import Plan, User
from openum.attention.rules.lists import ListsState
from openum.attention.rules.scores import Answered
from openum.directory.models import Member
from openum.vocabulary.identifiers import new_uuid7
from openum.work.models import Task


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


class Lists(models.Model):
    """The lists of one run over a plan's claims, with the cards of the models that were tried. A later one replaces it on the pages."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="attention_lists")
    number = models.PositiveIntegerField()
    state = models.TextField(default=ListsState.MAKING)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    said = models.TextField(blank=True, help_text="why they could not be made")
    cards = models.JSONField(default=list, help_text="card of every model that was trained, also of refused ones")
    digests = models.JSONField(default=dict, help_text="SHA-256 of each list, by file name")
    sources = models.JSONField(default=list, help_text="SHA-256 of the files in the store")
    unknown = models.PositiveIntegerField(default=0, help_text="listed people whom the plan does not know")

    class Meta:
        """Numbered by plan."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["plan", "number"], name="attention_lists_number_once")]

    class Phi:
        """Figures about groups, without members."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {
            "id", "public_id", "plan", "number", "state", "made_at", "ended_at", "said", "cards", "digests", "sources", "unknown",
        }  # fmt: skip


class Listed(models.Model):
    """A member on one or more lists, what they say, and what a person did about it. It is for offering help and nothing else."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    lists = models.ForeignKey(Lists, models.PROTECT, related_name="people", db_index=False)
    member = models.ForeignKey(Member, models.PROTECT, related_name="attention_listed")
    is_high_cost = models.BooleanField()
    is_rising = models.BooleanField()
    is_discharged = models.BooleanField()
    is_ill = models.BooleanField()
    is_hcc = models.BooleanField()
    is_expected = models.BooleanField(default=False)
    rank = models.PositiveIntegerField(null=True, blank=True)
    threshold = models.PositiveIntegerField(default=0, help_text="whole dollars; 0 below all")
    paid_12m = models.BigIntegerField(null=True, blank=True, help_text="cents")
    paid_6m = models.BigIntegerField(null=True, blank=True, help_text="cents")
    paid_6m_before = models.BigIntegerField(null=True, blank=True, help_text="cents")
    discharged = models.DateField(null=True, blank=True)
    lace = models.PositiveSmallIntegerField(null=True, blank=True)
    lace_most = models.PositiveSmallIntegerField(null=True, blank=True)
    hospital = models.PositiveSmallIntegerField(null=True, blank=True)
    hospital_most = models.PositiveSmallIntegerField(null=True, blank=True)
    missing = models.JSONField(default=list, help_text="what the claims did not tell of the two scores")
    charlson = models.PositiveSmallIntegerField(null=True, blank=True)
    elixhauser = models.PositiveSmallIntegerField(null=True, blank=True)
    hcc = models.DecimalField(max_digits=7, decimal_places=3, null=True, blank=True)
    hcc_left_out = models.TextField(blank=True)
    year = models.PositiveSmallIntegerField(null=True, blank=True, help_text="of the diagnoses")
    conditions = models.JSONField(default=list, help_text="system:category")
    expected = models.BigIntegerField(null=True, blank=True, help_text="cents that a model expects")
    expected_months = models.PositiveSmallIntegerField(null=True, blank=True, help_text="how far ahead")
    drivers = models.JSONField(default=list, help_text="why so much is expected, in words")
    state = models.TextField(choices=answer_choices, default=Answered.OPEN)
    words = models.TextField(blank=True, help_text="what was offered, or why it was set aside")
    task = models.ForeignKey(Task, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """A person once; an answer is whole."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["lists", "member"], name="attention_listed_once"),
            models.CheckConstraint(
                condition=Q(state="open", answered_by__isnull=True, answered_at__isnull=True)
                | (~Q(state="open") & Q(answered_by__isnull=False, answered_at__isnull=False) & ~Q(words="")),
                name="listed_answer_is_whole",
            ),
        ]

    class Phi:
        """How ill somebody is, and what their care cost."""

        phi: ClassVar[set[str]] = {
            "is_high_cost", "is_rising", "is_discharged", "is_ill", "is_hcc", "is_expected", "expected", "expected_months", "drivers", "rank", "threshold", "paid_12m", "paid_6m",
            "paid_6m_before", "discharged", "lace", "lace_most", "hospital", "hospital_most", "missing", "charlson",
            "elixhauser", "hcc", "hcc_left_out", "year", "conditions", "state", "words",
        }  # fmt: skip
        safe: ClassVar[set[str]] = {"id", "public_id", "lists", "member", "task", "answered_by", "answered_at"}
