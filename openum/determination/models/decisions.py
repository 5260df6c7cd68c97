"""Decisions on lines, the authorizations they give, and their use."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from openum.accounts.models import Organization, User
from openum.cases.models import Case, ServiceLine
from openum.cases.models.choices import line_status_choices
from openum.directory.models import Policy
from openum.vocabulary.identifiers import new_uuid7
from openum.vocabulary.terms import ReasonClass

BY_PLAN = "utilization management"
BY_OUTSIDE_REVIEW = "independent review"
"""Which function decided: the plan's own, or a body outside whose decision the plan only keeps."""
ADVERSE_OUTCOMES = ["denied", "partially_approved", "terminated_with_notice"]


def reason_class_choices() -> list[tuple[str, str]]:
    """The reason classes, as a callable so that a new word is not a migration."""
    return [(item.value, item.value) for item in ReasonClass]


class Determination(models.Model):
    """One decision on one line. Never edited; a later decision supersedes it."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    line = models.ForeignKey(ServiceLine, models.PROTECT, related_name="determinations", db_index=False)
    outcome = models.TextField(choices=line_status_choices)
    is_adverse = models.BooleanField()
    reason_class = models.TextField(choices=reason_class_choices)
    reason = models.TextField(help_text="key of the reason row in the published reasons")
    rationale = models.TextField(blank=True, help_text="why, in plain words tied to this person's facts")
    node_answers = models.JSONField(default=dict, help_text="leaf key → the physician's answer to it")
    guideline = models.ForeignKey(Policy, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    evidence_map = models.ForeignKey(
        "criteria.EvidenceMap", models.PROTECT, null=True, blank=True, related_name="determinations"
    )
    cited_authority = models.TextField(blank=True, help_text="statute, NCD/LCD section, plan page, licensed-set id")
    approval_rule = models.ForeignKey(Policy, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="determinations")
    decided_by_machine = models.BooleanField()
    decided_at = models.DateTimeField()
    licence = models.TextField(blank=True, help_text="kind, state and number at that instant")
    specialty = models.TextField(blank=True)
    deciding_organization = models.ForeignKey(
        Organization,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="the delegate, if one decided",
        db_index=False,
    )
    deciding_function = models.TextField(default=BY_PLAN)
    evidence_opened = models.JSONField(default=list, help_text="public ids of the attachments opened, with instants")
    evidence_guard = models.TextField(blank=True, help_text="done, attempted, none exists, not applicable")
    evidence_guard_reason = models.TextField(blank=True)
    conversation_guard = models.TextField(blank=True, help_text="done, attempted, none exists, not applicable")
    conversation_guard_reason = models.TextField(blank=True)
    statements = models.JSONField(
        default=dict, help_text="protection of the law → what the clinician answered about this person"
    )
    coverage_snapshot = models.JSONField(default=dict)
    internal_criteria = models.TextField(blank=True)
    supersedes = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="superseded_by")
    supersedes_because = models.TextField(blank=True, help_text="peer_to_peer, appeal, reopening, correction")
    different_from_overturned = models.TextField(
        blank=True, help_text="what is different from look-alike denials that were overturned"
    )
    is_sandbox = models.BooleanField(default=False)
    plan_is_sandbox = models.BooleanField(default=False)

    class Meta:
        """What a lawful decision must hold is held by the database."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(outcome__in=ADVERSE_OUTCOMES, is_adverse=True)
                | (~Q(outcome__in=ADVERSE_OUTCOMES) & Q(is_adverse=False)),
                name="adverse_flag_follows_outcome",
            ),
            models.CheckConstraint(
                condition=Q(is_adverse=False) | Q(decided_by_machine=False), name="no_machine_refuses"
            ),
            models.CheckConstraint(condition=Q(is_adverse=False) | ~Q(rationale=""), name="adverse_has_rationale"),
            models.CheckConstraint(
                condition=Q(is_adverse=False) | Q(guideline__isnull=False) | ~Q(cited_authority=""),
                name="adverse_cites_its_ground",
            ),
            models.CheckConstraint(condition=Q(is_adverse=False) | ~Q(licence=""), name="adverse_has_licence"),
            models.CheckConstraint(
                condition=Q(is_adverse=False)
                | (
                    ~Q(evidence_guard="")
                    & ~Q(evidence_guard_reason="")
                    & ~Q(conversation_guard="")
                    & ~Q(conversation_guard_reason="")
                ),
                name="adverse_has_answered_guards",
            ),
            models.CheckConstraint(
                condition=Q(decided_by_machine=False) | Q(approval_rule__isnull=False), name="machine_names_its_rule"
            ),
            models.CheckConstraint(
                condition=Q(is_sandbox=False) | Q(plan_is_sandbox=True), name="sandbox_answer_in_sandbox_plan"
            ),
            models.CheckConstraint(
                condition=Q(supersedes__isnull=True) | ~Q(supersedes_because=""), name="supersession_says_why"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["line", "-decided_at"], name="determination_latest")]

    class Phi:
        """Clinical reasoning and coverage."""

        phi: ClassVar[set[str]] = {
            "rationale", "node_answers", "statements", "coverage_snapshot", "different_from_overturned",
        }  # fmt: skip
        safe: ClassVar[set[str]] = {
            "id", "public_id", "line", "outcome", "is_adverse", "reason_class", "reason", "guideline", "evidence_map",
            "cited_authority", "approval_rule", "decided_by", "decided_by_machine", "decided_at", "licence",
            "specialty", "deciding_organization", "deciding_function", "evidence_opened", "evidence_guard",
            "evidence_guard_reason", "conversation_guard", "conversation_guard_reason", "internal_criteria",
            "supersedes", "supersedes_because", "is_sandbox", "plan_is_sandbox",
        }  # fmt: skip


