"""A request, or some services of it, moved to the case where it belongs."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from openum.accounts.models import User
from openum.cases.models import Case, Request
from openum.vocabulary.identifiers import new_uuid7


class Refiling(models.Model):
    """Which services of which request went to which case, why, and by whom.

    The services of the wrong case stay there, voided in error; the right case holds the same as a request of its own, with
    the receipt of the first. Undoing is a move back: a row of its own that this one names.
    """

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    request = models.ForeignKey(Request, models.PROTECT, related_name="refiled_as")
    copy = models.OneToOneField(Request, models.PROTECT, related_name="refiled_from")
    source = models.ForeignKey(Case, models.PROTECT, related_name="requests_moved_away")
    target = models.ForeignKey(Case, models.PROTECT, related_name="requests_moved_here")
    lines = models.JSONField(help_text="pairs of public ids: the line voided, and the one made")
    papers = models.JSONField(default=list, help_text="public ids of the moves of papers that went with it")
    is_whole = models.BooleanField(help_text="nothing of the request is left to decide at the wrong case")
    is_other_member = models.BooleanField(help_text="the wrong case is another person's")
    opened_case = models.BooleanField(help_text="the right case was opened for it")
    reason = models.TextField()
    moved_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    moved_at = models.DateTimeField()
    undone_with = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="undoes", help_text="the move back"
    )

    class Meta:
        """A request goes to another case, and says why."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(source=F("target")), name="request_moves_to_another_case"),
            models.CheckConstraint(condition=~Q(reason=""), name="request_moves_for_a_reason"),
        ]

    class Phi:
        """Whose request it is, and why."""

        phi: ClassVar[set[str]] = {"reason", "is_other_member"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "request", "copy", "source", "target", "lines", "papers", "is_whole", "opened_case",
            "moved_by", "moved_at", "undone_with",
        }  # fmt: skip
