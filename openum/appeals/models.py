"""Appeals, who may judge them, what was decided, what was sent, and what was carried out."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from openum.accounts.models import Plan, User
from openum.appeals.rules.filing import Ground, SpeedAnswer
from openum.appeals.rules.law import Body, Filer, Form
from openum.appeals.rules.states import OPEN_STATES, AppealState, Counted, Outcome
from openum.cases.models import Attachment, Request, ServiceLine
from openum.determination.models import Determination
from openum.vocabulary.identifiers import new_uuid7

_OPEN = Q(state__in=sorted(OPEN_STATES))


def state_choices() -> list[tuple[str, str]]:
    """The states, as a callable so that a new word is not a migration."""
    return [(item.value, item.value) for item in AppealState]


def body_choices() -> list[tuple[str, str]]:
    """Who decides at a level."""
    return [(item.value, item.value) for item in Body]


def filer_choices() -> list[tuple[str, str]]:
    """In whose person somebody files."""
    return [(item.value, item.value) for item in Filer]


def form_choices() -> list[tuple[str, str]]:
    """The papers of standing."""
    return [(item.value, item.value) for item in Form]


def speed_choices() -> list[tuple[str, str]]:
    """What became of a wish for speed."""
    return [(item.value, item.value) for item in SpeedAnswer]


def ground_choices() -> list[tuple[str, str]]:
    """Grounds of a dismissal."""
    return [(item.value, item.value) for item in Ground]


def outcome_choices() -> list[tuple[str, str]]:
    """Outcomes."""
    return [(item.value, item.value) for item in Outcome]


def counted_choices() -> list[tuple[str, str]]:
    """What an outcome counts as."""
    return [(item.value, item.value) for item in Counted]


class Appeal(models.Model):
    """One appeal at one level, from its first receipt to its end. It wraps a request and names the decision appealed.

    `filed_at` is the first receipt by anybody of the plan. `counts_from` is when the time to decide began: a valid form
    may come later than the appeal (42 CFR 422.561).
    """

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    number = models.TextField(unique=True, help_text="case number and appeal count, for example C-26-0000001-AP1")
    request = models.OneToOneField(Request, models.PROTECT, related_name="appeal")
    line = models.ForeignKey(ServiceLine, models.PROTECT, related_name="appeals")
    determination = models.ForeignKey(
        Determination, models.PROTECT, null=True, blank=True, related_name="appeals",
        help_text="the decision appealed; none where a missed time is appealed",
    )  # fmt: skip
    law = models.TextField(help_text="key of the published row of law")
    law_policy = models.ForeignKey("directory.Policy", models.PROTECT, related_name="+", db_index=False)
    level = models.PositiveSmallIntegerField(default=1)
    body = models.TextField(choices=body_choices)
    follows = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="followed_by")
    filer = models.TextField(choices=filer_choices)
    filer_name = models.TextField(blank=True)
    filer_relationship = models.TextField(blank=True)
    issue = models.TextField(blank=True, help_text="why the filer does not agree, in the filer's words")
    filed_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    counts_from = models.DateTimeField(null=True, blank=True)
    state = models.TextField(choices=state_choices)
    state_since = models.DateTimeField()
    form = models.TextField(choices=form_choices, blank=True)
    form_law = models.TextField(blank=True)
    form_due_on = models.DateField(null=True, blank=True)
    form_signed_on = models.DateField(null=True, blank=True)
    form_received_at = models.DateTimeField(null=True, blank=True)
    form_paper = models.ForeignKey(Attachment, models.PROTECT, null=True, blank=True, related_name="+")
    last_day_to_file = models.DateField(null=True, blank=True)
    is_late = models.BooleanField(default=False)
    good_cause = models.TextField(blank=True)
    good_cause_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    speed = models.TextField(choices=speed_choices, default=SpeedAnswer.NOT_ASKED)
    clinician_supports = models.BooleanField(default=False)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    extended_at = models.DateTimeField(null=True, blank=True)
    extended_because = models.TextField(blank=True, help_text="why more time was taken, as the letter says it")
    assigned_to = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="appeals_to_decide")
    assigned_at = models.DateTimeField(null=True, blank=True)
    assigned_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    independence = models.JSONField(
        default=list, help_text="the conditions of the reviewer as they stood: key, holds, words"
    )
    outcome = models.TextField(choices=outcome_choices, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    dismissed_at = models.DateTimeField(null=True, blank=True)
    dismissed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    dismissed_for = models.TextField(choices=ground_choices, blank=True)
    dismissed_because = models.TextField(blank=True)
    vacated_at = models.DateTimeField(null=True, blank=True)
    vacated_because = models.TextField(blank=True)
    ended_note = models.TextField(blank=True, help_text="who withdrew it, or where it was sent and with what proof")

    class Meta:
        """One open appeal per line and level; what ended says how and when."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["line", "level"], condition=_OPEN, name="one_open_appeal_per_level"),
            models.UniqueConstraint(
                fields=["follows", "body"], condition=~Q(state="taken_back"), name="one_review_follows"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["decided", "closed"]) | (~Q(outcome="") & Q(decided_at__isnull=False)),
                name="decided_appeal_has_outcome",
            ),
            models.CheckConstraint(
                condition=~Q(state="dismissed")
                | (Q(dismissed_at__isnull=False, dismissed_by__isnull=False) & ~Q(dismissed_because="")),
                name="dismissed_appeal_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(state="assigned") | Q(assigned_to__isnull=False), name="assigned_appeal_names_reviewer"
            ),
            models.CheckConstraint(
                condition=Q(good_cause="") | Q(good_cause_by__isnull=False), name="good_cause_names_its_person"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["filed_at"], condition=_OPEN, name="open_appeal_by_receipt")]

    class Phi:
        """Who files and why tells the member's story."""

        phi: ClassVar[set[str]] = {
            "filer_name", "filer_relationship", "issue", "good_cause", "dismissed_because", "vacated_because",
            "ended_note", "extended_because", "filed_at", "form_signed_on", "form_paper",
        }  # fmt: skip
        safe: ClassVar[set[str]] = {
            "id", "public_id", "number", "request", "line", "determination", "law", "law_policy", "level", "body",
            "follows", "filer", "recorded_by", "counts_from", "state", "state_since", "form", "form_law", "form_due_on",
            "form_received_at", "last_day_to_file", "is_late", "good_cause_by", "speed", "clinician_supports",
            "acknowledged_at", "extended_at", "assigned_to", "assigned_at", "assigned_by", "independence", "outcome",
            "decided_at",
            "closed_at", "dismissed_at", "dismissed_by", "dismissed_for", "vacated_at",
        }  # fmt: skip


