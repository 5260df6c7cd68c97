"""What came through the door, exactly as it came, drafts not sent yet, and armed sandbox answers."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from openum.accounts.models import ApiClient, Organization, Plan, User
from openum.cases.models.choices import channel_choices
from openum.submission.arming import SandboxAnswer
from openum.vocabulary.identifiers import new_uuid7


class Submission(models.Model):
    """One message or form as received. It comes first: before any look-up and before any case.

    `state`: admitted (a case holds it), refused (it can never become a request), waiting (a person must match or admit
    it; its receipt stands and its clock runs), settled (a person dealt with a waiting one).
    """

    ADMITTED = "admitted"
    REFUSED = "refused"
    WAITING = "waiting"
    SETTLED = "settled"

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="submissions")
    client = models.ForeignKey(ApiClient, models.PROTECT, null=True, blank=True, related_name="submissions")
    submitted_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="submissions")
    channel = models.TextField(choices=channel_choices)
    door = models.TextField(blank=True, help_text="base path and operation")
    received_at = models.DateTimeField()
    entered_at = models.DateTimeField()
    raw = models.BinaryField(null=True, blank=True, help_text="absent beyond the size limit")
    raw_digest = models.TextField(help_text="SHA-256 of the bytes as received, hexadecimal")
    raw_size = models.PositiveBigIntegerField()
    retry_key = models.TextField(blank=True, help_text="client, door, patient, identifier and canonical body digest")
    armed_key = models.TextField(blank=True, help_text="the sandbox answer that was armed, part of the retry key")
    state = models.TextField(choices=[(word, word) for word in (ADMITTED, REFUSED, WAITING, SETTLED)])
    case = models.ForeignKey("cases.Case", models.PROTECT, null=True, blank=True, related_name="submissions")
    problems = models.JSONField(default=list, help_text="why it was refused or waits: code, path, text")
    answer = models.BinaryField(null=True, blank=True, help_text="the bytes we answered, returned on a retry")
    answer_status = models.PositiveSmallIntegerField(null=True, blank=True)
    provisional_due_at = models.DateTimeField(
        null=True, blank=True, help_text="earliest deadline it could have, while no case holds it"
    )
    provisional_rule = models.TextField(blank=True)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_note = models.TextField(blank=True)
    forwarded_from = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        help_text="the message as another plan of the installation had it first",
    )  # fmt: skip

    class Meta:
        """The same content through the same door is one submission; waiting ones are found by a partial index."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["retry_key", "armed_key"], condition=~Q(retry_key=""), name="submission_once"
            ),
            models.CheckConstraint(
                condition=~Q(state="settled") | (Q(settled_by__isnull=False) & Q(settled_at__isnull=False)),
                name="settled_submission_names_its_person",
            ),
            models.CheckConstraint(
                condition=~Q(state="admitted") | Q(case__isnull=False), name="admitted_submission_has_a_case"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["plan", "received_at"],
                condition=Q(state__in=["waiting", "refused"]),
                name="submission_without_case",
            )
        ]

    class Phi:
        """The message and our answer."""

        phi: ClassVar[set[str]] = {"raw", "answer", "problems", "settled_note", "retry_key"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "plan", "client", "submitted_by", "organization", "channel", "door", "received_at",
            "entered_at", "raw_digest", "raw_size", "armed_key", "state", "case", "answer_status", "settled_by",
            "settled_at", "provisional_due_at", "provisional_rule", "forwarded_from",
        }  # fmt: skip


class AttachmentMessage(models.Model):
    """What ties records sent apart to a request. Those of a waiting submission are matched when the request comes."""

    submission = models.OneToOneField(Submission, models.PROTECT, related_name="attachment_message")
    member_number = models.TextField()
    tracking_system = models.TextField(blank=True)
    tracking_value = models.TextField()
    administrative_number = models.TextField(blank=True)
    is_final = models.BooleanField()
    is_held = models.BooleanField(help_text="no request fits yet")

    class Meta:
        """Held ones are looked for by the member's number whenever a request comes in."""

        indexes: ClassVar = [
            models.Index(fields=["member_number"], condition=Q(is_held=True), name="attachment_held_by_member")
        ]

    class Phi:
        """The numbers of member and request."""

        phi: ClassVar[set[str]] = {"member_number", "tracking_value", "administrative_number"}
        safe: ClassVar[set[str]] = {"id", "submission", "tracking_system", "is_final", "is_held"}


