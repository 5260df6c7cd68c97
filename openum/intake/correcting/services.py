"""Corrects a receipt time by two people; the clocks follow it from the first instant."""

from datetime import datetime
from typing import ClassVar

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.cases.models import Request
from openum.cases.services import correct_receipt
from openum.db.text import clean
from openum.intake.events import ReceiptCorrectionProposed, ReceiptCorrectionRefused
from openum.intake.models import ReceiptProposal
from openum.vocabulary.errors import Conflict, Invalid


class AlreadySettled(Conflict):
    """Another proposal waits, or this one was answered."""

    code: ClassVar[str] = "receipt-already-settled"


@permitted(Permission.MATCH_INTAKE, on="request.case")
@transaction.atomic
def propose_receipt(*, request: Request, received_at: datetime, reason: str, by: User, at: datetime) -> ReceiptProposal:
    """Say when a request was really received. Nothing changes until a second person confirms it.

    Raises:
        Invalid: no reason, the time lies in the future, or it is the one that stands.
        AlreadySettled: another proposal waits.
    """
    request = Request.objects.select_for_update(of=("self",)).select_related("case").get(pk=request.pk)
    if not reason.strip():
        raise Invalid("Say why the receipt time is wrong. The reason is kept.")
    if received_at > at:
        raise Invalid("A request cannot have been received in the future. Check date, time and zone.")
    if received_at == request.received_at:
        raise Invalid("This is the receipt time that stands already.")
    if ReceiptProposal.objects.filter(request=request, settled_at__isnull=True).exists():
        raise AlreadySettled("Another receipt time waits for a second person. Settle that first.")
    proposal = ReceiptProposal.objects.create(
        request=request, received_at=received_at, reason=clean(reason.strip()), proposed_by=by, proposed_at=at
    )
    audit.record(
        ReceiptCorrectionProposed(
            case_id=request.case.public_id, request_id=request.public_id, proposal_id=proposal.public_id
        ),
        by=by,
        at=at,
    )
    return proposal


@permitted(Permission.MATCH_INTAKE, on="proposal.request.case")
@transaction.atomic
def settle_receipt(*, proposal: ReceiptProposal, is_confirmed: bool, by: User, at: datetime) -> ReceiptProposal:
    """Confirm a proposed receipt time as the second person, or refuse it. Whoever proposed it can take it back.

    Raises:
        SecondPersonMissing: nobody confirms one's own.
        AlreadySettled: it was answered meanwhile.
    """
    proposal = (
        ReceiptProposal.objects.select_for_update(of=("self",))
        .select_related("request", "request__case", "proposed_by")
        .get(pk=proposal.pk)
    )
    if proposal.settled_at is not None:
        raise AlreadySettled("This proposal was answered meanwhile. Reload the page.")
    request = proposal.request
    if is_confirmed:
        correct_receipt(
            request=request, received_at=proposal.received_at, reason=proposal.reason, by=proposal.proposed_by,
            second=by, at=at,
        )  # fmt: skip
    else:
        audit.record(
            ReceiptCorrectionRefused(
                case_id=request.case.public_id, request_id=request.public_id, proposal_id=proposal.public_id
            ),
            by=by,
            at=at,
        )
    proposal.is_confirmed, proposal.settled_by, proposal.settled_at = is_confirmed, by, at
    proposal.save(update_fields=["is_confirmed", "settled_by", "settled_at"])
    return proposal
