"""Letters as they were rendered, how they were sent with what proof, and stored human translations."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from openum.notices.content import LetterKind
from openum.notices.elements import Audience
from openum.notices.handing import HandingWay
from openum.vocabulary.identifiers import new_uuid7


class NoticeState(models.TextChoices):
    """Where a letter stands."""

    RENDERED = "rendered"
    SENT = "sent"
    HELD = "held"


ELECTRONIC = "electronic"
"""What a member wants who reads letters on the portal; every other wish is a format on paper."""


class NoticeFormat(models.TextChoices):
    """The format the member asked for; large print is 18 point."""

    PRINT = "print"
    LARGE_PRINT = "large_print"


class SendingChannel(models.TextChoices):
    """A road out of the building."""

    PORTAL = "portal"
    MAIL = "mail"
    FAX = "fax"
    FHIR = "fhir"
    HAND = "hand"


def letter_kind_choices() -> list[tuple[str, str]]:
    """The kinds of letter, as a callable so that a new word is not a migration."""
    return [(item.value, item.value) for item in LetterKind]


def handing_way_choices() -> list[tuple[str, str]]:
    """How a form is handed over."""
    return [(item.value, item.value) for item in HandingWay]


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
    copy_for = models.TextField(
        blank=True, help_text="whose copy of a member's letter: empty the member's own, else guardian"
    )
    is_private = models.BooleanField(default=False, help_text="the household must not see it: the other address only")
    leaves_out = models.BooleanField(default=False, help_text="services that only the member hears of are left out")
    catalogue = models.ForeignKey(
        "directory.Policy", models.PROTECT, null=True, blank=True, related_name="+",
        help_text="the language's standard texts, where the template is the English one",
    )  # fmt: skip
    taglines = models.ForeignKey("directory.Policy", models.PROTECT, null=True, blank=True, related_name="+")
    fallbacks = models.JSONField(
        default=list, help_text="standard texts that stand in English for want of a translation"
    )
    wanted_language = models.TextField(blank=True, help_text="the member's language, where no letter exists in it")
    drawn_with = models.TextField(blank=True, help_text="versions of what drew the PDF")
    title = models.TextField()
    html = models.TextField(blank=True)
    pdf = models.BinaryField(null=True)
    pdf_digest = models.TextField(blank=True, help_text="SHA-256 of the PDF, hexadecimal")
    pages = models.PositiveSmallIntegerField(default=0)
    html_only_languages = models.JSONField(default=list, help_text="tagline languages whose letters the PDF font lacks")
    reading_grade = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    reading_formula = models.TextField(blank=True)
    gate = models.TextField(blank=True, help_text="what the reading-grade gate said")
    gate_kept = models.TextField(blank=True, default="", help_text="why words stayed that are hard to read")
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
                fields=["cause_event", "kind", "audience", "language", "copy_for", "recipient"],
                name="notice_once_per_recipient",
            ),
            models.UniqueConstraint(
                fields=["cause_event", "kind", "audience", "language", "copy_for"],
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

        phi: ClassVar[set[str]] = {
            "inputs",
            "document",
            "title",
            "html",
            "pdf",
            "language",
            "format",
            "untranslated",
            "wanted_language",
            "leaves_out",
            "is_private",
        }
        safe: ClassVar[set[str]] = {
            "id", "public_id", "number", "case", "lines", "kind", "audience", "recipient", "template", "determination",
            "copy_for", "catalogue", "taglines", "fallbacks", "drawn_with",
            "information_request", "request", "cause_event", "pdf_digest", "pages", "html_only_languages", "reading_grade",
            "reading_formula", "gate", "gate_kept", "not_for_production", "state", "held_because", "prepared_at", "prepared_by",
            "rendered_at", "sent_at",
        }  # fmt: skip


class NoticeSending(models.Model):
    """A letter left by one road, with proof. A clock to notify stops at the first `handed_over_at`.

    Failed tries are the outbox's. What came back, and what was confirmed by the other side, is added once. A letter that
    is sent again by the same road is another `round`.
    """

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="sendings")
    channel = models.TextField(choices=SendingChannel.choices)
    attempts = models.PositiveSmallIntegerField(help_text="tries until it was handed over, this one included")
    handed_over_at = models.DateTimeField()
    proof = models.JSONField(help_text="what shows it: publication id, or file, digest and manifest digest")
    round = models.PositiveSmallIntegerField(default=1, help_text="1 for the first time by this road")
    address = models.JSONField(default=list, help_text="where it was sent, line by line; empty for the portal")
    returned_at = models.DateTimeField(null=True, help_text="when we learned that it did not arrive")
    returned_because = models.TextField(blank=True)
    returned_noted_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        """Once by each road."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["notice", "channel", "round"], name="sent_once_by_each_road"),
            models.CheckConstraint(
                condition=Q(returned_at__isnull=True, returned_because="", returned_noted_by__isnull=True)
                | (Q(returned_at__isnull=False, returned_noted_by__isnull=False) & ~Q(returned_because="")),
                name="returned_letter_says_why",
            ),
            models.CheckConstraint(condition=Q(attempts__gte=1), name="sending_took_a_try"),
        ]

    class Phi:
        """Proof names files by random ids only; an address is the person's."""

        phi: ClassVar[set[str]] = {"address"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "notice", "channel", "attempts", "handed_over_at", "proof", "round", "returned_at",
            "returned_because", "returned_noted_by",
        }  # fmt: skip


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


