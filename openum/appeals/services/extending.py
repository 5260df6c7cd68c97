"""Taking more time for an appeal: once, for a reason the law admits, with a letter that names the right to complain."""

from datetime import datetime
from typing import ClassVar

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.appeals.events import AppealExtended
from openum.appeals.models import Appeal
from openum.appeals.queries import law_of
from openum.appeals.rules.states import WITH_PLAN, IllegalAppealStep
from openum.appeals.services.steps import lock
from openum.cases.services import record_contact_attempt
from openum.clocks import services as clocks
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import Channel

ASKED_FOR = "enrollee_asked"
"""The reason that needs no telephone call: the member asked for more time."""


class CallMissing(Invalid):
    """The law wants the member told by telephone before the letter goes."""

    code: ClassVar[str] = "call-missing"


@permitted(Permission.MANAGE_APPEALS, on="appeal.line.case")
@transaction.atomic
def extend_appeal(
    *,
    appeal: Appeal,
    reason: str,
    because: str,
    by: User,
    at: datetime,
    days: int | None = None,
    call_outcome: str = "",
) -> Appeal:
    """Take more time to decide an appeal. Its letter goes out in the same transaction.

    Args:
        reason: a word that the row of law admits, for example `enrollee_asked` or `info`.
        because: why, in plain words; the letter says it.
        days: fewer calendar days than the law allows; None takes all.
        call_outcome: how the telephone call ended, where the law wants one (42 CFR 438.408(c)(2)(i)): reached, left
            message, no answer.

    Raises:
        Invalid: no words.
        CallMissing: Medicaid, the member did not ask, and nobody tried to call.
        IllegalAppealStep: the plan does not decide this appeal now.
        ExtensionNotAllowed, ExtensionTooLate, ExtensionUsed: the law of the appeal has none, or no more.
    """
    if not because.strip():
        raise Invalid("Write why more time is needed, in plain words. The letter says it.")
    appeal = lock(appeal)
    if appeal.state not in WITH_PLAN or appeal.counts_from is None:
        raise IllegalAppealStep("The time of this appeal does not run at the plan. There is nothing to extend.")
    call_law = law_of(appeal).extension_call
    if call_law and reason != ASKED_FOR and not call_outcome.strip():
        raise CallMissing(
            f"Call the member first, and say how the call ended. The letter follows the call ({call_law})."
        )
    clocks.take_extension(request=appeal.request, reason=reason, by=by, at=at, days=days)
    if call_outcome.strip():
        record_contact_attempt(
            case=appeal.line.case, purpose="extension of an appeal", channel=Channel.PHONE,
            outcome=call_outcome.strip(), person=appeal.filer_name or appeal.line.case.member.full_name, by=by, at=at,
        )  # fmt: skip
    appeal.extended_at, appeal.extended_because = at, because.strip()
    appeal.save(update_fields=["extended_at", "extended_because"])
    audit.record(
        AppealExtended(
            case_id=appeal.line.case.public_id, line_ids=(appeal.line.public_id,), cause=reason,
            appeal_id=appeal.public_id,
        ),
        by=by,
        at=at,
    )  # fmt: skip
    return appeal
