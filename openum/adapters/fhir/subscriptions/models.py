"""Who wants to be told, and what each is to be told, numbered without gaps."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from openum.accounts.models import ApiClient
from openum.cases.models import Case, Request
from openum.vocabulary.identifiers import new_uuid7


class Subscription(models.Model):
    """One FHIR Subscription of a client.

    `status`: requested (the handshake is still to be answered), active, error (sending stopped after repeated failures;
    events are still numbered and kept), off (the client wants nothing, or its end has come).
    """

    REQUESTED = "requested"
    ACTIVE = "active"
    ERROR = "error"
    OFF = "off"

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    client = models.ForeignKey(ApiClient, models.PROTECT, related_name="subscriptions")
    base = models.TextField(help_text="version segment of the FHIR base, for example 2.2")
    server = models.TextField(help_text="absolute address of the base, as the client used it")
    status = models.TextField(choices=[(word, word) for word in (REQUESTED, ACTIVE, ERROR, OFF)])
    version = models.PositiveIntegerField(default=1)
    resource = models.JSONField(help_text="as received, without id, meta and status")
    endpoint = models.TextField()
    headers = models.JSONField(default=list, help_text="name and value, sent verbatim")
    content = models.TextField(help_text="empty, id-only or full-resource")
    filters = models.JSONField(default=list, help_text="identifiers of requesting organizations; none: all")
    heartbeat_seconds = models.PositiveIntegerField(null=True)
    timeout_seconds = models.PositiveIntegerField()
    max_count = models.PositiveIntegerField()
    ends_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)
    last_number = models.PositiveBigIntegerField(default=0, help_text="of the latest event")
    delivered_number = models.PositiveBigIntegerField(default=0, help_text="of the latest event the listener took")
    next_at = models.DateTimeField(null=True, help_text="when something is to be sent; empty: nothing waits")
    failures = models.PositiveIntegerField(default=0, help_text="attempts in a row that failed")
    last_error = models.TextField(blank=True, default="", help_text="kind of the last failure, never the answer's text")
    last_sent_at = models.DateTimeField(null=True)
    is_slow = models.BooleanField(default=False, help_text="the last attempt took long or failed")
    fence = models.PositiveIntegerField(default=0, help_text="grows with every claim; only the last claimant may write")
    lease_until_us = models.BigIntegerField(default=0, help_text="real time, microseconds since 1970")

    class Meta:
        """What is due is found by a partial index; nobody is told more than was numbered."""

        indexes: ClassVar = [
            models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="subscription_due"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(delivered_number__lte=F("last_number")), name="subscription_delivers_what_is_numbered"
            ),
            models.CheckConstraint(
                condition=Q(deleted_at__isnull=True) | Q(status="off", next_at__isnull=True),
                name="deleted_subscription_is_silent",
            ),
        ]

    class Phi:
        """No member data; endpoint, headers and resource hold the client's secrets and are guarded like it."""

        phi: ClassVar[set[str]] = {"resource", "endpoint", "headers"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "client", "base", "server", "status", "version", "content", "filters",
            "heartbeat_seconds", "timeout_seconds", "max_count", "ends_at", "created_at", "changed_at", "deleted_at",
            "last_number", "delivered_number", "next_at", "failures", "last_error", "last_sent_at", "is_slow", "fence",
            "lease_until_us",
        }  # fmt: skip


class SubscriptionEvent(models.Model):
    """One thing a subscriber is to be told: the answer to a request has changed. The content is built when it is sent."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="events", db_index=False)
    number = models.PositiveBigIntegerField()
    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    request = models.ForeignKey(Request, models.PROTECT, related_name="+", db_index=False)
    occurred_at = models.DateTimeField()
    cause = models.TextField(help_text="case and instant; the same cause is told once")

    class Meta:
        """Numbers have no doubles; the same cause is told once."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subscription", "number"], name="subscription_event_number_once"),
            models.UniqueConstraint(fields=["subscription", "cause"], name="subscription_event_cause_once"),
        ]

    class Phi:
        """Ids only."""

        phi: ClassVar[set[str]] = {"case", "request"}
        safe: ClassVar[set[str]] = {"id", "public_id", "subscription", "number", "occurred_at", "cause"}
