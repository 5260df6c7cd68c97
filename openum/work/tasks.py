"""Give out what waits, hand on what cannot be worked, and route anew after new rules."""

from datetime import datetime
from typing import Any
from uuid import UUID

from openum.accounts.models import Plan, User
from openum.accounts.services import ensure_rules_engine
from openum.jobs import enqueue, every, handler
from openum.work import services
from openum.work.queries.routing import routing_for
from openum.work.services.routing import REROUTE_JOB

_CHUNK = 500


@handler("work.give_out")
def give_out(payload: dict[str, Any], *, at: datetime) -> None:
    """Hand on first, so that what comes back is given out in the same round."""
    engine = ensure_rules_engine()
    for plan in Plan.objects.order_by("pk"):
        if routing_for(plan, at=at) is not None:
            services.hand_on(plan=plan, by=engine, at=at)
            services.cover(plan=plan, by=engine, at=at)
            services.give_out(plan=plan, by=engine, at=at)


@handler(REROUTE_JOB)
def reroute(payload: dict[str, Any], *, at: datetime) -> None:
    """Route a chunk of open lines by the rules in force; the next chunk is the next job."""
    by = User.objects.get(public_id=UUID(payload["by"]))
    plan = Plan.objects.get(public_id=UUID(payload["plan"]))
    _, last = services.reroute_open_lines(plan=plan, after=payload["after"], count=_CHUNK, by=by, at=at)
    if last:
        enqueue(REROUTE_JOB, {**payload, "after": last}, run_at=at)


every("work.give_out", 60)
