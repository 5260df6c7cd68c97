"""The conversation that is offered together with the notice of a no."""

from openum.accounts.models import User
from openum.audit import Recorded
from openum.cases.models import ServiceLine
from openum.determination.events import LineDecided
from openum.determination.queries import current_determination
from openum.determination.services.appeals import ON_APPEAL
from openum.review.models import PeerToPeer
from openum.review.rules import CONVERSATION_BEFORE_DECISION
from openum.review.services import offer_conversation
from openum.review.services.peer_to_peer import WITH_NOTICE


def current_determination_is_on_appeal(line: ServiceLine) -> bool:
    """Say whether the standing decision was made on appeal: the conversation belongs to the first decision."""
    standing = current_determination(line)
    return standing is not None and standing.supersedes_because in ON_APPEAL


def offer_with_notice(event: LineDecided, recorded: Recorded) -> None:
    """A no was decided: offer the conversation with the notice, where it does not have to come before.

    In Medicare Advantage it comes before the decision; after the letter a change takes an appeal or a reopening.
    Nothing is offered again where clinicians have spoken already, nor in a sandbox.
    """
    if not event.is_adverse:
        return
    for line in ServiceLine.objects.select_related("case__plan", "case__product").filter(public_id__in=event.line_ids):
        if line.case.plan.is_sandbox or line.case.product.line_of_business in CONVERSATION_BEFORE_DECISION:
            continue
        if PeerToPeer.objects.filter(line=line, state=PeerToPeer.HELD).exists():
            continue
        if event.supersedes is not None and current_determination_is_on_appeal(line):
            continue
        by = User.objects.get(public_id=recorded.by.public_id)
        offer_conversation(line=line, how=WITH_NOTICE, open_until=None, by=by, at=recorded.at)
