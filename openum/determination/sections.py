"""What decisions contribute to the case page: each decision with its ground, who made it, and the number it gave."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_noop as _

from openum.accounts.models import User
from openum.cases.models import Case, Note, ServiceLine
from openum.cases.panels import Panel, register
from openum.criteria.queries import current_map
from openum.design.moments import day, local_day, moment
from openum.determination.findings import findings_beside
from openum.determination.models import AuthorizationSegment, Determination
from openum.determination.substitutions import substitutions_of


def _decisions(case: Case, user: User, at: datetime) -> Mapping[str, Any]:
    zone = case.plan.time_zone
    decisions = list(
        Determination.objects.filter(line__in=ServiceLine.objects.filter(case=case))
        .select_related("line", "decided_by", "guideline", "approval_rule", "evidence_map")
        .order_by("-decided_at", "-pk")
    )
    numbers: dict[int, list[dict[str, str]]] = {}
    segments = AuthorizationSegment.objects.filter(determination__in=decisions).select_related("authorization")
    for item in segments.order_by("valid_from", "pk"):
        last = item.valid_to - timedelta(days=1) if item.valid_to else None
        numbers.setdefault(item.determination_id, []).append(
            {
                "number": item.authorization.number,
                "from": day(item.valid_from),
                "to": day(last) if last else item.end_circumstance,
            }
        )
    superseded = {decision.supersedes_id for decision in decisions}
    substitutions = substitutions_of(decisions)
    reopenings = Note.objects.filter(case=case, purpose="reopening").select_related("written_by").order_by("written_at")
    return {
        "reopenings": [{"note": note, "at": moment(note.written_at, zone)} for note in reopenings],
        "compared": _compared(decisions, zone),
        "decisions": [
            {
                "decision": decision,
                "at": moment(decision.decided_at, zone),
                "numbers": numbers.get(decision.pk, []),
                "is_overturned": decision.pk in superseded,
                "substitution": substitutions.get(decision.pk),
            }
            for decision in decisions
        ],
    }


def _compared(decisions: Sequence[Determination], zone: str) -> list[dict[str, Any]]:
    """Return criteria then and now for each line that was decided more than once, decisions oldest first."""
    by_line: dict[int, list[Determination]] = {}
    for decision in reversed(decisions):
        by_line.setdefault(decision.line_id, []).append(decision)
    return [
        {
            "line": rows[0].line,
            "decisions": [{"on": day(local_day(row.decided_at, zone))} for row in rows],
            "findings": findings_beside(rows, current_map(rows[0].line), zone=zone),
        }
        for rows in by_line.values()
        if len(rows) > 1
    ]


def register_sections() -> None:
    """Register the section; called once at start."""
    register(Panel("decisions", _("Decisions"), 15, "determination/panels/decisions.html", _decisions))