class Authorization(models.Model):
    """The number given. It survives extensions; what it covers are its segments."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    number = models.TextField(unique=True)
    case = models.ForeignKey(Case, models.PROTECT, related_name="authorizations")
    line = models.ForeignKey(ServiceLine, models.PROTECT, related_name="authorizations")
    issued_at = models.DateTimeField()
    previous_number = models.TextField(blank=True)

    class Phi:
        """Numbers of ours."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {"id", "public_id", "number", "case", "line", "issued_at", "previous_number"}


class AuthorizationSegment(models.Model):
    """Period × units × frequency × level × code family × provider × place, from one determination; never edited."""

    authorization = models.ForeignKey(Authorization, models.PROTECT, related_name="segments")
    determination = models.ForeignKey(Determination, models.PROTECT, related_name="segments")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True, help_text="first day no longer valid")
    end_circumstance = models.TextField(blank=True, help_text="when no date ends it")
    units = models.DecimalField(max_digits=12, decimal_places=3, null=True, blank=True)
    unit = models.TextField(blank=True)
    frequency = models.TextField(blank=True)
    level_of_care = models.TextField(blank=True)
    code_system = models.TextField(blank=True)
    code = models.TextField(blank=True)
    code_end = models.TextField(blank=True)
    modifiers = models.JSONField(default=list)
    servicing_npi = models.TextField(blank=True)
    place = models.TextField(blank=True)
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Periods run forward and end, or say what ends them."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="segment_period_in_order"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=False) | ~Q(end_circumstance=""), name="segment_says_when_it_ends"
            ),
        ]

    class Phi:
        """What was approved is health data."""

        phi: ClassVar[set[str]] = {
            "valid_from", "valid_to", "units", "unit", "frequency", "level_of_care", "code_system", "code", "code_end",
            "modifiers", "place",
        }  # fmt: skip
        safe: ClassVar[set[str]] = {
            "id", "authorization", "determination", "end_circumstance", "servicing_npi", "superseded_at",
        }  # fmt: skip


class UsageEntry(models.Model):
    """One entry of the usage ledger: a claim, a manual entry, or a reversal. Remaining units are computed."""

    segment = models.ForeignKey(AuthorizationSegment, models.PROTECT, related_name="usage")
    kind = models.TextField(choices=[(word, word) for word in ("claim", "manual", "reversal")])
    units = models.DecimalField(max_digits=12, decimal_places=3, help_text="negative for a reversal")
    service_date = models.DateField()
    reference = models.TextField()
    reverses = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="reversal")
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        """A reversal names what it reverses and takes units back."""

        verbose_name_plural = "usage entries"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind="reversal", reverses__isnull=False, units__lt=0)
                | (~Q(kind="reversal") & Q(reverses__isnull=True, units__gt=0)),
                name="usage_signs_in_order",
            ),
            models.UniqueConstraint(fields=["segment", "kind", "reference"], name="usage_reference_once"),
        ]

    class Phi:
        """Use of care."""

        phi: ClassVar[set[str]] = {"units", "service_date", "reference"}
        safe: ClassVar[set[str]] = {"id", "segment", "kind", "reverses", "recorded_by", "recorded_at"}


class OverturnLesson(models.Model):
    """What a reversal taught: the criterion, fact or step that failed. The next look-alike denial has to answer it."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    plan = models.ForeignKey("accounts.Plan", models.PROTECT, related_name="overturn_lessons", db_index=False)
    overturned = models.OneToOneField(Determination, models.PROTECT, related_name="lesson")
    reversed_by = models.OneToOneField(Determination, models.PROTECT, related_name="teaches")
    because = models.TextField(help_text="appeal, external_review, peer_to_peer, reopening")
    kind = models.TextField(choices=[(word, word) for word in ("node", "fact", "step")])
    key = models.TextField(blank=True, help_text="the criterion, where one failed")
    words = models.TextField()
    code_system = models.TextField()
    code = models.TextField()
    guideline = models.TextField(blank=True, help_text="key of the guideline of the overturned decision")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        """Found by plan and service; never without words."""

        indexes: ClassVar = [models.Index(fields=["plan", "code_system", "code"], name="lesson_by_service")]
        constraints: ClassVar = [models.CheckConstraint(condition=~Q(words=""), name="lesson_says_what_failed")]

    class Phi:
        """The words tell a case; the code is of a service that somebody needed."""

        phi: ClassVar[set[str]] = {"words", "code_system", "code"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "plan", "overturned", "reversed_by", "because", "kind", "key", "guideline", "made_at",
            "made_by",
        }  # fmt: skip
