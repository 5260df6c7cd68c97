"""The requested services, their diagnoses, days and administrative amendments."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from openum.accounts.models import User
from openum.cases.models.case import Case, Request
from openum.cases.models.choices import (
    benefit_choices,
    channel_choices,
    line_status_choices,
    network_status_choices,
    service_class_choices,
)
from openum.cases.models.party import Party
from openum.vocabulary.identifiers import new_uuid7


class Diagnosis(models.Model):
    """A diagnosis sent with a request."""

    request = models.ForeignKey(Request, models.PROTECT, related_name="diagnoses", db_index=False)
    sequence = models.PositiveIntegerField()
    system = models.TextField()
    code = models.TextField()
    kind = models.TextField(blank=True)
    recorded_on = models.DateField(null=True, blank=True)

    class Meta:
        """A sequence once per request."""

        verbose_name_plural = "diagnoses"
        constraints: ClassVar = [models.UniqueConstraint(fields=["request", "sequence"], name="diagnosis_once")]

    class Phi:
        """Health data."""

        phi: ClassVar[set[str]] = {"system", "code", "kind", "recorded_on"}
        safe: ClassVar[set[str]] = {"id", "request", "sequence"}


class ServiceLine(models.Model):
    """One requested service. Lines are decided on different days, each by itself."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="lines", db_index=False)
    request = models.ForeignKey(Request, models.PROTECT, related_name="lines", db_index=False)
    sequence = models.PositiveIntegerField()
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by", help_text="the line it revises"
    )
    status = models.TextField(choices=line_status_choices)
    status_since = models.DateTimeField()
    version = models.PositiveIntegerField(default=0)
    code_system = models.TextField(blank=True)
    code = models.TextField(blank=True)
    code_end = models.TextField(blank=True)
    modifiers = models.JSONField(default=list)
    category = models.TextField(blank=True, help_text="X12 service type code as sent")
    wording = models.TextField(blank=True, help_text="our own short wording of the service")
    requested_units = models.DecimalField(max_digits=12, decimal_places=3, null=True, blank=True)
    unit = models.TextField(blank=True)
    frequency = models.TextField(blank=True)
    service_from = models.DateField(null=True, blank=True)
    service_to = models.DateField(null=True, blank=True, help_text="first day after the service period")
    place = models.TextField(blank=True)
    unit_price_cents = models.BigIntegerField(null=True, blank=True)
    diagnoses = models.ManyToManyField(Diagnosis, blank=True, related_name="lines")
    providers = models.ManyToManyField(Party, blank=True, related_name="lines")
    benefit = models.TextField(choices=benefit_choices, default="medical")
    service_class = models.TextField(choices=service_class_choices, default="medical_surgical")
    parity_benefit_class = models.TextField(blank=True)
    specialty = models.TextField(blank=True, help_text="the field of medicine that judges the service")
    network_status = models.TextField(choices=network_status_choices, default="not_checked")
    gap_search = models.TextField(blank=True)
    network_exception_reason = models.TextField(blank=True)
    single_case_agreement = models.TextField(blank=True)
    traces = models.JSONField(default=list, help_text="item trace numbers as sent: system and value")
    previous_authorization_number = models.TextField(blank=True)
    administrative_number = models.TextField(blank=True)
    source = models.JSONField(default=dict, help_text="parts of the message echoed in the answer")

    class Meta:
        """A sequence once per request; open lines are found by a partial index."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["request", "sequence"], name="line_sequence_once"),
            models.CheckConstraint(
                condition=Q(service_to__isnull=True) | Q(service_to__gte=F("service_from")), name="line_period_in_order"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["case"], name="line_by_case"),
            models.Index(fields=["status", "status_since"], name="line_by_status"),
            models.Index(fields=["code_system", "code", "-status_since"], name="line_by_service"),
        ]

    class Phi:
        """What somebody needs is health data."""

        phi: ClassVar[set[str]] = {
            "code_system", "code", "code_end", "modifiers", "category", "wording", "requested_units", "unit",
            "frequency", "service_from", "service_to", "place", "unit_price_cents", "diagnoses", "specialty",
            "gap_search", "network_exception_reason", "traces", "source", "service_class", "parity_benefit_class",
            "benefit",
        }  # fmt: skip
        safe: ClassVar[set[str]] = {
            "id", "public_id", "case", "request", "sequence", "replaces", "status", "status_since", "version", "providers",
            "network_status", "single_case_agreement", "previous_authorization_number", "administrative_number",
        }  # fmt: skip


class LineDay(models.Model):
    """One day of a stay line: level of care, and whether it is certified."""

    line = models.ForeignKey(ServiceLine, models.PROTECT, related_name="days")
    day = models.DateField()
    level_of_care = models.TextField()
    state = models.TextField(
        choices=[(word, word) for word in ("requested", "certified", "pended", "not_certified", "avoidable")]
    )
    reason = models.TextField(blank=True)
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """One current state per day."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["line", "day"], condition=Q(superseded_at__isnull=True), name="one_current_state_per_day"
            )
        ]

    class Phi:
        """Health data."""

        phi: ClassVar[set[str]] = {"day", "level_of_care", "state", "reason"}
        safe: ClassVar[set[str]] = {"id", "line", "superseded_at"}


class Amendment(models.Model):
    """An administrative change that may not reduce, or the requester's own amendment: who, when, by which channel."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    line = models.ForeignKey(ServiceLine, models.PROTECT, related_name="amendments")
    field = models.TextField(help_text="service_from, service_to, place, code, units, servicing provider, withdrawal")
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)
    reason = models.TextField()
    is_requesters_own = models.BooleanField(default=False)
    requested_by = models.TextField(help_text="who asked for it")
    channel = models.TextField(choices=channel_choices)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="amendments")
    at = models.DateTimeField()

    class Phi:
        """Values may tell what somebody needs."""

        phi: ClassVar[set[str]] = {"before", "after", "reason", "requested_by"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "line", "field", "is_requesters_own", "channel", "recorded_by", "at",
        }  # fmt: skip
