"""Notes that a decision took into its reason, as they were then, with where they come from."""

from typing import ClassVar

from django.db import models

from openum.determination.models.decisions import Determination
from openum.review.models import AnchoredNote


class CarriedNote(models.Model):
    """One note that the reason of a decision, and so its letter, carries. Added with the decision, never changed."""

    determination = models.ForeignKey(Determination, models.PROTECT, related_name="carried_notes", db_index=False)
    anchored = models.ForeignKey(AnchoredNote, models.PROTECT, related_name="carried")
    words = models.TextField()
    source = models.TextField(help_text="document, day and page, or criterion, as the letter says it")

    class Meta:
        """A note once in a decision."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["determination", "anchored"], name="note_carried_once"),
        ]

    class Phi:
        """What was found about the member, and where."""

        phi: ClassVar[set[str]] = {"words", "source"}
        safe: ClassVar[set[str]] = {"id", "determination", "anchored"}
