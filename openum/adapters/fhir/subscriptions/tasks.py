"""Jobs: number an event, send to one listener, look for what a crash left lying."""

from datetime import datetime
from typing import Any
from uuid import UUID

from openum.adapters.fhir.subscriptions import delivery, lanes, services
from openum.adapters.fhir.subscriptions.models import Subscription
from openum.cases.models import Case
from openum.db import clock
from openum.jobs import every, handler


@handler("subscriptions.tell")
def tell(payload: dict[str, Any], *, at: datetime) -> None:
    """Number an event for everybody who listens for a case."""
    case = Case.objects.select_related("plan", "organization").get(public_id=UUID(payload["case"]))
    services.tell(case=case, cause=payload["cause"], except_client=payload["not_client"], at=at)


@handler(services.DELIVER, outside=True)
def deliver(payload: dict[str, Any], *, at: datetime) -> None:
    """Send to one listener, in a lane of its own where this process has lanes."""
    public_id = UUID(payload["subscription"])
    open_lanes = lanes.lanes()
    if open_lanes is None:
        delivery.deliver(public_id, at=at)
        return
    is_slow = Subscription.objects.filter(public_id=public_id, is_slow=True).exists()
    open_lanes.take(public_id, is_slow=is_slow)


def send_in_lane(public_id: UUID) -> None:
    """Deliver to one listener at the present instant."""
    delivery.deliver(public_id, at=clock.now())


@handler("subscriptions.sweep")
def sweep(payload: dict[str, Any], *, at: datetime) -> None:
    """Put deliveries in place that are due and that nobody has."""
    services.sweep(at=at)


every("subscriptions.sweep", 30)
