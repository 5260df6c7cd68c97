"""What the claims system is told of authorizations: each change once, in an order without gaps."""

from typing import ClassVar

from django.db import models

from openum.accounts.models import Plan
from openum.determination.models import Authorization

ADD, CHANGE, VOID = "add", "change", "void"


class FeedHead(models.Model):
    """How far the feed of a plan is; its row is locked while changes are written."""

    plan = models.OneToOneField(Plan, models.PROTECT, related_name="authorization_feed")
    position = models.PositiveBigIntegerField(default=0)
    caught_up_at = models.DateTimeField(null=True, blank=True)

    class Phi:
        """No member data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {"id", "plan", "position", "caught_up_at"}


class FeedEntry(models.Model):
    """One change of one authorization, as it was told. Never edited."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="+", db_index=False)
    position = models.PositiveBigIntegerField(help_text="1, 2, 3 … within the plan; the cursor")
    authorization = models.ForeignKey(Authorization, models.PROTECT, related_name="feed_entries", db_index=False)
    kind = models.TextField(choices=[(word, word) for word in (ADD, CHANGE, VOID)])
    body = models.JSONField(help_text="the authorization as it stands after the change")
    digest = models.TextField(help_text="SHA-256 of the body as canonical JSON, hexadecimal")
    written_at = models.DateTimeField()

    class Meta:
        """A position once a plan; the last entry of an authorization is found quickly."""

        verbose_name_plural = "feed entries"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "position"], name="feed_position_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["authorization", "-position"], name="feed_entry_latest")]

    class Phi:
        """What was approved is health data."""

        phi: ClassVar[set[str]] = {"body", "digest"}
        safe: ClassVar[set[str]] = {"id", "plan", "position", "authorization", "kind", "written_at"}
