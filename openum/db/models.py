"""The one table of this folder: where the demo clock stands."""

from django.db import models


class DemoClock(models.Model):
    """At the real instant `real_us` the demo clock showed `shown_us`; both run on at the same speed.

    One row at most. Microseconds since 1970-01-01T00:00:00Z, so that reading it costs one small query and no parsing.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    shown_us = models.BigIntegerField()
    real_us = models.BigIntegerField()

    class Phi:
        phi: set[str] = set()
        safe = {"id", "shown_us", "real_us"}

    class Meta:
        constraints = [models.CheckConstraint(name="one_demo_clock", condition=models.Q(id=1))]
