"""How quickly the systems of each client were answered: counts by the hour, never the calls themselves."""

from typing import ClassVar

from django.db import models

from openum.accounts.models.clients import ApiClient


class CallPace(models.Model):
    """How many calls of a client were answered within a time, in one hour."""

    client = models.ForeignKey(ApiClient, models.CASCADE, related_name="+", db_index=False)
    hour = models.DateTimeField(help_text="the start of the hour")
    within = models.PositiveIntegerField(help_text="milliseconds of server time, the bound of the class")
    calls = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0, help_text="answered with a status of 400 or more")

    class Meta:
        """One row for each client, hour and class."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["client", "hour", "within"], name="call_pace_once")]
        indexes: ClassVar = [models.Index(fields=["hour"], name="call_pace_by_hour")]

    class Phi:
        """Counts only."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {"id", "client", "hour", "within", "calls", "failed"}
