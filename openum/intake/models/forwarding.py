"""A request that came to the wrong place and was sent on."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from openum.accounts.models import Plan, User
from openum.cases.models.choices import channel_choices
from openum.submission.models import Submission
from openum.vocabulary.identifiers import new_uuid7


class Forwarding(models.Model):
    """One sending on, to another plan of the installation or outside. The first receiver's time goes with it."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    submission = models.OneToOneField(Submission, models.PROTECT, related_name="forwarding")
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="+", help_text="where it came first")
    to_plan = models.ForeignKey(Plan, models.PROTECT, null=True, blank=True, related_name="+")
    became = models.OneToOneField(Submission, models.PROTECT, null=True, blank=True, related_name="came_by")
    to_name = models.TextField(blank=True, help_text="plan, delegate or department outside the installation")
    channel = models.TextField(blank=True, choices=channel_choices)
    address = models.TextField(blank=True, help_text="fax number, address or mailbox it was sent to")
    reason = models.TextField()
    forwarded_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    forwarded_at = models.DateTimeField()
    acknowledged_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledgement = models.TextField(blank=True, help_text="who there said so, or its reference")
    told_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    told_at = models.DateTimeField(null=True, blank=True)
    told_channel = models.TextField(blank=True, choices=channel_choices)
    told_whom = models.TextField(blank=True)

    class Meta:
        """It goes inside or outside, never both; each later step says who and when."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(to_plan__isnull=False, became__isnull=False, to_name="")
                | (Q(to_plan__isnull=True, became__isnull=True) & ~Q(to_name="") & ~Q(channel="")),
                name="forwarding_inside_or_outside",
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_at__isnull=True, acknowledged_by__isnull=True)
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False),
                name="acknowledgement_says_who",
            ),
            models.CheckConstraint(
                condition=Q(told_at__isnull=True, told_by__isnull=True)
                | (Q(told_at__isnull=False, told_by__isnull=False) & ~Q(told_channel="")),
                name="telling_says_who_and_how",
            ),
        ]

    class Phi:
        """Reasons and names of people."""

        phi: ClassVar[set[str]] = {"address", "reason", "acknowledgement", "told_whom"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "submission", "plan", "to_plan", "became", "to_name", "channel", "forwarded_by",
            "forwarded_at", "acknowledged_by", "acknowledged_at", "told_by", "told_at", "told_channel",
        }  # fmt: skip