class AppealDecision(models.Model):
    """The decision on an appeal, kept beside the determination it judges; neither is ever edited."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    appeal = models.OneToOneField(Appeal, models.PROTECT, related_name="decision")
    outcome = models.TextField(choices=outcome_choices)
    counted_as = models.TextField(choices=counted_choices)
    rationale = models.TextField()
    node_answers = models.JSONField(default=dict, help_text="leaf key → the reviewer's answer to it")
    evidence_map = models.ForeignKey("criteria.EvidenceMap", models.PROTECT, null=True, blank=True, related_name="+")
    evidence_opened = models.JSONField(default=list)
    evidence_guard = models.TextField(blank=True)
    evidence_guard_reason = models.TextField(blank=True)
    cited_authority = models.TextField(blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="appeal_decisions")
    decided_by_machine = models.BooleanField(default=False)
    decided_at = models.DateTimeField()
    licence = models.TextField(blank=True)
    specialty = models.TextField(blank=True)
    independence = models.JSONField(default=list)
    conflict_statement = models.TextField(blank=True, help_text="what the reviewer attested, word for word")
    words_kept = models.TextField(blank=True, default="", help_text="why words stay that are hard to read")
    determination = models.OneToOneField(
        Determination, models.PROTECT, null=True, blank=True, related_name="appeal_decision",
        help_text="the determination that a reversal made",
    )  # fmt: skip

    class Meta:
        """A person decides, with a reason; the plan's own decision names licence and attestation."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(decided_by_machine=False), name="no_machine_decides_an_appeal"),
            models.CheckConstraint(condition=~Q(rationale=""), name="appeal_decision_has_rationale"),
            models.CheckConstraint(
                condition=Q(outcome="upheld") | Q(determination__isnull=False), name="reversal_has_determination"
            ),
            models.CheckConstraint(
                condition=~Q(counted_as="decision")
                | (~Q(licence="") & ~Q(conflict_statement="") & ~Q(evidence_guard="")),
                name="plan_decision_names_its_fitness",
            ),
        ]

    class Phi:
        """Clinical reasoning."""

        phi: ClassVar[set[str]] = {"rationale", "node_answers"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "appeal", "outcome", "counted_as", "evidence_map", "evidence_opened", "evidence_guard",
            "evidence_guard_reason", "cited_authority", "decided_by", "decided_by_machine", "decided_at", "licence",
            "specialty", "independence", "conflict_statement", "words_kept", "determination",
        }  # fmt: skip


