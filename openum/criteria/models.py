"""What was found for each criterion, what it rests on, and the frozen maps that decisions cite."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from openum.vocabulary.identifiers import new_uuid7
from openum.vocabulary.terms import FindingValue


def finding_value_choices() -> list[tuple[str, str]]:
    """The three values, as a callable so that a new word is not a migration."""
    return [(item.value, item.value) for item in FindingValue]


class Finding(models.Model):
    """The answer to one criterion on one line, by a person or by the rule engine. Never edited.

    A new answer supersedes the old one of the same origin: the person's and the machine's stand side by side,
    so a machine never silently replaces a clinician (42 CFR 422.101(c), 422.566(d)).
    """

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    line = models.ForeignKey("cases.ServiceLine", models.PROTECT, related_name="findings")
    policy = models.ForeignKey("directory.Policy", models.PROTECT, null=True, related_name="findings", db_index=False)
    leaf = models.TextField(help_text="key of the criterion in the guideline, for example 3b")
    question = models.TextField()
    authority = models.TextField(
        blank=True, help_text="statute, NCD or LCD section, plan page, when no guideline holds"
    )
    value = models.TextField(choices=finding_value_choices)
    is_machine = models.BooleanField()
    note = models.TextField(blank=True)
    missing = models.JSONField(default=list, help_text="elements that would close the criterion")
    evidence = models.JSONField(
        default=list, help_text="keys of the records the answer used, for example Observation/1"
    )
    parameters = models.JSONField(default=dict, help_text="what the logic was given: request date, code, side")
    input_digest = models.TextField(blank=True, help_text="SHA-256 of the records and parameters that were read")
    engine_version = models.TextField(blank=True)
    made_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="findings", db_index=False)
    made_at = models.DateTimeField()
    supersedes = models.OneToOneField("self", models.PROTECT, null=True, related_name="superseded_by")
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        """One current answer per line, criterion and origin."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["line", "leaf", "is_machine"],
                condition=Q(superseded_at__isnull=True),
                name="finding_current_once",
            ),
            models.CheckConstraint(
                condition=Q(is_machine=False) | (Q(policy__isnull=False) & ~Q(engine_version="")),
                name="machine_finding_names_its_rule",
            ),
            models.CheckConstraint(
                condition=Q(policy__isnull=False) | ~Q(authority=""), name="finding_rests_on_guideline_or_authority"
            ),
        ]

    class Phi:
        """What was found about the member, and what it was read from."""

        phi: ClassVar[set[str]] = {"note", "missing", "evidence", "parameters", "value"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "line", "policy", "leaf", "question", "authority", "is_machine", "input_digest",
            "engine_version", "made_by", "made_at", "supersedes", "superseded_at",
        }  # fmt: skip


class EvidenceLink(models.Model):
    """One place in the record that bears on a criterion: a stored resource, a page, or quoted text.

    Links of the machine are proposals until a person confirms them. A link is closed, never deleted.
    """

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    line = models.ForeignKey("cases.ServiceLine", models.PROTECT, related_name="evidence_links")
    leaf = models.TextField()
    finding = models.ForeignKey(Finding, models.PROTECT, null=True, related_name="links")
    attachment = models.ForeignKey("cases.Attachment", models.PROTECT, null=True, related_name="evidence_links")
    resource_key = models.TextField(
        blank=True, help_text="type and id of the stored resource, for example Observation/1"
    )
    page = models.PositiveIntegerField(null=True, help_text="page of the attachment, from 1")
    quote = models.TextField(blank=True, help_text="the quoted words")
    quote_start = models.PositiveIntegerField(null=True, help_text="first character in the page's text, from 0")
    quote_end = models.PositiveIntegerField(null=True, help_text="character after the last")
    linked_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="evidence_links", db_index=False)
    linked_at = models.DateTimeField()
    is_machine = models.BooleanField(default=False)
    confirmed_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="confirmed_links", db_index=False
    )
    confirmed_at = models.DateTimeField(null=True)
    unlinked_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="unlinked_links", db_index=False
    )
    unlinked_at = models.DateTimeField(null=True)

    class Meta:
        """A link points somewhere; who and when are set together."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(attachment__isnull=False) | ~Q(resource_key=""), name="evidence_link_points_somewhere"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True, confirmed_at__isnull=True)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="evidence_link_confirmed_by_and_at",
            ),
            models.CheckConstraint(
                condition=Q(unlinked_by__isnull=True, unlinked_at__isnull=True)
                | Q(unlinked_by__isnull=False, unlinked_at__isnull=False),
                name="evidence_link_unlinked_by_and_at",
            ),
            models.CheckConstraint(
                condition=Q(quote_start__isnull=True, quote_end__isnull=True) | Q(quote_end__gt=F("quote_start")),
                name="evidence_link_quote_in_order",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["line", "leaf"], name="evidence_link_by_leaf", condition=Q(unlinked_at__isnull=True))
        ]

    class Phi:
        """Quotes and places in the member's record."""

        phi: ClassVar[set[str]] = {"resource_key", "page", "quote", "quote_start", "quote_end"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "line", "leaf", "finding", "attachment", "linked_by", "linked_at", "is_machine",
            "confirmed_by", "confirmed_at", "unlinked_by", "unlinked_at",
        }  # fmt: skip


class EvidenceMap(models.Model):
    """A frozen picture of all findings and their evidence on one line: what a decision or a letter cites."""

    EVALUATED = "evaluated"
    LINKED = "linked"
    REFERRED = "referred"
    DECIDED = "decided"
    PEER_TO_PEER = "peer-to-peer"

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    line = models.ForeignKey("cases.ServiceLine", models.PROTECT, related_name="evidence_maps", db_index=False)
    policy = models.ForeignKey(
        "directory.Policy", models.PROTECT, null=True, related_name="evidence_maps", db_index=False
    )
    version = models.PositiveIntegerField(help_text="1 for the first picture of the line")
    reason = models.TextField(help_text="evaluated, linked, referred, decided or peer-to-peer")
    value = models.TextField(choices=finding_value_choices)
    snapshot = models.JSONField()
    digest = models.TextField(help_text="SHA-256 of the snapshot, hexadecimal")
    made_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="evidence_maps", db_index=False)
    made_at = models.DateTimeField()

    class Meta:
        """Versions of a line count up without repetition."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["line", "version"], name="evidence_map_version_once"),
        ]

    class Phi:
        """The snapshot holds findings and quotes."""

        phi: ClassVar[set[str]] = {"snapshot", "value"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "line", "policy", "version", "reason", "digest", "made_by", "made_at",
        }  # fmt: skip
