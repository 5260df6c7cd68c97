"""Log an attempt to get information that is missing; attempts open the way to a no for lack of it."""

from datetime import datetime

from django.db import transaction

from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission, PermissionRefused
from openum.cases.models import ContactAttempt, InformationRequest, ServiceLine
from openum.cases.services import record_contact_attempt
from openum.determination.outreach import OUTCOMES, PURPOSE
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import Channel

_LEAST_WORDS = 5


@permitted(Permission.REVIEW_LINES, on="line.case")
@transaction.atomic
def log_outreach(
    *,
    line: ServiceLine,
    channel: Channel,
    outcome: str,
    address: str,
    note: str,
    by: User,
    at: datetime,
    person: str = "",
) -> ContactAttempt:
    """Log one attempt to get what is missing for a line.

    Args:
        address: the number or address that was tried.
        note: what was asked for.

    Raises:
        PermissionRefused: not a reviewer of the plan, or software.
        Invalid: an outcome that is not known, no address, or nothing said of what was asked for.
    """
    if by.is_machine:
        raise PermissionRefused("People log the attempts they made. Software's own questions count by themselves.")
    if outcome not in OUTCOMES:
        raise Invalid("Say how the attempt ended: reached, left message, no answer, sent or wrong number.")
    if not address.strip():
        raise Invalid("Name the number or address that was tried.")
    if len(note.strip()) < _LEAST_WORDS:
        raise Invalid("Say what was asked for.")
    question = (
        InformationRequest.objects.filter(request=line.request, closed_at__isnull=True).order_by("-asked_at").first()
    )
    return record_contact_attempt(
        case=line.case, purpose=PURPOSE, channel=channel, outcome=outcome, address=address.strip(), person=person.strip(),
        note=note.strip(), question=question, by=by, at=at,
    )  # fmt: skip
