"""Approving another service than the one asked for, because the requester accepts it. Without their word it is adverse."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.db import transaction

from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.queries import reviewer_facts
from openum.accounts.rules import Permission
from openum.cases.models import ServiceLine
from openum.cases.rules import OPEN_STATUSES
from openum.cases.services import lock_line, record_amendment
from openum.determination.barred import check_not_barred
from openum.determination.models import Determination
from openum.determination.queries import current_determination, licence_to_approve
from openum.determination.rules import AlreadyDecided, RationaleMissing
from openum.determination.services.record import Certified, Decision, record_decision
from openum.directory.queries import codes_by_value
from openum.intake.rules import CodeSpan, code_is_valid
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import Channel, LineStatus, ReasonClass


class NotAnAlternative(Invalid):
    """The service named is the one that was asked for, or none."""

    code: ClassVar[str] = "not-an-alternative"


class NotAccepted(Invalid):
    """Nobody on the requester's side is named who accepts the alternative."""

    code: ClassVar[str] = "not-accepted"


@permitted(Permission.DECIDE_ADVERSELY, on="line.case")
@transaction.atomic
def approve_alternative(
    *,
    line: ServiceLine,
    code_system: str,
    code: str,
    accepted_by: str,
    channel: Channel,
    rationale: str,
    by: User,
    at: datetime,
    units: Decimal | None = None,
    accepted_at: datetime | None = None,
    code_end: str = "",
    modifiers: Sequence[str] = (),
    cited_authority: str = "",
) -> Determination:
    """Approve in full a service that the requester accepts in place of the one asked for.

    The requester's word is logged as their own amendment: only then is other than asked not adverse (settled point 3).
    What was asked stays on the line; what is certified stands on the authorization.

    Args:
        accepted_by: who accepted it on the requester's side; `channel` says how.
        code_end: last code of the range that is certified, where `code` starts one.
        units: how many are certified, of the unit asked for; as many as asked where none are given.
        accepted_at: when they accepted it; now where it is not given.
        rationale: why this service, in a sentence that the letter and the requester's system show.

    Raises:
        PermissionRefused: not a physician of the plan.
        ReviewerNotQualified: no licence is valid on the day of the decision.
        ConflictOfInterest: an interest in the request.
        AlreadyDecided: the line is decided.
        NotAnAlternative: no code, or the one asked for.
        NotAccepted: nobody is named who accepted it, or not between the request and now.
        RationaleMissing: no reason.
        ProviderBarred: a provider stands on an exclusion or preclusion list, and the reason does not say why it may be.
        Invalid: no units, or the code is not valid on the date of service.
        SecondReadingMissing: the plan wants a second clinician to agree to such an approval.
    """
    line = lock_line(line)
    if LineStatus(line.status) not in OPEN_STATUSES:
        raise AlreadyDecided("This line is decided. An alternative can be approved while it is open.")
    if not code.strip() or (code_system, code) == (line.code_system, line.code):
        raise NotAnAlternative("Name another service than the one asked for. To approve that one, approve the line.")
    if not accepted_by.strip():
        raise NotAccepted("Name who accepted the alternative. Without their word it is a decision against the request.")
    _check_accepted_at(line, accepted_at, at=at)
    if units is not None and units <= 0:
        raise Invalid("Say how many of the alternative are approved: more than none.")
    if not rationale.strip():
        raise RationaleMissing("Say in a sentence why this service is approved in place of the one asked for.")
    _check_code(line, code_system, code, at=at)
    today = at.astimezone(ZoneInfo(line.case.product.time_zone)).date()
    licence = licence_to_approve(line, by=by, on=today, is_judged=True)
    check_not_barred(line, is_physician=True, rationale=rationale, at=at)
    supersedes = current_determination(line)
    determination = record_decision(
        line=line,
        decision=Decision(
            outcome=LineStatus.APPROVED,
            reason_class=ReasonClass.OTHER,
            reason="clinical-judgment",
            rationale=rationale,
            cited_authority=cited_authority,
            licence=licence,
            specialty=", ".join(sorted(reviewer_facts(by).specialties)),
            supersedes=supersedes,
            supersedes_because="reopening" if supersedes else "",
            is_sandbox=line.case.is_sandbox,
            units=units,
            certified=Certified(code_system=code_system, code=code, code_end=code_end, modifiers=tuple(modifiers)),
        ),
        by=by,
        at=at,
        is_read_twice=True,
    )
    record_amendment(
        line=line, field="code", before=line.code, after=code, reason=rationale, requested_by=accepted_by,
        channel=channel, is_requesters_own=True, by=by, at=at, said_at=accepted_at,
    )  # fmt: skip
    return determination


def _check_accepted_at(line: ServiceLine, accepted_at: datetime | None, *, at: datetime) -> None:
    """Refuse an acceptance that lies ahead, or before the request; people write it to the minute."""
    if accepted_at is None:
        return
    if accepted_at > at:
        raise NotAccepted("The acceptance lies in the future. Write when it was given.")
    if accepted_at < line.request.received_at.replace(second=0, microsecond=0):
        raise NotAccepted("The acceptance lies before the request was received. Write when it was given.")


def _check_code(line: ServiceLine, code_system: str, code: str, *, at: datetime) -> None:
    day = line.service_from or at.astimezone(ZoneInfo(line.case.product.time_zone)).date()
    rows = codes_by_value([(code_system, code)]).get((code_system, code), [])
    spans = [CodeSpan(row.valid_from, row.valid_to) for row in rows]
    if code_is_valid(is_list_loaded=bool(spans), spans=spans, day=day) is False:
        raise Invalid("This code is not valid on the date of service. Choose the one that is.")
