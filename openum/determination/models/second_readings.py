"""Second readings: what somebody means to decide, read by another clinician before it is signed."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from openum.accounts.models import User
from openum.cases.models import ServiceLine
from openum.determination.models.decisions import Determination
from openum.vocabulary.identifiers import new_uuid7


class SecondReading(models.Model):
    """One decision given to a second clinician. Its content never changes; other content is another reading."""

    ASKED = "asked"
    AGREED = "agreed"
    SENT_BACK = "sent_back"
    TAKEN_BACK = "taken_back"
    UNREAD = "unread"

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    line = models.ForeignKey(ServiceLine, models.PROTECT, related_name="second_readings")
    policy = models.ForeignKey("directory.Policy", models.PROTECT, related_name="+", db_index=False)
    rows = models.JSONField(default=list, help_text="keys of the rows that ask for it")
    not_subordinate = models.BooleanField()
    content = models.JSONField(help_text="the decision as it is to be signed, and the evidence it rests on")
    digest = models.TextField(help_text="SHA-256 of the content; an agreement covers nothing else")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="readings_asked", db_index=False)
    asked_at = models.DateTimeField()
    state = models.TextField(
        choices=[(word, word) for word in (ASKED, AGREED, SENT_BACK, TAKEN_BACK, UNREAD)], default=ASKED
    )
    answered_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="readings_answered", db_index=False
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    words = models.TextField(blank=True, help_text="what the reader says, or why it goes on unread")
    licence = models.TextField(blank=True, help_text="of the reader, at that instant")
    holds_until = models.DateTimeField(null=True, blank=True)
    determination = models.OneToOneField(
        Determination, models.PROTECT, null=True, blank=True, related_name="second_reading"
    )

    class Meta:
        """Two people, one open reading on a line, and nothing unsaid."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["line"], condition=Q(state="asked"), name="second_reading_open_once"),
            models.CheckConstraint(
                condition=Q(state="asked", answered_by__isnull=True, answered_at__isnull=True)
                | (~Q(state="asked") & Q(answered_by__isnull=False, answered_at__isnull=False)),
                name="second_reading_answer_is_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["agreed", "sent_back"]) | ~Q(answered_by=F("asked_by")),
                name="second_reading_takes_two",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["sent_back", "unread"]) | ~Q(words=""), name="second_reading_says_why"
            ),
            models.CheckConstraint(
                condition=~Q(state="agreed") | (~Q(licence="") & Q(holds_until__isnull=False)),
                name="agreement_has_licence_and_end",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["asked_at"], condition=Q(state="asked"), name="second_reading_open"),
        ]

    class Phi:
        """The decision, its reason and the words of clinicians."""

        phi: ClassVar[set[str]] = {"content", "words"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "line", "policy", "rows", "not_subordinate", "digest", "asked_by", "asked_at", "state",
            "answered_by", "answered_at", "licence", "holds_until", "determination",
        }  # fmt: skip
