"""Clocks, one per obligation, and the facts they are computed from."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from openum.accounts.models import User
from openum.cases.models import Case, Request
from openum.clocks.rules.facts import FactKind
from openum.clocks.rules.reading import ClockState
from openum.clocks.rules.rule import Recipient
from openum.directory.models import Policy
from openum.vocabulary.identifiers import new_uuid7
from openum.vocabulary.terms import Ball, ClockPurpose

_OPEN = Q(stopped_at__isnull=True)


def fact_kind_choices() -> list[tuple[str, str]]:
    """The kinds of facts, as a callable so that a new word is not a migration."""
    return [(item.value, item.value) for item in FactKind]


def purpose_choices() -> list[tuple[str, str]]:
    """The purposes of clocks, as a callable."""
    return [(item.value, item.value) for item in ClockPurpose]


def recipient_choices() -> list[tuple[str, str]]:
    """The recipients, as a callable."""
    return [(item.value, item.value) for item in Recipient]


def state_choices() -> list[tuple[str, str]]:
    """The states of a clock, as a callable."""
    return [(item.value, item.value) for item in ClockState]


def ball_choices() -> list[tuple[str, str]]:
    """Who may have to act, as a callable."""
    return [(item.value, item.value) for item in Ball]


class Cause(models.TextChoices):
    """Why a due time passed."""

    INTAKE = "intake", _("Found late on the way in")
    QUESTION = "question", _("Asked for papers too late, or not at all")
    CAPACITY = "capacity", _("Too few reviewers free")
    SPECIALIST = "specialist", _("No fit clinician in time")
    ROUTING = "routing", _("Lay with the wrong desk")
    LETTER = "letter", _("Decided in time, the notice left late")
    SYSTEM = "system", _("A system failed")
    OTHER_PARTY = "other-party", _("Another organization delayed it")
    MISTAKE = "mistake", _("The deadline was computed or read wrongly")


def cause_choices() -> list[tuple[str, str]]:
    """The causes of breaches, as a callable."""
    return [(item.value, item.value) for item in Cause]


class ClockFact(models.Model):
    """Something that happened to a request, as far as deadlines care. Never edited; a correction replaces it."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    request = models.ForeignKey(Request, models.PROTECT, related_name="clock_facts", db_index=False)
    kind = models.TextField(choices=fact_kind_choices)
    at = models.DateTimeField(help_text="when it happened")
    recorded_at = models.DateTimeField(help_text="when we came to know it; replay reads this")
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    event_id = models.UUIDField(null=True, blank=True, help_text="the audit event that told us")
    line_ids = models.JSONField(default=list, help_text="public ids of the lines it concerns; empty: all")
    details = models.JSONField(default=dict, help_text="days, respond_by, reason, recipient, channel, value")
    replaces = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="replaced_by")

    class Meta:
        """Facts are read by request; one event tells a fact of a kind once."""

        indexes: ClassVar = [models.Index(fields=["request", "at"], name="clock_fact_by_request")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["request", "kind", "event_id"],
                condition=Q(event_id__isnull=False),
                name="clock_fact_once_per_event",
            ),
        ]

    class Phi:
        """Instants of a person's care."""

        phi: ClassVar[set[str]] = {"at", "details"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "request", "kind", "recorded_at", "recorded_by", "event_id", "line_ids", "replaces",
        }  # fmt: skip


