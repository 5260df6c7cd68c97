"""Freezes the evidence map, so that a decision and its letter can cite exactly what was known."""

from datetime import datetime

from openum.accounts.models import User
from openum.cases import working
from openum.cases.models import ServiceLine
from openum.criteria import queries
from openum.criteria.maps import MapView
from openum.criteria.models import EvidenceMap
from openum.criteria.snapshots import snapshot_of
from openum.db import plain
from openum.db.transactions import atomic
from openum.directory.models import Policy
from openum.vocabulary.canonical import digest_of


@atomic
def freeze_map(*, line: ServiceLine, reason: str, by: User, at: datetime) -> EvidenceMap:
    """Keep the map of a line as it stands; where nothing changed since the last version, that version is returned."""
    picture: queries.Picture | None = working.recall(queries.map_key(line))
    if picture is not None:
        return picture.frozen
    matched = queries.standing_match(line)
    view = queries.current_map(line, matched)
    return freeze_view(line=line, view=view, policy=matched.policy, reason=reason, by=by, at=at)


def freeze_view(
    *, line: ServiceLine, view: MapView, policy: Policy | None, reason: str, by: User, at: datetime
) -> EvidenceMap:
    """Keep a map that was just built."""
    snapshot = snapshot_of(view)
    digest = digest_of(snapshot)
    is_first = reason == EvidenceMap.EVALUATED and working.new_line(line.pk) is not None
    latest = None if is_first else EvidenceMap.objects.filter(line=line).order_by("-version").first()
    if latest is not None and latest.digest == digest:
        return latest
    picture = plain.new(
        EvidenceMap,
        line=line,
        policy=policy,
        version=latest.version + 1 if latest else 1,
        reason=reason,
        value=view.value,
        snapshot=snapshot,
        digest=digest,
        made_by=by,
        made_at=at,
    )
    return plain.insert([picture])[0]