class DeclaredInterest(models.Model):
    """A conflict of interest that a reviewer declared, or compliance entered: with a provider, by its number."""

    user = models.ForeignKey(User, models.CASCADE, related_name="declared_interests")
    npi = models.TextField()
    reason = models.TextField()
    declared_at = models.DateTimeField()
    ends_on = models.DateField(null=True, blank=True)

    class Phi:
        """No member data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {"id", "user", "npi", "reason", "declared_at", "ends_on"}


class ReviewOrganization(models.Model):
    """An independent review body: an organization under contract, the Medicare review entity, or a state's office."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="review_organizations")
    body = models.TextField(choices=body_choices)
    name = models.TextField()
    address = models.TextField(blank=True)
    phone = models.TextField(blank=True)
    accredited_to = models.DateField(null=True, blank=True)
    interests = models.JSONField(default=dict, help_text="provider number → why there is a conflict")
    last_assigned_at = models.DateTimeField(null=True, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        """A name once per plan."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["plan", "name"], name="review_organization_once")]

    class Phi:
        """No member data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {
            "id", "public_id", "plan", "body", "name", "address", "phone", "accredited_to", "interests",
            "last_assigned_at", "is_active",
        }  # fmt: skip


class OutsideReview(models.Model):
    """What an appeal at an outside body has beside: preliminary review, assignment, the sealed file, the answer."""

    appeal = models.OneToOneField(Appeal, models.PROTECT, related_name="outside")
    because = models.TextField(help_text="asked, upheld, late, undecided")
    preliminary_at = models.DateTimeField(null=True, blank=True)
    preliminary_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    preliminary_result = models.TextField(blank=True, help_text="complete, incomplete, not_eligible")
    preliminary_note = models.TextField(blank=True)
    organization = models.ForeignKey(ReviewOrganization, models.PROTECT, null=True, blank=True, related_name="reviews")
    rotation = models.JSONField(
        default=list, help_text="every organization in its turn, and why it was passed or taken"
    )
    assigned_at = models.DateTimeField(null=True, blank=True)
    forwarded_at = models.DateTimeField(null=True, blank=True)
    forward_proof = models.JSONField(default=dict)
    hearing_at = models.DateTimeField(null=True, blank=True)
    hearing_how = models.TextField(blank=True, help_text="place, telephone number or address of the video")
    reference = models.TextField(blank=True, help_text="the outside body's own number")
    decision_received_at = models.DateTimeField(null=True, blank=True)

    class Phi:
        """The note tells the case."""

        phi: ClassVar[set[str]] = {"preliminary_note", "reference", "hearing_at", "hearing_how"}
        safe: ClassVar[set[str]] = {
            "id", "appeal", "because", "preliminary_at", "preliminary_by", "preliminary_result", "organization",
            "rotation", "assigned_at", "forwarded_at", "forward_proof", "decision_received_at",
        }  # fmt: skip


class Packet(models.Model):
    """The file of an appeal as it was sealed: its inputs are kept, so the same bytes can be made again."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    appeal = models.ForeignKey(Appeal, models.PROTECT, related_name="packets")
    built_at = models.DateTimeField()
    built_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    inputs = models.JSONField(help_text="everything the packet says, frozen; documents by id and digest")
    manifest = models.JSONField(help_text="every part with its size and SHA-256")
    manifest_digest = models.TextField()
    missing = models.JSONField(default=list, help_text="what a complete file would hold and this one does not")

    class Meta:
        """Newest first by appeal."""

        indexes: ClassVar = [models.Index(fields=["appeal", "-built_at"], name="packet_by_appeal")]

    class Phi:
        """The whole file."""

        phi: ClassVar[set[str]] = {"inputs", "manifest"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "appeal", "built_at", "built_by", "manifest_digest", "missing",
        }  # fmt: skip


class Effectuation(models.Model):
    """What a reversal owes and the proof that it was carried out."""

    appeal = models.OneToOneField(Appeal, models.PROTECT, related_name="effectuation")
    ordered_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    proof_kind = models.TextField(blank=True, help_text="authorization, payment, service provided")
    proof = models.TextField(blank=True)

    class Meta:
        """Done means proved."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(done_at__isnull=True) | (Q(done_by__isnull=False) & ~Q(proof="") & ~Q(proof_kind="")),
                name="effectuation_has_proof",
            )
        ]

    class Phi:
        """A claim or authorization number."""

        phi: ClassVar[set[str]] = {"proof"}
        safe: ClassVar[set[str]] = {"id", "appeal", "ordered_at", "done_at", "done_by", "proof_kind"}