class Clock(models.Model):
    """One obligation: law × purpose × recipient × lines of one request. Computed from facts, stored with its steps.

    `rule` names the row that opened the clock; `governing_rule` the one that counts now (an upgrade or downgrade
    changes it). `force` is law, accreditation or plan policy; `binds` says whether it competes for the binding clock.
    """

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="clocks")
    request = models.ForeignKey(Request, models.PROTECT, related_name="clocks", db_index=False)
    policy = models.ForeignKey(Policy, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    rule = models.TextField()
    rule_version = models.PositiveIntegerField()
    governing_rule = models.TextField()
    governing_version = models.PositiveIntegerField()
    citation = models.TextField()
    source_verified = models.BooleanField()
    force = models.TextField()
    binds = models.BooleanField()
    purpose = models.TextField(choices=purpose_choices)
    recipient = models.TextField(choices=recipient_choices)
    title = models.TextField()
    line_ids = models.JSONField(default=list, help_text="public ids of the lines it covers; empty: the whole request")
    lines_key = models.TextField(blank=True, help_text="the same as a text, for uniqueness")
    zone = models.TextField()
    state = models.TextField(choices=state_choices)
    ball = models.TextField(choices=ball_choices)
    started_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    warn_at = models.DateTimeField(null=True, blank=True, help_text="from here on it is at risk")
    resumes_at = models.DateTimeField(
        null=True, blank=True, help_text="a pause, or the time given to answer, ends by itself here"
    )
    stopped_at = models.DateTimeField(null=True, blank=True)
    warned_at = models.DateTimeField(null=True, blank=True)
    lapsed_at = models.DateTimeField(null=True, blank=True)
    computed_at = models.DateTimeField()
    explanation = models.JSONField(default=list, help_text="the steps: kind, text, instant, law, cause, due time")

    class Meta:
        """One clock per obligation; open ones are found by partial indexes."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["request", "rule", "rule_version", "lines_key"], name="one_clock_per_obligation"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["met", "void"], stopped_at__isnull=False)
                | Q(state="late")
                | Q(state__in=["waiting", "running", "tolled"], stopped_at__isnull=True),
                name="clock_state_fits_its_stop",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["running", "late"]) | Q(due_at__isnull=False),
                name="running_clock_has_a_due_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="tolled") | Q(due_at__isnull=True), name="paused_clock_has_no_due_time"
            ),
            models.CheckConstraint(
                condition=Q(due_at__isnull=True) | Q(due_at__gte=F("started_at")), name="clock_due_after_its_start"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["due_at"],
                condition=_OPEN & Q(lapsed_at__isnull=True, due_at__isnull=False),
                name="running_clock_by_due",
            ),
            models.Index(
                fields=["warn_at"],
                condition=_OPEN & Q(warned_at__isnull=True, lapsed_at__isnull=True, warn_at__isnull=False),
                name="running_clock_by_warning",
            ),
            models.Index(
                fields=["resumes_at"], condition=_OPEN & Q(resumes_at__isnull=False), name="paused_clock_by_resumption"
            ),
            models.Index(fields=["case", "due_at"], condition=_OPEN & Q(binds=True), name="binding_clock_by_case"),
            models.Index(
                fields=["due_at"],
                condition=_OPEN & Q(binds=True, due_at__isnull=False),
                name="open_binding_clock_by_due",
            ),
        ]

    class Phi:
        """Instants of a person's care."""

        phi: ClassVar[set[str]] = {
            "started_at", "due_at", "warn_at", "resumes_at", "stopped_at", "warned_at", "lapsed_at", "explanation",
        }  # fmt: skip
        safe: ClassVar[set[str]] = {
            "id", "public_id", "case", "request", "policy", "rule", "rule_version", "governing_rule",
            "governing_version", "citation", "source_verified", "force", "binds", "purpose", "recipient", "title",
            "line_ids", "lines_key", "zone", "state", "ball", "computed_at",
        }  # fmt: skip


class Escalation(models.Model):
    """A rung of the plan's ladder that was raised for a due time: who was told, and who took note."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="escalations")
    clock = models.ForeignKey(Clock, models.PROTECT, related_name="escalations")
    rung = models.TextField()
    due_at = models.DateTimeField()
    tells = models.JSONField(default=list, help_text="roles")
    raised_at = models.DateTimeField()
    noted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    noted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """A rung is raised once for a due time; those nobody noted are found by an index."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["clock", "rung", "due_at"], name="escalation_once_per_due_time"),
            models.CheckConstraint(
                condition=Q(noted_at__isnull=True, noted_by__isnull=True)
                | Q(noted_at__isnull=False, noted_by__isnull=False),
                name="escalation_noted_by_somebody",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["raised_at"], condition=Q(noted_at__isnull=True), name="escalation_not_noted"),
        ]

    class Phi:
        """Instants of a person's care."""

        phi: ClassVar[set[str]] = {"due_at", "raised_at", "noted_at"}
        safe: ClassVar[set[str]] = {"id", "public_id", "case", "clock", "rung", "tells", "noted_by"}


class Breach(models.Model):
    """A duty of law whose time passed: who owns it, why it happened, and what was changed since."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="breaches")
    clock = models.ForeignKey(Clock, models.PROTECT, related_name="breaches")
    rule = models.TextField()
    rule_version = models.PositiveIntegerField()
    citation = models.TextField()
    missed = models.TextField(help_text="what the law makes of it")
    due_at = models.DateTimeField()
    noticed_at = models.DateTimeField()
    ball = models.TextField(choices=ball_choices, help_text="who had to act when the time passed")
    owner = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    cause = models.TextField(blank=True, choices=cause_choices)
    explanation = models.TextField(blank=True)
    remedy = models.TextField(blank=True, help_text="what was changed so that it does not happen again")
    explained_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    explained_at = models.DateTimeField(null=True, blank=True)
    set_aside_at = models.DateTimeField(
        null=True, blank=True, help_text="when a corrected receipt showed that no time had passed; the row stays"
    )

    class Meta:
        """One breach a due time; a cause has its explanation and its author."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["clock", "due_at"], name="breach_once_per_due_time"),
            models.CheckConstraint(
                condition=Q(cause="", explained_by__isnull=True, explained_at__isnull=True)
                | (~Q(cause="") & ~Q(explanation="") & Q(explained_by__isnull=False, explained_at__isnull=False)),
                name="breach_cause_has_author",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="breach_by_due_time"),
            models.Index(fields=["due_at"], condition=Q(cause=""), name="breach_without_cause"),
        ]

    class Phi:
        """Instants of a person's care, and what people wrote about it."""

        phi: ClassVar[set[str]] = {"due_at", "noticed_at", "explanation", "remedy", "explained_at", "set_aside_at"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "case", "clock", "rule", "rule_version", "citation", "missed", "ball", "owner", "cause",
            "explained_by",
        }  # fmt: skip


class BusinessDayOverride(models.Model):
    """A day that a plan counts otherwise than the law's calendar, with its reason and source."""

    product = models.ForeignKey("directory.Product", models.PROTECT, related_name="business_day_overrides")
    day = models.DateField()
    is_business_day = models.BooleanField()
    reason = models.TextField()
    source = models.TextField()

    class Meta:
        """A day once per product; never without a reason."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["product", "day"], name="business_day_override_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="business_day_override_has_reason"),
        ]

    class Phi:
        """No member data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {"id", "product", "day", "is_business_day", "reason", "source"}