class HandedForm(models.Model):
    """A notice that a facility hands over and the member signs: end of coverage, Important Message, observation.

    The plan writes it and keeps the proof: when it was handed over, to whom, signed or refused (42 CFR 422.620, 422.624,
    489.20(y)).
    """

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    notice = models.OneToOneField(Notice, models.PROTECT, related_name="handing")
    line = models.ForeignKey("cases.ServiceLine", models.PROTECT, related_name="handed_forms")
    admitted_at = models.DateTimeField(null=True, help_text="of the stay, for an Important Message")
    discharge_at = models.DateTimeField(null=True, help_text="planned; the follow-up copy counts back from it")
    last_covered_day = models.DateField(null=True, help_text="of the service that ends; inclusive")
    observed_from = models.DateTimeField(null=True, help_text="when observation began, for an observation notice")
    is_explained = models.BooleanField(default=False, help_text="the form was explained by word of mouth")
    follows = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="follow_up")
    due_by = models.DateTimeField(null=True, help_text="the last instant at which handing it over is in time")
    handed_at = models.DateTimeField(null=True)
    way = models.TextField(choices=handing_way_choices, blank=True)
    handed_to = models.TextField(blank=True, help_text="the member or the representative")
    signed_at = models.DateTimeField(null=True)
    refused_at = models.DateTimeField(
        null=True, help_text="the person would not sign; the day of refusal is the day of receipt"
    )
    witness = models.TextField(blank=True, help_text="who noted the refusal, or who telephoned")
    mailed_on = models.DateField(null=True, help_text="the copy that follows a telephone notice, the same day")
    noted_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        """Signed or refused, not both; who and when are set together; a refusal and a telephone call have a witness."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(signed_at__isnull=True) | Q(refused_at__isnull=True), name="form_signed_or_refused"
            ),
            models.CheckConstraint(
                condition=Q(handed_at__isnull=True, way="", noted_by__isnull=True)
                | (Q(handed_at__isnull=False, noted_by__isnull=False) & ~Q(way="") & ~Q(handed_to="")),
                name="form_handed_over_whole",
            ),
            models.CheckConstraint(condition=Q(refused_at__isnull=True) | ~Q(witness=""), name="refusal_has_witness"),
        ]

    class Phi:
        """A stay and the people around it."""

        phi: ClassVar[set[str]] = {
            "admitted_at", "discharge_at", "last_covered_day", "handed_to", "witness", "signed_at", "refused_at",
            "observed_from",
        }  # fmt: skip
        safe: ClassVar[set[str]] = {
            "id", "public_id", "notice", "line", "follows", "due_by", "handed_at", "way", "mailed_on", "noted_by",
            "is_explained",
        }  # fmt: skip
