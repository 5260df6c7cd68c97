"""The short administrative whitelist: not a member, true duplicate, not our plan, exclusion, withdrawn."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.cases.models import ServiceLine
from openum.cases.rules import check_transition
from openum.cases.services import lock_line
from openum.determination.conditions import check_conditions
from openum.determination.events import LineClosedAdministratively
from openum.determination.interests import interests_in
from openum.determination.models import Determination
from openum.determination.protecting import check_not_deemed_approved, check_protections
from openum.determination.queries import current_determination, twins_of
from openum.determination.reasons import REPEATS, NotAdministrative, check_may_close_administratively, kept_statement
from openum.determination.rules import RationaleMissing, check_no_interest
from openum.determination.services.record import Decision, record_decision
from openum.directory.queries import coverage_on
from openum.vocabulary.terms import LineStatus, ReasonClass, RequestKind

_OUTCOME = {ReasonClass.WITHDRAWN_BY_REQUESTER: LineStatus.WITHDRAWN}
_REFUSES_CARE = frozenset({ReasonClass.EXCLUSION, ReasonClass.NOT_OUR_PLAN})
"""Closings that leave the care unpaid although the member is covered: what the law treats as approved stands against them."""


@permitted(Permission.CLOSE_ADMINISTRATIVELY, on="line.case")
@transaction.atomic
def close_administratively(
    *, line: ServiceLine, reason_class: ReasonClass, explanation: str, by: User, at: datetime, words_kept: str = "",
    repeats: ServiceLine | None = None,
) -> Determination:  # fmt: skip
    """Close a line for a reason that needs no clinical judgment; its own reason class and letter.

    Args:
        explanation: quoted by the letter.
        words_kept: why words of it stay that are hard for the member to read.
        repeats: of a duplicate, the line that it repeats; needed where there are several.

    Raises:
        NotAdministrative: the reason is clinical, the member is protected by EPSDT, is covered on the day after all, or
            no other request is on file that this one could repeat, or several and none was named.
        ConflictOfInterest: an interest in the request.
        Protected, CourtOrderStands: an exclusion that the law forbids, as in an emergency.
        DeemedApproved: the time to answer passed, and the law treats the request as approved.
        RationaleMissing: no explanation.
        IllegalTransition: the line is decided.
    """
    line = lock_line(line)
    born, today = line.case.member.birth_date, at.astimezone(ZoneInfo(line.case.product.time_zone)).date()
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day)) if born else None
    check_may_close_administratively(
        permissions=scope_of(by).permissions,
        is_machine=by.is_machine,
        reason_class=reason_class,
        line_of_business=line.case.product.law,
        age=age,
    )
    if not explanation.strip():
        raise RationaleMissing("Explain the closing in a sentence. The letter quotes it.")
    if reason_class is not ReasonClass.WITHDRAWN_BY_REQUESTER:
        check_no_interest(interests_in(line, by, on=today))
        check_conditions(line, reason_class)
        _check_lawful(line, reason_class, today=today, at=at)
    is_repeated = reason_class is ReasonClass.DUPLICATE and not line.case.is_sandbox
    statements = kept_statement(words_kept) | (_repeated(line, repeats) if is_repeated else {})
    outcome = _OUTCOME.get(reason_class, LineStatus.DISMISSED)
    check_transition(current=LineStatus(line.status), target=outcome)
    supersedes = current_determination(line)
    determination = record_decision(
        line=line,
        decision=Decision(
            outcome=outcome,
            reason_class=reason_class,
            reason=reason_class.replace("_", "-"),
            rationale=explanation,
            statements=statements,
            supersedes=supersedes,
            supersedes_because="correction" if supersedes else "",
        ),
        by=by,
        at=at,
    )
    audit.record(
        LineClosedAdministratively(
            case_id=line.case.public_id,
            line_ids=(line.public_id,),
            determination_id=determination.public_id,
            reason_class=reason_class,
        ),
        by=by,
        at=at,
    )
    return determination


def _check_lawful(line: ServiceLine, reason_class: ReasonClass, *, today: date, at: datetime) -> None:
    """Refuse a closing that the facts or the law stand against: who is covered is a member, an emergency knows no limit."""
    if line.case.is_sandbox:
        return
    day = line.service_from or today
    if reason_class is ReasonClass.NOT_A_MEMBER and coverage_on(member=line.case.member, day=day, known_at=at):
        raise NotAdministrative(
            f"The member has active coverage on {day.isoformat()}. Correct the coverage first, or have the line reviewed."
        )
    if reason_class in _REFUSES_CARE:
        check_not_deemed_approved(line)
    if reason_class is ReasonClass.EXCLUSION:
        check_protections(line, reason_class=reason_class, units=Decimal(0), legal_reason=None, at=at)


def _repeated(line: ServiceLine, named: ServiceLine | None) -> dict[str, str]:
    """Return which request a duplicate repeats, as its decision keeps it; a claim may repeat one that is not kept here.

    Raises:
        NotAdministrative: no such request, or several of which none was named.
    """
    twins = twins_of(line)
    found = list((twins.filter(pk=named.pk) if named is not None else twins)[:2])
    if (
        not found
        and named is None
        and line.request.kind in {RequestKind.RETROSPECTIVE, RequestKind.POST_SERVICE_PAYMENT}
    ):
        return {}
    if not found:
        raise NotAdministrative(
            "No other request for this service is on file for this member. Open the one you mean, or have the line reviewed."
        )
    if len(found) > 1:
        raise NotAdministrative("Several requests for this service are on file. Choose the one that this one repeats.")
    return {REPEATS: f"{found[0].case.number} ({found[0].sequence})"}
