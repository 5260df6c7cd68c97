"""Links by which somebody without an account sees where a request stands."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from openum.accounts.models import User
from openum.cases.models import Case
from openum.vocabulary.identifiers import new_uuid7


class StatusLink(models.Model):
    """One link, for one request, until a day. What it shows is limited (portal/links.py); the address is signed, not kept."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="status_links")
    made_for = models.TextField(help_text="who gets it, in the words of who made it")
    is_members_own = models.BooleanField(help_text="the member made it, not an office")
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    ended_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True, help_text="last seen, to the hour")

    class Meta:
        """A link runs forward, and who ends it is known."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("made_at")), name="status_link_runs_forward"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="status_link_end_is_known",
            ),
        ]

    class Phi:
        """Whom a member tells of a request is the member's own."""

        phi: ClassVar[set[str]] = {"made_for"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "case", "is_members_own", "made_by", "made_at", "expires_at", "ended_by", "ended_at", "opened_at",
        }  # fmt: skip
