"""Statements of a plan's metrics, their figures, the lists of rows behind them, and the snapshots of a week."""

from typing import ClassVar

from django.db import models

from openum.accounts.models import Plan, User
from openum.utilization.rules import ListState, StatementState
from openum.vocabulary.identifiers import new_uuid7


class Statement(models.Model):
    """The metrics of a plan's claims as they stood after a load; a later one replaces it on the pages, and it stays."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="utilization_statements")
    number = models.PositiveIntegerField()
    state = models.TextField(default=StatementState.MAKING)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    said = models.TextField(blank=True, help_text="why it could not be made")
    data_until = models.TextField(blank=True, help_text="last day of the data, as the metrics say it")
    first_month = models.TextField(blank=True, help_text="first month of the year's figures")
    last_month = models.TextField(blank=True)
    factors = models.JSONField(default=dict, help_text="completion factor by payer and month")
    sources = models.JSONField(default=list, help_text="SHA-256 of the files in the store")

    class Meta:
        """Numbered by plan."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["plan", "number"], name="statement_number_once")]

    class Phi:
        """Counts and days of data, nobody's own."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {
            "id", "public_id", "plan", "number", "state", "made_at", "ended_at", "said", "data_until", "first_month",
            "last_month", "factors", "sources",
        }  # fmt: skip


class Figure(models.Model):
    """One number of a statement. `month` is empty for a year; `cut` and `group` are empty for the whole of a payer."""

    statement = models.ForeignKey(Statement, models.CASCADE, related_name="figures", db_index=False)
    metric = models.TextField()
    definition = models.TextField()
    payer = models.TextField()
    month = models.TextField(blank=True)
    cut = models.TextField(blank=True)
    group = models.TextField(blank=True)
    numerator = models.FloatField()
    denominator = models.FloatField(null=True, blank=True)
    value = models.FloatField(null=True, blank=True)
    unit = models.TextField()
    maturity = models.TextField(blank=True)

    class Meta:
        """Once in a statement; read by metric and payer."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["statement", "metric", "payer", "month", "cut", "group"], name="figure_once_in_a_statement"
            )
        ]

    class Phi:
        """Counts over members; a group may be a provider's number."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {
            "id", "statement", "metric", "definition", "payer", "month", "cut", "group", "numerator", "denominator",
            "value", "unit", "maturity",
        }  # fmt: skip


class FigureList(models.Model):
    """The rows behind a number: made by a job when a person asks, kept as a file of the plan."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    statement = models.ForeignKey(Statement, models.CASCADE, related_name="lists")
    metric = models.TextField()
    payer = models.TextField()
    month = models.TextField(blank=True)
    cut = models.TextField(blank=True)
    group = models.TextField(blank=True)
    state = models.TextField(default=ListState.MAKING)
    said = models.TextField(blank=True)
    rows = models.PositiveIntegerField(default=0)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """One list for a number."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["statement", "metric", "payer", "month", "cut", "group"], name="list_once_for_a_figure"
            )
        ]

    class Phi:
        """What is listed stands in the file, not here."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {
            "id", "public_id", "statement", "metric", "payer", "month", "cut", "group", "state", "said", "rows",
            "asked_by", "asked_at", "ended_at",
        }  # fmt: skip


class Snapshot(models.Model):
    """The figures of a plan as a PDF, made once a week and kept as it was. Never edited."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="snapshots")
    monday = models.DateField(help_text="of the week in which it was made, in the plan's zone")
    made_at = models.DateTimeField()
    statement = models.ForeignKey(Statement, models.PROTECT, null=True, blank=True, related_name="+")
    pdf = models.BinaryField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        """One a week."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["plan", "monday"], name="snapshot_once_a_week")]

    class Phi:
        """Counts over members and requests."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {"id", "public_id", "plan", "monday", "made_at", "statement", "pdf", "sha256"}
