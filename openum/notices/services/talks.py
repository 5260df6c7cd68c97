"""The offer of a talk before a decision, in writing to the practice."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from openum.accounts.models import User
from openum.audit import Recorded
from openum.criteria.queries import current_map
from openum.criteria.renderers.letter import gaps_of
from openum.criteria.snapshots import snapshot_of, view_of
from openum.notices.assembly.common import Setting
from openum.notices.assembly.stays import talk_letter
from openum.notices.content import Letter, LetterKind
from openum.notices.models import Notice
from openum.notices.services.following import TALK, later
from openum.notices.services.issuing import Occasion, issue_all
from openum.review.events import PeerToPeerOffered
from openum.review.models import PeerToPeer
from openum.vocabulary.terms import LineStatus

_OPEN = frozenset({LineStatus.PENDED_WITH_PAYER, LineStatus.PENDED_WITH_PHYSICIAN, LineStatus.PENDED_WITH_PROVIDER})


def offer_in_writing(event: PeerToPeerOffered, recorded: Recorded) -> None:
    """A talk was offered before a decision: a job writes to the practice. An offer with a no stands in the no's letter."""
    later(TALK, event.conversation_id, recorded)


@transaction.atomic
def write_offer(*, conversation_id: UUID, event_id: UUID, by: User, at: datetime) -> list[Notice]:
    """Write the offer of a talk to the practice; repeatable, and only while the line is undecided."""
    talk = PeerToPeer.objects.select_related(
        "line__request", "case__plan", "case__product", "case__member", "case__organization"
    ).get(public_id=conversation_id)
    line = talk.line
    if line.status not in _OPEN or Notice.objects.filter(cause_event=event_id).exists():
        return []
    snapshot = snapshot_of(current_map(line))
    gaps = gaps_of(view_of(snapshot)) if snapshot and snapshot["root"] else ()
    points = tuple(dict.fromkeys(gap.leaf.plain.en for gap in gaps))
    zone = ZoneInfo(talk.case.product.time_zone)
    until = talk.open_until.astimezone(zone).date() if talk.open_until else None

    def build(setting: Setting, kind: LetterKind) -> Letter:
        return talk_letter(setting, points=points, until=until)

    occasion = Occasion(
        case=talk.case, request=line.request, lines=(line,), event_id=event_id, by=by, at=at, to_provider_only=True
    )
    return issue_all(occasion, build, lambda _: (LetterKind.PEER_TO_PEER_OFFER,))
