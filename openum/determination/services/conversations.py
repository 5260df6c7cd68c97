"""The conversation that is offered together with the notice of a no, and the approval that one may end with."""

from openum.accounts.models import User
from openum.audit import Recorded
from openum.cases.models import ServiceLine
from openum.determination.events import LineDecided
from openum.determination.queries import current_determination
from openum.determination.services.appeals import ON_APPEAL
from openum.determination.services.approvals import approve_line
from openum.review.events import PeerToPeerHeld
from openum.review.models import PeerToPeer
from openum.review.rules.offers import Outcome
from openum.review.services import offer_conversation
from openum.review.services.peer_to_peer import WITH_NOTICE
from openum.review.terms import terms_of


def current_determination_is_on_appeal(line: ServiceLine) -> bool:
    """Say whether the standing decision was made on appeal: the conversation belongs to the first decision."""
    standing = current_determination(line)
    return standing is not None and standing.supersedes_because in ON_APPEAL


def offer_with_notice(event: LineDecided, recorded: Recorded) -> None:
    """A no was decided: offer the conversation with the notice, where it may still change the decision.

    In Medicare Advantage it comes before; after the letter a change takes an appeal or a reopening. Nothing is offered
    again where clinicians have spoken already, nor in a sandbox.
    """
    if not event.is_adverse:
        return
    for line in ServiceLine.objects.select_related("case__plan", "case__product", "request").filter(
        public_id__in=event.line_ids
    ):
        if line.case.plan.is_sandbox or not terms_of(line, at=recorded.at)[0].offered_with_notice:
            continue
        if PeerToPeer.objects.filter(line=line, state=PeerToPeer.HELD).exists():
            continue
        if event.supersedes is not None and current_determination_is_on_appeal(line):
            continue
        by = User.objects.get(public_id=recorded.by.public_id)
        offer_conversation(line=line, how=WITH_NOTICE, open_until=None, by=by, at=recorded.at)


def follow_conversation(event: PeerToPeerHeld, recorded: Recorded) -> None:
    """The physician approved on the call: approve by the ordinary service, on the conclusion that was written down.

    Where that may not be (in Medicare Advantage after the letter), the refusal undoes the record of the outcome too.
    """
    if event.outcome != Outcome.APPROVED:
        return
    conversation = PeerToPeer.objects.select_related("line").get(public_id=event.conversation_id)
    by = User.objects.get(public_id=recorded.by.public_id)
    because = "peer_to_peer" if current_determination(conversation.line) is not None else ""
    approve_line(line=conversation.line, by=by, at=recorded.at, rationale=conversation.conclusion, because=because)
