"""Messages between a sandbox plan and its clients, as they went over the line, and conversations that were held."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from openum.accounts.models import ApiClient, Plan, User
from openum.vocabulary.identifiers import new_uuid7


class RecordedMessage(models.Model):
    """One call and its answer: from a client to us, or from us to a client (a notification).

    Credentials are never kept. A body over the recorder's limit keeps its size and digest only.
    """

    FROM_CLIENT = "from_client"
    TO_CLIENT = "to_client"

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="+", db_index=False)
    plan_is_sandbox = models.BooleanField()
    client = models.ForeignKey(ApiClient, models.PROTECT, related_name="recorded_messages", db_index=False)
    direction = models.TextField(choices=[(word, word) for word in (FROM_CLIENT, TO_CLIENT)])
    at = models.DateTimeField()
    method = models.TextField()
    address = models.TextField(help_text="path of the call, or address of the client's listener")
    query = models.TextField(blank=True, help_text="what followed the question mark")
    body = models.BinaryField(null=True, blank=True)
    body_size = models.PositiveBigIntegerField(default=0)
    body_digest = models.TextField(blank=True, help_text="SHA-256, hexadecimal")
    status = models.PositiveSmallIntegerField(null=True, blank=True, help_text="empty: nobody answered")
    answer = models.BinaryField(null=True, blank=True)
    answer_size = models.PositiveBigIntegerField(default=0)
    milliseconds = models.PositiveIntegerField(default=0)

    class Meta:
        """Only sandbox plans; found by client, the latest first."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(plan_is_sandbox=True), name="recorded_only_in_sandbox")
        ]
        indexes: ClassVar = [
            models.Index(fields=["client", "at"], name="recorded_by_client"),
            models.Index(fields=["at"], name="recorded_by_time"),
        ]

    class Phi:
        """The bodies; a query and an address may hold identifiers of people."""

        phi: ClassVar[set[str]] = {"body", "answer", "query", "address", "body_digest"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "plan", "plan_is_sandbox", "client", "direction", "at", "method", "body_size", "status",
            "answer_size", "milliseconds",
        }  # fmt: skip


class Conversation(models.Model):
    """A conversation that the sandbox's own record system held with the plan, step by step."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    client = models.ForeignKey(ApiClient, models.PROTECT, related_name="+")
    plan_is_sandbox = models.BooleanField()
    story = models.TextField()
    version = models.TextField(help_text="2.0 or 2.2")
    started_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    steps = models.JSONField(default=list, help_text="name, words, status, milliseconds, whether it went as it should")
    is_as_told = models.BooleanField(default=False)

    class Meta:
        """Only sandbox plans."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(plan_is_sandbox=True), name="conversation_only_in_sandbox")
        ]

    class Phi:
        """The steps tell numbers of authorizations."""

        phi: ClassVar[set[str]] = {"steps"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "client", "plan_is_sandbox", "story", "version", "started_by", "at", "is_as_told",
        }  # fmt: skip
