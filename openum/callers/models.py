"""Calls: who was asked what, whether it agreed, and what was done."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from openum.accounts.models import Plan, User
from openum.callers.rules import Act, Caller
from openum.directory.models import Member
from openum.vocabulary.identifiers import new_uuid7


def caller_choices() -> list[tuple[str, str]]:
    """The callers, as a callable so that a new word is not a migration."""
    return [(each.value, each.value) for each in Caller]


def act_choices() -> list[tuple[str, str]]:
    """The acts, as a callable so that a new word is not a migration."""
    return [(each.value, each.value) for each in Act]


class Call(models.Model):
    """One call. A failed check has no member: what was said is not kept, only a keyed digest of the number."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="calls")
    member = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="calls")
    caller = models.TextField(choices=caller_choices)
    caller_name = models.TextField(blank=True, help_text="who calls, when it is not the member")
    relationship = models.TextField(blank=True)
    facts_asked = models.JSONField(default=list, help_text="kinds of facts, never their values")
    facts_agreed = models.JSONField(default=list)
    is_verified = models.BooleanField(default=False)
    number_digest = models.TextField(blank=True, help_text="keyed SHA-256 of the member number that was said")
    taken_by = models.ForeignKey(User, models.PROTECT, related_name="calls_taken")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """A member stands only on a call whose caller was verified."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(is_verified=True, member__isnull=False) | Q(is_verified=False, member__isnull=True),
                name="call_member_when_verified",
            ),
            models.CheckConstraint(condition=Q(caller="member") | ~Q(caller_name=""), name="call_names_who_calls"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["number_digest", "began_at"], name="call_by_number"),
            models.Index(fields=["taken_by", "-began_at"], name="call_by_person"),
        ]

    class Phi:
        """Who called about whom."""

        phi: ClassVar[set[str]] = {"member", "caller_name", "relationship"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "plan", "caller", "facts_asked", "facts_agreed", "is_verified", "number_digest",
            "taken_by", "began_at", "ended_at",
        }  # fmt: skip

    @property
    def reference(self) -> str:
        """What the caller may write down and quote."""
        return f"K-{self.public_id.hex[-8:].upper()}"


class CallAct(models.Model):
    """One thing that was said or done in a call."""

    call = models.ForeignKey(Call, models.PROTECT, related_name="acts")
    kind = models.TextField(choices=act_choices)
    words = models.TextField()
    reference = models.TextField(blank=True, help_text="number of the case, appeal, complaint or letter")
    at = models.DateTimeField()

    class Phi:
        """What the caller said."""

        phi: ClassVar[set[str]] = {"words", "reference"}
        safe: ClassVar[set[str]] = {"id", "call", "kind", "at"}
