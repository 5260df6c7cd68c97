"""What a request goes on from: the authorization it names, with its use, beside what is asked now."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from openum.cases.models import ServiceLine
from openum.design.moments import day
from openum.determination.models import AuthorizationSegment
from openum.determination.portal.standing import authorizations_of, units_words


def earlier_authorization(line: ServiceLine) -> Mapping[str, Any] | None:
    """Return the authorization of the same case that a line names as its earlier one, or None."""
    rows = authorizations_of([line.case]).filter(
        authorization__number=line.previous_authorization_number, determination__line__added_code__isnull=True
    )
    segment = rows.order_by("-valid_from", "-pk").first()
    if segment is None or segment.authorization.line_id == line.pk:
        return None
    return {
        "number": segment.authorization.number,
        "valid": _valid(segment),
        "use": units_words(segment),
        "rows": [
            {"label": label, "earlier": earlier, "now": now, "is_changed": earlier != now}
            for label, earlier, now in _facts(segment, line)
        ],
    }


def _valid(segment: AuthorizationSegment) -> str:
    last = day(segment.valid_to - timedelta(days=1)) if segment.valid_to else segment.end_circumstance
    return f"{day(segment.valid_from)} – {last}"


def _facts(segment: AuthorizationSegment, line: ServiceLine) -> list[tuple[str, str, str]]:
    first = line.service_from
    last = line.service_to - timedelta(days=1) if line.service_to else first
    asked = line.requested_units
    return [
        (_("Code"), " ".join([segment.code, *segment.modifiers]), " ".join([line.code, *line.modifiers])),
        (
            _("How many"),
            f"{segment.units.normalize():f}" if segment.units is not None else "",
            f"{asked.normalize():f}" if asked is not None else "",
        ),
        (_("Days"), _valid(segment), f"{day(first)} – {day(last)}" if first and last else ""),
        (_("Kind of place"), segment.place, line.place),
    ]
