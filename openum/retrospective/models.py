"""Leads, and what a review after the service adds to a case: claim lines, findings, providers' answers, holds."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from openum.accounts.models import Plan, User
from openum.cases.models import Attachment, ServiceLine
from openum.retrospective.rules.findings import Issue
from openum.retrospective.rules.leads import LeadState
from openum.vocabulary.identifiers import new_uuid7
from openum.vocabulary.terms import Channel


def lead_state_choices() -> list[tuple[str, str]]:
    """The states of a lead, as a callable so that a new word is not a migration."""
    return [(item.value, item.value) for item in LeadState]


def issue_choices() -> list[tuple[str, str]]:
    """What a finding may be about."""
    return [(item.value, item.value) for item in Issue]


def reply_channel_choices() -> list[tuple[str, str]]:
    """How a provider's answer came."""
    return [(item.value, item.value) for item in Channel]


class Lead(models.Model):
    """A claim line that a rule found. A question for a person; it denies, holds and takes back nothing."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="leads", db_index=False)
    rule = models.TextField()
    rule_version = models.PositiveIntegerField()
    person_id = models.TextField()
    payer = models.TextField(blank=True)
    data_source = models.TextField(blank=True)
    claim_id = models.TextField()
    claim_line = models.PositiveIntegerField()
    provider = models.TextField(blank=True)
    day = models.DateField()
    procedure = models.TextField(blank=True)
    drg = models.TextField(blank=True)
    modifiers = models.JSONField(default=list)
    place = models.TextField(blank=True)
    diagnosis = models.TextField(blank=True)
    units = models.DecimalField(max_digits=12, decimal_places=3, null=True, blank=True)
    charge_cents = models.BigIntegerField(default=0)
    amount_cents = models.BigIntegerField(help_text="what was paid for the line, as the rule tells it")
    evidence = models.TextField(help_text="what the line was held against")
    state = models.TextField(choices=lead_state_choices, default=LeadState.OPEN)
    loaded_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    loaded_at = models.DateTimeField()
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    settled_at = models.DateTimeField(null=True, blank=True)
    dismissed_because = models.TextField(blank=True)
    taken_up_as = models.ForeignKey(
        "ClaimLine", models.PROTECT, null=True, blank=True, related_name="leads", help_text="the line under review"
    )

    class Meta:
        """A rule finds a line once; who settled it, and why, is kept."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["plan", "rule", "data_source", "claim_id", "claim_line"], name="lead_of_a_rule_once"
            ),
            models.CheckConstraint(
                condition=~Q(state="dismissed") | (Q(settled_by__isnull=False) & ~Q(dismissed_because="")),
                name="dismissed_lead_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(state="in_review") | Q(taken_up_as__isnull=False), name="lead_in_review_names_its_line"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["plan", "state", "rule"], name="lead_by_rule")]

    class Phi:
        """A person's claim."""

        phi: ClassVar[set[str]] = {
            "person_id", "claim_id", "claim_line", "day", "procedure", "drg", "modifiers", "place", "diagnosis", "units",
            "charge_cents", "amount_cents", "evidence", "dismissed_because",
        }  # fmt: skip
        safe: ClassVar[set[str]] = {
            "id", "public_id", "plan", "rule", "rule_version", "payer", "data_source", "provider", "state", "loaded_by",
            "loaded_at", "settled_by", "settled_at", "taken_up_as",
        }  # fmt: skip


class ClaimLine(models.Model):
    """What the claim says beside a line of a retrospective case. The line, its clock and its decision are the case's."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    line = models.OneToOneField(ServiceLine, models.PROTECT, related_name="claim_line")
    data_source = models.TextField(blank=True)
    claim_id = models.TextField()
    number = models.PositiveIntegerField()
    billed_by = models.TextField(blank=True, help_text="provider number on the claim")
    charge_cents = models.BigIntegerField()
    paid_cents = models.BigIntegerField(help_text="zero before payment")

    class Meta:
        """A claim is found by its number."""

        indexes: ClassVar = [models.Index(fields=["claim_id", "number"], name="claim_line_by_claim")]

    class Phi:
        """A person's claim."""

        phi: ClassVar[set[str]] = {"claim_id", "number", "charge_cents", "paid_cents"}
        safe: ClassVar[set[str]] = {"id", "public_id", "line", "data_source", "billed_by"}


class ClaimFinding(models.Model):
    """What a reviewer found about a claim line. Never edited: a revision is another one, and both stay."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    number = models.TextField(unique=True, help_text="case number and finding count, for example C-26-0000001-F1")
    claim_line = models.ForeignKey(ClaimLine, models.PROTECT, related_name="findings", db_index=False)
    version = models.PositiveSmallIntegerField()
    supersedes = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="superseded_by")
    issue = models.TextField(choices=issue_choices)
    answers = models.JSONField(help_text="the four questions: appropriate, effective, timely, setting")
    words = models.TextField()
    pages = models.JSONField(default=list, help_text="where it stands: document, page, words")
    documented_code = models.TextField(blank=True, help_text="the code that the record supports")
    documented_units = models.DecimalField(max_digits=12, decimal_places=3, null=True, blank=True)
    amount_cents = models.BigIntegerField(default=0, help_text="what is in question; no share of it goes to anybody")
    offers_late_request = models.BooleanField(default=False)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    reply_by = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Versions count up; what was sent says until when it may be answered."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["claim_line", "version"], name="finding_version_once"),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(reply_by__isnull=False), name="sent_finding_may_be_answered"
            ),
        ]

    class Phi:
        """A person's care."""

        phi: ClassVar[set[str]] = {
            "issue", "answers", "words", "pages", "documented_code", "documented_units", "amount_cents",
        }  # fmt: skip
        safe: ClassVar[set[str]] = {
            "id", "public_id", "number", "claim_line", "version", "supersedes", "offers_late_request", "made_by", "made_at",
            "sent_at", "reply_by",
        }  # fmt: skip


class Rebuttal(models.Model):
    """A provider's answer to a finding: it agrees, or says why not."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    finding = models.OneToOneField(ClaimFinding, models.PROTECT, related_name="rebuttal")
    agrees = models.BooleanField()
    said_by = models.TextField(help_text="who answered on the provider's side")
    words = models.TextField()
    channel = models.TextField(choices=reply_channel_choices)
    document = models.ForeignKey(Attachment, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    received_at = models.DateTimeField()
    late_because = models.TextField(blank=True, help_text="why an answer after the last day is taken")
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    is_accepted = models.BooleanField(null=True, blank=True)
    answer = models.TextField(blank=True)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """A settled rebuttal is whole."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True)
                | (Q(settled_by__isnull=False, is_accepted__isnull=False) & ~Q(answer="")),
                name="settled_rebuttal_is_whole",
            )
        ]

    class Phi:
        """Words about a person's care."""

        phi: ClassVar[set[str]] = {"said_by", "words", "answer", "late_because"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "finding", "agrees", "channel", "document", "received_at", "recorded_by", "is_accepted",
            "settled_by", "settled_at",
        }  # fmt: skip


class ClaimHold(models.Model):
    """Payment of a claim line is held for a reason. The time to pay the claim knows nothing of it."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    claim_line = models.ForeignKey(ClaimLine, models.PROTECT, related_name="holds", db_index=False)
    because = models.TextField()
    held_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    held_at = models.DateTimeField()
    released_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """One open hold per line."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["claim_line"], condition=Q(released_at__isnull=True), name="one_open_hold_per_claim_line"
            )
        ]

    class Phi:
        """Why a person's claim is held."""

        phi: ClassVar[set[str]] = {"because"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "claim_line", "held_by", "held_at", "released_by", "released_at",
        }  # fmt: skip
