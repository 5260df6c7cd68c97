"""Another service certified in place of the one asked for, with the word of who accepted it, as staff read it."""

from collections.abc import Sequence
from dataclasses import dataclass

from openum.cases.models import Amendment, ServiceLine
from openum.design.moments import moment
from openum.determination.forms import ACCEPTED_BY_WAY_OF
from openum.determination.models import AuthorizationSegment, Determination
from openum.directory.queries import codes_by_value


@dataclass(frozen=True, kw_only=True)
class Substitution:
    """What was certified for what was asked, and the acceptance; `units` is empty where they are not counted."""

    asked: str
    certified: str
    wording: str
    units: str
    accepted_by: str
    channel: str
    accepted: str


def substitutions_of(decisions: Sequence[Determination]) -> dict[int, Substitution]:
    """Return the substitution of each decision that certified another service, by the decision's primary key."""
    segments = (
        AuthorizationSegment.objects.filter(determination__in=decisions)
        .select_related("determination__line__case__plan")
        .order_by("pk")
    )
    other = {row.determination_id: row for row in segments if is_other_than_asked(row, row.determination.line)}
    lines = {row.determination.line_id for row in other.values()}
    changes = Amendment.objects.filter(line__in=lines, field="code", is_requesters_own=True).order_by("pk")
    acceptances = {change.line_id: change for change in changes}
    codes = codes_by_value((row.code_system, row.code) for row in other.values())
    ways = {str(channel): str(label) for channel, label in ACCEPTED_BY_WAY_OF}
    found: dict[int, Substitution] = {}
    for key, row in other.items():
        line = row.determination.line
        accepted = acceptances[line.pk]  # kept with the decision, in one transaction
        known = codes.get((row.code_system, row.code), [])
        found[key] = Substitution(
            asked="-".join([line.code, *line.modifiers]),
            certified="-".join([row.code, *row.modifiers]),
            wording=known[-1].wording if known else "",
            units=f"{row.units.normalize():f}" if row.units is not None else "",
            accepted_by=accepted.requested_by,
            channel=ways.get(accepted.channel, accepted.channel),
            accepted=moment(accepted.at, line.case.plan.time_zone),
        )
    return found


def is_other_than_asked(segment: AuthorizationSegment, line: ServiceLine) -> bool:
    """Say whether a segment certifies another service than its line asks for."""
    return bool(segment.code) and (segment.code_system, segment.code) != (line.code_system, line.code)
