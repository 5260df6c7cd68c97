"""What people state and say beside a decision: the provider's network with the plan's payment, and the call with the answer."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission, PermissionRefused
from openum.cases.models import ContactAttempt, Party, ServiceLine
from openum.cases.rules import OPEN_STATUSES
from openum.cases.services import lock_line, record_contact_attempt
from openum.determination.events import NetworkStated
from openum.determination.models import NetworkStatement
from openum.determination.telling import ORAL_NOTICE, OUTCOMES
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import Channel, LineStatus, NetworkStatus


@permitted(Permission.APPROVE_LINES, Permission.DECIDE_APPEALS, on="line.case")
@transaction.atomic
def state_network(
    *, line: ServiceLine, status: NetworkStatus, plan_pays: Decimal | None, by: User, at: datetime
) -> NetworkStatement:
    """Keep how the provider of a line stands to the network and what the plan pays outside it; letters tell it.

    Args:
        plan_pays: US dollars; outside the network only.

    Raises:
        PermissionRefused: software. It does not know the amount.
        Invalid: outside without an amount, an amount below zero, an amount inside, or neither in nor out.
    """
    if by.is_machine:
        raise PermissionRefused("A person states what the plan pays outside the network.")
    if status not in {NetworkStatus.IN_NETWORK, NetworkStatus.OUT_OF_NETWORK}:
        raise Invalid("Say whether the provider is in the network or not.")
    if status is NetworkStatus.OUT_OF_NETWORK and (plan_pays is None or plan_pays < 0):
        raise Invalid("State the dollar amount that the plan pays out of network; zero if it pays nothing.")
    if status is NetworkStatus.IN_NETWORK and plan_pays is not None:
        raise Invalid("In the network no amount is stated: the member is held harmless.")
    stated = NetworkStatement.objects.create(
        line=line, status=status, plan_pays=plan_pays, stated_by=by, stated_at=at
    )  # fmt: skip
    audit.record(
        NetworkStated(
            case_id=line.case.public_id, line_ids=(line.public_id,), statement_id=stated.public_id, cause=status
        ),
        by=by,
        at=at,
    )
    return stated


@permitted(Permission.REVIEW_LINES, Permission.APPROVE_LINES, on="line.case")
@transaction.atomic
def tell_answer_by_phone(
    *,
    line: ServiceLine,
    to: Party | None,
    outcome: str,
    person: str,
    phone: str,
    by: User,
    at: datetime,
    called_at: datetime | None = None,
    note: str = "",
) -> ContactAttempt:
    """Keep a call that told the answer to a line. One that reached its person meets the duty to tell by telephone.

    Args:
        to: the party of the request that was called; None for the member.
        called_at: when the call was made; now where it is not given.

    Raises:
        PermissionRefused: software.
        Invalid: nothing is decided, a party of another request, an unknown outcome, nobody named who was reached, no
            number, or a call that lies ahead of now or before the decision.
    """
    if by.is_machine:
        raise PermissionRefused("People keep the calls they made.")
    line = lock_line(line)
    if LineStatus(line.status) in OPEN_STATUSES:
        raise Invalid("Nothing is decided yet. Call when there is an answer.")
    if to is not None and to.request_id != line.request_id:
        raise Invalid("Choose somebody of this request.")
    if outcome not in OUTCOMES:
        raise Invalid("Say how the call ended: reached, left message, no answer or wrong number.")
    if not phone.strip():
        raise Invalid("Write the number that was called.")
    if outcome == OUTCOMES[0] and not person.strip():
        raise Invalid("Name who was spoken to.")
    called = called_at or at
    if called > at:
        raise Invalid("The call lies in the future. Write when it was made.")
    decided = line.determinations.order_by("-decided_at", "-pk").values_list("decided_at", flat=True).first()
    if decided is not None and called < decided.replace(second=0, microsecond=0):
        raise Invalid("The call lies before the decision. Write when it was made.")
    return record_contact_attempt(
        case=line.case, purpose=ORAL_NOTICE, channel=Channel.PHONE, outcome=outcome, address=phone.strip(),
        person=person.strip(), note=note.strip(), party=to, line_ids=(line.public_id,), made_at=called, by=by, at=at,
    )  # fmt: skip
