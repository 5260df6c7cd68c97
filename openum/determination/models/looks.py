"""What people found who looked again at an approval by software. Rows are only added; none takes an approval back."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from openum.accounts.models import User
from openum.determination.models.decisions import Determination
from openum.vocabulary.identifiers import new_uuid7


class ApprovalLook(models.Model):
    """One approval by software that a clinician looked at again, once."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    determination = models.OneToOneField(Determination, models.PROTECT, related_name="look")
    why = models.TextField(choices=[(word, word) for word in ("chance", "new_rule", "aimed")])
    agrees = models.BooleanField(help_text="the clinician would have approved as well")
    words = models.TextField(blank=True, help_text="what the rule overlooked")
    licence = models.TextField(help_text="of the clinician, on that day")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        """A difference says what it is."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(agrees=True) | ~Q(words=""), name="approval_look_says_what_differs"),
        ]

    class Phi:
        """What was overlooked says something of the member's care."""

        phi: ClassVar[set[str]] = {"words"}
        safe: ClassVar[set[str]] = {"id", "public_id", "determination", "why", "agrees", "licence", "by", "at"}
