"""The ledger of machines: what each suggested, from what, and what a person did with it. Rows are only added."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from openum.accounts.models import User
from openum.cases.models import Case, ServiceLine
from openum.vocabulary.identifiers import new_uuid7


class MachineEntry(models.Model):
    """One suggestion or act of software: a rule, a model, or a text read from a picture."""

    RULE = "rule"
    MODEL = "model"
    READING = "ocr"

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="machine_entries")
    line = models.ForeignKey(
        ServiceLine, models.PROTECT, null=True, blank=True, related_name="machine_entries", db_index=False
    )
    kind = models.TextField(choices=[(RULE, "rule"), (MODEL, "model"), (READING, "text recognition")])
    name = models.TextField(help_text="which rule or model, for example guideline and version")
    version = models.TextField(help_text="of the software that ran it")
    input = models.JSONField(default=dict, help_text="what it was given: digest or public ids")
    output = models.JSONField(default=dict, help_text="what it answered")
    event_id = models.UUIDField(unique=True, help_text="the event of the audit chain it was written for")
    at = models.DateTimeField()

    class Meta:
        """Read by case in the order of time."""

        verbose_name_plural = "machine entries"
        indexes: ClassVar = [models.Index(fields=["at"], name="machine_entry_by_time")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(name="") & ~Q(version=""), name="machine_entry_names_its_maker"),
        ]

    class Phi:
        """What was read and answered is about the member."""

        phi: ClassVar[set[str]] = {"input", "output"}
        safe: ClassVar[set[str]] = {"id", "public_id", "case", "line", "kind", "name", "version", "event_id", "at"}


class MachineReply(models.Model):
    """What a person did with a suggestion: followed it, or departed from it, and how."""

    entry = models.ForeignKey(MachineEntry, models.PROTECT, related_name="replies")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    did = models.TextField(help_text="what the person did: the criterion answered, or the outcome decided")
    is_followed = models.BooleanField(null=True, help_text="agreed with it; null where it suggested nothing to follow")
    event_id = models.UUIDField(help_text="the event of the audit chain it was written for")
    at = models.DateTimeField()

    class Meta:
        """One reply of an event to an entry."""

        verbose_name_plural = "machine replies"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["entry", "event_id"], name="machine_reply_once"),
        ]

    class Phi:
        """What was done says something of the member's care."""

        phi: ClassVar[set[str]] = {"did"}
        safe: ClassVar[set[str]] = {"id", "entry", "by", "is_followed", "event_id", "at"}
