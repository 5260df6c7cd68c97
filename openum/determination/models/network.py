"""What is told of a provider's network with an answer, where the law of the place wants it told."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from openum.accounts.models import User
from openum.cases.models import ServiceLine
from openum.vocabulary.identifiers import new_uuid7
from openum.vocabulary.terms import NetworkStatus

_TOLD = [NetworkStatus.IN_NETWORK.value, NetworkStatus.OUT_OF_NETWORK.value]


class NetworkStatement(models.Model):
    """In or out of the network, and what the plan pays outside it. Never edited; the latest one of a line counts."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    line = models.ForeignKey(ServiceLine, models.PROTECT, related_name="network_statements")
    status = models.TextField(choices=[(word, word) for word in _TOLD])
    plan_pays = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True, help_text="US dollars")
    stated_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    stated_at = models.DateTimeField()

    class Meta:
        """Outside the network the amount is known, and never below zero."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status="in_network", plan_pays__isnull=True)
                | Q(status="out_of_network", plan_pays__isnull=False, plan_pays__gte=0),
                name="outside_the_network_has_its_amount",
            ),
        ]

    class Phi:
        """What a plan pays for the care of one person."""

        phi: ClassVar[set[str]] = {"plan_pays"}
        safe: ClassVar[set[str]] = {"id", "public_id", "line", "status", "stated_by", "stated_at"}
