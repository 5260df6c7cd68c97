"""Letters as they were rendered, how they were sent with what proof, and stored human translations."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from openum.notices.content import LetterKind
from openum.notices.elements import Audience
from openum.vocabulary.identifiers import new_uuid7


class NoticeState(models.TextChoices):
    """Where a letter stands."""

    RENDERED = "rendered"
    SENT = "sent"
    HELD = "held"


class NoticeFormat(models.TextChoices):
    """The format the member asked for; large print is 18 point."""

    PRINT = "print"
    LARGE_PRINT = "large_print"


class SendingChannel(models.TextChoices):
    """A road out of the building."""

    PORTAL = "portal"
    MAIL = "mail"


def letter_kind_choices() -> list[tuple[str, str]]:
    """The kinds of letter, as a callable so that a new word is not a migration."""
    return [(item.value, item.value) for item in LetterKind]


def audience_choices() -> list[tuple[str, str]]:
    """Who reads a letter."""
    return [(item.value, item.value) for item in Audience]


class Notice(models.Model):
    """One letter to one reader in one language. Never changed after it is rendered."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    number = models.TextField(unique=True, help_text="case number and letter count, for example C-26-0000001-L2")
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="notices")
    lines = models.ManyToManyField("cases.ServiceLine", related_name="notices")
    kind = models.TextField(choices=letter_kind_choices)
    audience = models.TextField(choices=audience_choices)
    recipient = models.ForeignKey("cases.Party", models.PROTECT, null=True, blank=True, related_name="notices")
    language = models.TextField()
    format = models.TextField(choices=NoticeFormat.choices, default=NoticeFormat.PRINT)
    template = models.ForeignKey("directory.Policy", models.PROTECT, related_name="notices")
    determination = models.ForeignKey(
        "determination.Determination", models.PROTECT, null=True, blank=True, related_name="notices"
    )
    information_request = models.ForeignKey(
        "cases.InformationRequest", models.PROTECT, null=True, blank=True, related_name="notices"
    )
    request = models.ForeignKey(
        "cases.Request", models.PROTECT, null=True, blank=True, related_name="notices",
        help_text="the request the letter belongs to",
    )  # fmt: skip
    cause_event = models.UUIDField(help_text="the event that made the letter due")
    inputs = models.JSONField(help_text="the typed facts of the letter")
    document = models.JSONField(help_text="the composed blocks, as rendered")
    title = models.TextField()
    html = models.TextField(blank=True)
    pdf = models.BinaryField(null=True)
    pdf_digest = models.TextField(blank=True, help_text="SHA-256 of the PDF, hexadecimal")
    pages = models.PositiveSmallIntegerField(default=0)
    html_only_languages = models.JSONField(default=list, help_text="tagline languages whose letters the PDF font lacks")
    reading_grade = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    reading_formula = models.TextField(blank=True)
    gate = models.TextField(blank=True, help_text="what the reading-grade gate said; it warns, it never blocks")
    not_for_production = models.TextField(
        blank=True, help_text="why it may not leave outside demo plans; empty: it may"
    )
    state = models.TextField(choices=NoticeState.choices, default=NoticeState.RENDERED)
    held_because = models.TextField(blank=True)
    untranslated = models.JSONField(default=list, help_text="texts that a person has to translate first")
    prepared_at = models.DateTimeField()
    prepared_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    rendered_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True, help_text="the first proof of sending")

    class Meta:
        """A letter is made once for its cause; a sent letter was rendered; a held one says why."""

        indexes: ClassVar = [models.Index(fields=["case", "prepared_at"], name="notice_by_case")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["cause_event", "kind", "audience", "language", "recipient"], name="notice_once_per_recipient"
            ),
            models.UniqueConstraint(
                fields=["cause_event", "kind", "audience", "language"],
                condition=Q(recipient__isnull=True),
                name="notice_once_per_member",
            ),
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(rendered_at__isnull=False, sent_at__isnull=False),
                name="sent_notice_was_rendered",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["rendered", "sent"]) | (~Q(html="") & Q(rendered_at__isnull=False)),
                name="rendered_notice_has_its_text",
            ),
            models.CheckConstraint(
                condition=Q(pdf__isnull=True, pdf_digest="") | (Q(pdf__isnull=False) & ~Q(pdf_digest="")),
                name="notice_pdf_has_its_digest",
            ),
            models.CheckConstraint(condition=~Q(state="held") | ~Q(held_because=""), name="held_notice_says_why"),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(sent_at__gte=models.F("prepared_at")), name="sent_after_prepared"
            ),
        ]

    class Phi:
        """A letter is all member data; its language and format are the member's."""

        phi: ClassVar[set[str]] = {"inputs", "document", "title", "html", "pdf", "language", "format", "untranslated"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "number", "case", "lines", "kind", "audience", "recipient", "template", "determination",
            "information_request", "request", "cause_event", "pdf_digest", "pages", "html_only_languages", "reading_grade",
            "reading_formula", "gate", "not_for_production", "state", "held_because", "prepared_at", "prepared_by",
            "rendered_at", "sent_at",
        }  # fmt: skip


class NoticeSending(models.Model):
    """A letter left by one road, with proof. A clock to notify stops at `handed_over_at`; failed tries are the outbox's."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="sendings")
    channel = models.TextField(choices=SendingChannel.choices)
    attempts = models.PositiveSmallIntegerField(help_text="tries until it was handed over, this one included")
    handed_over_at = models.DateTimeField()
    proof = models.JSONField(help_text="what shows it: publication id, or file, digest and manifest digest")

    class Meta:
        """Once by each road."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["notice", "channel"], name="sent_once_by_each_road"),
            models.CheckConstraint(condition=Q(attempts__gte=1), name="sending_took_a_try"),
        ]

    class Phi:
        """Proof names files by random ids only."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {"id", "public_id", "notice", "channel", "attempts", "handed_over_at", "proof"}


class Translation(models.Model):
    """A human translation of one text of a case, found by the digest of what was translated; reviewed or not yet."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="translations")
    source_digest = models.TextField(help_text="SHA-256 of the English text, hexadecimal")
    language = models.TextField()
    text = models.TextField()
    translated_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    translated_at = models.DateTimeField()
    reviewed_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True)

    class Meta:
        """One translation of a text per language and case; reviewer and instant are set together."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "source_digest", "language"], name="translation_once"),
            models.CheckConstraint(
                condition=Q(reviewed_by__isnull=True, reviewed_at__isnull=True)
                | Q(reviewed_by__isnull=False, reviewed_at__isnull=False),
                name="translation_review_is_whole",
            ),
        ]

    class Phi:
        """The text tells the case."""

        phi: ClassVar[set[str]] = {"text", "language", "source_digest"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "case", "translated_by", "translated_at", "reviewed_by", "reviewed_at",
        }  # fmt: skip
