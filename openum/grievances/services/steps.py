"""Reading a complaint under a lock, and telling its clocks. The services of complaints and disputes go through here."""

from datetime import datetime

from openum.accounts.models import User
from openum.cases.models import Request
from openum.clocks import services as clocks
from openum.clocks.rules.facts import FactKind
from openum.clocks.services import NewFact
from openum.grievances.models import Grievance


def lock_grievance(grievance: Grievance) -> Grievance:
    """Read a complaint again under a lock, with what its steps need."""
    return (
        Grievance.objects.select_for_update(of=("self",))
        .select_related(
            "request__case__plan", "request__case__product", "request__case__member", "request__case__organization"
        )
        .get(pk=grievance.pk)
    )


def note_fact(request: Request, kind: FactKind, *, by: User, at: datetime, reason: str = "") -> None:
    """Record a fact on the clocks of a complaint or a dispute."""
    clocks.record_facts(request_id=request.pk, facts=[NewFact(kind=kind, at=at, reason=reason)], by=by, at=at)
