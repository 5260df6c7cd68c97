"""What was found for each criterion, what it rests on, and the frozen maps that decisions cite."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from openum.criteria.rules import DraftStatus, Vote
from openum.criteria.simulation.models import Simulation, SimulationState
from openum.vocabulary.identifiers import new_uuid7
from openum.vocabulary.terms import FindingValue

__all__ = [
    "CommitteeVote", "DraftReview", "DraftText", "EvaluationInput", "EvidenceLink", "EvidenceMap", "Finding", "GuidelineDraft", "Simulation", "SimulationState", "draft_status_choices", "finding_value_choices", "vote_choices",
]  # fmt: skip


def finding_value_choices() -> list[tuple[str, str]]:
    """The three values, as a callable so that a new word is not a migration."""
    return [(item.value, item.value) for item in FindingValue]


def draft_status_choices() -> list[tuple[str, str]]:
    """The steps of a draft, as a callable so that a new word is not a migration."""
    return [(item.value, item.value) for item in DraftStatus]


def vote_choices() -> list[tuple[str, str]]:
    """What a member may say, as a callable so that a new word is not a migration."""
    return [(item.value, item.value) for item in Vote]


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
    region = models.JSONField(null=True, help_text="left, top, width, height on the page, in thousandths")
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

        phi: ClassVar[set[str]] = {"resource_key", "page", "quote", "quote_start", "quote_end", "region"}
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


class EvaluationInput(models.Model):
    """What one evaluation read, so that every finding made on it can be replayed to the bit.

    Stored resources are named in their order; facts made from our own rows are kept as they were, because those rows
    move on.
    """

    line = models.ForeignKey("cases.ServiceLine", models.PROTECT, related_name="evaluation_inputs", db_index=False)
    digest = models.TextField(help_text="SHA-256 of the records that were read, as on the findings")
    attachments = models.JSONField(default=list, help_text="public ids of the stored resources, in order")
    own_facts = models.JSONField(default=list, help_text="facts made from our own rows, as FHIR resources")
    person = models.JSONField(default=dict, help_text="how the messages name the person, birth date and sex")
    read_at = models.DateTimeField()

    class Meta:
        """An input is kept once per line and content."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["line", "digest"], name="evaluation_input_once"),
        ]

    class Phi:
        """Facts about the member."""

        phi: ClassVar[set[str]] = {"own_facts", "person"}
        safe: ClassVar[set[str]] = {"id", "line", "digest", "attachments", "read_at"}


class GuidelineDraft(models.Model):
    """One version of a guideline on its way: draft, reviewed, approved by vote, published, retired."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    plan = models.ForeignKey("accounts.Plan", models.PROTECT, null=True, blank=True, related_name="guideline_drafts")
    key = models.TextField(help_text="id of the guideline")
    version = models.TextField()
    status = models.TextField(choices=draft_status_choices, default=DraftStatus.DRAFT)
    minutes = models.TextField(blank=True, help_text="where the vote of the committee is written down")
    policy = models.OneToOneField(
        "directory.Policy", models.PROTECT, null=True, blank=True, related_name="guideline_draft"
    )
    started_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="guideline_drafts")
    started_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        """A version is drafted once; what is published was voted on and has its row."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "key", "version"], name="guideline_draft_once"),
            models.UniqueConstraint(
                fields=["key", "version"], condition=Q(plan__isnull=True), name="common_guideline_draft_once"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["published", "retired"]) | Q(policy__isnull=False),
                name="published_draft_has_policy",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["approved", "published", "retired"]) | ~Q(minutes=""),
                name="approved_draft_has_minutes",
            ),
        ]

    class Phi:
        """No member data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {
            "id", "public_id", "plan", "key", "version", "status", "minutes", "policy", "started_by", "started_at",
            "changed_at",
        }  # fmt: skip


class DraftText(models.Model):
    """One saved text of a draft. Never edited; the next save is the next number."""

    draft = models.ForeignKey(GuidelineDraft, models.PROTECT, related_name="texts")
    number = models.PositiveIntegerField(help_text="1 for the first text")
    text = models.TextField()
    patients = models.TextField(blank=True, help_text="the sibling file with more test patients")
    libraries = models.JSONField(default=dict, help_text="shared CQL it may include, by name")
    digest = models.TextField(help_text="SHA-256 of text, patients and libraries, hexadecimal")
    note = models.TextField(blank=True, help_text="what changed, in the author's words")
    written_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        """Texts count up without repetition."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["draft", "number"], name="draft_text_number_once")]

    class Phi:
        """No member data; test patients are invented."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {
            "id", "draft", "number", "text", "patients", "libraries", "digest", "note", "written_by", "written_at",
        }  # fmt: skip


class DraftReview(models.Model):
    """What a second person said about one text: ready for the committee, or not."""

    text = models.ForeignKey(DraftText, models.PROTECT, related_name="reviews")
    reviewer = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    is_ready = models.BooleanField()
    note = models.TextField(blank=True)
    reviewed_at = models.DateTimeField()

    class Meta:
        """Who finds a text not ready says why."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(is_ready=True) | ~Q(note=""), name="draft_review_says_why")
        ]

    class Phi:
        """No member data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {"id", "text", "reviewer", "is_ready", "note", "reviewed_at"}


class CommitteeVote(models.Model):
    """The vote of one member of the committee on one text, with a declared conflict of interest."""

    text = models.ForeignKey(DraftText, models.PROTECT, related_name="votes")
    member = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    vote = models.TextField(choices=vote_choices)
    conflict = models.TextField(blank=True, help_text="the conflict of interest declared; empty: none")
    note = models.TextField(blank=True)
    voted_at = models.DateTimeField()

    class Meta:
        """One vote per member and text; a declared conflict abstains."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["text", "member"], name="committee_vote_once"),
            models.CheckConstraint(condition=Q(conflict="") | Q(vote="abstain"), name="conflict_of_interest_abstains"),
        ]

    class Phi:
        """No member data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {"id", "text", "member", "vote", "conflict", "note", "voted_at"}