class BenefitContinuation(models.Model):
    """A benefit that goes on while the appeal runs, until when, and who may have to pay (42 CFR 438.420)."""

    appeal = models.OneToOneField(Appeal, models.PROTECT, related_name="continuation")
    asked_at = models.DateTimeField()
    last_day_to_ask = models.DateField(null=True, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    is_granted = models.BooleanField()
    refused_because = models.TextField(blank=True)
    law = models.TextField()
    recovery_told = models.BooleanField(default=False, help_text="the member was told that costs may be recovered")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_because = models.TextField(blank=True, help_text="which condition of the law ended it")
    last_day = models.DateField(null=True, blank=True, help_text="the last day of the benefit, as the letter says it")

    class Meta:
        """A refusal and an end say why."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(is_granted=True) | ~Q(refused_because=""), name="refused_continuation_says_why"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | (~Q(ended_because="") & Q(last_day__isnull=False)),
                name="ended_continuation_says_why",
            ),
        ]

    class Phi:
        """Words about the member's care."""

        phi: ClassVar[set[str]] = {"refused_because", "ended_because"}
        safe: ClassVar[set[str]] = {
            "id", "appeal", "asked_at", "last_day_to_ask", "recorded_by", "is_granted", "law", "recovery_told", "ended_at",
            "last_day",
        }  # fmt: skip


class PanelVote(models.Model):
    """One physician of a second-opinion panel: asked, and the vote with its reason. The panel advises; it never decides."""

    appeal = models.ForeignKey(Appeal, models.PROTECT, related_name="panel")
    physician = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    for_member = models.BooleanField(null=True, blank=True)
    rationale = models.TextField(blank=True)
    voted_at = models.DateTimeField(null=True, blank=True)
    licence = models.TextField(blank=True, help_text="kind and state, at that instant")
    specialty = models.TextField(blank=True)
    independence = models.JSONField(
        default=list, help_text="the conditions of the physician as they stood: key, holds, words"
    )

    class Meta:
        """One vote each, with its reason."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["appeal", "physician"], name="one_vote_each"),
            models.CheckConstraint(
                condition=Q(voted_at__isnull=True, for_member__isnull=True)
                | (Q(voted_at__isnull=False, for_member__isnull=False) & ~Q(rationale="")),
                name="vote_has_reason",
            ),
        ]

    class Phi:
        """Clinical reasoning."""

        phi: ClassVar[set[str]] = {"rationale"}
        safe: ClassVar[set[str]] = {
            "id", "appeal", "physician", "asked_at", "asked_by", "for_member", "voted_at", "licence", "specialty",
            "independence",
        }  # fmt: skip
