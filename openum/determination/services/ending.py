"""An approval that ends early or becomes less: a physician's adverse decision, with advance notice."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction

from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.cases.models import ServiceLine
from openum.cases.services import lock_line, write_note
from openum.determination.ending import EndingGround, check_may_end
from openum.determination.models import AuthorizationSegment, Determination
from openum.determination.queries import authorization_of, current_segments
from openum.determination.rules import GuardAnswer, LessIsAdverse, no_clinician
from openum.determination.services.adverse import say_no
from openum.determination.services.amending import NotApproved
from openum.determination.services.record import EarlyEnd
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import LineStatus, ReasonClass

ENDS_EARLY = frozenset({LineStatus.APPROVED, LineStatus.PARTIALLY_APPROVED})
"""What may end early."""
EARLY_END = "early_end"
"""Begins `supersedes_because` of such a decision; the ground follows after a colon."""


@permitted(Permission.DECIDE_ADVERSELY, on="line.case", refusal=no_clinician)
@transaction.atomic
def end_early(
    *,
    line: ServiceLine,
    last_day: date,
    ground: EndingGround,
    proof: str,
    rationale: str,
    by: User,
    at: datetime,
    units_after: Decimal | None = None,
    cited_authority: str = "",
    node_answers: Mapping[str, str] | None = None,
    evidence: GuardAnswer | None = None,
    evidence_reason: str = "",
    conversation: GuardAnswer | None = None,
    conversation_reason: str = "",
    different: str = "",
    statements: Mapping[str, str] | None = None,
) -> Determination:
    """End approved care on a day that lies ahead, or go on with fewer units from the day after.

    What was given until then stays approved and is never denied afterwards.

    Args:
        last_day: of the care as it is now, inclusive.
        proof: what shows the ground: new records, the member's letter, the finding of the investigation.
        units_after: what stays approved from the day after; None ends the care.

    Raises:
        NotApproved: nothing is approved now.
        NoGroundToEnd, NoticeTooShort, NotAnEarlierEnd: the law of the product, see `check_may_end`.
        Invalid: no proof of the ground, or the approval begins later.
        LessIsAdverse: the units after are not fewer than now.
        As `deny_line`.
    """
    line = lock_line(line)
    segment, law = check_early_end(line, last_day=last_day, ground=ground, units_after=units_after, at=at)
    if not proof.strip():
        raise Invalid("Name what shows the ground: the record, the member's letter, the finding.")
    write_note(
        case=line.case, line=line, text=f"{ground.replace('_', ' ').capitalize()}: {proof.strip()}",
        purpose="early-end", by=by, at=at,
    )  # fmt: skip
    return say_no(
        line=line, by=by, at=at,
        outcome=LineStatus.TERMINATED_WITH_NOTICE, units=units_after, rationale=rationale, reason_class=ReasonClass.NOT_MEDICALLY_NECESSARY,
        reason="not-medically-necessary", cited_authority="; ".join(part for part in (cited_authority.strip(), law) if part),
        early_end=EarlyEnd(last_day=last_day, because=f"{EARLY_END}:{ground}", segment=segment),
        node_answers=dict(node_answers or {}), evidence=evidence, evidence_reason=evidence_reason,
        conversation=conversation, conversation_reason=conversation_reason, different=different, statements=dict(statements or {}),
        legal_reason=None, is_sandbox=False,
    )  # fmt: skip


def check_early_end(
    line: ServiceLine, *, last_day: date, ground: EndingGround, units_after: Decimal | None, at: datetime
) -> tuple[AuthorizationSegment, str]:
    """Refuse an end that the approval or the law does not allow; return the segment in force and the law.

    Raises:
        NotApproved: nothing is approved now.
        Invalid: the approval begins later.
        LessIsAdverse: the units after are not fewer than now.
        NoGroundToEnd, NoticeTooShort, NotAnEarlierEnd: the law of the product, see `check_may_end`.
    """
    authorization = authorization_of(line)
    segments = current_segments(authorization) if authorization else []
    if line.status not in ENDS_EARLY or not segments:
        raise NotApproved("This service is not approved now. There is nothing that could end early.")
    segment = segments[-1]
    if last_day < segment.valid_from:
        raise Invalid(f"The approval begins on {segment.valid_from.isoformat()}. Choose that day or a later one.")
    if units_after is not None and not (units_after > 0 and (segment.units is None or units_after < segment.units)):
        raise LessIsAdverse(
            "Say fewer units than are approved now and more than none. To end the care, leave it empty."
        )
    law = check_may_end(
        line.case.product.law, ground, last_day=last_day,
        ends_now=segment.valid_to - timedelta(days=1) if segment.valid_to else None,
        told_on=at.astimezone(ZoneInfo(line.case.product.time_zone)).date(),
    )  # fmt: skip
    return segment, law
