"""Loads of claims files, their files, mappings of headers and repairs of rows."""

from typing import ClassVar

from django.db import models

from openum.accounts.models import Plan, User
from openum.loading.rules import FileState, LoadState
from openum.vocabulary.identifiers import new_uuid7


class HeaderMapping(models.Model):
    """Headers of another system by our columns, under a name; the newest of a name counts. Never edited."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="header_mappings")
    name = models.TextField()
    table = models.TextField()
    heads = models.JSONField(help_text="header of the file by our column")
    kept_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    kept_at = models.DateTimeField()

    class Phi:
        """Names of columns."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {"id", "public_id", "plan", "name", "table", "heads", "kept_by", "kept_at"}


class ClaimsLoad(models.Model):
    """Files that were given together, and the scorecard of the store after them."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="claims_loads")
    source = models.TextField(blank=True, help_text="data_source of rows that name none")
    encoding = models.TextField(default="utf-8")
    state = models.TextField(default=LoadState.GIVEN)
    scorecard = models.JSONField(default=list, help_text="counts and code examples, no members")
    member_examples = models.JSONField(default=dict, help_text="claims and members that a finding counts, by finding")
    given_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    given_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Phi:
        """The examples name claims."""

        phi: ClassVar[set[str]] = {"member_examples"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "plan", "source", "encoding", "state", "scorecard", "given_by", "given_at", "ended_at",
        }  # fmt: skip


class ClaimsFile(models.Model):
    """A file of a load: what it is, how it is read, and what became of it."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    load = models.ForeignKey(ClaimsLoad, models.PROTECT, related_name="files")
    name = models.TextField(help_text="as the person called it")
    ending = models.TextField()
    size = models.BigIntegerField()
    heads = models.JSONField(default=list)
    table = models.TextField(blank=True)
    mapping = models.JSONField(default=dict, help_text="header of the file by our column")
    state = models.TextField(default=FileState.WAITING)
    percent = models.PositiveSmallIntegerField(default=0, help_text="how much of its stage is done")
    said = models.TextField(blank=True, help_text="why it was refused, with the cure")
    sha256 = models.TextField(blank=True)
    rows = models.BigIntegerField(default=0)
    taken = models.BigIntegerField(default=0)
    already_there = models.BigIntegerField(default=0)
    set_aside = models.BigIntegerField(default=0)
    columns_not_taken = models.JSONField(default=list)
    repairs_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="repaired")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Phi:
        """A name of a file can carry anything."""

        phi: ClassVar[set[str]] = {"name", "said"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "load", "ending", "size", "heads", "table", "mapping", "state", "percent", "sha256", "rows", "taken", "already_there",
            "set_aside", "columns_not_taken", "repairs_of", "ended_at",
        }  # fmt: skip


class RowRepair(models.Model):
    """A value of a row set aside, given anew. Never edited; the last one of a row and column counts."""

    file = models.ForeignKey(ClaimsFile, models.PROTECT, related_name="repairs")
    row = models.PositiveIntegerField(help_text="place among the rows set aside, from 1")
    column = models.TextField()
    was = models.TextField(blank=True)
    value = models.TextField(blank=True)
    reason = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Phi:
        """Claims data."""

        phi: ClassVar[set[str]] = {"was", "value", "reason"}
        safe: ClassVar[set[str]] = {"id", "file", "row", "column", "by", "at"}
