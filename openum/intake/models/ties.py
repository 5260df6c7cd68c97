"""A provisional person tied to the member who is meant."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from openum.accounts.models import Plan, User
from openum.directory.models import Member
from openum.vocabulary.identifiers import new_uuid7


class MemberTie(models.Model):
    """What a person said: this provisional row is that member. The cases that moved are named, so it can be undone."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="+", db_index=False)
    provisional = models.ForeignKey(Member, models.PROTECT, related_name="ties")
    member = models.ForeignKey(Member, models.PROTECT, related_name="tied")
    reason = models.TextField()
    cases = models.JSONField(help_text="primary keys: case, and the coverage it had")
    tied_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    tied_at = models.DateTimeField()
    undone_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """A provisional person is tied once at a time."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["provisional"], condition=Q(undone_at__isnull=True), name="provisional_tied_once"
            )
        ]

    class Phi:
        """Who is whom, and why."""

        phi: ClassVar[set[str]] = {"provisional", "member", "reason"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "plan", "cases", "tied_by", "tied_at", "undone_by", "undone_at",
        }  # fmt: skip