class Draft(models.Model):
    """A request that somebody is still writing. Every field is saved as it is typed; drafts are shared in an office."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="drafts")
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="drafts")
    started_by = models.ForeignKey(User, models.PROTECT, related_name="drafts")
    started_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=0)
    purpose = models.TextField(default="portal", help_text="portal, or capture of a phone or mail request")
    fields = models.JSONField(default=dict)
    submission = models.OneToOneField(Submission, models.PROTECT, null=True, blank=True, related_name="draft")

    class Phi:
        """Everything typed."""

        phi: ClassVar[set[str]] = {"fields"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "plan", "organization", "started_by", "started_at", "saved_at", "version", "purpose",
            "submission",
        }  # fmt: skip


class TelephoneCall(models.Model):
    """A call in which intake takes a request: its number, who called, how that was checked, and how it ended.

    What was asked for stands in the draft, and then in the request. The call is the receipt.
    """

    OPEN, SENT, NONE = "open", "sent", "none"

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    reference = models.TextField(unique=True, help_text="the number the caller is told")
    draft = models.OneToOneField(Draft, models.PROTECT, related_name="call")
    taken_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.TextField(choices=[(word, word) for word in (OPEN, SENT, NONE)], default=OPEN)
    caller_name = models.TextField(blank=True)
    caller_organization = models.TextField(blank=True)
    call_back = models.TextField(blank=True, help_text="number on which the caller is reached")
    checked = models.TextField(blank=True, help_text="how it was checked who calls")
    words = models.TextField(blank=True, help_text="why no request came of it")

    class Meta:
        """An ended call says how it ended; one without a request says why."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(outcome="open", ended_at__isnull=True) | (~Q(outcome="open") & Q(ended_at__isnull=False)),
                name="telephone_call_end_is_known",
            ),
            models.CheckConstraint(condition=~Q(outcome="none") | ~Q(words=""), name="telephone_call_without_says_why"),
        ]

    class Phi:
        """Who called, and what was said."""

        phi: ClassVar[set[str]] = {"caller_name", "caller_organization", "call_back", "words"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "reference", "draft", "taken_by", "began_at", "ended_at", "outcome", "checked",
        }  # fmt: skip


class DraftFile(models.Model):
    """A file already uploaded to a draft."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    draft = models.ForeignKey(Draft, models.CASCADE, related_name="files")
    title = models.TextField()
    document_kind = models.TextField(blank=True)
    content_type = models.TextField()
    content = models.BinaryField()
    size = models.PositiveBigIntegerField()
    uploaded_at = models.DateTimeField()

    class Phi:
        """The file."""

        phi: ClassVar[set[str]] = {"title", "document_kind", "content"}
        safe: ClassVar[set[str]] = {"id", "public_id", "draft", "content_type", "size", "uploaded_at"}


class SandboxArming(models.Model):
    """The next answer for a client of a sandbox plan: a demo physician's determination, chosen in advance.

    `armed_by` is the physician whose determination it becomes; `chosen_by` is who chose it, where the physician signed
    a standing order that lets others choose. A standing arming (`is_standing`) answers every message until it ends.
    """

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    client = models.ForeignKey(ApiClient, models.PROTECT, related_name="armings")
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="+")
    plan_is_sandbox = models.BooleanField()
    answer = models.TextField(choices=[(answer.value, answer.value) for answer in SandboxAnswer])
    delay_seconds = models.PositiveIntegerField(default=0)
    error_code = models.TextField(blank=True, help_text="AAA reject reason (X12 901) of an armed error")
    http_status = models.PositiveSmallIntegerField(null=True, blank=True, help_text="status of an armed refusal")
    is_standing = models.BooleanField(default=False)
    armed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    chosen_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    armed_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True, help_text="taken away, or replaced by a later one")
    used_at = models.DateTimeField(null=True, blank=True)
    used_by = models.ForeignKey(Submission, models.PROTECT, null=True, blank=True, related_name="armings")

    class Meta:
        """Only sandbox plans; one armed answer at a time per client."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(plan_is_sandbox=True), name="arming_only_in_sandbox"),
            models.UniqueConstraint(
                fields=["client"], condition=Q(used_at__isnull=True, ended_at__isnull=True),
                name="one_armed_answer_per_client",
            ),
        ]  # fmt: skip

    class Phi:
        """No member data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {
            "id", "public_id", "client", "plan", "plan_is_sandbox", "answer", "delay_seconds", "error_code",
            "http_status", "is_standing", "armed_by", "chosen_by", "armed_at", "expires_at", "ended_at", "used_at",
            "used_by",
        }  # fmt: skip


class SandboxStandingOrder(models.Model):
    """A demo physician's signed word that others may choose test answers, recorded as this physician's determination."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="+")
    plan_is_sandbox = models.BooleanField()
    physician = models.ForeignKey(User, models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Only sandbox plans; one standing order at a time per plan."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(plan_is_sandbox=True), name="standing_order_only_in_sandbox"),
            models.UniqueConstraint(
                fields=["plan"], condition=Q(withdrawn_at__isnull=True), name="one_standing_order_per_plan"
            ),
        ]

    class Phi:
        """No member data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {
            "id", "public_id", "plan", "plan_is_sandbox", "physician", "signed_at", "withdrawn_at",
        }  # fmt: skip
