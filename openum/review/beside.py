"""What stands beside a request in review: the member's other requests, and how requests like it were answered."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from openum.accounts.models import User
from openum.cases.holdings import holds
from openum.cases.models import Note, ServiceLine
from openum.cases.queries import lines_visible_to
from openum.design.moments import day, local_day, short_moment
from openum.review.services.returning import RETURNED
from openum.vocabulary.terms import LineStatus as S

Earlier = Callable[[ServiceLine], Mapping[str, Any] | None]
_EARLIER: list[Earlier] = []
MOST_PRIOR: Final = 6
MOST_SHOWN: Final = 5
MOST_COUNTED: Final = 200
DAYS: Final = 365
ANSWERED: Final = (S.APPROVED, S.PARTIALLY_APPROVED, S.DENIED)


def register_earlier(source: Earlier) -> None:
    """Let the folder that issues authorizations tell what a request goes on from; called once at start."""
    if source not in _EARLIER:
        _EARLIER.append(source)


def beside(line: ServiceLine, user: User, *, at: datetime) -> Mapping[str, Any]:
    """Return the member's other requests, newest first, and the answers to the same service at this plan in a year.

    Only what the reader may see is counted and shown. The answers are there to be compared, not copied: each request is
    decided on its own facts.
    """
    zone = line.case.plan.time_zone
    visible = lines_visible_to(user).filter(replaced_by__isnull=True).exclude(case=line.case).select_related("case")
    prior = visible.filter(case__member=line.case.member_id).order_by("-case__opened_at", "-pk")[:MOST_PRIOR]
    like = list(
        visible.filter(
            code_system=line.code_system, code=line.code, case__plan=line.case.plan_id, case__is_sandbox=False,
            status__in=ANSWERED, status_since__gt=at - timedelta(days=DAYS), status_since__lte=at,
        )
        .exclude(code="")
        .order_by("-status_since", "-pk")[:MOST_COUNTED]
    )  # fmt: skip
    shown = like[:MOST_SHOWN]
    counts = Counter(S(row.status) for row in like)
    named = bool(line.previous_authorization_number)
    return {
        "earlier": next((told for source in _EARLIER if (told := source(line))), None) if named else None,
        "prior": [
            {"line": row, "service": row.wording or row.code, "opened": day(local_day(row.case.opened_at, zone))}
            for row in prior
        ],
        "like": [{"line": row, "on": day(local_day(row.status_since, zone))} for row in shown],
        "case_ids": list(dict.fromkeys(row.case.public_id for row in (*prior, *shown))),
        "like_counts": [(status, counts[status]) for status in ANSWERED if counts[status]],
        "like_whole": len(like),
    }


def question_of_physician(line: ServiceLine) -> Mapping[str, str] | None:
    """Return what a physician asked when the line came back, while it waits for a nurse; else None."""
    if S(line.status) is not S.PENDED_WITH_PAYER:
        return None
    notes = Note.objects.filter(line=line, purpose=RETURNED).select_related("written_by").order_by("-written_at")
    note = notes.first() if holds(line.case, Note) else None
    if note is None:
        return None
    when = short_moment(note.written_at, line.case.plan.time_zone)
    return {"text": note.text, "by": note.written_by.name, "when": when}
