"""The line that a page of decisions is about, found within what its reader may see."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from openum.accounts.gate import actor
from openum.cases.holdings import holds
from openum.cases.models import Note, ServiceLine
from openum.cases.queries import lines_visible_to
from openum.criteria.maps import MapView
from openum.design.moments import day, local_day, moment
from openum.determination import queries
from openum.determination.findings import findings_beside
from openum.determination.substitutions import substitutions_of


def find_line(request: HttpRequest, public_id: UUID) -> ServiceLine:
    """Return the line with what its pages read, or answer 404."""
    return get_object_or_404(
        lines_visible_to(actor(request)).select_related(
            "case", "case__member", "case__plan", "case__product", "case__coverage", "case__organization", "request"
        ),
        public_id=public_id,
    )


def history_of(line: ServiceLine, picture: MapView) -> dict[str, Any]:
    """Return the decisions so far, oldest first, why the line was reopened, and the criteria then and now."""
    zone = line.case.plan.time_zone
    rows = queries.determinations_of(line)
    substitutions = substitutions_of(rows)
    superseded = {row.supersedes_id for row in rows}
    reopened = Note.objects.filter(line=line, purpose="reopening").select_related("written_by").order_by("written_at")
    notes = reopened if holds(line.case, Note) else ()
    return {
        "decisions": [
            {
                "decision": row,
                "at": moment(row.decided_at, zone),
                "on": day(local_day(row.decided_at, zone)),
                "is_overturned": row.pk in superseded,
                "substitution": substitutions.get(row.pk),
            }
            for row in rows
        ],
        "reopenings": [{"note": note, "at": moment(note.written_at, zone)} for note in notes],
        "findings": findings_beside(rows, picture, zone=zone) if rows else [],
    }
