"""Codes that an office added to an authorization after the operation."""

from typing import ClassVar

from django.db import models

from openum.accounts.models import User
from openum.cases.models import Attachment, ServiceLine
from openum.determination.models.decisions import Authorization
from openum.directory.models import Policy
from openum.vocabulary.identifiers import new_uuid7


class AddedCode(models.Model):
    """One code told after an operation, and what the plan's policy said of it then. Added once, never changed.

    The line is decided as any other; what is approved of it is a segment of the authorization it was added to.
    """

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    line = models.OneToOneField(ServiceLine, models.PROTECT, related_name="added_code")
    authorization = models.ForeignKey(Authorization, models.PROTECT, related_name="added_codes")
    beside = models.ForeignKey(
        ServiceLine, models.PROTECT, related_name="codes_added", help_text="the approved line it was added to"
    )
    policy = models.ForeignKey(Policy, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    row = models.TextField(blank=True, help_text="key of the row of the policy that speaks of it")
    why = models.TextField(
        choices=[
            (word, word) for word in ("permitted", "no_policy", "not_in_family", "too_late", "too_many", "other_day")
        ]
    )
    note = models.ForeignKey(Attachment, models.PROTECT, related_name="+", db_index=False, help_text="operative note")
    words = models.TextField(help_text="why it was found necessary, in the office's words")
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    added_at = models.DateTimeField()

    class Meta:
        """What was permitted names the policy."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~models.Q(why="permitted") | models.Q(policy__isnull=False),
                name="permitted_code_names_policy",
            )
        ]

    class Phi:
        """What was done to the member, and why."""

        phi: ClassVar[set[str]] = {"row", "why", "words"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "line", "authorization", "beside", "policy", "note", "added_by", "added_at",
        }  # fmt: skip
