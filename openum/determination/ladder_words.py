"""What people read of the steps by which missing information is sought."""

from datetime import datetime
from typing import Any

from openum.cases.models import Case, InformationRequest
from openum.design.moments import short_moment
from openum.design.status import CHANNEL_WORDS
from openum.determination.ladder import next_due
from openum.determination.services import ladder_of


def ladders_of(case: Case, *, at: datetime) -> list[dict[str, Any]]:
    """Return the steps of each open question of a case: due when, and done or not."""
    zone, found = case.plan.time_zone, []
    questions = InformationRequest.objects.filter(case=case, closed_at__isnull=True).select_related(
        "case__plan", "case__product"
    )
    for question in questions.order_by("asked_at", "pk"):
        policy, rows = ladder_of(question, at=at)
        if policy is None:
            continue
        following = next_due(rows)
        steps = [
            {
                "way": CHANNEL_WORDS.get(row.step.way, row.step.way), "due": short_moment(row.due_at, zone),
                "done": short_moment(row.done_by.at, zone) if row.done_by else "", "is_next": row is following,
                "is_late": row.done_by is None and row.due_at <= at,
            }
            for row in rows
        ]  # fmt: skip
        found.append({"asked": short_moment(question.asked_at, zone), "steps": steps, "policy": policy})
    return found
