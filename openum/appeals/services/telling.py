"""Telling the answer to a fast appeal by telephone first: every attempt is kept, the one that reached starts the letter's time."""

from datetime import datetime

from django.db import transaction

from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.appeals.models import Appeal
from openum.appeals.queries import law_of
from openum.appeals.rules.filing import SpeedAnswer
from openum.appeals.rules.law import Body
from openum.appeals.rules.states import IllegalAppealStep, Outcome
from openum.appeals.services.filing import note_fact
from openum.appeals.services.steps import lock
from openum.cases.models import ContactAttempt
from openum.cases.services import record_contact_attempt
from openum.clocks.models import ClockFact
from openum.clocks.rules.facts import FactKind
from openum.clocks.rules.rule import Recipient
from openum.vocabulary.terms import Channel

PURPOSE = "oral notice of an appeal"
REACHED = "reached"
OUTCOMES = (REACHED, "left message", "no answer", "wrong number")


@permitted(Permission.MANAGE_APPEALS, on="appeal.line.case")
@transaction.atomic
def tell_by_phone(
    *, appeal: Appeal, outcome: str, person: str, by: User, at: datetime, phone: str = "", note: str = ""
) -> ContactAttempt:
    """Keep an attempt to tell the answer to a fast appeal by telephone.

    A call that reached its person meets the duty to tell within the fast time, and starts the time of the letter that
    confirms it (42 CFR 422.590(e), 423.590(d)). A call after the letter changes no clock.

    Args:
        outcome: one of `OUTCOMES`.
        person: who was spoken to.

    Raises:
        IllegalAppealStep: not decided by the plan, not fast, or told by letter only under this law.
        Invalid: no outcome.
    """
    appeal = lock(appeal)
    is_fast = appeal.speed in {SpeedAnswer.GRANTED, SpeedAnswer.TO_DECIDE}
    if appeal.body != Body.PLAN or not appeal.outcome or not is_fast or not law_of(appeal).speed.oral_first:
        raise IllegalAppealStep("Only the plan's own answer to a fast appeal is told by telephone before its letter.")
    attempt = record_contact_attempt(
        case=appeal.line.case, purpose=PURPOSE, channel=Channel.PHONE, outcome=outcome, address=phone,
        person=person.strip(), note=note, by=by, at=at,
    )  # fmt: skip
    told = ClockFact.objects.filter(
        request=appeal.request, kind__in=[FactKind.NOTICE_SENT, FactKind.ORAL_NOTICE],
        details__recipient__in=["", Recipient.ENROLLEE],
    )  # fmt: skip
    if outcome == REACHED and not told.exists():
        note_fact(
            appeal, FactKind.ORAL_NOTICE, by=by, at=at, recipient=Recipient.ENROLLEE,
            reason="favourable" if appeal.outcome == Outcome.OVERTURNED else "adverse",
        )  # fmt: skip
    return attempt
